//! A pull as a value: where it is, what it asks next, what an answer does.
//!
//! A run goes through the mapped objects, parents first. For each it sweeps the ids it is about in a few *lanes*
//! (statements with an IN list, up to five in one call), each lane page by page along a keyset; then it looks after
//! the records that the sweep did not meet. The run is stored after every page, in the transaction that applies the
//! page (the last, when the pages of one answer need several): whoever goes on later, goes on there.
//!
//! A row that was asked for before its record moved (a push was settled, a person edited) is not trusted where it
//! differs: it is read again by its id in the same run.

pub(crate) mod merge;
pub(crate) mod statement;

use crate::{
    RecordKey, Scope, Step,
    decide::values::Fnv,
    mapping::{Mapping, ObjectMapping},
    schema::{Schema, parent_object},
    store::ScopeKey,
};
use serde::{Deserialize, Serialize};
use sf_core::{FieldName, Fields, ObjectName, SfId, Timestamp};

/// Ids of one lane that is about records themselves: one page of the org.
pub(crate) const LANE_IDS: usize = 2_000;
/// Rows of one retrieve.
pub(crate) const RETRIEVE_IDS: usize = 2_000;

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Rises with every page, from the store's revision on: an answer to an older position is not applied again, not
    /// even in a later run (each position costs a commit, so the revision is never behind).
    pub(crate) position: u64,
    /// When it last moved, by the local clock: only to give up a run that was left lying.
    pub(crate) touched: Timestamp,
    /// What it pulls: [`mapped`] when it began. Another filter or field needs a run of its own, or the watermark
    /// would pass what this one never asked for.
    pub(crate) mapped: u64,
    /// The store's revision when the run began: what has not been met since is unseen.
    pub(crate) since: u64,
    /// Still to do, the current one first.
    pub(crate) objects: Vec<ObjectName>,
    pub(crate) stage: Stage,
    /// The start of the window, when only changes are read.
    pub(crate) low: Option<Timestamp>,
    /// The wide overlap is read.
    pub(crate) trailing: bool,
    /// The highest SystemModstamp that any answer about the current object held.
    pub(crate) max_seen: Option<Timestamp>,
    /// The watermark to be: `max_seen` when the first lane was read to its end. Everything older was in the org
    /// when that lane was read, so every lane read later has met it.
    pub(crate) safe: Option<Timestamp>,
    /// Ended; the next look clears it.
    pub(crate) done: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    Sweep {
        /// Ids before this are in lanes or done.
        next: Next,
        lanes: Vec<Lane>,
        /// Rows of which only the light columns were read.
        pending: Vec<Pending>,
    },
    Unseen {
        after: Option<RecordKey>,
    },
}
impl Stage {
    pub(crate) fn start() -> Stage {
        Stage::Sweep { next: Next::After(None), lanes: Vec::new(), pending: Vec::new() }
    }
}
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Next {
    /// Known keys after this one.
    After(Option<RecordKey>),
    /// Ids of the scope from this place.
    From(usize),
    End,
}

/// One statement, page by page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lane {
    pub(crate) chunk: Chunk,
    /// Reads what changed and does *not* match the filter.
    pub(crate) leavers: bool,
    pub(crate) resume: Option<Resume>,
}
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Chunk {
    Keys { after: Option<RecordKey>, upto: RecordKey },
    Ids { from: usize, to: usize },
}
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Resume {
    pub(crate) stamp: Option<Timestamp>,
    pub(crate) id: SfId,
}
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) id: SfId,
    /// What the light statement gave: paths to parents.
    pub(crate) light: Fields,
    pub(crate) left: bool,
}

/// Which ids a sweep of an object is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Source {
    /// The field of the IN list: `Id`, or the lookup of a child.
    pub(crate) by: FieldName,
    /// `None`: the ids of the scope; otherwise the known records of this object.
    pub(crate) known: Option<ObjectName>,
}

/// The objects of a scope, parents first.
pub(crate) fn objects(
    scope: &Scope,
    own: Option<&ObjectName>,
    mapping: &Mapping,
    schema: &Schema,
) -> Vec<ObjectName> {
    let all = mapping.objects.iter();
    match (scope, own) {
        (Scope::Record(_) | Scope::Import { .. }, Some(own)) => all
            .filter(|o| o.object == *own || parent_of(o, mapping, schema).as_ref() == Some(own))
            .map(|o| o.object.clone())
            .collect(),
        _ => all.map(|o| o.object.clone()).collect(),
    }
}
pub(crate) fn parent_of(object: &ObjectMapping, mapping: &Mapping, schema: &Schema) -> Option<ObjectName> {
    parent_object(object, mapping, schema.get(&object.object)?)
}
pub(crate) fn source(
    scope: &Scope,
    own: Option<&ObjectName>,
    object: &ObjectMapping,
    mapping: &Mapping,
    schema: &Schema,
) -> Source {
    let id = FieldName::from_static("Id");
    let lookup = object.parent.clone().filter(|_| own != Some(&object.object));
    let by_scope = matches!(scope, Scope::Record(_) | Scope::Import { .. });
    match lookup {
        None if by_scope => Source { by: id, known: None },
        None => Source { by: id, known: Some(object.object.clone()) },
        Some(lookup) if by_scope => Source { by: lookup, known: None },
        Some(lookup) => Source { by: lookup, known: parent_of(object, mapping, schema) },
    }
}
/// The ids a scope names itself.
pub(crate) fn scope_ids(scope: &Scope) -> Vec<SfId> {
    match scope {
        Scope::Record(key) => key.id().into_iter().collect(),
        Scope::Import { ids, .. } => ids.clone(),
        _ => Vec::new(),
    }
}

