//! Opening: whose file is it, is it whole, which schema does it have.

use super::{SqliteBuilder, error, schema, schema::Tables};
use crate::{Error, ErrorKind, Result};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::{
    fs, io,
    path::Path,
    time::{Duration, Instant},
};

/// `sfSy`: marks a file that this crate created.
pub(super) const APPLICATION_ID: i32 = 0x7366_5379;

/// Files up to this size are checked from end to end when they are opened (about a tenth of a second).
const CHECKED_BYTES: i64 = 64 << 20;

pub(super) fn file(path: &Path, tables: &Tables, options: &SqliteBuilder) -> Result<Connection> {
    create_private(path)?;
    whole_pages(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(|e| error::opening(path, e))?;
    if connection.is_readonly("main").map_err(|e| error::opening(path, e))? {
        return Err(unwritable(path, "it is read-only"));
    }
    let allowed = [0, APPLICATION_ID, options.application_id.unwrap_or(0)];
    prepare(&mut connection, tables, options, Some(&allowed)).map_err(|e| e.at(path))?;
    tighten(path, &connection)?;
    Ok(connection)
}

pub(super) fn connection(
    connection: &mut Connection,
    tables: &Tables,
    options: &SqliteBuilder,
) -> Result<()> {
    let path = connection.path().unwrap_or_default().to_owned();
    prepare(connection, tables, options, None).map_err(|e| e.at(Path::new(&path)))
}

/// What is wrong with a file, before its name is known.
enum Trouble {
    Sqlite(rusqlite::Error),
    Kind(ErrorKind, String),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Trouble {
        Trouble::Sqlite(error)
    }
}

impl Trouble {
    fn at(self, path: &Path) -> Error {
        match self {
            Trouble::Sqlite(error) => error::opening(path, error),
            Trouble::Kind(kind, text) => Error::new(kind, format!("{}: {text}", path.display())),
        }
    }
}

fn prepare(
    connection: &mut Connection,
    tables: &Tables,
    options: &SqliteBuilder,
    allowed: Option<&[i32]>,
) -> Result<(), Trouble> {
    connection.busy_timeout(options.busy_timeout)?;
    // Nothing is written before it is clear that the file is ours to write to.
    // One transaction, so that all its questions see one state: another process may be making the tables just now.
    let found = identify(&*connection.transaction()?, tables, allowed)?;
    if !matches!(found, Found::Nothing) {
        check(connection)?;
    }
    write_ahead(connection, options.busy_timeout)?;
    connection.pragma_update(None, "synchronous", options.synchronous.pragma())?;
    if found != Found::Engine(schema::VERSION) {
        migrate(connection, tables, allowed)?;
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// An empty file.
    Nothing,
    /// A database without our tables.
    Host,
    /// Our tables, in this version.
    Engine(i64),
}

fn identify(connection: &Connection, tables: &Tables, allowed: Option<&[i32]>) -> Result<Found, Trouble> {
    let application: i32 = connection.pragma_query_value(None, "application_id", |r| r.get(0))?;
    if allowed.is_some_and(|ids| !ids.contains(&application)) {
        return Err(Trouble::Kind(
            ErrorKind::OtherDatabase,
            format!("this database belongs to another program (application_id {application:#010x})"),
        ));
    }
    let version: i64 = connection.pragma_query_value(None, "user_version", |r| r.get(0))?;
    if application == APPLICATION_ID && version > schema::VERSION {
        return Err(newer(version));
    }
    if exists(connection, &tables.name("meta"))? {
        let stored = connection.query_row(&tables.schema_version, [], |r| r.get::<_, i64>(0));
        return match stored {
            Ok(stored) if stored > schema::VERSION => Err(newer(stored)),
            Ok(stored) if stored >= 1 => Ok(Found::Engine(stored)),
            Err(e) if matches!(error::kind_of(&e), ErrorKind::CorruptDatabase | ErrorKind::Busy) => {
                Err(e.into())
            }
            _ => Err(taken(tables)),
        };
    }
    for table in schema::TABLES {
        if exists(connection, &tables.name(table))? {
            return Err(taken(tables));
        }
    }
    let empty: bool =
        connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |r| r.get(0))?;
    let fresh = application == 0 && version == 0 && empty;
    Ok(if fresh { Found::Nothing } else { Found::Host })
}

fn exists(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = lower(?1))",
        [table],
        |r| r.get(0),
    )
}

