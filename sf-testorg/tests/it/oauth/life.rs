//! How tokens live and die: timeouts, revocation, introspection, hosts.
use super::{
    CALLBACK, EXPIRED, allow, call, desk, desk_token, org_with, parameter, post, refresh, refused, signed_in,
    text, token, user,
};
use crate::given::read;
use proptest::prelude::*;
use serde_json::{Value, json};
use sf_testorg::{
    Assumptions, Effect, Fault, FormerHost, Method, On, Request, RevokeError, TestOrg, TokenKind,
};
use std::time::Duration;

const LIMITS: &str = "/services/data/v66.0/limits";

fn introspect(org: &TestOrg, sent: &str) -> (u16, Value) {
    let pairs = [("token", sent), ("client_id", "3MVG9desk"), ("client_secret", "s3cret")];
    let response = post(org, "/services/oauth2/introspect", &pairs);
    (response.status, read(&response))
}

#[test]
fn given_a_session_when_nobody_calls_for_its_timeout_then_it_ends_and_each_call_prolongs_it() {
    let org = org_with(desk());
    let tokens = signed_in(&org, &user(&org, "ae1@").0);
    let access = text(&tokens, "access_token");
    let two_hours = Duration::from_secs(7200);
    for _ in 0..3 {
        org.clock().advance(two_hours - Duration::from_millis(1));
        assert_eq!(call(&org, access).0, 200);
    }
    org.clock().advance(two_hours);
    assert_eq!(call(&org, access), (401, EXPIRED.to_owned()));
    assert_eq!(refresh(&org, text(&tokens, "refresh_token")).0, 200);
    // The token a test begins with has no such end, unless the test wants it.
    assert_eq!(call(&org, &org.credentials().access_token).0, 200);
    let org = TestOrg::builder().accounts(1).session_timeout(Duration::from_secs(900)).build();
    let access = org.access_token();
    org.clock().advance(Duration::from_secs(900));
    assert_eq!(call(&org, &access), (401, EXPIRED.to_owned()));
    assert_eq!(org.access_token(), "");
    // An app may have its own.
    let org = org_with(desk().session_timeout(Duration::from_secs(60)));
    let tokens = signed_in(&org, &user(&org, "ae1@").0);
    org.clock().advance(Duration::from_secs(60));
    assert_eq!(call(&org, text(&tokens, "access_token")), (401, EXPIRED.to_owned()));
}

#[test]
fn given_sessions_when_a_test_or_a_fault_ends_them_then_refresh_tokens_go_on() {
    let org = org_with(desk());
    let (username, _) = user(&org, "ae1@");
    let tokens = signed_in(&org, &username);
    let access = text(&tokens, "access_token");
    assert!(org.expire_session(access));
    assert!(!org.expire_session(access));
    assert_eq!(call(&org, access), (401, EXPIRED.to_owned()));
    assert_eq!(call(&org, &org.access_token()).0, 200);
    let (_, second) = refresh(&org, text(&tokens, "refresh_token"));
    org.expire_sessions();
    assert_eq!(call(&org, text(&second, "access_token")), (401, EXPIRED.to_owned()));
    let (_, third) = refresh(&org, text(&tokens, "refresh_token"));
    org.inject(Fault::new(On::Any, Effect::EndSession));
    assert_eq!(call(&org, text(&third, "access_token")), (401, EXPIRED.to_owned()));
    let alive: Vec<_> = org.tokens().into_iter().filter(|token| token.is_alive).collect();
    assert_eq!(alive.iter().map(|token| token.kind).collect::<Vec<_>>(), [TokenKind::Refresh; 2]);
    assert_eq!(alive[1].token, text(&tokens, "refresh_token"));
    assert_eq!((alive[1].client_id.as_deref(), &alive[1].username), (Some("3MVG9desk"), &username));
    assert_eq!(alive[1].scope, "refresh_token api web id openid");
    assert!(!format!("{alive:?}").contains(&alive[1].token));
}

