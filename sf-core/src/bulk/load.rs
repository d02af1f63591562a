//! A load from its first row to its last outcome.
use super::{
    BulkIngest, BulkJob, BulkStage, IntoBulkRow,
    calls::{Calls, Pace},
    ingest::MOST_BYTES,
    join::RowIndex,
    part::Sending,
    rows::{BulkRow, Iterated, Source, Streamed},
};
use crate::{
    Delivery, Error, ErrorKind, Failure, FieldName, Org, Result, RowOutcome, Timestamp, plan,
    protocol::bulk::{CsvEncoder, JobInfo, JobKind, ResultLine},
};
use futures_core::Stream;
use std::{fmt, future::poll_fn, pin::Pin};

/// A load under way. Nothing is sent before the first [`step`](BulkLoad::step).
///
/// - One outcome per row, whatever happens: rows that cannot be sent (the text `#N/A`, a missing key) fail by themselves
///   with [`Delivery::NotSent`]; rows that the org did not come to with [`Delivery::Refused`]; rows that are in none of
///   the result files with [`Delivery::Unknown`].
/// - Jobs run side by side in the org: rows about the same record belong into one job, or into loads one after the other.
/// - Dropping a step stops waiting and loses nothing: the next step finds out what the org did.
/// - A lost answer to the creation of a job leaves an empty job in the org, as nobody knows its id. It does nothing, and the org
///   ends it after a day.
/// - Memory: twice [`part_bytes`](BulkIngest::part_bytes) while rows are sent, and about 250 bytes for each row, for its
///   content's fingerprint and its outcome.
#[must_use = "nothing is sent until a step is made"]
pub struct BulkLoad {
    pub(super) org: Org,
    pub(super) job: BulkJob,
    rows: Source,
    carry: Option<(usize, BulkRow)>,
    exhausted: bool,
    aborted: bool,
    filling: Option<(CsvEncoder, RowIndex)>,
    pub(super) sending: Option<Sending>,
    pub(super) sent: Vec<RowIndex>,
    pub(super) outcomes: Vec<Option<RowOutcome>>,
    pub(super) unmatched: Vec<ResultLine>,
    pub(super) jobs: Vec<JobInfo>,
    waits_since: Option<Timestamp>,
    pace: Pace,
    cleaned: bool,
    /// Rows without a form in CSV, when somebody writes them in another way.
    diverted: Option<Vec<(usize, BulkRow)>>,
}
impl fmt::Debug for BulkLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkLoad")
            .field("job", &self.job)
            .field("rows", &self.outcomes.len())
            .finish_non_exhaustive()
    }
}

/// What became of a load.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BulkReport {
    /// One outcome per row, in the order of the rows.
    pub outcomes: Vec<RowOutcome>,
    /// Results of which it is not known whose they are: none, unless the org gave rows back changed and no
    /// [`key`](BulkIngest::key) tells them apart.
    pub unmatched: Vec<ResultLine>,
    /// The jobs as they ended.
    pub jobs: Vec<JobInfo>,
}
impl BulkReport {
    /// Rows that were not saved, or not known to be.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &Failure)> {
        self.outcomes.iter().enumerate().filter_map(|(row, outcome)| Some((row, outcome.failure()?)))
    }
}

impl Org {
    /// Loads rows by jobs of Bulk API 2.0. See [`BulkLoad`].
    pub fn bulk_ingest<I>(&self, ingest: BulkIngest, rows: I) -> BulkLoad
    where
        I: IntoIterator<Item: IntoBulkRow, IntoIter: Send + 'static>,
    {
        self.bulk_resume(BulkJob::new(ingest), rows)
    }
    /// The same with rows that come one after the other.
    pub fn bulk_ingest_stream<S>(&self, ingest: BulkIngest, rows: S) -> BulkLoad
    where
        S: Stream<Item: IntoBulkRow> + Send + 'static,
    {
        self.bulk_resume_stream(BulkJob::new(ingest), rows)
    }
    /// Goes on with a saved load; `rows` are all its rows again, in the same order. What the org says of each job decides
    /// what is done: a job that may have got its data is replaced, one that has it is closed, one that was closed is
    /// waited for.
    ///
    /// A step fails with [`ErrorKind::InvalidInput`] when the rows are not those of the saved load, or end before its jobs do.
    pub fn bulk_resume<I>(&self, job: BulkJob, rows: I) -> BulkLoad
    where
        I: IntoIterator<Item: IntoBulkRow, IntoIter: Send + 'static>,
    {
        let rows = Iterated { rows: rows.into_iter(), ingest: job.ingest.clone() };
        BulkLoad::new(self.clone(), job, Box::pin(rows))
    }
    /// The same with rows that come one after the other.
    pub fn bulk_resume_stream<S>(&self, job: BulkJob, rows: S) -> BulkLoad
    where
        S: Stream<Item: IntoBulkRow> + Send + 'static,
    {
        let rows = Streamed { rows: Box::pin(rows), ingest: job.ingest.clone() };
        BulkLoad::new(self.clone(), job, Box::pin(rows))
    }
}

