//! `commit`: guard, writes and projection of one change set, inside a transaction that the caller ends.

use super::{
    builder::Settings,
    error::sqlite,
    load::counters,
    row::{self, key_text, life_number, phase_number, signed, status_number, to_json, unsigned},
    schema::Tables,
    thread::panicked,
};
use crate::{
    Error, ErrorKind, RecordKey, Result, VisibleChange,
    store::{ChangeSet, Committed, EntryState, Guard, RecordState, ScopeState, StoreWrite},
};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use sf_core::Timestamp;
use std::{
    collections::BTreeMap,
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
    indexed: Indexed,
}

/// Columns that indexes follow: written only when they change.
#[derive(Clone, PartialEq)]
struct Indexed {
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
            if !statement.exists([attempt.to_string()]).map_err(sqlite)? {
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
        // Records whose entries change, and whether one of these is open for certain.
        let mut touched: BTreeMap<i64, bool> = BTreeMap::new();
        for write in writes {
            match write {
                StoreWrite::Record(record) => self.put_record(record)?,
                StoreWrite::Entry(entry) => {
                    *touched.entry(self.put_entry(entry)?).or_default() = entry.closed.is_none();
                    self.next_change = self.next_change.max(entry.id.0.saturating_add(1));
                }
                StoreWrite::Seen(keys) => {
                    let mut seen = self.db.prepare_cached(&self.tables.seen).map_err(sqlite)?;
                    for key in keys {
                        seen.execute(params![key_text(key), signed(self.rev)]).map_err(sqlite)?;
                    }
                }
                StoreWrite::OpenAttempt(attempt) => {
                    self.run(&self.tables.open_attempt, params![attempt.id.to_string(), to_json(attempt)?])?;
                }
                StoreWrite::CloseAttempt(id) => self.run(&self.tables.close_attempt, [id.to_string()])?,
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
        for (n, open) in touched {
            let sql = if open { &self.tables.touch_open } else { &self.tables.touch };
            self.run(sql, [n, signed(self.rev)])?;
        }
        self.run(&self.tables.set_counters, [signed(self.rev), signed(self.next_change)])
    }

    fn put_record(&mut self, record: &RecordState) -> Result<()> {
        let suspects = (!record.suspects.is_empty()).then(|| to_json(&record.suspects)).transpose()?;
        let shadow = record.shadow.as_ref().map(to_json).transpose()?;
        let (life, stamp) = (life_number(record.life), record.stamp.map(Timestamp::millis));
        let (rev, digest) = (signed(self.rev), signed(record.digest));
        let new = Indexed {
            object: record.object.as_str().to_owned(),
            parent: record.parent.map(|p| key_text(&p).to_owned()),
            check_due: record.check_due.map(Timestamp::millis),
        };
        let n = match self.find(&record.key)? {
            None => {
                self.run(
                    &self.tables.insert_record,
                    params![
                        key_text(&record.key),
                        new.object,
                        new.parent,
                        rev,
                        life,
                        stamp,
                        digest,
                        new.check_due,
                        suspects,
                        shadow
                    ],
                )?;
                self.db.last_insert_rowid()
            }
            Some(Place { n, indexed, .. }) => {
                self.run(&self.tables.update_record, params![n, rev, life, stamp, digest, suspects, shadow])?;
                if indexed != new {
                    self.run(&self.tables.update_indexed, params![n, new.object, new.parent, new.check_due])?;
                }
                n
            }
        };
        self.places.insert(record.key, Some(Place { n, rev: self.rev, indexed: new }));
        Ok(())
    }

    /// The row number of the entry's record.
    fn put_entry(&mut self, entry: &EntryState) -> Result<i64> {
        let Some(place) = self.find(&entry.record)? else {
            return Err(Error::new(
                ErrorKind::Store,
                format!("change {} belongs to {}, which the store does not know", entry.id, entry.record),
            ));
        };
        let mut statement = self.db.prepare_cached(&self.tables.put_entry).map_err(sqlite)?;
        let written = statement
            .execute(params![
                signed(entry.id.0),
                place.n,
                status_number(entry.status),
                phase_number(entry.phase),
                entry.due.map(Timestamp::millis),
                entry.survivor.map(|id| signed(id.0)),
                entry.closed.map(Timestamp::millis),
                to_json(entry)?,
            ])
            .map_err(sqlite)?;
        if written == 0 {
            return Err(Error::new(
                ErrorKind::Store,
                format!("change {} exists already, for another record than {}", entry.id, entry.record),
            ));
        }
        Ok(place.n)
    }

    fn find(&mut self, key: &RecordKey) -> Result<Option<Place>> {
        if let Some(known) = self.places.get(key) {
            return Ok(known.clone());
        }
        let mut statement = self.db.prepare_cached(&self.tables.place).map_err(sqlite)?;
        let found = place(&mut statement, key)?;
        self.places.insert(*key, found.clone());
        Ok(found)
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

fn place(statement: &mut CachedStatement<'_>, key: &RecordKey) -> Result<Option<Place>> {
    let mut rows = statement.query([key_text(key)]).map_err(sqlite)?;
    let Some(row) = rows.next().map_err(sqlite)? else { return Ok(None) };
    Ok(Some(Place {
        n: row::integer(row, 0)?,
        rev: unsigned(row::integer(row, 1)?),
        indexed: Indexed {
            object: row::text(row, 2)?.to_owned(),
            parent: row::optional_text(row, 3)?.map(str::to_owned),
            check_due: row.get(4).map_err(sqlite)?,
        },
    }))
}
