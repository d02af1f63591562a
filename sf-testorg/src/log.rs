//! What was asked of the org, counted.
use crate::{Fate, Method};
use serde::Serialize;
use sf_core::Timestamp;
use std::{
    cell::Cell,
    collections::{BTreeMap, VecDeque},
};

/// One request that reached the org's door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggedCall {
    /// From 1.
    pub number: u64,
    /// The org's time.
    pub at: Timestamp,
    /// What it was: `query`, `query_more`, `retrieve`, `insert`, `update`, `upsert`, `delete`, `get`, `describe`,
    /// `describe_global`, `updated`, `deleted`, `limits`, `identity`, `userinfo`, `token`, `authorize`, `introspect`,
    /// `revoke`, `connect_device`, `soap` (signing in and out, else followed by `undelete`, `empty_recycle_bin`, `merge` or `convert_lead`), `download`,
    /// `ingest`, `ingest_upload`, `ingest_state`, `ingest_info`, `ingest_results`, `ingest_list`, `ingest_delete` and `bulk_query`,
    /// `bulk_query_state`, `bulk_query_info`, `bulk_query_results`, `bulk_query_list`, `bulk_query_delete` (jobs),
    /// `bulk1_job`, `bulk1_state`, `bulk1_batch`, `bulk1_info`, `bulk1_results` (Bulk API 1.0),
    /// `tooling`, `apex_rest`, `composite` (followed by what was inside), `other`.
    pub operations: Vec<&'static str>,
    /// The method.
    pub method: Method,
    /// Path and query; of a sign-in only the path.
    pub target: String,
    /// The body as text. Old and very large ones are dropped, and that of a sign-in, which carries secrets.
    pub body: String,
    /// The answer's status; 0 when the request was lost.
    pub status: u16,
    /// Whether the answer arrived.
    pub fate: Fate,
    /// Rows returned or accepted.
    pub rows: usize,
    /// Bytes of the request.
    pub bytes_in: u64,
    /// Bytes of the answer.
    pub bytes_out: u64,
    /// Whether it counts against the daily API requests.
    pub is_api_call: bool,
}
impl LoggedCall {
    /// What it was first of all.
    pub fn operation(&self) -> &'static str {
        self.operations.first().copied().unwrap_or("other")
    }
}

/// Sums over all requests since the org started, beyond what the log still holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counters {
    /// All requests.
    pub requests: u64,
    /// Those that count against the daily API requests: under `/services/data/vNN.N`, `/services/async/NN.N` and `/services/apexrest`, and not lost on the way in.
    pub api_calls: u64,
    /// By operation, inner ones of a composite included.
    pub by_operation: BTreeMap<&'static str, u64>,
    /// Bytes of requests.
    pub bytes_in: u64,
    /// Bytes of answers.
    pub bytes_out: u64,
    /// Rows returned or accepted.
    pub rows: u64,
    /// Rows that queries looked at: about as many as they returned where an index served them, else all of the object.
    pub rows_visited: u64,
}

const KEPT: usize = 20_000;
const KEPT_BYTES: usize = 32 << 20;
const LARGE_BODY: usize = 1 << 20;
/// These carry secrets.
const SIGN_IN: [&str; 8] =
    ["token", "authorize", "introspect", "revoke", "connect_device", "soap", "userinfo", "identity"];

/// What the log has of a request's body.
pub(crate) fn body(bytes: &[u8]) -> String {
    if bytes.len() > LARGE_BODY { String::new() } else { String::from_utf8_lossy(bytes).into_owned() }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct RequestLog {
    calls: VecDeque<LoggedCall>,
    bytes: usize,
    pub(crate) counters: Counters,
    by_hour: BTreeMap<i64, u64>,
    /// Rows that queries have looked at since the last request.
    pub(crate) visited: Cell<u64>,
}
impl RequestLog {
    pub(crate) fn add(&mut self, mut call: LoggedCall) {
        let counters = &mut self.counters;
        counters.requests += 1;
        counters.bytes_in += call.bytes_in;
        counters.bytes_out += call.bytes_out;
        counters.rows += call.rows as u64;
        counters.rows_visited += self.visited.take();
        for operation in &call.operations {
            *counters.by_operation.entry(operation).or_insert(0) += 1;
        }
        let is_sign_in = call.operations.iter().any(|operation| SIGN_IN.contains(operation));
        if is_sign_in {
            call.body = String::new();
            call.target.truncate(call.target.find('?').unwrap_or(call.target.len()));
        }
        self.bytes += call.body.len() + call.target.len();
        self.calls.push_back(call);
        while self.calls.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(old) = self.calls.pop_front() else { break };
            self.bytes -= old.body.len() + old.target.len();
        }
    }
    /// Counts one API call at this time.
    pub(crate) fn count(&mut self, at: Timestamp) {
        self.counters.api_calls += 1;
        let hour = at.millis().div_euclid(3_600_000);
        *self.by_hour.entry(hour).or_insert(0) += 1;
        self.by_hour = self.by_hour.split_off(&(hour - 23));
    }
    /// API calls of the last 24 hours.
    pub(crate) fn last_day(&self, at: Timestamp) -> u64 {
        let hour = at.millis().div_euclid(3_600_000);
        self.by_hour.range(hour - 23..).map(|(_, n)| n).sum()
    }
    pub(crate) fn calls(&self) -> Vec<LoggedCall> {
        self.calls.iter().cloned().collect()
    }
    pub(crate) fn clear(&mut self) {
        self.calls.clear();
        self.bytes = 0;
        self.counters = Counters::default();
    }
}
