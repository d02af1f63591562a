use crate::{store::*, *};
use futures_core::Stream;
use sf_core::{Clock, Entropy, Fields, ObjectName, Org, SfId, SystemClock, Timestamp};
use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    sync::{Arc, RwLock},
    task::{Context, Poll},
};

/// The engine. Cheap to clone, not generic.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}
struct Inner {
    org: Org,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Option<Arc<dyn Entropy>>,
    resolvers: BTreeMap<String, Arc<dyn Resolver>>,
    config: RwLock<Arc<Config>>,
}
impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({:?})", self.inner.org)
    }
}

#[must_use]
pub struct EngineBuilder {
    inner: Inner,
}
impl EngineBuilder {
    pub fn config(mut self, c: impl Into<Config>) -> Self {
        self.inner.config = RwLock::new(Arc::new(c.into()));
        self
    }
    pub fn clock(mut self, c: impl Clock) -> Self {
        self.inner.clock = Arc::new(c);
        self
    }
    pub fn entropy(mut self, e: impl Entropy) -> Self {
        self.inner.entropy = Some(Arc::new(e));
        self
    }
    pub fn resolver(mut self, name: &str, r: impl Resolver) -> Self {
        self.inner.resolvers.insert(name.into(), Arc::new(r));
        self
    }
    /// Local only: works without a network, so that a desk opens on a train.
    pub async fn open(self) -> Result<Engine> {
        Ok(Engine { inner: Arc::new(self.inner) })
    }
}

