//! What the org says about a job.
use crate::{SfId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a job is. (Bulk API 2.0 guide, "Job States".)
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobState {
    /// Waits for its data, for 24 hours at most.
    Open,
    /// The data is complete and waits for its turn.
    UploadComplete,
    /// The org works on it.
    InProgress,
    /// Ended by its owner; rows that were done stay done.
    Aborted,
    /// Worked through. Single rows may have failed.
    JobComplete,
    /// Given up by the org; rows that were done stay done.
    Failed,
    /// A state that this version does not know.
    Other(Box<str>),
}
impl JobState {
    /// The state as Salesforce writes it.
    pub fn as_str(&self) -> &str {
        match self {
            JobState::Open => "Open",
            JobState::UploadComplete => "UploadComplete",
            JobState::InProgress => "InProgress",
            JobState::Aborted => "Aborted",
            JobState::JobComplete => "JobComplete",
            JobState::Failed => "Failed",
            JobState::Other(text) => text,
        }
    }
    /// Nothing more will happen.
    pub fn is_over(&self) -> bool {
        matches!(self, JobState::Aborted | JobState::JobComplete | JobState::Failed)
    }
}
impl From<&str> for JobState {
    fn from(text: &str) -> JobState {
        match text {
            "Open" => JobState::Open,
            "UploadComplete" => JobState::UploadComplete,
            "InProgress" => JobState::InProgress,
            "Aborted" => JobState::Aborted,
            "JobComplete" => JobState::JobComplete,
            "Failed" => JobState::Failed,
            other => JobState::Other(other.into()),
        }
    }
}
impl Serialize for JobState {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}
impl<'de> Deserialize<'de> for JobState {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<JobState, D::Error> {
        String::deserialize(d).map(|text| JobState::from(text.as_str()))
    }
}

/// A job as the org describes it; an answer to its creation has less than one to a later question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct JobInfo {
    /// The job's id.
    pub id: SfId,
    /// Where it is.
    pub state: JobState,
    /// The object; for queries that of the `FROM` clause.
    #[serde(default)]
    pub object: Option<String>,
    /// `insert`, `update`, `upsert`, `delete`, `hardDelete`, `query`, `queryAll`.
    #[serde(default)]
    pub operation: Option<String>,
    /// What an upsert goes by.
    #[serde(default)]
    pub external_id_field_name: Option<String>,
    /// Who made it.
    #[serde(default)]
    pub created_by_id: Option<SfId>,
    /// When it was made, by the org's clock.
    #[serde(default)]
    pub created_date: Option<Timestamp>,
    /// `V2Ingest`, `V2Query`, `Classic`, …
    #[serde(default)]
    pub job_type: Option<String>,
    /// Rows that were worked on, the failed ones included.
    #[serde(default)]
    pub number_records_processed: Option<u64>,
    /// Rows that failed.
    #[serde(default)]
    pub number_records_failed: Option<u64>,
    /// Why the job as a whole failed: `Code : words`.
    #[serde(default)]
    pub error_message: Option<String>,
}

/// A page of a list of jobs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JobList {
    /// Up to 1,000 jobs.
    pub jobs: Vec<JobInfo>,
    /// The path of the next page; `None`: this is the last.
    pub next: Option<String>,
}
