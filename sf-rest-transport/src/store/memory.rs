use super::{StoreLock, StoredTokens, TokenKey, TokenStore, Tokens};
use async_trait::async_trait;
use sf_core::Result;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Keeps tokens until the program ends. Clones share what they hold.
#[derive(Debug, Clone, Default)]
pub struct MemoryTokenStore(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    tokens: BTreeMap<TokenKey, StoredTokens>,
    locks: BTreeMap<TokenKey, Arc<tokio::sync::Mutex<()>>>,
    last_revision: u64,
}

impl MemoryTokenStore {
    /// An empty store.
    pub fn new() -> MemoryTokenStore {
        MemoryTokenStore::default()
    }
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredTokens>> {
        Ok(self.entries().tokens.get(key).cloned())
    }

    async fn swap(&self, key: &TokenKey, seen: Option<u64>, new: Option<&Tokens>) -> Result<Option<u64>> {
        let mut entries = self.entries();
        if entries.tokens.get(key).map(|stored| stored.revision) != seen {
            return Ok(None);
        }
        let Some(tokens) = new else {
            entries.tokens.remove(key);
            return Ok(Some(0));
        };
        entries.last_revision += 1;
        let revision = entries.last_revision;
        entries.tokens.insert(key.clone(), StoredTokens::new(tokens.clone(), revision));
        Ok(Some(revision))
    }

    async fn lock(&self, key: &TokenKey) -> Result<StoreLock> {
        let lock = self.entries().locks.entry(key.clone()).or_default().clone();
        Ok(StoreLock::new(lock.lock_owned().await))
    }
}
