//! Sessions and their store: one that fails, tokens that wait for it, sessions that share one.
use super::*;

/// A store that remembers the refresh tokens it was given, and that can be told to fail.
#[derive(Debug, Clone, Default)]
pub(super) struct Watched {
    inner: MemoryTokenStore,
    pub(super) written: Arc<Mutex<Vec<String>>>,
    trouble: Arc<Mutex<Option<Trouble>>>,
    /// What somebody who takes no lock writes just before the next writing.
    intruder: Arc<Mutex<Option<Tokens>>>,
}
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Full,
    Panic,
}
#[async_trait::async_trait]
impl TokenStore for Watched {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredTokens>, sf_core::Error> {
        self.inner.load(key).await
    }
    async fn swap(
        &self,
        key: &TokenKey,
        seen: Option<u64>,
        new: Option<&Tokens>,
    ) -> Result<Option<u64>, sf_core::Error> {
        let trouble = *self.trouble.lock().unwrap();
        match trouble {
            Some(Trouble::Full) => {
                return Err(sf_core::Failure::new(ErrorKind::Setup, Delivery::NotSent, "disk full").into());
            }
            Some(Trouble::Panic) => panic!("a defect of the host's store"),
            None => {}
        }
        let intruder = self.intruder.lock().unwrap().take();
        if let Some(intruder) = intruder {
            self.inner.swap(key, seen, Some(&intruder)).await.unwrap().unwrap();
        }
        let token = new.and_then(Tokens::refresh_token).map(|token| token.expose().to_owned());
        self.written.lock().unwrap().extend(token);
        self.inner.swap(key, seen, new).await
    }
    async fn lock(&self, key: &TokenKey) -> Result<StoreLock, sf_core::Error> {
        self.inner.lock(key).await
    }
}

/// The rotated token waits in memory until it is stored; the access token that came with it is not used before.
#[tokio::test]
async fn while_the_store_fails_calls_fail_and_no_token_is_lost() {
    for (trouble, kind) in [(Trouble::Full, ErrorKind::Setup), (Trouble::Panic, ErrorKind::Unavailable)] {
        let server = MockServer::start().await;
        Mock::given(path("/services/oauth2/token"))
            .respond_with(granted("fresh", &server.uri(), Some("refresh-two")))
            .expect(1)
            .mount(&server)
            .await;
        org_that_takes(&server, "fresh").await;
        let store = Watched::default();
        let transport = signed_in(&app(&server.uri()).store(store.clone()), refresh());
        *store.trouble.lock().unwrap() = Some(trouble);
        for _ in 0..2 {
            let e = transport.call(&Request::get(["limits"]), &once()).await.unwrap_err();
            assert_eq!((e.kind(), e.delivery()), (kind, Delivery::NotSent), "{e}");
        }
        assert_eq!(seen(&server, "/services/data").await.len(), 0);
        *store.trouble.lock().unwrap() = None;
        transport.call(&Request::get(["limits"]), &once()).await.unwrap();
        assert_eq!(*store.written.lock().unwrap(), ["refresh-two"]);
    }
}

/// A session whose rotated token `refresh-two` could not be stored: the store has `refresh-one`, and works again.
async fn with_an_unsaved_token(server: &MockServer) -> (Watched, sf_rest_transport::Session, RestTransport) {
    Mock::given(path("/services/oauth2/token"))
        .respond_with(granted("second", &server.uri(), Some("refresh-two")))
        .expect(1)
        .mount(server)
        .await;
    org_that_takes(server, "of-nobody").await;
    let store = Watched::default();
    let session = app(&server.uri()).store(store.clone()).session(refresh()).unwrap();
    store.swap(session.key(), None, Some(&refresh())).await.unwrap().unwrap();
    *store.trouble.lock().unwrap() = Some(Trouble::Full);
    let transport = Rest::with_credentials(session.clone()).allow_loopback_http().connect().unwrap();
    transport.call(&Request::get(["limits"]), &once()).await.unwrap_err();
    *store.trouble.lock().unwrap() = None;
    (store, session, transport)
}

