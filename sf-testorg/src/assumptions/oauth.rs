//! What is assumed of: signing in, tokens, and what a session opens.
use std::time::Duration;

/// Signing in, tokens, and what a session opens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OAuthAssumptions {
    /// A wrong client secret answers 401, as RFC 6749 has it, instead of 400 (default: `false`).
    pub invalid_client_is_401: bool,
    /// What a data request gets at an address that the org has left (default: [`FormerHost::InvalidSession`]).
    pub former_host: FormerHost,
    /// The form of an error of the revoke endpoint (default: [`RevokeError::Json`]).
    pub revoke_error: RevokeError,
    /// Userinfo and the identity URL say `Missing_OAuth_Token`, `Wrong_Org` and `Bad_Id` where that is the reason; else they say
    /// `Bad_OAuth_Token`, the one word that is documented (default: `true`).
    pub identity_tells_why: bool,
    /// A JWT assertion whose `exp` is further away than this is refused. Salesforce's guide asks for 3 to 5 minutes, its own `sf` command
    /// sends milliseconds where seconds belong and is let in (default: `None`, no bound).
    pub jwt_longest: Option<Duration>,
    /// Polling for a device code that has expired answers `expired_token`, as RFC 8628 has it, instead of `invalid_grant` (default: `true`).
    pub device_says_expired_token: bool,
    /// How long a device code waits for its approval (default: 10 minutes, what Salesforce's own clients tell their users).
    pub device_code_life: Duration,
    /// How long an authorization code can be exchanged (default: 15 minutes).
    pub code_life: Duration,
    /// A refresh with rotation also ends the access tokens that the old refresh token gave (default: `true`).
    pub rotation_ends_sessions: bool,
    /// The scope `full` gives a refresh token as well (default: `false`; Salesforce Help says that it does not include `refresh_token`).
    pub full_gives_refresh_token: bool,
    /// A data request that is not let in gets the header `WWW-Authenticate: Token` (default: `true`).
    pub names_token_scheme: bool,
    /// The most refresh tokens a user has for one app; a further one revokes the oldest (default: 5).
    pub grants_per_user: usize,
}

impl Default for OAuthAssumptions {
    fn default() -> OAuthAssumptions {
        OAuthAssumptions {
            invalid_client_is_401: false,
            former_host: FormerHost::InvalidSession,
            revoke_error: RevokeError::Json,
            identity_tells_why: true,
            jwt_longest: None,
            device_says_expired_token: true,
            device_code_life: Duration::from_secs(600),
            code_life: Duration::from_secs(900),
            rotation_ends_sessions: true,
            full_gives_refresh_token: false,
            names_token_scheme: true,
            grants_per_user: 5,
        }
    }
}

/// What a data request gets at an address that the org has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum FormerHost {
    /// 401 `INVALID_SESSION_ID`, as at the address of any other org: a client signs in again and learns the new address.
    #[default]
    InvalidSession,
    /// 301 with the new address as `Location`.
    Redirect,
}

/// The form of an error of the revoke endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RevokeError {
    /// `{"error":"…","error_description":"…"}`, as the token endpoint.
    #[default]
    Json,
    /// `error=…&error_description=…`, which jsforce reads.
    Form,
}
