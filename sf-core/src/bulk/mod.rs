//! Bulk API 2.0 jobs from start to end, over any [`Transport`](crate::Transport).
//!
//! **Writing.** [`Org::bulk_ingest`](crate::Org::bulk_ingest) takes rows from an iterator or a stream, cuts them into jobs,
//! and gives one [`RowOutcome`](crate::RowOutcome) per row, in the order of the rows:
//!
//! ```
//! use sf_core::{BulkIngest, Org, Result, field, models::Account};
//! # async fn load(org: &Org, accounts: Vec<Account>) -> Result<()> {
//! let ingest = BulkIngest::upsert(Account::OBJECT, field!("CX_Key__c"));
//! let report = org.bulk_ingest(ingest, accounts).run().await?;
//! for (row, outcome) in report.outcomes.iter().enumerate() {
//!     if let Some(failure) = outcome.failure() {
//!         eprintln!("row {row}: {failure}. {}", failure.help());
//!     }
//! }
//! # Ok(())
//! # }
//! # use sf_core::SObject;
//! ```
//!
//! A load that must survive a crash goes step by step: [`BulkLoad::step`] hands out the [`BulkJob`] after each change, to
//! be saved before the next step is made. [`Org::bulk_resume`](crate::Org::bulk_resume) goes on with a saved one and the
//! same rows.
//!
//! [`Org::load`](crate::Org::load) takes the same rows and makes a job only when they are many.
//!
//! **Reading.** [`Org::bulk_query`](crate::Org::bulk_query) streams the rows of a query job, page by page.
mod calls;
mod handle;
mod ingest;
mod join;
mod load;
mod page;
mod part;
mod query;
mod results;
mod rows;
mod statement;

pub use handle::{BulkJob, BulkPart, BulkQueryJob, BulkStage};
pub use ingest::BulkIngest;
pub use load::{BulkLoad, BulkReport};
pub use query::BulkRows;
pub(crate) use rows::{BulkRow, Iterated, Source, Streamed};
pub use rows::{FromBulkRow, IntoBulkRow};
pub(crate) use statement::check as check_statement;