impl BulkLoad {
    fn new(org: Org, job: BulkJob, rows: Source) -> BulkLoad {
        BulkLoad {
            org,
            job,
            rows,
            carry: None,
            exhausted: false,
            aborted: false,
            filling: None,
            sending: None,
            sent: Vec::new(),
            outcomes: Vec::new(),
            unmatched: Vec::new(),
            jobs: Vec::new(),
            waits_since: None,
            pace: Pace::START,
            cleaned: false,
            diverted: None,
        }
    }
    /// Of these rows, those that a job's CSV has no form for are left to the caller.
    pub(crate) fn diverting(org: Org, ingest: BulkIngest, rows: Source) -> BulkLoad {
        BulkLoad { diverted: Some(Vec::new()), ..BulkLoad::new(org, BulkJob::new(ingest), rows) }
    }
    pub(crate) fn take_diverted(&mut self) -> Vec<(usize, BulkRow)> {
        self.diverted.as_mut().map(std::mem::take).unwrap_or_default()
    }
    /// The load as it stands.
    pub fn job(&self) -> &BulkJob {
        &self.job
    }
    /// Does the next thing: creates a job, sends its rows, closes it, or waits for one and reads its results. Gives the
    /// load as it stands then, to be saved; `None` when all is done.
    ///
    /// # Errors
    /// What stopped it. Nothing is lost: another step tries again where this one stopped.
    pub async fn step(&mut self) -> Result<Option<&BulkJob>> {
        self.advance().await.map(|went_on| went_on.then_some(&self.job))
    }
    async fn advance(&mut self) -> Result<bool> {
        if self.org.transport().capabilities().bulk {
            while self.sending.is_some() || self.fill().await? {
                if self.send().await? {
                    return Ok(true);
                }
            }
            let (jobs, with_rows) = (self.job.parts.len(), self.sent.len());
            if with_rows < jobs && !self.aborted {
                return Err(other_rows(format!(
                    "the load has {jobs} jobs, and these are the rows of {with_rows}"
                )));
            }
            if self.wait().await? {
                return Ok(true);
            }
            if !self.cleaned {
                let org = self.org.clone();
                for id in &self.job.replaced {
                    // They do nothing and the org ends them after a day, so a failure does not matter.
                    let _ = Calls::of(&org).abort(JobKind::Ingest, *id).await;
                }
                self.cleaned = true;
            }
            return Ok(false);
        }
        let failure =
            Failure::new(ErrorKind::Unsupported, Delivery::NotSent, "this transport has no Bulk API");
        Err(failure.with_next_step("Use `Org::write`, or a transport with the capability `bulk`.").into())
    }
    /// Makes all steps. See [`step`](BulkLoad::step) for loads that must survive a crash.
    ///
    /// # Errors
    /// What stopped it; [`job`](BulkLoad::job) and [`step`](BulkLoad::step) still work.
    pub async fn run(&mut self) -> Result<BulkReport> {
        while self.advance().await? {}
        Ok(self.report())
    }
    /// What is known by now. Rows whose job is not over yet are [`Delivery::Unknown`].
    pub fn report(&self) -> BulkReport {
        let outcomes = self.outcomes.iter().map(|outcome| match outcome {
            Some(outcome) => outcome.clone(),
            None => RowOutcome::Failed(Failure::new(
                ErrorKind::Unavailable,
                Delivery::Unknown,
                "the row's job is not over",
            )),
        });
        BulkReport {
            outcomes: outcomes.collect(),
            unmatched: self.unmatched.clone(),
            jobs: self.jobs.clone(),
        }
    }
    /// Ends all jobs that are not over and takes no further rows. Steps after it tell what became of the rows that were
    /// sent.
    pub async fn abort(&mut self) -> Result<()> {
        (self.exhausted, self.aborted) = (true, true);
        let never = Failure::new(ErrorKind::Refused, Delivery::NotSent, "not sent: the load was aborted");
        let mut taken: Vec<usize> = self.carry.take().map(|(input, _)| input).into_iter().collect();
        taken.extend(self.filling.take().into_iter().flat_map(|(_, index)| index.inputs));
        let mut unsent = Vec::new();
        if let Some(sending) = self.sending.take() {
            match self.job.parts.len() > self.sent.len() {
                true => self.sent.push(sending.index),
                false => unsent.extend(sending.index.inputs),
            }
        }
        // Of a resumed load, the rows that were not taken up to the end of their part may be those of a job that has them.
        if self.job.parts.len() <= self.sent.len() {
            unsent.extend(taken);
        }
        for input in unsent {
            if let Some(outcome) = self.outcomes.get_mut(input) {
                *outcome = Some(RowOutcome::Failed(never.clone()));
            }
        }
        self.job.abort(&self.org).await
    }

