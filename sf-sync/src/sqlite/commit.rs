//! `commit`: guard, writes and projection of one change set, inside a transaction that the caller ends.

use super::{
    builder::Settings,
    error::sqlite,
    load::counters,
    row::{
        self, from_json, key_text, life_number, phase_number, signed, status_number, to_json, unsigned,
    },
    schema::Tables,
    thread::panicked,
};
use crate::{
    Error, ErrorKind, RecordKey, Result, VisibleChange,
    store::{ChangeSet, Committed, EntryState, Guard, RecordState, ScopeState, StoreWrite},
};
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
};

/// After an error rows may be half-written: the caller rolls back. `Stale` is known before the first write.
pub(super) fn commit(db: &Connection, settings: &Settings, changes: &ChangeSet) -> Result<Committed> {
    let mut writer = Writer::new(db, &settings.tables)?;
    if !writer.holds(&changes.guard)? {
        return Ok(Committed::Stale);
    }
    if !changes.writes.is_empty() {
        writer.write(&changes.writes)?;
    }
    if let Some(projection) = &settings.projection
        && !changes.visible.is_empty()
    {
        project(db, projection.as_ref(), &changes.visible)?;
    }
    Ok(Committed::Done { rev: writer.rev })
}

fn project(db: &Connection, projection: &dyn super::Projection, changes: &[VisibleChange]) -> Result<()> {
    match catch_unwind(AssertUnwindSafe(|| projection.apply(db, changes))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(e)) => {
            let text = format!("the projection refused the change: {e}");
            Err(Error::new(ErrorKind::Projection, text).with_source(e))
        }
        Err(panic) => Err(panicked("the projection", panic.as_ref())),
    }
}

/// What the tables say about a record before this commit.
#[derive(Clone)]
struct Place {
    n: i64,
    rev: u64,
    object: String,
    parent: Option<String>,
    check_due: Option<i64>,
}

struct Writer<'c> {
    db: &'c Connection,
    tables: &'c Tables,
    rev: u64,
    next_change: u64,
    /// Records looked up so far; `None`: no such record.
    places: BTreeMap<RecordKey, Option<Place>>,
}

impl<'c> Writer<'c> {
    fn new(db: &'c Connection, tables: &'c Tables) -> Result<Writer<'c>> {
        let (rev, next_change) = counters(db, tables)?;
        Ok(Writer { db, tables, rev, next_change, places: BTreeMap::new() })
    }

    fn holds(&mut self, guard: &Guard) -> Result<bool> {
        if guard.next_change.is_some_and(|n| n != self.next_change) {
            return Ok(false);
        }
        if let Some(attempt) = &guard.attempt {
            let mut statement = self.db.prepare_cached(&self.tables.attempt).map_err(sqlite)?;
            if !statement.exists([to_json(attempt)?]).map_err(sqlite)? {
                return Ok(false);
            }
        }
        for (key, rev) in &guard.scopes {
            let mut statement = self.db.prepare_cached(&self.tables.scope_rev).map_err(sqlite)?;
            let found: Option<i64> =
                statement.query_row([&key.0], |r| r.get(0)).optional().map_err(sqlite)?;
            if found.map_or(0, unsigned) != *rev {
                return Ok(false);
            }
        }
        let mut statement = self.db.prepare_cached(&self.tables.place).map_err(sqlite)?;
        for (key, rev) in &guard.revs {
            let found = place(&mut statement, key)?;
            if found.as_ref().map_or(0, |p| p.rev) != *rev {
                return Ok(false);
            }
            self.places.insert(*key, found);
        }
        Ok(true)
    }

    fn write(&mut self, writes: &[StoreWrite]) -> Result<()> {
        self.rev += 1;
        let mut touched = BTreeSet::new();
        for write in writes {
            match write {
                StoreWrite::Record(record) => records.put(record, &mut self.places)?,
                StoreWrite::Entry(entry) => {
                    touched.insert(records.put_entry(entry, &mut self.places)?);
                    self.next_change = self.next_change.max(entry.id.0.saturating_add(1));
                }
                StoreWrite::Seen(keys) => {
                    let mut seen = self.db.prepare_cached(&self.tables.seen).map_err(sqlite)?;
                    for key in keys {
                        seen.execute(params![key_text(key), signed(self.rev)]).map_err(sqlite)?;
                    }
                }
                StoreWrite::OpenAttempt(attempt) => {
                    self.run(&self.tables.open_attempt, params![to_json(&attempt.id)?, to_json(attempt)?])?;
                }
                StoreWrite::CloseAttempt(id) => self.run(&self.tables.close_attempt, [to_json(id)?])?,
                StoreWrite::Scope(scope) => self.put_scope(scope)?,
                StoreWrite::Config(version) => {
                    self.run(&self.tables.add_config, params![version.number, to_json(version)?])?;
                }
                StoreWrite::Document { name, content: Some(content) } => {
                    self.run(&self.tables.put_document, params![name, to_json(content)?])?;
                }
                StoreWrite::Document { name, content: None } => {
                    self.run(&self.tables.remove_document, [name])?;
                }
            }
        }
        for n in touched {
            self.run(&self.tables.touch, [n, signed(self.rev)])?;
        }
        self.run(&self.tables.set_counters, [signed(self.rev), signed(self.next_change)])
    }

    fn put_scope(&self, scope: &ScopeState) -> Result<()> {
        let mut stored = scope.clone();
        stored.rev = self.rev;
        self.run(&self.tables.put_scope, params![scope.key.0, signed(self.rev), to_json(&stored)?])
    }

    fn run(&self, sql: &str, params: impl rusqlite::Params) -> Result<()> {
        self.db.prepare_cached(sql).and_then(|mut s| s.execute(params)).map(drop).map_err(sqlite)
    }
}
