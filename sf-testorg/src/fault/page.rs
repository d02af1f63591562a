//! What stands before an org answers in HTML.
use serde::{Deserialize, Serialize};
use sf_core::Timestamp;
use std::time::Duration;

/// The header `Retry-After`, in one of its two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetryAfter {
    /// `Retry-After: 120`.
    Seconds(u32),
    /// `Retry-After: Mon, 05 Jan 2026 09:02:00 GMT`: the date so many seconds from the org's now.
    Date(u32),
}

impl RetryAfter {
    pub(crate) fn header(self, now: Timestamp) -> String {
        match self {
            RetryAfter::Seconds(seconds) => seconds.to_string(),
            RetryAfter::Date(seconds) => http_date(now + Duration::from_secs(seconds.into())),
        }
    }
}

/// As HTTP writes dates.
pub(crate) fn http_date(at: Timestamp) -> String {
    at.utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The page of a status. Salesforce documents none; clients only see that it is HTML.
pub(crate) fn html(status: u16) -> String {
    let reason = match status {
        420 => "Salesforce Edge: the requested host is unknown or cannot be routed to",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    };
    format!(
        "<!DOCTYPE html>\n<html>\n<head><title>{status} {reason}</title></head>\n<body>\n<h1>{status} {reason}</h1>\n\
         <p>We are down for maintenance or cannot reach the server. Try again in a moment.</p>\n</body>\n</html>\n"
    )
}
