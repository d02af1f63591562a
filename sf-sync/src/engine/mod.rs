//! The engine.
use crate::{store::*, *};
use sf_core::{Clock, Fields, Org, SfId, SystemClock};
use std::{fmt, sync::Arc};

/// The engine. Cheap to clone, not generic.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}
#[allow(dead_code)]
struct Inner {
    org: Org,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}
impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({:?})", self.inner.org)
    }
}
/// Builds an engine.
#[must_use]
pub struct EngineBuilder {
    inner: Inner,
}
impl EngineBuilder {
    /// Opens the engine.
    pub async fn open(self) -> Result<Engine> {
        Ok(Engine { inner: Arc::new(self.inner) })
    }
}
impl Engine {
    /// Begins an engine.
    pub fn builder(org: Org, store: impl Store) -> EngineBuilder {
        EngineBuilder { inner: Inner { org, store: Arc::new(store), clock: Arc::new(SystemClock) } }
    }
    /// The change log.
    pub async fn changes(&self, filter: impl Into<ChangeFilter> + Send) -> Result<ChangePage> {
        self.inner.store.changes(filter.into()).await
    }
    /// The same verbs inside the host's transaction.
    pub fn within<T: HostTx>(&self, tx: T) -> Local<'_, T> {
        Local { _engine: self, _tx: tx }
    }
}
/// Engine verbs in a transaction that is the host's to commit or roll back.
#[must_use]
pub struct Local<'e, T> {
    _engine: &'e Engine,
    _tx: T,
}
/// What the host sees of one record: shadow with open changes over it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LocalRecord {
    /// Which.
    pub key: RecordKey,
    /// Its id.
    pub id: Option<SfId>,
    /// The visible row.
    pub row: Fields,
    /// Its open changes.
    pub changes: Vec<Change>,
}
