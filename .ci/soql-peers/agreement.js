// What @apexdevtools/apex-parser says about each line of a file: prints `accept`, or `reject` and its first error.
import { readFileSync } from "node:fs";
import { ApexErrorListener, ApexParserFactory } from "@apexdevtools/apex-parser";

class Errors extends ApexErrorListener {
  first = null;
  apexSyntaxError(line, column, message) {
    this.first ??= `${column}: ${message}`;
  }
}

for (const statement of readFileSync(process.argv[2], "utf8").split("\n").slice(0, -1)) {
  const errors = new Errors();
  // As a query stands in Apex, in brackets: the rule for a query alone does not look at what follows it.
  const { parser } = ApexParserFactory.createLexerAndParser(`[${statement}]`, errors);
  parser.soqlLiteral();
  if (parser.getCurrentToken().type !== -1) errors.apexSyntaxError(1, 0, "something follows the query");
  console.log(errors.first === null ? "accept" : `reject ${errors.first.replaceAll("\n", " ")}`);
}
