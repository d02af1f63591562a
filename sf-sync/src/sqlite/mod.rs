//! The engine's tables in a SQLite file, alone or beside the host's own.
//!
//! ```
//! use sf_sync::sqlite::SqliteStore;
//!
//! let folder = tempfile::tempdir()?;
//! let store = SqliteStore::open(folder.path().join("desk.db"))?;
//! # drop(store);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the store does to the file
//!
//! * Write-ahead logging, `synchronous=FULL`: a commit that was acknowledged survives a power cut.
//! * Tables, indexes and one view (`sf_change_log`, for people) named with a prefix, `sf_` by default. Tables of the
//!   host in the same file are left alone.
//! * A file that the store created carries its own `application_id` and, in `user_version`, the version of its schema.
//!   In a file that the host created both stay the host's.
//! * Several connections, also of several processes, may use the file: they wait for each other up to the busy
//!   timeout.
//!
//! # Threads
//!
//! By default a store has one thread that owns its connection, so that a commit, which waits for the disk, never
//! blocks an asynchronous program; no runtime is needed. [`SqliteBuilder::inline`] works on the caller's thread.
//! A call that was begun completes even when its future is dropped. Dropping the last handle completes
//! what is queued, ends the thread and closes the file.
//!
//! # Linking
//!
//! SQLite is compiled in through [`rusqlite`], which is exported here so that a host uses the same one. A program
//! cannot link a second copy (sqlx's SQLite driver brings one).

mod builder;
mod commit;
mod error;
mod join;
mod load;
mod log;
mod open;
mod row;
mod schema;
mod thread;

pub use builder::{SqliteBuilder, Synchronous};
pub use join::SqliteTx;
pub use rusqlite;

use crate::{ChangeFilter, ChangePage, Result, VisibleChange, store::*};
use async_trait::async_trait;
use builder::Settings;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use sf_core::Timestamp;
use std::{fmt, path::Path, sync::Arc};
use thread::Door;

/// Keeps the host's own tables in step with what is visible, inside the transaction that changes it.
///
/// ```
/// use sf_sync::{VisibleChange, sqlite::{Projection, rusqlite::Connection}};
///
/// struct Customers;
/// impl Projection for Customers {
///     fn apply(
///         &self,
///         db: &Connection,
///         changes: &[VisibleChange],
///     ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
///         let mut save = db.prepare_cached("REPLACE INTO customer (id, gone) VALUES (?1, ?2)")?;
///         for change in changes {
///             save.execute((change.record.to_string(), change.gone))?;
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Projection: Send + Sync + 'static {
    /// Applies `changes` on `db`, whose transaction is open; it must neither commit nor roll back.
    ///
    /// An error, or a panic, rolls the transaction back: the edit is refused, the page is not applied, and the call
    /// that wanted it fails with [`ErrorKind::Projection`](crate::ErrorKind::Projection).
    fn apply(
        &self,
        db: &Connection,
        changes: &[VisibleChange],
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// A [`Store`] in a SQLite file. Cheap to clone: one handle for the engine, one for the host to
/// [`join`](SqliteStore::join) with.
#[derive(Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

struct Shared {
    door: Door,
    settings: Arc<Settings>,
    path: Option<String>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.shared.path)
            .field("prefix", &self.shared.settings.tables.prefix)
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens or creates the database file `path` with the default options.
    ///
    /// # Errors
    /// As [`SqliteBuilder::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<SqliteStore> {
        SqliteStore::builder().open(path)
    }

    /// All options.
    pub fn builder() -> SqliteBuilder {
        SqliteBuilder::new()
    }

    fn assemble(door: Door, settings: Arc<Settings>, path: Option<String>) -> SqliteStore {
        SqliteStore { shared: Arc::new(Shared { door, settings, path }) }
    }

    /// The store inside a transaction of the host's own connection to the same file: what the engine does there is
    /// the host's to commit or to roll back, together with the host's own changes.
    ///
    /// Begin it with [`TransactionBehavior::Immediate`]. In a deferred transaction that has read before, SQLite refuses
    /// the write lock at once when another connection committed meanwhile, whatever the busy timeout.
    /// While it is open, other verbs of the engine wait for it: finish it before calling them.
    ///
    /// Its commits are as durable as the host's connection: one with a `synchronous` below the store's is refused.
    pub fn join<'t>(&self, tx: &'t Transaction<'_>) -> SqliteTx<'t> {
        SqliteTx::new(tx, Arc::clone(&self.shared.settings), self.shared.path.as_deref())
    }

    /// Runs `work` in a transaction of the store's own connection: committed when it returns `Ok`.
    async fn transaction<R: Send + 'static>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Connection, &Settings) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let settings = Arc::clone(&self.shared.settings);
        let begin = match behavior {
            TransactionBehavior::Immediate => "BEGIN IMMEDIATE",
            _ => "BEGIN",
        };
        let work = move |db: &mut Connection| {
            // Cached: rusqlite's own transactions compile their BEGIN and COMMIT each time. The door rolls back what an
            // error or a panic leaves open.
            let run = |sql: &str| {
                db.prepare_cached(sql).and_then(|mut s| s.execute([])).map(drop).map_err(error::sqlite)
            };
            run(begin)?;
            let done = work(db, &settings)?;
            run("COMMIT")?;
            Ok(done)
        };
        self.shared.door.run(work).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn load(&self, what: Selection) -> Result<View> {
        let work = move |db: &Connection, s: &Settings| load::load(db, &s.tables, &what);
        self.transaction(TransactionBehavior::Deferred, work).await
    }

    async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
        let work = move |db: &Connection, s: &Settings| commit::commit(db, s, &changes);
        self.transaction(TransactionBehavior::Immediate, work).await
    }

    async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage> {
        let work = move |db: &Connection, s: &Settings| log::changes(db, &s.tables, &filter);
        self.transaction(TransactionBehavior::Deferred, work).await
    }

    async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
        let work = move |db: &Connection, s: &Settings| log::prune(db, &s.tables, closed_before, limit);
        self.transaction(TransactionBehavior::Immediate, work).await
    }
}
