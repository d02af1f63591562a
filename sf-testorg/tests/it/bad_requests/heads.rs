//! URLs and headers that are too long, and headers that say nothing sensible.
use crate::given::{Given, V, read};
use serde_json::json;
use sf_testorg::{Method, Request, TestOrg};

const LIMIT: usize = 16_384;

fn page(status: u16, reason: &str) -> String {
    format!("<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>")
}

#[test]
fn given_a_head_that_is_too_long_when_sent_then_414_or_431_and_no_api_call() {
    let given = Given::empty();
    let token = given.org.access_token();
    let before = given.org.counters().api_calls;
    let target = |length: usize| {
        let start = format!("{V}/query?q=");
        let rest = length - start.len();
        format!("{start}{}", "x".repeat(rest))
    };
    let send = |request: Request| {
        let response = given.org.handle(&request);
        (response.status, response.text(), response.find_header("Content-Type").map(str::to_owned))
    };
    let html = Some("text/html;charset=UTF-8".to_owned());
    let long = Request::get(target(LIMIT + 1)).bearer(&token);
    assert_eq!(send(long), (414, page(414, "URI Too Long"), html.clone()));
    let full = Request::get(target(LIMIT)).bearer(&token);
    assert_eq!(send(full), (431, page(431, "Request Header Fields Too Large"), html.clone()));
    let header = Request::get(format!("{V}/limits")).bearer(&token).header("X-Long", "x".repeat(LIMIT));
    assert_eq!(send(header), (431, page(431, "Request Header Fields Too Large"), html));
    let many = (0..2000)
        .fold(Request::get(format!("{V}/limits")).bearer(&token), |r, n| r.header(format!("X-{n}"), "1"));
    assert_eq!(send(many).0, 431);
    assert_eq!(given.org.counters().api_calls, before);
    // Name, colon, blank, value and line ending of each header count.
    let authorization = "Authorization".len() + "Bearer ".len() + token.len() + 4;
    let fits = Request::get(target(LIMIT - authorization)).bearer(&token);
    assert_eq!(send(fits).0, 400);
    assert_eq!(given.org.counters().api_calls, before + 1);
    let calls = given.org.calls();
    assert!(calls.iter().rev().nth(1).is_some_and(|call| call.status == 431 && !call.is_api_call));
}

#[test]
fn given_headers_without_sense_when_sent_then_they_are_not_heeded() {
    let given = Given::empty();
    let id = given.account("Acme");
    for (name, value) in [
        ("Sforce-Query-Options", "batchSize=many"),
        ("Sforce-Query-Options", "=;,=;"),
        ("Sforce-Call-Options", "client"),
        ("Sforce-Auto-Assign", "perhaps"),
        ("If-Modified-Since", "the other day"),
        ("If-None-Match", "\""),
        ("Accept", "\u{fffd}/*"),
        ("X-PrettyPrint", "🦀"),
        ("Accept-Language", "xx-Yy-Zz"),
        ("", ""),
    ] {
        let request = Request::get(format!("{V}/sobjects/Account/{id}")).header(name, value);
        assert_eq!(given.send(request).status, 200, "{name}: {value}");
        let request = Request::get(format!("{V}/query?q=SELECT+Id+FROM+Account")).header(name, value);
        assert_eq!(given.send(request).status, 200, "{name}: {value}");
    }
}

#[test]
fn given_an_authorization_that_is_none_when_sent_then_401_says_of_which_kind() {
    let org = TestOrg::empty();
    let header = json!([{"message": "INVALID_HEADER_TYPE", "errorCode": "INVALID_AUTH_HEADER"}]);
    let session = json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]);
    for (value, wanted) in [
        ("", &header),
        ("Bearer", &header),
        ("Basic YTpi", &header),
        ("Bearer \u{1f980}", &session),
        ("Bearer a b c", &session),
        ("OAuth x", &session),
    ] {
        for method in [Method::Get, Method::Post, Method::Delete] {
            let request =
                Request::new(method, format!("{V}/sobjects/Account")).header("Authorization", value);
            let response = org.handle(&request);
            assert_eq!((response.status, &read(&response)), (401, wanted), "{value}");
            assert_eq!(response.find_header("WWW-Authenticate"), Some("Token"));
        }
    }
}

#[test]
fn given_a_client_that_takes_xml_only_when_it_asks_then_it_is_refused_and_gets_no_json_instead() {
    let given = Given::empty();
    let accepting = |accept: &str| {
        let request = Request::get(format!("{V}/limits")).header("Accept", accept);
        given.send(request).status
    };
    for accept in [
        "*/*",
        "application/json",
        "application/xml, application/json",
        "text/html,application/xml;q=0.9,*/*;q=0.8",
    ] {
        assert_eq!(accepting(accept), 200, "{accept}");
    }
    for accept in ["application/xml", "text/xml, application/xhtml+xml"] {
        assert_eq!(accepting(accept), 406, "{accept}");
    }
}
