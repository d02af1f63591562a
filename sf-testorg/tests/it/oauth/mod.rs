//! Signing in: the flows, what tokens open, and what is left of them.
mod code;
mod device;
mod flows;
#[cfg(feature = "server")]
mod http;
mod identity;
mod kept;
mod life;
mod refresh;
mod soap;

use crate::given::{encode, read};
use serde_json::{Value, json};
use sf_testorg::{ConnectedApp, Method, Request, Response, TestOrg};

pub(crate) const CALLBACK: &str = "https://desk.example/callback";
/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An app of a company, with a secret and a callback.
pub(crate) fn desk() -> ConnectedApp {
    ConnectedApp::new("3MVG9desk").secret("s3cret").name("Desk & Co").callback(CALLBACK)
}
/// The demo with this app.
pub(crate) fn org_with(app: ConnectedApp) -> TestOrg {
    TestOrg::builder().accounts(1).connected_app(app).build()
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(n, v)| format!("{n}={}", encode(v))).collect::<Vec<_>>().join("&")
}
pub(crate) fn post(org: &TestOrg, path: &str, pairs: &[(&str, &str)]) -> Response {
    org.handle(&Request::new(Method::Post, path).form(form(pairs)))
}
/// Status and body of a token request.
pub(crate) fn token(org: &TestOrg, pairs: &[(&str, &str)]) -> (u16, Value) {
    let response = post(org, "/services/oauth2/token", pairs);
    assert_eq!(response.find_header("Content-Type"), Some("application/json;charset=UTF-8"));
    assert_eq!(response.find_header("Cache-Control"), Some("no-store"));
    (response.status, read(&response))
}
/// The same for a client with the secret of [`desk`].
pub(crate) fn desk_token(org: &TestOrg, pairs: &[(&str, &str)]) -> (u16, Value) {
    let client = [("client_id", "3MVG9desk"), ("client_secret", "s3cret")];
    token(org, &[&client, pairs].concat())
}
pub(crate) fn refused(error: &str, description: &str) -> (u16, Value) {
    (400, json!({"error": error, "error_description": description}))
}

/// What the user's browser sends when they allow an app, and where it is sent to.
pub(crate) fn allow(org: &TestOrg, username: &str, more: &[(&str, &str)]) -> String {
    let asked = [
        ("response_type", "code"),
        ("client_id", "3MVG9desk"),
        ("redirect_uri", CALLBACK),
        ("username", username),
        ("decision", "allow"),
    ];
    let response = post(org, "/services/oauth2/authorize", &[&asked, more].concat());
    assert_eq!(response.status, 302, "{}", response.text());
    response.find_header("Location").unwrap().to_owned()
}
/// The parameters of a redirect.
pub(crate) fn parameter(location: &str, name: &str) -> Option<String> {
    let (_, query) = location.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
    Some(decode(value))
}
fn decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(b) = bytes.next() {
        if b == b'%' {
            let hex: String = bytes.by_ref().take(2).map(char::from).collect();
            out.push(u8::from_str_radix(&hex, 16).unwrap());
        } else {
            out.push(b);
        }
    }
    String::from_utf8(out).unwrap()
}
/// The token answer after the user has allowed [`desk`].
pub(crate) fn signed_in(org: &TestOrg, username: &str) -> Value {
    let code = parameter(&allow(org, username, &[]), "code").unwrap();
    let exchange = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let (status, body) = desk_token(org, &exchange);
    assert_eq!(status, 200, "{body}");
    body
}
pub(crate) fn refresh(org: &TestOrg, refresh_token: &str) -> (u16, Value) {
    desk_token(org, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
}
pub(crate) fn text<'v>(body: &'v Value, key: &str) -> &'v str {
    body[key].as_str().unwrap_or_else(|| panic!("{key} in {body}"))
}
/// Status and body of a data request with this token.
pub(crate) fn call(org: &TestOrg, token: &str) -> (u16, String) {
    let response = org.handle(&Request::get("/services/data/v66.0/limits").bearer(token));
    let body = if response.status == 200 { String::new() } else { response.text() };
    (response.status, body)
}
pub(crate) const EXPIRED: &str =
    r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;

/// Asserts every key of a token answer.
pub(crate) fn is_token_answer(org: &TestOrg, body: &Value, user: &str, scope: &str, keys: &[&str]) {
    let mut expected =
        vec!["access_token", "id", "instance_url", "issued_at", "scope", "signature", "token_type"];
    expected.extend(keys);
    expected.sort_unstable();
    let found: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(found, expected);
    let who = org.credentials();
    assert!(text(body, "access_token").starts_with(&format!("{}!", &who.org_id[..15])), "{body}");
    assert_eq!(body["instance_url"], "https://testorg.my.salesforce.example");
    assert_eq!(text(body, "id"), format!("https://testorg.my.salesforce.example/id/{}/{user}", who.org_id));
    assert_eq!((&body["scope"], &body["token_type"]), (&json!(scope), &json!("Bearer")));
    assert!(text(body, "issued_at").parse::<u64>().unwrap() >= 1_767_603_600_000, "{body}");
}
/// The user whose username begins like this.
pub(crate) fn user(org: &TestOrg, name: &str) -> (String, String) {
    let users = org.rows(&sf_core::object!("User"));
    let found = users.iter().find(|row| {
        let username = row.value("Username");
        username.is_some_and(|value| value.as_str().is_some_and(|username| username.starts_with(name)))
    });
    let row = found.unwrap();
    (row.value("Username").unwrap().as_str().unwrap().to_owned(), row.id.unwrap().to_string())
}
