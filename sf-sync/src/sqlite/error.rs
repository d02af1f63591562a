//! What SQLite's result codes mean for somebody who runs the engine.

use crate::{Error, ErrorKind};
use rusqlite::ffi::ErrorCode;
use std::path::Path;

/// An error of a running store.
pub(super) fn sqlite(error: rusqlite::Error) -> Error {
    let kind = kind_of(&error);
    let text = match kind {
        ErrorKind::CorruptDatabase => format!("the database file is damaged: {error}"),
        ErrorKind::Busy => format!("another process or connection holds the database: {error}"),
        _ => format!("SQLite: {error}"),
    };
    let full = error.sqlite_error_code() == Some(ErrorCode::DiskFull);
    let found = Error::new(kind, text).with_source(error);
    if full {
        return found.with_next_step(
            "Make room on the disk that holds the database and try again; nothing of this step was saved.",
        );
    }
    found
}

/// An error while opening `path`: names the file.
pub(super) fn opening(path: &Path, error: rusqlite::Error) -> Error {
    let path = path.display();
    let kind = kind_of(&error);
    let text = match kind {
        ErrorKind::CorruptDatabase => format!("{path} is not a SQLite database, or it is damaged: {error}"),
        ErrorKind::Busy => format!("{path} is in use by another program: {error}"),
        _ => format!("cannot open {path}: {error}"),
    };
    Error::new(kind, text).with_source(error)
}

/// A stored value that this version cannot read: somebody else changed the tables, or the file is damaged.
pub(super) fn unreadable(what: &str, found: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::CorruptDatabase, format!("the database holds an unreadable {what}: {found}"))
}

pub(super) fn kind_of(error: &rusqlite::Error) -> ErrorKind {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => ErrorKind::CorruptDatabase,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ErrorKind::Busy,
        _ => ErrorKind::Store,
    }
}
