//! The token endpoint (refresh grant), userinfo and the identity URL.
use super::{Answer, url::pairs};
use crate::{Credentials, Request, org::Inner, state::write_json_string};
use sf_core::Timestamp;
use std::collections::BTreeSet;

/// Who may call, and how the org names itself.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) credentials: Credentials,
    pub(crate) instance_url: String,
    /// Access tokens that work.
    alive: BTreeSet<String>,
    /// Tokens issued by the refresh grant.
    issued: u64,
}

impl Session {
    pub(crate) fn new(credentials: Credentials) -> Session {
        let alive = BTreeSet::from([credentials.access_token.clone()]);
        let instance_url = "https://testorg.my.salesforce.example".to_owned();
        Session { credentials, instance_url, alive, issued: 0 }
    }
    pub(crate) fn identity_url(&self) -> String {
        format!("{}/id/{}/{}", self.instance_url, self.credentials.org_id, self.credentials.user_id)
    }
    /// The newest token that works, if any does.
    pub(crate) fn token(&self) -> Option<&str> {
        self.alive.last().map(String::as_str)
    }
    pub(crate) fn end(&mut self) {
        self.alive.clear();
    }
    fn issue(&mut self) -> String {
        self.issued += 1;
        let token = format!("{}{:04}", self.credentials.access_token, self.issued);
        self.alive.insert(token.clone());
        token
    }
    /// What is wrong with the request's token; `None` when it is good.
    pub(crate) fn check(&self, request: &Request) -> Option<Refusal> {
        let Some(header) = request.find_header("Authorization") else { return Some(Refusal::Header) };
        let Some((scheme, token)) = header.trim().split_once(' ') else { return Some(Refusal::Header) };
        if !scheme.eq_ignore_ascii_case("Bearer") && !scheme.eq_ignore_ascii_case("OAuth") {
            return Some(Refusal::Header);
        }
        match self.alive.contains(token.trim()) {
            true => None,
            false => Some(Refusal::Token),
        }
    }
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No `Authorization`, or not of a known kind.
    Header,
    /// A token that is unknown or dead.
    Token,
}

