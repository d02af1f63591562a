//! A settings page: who is signed in, which orgs there are, signing in.
use crate::fake::{Fake, error, success};
use serde_json::json;
use sf_cli_transport::{LoginWeb, OrgKind, SignIn};
use sf_core::{ApiVersion, Delivery, ErrorKind};
use sf_testorg::TestOrg;
use std::time::Duration;

const ID: &str = "00D5e000000A0e7EAC";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_three_states_and_an_expired_login() {
    let org = TestOrg::demo();
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org);
    let command = fake.command().await;
    let SignIn::Authenticated(info) = command.status(Some("desk")).await.unwrap() else {
        panic!("not authenticated")
    };
    assert_eq!(
        (info.username.as_str(), info.alias.as_deref()),
        (org.credentials().username.as_str(), Some("desk"))
    );
    assert_eq!(info.org_id.as_str(), org.credentials().org_id);
    // The slash at the end is taken off.
    assert_eq!((info.instance_url.as_str(), info.api_version), (server.url(), Some(ApiVersion::new(66))));

    // Exit code 0 all the same.
    fake.bridge(server.url(), "00D5e000000A0e7!dead", &org);
    let status = command.status(Some("desk")).await.unwrap();
    assert!(matches!(&status, SignIn::Expired(info) if info.alias.as_deref() == Some("desk")), "{status:?}");
    assert!(status.org().is_some());

    for (name, exit) in [("NoDefaultEnvError", 1), ("NamedOrgNotFoundError", 2)] {
        let fake = Fake::new();
        fake.rule(
            json!({"when": ["org display"], "stdout": error(name, "x", exit).to_string(), "exit": exit}),
        );
        assert_eq!(fake.command().await.status(None).await.unwrap(), SignIn::NotAuthenticated);
    }
}

#[tokio::test]
async fn an_org_that_cannot_be_reached_says_nothing_about_the_login() {
    for said in [
        "fetch failed",
        "request to https://x failed, reason: getaddrinfo ENOTFOUND x",
        "ERROR_HTTP_503",
        "Unable to refresh session due to: Error authenticating with the refresh token due to: fetch failed",
        "Unable to refresh session due to: Error authenticating with the refresh token due to: <html lang=\"en\">down</html>",
        "Bad Response",
    ] {
        let fake = Fake::new();
        let result = json!({"id": ID, "username": "ann@acme.example", "instanceUrl": "https://acme.my.salesforce.com", "connectedStatus": said});
        fake.rule(json!({"when": ["org display"], "stdout": success(result)}));
        let error = fake.command().await.status(Some("desk")).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Network | ErrorKind::Unavailable), "{said}: {error:?}");
    }
    for said in [
        "RefreshTokenAuthError",
        "Unable to refresh session due to: Error authenticating with the refresh token due to: inactive user",
        "INVALID_SESSION_ID",
    ] {
        let fake = Fake::new();
        let result = json!({"id": ID, "username": "ann@acme.example", "instanceUrl": "https://acme.my.salesforce.com", "connectedStatus": said});
        fake.rule(json!({"when": ["org display"], "stdout": success(result)}));
        assert!(matches!(fake.command().await.status(None).await.unwrap(), SignIn::Expired(_)), "{said}");
    }
}

#[tokio::test]
async fn a_scratch_org_has_its_last_day_and_no_connected_status() {
    let result = json!({"id": ID, "devHubId": "hub@acme.example", "username": "test-x@example.com", "status": "Active",
        "instanceUrl": "https://acme-dev.scratch.my.salesforce.com/", "expirationDate": "2026-12-01", "alias": "desk"});
    let fake = Fake::new();
    fake.rule(json!({"when": ["org display", "=desk"], "stdout": success(result.clone())}));
    let mut envelope = json!({"status": 0, "result": result, "warnings": ["unable to refresh auth for org"]});
    fake.rule(json!({"when": ["org display", "=dead"], "stdout": envelope.to_string()}));
    // Why the login was not renewed, only the org says.
    let rest = |name: &str, stdout: String, exit: i32| json!({"when": ["api request rest", name], "stdout": stdout, "exit": exit});
    for name in ["back", "away"] {
        fake.rule(json!({"when": ["org display", format!("={name}")], "stdout": envelope.to_string()}));
    }
    fake.rule(rest("=dead", error("INVALID_SESSION_ID", "Session expired or invalid", 1).to_string(), 1));
    fake.rule(rest("=back", crate::fake::rest(200, json!({})), 0));
    fake.rule(rest("=away", error("TypeError", "fetch failed", 10).to_string(), 10));
    envelope["result"]["status"] = "Deleted".into();
    envelope["warnings"] = json!([]);
    fake.rule(json!({"when": ["org display", "=gone"], "stdout": envelope.to_string()}));
    let command = fake.command().await;
    let SignIn::Authenticated(info) = command.status(Some("desk")).await.unwrap() else {
        panic!("not authenticated")
    };
    assert_eq!((info.kind, info.expires.as_deref()), (OrgKind::Scratch, Some("2026-12-01")));
    for name in ["dead", "gone"] {
        assert!(matches!(command.status(Some(name)).await.unwrap(), SignIn::Expired(_)), "{name}");
    }
    assert!(matches!(command.status(Some("back")).await.unwrap(), SignIn::Authenticated(_)));
    assert_eq!(command.status(Some("away")).await.unwrap_err().kind(), ErrorKind::Network);
}

