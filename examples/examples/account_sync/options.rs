use std::{ffi::OsString, path::PathBuf};

pub const USAGE: &str = "\
A two-way sync between a Salesforce org and a local SQLite database, told step by step.
Without options it starts a simulated org on this machine and syncs with that.

Usage: cargo run --example account_sync -- [OPTIONS]

  --accounts N        accounts to import (default 50)
  --seed N            seed of the simulated org's data (default 1)
  --db PATH           the database (default: one file per --accounts and --seed in the user's data folder)
  --mapping FILE      which fields are kept in step, as JSON (see examples/mappings/)
  --dry-run           print the push plan, send nothing
  --json              one JSON object per step instead of text
  --instance-url URL  sync with this org; the access token comes from SF_ACCESS_TOKEN
  --target-org ALIAS  sync with this org of the `sf` command (an alias or a username); its token comes from the command
  --transport KIND    rest (default): HTTPS from this process; cli: each request by the `sf` command, no token leaves it.
                      With --target-org or the simulated org
  --write             with --instance-url or --target-org: really change records in that org (restored at the end)
  --help              this text

Exit code: 0 done, 1 failed (with the reason and what to do next), 2 wrong usage.";

/// Which org.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// One on this machine, made by the program.
    Simulated,
    /// The org at this instance URL.
    Url(String),
    /// An org that the `sf` command is signed in to.
    Alias(String),
}

/// What carries the requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Carrier {
    Rest,
    Cli,
}

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub accounts: usize,
    pub seed: u64,
    pub db: Option<PathBuf>,
    pub mapping: Option<PathBuf>,
    pub dry_run: bool,
    pub json: bool,
    pub target: Target,
    pub carrier: Carrier,
    pub write: bool,
    pub help: bool,
}

impl Options {
    /// Reads the arguments after the program's name; the error is one line for people.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, String> {
        use lexopt::prelude::*;
        let mut options = Options {
            accounts: 50,
            seed: 1,
            db: None,
            mapping: None,
            dry_run: false,
            json: false,
            target: Target::Simulated,
            carrier: Carrier::Rest,
            write: false,
            help: false,
        };
        let mut parser = lexopt::Parser::from_args(arguments);
        let text = |e: lexopt::Error| e.to_string();
        while let Some(argument) = parser.next().map_err(text)? {
            match argument {
                Long("accounts") => options.accounts = value(&mut parser, "--accounts")?,
                Long("seed") => options.seed = value(&mut parser, "--seed")?,
                Long("db") => {
                    let path = parser.value().map_err(text)?;
                    if path.is_empty() {
                        return Err("--db: the path is empty".to_owned());
                    }
                    options.db = Some(path.into());
                }
                Long("mapping") => options.mapping = Some(parser.value().map_err(text)?.into()),
                Long("dry-run") => options.dry_run = true,
                Long("json") => options.json = true,
                Long("instance-url") => {
                    options.aim(Target::Url(value(&mut parser, "--instance-url")?))?;
                }
                Long("target-org") => options.aim(Target::Alias(value(&mut parser, "--target-org")?))?,
                Long("transport") => {
                    options.carrier = match value::<String>(&mut parser, "--transport")?.as_str() {
                        "rest" => Carrier::Rest,
                        "cli" => Carrier::Cli,
                        other => return Err(format!("--transport: `{other}` is neither rest nor cli")),
                    }
                }
                Long("write") => options.write = true,
                Long("help") | Short('h') => options.help = true,
                other => return Err(other.unexpected().to_string()),
            }
        }
        if options.accounts < 3 {
            return Err("--accounts: the story needs at least 3".to_owned());
        }
        if options.write && !options.is_real() {
            return Err(
                "--write goes with --instance-url or --target-org (the simulated org is always written to)"
                    .to_owned(),
            );
        }
        if options.carrier == Carrier::Cli && matches!(options.target, Target::Url(_)) {
            return Err(
                "--transport cli goes with --target-org: the sf command knows its orgs by alias".to_owned()
            );
        }
        if options.write && options.dry_run {
            return Err("--write and --dry-run contradict each other".to_owned());
        }
        Ok(options)
    }

    fn aim(&mut self, target: Target) -> Result<(), String> {
        if self.is_real() && self.target != target {
            return Err("name one org: --instance-url or --target-org, once".to_owned());
        }
        self.target = target;
        Ok(())
    }

    /// Whether it is somebody's org.
    pub fn is_real(&self) -> bool {
        self.target != Target::Simulated
    }

    /// Whether the story may change records in the org.
    pub fn may_write(&self) -> bool {
        !self.dry_run && (!self.is_real() || self.write)
    }

    /// The database: as asked, or one fixed file per story.
    pub fn database(&self) -> Result<PathBuf, String> {
        if let Some(path) = &self.db {
            return Ok(path.clone());
        }
        let folder =
            dirs::data_dir().ok_or("no user data folder is known here: name a file with --db PATH")?;
        let words = |text: &str| {
            let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
            text.chars().map(safe).collect::<String>().trim_matches('-').to_owned() + "-"
        };
        // A file per org: the engine refuses a database of another org anyway, this spares the user that error.
        let org = match &self.target {
            Target::Simulated => String::new(),
            Target::Url(url) => words(url.trim_start_matches(|c| c != '/')),
            Target::Alias(alias) => words(alias),
        };
        Ok(folder.join("sf-examples").join(format!("account_sync-{org}{}-{}.db", self.accounts, self.seed)))
    }
}

fn value<T: std::str::FromStr>(parser: &mut lexopt::Parser, name: &str) -> Result<T, String> {
    let text = parser.value().map_err(|e| e.to_string())?;
    let shown = text.to_string_lossy().into_owned();
    text.to_str()
        .and_then(|t| t.parse().ok())
        .ok_or_else(|| format!("{name}: `{shown}` is not a valid value"))
}
