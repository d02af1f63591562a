//! The body of an answer: whole, or torn by a fault.
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http_body::{Frame, SizeHint};
use std::{
    convert::Infallible,
    fmt,
    io::Write,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Sleep, sleep};

/// Below this gzip gains nothing.
const SMALLEST_GZIP: usize = 1024;

/// Bytes that arrive, and whether the rest of the announced length does not.
pub(super) struct ResponseBody {
    bytes: Option<Bytes>,
    length: u64,
    /// How long what was sent has to reach the client before the connection breaks.
    break_after: Option<Pin<Box<Sleep>>>,
    torn: bool,
}

impl ResponseBody {
    pub(super) fn new(bytes: Vec<u8>, torn: Option<usize>) -> ResponseBody {
        let length = bytes.len() as u64;
        let mut bytes = Bytes::from(bytes);
        // Torn before its end; an empty body cannot be, and its answer was lost as a whole.
        let torn = torn.filter(|at| (*at as u64) < length);
        if let Some(at) = torn {
            bytes.truncate(at);
        }
        ResponseBody {
            bytes: Some(bytes).filter(|b| !b.is_empty()),
            length,
            break_after: None,
            torn: torn.is_some(),
        }
    }
}

/// The body ends before its announced length.
#[derive(Debug)]
pub(super) struct Torn;
impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("torn by a fault")
    }
}
impl std::error::Error for Torn {}
impl From<Infallible> for Torn {
    fn from(never: Infallible) -> Torn {
        match never {}
    }
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = Torn;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Torn>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if !self.torn {
            return Poll::Ready(None);
        }
        // hyper sends what it has while a body is pending; an error at once would swallow it.
        let pause = self.break_after.get_or_insert_with(|| Box::pin(sleep(Duration::from_millis(20))));
        pause.as_mut().poll(cx).map(|()| Some(Err(Torn)))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && !self.torn
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

/// The bytes compressed; `None` where that gains nothing.
pub(super) fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < SMALLEST_GZIP {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|packed| packed.len() < bytes.len())
}

/// Whether an `Accept-Encoding` value takes gzip.
pub(super) fn accepts_gzip(value: &str) -> bool {
    value.split(',').any(|choice| {
        let (name, parameters) = choice.split_once(';').unwrap_or((choice, ""));
        let refused = parameters.split(';').any(|p| {
            p.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q <= 0.0))
        });
        matches!(name.trim(), "gzip" | "*") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_where_it_is_accepted() {
        for value in ["gzip", "br, gzip;q=0.5", "*", "deflate,gzip"] {
            assert!(accepts_gzip(value), "{value}");
        }
        for value in ["", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"] {
            assert!(!accepts_gzip(value), "{value}");
        }
        assert_eq!(gzip(b"short"), None);
        assert!(gzip(&[b'a'; 4096]).is_some_and(|packed| packed.len() < 100));
    }
}
