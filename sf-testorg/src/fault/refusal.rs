//! Refusals of a whole request, each in the org's exact words.
use crate::error::ApiError;
use serde::{Deserialize, Serialize};

/// Why the org refuses a request, as Salesforce words it: `[{"message","errorCode"}]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// 401 `INVALID_SESSION_ID`, "Session expired or invalid": signing in again helps.
    SessionExpired,
    /// 401 `INVALID_SESSION_ID`, "This session is not valid for use with the REST API": signing in again does not help.
    SessionNotForRest,
    /// 401 `INVALID_AUTH_HEADER`, "INVALID_JWT_FORMAT": a JWT-based access token has expired.
    JwtExpired,
    /// 403 `REQUEST_LIMIT_EXCEEDED`, "TotalRequests Limit exceeded.": the API requests of 24 hours are used up.
    DailyLimit,
    /// 403 `REQUEST_LIMIT_EXCEEDED`, "ConcurrentRequests (Concurrent API Requests) Limit exceeded.": too many long requests at once.
    ConcurrentRequests,
    /// 403 `REQUEST_LIMIT_EXCEEDED`, "ConcurrentPerOrgLongTxn Limit exceeded.": too many transactions run for more than 5 seconds.
    ConcurrentLongTransactions,
    /// 403 `API_DISABLED_FOR_ORG`, "The REST API is not enabled for this Organization.".
    ApiDisabledForOrg,
    /// 403 `API_CURRENTLY_DISABLED`, "API is disabled for this User": a permission that is missing.
    ApiDisabledForUser,
    /// 403 `API_CURRENTLY_DISABLED`, "API is currently disabled": for the time being; it may be tried again.
    ApiCurrentlyDisabled,
    /// 400 `QUERY_TIMEOUT`, "Your query request was running for too long.".
    QueryTimeout,
    /// 503 `SERVER_UNAVAILABLE`, "Server too busy".
    ServerUnavailable,
    /// 500 `UNKNOWN_EXCEPTION`, "An unexpected error occurred. Please include this ErrorId if you contact support: 123456789-12345 (-123456789)".
    Unknown,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Refusal; 12] = [
        Refusal::SessionExpired,
        Refusal::SessionNotForRest,
        Refusal::JwtExpired,
        Refusal::DailyLimit,
        Refusal::ConcurrentRequests,
        Refusal::ConcurrentLongTransactions,
        Refusal::ApiDisabledForOrg,
        Refusal::ApiDisabledForUser,
        Refusal::ApiCurrentlyDisabled,
        Refusal::QueryTimeout,
        Refusal::ServerUnavailable,
        Refusal::Unknown,
    ];

    pub(crate) fn error(self) -> ApiError {
        let (status, code, message) = match self {
            Refusal::SessionExpired => (401, "INVALID_SESSION_ID", "Session expired or invalid"),
            Refusal::SessionNotForRest => {
                (401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
            }
            Refusal::JwtExpired => (401, "INVALID_AUTH_HEADER", "INVALID_JWT_FORMAT"),
            Refusal::DailyLimit => (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
            Refusal::ConcurrentRequests => (
                403,
                "REQUEST_LIMIT_EXCEEDED",
                "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            ),
            Refusal::ConcurrentLongTransactions => {
                (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")
            }
            Refusal::ApiDisabledForOrg => {
                (403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")
            }
            Refusal::ApiDisabledForUser => (403, "API_CURRENTLY_DISABLED", "API is disabled for this User"),
            Refusal::ApiCurrentlyDisabled => (403, "API_CURRENTLY_DISABLED", "API is currently disabled"),
            Refusal::QueryTimeout => (400, "QUERY_TIMEOUT", "Your query request was running for too long."),
            Refusal::ServerUnavailable => (503, "SERVER_UNAVAILABLE", "Server too busy"),
            Refusal::Unknown => (
                500,
                "UNKNOWN_EXCEPTION",
                "An unexpected error occurred. Please include this ErrorId if you contact support: 123456789-12345 (-123456789)",
            ),
        };
        ApiError::new(status, code, message)
    }
}
