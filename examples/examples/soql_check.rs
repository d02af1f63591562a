//! Checks SOQL, one statement per line: for editors, hooks before a commit, and tests of generated statements.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a program that talks

use sf_core::{Describe, ObjectName};
use sf_soql::{Condition, Problems, Statement, check, check_apex};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

const USAGE: &str = "\
Checks SOQL: reads one statement per line from standard input and says of each, in the same order, one of

  ok<TAB>the statement in its canonical form
  error<TAB>line:col<TAB>what is wrong

`line` is the line of the input, `col` the character in that line, both from 1. A statement with several problems
has one `error` line for each. Lines may end with CR LF, the last one without any; blank lines are passed over
and answered with nothing, but counted. A statement that is wrong only as a whole has its problem at column 1.

Usage: soql_check [OPTIONS] < STATEMENTS

  --condition    every line is a bare condition, as it stands after WHERE, and nothing more
  --apex         take the forms that only Apex knows: :variable, FOR UPDATE, ALL ROWS
  --schema FILE  also check names, types and rules against describes: FILE holds the JSON of one sObject's describe
                 or an array of them, and the option may be given several times. An object that is in none of the
                 files does not exist; fields behind a relationship that leads out of the files are not judged
  --object NAME  the object of the conditions, needed when the files hold several
  --help         this text

Exit code: 0 all statements are good, 1 one is not (or the input could not be read), 2 wrong usage.";

#[derive(Debug, Default)]
struct Options {
    condition: bool,
    apex: bool,
    schema: Vec<PathBuf>,
    object: Option<ObjectName>,
    help: bool,
}

impl Options {
    /// Reads the arguments after the program's name; the error is one line for people.
    fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, String> {
        use lexopt::prelude::*;
        let mut options = Options::default();
        let mut parser = lexopt::Parser::from_args(arguments);
        let text = |e: lexopt::Error| e.to_string();
        while let Some(argument) = parser.next().map_err(text)? {
            match argument {
                Long("condition") => options.condition = true,
                Long("apex") => options.apex = true,
                Long("schema") => options.schema.push(parser.value().map_err(text)?.into()),
                Long("object") => {
                    let name = parser.value().map_err(text)?;
                    let name =
                        ObjectName::new(name.to_string_lossy()).map_err(|e| format!("--object: {e}"))?;
                    options.object = Some(name);
                }
                Long("help") | Short('h') => options.help = true,
                other => return Err(other.unexpected().to_string()),
            }
        }
        if options.object.is_some() && (!options.condition || options.schema.is_empty()) {
            return Err("--object goes with --condition and --schema".to_owned());
        }
        Ok(options)
    }

    /// The describes in the files.
    fn load(&self) -> Result<Option<Schema>, String> {
        if self.schema.is_empty() {
            return Ok(None);
        }
        let mut objects = BTreeMap::new();
        for path in &self.schema {
            for describe in describes(path).map_err(|e| format!("--schema {}: {e}", path.display()))? {
                if let Some(twice) = objects.insert(describe.name.clone(), describe) {
                    return Err(format!("--schema {}: {} comes twice", path.display(), twice.name));
                }
            }
        }
        let only = || objects.keys().next().filter(|_| objects.len() == 1).cloned();
        let object = self.object.clone().or_else(only);
        if self.condition && object.is_none() {
            return Err("--object NAME is needed: the files do not hold exactly one object".to_owned());
        }
        if let Some(object) = self.object.as_ref().filter(|object| !objects.contains_key(object)) {
            return Err(format!("--object {object}: it is in no --schema file"));
        }
        Ok(Some(Schema { objects, object }))
    }
}

fn describes(path: &Path) -> Result<Vec<Describe>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let text = text.trim_start_matches('\u{feff}');
    let read = if text.trim_start().starts_with('[') {
        serde_json::from_str(text)
    } else {
        serde_json::from_str(text).map(|describe| vec![describe])
    };
    read.map_err(|e| format!("not the JSON of a describe: {e}"))
}

#[derive(Debug)]
struct Schema {
    objects: BTreeMap<ObjectName, Describe>,
    /// What conditions are about.
    object: Option<ObjectName>,
}

