//! `GET /services/oauth2/userinfo`.
use super::{Method, Request, Response, Safety, read_failure};
use crate::{ApiVersion, Delivery, ErrorKind, Failure, Identity, Result, SfId};
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// A request for who is signed in.
pub fn identity_request() -> Request {
    Request::at(Method::Get, "/services/oauth2/userinfo".to_owned())
}

/// The user, the org and its address.
pub fn identity_response(response: &Response, api_version: ApiVersion) -> Result<Identity> {
    #[derive(Deserialize)]
    struct UserInfo {
        user_id: SfId,
        organization_id: SfId,
        preferred_username: Option<String>,
        #[serde(default)]
        urls: BTreeMap<String, String>,
        profile: Option<String>,
    }
    if !response.is_success() {
        return Err(read_failure(response, Safety::Read).into());
    }
    let info: UserInfo = response.json()?;
    let named =
        ["custom_domain", "rest", "sobjects", "enterprise"].iter().filter_map(|key| info.urls.get(*key));
    let instance_url = named.chain(&info.profile).find_map(|url| origin(url)).ok_or_else(|| {
        Failure::new(
            ErrorKind::Decode,
            Delivery::Refused,
            "the identity answer does not name the org's address",
        )
    })?;
    let username = info.preferred_username.unwrap_or_default();
    Ok(Identity::new(info.organization_id, info.user_id, username, instance_url, api_version))
}
/// `https://host:port` of a URL; the identity answer's URLs hold a literal `{version}`.
fn origin(url: &str) -> Option<String> {
    let url = Url::parse(&url.replace(['{', '}'], "")).ok()?;
    url.has_host().then(|| url.origin().ascii_serialization())
}
