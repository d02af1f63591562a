use crate::once;
use sf_core::{
    Delivery, ErrorKind, Transport, WriteOptions,
    protocol::{Body, Method, Request, Safety},
};
use sf_rest_transport::{App, Rest, RestTransport, Tokens};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, header, path},
};

/// A login host that grants `fresh`, and an org that lets only that in and answers others with `refusal`.
async fn org(refusal: ResponseTemplate) -> (MockServer, RestTransport) {
    let server = MockServer::start().await;
    let granted =
        serde_json::json!({"access_token": "fresh", "instance_url": server.uri(), "token_type": "Bearer"});
    let granted = ResponseTemplate::new(200).set_body_json(granted);
    Mock::given(path("/services/oauth2/token")).respond_with(granted).with_priority(1).mount(&server).await;
    let fine = ResponseTemplate::new(200).set_body_raw(crate::CREATED, "application/json");
    Mock::given(header("authorization", "Bearer fresh"))
        .respond_with(fine)
        .with_priority(2)
        .mount(&server)
        .await;
    Mock::given(any()).respond_with(refusal).with_priority(3).mount(&server).await;
    let tokens = Tokens::refresh("refresh").with_access("expired", server.uri());
    let session = App::new(server.uri(), "client").allow_loopback_http().session(tokens).unwrap();
    let rest = Rest::with_credentials(session).allow_loopback_http().connect().unwrap();
    (server, rest)
}
async fn counts(server: &MockServer) -> (usize, usize) {
    let seen = server.received_requests().await.unwrap();
    let tokens = seen.iter().filter(|request| request.url.path() == "/services/oauth2/token").count();
    (tokens, seen.len() - tokens)
}
fn json(status: u16, code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_raw(format!(r#"[{{"message":"{message}","errorCode":"{code}"}}]"#), "application/json")
}
fn words(status: u16, text: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(text.to_owned(), "text/plain")
}

/// Pain 7: a session expires in several shapes, and every door renews it, also those of bulk jobs and files.
#[tokio::test]
async fn every_door_knows_every_shape_of_an_expired_session() {
    let bulk1 = r#"{"exceptionCode":"InvalidSessionId","exceptionMessage":"Invalid session id"}"#;
    let bulk1_xml = r#"<?xml version="1.0"?><error xmlns="http://www.force.com/2009/06/asyncapi/dataload"><exceptionCode>InvalidSessionId</exceptionCode><exceptionMessage>Invalid session id</exceptionMessage></error>"#;
    let shapes = [
        json(401, "INVALID_SESSION_ID", "Session expired or invalid"),
        json(401, "INVALID_AUTH_HEADER", "INVALID_JWT_FORMAT"),
        words(400, bulk1),
        words(400, bulk1_xml),
        words(403, "Bad_OAuth_Token"),
        words(401, "<html>Please sign in</html>"),
    ];
    for shape in shapes {
        let csv = Body::Csv("Id\n001000000000001AAA\n".into());
        let requests = [
            Request::get(["limits"]),
            Request::post(["jobs", "ingest"]).with_json("{}"),
            Request::new(Method::Put, ["jobs", "ingest", "750", "batches"]).with_body(csv),
            Request::new(Method::Patch, ["jobs", "ingest", "750"])
                .with_json("{}")
                .with_safety(Safety::Idempotent),
            Request::new(Method::Delete, ["jobs", "query", "750"]),
        ];
        for request in requests {
            let (server, rest) = org(shape.clone()).await;
            rest.call(&request, &once()).await.unwrap();
            assert_eq!(counts(&server).await, (1, 2), "{request:?} {shape:?}");
        }
        let (server, rest) = org(shape.clone()).await;
        let mut sink = Vec::new();
        rest.download(&Request::get(["jobs", "query", "750", "results"]), &mut sink, &once()).await.unwrap();
        assert_eq!(sink, crate::CREATED.as_bytes(), "the refusal is no part of the file");
        assert_eq!(counts(&server).await, (1, 2));
        let (server, rest) = org(shape.clone()).await;
        assert!(rest.write(&[crate::insert("A")], &WriteOptions::new()).await.unwrap()[0].is_done());
        assert_eq!(counts(&server).await, (1, 2));
    }
}

/// Pain 2: what no new token cures is not answered with one, and says what to do instead.
#[tokio::test]
async fn a_refusal_that_is_not_about_the_token_makes_no_token_request() {
    for (refusal, kind, help) in [
        (
            json(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
            ErrorKind::Forbidden,
            "API Enabled",
        ),
        (
            json(401, "INVALID_SESSION_ID", "Connected app is not attached to Agent"),
            ErrorKind::Forbidden,
            "API Enabled",
        ),
        (
            json(403, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "The users password has expired"),
            ErrorKind::Forbidden,
            "new password",
        ),
        (
            json(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."),
            ErrorKind::Forbidden,
            "API Enabled",
        ),
        (json(403, "FORBIDDEN", "You are not allowed to"), ErrorKind::Forbidden, "permissions"),
        (
            json(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id"),
            ErrorKind::Forbidden,
            "permissions",
        ),
        // The org restricts logins to other addresses: the session is good, this machine is not.
        (
            json(403, "LOGIN_IP_RESTRICTED", "IP restricted or invalid login hours"),
            ErrorKind::Forbidden,
            "administrator",
        ),
    ] {
        let (server, rest) = org(refusal).await;
        let e = rest.write(&[crate::insert("A")], &WriteOptions::new()).await.unwrap_err();
        assert_eq!((e.kind(), e.delivery()), (kind, Delivery::Refused), "{e:?}");
        assert!(e.help().next_step.contains(help), "{}", e.help().next_step);
        assert_eq!(counts(&server).await, (0, 1), "{e:?}");
    }
}
