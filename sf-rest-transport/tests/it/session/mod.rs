use crate::{
    CREATED, TOKEN, insert, once,
    tcp::{Act, Scripted},
    transport,
};
use sf_core::{
    CallOptions, Delivery, ErrorCode, ErrorKind, Retry, RowOutcome, Transport, WriteOptions,
    protocol::{Method, Request},
};
use sf_rest_transport::{
    App, MemoryTokenStore, Rest, RestTransport, StoreLock, StoredTokens, TokenKey, TokenStore, Tokens,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use wiremock::{
    Mock, MockServer, Request as Seen, ResponseTemplate,
    matchers::{body_string, body_string_contains, header, method, path, path_regex},
};

mod stored;

use stored::Watched;

const EXPIRED: &str = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;

fn json(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "application/json")
}
fn granted(access: &str, instance: &str, refresh: Option<&str>) -> ResponseTemplate {
    let mut body = serde_json::json!({
        "access_token": access, "instance_url": instance, "token_type": "Bearer", "signature": "mB2k=",
        "scope": "refresh_token api", "issued_at": "1767323045123",
        "id": "https://login.salesforce.com/id/00D5e000000ZyXwEAK/0055e000001AbCdAAK"
    });
    if let Some(refresh) = refresh {
        body["refresh_token"] = refresh.into();
    }
    ResponseTemplate::new(200).set_body_json(body)
}
fn app(login: &str) -> App {
    App::new(login, "3MVG9client").allow_loopback_http()
}
fn refresh() -> Tokens {
    Tokens::refresh("refresh-one")
}
fn signed_in(app: &App, tokens: Tokens) -> RestTransport {
    Rest::with_credentials(app.session(tokens).unwrap()).allow_loopback_http().connect().unwrap()
}
/// The data API: `good` is let in, every other token has expired.
async fn org_that_takes(server: &MockServer, good: &str) {
    Mock::given(path_regex("^/services/data/"))
        .and(header("authorization", format!("Bearer {good}").as_str()))
        .respond_with(json(200, "{}"))
        .with_priority(1)
        .mount(server)
        .await;
    Mock::given(path_regex("^/services/data/")).respond_with(json(401, EXPIRED)).mount(server).await;
}
/// A login host with this answer to the first token request and a token for the next ones.
async fn first_says(server: &MockServer, answer: ResponseTemplate) {
    let token = || Mock::given(path("/services/oauth2/token"));
    token().respond_with(answer).up_to_n_times(1).with_priority(1).mount(server).await;
    token().respond_with(granted("fresh", &server.uri(), None)).mount(server).await;
    org_that_takes(server, "fresh").await;
}
async fn seen(server: &MockServer, prefix: &str) -> Vec<Seen> {
    let all = server.received_requests().await.unwrap();
    all.into_iter().filter(|r| r.url.path().starts_with(prefix)).collect()
}
async fn token_requests(server: &MockServer) -> usize {
    seen(server, "/services/oauth2/token").await.len()
}

#[tokio::test]
async fn the_grant_is_the_documented_form() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/services/oauth2/token"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .respond_with(granted("fresh", &server.uri(), None))
        .expect(1)
        .mount(&server)
        .await;
    org_that_takes(&server, "fresh").await;
    let transport = signed_in(&app(&server.uri()).client_secret("s&cret"), refresh());
    transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    let request = &seen(&server, "/services/oauth2/token").await[0];
    let mut form: Vec<_> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    form.sort();
    let expected = [
        ("client_id", "3MVG9client"),
        ("client_secret", "s&cret"),
        ("grant_type", "refresh_token"),
        ("refresh_token", "refresh-one"),
    ];
    assert_eq!(form, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    assert!(request.url.query().is_none(), "secrets do not go in a URL");
    assert!(!request.headers.contains_key("authorization"));
}

/// Pain 6: without single flight, N expired calls make N logins.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_calls_with_an_expired_token_make_one_token_request() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(granted("fresh", &server.uri(), None).set_delay(Duration::from_millis(100)))
        .expect(1)
        .mount(&server)
        .await;
    org_that_takes(&server, "fresh").await;
    let transport = signed_in(&app(&server.uri()), refresh().with_access("expired", server.uri()));
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let transport = transport.clone();
            tokio::spawn(async move { transport.call(&Request::get(["limits"]), &once()).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().text(), "{}");
    }
    assert_eq!(token_requests(&server).await, 1);
}

