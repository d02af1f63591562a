//! The engine: loads what a decision needs, decides, commits, and keeps the network between two commits.
mod contact;
mod feed;
mod gate;
mod local;
mod perform;
mod pull;
mod push;
mod run;
mod settings;

pub use feed::Feed;
pub use local::{Local, LocalRecord};
pub(crate) use settings::Settings;

use crate::{
    ChangeFilter, ChangeId, ChangePage, Command, Config, ConfigVersion, Decision, Edit, Error, ErrorKind,
    Report, Resolver, Result, Scope, Store, Work,
    decide::{Resolvers, Rules},
    schema::{self, Schema},
    store::{ChangeSet, Committed, Selection, StoreWrite},
};
use sf_core::{Clock, Entropy, Failure, ObjectName, Org, OsEntropy, SfId, SystemClock, Timestamp, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

/// How often a decision is made again because its records moved meanwhile. Each time somebody else got on.
const ROUNDS: usize = 1_000;

/// A two-way sync between one org and one store. Cheap to clone; clones share everything.
///
/// Verbs come in three kinds:
///
/// * **local**: [`capture`](Engine::capture), [`retry`](Engine::retry), [`revert`](Engine::revert),
///   [`resolve`](Engine::resolve), [`changes`](Engine::changes), [`record`](Engine::record), [`plan`](Engine::plan). No
///   network; what they save is durable when they return. [`within`](Engine::within) runs them in a transaction of
///   the host's.
/// * **network**: [`track`](Engine::track), [`pull`](Engine::pull), [`push`](Engine::push), [`sync`](Engine::sync),
///   [`run`](Engine::run). Each may be dropped or killed at any moment and called again.
/// * **one step at a time**: [`next`](Engine::next), [`perform`](Engine::perform), [`settle`](Engine::settle), for hosts
///   that journal every effect. The network verbs are loops of these.
///
/// **One pushing engine per store.** Any number of engines, in any number of processes, may use the local verbs and pull
/// on one store. Only one of them may push (`push`, `sync`, `run`, or [`next`](Engine::next) with
/// [`Work::Push`](crate::Work::Push) or [`Work::Sync`](crate::Work::Sync)) at a time; its clones count as one, and so
/// does whoever performs its steps. An engine takes an open attempt of any other engine for that of a process that was
/// killed: it goes on at once, reads the rows again and sends what has not arrived. Were the other one alive with its
/// write still on the way, that value could be saved twice, though never over a newer one of the org that the read
/// showed. A host that may start twice keeps the second one from pushing by a lock of its own.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}
struct Inner {
    org: Org,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    resolvers: Resolvers,
    settings: Settings,
    /// Tells this engine's attempts from those of a process that is gone.
    owner: u128,
    config: RwLock<Arc<ConfigVersion>>,
    schema: RwLock<Arc<Schema>>,
    session: Mutex<Session>,
    gate: gate::Gate,
    alarm: gate::Alarm,
    feed: feed::Hub,
}
/// A commit whose caller is dropped is carried out all the same: listeners are to read again, loops to look again.
struct Unanswered<'e> {
    inner: &'e Inner,
    /// Somebody listens, and something becomes visible.
    is_seen: bool,
    is_open: bool,
}
impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.inner.feed.publish(self.is_seen.then(Arc::default));
            self.inner.alarm.ring();
        }
    }
}
/// What this process found out about the org, and what it handed out.
#[derive(Debug, Default)]
struct Session {
    /// The org is the one the store belongs to.
    identified: bool,
    /// The mapping was compared with the org.
    fits: bool,
    /// In what it does not fit, by the describes that were read last.
    misfit: Option<String>,
    /// Objects that the org would not describe, and when it said so.
    undescribed: BTreeMap<ObjectName, (Timestamp, Failure)>,
    /// Attempts of this engine whose performer was dropped.
    orphans: BTreeSet<crate::StepId>,
    /// What `next` decided without a call, for the next report.
    unreported: Report,
}
impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("org", &self.inner.org)
            .field("store", &self.inner.store)
            .finish_non_exhaustive()
    }
}

