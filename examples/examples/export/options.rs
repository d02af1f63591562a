use std::{ffi::OsString, path::PathBuf};

pub const USAGE: &str = "\
Writes the rows of a SOQL query as they come, page by page: a result of any size needs the memory of two pages.
Without --instance-url it starts a simulated org on this machine and queries that.

Usage: cargo run --example export -- [OPTIONS]

  --instance-url URL      the org, e.g. https://example.my.salesforce.com
  --access-token-env VAR  the environment variable that holds the access token (default SF_ACCESS_TOKEN)
  --query SOQL            what to read (default, in the simulated org only: some fields of all accounts)
  --format FORMAT         ndjson (default): one JSON object per line, parents nested, child rows as lists
                          csv: a header, then one line per row; Owner.Name is a column, child rows are JSON in one cell
  --count                 decode every row into the model of its object, write none, print how many there were
  --output FILE           write to FILE, which is replaced when all rows are there and not touched before
  --help                  this text

Exit code: 0 all rows are written, 1 not all (with the reason and what to do next), 2 wrong usage.";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Ndjson,
    Csv,
}

/// What the command line asks for.
#[derive(Debug)]
pub struct Options {
    pub instance_url: Option<String>,
    pub access_token_env: String,
    pub query: Option<String>,
    pub format: Format,
    pub count: bool,
    pub output: Option<PathBuf>,
    pub help: bool,
}

impl Options {
    /// Reads the arguments after the program's name; the error is one line for people.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, String> {
        use lexopt::prelude::*;
        let mut options = Options {
            instance_url: None,
            access_token_env: "SF_ACCESS_TOKEN".to_owned(),
            query: None,
            format: Format::Ndjson,
            count: false,
            output: None,
            help: false,
        };
        let (mut named_token, mut named_format) = (false, false);
        let mut parser = lexopt::Parser::from_args(arguments);
        let wrong = |e: lexopt::Error| e.to_string();
        while let Some(argument) = parser.next().map_err(wrong)? {
            match argument {
                Long("instance-url") => options.instance_url = Some(text(&mut parser, "--instance-url")?),
                Long("access-token-env") => {
                    options.access_token_env = text(&mut parser, "--access-token-env")?;
                    named_token = true;
                }
                Long("query") => options.query = Some(text(&mut parser, "--query")?),
                Long("format") => {
                    options.format = match text(&mut parser, "--format")?.as_str() {
                        "ndjson" => Format::Ndjson,
                        "csv" => Format::Csv,
                        other => return Err(format!("--format: `{other}` is neither ndjson nor csv")),
                    };
                    named_format = true;
                }
                Long("count") => options.count = true,
                Long("output") => options.output = Some(text(&mut parser, "--output")?.into()),
                Long("help") | Short('h') => options.help = true,
                other => return Err(other.unexpected().to_string()),
            }
        }
        if options.help {
            return Ok(options);
        }
        if options.instance_url.is_some() && options.query.is_none() {
            return Err("--instance-url needs a --query".to_owned());
        }
        if named_token && options.instance_url.is_none() {
            return Err("--access-token-env goes with --instance-url".to_owned());
        }
        if options.count && (named_format || options.output.is_some()) {
            return Err("--count writes no rows: leave out --format and --output".to_owned());
        }
        Ok(options)
    }
}

fn text(parser: &mut lexopt::Parser, name: &str) -> Result<String, String> {
    let value = parser.value().map_err(|e| e.to_string())?;
    match value.into_string() {
        Ok(text) if !text.trim().is_empty() => Ok(text),
        Ok(_) => Err(format!("{name}: the value is empty")),
        Err(_) => Err(format!("{name}: the value is not UTF-8")),
    }
}
