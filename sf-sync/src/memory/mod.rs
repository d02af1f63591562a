//! A store in memory: for tests, simulation, and hosts that keep nothing.
//!
//! It behaves as the SQLite store does, and the same suite checks both. Everything is ordered, so
//! that a run can be repeated from its seed.

mod select;
mod state;

use crate::{ChangeFilter, ChangePage, Result, store::*};
use async_trait::async_trait;
use sf_core::Timestamp;
use state::State;
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A [`Store`] in memory. Clones share what is stored.
///
/// ```
/// use sf_sync::memory::MemoryStore;
///
/// let store = MemoryStore::new();
/// let before = store.snapshot();
/// // … an engine works on `store.clone()` …
/// store.restore(&before); // as if the machine had lost it
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

/// All that a [`MemoryStore`] held at one moment.
#[derive(Clone)]
pub struct Snapshot(State);

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// A copy of everything stored, for tests that crash and start again.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.lock().clone())
    }

    /// Puts everything back as it was; handles to this store see it at once.
    pub fn restore(&self, snapshot: &Snapshot) {
        self.lock().clone_from(&snapshot.0);
    }

    /// A store of its own that begins with what `snapshot` holds.
    pub fn from_snapshot(snapshot: &Snapshot) -> MemoryStore {
        MemoryStore { state: Arc::new(Mutex::new(snapshot.0.clone())) }
    }

    // Nothing in here panics half-way through a write, so a poisoned lock still guards a whole state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("MemoryStore")
            .field("rev", &state.rev)
            .field("records", &state.records.len())
            .field("entries", &state.entries.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("rev", &self.0.rev).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, what: Selection) -> Result<View> {
        Ok(select::load(&self.lock(), &what))
    }

    async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
        self.lock().commit(changes)
    }

    async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage> {
        Ok(select::changes(&self.lock(), &filter))
    }

    async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
        Ok(self.lock().prune(closed_before, limit))
    }
}