/// Pain 9: headers and body of the repeat are those of the first, but for the token.
#[tokio::test]
async fn a_repeat_after_sign_in_is_the_same_request() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(granted("fresh", &server.uri(), None))
        .mount(&server)
        .await;
    org_that_takes(&server, "fresh").await;
    let transport = signed_in(&app(&server.uri()), refresh().with_access("expired", server.uri()));
    let request = Request::post(["composite", "sobjects"])
        .with_header("Sforce-Duplicate-Rule-Header", "allowSave=true")
        .with_json(r#"{"records":[]}"#);
    transport.call(&request, &once()).await.unwrap();
    let [first, second] = seen(&server, "/services/data").await.try_into().unwrap();
    assert_eq!((first.url, first.body), (second.url, second.body));
    let others = |headers: &http::HeaderMap| {
        let mut headers = headers.clone();
        let token = headers.remove("authorization").unwrap();
        (headers, token)
    };
    let ((first, old), (second, new)) = (others(&first.headers), others(&second.headers));
    assert_eq!(first, second);
    assert_eq!((old.to_str().unwrap(), new.to_str().unwrap()), ("Bearer expired", "Bearer fresh"));
    assert_eq!(transport.usage().calls, 2);
}

/// Pain 1: a refresh that succeeds but still gives 401 must not go round for ever.
#[tokio::test]
async fn one_refresh_per_request_then_an_error() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(granted("also-refused", &server.uri(), None))
        .mount(&server)
        .await;
    org_that_takes(&server, "never").await;
    let transport = signed_in(&app(&server.uri()), refresh().with_access("expired", server.uri()));
    let e = transport.call(&Request::get(["limits"]), &CallOptions::new()).await.unwrap_err();
    assert_eq!((e.kind(), e.code()), (ErrorKind::NotSignedIn, Some(&ErrorCode::InvalidSessionId)));
    assert_eq!((token_requests(&server).await, seen(&server, "/services/data").await.len()), (1, 2));
}

/// Pain 2: this 401 is about the session's type, and a new one is of the same type.
#[tokio::test]
async fn a_401_that_no_new_token_cures_makes_no_refresh() {
    let server = MockServer::start().await;
    Mock::given(path_regex("^/services/data/"))
        .respond_with(json(
            401,
            r#"[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]"#,
        ))
        .mount(&server)
        .await;
    let transport = signed_in(&app(&server.uri()), refresh().with_access("wrong-kind", server.uri()));
    let e = transport.call(&Request::get(["limits"]), &CallOptions::new()).await.unwrap_err();
    assert_eq!(e.failure().status, Some(401));
    assert_eq!((token_requests(&server).await, seen(&server, "/services/data").await.len()), (0, 1));
}

#[tokio::test]
async fn the_identity_service_has_its_own_words_for_an_expired_token() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(granted("fresh", &server.uri(), None))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/services/oauth2/userinfo"))
        .and(header("authorization", "Bearer fresh"))
        .respond_with(json(200, "{}"))
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(path("/services/oauth2/userinfo"))
        .respond_with(ResponseTemplate::new(403).set_body_raw("Bad_OAuth_Token", "text/plain"))
        .mount(&server)
        .await;
    let transport = signed_in(&app(&server.uri()), refresh().with_access("expired", server.uri()));
    let request = Request::to_path(Method::Get, "/services/oauth2/userinfo").unwrap();
    assert_eq!(transport.call(&request, &once()).await.unwrap().status, 200);
}

/// Pain 3: the org moved; the token answer says where.
#[tokio::test]
async fn the_repeat_goes_where_the_new_token_says() {
    let (old, new) = (MockServer::start().await, MockServer::start().await);
    Mock::given(path("/services/oauth2/token"))
        .respond_with(granted("fresh", &new.uri(), None))
        .mount(&old)
        .await;
    org_that_takes(&old, "none").await;
    org_that_takes(&new, "fresh").await;
    let transport = signed_in(&app(&old.uri()), refresh().with_access("expired", old.uri()));
    let next = Request::to_path(Method::Get, "/services/data/v66.0/query/01gx-2000").unwrap();
    transport.call(&next, &once()).await.unwrap();
    transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    assert_eq!(seen(&old, "/services/data").await.len(), 1);
    assert_eq!(seen(&new, "/services/data").await.len(), 2);
    assert!(seen(&new, "/services/data").await.iter().all(|r| r.headers["authorization"] == "Bearer fresh"));
}