fn newer(found: i64) -> Trouble {
    Trouble::Kind(
        ErrorKind::NewerDatabase,
        format!(
            "this database has schema version {found}, and this program reads up to version {}",
            schema::VERSION
        ),
    )
}

fn taken(tables: &Tables) -> Trouble {
    Trouble::Kind(
        ErrorKind::OtherDatabase,
        format!("this database has tables named `{}…` that the engine did not make", tables.prefix),
    )
}

fn check(connection: &Connection) -> Result<(), Trouble> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |r| r.get(0))?;
    let size: i64 = connection.pragma_query_value(None, "page_size", |r| r.get(0))?;
    if pages.saturating_mul(size) > CHECKED_BYTES {
        return Ok(());
    }
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |r| r.get(0))?;
    match verdict.as_str() {
        "ok" => Ok(()),
        damage => Err(Trouble::Kind(
            ErrorKind::CorruptDatabase,
            format!("the database file is damaged or cut off: {}", damage.trim().replace('\n', " ")),
        )),
    }
}

/// Changing the journal mode needs the file alone for a moment, and SQLite does not wait for that by itself.
fn write_ahead(connection: &Connection, patience: Duration) -> Result<(), Trouble> {
    let start = Instant::now();
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |r| r.get::<_, String>(0));
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            // In memory or temporary: nothing there could survive anyway.
            Ok(mode) if mode == "memory" || connection.path().is_none_or(str::is_empty) => return Ok(()),
            Ok(mode) => {
                return Err(Trouble::Kind(
                    ErrorKind::Store,
                    format!(
                        "this file system does not support write-ahead logging (journal mode stays {mode})"
                    ),
                ));
            }
            Err(e)
                if e.sqlite_error_code() == Some(rusqlite::ffi::ErrorCode::DatabaseBusy)
                    && start.elapsed() < patience =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(e) => return Err(e.into()),
        }
    }
}

fn migrate(connection: &mut Connection, tables: &Tables, allowed: Option<&[i32]>) -> Result<(), Trouble> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Again, inside the transaction: another process may have been first.
    let found = identify(&tx, tables, allowed)?;
    let from = match found {
        Found::Nothing | Found::Host => 0,
        Found::Engine(version) => version,
    };
    for step in schema::MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)) {
        tx.execute_batch(&tables.sql(step))?;
    }
    tx.execute(&tables.set_schema_version, [schema::VERSION])?;
    if found == Found::Nothing {
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    let application: i32 = tx.pragma_query_value(None, "application_id", |r| r.get(0))?;
    if application == APPLICATION_ID {
        tx.pragma_update(None, "user_version", schema::VERSION)?;
    }
    tx.commit()?;
    Ok(())
}

/// SQLite gives `-wal` and `-shm` the mode of the database file, so that creating it privately protects all three.
fn create_private(path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            if path.is_dir() {
                return Err(unwritable(path, "it is a directory"));
            }
            Ok(())
        }
        Err(e) => Err(unwritable(path, &e.to_string()).with_source(e)),
    }
}

/// SQLite takes a last page that is cut off as if zeros followed. It writes whole pages only, so that a file
/// with a piece of one was cut, unless a log beside it still has to be played back.
fn whole_pages(path: &Path) -> Result<()> {
    let Ok(length) = fs::metadata(path).map(|m| m.len()) else { return Ok(()) };
    let logged = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        fs::metadata(name).is_ok_and(|m| m.len() > 0)
    };
    // 512 is the smallest page; all others are multiples of it.
    if length % 512 == 0 || logged("-wal") || logged("-journal") {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::CorruptDatabase,
        format!(
            "{} is not a SQLite database, or it is cut off: {length} bytes are no whole pages",
            path.display()
        ),
    ))
}

/// A file that is ours alone and was made readable by others (a copy, a restored backup) is private again.
#[cfg(unix)]
fn tighten(path: &Path, connection: &Connection) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let application: i32 = connection
        .pragma_query_value(None, "application_id", |r| r.get(0))
        .map_err(|e| error::opening(path, e))?;
    if application != APPLICATION_ID {
        return Ok(());
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let Ok(meta) = fs::metadata(&name) else { continue };
        if meta.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(&name, fs::Permissions::from_mode(0o600))
                .map_err(|e| unwritable(path, &format!("its mode cannot be set to 0600: {e}")))?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn tighten(_path: &Path, _connection: &Connection) -> Result<()> {
    Ok(())
}

fn unwritable(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Store, format!("cannot open {} for writing: {why}", path.display()))
}
