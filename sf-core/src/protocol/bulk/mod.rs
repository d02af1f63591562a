//! Bulk API 2.0 as pure functions: requests and answers of jobs, and the CSV that goes in and out.
//!
//! A job that writes rows: [`create_ingest`], [`upload`], [`set_state`] to [`JobState::UploadComplete`], [`status`] until it
//! is [over](JobState::is_over), three [`result_file`]s, [`delete`]. A job that reads: [`create_query`], [`status`],
//! [`result_page`] by page. [`Org::bulk_ingest`](crate::Org::bulk_ingest) and [`Org::bulk_query`](crate::Org::bulk_query)
//! go through these steps for you.
//!
//! ```
//! use sf_core::{Fields, Value, field, protocol::bulk::CsvEncoder};
//!
//! let mut csv = CsvEncoder::new();
//! csv.push(&Fields::new().set(field!("Name"), "Acme, \"Inc\"").set(field!("Phone"), Value::Null))?;
//! csv.push(&Fields::new().set(field!("Name"), "Globex").set(field!("NumberOfEmployees"), 7))?;
//! assert_eq!(
//!     csv.finish(),
//!     "Name,Phone,NumberOfEmployees\n\"Acme, \"\"Inc\"\"\",#N/A,\nGlobex,,7\n"
//! );
//! # Ok::<(), sf_core::Failure>(())
//! ```
mod cell;
mod decode;
mod encode;
mod job;
mod outcome;
mod read;
mod requests;
mod row;

#[doc(hidden)]
pub use cell::CsvCell;
pub(crate) use cell::push_text;
pub use decode::RowDecoder;
pub use encode::{CsvEncoder, Mark};
pub use job::{JobInfo, JobList, JobState};
pub(crate) use outcome::ResultColumns;
pub use outcome::{ResultLine, job_failure, read_row_error};
pub use read::{CsvReader, CsvRow};
pub use requests::{
    IngestJob, JobKind, Operation, ResultFile, ResultPages, create_ingest, create_query, delete,
    job_response, list, list_response, next_locator, result_file, result_page, result_pages,
    result_pages_response, set_state, status, upload,
};
#[doc(hidden)]
pub use row::RowWriter;
pub(crate) use row::with_id;