#[test]
fn given_tokens_when_revoked_by_get_or_post_then_they_and_what_they_gave_are_dead() {
    let org = org_with(desk());
    let (username, _) = user(&org, "ae1@");
    let revoke = "/services/oauth2/revoke";
    let tokens = signed_in(&org, &username);
    let (_, second) = refresh(&org, text(&tokens, "refresh_token"));
    // An access token takes nothing with it.
    let answer = post(&org, revoke, &[("token", text(&second, "access_token"))]);
    assert_eq!((answer.status, answer.text()), (200, String::new()));
    assert_eq!(call(&org, text(&second, "access_token")), (401, EXPIRED.to_owned()));
    assert_eq!(call(&org, text(&tokens, "access_token")).0, 200);
    // A refresh token takes its access tokens with it.
    let answer = org.handle(&Request::get(format!("{revoke}?token={}", text(&tokens, "refresh_token"))));
    assert_eq!((answer.status, answer.text()), (200, String::new()));
    assert_eq!(call(&org, text(&tokens, "access_token")), (401, EXPIRED.to_owned()));
    let dead = refused("invalid_grant", "expired access/refresh token");
    assert_eq!(refresh(&org, text(&tokens, "refresh_token")), dead);
    for gone in [text(&tokens, "refresh_token"), text(&tokens, "access_token"), "never"] {
        let answer = post(&org, revoke, &[("token", gone)]);
        let expected = refused("unsupported_token_type", "this token type is not supported");
        assert_eq!((answer.status, read(&answer)), expected);
    }
    let nothing = post(&org, revoke, &[]);
    let expected = refused("invalid_request", "missing required parameter: token");
    assert_eq!((nothing.status, read(&nothing)), expected);
    let mut assumptions = Assumptions::default();
    assumptions.oauth.revoke_error = RevokeError::Form;
    let org = TestOrg::builder().accounts(1).assumptions(assumptions).build();
    let answer = post(&org, revoke, &[("token", "never")]);
    let expected =
        "error=unsupported_token_type&error_description=this%20token%20type%20is%20not%20supported";
    assert_eq!((answer.status, answer.text()), (400, expected.to_owned()));
    // Nothing of it is in the log.
    let log = serde_json::to_string(&org.calls()).unwrap();
    assert!(log.contains("/services/oauth2/revoke") && !log.contains("never"), "{log}");
}

#[test]
fn given_tokens_when_introspected_then_their_app_learns_all_and_others_nothing() {
    let org = org_with(desk());
    let (username, id) = user(&org, "ae1@");
    let tokens = signed_in(&org, &username);
    let access = text(&tokens, "access_token");
    let sub = format!("https://testorg.my.salesforce.example/id/{}/{id}", org.credentials().org_id);
    let expected = json!({
        "active": true, "scope": "refresh_token api web id openid", "client_id": "3MVG9desk", "username": username,
        "sub": sub, "token_type": "access_token", "exp": 1_767_610_800, "iat": 1_767_603_600, "nbf": 1_767_603_600
    });
    assert_eq!(introspect(&org, access), (200, expected));
    let expected = json!({
        "active": true, "scope": "refresh_token api web id openid", "client_id": "3MVG9desk", "username": username,
        "sub": sub, "token_type": "refresh_token", "iat": 1_767_603_600, "nbf": 1_767_603_600
    });
    assert_eq!(introspect(&org, text(&tokens, "refresh_token")), (200, expected));
    let inactive = (200, json!({"active": false}));
    assert_eq!(introspect(&org, &org.access_token()), inactive, "another app's");
    assert_eq!(introspect(&org, &org.credentials().refresh_token), inactive);
    assert_eq!(introspect(&org, "never"), inactive);
    // Looking does not prolong.
    org.clock().advance(Duration::from_secs(7199));
    assert_eq!(introspect(&org, access).1["active"], true);
    org.clock().advance(Duration::from_secs(1));
    assert_eq!(introspect(&org, access), inactive);
    let wrong = post(&org, "/services/oauth2/introspect", &[("token", access), ("client_id", "3MVG9desk")]);
    let expected = refused("invalid_client", "invalid client credentials");
    assert_eq!((wrong.status, read(&wrong)), expected);
    let get = org.handle(&Request::get("/services/oauth2/introspect"));
    assert_eq!((get.status, read(&get)), refused("invalid_request", "must use HTTP POST"));
}