/// How to judge a line.
#[derive(Debug)]
struct Judge {
    condition: bool,
    apex: bool,
    schema: Option<Schema>,
}

impl Judge {
    /// The canonical text, or where in the line which problems are.
    fn judge(&self, text: &str) -> Result<String, Vec<(u32, String)>> {
        if self.condition {
            let condition = match (&self.schema, self.apex) {
                (Some(Schema { objects, object: Some(object) }), false) => {
                    Condition::parse_checked(text, object, objects)
                }
                (Some(Schema { objects, object: Some(object) }), true) => {
                    Condition::parse_checked_apex(text, object, objects)
                }
                (_, false) => Condition::parse(text),
                (_, true) => Condition::parse_apex(text),
            };
            let condition = condition.map_err(read)?;
            if self.apex { condition.to_apex() } else { condition.to_soql() }.map_err(written)
        } else {
            let statement = match (&self.schema, self.apex) {
                (Some(schema), false) => check(text, &schema.objects),
                (Some(schema), true) => check_apex(text, &schema.objects),
                (None, false) => Statement::parse(text),
                (None, true) => Statement::parse_apex(text),
            };
            let statement = statement.map_err(read)?;
            if self.apex { statement.to_apex() } else { statement.to_soql() }.map_err(written)
        }
    }
}

/// Problems of the text that was read.
fn read(problems: Problems) -> Vec<(u32, String)> {
    problems
        .iter()
        .map(|p| (p.span.map_or(1, |span| span.column), words(&p.message, &p.explanation)))
        .collect()
}

/// Problems of the canonical text (a value or the whole is too long): their places are not those of the line.
fn written(problems: Problems) -> Vec<(u32, String)> {
    problems.iter().map(|p| (1, words(&p.message, &p.explanation))).collect()
}

/// In one field of one line: a message may quote a piece of the statement.
fn words(message: &str, explanation: &str) -> String {
    let text = if explanation.is_empty() { message.to_owned() } else { format!("{message}. {explanation}") };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// One line without its end.
fn text_of(line: &[u8]) -> Result<&str, Vec<(u32, String)>> {
    std::str::from_utf8(line).map_err(|e| {
        let good = String::from_utf8_lossy(line.get(..e.valid_up_to()).unwrap_or_default()).chars().count();
        let column = u32::try_from(good + 1).unwrap_or(u32::MAX);
        vec![(column, "the line is not UTF-8 from here on".to_owned())]
    })
}

/// Whether every statement was good.
fn run(judge: &Judge, input: impl io::Read, mut output: impl Write) -> io::Result<bool> {
    let mut input = BufReader::new(input);
    let mut line = Vec::new();
    let mut all_good = true;
    for number in 1_u64.. {
        // Whoever writes a line and waits for the answer must get it; a file is answered in large pieces.
        if input.buffer().is_empty() {
            output.flush()?;
        }
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let mut bytes = line.strip_suffix(b"\n").unwrap_or(&line);
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if number == 1 {
            // The mark that some editors put before UTF-8.
            bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match text_of(bytes).and_then(|text| judge.judge(text)) {
            Ok(canonical) => writeln!(output, "ok\t{canonical}")?,
            Err(problems) => {
                all_good = false;
                for (column, message) in problems {
                    writeln!(output, "error\t{number}:{column}\t{message}")?;
                }
            }
        }
    }
    output.flush()?;
    Ok(all_good)
}

fn main() -> ExitCode {
    let options = Options::parse(std::env::args_os().skip(1));
    if options.as_ref().is_ok_and(|options| options.help) {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let judge = options.and_then(|options| {
        Ok(Judge { condition: options.condition, apex: options.apex, schema: options.load()? })
    });
    let judge = match judge {
        Ok(judge) => judge,
        Err(wrong) => {
            eprintln!("error: {wrong}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&judge, io::stdin().lock(), BufWriter::new(io::stdout().lock())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Nobody wants to read on: `soql_check | head`.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("error: the statements could not be read or answered: {e}");
            ExitCode::FAILURE
        }
    }
}
