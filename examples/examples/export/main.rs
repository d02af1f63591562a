//! Writes the rows of a SOQL query as NDJSON or CSV, or counts them as typed rows.
//!
//! ```text
//! cargo run --example export
//! cargo run --example export -- --query "SELECT Id, Name, Owner.Name FROM Account" --format csv --output accounts.csv
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr)] // a program that talks
#![allow(unreachable_pub)] // a program has no public API

mod csv;
mod ndjson;
mod options;
mod target;

use csv::Columns;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use options::{Format, Options, USAGE};
use serde::de::DeserializeOwned;
use sf_core::{Error, Org, Record, Soql, models};
use sf_rest_transport::Rest;
use sf_soql::{Query, Statement};
use std::{
    io::{self, BufWriter, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};
use target::Target;

const DEMO: &str = "SELECT Id, Name, Industry, AnnualRevenue, Owner.Name FROM Account ORDER BY Name";
/// Of rows that cannot be read so many are told one by one.
const TOLD: u64 = 10;

/// Why not all rows are there.
enum Trouble {
    Usage(String),
    Org(Error),
    Output(io::Error),
    /// These many were told already.
    Rows(u64),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Org(error)
    }
}
impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Output(error)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(options) if options.help => {
            let _ = writeln!(io::stdout(), "{USAGE}");
            return ExitCode::SUCCESS;
        }
        Ok(options) => options,
        Err(wrong) => return report(&Trouble::Usage(format!("{wrong}\n\n{USAGE}"))),
    };
    // An interrupted export leaves nothing behind: the target removes its file when it is dropped.
    let outcome = tokio::select! {
        outcome = export(&options) => outcome,
        _ = tokio::signal::ctrl_c() => return ExitCode::from(130),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => report(&trouble),
    }
}

fn report(trouble: &Trouble) -> ExitCode {
    match trouble {
        Trouble::Usage(wrong) => {
            eprintln!("error: {wrong}");
            return ExitCode::from(2);
        }
        Trouble::Org(error) => tell(error),
        // Nobody wants to read on: `export | head`.
        Trouble::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Trouble::Output(error) => eprintln!("error: the rows could not be written: {error}"),
        Trouble::Rows(count) => eprintln!(
            "error: rows that could not be read: {count}; a file of --output is replaced only by a whole result"
        ),
    }
    ExitCode::FAILURE
}

fn tell(error: &Error) {
    eprintln!("error: {error}\nnext step: {}", error.help().next_step);
}

async fn export(options: &Options) -> Result<(), Trouble> {
    let text = options.query.as_deref().unwrap_or(DEMO);
    let statement =
        Statement::parse(text).map_err(|problems| Trouble::Usage(format!("--query: {problems}")))?;
    // The statement as a tree tells whether it has child rows, and how to go on should the org lose the cursor.
    let soql = <Query<Record> as From<Statement>>::from(statement.clone())
        .to_soql()
        .map_err(|problems| Trouble::Usage(format!("--query: {problems}")))?;
    let token = match &options.instance_url {
        Some(_) => std::env::var(&options.access_token_env).map_err(|_| {
            let name = &options.access_token_env;
            Trouble::Usage(format!(
                "{name} is not set: put the access token there, or name the variable with --access-token-env"
            ))
        })?,
        None => String::new(),
    };
    let mut server = None;
    let rest = match &options.instance_url {
        Some(url) => Rest::at(url).token(token),
        None => {
            let server = server.insert(sf_testorg::TestOrg::demo().serve()?);
            Rest::at(server.url()).token(server.token())
        }
    };
    // For the simulated org alone: any other one is reached by https, and by the proxy of the environment, as without it.
    let org = Org::new(rest.client_name("sf-examples/export").allow_loopback_http().connect()?);
    if options.count {
        return count(&org, soql, statement.from.as_str()).await;
    }
    let mut out = BufWriter::with_capacity(1 << 16, Target::open(options.output.as_deref())?);
    let to_terminal = options.output.is_none() && io::stdout().is_terminal();
    let written = match options.format {
        Format::Ndjson => {
            let write = |out: &mut BufWriter<Target>, row: &Record, _| -> io::Result<()> {
                serde_json::to_writer(&mut *out, &ndjson::Fields(row))?;
                out.write_all(b"\n")
            };
            write_all(&org, soql, &mut out, to_terminal, write).await?
        }
        Format::Csv => {
            let mut columns = Columns::of(&statement);
            let write = |out: &mut BufWriter<Target>, row: &Record, first| columns.write(out, row, first);
            let written = write_all(&org, soql, &mut out, to_terminal, write).await?;
            if written == 0 {
                columns.write_header_alone(&mut out)?;
            }
            written
        }
    };
    out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
    if let Some(path) = &options.output {
        eprintln!("{written} rows in {}", path.display());
    }
    Ok(())
}

