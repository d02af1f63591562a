//! Token answers with every value of another type, doubled or gone: a session or an error, and no secret in it.
use crate::once;
use serde_json::{Value as Json, json};
use sf_core::{Delivery, ErrorKind, Transport, protocol::Request};
use sf_rest_transport::{App, Rest, Tokens};
use std::sync::{Arc, Mutex};
use wiremock::{
    Mock, MockServer, Request as Seen, ResponseTemplate,
    matchers::{any, path},
};

const SECRETS: [&str; 3] = ["fresh-s3cret", "rotated-s3cret", "old-s3cret"];

/// The changed key, and the answer with it.
fn variants(good: &Json) -> Vec<(String, String)> {
    let mut variants = Vec::new();
    for (key, value) in good.as_object().unwrap() {
        let mut others = vec![json!(null), json!(7), json!([value])];
        if ["access_token", "refresh_token", "instance_url"].contains(&key.as_str()) {
            others.extend([json!(true), json!(""), json!("a\r\nX-Evil: 1"), json!("https://")]);
        }
        for other in others {
            let mut changed = good.clone();
            changed[key] = other;
            variants.push((key.clone(), changed.to_string()));
        }
        let mut gone = good.clone();
        gone.as_object_mut().unwrap().remove(key);
        variants.push((key.clone(), gone.to_string()));
        let once = format!("\"{key}\":{value}");
        variants.push((key.clone(), good.to_string().replace(&once, &format!("{once},{once}"))));
    }
    variants
}

#[tokio::test]
async fn a_token_answer_is_a_session_or_an_error_without_a_secret() {
    let server = MockServer::start().await;
    let answer = Arc::new(Mutex::new((200, String::new())));
    let said = answer.clone();
    let grant = move |_: &Seen| {
        let (status, body) = said.lock().unwrap().clone();
        ResponseTemplate::new(status).set_body_raw(body, "application/json")
    };
    Mock::given(path("/services/oauth2/token")).respond_with(grant).with_priority(1).mount(&server).await;
    let fine = ResponseTemplate::new(200).set_body_raw("{}", "application/json");
    Mock::given(any()).respond_with(fine).mount(&server).await;
    let good = json!({
        "access_token": SECRETS[0], "refresh_token": SECRETS[1], "instance_url": server.uri(), "token_type": "Bearer",
        "id": "https://login.salesforce.com/id/00D5e000000ZyXwEAK/0055e000001AbCdAAK",
        "scope": "refresh_token api", "issued_at": "1767323045123", "signature": "mB2k=",
    });
    let mut cases = variants(&good);
    let whole = good.to_string();
    for text in [
        "",
        "null",
        "[]",
        "7",
        "<html>",
        &whole[..whole.len() - 3],
        &format!("\u{feff}{whole}"),
        &format!("[{whole}]"),
    ] {
        cases.push((String::new(), text.to_owned()));
    }
    cases.push((String::new(), format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000))));
    cases.push((String::new(), format!("{{\"access_token\":\"{}\"}}", "x".repeat(9 << 20))));
    let limits = Request::get(["limits"]);
    for (key, body) in cases {
        let shown: String = body.chars().take(300).collect();
        *answer.lock().unwrap() = (200, body);
        let app = App::new(server.uri(), "client").allow_loopback_http();
        let session = app.session(Tokens::refresh(SECRETS[2])).unwrap();
        let rest = Rest::with_credentials(session.clone()).allow_loopback_http().connect().unwrap();
        let before = data_requests(&server).await;
        match rest.call(&limits, &once()).await {
            Ok(_) => {
                // What was changed is not what the call needs; the rest was taken as it stands.
                assert!(!key.is_empty(), "{shown}");
                let sent = server.received_requests().await.unwrap().pop().unwrap();
                let expected =
                    if shown.contains("\"access_token\":\"https://\"") { "https://" } else { SECRETS[0] };
                assert_eq!(sent.headers["authorization"], format!("Bearer {expected}"), "{shown}");
                assert!(!sent.headers.contains_key("x-evil"));
                assert!(
                    session.tokens().refresh_token().is_some(),
                    "{key}: a session that cannot renew itself: {shown}"
                );
            }
            Err(e) => {
                assert_eq!(e.delivery(), Delivery::NotSent, "{key}: {e:?}");
                assert_eq!(data_requests(&server).await, before, "{key}: {shown}");
                let told = format!("{e} {e:?} {:?} {session:?} {rest:?}", e.failure());
                assert!(!SECRETS.iter().any(|secret| told.contains(secret)), "{key}: {told}");
                assert!(!e.help().next_step.is_empty());
                // The next answer is a good one: nothing is stuck.
                *answer.lock().unwrap() = (200, good.to_string());
                let again = rest.call(&limits, &once()).await;
                let unusable = matches!(key.as_str(), "access_token" | "refresh_token" | "instance_url");
                assert!(again.is_ok() || unusable, "{key}: {again:?} after {shown}");
            }
        }
    }
}
async fn data_requests(server: &MockServer) -> usize {
    let seen = server.received_requests().await.unwrap();
    seen.iter().filter(|request| request.url.path().starts_with("/services/data")).count()
}

/// Refusals of any form say why, and that nobody is signed in (or that the host is in trouble).
#[tokio::test]
async fn a_refusal_of_a_token_is_read_in_any_form() {
    for (status, body, kind) in [
        (
            400,
            r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#,
            ErrorKind::NotSignedIn,
        ),
        (400, r#"{"error":"invalid_grant"}"#, ErrorKind::NotSignedIn),
        (400, r#"{"error":"a_new_word","error_description":"m"}"#, ErrorKind::NotSignedIn),
        (400, r#"{"error":7}"#, ErrorKind::Decode),
        (400, r#"{"error":null,"error_description":[]}"#, ErrorKind::Decode),
        (400, "<html>Bad Request</html>", ErrorKind::Decode),
        (400, "", ErrorKind::Decode),
        (
            401,
            r#"{"error":"invalid_client","error_description":"invalid client credentials"}"#,
            ErrorKind::Setup,
        ),
        (403, "<html>blocked</html>", ErrorKind::Decode),
        (
            500,
            r#"{"error":"unknown_error","error_description":"retry your request"}"#,
            ErrorKind::Unavailable,
        ),
        (503, "<html>Down for Maintenance</html>", ErrorKind::Unavailable),
        (302, "", ErrorKind::Decode),
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).set_body_raw(body, "application/json");
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let app = App::new(server.uri(), "client").allow_loopback_http();
        let session = app.session(Tokens::refresh(SECRETS[2])).unwrap();
        let rest = Rest::with_credentials(session).allow_loopback_http().connect().unwrap();
        let e = rest.call(&Request::get(["limits"]), &once()).await.unwrap_err();
        assert_eq!((e.kind(), e.delivery()), (kind, Delivery::NotSent), "{status} {body}: {e:?}");
        assert!(!e.help().next_step.is_empty());
    }
}
