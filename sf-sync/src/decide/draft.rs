use super::values;
use crate::{
    ChangeId, Origin, Status, VisibleChange,
    store::{ChangeSet, EntryState, Life, Phase, RecordState, StoreWrite, Suspect},
};
use sf_core::{FieldName, Fields, Timestamp, Value};

/// A record being changed. It must have been loaded in full.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    before: RecordState,
    /// The record as it shall be. Entries that get closed stay in `open` until the draft is finished.
    pub(crate) record: RecordState,
    /// Closed entries that a decision changes too (what a revert undoes).
    before_closed: Vec<EntryState>,
    pub(crate) closed: Vec<EntryState>,
    seen: bool,
}

impl Draft {
    pub(crate) fn of(record: RecordState) -> Draft {
        Draft { before: record.clone(), record, before_closed: Vec::new(), closed: Vec::new(), seen: false }
    }
    /// With closed entries of this record that may change.
    pub(crate) fn with_closed(mut self, entries: &[EntryState]) -> Draft {
        for entry in entries {
            if entry.record == self.record.key && entry.closed.is_some() {
                self.before_closed.push(entry.clone());
                self.closed.push(entry.clone());
            }
        }
        self
    }
    /// A pull met it.
    pub(crate) fn mark_seen(&mut self) {
        self.seen = true;
    }

    pub(crate) fn shadow(&self, field: &FieldName) -> Value {
        self.record.shadow.as_ref().and_then(|s| s.get(field)).cloned().unwrap_or(Value::Null)
    }
    pub(crate) fn set_shadow(&mut self, field: &FieldName, value: Value) {
        let shadow = std::mem::take(&mut self.record.shadow).unwrap_or_default();
        self.record.shadow = Some(shadow.set(field.clone(), value));
    }

    /// Open entries of a field that no newer one took the place of, oldest first: at most one on its way to the org
    /// and at most one behind it.
    pub(crate) fn live(&self, field: &FieldName) -> Vec<ChangeId> {
        self.record
            .open
            .iter()
            .filter(|e| e.field == *field && e.closed.is_none() && e.phase != Phase::Superseded)
            .map(|e| e.id)
            .collect()
    }
    pub(crate) fn newest(&self, field: &FieldName) -> Option<&EntryState> {
        self.live(field).last().and_then(|id| self.entry(*id))
    }
    pub(crate) fn entry(&self, id: ChangeId) -> Option<&EntryState> {
        self.record.open.iter().find(|e| e.id == id)
    }
    pub(crate) fn edit(&mut self, id: ChangeId, change: impl FnOnce(&mut EntryState)) {
        if let Some(entry) = self.record.open.iter_mut().find(|e| e.id == id) {
            change(entry);
            let status = entry.status;
            self.follow(id, status, None);
        }
    }
    /// Live entries for which `wanted` holds.
    pub(crate) fn ids(&self, wanted: impl Fn(&EntryState) -> bool) -> Vec<ChangeId> {
        self.record
            .open
            .iter()
            .filter(|e| e.closed.is_none() && e.phase != Phase::Superseded && wanted(e))
            .map(|e| e.id)
            .collect()
    }

    /// Superseded entries show what becomes of their survivor, and close with it.
    fn follow(&mut self, survivor: ChangeId, status: Status, closed: Option<Timestamp>) {
        let mut survivors = vec![survivor];
        while let Some(of) = survivors.pop() {
            for entry in self.record.open.iter_mut().chain(self.closed.iter_mut()) {
                if entry.survivor == Some(of) {
                    entry.status = status;
                    if closed.is_some() {
                        entry.closed = closed;
                    }
                    survivors.push(entry.id);
                }
            }
        }
    }

    /// Values that may arrive late over a newer intent. Not those of a field with an open change: its own check before
    /// it is sent meets them.
    pub(crate) fn watched(&self) -> impl Iterator<Item = &Suspect> {
        self.record.suspects.iter().filter(|s| s.intent.is_some() && self.live(&s.field).is_empty())
    }

