use crate::{
    insert, once,
    tcp::{Act, Scripted},
    transport,
};
use sf_core::{
    AccessToken, CallOptions, Credentials, Delivery, ErrorCode, ErrorKind, RowOutcome, Transport,
    WriteOptions,
    protocol::{Method, Request, Safety},
};
use sf_rest_transport::Rest;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

fn twice() -> CallOptions {
    CallOptions::new().with_attempts(2)
}
fn error(status: u16, code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_raw(format!(r#"[{{"message":"{message}","errorCode":"{code}"}}]"#), "application/json")
}
async fn first(server: &MockServer, answer: ResponseTemplate) {
    Mock::given(any()).respond_with(answer).up_to_n_times(1).with_priority(1).mount(server).await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_raw("{}", "application/json"))
        .mount(server)
        .await;
}
async fn count(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn a_read_is_repeated_after_trouble_of_the_org() {
    for answer in [
        error(503, "SERVER_UNAVAILABLE", "busy"),
        error(503, "A_CODE_OF_NEXT_YEAR", "busy"),
        ResponseTemplate::new(502).set_body_raw("<html>Bad Gateway</html>", "text/html"),
        ResponseTemplate::new(500),
        error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    ] {
        let server = MockServer::start().await;
        first(&server, answer).await;
        let transport = transport(&server.uri());
        assert_eq!(transport.call(&Request::get(["limits"]), &twice()).await.unwrap().text(), "{}");
        assert_eq!((count(&server).await, transport.usage().calls), (2, 2));
    }
}

#[tokio::test]
async fn a_read_is_repeated_after_a_lost_or_torn_answer() {
    for act in [Act::Reset, Act::torn(200, "{}"), Act::Say(String::new())] {
        let server = Scripted::play([act.clone(), Act::answer(200, "{}")]).await;
        let answer = transport(&server.url).call(&Request::get(["limits"]), &twice()).await.unwrap();
        assert_eq!((answer.text(), server.requests()), ("{}", 2), "{act:?}");
    }
}

#[tokio::test]
async fn one_attempt_means_one_sending() {
    let server = MockServer::start().await;
    first(&server, error(503, "SERVER_UNAVAILABLE", "busy")).await;
    let e = transport(&server.uri()).call(&Request::get(["limits"]), &once()).await.unwrap_err();
    assert_eq!((e.kind(), e.code()), (ErrorKind::Unavailable, Some(&ErrorCode::ServerUnavailable)));
    assert_eq!(count(&server).await, 1);
}

#[tokio::test]
async fn what_a_repeat_cannot_cure_is_not_repeated() {
    for (status, code, message) in [
        (400, "MALFORMED_QUERY", "unexpected token"),
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        (404, "NOT_FOUND", "The requested resource does not exist"),
    ] {
        let server = MockServer::start().await;
        first(&server, error(status, code, message)).await;
        let e =
            transport(&server.uri()).call(&Request::get(["limits"]), &CallOptions::new()).await.unwrap_err();
        assert_eq!(e.failure().status, Some(status));
        assert_eq!(count(&server).await, 1, "{code}");
    }
}

#[tokio::test]
async fn a_write_that_may_be_done_is_not_repeated() {
    let server = MockServer::start().await;
    first(&server, error(503, "SERVER_UNAVAILABLE", "busy")).await;
    let result = transport(&server.uri()).write(&[insert("Acme")], &WriteOptions::new()).await;
    match result {
        Ok(rows) => assert!(matches!(&rows[0], RowOutcome::Failed(f) if f.delivery == Delivery::Unknown)),
        Err(e) => assert_ne!(e.delivery(), Delivery::Unknown),
    }
    assert_eq!(count(&server).await, 1);
}

/// Pain 36: what may go again is a matter of the operation and of what is known about it, not of the verb. A write that surely was not
/// applied goes again. One in doubt does not, although the same PATCH twice has the effect of once: somebody else may have changed
/// the row in between, and the repeat would silently undo their newer edit. Its outcome is unknown, and the caller decides.
#[tokio::test]
async fn a_write_that_was_refused_for_the_moment_goes_again() {
    let concurrent = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
    let reads_as_post = Request::post(["composite", "sobjects", "Account"])
        .with_json(r#"{"ids":[],"fields":["Id"]}"#)
        .with_safety(Safety::Read);
    let patch = Request::new(Method::Patch, ["sobjects", "Account", "001000000000001AAA"]).with_json("{}");
    let update = patch.clone().with_safety(Safety::Idempotent);
    for (request, answer, sent) in [
        // Refused: nothing was done, whatever the verb.
        (&patch, error(403, "REQUEST_LIMIT_EXCEEDED", concurrent), 2),
        (&patch, ResponseTemplate::new(429), 2),
        (&patch, error(503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "read-only"), 2),
        (&patch, error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), 1),
        // In doubt: a read goes again as a POST too, a write never.
        (&reads_as_post, error(503, "SERVER_UNAVAILABLE", "busy"), 2),
        (&update, error(503, "SERVER_UNAVAILABLE", "busy"), 1),
        (&patch, ResponseTemplate::new(502).set_body_raw("<html>", "text/html"), 1),
    ] {
        let server = MockServer::start().await;
        first(&server, answer).await;
        let outcome = transport(&server.uri()).call(request, &twice()).await;
        assert_eq!((outcome.is_ok(), count(&server).await), (sent == 2, sent), "{request:?} {outcome:?}");
    }
    // A caller who repeats by itself is asked first.
    let server = MockServer::start().await;
    first(&server, ResponseTemplate::new(429)).await;
    let e = transport(&server.uri()).call(&patch, &once()).await.unwrap_err();
    assert_eq!((e.delivery(), count(&server).await), (Delivery::Refused, 1));
}

#[tokio::test]
async fn the_org_s_pause_is_kept_or_left_to_the_caller() {
    let server = MockServer::start().await;
    first(&server, error(503, "SERVER_UNAVAILABLE", "busy").insert_header("retry-after", "1")).await;
    let start = Instant::now();
    transport(&server.uri()).call(&Request::get(["limits"]), &twice()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));

    // Longer than the call may take: no waiting for nothing.
    let server = MockServer::start().await;
    first(&server, error(503, "SERVER_UNAVAILABLE", "busy").insert_header("retry-after", "30")).await;
    let options = twice().with_timeout(Duration::from_secs(5));
    let transport = transport(&server.uri());
    let start = Instant::now();
    let e = transport.call(&Request::get(["limits"]), &options).await.unwrap_err();
    assert_eq!(e.failure().retry_after, Some(Duration::from_secs(30)));
    assert!(start.elapsed() < Duration::from_secs(4));
    assert_eq!(count(&server).await, 1);
}

/// Another token each time, counted.
#[derive(Debug, Clone)]
struct Renewing(String, Arc<AtomicUsize>);
#[async_trait::async_trait]
impl Credentials for Renewing {
    async fn token(&self, _: Option<&AccessToken>) -> sf_core::Result<AccessToken> {
        let n = self.1.fetch_add(1, SeqCst);
        Ok(AccessToken::new(format!("00D5e!token{n}"), &self.0))
    }
}

/// A class behind Apex REST chooses its status itself, and its rows stay: a second sending would make them twice.
#[tokio::test]
async fn a_write_that_an_apex_class_answered_is_not_repeated() {
    let json = |status, body: &str| ResponseTemplate::new(status).set_body_raw(body, "application/json");
    let busy = r#"{"error":"busy"}"#;
    let concurrent = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
    let (post, get) = (Request::apex(Method::Post, ["cx"]), Request::apex(Method::Get, ["cx"]));
    let update = Request::apex(Method::Patch, ["cx"]).with_safety(Safety::Idempotent);
    for (request, answer, sent) in [
        (&post, json(429, busy), 1),
        (&post, json(401, busy), 1),
        (&post, json(503, busy), 1),
        (&post, ResponseTemplate::new(401), 1),
        (&post, ResponseTemplate::new(429), 1),
        (&update, json(401, busy), 1),
        // Codes of the table, in a form that the platform does not use here.
        (&post, json(429, r#"{"error":"rate_limit_exceeded"}"#), 1),
        (&post, json(401, r#"{"errorCode":"INVALID_SESSION_ID","message":"upstream"}"#), 1),
        // The platform's own refusals, before the class: nothing was done.
        (&post, error(401, "INVALID_SESSION_ID", "Session expired or invalid"), 2),
        (&post, error(403, "REQUEST_LIMIT_EXCEEDED", concurrent), 2),
        (&get, json(429, busy), 2),
        (&get, json(401, busy), 2),
    ] {
        let server = MockServer::start().await;
        let shown = format!("{request:?} {answer:?}");
        first(&server, answer).await;
        let tokens = Arc::new(AtomicUsize::new(0));
        let transport = Rest::with_credentials(Renewing(server.uri(), tokens.clone()))
            .allow_loopback_http()
            .connect()
            .unwrap();
        let outcome = transport.call(request, &twice()).await;
        assert_eq!((outcome.is_ok(), count(&server).await), (sent == 2, sent), "{shown} {outcome:?}");
        if let Err(e) = outcome {
            assert_eq!((e.delivery(), tokens.load(SeqCst)), (Delivery::Unknown, 1), "{shown}");
            assert!(e.help().next_step.contains("Apex class"), "{shown}");
        }
    }
}

#[tokio::test]
async fn a_torn_refusal_of_an_apex_class_leaves_the_write_unknown() {
    let server = Scripted::play([Act::torn(429, r#"{"error":"busy"}"#)]).await;
    let post = Request::apex(Method::Post, ["cx"]).with_json("{}");
    let e = transport(&server.url).call(&post, &CallOptions::new()).await.unwrap_err();
    assert_eq!((e.delivery(), server.requests()), (Delivery::Unknown, 1), "{e:?}");
}

/// A code that asks for a new token, under a status that does not say that nothing was done.
#[tokio::test]
async fn a_write_in_doubt_is_not_sent_again_with_a_new_token() {
    let server = MockServer::start().await;
    first(&server, error(500, "INVALID_SESSION_ID", "Session expired or invalid")).await;
    let transport = Rest::with_credentials(Renewing(server.uri(), Arc::default())).allow_loopback_http();
    let post = Request::post(["sobjects", "Account"]).with_json("{}");
    let e = transport.connect().unwrap().call(&post, &twice()).await.unwrap_err();
    assert_eq!((e.delivery(), count(&server).await), (Delivery::Unknown, 1));
}
