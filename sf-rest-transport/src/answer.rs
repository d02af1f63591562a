//! Reading an answer: unpacked, bounded, complete, UTF-8, or streamed to a sink.
use crate::{body::Progress, usage::Counters};
use flate2::write::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, SET_COOKIE};
use sf_core::protocol::{BodySink, Response};
use std::io::{self, Write};

/// Answers above this are refused unless `Rest::body_limit` says otherwise. A page of 2,000 wide rows is
/// under 20 MB, the largest describe about 5 MB.
pub(crate) const DEFAULT_BODY_LIMIT: usize = 64 << 20;
/// A server's promise of length is believed up to here; beyond, memory grows with what really comes.
const MOST_RESERVED: u64 = 8 << 20;

/// Why an answer that had begun could not be read to its end.
#[derive(Debug)]
pub(crate) enum Torn {
    /// The connection broke, or the body ended early.
    Connection(reqwest::Error),
    TooLarge {
        limit: usize,
    },
    /// The packed body is damaged or ends early.
    Packing(io::Error),
    NotUtf8(std::string::FromUtf8Error),
    Sink(io::Error),
}

/// Reads the body into memory, or into `sink` when the status is a success.
pub(crate) async fn read(
    answer: reqwest::Response,
    sink: Option<&mut (dyn BodySink + '_)>,
    limit: usize,
    counters: &Counters,
    progress: &Progress,
) -> Result<Response, Torn> {
    let status = answer.status();
    let headers = plain_headers(answer.headers());
    if let Some(info) = answer.headers().get("sforce-limit-info").and_then(|v| v.to_str().ok()) {
        counters.limit_info(info);
    }
    let body = match sink {
        Some(sink) if status.is_success() => {
            receive(answer, ToSink { sink, failed: None }, counters, progress).await?;
            String::new()
        }
        _ => {
            let promised = answer.content_length().unwrap_or(0);
            if promised > limit as u64 {
                return Err(Torn::TooLarge { limit });
            }
            let bytes = Vec::with_capacity(reserved(promised));
            let bytes =
                receive(answer, ToMemory { bytes, limit, full: false }, counters, progress).await?.bytes;
            // The error pages of gateways come in any encoding; the org itself answers in UTF-8.
            if status.is_success() {
                String::from_utf8(bytes).map_err(Torn::NotUtf8)?
            } else {
                String::from_utf8(bytes)
                    .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
            }
        }
    };
    Ok(Response::new(status.as_u16(), headers, body))
}

/// A quarter more than was promised. It is not touched and costs nothing; but glibc gives free memory back to the
/// system by the size of the largest block it has seen, and with blocks of just a page's size it would do so after each
/// page and its rows, to take it again for the next: a tenth of the time of reading.
fn reserved(promised: u64) -> usize {
    let most = promised.min(MOST_RESERVED);
    usize::try_from(most + most / 4).unwrap_or(0)
}

/// Where the unpacked bytes go.
trait Target: Write {
    /// Why the target took no more; `None`: it was not the target's fault.
    fn fault(&mut self) -> Option<Torn>;
}

struct ToMemory {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}
impl Write for ToMemory {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + chunk.len() > self.limit {
            self.full = true;
            return Err(io::Error::other("body limit"));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
impl Target for ToMemory {
    fn fault(&mut self) -> Option<Torn> {
        self.full.then_some(Torn::TooLarge { limit: self.limit })
    }
}

struct ToSink<'a> {
    sink: &'a mut (dyn BodySink + 'a),
    failed: Option<io::Error>,
}
impl Write for ToSink<'_> {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        match self.sink.write(chunk) {
            Ok(()) => Ok(chunk.len()),
            Err(e) => {
                self.failed = Some(e);
                Err(io::Error::other("sink"))
            }
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
impl Target for ToSink<'_> {
    fn fault(&mut self) -> Option<Torn> {
        self.failed.take().map(Torn::Sink)
    }
}

/// Moves the whole body into `target`. Unpacks here and not in reqwest, because the counters are to show what
/// went over the wire.
async fn receive<T: Target>(
    mut answer: reqwest::Response,
    mut target: T,
    counters: &Counters,
    progress: &Progress,
) -> Result<T, Torn> {
    let packed =
        answer.headers().get(CONTENT_ENCODING).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"gzip"));
    if !packed {
        while let Some(chunk) = answer.chunk().await.map_err(Torn::Connection)? {
            counters.received(chunk.len());
            progress.moved();
            target.write_all(&chunk).map_err(|e| target.fault().unwrap_or(Torn::Packing(e)))?;
        }
        return Ok(target);
    }
    // No body at all (an answer to HEAD, a 204) is empty, not packed data that was cut.
    let Some(first) = answer.chunk().await.map_err(Torn::Connection)? else { return Ok(target) };
    let mut unpack = MultiGzDecoder::new(target);
    let mut next = Some(first);
    while let Some(chunk) = next {
        counters.received(chunk.len());
        progress.moved();
        unpack.write_all(&chunk).map_err(|e| unpack.get_mut().fault().unwrap_or(Torn::Packing(e)))?;
        next = answer.chunk().await.map_err(Torn::Connection)?;
    }
    unpack.try_finish().map_err(|e| unpack.get_mut().fault().unwrap_or(Torn::Packing(e)))?;
    unpack.finish().map_err(Torn::Packing)
}

/// Lower-case names, text values. Cookies are left out, because they can hold a session; so are the headers
/// that described the packed body.
fn plain_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| ![SET_COOKIE, CONTENT_ENCODING, CONTENT_LENGTH].contains(name))
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect()
}
