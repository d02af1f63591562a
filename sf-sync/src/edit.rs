use crate::{ChangeId, Decision};
use serde::{Deserialize, Serialize};
use sf_core::{FieldName, Fields, ObjectName, SObject, SfId, Value};

/// A record, by the org's id or by the engine's own while it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RecordKey {
    Id(SfId),
    Local(u128),
}
impl From<SfId> for RecordKey {
    fn from(id: SfId) -> RecordKey {
        RecordKey::Id(id)
    }
}

/// What a person changed on one record. Nothing happens until it is captured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[must_use]
pub struct Edit {
    pub(crate) object: ObjectName,
    pub(crate) verb: Verb,
    pub(crate) fields: Fields,
    pub(crate) actor: Option<String>,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verb {
    Insert,
    Update(RecordKey),
    Delete(RecordKey),
}
impl Edit {
    /// A change to a record of a model.
    pub fn of<T: SObject>(record: impl Into<RecordKey>) -> Edit {
        Edit::update(T::OBJECT, record)
    }
    /// A new record; what is `Absent` is not sent.
    pub fn create<T: SObject>(_row: &T) -> Edit {
        Edit::insert(T::OBJECT)
    }
    pub fn insert(object: ObjectName) -> Edit {
        Edit { object, verb: Verb::Insert, fields: Fields::new(), actor: None }
    }
    pub fn update(object: ObjectName, record: impl Into<RecordKey>) -> Edit {
        Edit { object, verb: Verb::Update(record.into()), fields: Fields::new(), actor: None }
    }
    pub fn delete(object: ObjectName, record: impl Into<RecordKey>) -> Edit {
        Edit { object, verb: Verb::Delete(record.into()), fields: Fields::new(), actor: None }
    }
    pub fn set(mut self, field: impl Into<FieldName>, value: impl Into<Value>) -> Edit {
        self.fields = self.fields.set(field, value);
        self
    }
    pub fn clear(self, field: impl Into<FieldName>) -> Edit {
        self.set(field, Value::Null)
    }
    pub fn by(mut self, actor: impl Into<String>) -> Edit {
        self.actor = Some(actor.into());
        self
    }
}
/// Everything a host can ask of the log. All of it local, all of it transactional.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Command {
    Edit(Edit),
    Retry { change: ChangeId, value: Option<Value> },
    Revert(ChangeId),
    Resolve { change: ChangeId, decision: Decision },
}
impl From<Edit> for Command {
    fn from(e: Edit) -> Command {
        Command::Edit(e)
    }
}
