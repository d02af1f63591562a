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
    /// Read from somewhere, e.g. a file. An exchange reads it in pieces where it can (HTTP does); one that cannot send bytes
    /// refuses it with [`Delivery::NotSent`](crate::Delivery::NotSent).
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
    /// Whether it can be sent now: false for a source that can be read once and was. An exchange looks before it repeats.
    pub fn can_send(&self) -> bool {
        match self {
            Body::Stream(source) => source.can_open(),
            _ => true,
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

/// A body that is read from somewhere, again from the start for each sending. [`Content`](super::Content) makes the reader
/// from bytes, a function or a pipe.
pub trait BodySource: Send + Sync {
    /// A reader from the first byte. Bytes that it does not read are not lost for the next one.
    fn open(&self) -> io::Result<Box<dyn io::Read + Send>>;
    /// The number of bytes, if it is known.
    fn size(&self) -> Option<u64>;
    /// What goes into the `Content-Type` header.
    fn content_type(&self) -> &str;
    /// Whether [`open`](BodySource::open) would give a reader now. False after a source that can be read once was.
    fn can_open(&self) -> bool {
        true
    }
}

/// Where the body of a download goes, piece by piece.
pub trait BodySink: Send {
    /// Takes the next piece. An error ends the download.
    fn write(&mut self, chunk: &[u8]) -> io::Result<()>;
    /// Where the pieces are collected, for a sink that does no more with them. An exchange with a runtime may then fetch the answer as a task
    /// and add it here at its end, so that a download nobody polls for a while goes on, and keeps its place among the calls no longer
    /// than it takes. Of one that fails nothing is added then. `None` unless overridden.
    fn memory(&mut self) -> Option<&mut Vec<u8>> {
        None
    }
}
/// A sink that writes to a file, or to anything else that bytes are written to.
///
/// ```
/// use sf_core::protocol::{BodySink, Saved};
/// let mut sink = Saved::to(Vec::new());
/// sink.write(b"bytes")?;
/// assert_eq!(sink.into_inner(), b"bytes");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Saved<W>(W);
impl<W: io::Write + Send> Saved<W> {
    /// A sink that writes there. Pieces are small: a file is best in a `BufWriter`, which is to be flushed afterwards.
    pub fn to(writer: W) -> Saved<W> {
        Saved(writer)
    }
    /// The writer.
    pub fn into_inner(self) -> W {
        self.0
    }
}
impl<W: io::Write + Send> BodySink for Saved<W> {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.0.write_all(chunk)
    }
}
impl BodySink for Vec<u8> {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.extend_from_slice(chunk);
        Ok(())
    }
    fn memory(&mut self) -> Option<&mut Vec<u8>> {
        Some(self)
    }
}
/// Passes the pieces on and counts their bytes: an [`Exchange`](super::Exchange) must not repeat a download that has begun, because
/// its sink would get the data twice.
///
/// ```
/// use sf_core::protocol::{BodySink, Counted, Saved};
/// let mut saved = Saved::to(Vec::new());
/// let mut sink = Counted::new(&mut saved);
/// assert!(!sink.has_begun());
/// sink.write(b"bytes")?;
/// assert_eq!((sink.has_begun(), sink.bytes()), (true, 5));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Counted<'a> {
    sink: &'a mut dyn BodySink,
    bytes: u64,
}
impl<'a> Counted<'a> {
    /// Counts what goes to `sink` from now on.
    pub fn new(sink: &'a mut dyn BodySink) -> Counted<'a> {
        Counted { sink, bytes: 0 }
    }
    /// Bytes that the sink was given; one that it refused counts too, it may have kept a part.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
    /// Whether the sink was given anything.
    pub fn has_begun(&self) -> bool {
        self.bytes > 0
    }
}
impl BodySink for Counted<'_> {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.bytes += chunk.len() as u64;
        self.sink.write(chunk)
    }
}
impl fmt::Debug for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counted").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
