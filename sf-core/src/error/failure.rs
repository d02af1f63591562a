use super::{Delivery, ErrorCode, ErrorKind};
use crate::SfId;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// What went wrong, as plain data: storable, comparable, free of secrets.
///
/// Facts are fields. What follows from them, [`retry`](Failure::retry) and [`help`](Failure::help), is computed,
/// so that a better table also judges rows that were stored long ago.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// What sort of thing.
    pub kind: ErrorKind,
    /// What the org may have done with the request.
    pub delivery: Delivery,
    /// Salesforce's code, when the org gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// The HTTP status, when there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The org's own text, or ours. Holds no secret, and no record data beyond what the org itself wrote.
    pub message: String,
    /// API names of the fields that the org blames, as it wrote them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Records that the org names: matches of a duplicate rule, the holder of a unique value, the candidates
    /// of an ambiguous external ID.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<SfId>,
    /// The other errors of the same row or request: an org often refuses for several reasons at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<OrgError>,
    /// How long the org asked to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Duration>,
    /// The transport's own next step (`sf org login web --alias desk`), when it knows better than the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
}

/// A further error of the same row or request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrgError {
    /// Salesforce's code.
    pub code: ErrorCode,
    /// The org's text.
    pub message: String,
    /// API names of the fields it blames.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}
impl OrgError {
    /// One error as the org wrote it.
    pub fn new(code: ErrorCode, message: impl Into<String>, fields: Vec<String>) -> OrgError {
        OrgError { code, message: message.into(), fields }
    }
}

impl Failure {
    /// A failure without a code; the `with_…` methods add what is known.
    pub fn new(kind: ErrorKind, delivery: Delivery, message: impl Into<String>) -> Failure {
        Failure {
            kind,
            delivery,
            code: None,
            status: None,
            message: message.into(),
            fields: Vec::new(),
            records: Vec::new(),
            also: Vec::new(),
            retry_after: None,
            next_step: None,
        }
    }
    /// A value that was refused before anything was sent.
    pub fn invalid_input(message: impl Into<String>) -> Failure {
        Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, message)
    }
    /// A failure as the org names it; the kind comes from the table.
    ///
    /// ```
    /// use sf_core::{ErrorCode, ErrorKind, Failure};
    /// let failure = Failure::of_code(ErrorCode::UnableToLockRow, "unable to obtain exclusive access to this record");
    /// assert_eq!(failure.kind, ErrorKind::Locked);
    /// ```
    pub fn of_code(code: ErrorCode, message: impl Into<String>) -> Failure {
        let kind = code.entry().map_or(ErrorKind::Refused, |entry| entry.kind);
        let mut failure = Failure::new(kind, Delivery::Refused, message).with_code(code);
        if failure.hopeless() {
            failure.kind = ErrorKind::Forbidden;
        }
        failure
    }
    /// The same with Salesforce's code. The kind stays.
    #[must_use]
    pub fn with_code(mut self, code: ErrorCode) -> Failure {
        self.code = Some(code);
        self
    }
    /// The same with the HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Failure {
        self.status = Some(status);
        self
    }
    /// The same with another word on what the org may have done.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Failure {
        self.delivery = delivery;
        self
    }
    /// The same with the fields that are to blame.
    #[must_use]
    pub fn with_fields<S: Into<String>>(mut self, fields: impl IntoIterator<Item = S>) -> Failure {
        self.fields = fields.into_iter().map(Into::into).collect();
        self
    }
    /// The same with the pause the org asked for.
    #[must_use]
    pub fn with_retry_after(mut self, pause: Duration) -> Failure {
        self.retry_after = Some(pause);
        self
    }
    /// The same with a next step that fits better than the table's.
    #[must_use]
    pub fn with_next_step(mut self, next_step: impl Into<String>) -> Failure {
        self.next_step = Some(next_step.into());
        self
    }
}

/// `CODE: message`, or the message alone.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{code}: {}", self.message)?,
            None => f.write_str(&self.message)?,
        }
        match self.also.len() {
            0 => Ok(()),
            n => write!(f, " (and {n} more)"),
        }
    }
}
impl std::error::Error for Failure {}
