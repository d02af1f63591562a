//! The store inside a transaction of the host.

use super::{builder::Settings, commit, error, load};
use crate::{
    Error, ErrorKind, Result,
    store::{ChangeSet, Committed, HostTx, Selection, View},
};
use rusqlite::{Transaction, ffi::ErrorCode};
use std::{fmt, sync::Arc};

/// The store inside a transaction of the host; made by [`SqliteStore::join`](super::SqliteStore::join).
pub struct SqliteTx<'t> {
    tx: &'t Transaction<'t>,
    settings: Arc<Settings>,
    /// The store's own file, to notice a transaction on another one.
    path: Option<String>,
    locked: bool,
}

impl fmt::Debug for SqliteTx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteTx").field("path", &self.path).finish_non_exhaustive()
    }
}

impl<'t> SqliteTx<'t> {
    pub(super) fn new(tx: &'t Transaction<'_>, settings: Arc<Settings>, path: Option<&str>) -> SqliteTx<'t> {
        SqliteTx { tx, settings, path: path.map(str::to_owned), locked: false }
    }

    /// Takes the write lock, once: what is read afterwards is still true when it is written.
    fn lock(&mut self) -> Result<()> {
        if self.locked {
            return Ok(());
        }
        self.check()?;
        let taken = self.tx.prepare_cached(&self.settings.tables.lock).and_then(|mut s| s.execute([]));
        match taken {
            Ok(_) => {
                self.locked = true;
                Ok(())
            }
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                Err(error::sqlite(e).with_next_step(
                    "Begin the transaction with TransactionBehavior::Immediate and a busy timeout, and finish other transactions first.",
                ))
            }
            Err(e) => Err(error::sqlite(e)),
        }
    }

    fn check(&self) -> Result<()> {
        let theirs = self.tx.path().filter(|p| !p.is_empty());
        if let (Some(ours), Some(theirs)) = (self.path.as_deref(), theirs)
            && ours != theirs
        {
            return Err(Error::new(
                ErrorKind::OtherDatabase,
                format!("the transaction is on {theirs}, and the store is in {ours}"),
            )
            .with_next_step("Open the host's connection on the store's file."));
        }
        let level: i64 =
            self.tx.pragma_query_value(None, "synchronous", |r| r.get(0)).map_err(error::sqlite)?;
        if level < self.settings.synchronous.level() {
            return Err(Error::new(
                ErrorKind::Store,
                "the host's connection does not wait for the disk (PRAGMA synchronous), so an acknowledged edit could be lost",
            )
            .with_next_step(
                "Set `PRAGMA synchronous = FULL` on the host's connection, or open the store with SqliteBuilder::synchronous.",
            ));
        }
        Ok(())
    }
}

impl HostTx for SqliteTx<'_> {
    fn load(&mut self, what: Selection) -> Result<View> {
        self.lock()?;
        load::load(self.tx, &self.settings.tables, &what)
    }

    fn commit(&mut self, changes: ChangeSet) -> Result<Committed> {
        self.lock()?;
        // The host may go on after an error and commit: then nothing of this change set may be left.
        self.tx.execute_batch("SAVEPOINT sf_sync").map_err(error::sqlite)?;
        let done = commit::commit(self.tx, &self.settings, &changes);
        let end = match done {
            Ok(_) => "RELEASE sf_sync",
            Err(_) => "ROLLBACK TO sf_sync; RELEASE sf_sync",
        };
        let ended = self.tx.execute_batch(end).map_err(error::sqlite);
        done.and_then(|d| ended.map(|()| d))
    }
}
