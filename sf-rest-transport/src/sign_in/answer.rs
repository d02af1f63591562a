//! What a login host answers: tokens, or why not.
use crate::{address::Origin, fault::failure, store::Tokens};
use oauth2::{ExtraTokenFields, TokenResponse};
use serde::{Deserialize, Serialize};
use sf_core::{Delivery, Error, ErrorCode, ErrorKind, Failure, Result};
use std::fmt;

/// What Salesforce adds to the standard token answer (REST API guide, OAuth token response).
#[derive(Deserialize, Serialize)]
pub(super) struct SalesforceFields {
    instance_url: Option<String>,
    id: Option<String>,
}
impl fmt::Debug for SalesforceFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SalesforceFields")
    }
}
impl ExtraTokenFields for SalesforceFields {}

/// The tokens of an answer that names the org they are for.
pub(super) fn tokens(answer: &super::requests::TokenAnswer, status: u16, login: &Origin) -> Result<Tokens> {
    let Some(instance_url) = &answer.extra_fields().instance_url else { return Err(strange(status, login)) };
    let mut tokens = match answer.refresh_token() {
        Some(refresh) => Tokens::refresh(refresh.secret()),
        None => Tokens::default(),
    }
    .with_access(answer.access_token().secret(), instance_url);
    if let Some(id) = &answer.extra_fields().id {
        tokens = tokens.with_identity_url(id);
    }
    if let Some(scopes) = answer.scopes() {
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        tokens = tokens.with_scope(scopes.join(" "));
    }
    Ok(tokens)
}

/// `{"error":"invalid_grant","error_description":"expired access/refresh token"}`.
pub(super) fn oauth_failure(error: &str, description: Option<&String>, status: u16) -> Failure {
    let said = description.map_or(error, String::as_str);
    let mut failure = if is_busy(said) || status >= 500 {
        let delivery = if is_busy(said) { Delivery::Refused } else { delivery_of(status) };
        Failure::new(ErrorKind::Unavailable, delivery, format!("{error}: {said}"))
    } else {
        let code = ErrorCode::from(error);
        let known = !matches!(code, ErrorCode::Other(_));
        let mut failure = Failure::of_code(code, said);
        if !known {
            failure.kind = ErrorKind::NotSignedIn;
        }
        failure
    };
    if failure.code == Some(ErrorCode::InvalidGrant) {
        failure.next_step = Some(after_invalid_grant(said).into());
    }
    failure.with_status(status)
}

/// One code for everything that a grant can lack; Salesforce's words tell which.
fn after_invalid_grant(description: &str) -> &'static str {
    let said = description.to_ascii_lowercase();
    let has = |words: &str| said.contains(words);
    if has("hasn't approved this consumer") {
        "Let an administrator pre-authorize the app for the user's profile or permission set, or let the user sign in to the app once."
    } else if has("audience is invalid") {
        "Name the audience that the org takes with `Jwt::audience`: its My Domain URL, https://login.salesforce.com, \
         https://test.salesforce.com for sandboxes, or the site's URL."
    } else if has("not supported on this domain") {
        "Use the org's My Domain URL as login host; login.salesforce.com and test.salesforce.com do not take client credentials."
    } else if has("no client credentials user") {
        "Let an administrator name a run-as user in the app's client credentials flow."
    } else if has("invalid assertion") {
        "Check that the app has the certificate of this key and that the machine's clock is right."
    } else if has("authorization code") {
        "The code was used before or is too old: start the sign-in again. For JWT bearer check the key and the user name."
    } else {
        "The refresh token has expired or was revoked: let the user sign in again and use the new token."
    }
}

/// "Token request is already being processed": another process refreshes the same grant at this moment.
fn is_busy(description: &str) -> bool {
    description.to_ascii_lowercase().contains("already being processed")
}

/// A server error may come after a refresh token was rotated (or from a gateway before the login host); 503 says that nothing was looked at.
fn delivery_of(status: u16) -> Delivery {
    if status >= 500 && status != 503 { Delivery::Unknown } else { Delivery::Refused }
}

/// An answer that is no token answer: the page of a proxy, a maintenance page, another service.
pub(super) fn strange(status: u16, login: &Origin) -> Error {
    let kind = if status >= 500 { ErrorKind::Unavailable } else { ErrorKind::Decode };
    failure(
        kind,
        delivery_of(status),
        format!("{login} gave no token answer (HTTP {status})"),
        "Check the login host (production, sandbox or My Domain), then try again; see status.salesforce.com.",
    )
    .with_status(status)
    .into()
}
