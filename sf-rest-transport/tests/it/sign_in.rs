//! Every flow against the simulated org, whose OAuth server shares no code with this crate.
use sf_core::{CallOptions, Clock, Delivery, ErrorKind, Timestamp, Transport};
use sf_rest_transport::{App, AuthorizationCode, Jwt, MemoryTokenStore, Rest, Session, TokenStore};
use sf_testorg::{ConnectedApp, Server, TestOrg};
use std::{future::Future, pin::Pin, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::Url;

pub(crate) const CERTIFICATE: &str = include_str!("keys/app.crt");
/// Made for tests; it opens nothing.
pub(crate) const KEY: &str = include_str!("keys/app.key");
const KEY_PKCS1: &str = include_str!("keys/app.pkcs1.key");

struct Desk {
    org: TestOrg,
    server: Server,
    username: String,
}

impl Desk {
    fn with(app: ConnectedApp) -> Desk {
        let org = TestOrg::builder().accounts(1).build();
        let username = org.credentials().username.clone();
        org.add_connected_app(app.admin_approved(&[&username]).run_as(&username));
        let server = org.serve().unwrap();
        Desk { org, server, username }
    }
    fn new() -> Desk {
        Desk::with(
            ConnectedApp::new("3MVG9desk")
                .secret("s3cret")
                .loopback_callbacks()
                .certificate(CERTIFICATE)
                .unwrap(),
        )
    }
    fn app(&self) -> App {
        App::new(self.server.url(), "3MVG9desk").client_secret("s3cret").allow_loopback_http()
    }
    async fn redirect(&self, url: &Url, decision: &str) -> String {
        redirect(url, &self.username, decision).await
    }
    /// The page that the user sees at the end.
    async fn browser(&self, url: &Url, decision: &str) -> (u16, String) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.get(self.redirect(url, decision).await).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// Where the browser is sent to after the user has decided.
pub(crate) async fn redirect(url: &Url, username: &str, decision: &str) -> String {
    let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    form.push(("username".into(), username.to_owned()));
    form.push(("decision".into(), decision.into()));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    let client =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = client.post(url.as_str().split('?').next().unwrap());
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 302);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// Runs the sign-in and, once it says where to go, the browser.
async fn through<B>(
    sign_in: AuthorizationCode,
    browser: impl AsyncFnOnce(Url) -> B,
) -> (sf_core::Result<Session>, B) {
    let (open, opened) = tokio::sync::oneshot::channel();
    let signing = sign_in.sign_in(|url| open.send(url.clone()).unwrap());
    tokio::join!(signing, async { browser(opened.await.unwrap()).await })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_browser_when_the_user_allows_then_a_session_that_renews_itself() {
    let desk = Desk::new();
    let store = MemoryTokenStore::new();
    let app = desk.app().store(store.clone()).account("avery");
    let sign_in = app.authorization_code().callback("http://127.0.0.1:0/done");
    let (session, page) = through(sign_in, async |url| desk.browser(&url, "allow").await).await;
    let session = session.unwrap();
    assert_eq!((page.0, page.1.contains("You can close this window")), (200, true), "{}", page.1);
    assert_eq!(session.tokens().org_id().unwrap().as_str(), desk.org.credentials().org_id);
    assert_eq!(session.tokens().user_id().unwrap().as_str(), desk.org.credentials().user_id);
    assert_eq!(session.tokens().scope(), Some("refresh_token api"));
    assert_eq!(session.key().account(), "avery");
    let stored = store.load(session.key()).await.unwrap().unwrap();
    assert!(stored.tokens.refresh_token().is_some());
    desk.org.expire_sessions();
    assert_eq!(username_of(session).await, desk.username);
    // The next run of the program finds it.
    desk.org.expire_sessions();
    let session = app.stored_session().await.unwrap().unwrap();
    assert_eq!(username_of(session).await, desk.username);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_user_who_denies_then_an_error_says_so_and_the_browser_too() {
    let desk = Desk::new();
    let sign_in = desk.app().authorization_code().callback("http://127.0.0.1:0/done");
    let (session, page) = through(sign_in, async |url| desk.browser(&url, "deny").await).await;
    let e = session.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::NotSignedIn, Delivery::Refused));
    assert_eq!(e.code().unwrap().as_str(), "access_denied");
    assert!(page.1.contains("Access was not granted"), "{}", page.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_else_knocks_at_the_callback_neither_ends_nor_steals_the_sign_in() {
    let desk = Desk::new();
    let sign_in = desk.app().authorization_code().callback("http://localhost:0/done");
    let (session, ()) = through(sign_in, async |url| {
        let callback = parameter(&url, "redirect_uri");
        let port = Url::parse(&callback).unwrap().port().unwrap();
        let state = parameter(&url, "state");
        // A connection that a browser opened ahead and never uses, and one that ends in the middle.
        let idle = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        TcpStream::connect(("127.0.0.1", port)).await.unwrap().write_all(b"GET /do").await.unwrap();
        for (request, status) in [
            ("GET /favicon.ico HTTP/1.1\r\n\r\n".to_owned(), "404"),
            ("GET /done?code=stolen&state=guessed HTTP/1.1\r\n\r\n".to_owned(), "400"),
            ("GET /done?code=stolen HTTP/1.1\r\n\r\n".to_owned(), "400"),
            (format!("GET //evil.example/done?code=x&state={state} HTTP/1.1\r\n\r\n"), "404"),
            // Cookies that other programs on this machine have set.
            (format!("GET /favicon.ico HTTP/1.1\r\nCookie: {}\r\n\r\n", "c".repeat(200 << 10)), "404"),
            (format!("GET /favicon.ico HTTP/1.1\r\nCookie: {}\r\n\r\n", "c".repeat(300 << 10)), "431"),
        ] {
            let answer = raw(port, &request).await;
            let shown = &request[..request.len().min(90)];
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{shown}{answer}");
            assert!(!answer.contains("stolen"), "{answer}");
        }
        for nonsense in ["POST /done HTTP/1.1\r\n\r\n", "\u{1f4a9}\r\n\r\n", "GET done HTTP/1.1\r\n\r\n"] {
            assert_eq!(raw(port, nonsense).await, "");
        }
        assert_eq!(desk.browser(&url, "allow").await.0, 200);
        drop(idle);
    })
    .await;
    assert_eq!(username_of(session.unwrap()).await, desk.username);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_nobody_who_comes_back_then_it_times_out_and_the_port_is_free_again() {
    let desk = Desk::new();
    // Below the ports that the system gives away, so that nobody else gets it in between.
    let mut ports = (0..12_000).map(|n| 20_000 + (n + std::process::id() % 12_000) as u16 % 12_000);
    let held = ports.find_map(|port| std::net::TcpListener::bind(("127.0.0.1", port)).ok()).unwrap();
    let port = held.local_addr().unwrap().port();
    let callback = format!("http://127.0.0.1:{port}/done");
    let sign_in = |wait| desk.app().authorization_code().callback(&callback).timeout(wait).sign_in(|_| {});
    let e = sign_in(Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Setup);
    assert!(e.to_string().contains(&format!("port {port} ")), "{e}");
    drop(held);
    // At once: nobody waits before a button is pressed again.
    for round in 0..20 {
        let e = sign_in(Duration::from_millis(2)).await.unwrap_err();
        assert_eq!((e.kind(), e.delivery()), (ErrorKind::Timeout, Delivery::NotSent), "{round}: {e}");
    }
    let given_up = tokio::time::timeout(Duration::from_millis(2), sign_in(Duration::from_secs(60))).await;
    assert!(given_up.is_err());
    assert!(std::net::TcpListener::bind(("127.0.0.1", port)).is_ok());
}

#[tokio::test]
async fn a_callback_elsewhere_is_no_place_to_listen_on() {
    for callback in ["https://localhost:1/x", "http://desk.example/cb", "http://0.0.0.0:0/", "nonsense"] {
        let app = App::new(App::PRODUCTION, "3MVG9desk");
        let e = app.authorization_code().callback(callback).sign_in(|_| panic!("opened")).await.unwrap_err();
        assert_eq!(e.kind(), ErrorKind::InvalidInput, "{callback}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_pasted_url_when_finished_then_signed_in_and_a_url_of_another_sign_in_is_refused() {
    let desk = Desk::new();
    let flow = desk.app().authorization_code().callback("http://127.0.0.1:7/cb");
    let begun = || flow.begin().unwrap();
    let (one, two) = (begun(), begun());
    assert_ne!(one.state(), two.state());
    let of_one = desk.redirect(one.url(), "allow").await;
    let e = two.finish(&of_one).await.unwrap_err();
    assert!(e.to_string().contains("another sign-in"), "{e}");
    let session = one.finish(&of_one).await.unwrap();
    assert_eq!(username_of(session).await, desk.username);
    for bad in ["", "nonsense", "http://127.0.0.1:7/cb"] {
        assert_eq!(begun().finish(bad).await.unwrap_err().kind(), ErrorKind::InvalidInput, "{bad}");
    }
    // A code that the login host does not know.
    let three = begun();
    let made_up = format!("http://127.0.0.1:7/cb?code=aPrx1%3D%3D&state={}", three.state());
    let e = three.finish(&made_up).await.unwrap_err();
    assert_eq!(e.code().unwrap().as_str(), "invalid_grant");
    assert!(e.help().next_step.contains("start the sign-in again"), "{}", e.help().next_step);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_an_app_that_requires_pkce_and_no_secret_then_the_verifier_is_enough() {
    let app = ConnectedApp::new("3MVG9public").loopback_callbacks().secret_optional().require_pkce();
    let desk = Desk::with(app);
    let app = App::new(desk.server.url(), "3MVG9public").allow_loopback_http();
    let sign_in = app.authorization_code().callback("http://127.0.0.1:0/");
    let (session, _) = through(sign_in, async |url| desk.browser(&url, "allow").await).await;
    assert_eq!(username_of(session.unwrap()).await, desk.username);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_device_when_approved_or_denied_elsewhere_then_the_wait_ends() {
    let desk = Desk::new();
    let app = desk.app();
    let sign_in = app.device().await.unwrap();
    assert_eq!(sign_in.verification_url(), format!("{}/setup/connect", desk.server.url()));
    desk.org.approve_device(sign_in.user_code(), &desk.username).unwrap();
    let denied = app.device().await.unwrap();
    desk.org.deny_device(denied.user_code()).unwrap();
    // Both ask for the first time after the five seconds that the org demands.
    let (session, denied) = tokio::join!(sign_in.wait(), denied.wait());
    let session = session.unwrap();
    assert!(session.tokens().refresh_token().is_some());
    assert_eq!(username_of(session).await, desk.username);
    let e = denied.unwrap_err();
    assert_eq!((e.kind(), e.code().unwrap().as_str()), (ErrorKind::NotSignedIn, "access_denied"));
}

/// Answers to a device's questions, one after the other; the last one for ever. One second between questions.
async fn device_that_hears(answers: &[&str]) -> (wiremock::MockServer, sf_rest_transport::DeviceSignIn) {
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::body_string_contains};
    let server = MockServer::start().await;
    let device = serde_json::json!({
        "device_code": "d", "user_code": "ABCD-1234", "verification_uri": "https://x.example", "interval": 1
    });
    Mock::given(body_string_contains("response_type=device_code"))
        .respond_with(ResponseTemplate::new(200).set_body_json(device))
        .mount(&server)
        .await;
    for (n, error) in answers.iter().enumerate() {
        let mock = Mock::given(body_string_contains("grant_type=device"))
            .respond_with(ResponseTemplate::new(400).set_body_json(serde_json::json!({ "error": error })));
        let times = if n + 1 == answers.len() { u64::MAX } else { 1 };
        mock.up_to_n_times(times).mount(&server).await;
    }
    let sign_in = App::new(server.uri(), "3MVG9").allow_loopback_http().device().await.unwrap();
    (server, sign_in)
}

#[tokio::test]
async fn a_device_that_asks_too_often_asks_less_often() {
    let (server, sign_in) = device_that_hears(&["slow_down", "authorization_pending"]).await;
    // One second to the first question, six more to the second: without the five there would be three by now.
    let given_up = tokio::time::timeout(Duration::from_millis(3_500), sign_in.wait()).await;
    assert!(given_up.is_err());
    assert_eq!(server.received_requests().await.unwrap().len(), 2, "the code, and one question");
}

#[tokio::test]
async fn a_device_asks_until_its_code_is_dead() {
    let (server, sign_in) = device_that_hears(&["authorization_pending", "expired_token"]).await;
    let e = sign_in.wait().await.unwrap_err();
    assert_eq!(
        (e.kind(), e.to_string().as_str()),
        (ErrorKind::NotSignedIn, "expired_token: the device code has expired")
    );
    assert_eq!(server.received_requests().await.unwrap().len(), 3, "the code, and two questions");
}

/// Pain 14: `exp` is in seconds since 1970 of the clock that was given.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_key_when_signing_by_jwt_then_each_expired_session_costs_one_assertion() {
    let desk = Desk::new();
    for key in [KEY, KEY_PKCS1] {
        let jwt = Jwt::new(&desk.username, key).unwrap().clock(desk.org.clock());
        let session = desk.app().jwt(jwt).unwrap();
        assert_eq!(session.key().account(), format!("jwt:{}", desk.username));
        assert_eq!(username_of(session.clone()).await, desk.username);
        assert!(session.tokens().refresh_token().is_none());
        desk.org.expire_sessions();
        assert_eq!(username_of(session).await, desk.username);
    }
    assert_eq!(desk.org.calls().iter().filter(|call| call.operation() == "token").count(), 4);
    // A clock that is years behind.
    let jwt = Jwt::new(&desk.username, KEY).unwrap().clock(Stopped(Timestamp::from_millis(0).unwrap()));
    let e = error_of(desk.app().jwt(jwt).unwrap()).await;
    assert_eq!(e.code().unwrap().as_str(), "invalid_grant");
    let jwt = Jwt::new("nobody@example.com", KEY).unwrap().clock(desk.org.clock());
    let e = error_of(desk.app().jwt(jwt).unwrap()).await;
    assert_eq!(e.kind(), ErrorKind::NotSignedIn, "{e}");
    let jwt = Jwt::new(&desk.username, KEY).unwrap().clock(desk.org.clock()).audience("https://evil.example");
    let e = error_of(desk.app().jwt(jwt).unwrap()).await;
    assert!(e.help().next_step.contains("audience"), "{e}: {}", e.help().next_step);
}

#[test]
fn a_text_that_is_no_private_key_is_refused_without_repeating_it() {
    for bad in ["", "s3cret", CERTIFICATE, &KEY.replace("MII", "s3c")] {
        let e = Jwt::new("a@b.example", bad).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Setup);
        assert!(!format!("{e:?}").contains("s3c"), "{e:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_client_credentials_then_the_run_as_user_is_signed_in() {
    let desk = Desk::new();
    assert_eq!(username_of(desk.app().client_credentials().unwrap()).await, desk.username);
    let wrong = desk.app().client_secret("other").client_credentials().unwrap();
    assert_eq!(error_of(wrong).await.kind(), ErrorKind::Setup);
    let kind = |app: App| app.client_credentials().unwrap_err();
    assert!(kind(App::new("https://acme.my.salesforce.com", "id")).to_string().contains("secret"));
    for shared in [App::PRODUCTION, App::SANDBOX] {
        let e = kind(App::new(shared, "id").client_secret("s"));
        assert!(e.help().next_step.contains("My Domain"), "{e}");
    }
}

async fn username_of(session: Session) -> String {
    let rest = Rest::with_credentials(session).allow_loopback_http().connect().unwrap();
    rest.identity(&CallOptions::new()).await.unwrap().username
}
async fn error_of(session: Session) -> sf_core::Error {
    let rest = Rest::with_credentials(session).allow_loopback_http().connect().unwrap();
    rest.identity(&CallOptions::new()).await.unwrap_err()
}
fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned()
}
async fn raw(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // A connection that is closed with unread bytes ends in a reset.
    stream.read_to_string(&mut answer).await.ok();
    answer
}

#[derive(Debug)]
struct Stopped(Timestamp);
impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
    fn sleep_until(&self, _: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}
