use crate::{Failure, FieldName, Fields, ObjectName, Result, SfId, Timestamp};
use serde::{Deserialize, Serialize};

/// One row to write. What is not in `fields` is left alone; `Null` clears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Write {
    /// A new row.
    Insert {
        /// Its object.
        object: ObjectName,
        /// Its values.
        fields: Fields,
    },
    /// Changes of a known row.
    Update {
        /// Its object.
        object: ObjectName,
        /// Which row.
        id: SfId,
        /// The new values.
        fields: Fields,
        /// Refuse ([`MatchPreconditionFailed`](crate::ErrorCode::MatchPreconditionFailed)) when the row changed after this
        /// moment; the org compares whole seconds. Needs `capabilities().conditional_rows`; 25 such rows are a call.
        if_unmodified_since: Option<Timestamp>,
    },
    /// Insert or update by an external ID.
    Upsert {
        /// Its object.
        object: ObjectName,
        /// The external ID field (or another field with `idLookup`), which must be among `fields`.
        key: FieldName,
        /// The values, the key's included.
        fields: Fields,
    },
    /// Into the recycle bin.
    Delete {
        /// Which row.
        id: SfId,
    },
}
impl Write {
    /// The values, if this verb has any.
    pub fn fields(&self) -> Option<&Fields> {
        match self {
            Write::Insert { fields, .. } | Write::Update { fields, .. } | Write::Upsert { fields, .. } => {
                Some(fields)
            }
            Write::Delete { .. } => None,
        }
    }
    /// The object, if the row names one (a deletion does not).
    pub fn object(&self) -> Option<&ObjectName> {
        match self {
            Write::Insert { object, .. } | Write::Update { object, .. } | Write::Upsert { object, .. } => {
                Some(object)
            }
            Write::Delete { .. } => None,
        }
    }
    /// The id, if it is known before the call.
    pub fn id(&self) -> Option<SfId> {
        match self {
            Write::Update { id, .. } | Write::Delete { id } => Some(*id),
            Write::Insert { .. } | Write::Upsert { .. } => None,
        }
    }
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// Saved.
    Done {
        /// The row's id.
        id: SfId,
        /// It is new.
        created: bool,
    },
    /// Not saved, or not known to be: see [`Failure::delivery`].
    Failed(Failure),
}
impl RowOutcome {
    /// The id and whether the row is new, or the failure as an [`Error`](crate::Error).
    pub fn into_result(self) -> Result<(SfId, bool)> {
        match self {
            RowOutcome::Done { id, created } => Ok((id, created)),
            RowOutcome::Failed(failure) => Err(failure.into()),
        }
    }
    /// The failure, if it is one.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            RowOutcome::Done { .. } => None,
            RowOutcome::Failed(failure) => Some(failure),
        }
    }
    /// The row itself was right: it was undone or not tried because another row of the call failed. Look there.
    pub fn was_held_back(&self) -> bool {
        self.failure().is_some_and(|failure| failure.retry() == crate::Retry::Sibling)
    }
    /// The row is saved.
    pub fn is_done(&self) -> bool {
        matches!(self, RowOutcome::Done { .. })
    }
}
