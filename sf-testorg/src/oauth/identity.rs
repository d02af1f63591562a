//! Who a token belongs to: userinfo and the identity URL.
use super::{access::Refusal, reply, vault::Session};
use crate::{
    Method, Request,
    org::Inner,
    rest::{Answer, Target, VERSIONS},
};
use chrono::TimeZone;
use chrono_tz::{OffsetComponents, Tz};
use serde_json::{Value, json};
use sf_core::{SfId, Timestamp};

/// The user as the org's row has it.
struct Person<'a> {
    inner: &'a Inner,
    id: SfId,
}

impl Person<'_> {
    fn text(&self, field: &str) -> Option<String> {
        let (sobject, row) = self.inner.state.find(self.id)?;
        let cell = row.cells.get(sobject.position(field)?)?;
        cell.as_text().map(str::to_owned)
    }
    fn or(&self, field: &str, otherwise: &str) -> String {
        self.text(field).unwrap_or_else(|| otherwise.to_owned())
    }
    fn username(&self) -> String {
        self.or("Username", &self.inner.oauth.credentials.username)
    }
    fn changed(&self) -> String {
        let at = self.inner.state.find(self.id).and_then(|(sobject, row)| {
            match row.cells.get(sobject.position("LastModifiedDate")?)? {
                crate::state::Cell::DateTime(at) => Some(*at),
                _ => None,
            }
        });
        second(at.unwrap_or(self.inner.started))
    }
    fn photo(&self, size: &str) -> String {
        format!("{}/profilephoto/005/{size}", self.inner.oauth.instance_url)
    }
    /// The zone's offset without summer time, in milliseconds.
    fn offset(&self) -> i64 {
        let zone: Tz = self.or("TimeZoneSidKey", "GMT").parse().unwrap_or(Tz::UTC);
        let now = self.inner.oauth.now.utc().naive_utc();
        zone.offset_from_utc_datetime(&now).base_utc_offset().num_milliseconds()
    }
    fn user_type(&self) -> String {
        self.or("UserType", "Standard").to_ascii_uppercase()
    }
}