/// The end of a program is the last occasion to store them.
#[tokio::test]
async fn finishing_a_renewal_stores_a_token_that_waits_and_is_at_once_when_there_is_nothing_to_do() {
    let server = MockServer::start().await;
    let (store, session, _transport) = with_an_unsaved_token(&server).await;
    *store.trouble.lock().unwrap() = Some(Trouble::Full);
    assert_eq!(session.finish_renewal().await.unwrap_err().kind(), ErrorKind::Setup);
    *store.trouble.lock().unwrap() = None;
    session.finish_renewal().await.unwrap();
    let stored = || async { store.load(session.key()).await.unwrap().unwrap() };
    let after = stored().await;
    assert_eq!(after.tokens.refresh_token().unwrap().expose(), "refresh-two");
    session.finish_renewal().await.unwrap();
    assert_eq!((stored().await.revision, token_requests(&server).await), (after.revision, 1));
}

/// The user has signed in again by another process, while a token of the sign-in before could not be stored.
#[tokio::test]
async fn a_token_that_waits_for_the_store_gives_way_to_a_later_sign_in() {
    let server = MockServer::start().await;
    let (store, session, transport) = with_an_unsaved_token(&server).await;
    Mock::given(header("authorization", "Bearer ninth"))
        .respond_with(json(200, "{}"))
        .with_priority(1)
        .mount(&server)
        .await;
    let same_user = "https://login.salesforce.com/id/00D5e000000ZyXwEAK/0055e000001AbCdAAK";
    let ninth =
        Tokens::refresh("refresh-nine").with_access("ninth", server.uri()).with_identity_url(same_user);
    let seen = store.load(session.key()).await.unwrap().unwrap().revision;
    store.swap(session.key(), Some(seen), Some(&ninth)).await.unwrap().unwrap();
    transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    let stored = store.load(session.key()).await.unwrap().unwrap().tokens;
    assert_eq!(stored, ninth);
    assert_eq!(session.tokens().refresh_token().unwrap().expose(), "refresh-nine");
}

/// What the other process could not know of is ended too.
#[tokio::test]
async fn a_sign_out_elsewhere_ends_a_token_that_waits_for_the_store() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/revoke"))
        .and(body_string("token=refresh-two"))
        .respond_with(ResponseTemplate::new(200))
        .expect(1)
        .mount(&server)
        .await;
    let (store, session, transport) = with_an_unsaved_token(&server).await;
    let seen = store.load(session.key()).await.unwrap().unwrap().revision;
    store.swap(session.key(), Some(seen), None).await.unwrap().unwrap();
    for _ in 0..2 {
        let e = transport.call(&Request::get(["limits"]), &once()).await.unwrap_err();
        assert_eq!((e.kind(), e.delivery()), (ErrorKind::NotSignedIn, Delivery::NotSent));
    }
    assert!(store.load(session.key()).await.unwrap().is_none());
}

/// The store of a host may have writers that take no lock.
#[tokio::test]
async fn a_sign_in_of_another_user_during_a_renewal_is_not_replaced() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(granted("second", &server.uri(), Some("refresh-two")))
        .expect(1)
        .mount(&server)
        .await;
    let user = |user: &str| format!("https://login.salesforce.com/id/00D5e000000ZyXwEAK/{user}");
    let store = Watched::default();
    let alice = refresh().with_identity_url(user("0055e000001AbCdAAK"));
    let transport = signed_in(&app(&server.uri()).store(store.clone()), alice);
    let bob = Tokens::refresh("bobs").with_identity_url(user("0055e000001AbCeAAK"));
    *store.intruder.lock().unwrap() = Some(bob.clone());
    for _ in 0..2 {
        let e = transport.call(&Request::get(["limits"]), &once()).await.unwrap_err();
        assert_eq!((e.kind(), e.retry(), e.code()), (ErrorKind::Setup, Retry::Never, None), "{e}");
    }
    let key = sf_rest_transport::TokenKey::new(server.uri(), "3MVG9client", "default");
    assert_eq!(store.load(&key).await.unwrap().unwrap().tokens, bob);
}

#[tokio::test]
async fn signing_out_ends_a_token_that_waits_for_the_store() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/revoke"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let (store, session, transport) = with_an_unsaved_token(&server).await;
    session.sign_out().await.unwrap();
    let revoked = seen(&server, "/services/oauth2/revoke").await;
    let revoked: Vec<_> = revoked.iter().map(|r| String::from_utf8_lossy(&r.body).into_owned()).collect();
    assert_eq!(revoked, ["token=refresh-two", "token=refresh-one"]);
    let e = transport.call(&Request::get(["limits"]), &once()).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::NotSignedIn);
    assert!(store.load(session.key()).await.unwrap().is_none());
}

