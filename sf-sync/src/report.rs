//! What a push or a pull did, for people and for programs.
use crate::{ChangeId, RecordKey, change::shown};
use serde::{Deserialize, Serialize};
use sf_core::{FieldName, ObjectName, Value};
use std::fmt;

/// Notes a report keeps; further ones are only counted.
const NOTES: usize = 1_000;

/// What was done. Adds up over the steps of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// By pulls.
    pub pulled: Pulled,
    /// By pushes.
    pub pushed: Pushed,
    /// Calls made to the org, without those that were never sent.
    pub calls: u64,
    /// What is worth telling field by field: what a pull kept and why, conflicts, refusals. The first 1,000.
    pub notes: Vec<Note>,
    /// Notes beyond those.
    pub omitted_notes: u64,
}

/// Rows of pulls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pulled {
    /// Rows the org sent.
    pub rows: u64,
    /// Records that became known.
    pub added: u64,
    /// Known records with a new value.
    pub updated: u64,
    /// Known records that were as we had them.
    pub unchanged: u64,
    /// Records that left the mapping's filter.
    pub out_of_scope: u64,
    /// Records that are gone from the org or hidden from this user.
    pub gone: u64,
    /// Fields that kept their local value because a change of them is open, while the org's differs from the base.
    pub kept: u64,
}

/// Changes of pushes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pushed {
    /// Rows sent.
    pub rows: u64,
    /// Changes that are in the org now.
    pub pushed: u64,
    /// Changes that failed: refused for good, or in conflict.
    pub failed: u64,
    /// Changes that closed without a push, as *reverted*.
    pub reverted: u64,
    /// Changes that will be tried again.
    pub retrying: u64,
    /// Changes whose fate has to be looked up.
    pub unknown: u64,
}

/// One field of one record, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Note {
    /// The record.
    pub record: RecordKey,
    /// Its object.
    pub object: ObjectName,
    /// The field, when it is about one.
    pub field: Option<FieldName>,
    /// What people call it.
    pub label: String,
    /// The change, when there is one.
    pub change: Option<ChangeId>,
    /// What happened.
    pub event: Event,
}

/// What a [`Note`] tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A pull took the org's value.
    Updated {
        /// Before.
        from: Value,
        /// Now.
        to: Value,
    },
    /// A pull left the local value because the change is open; the org changed the field too.
    Kept {
        /// What stays visible.
        local: Value,
        /// What the edit stands on.
        base: Value,
        /// What the org holds.
        remote: Value,
    },
    /// The org holds the edited value already.
    ConfirmedByPull,
    /// Both sides changed the field, and the local value was pushed.
    LocalWon {
        /// What the org held.
        remote: Value,
    },
    /// Both sides changed the field, and the org's value stays.
    RemoteWon {
        /// What was edited.
        local: Value,
        /// What the org holds.
        remote: Value,
    },
    /// Both sides changed the field; a person must decide.
    Parked {
        /// What the edit stands on.
        base: Value,
        /// What was edited.
        local: Value,
        /// What the org holds.
        remote: Value,
    },
    /// The org (or its schema) refused the value.
    Refused {
        /// Its words and code.
        reason: String,
    },
    /// A revert dropped the local value; the org's newest is not the old one.
    RevertShows {
        /// What the edit had replaced.
        old: Value,
        /// What is visible now.
        remote: Value,
    },
    /// The record left the mapping's filter.
    LeftScope,
    /// The record is gone from the org, or hidden.
    Gone,
    /// An old value of ours arrived late over a newer one, which is sent again.
    LateValue {
        /// What arrived.
        late: Value,
        /// What is sent again.
        intent: Value,
    },
}

impl Report {
    /// Adds what another step did.
    pub fn absorb(&mut self, other: Report) {
        let (p, q) = (&mut self.pulled, other.pulled);
        p.rows += q.rows;
        p.added += q.added;
        p.updated += q.updated;
        p.unchanged += q.unchanged;
        p.out_of_scope += q.out_of_scope;
        p.gone += q.gone;
        p.kept += q.kept;
        let (p, q) = (&mut self.pushed, other.pushed);
        p.rows += q.rows;
        p.pushed += q.pushed;
        p.failed += q.failed;
        p.reverted += q.reverted;
        p.retrying += q.retrying;
        p.unknown += q.unknown;
        self.calls += other.calls;
        self.omitted_notes += other.omitted_notes;
        for note in other.notes {
            self.note(note);
        }
    }
    pub(crate) fn note(&mut self, note: Note) {
        // A large pull updates many fields: what needs a person's eye must still find room.
        let room = if matches!(note.event, Event::Updated { .. }) { NOTES / 2 } else { NOTES };
        if self.notes.len() < room {
            self.notes.push(note);
        } else {
            self.omitted_notes += 1;
        }
    }
}
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (down, up) = (&self.pulled, &self.pushed);
        write!(
            f,
            "pulled {} rows ({} added, {} updated, {} unchanged, {} out of scope, {} gone, {} fields kept), ",
            down.rows, down.added, down.updated, down.unchanged, down.out_of_scope, down.gone, down.kept
        )?;
        write!(
            f,
            "pushed {} changes in {} rows ({} failed, {} reverted, {} to retry, {} unknown), {} calls",
            up.pushed, up.rows, up.failed, up.reverted, up.retrying, up.unknown, self.calls
        )?;
        for note in &self.notes {
            write!(f, "\n  {note}")?;
        }
        if self.omitted_notes > 0 {
            write!(f, "\n  … and {} more", self.omitted_notes)?;
        }
        Ok(())
    }
}
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.object, self.record)?;
        if self.field.is_some() {
            write!(f, " {}", self.label)?;
        }
        write!(f, ": {}", self.event)
    }
}
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Updated { from, to } => write!(f, "updated {} → {}", shown(from), shown(to)),
            Event::Kept { local, base, remote } => write!(
                f,
                "kept {}: its change is open (base {}, the org has {})",
                shown(local),
                shown(base),
                shown(remote)
            ),
            Event::ConfirmedByPull => f.write_str("the org holds the edited value already: pushed"),
            Event::LocalWon { remote } => write!(f, "conflict, local value pushed over {}", shown(remote)),
            Event::RemoteWon { local, remote } => {
                write!(f, "conflict, the org's {} stays, {} is dropped", shown(remote), shown(local))
            }
            Event::Parked { base, local, remote } => write!(
                f,
                "conflict: base {}, local {}, remote {}; resolve it",
                shown(base),
                shown(local),
                shown(remote)
            ),
            Event::Refused { reason } => write!(f, "refused: {reason}"),
            Event::RevertShows { old, remote } => {
                write!(f, "reverted; the org's {} shows, not {}", shown(remote), shown(old))
            }
            Event::LeftScope => f.write_str("left the mapping's filter: marked out of scope"),
            Event::Gone => f.write_str("gone from the org, or hidden from this user"),
            Event::LateValue { late, intent } => {
                write!(f, "{} arrived late; {} is sent again", shown(late), shown(intent))
            }
        }
    }
}