#[test]
fn given_a_login_host_when_data_is_asked_for_then_the_url_was_not_reset() {
    let org = TestOrg::empty();
    let send = |host: &str| {
        let answer = org.handle(&Request::get(LIMITS).bearer(&org.access_token()).header("Host", host));
        (answer.status, answer.text())
    };
    let message = "Destination URL not reset. The URL returned from login must be set";
    let expected = format!(r#"[{{"message":"{message}","errorCode":"URL_NOT_RESET"}}]"#);
    assert_eq!(send("login.salesforce.com"), (400, expected.clone()));
    assert_eq!(send("TEST.salesforce.com:443"), (400, expected));
    for own in ["testorg.my.salesforce.example", "127.0.0.1:8080", "localhost", "loginpage.example"] {
        assert_eq!(send(own).0, 200, "{own}");
    }
}

#[test]
fn given_an_org_that_moves_when_a_client_refreshes_then_it_learns_the_new_address() {
    let org = org_with(desk());
    let tokens = signed_in(&org, &user(&org, "ae1@").0);
    org.move_instance("https://moved.my.salesforce.example");
    let at = |host: &str, token: &str| {
        let answer = org.handle(&Request::get(LIMITS).bearer(token).header("Host", host));
        (answer.status, answer.find_header("Location").map(str::to_owned))
    };
    let (old, new) = ("testorg.my.salesforce.example", "moved.my.salesforce.example");
    assert_eq!(at(old, text(&tokens, "access_token")).0, 401);
    assert_eq!(at(new, text(&tokens, "access_token")).0, 401);
    let (status, body) = refresh(&org, text(&tokens, "refresh_token"));
    assert_eq!((status, &body["instance_url"]), (200, &json!("https://moved.my.salesforce.example")));
    assert!(text(&body, "id").starts_with("https://moved.my.salesforce.example/id/"));
    let access = text(&body, "access_token");
    assert_eq!(at(new, access), (200, None));
    assert_eq!(at(old, access), (401, None), "a good token at the address of before");
    // Back again.
    org.move_instance("https://testorg.my.salesforce.example");
    let (_, body) = refresh(&org, text(&tokens, "refresh_token"));
    assert_eq!(at(old, text(&body, "access_token")).0, 200);
    assert_eq!(at(new, text(&body, "access_token")).0, 401);

    let mut assumptions = Assumptions::default();
    assumptions.oauth.former_host = FormerHost::Redirect;
    let org = TestOrg::builder().accounts(1).assumptions(assumptions).build();
    org.move_instance("https://moved.my.salesforce.example");
    let answer = org.handle(&Request::get(format!("{LIMITS}?a=b")).header("Host", old));
    assert_eq!(
        (answer.status, answer.find_header("Location")),
        (301, Some("https://moved.my.salesforce.example/services/data/v66.0/limits?a=b"))
    );
}

#[test]
fn given_a_request_that_is_not_let_in_when_answered_then_a_header_names_the_scheme() {
    let header = |org: &TestOrg, path: &str| {
        let answer = org.handle(&Request::get(path).bearer("dead"));
        answer.find_header("WWW-Authenticate").map(str::to_owned)
    };
    let org = TestOrg::empty();
    assert_eq!(header(&org, LIMITS).as_deref(), Some("Token"));
    assert_eq!(header(&org, "/services/oauth2/userinfo"), None);
    assert_eq!(header(&org, "/services/data"), None);
    let mut assumptions = Assumptions::default();
    assumptions.oauth.names_token_scheme = false;
    let org = TestOrg::builder().accounts(1).assumptions(assumptions).build();
    assert_eq!(header(&org, LIMITS), None);
}

#[test]
fn given_the_scope_full_when_asked_for_then_a_refresh_token_comes_only_where_it_is_assumed() {
    let keys = |org: &TestOrg| {
        let (username, _) = user(org, "ae1@");
        let code = parameter(&allow(org, &username, &[("scope", "full")]), "code").unwrap();
        let exchange = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
        let (status, body) = desk_token(org, &exchange);
        assert_eq!((status, &body["scope"]), (200, &json!("full")));
        assert_eq!(call(org, text(&body, "access_token")).0, 200);
        body["refresh_token"].is_string()
    };
    let app = || desk().scopes(&["full", "refresh_token"]);
    assert!(!keys(&org_with(app())));
    let mut assumptions = Assumptions::default();
    assumptions.oauth.full_gives_refresh_token = true;
    assert!(keys(&TestOrg::builder().accounts(1).connected_app(app()).assumptions(assumptions).build()));
}

#[test]
fn given_a_token_that_looks_like_a_jwt_when_used_then_its_format_is_invalid() {
    let org = TestOrg::empty();
    let expected = r#"[{"message":"INVALID_JWT_FORMAT","errorCode":"INVALID_AUTH_HEADER"}]"#;
    assert_eq!(call(&org, "eyJhbGciOiJSUzI1NiJ9.e30.x"), (401, expected.to_owned()));
}

#[test]
fn given_the_same_seed_when_the_same_is_done_then_the_same_tokens_come() {
    let run = || {
        let org = org_with(desk().rotate_refresh_tokens());
        let tokens = signed_in(&org, &user(&org, "ae1@").0);
        let next = refresh(&org, text(&tokens, "refresh_token"));
        let begun = token(&org, &[("response_type", "device_code"), ("client_id", "3MVG9desk")]);
        (tokens, next, begun, desk_token(&org, &[]), org.tokens())
    };
    assert_eq!(run(), run());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_sign_in_request_gets_an_answer_and_opens_nothing(
        path in prop::sample::select(vec![
            "/services/oauth2/authorize", "/services/oauth2/token", "/services/oauth2/introspect",
            "/services/oauth2/revoke", "/services/oauth2/userinfo", "/setup/connect", "/services/Soap/u/64.0", "/id/00D/005",
        ]),
        is_post in any::<bool>(),
        kind in prop::sample::select(vec![
            "", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data", "text/xml",
        ]),
        names in prop::collection::vec(prop::sample::select(vec![
            "grant_type=refresh_token", "grant_type=authorization_code", "grant_type=device", "grant_type=client_credentials",
            "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", "response_type=device_code", "response_type=code",
            "client_id=PlatformCLI", "client_id=3MVG9desk", "decision=allow", "format=xml", "format=urlencoded",
            "redirect_uri=http://localhost:1", "%zz=%", "--b\r\nname=\"code\"\r\n\r\nx\r\n--b--", "<Body><login>",
        ]), 0..6),
        noise in "\\PC{0,40}",
    ) {
        let org = org_with(desk());
        let before = org.tokens().len();
        let method = if is_post { Method::Post } else { Method::Get };
        let mut request = Request::new(method, path).header("Content-Type", kind).header("Authorization", noise.clone());
        request.body = format!("{}&code={noise}&assertion={noise}&token={noise}&username={noise}", names.join("&")).into_bytes();
        let answer = org.handle(&request);
        prop_assert!(matches!(answer.status, 200 | 302 | 400 | 403 | 500), "{}", answer.status);
        prop_assert!(answer.status != 500 || path.contains("Soap"));
        prop_assert_eq!(org.tokens().len(), before);
    }
}