fn second(at: Timestamp) -> String {
    at.utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Inner {
    /// `GET` or `POST /services/oauth2/userinfo`.
    pub(super) fn userinfo(&mut self, request: &Request, target: &Target) -> Answer {
        let session = match self.asserted(request, target) {
            Ok(session) => session,
            Err(word) => return Answer::text(403, word),
        };
        let oauth = &self.oauth;
        let person = Person { inner: self, id: session.user };
        let mut address = serde_json::Map::new();
        for (key, field) in [
            ("street_address", "Street"),
            ("locality", "City"),
            ("region", "State"),
            ("postal_code", "PostalCode"),
            ("country", "Country"),
        ] {
            if let Some(text) = person.text(field) {
                address.insert(key.to_owned(), text.into());
            }
        }
        let body = json!({
            "sub": oauth.identity_url(session.user),
            "user_id": session.user,
            "organization_id": oauth.credentials.org_id,
            "preferred_username": person.username(),
            "nickname": person.or("CommunityNickname", &person.username()),
            "name": person.or("Name", &person.username()),
            "email": person.or("Email", &person.username()),
            "email_verified": true,
            "given_name": person.text("FirstName"),
            "family_name": person.or("LastName", "User"),
            "zoneinfo": person.or("TimeZoneSidKey", "GMT"),
            "photos": {"picture": person.photo("F"), "thumbnail": person.photo("T")},
            "profile": format!("{}/{}", oauth.instance_url, session.user),
            "picture": person.photo("F"),
            "address": address,
            "urls": self.urls(session.user, "{version}"),
            "active": true,
            "user_type": person.user_type(),
            "language": person.or("LanguageLocaleKey", "en_US"),
            "locale": person.or("LocaleSidKey", "en_US"),
            "utcOffset": person.offset(),
            "updated_at": person.changed(),
            "is_app_installed": true
        });
        Answer::json(200, body.to_string())
    }

    /// `GET /id/{org}/{user}`, with `version` (a number or `latest`) and `format` (`json` or `xml`).
    pub(super) fn identity(&mut self, request: &Request, target: &Target, org: &str, user: &str) -> Answer {
        let session = match self.asserted(request, target) {
            Ok(session) => session,
            Err(word) => return Answer::text(403, word),
        };
        let why = |word| if self.assumptions.oauth.identity_tells_why { word } else { "Bad_OAuth_Token" };
        let same = |a: &str, b: &str| SfId::new(a).ok().is_some_and(|a| SfId::new(b).is_ok_and(|b| a == b));
        if SfId::new(org).is_err() || SfId::new(user).is_err() {
            return Answer::text(403, why("Bad_Id"));
        }
        if !same(org, &self.oauth.credentials.org_id) {
            return Answer::text(403, why("Wrong_Org"));
        }
        let Some(id) = SfId::new(user).ok().filter(|id| *id == session.user || self.user(*id).is_some())
        else {
            return Answer::text(403, why("Bad_Id"));
        };
        let parameter =
            |name: &str| target.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        let latest = format!("{}.0", VERSIONS.end());
        let version = match parameter("version") {
            None => "{version}",
            Some("latest") => &latest,
            Some(version) => version,
        };
        let person = Person { inner: self, id };
        let body = json!({
            "id": self.oauth.identity_url(id),
            "asserted_user": id == session.user,
            "user_id": id,
            "organization_id": self.oauth.credentials.org_id,
            "username": person.username(),
            "nick_name": person.or("CommunityNickname", &person.username()),
            "display_name": person.or("Name", &person.username()),
            "email": person.or("Email", &person.username()),
            "email_verified": true,
            "first_name": person.text("FirstName"),
            "last_name": person.or("LastName", "User"),
            "timezone": person.or("TimeZoneSidKey", "GMT"),
            "photos": {"picture": person.photo("F"), "thumbnail": person.photo("T")},
            "addr_street": person.text("Street"),
            "addr_city": person.text("City"),
            "addr_state": person.text("State"),
            "addr_country": person.text("Country"),
            "addr_zip": person.text("PostalCode"),
            "mobile_phone": person.text("MobilePhone"),
            "mobile_phone_verified": false,
            "is_lightning_login_user": false,
            "status": {"created_date": null, "body": null},
            "urls": self.urls(id, version),
            "active": self.may_act(id),
            "user_type": person.user_type(),
            "language": person.or("LanguageLocaleKey", "en_US"),
            "locale": person.or("LocaleSidKey", "en_US"),
            "utcOffset": person.offset(),
            "last_modified_date": person.changed(),
            "is_app_installed": true
        });
        let accept = request.find_header("Accept").unwrap_or_default();
        match parameter("format") {
            Some("xml") => reply::xml(200, "user", &body),
            None if accept.contains("application/xml")
                && !accept.contains("json")
                && !accept.contains("html") =>
            {
                reply::xml(200, "user", &body)
            }
            _ => Answer::json(200, body.to_string()),
        }
    }

    /// The session of the request, or the word that refuses it.
    fn asserted(&mut self, request: &Request, target: &Target) -> Result<Session, &'static str> {
        if !matches!(request.method, Method::Get | Method::Head | Method::Post) {
            return Err("Bad_OAuth_Token");
        }
        let session = Inner::bearer(request, Some(target)).and_then(|token| self.session(&token).cloned());
        session.map_err(|refusal| match refusal {
            Refusal::Header if self.assumptions.oauth.identity_tells_why => "Missing_OAuth_Token",
            _ => "Bad_OAuth_Token",
        })
    }

    fn urls(&self, user: SfId, version: &str) -> Value {
        let base = &self.oauth.instance_url;
        let rest = format!("{base}/services/data/v{version}/");
        let org = self.oauth.credentials.org_id.get(..15).unwrap_or_default();
        json!({
            "enterprise": format!("{base}/services/Soap/c/{version}/{org}"),
            "metadata": format!("{base}/services/Soap/m/{version}/{org}"),
            "partner": format!("{base}/services/Soap/u/{version}/{org}"),
            "rest": rest,
            "sobjects": format!("{rest}sobjects/"),
            "search": format!("{rest}search/"),
            "query": format!("{rest}query/"),
            "recent": format!("{rest}recent/"),
            "tooling_soap": format!("{base}/services/Soap/T/{version}/{org}"),
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
}
