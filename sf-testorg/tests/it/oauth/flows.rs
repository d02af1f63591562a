//! Flows without a browser: JWT bearer, client credentials, username and password.
use super::{call, desk, desk_token, is_token_answer, org_with, refused, signed_in, text, token, user};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::{Value, json};
use sf_core::Clock;
use sf_testorg::{Assumptions, ConnectedApp, Method, Request, TestOrg};
use std::time::Duration;

const CERTIFICATE: &str = include_str!("keys/app.crt");
const PUBLIC_KEY: &str = include_str!("keys/app.pub");
/// Made for these tests; it opens nothing.
const KEY: &str = include_str!("keys/app.key");
const OTHER_KEY: &str = include_str!("keys/other.key");

const JWT: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");

fn sign(key: &str, header: &Value, claims: &Value) -> String {
    let der = PrivatePkcs8KeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let key = KeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
fn seconds(org: &TestOrg) -> i64 {
    org.clock().now().millis() / 1000
}
fn claims(org: &TestOrg, username: &str) -> Value {
    json!({"iss": "3MVG9desk", "sub": username, "aud": "https://login.salesforce.com", "exp": seconds(org) + 180})
}
fn assert_with(org: &TestOrg, claims: &Value) -> (u16, Value) {
    let assertion = sign(KEY, &json!({"alg": "RS256"}), claims);
    token(org, &[JWT, ("assertion", &assertion)])
}
fn approved(username: &str) -> ConnectedApp {
    desk().certificate(CERTIFICATE).unwrap().admin_approved(&[username])
}

#[test]
fn given_an_assertion_signed_for_an_approved_user_when_sent_then_a_session_without_refresh_token() {
    let org = org_with(desk().certificate(CERTIFICATE).unwrap());
    let (username, id) = user(&org, "ae1@");
    let not_approved = refused("invalid_grant", "user hasn't approved this consumer");
    assert_eq!(assert_with(&org, &claims(&org, &username)), not_approved);
    // They approve by signing in once with the browser.
    let tokens = signed_in(&org, &username);
    let (status, body) = assert_with(&org, &claims(&org, &username));
    assert_eq!(status, 200, "{body}");
    is_token_answer(&org, &body, &id, "api web id openid", &[]);
    assert_eq!(call(&org, text(&body, "access_token")).0, 200);
    let (_, again) = assert_with(&org, &claims(&org, &username));
    assert_ne!(again["access_token"], body["access_token"]);
    assert!(org.revoke_token(text(&tokens, "refresh_token")));
    assert_eq!(assert_with(&org, &claims(&org, &username)), not_approved);
}

#[test]
fn given_an_app_with_admin_approval_when_asserted_then_only_its_users_come_in() {
    let org = org_with(desk());
    let (one, id) = user(&org, "ae1@");
    let (two, _) = user(&org, "ae2@");
    for key in [CERTIFICATE, PUBLIC_KEY] {
        org.add_connected_app(desk().certificate(key).unwrap().admin_approved(&[&one]));
        let (status, body) = assert_with(&org, &claims(&org, &one));
        assert_eq!(status, 200, "{body}");
        is_token_answer(&org, &body, &id, "api web id openid", &[]);
        let not_admitted = refused("invalid_app_access", "user is not admin approved to access this app");
        assert_eq!(assert_with(&org, &claims(&org, &two)), not_admitted);
    }
    let stranger = claims(&org, "nobody@example.com");
    assert_eq!(assert_with(&org, &stranger), refused("invalid_grant", "user hasn't approved this consumer"));
}

#[test]
fn given_the_assertions_of_real_clients_when_sent_then_they_are_taken() {
    let org = org_with(desk());
    let (username, _) = user(&org, "ae1@");
    org.add_connected_app(approved(&username));
    let with = |key: &str, value: Value| {
        let mut claims = claims(&org, &username);
        claims[key] = value;
        assert_with(&org, &claims).0
    };
    // `sf` sends milliseconds, simple-salesforce a text, others a list.
    assert_eq!(with("exp", json!(org.clock().now().millis() + 300)), 200);
    assert_eq!(with("exp", json!((seconds(&org) + 180).to_string())), 200);
    for aud in [
        "https://test.salesforce.com",
        "https://login.salesforce.com/",
        "https://testorg.my.salesforce.example",
    ] {
        assert_eq!(with("aud", json!(aud)), 200, "{aud}");
    }
    assert_eq!(with("aud", json!(["https://other.example", "https://test.salesforce.com"])), 200);
}

#[test]
fn given_a_wrong_assertion_when_sent_then_each_error_has_its_words() {
    let org = org_with(desk());
    let (username, _) = user(&org, "ae1@");
    org.add_connected_app(approved(&username));
    let sent = |assertion: &str| token(&org, &[JWT, ("assertion", assertion)]);
    let invalid = refused("invalid_grant", "invalid assertion");
    let right = claims(&org, &username);
    let rs256 = json!({"alg": "RS256", "typ": "JWT"});
    assert_eq!(sent(&sign(OTHER_KEY, &rs256, &right)), invalid);
    assert_eq!(sent(&sign(KEY, &json!({"alg": "HS256"}), &right)), invalid);
    assert_eq!(sent(&sign(KEY, &json!({"alg": "none"}), &right)), invalid);
    let good = sign(KEY, &rs256, &right);
    assert_eq!(sent(&good).0, 200);
    // The claims of another one under this signature.
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    let mut other = right.clone();
    other["exp"] = json!(seconds(&org) + 181);
    let forged = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(other.to_string()));
    assert_eq!(sent(&forged), invalid);
    for broken in ["x", "a.b.c", "..", &good[..good.len() - 8], &good.replace('.', "")] {
        assert_eq!(sent(broken), invalid, "{broken}");
    }
    let with = |key: &str, value: Value| {
        let mut claims = right.clone();
        claims[key] = value;
        assert_with(&org, &claims)
    };
    assert_eq!(with("iss", json!("none")), refused("invalid_client_id", "client identifier invalid"));
    assert_eq!(with("iss", json!("PlatformCLI")), invalid, "an app without certificate");
    assert_eq!(with("aud", json!("https://evil.example")), refused("invalid_grant", "audience is invalid"));
    assert_eq!(with("exp", json!(seconds(&org))), refused("invalid_grant", "expired authorization code"));
    assert_eq!(with("exp", Value::Null), invalid);
    assert_eq!(token(&org, &[JWT]), refused("invalid_request", "missing required parameter: assertion"));
}

