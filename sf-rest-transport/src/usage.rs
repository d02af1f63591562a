//! Counters of one transport: what was sent, what came back, what the org says about its daily limit.
use sf_core::Usage;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

#[derive(Debug, Default)]
pub(crate) struct Counters {
    calls: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    daily: Mutex<Option<(u64, u64)>>,
}

impl Counters {
    /// Counted before the request leaves, so that a dropped future cannot hide it.
    pub(crate) fn sending(&self, path: &str) {
        if counts(path) {
            self.calls.fetch_add(1, Relaxed);
        }
    }
    /// The request never reached the org after all.
    pub(crate) fn not_sent(&self, path: &str) {
        if counts(path) {
            self.calls.fetch_sub(1, Relaxed);
        }
    }
    pub(crate) fn received(&self, bytes: usize) {
        self.bytes_in.fetch_add(bytes as u64, Relaxed);
    }
    pub(crate) fn sent(&self, bytes: usize) {
        self.bytes_out.fetch_add(bytes as u64, Relaxed);
    }
    /// The header `Sforce-Limit-Info`.
    pub(crate) fn limit_info(&self, header: &str) {
        if let Some(daily) = api_usage(header) {
            *self.daily.lock().unwrap_or_else(PoisonError::into_inner) = Some(daily);
        }
    }
    pub(crate) fn read(&self) -> Usage {
        let mut usage = Usage::default();
        usage.calls = self.calls.load(Relaxed);
        usage.bytes_in = self.bytes_in.load(Relaxed);
        usage.bytes_out = self.bytes_out.load(Relaxed);
        usage.daily = *self.daily.lock().unwrap_or_else(PoisonError::into_inner);
        usage
    }
}

/// Requests under `/services/data/vNN.N/` count against the org's daily limit, and calls of Apex REST; the version list, sign-in
/// and user-info do not. (Salesforce Developer Limits, "API Requests Limits".)
fn counts(path: &str) -> bool {
    path.starts_with("/services/apexrest/")
        || path
            .strip_prefix("/services/data/v")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// `api-usage=18/5000`, also followed by `; per-app-api-usage=17/250(appName=my-app)` or a comma.
fn api_usage(header: &str) -> Option<(u64, u64)> {
    let (used, max) =
        header.split([';', ',']).find_map(|part| part.trim().strip_prefix("api-usage="))?.split_once('/')?;
    Some((used.trim().parse().ok()?, max.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_header_is_read_in_all_its_forms() {
        assert_eq!(api_usage("api-usage=18/5000"), Some((18, 5000)));
        assert_eq!(
            api_usage("api-usage=18/5000; per-app-api-usage=17/250(appName=sample)"),
            Some((18, 5000))
        );
        assert_eq!(api_usage("per-app-api-usage=17/250(appName=x), api-usage=9/10"), Some((9, 10)));
        for bad in ["", "api-usage=", "api-usage=x/y", "per-app-api-usage=17/250(appName=x)"] {
            assert_eq!(api_usage(bad), None, "{bad}");
        }
    }

    #[test]
    fn calls_of_the_rest_api_and_of_apex_rest_count() {
        assert!(counts("/services/data/v66.0/limits"));
        assert!(counts("/services/apexrest/cx/health"));
        assert!(!counts("/services/apexrest"));
        assert!(!counts("/services/apexrestful/x"));
        assert!(!counts("/services/data"));
        assert!(!counts("/services/data/"));
        assert!(!counts("/services/oauth2/userinfo"));
        assert!(!counts("/services/data/visual"));
    }
}
