//! The org as one value: state, clock, faults and log behind one lock.
use crate::{
    Assumptions, Credentials, Request, Response, VirtualClock,
    bulk::Bulk,
    bulk1::Classic,
    changes::{ChangeStream, Source},
    demo::Dataset,
    fault::Faults,
    journal::{Journal, Origin},
    log::RequestLog,
    oauth::OAuth,
    rest::Recent,
    save::{Rules, SaveOptions},
    service::LateCommit,
    soql::Locators,
    state::{Commit, State},
    tooling::Tooling,
};
use sf_core::{Clock, SfId, Timestamp};
use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

/// API requests of 24 hours, unless a test says otherwise.
const DAILY_API_REQUESTS: u64 = 100_000;

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
    pub(crate) oauth: OAuth,
    pub(crate) assumptions: Assumptions,
    pub(crate) origin: Origin,
    pub(crate) journal: Option<Journal>,
    pub(crate) rules: Rules,
    /// How the request being answered saves rows.
    pub(crate) options: SaveOptions,
    pub(crate) recent: Recent,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) locators: Locators,
    pub(crate) bulk: Bulk,
    pub(crate) classic: Classic,
    pub(crate) late: Vec<LateCommit>,
    pub(crate) changes: ChangeStream,
    /// When what is being done is committed, where that is later than its stamps.
    pub(crate) commit_time: Option<Timestamp>,
    /// When the org began: nothing of before can be replicated.
    pub(crate) started: Timestamp,
    /// How far the org's clock is ahead, in milliseconds: a fault.
    pub(crate) skew: i64,
    pub(crate) latency: Duration,
    pub(crate) page_size: Option<usize>,
    /// A fault of the request being answered.
    pub(crate) short_page: Option<usize>,
    pub(crate) daily_api_requests: u64,
    /// Most bytes of an uploaded file, where a test says so.
    pub(crate) largest_upload: Option<u64>,
    pub(crate) apex: Vec<crate::apex::Route>,
    pub(crate) tooling: Tooling,
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
        let mut state = state;
        if let (None, Ok(user)) = (state.user(), SfId::new(&credentials.user_id)) {
            state.set_user(user);
        }
        let inner = Inner {
            hook: None,
            oauth: OAuth::new(credentials, origin.seed, origin.started),
            assumptions: Assumptions::default(),
            journal: None,
            rules: Rules::default(),
            options: SaveOptions::default(),
            recent: Recent::default(),
            faults: Faults::new(origin.seed),
            log: RequestLog::default(),
            locators: Locators::default(),
            bulk: Bulk::new(origin.seed),
            classic: Classic::default(),
            late: Vec::new(),
            changes: ChangeStream::new(origin.seed, state.commits()),
            commit_time: None,
            started: origin.started,
            skew: 0,
            latency: Duration::ZERO,
            page_size: None,
            short_page: None,
            daily_api_requests: DAILY_API_REQUESTS,
            largest_upload: None,
            apex: Vec::new(),
            tooling: Tooling::new(origin.started),
            origin,
            state,
        };
        TestOrg { inner: Arc::new(Mutex::new(inner)), clock }
    }
    /// Ids and secrets of the API user.
    pub fn credentials(&self) -> Credentials {
        self.lock().oauth.credentials.clone()
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
    /// The time that the org shows: that of its clock, unless [`crate::Effect::SkewClock`] has set it wrong.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        self.lock().skewed(now)
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
        let now = self.now();
        let mut inner = self.lock();
        inner.state.set_now(now);
        let result = f(&mut inner.state);
        inner.commit()?;
        Ok(result)
    }
    /// The answer to one request: the whole HTTP surface as a function. Every server and every in-process client
    /// goes through it.
    ///
    /// ```
    /// use sf_testorg::{Request, TestOrg};
    ///
    /// let org = TestOrg::empty();
    /// let request = Request::get("/services/data/v66.0/query?q=SELECT+COUNT()+FROM+Account").bearer(&org.access_token());
    /// let response = org.handle(&request);
    /// assert_eq!(response.status, 200);
    /// assert_eq!(response.text(), r#"{"totalSize":0,"done":true,"records":[]}"#);
    /// ```
    pub fn handle(&self, request: &Request) -> Response {
        let now = self.clock.now();
        self.lock().handle(request, now)
    }
    /// Does the work of late commits ([`crate::Effect::CommitLate`]) whose time has come. Every request does the
    /// same first; a test that only looks into the org calls this.
    pub fn settle(&self) {
        let now = self.now();
        self.lock().commit_late(now);
    }
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| {
            self.inner.clear_poison();
            let mut inner = poisoned.into_inner();
            inner.forget_unfinished();
            inner
        })
    }
}

impl Inner {
    /// A closure of a test panicked in the middle of a request: nothing that the request did stays.
    fn forget_unfinished(&mut self) {
        let start = self.state.start_of_transaction();
        self.state.rollback_to(start);
        self.options = SaveOptions::default();
        self.changes.source = Source::default();
        self.commit_time = None;
        if let Ok(user) = SfId::new(&self.oauth.credentials.user_id) {
            self.run_as(user);
        }
    }
}