#[test]
fn given_a_bound_on_assertions_when_they_last_longer_then_they_are_refused() {
    let mut assumptions = Assumptions::default();
    assumptions.oauth.jwt_longest = Some(Duration::from_secs(300));
    let org = TestOrg::builder().accounts(1).assumptions(assumptions).build();
    let (username, _) = user(&org, "ae1@");
    org.add_connected_app(approved(&username));
    let mut far = claims(&org, &username);
    far["exp"] = json!(seconds(&org) + 300);
    assert_eq!(assert_with(&org, &far).0, 200);
    far["exp"] = json!(seconds(&org) + 301);
    assert_eq!(assert_with(&org, &far), refused("invalid_grant", "invalid assertion"));
}

#[test]
fn given_a_text_that_is_no_certificate_when_an_app_is_built_then_it_says_what_is() {
    for text in ["", "server.crt", KEY, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"] {
        let error = desk().certificate(text).unwrap_err();
        assert!(error.to_string().contains("BEGIN CERTIFICATE"), "{error}");
    }
}

#[test]
fn given_client_credentials_when_sent_to_my_domain_then_a_session_of_the_run_as_user() {
    let org = org_with(desk());
    let (username, id) = user(&org, "ae1@");
    let grant = ("grant_type", "client_credentials");
    assert_eq!(desk_token(&org, &[grant]), refused("invalid_grant", "no client credentials user enabled"));
    org.add_connected_app(desk().run_as(&username));
    let (status, body) = desk_token(&org, &[grant]);
    assert_eq!(status, 200, "{body}");
    is_token_answer(&org, &body, &id, "api web id openid", &[]);
    assert_eq!(call(&org, text(&body, "access_token")).0, 200);
    let client = |secret| token(&org, &[grant, ("client_id", "3MVG9desk"), ("client_secret", secret)]);
    assert_eq!(client("x"), refused("invalid_client", "invalid client credentials"));
    assert_eq!(client(""), refused("invalid_client", "invalid client credentials"));
    // Only at the org's own host.
    for host in ["login.salesforce.com", "test.salesforce.com", "Login.localhost:8080"] {
        let form = "grant_type=client_credentials&client_id=3MVG9desk&client_secret=s3cret";
        let request = Request::new(Method::Post, "/services/oauth2/token").form(form).header("Host", host);
        let answer = org.handle(&request);
        let expected =
            r#"{"error":"invalid_grant","error_description":"request not supported on this domain"}"#;
        assert_eq!((answer.status, answer.text()), (400, expected.to_owned()));
    }
    org.add_connected_app(desk().run_as(&username).scopes(&["refresh_token"]));
    assert_eq!(desk_token(&org, &[grant]), refused("invalid_grant", "no valid scopes defined"));
    org.add_connected_app(desk().run_as(&username).ip_restricted());
    assert_eq!(desk_token(&org, &[grant]), refused("invalid_grant", "ip restricted"));
}

#[test]
fn given_a_username_and_a_password_when_sent_then_they_open_only_where_the_org_allows_it() {
    let blocked = org_with(desk());
    let who = blocked.credentials();
    let sent = |org: &TestOrg, username: &str, password: &str| {
        desk_token(org, &[("grant_type", "password"), ("username", username), ("password", password)])
    };
    let failure = refused("invalid_grant", "authentication failure");
    assert_eq!(sent(&blocked, &who.username, &who.password), failure);
    let org = TestOrg::builder().accounts(1).connected_app(desk()).password_flow().build();
    let with_token = format!("{}{}", who.password, who.security_token);
    for password in [&who.password, &with_token] {
        let (status, body) = sent(&org, &who.username, password);
        assert_eq!(status, 200, "{body}");
        is_token_answer(&org, &body, &who.user_id, "api web id openid", &[]);
    }
    assert_eq!(sent(&org, &who.username, &format!("{}x", who.password)), failure);
    assert_eq!(sent(&org, "nobody@example.com", &who.password), failure);
}
