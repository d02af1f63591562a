use crate::{
    Cursor, Describe, Failure, FieldName, Fields, ObjectName, Page, Result, SfId, Soql, Timestamp,
    protocol::{BodySink, Request, Response},
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// A way to one org. REST, the `sf` command and the simulated org pass the same conformance suite.
///
/// Contract. *Errors*: `Err` from `write` means nothing of the batch is or will be applied; once a byte may
/// have left, failures are per row. *Dropping* a future leaves the outcome of a write unknown. *Retries*: a
/// transport repeats only what cannot apply twice. *Order*: answers are in the order asked. No default bodies:
/// a wrapper that forgets a method does not compile.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    fn capabilities(&self) -> Capabilities;
    /// Counters since the start and the org's own last word on its limits. No call.
    fn usage(&self) -> Usage;
    /// Up to `capabilities().queries_per_call` queries or next pages, each with its own result.
    async fn query(&self, batch: &[QueryCall], options: &QueryOptions) -> Result<Vec<Result<Page, Failure>>>;
    /// One row per id asked, `null` where the user sees none; up to `capabilities().ids_per_call`.
    async fn retrieve(
        &self,
        object: &ObjectName,
        ids: &[SfId],
        fields: &[FieldName],
        options: &CallOptions,
    ) -> Result<Page>;
    async fn write(&self, batch: &[Write], options: &WriteOptions) -> Result<Vec<RowOutcome>>;
    /// `None`: unchanged since `if_changed_since`.
    async fn describe(&self, object: &ObjectName, options: &DescribeOptions) -> Result<Option<Describe>>;
    async fn changed(
        &self,
        object: &ObjectName,
        window: &Window,
        options: &CallOptions,
    ) -> Result<ChangedIds>;
    async fn limits(&self, options: &CallOptions) -> Result<Limits>;
    async fn identity(&self, options: &CallOptions) -> Result<Identity>;
    /// Any REST resource; answers above `capabilities().body_limit` are refused.
    async fn call(&self, request: &Request, options: &CallOptions) -> Result<Response>;
    /// The same with the answer's body going to `sink` (Bulk results, files).
    async fn download(
        &self,
        request: &Request,
        sink: &mut dyn BodySink,
        options: &CallOptions,
    ) -> Result<Response>;
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueryCall {
    Start(Soql),
    Next(Cursor),
}

/// A REST API version: `67.0`, in paths `v67.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ApiVersion(u16);
impl ApiVersion {
    /// What these crates were written against.
    pub const CURRENT: ApiVersion = ApiVersion(66);
    pub const fn new(major: u16) -> ApiVersion {
        ApiVersion(major)
    }
    pub fn major(self) -> u16 {
        self.0
    }
}
impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.0", self.0)
    }
}

/// Data about a transport, for planning and for the conformance suite.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    pub name: &'static str,
    /// The version every request of this transport names.
    pub api_version: ApiVersion,
    pub queries_per_call: usize,
    pub ids_per_call: usize,
    /// Rows one `write` takes, and the runs of one verb they may form (collections: 200/1, composite: 1000/5).
    pub write_rows: usize,
    pub write_runs: usize,
    pub conditional_rows: usize,
    pub bulk: bool,
    /// Numbers come as the org wrote them.
    pub exact_numbers: bool,
    pub body_limit: usize,
    /// Statements, ids and keys go in bodies, never in the URL (`sf`: arguments are visible to everybody).
    pub bodies_only: bool,
    /// Requests the org counts for one call (`sf`: 2).
    pub requests_per_call: u32,
    /// What one call costs before the first byte (`sf`: half a second).
    pub call_overhead: Duration,
}
impl Default for Capabilities {
    fn default() -> Self {
        todo!()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    pub calls: u64,
    pub spawns: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub daily: Option<(u64, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Priority {
    #[default]
    Interactive,
    Verify,
    Incremental,
    Refresh,
    Backfill,
    Destination,
}

macro_rules! options {
    ($(#[$m:meta])* $name:ident { $($(#[$fm:meta])* $with:ident / $field:ident : $ty:ty),* $(,)? }) => {
        $(#[$m])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub struct $name { $($(#[$fm])* pub $field: $ty),* }
        impl $name { pub fn new() -> Self { Self::default() } $(#[must_use] pub fn $with(mut self, value: impl Into<$ty>) -> Self { self.$field = value.into(); self })* }
    };
}
options!(CallOptions { with_priority / priority: Priority, with_timeout / timeout: Option<Duration>, /// Sendings at most; `Some(1)`: the caller repeats, not the transport.
    with_attempts / attempts: Option<u32> });
options!(QueryOptions { with_call / call: CallOptions, with_page_size / page_size: Option<u16>, with_deleted / deleted: bool });
options!(WriteOptions { with_call / call: CallOptions, with_all_or_none / all_or_none: bool, with_allow_duplicates / allow_duplicates: bool, with_assignment_rules / assignment_rules: Option<bool> });
options!(DescribeOptions { with_call / call: CallOptions, with_if_changed_since / if_changed_since: Option<Timestamp> });

/// One row to write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Write {
    Insert { object: ObjectName, fields: Fields },
    Update { object: ObjectName, id: SfId, fields: Fields, if_unmodified_since: Option<Timestamp> },
    Upsert { object: ObjectName, key: FieldName, fields: Fields },
    Delete { id: SfId },
}
/// What became of one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RowOutcome {
    Done { id: SfId, created: bool },
    Failed(Failure),
}
impl RowOutcome {
    pub fn into_result(self) -> Result<(SfId, bool)> {
        match self {
            RowOutcome::Done { id, created } => Ok((id, created)),
            RowOutcome::Failed(f) => Err(f.into()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub what: ChangeKind,
    pub start: Timestamp,
    pub end: Timestamp,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeKind {
    Updated,
    Deleted,
}
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangedIds {
    pub ids: Vec<(SfId, Option<Timestamp>)>,
    pub latest_covered: Timestamp,
    pub earliest_available: Option<Timestamp>,
}
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Limits {
    pub entries: Vec<(String, i64, i64)>,
}
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identity {
    pub org_id: SfId,
    pub user_id: SfId,
    pub username: String,
    pub instance_url: String,
    pub api_version: String,
}
