use crate::{TOKEN, rest};
use sf_core::{ApiVersion, CallOptions, Delivery, ErrorKind, Transport, protocol::Request};
use sf_rest_transport::{App, Network, Rest, Token, Tokens};
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

#[test]
fn settings_that_cannot_work_are_named_before_any_network() {
    let cases = [
        (Rest::at("acme.my.salesforce.com").token(TOKEN), ErrorKind::InvalidInput, "not a URL"),
        (Rest::at("http://acme.my.salesforce.com").token(TOKEN), ErrorKind::InvalidInput, "unencrypted"),
        (
            Rest::at("http://acme.my.salesforce.com").token(TOKEN).allow_loopback_http(),
            ErrorKind::InvalidInput,
            "unencrypted",
        ),
        (Rest::at("http://127.0.0.1:9").token(TOKEN), ErrorKind::Setup, "not encrypted"),
        (Rest::at("https://u:pw@acme.my.salesforce.com").token(TOKEN), ErrorKind::InvalidInput, "password"),
        (Rest::at("https://acme.my.salesforce.com"), ErrorKind::Setup, "how to sign in"),
        (Rest::at("https://acme.my.salesforce.com").token(""), ErrorKind::InvalidInput, "empty"),
        (Rest::at("https://acme.my.salesforce.com").token("a b"), ErrorKind::InvalidInput, "spaces"),
        (
            rest("http://127.0.0.1:9").client_name("a; defaultNamespace=x"),
            ErrorKind::InvalidInput,
            "client name",
        ),
        (
            Rest::at("https://a.my.salesforce.com").token(TOKEN).network(Network::new().user_agent("a\nb")),
            ErrorKind::InvalidInput,
            "user agent",
        ),
    ];
    for (rest, kind, needle) in cases {
        let e = rest.connect().unwrap_err();
        assert_eq!((e.kind(), e.delivery()), (kind, Delivery::NotSent), "{needle}");
        assert!(e.to_string().contains(needle), "{needle}: {e}");
        assert!(e.failure().next_step.is_some(), "{needle}");
        let all = format!("{e:?}");
        assert!(!all.contains(TOKEN) && !all.contains("pw@"), "{all}");
    }
}

#[test]
fn a_refresh_token_is_checked_before_any_network() {
    let kind = |login, id, token| App::new(login, id).session(Tokens::refresh(token)).unwrap_err().kind();
    assert_eq!(kind("http://login.example", "id", "rt"), ErrorKind::InvalidInput);
    assert_eq!(kind("http://127.0.0.1:1", "id", "rt"), ErrorKind::Setup);
    assert_eq!(kind(App::PRODUCTION, " ", "rt"), ErrorKind::InvalidInput);
    assert_eq!(kind(App::PRODUCTION, "id", ""), ErrorKind::Setup);
}

#[test]
fn network_settings_that_cannot_work_are_named() {
    let error = |network: Network| {
        let e = Rest::at("https://a.my.salesforce.com").token(TOKEN).network(network).connect().unwrap_err();
        assert!(e.failure().next_step.is_some(), "{e}");
        e.to_string()
    };
    assert!(error(Network::new().proxy("not a url")).contains("proxy"));
    assert!(error(Network::new().root_certificates("nonsense")).contains("PEM"));
    assert!(error(Network::new().only_given_roots()).contains("no root certificate"));
    assert!(error(Network::new().header("Authorization", "Bearer x")).contains("set by the transport"));
    assert!(error(Network::new().header("a b", "x")).contains("header name"));
    assert!(error(Network::new().header("X-Team", "a\nb")).contains("x-team"));
}

#[test]
fn capabilities_name_the_version_and_the_limit() {
    let transport =
        rest("http://127.0.0.1:9").api_version(ApiVersion::new(60)).body_limit(1234).connect().unwrap();
    let can = transport.capabilities();
    assert_eq!((can.name, can.api_version, can.body_limit), ("rest", ApiVersion::new(60), 1234));
    assert_eq!((can.write_rows, can.queries_per_call, can.ids_per_call), (1000, 5, 2000));
}

#[test]
fn without_a_runtime_the_call_fails_and_does_not_panic() {
    let transport = rest("http://127.0.0.1:9").connect().unwrap();
    let request = Request::get(["limits"]);
    let options = CallOptions::new();
    let call = pin!(transport.call(&request, &options));
    let Poll::Ready(Err(e)) = call.poll(&mut Context::from_waker(Waker::noop())) else { panic!("not ready") };
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Setup, Delivery::NotSent));
    assert!(e.to_string().contains("tokio"), "{e}");
}

#[tokio::test]
async fn credentials_cannot_lead_to_an_unsafe_host() {
    for url in ["http://example.com", "http://127.0.0.1:9", "https://a:b@acme.my.salesforce.com", "nonsense"]
    {
        let transport = Rest::with_credentials(Token::new(TOKEN, url)).connect().unwrap();
        let e = transport.call(&Request::get(["limits"]), &CallOptions::new()).await.unwrap_err();
        assert_eq!(e.delivery(), Delivery::NotSent, "{url}");
        assert!(matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::Setup), "{url}: {e}");
    }
}

#[test]
fn a_version_that_is_too_old_is_refused_before_any_call() {
    let connect = |version: ApiVersion| rest("http://127.0.0.1:9").api_version(version).connect();
    let e = connect(ApiVersion::new(45)).unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
    assert_eq!(e.to_string(), "API version 45.0 is too old, 46.0 is the oldest that works");
    assert!(e.help().next_step.contains("connect_newest"), "{}", e.help().next_step);
    // The oldest works, and so does one that is newer than this library.
    for version in [ApiVersion::OLDEST, ApiVersion::CURRENT, ApiVersion::new(ApiVersion::CURRENT.major() + 1)]
    {
        assert_eq!(connect(version).unwrap().capabilities().api_version, version);
    }
}
