//! The device flow.
use super::{call, desk, is_token_answer, org_with, post, refused, text, token, user};
use crate::given::read;
use serde_json::{Value, json};
use sf_testorg::{Assumptions, Method, Request, TestOrg};
use std::time::Duration;

const CLIENT: (&str, &str) = ("client_id", "3MVG9desk");

fn begin(org: &TestOrg) -> Value {
    let (status, body) =
        token(org, &[("response_type", "device_code"), CLIENT, ("scope", "api refresh_token")]);
    assert_eq!(status, 200, "{body}");
    body
}
fn poll(org: &TestOrg, begun: &Value) -> (u16, Value) {
    token(org, &[("grant_type", "device"), CLIENT, ("code", text(begun, "device_code"))])
}
fn wait(org: &TestOrg, seconds: u64) {
    org.clock().advance(Duration::from_secs(seconds));
}

#[test]
fn given_a_device_when_its_user_approves_on_the_page_then_the_next_question_gets_the_tokens() {
    let org = org_with(desk());
    let (username, id) = user(&org, "ae1@");
    let begun = begin(&org);
    let keys: Vec<&String> = begun.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["device_code", "interval", "user_code", "verification_uri"]);
    assert_eq!(begun["verification_uri"], "https://testorg.my.salesforce.example/setup/connect");
    assert_eq!(begun["interval"], 5);
    let user_code = text(&begun, "user_code");
    assert_eq!(user_code.len(), 8);
    assert_eq!(poll(&org, &begun), refused("authorization_pending", "authorization is pending"));

    let page = org.handle(&Request::get(format!("/setup/connect?user_code={user_code}"))).text();
    assert!(page.contains("<strong>Desk &amp; Co</strong> asks for access to this org."), "{page}");
    assert!(page.contains(&format!("name=\"user_code\" value=\"{user_code}\"")), "{page}");
    let says = |code: &str, name: &str| {
        let answer =
            post(&org, "/setup/connect", &[("user_code", code), ("username", name), ("decision", "allow")]);
        assert_eq!(answer.status, 200);
        answer.text()
    };
    assert!(says("WRONG", &username).contains("This code is wrong or has expired."));
    assert!(says(user_code, "nobody@example.com").contains("There is no active user of this name."));
    assert!(says(&user_code.to_lowercase(), &username).contains("You&#39;re Connected"));
    assert!(says(user_code, &username).contains("This code is wrong or has expired."), "it is used");

    wait(&org, 5);
    let (status, body) = poll(&org, &begun);
    assert_eq!(status, 200, "{body}");
    is_token_answer(&org, &body, &id, "refresh_token api", &["refresh_token"]);
    assert_eq!(call(&org, text(&body, "access_token")).0, 200);
    assert_eq!(poll(&org, &begun), refused("invalid_grant", "invalid device code"));
}

#[test]
fn given_a_device_that_asks_too_often_when_it_asks_then_it_must_slow_down() {
    let org = org_with(desk());
    let begun = begin(&org);
    let pending = refused("authorization_pending", "authorization is pending");
    let slow_down = refused("slow_down", "polling too frequently");
    assert_eq!(poll(&org, &begun), pending);
    wait(&org, 4);
    assert_eq!(poll(&org, &begun), slow_down);
    // 10 seconds from now on, counted from the last question.
    wait(&org, 9);
    assert_eq!(poll(&org, &begun), slow_down);
    wait(&org, 15);
    assert_eq!(poll(&org, &begun), pending);
}

#[test]
fn given_a_device_when_denied_or_late_then_it_hears_so() {
    let org = org_with(desk());
    let (username, _) = user(&org, "ae1@");
    let denied = begin(&org);
    org.deny_device(text(&denied, "user_code")).unwrap();
    assert_eq!(poll(&org, &denied), refused("access_denied", "end-user denied authorization"));
    let late = begin(&org);
    wait(&org, 599);
    assert_eq!(poll(&org, &late), refused("authorization_pending", "authorization is pending"));
    wait(&org, 1);
    assert_eq!(poll(&org, &late), refused("expired_token", "expired device code"));
    let error = org.approve_device(text(&late, "user_code"), &username).unwrap_err();
    assert!(error.to_string().contains("wrong or has expired"), "{error}");
    // The door does what the page does.
    let approved = begin(&org);
    org.approve_device(text(&approved, "user_code"), &username).unwrap();
    assert_eq!(poll(&org, &approved).0, 200);
    // Another app cannot fetch it.
    let other = begin(&org);
    org.approve_device(text(&other, "user_code"), &username).unwrap();
    let stolen =
        [("grant_type", "device"), ("client_id", "PlatformCLI"), ("code", text(&other, "device_code"))];
    assert_eq!(token(&org, &stolen), refused("invalid_grant", "invalid device code"));
}

#[test]
fn given_an_org_that_says_invalid_grant_when_a_device_is_late_then_that_is_the_error() {
    let mut assumptions = Assumptions::default();
    assumptions.oauth.device_says_expired_token = false;
    assumptions.oauth.device_code_life = Duration::from_secs(60);
    let org = TestOrg::builder().accounts(1).connected_app(desk()).assumptions(assumptions).build();
    let begun = begin(&org);
    wait(&org, 60);
    assert_eq!(poll(&org, &begun), refused("invalid_grant", "expired device code"));
}

#[test]
fn given_the_multipart_bodies_of_sf_when_sent_then_they_are_read() {
    let org = TestOrg::empty();
    let boundary = "--------------------------918273645";
    let send = |pairs: &[(&str, &str)]| {
        let mut body = String::new();
        for (name, value) in pairs {
            body.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(&format!("--{boundary}--\r\n"));
        let mut request = Request::new(Method::Post, "/services/oauth2/token");
        request.body = body.into_bytes();
        read(
            &org.handle(&request.header("content-type", format!("multipart/form-data; boundary={boundary}"))),
        )
    };
    let client = ("client_id", "PlatformCLI");
    let begun = send(&[client, ("response_type", "device_code"), ("scope", "refresh_token web api")]);
    let question = [client, ("grant_type", "device"), ("code", text(&begun, "device_code"))];
    let pending = json!({"error": "authorization_pending", "error_description": "authorization is pending"});
    assert_eq!(send(&question), pending);
    org.approve_device(text(&begun, "user_code"), &org.credentials().username).unwrap();
    assert_eq!(send(&question)["scope"], "refresh_token api web");
}