/// Pain 4: whoever has rotated first has won, the other takes the winner's tokens over.
#[tokio::test]
async fn two_sessions_with_one_store_present_each_refresh_token_once() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .and(body_string_contains("refresh_token=refresh-one"))
        .respond_with(granted("second", &server.uri(), Some("refresh-two")))
        .expect(1)
        .mount(&server)
        .await;
    org_that_takes(&server, "second").await;
    let app = app(&server.uri()).store(MemoryTokenStore::new());
    let tokens = refresh().with_access("first", server.uri());
    let (one, two) = (signed_in(&app, tokens.clone()), signed_in(&app, tokens));
    let (limits, options) = (Request::get(["limits"]), once());
    let (a, b) = tokio::join!(one.call(&limits, &options), two.call(&limits, &options));
    a.unwrap();
    b.unwrap();
}

/// What another process left in the store may have expired as well: that costs one token request, not an error.
#[tokio::test]
async fn a_token_that_was_taken_over_and_is_refused_is_renewed() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .and(body_string_contains("refresh_token=refresh-two"))
        .respond_with(granted("third", &server.uri(), None))
        .expect(1)
        .mount(&server)
        .await;
    org_that_takes(&server, "third").await;
    let store = MemoryTokenStore::new();
    let app = app(&server.uri()).store(store.clone());
    let session = app.session(refresh().with_access("first", server.uri())).unwrap();
    let newer = Tokens::refresh("refresh-two").with_access("second", server.uri());
    store.swap(session.key(), None, Some(&newer)).await.unwrap().unwrap();
    let transport = Rest::with_credentials(session).allow_loopback_http().connect().unwrap();
    transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    let sent = seen(&server, "/services/data").await;
    let tokens: Vec<_> = sent.iter().map(|r| r.headers["authorization"].to_str().unwrap()).collect();
    assert_eq!(tokens, ["Bearer first", "Bearer second", "Bearer third"]);
}

/// The user has signed in again elsewhere: the dead token is forgotten for the new one.
#[tokio::test]
async fn after_a_dead_refresh_token_a_new_one_in_the_store_is_taken_up() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .and(body_string_contains("refresh_token=refresh-new"))
        .respond_with(granted("fresh", &server.uri(), None))
        .with_priority(1)
        .mount(&server)
        .await;
    let dead = r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#;
    Mock::given(path("/services/oauth2/token")).respond_with(json(400, dead)).mount(&server).await;
    org_that_takes(&server, "fresh").await;
    let store = MemoryTokenStore::new();
    let session = app(&server.uri()).store(store.clone()).session(refresh()).unwrap();
    let transport = Rest::with_credentials(session.clone()).allow_loopback_http().connect().unwrap();
    let e = transport.call(&Request::get(["limits"]), &once()).await.unwrap_err();
    assert_eq!(e.code(), Some(&ErrorCode::InvalidGrant));
    store.swap(session.key(), None, Some(&Tokens::refresh("refresh-new"))).await.unwrap().unwrap();
    transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    assert_eq!(token_requests(&server).await, 2);
}

/// Pain 8: a session that is dropped signs nobody out; `sign_out` does, once.
#[tokio::test]
async fn only_sign_out_revokes() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/revoke"))
        .and(body_string_contains("token=refresh-one"))
        .respond_with(ResponseTemplate::new(200))
        .expect(1)
        .mount(&server)
        .await;
    let store = MemoryTokenStore::new();
    let app = app(&server.uri()).store(store.clone());
    drop(app.session(refresh()).unwrap());
    assert_eq!(seen(&server, "/").await.len(), 0);
    let session = app.session(refresh()).unwrap();
    store.swap(session.key(), None, Some(&refresh())).await.unwrap().unwrap();
    assert!(app.stored_session().await.unwrap().is_some());
    session.sign_out().await.unwrap();
    assert!(app.stored_session().await.unwrap().is_none());
    let transport = Rest::with_credentials(session).allow_loopback_http().connect().unwrap();
    let e = transport.call(&Request::get(["limits"]), &once()).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::NotSignedIn, Delivery::NotSent));
}
