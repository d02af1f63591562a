//! How a store is opened.

use super::{Projection, SqliteStore, open, schema::Tables, thread::Door};
use crate::{Error, ErrorKind, Result};
use rusqlite::Connection;
use std::{fmt, path::Path, sync::Arc, time::Duration};

/// When a commit is safe from a power cut (SQLite's `synchronous`).
///
/// A crash of the program alone loses nothing at any level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Synchronous {
    /// At every commit: an acknowledged edit survives a power cut. The default.
    #[default]
    Full,
    /// At checkpoints: a power cut may take back the last commits, never half of one.
    Normal,
    /// Never waits for the disk: a power cut may damage the file. For tests and measurements.
    Off,
}

impl Synchronous {
    pub(super) fn pragma(self) -> &'static str {
        match self {
            Synchronous::Full => "FULL",
            Synchronous::Normal => "NORMAL",
            Synchronous::Off => "OFF",
        }
    }

    /// SQLite's number for the level.
    pub(super) fn level(self) -> i64 {
        match self {
            Synchronous::Full => 2,
            Synchronous::Normal => 1,
            Synchronous::Off => 0,
        }
    }
}

/// Options of a [`SqliteStore`]; made by [`SqliteStore::builder`].
#[must_use]
pub struct SqliteBuilder {
    prefix: String,
    inline: bool,
    projection: Option<Arc<dyn Projection>>,
    pub(super) synchronous: Synchronous,
    pub(super) busy_timeout: Duration,
    pub(super) application_id: Option<i32>,
}

impl fmt::Debug for SqliteBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteBuilder")
            .field("prefix", &self.prefix)
            .field("inline", &self.inline)
            .field("synchronous", &self.synchronous)
            .finish_non_exhaustive()
    }
}

/// What every connection that works on the store has to know.
pub(super) struct Settings {
    pub(super) tables: Tables,
    pub(super) projection: Option<Arc<dyn Projection>>,
    pub(super) synchronous: Synchronous,
}

impl SqliteBuilder {
    pub(super) fn new() -> SqliteBuilder {
        SqliteBuilder {
            prefix: "sf_".into(),
            inline: false,
            projection: None,
            synchronous: Synchronous::Full,
            busy_timeout: Duration::from_secs(5),
            application_id: None,
        }
    }

    /// What the names of the engine's tables begin with; `sf_` by default.
    ///
    /// Letters, digits and underscores, beginning with a letter, at most 32; anything else is refused at `open`.
    /// Two engines (two orgs) can share one file under two prefixes.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Tells `projection` of every visible change, inside the transaction that makes it.
    pub fn projection(mut self, projection: impl Projection) -> Self {
        self.projection = Some(Arc::new(projection));
        self
    }

    /// Works on the caller's thread instead of a thread of its own: for simulation under virtual time, where another
    /// thread's pace would be chance. In an asynchronous program it would block the executor.
    pub fn inline(mut self) -> Self {
        self.inline = true;
        self
    }

    /// When a commit is safe from a power cut. Weaker than [`Synchronous::Full`] only by asking for it here.
    pub fn synchronous(mut self, level: Synchronous) -> Self {
        self.synchronous = level;
        self
    }

    /// How long to wait for another connection's transaction before giving up as busy; 5 seconds by default.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// The `application_id` that the host gave its own database, so that [`open`](Self::open) accepts the file.
    /// A file with any other foreign id is refused.
    pub fn application_id(mut self, id: i32) -> Self {
        self.application_id = Some(id);
        self
    }

    /// Opens or creates the database file `path`.
    ///
    /// A new file is readable by its owner only (mode 0600 on Unix, its `-wal` and `-shm` too). Tables of the host
    /// in the same file are left alone, and so are the file's mode, `application_id` and `user_version` then.
    ///
    /// # Errors
    /// The error's kind says what is wrong and its text names the file: [`ErrorKind::NewerDatabase`] (both schema
    /// versions named), [`ErrorKind::OtherDatabase`] (another program's file), [`ErrorKind::CorruptDatabase`]
    /// (torn or damaged), [`ErrorKind::Busy`], and [`ErrorKind::Store`] for a path that cannot be opened or written.
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore> {
        let path = path.as_ref();
        let tables = self.tables()?;
        let connection = open::file(path, &tables, &self)?;
        self.start(connection, tables)
    }

    /// Over a connection that the host opened (with its key, functions and pragmas). The store keeps it.
    ///
    /// WAL, `synchronous` and the busy timeout are set on it. Any `application_id` is accepted: the host opened this
    /// file on purpose.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn over(self, mut connection: Connection) -> Result<SqliteStore> {
        let tables = self.tables()?;
        open::connection(&mut connection, &tables, &self)?;
        self.start(connection, tables)
    }

    fn tables(&self) -> Result<Tables> {
        Tables::new(&self.prefix).ok_or_else(|| {
            Error::new(
                ErrorKind::Store,
                format!(
                    "`{}` is no table prefix: letters, digits and underscores, beginning with a letter, at most 32",
                    self.prefix.escape_debug()
                ),
            )
        })
    }

    fn start(self, connection: Connection, tables: Tables) -> Result<SqliteStore> {
        connection.set_prepared_statement_cache_capacity(64);
        let path = connection.path().filter(|p| !p.is_empty()).map(Into::into);
        let settings =
            Arc::new(Settings { tables, projection: self.projection, synchronous: self.synchronous });
        let door = if self.inline { Door::inline(connection) } else { Door::thread(connection)? };
        Ok(SqliteStore::assemble(door, settings, path))
    }
}