#[tokio::test]
async fn an_instance_url_that_is_not_safe_is_not_followed() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(granted("fresh", "http://evil.example", None))
        .mount(&server)
        .await;
    let e =
        signed_in(&app(&server.uri()), refresh()).call(&Request::get(["limits"]), &once()).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
}

/// Pain 4: a rotated refresh token is kept before the access token is used, and used from then on.
#[tokio::test]
async fn a_rotated_refresh_token_is_kept_and_used() {
    let server = MockServer::start().await;
    for (old, access, new) in
        [("refresh-one", "first", "refresh-two"), ("refresh-two", "second", "refresh-three")]
    {
        Mock::given(path("/services/oauth2/token"))
            .and(body_string_contains(format!("refresh_token={old}")))
            .respond_with(granted(access, &server.uri(), Some(new)))
            .expect(1)
            .mount(&server)
            .await;
    }
    org_that_takes(&server, "second").await;
    let store = Watched::default();
    let transport = signed_in(&app(&server.uri()).store(store.clone()), refresh());
    // First use: refresh-one gives "first", which the org refuses; refresh-two gives "second".
    transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    assert_eq!(*store.written.lock().unwrap(), ["refresh-two", "refresh-three"]);
}

#[tokio::test]
async fn a_dropped_call_does_not_lose_a_rotated_token() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(
            granted("fresh", &server.uri(), Some("refresh-two")).set_delay(Duration::from_millis(1_500)),
        )
        .expect(1)
        .mount(&server)
        .await;
    org_that_takes(&server, "fresh").await;
    let store = Watched::default();
    let transport = signed_in(&app(&server.uri()).store(store.clone()), refresh());
    let short = once().with_timeout(Duration::from_millis(30));
    let e = transport.call(&Request::get(["limits"]), &short).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Timeout, Delivery::NotSent));
    transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    assert_eq!(*store.written.lock().unwrap(), ["refresh-two"]);
}

/// What became of the token request says nothing about the write: that never left, or was refused unread.
#[tokio::test]
async fn a_write_without_a_token_was_not_sent() {
    // The login host's answer is lost; the login host refuses.
    let lost = Scripted::play([Act::Reset]).await;
    let refusing = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(json(
            400,
            r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#,
        ))
        .mount(&refusing)
        .await;
    for login in [lost.url.clone(), refusing.uri()] {
        let written = signed_in(&app(&login), refresh()).write(&[insert("Acme")], &WriteOptions::new()).await;
        assert_eq!(written.unwrap_err().delivery(), Delivery::NotSent);
    }
    // The same when the token had to be renewed for the write.
    Mock::given(path_regex("^/services/data/")).respond_with(json(401, EXPIRED)).mount(&refusing).await;
    let lost = Scripted::play([Act::Reset]).await;
    let tokens = refresh().with_access("stale", refusing.uri());
    let e =
        signed_in(&app(&lost.url), tokens).write(&[insert("Acme")], &WriteOptions::new()).await.unwrap_err();
    // Signing in again would not help: it is the login host that cannot be reached.
    assert_eq!((e.kind(), e.delivery(), e.code()), (ErrorKind::Network, Delivery::NotSent, None));
}

#[tokio::test]
async fn a_dead_refresh_token_is_presented_once() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(json(
            400,
            r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#,
        ))
        .expect(1)
        .mount(&server)
        .await;
    let transport = signed_in(&app(&server.uri()), refresh());
    for _ in 0..3 {
        let e = transport.call(&Request::get(["limits"]), &CallOptions::new()).await.unwrap_err();
        assert_eq!((e.kind(), e.code()), (ErrorKind::NotSignedIn, Some(&ErrorCode::InvalidGrant)));
        assert!(e.to_string().contains("expired access/refresh token"), "{e}");
        assert!(e.help().next_step.contains("sign in again"), "{}", e.help().next_step);
    }
}

