//! The org as one value: state, clock, faults and log behind one lock.
use crate::{
    Credentials, Request, Response, VirtualClock,
    demo::Dataset,
    journal::{Journal, Origin},
    state::{Commit, State},
};
use sf_core::Clock;
use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Follows every commit of an org, in order, before the answer to the request that made it goes out.
///
/// A journal is one: when it fails, the change is taken back and the request answers 500.
pub trait CommitHook: Send {
    /// Keeps the commit.
    ///
    /// # Errors
    /// It could not be kept; the org then undoes it.
    fn committed(&mut self, commit: &Commit) -> io::Result<()>;
}

/// One org. Cheap to clone: all clones are the same org.
#[derive(Clone)]
pub struct TestOrg {
    inner: Arc<Mutex<Inner>>,
    clock: VirtualClock,
}
pub(crate) struct Inner {
    pub(crate) state: State,
    pub(crate) hook: Option<Box<dyn CommitHook>>,
    pub(crate) credentials: Credentials,
    pub(crate) origin: Origin,
    pub(crate) journal: Option<Journal>,
}
impl fmt::Debug for TestOrg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestOrg").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl TestOrg {
    /// An org around a state that was filled by hand.
    pub fn with_state(state: State, clock: VirtualClock) -> TestOrg {
        let origin = Origin::new(Dataset::Empty, 1, 0, clock.now());
        TestOrg::begin(state, clock, Credentials::of_seed(origin.seed), origin)
    }
    pub(crate) fn begin(
        state: State,
        clock: VirtualClock,
        credentials: Credentials,
        origin: Origin,
    ) -> TestOrg {
        let inner = Inner { state, hook: None, credentials, origin, journal: None };
        TestOrg { inner: Arc::new(Mutex::new(inner)), clock }
    }
    /// Ids and secrets of the API user.
    pub fn credentials(&self) -> Credentials {
        self.lock().credentials.clone()
    }
    /// What the org began as.
    pub fn origin(&self) -> Origin {
        self.lock().origin
    }
    /// Keeps every commit in this journal from now on.
    pub(crate) fn keep_in(&self, journal: Journal) {
        let mut inner = self.lock();
        inner.hook = Some(Box::new(journal.clone()));
        inner.journal = Some(journal);
    }
    /// The org's time.
    pub fn clock(&self) -> VirtualClock {
        self.clock.clone()
    }
    /// Sets who follows the commits from now on.
    pub fn on_commit(&self, hook: impl CommitHook + 'static) {
        self.lock().hook = Some(Box::new(hook));
    }
    /// Runs `f` on the state as one transaction.
    ///
    /// # Errors
    /// The commit hook failed: the transaction is undone.
    pub fn transact<R>(&self, f: impl FnOnce(&mut State) -> R) -> io::Result<R> {
        let now = self.clock.now();
        let mut inner = self.lock();
        inner.state.set_now(now);
        let result = f(&mut inner.state);
        inner.commit()?;
        Ok(result)
    }
    /// The answer to one request: the whole HTTP surface as a function.
    pub fn handle(&self, _request: &Request) -> Response {
        Response::new(503)
    }
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
impl Inner {
    pub(crate) fn commit(&mut self) -> io::Result<()> {
        self.state.commit_with(|commit| match &mut self.hook {
            Some(hook) => hook.committed(commit),
            None => Ok(()),
        })
    }
}