async fn write_all(
    org: &Org,
    soql: Soql,
    out: &mut BufWriter<Target>,
    to_terminal: bool,
    mut write: impl FnMut(&mut BufWriter<Target>, &Record, bool) -> io::Result<()>,
) -> Result<u64, Trouble> {
    let mut written = 0;
    each_row::<Record>(org, soql, to_terminal, |row| {
        write(out, &row, written == 0)?;
        written += 1;
        Ok(())
    })
    .await?;
    Ok(written)
}

/// The typed rows of objects that have a model; of the others the untyped ones.
async fn count(org: &Org, soql: Soql, object: &str) -> Result<(), Trouble> {
    macro_rules! by_object {
        ($($Model:ident)*) => {
            match object {
                $(name if name.eq_ignore_ascii_case(stringify!($Model)) => count_as::<models::$Model>(org, soql).await?,)*
                _ => count_as::<Record>(org, soql).await?,
            }
        };
    }
    let count = by_object! { Account Case CaseComment Contact EmailMessage Event Lead Opportunity Task User };
    Ok(writeln!(io::stdout(), "{count}")?)
}

async fn count_as<T: DeserializeOwned + Send + 'static>(org: &Org, soql: Soql) -> Result<u64, Trouble> {
    let mut count = 0;
    each_row::<T>(org, soql, false, |_| {
        count += 1;
        Ok(())
    })
    .await?;
    Ok(count)
}

/// Hands every row to `take`. A row that cannot be read is told and passed over; the others still come.
async fn each_row<T: DeserializeOwned + Send + 'static>(
    org: &Org,
    soql: Soql,
    to_terminal: bool,
    mut take: impl FnMut(T) -> io::Result<()>,
) -> Result<(), Trouble> {
    let mut rows = org.query(soql.typed::<T>());
    let bar = progress(to_terminal);
    let mut failed: Option<Error> = None;
    let mut bad = 0;
    loop {
        match rows.try_next().await {
            Ok(Some(row)) => {
                take(row)?;
                bar.inc(1);
                // Another row came after it: it was one row that failed, not the page.
                bad += told(failed.take(), &bar, bad);
            }
            Ok(None) => break,
            Err(error) => {
                bad += told(failed.replace(error), &bar, bad);
            }
        }
    }
    bar.finish_and_clear();
    match failed {
        None if bad == 0 => Ok(()),
        None => Err(Trouble::Rows(bad)),
        Some(last) => Err(last.into()),
    }
}

fn told(row: Option<Error>, bar: &ProgressBar, before: u64) -> u64 {
    if let Some(error) = &row
        && before < TOLD
    {
        bar.suspend(|| tell(error));
    }
    u64::from(row.is_some())
}

/// A count of rows on standard error, when that is a terminal and the rows go elsewhere.
fn progress(to_terminal: bool) -> ProgressBar {
    if to_terminal || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} rows  {elapsed}  {per_sec}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
