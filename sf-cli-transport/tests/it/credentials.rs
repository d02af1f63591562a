//! The command as a source of tokens for REST.
use crate::fake::{Fake, error, success};
use serde_json::{Value, json};
use sf_core::{AccessToken, Credentials, ErrorCode, ErrorKind};
use std::sync::Arc;

const ID: &str = "00D5e000000A0e7EAC";
const URL: &str = "https://acme.my.salesforce.com";

fn display(more: Value) -> Value {
    let mut result = json!({"id": ID, "username": "ann@acme.example", "instanceUrl": format!("{URL}/"), "connectedStatus": "Connected",
        "accessToken": "[REDACTED] Use 'sf org auth show-access-token' to view"});
    result.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"when": ["org display"], "stdout": success(result)})
}
fn shown(token: &str, times: usize) -> Value {
    json!({"when": ["org auth show-access-token"], "times": times, "stdout": success(json!({"accessToken": token}))})
}
async fn token(fake: &Fake) -> sf_core::Result<AccessToken> {
    fake.sf().await.credentials().unwrap().token(None).await
}

#[tokio::test]
async fn a_token_takes_two_processes_and_is_kept() {
    let fake = Fake::new();
    fake.rule(display(json!({}))).rule(shown("00D!first", 1)).rule(shown("00D!second", 0));
    let credentials = fake.sf().await.credentials().unwrap();
    let first = credentials.token(None).await.unwrap();
    assert_eq!((first.expose(), first.instance_url()), ("00D!first", URL));
    assert!(first.is_of_unknown_age());
    assert_eq!(credentials.token(None).await.unwrap(), first);
    assert_eq!(fake.calls().len(), 2);
    // Refused: asked again. Who was refused with the old one meanwhile gets the new one.
    let second = credentials.token(Some(&first)).await.unwrap();
    assert_eq!(second.expose(), "00D!second");
    assert_eq!(credentials.token(Some(&first)).await.unwrap(), second);
    assert_eq!(fake.calls().len(), 4);
    let error = credentials.token(Some(&second)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotSignedIn, Some(&ErrorCode::InvalidSessionId)));
    assert!(error.help().next_step.contains("sf org login web --alias desk"));
    let text = format!("{credentials:?} {error:?}");
    assert!(!text.contains("00D!"), "{text}");
    assert!(fake.calls().iter().all(|call| !call["argv"].to_string().contains("00D!")));
}

#[tokio::test]
async fn many_callers_wait_for_one_question() {
    let fake = Fake::new();
    fake.rule(display(json!({}))).rule(shown("00D!one", 0));
    let credentials = Arc::new(fake.sf().await.credentials().unwrap());
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let credentials = credentials.clone();
            tokio::spawn(async move { credentials.token(None).await.map(|token| token.expose().to_owned()) })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), "00D!one");
    }
    assert_eq!(fake.calls().len(), 2);
}

#[tokio::test]
async fn an_older_command_shows_the_token_in_its_display() {
    let fake = Fake::new().version("2.127.2");
    fake.rule(display(json!({"accessToken": "00D!clear"})));
    assert_eq!(token(&fake).await.unwrap().expose(), "00D!clear");
    assert_eq!(fake.calls().len(), 1);
}

#[tokio::test]
async fn a_hidden_or_stale_token_is_never_given() {
    let fake = Fake::new();
    fake.rule(display(json!({}))).rule(shown("[REDACTED] Use 'sf org auth show-access-token' to view", 0));
    assert_eq!(token(&fake).await.unwrap_err().kind(), ErrorKind::Decode);

    let fake = Fake::new();
    let warned = json!({"status": 0, "result": {"accessToken": "00D!stale"}, "warnings": ["Unable to refresh auth for org. Access token may be stale."]});
    fake.rule(display(json!({}))).rule(json!({"when": ["show-access-token"], "stdout": warned.to_string()}));
    // It says so after any failure: what the org says counts.
    let answers = [
        (error("INVALID_SESSION_ID", "Session expired or invalid", 1), 2, ErrorKind::NotSignedIn),
        (error("TypeError", "fetch failed", 10), 1, ErrorKind::Network),
        (serde_json::from_str(&crate::fake::rest(200, json!({}))).unwrap(), 1, ErrorKind::Unavailable),
    ];
    for (answer, times, kind) in answers {
        let exit = answer["status"].as_i64();
        fake.rule(
            json!({"when": ["api request rest"], "times": times, "stdout": answer.to_string(), "exit": exit}),
        );
        assert_eq!(token(&fake).await.unwrap_err().kind(), kind, "{answer}");
    }

    let fake = Fake::new();
    fake.rule(display(json!({"connectedStatus": "Session expired or invalid"}))).rule(shown("00D!stale", 0));
    let refused = token(&fake).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotSignedIn);
    assert_eq!(fake.calls().len(), 2, "once more, because another command may have renewed it");

    // It had.
    let fake = Fake::new();
    let mut lost = display(json!({"connectedStatus": "Session expired or invalid"}));
    lost["times"] = 1.into();
    fake.rule(lost).rule(display(json!({})));
    fake.rule(json!({"when": ["show-access-token"], "times": 1, "stdout": warned.to_string()}));
    fake.rule(shown("00D!new", 0));
    assert_eq!(token(&fake).await.unwrap().expose(), "00D!new");

    let fake = Fake::new();
    fake.rule(json!({"when": ["org display"], "stdout": error("NamedOrgNotFoundError", "x", 2).to_string(), "exit": 2}));
    assert_eq!(token(&fake).await.unwrap_err().kind(), ErrorKind::Setup);
}
