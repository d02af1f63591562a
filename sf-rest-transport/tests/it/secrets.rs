//! A secret never reaches a log, an error or a Debug text, at any log level of any crate below.
use crate::{TOKEN, insert, login_host::LoginHost, sign_in::KEY, tcp::nobody};
use base64::{Engine, engine::general_purpose::STANDARD};
use sf_core::{Credentials, Transport, WriteOptions, protocol::Request};
use sf_rest_transport::{App, FileTokenStore, Jwt, Network, Rest, StoreKey, Token, Tokens};
use std::{
    cell::RefCell,
    io,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::MakeWriter;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string_contains, path},
};

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

thread_local! {
    /// Where the records of the `log` crate go, which reqwest and rustls write to.
    static RECORDS: RefCell<Option<Captured>> = const { RefCell::new(None) };
}
struct Records;
impl log::Log for Records {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        RECORDS.with_borrow(Option::is_some)
    }
    fn log(&self, record: &log::Record<'_>) {
        RECORDS.with_borrow(|to| {
            if let Some(to) = to {
                let line = format!("{} {} {}\n", record.level(), record.target(), record.args());
                to.0.lock().unwrap().extend_from_slice(line.as_bytes());
            }
        });
    }
    fn flush(&self) {}
}

/// Everything that is logged on this thread, by whatever crate, until it is dropped.
struct Log(Captured, #[expect(dead_code)] (tracing::subscriber::DefaultGuard, tracing::Dispatch));
impl Log {
    fn begin() -> Log {
        let log = Captured::default();
        let everything = || tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        let guard = tracing::subscriber::set_default(everything().with_writer(log.clone()).finish());
        // With one subscriber alone, a place that another test's thread logs from first is never asked for again.
        let second = tracing::Dispatch::new(everything().with_writer(std::io::sink).finish());
        log::set_logger(&Records).ok();
        log::set_max_level(log::LevelFilter::Trace);
        RECORDS.set(Some(log.clone()));
        Log(log, (guard, second))
    }
    fn text(&self) -> String {
        String::from_utf8(self.0.0.lock().unwrap().clone()).unwrap()
    }
}
impl Drop for Log {
    fn drop(&mut self) {
        RECORDS.set(None);
    }
}

/// Pain 11: secrets in URLs, logs and printed values.
#[tokio::test]
async fn no_secret_is_logged_printed_or_told() {
    let log = Log::begin();
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

    let log = log.text();
    assert!(log.contains("request") && log.contains("resource=limits"), "{log}");
    assert!(log.contains("NotSignedIn") && log.contains("NotSent"), "{log}");
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log");
        assert!(!told.contains(secret), "{secret} is told");
    }
}

/// The login host of these tests: the second half of each flow is granted or refused.
async fn login(granted: bool) -> MockServer {
    let server = MockServer::start().await;
    let device = serde_json::json!({
        "device_code": "deviceS3cret", "user_code": "ABCD-1234", "verification_uri": "https://x.example", "interval": 1
    });
    Mock::given(path("/services/oauth2/token"))
        .and(body_string_contains("response_type=device_code"))
        .respond_with(ResponseTemplate::new(200).set_body_json(device))
        .with_priority(1)
        .mount(&server)
        .await;
    let answer = match granted {
        true => ResponseTemplate::new(200).set_body_json(serde_json::json!({
            "access_token": "accessS3cret", "token_type": "Bearer", "instance_url": server.uri()
        })),
        false => ResponseTemplate::new(400)
            .set_body_json(serde_json::json!({"error": "invalid_grant", "error_description": "no"})),
    };
    Mock::given(path("/services/oauth2/token")).respond_with(answer).mount(&server).await;
    server
}
/// The values of a form's field in all requests.
async fn sent(server: &MockServer, field: &str) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    let forms = requests.iter().flat_map(|request| url::form_urlencoded::parse(&request.body).into_owned());
    forms.filter(|(name, _)| name == field).map(|(_, value)| value).collect()
}
fn what<T: std::fmt::Debug>(told: &mut String, result: sf_core::Result<T>) {
    match result {
        Ok(value) => *told += &format!("{value:?}"),
        Err(e) => {
            *told += &format!("{e:?} {e} {:?} {}", e.failure(), e.help());
            *told += &serde_json::to_string(e.failure()).unwrap();
        }
    }
}

