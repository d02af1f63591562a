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
