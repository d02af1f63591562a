use super::ApiVersion;
use std::time::Duration;

/// Data about a transport, for planning and for the conformance suite.
///
/// The default is what REST offers with sObject Collections and Composite.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// A short name for logs: `rest`, `sf`, `testorg`.
    pub name: &'static str,
    /// The version every request of this transport names.
    pub api_version: ApiVersion,
    /// Queries or next pages that one `query` takes (composite: 5).
    pub queries_per_call: usize,
    /// Ids that one `retrieve` takes (collections: 2,000).
    pub ids_per_call: usize,
    /// Rows that one `write` takes (five collections of 200 in a composite: 1,000).
    pub write_rows: usize,
    /// Runs of one verb, each of up to 200 rows, that the rows of one `write` may form (composite: 5; 1: no composite calls).
    /// Updates, then deletes are two runs; upserts by another key are a run of their own. What exactly goes into one call says
    /// [`protocol::rows_in_call`](crate::protocol::rows_in_call).
    pub write_runs: usize,
    /// Rows with `if_unmodified_since` that one `write` takes (subrequests of a composite: 25); 0: none.
    pub conditional_rows: usize,
    /// Bulk API 2.0 jobs can be made with `call` and `download`.
    pub bulk: bool,
    /// Bodies of kind `multipart/form-data` can be sent with `call`; else files go as base64 in JSON.
    pub multipart: bool,
    /// Numbers come as the org wrote them.
    pub exact_numbers: bool,
    /// The largest answer that `call` takes, in bytes.
    pub body_limit: usize,
    /// Statements, ids and keys go in bodies, never in the URL (`sf`: arguments are visible to everybody).
    pub bodies_only: bool,
    /// A read that was begun goes on and holds up no other call while nobody polls it, so that [`Rows`](crate::Rows) may ask for a
    /// page ahead by itself. Not so unless a transport says it.
    pub reads_ahead: bool,
    /// Requests the org counts for one call (`sf`: 2).
    pub requests_per_call: u32,
    /// What one call costs before the first byte (`sf`: half a second).
    pub call_overhead: Duration,
}
impl Default for Capabilities {
    fn default() -> Self {
        Capabilities {
            name: "rest",
            api_version: ApiVersion::CURRENT,
            queries_per_call: 5,
            ids_per_call: 2_000,
            write_rows: 1_000,
            write_runs: 5,
            conditional_rows: 25,
            bulk: true,
            multipart: true,
            exact_numbers: true,
            body_limit: 64 << 20,
            bodies_only: false,
            reads_ahead: false,
            requests_per_call: 1,
            call_overhead: Duration::ZERO,
        }
    }
}

/// Counters of a transport since it was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Requests sent to the org that count against its daily limit, repeats included: those of the REST API and of Apex REST.
    pub calls: u64,
    /// Processes started (the `sf` command).
    pub spawns: u64,
    /// Bytes of answers, as they came over the wire.
    pub bytes_in: u64,
    /// Bytes of request bodies.
    pub bytes_out: u64,
    /// API calls of the last 24 hours and the most allowed, all apps together, as the org said in its last
    /// answer (`Sforce-Limit-Info`). [`Budgeted`](crate::Budgeted) also takes the word of `/limits`.
    pub daily: Option<(u64, u64)>,
}
