//! The change log: pages of it, and its end.

use super::{
    error::sqlite,
    row::{from_json, key_text, signed, status_number, text},
    schema::Tables,
};
use crate::{ChangeFilter, ChangePage, Result, store::EntryState};
use rusqlite::{Connection, params, params_from_iter, types::Value};
use sf_core::Timestamp;

pub(super) fn changes(db: &Connection, tables: &Tables, filter: &ChangeFilter) -> Result<ChangePage> {
    let mut sql = tables.changes.clone();
    let mut values = vec![Value::Integer(filter.after.map_or(0, |id| signed(id.0)))];
    if let Some(record) = &filter.record {
        sql.push_str(&tables.sql(" AND record = (SELECT n FROM {p}record WHERE key = ?2)"));
        values.push(Value::Text(key_text(record).to_owned()));
    }
    if !filter.status.is_empty() {
        let mut wanted: Vec<i64> = filter.status.iter().map(|s| status_number(*s)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        // Literals, so that SQLite sees that the index of the open ones will do.
        let list: Vec<String> = wanted.iter().map(i64::to_string).collect();
        sql.push_str(&format!(" AND status IN ({})", list.join(", ")));
        if wanted.iter().all(|s| *s < 2) {
            sql.push_str(" AND status < 2");
        }
    }
    // One more than asked for: whether there is a next page.
    let limit = match filter.limit {
        0 => i64::MAX,
        n => i64::from(n) + 1,
    };
    sql.push_str(&format!(" ORDER BY id LIMIT {limit}"));

    let mut statement = db.prepare_cached(&sql).map_err(sqlite)?;
    let mut rows = statement.query(params_from_iter(values)).map_err(sqlite)?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite)? {
        let entry: EntryState = from_json("log entry", text(row, 0)?)?;
        changes.push(entry.to_change());
    }
    let more = filter.limit > 0 && changes.len() > filter.limit as usize;
    if more {
        changes.pop();
    }
    let next = if more { changes.last().map(|c| c.id) } else { None };
    Ok(ChangePage::new(changes, next))
}

pub(super) fn prune(db: &Connection, tables: &Tables, closed_before: Timestamp, limit: u32) -> Result<u64> {
    let mut statement = db.prepare_cached(&tables.prune).map_err(sqlite)?;
    let gone = statement.execute(params![closed_before.millis(), limit]).map_err(sqlite)?;
    Ok(gone as u64)
}
