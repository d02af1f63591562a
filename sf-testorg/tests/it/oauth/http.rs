//! The authorization-code flow over a real connection, as a browser and a client make it.
use super::{CHALLENGE, VERIFIER, form};
use crate::http::request;
use sf_testorg::TestOrg;

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

#[test]
fn the_authorization_code_flow_works_over_loopback() {
    let server = TestOrg::builder().accounts(1).build().serve().unwrap();
    let callback = "http://localhost:1717/OauthRedirect";
    let asked = form(&[
        ("response_type", "code"),
        ("client_id", "PlatformCLI"),
        ("redirect_uri", callback),
        ("state", "xyz"),
        ("scope", "refresh_token api web"),
        ("code_challenge", CHALLENGE),
        ("prompt", "login"),
    ]);
    let page =
        request(server.url(), &format!("GET /services/oauth2/authorize?{asked}"), "Accept: text/html", "");
    assert_eq!(page.status, 200);
    let html = String::from_utf8(page.body.clone()).unwrap();
    // What the browser sends is what the page holds.
    let mut fields: Vec<(String, String)> = html
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|input| {
            let (name, rest) = input.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split_once('"').unwrap().0.to_owned())
        })
        .collect();
    assert_eq!(fields.len(), 7);
    let chosen = html.split(" checked>").next().unwrap().rsplit("value=\"").next().unwrap();
    fields.push(("username".into(), chosen.trim_end_matches('"').into()));
    fields.push(("decision".into(), "allow".into()));
    let pairs: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let answer = request(server.url(), "POST /services/oauth2/authorize", FORM, &form(&pairs));
    assert_eq!(answer.status, 302);
    let location = answer.header("location").unwrap().to_owned();
    assert!(
        location.starts_with(&format!("{callback}?code=")) && location.ends_with("&state=xyz"),
        "{location}"
    );

    let code = super::parameter(&location, "code").unwrap();
    let exchange = form(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_id", "PlatformCLI"),
        ("redirect_uri", callback),
        ("code_verifier", VERIFIER),
    ]);
    let tokens = request(server.url(), "POST /services/oauth2/token", FORM, &exchange).json();
    assert_eq!(tokens["instance_url"], server.url());
    let bearer = format!("Authorization: Bearer {}", tokens["access_token"].as_str().unwrap());
    let path = tokens["id"].as_str().unwrap().strip_prefix(server.url()).unwrap().to_owned();
    let identity = request(server.url(), &format!("GET {path}"), &bearer, "").json();
    assert_eq!(identity["username"], server.org().credentials().username);
    assert_eq!(request(server.url(), "GET /services/data/v66.0/limits", &bearer, "").status, 200);
    // The log holds no secret of it.
    let log = serde_json::to_string(&server.org().calls()).unwrap();
    for secret in [VERIFIER, CHALLENGE, &code, tokens["access_token"].as_str().unwrap()] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[test]
fn the_control_path_ends_revokes_approves_moves_and_adds_apps() {
    let server = TestOrg::builder().accounts(1).build().serve().unwrap();
    let org = server.org();
    let post = |path: &str, body: &str| {
        let answer = request(server.url(), &format!("POST /__org/{path}"), "", body);
        (answer.status, answer.json())
    };
    let empty = (200, serde_json::json!({}));
    assert_eq!(post("apps", r#"{"client_id":"tv","client_secret":"x","secret_optional":true}"#), empty);
    let begun =
        form(&[("response_type", "device_code"), ("client_id", "tv"), ("scope", "api refresh_token")]);
    let begun = request(server.url(), "POST /services/oauth2/token", FORM, &begun).json();
    assert_eq!(begun["verification_uri"], format!("{}/setup/connect", server.url()));
    let (user_code, username) = (begun["user_code"].as_str().unwrap(), org.credentials().username);
    let approval = serde_json::json!({"user_code": user_code, "username": username}).to_string();
    assert_eq!(post("devices", &approval), empty);
    let (status, again) = post("devices", &approval);
    assert_eq!(status, 400);
    assert!(again["error"].as_str().unwrap().contains("wrong or has expired"), "{again}");
    let code = begun["device_code"].as_str().unwrap();
    let poll = form(&[("grant_type", "device"), ("client_id", "tv"), ("code", code)]);
    let tokens = request(server.url(), "POST /services/oauth2/token", FORM, &poll).json();
    let refresh_token = tokens["refresh_token"].as_str().unwrap();

    let listed = || request(server.url(), "GET /__org/tokens", "", "").json();
    let of_tv = |kind: &str| {
        let listed = listed();
        let found = listed.as_array().unwrap().iter().find(|t| t["client_id"] == "tv" && t["kind"] == kind);
        found.cloned().unwrap_or_default()
    };
    assert_eq!(
        (&of_tv("refresh")["token"], &of_tv("access")["username"]),
        (&refresh_token.into(), &username.into())
    );
    assert_eq!(request(server.url(), "DELETE /__org/sessions", "", "").status, 200);
    assert_eq!(of_tv("access"), serde_json::Value::Null);
    let revoke = serde_json::json!({ "revoke": refresh_token }).to_string();
    assert_eq!(post("tokens", &revoke).1["revoked"], true);
    assert_eq!(post("tokens", &revoke).1["revoked"], false);
    assert_eq!(of_tv("refresh")["is_alive"], false);
    let other = server.url().replace("127.0.0.1", "localhost");
    assert_eq!(post("instance", &serde_json::json!({ "url": other }).to_string()), empty);
    let refresh = form(&[
        ("grant_type", "refresh_token"),
        ("client_id", &org.credentials().client_id),
        ("refresh_token", &org.credentials().refresh_token),
    ]);
    let fresh = request(server.url(), "POST /services/oauth2/token", FORM, &refresh).json();
    assert_eq!(fresh["instance_url"], other);
    for (path, body) in [("apps", "{}"), ("devices", "[]"), ("tokens", "x"), ("instance", "{}")] {
        assert_eq!(post(path, body).0, 400, "{path}");
    }
    assert_eq!(request(server.url(), "PUT /__org/apps", "", "").status, 405);
}
