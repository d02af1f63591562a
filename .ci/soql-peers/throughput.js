// How many statements of a file (one on each line) soql-parser-js reads in a second: prints `statements/s MB/s`.
// Other programs only ever add time: of many rounds the fastest counts, after the compiler has warmed up.
import { readFileSync } from "node:fs";
import soqlParser from "soql-parser-js";

const SECONDS = 5;

const statements = readFileSync(process.argv[2], "utf8").split("\n").filter((line) => line !== "");
for (const statement of statements) {
  if (!soqlParser.isQueryValid(statement)) {
    console.error(`soql-parser-js cannot read, so the files to compare differ: ${statement}`);
    process.exit(1);
  }
}

const round = () => {
  const start = process.hrtime.bigint();
  let read = 0;
  for (const statement of statements) read += soqlParser.parseQuery(statement).sObject === undefined ? 0 : 1;
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (read !== statements.length) throw new Error("not everything was read");
  return seconds;
};

let fastest = Infinity;
for (const end = Date.now() + SECONDS * 1000; Date.now() < end; ) fastest = Math.min(fastest, round());
const bytes = statements.reduce((sum, statement) => sum + Buffer.byteLength(statement), 0);
console.log(`${Math.round(statements.length / fastest)} ${(bytes / fastest / 1e6).toFixed(2)}`);