/// Pain 11, in every flow: the code, the PKCE verifier, the device code and the assertion, whether they are granted or refused; the
/// passphrase of the store and the password of a proxy.
#[tokio::test]
async fn no_flow_logs_prints_or_tells_what_it_signs_in_with() {
    const CALLBACK: &str = "http://127.0.0.1:7/cb";
    let log = Log::begin();
    let told = &mut String::new();
    let mut secrets: Vec<String> =
        ["codeS3cret", "deviceS3cret", "accessS3cret", "s3cretClient", "passphraseS3cret"]
            .map(str::to_owned)
            .to_vec();
    for granted in [true, false] {
        let server = login(granted).await;
        let app = App::new(server.uri(), "client").client_secret("s3cretClient").allow_loopback_http();

        let code = app.authorization_code().callback(CALLBACK);
        let begun = || code.begin().unwrap();
        let pending = begun();
        *told += &format!("{code:?} {pending:?}");
        let back = format!("{CALLBACK}?code=codeS3cret&state={}", pending.state());
        what(told, pending.finish(&back).await);
        // Of another sign-in, denied, cut.
        what(told, begun().finish(&back).await);
        let denied = begun();
        let back = format!("{CALLBACK}?error=access_denied&code=codeS3cret&state={}", denied.state());
        what(told, denied.finish(&back).await);
        what(told, begun().finish("code=codeS3cret").await);

        let device = app.device().await.unwrap();
        *told += &format!("{device:?}");
        what(told, device.wait().await);

        let jwt = Jwt::new("a@b.example", KEY).unwrap();
        *told += &format!("{jwt:?}");
        let session = app.jwt(jwt).unwrap();
        what(told, session.token(None).await);
        *told += &format!("{session:?}");

        assert_eq!(sent(&server, "code").await, ["codeS3cret", "deviceS3cret"]);
        for field in ["code_verifier", "assertion"] {
            let sent = sent(&server, field).await;
            assert_eq!(sent.len(), 1, "{field}");
            secrets.extend(sent);
        }
    }
    // The signature alone makes an assertion, whatever is before it.
    let signatures: Vec<String> =
        secrets.iter().filter_map(|s| s.rsplit_once('.')).map(|(_, s)| s.to_owned()).collect();
    assert_eq!(signatures.len(), 2);
    secrets.extend(signatures);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens");
    let open = |passphrase: &str| {
        let key = StoreKey::passphrase(passphrase).unwrap();
        (format!("{key:?}"), FileTokenStore::open(&path, key))
    };
    let (key, store) = open("right passphraseS3cret");
    *told += &key;
    let app = App::new("https://acme.my.salesforce.com", "client").store(store.unwrap());
    *told += &format!("{app:?}");
    what(told, app.stored_session().await);
    app.session(Tokens::refresh("refreshS3cret")).unwrap();
    std::fs::write(&path, "damaged").unwrap();
    what(told, app.stored_session().await);
    let (key, store) = open("wrong passphraseS3cret");
    *told += &key;
    assert!(store.is_err());
    what(told, store);

    // As a proxy's URL has it, and as it goes over the wire.
    secrets.extend(["proxyS3cret".to_owned(), STANDARD.encode("proxyUser:proxyS3cret")]);
    let granted = |_: &_| {
        (
            200,
            serde_json::json!({"access_token": "accessS3cret", "token_type": "Bearer", "instance_url": "https://acme.my.salesforce.com"}),
        )
    };
    let host = LoginHost::at("acme.my.salesforce.com", granted).await;
    let away = Network::new()
        .proxy(format!("{}/", nobody().await.replace("http://", "http://proxyUser:proxyS3cret@")));
    for network in [host.network.clone(), away, Network::new().proxy("no url proxyS3cret")] {
        let app = App::new("https://acme.my.salesforce.com", "client")
            .client_secret("s3cretClient")
            .network(network.clone());
        let rest = Rest::at("https://acme.my.salesforce.com").token(TOKEN).network(network.clone());
        *told += &format!("{network:?} {app:?} {rest:?}");
        match app.client_credentials() {
            Ok(session) => what(told, session.token(None).await),
            Err(e) => what(told, Err::<(), _>(e)),
        }
        what(told, rest.connect().map(|transport| format!("{transport:?}")));
    }
    let heads = host.heads.lock().unwrap().join("");
    assert!(heads.contains(&secrets[secrets.len() - 1]), "the proxy was given the password: {heads}");

    let log = log.text();
    assert!(log.contains("token request"), "{log}");
    assert!(log.contains(" reqwest"), "records of the `log` crate: {log}");
    for secret in &secrets {
        assert!(secret.len() > 9);
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
        assert!(!told.contains(secret), "{secret} is told: {told}");
    }
}
