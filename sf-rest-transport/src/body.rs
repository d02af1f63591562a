//! Request bodies that know whether a byte of them has left.
use crate::usage::Counters;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use sf_core::protocol::BodySource;
use std::{
    io::{self, Read},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    thread,
    time::Duration,
};
use tokio::{runtime::Handle, sync::mpsc, time::Instant};

const CHUNK: usize = 64 * 1024;
/// Chunks that wait to be sent; the reader has one more in its hands.
const AHEAD: usize = 2;

/// Whether a sending may have reached the org, and when something last moved.
///
/// A body is asked for only once the connection stands, and the head of a request is not flushed before; so a
/// body nobody asked for is a request that was never sent.
#[derive(Debug, Clone)]
pub(crate) struct Progress(Arc<Moves>);
#[derive(Debug)]
struct Moves {
    left: AtomicBool,
    /// The source of the body failed.
    broken: AtomicBool,
    start: Instant,
    last_ms: AtomicU64,
}
impl Progress {
    /// Of a request whose body will be watched.
    pub(crate) fn watched() -> Progress {
        Progress::new(false)
    }
    /// Of a request without a body, or with an empty one, which cannot be watched: it counts as sent.
    pub(crate) fn unwatched() -> Progress {
        Progress::new(true)
    }
    fn new(left: bool) -> Progress {
        Progress(Arc::new(Moves {
            left: AtomicBool::new(left),
            broken: AtomicBool::new(false),
            start: Instant::now(),
            last_ms: AtomicU64::new(0),
        }))
    }
    pub(crate) fn may_have_arrived(&self) -> bool {
        self.0.left.load(Relaxed)
    }
    /// Whether the body could not be read to its end, so that the request was not sent whole.
    pub(crate) fn source_broke(&self) -> bool {
        self.0.broken.load(Relaxed)
    }
    /// Bytes came or went.
    pub(crate) fn moved(&self) {
        let ms = u64::try_from(self.0.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.last_ms.store(ms, Relaxed);
    }
    pub(crate) fn last_move(&self) -> Instant {
        self.0.start + Duration::from_millis(self.0.last_ms.load(Relaxed))
    }
    fn leaves(&self) {
        self.0.left.store(true, Relaxed);
        self.moved();
    }
}

/// Text in memory. Shared, not copied: a repeated sending costs nothing. It goes in pieces, so that a slow upload is seen to move.
pub(crate) struct TextBody {
    rest: Bytes,
    progress: Progress,
    counters: Arc<Counters>,
}
impl TextBody {
    pub(crate) fn new(
        text: impl AsRef<[u8]> + Send + 'static,
        progress: Progress,
        counters: Arc<Counters>,
    ) -> TextBody {
        TextBody { rest: Bytes::from_owner(text), progress, counters }
    }
}
impl http_body::Body for TextBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.progress.leaves();
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(CHUNK);
        let piece = self.rest.split_to(length);
        self.counters.sent(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

type Reader = Box<dyn Read + Send>;
type Chunks = mpsc::Receiver<io::Result<Bytes>>;
enum State {
    /// Nobody has asked: nothing of the source is read.
    Idle(Reader),
    Reading(Chunks),
    Done,
}

/// A [`BodySource`] read in chunks of 64 KiB, two ahead, on a thread of its own.
pub(crate) struct SourceBody {
    // A reader need not be `Sync`, a body must be; the lock is never contended.
    state: Mutex<State>,
    remaining: Option<u64>,
    progress: Progress,
    counters: Arc<Counters>,
}
impl SourceBody {
    pub(crate) fn open(
        source: &dyn BodySource,
        progress: Progress,
        counters: Arc<Counters>,
    ) -> io::Result<SourceBody> {
        let (reader, remaining) = (source.open()?, source.size());
        // Nobody asks for a body of no bytes.
        let state = if remaining == Some(0) { State::Done } else { State::Idle(reader) };
        Ok(SourceBody { state: Mutex::new(state), remaining, progress, counters })
    }
    fn breaks(&self, error: io::Error) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.progress.0.broken.store(true, Relaxed);
        Poll::Ready(Some(Err(error)))
    }
}

/// Not on tokio's blocking pool: a source may block for ever (a pipe that nobody writes to), and a runtime that ends waits for its pool.
/// The thread ends with the source, or at the first chunk that nobody wants any more.
fn read_on_a_thread(reader: Reader, size: Option<u64>) -> io::Result<Chunks> {
    let (chunks, received) = mpsc::channel(AHEAD);
    let runtime = Handle::try_current();
    thread::Builder::new().name("sf-request-body".to_owned()).spawn(move || {
        // As on the pool: a reader may wait for something of the runtime's.
        let _runtime = runtime.as_ref().map(Handle::enter);
        read_all(reader, size, &chunks);
    })?;
    Ok(received)
}

/// The reader is dropped before the last chunk is given: the source may be a file that is moved as soon as the call is over, and of a known size
/// nobody asks for more than the last byte. Without a size an empty chunk is the end: a channel that just closes tells of a reader that
/// panicked.
fn read_all(mut reader: Reader, mut remaining: Option<u64>, chunks: &mpsc::Sender<io::Result<Bytes>>) {
    while !chunks.is_closed() {
        let chunk = read_chunk(&mut reader);
        let length = chunk.as_ref().map_or(0, Bytes::len);
        remaining = rest(remaining, length);
        if length == 0 || remaining == Some(0) {
            drop(reader);
            let _ = chunks.blocking_send(chunk);
            return;
        }
        if chunks.blocking_send(chunk).is_err() {
            return;
        }
    }
}

/// What is still to come of a body whose size is known.
fn rest(remaining: Option<u64>, chunk: usize) -> Option<u64> {
    remaining.map(|bytes| bytes.saturating_sub(chunk as u64))
}

fn read_chunk(reader: &mut Reader) -> io::Result<Bytes> {
    let mut chunk = vec![0; CHUNK];
    loop {
        // One read: what a slow source has goes at once, so that the connection is not idle.
        match reader.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(length) => {
                chunk.truncate(length);
                if length < CHUNK / 4 {
                    chunk.shrink_to_fit();
                }
                return Ok(chunk.into());
            }
            Err(error) => return Err(error),
        }
    }
}

impl http_body::Body for SourceBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.progress.leaves();
        let body = &mut *self;
        let state = body.state.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut chunks = match std::mem::replace(state, State::Done) {
            State::Idle(reader) => match read_on_a_thread(reader, body.remaining) {
                Ok(chunks) => chunks,
                Err(error) => return body.breaks(error),
            },
            State::Reading(chunks) => chunks,
            State::Done => return Poll::Ready(None),
        };
        let Poll::Ready(chunk) = chunks.poll_recv(cx) else {
            *state = State::Reading(chunks);
            return Poll::Pending;
        };
        let chunk = match chunk {
            Some(Ok(chunk)) => chunk,
            Some(Err(error)) => return body.breaks(error),
            None => return body.breaks(io::Error::other("the source of the body panicked")),
        };
        if chunk.is_empty() {
            return Poll::Ready(None);
        }
        // It would be cut off at the size that was told, with success.
        if body.remaining.is_some_and(|left| chunk.len() as u64 > left) {
            return body.breaks(io::Error::other("the source of the body has more bytes than its size"));
        }
        body.remaining = rest(body.remaining, chunk.len());
        if body.remaining != Some(0) {
            *state = State::Reading(chunks);
        }
        body.counters.sent(chunk.len());
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }
    fn size_hint(&self) -> SizeHint {
        self.remaining.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
