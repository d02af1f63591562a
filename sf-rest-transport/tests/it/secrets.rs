//! A secret never reaches a log, an error or a Debug text, at any log level of any crate below.
use crate::{TOKEN, insert, tcp::nobody};
use sf_core::{Transport, WriteOptions, protocol::Request};
use sf_rest_transport::{App, Rest, Token, Tokens};
use std::{
    io,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::MakeWriter;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

#[derive(Clone, Default)]
pub(crate) struct Captured(pub(crate) Arc<Mutex<Vec<u8>>>);
impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
impl MakeWriter<'_> for Captured {
    type Writer = Captured;
    fn make_writer(&self) -> Captured {
        self.clone()
    }
}

/// Pain 11: secrets in URLs, logs and printed values.
#[tokio::test]
async fn no_secret_is_logged_printed_or_told() {
    let log = Captured::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    // With one subscriber alone, a place that another test's thread logs from first is never asked for again.
    let _second = tracing::Dispatch::new(
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(std::io::sink).finish(),
    );

    let secrets = [TOKEN, "s3cretClient", "refreshS3cret", "rotatedS3cret", "freshS3cret"];
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(serde_json::json!({
            "access_token": "freshS3cret", "refresh_token": "rotatedS3cret", "token_type": "Bearer",
            "instance_url": server.uri()
        })))
        .mount(&server)
        .await;
    let refused = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
    Mock::given(path("/services/data/v66.0/limits"))
        .respond_with(ResponseTemplate::new(401).set_body_raw(refused, "application/json"))
        .mount(&server)
        .await;

    let app = App::new(server.uri(), "client").client_secret("s3cretClient").allow_loopback_http();
    let tokens = Tokens::refresh("refreshS3cret").with_access(TOKEN, server.uri());
    let mut told = format!("{app:?} {tokens:?}");
    let credentials = app.session(tokens).unwrap();
    let builder = Rest::with_credentials(credentials.clone()).allow_loopback_http();
    told += &format!("{credentials:?} {builder:?}");
    let transport = builder.connect().unwrap();
    let request = Request::get(["limits"]);
    let e = transport.call(&request, &crate::once()).await.unwrap_err();
    told += &format!("{transport:?} {e:?} {e} {:?}", e.failure());
    told += &serde_json::to_string(e.failure()).unwrap();

    let token = Token::new(TOKEN, server.uri());
    let rest = Rest::at(nobody().await).token(TOKEN).allow_loopback_http();
    told += &format!("{token:?} {rest:?}");
    let transport = rest.connect().unwrap();
    let options = WriteOptions::new().with_call(crate::once());
    let e = transport.write(&[insert("Acme")], &options).await.unwrap_err();
    told += &format!("{transport:?} {e:?}");
    let e = transport.call(&request.with_query("q", TOKEN), &crate::once()).await.unwrap_err();
    told += &format!("{e:?}");

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("request") && log.contains("resource=limits"), "{log}");
    assert!(log.contains("NotSignedIn") && log.contains("NotSent"), "{log}");
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log");
        assert!(!told.contains(secret), "{secret} is told");
    }
}
