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
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::Instant,
};

const CHUNK: usize = 64 * 1024;

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
enum State {
    Idle(Reader),
    Reading(JoinHandle<(Reader, io::Result<Bytes>)>),
    Done,
}

/// A [`BodySource`] read in chunks of 64 KiB on tokio's blocking pool: files do not hold up the runtime.
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
        Ok(SourceBody {
            state: Mutex::new(State::Idle(source.open()?)),
            remaining: source.size(),
            progress,
            counters,
        })
    }
}

fn read_chunk(mut reader: Reader) -> (Reader, io::Result<Bytes>) {
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
                return (reader, Ok(chunk.into()));
            }
            Err(error) => return (reader, Err(error)),
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
        if let State::Idle(_) = state
            && let State::Idle(reader) = std::mem::replace(state, State::Done)
        {
            *state = State::Reading(spawn_blocking(move || read_chunk(reader)));
        }
        let State::Reading(job) = state else { return Poll::Ready(None) };
        let (reader, chunk) = match ready!(Pin::new(job).poll(cx)) {
            Ok(done) => done,
            Err(stopped) => {
                body.progress.0.broken.store(true, Relaxed);
                *state = State::Done;
                return Poll::Ready(Some(Err(io::Error::other(stopped))));
            }
        };
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(e) => {
                body.progress.0.broken.store(true, Relaxed);
                *state = State::Done;
                return Poll::Ready(Some(Err(e)));
            }
        };
        if chunk.is_empty() {
            *state = State::Done;
            return Poll::Ready(None);
        }
        *state = State::Idle(reader);
        body.remaining = body.remaining.map(|n| n.saturating_sub(chunk.len() as u64));
        body.counters.sent(chunk.len());
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }
    fn size_hint(&self) -> SizeHint {
        self.remaining.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