#[tokio::test]
async fn the_login_of_a_scratch_orgs_dev_hub_is_not_taken_for_its_own() {
    let fake = Fake::new();
    let refused = error("INVALID_SESSION_ID", "Session expired or invalid", 1).to_string();
    fake.rule(json!({"when": ["org display"], "stdout": refused, "exit": 1}));
    let command = fake.command().await;
    let credentials = sf_cli_transport::Sf::command(&command).target_org("scratch").credentials().unwrap();
    let errors = [
        command.status(Some("scratch")).await.unwrap_err(),
        sf_core::Credentials::token(&credentials, None).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::NotSignedIn);
        assert!(error.to_string().contains("Dev Hub of `scratch`"), "{error}");
        assert!(error.help().next_step.contains("--set-default-dev-hub"), "{}", error.help());
    }
}

#[tokio::test]
async fn orgs_are_listed_once_each_with_their_kind() {
    let org = |name: &str, more: serde_json::Value| {
        let mut org = json!({"orgId": ID, "username": name, "instanceUrl": "https://acme.my.salesforce.com", "accessToken": "[REDACTED]"});
        org.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        org
    };
    let result = json!({
        "other": [org("a@x.example", json!({}))],
        "nonScratchOrgs": [
            org("a@x.example", json!({"alias": "desk", "isDefaultUsername": true, "instanceApiVersion": "66.0"})),
            org("b@x.example", json!({"isSandbox": true})),
            org("hub@x.example", json!({"isDevHub": true})),
            {"username": "broken@x.example"}
        ],
        "devHubs": [org("hub@x.example", json!({}))],
        "scratchOrgs": [org("s@x.example", json!({"expirationDate": "2026-12-01", "devHubUsername": "hub@x.example"}))],
    });
    let fake = Fake::new();
    fake.rule(json!({"when": ["org list --skip-connection-status"], "stdout": success(result)}));
    let orgs = fake.command().await.orgs().await.unwrap();
    let seen: Vec<_> = orgs.iter().map(|org| (org.username.as_str(), org.kind, org.is_default)).collect();
    let expected = [
        ("a@x.example", OrgKind::Production, true),
        ("b@x.example", OrgKind::Sandbox, false),
        ("hub@x.example", OrgKind::Production, false),
        ("s@x.example", OrgKind::Scratch, false),
    ];
    assert_eq!(seen, expected);
    assert_eq!(fake.call()["argv"].as_array().unwrap().len(), 4, "no org is named");
}

/// The names that @salesforce/core and plugin-auth give these errors.
#[tokio::test]
async fn a_sign_in_that_fails_says_why() {
    let headless = "\"org login web\" isn't supported when authorizing in a headless environment. Use another OAuth flow";
    for (name, message, kind, step) in [
        ("CannotOpenBrowserError", "x", ErrorKind::Setup, "sf org login sfdx-url"),
        ("SfError", headless, ErrorKind::Setup, "sf org login sfdx-url"),
        ("ENOENT", "spawn xdg-open ENOENT", ErrorKind::Setup, "sf org login sfdx-url"),
        (
            "PortInUseError",
            "Cannot start the OAuth redirect server on port 1717.",
            ErrorKind::Setup,
            "other sign-in",
        ),
        (
            "AuthTimeoutError",
            "The authentication session timed out. Please try again.",
            ErrorKind::Timeout,
            "Try again",
        ),
        ("AuthCodeExchangeError", "x", ErrorKind::NotSignedIn, "administrator"),
        ("MissingAuthCodeError", "x", ErrorKind::NotSignedIn, "administrator"),
        ("access_denied", "end-user denied authorization", ErrorKind::NotSignedIn, "administrator"),
        ("OAUTH_APP_BLOCKED", "this app is blocked by admin", ErrorKind::NotSignedIn, "administrator"),
        ("invalid_scope", "x", ErrorKind::NotSignedIn, "administrator"),
    ] {
        let fake = Fake::new();
        fake.rule(
            json!({"when": ["org login web"], "stdout": error(name, message, 1).to_string(), "exit": 1}),
        );
        let error = fake.command().await.login_web(&LoginWeb::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::NotSent), "{name}: {error}");
        assert!(error.help().next_step.contains(step), "{name}: {}", error.help().next_step);
    }
}

