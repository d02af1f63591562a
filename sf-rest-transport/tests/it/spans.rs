//! Every call has an id in its span, and every event of the call stands in that span.
use crate::{TOKEN, rest, secrets::Captured};
use sf_core::{CallOptions, Transport, protocol::Request};
use sf_rest_transport::{App, Rest, Tokens};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

/// The lines of this crate, from what `run` does.
async fn lines<F: Future>(run: impl FnOnce() -> F) -> Vec<String> {
    let log = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // With one subscriber alone, a place that another test's thread logs from first is never asked for again.
    let _second = tracing::Dispatch::new(
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(std::io::sink).finish(),
    );
    run().await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    log.lines().filter(|line| line.contains("sf_rest_transport:")).map(str::to_owned).collect()
}
/// `id=…` of a line.
fn id(line: &str) -> &str {
    let (_, rest) = line.split_once("call{id=").unwrap_or_else(|| panic!("no call in: {line}"));
    rest.split(' ').next().unwrap()
}

#[tokio::test]
async fn the_sendings_of_a_call_share_its_id_and_are_numbered() {
    let server = MockServer::start().await;
    Mock::given(path("/services/data/v66.0/limits"))
        .respond_with(
            ResponseTemplate::new(503)
                .insert_header("retry-after", "0")
                .set_body_raw(r#"[{"message":"busy","errorCode":"SERVER_UNAVAILABLE"}]"#, "application/json"),
        )
        .up_to_n_times(2)
        .mount(&server)
        .await;
    Mock::given(path("/services/data/v66.0/limits"))
        .respond_with(ResponseTemplate::new(200).set_body_raw("{}", "application/json"))
        .mount(&server)
        .await;
    let transport = rest(&server.uri()).connect().unwrap();
    let request = Request::get(["limits"]).with_query("secret", "hidden");
    let lines = lines(|| async {
        for _ in 0..2 {
            transport.call(&request, &CallOptions::new()).await.unwrap();
        }
    })
    .await;
    let parts = ["attempt=1 status=503 code=\"SERVER_UNAVAILABLE\" kind=Unavailable", "attempt=1 pause_ms="];
    let second = ["attempt=2 status=503", "attempt=2 pause_ms="];
    let expected: Vec<&str> =
        parts.into_iter().chain(second).chain(["attempt=3 status=200", "attempt=1 status=200"]).collect();
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, part) in lines.iter().zip(&expected) {
        assert!(line.contains(part) && line.contains("method=\"GET\" resource=limits"), "{part}: {line}");
        assert!(!line.contains("hidden"), "{line}");
    }
    let ids: Vec<&str> = lines.iter().map(|line| id(line)).collect();
    assert!(ids[..5].iter().all(|id| *id == ids[0]) && ids[5] != ids[0], "{ids:?}");
}

#[tokio::test]
async fn a_token_request_stands_in_the_span_of_the_call_that_began_it() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(serde_json::json!({
            "access_token": "fresh", "token_type": "Bearer", "instance_url": server.uri()
        })))
        .mount(&server)
        .await;
    let refused = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
    let limits = || Mock::given(path("/services/data/v66.0/limits"));
    limits()
        .respond_with(ResponseTemplate::new(401).set_body_raw(refused, "application/json"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    limits()
        .respond_with(ResponseTemplate::new(200).set_body_raw("{}", "application/json"))
        .mount(&server)
        .await;
    let app = App::new(server.uri(), "client").allow_loopback_http();
    let session = app.session(Tokens::refresh("refresh").with_access(TOKEN, server.uri())).unwrap();
    let transport = Rest::with_credentials(session).allow_loopback_http().connect().unwrap();
    let lines = lines(|| async {
        transport.call(&Request::get(["limits"]), &CallOptions::new()).await.unwrap();
    })
    .await;
    let expected =
        ["status=401", "token refused renewal=1", "token request attempt=1", "attempt=1 status=200"];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, part) in lines.iter().zip(expected) {
        assert!(line.contains(part), "{part}: {line}");
        assert_eq!(id(line), id(&lines[0]));
    }
}

/// The text where a code should be is the answer's, and may be anybody's data.
#[tokio::test]
async fn an_unknown_code_is_named_only_if_it_looks_like_one() {
    let long = "X".repeat(65);
    for (code, named) in [
        ("A_CODE_OF_NEXT_YEAR", true),
        ("invalid_something", true),
        ("Avery", false),
        ("avery@acme.example", false),
        ("CX1001", false),
        ("no row of Acme", false),
        (&long, false),
    ] {
        let server = MockServer::start().await;
        Mock::given(path("/services/data/v66.0/limits"))
            .respond_with(ResponseTemplate::new(400).set_body_json(serde_json::json!({ "error": code })))
            .mount(&server)
            .await;
        let transport = rest(&server.uri()).connect().unwrap();
        let lines = lines(|| async {
            let e = transport.call(&Request::get(["limits"]), &CallOptions::new()).await.unwrap_err();
            assert_eq!(e.code().unwrap().as_str(), code);
        })
        .await;
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert!(lines[0].contains("status=400"), "{lines:#?}");
        assert_eq!(lines[0].contains(code), named, "{lines:#?}");
    }
}