/// Where the run of a scope is kept.
pub(crate) fn run_key(scope: &Scope) -> ScopeKey {
    ScopeKey(match scope {
        Scope::Changed => "run/changed".into(),
        Scope::Known => "run/known".into(),
        Scope::Record(key) => format!("run/record/{key}"),
        Scope::Import { object, ids } => {
            let mut hash = Fnv::default();
            ids.iter().for_each(|id| hash.eat(id.as_str().as_bytes()));
            format!("run/import/{object}/{}/{:016x}", ids.len(), hash.0)
        }
    })
}
/// Where the watermark of an object is kept: another filter or another list of fields has its own.
pub(crate) fn watermark_key(object: &ObjectMapping) -> ScopeKey {
    let mut hash = Fnv::default();
    hash.eat(object.filter.as_deref().unwrap_or_default().as_bytes());
    hash.eat(object.parent.as_ref().map_or("", |p| p.as_str()).as_bytes());
    let mut fields: Vec<String> =
        object.fields.iter().map(|f| f.field.as_str().to_ascii_lowercase()).collect();
    fields.sort();
    fields.iter().for_each(|f| {
        hash.eat(b"\n");
        hash.eat(f.as_bytes());
    });
    ScopeKey(format!("watermark/{}/{:016x}", object.object, hash.0))
}

/// One number for everything a mapping asks the org for.
pub(crate) fn mapped(mapping: &Mapping) -> u64 {
    let mut hash = Fnv::default();
    mapping.objects.iter().for_each(|o| {
        hash.eat(watermark_key(o).0.as_bytes());
        hash.eat(b"\n");
    });
    hash.0
}

impl Run {
    pub(crate) fn start(objects: Vec<ObjectName>, mapping: &Mapping, since: u64, now: Timestamp) -> Run {
        Run {
            position: since,
            touched: now,
            mapped: mapped(mapping),
            since,
            done: objects.is_empty(),
            objects,
            stage: Stage::start(),
            low: None,
            trailing: false,
            max_seen: None,
            safe: None,
        }
    }
    /// These rows must be read again. `ids`: what was asked, when it was rows by their ids.
    pub(crate) fn read_again(&mut self, mut again: Vec<Pending>, moved: &[RecordKey], ids: &[SfId]) {
        match &mut self.stage {
            Stage::Sweep { pending, .. } => pending.append(&mut again),
            Stage::Unseen { after } => {
                // They stay unseen: the next look begins before the first of them.
                let open =
                    |id: &SfId| moved.contains(&RecordKey::Id(*id)) || again.iter().any(|p| p.id == *id);
                let met = ids.iter().position(open).unwrap_or(ids.len());
                *after = ids[..met].last().copied().map(RecordKey::Id).or(*after);
            }
        }
    }
    /// One page further.
    pub(crate) fn moved(&mut self, now: Timestamp) {
        self.position += 1;
        self.touched = now;
    }
    /// Whether a step asks what this run asks now. Answers are matched to rows and lanes by their place.
    pub(crate) fn awaits(&self, step: &Step) -> bool {
        match (&self.stage, step) {
            (Stage::Sweep { pending, .. }, Step::Retrieve { ids, .. }) => {
                ids.len() <= pending.len() && ids.iter().eq(pending.iter().take(ids.len()).map(|p| &p.id))
            }
            (Stage::Sweep { lanes, pending, .. }, Step::Query { batch, .. }) => {
                pending.is_empty() && batch.len() == lanes.len()
            }
            (Stage::Unseen { .. }, Step::Retrieve { .. }) => true,
            _ => false,
        }
    }
    pub(crate) fn saw(&mut self, stamp: Option<Timestamp>) {
        self.max_seen = self.max_seen.max(stamp);
    }
    /// A lane was read to its end.
    pub(crate) fn lane_ended(&mut self) {
        if self.safe.is_none() {
            self.safe = self.max_seen;
        }
    }
}
