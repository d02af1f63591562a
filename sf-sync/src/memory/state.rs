//! What is stored, and how a change set changes it.

use crate::{
    ChangeId, ConfigVersion, Error, ErrorKind, RecordKey, Result, StepId,
    store::{
        AttemptState, ChangeSet, Committed, EntryState, Guard, RecordState, ScopeKey, ScopeState, StoreWrite,
    },
};
use sf_core::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) rev: u64,
    pub(super) next_change: u64,
    /// `open` of each is empty: entries are kept in `entries` only.
    pub(super) records: BTreeMap<RecordKey, RecordState>,
    pub(super) entries: BTreeMap<ChangeId, EntryState>,
    pub(super) of_record: BTreeMap<RecordKey, BTreeSet<ChangeId>>,
    pub(super) open: BTreeSet<(RecordKey, ChangeId)>,
    /// Oldest first.
    pub(super) attempts: Vec<AttemptState>,
    pub(super) scopes: BTreeMap<ScopeKey, ScopeState>,
    pub(super) configs: BTreeMap<u32, ConfigVersion>,
    pub(super) documents: BTreeMap<String, serde_json::Value>,
}

impl Default for State {
    fn default() -> State {
        State {
            rev: 0,
            next_change: 1,
            records: BTreeMap::new(),
            entries: BTreeMap::new(),
            of_record: BTreeMap::new(),
            open: BTreeSet::new(),
            attempts: Vec::new(),
            scopes: BTreeMap::new(),
            configs: BTreeMap::new(),
            documents: BTreeMap::new(),
        }
    }
}

impl State {
    pub(super) fn open_of(&self, key: RecordKey) -> impl Iterator<Item = &EntryState> {
        self.open
            .range((key, ChangeId(0))..=(key, ChangeId(u64::MAX)))
            .filter_map(|(_, id)| self.entries.get(id))
    }

    pub(super) fn commit(&mut self, changes: ChangeSet) -> Result<Committed> {
        if !self.holds(&changes.guard) {
            return Ok(Committed::Stale);
        }
        // Everything that can be refused is refused before the first write: all or nothing.
        self.check(&changes.writes)?;
        if !changes.writes.is_empty() {
            self.rev += 1;
        }
        for write in changes.writes {
            self.write(write);
        }
        Ok(Committed::Done { rev: self.rev })
    }

    fn holds(&self, guard: &Guard) -> bool {
        guard.next_change.is_none_or(|n| n == self.next_change)
            && guard.attempt.is_none_or(|id| self.attempt(id).is_some())
            && guard.revs.iter().all(|(key, rev)| self.records.get(key).map_or(0, |r| r.rev) == *rev)
            && guard.scopes.iter().all(|(key, rev)| self.scopes.get(key).map_or(0, |s| s.rev) == *rev)
    }

    pub(super) fn attempt(&self, id: StepId) -> Option<&AttemptState> {
        self.attempts.iter().find(|a| a.id == id)
    }

    fn check(&self, writes: &[StoreWrite]) -> Result<()> {
        let mut records = BTreeSet::new();
        let mut owners = BTreeMap::new();
        let mut versions = BTreeSet::new();
        let mut attempts: BTreeSet<StepId> = self.attempts.iter().map(|a| a.id).collect();
        let refused = |text: String| Err(Error::new(ErrorKind::Store, text));
        for write in writes {
            match write {
                StoreWrite::Record(record) => drop(records.insert(record.key)),
                StoreWrite::Entry(entry) => {
                    if !records.contains(&entry.record) && !self.records.contains_key(&entry.record) {
                        return refused(format!(
                            "change {} belongs to {}, which the store does not know",
                            entry.id, entry.record
                        ));
                    }
                    let stored = self.entries.get(&entry.id).map(|e| e.record);
                    let owner = *owners.entry(entry.id).or_insert(stored.unwrap_or(entry.record));
                    if owner != entry.record {
                        return refused(format!(
                            "change {} exists already, for another record than {}",
                            entry.id, entry.record
                        ));
                    }
                }
                StoreWrite::OpenAttempt(attempt) if !attempts.insert(attempt.id) => {
                    return refused(format!("attempt {} is open already", attempt.id));
                }
                StoreWrite::CloseAttempt(id) => drop(attempts.remove(id)),
                StoreWrite::Config(version)
                    if self.configs.contains_key(&version.number) || !versions.insert(version.number) =>
                {
                    return refused(format!("configuration version {} exists already", version.number));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn write(&mut self, write: StoreWrite) {
        match write {
            StoreWrite::Record(mut record) => {
                let old = self.records.get(&record.key);
                record.rev = self.rev;
                record.seen = old.map_or(self.rev, |o| o.seen);
                record.has_open = old.is_some_and(|o| o.has_open);
                record.open = Vec::new();
                self.records.insert(record.key, record);
            }
            StoreWrite::Entry(entry) => self.put_entry(entry),
            StoreWrite::Seen(keys) => {
                for key in keys {
                    if let Some(record) = self.records.get_mut(&key) {
                        record.seen = self.rev;
                    }
                }
            }
            StoreWrite::OpenAttempt(attempt) => self.attempts.push(attempt),
            StoreWrite::CloseAttempt(id) => self.attempts.retain(|a| a.id != id),
            StoreWrite::Scope(mut scope) => {
                scope.rev = self.rev;
                self.scopes.insert(scope.key.clone(), scope);
            }
            StoreWrite::Config(version) => drop(self.configs.insert(version.number, version)),
            StoreWrite::Document { name, content: Some(content) } => {
                drop(self.documents.insert(name, content));
            }
            StoreWrite::Document { name, content: None } => drop(self.documents.remove(&name)),
        }
    }

    fn put_entry(&mut self, entry: EntryState) {
        let (key, id) = (entry.record, entry.id);
        self.next_change = self.next_change.max(id.0.saturating_add(1));
        if entry.closed.is_none() {
            self.open.insert((key, id));
        } else {
            self.open.remove(&(key, id));
        }
        self.of_record.entry(key).or_default().insert(id);
        self.entries.insert(id, entry);
        let has_open = self.open_of(key).next().is_some();
        if let Some(record) = self.records.get_mut(&key) {
            record.rev = self.rev;
            record.has_open = has_open;
        }
    }

    pub(super) fn prune(&mut self, closed_before: Timestamp, limit: u32) -> u64 {
        let gone: Vec<(RecordKey, ChangeId)> = self
            .entries
            .values()
            .filter(|e| e.closed.is_some_and(|at| at < closed_before))
            .filter(|e| self.open_of(e.record).next().is_none())
            .map(|e| (e.record, e.id))
            .take(limit as usize)
            .collect();
        for (key, id) in &gone {
            self.entries.remove(id);
            if let Some(ids) = self.of_record.get_mut(key) {
                ids.remove(id);
            }
        }
        gone.len() as u64
    }
}
