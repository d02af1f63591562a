use crate::{ChangeId, ConfigVersion, RecordKey, Status, StepId, change::Change};
use serde::{Deserialize, Serialize};
use sf_core::{Failure, FieldName, Fields, ObjectName, Timestamp, Value};
use std::collections::BTreeMap;

/// What was loaded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct View {
    /// The number of the last commit; 0 in a new store.
    pub rev: u64,
    /// The number the next log entry gets: one more than the highest ever used, 1 in a new store.
    pub next_change: u64,
    /// Each record once, even when several parts of the selection ask for it (then at the greater depth). In the
    /// order of the selection's parts `keys` (as asked), `changes`, `due`, `known`, `unseen`.
    pub records: Vec<RecordState>,
    /// The entries that [`Selection::changes`](super::Selection::changes) asked for, by id.
    pub entries: Vec<EntryState>,
    /// Open attempts, oldest first.
    pub attempts: Vec<AttemptState>,
    /// The scopes asked for that exist.
    pub scopes: Vec<ScopeState>,
    /// The active configuration.
    pub config: Option<ConfigVersion>,
    /// The documents asked for that exist.
    pub documents: BTreeMap<String, serde_json::Value>,
    /// When the clock will have something to say.
    pub next_due: NextDue,
}
impl View {
    /// The record with this key, when it was loaded.
    pub fn record(&self, key: &RecordKey) -> Option<&RecordState> {
        self.records.iter().find(|r| r.key == *key)
    }
    /// The scope with this key, when it was loaded.
    pub fn scope(&self, key: &ScopeKey) -> Option<&ScopeState> {
        self.scopes.iter().find(|s| s.key == *key)
    }
}

/// The earliest `due` of the open entries in each phase that waits for the clock, and the earliest `check_due`
/// of the records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NextDue {
    /// Entries in [`Phase::Queued`]: edits that wait for their debounce.
    pub queued: Option<Timestamp>,
    /// Entries in [`Phase::Retryable`]: rows that back off.
    pub retryable: Option<Timestamp>,
    /// Entries in [`Phase::Verifying`].
    pub verifying: Option<Timestamp>,
    /// Records whose fields must be read once more.
    pub check: Option<Timestamp>,
}
impl NextDue {
    /// The earliest of all.
    pub fn earliest(&self) -> Option<Timestamp> {
        [self.queued, self.retryable, self.verifying, self.check].into_iter().flatten().min()
    }
}

/// One known record: what the org last said about it, and what is open on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordState {
    /// Which record.
    pub key: RecordKey,
    /// Its object.
    pub object: ObjectName,
    /// The record above it in the mapping.
    pub parent: Option<RecordKey>,
    /// The commit that last wrote it or one of its entries. Kept by the store.
    pub rev: u64,
    /// The commit in which a pull last met it. Kept by the store.
    pub seen: u64,
    /// Whether an entry of it is open. Kept by the store.
    pub has_open: bool,
    /// What became of it in the org.
    pub life: Life,
    /// SystemModstamp of the shadow.
    pub stamp: Option<Timestamp>,
    /// A digest of the shadow: equal digests, equal shadows. Computed by the engine.
    pub digest: u64,
    /// The last values the org gave; parents nested as in a row. `None` when not loaded.
    pub shadow: Option<Fields>,
    /// Values that may still arrive late in the org. Loaded with the shadow.
    pub suspects: Vec<Suspect>,
    /// When the engine wants to look at `suspects`.
    pub check_due: Option<Timestamp>,
    /// Open log entries, by id. Loaded with the shadow.
    pub open: Vec<EntryState>,
}
impl RecordState {
    /// A record nobody has read yet.
    pub fn new(key: RecordKey, object: ObjectName) -> RecordState {
        RecordState {
            key,
            object,
            parent: None,
            rev: 0,
            seen: 0,
            has_open: false,
            life: Life::Live,
            stamp: None,
            digest: 0,
            shadow: None,
            suspects: Vec::new(),
            check_due: None,
            open: Vec::new(),
        }
    }
}

/// What became of a record in the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Life {
    /// There, and wanted.
    Live,
    /// Not answered for its id: deleted, or this user may not see it any more. Both look the same.
    Gone,
    /// There, but outside the mapping's filter.
    OutOfScope,
}

/// A value of ours whose fate is unknown: the org may still save it, up to ten minutes after it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Suspect {
    /// The field.
    pub field: FieldName,
    /// What may arrive.
    pub sent: Value,
    /// What must be there instead, when something newer was pushed or the edit was taken back.
    pub intent: Option<Value>,
    /// From then on it cannot arrive any more.
    pub until: Timestamp,
}
impl Suspect {
    /// A value sent without an answer.
    pub fn new(field: FieldName, sent: Value, until: Timestamp) -> Suspect {
        Suspect { field, sent, intent: None, until }
    }
}

