//! The authorization-code flow.
use super::{
    CALLBACK, CHALLENGE, VERIFIER, allow, call, desk, desk_token, form, is_token_answer, org_with, parameter,
    post, refused, signed_in, text, token, user,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::hmac;
use sf_core::Clock;
use sf_testorg::{ConnectedApp, Request, TestOrg};
use std::time::Duration;

fn page(org: &TestOrg, more: &[(&str, &str)]) -> sf_testorg::Response {
    let asked = [("response_type", "code"), ("client_id", "3MVG9desk"), ("redirect_uri", CALLBACK)];
    org.handle(&Request::get(format!("/services/oauth2/authorize?{}", form(&[&asked, more].concat()))))
}

#[test]
fn given_a_user_who_allows_an_app_when_the_code_is_exchanged_then_all_keys_of_the_token_answer_come() {
    let org = org_with(desk());
    let (username, id) = user(&org, "ae1@");
    let location = allow(&org, &username, &[("state", "a b&c"), ("scope", "api refresh_token")]);
    assert!(location.starts_with("https://desk.example/callback?code=aPrx"), "{location}");
    assert!(location.ends_with("%3D%3D&state=a%20b%26c"), "{location}");
    let code = parameter(&location, "code").unwrap();
    let exchange = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let (status, body) = desk_token(&org, &exchange);
    assert_eq!(status, 200);
    is_token_answer(&org, &body, &id, "refresh_token api", &["refresh_token"]);
    assert!(text(&body, "refresh_token").starts_with("5Aep861"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"s3cret");
    let signature = STANDARD.decode(text(&body, "signature")).unwrap();
    let signed = format!("{}{}", text(&body, "id"), text(&body, "issued_at"));
    assert!(hmac::verify(&key, signed.as_bytes(), &signature).is_ok());
    assert_eq!(call(&org, text(&body, "access_token")).0, 200);
    // A code works once.
    assert_eq!(desk_token(&org, &exchange), refused("invalid_grant", "expired authorization code"));
}

#[test]
fn given_a_token_of_a_user_when_rows_are_saved_then_they_are_that_users() {
    let org = org_with(desk());
    let (username, id) = user(&org, "ae2@");
    let access = signed_in(&org, &username);
    let request = Request::post("/services/data/v66.0/sobjects/Account", r#"{"Name":"Of another"}"#);
    let answer = org.handle(&request.bearer(text(&access, "access_token")));
    let made: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let account = sf_core::SfId::new(text(&made, "id")).unwrap();
    assert_eq!(org.value(account, "CreatedById").as_str(), Some(id.as_str()));
    assert_eq!(org.value(account, "OwnerId").as_str(), Some(id.as_str()));
    // Whoever comes after is who they were.
    let root = org.handle(&Request::get("/services/data/v66.0").bearer(&org.access_token()));
    assert!(root.text().contains(&format!("/{}\"", org.credentials().user_id)), "{}", root.text());
}

#[test]
fn given_an_authorization_request_when_shown_then_a_form_names_the_app_and_the_active_users() {
    let org = org_with(desk());
    let (username, _) = user(&org, "ae3@");
    let response = page(&org, &[("state", "\"><script>"), ("login_hint", &username), ("prompt", "login")]);
    assert_eq!(
        (response.status, response.find_header("Content-Type")),
        (200, Some("text/html;charset=UTF-8"))
    );
    let html = response.text();
    assert!(html.contains("<strong>Desk &amp; Co</strong> asks for access"), "{html}");
    assert!(html.contains(r#"<form method="post" action="/services/oauth2/authorize">"#));
    assert!(
        html.contains(r#"<input type="hidden" name="state" value="&quot;&gt;&lt;script&gt;">"#),
        "{html}"
    );
    assert!(html.contains(&format!(r#"name="username" value="{username}" checked>"#)), "{html}");
    assert_eq!(html.matches(" checked>").count(), 1);
    assert_eq!(html.matches(r#"type="radio""#).count(), 9, "the inactive user is not offered");
    assert!(html.contains(r#"<button name="decision" value="deny">"#));
    // Nobody of this name: the page comes again.
    let asked = [("response_type", "code"), ("client_id", "3MVG9desk"), ("redirect_uri", CALLBACK)];
    let chosen = [("username", "nobody@example.com"), ("decision", "allow")];
    let again = post(&org, "/services/oauth2/authorize", &[&asked[..], &chosen[..]].concat());
    assert_eq!(again.status, 200);
    assert!(again.text().contains("There is no active user of this name."));
}

#[test]
fn given_requests_that_cannot_be_redirected_when_sent_then_the_error_stays_at_the_org() {
    let org = org_with(desk().require_pkce());
    let says = |more: &[(&str, &str)]| {
        let response = org.handle(&Request::get(format!("/services/oauth2/authorize?{}", form(more))));
        assert_eq!(response.find_header("Location"), None);
        assert_eq!(
            response.find_header("Content-Type"),
            Some("application/x-www-form-urlencoded;charset=UTF-8")
        );
        (response.status, response.text())
    };
    let error = |text: &str| (400, text.to_owned());
    let (client, code) = (("client_id", "3MVG9desk"), ("response_type", "code"));
    assert_eq!(
        says(&[("client_id", "none"), code, ("redirect_uri", CALLBACK)]),
        error("error=invalid_client_id&error_description=client%20identifier%20invalid")
    );
    assert_eq!(
        says(&[client, code]),
        error("error=redirect_uri_missing&error_description=must%20provide%20redirect_uri")
    );
    for other in ["https://desk.example/callback/", "https://DESK.example/callback", "https://evil.example/"]
    {
        assert_eq!(
            says(&[client, code, ("redirect_uri", other)]),
            error(
                "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration"
            )
        );
    }
    assert_eq!(
        says(&[client, code, ("redirect_uri", CALLBACK)]),
        error("error=invalid_request&error_description=missing%20required%20code%20challenge")
    );
    assert_eq!(
        says(&[
            client,
            code,
            ("redirect_uri", CALLBACK),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "plain")
        ]),
        error("error=invalid_request&error_description=code%20challenge%20method%20not%20supported")
    );
}

#[test]
fn given_requests_the_user_or_the_app_refuses_when_sent_then_the_callback_gets_the_error_and_the_state() {
    let org = org_with(desk().scopes(&["api", "offline_access"]).admin_approved(&["nobody@example.com"]));
    let (username, _) = user(&org, "ae1@");
    let to = |more: &[(&str, &str)]| {
        let asked = [("client_id", "3MVG9desk"), ("redirect_uri", CALLBACK), ("state", "s1")];
        let response = post(&org, "/services/oauth2/authorize", &[&asked[..], more].concat());
        assert_eq!(response.status, 302, "{}", response.text());
        let location = response.find_header("Location").unwrap();
        location.strip_prefix("https://desk.example/callback?").unwrap().to_owned()
    };
    let code = ("response_type", "code");
    let (name, allow) = (("username", username.as_str()), ("decision", "allow"));
    for (more, expected) in [
        (
            &[code, name, ("decision", "deny")][..],
            "error=access_denied&error_description=end-user%20denied%20authorization",
        ),
        (
            &[("response_type", "token")],
            "error=unsupported_response_type&error_description=response%20type%20is%20not%20supported",
        ),
        (
            &[code, ("scope", "web")],
            "error=invalid_scope&error_description=the%20requested%20scope%20is%20not%20allowed",
        ),
        (
            &[code, ("scope", "anything")],
            "error=invalid_scope&error_description=the%20requested%20scope%20is%20invalid",
        ),
        (
            &[code, ("immediate", "true")],
            "error=immediate_unsuccessful&error_description=user%20is%20not%20logged%20in",
        ),
        (
            &[code, name, allow],
            "error=OAUTH_APP_ACCESS_DENIED&error_description=user%20is%20not%20admin%20approved%20to%20access%20this%20app",
        ),
    ] {
        assert_eq!(to(more), format!("{expected}&state=s1"));
    }
}

#[test]
fn given_a_code_challenge_when_the_code_is_exchanged_then_only_its_verifier_opens() {
    let org = org_with(desk().require_pkce());
    let (username, _) = user(&org, "ae1@");
    let exchange = |method: &[(&str, &str)], verifier: &[(&str, &str)]| {
        let challenge = [("code_challenge", CHALLENGE)];
        let code = parameter(&allow(&org, &username, &[&challenge[..], method].concat()), "code").unwrap();
        let sent = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
        desk_token(&org, &[&sent[..], verifier].concat())
    };
    // jsforce and sf send no method.
    assert_eq!(exchange(&[], &[("code_verifier", VERIFIER)]).0, 200);
    assert_eq!(exchange(&[("code_challenge_method", "S256")], &[("code_verifier", VERIFIER)]).0, 200);
    let wrong = refused("invalid_grant", "invalid code verifier");
    assert_eq!(exchange(&[], &[("code_verifier", CHALLENGE)]), wrong);
    assert_eq!(exchange(&[], &[]), wrong);
}

#[test]
fn given_a_wrong_exchange_when_sent_then_each_error_has_its_words() {
    let org = org_with(desk());
    org.add_connected_app(ConnectedApp::new("other").callback(CALLBACK));
    let (username, _) = user(&org, "ae1@");
    let code = || parameter(&allow(&org, &username, &[]), "code").unwrap();
    let grant = ("grant_type", "authorization_code");
    let uri = ("redirect_uri", CALLBACK);
    let expired = refused("invalid_grant", "expired authorization code");
    assert_eq!(desk_token(&org, &[grant, uri, ("code", "aPrxnone==")]), expired);
    assert_eq!(token(&org, &[grant, uri, ("code", &code()), ("client_id", "other")]), expired);
    let other = ("redirect_uri", "https://desk.example/else");
    assert_eq!(
        desk_token(&org, &[grant, other, ("code", &code())]),
        refused("redirect_uri_mismatch", "redirect_uri must match configuration")
    );
    let missing = |name: &str| refused("invalid_request", &format!("missing required parameter: {name}"));
    assert_eq!(desk_token(&org, &[grant, uri]), missing("code"));
    assert_eq!(desk_token(&org, &[grant, ("code", &code())]), missing("redirect_uri"));
    let late = code();
    org.clock().advance(Duration::from_secs(900));
    assert_eq!(desk_token(&org, &[grant, uri, ("code", &late)]), expired);
    let in_time = code();
    org.clock().advance(Duration::from_millis(899_999));
    assert_eq!(desk_token(&org, &[grant, uri, ("code", &in_time)]).0, 200);
    // The client is checked first.
    let client =
        |id, secret| token(&org, &[grant, uri, ("code", "x"), ("client_id", id), ("client_secret", secret)]);
    assert_eq!(client("none", "s3cret"), refused("invalid_client_id", "client identifier invalid"));
    assert_eq!(client("3MVG9desk", "wrong"), refused("invalid_client", "invalid client credentials"));
    assert_eq!(client("3MVG9desk", ""), refused("invalid_client", "invalid client credentials"));
}

#[test]
fn given_a_narrow_scope_when_the_token_is_used_then_it_opens_only_that() {
    let org = org_with(desk());
    let (username, id) = user(&org, "ae1@");
    let sign_in = |scope: &str| {
        let code = parameter(&allow(&org, &username, &[("scope", scope)]), "code").unwrap();
        let exchange = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
        desk_token(&org, &exchange).1
    };
    let narrow = sign_in("id openid");
    is_token_answer(&org, &narrow, &id, "id openid", &[]);
    let message = "This session is not valid for use with the REST API";
    let refused = format!(r#"[{{"message":"{message}","errorCode":"INVALID_SESSION_ID"}}]"#);
    assert_eq!(call(&org, text(&narrow, "access_token")), (401, refused));
    let userinfo = Request::get("/services/oauth2/userinfo").bearer(text(&narrow, "access_token"));
    assert_eq!(org.handle(&userinfo).status, 200);
    is_token_answer(&org, &sign_in("api"), &id, "api", &[]);
}

#[test]
fn given_the_app_of_the_sf_command_when_it_signs_in_then_no_secret_is_asked_for() {
    let org = TestOrg::empty();
    let who = org.credentials();
    let callback = ("redirect_uri", "http://localhost:1717/OauthRedirect");
    let client = ("client_id", "PlatformCLI");
    let asked = [
        ("response_type", "code"),
        ("scope", "refresh_token api web"),
        ("code_challenge", CHALLENGE),
        ("state", "1a2b"),
        ("prompt", "login"),
        ("username", &who.username),
        ("decision", "allow"),
    ];
    let response = post(&org, "/services/oauth2/authorize", &[&[client, callback], &asked[..]].concat());
    let location = response.find_header("Location").unwrap();
    assert!(location.starts_with("http://localhost:1717/OauthRedirect?code="), "{location}");
    let code = parameter(location, "code").unwrap();
    let exchange = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", VERIFIER)];
    let (status, body) = token(&org, &[&[client, callback], &exchange[..]].concat());
    assert_eq!(status, 200, "{body}");
    is_token_answer(&org, &body, &who.user_id, "refresh_token api web", &["refresh_token"]);
    assert_eq!(org.clock().now().millis().to_string(), text(&body, "issued_at"));
}
