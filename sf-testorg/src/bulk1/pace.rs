//! How batches go on: by time, or by being asked for.
use super::{
    Batch, BatchState, Done, Format, Job, JobState,
    records::{self, MOST_ROWS},
};
use crate::{
    AssumedError,
    bulk::{KEPT, csv::Dialect, failure::Failure, load::Load},
    error::ApiResult,
    org::Inner,
    save::{Assign, SaveOptions},
    state::Kind,
};
use sf_core::{SfId, Timestamp};
use std::sync::Arc;

impl Inner {
    /// When the next batch goes on by itself.
    pub(crate) fn next_classic_step(&self) -> Option<Timestamp> {
        self.classic.agenda.first().map(|(due, _, _)| *due)
    }

    /// Does that step at its time.
    pub(crate) fn take_classic_step(&mut self) {
        let Some((due, id, batch)) = self.classic.agenda.pop_first() else { return };
        let Some(job) = self.classic.jobs.get_mut(&id) else { return };
        match batch {
            Some(at) if job.batches.get(at).is_some_and(|own| own.due == due && own.state.is_running()) => {
                self.step_batch(id, at, due);
            }
            // [inferred] that it fails; that no job stays open longer is documented.
            None if job.state == JobState::Open => (job.state, job.modified) = (JobState::Failed, due),
            _ => {}
        }
    }

    /// Forgets what was kept long enough.
    pub(crate) fn drop_classic(&mut self, now: Timestamp) {
        while self.classic.jobs.first_key_value().is_some_and(|(_, job)| job.created + KEPT <= now) {
            self.classic.jobs.pop_first();
        }
    }

    /// Somebody asks for a batch, or for all of a job.
    pub(super) fn ask(&mut self, job: SfId, batch: Option<usize>) {
        if self.bulk.settings.step.is_some() {
            return;
        }
        let now = self.state.now();
        let batches = self.classic.jobs.get(&job).map_or(0, |job| job.batches.len());
        for at in (0..batches).filter(|at| batch.is_none_or(|batch| batch == *at)) {
            self.step_batch(job, at, now);
        }
    }

    /// One step of one batch.
    fn step_batch(&mut self, id: SfId, at: usize, now: Timestamp) {
        let Some(mut job) = self.classic.jobs.remove(&id) else { return };
        let waits = job.is_serial && job.batches.iter().take(at).any(|batch| batch.state.is_running());
        let mut parts = Vec::new();
        if let Some(mut batch) = job.batches.get(at).filter(|batch| batch.state.is_running()).cloned() {
            if !waits {
                let request = (batch.call, vec!["bulk1_batch", job.operation.kind_of_write()]);
                parts = self.on_behalf(now, job.user, request, |inner| inner.work_on(&job, &mut batch));
                batch.modified = now.max(batch.modified);
            }
            batch.due = now + self.bulk.step_time();
            if batch.state.is_running() {
                self.classic.agenda.insert((batch.due, id, Some(at)));
            }
            job.batches[at] = batch;
        }
        let call = job.batches.get(at).map_or(0, |batch| batch.call);
        self.classic.jobs.insert(id, job);
        for part in parts {
            // Only without an id for it, which the counter does not run out of.
            if let Ok(at) = self.queue(id, Arc::from(part.into_bytes()), now, call)
                && let Some(batch) = self.classic.jobs.get_mut(&id).and_then(|job| job.batches.get_mut(at))
            {
                batch.is_chunk = true;
            }
        }
    }

    /// The statements of the parts, if it comes in parts.
    fn work_on(&mut self, job: &Job, batch: &mut Batch) -> Vec<String> {
        if batch.state == BatchState::Queued {
            batch.state = BatchState::InProgress;
            return Vec::new();
        }
        let done = if job.is_query() { self.query_batch(job, batch) } else { self.load_batch(job, batch) };
        match done {
            Ok(parts) => {
                // Guide, "Interpret Batch State": the original batch of a chunked query is not processed.
                let is_whole = parts.is_empty();
                batch.state = if is_whole { BatchState::Completed } else { BatchState::NotProcessed };
                parts
            }
            Err(message) => {
                (batch.state, batch.message) = (BatchState::Failed, Some(message));
                Vec::new()
            }
        }
    }

    fn query_batch(&mut self, job: &Job, batch: &mut Batch) -> Result<Vec<String>, String> {
        let soql = String::from_utf8_lossy(&batch.request).trim().to_owned();
        match job.chunking.as_ref().filter(|_| !batch.is_chunk) {
            Some(chunking) => self.chunks(job, chunking, &soql).map_err(|error| self.failed_query(error)),
            None => {
                batch.done = Done::Found(self.find(job, batch.id, &soql)?);
                Ok(Vec::new())
            }
        }
    }

    fn load_batch(&mut self, job: &Job, batch: &mut Batch) -> Result<Vec<String>, String> {
        let mut load = self.read_batch(job, &batch.request)?;
        if load.rows() > MOST_ROWS {
            let message = format!("InvalidBatch : Exceeded max number of records in a batch: {MOST_ROWS}");
            return Err(self.failed(AssumedError::ClassicRows, message));
        }
        let assign = job.assignment_rule.as_deref().map_or(Assign::No, Assign::read);
        // Not the options of the request that brings the step about.
        let outer = std::mem::replace(&mut self.options, SaveOptions { assign, ..SaveOptions::default() });
        let result = load.batch(self, job.task(), MOST_ROWS);
        self.options = outer;
        batch.done = Done::Loaded(Box::new(load));
        result.map(|()| Vec::new())
    }

    fn read_batch(&self, job: &Job, request: &[u8]) -> Result<Load, String> {
        let assumed = &self.assumptions.bulk1;
        let reading =
            records::Reading { empty_is_null: assumed.empty_text_is_null, na_is_null: assumed.na_is_null };
        let sheet = match job.format {
            Format::Csv => return Load::read(self, job.task(), request, Dialect::ANY_LINE_ENDING),
            Format::Json => records::json(request, reading),
            Format::Xml => records::xml(request, reading),
        };
        let sheet = sheet.map_err(|message| self.failed(AssumedError::ClassicUnreadable, message))?;
        if job.format == Format::Json && assumed.bad_time_fails_json_batch {
            self.check_times(job, &sheet)?;
        }
        Load::new(self, job.task(), &sheet.names, sheet.records)
    }

    /// The message of a failed batch, in the words that are assumed.
    fn failed(&self, which: AssumedError, message: String) -> String {
        Failure::assumed(which, message).words(&self.assumptions)
    }

    /// Reported: one day or moment of a wrong form fails a whole batch in JSON.
    fn check_times(&self, job: &Job, sheet: &records::Sheet) -> Result<(), String> {
        let Some(sobject) = self.state.schema().get(&job.object) else { return Ok(()) };
        for (column, name) in sheet.names.iter().enumerate() {
            let Some(field) = sobject.position(name).map(|at| &sobject.fields[at]) else { continue };
            if !matches!(field.kind(), Kind::Date | Kind::DateTime) {
                continue;
            }
            for value in sheet.records.iter().filter_map(|record| record.values[column].text()) {
                let json = crate::json::Json::Text(value.to_owned());
                let read: ApiResult<_> = crate::save::coerce(field, &json, &self.assumptions.values);
                if read.is_err() {
                    let message = format!(
                        "InvalidBatch : Failed to parse JSON. {value} is not a valid {} of {name}",
                        field.wire_type
                    );
                    return Err(self.failed(AssumedError::ClassicUnreadable, message));
                }
            }
        }
        Ok(())
    }
}
