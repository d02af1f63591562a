//! A batch and what is said about it.
use super::{Info, info::Item, query::Found};
use crate::bulk::load::Load;
use serde_json::json;
use sf_core::{SfId, Timestamp};
use std::sync::Arc;

/// Guide, "Interpret Batch State".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BatchState {
    Queued,
    InProgress,
    Completed,
    Failed,
    NotProcessed,
}
impl BatchState {
    fn name(self) -> &'static str {
        match self {
            BatchState::Queued => "Queued",
            BatchState::InProgress => "InProgress",
            BatchState::Completed => "Completed",
            BatchState::Failed => "Failed",
            BatchState::NotProcessed => "NotProcessed",
        }
    }
    pub(super) fn is_running(self) -> bool {
        matches!(self, BatchState::Queued | BatchState::InProgress)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) id: SfId,
    pub(super) state: BatchState,
    /// Why it failed.
    pub(super) message: Option<String>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    /// When the next step happens by itself.
    pub(super) due: Timestamp,
    /// The request that sent it, in the log.
    pub(super) call: u64,
    /// As it was sent.
    pub(super) request: Arc<[u8]>,
    /// Whether it is a part of another batch's query.
    pub(super) is_chunk: bool,
    pub(super) done: Done,
}

/// What came out of it.
#[derive(Debug, Clone)]
pub(super) enum Done {
    Nothing,
    Loaded(Box<Load>),
    Found(Found),
}

impl Batch {
    /// Rows, failed ones among them.
    pub(super) fn processed(&self) -> u64 {
        match &self.done {
            Done::Nothing => 0,
            Done::Loaded(load) => load.processed() as u64,
            Done::Found(found) => found.rows as u64,
        }
    }
    pub(super) fn failures(&self) -> u64 {
        match &self.done {
            Done::Loaded(load) => load.failures() as u64,
            _ => 0,
        }
    }
    /// [inferred]: no real time passes, so a row takes a millisecond, and so does a chunk with triggers.
    pub(super) fn apex_time(&self) -> u64 {
        match &self.done {
            Done::Loaded(load) => load.chunks_with_triggers,
            _ => 0,
        }
    }
    pub(super) fn active_time(&self) -> u64 {
        match &self.done {
            Done::Loaded(_) => self.processed() + self.apex_time(),
            _ => 0,
        }
    }
    pub(super) fn total_time(&self) -> u64 {
        if self.state.is_running() {
            return 0;
        }
        let elapsed = self.modified.millis() - self.created.millis();
        elapsed.max(0).unsigned_abs().max(self.active_time())
    }

    pub(super) fn info(&self, job: SfId) -> Info {
        let items: Vec<(&'static str, Item)> = vec![
            ("id", json!(self.id.to_string()).into()),
            ("jobId", json!(job.to_string()).into()),
            ("state", json!(self.state.name()).into()),
            ("stateMessage", json!(self.message).into()),
            ("createdDate", Item::Time(self.created)),
            ("systemModstamp", Item::Time(self.modified)),
            ("numberRecordsProcessed", json!(self.processed()).into()),
            ("numberRecordsFailed", json!(self.failures()).into()),
            ("totalProcessingTime", json!(self.total_time()).into()),
            ("apiActiveProcessingTime", json!(self.active_time()).into()),
            ("apexProcessingTime", json!(self.apex_time()).into()),
        ];
        Info { root: "batchInfo", items }
    }
}
