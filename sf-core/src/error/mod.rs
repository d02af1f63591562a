//! Errors: plain data first ([`Failure`]), judged by one table, wrapped with a source in [`Error`].
mod code;
mod failure;
mod help;
mod json;
mod kind;
mod retry;
mod table;

pub use failure::{Failure, OrgError};
pub use help::{Help, Troubleshooting};
pub(crate) use json::json_problem;
pub use kind::{Delivery, ErrorKind};
pub use retry::{RequestLimit, Retry};
pub use table::{ErrorCode, troubleshooting};

use std::{error::Error as StdError, fmt};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A [`Failure`] and what caused it. One word in size, `Send + Sync`.
///
/// `Display` is the message, for one line of a log. `Debug` is for people at a terminal, because
/// `fn main() -> sf_core::Result<()>` prints it: message, next step, and the chain of sources.
///
/// ```
/// use sf_core::{Delivery, Error, ErrorCode, ErrorKind, Failure};
/// let error = Error::new(
///     Failure::new(ErrorKind::Refused, Delivery::Refused, "Name: data value too large: … (max length=25)")
///         .with_code(ErrorCode::StringTooLong),
/// );
/// assert_eq!(error.to_string(), "STRING_TOO_LONG: Name: data value too large: … (max length=25)");
/// assert!(format!("{error:?}").ends_with("next step: Shorten it to the length the message names."));
/// ```
pub struct Error(Box<Inner>);
struct Inner {
    failure: Failure,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error without a source.
    pub fn new(failure: Failure) -> Error {
        Error(Box::new(Inner { failure, source: None }))
    }
    /// The same with what caused it. Give it no source that may hold a secret or record data.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.0.source = Some(source.into());
        self
    }
    /// The facts as data.
    pub fn failure(&self) -> &Failure {
        &self.0.failure
    }
    /// The facts as data, to be stored. The source is dropped.
    pub fn into_failure(self) -> Failure {
        self.0.failure
    }
    /// What sort of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.failure.kind
    }
    /// Salesforce's code, when the org gave one.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.failure.code.as_ref()
    }
    /// What the org may have done with the request.
    pub fn delivery(&self) -> Delivery {
        self.0.failure.delivery
    }
    /// What helps.
    pub fn retry(&self) -> Retry {
        self.0.failure.retry()
    }
    /// Cause and next step.
    pub fn help(&self) -> Help {
        self.0.failure.help()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        Error::new(failure)
    }
}
impl From<crate::NameError> for Error {
    fn from(error: crate::NameError) -> Error {
        Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, error.to_string()).into()
    }
}
impl From<crate::id::IdError> for Error {
    fn from(error: crate::id::IdError) -> Error {
        Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, error.to_string()).into()
    }
}
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.failure.fmt(f)
    }
}
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By its name: within this impl `.fmt` would be that of `Debug`, which lists the fields.
        fmt::Display::fmt(&self.0.failure, f)?;
        let mut source = self.source();
        while let Some(cause) = source {
            write!(f, "\n  caused by: {cause}")?;
            source = cause.source();
        }
        write!(f, "\n  next step: {}", self.help().next_step)
    }
}
impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}

#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;