/// `POST /services/oauth2/token`
pub(crate) fn token(session: &mut Session, request: &Request, now: Timestamp) -> Answer {
    let refuse = |error: &str, description: &str| {
        Answer::json(400, format!(r#"{{"error":"{error}","error_description":"{description}"}}"#))
    };
    if request.method != crate::Method::Post {
        return refuse("invalid_request", "must use HTTP POST");
    }
    let form = String::from_utf8_lossy(&request.body).into_owned();
    let Some(form) = pairs(&form) else { return refuse("invalid_request", "malformed form body") };
    let get = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    if get("grant_type").as_deref() != Some("refresh_token") {
        return refuse("unsupported_grant_type", "grant type not supported");
    }
    // A client may also name itself by HTTP Basic.
    let basic = request.find_header("Authorization").and_then(|h| h.strip_prefix("Basic ")).and_then(basic);
    let (client_id, secret) = match basic {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (get("client_id"), get("client_secret")),
    };
    if client_id.as_deref() != Some(&session.credentials.client_id) {
        return refuse("invalid_client_id", "client identifier invalid");
    }
    if secret.is_some_and(|s| s != session.credentials.client_secret) {
        return refuse("invalid_client", "invalid client credentials");
    }
    if get("refresh_token").as_deref() != Some(&session.credentials.refresh_token) {
        return refuse("invalid_grant", "expired access/refresh token");
    }
    let token = session.issue();
    let mut out = String::from("{\"access_token\":");
    write_json_string(&token, &mut out);
    // The signature's key is the consumer secret; no client checks it, so it only looks like one.
    out.push_str(
        ",\"signature\":\"c2ltdWxhdGVkLW9yZy1zaWduYXR1cmUtMDAwMDAwMDA=\",\"scope\":\"refresh_token api\"",
    );
    out.push_str(",\"instance_url\":");
    write_json_string(&session.instance_url, &mut out);
    out.push_str(",\"id\":");
    write_json_string(&session.identity_url(), &mut out);
    out.push_str(&format!(",\"token_type\":\"Bearer\",\"issued_at\":\"{}\"}}", now.millis()));
    Answer::json(200, out)
}

/// `client_id:client_secret` of a Basic header.
fn basic(encoded: &str) -> Option<(String, String)> {
    let bytes = crate::save::base64(encoded.trim())?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// The user as the org's row has it.
struct Person {
    name: String,
    first: String,
    last: String,
    email: String,
    zone: String,
    locale: String,
    language: String,
}
impl Person {
    fn of(inner: &Inner) -> Person {
        let row = inner.state.user().and_then(|id| inner.state.find(id));
        let text = |field: &str, otherwise: &str| {
            row.and_then(|(sobject, row)| {
                let at = sobject.position(field)?;
                row.cells[at].as_text().map(str::to_owned)
            })
            .unwrap_or_else(|| otherwise.to_owned())
        };
        Person {
            name: text("Name", "Simulated User"),
            first: text("FirstName", "Simulated"),
            last: text("LastName", "User"),
            email: text("Email", &inner.session.credentials.username),
            zone: text("TimeZoneSidKey", "GMT"),
            locale: text("LocaleSidKey", "en_US"),
            language: text("LanguageLocaleKey", "en_US"),
        }
    }
}

fn urls(session: &Session) -> serde_json::Value {
    let base = &session.instance_url;
    let rest = format!("{base}/services/data/v{{version}}/");
    let (org, user) = (&session.credentials.org_id, &session.credentials.user_id);
    serde_json::json!({
        "enterprise": format!("{base}/services/Soap/c/{{version}}/{org}"),
        "metadata": format!("{base}/services/Soap/m/{{version}}/{org}"),
        "partner": format!("{base}/services/Soap/u/{{version}}/{org}"),
        "rest": rest,
        "sobjects": format!("{rest}sobjects/"),
        "search": format!("{rest}search/"),
        "query": format!("{rest}query/"),
        "recent": format!("{rest}recent/"),
        "tooling_soap": format!("{base}/services/Soap/T/{{version}}/{org}"),
        "tooling_rest": format!("{rest}tooling/"),
        "profile": format!("{base}/{user}"),
        "feeds": format!("{rest}chatter/feeds"),
        "groups": format!("{rest}chatter/groups"),
        "users": format!("{rest}chatter/users"),
        "feed_items": format!("{rest}chatter/feed-items"),
        "feed_elements": format!("{rest}chatter/feed-elements"),
        "custom_domain": base
    })
}

/// `GET /services/oauth2/userinfo`
pub(crate) fn userinfo(inner: &Inner) -> Answer {
    let session = &inner.session;
    let person = Person::of(inner);
    let body = serde_json::json!({
        "sub": session.identity_url(),
        "user_id": session.credentials.user_id,
        "organization_id": session.credentials.org_id,
        "preferred_username": session.credentials.username,
        "nickname": person.first.to_lowercase(),
        "name": person.name,
        "email": person.email,
        "email_verified": true,
        "given_name": person.first,
        "family_name": person.last,
        "zoneinfo": person.zone,
        "photos": {"picture": null, "thumbnail": null},
        "profile": format!("{}/{}", session.instance_url, session.credentials.user_id),
        "picture": null,
        "address": {},
        "urls": urls(session),
        "active": true,
        "user_type": "STANDARD",
        "language": person.language,
        "locale": person.locale,
        "utcOffset": 0,
        "updated_at": crate::state::wire_time(inner.started),
        "is_app_installed": true
    });
    Answer::json(200, body.to_string())
}

/// `GET /id/{org}/{user}`
pub(crate) fn identity(inner: &Inner) -> Answer {
    let session = &inner.session;
    let person = Person::of(inner);
    let body = serde_json::json!({
        "id": session.identity_url(),
        "asserted_user": true,
        "user_id": session.credentials.user_id,
        "organization_id": session.credentials.org_id,
        "username": session.credentials.username,
        "nick_name": person.first.to_lowercase(),
        "display_name": person.name,
        "email": person.email,
        "email_verified": true,
        "first_name": person.first,
        "last_name": person.last,
        "timezone": person.zone,
        "photos": {"picture": null, "thumbnail": null},
        "addr_street": null, "addr_city": null, "addr_state": null, "addr_country": null, "addr_zip": null,
        "mobile_phone": null,
        "mobile_phone_verified": false,
        "status": {"created_date": null, "body": null},
        "urls": urls(session),
        "active": true,
        "user_type": "STANDARD",
        "language": person.language,
        "locale": person.locale,
        "utcOffset": 0,
        "last_modified_date": crate::state::wire_time(inner.started),
        "is_lightning_login_user": false,
        "is_app_installed": true
    });
    Answer::json(200, body.to_string())
}
