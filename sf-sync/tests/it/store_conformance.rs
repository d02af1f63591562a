//! Every store passes the suite, and the suite notices stores that are wrong.

use crate::block_on::block_on;
use async_trait::async_trait;
use sf_core::Timestamp;
use sf_sync::{
    ChangeFilter, ChangePage, ChangeSet, Result, Store, View,
    conformance::{self, Fixture},
    memory::MemoryStore,
    store::{Committed, Depth, Guard, Selection, StoreWrite},
};
use std::sync::Arc;

#[derive(Debug)]
struct InMemory;

impl Fixture for InMemory {
    fn fresh(&self) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(MemoryStore::new()))
    }
    fn reopen(&self, store: Arc<dyn Store>) -> Result<Arc<dyn Store>> {
        Ok(store)
    }
}

#[test]
fn the_memory_store_conforms() {
    block_on(conformance::run(&InMemory)).unwrap();
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::*;
    use sf_sync::{
        HostTx,
        sqlite::{
            SqliteStore,
            rusqlite::{Connection, TransactionBehavior},
        },
    };
    use std::{path::PathBuf, sync::atomic::AtomicU32, time::Duration};
    use tempfile::TempDir;

    /// A new file for each store; a closed one is opened again by the path it remembers.
    #[derive(Debug)]
    struct Files {
        folder: TempDir,
        next: AtomicU32,
        inline: bool,
        joined: bool,
    }

    impl Files {
        fn new(inline: bool, joined: bool) -> Files {
            Files { folder: tempfile::tempdir().unwrap(), next: AtomicU32::new(0), inline, joined }
        }
        fn open(&self, path: PathBuf) -> Result<Arc<dyn Store>> {
            let builder = SqliteStore::builder().prefix("engine_");
            let store = if self.inline { builder.inline() } else { builder }.open(&path)?;
            Ok(Arc::new(OnFile { store, path, joined: self.joined }))
        }
    }

    impl Fixture for Files {
        fn fresh(&self) -> Result<Arc<dyn Store>> {
            let n = self.next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            self.open(self.folder.path().join(format!("{n}.db")))
        }
        fn reopen(&self, store: Arc<dyn Store>) -> Result<Arc<dyn Store>> {
            let text = format!("{store:?}");
            let path = text.split('"').nth(1).unwrap().into();
            drop(store);
            self.open(path)
        }
    }

    /// When joined, every load and commit goes through a transaction on a connection of the host.
    struct OnFile {
        store: SqliteStore,
        path: PathBuf,
        joined: bool,
    }

    impl std::fmt::Debug for OnFile {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{:?}", self.path)
        }
    }

    impl OnFile {
        fn within<R>(&self, work: impl FnOnce(&mut dyn HostTx) -> Result<R>) -> Result<R> {
            let mut db = Connection::open(&self.path).unwrap();
            db.busy_timeout(Duration::from_secs(5)).unwrap();
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
            let done = work(&mut self.store.join(&tx));
            // Also after an error: what is left of a refused change set would be committed.
            tx.commit().unwrap();
            done
        }
    }

    #[async_trait]
    impl Store for OnFile {
        async fn load(&self, what: Selection) -> Result<View> {
            if self.joined {
                return self.within(|tx| tx.load(what));
            }
            self.store.load(what).await
        }
        async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
            if self.joined {
                return self.within(|tx| tx.commit(changes));
            }
            self.store.commit(changes).await
        }
        async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage> {
            self.store.changes(filter).await
        }
        async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
            self.store.prune(closed_before, limit).await
        }
    }

    #[test]
    fn the_sqlite_store_conforms_with_its_own_thread() {
        block_on(conformance::run(&Files::new(false, false))).unwrap();
    }

    #[test]
    fn the_sqlite_store_conforms_inline() {
        block_on(conformance::run(&Files::new(true, false))).unwrap();
    }

    #[test]
    fn the_sqlite_store_conforms_in_a_transaction_of_the_host() {
        block_on(conformance::run(&Files::new(false, true))).unwrap();
    }
}

