use sf_core::{Delivery, Failure, Help};
use std::{error::Error as StdError, fmt};

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, with [`kind`](Error::kind) for programs and [`help`](Error::help) for people.
///
/// A change that the org refuses is not an error of the engine: it becomes *failed* in the log, with its
/// [`Failure`]. Errors are what stops a call.
pub struct Error(Box<Inner>);
struct Inner {
    kind: ErrorKind,
    message: String,
    next_step: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The org or the way to it failed; [`Error::failure`] has the details.
    Org,
    /// The database failed.
    Store,
    /// The database was written by a newer version of this crate.
    NewerDatabase,
    /// The database file is damaged.
    CorruptDatabase,
    /// The file is a database, but not one of ours.
    OtherDatabase,
    /// The database belongs to another org than the one signed in to.
    OtherOrg,
    /// The mapping is wrong; the message names every problem.
    Mapping,
    /// No configuration was given, and none is stored.
    NotConfigured,
    /// What the caller gave cannot be meant: a field that is not mapped, an id of another object.
    InvalidInput,
    /// The record or the change is not known here.
    NotFound,
    /// The change is not in a state that allows this.
    WrongState,
    /// Somebody else keeps changing the same records.
    Busy,
    /// The host's projection refused.
    Projection,
}

impl Error {
    /// An error with a message for people.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Inner { kind, message: message.into(), next_step: None, source: None }))
    }
    /// What caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.0.source = Some(source.into());
        self
    }
    /// What to do next, when that is more than its kind tells.
    #[must_use]
    pub fn with_next_step(mut self, next_step: impl Into<String>) -> Error {
        self.0.next_step = Some(next_step.into());
        self
    }
    /// What kind of error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
    /// What the org said, when it was the org.
    pub fn failure(&self) -> Option<&Failure> {
        let mut cause: Option<&(dyn StdError + 'static)> = StdError::source(self);
        while let Some(e) = cause {
            if let Some(org) = e.downcast_ref::<sf_core::Error>() {
                return Some(org.failure());
            }
            cause = e.source();
        }
        None
    }
    /// The cause, and what to do next.
    pub fn help(&self) -> Help {
        if let (None, Some(failure)) = (&self.0.next_step, self.failure()) {
            return failure.help();
        }
        let (cause, next_step) = self.0.kind.help();
        let mut help = Failure::new(sf_core::ErrorKind::Setup, Delivery::NotSent, "").help();
        help.cause = cause.into();
        help.next_step = self.0.next_step.as_deref().unwrap_or(next_step).into();
        help
    }
}
impl ErrorKind {
    fn help(self) -> (&'static str, &'static str) {
        match self {
            ErrorKind::Org => (
                "The org could not be reached or refused the call.",
                "Check the connection and sign in again.",
            ),
            ErrorKind::Store => (
                "The database could not be read or written.",
                "Check that the path exists, that the disk has room and that no other program holds the file.",
            ),
            ErrorKind::NewerDatabase => (
                "A newer version of this program wrote the database.",
                "Update this program, or open another database file.",
            ),
            ErrorKind::CorruptDatabase => (
                "The database file is damaged.",
                "Restore it from a backup, or move it away and import the records again; edits that were not pushed are in the damaged file only.",
            ),
            ErrorKind::OtherDatabase => {
                ("The file belongs to another program.", "Give the path of another file.")
            }
            ErrorKind::OtherOrg => (
                "The database holds records and edits of another org; pushing them here could change the wrong records.",
                "Sign in to the org the database belongs to, or use another database file for this one.",
            ),
            ErrorKind::Mapping => {
                ("The mapping does not fit the org or itself.", "Correct every problem the message names.")
            }
            ErrorKind::NotConfigured => (
                "The engine does not know which fields to keep in step.",
                "Give a mapping: `Engine::builder(org, store).config(mapping)`.",
            ),
            ErrorKind::InvalidInput => (
                "The request does not fit the mapping or the record.",
                "Correct the request; nothing was saved.",
            ),
            ErrorKind::NotFound => (
                "The record or the change is not known here.",
                "Import the record first (`Engine::track`), or list the log for the number of the change.",
            ),
            ErrorKind::WrongState => {
                ("The change is not in a state that allows this.", "List the log: its status may have moved.")
            }
            ErrorKind::Busy => ("The same records keep changing.", "Try again."),
            ErrorKind::Projection => (
                "The host's own projection refused the change, so nothing was saved.",
                "Look at the source of this error.",
            ),
        }
    }
}
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.0.kind, self.0.message)?;
        if let Some(source) = &self.0.source {
            write!(f, " (caused by: {source})")?;
        }
        Ok(())
    }
}
impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}
impl From<sf_core::Error> for Error {
    fn from(e: sf_core::Error) -> Error {
        Error::new(ErrorKind::Org, e.to_string()).with_source(e)
    }
}
impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        sf_core::Error::from(failure).into()
    }
}
