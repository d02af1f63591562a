use crate::{CREATED, TOKEN, insert, once, rest, transport};
use sf_core::{
    ApiVersion, CallOptions, Delivery, ErrorKind, RowOutcome, Transport, WriteOptions,
    protocol::{Method, Request},
};
use sf_rest_transport::Network;
use std::{io::Write as _, time::Duration};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path, path_regex, query_param},
};

#[tokio::test]
async fn a_request_gets_host_version_token_and_names() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/services/data/v60.0/query"))
        .and(query_param("q", "SELECT Id FROM Account WHERE Name = 'A&B + ü'"))
        .and(header("authorization", format!("Bearer {TOKEN}").as_str()))
        .and(header("sforce-call-options", "client=cx-desk/1.4"))
        .and(header("user-agent", "desk/2"))
        .and(header("accept", "application/json"))
        .and(header("x-own", "kept"))
        .respond_with(ResponseTemplate::new(200).set_body_raw("{}", "application/json"))
        .expect(1)
        .mount(&server)
        .await;
    let transport = rest(&server.uri())
        .api_version(ApiVersion::new(60))
        .client_name("cx-desk/1.4")
        .network(Network::new().allow_loopback_http().user_agent("desk/2"))
        .connect()
        .unwrap();
    let request = Request::get(["query"])
        .with_query("q", "SELECT Id FROM Account WHERE Name = 'A&B + ü'")
        .with_header("X-Own", "kept");
    assert_eq!(transport.call(&request, &once()).await.unwrap().text(), "{}");
}

#[tokio::test]
async fn a_path_of_the_org_goes_as_it_is() {
    let server = MockServer::start().await;
    Mock::given(path("/services/data/v66.0/query/01gD0000002HU6KIAW-2000"))
        .respond_with(ResponseTemplate::new(200).set_body_raw("[]", "application/json"))
        .expect(1)
        .mount(&server)
        .await;
    let transport = rest(&server.uri()).api_version(ApiVersion::new(61)).connect().unwrap();
    let next = Request::to_path(Method::Get, "/services/data/v66.0/query/01gD0000002HU6KIAW-2000").unwrap();
    transport.call(&next, &once()).await.unwrap();
}

/// sdk-peers pain: a redirect or a crafted `nextRecordsUrl` must not carry the token to another host.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (org, thief) = (MockServer::start().await, MockServer::start().await);
    Mock::given(method("GET"))
        .respond_with(
            ResponseTemplate::new(302).insert_header("location", format!("{}/steal", thief.uri()).as_str()),
        )
        .mount(&org)
        .await;
    let e = transport(&org.uri()).call(&Request::get(["limits"]), &once()).await.unwrap_err();
    assert_eq!(e.failure().status, Some(302));
    assert!(thief.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn who_asks_is_not_for_the_request_to_say() {
    let server = MockServer::start().await;
    let transport = transport(&server.uri());
    for name in ["Authorization", "host", "Cookie", "Content-Length", "transfer-encoding"] {
        let request = Request::get(["limits"]).with_header(name, "1");
        let e = transport.call(&request, &once()).await.unwrap_err();
        assert_eq!((e.kind(), e.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent), "{name}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_packed_answer_is_unpacked_and_counted_as_it_came() {
    let text = format!("[{}]", vec!["\"the same again\""; 1000].join(","));
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(text.as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    let server = MockServer::start().await;
    Mock::given(header("accept-encoding", "gzip"))
        .respond_with(
            ResponseTemplate::new(200)
                .insert_header("content-encoding", "gzip")
                .set_body_raw(packed.clone(), "application/json"),
        )
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let transport = transport(&server.uri());
    let answer = transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    assert_eq!(answer.text(), text);
    assert_eq!(transport.usage().bytes_in, packed.len() as u64);

    // The same, cut: the HTTP length fits, the packed data does not.
    Mock::given(method("GET"))
        .respond_with(
            ResponseTemplate::new(200)
                .insert_header("content-encoding", "gzip")
                .set_body_raw(packed[..packed.len() - 9].to_vec(), "application/json"),
        )
        .mount(&server)
        .await;
    let e = transport.call(&Request::get(["limits"]), &once()).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Network, Delivery::Unknown), "{e}");
}

/// What HEAD answers, and a 204: the header that GET would have, and no body.
#[tokio::test]
async fn a_packed_answer_without_a_body_is_empty() {
    let server = MockServer::start().await;
    Mock::given(path_regex("."))
        .respond_with(ResponseTemplate::new(200).insert_header("content-encoding", "gzip"))
        .mount(&server)
        .await;
    let transport = transport(&server.uri());
    for method in [Method::Head, Method::Patch] {
        let request = Request::new(method, ["sobjects", "Account", "001000000000001AAA"]);
        assert_eq!(transport.call(&request, &once()).await.unwrap().text(), "");
    }
}

#[tokio::test]
async fn an_answer_above_the_limit_is_refused() {
    let server = MockServer::start().await;
    let body = "x".repeat(101);
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(body.clone(), "application/json"))
        .mount(&server)
        .await;
    let small = rest(&server.uri()).body_limit(100).connect().unwrap();
    let e = small.call(&Request::get(["limits"]), &once()).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Unsupported);
    assert!(e.to_string().contains("100 bytes"), "{e}");
    let enough = rest(&server.uri()).body_limit(101).connect().unwrap();
    assert_eq!(enough.call(&Request::get(["limits"]), &once()).await.unwrap().text(), body);
}

