//! Userinfo, the identity URL, discovery.
use super::{desk, org_with, signed_in, text, user};
use crate::given::read;
use serde_json::json;
use sf_testorg::{Assumptions, Request, TestOrg};

const BASE: &str = "https://testorg.my.salesforce.example";

fn urls(org_id: &str, user: &str, version: &str) -> serde_json::Value {
    let org = &org_id[..15];
    let rest = format!("{BASE}/services/data/v{version}/");
    json!({
        "enterprise": format!("{BASE}/services/Soap/c/{version}/{org}"),
        "metadata": format!("{BASE}/services/Soap/m/{version}/{org}"),
        "partner": format!("{BASE}/services/Soap/u/{version}/{org}"),
        "rest": rest,
        "sobjects": format!("{rest}sobjects/"),
        "search": format!("{rest}search/"),
        "query": format!("{rest}query/"),
        "recent": format!("{rest}recent/"),
        "tooling_soap": format!("{BASE}/services/Soap/T/{version}/{org}"),
        "tooling_rest": format!("{rest}tooling/"),
        "profile": format!("{BASE}/{user}"),
        "feeds": format!("{rest}chatter/feeds"),
        "groups": format!("{rest}chatter/groups"),
        "users": format!("{rest}chatter/users"),
        "feed_items": format!("{rest}chatter/feed-items"),
        "feed_elements": format!("{rest}chatter/feed-elements"),
        "custom_domain": BASE
    })
}

#[test]
fn given_a_token_when_userinfo_is_asked_for_then_the_whole_body_is_the_users() {
    let org = TestOrg::empty();
    let who = org.credentials();
    let id = sf_core::SfId::new(&who.user_id).unwrap();
    let value = |field: &str| json!(org.value(id, field).as_str());
    let zone = org.value(id, "TimeZoneSidKey").as_str().unwrap().to_owned();
    let offset = match zone.as_str() {
        "America/Los_Angeles" => -28_800_000,
        "Europe/London" => 0,
        "Europe/Berlin" => 3_600_000,
        _ => 32_400_000,
    };
    let expected = json!({
        "sub": format!("{BASE}/id/{}/{}", who.org_id, who.user_id),
        "user_id": who.user_id,
        "organization_id": who.org_id,
        "preferred_username": who.username,
        "nickname": value("CommunityNickname"),
        "name": "Avery Quinn",
        "email": value("Email"),
        "email_verified": true,
        "given_name": "Avery",
        "family_name": "Quinn",
        "zoneinfo": zone,
        "photos": {"picture": format!("{BASE}/profilephoto/005/F"), "thumbnail": format!("{BASE}/profilephoto/005/T")},
        "profile": format!("{BASE}/{}", who.user_id),
        "picture": format!("{BASE}/profilephoto/005/F"),
        "address": {},
        "urls": urls(&who.org_id, &who.user_id, "{version}"),
        "active": true,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": offset,
        "updated_at": "2020-07-15T09:00:00Z",
        "is_app_installed": true
    });
    let request = Request::get("/services/oauth2/userinfo");
    assert_eq!(read(&org.handle(&request.bearer(&org.access_token()))), expected);
    let by_parameter = Request::get(format!("/services/oauth2/userinfo?access_token={}", org.access_token()));
    assert_eq!(read(&org.handle(&by_parameter)), expected);
}

