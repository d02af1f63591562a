//! What a write would be refused for, found before it is sent.
use serde::{Deserialize, Serialize};

/// What a write does with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Operation {
    /// Makes a new row.
    Insert,
    /// Changes a row.
    Update,
    /// Does one or the other, by an external id.
    Upsert,
}
