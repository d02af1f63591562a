use serde::{Deserialize, Serialize};
use sf_core::{FieldName, ObjectName};

/// Where rows of another system go. Feeds the same log: one push path, one retry, one history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Destination {
    pub name: String,
    pub object: ObjectName,
    pub mode: Mode,
    pub columns: Vec<(String, FieldName)>,
}
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Mode {
    Insert,
    Update {
        key: FieldName,
    },
    Upsert {
        key: FieldName,
    },
    /// Deletes what left the source: from a complete snapshot only, never above `stop_above_percent`.
    Mirror {
        key: FieldName,
        stop_above_percent: u8,
    },
    Audience {
        campaign: String,
        change: AudienceChange,
    },
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AudienceChange {
    Add,
    Remove,
    Mirror,
    Upsert,
}
impl Destination {
    pub fn new(name: impl Into<String>, object: ObjectName, mode: Mode) -> Self {
        Destination { name: name.into(), object, mode, columns: Vec::new() }
    }
    #[must_use]
    pub fn column(mut self, source: &str, field: FieldName) -> Self {
        self.columns.push((source.into(), field));
        self
    }
}
