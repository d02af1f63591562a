use super::{ErrorCode, ErrorKind, Failure, table::Class};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What helps. Derived from code, kind and message, never from the HTTP verb. Whether a repeat is *safe* is
/// another question: that is [`Delivery`](crate::Delivery) and the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Retry {
    /// A repeat fails again: the data, the request or a permission has to change.
    Never,
    /// Repeat with growing pauses, the first not shorter than `after`.
    Backoff {
        /// What the org asked for (`Retry-After`), or the shortest pause that can help.
        after: Option<Duration>,
    },
    /// A lock: repeat the row after a short random pause.
    Lock,
    /// A quota: stop until its window has passed. Repeating makes it worse.
    Quota,
    /// A new access token, then once more.
    SignIn,
    /// Start the operation again from its beginning (a query, a full sync, a fresh read).
    Restart,
    /// The same in smaller pieces.
    Split,
    /// The row was fine; another one of the same call failed. Look there.
    Sibling,
}

/// The three limits behind one code, `REQUEST_LIMIT_EXCEEDED`. They need opposite reactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestLimit {
    /// `TotalRequests`: the calls of the rolling 24 hours are used up. *Stop.*
    Daily,
    /// `ConcurrentRequests`: too many calls at the same moment. *Slow down.*
    Concurrent,
    /// `ConcurrentPerOrgLongTxn`: too many transactions that run for five seconds or more. *Wait for them.*
    LongTransactions,
}

/// A long transaction counts from its fifth second; a shorter pause meets the same ones again.
const LONG_TRANSACTION: Duration = Duration::from_secs(5);

impl Failure {
    /// Which of the three limits, when the code is `REQUEST_LIMIT_EXCEEDED`.
    ///
    /// ```
    /// use sf_core::{Delivery, ErrorCode, ErrorKind, Failure, RequestLimit, Retry};
    /// let failure = |text: &str| {
    ///     Failure::new(ErrorKind::LimitReached, Delivery::Refused, text).with_code(ErrorCode::RequestLimitExceeded)
    /// };
    /// let daily = failure("TotalRequests Limit exceeded.");
    /// assert_eq!((daily.request_limit(), daily.retry()), (Some(RequestLimit::Daily), Retry::Quota));
    /// let busy = failure("ConcurrentRequests (Concurrent API Requests) Limit exceeded.");
    /// assert_eq!(busy.retry(), Retry::Backoff { after: None });
    /// ```
    pub fn request_limit(&self) -> Option<RequestLimit> {
        if self.code != Some(ErrorCode::RequestLimitExceeded) {
            return None;
        }
        let text = &self.message;
        Some(if text.contains("LongTxn") || text.contains("LongRunning") {
            RequestLimit::LongTransactions
        } else if text.contains("ConcurrentRequests") || text.contains("Concurrent API Requests") {
            RequestLimit::Concurrent
        } else {
            RequestLimit::Daily
        })
    }

    /// What helps; see [`Retry`].
    pub fn retry(&self) -> Retry {
        match self.request_limit() {
            Some(RequestLimit::Concurrent) => return Retry::Backoff { after: self.retry_after },
            Some(RequestLimit::LongTransactions) => {
                return Retry::Backoff { after: self.retry_after.or(Some(LONG_TRANSACTION)) };
            }
            Some(RequestLimit::Daily) | None => {}
        }
        match self.entry().class {
            Class::Never => Retry::Never,
            Class::Backoff => Retry::Backoff { after: self.retry_after },
            Class::Lock => Retry::Lock,
            Class::Quota => Retry::Quota,
            Class::SignIn => Retry::SignIn,
            Class::Restart => Retry::Restart,
            Class::Split => Retry::Split,
            Class::Sibling => Retry::Sibling,
        }
    }

    /// A permission case that shares its code with a passing one: a new token or a pause cannot cure it.
    pub(super) fn hopeless(&self) -> bool {
        match self.code {
            Some(ErrorCode::InvalidSessionId) => {
                self.message.contains("not valid for use with the REST API")
                    || self.message.contains("Connected app is not attached")
            }
            Some(ErrorCode::ApiCurrentlyDisabled) => self.message.contains("for this User"),
            _ => false,
        }
    }

    /// A status that says more than its kind does, for answers without a code.
    pub(super) fn class_of_status(&self, by_kind: Class) -> Class {
        match (self.status, self.kind) {
            (Some(412), _) => Class::Restart,
            (Some(414 | 431 | 413), _) => Class::Split,
            (Some(429), _) => Class::Backoff,
            (_, ErrorKind::Unavailable) => Class::Backoff,
            _ => by_kind,
        }
    }
}