#[test]
fn given_the_id_of_a_token_answer_when_followed_then_the_whole_identity_comes() {
    let org = org_with(desk());
    let (username, id) = user(&org, "ae1@");
    let tokens = signed_in(&org, &username);
    let row = sf_core::SfId::new(&id).unwrap();
    let value = |field: &str| json!(org.value(row, field).as_str());
    let who = org.credentials();
    let path = text(&tokens, "id").strip_prefix(BASE).unwrap();
    let get = |path: &str| org.handle(&Request::get(path).bearer(text(&tokens, "access_token")));
    let body = read(&get(path));
    let expected = json!({
        "id": format!("{BASE}/id/{}/{id}", who.org_id),
        "asserted_user": true,
        "user_id": id,
        "organization_id": who.org_id,
        "username": username,
        "nick_name": value("CommunityNickname"),
        "display_name": value("Name"),
        "email": value("Email"),
        "email_verified": true,
        "first_name": value("FirstName"),
        "last_name": value("LastName"),
        "timezone": value("TimeZoneSidKey"),
        "photos": {"picture": format!("{BASE}/profilephoto/005/F"), "thumbnail": format!("{BASE}/profilephoto/005/T")},
        "addr_street": null, "addr_city": null, "addr_state": null, "addr_country": null, "addr_zip": null,
        "mobile_phone": null,
        "mobile_phone_verified": false,
        "is_lightning_login_user": false,
        "status": {"created_date": null, "body": null},
        "urls": urls(&who.org_id, &id, "{version}"),
        "active": true,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": body["utcOffset"],
        "last_modified_date": body["last_modified_date"],
        "is_app_installed": true
    });
    assert!(body["utcOffset"].is_i64() && text(&body, "last_modified_date").ends_with('Z'), "{body}");
    assert_eq!(body, expected);
    // The version is filled in where one is asked for, 15 characters do, and the token may be a parameter, as jsforce sends it.
    for (version, filled) in [("latest", "67.0"), ("64.0", "64.0")] {
        assert_eq!(read(&get(&format!("{path}?version={version}")))["urls"], urls(&who.org_id, &id, filled));
    }
    let short = format!("/id/{}/{}", &who.org_id[..15], &id[..15]);
    assert_eq!(read(&get(&short)), expected);
    let by_parameter = Request::get(format!("{path}?oauth_token={}", text(&tokens, "access_token")));
    assert_eq!(read(&org.handle(&by_parameter)), expected);
    // Somebody else of the org.
    let other = read(&get(&format!("/id/{}/{}", who.org_id, who.user_id)));
    assert_eq!((&other["asserted_user"], &other["username"]), (&json!(false), &json!(who.username)));
    let xml = get(&format!("{path}?format=xml"));
    assert_eq!(xml.find_header("Content-Type"), Some("application/xml;charset=UTF-8"));
    let xml = xml.text();
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?><user xmlns:xsi="), "{xml}");
    for part in [
        format!("<user_id>{id}</user_id>"),
        "<addr_zip xsi:nil=\"true\"/>".to_owned(),
        "<asserted_user>true</asserted_user>".to_owned(),
        format!("<rest>{BASE}/services/data/v{{version}}/</rest>"),
    ] {
        assert!(xml.contains(&part), "{part} in {xml}");
    }
}

#[test]
fn given_a_wrong_identity_request_when_sent_then_one_word_says_why() {
    let word = |org: &TestOrg, path: &str, token: Option<&str>| {
        let request = Request::get(path);
        let answer = org.handle(&match token {
            Some(token) => request.bearer(token),
            None => request,
        });
        assert_eq!(answer.find_header("Content-Type"), Some("text/plain;charset=UTF-8"));
        (answer.status, answer.text())
    };
    let org = TestOrg::empty();
    let who = org.credentials();
    let token = org.access_token();
    let own = format!("/id/{}/{}", who.org_id, who.user_id);
    let said = |word: &str| (403, word.to_owned());
    for path in ["/services/oauth2/userinfo", &own] {
        assert_eq!(word(&org, path, None), said("Missing_OAuth_Token"));
        assert_eq!(word(&org, path, Some("dead")), said("Bad_OAuth_Token"));
    }
    let other_org = format!("/id/00D000000000001EAA/{}", who.user_id);
    assert_eq!(word(&org, &other_org, Some(&token)), said("Wrong_Org"));
    let nobody = format!("/id/{}/005000000000999AAA", who.org_id);
    assert_eq!(word(&org, &nobody, Some(&token)), said("Bad_Id"));
    assert_eq!(word(&org, &format!("/id/{}/me", who.org_id), Some(&token)), said("Bad_Id"));
    let mut assumptions = Assumptions::default();
    assumptions.oauth.identity_tells_why = false;
    let org = TestOrg::builder().accounts(1).assumptions(assumptions).build();
    for (path, token) in [(own.as_str(), None), (&other_org, Some(token.as_str())), (&nobody, Some(&token))] {
        assert_eq!(word(&org, path, token), said("Bad_OAuth_Token"));
    }
}

#[test]
fn given_a_library_that_discovers_when_it_asks_then_it_learns_the_endpoints() {
    let org = TestOrg::empty();
    let body = read(&org.handle(&Request::get("/.well-known/openid-configuration")));
    for (key, path) in [
        ("issuer", ""),
        ("authorization_endpoint", "/services/oauth2/authorize"),
        ("token_endpoint", "/services/oauth2/token"),
        ("revocation_endpoint", "/services/oauth2/revoke"),
        ("userinfo_endpoint", "/services/oauth2/userinfo"),
        ("introspection_endpoint", "/services/oauth2/introspect"),
    ] {
        assert_eq!(body[key], format!("{BASE}{path}"));
    }
    assert_eq!(body["response_types_supported"], json!(["code"]));
}
