//! The vocabulary. No I/O, no runtime.
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
pub mod protocol;
mod secret;
mod soql;
mod time;
mod transport;
mod value;

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
pub use org::{Org, OrgBuilder, Rows, Upserted};
pub use page::{Children, Cursor, Page, RawRow};
pub use secret::Secret;
pub use soql::{IntoQuery, Keyset, KeysetForm, Soql, Typed};
pub use time::{Clock, Entropy, OsEntropy, SystemClock, Timestamp, TimestampError};
pub use transport::{
    ApiVersion, Budgeted, CallOptions, Capabilities, ChangeKind, ChangedIds, DescribeOptions, Identity,
    Limit, Limits, Priority, QueryCall, QueryOptions, Reserves, RowOutcome, Transport, Usage, Window, Write,
    WriteOptions,
};
pub use value::{Fields, Record, Value};

#[doc(hidden)]
pub mod __macro {
    pub use crate::model::{ColumnSeed, value_of, writable};
    pub use serde;
}
