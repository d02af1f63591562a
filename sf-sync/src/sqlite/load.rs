//! `load`: what a selection asks for, from one committed state.

use super::{
    error::sqlite,
    row::{self, Head, from_json, key_text, phase_number, signed, text, to_json, unsigned},
    schema::Tables,
};
use crate::{
    ChangeId, RecordKey, Result,
    store::{
        AttemptFilter, Depth, DueFilter, EntryState, KnownFilter, NextDue, Phase, ScopeState, Selection,
        UnseenFilter, View,
    },
};
use rusqlite::{Connection, Params, params};
use sf_core::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// With more parents than this, walking the object's records once is cheaper than one look-up per parent.
const FEW_PARENTS: usize = 200;

pub(super) fn load(db: &Connection, tables: &Tables, what: &Selection) -> Result<View> {
    let mut view = View::default();
    (view.rev, view.next_change) = counters(db, tables)?;

    let mut records = Records { db, tables, list: Vec::new(), places: BTreeMap::new() };
    records.keys(&what.keys, what.depth)?;
    if !what.changes.is_empty() {
        let (entries, owners) = entries(db, tables, &what.changes)?;
        view.entries = entries;
        for n in owners {
            records.all(&tables.head_by_n, [n], Depth::Full)?;
        }
    }
    if let Some(DueFilter { by, limit }) = what.due {
        records.all(&tables.due, params![by.millis(), limit], Depth::Full)?;
    }
    if let Some(filter) = &what.known {
        records.known(filter, what.depth)?;
    }
    if let Some(filter) = &what.unseen {
        records.unseen(filter)?;
    }
    view.records = records.finish()?;

    if let Some(filter) = &what.attempts {
        let found = match filter {
            AttemptFilter::Open => bodies(db, &tables.attempts, [])?,
            AttemptFilter::Of(id) => bodies(db, &tables.attempt, [id.to_string()])?,
        };
        view.attempts = found.iter().map(|t| from_json("attempt", t)).collect::<Result<_>>()?;
    }
    for key in &what.scopes {
        let mut statement = db.prepare_cached(&tables.scope).map_err(sqlite)?;
        let mut rows = statement.query([&key.0]).map_err(sqlite)?;
        if let Some(found) = rows.next().map_err(sqlite)? {
            let mut scope: ScopeState = from_json("watermark", text(found, 1)?)?;
            scope.rev = unsigned(row::integer(found, 0)?);
            view.scopes.push(scope);
        }
    }
    if what.config {
        let found = bodies(db, &tables.config, [])?;
        view.config = found.first().map(|t| from_json("configuration", t)).transpose()?;
    }
    for name in &what.documents {
        if let Some(content) = bodies(db, &tables.document, [name])?.first() {
            view.documents.insert(name.clone(), from_json("document", content)?);
        }
    }
    if what.next_due {
        view.next_due = next_due(db, tables)?;
    }
    Ok(view)
}

pub(super) fn counters(db: &Connection, tables: &Tables) -> Result<(u64, u64)> {
    let mut statement = db.prepare_cached(&tables.counters).map_err(sqlite)?;
    let read = |r: &rusqlite::Row<'_>| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?));
    let (rev, next) = statement.query_row([], read).map_err(sqlite)?;
    Ok((unsigned(rev), unsigned(next)))
}

/// The first column of every row, as text.
fn bodies(db: &Connection, sql: &str, params: impl Params) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached(sql).map_err(sqlite)?;
    let mut rows = statement.query(params).map_err(sqlite)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite)? {
        found.push(text(row, 0)?.to_owned());
    }
    Ok(found)
}

/// The asked entries and those they superseded, by id, and the rows of their records in the order of the entries.
fn entries(db: &Connection, tables: &Tables, asked: &[ChangeId]) -> Result<(Vec<EntryState>, Vec<i64>)> {
    let mut ids: BTreeSet<i64> = asked.iter().map(|id| signed(id.0)).collect();
    let mut older = db.prepare_cached(&tables.superseded_by).map_err(sqlite)?;
    for id in asked {
        let mut rows = older.query([signed(id.0)]).map_err(sqlite)?;
        while let Some(found) = rows.next().map_err(sqlite)? {
            ids.insert(row::integer(found, 0)?);
        }
    }
    let mut statement = db.prepare_cached(&tables.entry).map_err(sqlite)?;
    let (mut entries, mut owners) = (Vec::new(), Vec::new());
    for id in ids {
        let mut rows = statement.query([id]).map_err(sqlite)?;
        if let Some(found) = rows.next().map_err(sqlite)? {
            owners.push(row::integer(found, 0)?);
            entries.push(from_json("log entry", text(found, 1)?)?);
        }
    }
    Ok((entries, owners))
}

fn next_due(db: &Connection, tables: &Tables) -> Result<NextDue> {
    let mut statement = db.prepare_cached(&tables.next_due).map_err(sqlite)?;
    let mut earliest = |phase: Phase| -> Result<Option<Timestamp>> {
        let found: Option<i64> = statement.query_row([phase_number(phase)], |r| r.get(0)).map_err(sqlite)?;
        found.map(row::moment).transpose()
    };
    let (queued, retryable, verifying) =
        (earliest(Phase::Queued)?, earliest(Phase::Retryable)?, earliest(Phase::Verifying)?);
    let mut statement = db.prepare_cached(&tables.next_check).map_err(sqlite)?;
    let check: Option<i64> = statement.query_row([], |r| r.get(0)).map_err(sqlite)?;
    Ok(NextDue { queued, retryable, verifying, check: check.map(row::moment).transpose()? })
}

