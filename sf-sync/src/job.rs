use crate::{Engine, Result, Work};
use serde::{Deserialize, Serialize};
use sf_core::Timestamp;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JobSpec {
    pub name: String,
    pub work: Work,
    pub schedule: Schedule,
}
impl JobSpec {
    pub fn new(name: impl Into<String>, work: Work, schedule: Schedule) -> JobSpec {
        JobSpec { name: name.into(), work, schedule }
    }
}
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Schedule {
    Manual,
    Every { interval: Duration, jitter: Duration },
    Cron(String),
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobStatus {
    Running,
    Completed,
    Failed,
    Cancelled,
}
/// planned = ok + failed + parked + skipped
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counts {
    pub planned: u64,
    pub ok: u64,
    pub failed: u64,
    pub parked: u64,
    pub skipped: u64,
    pub calls: u64,
}
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JobRun {
    pub id: u64,
    pub name: String,
    pub status: JobStatus,
    pub counts: Counts,
    pub message: String,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
}
#[derive(Debug, Clone, Copy)]
pub struct Jobs<'e>(pub(crate) &'e Engine);
impl Jobs<'_> {
    pub async fn add(&self, _spec: JobSpec) -> Result<()> {
        let _ = self.0;
        todo!()
    }
    pub async fn run_now(&self, _name: &str) -> Result<JobRun> {
        todo!()
    }
    pub async fn cancel(&self, _name: &str) -> Result<()> {
        todo!()
    }
    pub async fn history(&self, _name: &str, _limit: u32) -> Result<Vec<JobRun>> {
        todo!()
    }
}