/// One line of the change log with everything the engine needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EntryState {
    /// Its number; rises in the order of the edits.
    pub id: ChangeId,
    /// The record.
    pub record: RecordKey,
    /// The record's object.
    pub object: ObjectName,
    /// The field.
    pub field: FieldName,
    /// The field's label in the mapping, or its name.
    pub label: String,
    /// What the person saw before the edit.
    pub old: Value,
    /// What the person wants.
    pub new: Value,
    /// The org's value this edit stands on: compared before the push.
    pub base: Value,
    /// The org's value that was found in its way.
    pub remote: Option<Value>,
    /// A value that was refused before [`retry_with`](crate::Engine::retry_with) replaced it.
    pub corrected: Option<Value>,
    /// Where it is.
    pub phase: Phase,
    /// What people are told. A superseded entry shows its survivor's.
    pub status: Status,
    /// The newer entry that took this one's place.
    pub survivor: Option<ChangeId>,
    /// The pushed entry whose old value this one puts back.
    pub undoes: Option<ChangeId>,
    /// When the org's value was last found not to stand in its way.
    pub checked: Option<Timestamp>,
    /// Rows at most of the call that sends it, after a call was refused as a whole; 0: no limit.
    pub batch: u32,
    /// Its value may have reached the org.
    pub maybe_sent: bool,
    /// When the engine wants to look at it; `None`: not by the clock.
    pub due: Option<Timestamp>,
    /// The first edit of the series: the debounce waits no longer than the limit from here.
    pub first_at: Timestamp,
    /// Sendings that count.
    pub attempts: u32,
    /// Sendings that do not count, as the org was shut or the caller not let in: they only make the pauses longer.
    #[serde(default)]
    pub waits: u32,
    /// The last refusal.
    pub failure: Option<Failure>,
    /// Who made it.
    pub actor: Option<String>,
    /// When it was captured.
    pub at: Timestamp,
    /// Version of the configuration it was captured under.
    pub config_version: u32,
    /// When it was closed; `None`: open. A superseded entry closes together with its survivor.
    pub closed: Option<Timestamp>,
}
impl EntryState {
    /// The line as people see it.
    pub fn to_change(&self) -> Change {
        Change {
            id: self.id,
            record: self.record,
            object: self.object.clone(),
            field: self.field.clone(),
            label: self.label.clone(),
            old: self.old.clone(),
            new: self.new.clone(),
            base: self.base.clone(),
            remote: self.remote.clone(),
            corrected: self.corrected.clone(),
            status: self.status,
            superseded_by: self.survivor,
            undoes: self.undoes,
            failure: self.failure.clone(),
            at: self.at,
            actor: self.actor.clone(),
            config_version: self.config_version,
        }
    }
}

/// Where a log entry is. [`Status`] is what people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// Waits for its debounce, then goes out.
    Queued,
    /// Was refused for a passing reason; goes out again at `due`.
    Retryable,
    /// Part of an open attempt.
    InFlight,
    /// Sent without an answer: read again before anything else is sent.
    Verifying,
    /// In the org.
    Pushed,
    /// Refused for good, until somebody retries it.
    Permanent,
    /// Both sides changed the field, and the policy is to ask a person.
    Conflict,
    /// Taken back.
    Reverted,
    /// A newer edit of the same field took its place.
    Superseded,
}

/// A write that was made durable before its first byte was sent, and that no answer was settled for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AttemptState {
    /// Which.
    pub id: StepId,
    /// The engine that made it: after a restart it is another one, and the fate of the attempt is unknown.
    pub owner: u128,
    /// When it was made durable.
    pub opened: Timestamp,
    /// Not to be sent after this.
    pub deadline: Timestamp,
    /// Its rows, in the order they are sent.
    pub rows: Vec<AttemptRow>,
}
impl AttemptState {
    /// An attempt about to be sent.
    pub fn new(
        id: StepId,
        owner: u128,
        opened: Timestamp,
        deadline: Timestamp,
        rows: Vec<AttemptRow>,
    ) -> Self {
        AttemptState { id, owner, opened, deadline, rows }
    }
}

/// One row of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttemptRow {
    /// The record.
    pub record: RecordKey,
    /// An answer closes entries up to this one, never a newer one.
    pub max: ChangeId,
    /// The values sent.
    pub sent: Fields,
}

/// Names a watermark: an object (or a whole run) under one filter and one list of fields.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScopeKey(pub String);

/// How far a pull has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScopeState {
    /// Which.
    pub key: ScopeKey,
    /// The commit that last wrote it. Kept by the store.
    pub rev: u64,
    /// The watermark: every change up to this SystemModstamp is applied, but for what commits late.
    pub low: Option<Timestamp>,
    /// When the wide overlap was last read.
    pub trailing_at: Option<Timestamp>,
    /// The position of a run that has begun; the engine's own data.
    pub progress: Option<serde_json::Value>,
}
impl ScopeState {
    /// A scope that was never pulled.
    pub fn new(key: ScopeKey) -> ScopeState {
        ScopeState { key, rev: 0, low: None, trailing_at: None, progress: None }
    }
}