/// Collects records, each once and at the greatest depth asked for, then completes them.
struct Records<'c> {
    db: &'c Connection,
    tables: &'c Tables,
    list: Vec<(Head, Depth)>,
    places: BTreeMap<i64, usize>,
}

impl Records<'_> {
    fn keys(&mut self, keys: &[RecordKey], depth: Depth) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        self.list.reserve(keys.len());
        let mut statement = self.db.prepare_cached(&self.tables.head).map_err(sqlite)?;
        for key in keys {
            let mut rows = statement.query([key_text(key)]).map_err(sqlite)?;
            if let Some(found) = rows.next().map_err(sqlite)? {
                self.add(row::head(found)?, depth);
            }
        }
        Ok(())
    }

    fn all(&mut self, sql: &str, params: impl Params, depth: Depth) -> Result<()> {
        let mut statement = self.db.prepare_cached(sql).map_err(sqlite)?;
        let mut rows = statement.query(params).map_err(sqlite)?;
        while let Some(found) = rows.next().map_err(sqlite)? {
            self.add(row::head(found)?, depth);
        }
        Ok(())
    }

    fn known(&mut self, filter: &KnownFilter, depth: Depth) -> Result<()> {
        let object = filter.object.as_str();
        let after = filter.after.as_ref().map_or("", key_text);
        let upto = filter.upto.as_ref().map_or(LAST, key_text);
        match Parents::of(&filter.parents)? {
            Parents::All => self.all(&self.tables.known, params![object, after, upto, filter.limit], depth),
            Parents::Few(json) => {
                self.all(&self.tables.known_few, params![object, after, upto, filter.limit, json], depth)
            }
            Parents::Many(json) => {
                self.all(&self.tables.known_many, params![object, after, upto, filter.limit, json], depth)
            }
        }
    }

    fn unseen(&mut self, filter: &UnseenFilter) -> Result<()> {
        let object = filter.object.as_str();
        let after = filter.after.as_ref().map_or("", key_text);
        // `seen` is a commit number and so far below i64::MAX; a caller's "all" need not be.
        let since = i64::try_from(filter.since).unwrap_or(i64::MAX);
        let (sql, json) = match Parents::of(&filter.parents)? {
            Parents::All => {
                let params = params![object, after, since, filter.limit];
                return self.all(&self.tables.unseen, params, Depth::Heads);
            }
            Parents::Few(json) => (&self.tables.unseen_few, json),
            Parents::Many(json) => (&self.tables.unseen_many, json),
        };
        self.all(sql, params![object, after, since, filter.limit, json], Depth::Heads)
    }

    fn add(&mut self, head: Head, depth: Depth) {
        let next = self.list.len();
        let place = *self.places.entry(head.n).or_insert(next);
        match self.list.get_mut(place) {
            Some((_, had)) => *had = deeper(*had, depth),
            None => self.list.push((head, depth)),
        }
    }

    fn finish(mut self) -> Result<Vec<crate::store::RecordState>> {
        if self.list.iter().any(|(head, depth)| in_full(head, *depth)) {
            let mut rest = self.db.prepare_cached(&self.tables.rest).map_err(sqlite)?;
            let mut open = self.db.prepare_cached(&self.tables.open_entries).map_err(sqlite)?;
            for (head, depth) in &mut self.list {
                if !in_full(head, *depth) {
                    continue;
                }
                let mut rows = rest.query([head.n]).map_err(sqlite)?;
                if let Some(found) = rows.next().map_err(sqlite)? {
                    if let Some(suspects) = row::optional_text(found, 0)? {
                        head.state.suspects = from_json("record", suspects)?;
                    }
                    head.state.shadow =
                        row::optional_text(found, 1)?.map(|t| from_json("record", t)).transpose()?;
                }
                if head.state.has_open {
                    let mut rows = open.query([head.n]).map_err(sqlite)?;
                    while let Some(found) = rows.next().map_err(sqlite)? {
                        head.state.open.push(from_json("log entry", text(found, 0)?)?);
                    }
                }
            }
        }
        Ok(self.list.into_iter().map(|(head, _)| head.state).collect())
    }
}

/// After every key.
const LAST: &str = "\u{10ffff}";

enum Parents {
    All,
    Few(String),
    Many(String),
}

impl Parents {
    fn of(parents: &[RecordKey]) -> Result<Parents> {
        if parents.is_empty() {
            return Ok(Parents::All);
        }
        let keys: Vec<&str> = parents.iter().map(key_text).collect();
        let json = to_json(&keys)?;
        Ok(if keys.len() <= FEW_PARENTS { Parents::Few(json) } else { Parents::Many(json) })
    }
}

fn in_full(head: &Head, depth: Depth) -> bool {
    match depth {
        Depth::Heads => false,
        Depth::OpenInFull => head.state.has_open || head.has_suspects,
        Depth::Full => true,
    }
}

fn deeper(a: Depth, b: Depth) -> Depth {
    let rank = |d| match d {
        Depth::Heads => 0,
        Depth::OpenInFull => 1,
        Depth::Full => 2,
    };
    if rank(a) >= rank(b) { a } else { b }
}
