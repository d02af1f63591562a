//! What a call tells `tracing`: names of resources and codes; never keys, statements, rows or tokens.
use sf_core::{
    ErrorCode, Failure, Result,
    protocol::{Request, Response},
};
use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use tracing::{Span, debug, debug_span, field};

/// Of every span and event.
const TARGET: &str = "sf_rest_transport";

/// The span of one call with all its sendings; `id` is found nowhere else, not in another process either.
pub(crate) fn call(request: &Request) -> Span {
    static CALLS: AtomicU64 = AtomicU64::new(1);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    debug_span!(
        target: TARGET, "call", id = %Id(call), method = request.method.as_str(), resource = %Resource(&request.path)
    )
}

/// One sending and what came of it.
pub(crate) fn request(
    outcome: &Result<Response>,
    failure: Option<&Failure>,
    attempt: u32,
    (queued, started): (Instant, Instant),
) {
    debug!(
        target: TARGET,
        attempt,
        status = outcome.as_ref().ok().map(|r| r.status),
        code = failure.and_then(|f| f.code.as_ref()).and_then(ErrorCode::for_log),
        kind = failure.map(|f| field::debug(f.kind)),
        delivery = failure.map(|f| field::debug(f.delivery)),
        queued_ms = millis(started.saturating_duration_since(queued)),
        ms = millis(started.elapsed()),
        "request"
    );
}

/// The token was refused: the session gets another one.
pub(crate) fn renewal(renewal: u32) {
    debug!(target: TARGET, renewal, "token refused");
}

/// A pause before the next sending.
pub(crate) fn pause(attempt: u32, pause: Duration) {
    debug!(target: TARGET, attempt, pause_ms = millis(pause), "pause before the next attempt");
}

/// One token request of a session; the calls that wait for it have spans of their own.
pub(crate) fn token(attempt: u32, failure: Option<&Failure>) {
    debug!(
        target: TARGET,
        attempt,
        status = failure.and_then(|f| f.status),
        code = failure.and_then(|f| f.code.as_ref()).and_then(ErrorCode::for_log),
        kind = failure.map(|f| field::debug(f.kind)),
        "token request"
    );
}

/// The org does not take the audience of an assertion: another one is tried.
#[cfg(feature = "jwt")]
pub(crate) fn audience(failure: &Failure) {
    debug!(target: TARGET, status = failure.status, "audience refused");
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The process by chance, the call by number.
struct Id(u64);
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        static PROCESS: OnceLock<u32> = OnceLock::new();
        let process = PROCESS.get_or_init(|| getrandom::u32().unwrap_or_else(|_| std::process::id()));
        write!(f, "{process:08x}-{}", self.0)
    }
}

/// The first two parts of a path.
struct Resource<'a>(&'a str);
impl fmt::Display for Resource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.0.trim_start_matches('/').split(['/', '?']);
        f.write_str(parts.next().unwrap_or_default())?;
        parts.next().map_or(Ok(()), |second| write!(f, "/{second}"))
    }
}
