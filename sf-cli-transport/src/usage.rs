use sf_core::Usage;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Counters of one transport.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    calls: AtomicU64,
    spawns: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    daily: Mutex<Option<(u64, u64)>>,
}

impl Counters {
    /// A process starts: it asks for the version's root first, which counts too.
    pub(crate) fn spawning(&self, requests: u64) {
        self.spawns.fetch_add(1, Relaxed);
        self.calls.fetch_add(requests, Relaxed);
    }
    /// Requests that the command made beside those.
    pub(crate) fn requested(&self, requests: u64) {
        self.calls.fetch_add(requests, Relaxed);
    }
    pub(crate) fn received(&self, bytes: u64) {
        self.bytes_in.fetch_add(bytes, Relaxed);
    }
    pub(crate) fn sent(&self, bytes: u64) {
        self.bytes_out.fetch_add(bytes, Relaxed);
    }
    /// The header `Sforce-Limit-Info`: `api-usage=18/5000`, other parts after `;` or `,`.
    pub(crate) fn limit_info(&self, header: Option<&str>) {
        let daily = header.and_then(|header| {
            let part = header.split([';', ',']).find_map(|part| part.trim().strip_prefix("api-usage="))?;
            let (used, most) = part.split_once('/')?;
            Some((used.trim().parse().ok()?, most.trim().parse().ok()?))
        });
        if daily.is_some() {
            *self.daily.lock().unwrap_or_else(PoisonError::into_inner) = daily;
        }
    }
    pub(crate) fn read(&self) -> Usage {
        let mut usage = Usage::default();
        usage.calls = self.calls.load(Relaxed);
        usage.spawns = self.spawns.load(Relaxed);
        usage.bytes_in = self.bytes_in.load(Relaxed);
        usage.bytes_out = self.bytes_out.load(Relaxed);
        usage.daily = *self.daily.lock().unwrap_or_else(PoisonError::into_inner);
        usage
    }
}

/// Does the org count this request? Those under `/services/data/vNN.N/` and of Apex REST.
pub(crate) fn counts(target: &str) -> bool {
    target.starts_with("/services/apexrest/")
        || target
            .strip_prefix("/services/data/v")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
