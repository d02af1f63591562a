//! The vocabulary. No I/O, no runtime.
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
mod record;
mod secret;
mod soql;
mod time;
mod transport;
mod value;

pub use credentials::{AccessToken, Credentials};
pub use describe::{Describe, FieldDescribe, FieldKind};
pub use error::{
    Delivery, Error, ErrorCode, ErrorKind, Failure, Help, OrgError, RequestLimit, Result, Retry,
    Troubleshooting, troubleshooting,
};
pub use field::Field;
pub use id::SfId;
pub use model::{ChildRelationship, Column, Extra, SObject};
#[doc(hidden)]
pub use model::{ColumnType as __ColumnType, Key as __Key};
pub use name::{FieldName, FieldPath, NameError, ObjectName};
pub use number::Number;
pub use org::{Org, OrgBuilder, Rows, Upserted};
pub use page::{Children, Cursor, Page, RawRow};
pub use record::Record;
pub use secret::Secret;
pub use soql::{IntoQuery, Keyset, KeysetForm, Soql, Typed};
pub use time::{Clock, Entropy, SystemClock, Timestamp};
pub use transport::{
    ApiVersion, Budgeted, CallOptions, Capabilities, ChangeKind, ChangedIds, DescribeOptions, Identity,
    Limit, Limits, Priority, QueryCall, QueryOptions, Reserves, RowOutcome, Transport, Usage, Window, Write,
    WriteOptions,
};
pub use value::{Fields, Value};

#[doc(hidden)]
pub mod __macro {
    pub use serde;
    pub use serde_json;
}
