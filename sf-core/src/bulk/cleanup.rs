//! Jobs that a load left behind without knowing.
use super::{BulkLoad, calls::Calls};
use crate::{
    Result,
    protocol::bulk::{self, JobInfo, JobKind, JobState},
};

/// Pages of jobs that are looked through, 1,000 jobs each.
const MOST_PAGES: usize = 20;

impl BulkLoad {
    /// Ends the empty jobs of lost answers. They do nothing and the org ends them after a day, so a failure here does not
    /// matter; and when it is not certain which jobs they are, none is touched: they may be those of another program of
    /// the same user.
    pub(super) async fn clean_up(&mut self) {
        let org = self.org.clone();
        let calls = Calls::of(&org);
        for id in &self.job.replaced {
            if calls.status(JobKind::Ingest, *id).await.is_ok_and(|info| !info.state.is_over()) {
                let _ = calls.abort(JobKind::Ingest, *id).await;
            }
        }
        if self.job.lost.is_empty() {
            return;
        }
        let Ok(orphans) = self.orphans(&calls).await else { return };
        if orphans.len() <= self.job.lost.len() {
            for job in &orphans {
                let _ = calls.abort(JobKind::Ingest, job.id).await;
            }
            self.job.lost.clear();
        }
    }
    /// Open jobs like ours, of our user, from the time of a lost answer.
    async fn orphans(&self, calls: &Calls<'_>) -> Result<Vec<JobInfo>> {
        let Some(own) = self.jobs.first() else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let request = bulk::list(JobKind::Ingest, next.as_deref())?;
            let list = bulk::list_response(&calls.repeat(&request).await?)?;
            found.extend(list.jobs.into_iter().filter(|job| {
                let known = self.job.parts.iter().any(|part| part.id == job.id)
                    || self.job.replaced.contains(&job.id);
                let lost = |at| self.job.lost.iter().any(|(from, to)| *from <= at && at <= *to);
                job.state == JobState::Open
                    && !known
                    && job.created_date.is_some_and(lost)
                    && (&job.object, &job.operation, job.created_by_id)
                        == (&own.object, &own.operation, own.created_by_id)
            }));
            next = list.next;
            if next.is_none() {
                break;
            }
        }
        Ok(found)
    }
}
