//! A job: what every answer about it says.
use super::{
    csv::Dialect,
    load::{Load, Task},
};
use serde_json::{Map, Value, json};
use sf_core::{SfId, Timestamp};
use std::{sync::Arc, time::Duration};

/// Bulk API 2.0 guide, "Job States".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobState {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}
impl JobState {
    pub(super) fn name(self) -> &'static str {
        match self {
            JobState::Open => "Open",
            JobState::UploadComplete => "UploadComplete",
            JobState::InProgress => "InProgress",
            JobState::JobComplete => "JobComplete",
            JobState::Failed => "Failed",
            JobState::Aborted => "Aborted",
        }
    }
    /// Nothing more happens to it.
    pub(super) fn is_over(self) -> bool {
        matches!(self, JobState::JobComplete | JobState::Failed | JobState::Aborted)
    }
    /// It waits for the org.
    pub(super) fn is_running(self) -> bool {
        matches!(self, JobState::UploadComplete | JobState::InProgress)
    }
    /// As in `Aborting already Completed Job not allowed`.
    pub(super) fn word(self) -> &'static str {
        match self {
            JobState::JobComplete => "Completed",
            other => other.name(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Insert,
    Update,
    Upsert,
    Delete,
    HardDelete,
    Query,
    QueryAll,
}
impl Operation {
    pub(crate) const INGEST: [Operation; 5] =
        [Operation::Insert, Operation::Update, Operation::Upsert, Operation::Delete, Operation::HardDelete];
    pub(crate) const QUERY: [Operation; 2] = [Operation::Query, Operation::QueryAll];
    pub(crate) fn name(self) -> &'static str {
        match self {
            Operation::Insert => "insert",
            Operation::Update => "update",
            Operation::Upsert => "upsert",
            Operation::Delete => "delete",
            Operation::HardDelete => "hardDelete",
            Operation::Query => "query",
            Operation::QueryAll => "queryAll",
        }
    }
    /// As faults name it; `write` stands for these too.
    pub(crate) fn kind_of_write(self) -> &'static str {
        match self {
            Operation::Insert => "insert",
            Operation::Update => "update",
            Operation::Upsert => "upsert",
            Operation::Delete | Operation::HardDelete => "delete",
            Operation::Query | Operation::QueryAll => "query",
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
    pub(super) dialect: Dialect,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) state: JobState,
    /// When the next step happens by itself.
    pub(super) due: Timestamp,
    /// When it began to wait for the org.
    pub(super) queued: Timestamp,
    /// The request that handed it over, in the log.
    pub(super) call: u64,
    pub(super) error: Option<String>,
    pub(super) work: Work,
}

#[derive(Debug, Clone)]
pub(super) enum Work {
    Ingest(Box<Ingest>),
    Query(Export),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Ingest {
    pub(super) external_id: Option<String>,
    pub(super) assignment_rule: Option<String>,
    /// The upload as it came; dropped once it is read.
    pub(super) data: Option<Arc<[u8]>>,
    /// The upload, read.
    pub(super) load: Option<Load>,
}

impl Ingest {
    pub(super) fn task<'j>(&'j self, job: &'j Job) -> Task<'j> {
        Task { operation: job.operation, object: &job.object, external_id: self.external_id.as_deref() }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Export {
    pub(super) soql: String,
    /// The header row of each page.
    pub(super) header: String,
    /// The rows, each as CSV.
    pub(super) rows: Vec<Box<str>>,
}

impl Job {
    pub(super) fn kind(&self) -> &'static str {
        match self.work {
            Work::Ingest(_) => "V2Ingest",
            Work::Query(_) => "V2Query",
        }
    }

    /// What creating it and changing its state answer.
    pub(super) fn head(&self) -> Map<String, Value> {
        let time = |at| crate::state::wire_time(at);
        let mut out = Map::new();
        let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
        put("id", json!(self.id.to_string()));
        put("operation", json!(self.operation.name()));
        put("object", json!(self.object));
        put("createdById", json!(self.user.map(|id| id.to_string())));
        put("createdDate", json!(time(self.created)));
        put("systemModstamp", json!(time(self.modified)));
        put("state", json!(self.state.name()));
        put("concurrencyMode", json!("Parallel"));
        put("contentType", json!("CSV"));
        put("apiVersion", json!(f64::from(self.version)));
        put("lineEnding", json!(self.dialect.ending.name()));
        put("columnDelimiter", json!(self.dialect.delimiter.name()));
        if let Work::Ingest(ingest) = &self.work {
            if let Some(name) = &ingest.external_id {
                put("externalIdFieldName", json!(name));
            }
            if let Some(rule) = &ingest.assignment_rule {
                put("assignmentRuleId", json!(rule));
            }
            if self.state == JobState::Open {
                let url = format!("services/data/v{}.0/jobs/ingest/{}/batches", self.version, self.id);
                put("contentUrl", json!(url));
            }
        }
        out
    }

    /// An entry of a list of jobs.
    pub(super) fn entry(&self) -> Map<String, Value> {
        let mut out = self.head();
        out.insert("jobType".into(), json!(self.kind()));
        out
    }

    /// What asking for it answers.
    pub(super) fn info(&self, now: Timestamp, row_time: Duration) -> Map<String, Value> {
        let mut out = self.entry();
        let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
        put("retries", json!(0));
        let elapsed = match self.state {
            JobState::Open => 0,
            state if state.is_over() => self.modified.millis() - self.queued.millis(),
            _ => now.millis() - self.queued.millis(),
        };
        match &self.work {
            Work::Ingest(ingest) => {
                let load = ingest.load.as_ref();
                // No real time passes: rows and chunks with triggers are counted.
                let row = u64::try_from(row_time.as_millis()).unwrap_or(u64::MAX);
                let time = |n: u64| n.saturating_mul(row);
                let apex = time(load.map_or(0, |load| load.chunks_with_triggers));
                let active = time(load.map_or(0, |load| load.processed() as u64)) + apex;
                put("apexProcessingTime", json!(apex));
                put("apiActiveProcessingTime", json!(active));
                put("totalProcessingTime", json!(elapsed.max(0).unsigned_abs().max(active)));
                if self.state != JobState::Open {
                    put("numberRecordsProcessed", json!(load.map_or(0, Load::processed)));
                    put("numberRecordsFailed", json!(load.map_or(0, Load::failures)));
                }
                if let Some(error) = &self.error {
                    put("errorMessage", json!(error));
                }
            }
            Work::Query(export) => {
                put("numberRecordsProcessed", json!(export.rows.len()));
                put("totalProcessingTime", json!(elapsed.max(0)));
                put("isPkChunkingSupported", json!(can_be_chunked(&self.object)));
            }
        }
        out
    }
}

/// Bulk API guide, "PK Chunking": custom objects and these of the standard ones this org has.
pub(crate) fn can_be_chunked(object: &str) -> bool {
    object.ends_with("__c")
        || matches!(
            object,
            "Account" | "Case" | "Contact" | "Event" | "Lead" | "Opportunity" | "Task" | "User"
        )
}