impl Engine {
    pub fn builder(org: Org, store: impl Store) -> EngineBuilder {
        EngineBuilder {
            inner: Inner {
                org,
                store: Arc::new(store),
                clock: Arc::new(SystemClock),
                entropy: None,
                resolvers: BTreeMap::new(),
                config: RwLock::default(),
            },
        }
    }
    // -- local: no network, durable when it returns --
    pub async fn capture(&self, edit: Edit) -> Result<Vec<ChangeId>> {
        self.apply(edit.into()).await
    }
    pub async fn retry(&self, change: ChangeId) -> Result<()> {
        self.apply(Command::Retry { change, value: None }).await.map(drop)
    }
    pub async fn retry_with(&self, change: ChangeId, value: impl Into<sf_core::Value> + Send) -> Result<()> {
        self.apply(Command::Retry { change, value: Some(value.into()) }).await.map(drop)
    }
    pub async fn revert(&self, change: ChangeId) -> Result<()> {
        self.apply(Command::Revert(change)).await.map(drop)
    }
    pub async fn resolve(&self, change: ChangeId, decision: Decision) -> Result<()> {
        self.apply(Command::Resolve { change, decision }).await.map(drop)
    }
    pub async fn apply(&self, command: Command) -> Result<Vec<ChangeId>> {
        loop {
            let view = self.inner.store.load(decide::needs(&command)).await?;
            let (changes, ids) =
                decide::command(&view, &self.config_now(), &command, self.inner.clock.now())?;
            if let Committed::Done { .. } = self.inner.store.commit(changes).await? {
                return Ok(ids);
            }
        }
    }
    /// The same verbs inside the host's transaction.
    pub fn within<T: HostTx>(&self, tx: T) -> Local<'_, T> {
        Local { engine: self, tx }
    }
    pub fn within_async<T: AsyncHostTx>(&self, tx: T) -> LocalAsync<'_, T> {
        LocalAsync { engine: self, tx }
    }
    pub async fn changes(&self, filter: impl Into<ChangeFilter> + Send) -> Result<ChangePage> {
        self.inner.store.changes(filter.into()).await
    }
    pub async fn record(&self, _key: impl Into<RecordKey> + Send) -> Result<Option<LocalRecord>> {
        todo!()
    }
    /// What a push would send now. No network, nothing claimed.
    pub async fn plan(&self) -> Result<Plan> {
        todo!()
    }
    /// A host transaction committed: look now, not at the next tick. Losing a wake costs one tick.
    pub fn wake(&self) {
        todo!()
    }
    pub fn subscribe(&self) -> Feed {
        todo!()
    }

    // -- network --
    /// These records are known from now on, and pulled now.
    pub async fn track(
        &self,
        _object: ObjectName,
        _ids: impl IntoIterator<Item = SfId> + Send,
    ) -> Result<Report> {
        todo!()
    }
    pub async fn pull(&self, scope: Scope) -> Result<Report> {
        self.work(Work::Pull(scope)).await
    }
    pub async fn push(&self) -> Result<Report> {
        self.work(Work::Push).await
    }
    pub async fn sync(&self) -> Result<Report> {
        self.work(Work::Sync).await
    }
    pub async fn load(
        &self,
        _to: &Destination,
        _rows: impl Stream<Item = Result<Fields>> + Send,
    ) -> Result<JobRun> {
        todo!()
    }
    /// Works until `stop` completes, then finishes what is in flight.
    pub async fn run(&self, _stop: impl Future<Output = ()> + Send) -> Result<()> {
        todo!()
    }
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs(self)
    }
    pub fn configs(&self) -> Configs<'_> {
        Configs(self)
    }

    // -- one step at a time: `push`, `pull`, `run` are loops of these three --
    /// Store only. Makes the attempt durable before it returns a `Write`.
    pub async fn next(&self, _work: &Work) -> Result<Step> {
        todo!()
    }
    /// Network only. May run in another process; may run twice.
    pub async fn perform(&self, step: &Step) -> Answer {
        let t = self.inner.org.transport();
        match step {
            Step::Write { rows, options, .. } => {
                t.write(rows, options).await.map_or_else(|e| Answer::Failed(e.into_failure()), Answer::Rows)
            }
            Step::Query { batch, options, .. } => {
                t.query(batch, options).await.map_or_else(|e| Answer::Failed(e.into_failure()), Answer::Pages)
            }
            Step::Wait { until } => {
                self.inner.clock.sleep_until(*until).await;
                Answer::Waited
            }
            _ => todo!(),
        }
    }
    /// Store only. Settling the same answer twice changes nothing.
    pub async fn settle(&self, _step: &Step, _answer: Answer) -> Result<Settled> {
        todo!()
    }

    async fn work(&self, work: Work) -> Result<Report> {
        loop {
            let step = self.next(&work).await?;
            if let Step::Idle | Step::Wait { .. } = step {
                return Ok(Report::default());
            }
            let answer = self.perform(&step).await;
            self.settle(&step, answer).await?;
        }
    }
    fn config_now(&self) -> Arc<Config> {
        self.inner.config.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// Engine verbs in a transaction that is the host's to commit or roll back. Not `Send` when the transaction is not.
#[must_use]
pub struct Local<'e, T> {
    engine: &'e Engine,
    tx: T,
}
impl<T: HostTx> Local<'_, T> {
    pub fn capture(&mut self, edit: Edit) -> Result<Vec<ChangeId>> {
        self.apply(edit.into())
    }
    pub fn retry(&mut self, change: ChangeId) -> Result<()> {
        self.apply(Command::Retry { change, value: None }).map(drop)
    }
    pub fn revert(&mut self, change: ChangeId) -> Result<()> {
        self.apply(Command::Revert(change)).map(drop)
    }
    pub fn apply(&mut self, command: Command) -> Result<Vec<ChangeId>> {
        let view = self.tx.load(decide::needs(&command))?;
        let (changes, ids) =
            decide::command(&view, &self.engine.config_now(), &command, self.engine.inner.clock.now())?;
        match self.tx.commit(changes)? {
            Committed::Done { .. } => Ok(ids),
            _ => Err(Error::new(ErrorKind::Busy, "the transaction does not see its own read")),
        }
    }
}
/// [`Local`] for an asynchronous driver.
#[must_use]
pub struct LocalAsync<'e, T> {
    engine: &'e Engine,
    tx: T,
}
impl<T: AsyncHostTx> LocalAsync<'_, T> {
    pub async fn capture(&mut self, edit: Edit) -> Result<Vec<ChangeId>> {
        self.apply(edit.into()).await
    }
    pub async fn apply(&mut self, command: Command) -> Result<Vec<ChangeId>> {
        let view = self.tx.load(decide::needs(&command)).await?;
        let (changes, ids) =
            decide::command(&view, &self.engine.config_now(), &command, self.engine.inner.clock.now())?;
        match self.tx.commit(changes).await? {
            Committed::Done { .. } => Ok(ids),
            _ => Err(Error::new(ErrorKind::Busy, "somebody else holds this record")),
        }
    }
}
/// Every decision: pure functions of a view.
pub(crate) mod decide {
    use super::*;
    pub fn needs(_c: &Command) -> Selection {
        Selection::default()
    }
    pub fn command(
        _v: &View,
        _c: &Config,
        _command: &Command,
        _now: Timestamp,
    ) -> Result<(ChangeSet, Vec<ChangeId>)> {
        Ok(Default::default())
    }
}
/// What the host sees of one record: shadow with open changes over it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LocalRecord {
    pub key: RecordKey,
    pub id: Option<SfId>,
    pub row: Fields,
    pub changes: Vec<Change>,
}
/// Batches of visible changes, as they are committed here. A hint: after a lag it says `None` once and starts again.
pub struct Feed(());
impl Stream for Feed {
    type Item = Vec<VisibleChange>;
    fn poll_next(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        todo!()
    }
}
