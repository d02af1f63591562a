use std::{error::Error as StdError, fmt};
pub type Result<T, E = Error> = std::result::Result<T, E>;
/// The org's failures keep theirs inside: `failure()`.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    Org,
    Store,
    NewerDatabase,
    CorruptDatabase,
    OtherDatabase,
    OtherOrg,
    Mapping,
    NotFound,
    Busy,
    Projection,
}
impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), source: None }
    }
    pub fn with_source(mut self, e: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.source = Some(e.into());
        self
    }
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
    pub fn failure(&self) -> Option<&sf_core::Failure> {
        todo!()
    }
    pub fn help(&self) -> sf_core::Help {
        todo!()
    }
}
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}
impl From<sf_core::Error> for Error {
    fn from(e: sf_core::Error) -> Error {
        Error::new(ErrorKind::Org, e.to_string()).with_source(e)
    }
}
