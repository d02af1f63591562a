//! How jobs go on: by time, or by being asked for.
use super::{
    BATCH_ROWS, KEPT, MOST_BATCHES,
    failure::Failure,
    ingest::left_open,
    job::{Ingest, Job, JobState, Work},
    load::Load,
};
use crate::{
    changes::Source,
    fault::Context,
    org::Inner,
    save::{Assign, SaveOptions},
};
use sf_core::{SfId, Timestamp};

impl Inner {
    /// Does the steps whose time has come, the earliest first, each at its time.
    pub(crate) fn advance_jobs(&mut self, now: Timestamp) {
        while let Some((id, _)) =
            self.bulk.jobs.first_key_value().filter(|(_, job)| job.created + KEPT <= now)
        {
            let id = *id;
            self.bulk.remove(id);
        }
        self.drop_classic(now);
        loop {
            let next = self.bulk.agenda.first().copied().filter(|(due, _)| *due <= now);
            let classic = self.next_classic_step().filter(|due| *due <= now);
            match (next, classic) {
                (Some((due, id)), classic) if classic.is_none_or(|other| due <= other) => self.step(id, due),
                (_, Some(_)) => self.take_classic_step(),
                _ => break,
            }
        }
    }

    /// One step of one job.
    pub(super) fn step(&mut self, id: SfId, at: Timestamp) {
        let Some(mut job) = self.bulk.jobs.remove(&id) else { return self.bulk.unschedule(id) };
        let operations = vec!["ingest", job.operation.kind_of_write()];
        let by = job.user.or(self.state.user());
        self.on_behalf(at, job.user, (job.call, operations), |inner| {
            inner.changes.source =
                by.map(|user| Source::api("bulkapi", job.version, None, user)).unwrap_or_default();
            inner.work(&mut job);
        });
        job.modified = at.max(job.modified);
        job.due = at + self.bulk.step_time();
        self.bulk.put(job);
    }

    /// Does work that was asked for earlier: at its time, by whose job it is. Faults of its rows are for the request that
    /// handed it over (its number and its operations), not for the one that brings the work about.
    pub(crate) fn on_behalf<R>(
        &mut self,
        at: Timestamp,
        job_user: Option<SfId>,
        request: (u64, Vec<&'static str>),
        work: impl FnOnce(&mut Inner) -> R,
    ) -> R {
        let (now, user) = (self.state.now(), self.state.user());
        self.state.set_now(at);
        if let Some(user) = job_user {
            self.run_as(user);
        }
        let context = self.faults.answering(Context {
            call: request.0,
            operations: request.1,
            route: (None, String::new()),
        });
        // Whoever brings the work about is not the origin of its changes.
        let source = std::mem::take(&mut self.changes.source);
        let done = work(self);
        self.changes.source = source;
        self.faults.answering(context);
        self.state.set_now(now);
        if let Some(user) = user {
            self.run_as(user);
        }
        done
    }

    fn work(&mut self, job: &mut Job) {
        match job.state {
            JobState::Open if self.assumptions.bulk.left_open_fails => self.fail(job, left_open()),
            JobState::Open => job.state = JobState::Aborted,
            JobState::UploadComplete => job.state = JobState::InProgress,
            JobState::InProgress => {
                // Taken out, so that the rest of the job can be read meanwhile.
                let empty = Work::Query(super::job::Export::default());
                match std::mem::replace(&mut job.work, empty) {
                    Work::Ingest(mut ingest) => {
                        match self.load(job, &mut ingest) {
                            Ok(true) => job.state = JobState::JobComplete,
                            Ok(false) => {}
                            Err(message) => self.fail(job, message.into()),
                        }
                        job.work = Work::Ingest(ingest);
                    }
                    Work::Query(mut export) => {
                        match self.export(job, &mut export) {
                            Ok(()) => job.state = JobState::JobComplete,
                            Err(error) => self.fail(job, error.message.into()),
                        }
                        job.work = Work::Query(export);
                    }
                }
            }
            _ => {}
        }
    }

    /// The next batch; whether it was the last one.
    fn load(&mut self, job: &Job, ingest: &mut Ingest) -> Result<bool, String> {
        if ingest.load.is_none() {
            let Some(data) = ingest.data.clone() else {
                let completes = self.assumptions.bulk.closed_without_data_completes;
                return if completes {
                    Ok(true)
                } else {
                    Err("InvalidBatch : The job has no data".to_owned())
                };
            };
            let task = ingest.task(job);
            ingest.load = Some(Load::read(self, task, &data, job.dialect)?);
            ingest.data = None;
        }
        let Some(mut load) = ingest.load.take() else { return Ok(true) };
        let now = self.state.now();
        let result = if !load.is_done() && self.bulk.batches.last_day(now) >= MOST_BATCHES {
            // Guide, "Get Job Unprocessed Record Results": such rows are in none of the result files.
            load.drop_rest();
            Err("ExceededQuota : Number of batches exceeds the daily limit of 15000".to_owned())
        } else {
            if !load.is_done() {
                self.bulk.count_batch(now);
            }
            let rows = self.bulk.settings.batch_rows.unwrap_or(BATCH_ROWS);
            let assign = ingest.assignment_rule.as_deref().map_or(Assign::No, Assign::read);
            let outer =
                std::mem::replace(&mut self.options, SaveOptions { assign, ..SaveOptions::default() });
            let result = load.batch(self, ingest.task(job), rows);
            self.options = outer;
            result
        };
        let is_done = load.is_done();
        ingest.load = Some(load);
        result.map(|()| is_done)
    }

    fn fail(&self, job: &mut Job, failure: Failure) {
        job.state = JobState::Failed;
        job.error = Some(failure.words(&self.assumptions));
    }
}
