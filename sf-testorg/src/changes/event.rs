//! The events that subscribers read.
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::fmt;

/// What happened to the records of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ChangeType {
    /// Records were created: the event has all their fields.
    Create,
    /// Records were changed: the event has the fields that changed.
    Update,
    /// Records went into the recycle bin: the event has no fields.
    Delete,
    /// Records came back from the recycle bin: the event has all their fields.
    Undelete,
    /// Records were created, and the event cannot say how: read them.
    GapCreate,
    /// Records were changed, and the event cannot say how: read them.
    GapUpdate,
    /// Records were deleted.
    GapDelete,
    /// Records came back, and the event cannot say how they are: read them.
    GapUndelete,
    /// A transaction changed more than events can say: compare all records of this sObject.
    GapOverflow,
}

impl ChangeType {
    /// As in an event.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeType::Create => "CREATE",
            ChangeType::Update => "UPDATE",
            ChangeType::Delete => "DELETE",
            ChangeType::Undelete => "UNDELETE",
            ChangeType::GapCreate => "GAP_CREATE",
            ChangeType::GapUpdate => "GAP_UPDATE",
            ChangeType::GapDelete => "GAP_DELETE",
            ChangeType::GapUndelete => "GAP_UNDELETE",
            ChangeType::GapOverflow => "GAP_OVERFLOW",
        }
    }
    /// The gap event of a change.
    pub(super) fn gap(self) -> ChangeType {
        match self {
            ChangeType::Create => ChangeType::GapCreate,
            ChangeType::Update => ChangeType::GapUpdate,
            ChangeType::Delete => ChangeType::GapDelete,
            ChangeType::Undelete => ChangeType::GapUndelete,
            gap => gap,
        }
    }
}
impl fmt::Display for ChangeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `ChangeEventHeader` (Change Data Capture guide, "ChangeEventHeader Fields").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChangeEventHeader {
    /// API name of the sObject.
    pub entity_name: String,
    /// The records, 18 characters each: several where one transaction changed several in the same way; `000000000000000AAA` in an overflow
    /// event.
    pub record_ids: Vec<String>,
    /// What happened.
    pub change_type: ChangeType,
    /// `com/salesforce/api/rest/66.0;client=NAME`, without `;client=` where the request has no `Sforce-Call-Options: client=NAME`, with
    /// `bulkapi` for bulk jobs; empty for what a person does in the org ([`TestOrg::apply`](crate::TestOrg::apply)).
    pub change_origin: String,
    /// The same for all changes of a transaction.
    pub transaction_key: String,
    /// Place in its transaction, from 1; with holes where a sObject is not selected.
    pub sequence_number: u32,
    /// Milliseconds since 1970: when the transaction was committed. Of a late commit this is after the record's own stamps.
    pub commit_timestamp: i64,
    /// Rises with every transaction.
    pub commit_number: u64,
    /// The user who did it.
    pub commit_user: String,
    /// Fields of an update that are null now.
    pub nulled_fields: Vec<String>,
    /// Fields of an update whose value in the event is a unified diff.
    pub diff_fields: Vec<String>,
    /// Fields of an update that changed, `LastModifiedDate` among them; parts of compounds as `BillingAddress.City`.
    pub changed_fields: Vec<String>,
}

/// One change event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChangeEvent {
    /// Its place in the stream: rising, not contiguous. What [`TestOrg::changes`](crate::TestOrg::changes) takes.
    pub replay_id: u64,
    /// Whose change it is, and of what kind.
    #[serde(rename = "ChangeEventHeader")]
    pub header: ChangeEventHeader,
    /// Values by field, as an event's payload has them: dates and date-times are milliseconds since 1970 (a date is midnight UTC), parts of
    /// compounds are in an object (`BillingAddress: {City, …}`), fields that are null now are null. Fields that are not part of the
    /// change are left out.
    pub fields: Map<String, Json>,
}
