use super::{AttemptState, EntryState, RecordState, ScopeKey, ScopeState};
use crate::{ConfigVersion, RecordKey, StepId, VisibleChange};
use serde::{Deserialize, Serialize};

/// One atomic step of the database, as a value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangeSet {
    /// What must still be so.
    pub guard: Guard,
    /// What to write, in this order.
    pub writes: Vec<StoreWrite>,
    /// What the host sees differently afterwards: for a projection, in the same transaction.
    pub visible: Vec<VisibleChange>,
}
impl ChangeSet {
    /// Whether committing this would do nothing.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.visible.is_empty()
    }
}

/// What the decision was made from. When any of it moved, the commit is refused as stale.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Guard {
    /// A record and the revision it was read at; 0: it did not exist.
    pub revs: Vec<(RecordKey, u64)>,
    /// A scope and the revision it was read at; 0: it did not exist.
    pub scopes: Vec<(ScopeKey, u64)>,
    /// [`View::next_change`](super::View::next_change) as it was read, when the change set uses new numbers.
    pub next_change: Option<u64>,
    /// An attempt that must still be open.
    pub attempt: Option<StepId>,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
// Most writes of a large commit are records and entries: a box each would cost more than the size saves.
#[allow(clippy::large_enum_variant)]
pub enum StoreWrite {
    /// Inserts or replaces a record's own columns: all but `rev`, `seen` and `open`, which the store keeps. A new
    /// record gets this commit's number as `seen` too.
    Record(RecordState),
    /// Inserts or replaces a log entry by its id.
    Entry(EntryState),
    /// These records were met by a pull: `seen` becomes this commit's number. Unknown keys are ignored.
    Seen(Vec<RecordKey>),
    /// Makes an attempt durable.
    OpenAttempt(AttemptState),
    /// The attempt is settled; its row may go.
    CloseAttempt(StepId),
    /// Inserts or replaces a scope by its key.
    Scope(ScopeState),
    /// Adds a version. A number that exists already is an error: versions never change.
    Config(ConfigVersion),
    /// Inserts or replaces a document; `None` removes it.
    Document {
        /// Its name.
        name: String,
        /// Its content.
        content: Option<serde_json::Value>,
    },
}

/// What became of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Committed {
    /// Applied and durable.
    Done {
        /// The number of this commit.
        rev: u64,
    },
    /// Nothing was applied: what the guard names has moved. Load again and decide again.
    Stale,
}
