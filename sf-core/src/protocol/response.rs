use crate::{Delivery, Error, ErrorKind, Failure, Result, error::json_problem};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{ops::Range, sync::Arc};

/// An answer of the org: any status, the body as text.
///
/// The body is a piece (`span`) of a text that others may share: an answer in the envelope of the `sf` command
/// is handed on without a copy.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Headers, names in any case.
    pub headers: Vec<(String, String)>,
    /// The text that the body is a piece of.
    pub body: Arc<String>,
    /// Which piece, in bytes.
    pub span: Range<usize>,
}
/// Says how long the body is, not what it holds: bodies are record data.
impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({}, {} bytes)", self.status, self.text().len())
    }
}
impl Response {
    /// An answer with a body of its own.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: impl Into<String>) -> Response {
        let body = Arc::new(body.into());
        let span = 0..body.len();
        Response { status, headers, body, span }
    }
    /// An answer from bytes, which must be UTF-8. If they are not, the text of rows cannot be trusted, and what
    /// a write did is unknown.
    pub fn from_bytes(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Result<Response> {
        match String::from_utf8(body) {
            Ok(text) => Ok(Response::new(status, headers, text)),
            // An error page in another charset is still an error answer: its status says enough.
            Err(_) if status >= 300 => Ok(Response::new(status, headers, "")),
            Err(_) => Err(Failure::new(ErrorKind::Decode, Delivery::Unknown, "the answer is not UTF-8 text")
                .with_status(status)
                .into()),
        }
    }
    /// The body as text.
    pub fn text(&self) -> &str {
        self.body.get(self.span.clone()).unwrap_or_default()
    }
    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
    /// Status 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
    /// The body as `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.text()).map_err(|e| unreadable("the answer", self.status, &e))
    }
}

/// The org said yes, but in words we cannot read.
pub(super) fn unreadable(what: &str, status: u16, error: &serde_json::Error) -> Error {
    let message = format!("{what} cannot be read: {}", json_problem(error));
    Failure::new(ErrorKind::Decode, Delivery::Unknown, message).with_status(status).into()
}
