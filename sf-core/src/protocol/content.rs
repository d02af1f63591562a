//! The bytes of a file on their way to the org.
use std::{
    fmt,
    io::{self, Cursor, Read},
    sync::{Arc, Mutex, PoisonError},
};

type Reader = Box<dyn Read + Send>;

/// The bytes of a file: in memory, read as often as they are sent, or read once. Never held as a whole unless they were.
///
/// ```
/// use sf_core::protocol::Content;
/// use std::{fs::File, io};
///
/// // From memory:
/// let content = Content::bytes("hello");
/// assert_eq!(content.size(), Some(5));
/// // From a file, opened anew for each sending:
/// let content = Content::opened(|| File::open("plan.pdf")).with_size(184_320);
/// // From a pipe, which can be read once: after a failure that came too late it is not sent again.
/// let content = Content::once(io::stdin());
/// # drop(content);
/// ```
#[derive(Clone)]
pub struct Content {
    origin: Origin,
    size: Option<u64>,
}
#[derive(Clone)]
enum Origin {
    Bytes(Arc<[u8]>),
    Opened(Arc<dyn Fn() -> io::Result<Reader> + Send + Sync>),
    Once(Home),
}
type Home = Arc<Mutex<Option<Reader>>>;

impl Content {
    /// Bytes in memory; clones share them.
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Content {
        let bytes: Arc<[u8]> = bytes.as_ref().into();
        Content { size: Some(bytes.len() as u64), origin: Origin::Bytes(bytes) }
    }
    /// Whatever `open` gives, from its first byte each time; it is called for each sending. The reader may block, opening it should not.
    pub fn opened<R: Read + Send + 'static>(
        open: impl Fn() -> io::Result<R> + Send + Sync + 'static,
    ) -> Content {
        let open = move || open().map(|reader| Box::new(reader) as Reader);
        Content { origin: Origin::Opened(Arc::new(open)), size: None }
    }
    /// What this reader gives. It may block: an exchange reads where that is allowed, so a pipe, or the blocking end of a
    /// channel that a task fills, will do. It can be sent once: when the org got some of it and then refused the token, or the connection
    /// broke, the failure comes through although a repeat might have been possible.
    pub fn once(reader: impl Read + Send + 'static) -> Content {
        Content { origin: Origin::Once(Arc::new(Mutex::new(Some(Box::new(reader))))), size: None }
    }
    /// The same with the number of its bytes, if that is known: limits are checked before anything is sent, and a source
    /// that gives more or fewer bytes is an error and not a broken file. Without it the request is sent in chunks.
    #[must_use]
    pub fn with_size(mut self, bytes: u64) -> Content {
        self.size = Some(bytes);
        self
    }
    /// The number of its bytes, if that is known.
    pub fn size(&self) -> Option<u64> {
        self.size
    }
    /// Whether it can be read from its first byte now.
    pub fn can_open(&self) -> bool {
        match &self.origin {
            Origin::Bytes(_) | Origin::Opened(_) => true,
            Origin::Once(home) => home.lock().unwrap_or_else(PoisonError::into_inner).is_some(),
        }
    }
    /// A reader from the first byte that ends with an error when there are more than `most` bytes, or not as many as were
    /// promised.
    ///
    /// # Errors
    /// The source's own; a source that can be read once and was.
    pub fn open(&self, most: u64) -> io::Result<impl Read + Send + 'static> {
        let inner: Reader = match &self.origin {
            Origin::Bytes(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            Origin::Opened(open) => open()?,
            Origin::Once(home) => {
                let reader = home.lock().unwrap_or_else(PoisonError::into_inner).take();
                let reader = reader.ok_or_else(|| io::Error::other("the source was read already"))?;
                Box::new(OnLoan { reader: Some(reader), home: Arc::clone(home), is_touched: false })
            }
        };
        Ok(Measured { inner, count: 0, promised: self.size, most })
    }
}
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").field("size", &self.size).finish_non_exhaustive()
    }
}

/// Goes home when nothing was read: a connection that could not be made costs nothing.
struct OnLoan {
    reader: Option<Reader>,
    home: Home,
    is_touched: bool,
}
impl Read for OnLoan {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_touched = true;
        self.reader.as_mut().map_or(Ok(0), |reader| reader.read(buffer))
    }
}
impl Drop for OnLoan {
    fn drop(&mut self) {
        if !self.is_touched {
            *self.home.lock().unwrap_or_else(PoisonError::into_inner) = self.reader.take();
        }
    }
}

struct Measured {
    inner: Reader,
    count: u64,
    promised: Option<u64>,
    most: u64,
}
impl Read for Measured {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        let wrong = match self.promised {
            Some(promised) if self.count > promised => Some(format!("it has more than its {promised} bytes")),
            Some(promised) if read == 0 && !buffer.is_empty() && self.count < promised => {
                Some(format!("it ended after {} of {promised} bytes", self.count))
            }
            _ if self.count > self.most => Some(format!("it has more than {} bytes", self.most)),
            _ => None,
        };
        wrong.map_or(Ok(read), |wrong| Err(io::Error::new(io::ErrorKind::InvalidData, wrong)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(content: &Content) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        content.open(100)?.read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn what_can_be_read_again_is_and_what_cannot_says_so() {
        let content = Content::bytes([1, 2, 3]);
        assert_eq!((all(&content).unwrap(), all(&content).unwrap()), (vec![1, 2, 3], vec![1, 2, 3]));
        let content = Content::opened(|| Ok(io::repeat(7).take(5)));
        assert_eq!((all(&content).unwrap().len(), all(&content).unwrap().len()), (5, 5));
        let content = Content::once(io::repeat(7).take(5));
        // Opened and not read: nothing is lost.
        drop(content.open(100).unwrap());
        assert!(content.can_open());
        assert_eq!(all(&content).unwrap().len(), 5);
        assert!(!content.can_open());
        assert_eq!(all(&content).unwrap_err().to_string(), "the source was read already");
    }

    #[test]
    fn a_source_that_is_not_as_long_as_it_said_is_an_error() {
        let of = |bytes: u64| Content::opened(move || Ok(io::repeat(7).take(bytes)));
        assert_eq!(all(&of(5).with_size(5)).unwrap().len(), 5);
        assert_eq!(all(&of(6).with_size(5)).unwrap_err().to_string(), "it has more than its 5 bytes");
        assert_eq!(all(&of(4).with_size(5)).unwrap_err().to_string(), "it ended after 4 of 5 bytes");
        assert_eq!(all(&of(101)).unwrap_err().to_string(), "it has more than 100 bytes");
        assert_eq!(all(&of(100)).unwrap().len(), 100);
    }
}
