use super::ScopeKey;
use crate::{ChangeId, RecordKey, StepId};
use serde::{Deserialize, Serialize};
use sf_core::{ObjectName, Timestamp};

/// What to load. Every part adds to the [`View`](super::View); an empty selection gives the counters only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Selection {
    /// These records, at `depth`; unknown keys are left out of the view.
    pub keys: Vec<RecordKey>,
    /// How much of the records named by `keys` and `known`.
    pub depth: Depth,
    /// These log entries, closed ones too, with every entry whose `survivor` is one of them, in
    /// [`View::entries`](super::View::entries); their records come in full.
    pub changes: Vec<ChangeId>,
    /// Records with something due, in full.
    pub due: Option<DueFilter>,
    /// A page of the known records of one object, by key.
    pub known: Option<KnownFilter>,
    /// A page of records that a pull has not met; heads.
    pub unseen: Option<UnseenFilter>,
    /// Attempts, oldest first.
    pub attempts: Option<AttemptFilter>,
    /// Watermarks and positions of pulls.
    pub scopes: Vec<ScopeKey>,
    /// The active version of the configuration.
    pub config: bool,
    /// Named documents.
    pub documents: Vec<String>,
    /// Fill [`View::next_due`](super::View::next_due).
    pub next_due: bool,
}
impl Selection {
    /// Nothing but the counters `rev` and `next_change`.
    pub fn new() -> Selection {
        Selection::default()
    }
}

/// How much of a record is loaded. A pull reads heads, and whole records only where something is open or differs:
/// that halves its cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Depth {
    /// `shadow` is `None` and `open` empty; everything else is filled.
    #[default]
    Heads,
    /// As `Heads`; records with open entries or suspects as in `Full`.
    OpenInFull,
    /// Shadow, suspects and open entries too.
    Full,
}

/// Records that the clock says something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueFilter {
    /// Records with an open entry whose `due` is at or before this, or whose own `check_due` is.
    pub by: Timestamp,
    /// Records at most, those due first first; ties by key.
    pub limit: u32,
}

/// A page of the records of one object, in the order of their keys, whatever their [`Life`](super::Life).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFilter {
    /// The object.
    pub object: ObjectName,
    /// Keys after this one.
    pub after: Option<RecordKey>,
    /// Keys up to and with this one.
    pub upto: Option<RecordKey>,
    /// Only children of these; empty: all.
    pub parents: Vec<RecordKey>,
    /// Records at most.
    pub limit: u32,
}

/// A page of the records that are [`Life::Live`](super::Life::Live) and that no pull has met since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnseenFilter {
    /// The object.
    pub object: ObjectName,
    /// Only records whose `seen` is at or below this revision.
    pub since: u64,
    /// Keys after this one.
    pub after: Option<RecordKey>,
    /// Only children of these; empty: all.
    pub parents: Vec<RecordKey>,
    /// Records at most.
    pub limit: u32,
}

/// Which attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AttemptFilter {
    /// All that no answer was settled for.
    Open,
    /// This one, when it is open.
    Of(StepId),
}
