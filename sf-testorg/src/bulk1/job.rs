//! A job and what is said about it.
use super::{Batch, BatchState, Format, Info, chunk::Chunking, info::Item};
use crate::bulk::{job::Operation, load::Task};
use serde_json::{Map, Value, json};
use sf_core::{SfId, Timestamp};

/// Guide, "JobInfo".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobState {
    Open,
    Closed,
    Aborted,
    Failed,
}
impl JobState {
    pub(super) fn name(self) -> &'static str {
        match self {
            JobState::Open => "Open",
            JobState::Closed => "Closed",
            JobState::Aborted => "Aborted",
            JobState::Failed => "Failed",
        }
    }
    /// As in `Closing already aborted Job not allowed`.
    pub(super) fn word(self) -> &'static str {
        match self {
            JobState::Open => "open",
            JobState::Closed => "closed",
            JobState::Aborted => "aborted",
            JobState::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) id: SfId,
    pub(super) operation: Operation,
    pub(super) object: String,
    pub(super) user: Option<SfId>,
    pub(super) version: u16,
    pub(super) state: JobState,
    pub(super) external_id: Option<String>,
    /// One batch after the other.
    pub(super) is_serial: bool,
    pub(super) format: Format,
    pub(super) assignment_rule: Option<String>,
    pub(super) chunking: Option<Chunking>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) batches: Vec<Batch>,
}

impl Job {
    pub(super) fn is_query(&self) -> bool {
        Operation::QUERY.contains(&self.operation)
    }
    pub(super) fn task(&self) -> Task<'_> {
        Task { operation: self.operation, object: &self.object, external_id: self.external_id.as_deref() }
    }

    pub(super) fn info(&self) -> Info {
        let number = |states: &[BatchState]| {
            json!(self.batches.iter().filter(|batch| states.contains(&batch.state)).count())
        };
        let sum = |what: fn(&Batch) -> u64| json!(self.batches.iter().map(what).sum::<u64>());
        let mode = if self.is_serial { "Serial" } else { "Parallel" };
        let items: Vec<(&'static str, Item)> = vec![
            ("id", json!(self.id.to_string()).into()),
            ("operation", json!(self.operation.name()).into()),
            ("object", json!(self.object).into()),
            ("createdById", json!(self.user.map(|id| id.to_string())).into()),
            ("createdDate", Item::Time(self.created)),
            ("systemModstamp", Item::Time(self.modified)),
            ("state", json!(self.state.name()).into()),
            ("externalIdFieldName", json!(self.external_id).into()),
            ("concurrencyMode", json!(mode).into()),
            ("contentType", json!(self.format.name()).into()),
            ("numberBatchesQueued", number(&[BatchState::Queued]).into()),
            ("numberBatchesInProgress", number(&[BatchState::InProgress]).into()),
            ("numberBatchesCompleted", number(&[BatchState::Completed]).into()),
            ("numberBatchesFailed", number(&[BatchState::Failed]).into()),
            ("numberBatchesTotal", json!(self.batches.len()).into()),
            ("numberRecordsProcessed", sum(Batch::processed).into()),
            ("numberRetries", json!(0).into()),
            ("apiVersion", json!(f64::from(self.version)).into()),
            ("assignmentRuleId", json!(self.assignment_rule).into()),
            ("numberRecordsFailed", sum(Batch::failures).into()),
            ("totalProcessingTime", sum(Batch::total_time).into()),
            ("apiActiveProcessingTime", sum(Batch::active_time).into()),
            ("apexProcessingTime", sum(Batch::apex_time).into()),
            ("fastPathEnabled", Item::InJson(json!(false))),
        ];
        Info { root: "jobInfo", items }
    }

    /// An entry of a list of Bulk API 2.0. [inferred] which fields
    pub(super) fn entry(&self) -> Map<String, Value> {
        let mut all = self.info().json();
        let kept = [
            "id",
            "operation",
            "object",
            "createdById",
            "createdDate",
            "systemModstamp",
            "state",
            "concurrencyMode",
            "contentType",
            "apiVersion",
        ];
        all.retain(|name, value| kept.contains(&name.as_str()) && !value.is_null());
        all.insert("jobType".into(), json!("Classic"));
        all
    }
}
