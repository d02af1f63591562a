//! What is saved of a job.
use super::{
    BulkIngest,
    calls::{self, Calls},
};
use crate::{
    Delivery, ErrorKind, Failure, Org, Result, SfId, Soql,
    protocol::{
        Response,
        bulk::{self, JobInfo, JobKind, JobState},
    },
};
use serde::{Deserialize, Serialize};

/// A load as it stands, to be saved: with it and the same rows [`Org::bulk_resume`] goes on after a crash. It holds ids
/// and counts, no row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkJob {
    /// What the load does.
    pub ingest: BulkIngest,
    /// Its jobs, in the order of the rows.
    pub parts: Vec<BulkPart>,
    /// Jobs that were given up for others because it was not known what they had got. They do nothing, and are aborted at
    /// the end of the load.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<SfId>,
}

/// One job of a load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkPart {
    /// The job's id.
    pub id: SfId,
    /// Its rows.
    pub rows: u64,
    /// Tells whether rows that are given again are the same.
    pub checksum: u64,
    /// What was done so far, as far as it is certain.
    pub stage: BulkStage,
}

/// How far a job has come on our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BulkStage {
    /// Created; perhaps it has its data.
    Created,
    /// It has its data.
    Uploaded,
    /// Given to the org to be worked on.
    Closed,
    /// Over, and its results were read.
    Ended,
}

impl BulkJob {
    /// A load that has not begun.
    pub fn new(ingest: BulkIngest) -> BulkJob {
        BulkJob { ingest, parts: Vec::new(), replaced: Vec::new() }
    }
    /// What the org says about each of its jobs.
    pub async fn status(&self, org: &Org) -> Result<Vec<JobInfo>> {
        let mut infos = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            infos.push(Calls::of(org).status(JobKind::Ingest, part.id).await?);
        }
        Ok(infos)
    }
    /// Ends all of its jobs that are not over. Rows that were done stay done; [`BulkLoad`](super::BulkLoad) tells which.
    ///
    /// # Errors
    /// The first job that could not be ended; those after it are ended all the same.
    pub async fn abort(&self, org: &Org) -> Result<()> {
        let mut ended = Ok(());
        let running = self.parts.iter().filter(|part| part.stage != BulkStage::Ended).map(|part| part.id);
        for id in running.chain(self.replaced.iter().copied()) {
            ended = ended.and(Calls::of(org).abort(JobKind::Ingest, id).await);
        }
        ended
    }
    /// Removes its jobs and their results from the org, which does so by itself after seven days. Jobs must be over.
    pub async fn delete(&self, org: &Org) -> Result<()> {
        for part in &self.parts {
            Calls::of(org).delete(JobKind::Ingest, part.id).await?;
        }
        Ok(())
    }
}

/// A query job as it stands, to be saved: [`Org::bulk_query_resume`] reads on from the page that was begun last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkQueryJob {
    /// The statement.
    pub soql: Soql,
    /// Deleted rows too.
    pub deleted: bool,
    /// The job's id.
    pub id: SfId,
    /// The page that was begun last; `None`: the first.
    pub locator: Option<String>,
    /// Rows of the pages before it, by which the end shows whether all came; `None`: not known, only what the pages say
    /// themselves is then checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_before: Option<u64>,
}
impl BulkQueryJob {
    /// What the org says about it.
    pub async fn status(&self, org: &Org) -> Result<JobInfo> {
        Calls::of(org).status(JobKind::Query, self.id).await
    }
    /// Ends it, unless it is over.
    pub async fn abort(&self, org: &Org) -> Result<()> {
        Calls::of(org).abort(JobKind::Query, self.id).await
    }
    /// Removes it and its rows from the org, which does so by itself after seven days. It must be over.
    pub async fn delete(&self, org: &Org) -> Result<()> {
        Calls::of(org).delete(JobKind::Query, self.id).await
    }
}

impl Calls<'_> {
    pub(super) async fn status(&self, kind: JobKind, id: SfId) -> Result<JobInfo> {
        let read = |answer: &Response| {
            let info = bulk::job_response(answer)?;
            if info.id == id {
                return Ok(info);
            }
            let message = "the org answered with another job than it was asked for";
            Err(Failure::new(ErrorKind::Decode, Delivery::Unknown, message).into())
        };
        self.repeat(&bulk::status(kind, id), read).await
    }
    /// What is over or gone is ended, and the org refuses to end it again, as when the answer to the first time was lost.
    pub(super) async fn abort(&self, kind: JobKind, id: SfId) -> Result<()> {
        let request = bulk::set_state(kind, id, &JobState::Aborted);
        let Err(error) = self.repeat(&request, bulk::job_response).await else {
            return Ok(());
        };
        match self.status(kind, id).await {
            Ok(info) if info.state.is_over() => Ok(()),
            Err(status) if status.kind() == ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        }
    }
    /// Deleting what is gone is deleted.
    pub(super) async fn delete(&self, kind: JobKind, id: SfId) -> Result<()> {
        match self.repeat(&bulk::delete(kind, id), calls::nothing).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            answer => answer,
        }
    }
}
