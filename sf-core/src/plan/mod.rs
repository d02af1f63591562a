//! What a read or a write will cost, before it is made: which way it takes, in how many calls, and why.
//!
//! Pure functions of the rows or statements, the options and what the transport can do.
//!
//! | plan | what it tells | who chooses |
//! | --- | --- | --- |
//! | [`Org::plan_write`](crate::Org::plan_write) | what [`Org::write`](crate::Org::write) does: calls, never a job | |
//! | [`RowLoad::plan`](crate::RowLoad::plan) | what [`Org::load`](crate::Org::load) does: calls or a job | the load, by its [`Thresholds`] |
//! | [`Org::plan_query`](crate::Org::plan_query) | what [`Org::query`](crate::Org::query) does: pages, never a job | |
//! | [`Org::plan_read`](crate::Org::plan_read) | which of [`Org::query`](crate::Org::query) and [`Org::bulk_query`](crate::Org::bulk_query) suits so many rows, and what it costs | you |
//!
//! Writes are cut into calls by the function that plans them. Of reads, the way of the statement (URL or body) is decided by the
//! function that sends it; how many pages come is a reckoning, because the org may make any page shorter.
//!
//! ```
//! use sf_core::{Capabilities, Fields, Write, WriteOptions, field, object, plan};
//! let row = Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), "Acme") };
//! let plan = plan::write(&vec![row; 10_000], &WriteOptions::new(), &Capabilities::default(), &plan::Thresholds::new());
//! assert_eq!(
//!     plan.to_string(),
//!     "10 calls for 10000 rows\n\
//!      - 10 composite calls: a call takes up to 1000 rows in 5 collections of 200\n"
//! );
//! ```
mod read;
mod write;

pub use read::{ReadPath, ReadPlan, read};
pub use write::{PlannedWrite, WritePath, WritePlan, write};
pub(crate) use write::{has_csv_form, held_back};

/// From how many rows on a Bulk API 2.0 job is the better way.
///
/// A job takes few calls for its size, but its result comes minutes later and its rows cannot be conditional.
/// [`Org::load`](crate::Org::load) goes by these sizes. [`Org::write`](crate::Org::write) and
/// [`Org::query`](crate::Org::query) never start jobs: they plan with [`rest_only`](Thresholds::rest_only). No read becomes a
/// job by itself, because a job's rows come late and in no order: [`Org::plan_read`](crate::Org::plan_read) says by these
/// sizes whether a job suits, and [`Org::bulk_query`](crate::Org::bulk_query) makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Thresholds {
    /// [`Org::load`](crate::Org::load) writes more rows than this by a Bulk job; `None`: never.
    pub bulk_writes: Option<u64>,
    /// For a query that is expected to have more rows than this a plan names a Bulk job; `None`: never. It starts none.
    pub bulk_reads: Option<u64>,
    /// Rows of a result page of a query job ([`BulkRows::with_page_rows`](crate::BulkRows::with_page_rows)), for the number
    /// of calls.
    pub bulk_page_rows: u32,
}
impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { bulk_writes: Some(50_000), bulk_reads: Some(200_000), bulk_page_rows: 10_000 }
    }
}
impl Thresholds {
    /// A job for writes of more than 50,000 rows (50 composite calls) and for reads of more than 200,000 (100 pages). Result
    /// pages of 10,000 rows, as [`Org::bulk_query`](crate::Org::bulk_query) asks for.
    pub fn new() -> Thresholds {
        Thresholds::default()
    }
    /// No Bulk jobs.
    pub fn rest_only() -> Thresholds {
        Thresholds { bulk_writes: None, bulk_reads: None, ..Thresholds::new() }
    }
    /// The same with another size for writes.
    #[must_use]
    pub fn with_bulk_writes(mut self, rows: impl Into<Option<u64>>) -> Thresholds {
        self.bulk_writes = rows.into();
        self
    }
    /// The same with another size for reads.
    #[must_use]
    pub fn with_bulk_reads(mut self, rows: impl Into<Option<u64>>) -> Thresholds {
        self.bulk_reads = rows.into();
        self
    }
    /// The same with result pages of another size, at least 1.
    #[must_use]
    pub fn with_bulk_page_rows(mut self, rows: u32) -> Thresholds {
        self.bulk_page_rows = rows.max(1);
        self
    }
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