    /// Ends an entry, and everything it took the place of.
    pub(crate) fn close(&mut self, id: ChangeId, phase: Phase, now: Timestamp) {
        let status = if phase == Phase::Pushed { Status::Pushed } else { Status::Reverted };
        let Some(entry) = self.record.open.iter_mut().find(|e| e.id == id) else { return };
        entry.phase = phase;
        entry.status = status;
        entry.due = None;
        entry.closed = Some(now);
        if phase == Phase::Pushed {
            entry.failure = None;
        }
        let undone = if phase == Phase::Pushed { entry.undoes } else { None };
        // What stands behind a compensation was not pushed for good: it was taken back.
        self.follow(id, if undone.is_some() { Status::Reverted } else { status }, Some(now));
        if let Some(undone) = undone {
            let mut found = false;
            for original in self.closed.iter_mut().filter(|e| e.id == undone) {
                original.phase = Phase::Reverted;
                original.status = Status::Reverted;
                found = true;
            }
            if found {
                self.follow(undone, Status::Reverted, None);
            }
        }
    }
    /// `newer` takes the place of `older`: it stands on the same base, and may have been sent when that was.
    pub(crate) fn supersede(&mut self, older: ChangeId, newer: ChangeId) {
        let Some(old) = self.entry(older).cloned() else { return };
        if let Some(new) = self.record.open.iter_mut().find(|e| e.id == newer) {
            new.base = old.base;
            new.maybe_sent |= old.maybe_sent;
            new.checked = None;
            let status = new.status;
            if let Some(entry) = self.record.open.iter_mut().find(|e| e.id == older) {
                entry.phase = Phase::Superseded;
                entry.survivor = Some(newer);
                entry.due = None;
            }
            self.follow(newer, status, None);
        }
    }
    /// Closes an entry that would change nothing and was never sent. Not when the org moved away from its base: then it
    /// would change something.
    pub(crate) fn drop_net_zero(&mut self, id: ChangeId, now: Timestamp) -> bool {
        let zero = self.entry(id).is_some_and(|e| {
            e.closed.is_none()
                && e.new == e.base
                && self.shadow(&e.field) == e.base
                && !e.maybe_sent
                && e.phase != Phase::InFlight
                && e.phase != Phase::Verifying
        });
        if zero {
            self.close(id, Phase::Reverted, now);
        }
        zero
    }

    /// What the host sees: the org's last values, open changes over them.
    pub(crate) fn visible(record: &RecordState) -> Fields {
        let mut row = record.shadow.clone().unwrap_or_default();
        for entry in &record.open {
            if entry.closed.is_none() && entry.phase != Phase::Superseded {
                row = row.set(entry.field.clone(), entry.new.clone());
            }
        }
        row
    }

    /// The writes that make it so. Nothing when nothing changed.
    pub(crate) fn finish(mut self, origin: Origin, out: &mut ChangeSet) -> bool {
        self.record.check_due = self.watched().map(|s| s.until).min();
        self.record.digest = values::digest(self.record.shadow.as_ref());
        let fresh = self.before.rev == 0;
        let mut writes = Vec::new();
        if fresh || differs(&self.before, &self.record) {
            let mut columns = self.record.clone();
            columns.open.clear();
            writes.push(StoreWrite::Record(columns));
        }
        let known = |id: ChangeId| self.before.open.iter().chain(&self.before_closed).find(|e| e.id == id);
        for entry in self.record.open.iter().chain(&self.closed) {
            if known(entry.id) != Some(entry) {
                writes.push(StoreWrite::Entry(entry.clone()));
            }
        }
        if self.seen && !fresh {
            out.writes.push(StoreWrite::Seen(vec![self.record.key]));
        }
        if writes.is_empty() {
            return false;
        }
        out.guard.revs.push((self.before.key, self.before.rev));
        out.writes.append(&mut writes);
        self.tell(origin, fresh, out);
        true
    }
    fn tell(&self, origin: Origin, fresh: bool, out: &mut ChangeSet) {
        let (old, row) = (Draft::visible(&self.before), Draft::visible(&self.record));
        let mut changed: Vec<FieldName> = Vec::new();
        for (name, value) in row.iter() {
            if old.get(name) != Some(value) && !(old.get(name).is_none() && value.is_null() && !fresh) {
                changed.push(name.clone());
            }
        }
        if changed.is_empty() && !fresh && self.before.life == self.record.life {
            return;
        }
        out.visible.push(VisibleChange {
            record: self.record.key,
            object: self.record.object.clone(),
            id: self.record.key.id(),
            origin,
            changed,
            row,
            gone: self.record.life != Life::Live,
        });
    }
}

fn differs(a: &RecordState, b: &RecordState) -> bool {
    a.parent != b.parent
        || a.life != b.life
        || a.stamp != b.stamp
        || a.check_due != b.check_due
        || a.digest != b.digest
        || a.suspects != b.suspects
        || a.object != b.object
}

/// Finishes drafts into one change set.
pub(crate) fn collect(drafts: impl IntoIterator<Item = Draft>, origin: Origin) -> ChangeSet {
    let mut out = ChangeSet::default();
    for draft in drafts {
        draft.finish(origin, &mut out);
    }
    merge_seen(&mut out);
    out
}
/// One mark for all records of a page instead of one each.
fn merge_seen(out: &mut ChangeSet) {
    let mut keys = Vec::new();
    out.writes.retain_mut(|write| match write {
        StoreWrite::Seen(some) => {
            keys.append(some);
            false
        }
        _ => true,
    });
    if !keys.is_empty() {
        out.writes.push(StoreWrite::Seen(keys));
    }
}
