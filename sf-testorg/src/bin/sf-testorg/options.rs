//! The command line.
use lexopt::{Arg, Parser, ValueExt};
use sf_core::Timestamp;
use sf_testorg::demo::Dataset;
use std::{ffi::OsString, path::PathBuf, time::Duration};

/// What is asked for.
#[derive(Debug, PartialEq)]
// There is one in a process.
#[allow(clippy::large_enum_variant)]
pub(crate) enum Command {
    Help,
    Version,
    Serve(Serve),
}

/// Options of `serve`; `None` is not given.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Serve {
    pub(crate) port: u16,
    pub(crate) dataset: Option<Dataset>,
    pub(crate) seed: Option<u64>,
    pub(crate) accounts: Option<u64>,
    pub(crate) state: Option<PathBuf>,
    pub(crate) start: Option<Timestamp>,
    pub(crate) page_size: Option<usize>,
    pub(crate) bulk_page_rows: Option<usize>,
    pub(crate) latency: Duration,
    pub(crate) faults: Option<PathBuf>,
    pub(crate) schema: Vec<PathBuf>,
    pub(crate) apps: Option<PathBuf>,
    pub(crate) tls: Option<Tls>,
}

/// The certificate of a server that speaks TLS.
#[derive(Debug, PartialEq)]
pub(crate) enum Tls {
    SelfSigned,
    Files { certificate: PathBuf, key: PathBuf },
}

/// More would take minutes to make, and is no test org any more.
const MOST_ACCOUNTS: u64 = 1_000_000;

pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut parser = Parser::from_iter(arguments);
    let mut command = None;
    let (mut tls, mut certificate, mut key) = (false, None, None);
    while let Some(argument) = parser.next()? {
        let serve = match argument {
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Long("version") | Arg::Short('V') => return Ok(Command::Version),
            Arg::Value(word) if command.is_none() => {
                if word != "serve" {
                    let word = word.display();
                    return Err(format!("there is no command '{word}'; the only one is serve").into());
                }
                command = Some(Serve::default());
                continue;
            }
            _ => command.as_mut(),
        };
        let Some(serve) = serve else {
            return Err(format!("{}; the command comes first: serve", argument.unexpected()).into());
        };
        match argument {
            Arg::Long("port") => serve.port = parser.value()?.parse()?,
            Arg::Long("dataset") => serve.dataset = Some(parser.value()?.parse()?),
            Arg::Long("seed") => serve.seed = Some(parser.value()?.parse()?),
            Arg::Long("accounts") => {
                let most = |n: &str| match n.parse() {
                    Ok(n) if n <= MOST_ACCOUNTS => Ok(n),
                    _ => Err(format!("choose a number of accounts from 0 to {MOST_ACCOUNTS}")),
                };
                serve.accounts = Some(parser.value()?.parse_with(most)?);
            }
            Arg::Long("state") => serve.state = Some(parser.value()?.into()),
            Arg::Long("start") => serve.start = Some(parser.value()?.parse_with(str::parse::<Timestamp>)?),
            Arg::Long("page-size") => {
                let rows = |n: &str| match n.parse() {
                    Ok(n @ 1..=2000) => Ok(n),
                    _ => Err("a page holds 1 to 2000 rows"),
                };
                serve.page_size = Some(parser.value()?.parse_with(rows)?);
            }
            Arg::Long("bulk-page-rows") => {
                let rows = |n: &str| match n.parse() {
                    Ok(n) if n > 0 => Ok(n),
                    _ => Err("a result page of a bulk query holds 1 row or more"),
                };
                serve.bulk_page_rows = Some(parser.value()?.parse_with(rows)?);
            }
            Arg::Long("latency-ms") => {
                serve.latency = Duration::from_millis(parser.value()?.parse::<u32>()?.into());
            }
            Arg::Long("schema") => {
                serve.schema.extend(parser.values()?.map(PathBuf::from));
            }
            Arg::Long("tls") => tls = true,
            Arg::Long("tls-cert") => certificate = Some(PathBuf::from(parser.value()?)),
            Arg::Long("tls-key") => key = Some(PathBuf::from(parser.value()?)),
            Arg::Long("faults") => serve.faults = Some(parser.value()?.into()),
            Arg::Long("apps") => serve.apps = Some(parser.value()?.into()),
            other => return Err(other.unexpected()),
        }
    }
    if let Some(serve) = &mut command {
        serve.tls = match (certificate, key) {
            (Some(certificate), Some(key)) => Some(Tls::Files { certificate, key }),
            (None, None) => tls.then_some(Tls::SelfSigned),
            _ => return Err("--tls-cert and --tls-key belong together".into()),
        };
    }
    command.map(Command::Serve).ok_or_else(|| "say what to do: serve".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        let words = std::iter::once("sf-testorg").chain(line.split_whitespace()).map(OsString::from);
        parse(words).map_err(|e| e.to_string())
    }

    #[test]
    fn every_option_is_read() {
        let line = "serve --port 8080 --dataset empty --seed 7 --accounts=10 --state a.state --start 2026-01-05T09:00:00Z \
                    --page-size 500 --bulk-page-rows 50 --latency-ms 20 --faults f.json --apps a.json --schema a.json b.json --schema c.json";
        let Ok(Command::Serve(serve)) = parsed(line) else { panic!("{:?}", parsed(line)) };
        assert_eq!((serve.port, serve.dataset, serve.seed), (8080, Some(Dataset::Empty), Some(7)));
        assert_eq!(serve.apps.as_deref(), Some(std::path::Path::new("a.json")));
        assert_eq!((serve.accounts, serve.page_size, serve.bulk_page_rows), (Some(10), Some(500), Some(50)));
        assert_eq!(serve.latency, Duration::from_millis(20));
        assert_eq!(serve.start.map(Timestamp::millis), Some(1_767_603_600_000));
        assert_eq!(serve.schema, ["a.json", "b.json", "c.json"].map(PathBuf::from));
        let tls = |line: &str| match parsed(line) {
            Ok(Command::Serve(serve)) => serve.tls,
            other => panic!("{other:?}"),
        };
        assert_eq!(tls("serve --tls"), Some(Tls::SelfSigned));
        let files = Tls::Files { certificate: "c.pem".into(), key: "k.pem".into() };
        assert_eq!(tls("serve --tls --tls-cert c.pem --tls-key k.pem"), Some(files));
        assert_eq!(parsed("serve"), Ok(Command::Serve(Serve::default())));
        assert_eq!(parsed("serve --help"), Ok(Command::Help));
        assert_eq!(parsed("--version"), Ok(Command::Version));
    }

    #[test]
    fn wrong_usage_names_what_is_wrong() {
        for (line, part) in [
            ("", "serve"),
            ("run", "run"),
            ("serve --prot 1", "--prot"),
            ("serve --port 70000", "70000"),
            ("serve --port", "--port"),
            ("serve --dataset huge", "demo or empty"),
            ("serve --accounts many", "1000000"),
            ("serve --accounts 1000001", "1000000"),
            ("serve --page-size 0", "1 to 2000"),
            ("serve --bulk-page-rows 0", "1 row"),
            ("serve --seed -1", "-1"),
            ("serve extra", "extra"),
            ("--port 1 serve", "serve"),
            ("serve --start yesterday", "yesterday"),
            ("serve --tls --tls-key k.pem", "--tls-cert"),
        ] {
            let Err(message) = parsed(line) else { panic!("{line} is taken") };
            assert!(message.contains(part), "{line}: {message}");
        }
    }
}