/// The command gives up after two minutes unless it is told otherwise.
#[tokio::test]
async fn the_command_waits_longer_for_the_browser_than_we_do() {
    let day = Duration::from_secs(24 * 3600);
    let waits =
        [(None, 305_000), (Some(Duration::from_secs(30)), 35_000), (Some(day * 60), i64::from(i32::MAX))];
    for (wait, expected) in waits {
        let fake = Fake::new();
        fake.rule(json!({"when": ["org login web"], "stdout": success(json!({}))}));
        let login = wait.map_or(LoginWeb::new(), |wait| LoginWeb::new().timeout(wait));
        let discovery = fake.discovery().env("SF_WEB_OAUTH_SERVER_TIMEOUT", "1000");
        drop(discovery.find().await.unwrap().login_web(&login).await);
        assert_eq!(fake.call()["env"]["SF_WEB_OAUTH_SERVER_TIMEOUT"], expected.to_string(), "{wait:?}");
    }
}

/// One time for all processes of a question.
#[tokio::test]
async fn a_question_ends_when_its_time_is_over() {
    let fake = Fake::new();
    fake.rule(json!({"when": ["org list"], "delay_ms": 120_000}));
    let envelope = json!({"status": 0, "warnings": ["unable to refresh auth for org"],
        "result": {"id": ID, "username": "ann@acme.example", "instanceUrl": "https://acme.my.salesforce.com"}});
    fake.rule(json!({"when": ["org display"], "stdout": envelope.to_string()}));
    fake.rule(json!({"when": ["api request rest"], "delay_ms": 120_000}));
    let command = fake.command().await.timeout(Duration::from_millis(1_500));
    let start = std::time::Instant::now();
    assert_eq!(command.orgs().await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(command.status(Some("desk")).await.unwrap_err().kind(), ErrorKind::Timeout);
    let credentials = sf_cli_transport::Sf::command(&command).target_org("desk").credentials().unwrap();
    assert_eq!(sf_core::Credentials::token(&credentials, None).await.unwrap_err().kind(), ErrorKind::Timeout);
    // Three times, with the end of a child each.
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[tokio::test]
async fn signing_in_gives_the_org_or_says_what_to_do() {
    let fields = json!({"username": "ann@acme.example", "orgId": ID, "instanceUrl": "https://acme.my.salesforce.com", "accessToken": "[REDACTED]"});
    let fake = Fake::new();
    fake.rule(json!({"when": ["org login web"], "stdout": success(fields)}));
    let login = LoginWeb::new().alias("desk").instance_url("https://test.salesforce.com").set_default();
    let info = fake.command().await.login_web(&login).await.unwrap();
    assert_eq!((info.username.as_str(), info.alias.as_deref()), ("ann@acme.example", Some("desk")));
    let argv = [
        "org",
        "login",
        "web",
        "--alias=desk",
        "--instance-url=https://test.salesforce.com",
        "--set-default",
        "--json",
    ];
    assert_eq!(fake.call()["argv"], json!(argv));

    // Given up: the command says success and nothing else.
    let fake = Fake::new();
    fake.rule(json!({"when": ["org login web"], "stdout": success(json!({}))}));
    let error = fake.command().await.login_web(&LoginWeb::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSignedIn);
    // Nobody came.
    let fake = Fake::new();
    fake.rule(json!({"when": ["org login web"], "delay_ms": 60_000}));
    let login = LoginWeb::new().timeout(Duration::from_millis(300));
    let error = fake.command().await.login_web(&login).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Timeout, "nobody signed in in time"));
}