    /// Takes rows until a job is full; false: there are none left.
    async fn fill(&mut self) -> Result<bool> {
        loop {
            if self.carry.is_none() && !self.exhausted {
                match poll_fn(|context| self.rows.as_mut().poll_next(context)).await {
                    None => self.exhausted = true,
                    Some(Err(failure)) => {
                        self.outcomes.push(Some(RowOutcome::Failed(failure)));
                        continue;
                    }
                    Some(Ok(row)) => {
                        self.carry = Some((self.outcomes.len(), row));
                        self.outcomes.push(None);
                    }
                }
            }
            let has_parents = self.carry.as_ref().is_some_and(|(_, row)| row.has_parents());
            if self.job.ingest.polymorphic.is_none() && has_parents {
                let relationships = self.polymorphic().await?;
                if let Some((csv, _)) = &mut self.filling {
                    *csv = std::mem::take(csv).with_polymorphic(relationships.clone());
                }
                self.job.ingest.polymorphic = Some(relationships);
            }
            let Some((input, row)) = self.carry.take() else { return Ok(self.full()) };
            let ingest = &self.job.ingest;
            let (csv, index) = self.filling.get_or_insert_with(|| {
                let relationships = ingest.polymorphic.clone().unwrap_or_default();
                let csv = CsvEncoder::new().with_polymorphic(relationships);
                (csv.with_key(ingest.key.as_ref().map(FieldName::as_str)), RowIndex::default())
            });
            if csv.rows() >= ingest.part_rows.max(1) {
                self.carry = Some((input, row));
                return Ok(self.full());
            }
            let mark = csv.mark();
            match row.push(csv, &ingest.job) {
                Err(failure) => {
                    if let Some(outcome) = self.outcomes.get_mut(input) {
                        *outcome = Some(RowOutcome::Failed(failure));
                    }
                    if let Some(diverted) = &mut self.diverted
                        && let Ok(fields) = row.into_fields(&ingest.job)
                        && !plan::has_csv_form(Some(&fields))
                    {
                        diverted.push((input, fields.into()));
                    }
                }
                Ok(()) if csv.size() > ingest.part_bytes.min(MOST_BYTES) && csv.rows() > 1 => {
                    csv.back_to(mark);
                    self.carry = Some((input, row));
                    return Ok(self.full());
                }
                Ok(()) => index.add(input, csv.last_line(), csv.last_key().as_deref()),
            }
        }
    }
    /// What was filled is what is sent next; false when that is nothing.
    fn full(&mut self) -> bool {
        let Some((mut csv, mut index)) = self.filling.take().filter(|(csv, _)| csv.rows() > 0) else {
            return false;
        };
        index.finish(&csv, self.job.ingest.key.as_ref().map(FieldName::as_str));
        self.sending = Some(Sending::new(csv.finish(), index));
        true
    }
    /// Relationships of the object that can point to several objects.
    async fn polymorphic(&self) -> Result<Vec<String>> {
        let describe = self.org.describe(&self.job.ingest.job.object).await?;
        let fields = describe.fields.iter().filter(|field| field.reference_to.len() > 1);
        Ok(fields.filter_map(|field| field.relationship_name.as_ref().map(ToString::to_string)).collect())
    }

    /// Waits for the first job that is not over and reads its results; false: all are.
    async fn wait(&mut self) -> Result<bool> {
        let Some(at) = self.job.parts.iter().position(|part| part.stage != BulkStage::Ended) else {
            return Ok(false);
        };
        let Some(id) = self.job.parts.get(at).map(|part| part.id) else { return Ok(false) };
        let org = self.org.clone();
        let clock = org.clock();
        let since = *self.waits_since.get_or_insert_with(|| clock.now());
        loop {
            match Calls::of(&org).status(JobKind::Ingest, id).await {
                Ok(info) if info.state.is_over() => {
                    self.settle(at, &info).await?;
                    self.jobs.push(info);
                    break;
                }
                Ok(_) => {}
                // Jobs are removed after seven days.
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    self.gone(at, error.failure());
                    break;
                }
                Err(error) => return Err(error),
            }
            if self.job.ingest.patience.is_some_and(|patience| since + patience <= clock.now()) {
                self.waits_since = None;
                let message = format!("the org still works on job {id}");
                return Err(Failure::new(ErrorKind::Timeout, Delivery::Unknown, message)
                    .with_next_step(
                        "The job goes on in the org. Make further steps, or save `BulkLoad::job` and go on later with \
                         `Org::bulk_resume`.",
                    )
                    .into());
            }
            self.pace.pause(clock).await;
        }
        self.pace = Pace::START;
        if let Some(part) = self.job.parts.get_mut(at) {
            part.stage = BulkStage::Ended;
        }
        Ok(true)
    }
}

pub(super) fn other_rows(message: String) -> Error {
    let failure = Failure::invalid_input(message);
    failure.with_next_step("Resume a load with the same rows in the same order, or start a new one.").into()
}

/// For `Pin<Box<dyn Stream>>` in a `Send` future.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<BulkLoad>();
    is_send::<Pin<Box<dyn Stream<Item = ()> + Send>>>();
};
