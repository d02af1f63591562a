//! Why a whole job fails.
use crate::assumptions::{AssumedError, Assumptions};

/// The `errorMessage` of a failed job: `Code : words`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    message: String,
    assumed: Option<AssumedError>,
}

impl Failure {
    /// Nobody documents that it fails, or its words.
    pub(crate) fn assumed(which: AssumedError, message: impl Into<String>) -> Failure {
        Failure { message: message.into(), assumed: Some(which) }
    }
    /// In the words that are assumed of this org.
    pub(crate) fn words(self, assumptions: &Assumptions) -> String {
        match self.assumed.and_then(|which| assumptions.errors.get(&which)) {
            Some(words) => format!("{} : {}", words.code, words.message),
            None => self.message,
        }
    }
}
impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure { message, assumed: None }
    }
}
