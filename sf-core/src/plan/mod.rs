//! What a read or a write will cost, before it is made: which way it takes, in how many calls, and why.
//!
//! Pure functions of the rows or statements, the options and what the transport can do. [`Org`](crate::Org) acts by the
//! same functions, so a plan and what is done cannot differ ([`Org::plan_write`](crate::Org::plan_write),
//! [`Org::plan_query`](crate::Org::plan_query)).
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
/// A job takes a handful of calls whatever its size, but its result comes minutes later and its rows cannot be
/// conditional. [`Org::load`](crate::Org::load) goes by these sizes. [`Org::write`](crate::Org::write) and
/// [`Org::query`](crate::Org::query) never start jobs: they plan with [`rest_only`](Thresholds::rest_only).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Thresholds {
    /// A write of more rows than this goes by Bulk; `None`: never.
    pub bulk_writes: Option<u64>,
    /// A query that is expected to have more rows than this goes by Bulk; `None`: never.
    pub bulk_reads: Option<u64>,
}
impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { bulk_writes: Some(50_000), bulk_reads: Some(200_000) }
    }
}
impl Thresholds {
    /// Writes of more than 50,000 rows (50 composite calls) and reads of more than 200,000 (100 pages) go by Bulk.
    pub fn new() -> Thresholds {
        Thresholds::default()
    }
    /// No Bulk jobs.
    pub fn rest_only() -> Thresholds {
        Thresholds { bulk_writes: None, bulk_reads: None }
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
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