/// Builds an [`Engine`].
#[must_use]
pub struct EngineBuilder {
    org: Org,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    resolvers: Resolvers,
    settings: Settings,
    config: Option<Config>,
}
impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("org", &self.org)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
impl EngineBuilder {
    /// What is kept in step. When it differs from the stored configuration it becomes a new version of it; without
    /// this call the stored one is used.
    pub fn config(mut self, config: impl Into<Config>) -> Self {
        self.config = Some(config.into());
        self
    }
    /// The clock; [`SystemClock`] unless a simulation brings its own.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }
    /// The source of attempt ids; the operating system's unless a simulation brings its own.
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }
    /// Decides conflicts of the fields whose policy names it ([`Policy::Custom`](crate::Policy::Custom)).
    pub fn resolver(mut self, name: &str, resolver: impl Resolver) -> Self {
        self.resolvers.insert(name.into(), Arc::new(resolver));
        self
    }
    /// How long an edit waits for more edits of the same field before it goes out: `quiet` after the last one, `at_most`
    /// after the first. 2 and 30 seconds unless said otherwise.
    pub fn debounce(mut self, quiet: Duration, at_most: Duration) -> Self {
        self.settings.quiet = quiet;
        self.settings.max_wait = at_most.max(quiet);
        self
    }
    /// How long after it was sent a write without an answer may still be saved by the org. 10 minutes unless said
    /// otherwise: the longest a REST transaction runs. Until then its values are watched.
    pub fn late_commit(mut self, longest: Duration) -> Self {
        self.settings.late_commit = longest;
        self
    }
    /// How often [`run`](Engine::run) asks the org for changes. Every minute unless said otherwise.
    pub fn poll_every(mut self, pause: Duration) -> Self {
        self.settings.poll = pause;
        self
    }

    /// Opens the engine. Works without a network, so that a desk opens on a train. Whether the mapping fits the org is
    /// checked by the first pull: a field that this user lost keeps nobody from their records and edits.
    ///
    /// # Errors
    /// [`ErrorKind::Mapping`] names everything that is wrong with the mapping by itself; [`ErrorKind::NotConfigured`]
    /// when neither the caller nor the store has one; errors of the store.
    pub async fn open(self) -> Result<Engine> {
        let view = self.store.load(Selection { config: true, ..Selection::default() }).await?;
        let now = self.clock.now();
        let active = match (self.config, view.config) {
            (None, None) => {
                return Err(Error::new(
                    ErrorKind::NotConfigured,
                    "there is no mapping, neither given nor stored",
                ));
            }
            (None, Some(stored)) => stored,
            (Some(given), Some(stored)) if given == stored.config => stored,
            (Some(given), stored) => {
                schema::check_mapping(&given.mapping, &self.resolvers)?;
                ConfigVersion::new(stored.map_or(1, |s| s.number + 1), given, now)
            }
        };
        schema::check_mapping(&active.config.mapping, &self.resolvers)?;
        let known = contact::stored_schema(&*self.store, &active.config.mapping).await?;
        let latest = self.store.load(Selection { config: true, ..Selection::default() }).await?.config;
        if latest.as_ref().map(|c| c.number) < Some(active.number) {
            let writes = vec![StoreWrite::Config(active.clone())];
            self.store.commit(ChangeSet { writes, ..ChangeSet::default() }).await?;
        }
        let mut owner = [0; 16];
        self.entropy.fill(&mut owner);
        Ok(Engine {
            inner: Arc::new(Inner {
                org: self.org,
                store: self.store,
                clock: self.clock,
                entropy: self.entropy,
                resolvers: self.resolvers,
                settings: self.settings,
                owner: u128::from_be_bytes(owner),
                config: RwLock::new(Arc::new(active)),
                schema: RwLock::new(Arc::new(known)),
                session: Mutex::default(),
                gate: gate::Gate::default(),
                alarm: gate::Alarm::default(),
                feed: feed::Hub::default(),
            }),
        })
    }
}