#[tokio::test]
async fn a_small_packed_answer_cannot_grow_beyond_the_limit() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&vec![b' '; 4 << 20]).unwrap();
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(
            ResponseTemplate::new(200)
                .insert_header("content-encoding", "gzip")
                .set_body_raw(packer.finish().unwrap(), "application/json"),
        )
        .mount(&server)
        .await;
    let transport = rest(&server.uri()).body_limit(1 << 20).connect().unwrap();
    let e = transport.call(&Request::get(["limits"]), &once()).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Unsupported, "{e}");
}

#[tokio::test]
async fn a_success_that_is_not_text_leaves_a_write_unknown() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(vec![b'[', 0xff, 0xfe], "application/json"))
        .expect(1)
        .mount(&server)
        .await;
    let outcomes = transport(&server.uri())
        .write(&[insert("Acme"), insert("Globex")], &WriteOptions::new())
        .await
        .unwrap();
    assert_eq!(outcomes.len(), 2);
    for outcome in outcomes {
        let RowOutcome::Failed(failure) = outcome else { panic!("not readable") };
        assert_eq!(failure.delivery, Delivery::Unknown);
    }
}

#[tokio::test]
async fn rows_are_written_and_answered_by_row() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/services/data/v66.0/composite/sobjects"))
        .and(header("content-type", "application/json; charset=UTF-8"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(CREATED, "application/json"))
        .expect(1)
        .mount(&server)
        .await;
    let transport = transport(&server.uri());
    let outcomes = transport.write(&[insert("Acme")], &WriteOptions::new()).await.unwrap();
    let (id, created) = outcomes.into_iter().next().unwrap().into_result().unwrap();
    assert_eq!((id.to_string().as_str(), created), ("001000000000001AAA", true));
    let sent = &server.received_requests().await.unwrap()[0].body;
    assert!(String::from_utf8_lossy(sent).contains("\"Acme\""));
    let usage = transport.usage();
    assert_eq!((usage.calls, usage.bytes_out, usage.bytes_in), (1, sent.len() as u64, CREATED.len() as u64));
}

#[tokio::test]
async fn cookies_stay_inside_and_the_daily_limit_comes_out() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(
            ResponseTemplate::new(200)
                .insert_header("set-cookie", "sid=secret")
                .insert_header("Sforce-Limit-Info", "api-usage=42/15000; per-app-api-usage=1/2(appName=x)")
                .insert_header("X-Own", "seen")
                .set_body_raw("{}", "application/json"),
        )
        .mount(&server)
        .await;
    let transport = transport(&server.uri());
    let answer = transport.call(&Request::get(["limits"]), &CallOptions::new()).await.unwrap();
    assert_eq!(answer.header("x-own"), Some("seen"));
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(transport.usage().daily, Some((42, 15000)));
}

#[tokio::test]
async fn only_calls_under_the_versioned_root_are_counted() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_raw("{}", "application/json"))
        .mount(&server)
        .await;
    let transport = transport(&server.uri());
    transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    for free in ["/services/data", "/services/oauth2/userinfo"] {
        transport.call(&Request::to_path(Method::Get, free).unwrap(), &once()).await.unwrap();
    }
    assert_eq!(transport.usage().calls, 1);
}

