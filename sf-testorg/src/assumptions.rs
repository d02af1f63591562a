//! What nobody documents: one switch for each behaviour of which Salesforce says nothing.
use std::time::Duration;

/// Behaviours that are inferred, not documented. The default is what is believed; a client that must work either way is tested
/// with both settings.
///
/// ```
/// use sf_testorg::{Assumptions, TestOrg};
///
/// let mut assumptions = Assumptions::default();
/// assumptions.oauth_invalid_client_is_401 = true;
/// let org = TestOrg::builder().assumptions(assumptions).build();
/// assert!(org.assumptions().oauth_invalid_client_is_401);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assumptions {
    /// A wrong client secret answers 401, as RFC 6749 has it, instead of 400 (default: `false`).
    pub oauth_invalid_client_is_401: bool,
    /// What a data request gets at an address that the org has left (default: [`FormerHost::InvalidSession`]).
    pub oauth_former_host: FormerHost,
    /// The form of an error of the revoke endpoint (default: [`RevokeError::Json`]).
    pub oauth_revoke_error: RevokeError,
    /// Userinfo and the identity URL say `Missing_OAuth_Token`, `Wrong_Org` and `Bad_Id` where that is the reason; else they say
    /// `Bad_OAuth_Token`, the one word that is documented (default: `true`).
    pub oauth_identity_tells_why: bool,
    /// A JWT assertion whose `exp` is further away than this is refused. Salesforce's guide asks for 3 to 5 minutes, its own `sf` command
    /// sends milliseconds where seconds belong and is let in (default: `None`, no bound).
    pub oauth_jwt_longest: Option<Duration>,
    /// Polling for a device code that has expired answers `expired_token`, as RFC 8628 has it, instead of `invalid_grant` (default: `true`).
    pub oauth_device_says_expired_token: bool,
    /// How long a device code waits for its approval (default: 10 minutes, what Salesforce's own clients tell their users).
    pub oauth_device_code_life: Duration,
    /// How long an authorization code can be exchanged (default: 15 minutes).
    pub oauth_code_life: Duration,
    /// A refresh with rotation also ends the access tokens that the old refresh token gave (default: `true`).
    pub oauth_rotation_ends_sessions: bool,
    /// The scope `full` gives a refresh token as well (default: `false`; Salesforce Help says that it does not include `refresh_token`).
    pub oauth_full_gives_refresh_token: bool,
    /// A data request that is not let in gets the header `WWW-Authenticate: Token` (default: `true`).
    pub oauth_401_names_token: bool,
    /// The most refresh tokens a user has for one app; a further one revokes the oldest (default: 5).
    pub oauth_grants_per_user: usize,
    /// A case that names a contact and no account gets the contact's account (default: `true`).
    pub case_account_follows_contact: bool,
    /// `Comments` of a case reads as null after it was written (default: `true`); the comment is made in any case.
    pub case_comments_read_null: bool,
    /// A second upload to an open bulk job takes the place of the first instead of being refused (default: `false`).
    pub bulk_second_upload_replaces: bool,
    /// Closing a bulk job that is closed and not yet done answers 200 and changes nothing; else it is refused (default: `true`).
    pub bulk_second_close_is_ok: bool,
    /// A bulk job that was created with its data in one multipart request needs no closing (default: `true`).
    pub bulk_multipart_closes: bool,
    /// Checkboxes in a bulk upload may be `1`, `0`, `t` and `f` besides `true` and `false` (default: `true`).
    pub bulk_short_booleans: bool,
    /// `#N/A` in a relationship column of a bulk upload clears the lookup; else it is ignored (default: `true`).
    pub bulk_null_clears_parent: bool,
    /// A bulk query without rows answers its header row, else nothing at all (default: `true`).
    pub bulk_empty_result_has_header: bool,
    /// A bulk query with ORDER BY or LIMIT gives its rows in that order; else in no order, as without (default: `true`).
    pub bulk_order_by_is_kept: bool,
    /// The code of every error in the statement of a bulk query is `API_ERROR`, else the one that REST gives (default: `true`).
    pub bulk_query_errors_are_api_errors: bool,
}

impl Default for Assumptions {
    fn default() -> Assumptions {
        Assumptions {
            oauth_invalid_client_is_401: false,
            oauth_former_host: FormerHost::InvalidSession,
            oauth_revoke_error: RevokeError::Json,
            oauth_identity_tells_why: true,
            oauth_jwt_longest: None,
            oauth_device_says_expired_token: true,
            oauth_device_code_life: Duration::from_secs(600),
            oauth_code_life: Duration::from_secs(900),
            oauth_rotation_ends_sessions: true,
            oauth_full_gives_refresh_token: false,
            oauth_401_names_token: true,
            oauth_grants_per_user: 5,
            case_account_follows_contact: true,
            case_comments_read_null: true,
            bulk_second_upload_replaces: false,
            bulk_second_close_is_ok: true,
            bulk_multipart_closes: true,
            bulk_short_booleans: true,
            bulk_null_clears_parent: true,
            bulk_empty_result_has_header: true,
            bulk_order_by_is_kept: true,
            bulk_query_errors_are_api_errors: true,
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
