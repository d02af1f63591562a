//! Renewals and sign-ins whose caller has gone, and runtimes that end or stand still meanwhile.
use crate::once;
use sf_core::{Delivery, ErrorKind, Failure, Transport, protocol::Request};
use sf_rest_transport::{
    App, FileTokenStore, MemoryTokenStore, Rest, RestTransport, Session, StoreKey, StoreLock, StoredTokens,
    TokenKey, TokenStore, Tokens,
};
use sf_testorg::{ConnectedApp, Effect, Fault, On, Server, TestOrg};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
    time::timeout,
};

/// Of an answer: much longer than a caller waits.
const SLOW: Duration = Duration::from_secs(3);
const ROOM: Duration = Duration::from_secs(30);

/// An org whose app rotates refresh tokens.
struct Desk {
    org: TestOrg,
    server: Server,
}
impl Desk {
    fn new() -> Desk {
        let org = TestOrg::builder().accounts(1).build();
        let app =
            ConnectedApp::new("3MVG9desk").secret_optional().rotate_refresh_tokens().loopback_callbacks();
        org.add_connected_app(app);
        let server = org.serve().unwrap();
        Desk { org, server }
    }
    fn app(&self, store: impl TokenStore) -> App {
        self.storeless_app().store(store)
    }
    fn storeless_app(&self) -> App {
        App::new(self.server.url(), "3MVG9desk").allow_loopback_http()
    }
    /// A sign-in whose user has just allowed it, and what the browser brings back.
    async fn allowed(&self, app: &App) -> (sf_rest_transport::PendingSignIn, String) {
        let pending = app.authorization_code().callback("http://127.0.0.1:7/").begin().unwrap();
        let back = crate::sign_in::redirect(pending.url(), &self.org.credentials().username, "allow").await;
        (pending, back)
    }
    async fn signed_in(&self, app: &App) -> Session {
        let (pending, back) = self.allowed(app).await;
        pending.finish(&back).await.unwrap()
    }
    /// Makes a call that is dropped once the login host has got the token request, long before it answers.
    async fn leave_while_the_session_is_renewed(&self, session: &Session) {
        self.org.expire_sessions();
        self.org.inject(Fault::new(On::Operation("token".into()), Effect::Slow(SLOW)));
        let (before, rest) = (self.count("token"), over(session));
        tokio::select! {
            biased;
            () = self.until("token", before + 1) => {}
            answer = call(&rest) => panic!("{answer:?}"),
        }
    }
    async fn until(&self, operation: &str, count: usize) {
        let come = async {
            while self.count(operation) < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(ROOM, come).await.unwrap_or_else(|_| panic!("no {operation}"));
    }
    fn count(&self, operation: &str) -> usize {
        self.org.calls().iter().filter(|call| call.operation() == operation).count()
    }
}
fn file(path: &Path) -> FileTokenStore {
    FileTokenStore::open(path, StoreKey::bytes([7; 32])).unwrap()
}
fn over(session: &Session) -> RestTransport {
    Rest::with_credentials(session.clone()).allow_loopback_http().connect().unwrap()
}
async fn call(rest: &RestTransport) -> sf_core::Result<()> {
    rest.call(&Request::get(["limits"]), &once()).await.map(drop)
}
async fn refresh_token(store: &dyn TokenStore, key: &TokenKey) -> String {
    store.load(key).await.unwrap().unwrap().tokens.refresh_token().unwrap().expose().to_owned()
}
fn runtimes() -> [Runtime; 2] {
    let (mut one, mut many) = (Builder::new_current_thread(), Builder::new_multi_thread());
    [one.enable_all().build().unwrap(), many.worker_threads(2).enable_all().build().unwrap()]
}

/// At once: the slow answers are waited for together.
fn on_each_runtime(check: impl Fn(Runtime) + Sync) {
    std::thread::scope(|scope| {
        for runtime in runtimes() {
            scope.spawn(|| check(runtime));
        }
    });
}

/// As at the end of `main`, and in a program that drives a runtime only while it waits for a call.
#[test]
fn a_renewal_that_its_call_did_not_wait_for_can_be_finished_before_the_runtime_ends() {
    on_each_runtime(|runtime| {
        let desk = Desk::new();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let app = desk.app(file(&path));
        let session = runtime.block_on(desk.signed_in(&app));
        let key = session.key().clone();
        let first = runtime.block_on(refresh_token(&file(&path), &key));
        runtime.block_on(desk.leave_while_the_session_is_renewed(&session));
        assert_eq!(
            runtime.block_on(refresh_token(&file(&path), &key)),
            first,
            "the token request is under way"
        );
        runtime.block_on(session.finish_renewal()).unwrap();
        drop(runtime);
        // The next run of the program.
        let next = Builder::new_current_thread().enable_all().build().unwrap();
        next.block_on(async {
            assert_ne!(refresh_token(&file(&path), &key).await, first);
            drop(timeout(ROOM, file(&path).lock(&key)).await.expect("nobody has the lock").unwrap());
            let session = desk.app(file(&path)).stored_session().await.unwrap().unwrap();
            desk.org.expire_sessions();
            call(&over(&session)).await.unwrap();
        });
        assert_eq!(desk.count("token"), 3, "the sign-in and two renewals");
    });
}

#[test]
fn a_renewal_whose_runtime_has_ended_says_so() {
    for runtime in runtimes() {
        let desk = Desk::new();
        let session = runtime.block_on(desk.signed_in(&desk.app(MemoryTokenStore::new())));
        runtime.block_on(desk.leave_while_the_session_is_renewed(&session));
        drop(runtime);
        let next = Builder::new_current_thread().enable_all().build().unwrap();
        let e = next.block_on(session.finish_renewal()).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Unavailable);
        assert!(e.help().next_step.contains("finish_renewal"), "{}", e.help().next_step);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_is_given_up_before_its_tokens_come_replaces_nobody_and_leaves_no_grant() {
    let desk = Desk::new();
    let store = MemoryTokenStore::new();
    let app = desk.app(store.clone());
    let first = desk.signed_in(&app).await;
    let stored = store.load(first.key()).await.unwrap();
    let (pending, back) = desk.allowed(&app).await;
    desk.org.inject(Fault::new(On::Operation("token".into()), Effect::Slow(SLOW)));
    tokio::select! {
        biased;
        () = desk.until("token", 2) => {}
        session = pending.finish(&back) => panic!("{session:?}"),
    }
    desk.until("revoke", 1).await;
    assert_eq!((store.load(first.key()).await.unwrap(), desk.count("token")), (stored, 2));
    // And the one who was signed in still is.
    desk.org.expire_sessions();
    call(&over(&first)).await.unwrap();
}

/// A store that writes when it is told to.
#[derive(Debug, Clone)]
struct Slow {
    inner: MemoryTokenStore,
    begun: Arc<Semaphore>,
    told: Arc<Semaphore>,
}
#[async_trait::async_trait]
impl TokenStore for Slow {
    async fn load(&self, key: &TokenKey) -> sf_core::Result<Option<StoredTokens>> {
        self.inner.load(key).await
    }
    async fn swap(
        &self,
        key: &TokenKey,
        seen: Option<u64>,
        new: Option<&Tokens>,
    ) -> sf_core::Result<Option<u64>> {
        self.begun.add_permits(1);
        self.told.acquire().await.unwrap().forget();
        self.inner.swap(key, seen, new).await
    }
    async fn lock(&self, key: &TokenKey) -> sf_core::Result<StoreLock> {
        self.inner.lock(key).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_is_dropped_while_it_is_stored_is_complete() {
    let desk = Desk::new();
    let closed = || Arc::new(Semaphore::new(0));
    let store = Slow { inner: MemoryTokenStore::new(), begun: closed(), told: closed() };
    let app = desk.app(store.clone());
    let (pending, back) = desk.allowed(&app).await;
    tokio::select! {
        _ = pending.finish(&back) => panic!("the store has not written"),
        begun = timeout(ROOM, store.begun.acquire()) => drop(begun.unwrap().unwrap()),
    }
    store.told.add_permits(100);
    let session = timeout(ROOM, async {
        loop {
            if let Some(session) = app.stored_session().await.unwrap() {
                return session;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the sign-in goes to its end");
    desk.org.expire_sessions();
    call(&over(&session)).await.unwrap();
    assert_eq!((desk.count("token"), desk.count("revoke")), (2, 0));
}

/// Of a token answer, and then longer than that: the caller looks elsewhere, and leaves when the tokens are there.
const SOON: Duration = Duration::from_millis(300);

/// Nobody else could find its session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_without_a_store_that_is_left_when_its_tokens_have_come_leaves_no_grant() {
    let desk = Desk::new();
    let (pending, back) = desk.allowed(&desk.storeless_app()).await;
    desk.org.inject(Fault::new(On::Operation("token".into()), Effect::Slow(SOON)));
    let mut finish = Box::pin(pending.finish(&back));
    tokio::select! {
        biased;
        () = desk.until("token", 1) => {}
        session = &mut finish => panic!("{session:?}"),
    }
    tokio::time::sleep(SOON * 3).await;
    assert_eq!(desk.count("revoke"), 0);
    drop(finish);
    desk.until("revoke", 1).await;
    // Who has taken it keeps it.
    let session = desk.signed_in(&desk.storeless_app()).await;
    tokio::time::sleep(SOON).await;
    call(&over(&session)).await.unwrap();
    desk.org.expire_sessions();
    call(&over(&session)).await.unwrap();
    assert_eq!(desk.count("revoke"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_sign_in_without_a_store_that_is_left_when_its_tokens_have_come_leaves_no_grant() {
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::body_string_contains};
    let server = MockServer::start().await;
    let said = |answer: serde_json::Value| ResponseTemplate::new(200).set_body_json(answer);
    let device = said(serde_json::json!({
        "device_code": "d", "user_code": "ABCD-1234", "verification_uri": "https://x.example", "interval": 1
    }));
    let tokens = said(serde_json::json!({
        "access_token": "00D5e!access", "refresh_token": "5Aep861", "instance_url": server.uri(), "token_type": "Bearer"
    }));
    for (asked, answer) in [
        ("response_type=device_code", device),
        ("grant_type=device", tokens.set_delay(SOON)),
        ("token=5Aep861", ResponseTemplate::new(200)),
    ] {
        Mock::given(body_string_contains(asked)).respond_with(answer).mount(&server).await;
    }
    let requests = async |count: usize| {
        let come = async {
            while server.received_requests().await.unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(ROOM, come).await.unwrap_or_else(|_| panic!("no request {count}"));
    };
    let sign_in = App::new(server.uri(), "3MVG9desk").allow_loopback_http().device().await.unwrap();
    let mut wait = Box::pin(sign_in.wait());
    tokio::select! {
        biased;
        () = requests(2) => {}
        session = &mut wait => panic!("{session:?}"),
    }
    tokio::time::sleep(SOON * 3).await;
    drop(wait);
    requests(3).await;
    assert_eq!(server.received_requests().await.unwrap()[2].url.path(), "/services/oauth2/revoke");
}

/// A store on a disk that is full.
#[derive(Debug)]
struct Full(MemoryTokenStore);
#[async_trait::async_trait]
impl TokenStore for Full {
    async fn load(&self, key: &TokenKey) -> sf_core::Result<Option<StoredTokens>> {
        self.0.load(key).await
    }
    async fn swap(&self, _: &TokenKey, _: Option<u64>, _: Option<&Tokens>) -> sf_core::Result<Option<u64>> {
        Err(Failure::new(ErrorKind::Setup, Delivery::NotSent, "disk full").into())
    }
    async fn lock(&self, key: &TokenKey) -> sf_core::Result<StoreLock> {
        self.0.lock(key).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_cannot_be_stored_leaves_no_grant() {
    let desk = Desk::new();
    let (pending, back) = desk.allowed(&desk.app(Full(MemoryTokenStore::new()))).await;
    let e = pending.finish(&back).await.unwrap_err();
    assert_eq!((e.kind(), e.to_string().as_str()), (ErrorKind::Setup, "disk full"));
    assert_eq!((desk.count("token"), desk.count("revoke")), (1, 1));
}