/// What a store can get wrong, one defect each.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Defect {
    IgnoresRevs,
    IgnoresScopes,
    IgnoresAttempts,
    IgnoresNextChange,
    AppliesHalf,
    LoadsOnlyHeads,
    LosesTheLastKey,
    ForgetsOnRestart,
    PrunesEverything,
    CutsTheLog,
    RoundsNumbers,
    SeenMovesRevisions,
}

#[derive(Debug, Clone)]
struct Broken(MemoryStore, Defect);

#[async_trait]
impl Store for Broken {
    async fn load(&self, mut what: Selection) -> Result<View> {
        match self.1 {
            Defect::LoadsOnlyHeads => what.depth = Depth::Heads,
            Defect::LosesTheLastKey => drop(what.keys.pop()),
            _ => {}
        }
        self.0.load(what).await
    }
    async fn commit(&self, mut changes: ChangeSet) -> Result<Committed> {
        let guard: &mut Guard = &mut changes.guard;
        match self.1 {
            Defect::IgnoresRevs => guard.revs.clear(),
            Defect::IgnoresScopes => guard.scopes.clear(),
            Defect::IgnoresAttempts => guard.attempt = None,
            Defect::IgnoresNextChange => guard.next_change = None,
            Defect::AppliesHalf if changes.writes.len() > 1 => {
                let mut half = changes.clone();
                half.writes.truncate(1);
                self.0.commit(half).await?;
                changes.guard = Guard::default();
                changes.writes.remove(0);
            }
            Defect::RoundsNumbers => {
                let text = serde_json::to_string(&changes).unwrap();
                changes = serde_json::from_str(&text.replace(":300.0", ":300")).unwrap();
            }
            Defect::SeenMovesRevisions => {
                let seen: Vec<_> = changes
                    .writes
                    .iter()
                    .filter_map(|w| if let StoreWrite::Seen(keys) = w { Some(keys.clone()) } else { None })
                    .flatten()
                    .collect();
                let view = self.0.load(crate::store_sample::in_full(&seen)).await?;
                changes.writes.extend(view.records.into_iter().map(StoreWrite::Record));
            }
            _ => {}
        }
        self.0.commit(changes).await
    }
    async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage> {
        let page = self.0.changes(filter).await?;
        let next = if self.1 == Defect::CutsTheLog { None } else { page.next };
        Ok(ChangePage::new(page.changes, next))
    }
    async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
        if self.1 == Defect::PrunesEverything {
            self.0.restore(&MemoryStore::new().snapshot());
        }
        self.0.prune(closed_before, limit).await
    }
}

#[derive(Debug)]
struct BrokenFixture(Defect);

impl Fixture for BrokenFixture {
    fn fresh(&self) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(Broken(MemoryStore::new(), self.0)))
    }
    fn reopen(&self, store: Arc<dyn Store>) -> Result<Arc<dyn Store>> {
        if self.0 == Defect::ForgetsOnRestart { self.fresh() } else { Ok(store) }
    }
}

#[test]
fn the_suite_catches_broken_stores() {
    for (defect, rule) in [
        (Defect::IgnoresRevs, "a_moved_revision_is_stale"),
        (Defect::IgnoresScopes, "a_moved_scope_counter_or_attempt_is_stale"),
        (Defect::IgnoresAttempts, "a_moved_scope_counter_or_attempt_is_stale"),
        (Defect::IgnoresNextChange, "a_moved_scope_counter_or_attempt_is_stale"),
        (Defect::AppliesHalf, "a_refused_commit_leaves_nothing"),
        (Defect::LoadsOnlyHeads, "depth_limits_what_is_loaded"),
        (Defect::LosesTheLastKey, "thousands_of_keys_in_one_load"),
        (Defect::ForgetsOnRestart, "everything_is_there_after_a_restart"),
        (Defect::PrunesEverything, "prune_keeps_what_is_open"),
        (Defect::CutsTheLog, "the_log_comes_in_pages"),
        (Defect::RoundsNumbers, "values_come_back_as_they_were"),
        (Defect::SeenMovesRevisions, "a_commit_gives_its_number_to_what_it_writes"),
    ] {
        let found = block_on(conformance::check(rule, &BrokenFixture(defect)));
        assert!(found.is_err(), "{defect:?} passes {rule}");
    }
}