#[tokio::test]
async fn the_newest_version_that_both_know_is_taken() {
    for (list, version) in [
        (
            r#"[{"label":"Winter '20","url":"/services/data/v47.0","version":"47.0"},{"version":"60.0"}]"#,
            "60.0",
        ),
        (r#"[{"version":"31.0"},{"version":"66.0"},{"version":"67.0"},{"version":"beta"}]"#, "66.0"),
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_raw(list, "application/json");
        Mock::given(path("/services/data")).respond_with(answer).expect(1).mount(&server).await;
        let limits = format!("/services/data/v{version}/limits");
        Mock::given(path(limits)).respond_with(ResponseTemplate::new(200)).expect(1).mount(&server).await;
        // What was set before does not matter, not even one that `connect` refuses.
        let newest = rest(&server.uri()).api_version(ApiVersion::new(45)).connect_newest();
        let transport = newest.await.unwrap();
        assert_eq!(transport.capabilities().api_version.to_string(), version);
        transport.call(&Request::get(["limits"]), &once()).await.unwrap();
    }
    for (list, kind, words, next_step) in [
        (
            r#"[{"version":"31.0"},{"version":"45.0"}]"#,
            ErrorKind::Unsupported,
            "the newest API version of the org, 45.0, is too old: 46.0 is the oldest that works",
            "Salesforce org",
        ),
        (
            r#"[{"version":"31.0"},{"version":"99.0"}]"#,
            ErrorKind::Unsupported,
            "the org has no API version from 46.0 to 66.0",
            "newer version of this library",
        ),
        ("[]", ErrorKind::Decode, "the list of API versions cannot be read", "Check that the URL"),
        ("<html>", ErrorKind::Decode, "the list of API versions cannot be read", "Check that the URL"),
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_raw(list, "application/json");
        Mock::given(path("/services/data")).respond_with(answer).mount(&server).await;
        let e = rest(&server.uri()).connect_newest().await.unwrap_err();
        assert_eq!((e.kind(), e.to_string().as_str()), (kind, words), "{list}");
        let help = e.help().next_step;
        assert!(help.contains(next_step) && !help.contains("connect_newest"), "{list}: {help}");
    }
}

/// Pain 38: a limit on calls at once is a queue, and whoever cannot wait longer was not sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_calls_are_under_way_than_allowed_and_the_others_wait() {
    let server = MockServer::start().await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_millis(500));
    Mock::given(path("/services/data/v66.0/limits")).respond_with(slow).mount(&server).await;
    let transport = rest(&server.uri()).concurrency(2).connect().unwrap();
    let started = std::time::Instant::now();
    let calls: Vec<_> = (0..6)
        .map(|_| {
            let transport = transport.clone();
            tokio::spawn(async move { transport.call(&Request::get(["limits"]), &once()).await })
        })
        .collect();
    while server.received_requests().await.unwrap().len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let impatient = once().with_timeout(Duration::from_millis(30));
    let e = transport.call(&Request::get(["limits"]), &impatient).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Timeout, Delivery::NotSent));
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert!(started.elapsed() >= Duration::from_millis(1_500), "three rounds of two");
    assert_eq!(transport.usage().calls, 6);
}

#[tokio::test]
async fn a_proxy_that_is_named_carries_every_request_and_own_headers_go_along() {
    let proxy = MockServer::start().await;
    Mock::given(path("/services/data/v66.0/limits"))
        .and(header("x-team", "cx"))
        .respond_with(ResponseTemplate::new(200))
        .expect(1)
        .mount(&proxy)
        .await;
    // Nobody listens at the org's own address.
    let org = crate::tcp::nobody().await;
    let network = Network::new().allow_loopback_http().header("X-Team", "cx");
    let limits = Request::get(["limits"]);
    let through = rest(&org).network(network.clone().proxy(proxy.uri())).connect().unwrap();
    through.call(&limits, &once()).await.unwrap();
    let straight = rest(&org).network(network.no_proxy()).connect().unwrap();
    assert_eq!(straight.call(&limits, &once()).await.unwrap_err().delivery(), Delivery::NotSent);
}

/// It would be given the token in clear, for an address that it cannot reach.
#[tokio::test]
async fn a_proxy_elsewhere_does_not_get_what_is_for_this_machine() {
    let org = MockServer::start().await;
    Mock::given(path("/services/data/v66.0/limits"))
        .respond_with(ResponseTemplate::new(200))
        .expect(2)
        .mount(&org)
        .await;
    // A label of 64 characters: no resolver asks the network for it.
    let network =
        Network::new().allow_loopback_http().proxy(format!("http://u:pw@{}.invalid:3128", "a".repeat(64)));
    let limits = Request::get(["limits"]);
    for url in [org.uri(), org.uri().replace("127.0.0.1", "localhost")] {
        let straight = rest(&url).network(network.clone()).connect().unwrap();
        straight.call(&limits, &once()).await.unwrap();
    }
    // Everything else goes there.
    let host = format!("https://{}.my.salesforce.com", "b".repeat(20));
    let e = rest(&host).network(network).connect().unwrap().call(&limits, &once()).await.unwrap_err();
    assert_eq!(e.delivery(), Delivery::NotSent);
}
