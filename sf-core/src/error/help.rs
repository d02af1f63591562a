use super::{ErrorCode, ErrorKind, Failure, RequestLimit, Retry, table};
use std::fmt;

/// Why it failed and what to do next, in plain English.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Help {
    /// The likely cause.
    pub cause: String,
    /// What to do next. Never empty.
    pub next_step: String,
}
impl fmt::Display for Help {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.cause, self.next_step)
    }
}

/// One line of the [`troubleshooting`](crate::troubleshooting) page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Troubleshooting {
    /// The code.
    pub code: ErrorCode,
    /// The kind that errors with this code have.
    pub kind: ErrorKind,
    /// What helps.
    pub retry: Retry,
    /// Cause and next step.
    pub help: Help,
}
impl Troubleshooting {
    pub(super) fn new(code: &ErrorCode, entry: table::Entry) -> Troubleshooting {
        let failure = Failure::new(entry.kind, crate::Delivery::Refused, "").with_code(code.clone());
        Troubleshooting { code: code.clone(), kind: entry.kind, retry: failure.retry(), help: failure.help() }
    }
}

impl Failure {
    /// Cause and next step, from one table (the [`troubleshooting`](crate::troubleshooting) page is made of
    /// it too). A transport's own next step, [`Failure::next_step`], goes before the table's.
    ///
    /// ```
    /// use sf_core::{Delivery, ErrorCode, ErrorKind, Failure};
    /// let failure = Failure::new(ErrorKind::Refused, Delivery::Refused, "Name: data value too large")
    ///     .with_code(ErrorCode::StringTooLong);
    /// assert_eq!(failure.help().cause, "The text is longer than the field.");
    /// ```
    pub fn help(&self) -> Help {
        let entry = self.entry();
        let (cause, table_step) = match self.request_limit() {
            Some(RequestLimit::Concurrent) => (
                "Too many calls run at the same moment (25 that take 20 seconds or more; 5 in a trial org).",
                "Repeat after a pause and send fewer calls at the same time; the daily quota is not the problem.",
            ),
            Some(RequestLimit::LongTransactions) => (
                "Too many transactions run in the org for five seconds or more.",
                "Wait until they end; ask the administrator which triggers or reports take so long.",
            ),
            _ if self.hopeless() => (
                "The user or the session is not allowed to use the API; a new token of the same kind changes nothing.",
                "Ask an administrator for the permission API Enabled, or sign in with another flow or user.",
            ),
            _ => (entry.cause, entry.next_step),
        };
        Help {
            cause: cause.to_owned(),
            next_step: self.next_step.clone().unwrap_or_else(|| table_step.to_owned()),
        }
    }

    /// The line of the table for this failure: its code's, or its kind's.
    pub(super) fn entry(&self) -> table::Entry {
        let by_kind = table::of_kind(self.kind);
        let mut entry = match &self.code {
            Some(code) => code.entry().unwrap_or(by_kind),
            None => by_kind,
        };
        if self.hopeless() {
            entry.class = table::Class::Never;
        } else if self.code.as_ref().is_none_or(|code| code.entry().is_none()) {
            entry.class = self.class_of_status(entry.class);
        }
        entry
    }
}