#[tokio::test]
async fn refusals_of_the_login_host_say_what_is_wrong() {
    for (body, kind) in [
        (r#"{"error":"invalid_client","error_description":"invalid client credentials"}"#, ErrorKind::Setup),
        (
            r#"{"error":"invalid_client_id","error_description":"client identifier invalid"}"#,
            ErrorKind::Setup,
        ),
        (r#"{"error":"inactive_user","error_description":"user is inactive"}"#, ErrorKind::Forbidden),
        ("<html>down</html>", ErrorKind::Decode),
        ("", ErrorKind::Decode),
        (r#"{"access_token":"s3cret"}"#, ErrorKind::Decode),
    ] {
        let server = MockServer::start().await;
        Mock::given(path("/services/oauth2/token")).respond_with(json(400, body)).mount(&server).await;
        let e = signed_in(&app(&server.uri()), refresh())
            .call(&Request::get(["limits"]), &once())
            .await
            .unwrap_err();
        assert_eq!(e.kind(), kind, "{body}: {e}");
        assert!(!e.help().next_step.is_empty());
        assert!(!format!("{e:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn a_success_of_the_login_host_that_is_no_token_answer_is_named_without_its_text() {
    for body in
        [r#"{"access_token":"s3cret"}"#, r#"{"access_token":"s3cret","token_type":"s3cret"}"#, "s3cret"]
    {
        let server = MockServer::start().await;
        Mock::given(path("/services/oauth2/token")).respond_with(json(200, body)).mount(&server).await;
        let e = signed_in(&app(&server.uri()), refresh())
            .call(&Request::get(["limits"]), &once())
            .await
            .unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Decode, "{body}: {e}");
        assert!(!format!("{e:?} {:?}", e.failure()).contains("s3cret"));
    }
}

/// Pain 5: somebody else is refreshing the same grant at this moment.
#[tokio::test]
async fn a_busy_login_host_is_asked_again() {
    let server = MockServer::start().await;
    first_says(
        &server,
        json(
            400,
            r#"{"error":"invalid_grant","error_description":"Token request is already being processed"}"#,
        ),
    )
    .await;
    signed_in(&app(&server.uri()), refresh()).call(&Request::get(["limits"]), &once()).await.unwrap();
    assert_eq!(token_requests(&server).await, 2);
}

/// The login host may have rotated the refresh token before it failed: to present the old one again would end the user's sessions.
#[tokio::test]
async fn after_a_server_error_of_the_login_host_a_refresh_token_is_not_presented_again_at_once() {
    let said = r#"{"error":"unknown_error","error_description":"retry your request"}"#;
    for (status, body, requests) in
        [(500, said, 1), (502, "<html>", 1), (504, "", 1), (503, said, 2), (503, "<html>", 2)]
    {
        let server = MockServer::start().await;
        first_says(&server, json(status, body)).await;
        let transport = signed_in(&app(&server.uri()), refresh());
        let outcome = transport.call(&Request::get(["limits"]), &once()).await;
        assert_eq!(token_requests(&server).await, requests, "{status} {body}");
        if requests == 1 {
            let e = outcome.unwrap_err();
            assert_eq!((e.kind(), e.failure().status), (ErrorKind::Unavailable, Some(status)));
            // The next call decides anew.
            transport.call(&Request::get(["limits"]), &once()).await.unwrap();
        } else {
            outcome.unwrap();
        }
    }
}

/// A secret does not rotate.
#[tokio::test]
async fn after_a_server_error_of_the_login_host_client_credentials_are_presented_again() {
    let server = MockServer::start().await;
    first_says(&server, json(500, "<html>")).await;
    let session = app(&server.uri()).client_secret("s").client_credentials().unwrap();
    let transport = Rest::with_credentials(session).allow_loopback_http().connect().unwrap();
    transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    assert_eq!(token_requests(&server).await, 2);
}

#[tokio::test]
async fn a_write_survives_an_expired_token() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(granted("fresh", &server.uri(), None))
        .mount(&server)
        .await;
    Mock::given(header("authorization", "Bearer fresh"))
        .respond_with(json(200, CREATED))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path_regex("^/services/data/")).respond_with(json(401, EXPIRED)).mount(&server).await;
    let transport = signed_in(&app(&server.uri()), refresh().with_access("expired", server.uri()));
    let options = WriteOptions::new().with_call(once());
    let outcomes = transport.write(&[insert("Acme")], &options).await.unwrap();
    assert!(matches!(outcomes[0], RowOutcome::Done { created: true, .. }));
}

#[tokio::test]
async fn a_fixed_token_that_is_refused_says_so() {
    let server = MockServer::start().await;
    org_that_takes(&server, "other").await;
    let transport = transport(&server.uri());
    let e = transport.call(&Request::get(["limits"]), &CallOptions::new()).await.unwrap_err();
    assert_eq!((e.kind(), e.code()), (ErrorKind::NotSignedIn, Some(&ErrorCode::InvalidSessionId)));
    assert_eq!(e.failure().status, Some(401));
    assert!(e.help().next_step.contains("access token"), "{}", e.help().next_step);
    assert_eq!(seen(&server, "/services/data").await.len(), 1);
    assert!(!format!("{e:?}").contains(TOKEN));
}
