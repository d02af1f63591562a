use super::{Thresholds, counted};
use crate::{
    Capabilities, QueryCall, QueryOptions, Soql,
    bulk::check_statement,
    protocol::{LONGEST_URL, Method, query_request},
};
use std::fmt;

/// Characters (UTF-16 units) of the longest statement that the org takes.
const STATEMENT: usize = 100_000;
/// Rows of a page, unless the org makes it shorter.
const PAGE: u64 = 2_000;

/// How statements go to the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadPath {
    /// `GET /query`, one page a call.
    Get,
    /// `POST /composite`: statements in the body, several a call.
    Composite,
    /// A Bulk API 2.0 query job, if you make it with [`Org::bulk_query`](crate::Org::bulk_query).
    Bulk,
    /// Not at all: a statement is longer than the org takes.
    TooLong,
}

/// What a read will do; see [`read`]. Its text says so in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadPlan {
    /// Which way the statements go.
    pub path: ReadPath,
    /// API calls for the first page of every statement; with `expected_rows` for all pages, if they are as long as they can be.
    /// The org may send shorter ones, children that it cut are calls of their own, and the state of a job is asked for until it
    /// has ended: at least so many. What [`Rows::with_parallel`](crate::Rows::with_parallel),
    /// [`BulkRows::with_parallel_pages`](crate::BulkRows::with_parallel_pages) (lists of pages, sizes that the org chooses) and
    /// [`BulkRows::with_removal`](crate::BulkRows::with_removal) (one call) add is not in it.
    pub api_calls: u64,
    /// Why, sentence by sentence.
    pub why: Vec<String>,
}

/// How these statements will be read: one query, or the pieces of one that was split (`split_in` of sf-soql).
///
/// A job is named for one statement alone, and only for one that [`Org::bulk_query`](crate::Org::bulk_query) takes: the check is
/// the same.
///
/// ```
/// use sf_core::{Capabilities, QueryOptions, Soql, plan};
/// let can = Capabilities::default();
/// let of = |text: String, rows| {
///     plan::read(&[Soql::raw(text)], &QueryOptions::new(), &can, &plan::Thresholds::new(), rows).to_string()
/// };
/// assert_eq!(
///     of("SELECT Id FROM Account".into(), Some(5_000)),
///     "GET, at least 3 calls\n- the statement fits into a URL\n- 5000 rows are 3 pages of up to 2000\n"
/// );
/// assert_eq!(
///     of(format!("SELECT Id FROM Account WHERE Name != '{}'", "x".repeat(9_000)), None),
///     "POST composite, at least 1 call\n- the URL would be longer than 8000 bytes, so the statement goes in a body\n"
/// );
/// assert_eq!(
///     of("SELECT Id FROM Account".into(), Some(1_000_000)),
///     "Bulk job, at least 102 calls\n\
///      - more than 200000 rows are expected: a job of `Org::bulk_query` has 100 pages of up to 10000, and 2 calls to make it and to see its end\n"
/// );
/// ```
pub fn read(
    statements: &[Soql],
    options: &QueryOptions,
    can: &Capabilities,
    thresholds: &Thresholds,
    expected_rows: Option<u64>,
) -> ReadPlan {
    let long =
        |soql: &Soql| soql.as_str().len() > STATEMENT && soql.as_str().encode_utf16().count() > STATEMENT;
    let mut why = Vec::new();
    if statements.iter().any(long) {
        why.push(format!(
            "a statement has more than {STATEMENT} characters, which the org refuses: cut its IN lists (`split_in`)"
        ));
        return ReadPlan { path: ReadPath::TooLong, api_calls: 0, why };
    }
    if let (Some(most), Some(rows)) = (thresholds.bulk_reads, expected_rows)
        && rows > most
    {
        match no_job(statements, can) {
            None => {
                let page = u64::from(thresholds.bulk_page_rows.max(1));
                let pages = rows.div_ceil(page);
                why.push(format!(
                    "more than {most} rows are expected: a job of `Org::bulk_query` has {} of up to {page}, and 2 calls to make \
                     it and to see its end",
                    counted(pages, "page")
                ));
                let api_calls = pages.saturating_add(2).saturating_mul(u64::from(can.requests_per_call));
                return ReadPlan { path: ReadPath::Bulk, api_calls, why };
            }
            Some(reason) => {
                why.push(format!("no Bulk job although more than {most} rows are expected: {reason}"));
            }
        }
    }
    let a_call = can.queries_per_call.clamp(1, 5);
    let mut path = ReadPath::Get;
    let mut calls = 0;
    for group in statements.chunks(a_call) {
        let batch: Vec<QueryCall> = group.iter().cloned().map(QueryCall::Start).collect();
        if !matches!(query_request(&batch, options, can), Ok(request) if request.method == Method::Get) {
            path = ReadPath::Composite;
        }
        calls += 1;
    }
    why.push(match (path, statements.len()) {
        (ReadPath::Get, _) => "the statement fits into a URL".to_owned(),
        (_, 1) if can.bodies_only => "statements go in bodies, because arguments would show".to_owned(),
        (_, 1) => {
            format!("the URL would be longer than {LONGEST_URL} bytes, so the statement goes in a body")
        }
        (_, n) => format!("{}, up to {a_call} a call", counted(n as u64, "statement")),
    });
    if let Some(rows) = expected_rows {
        let page = options.page_size.map_or(PAGE, |size| u64::from(size.clamp(200, 2_000)));
        let pages = rows.div_ceil(page).max(1);
        if pages > calls {
            why.push(format!("{} are {} of up to {page}", counted(rows, "row"), counted(pages, "page")));
            calls = pages;
        }
    }
    ReadPlan { path, api_calls: calls * u64::from(can.requests_per_call), why }
}

/// Why these statements cannot be a query job.
fn no_job(statements: &[Soql], can: &Capabilities) -> Option<String> {
    match statements {
        _ if !can.bulk => Some("the transport has none".to_owned()),
        [one] => check_statement(one).err().map(|failure| failure.message),
        _ => Some("it takes one statement".to_owned()),
    }
}

impl fmt::Display for ReadPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match self.path {
            ReadPath::Get => "GET",
            ReadPath::Composite => "POST composite",
            ReadPath::Bulk => "Bulk job",
            ReadPath::TooLong => "too long",
        };
        writeln!(f, "{path}, at least {}", counted(self.api_calls, "call"))?;
        self.why.iter().try_for_each(|why| writeln!(f, "- {why}"))
    }
}
