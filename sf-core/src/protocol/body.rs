use serde::{Deserialize, Serialize};
use std::{fmt, io, sync::Arc};

/// The body of a request. Cheap to clone: a repeat sends the same bytes.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// `application/json; charset=UTF-8`
    Json(Arc<str>),
    /// `text/csv; charset=UTF-8` (Bulk API 2.0)
    Csv(Arc<str>),
    /// Read from somewhere, e.g. a file.
    #[serde(skip)]
    Stream(Arc<dyn BodySource>),
}
impl Body {
    /// The body as text, unless it is a stream.
    pub fn text(&self) -> Option<&str> {
        match self {
            Body::Empty => Some(""),
            Body::Json(text) | Body::Csv(text) => Some(text),
            Body::Stream(_) => None,
        }
    }
    /// What goes into the `Content-Type` header.
    pub fn content_type(&self) -> Option<&str> {
        match self {
            Body::Empty => None,
            Body::Json(_) => Some("application/json; charset=UTF-8"),
            Body::Csv(_) => Some("text/csv; charset=UTF-8"),
            Body::Stream(source) => Some(source.content_type()),
        }
    }
}
/// Says how long it is, not what it holds: bodies are record data.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Empty => f.write_str("Empty"),
            Body::Json(text) => write!(f, "Json({} bytes)", text.len()),
            Body::Csv(text) => write!(f, "Csv({} bytes)", text.len()),
            Body::Stream(_) => f.write_str("Stream(..)"),
        }
    }
}

/// A body that can be read again from the start (a repeat does).
pub trait BodySource: Send + Sync {
    /// A reader from the first byte.
    fn open(&self) -> io::Result<Box<dyn io::Read + Send>>;
    /// The number of bytes, if it is known.
    fn size(&self) -> Option<u64>;
    /// What goes into the `Content-Type` header.
    fn content_type(&self) -> &str;
}

/// Where the body of a download goes, piece by piece.
pub trait BodySink: Send {
    /// Takes the next piece. An error ends the download.
    fn write(&mut self, chunk: &[u8]) -> io::Result<()>;
}
impl BodySink for Vec<u8> {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.extend_from_slice(chunk);
        Ok(())
    }
}
