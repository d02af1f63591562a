//! What a host asks of the change log.
use crate::{ChangeId, Decision, Error, ErrorKind};
use serde::{Deserialize, Serialize};
use sf_core::{FieldName, Fields, ObjectName, SObject, SfId, Value};
use std::{fmt, str::FromStr};

/// Names a record. Today always by its Salesforce id; records that have none yet (creates) will be a second variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RecordKey {
    /// By its id in the org.
    Id(SfId),
}
impl RecordKey {
    /// The record's id in the org.
    pub fn id(&self) -> Option<SfId> {
        match self {
            RecordKey::Id(id) => Some(*id),
        }
    }
}
impl From<SfId> for RecordKey {
    fn from(id: SfId) -> RecordKey {
        RecordKey::Id(id)
    }
}
impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordKey::Id(id) => f.pad(id.as_str()),
        }
    }
}
impl FromStr for RecordKey {
    type Err = Error;
    fn from_str(text: &str) -> Result<RecordKey, Error> {
        SfId::new(text)
            .map(RecordKey::Id)
            .map_err(|e| Error::new(ErrorKind::InvalidInput, format!("`{text}` does not name a record: {e}")))
    }
}
impl Serialize for RecordKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for RecordKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<RecordKey, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a person changed on one record. Nothing happens until it is [captured](crate::Engine::capture).
///
/// Only updates: the engine does not create or delete records yet (`sf_core::Org` does, without a log).
///
/// ```
/// use sf_core::{SfId, field, object};
/// use sf_sync::Edit;
///
/// let acme = SfId::new("001000000000001AAA")?;
/// let edit = Edit::update(object!("Account"), acme)
///     .set(field!("CX_Play__c"), "Expand")
///     .clear(field!("CS_Account_Notes__c"))
///     .by("ann");
/// # drop(edit);
/// # Ok::<(), sf_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[must_use]
pub struct Edit {
    pub(crate) object: ObjectName,
    pub(crate) record: RecordKey,
    pub(crate) fields: Fields,
    pub(crate) actor: Option<String>,
}
impl Edit {
    /// A change to a record of a model.
    pub fn of<T: SObject>(record: impl Into<RecordKey>) -> Edit {
        Edit::update(T::OBJECT, record)
    }
    /// A change to a record of an object.
    pub fn update(object: ObjectName, record: impl Into<RecordKey>) -> Edit {
        Edit { object, record: record.into(), fields: Fields::new(), actor: None }
    }
    /// The field gets this value; null clears it. The last word on a field counts.
    pub fn set(mut self, field: impl Into<FieldName>, value: impl Into<Value>) -> Edit {
        self.fields = self.fields.set(field, value);
        self
    }
    /// The field becomes empty.
    pub fn clear(self, field: impl Into<FieldName>) -> Edit {
        self.set(field, Value::Null)
    }
    /// Who made it: kept in the log.
    pub fn by(mut self, actor: impl Into<String>) -> Edit {
        self.actor = Some(actor.into());
        self
    }
}

/// Everything a host can ask of the log. All of it local, all of it transactional.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Command {
    /// Save an edit and its log entries.
    Edit(Edit),
    /// Send a failed change again.
    Retry {
        /// Which.
        change: ChangeId,
        /// A corrected value.
        value: Option<Value>,
    },
    /// Take a change back.
    Revert(ChangeId),
    /// Decide a conflict.
    Resolve {
        /// Which.
        change: ChangeId,
        /// What shall be.
        decision: Decision,
    },
}
impl From<Edit> for Command {
    fn from(edit: Edit) -> Command {
        Command::Edit(edit)
    }
}
