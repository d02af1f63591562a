//! Between columns and values.

use super::error::{sqlite, unreadable};
use crate::{
    Error, ErrorKind, RecordKey, Result, Status,
    change::where_json_fails,
    store::{Life, Phase, RecordState},
};
use rusqlite::{Row, types::ValueRef};
use serde::{Serialize, de::DeserializeOwned};
use sf_core::{ObjectName, Timestamp};

/// A key as the tables hold it. Sorts as keys do.
pub(super) fn key_text(key: &RecordKey) -> &str {
    match key {
        RecordKey::Id(id) => id.as_str(),
    }
}

pub(super) fn key(text: &str) -> Result<RecordKey> {
    text.parse().map_err(|e: Error| unreadable("record key", text).with_source(e))
}

pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| {
        Error::new(ErrorKind::Store, format!("a value cannot be written as JSON: {e}")).with_source(e)
    })
}

pub(super) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| unreadable(what, where_json_fails(&e)))
}

pub(super) fn moment(millis: i64) -> Result<Timestamp> {
    Timestamp::from_millis(millis).ok_or_else(|| unreadable("moment", millis))
}

/// SQLite's integers are signed: a number above `i64::MAX` keeps its bits.
pub(super) fn signed(n: u64) -> i64 {
    i64::from_ne_bytes(n.to_ne_bytes())
}

pub(super) fn unsigned(n: i64) -> u64 {
    u64::from_ne_bytes(n.to_ne_bytes())
}

/// What the head columns of a record say.
pub(super) struct Head {
    /// Its row number.
    pub(super) n: i64,
    pub(super) has_suspects: bool,
    pub(super) state: RecordState,
}

pub(super) fn head(row: &Row<'_>) -> Result<Head> {
    let object = ObjectName::new(text(row, 2)?).map_err(|e| unreadable("object name", e))?;
    let mut state = RecordState::new(key(text(row, 1)?)?, object);
    state.parent = optional_text(row, 3)?.map(key).transpose()?;
    state.rev = unsigned(integer(row, 4)?);
    state.seen = unsigned(integer(row, 5)?);
    state.has_open = integer(row, 6)? != 0;
    state.life = life(integer(row, 7)?)?;
    state.stamp = optional_moment(row, 8)?;
    state.digest = unsigned(integer(row, 9)?);
    state.check_due = optional_moment(row, 10)?;
    Ok(Head { n: integer(row, 0)?, has_suspects: integer(row, 11)? != 0, state })
}

pub(super) fn integer(row: &Row<'_>, column: usize) -> Result<i64> {
    row.get(column).map_err(sqlite)
}

pub(super) fn optional_moment(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column).map_err(sqlite)?.map(moment).transpose()
}

/// Borrowed from SQLite's own buffer: most columns are parsed at once and need no copy.
pub(super) fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str> {
    optional_text(row, column)?.ok_or_else(|| unreadable("row", "NULL where text must be"))
}

pub(super) fn optional_text<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<&'r str>> {
    match row.get_ref(column).map_err(sqlite)? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map(Some).map_err(|e| unreadable("text", e)),
        other => Err(unreadable("text", format!("a value of type {}", other.data_type()))),
    }
}

pub(super) fn life_number(life: Life) -> i64 {
    match life {
        Life::Live => 0,
        Life::Gone => 1,
        Life::OutOfScope => 2,
    }
}

fn life(n: i64) -> Result<Life> {
    match n {
        0 => Ok(Life::Live),
        1 => Ok(Life::Gone),
        2 => Ok(Life::OutOfScope),
        _ => Err(unreadable("life", n)),
    }
}

/// The statements name these numbers, all of them where any open phase will do.
pub(super) fn phase_number(phase: Phase) -> i64 {
    match phase {
        Phase::Queued => 0,
        Phase::Retryable => 1,
        Phase::InFlight => 2,
        Phase::Verifying => 3,
        Phase::Pushed => 4,
        Phase::Permanent => 5,
        Phase::Conflict => 6,
        Phase::Reverted => 7,
        Phase::Superseded => 8,
    }
}

/// The two open ones come first: the index of open entries asks for `< 2`.
pub(super) fn status_number(status: Status) -> i64 {
    match status {
        Status::Pending => 0,
        Status::Failed => 1,
        Status::Pushed => 2,
        Status::Reverted => 3,
    }
}
