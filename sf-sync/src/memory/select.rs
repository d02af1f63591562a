//! What a selection asks for.

use super::state::State;
use crate::{
    ChangeFilter, ChangeId, ChangePage, RecordKey,
    store::{AttemptFilter, Depth, EntryState, Life, NextDue, Phase, RecordState, Selection, View},
};
use sf_core::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

pub(super) fn load(state: &State, what: &Selection) -> View {
    let mut view = View { rev: state.rev, next_change: state.next_change, ..View::default() };
    let mut picked = Picked::default();
    for key in &what.keys {
        picked.add(*key, what.depth);
    }
    for id in changes_asked(state, &what.changes) {
        if let Some(entry) = state.entries.get(&id) {
            picked.add(entry.record, Depth::Full);
            view.entries.push(entry.clone());
        }
    }
    if let Some(due) = what.due {
        for (_, key) in due_records(state, due.by).into_iter().take(due.limit as usize) {
            picked.add(key, Depth::Full);
        }
    }
    if let Some(known) = &what.known {
        let parents: BTreeSet<RecordKey> = known.parents.iter().copied().collect();
        let page = after(state, known.after)
            .take_while(|r| known.upto.is_none_or(|upto| r.key <= upto))
            .filter(|r| r.object == known.object && is_child(r, &parents));
        for record in page.take(known.limit as usize) {
            picked.add(record.key, what.depth);
        }
    }
    if let Some(unseen) = &what.unseen {
        let parents: BTreeSet<RecordKey> = unseen.parents.iter().copied().collect();
        let page = after(state, unseen.after)
            .filter(|r| r.object == unseen.object && r.life == Life::Live && r.seen <= unseen.since)
            .filter(|r| is_child(r, &parents));
        for record in page.take(unseen.limit as usize) {
            picked.add(record.key, Depth::Heads);
        }
    }
    view.records = picked
        .order
        .iter()
        .filter_map(|(key, depth)| Some(shown(state, state.records.get(key)?, *depth)))
        .collect();

    match &what.attempts {
        Some(AttemptFilter::Open) => view.attempts.clone_from(&state.attempts),
        Some(AttemptFilter::Of(id)) => view.attempts.extend(state.attempt(*id).cloned()),
        None => {}
    }
    view.scopes = what.scopes.iter().filter_map(|key| state.scopes.get(key).cloned()).collect();
    if what.config {
        view.config = state.configs.values().next_back().cloned();
    }
    for name in &what.documents {
        if let Some(content) = state.documents.get(name) {
            view.documents.insert(name.clone(), content.clone());
        }
    }
    if what.next_due {
        view.next_due = next_due(state);
    }
    view
}

/// Each record once, at the greatest depth asked for, in the order it was first asked for.
#[derive(Default)]
struct Picked {
    order: Vec<(RecordKey, Depth)>,
    places: BTreeMap<RecordKey, usize>,
}

impl Picked {
    fn add(&mut self, key: RecordKey, depth: Depth) {
        let next = self.order.len();
        let place = *self.places.entry(key).or_insert(next);
        match self.order.get_mut(place) {
            Some((_, had)) => {
                if matches!((*had, depth), (Depth::Heads, _) | (_, Depth::Full)) {
                    *had = depth;
                }
            }
            None => self.order.push((key, depth)),
        }
    }
}

fn shown(state: &State, record: &RecordState, depth: Depth) -> RecordState {
    let full = match depth {
        Depth::Heads => false,
        Depth::OpenInFull => record.has_open || !record.suspects.is_empty(),
        Depth::Full => true,
    };
    let mut copy = RecordState {
        shadow: None,
        suspects: Vec::new(),
        open: Vec::new(),
        object: record.object.clone(),
        ..*record
    };
    if full {
        copy.shadow.clone_from(&record.shadow);
        copy.suspects.clone_from(&record.suspects);
        copy.open = state.open_of(record.key).cloned().collect();
    }
    copy
}

fn after(state: &State, after: Option<RecordKey>) -> impl Iterator<Item = &RecordState> {
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    state.records.range((from, Bound::Unbounded)).map(|(_, r)| r)
}

fn is_child(record: &RecordState, parents: &BTreeSet<RecordKey>) -> bool {
    parents.is_empty() || record.parent.is_some_and(|p| parents.contains(&p))
}

/// The asked entries and those they superseded.
fn changes_asked(state: &State, asked: &[ChangeId]) -> BTreeSet<ChangeId> {
    let mut ids: BTreeSet<ChangeId> = asked.iter().copied().collect();
    for id in asked {
        // A survivor and what it superseded are of one record.
        let siblings = state.entries.get(id).and_then(|e| state.of_record.get(&e.record));
        ids.extend(
            siblings
                .into_iter()
                .flatten()
                .filter(|other| state.entries.get(other).is_some_and(|e| e.survivor == Some(*id))),
        );
    }
    ids
}

fn open_entries(state: &State) -> impl Iterator<Item = &EntryState> {
    state.open.iter().filter_map(|(_, id)| state.entries.get(id))
}

fn due_records(state: &State, by: Timestamp) -> BTreeSet<(Timestamp, RecordKey)> {
    let entries = open_entries(state).filter_map(|e| Some((e.record, e.due?)));
    let checks = state.records.values().filter_map(|r| Some((r.key, r.check_due?)));
    let mut first: BTreeMap<RecordKey, Timestamp> = BTreeMap::new();
    for (key, at) in entries.chain(checks).filter(|(_, at)| *at <= by) {
        let earliest = first.entry(key).or_insert(at);
        *earliest = at.min(*earliest);
    }
    first.into_iter().map(|(key, at)| (at, key)).collect()
}

fn next_due(state: &State) -> NextDue {
    let earliest =
        |phase: Phase| open_entries(state).filter(|e| e.phase == phase).filter_map(|e| e.due).min();
    NextDue {
        queued: earliest(Phase::Queued),
        retryable: earliest(Phase::Retryable),
        verifying: earliest(Phase::Verifying),
        check: state.records.values().filter_map(|r| r.check_due).min(),
    }
}

pub(super) fn changes(state: &State, filter: &ChangeFilter) -> ChangePage {
    let from = filter.after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut lines = state
        .entries
        .range((from, Bound::Unbounded))
        .map(|(_, e)| e)
        .filter(|e| filter.record.is_none_or(|key| e.record == key))
        .filter(|e| filter.status.is_empty() || filter.status.contains(&e.status));
    let limit = if filter.limit == 0 { usize::MAX } else { filter.limit as usize };
    let page: Vec<_> = lines.by_ref().take(limit).map(EntryState::to_change).collect();
    let next = if lines.next().is_some() { page.last().map(|c| c.id) } else { None };
    ChangePage::new(page, next)
}