impl Engine {
    /// Begins an engine between `org` and `store`.
    pub fn builder(org: Org, store: impl Store) -> EngineBuilder {
        EngineBuilder {
            org,
            store: Arc::new(store),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            resolvers: Resolvers::new(),
            settings: Settings::default(),
            config: None,
        }
    }
    /// The org behind it.
    pub fn org(&self) -> &Org {
        &self.inner.org
    }
    /// The configuration it works with.
    pub fn config(&self) -> Arc<ConfigVersion> {
        self.inner.config.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    // -- local: no network, durable when it returns --

    /// Saves an edit: the new values are visible at once, and one log entry per changed field is queued for the org. All
    /// of it in one transaction, durable when this returns. Gives the numbers of the new changes; a value that is
    /// visible already makes none. Values are saved in the form in which the org stores them: text without blanks around
    /// it and with line feeds at its line ends, blanks alone as null, numbers with the decimals of their field.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] names every field that is not mapped for writing or does not fit its type;
    /// [`ErrorKind::NotFound`] when the record is not known here. Nothing is saved then.
    pub async fn capture(&self, edit: Edit) -> Result<Vec<ChangeId>> {
        Ok(self.decide(&edit.into()).await?.1)
    }
    /// Sends a failed change again.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] when it has not failed.
    pub async fn retry(&self, change: ChangeId) -> Result<()> {
        self.decide(&Command::Retry { change, value: None }).await.map(drop)
    }
    /// Sends a failed change again with a corrected value; the refused one stays in [`Change::corrected`](crate::Change::corrected).
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] when it has not failed, [`ErrorKind::InvalidInput`] when the value does not fit.
    pub async fn retry_with(&self, change: ChangeId, value: impl Into<Value> + Send) -> Result<()> {
        self.decide(&Command::Retry { change, value: Some(value.into()) }).await.map(drop)
    }
    /// Takes a change back. A pending or failed one is dropped: nothing is sent and the org's newest value shows; the
    /// report has a note when that is not the old one. Of a pushed one, or one on its way, the old value goes to the org
    /// as a new, conflict-checked change; the first becomes *reverted* once that has settled.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] when it is reverted already, or when a newer edit of the field is open.
    pub async fn revert(&self, change: ChangeId) -> Result<Report> {
        Ok(self.decide(&Command::Revert(change)).await?.2)
    }
    /// Decides a change in conflict.
    ///
    /// # Errors
    /// [`ErrorKind::WrongState`] when it is not in conflict.
    pub async fn resolve(&self, change: ChangeId, decision: Decision) -> Result<()> {
        self.decide(&Command::Resolve { change, decision }).await.map(drop)
    }
    /// Any of the local commands, as a value. Gives the numbers of the changes it made or moved.
    ///
    /// # Errors
    /// As the verb of the same name.
    pub async fn apply(&self, command: Command) -> Result<Vec<ChangeId>> {
        Ok(self.decide(&command).await?.1)
    }
    /// One page of the change log, oldest first: `engine.changes(Status::Failed)`.
    ///
    /// # Errors
    /// Of the store.
    pub async fn changes(&self, filter: impl Into<ChangeFilter> + Send) -> Result<ChangePage> {
        self.inner.store.changes(filter.into()).await
    }
    /// Removes up to `limit` closed changes older than `closed_before` from the log; says how many.
    ///
    /// # Errors
    /// Of the store.
    pub async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
        self.inner.store.prune(closed_before, limit).await
    }
    /// A host transaction committed: the loops look now, not at the next tick. Losing a wake costs one tick.
    pub fn wake(&self) {
        self.inner.alarm.ring();
    }
    /// What becomes visible from now on, as this engine commits it.
    pub fn subscribe(&self) -> Feed {
        self.inner.feed.subscribe()
    }

    // -- network --

    /// Makes records known and pulls them with their children: how records enter the local set.
    ///
    /// Of an object that is mapped as a child ([`ObjectMapping::child_of`](crate::ObjectMapping::child_of)) only children
    /// of known records can be tracked: the others would not be met by any later pull.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for ids of another object, [`ErrorKind::NotFound`] names the ids that the org does not
    /// show to this user, or whose parent is not known (the others are known then); errors of the org.
    pub async fn track(
        &self,
        object: ObjectName,
        ids: impl IntoIterator<Item = SfId> + Send,
    ) -> Result<Report> {
        let ids: BTreeSet<SfId> = ids.into_iter().collect();
        self.import(object, ids.into_iter().collect()).await
    }
    /// Fetches; see [`Scope`]. Interrupted, it goes on where it was when called again.
    ///
    /// # Errors
    /// Of the org and of the store; [`ErrorKind::Mapping`] names everything in which the mapping does not fit the org.
    /// What was applied until then stays.
    pub async fn pull(&self, scope: Scope) -> Result<Report> {
        self.work(&Work::Pull(scope)).await
    }
    /// Sends every open edit. Waits for edits that are still in their debounce, not for rows that back off.
    ///
    /// A refused change is no error: it is *failed* in the log, and counted in the report.
    ///
    /// # Errors
    /// Of the org and of the store; nothing is lost then, call again.
    pub async fn push(&self) -> Result<Report> {
        self.work(&Work::Push).await
    }
    /// [`push`](Engine::push), then [`pull`](Engine::pull) of [`Scope::Changed`].
    ///
    /// # Errors
    /// As theirs.
    pub async fn sync(&self) -> Result<Report> {
        let mut report = self.work(&Work::Push).await?;
        report.absorb(self.work(&Work::Pull(Scope::Changed)).await?);
        Ok(report)
    }

    // -- shared by all --

    fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }
    fn session(&self) -> MutexGuard<'_, Session> {
        self.inner.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn schema(&self) -> Arc<Schema> {
        self.inner.schema.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Commits, and tells subscribers. `false`: something moved, decide again.
    async fn commit(&self, changes: ChangeSet) -> Result<bool> {
        if changes.is_empty() {
            return Ok(true);
        }
        let visible = self.inner.feed.wants(&changes.visible);
        let mut unanswered = Unanswered { inner: &self.inner, is_seen: visible.is_some(), is_open: true };
        let answer = self.inner.store.commit(changes).await;
        unanswered.is_open = false;
        match answer? {
            Committed::Done { .. } => {
                self.inner.feed.publish(visible);
                Ok(true)
            }
            Committed::Stale => Ok(false),
        }
    }
    /// What decisions look at, for as long as the guard lives.
    fn grounds(&self) -> Grounds<'_> {
        Grounds { config: self.config(), schema: self.schema(), engine: self, now: self.now() }
    }
}
fn busy() -> Error {
    Error::new(ErrorKind::Busy, "the records kept changing while this was decided")
}

/// Holds what [`Rules`] borrow.
struct Grounds<'e> {
    config: Arc<ConfigVersion>,
    schema: Arc<Schema>,
    engine: &'e Engine,
    now: Timestamp,
}
impl Grounds<'_> {
    fn rules(&self) -> Rules<'_> {
        Rules {
            config: &self.config.config,
            version: self.config.number,
            schema: &self.schema,
            resolvers: &self.engine.inner.resolvers,
            settings: &self.engine.inner.settings,
            now: self.now,
        }
    }
}
