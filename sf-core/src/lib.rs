//! The vocabulary of the Salesforce crates. No I/O, no runtime.
//!
//! - **Values**: [`SfId`], [`Number`], [`Timestamp`], [`Field`] (absent, null or a value), [`Value`] and [`Fields`];
//!   names checked at compile time by [`object!`], [`field!`] and [`path!`].
//! - **Rows**: models by [`sobject!`] (ready ones in [`models`]), [`Record`] without a type, [`Page`] as it came.
//! - **Errors**: [`Error`] and its plain data [`Failure`]; what to do about each is in [`troubleshooting`].
//! - **An org**: [`Org`] over any [`Transport`]. [`protocol`] holds REST as pure functions and makes a transport of
//!   anything that moves bytes; [`Budgeted`] keeps API calls for people.
//! - **Checks before sending**: [`describe`] and [`check`].
//!
//! ```
//! use sf_core::{Field, Org, Result, Soql, models::Account};
//!
//! async fn industries(org: &Org) -> Result<()> {
//!     let mut accounts = org.query(Soql::raw("SELECT Id, Industry FROM Account").typed::<Account>());
//!     while let Some(account) = accounts.try_next().await? {
//!         if account.industry.is_null() {
//!             org.update(&Account { id: account.id, phone: Field::Null, ..Account::default() }).await?;
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Features
//! | feature | on by default | what it adds |
//! | --- | --- | --- |
//! | `conformance` | no | `conformance`: the test suite that every transport passes |
//! | `fast-json` | no | [`Page::decode`] reads rows with a JSON reader of this crate instead of serde_json's, in about 0.7 of the time; what that reader declines, serde_json reads, so results and errors are the same |
mod bulk;
mod check;
#[cfg(feature = "conformance")]
pub mod conformance;
mod credentials;
pub mod describe;
mod error;
mod field;
mod id;
mod model;
pub mod models;
mod name;
mod number;
mod org;
mod page;
pub mod plan;
pub mod protocol;
mod raw;
mod secret;
mod seen;
mod soql;
mod sosl;
mod time;
mod transport;
mod value;

pub use bulk::{
    BulkIngest, BulkJob, BulkLoad, BulkPart, BulkQueryJob, BulkReport, BulkRows, BulkStage, FromBulkRow,
    IntoBulkRow,
};
pub use check::{Operation, Problem, ProblemKind, Problems, Severity, check};
pub use credentials::{AccessToken, Credentials};
pub use describe::{Describe, FieldDescribe, FieldKind};
pub use error::{
    Delivery, Error, ErrorCode, ErrorKind, Failure, Help, OrgError, RequestLimit, Result, Retry,
    Troubleshooting, troubleshooting,
};
pub use field::Field;
pub use id::{IdError, SfId};
pub(crate) use model::Key;
pub use model::{ChildRelationship, Column, ColumnType, Extra, SObject};
pub use name::{FieldName, FieldPath, NameError, ObjectName};
pub use number::{Number, NumberError};
pub use org::{Files, LoadReport, Org, OrgBuilder, RowLoad, Rows, UploadedFile, Upserted};
pub use page::{Children, Cursor, Page, RawRow};
pub use protocol::{LeadingOperation, PlanNote, QueryPlan, SearchRows};
pub use secret::Secret;
pub use soql::{IntoQuery, Keyset, KeysetForm, Soql, Typed};
pub use sosl::{IntoSosl, Sosl};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use time::OsEntropy;
pub use time::{Clock, Entropy, SystemClock, Timestamp, TimestampError};
pub use transport::{
    ApiVersion, AssignmentRules, Budgeted, CallOptions, Capabilities, ChangeKind, ChangedIds,
    DescribeOptions, Identity, Limit, Limits, Priority, QueryCall, QueryOptions, Reserves, RowOutcome,
    Transport, Usage, Window, Write, WriteOptions,
};
pub use value::{Fields, Record, Value};

#[doc(hidden)]
pub mod __macro {
    pub use crate::model::{ColumnSeed, value_of, writable};
    pub use crate::protocol::bulk::{CsvCell, RowWriter};
    pub use serde;
}
