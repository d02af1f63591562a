//! Letting a request in: its host, its token, its user.
use super::{scope, vault::Session};
use crate::{
    FormerHost, Request,
    error::{ApiError, ApiResult},
    org::Inner,
    rest::{Answer, Target},
};
use sf_core::SfId;

/// Why a token does not let a request in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No `Authorization`, or not of a known kind.
    Header,
    /// A token that is unknown or dead.
    Token,
    /// What looks like a JWT-based access token; this org issues none.
    Jwt,
}

/// Whose address a request was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    /// The org's, or one it knows nothing of: a proxy, another name of this machine.
    Own,
    /// `login.…` or `test.…`: for signing in only.
    Login,
    /// Where the org was before it moved.
    Former,
}

/// The host of a URL, with its port.
pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

impl Inner {
    pub(super) fn host(&self, request: &Request) -> Host {
        let Some(host) = request.find_header("Host").map(|host| host.trim().to_ascii_lowercase()) else {
            return Host::Own;
        };
        if self.oauth.former_hosts.contains(&host) {
            Host::Former
        } else if (host.starts_with("login.") || host.starts_with("test."))
            && !host.eq_ignore_ascii_case(host_of(&self.oauth.instance_url))
        {
            Host::Login
        } else {
            Host::Own
        }
    }

    /// The answer to a data request that was sent to the wrong address, if it was.
    pub(crate) fn wrong_host(&self, request: &Request) -> Option<ApiResult<Answer>> {
        match (self.host(request), self.assumptions.oauth.former_host) {
            (Host::Own, _) => None,
            // What people who kept the login URL report; a SOAP client gets the same words.
            (Host::Login, _) => {
                let message = "Destination URL not reset. The URL returned from login must be set";
                Some(Err(ApiError::new(400, "URL_NOT_RESET", message)))
            }
            (Host::Former, FormerHost::InvalidSession) => Some(Err(expired())),
            (Host::Former, FormerHost::Redirect) => {
                let to = format!("{}{}", self.oauth.instance_url, request.target);
                Some(Ok(Answer::empty(301).header("Location", to)))
            }
        }
    }

    /// The session of the request's token. A call keeps it alive.
    pub(super) fn session(&mut self, token: &str) -> Result<&Session, Refusal> {
        let now = self.oauth.now;
        if !self.oauth.vault.touch(token, now) {
            return Err(if token.starts_with("eyJ") { Refusal::Jwt } else { Refusal::Token });
        }
        let session = self.oauth.vault.session(token);
        session.filter(|session| self.may_act(session.user)).ok_or(Refusal::Token)
    }

    /// The token of the header, or for userinfo and identity of the query.
    pub(super) fn bearer(request: &Request, target: Option<&Target>) -> Result<String, Refusal> {
        let in_query = target.and_then(|target| {
            target.query.iter().find(|(name, _)| name == "oauth_token" || name == "access_token")
        });
        let Some(header) = request.find_header("Authorization") else {
            return in_query.map(|(_, token)| token.clone()).ok_or(Refusal::Header);
        };
        let (scheme, token) = header.trim().split_once(' ').ok_or(Refusal::Header)?;
        if scheme.eq_ignore_ascii_case("Bearer") || scheme.eq_ignore_ascii_case("OAuth") {
            return Ok(token.trim().to_owned());
        }
        Err(Refusal::Header)
    }

    /// Lets a data request in: whose it is.
    pub(crate) fn enter(&mut self, request: &Request) -> ApiResult<SfId> {
        self.enter_by(Inner::bearer(request, None))
    }

    /// Lets a request of Bulk API 1.0 in, which has its token in a header of its own.
    pub(crate) fn enter_asynchronous(&mut self, request: &Request) -> ApiResult<SfId> {
        let own = request.find_header("X-SFDC-Session").map(|token| token.trim().to_owned());
        self.enter_by(own.map_or_else(|| Inner::bearer(request, None), Ok))
    }

    fn enter_by(&mut self, token: Result<String, Refusal>) -> ApiResult<SfId> {
        let session = token.and_then(|token| {
            self.session(&token).map(|session| (session.user, scope::opens_rest(&session.scopes)))
        });
        let auth_header = |message: &str| ApiError::new(401, "INVALID_AUTH_HEADER", message);
        match session {
            Ok((user, true)) => Ok(user),
            Ok((_, false)) => {
                let message = "This session is not valid for use with the REST API";
                Err(ApiError::new(401, "INVALID_SESSION_ID", message))
            }
            Err(Refusal::Token) => Err(expired()),
            Err(Refusal::Header) => Err(auth_header("INVALID_HEADER_TYPE")),
            Err(Refusal::Jwt) => Err(auth_header("INVALID_JWT_FORMAT")),
        }
    }
}

fn expired() -> ApiError {
    ApiError::new(401, "INVALID_SESSION_ID", "Session expired or invalid")
}
