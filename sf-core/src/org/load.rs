//! Many rows: by calls while they are few, by jobs of Bulk API 2.0 when they are many.
use super::{Org, send::Writing};
use crate::{
    AssignmentRules, BulkIngest, BulkJob, BulkLoad, CallOptions, Delivery, ErrorKind, Failure, FieldName,
    Fields, IntoBulkRow, Result, RowOutcome, SfId, Value, Write, WriteOptions,
    bulk::{BulkRow, Iterated, Source, Streamed},
    plan::{self, Thresholds, WritePath, WritePlan},
    protocol::{
        bulk::{IngestJob, JobInfo, Operation, ResultLine},
        check_row,
    },
};
use futures_core::Stream;
use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

/// Rows that are looked at, and written, at a time when there is no threshold.
const PIECE: usize = 10_000;

/// Rows of one object and one verb on their way: by calls ([`Org::write`]) up to a threshold, by jobs
/// ([`Org::bulk_ingest`]) above it. Nothing is sent before [`run`](RowLoad::run).
///
/// Either way there is one outcome for each row, in the order of the rows. What is different when a job takes them:
/// - The answer comes when the job is over, which is minutes and not seconds.
/// - Rows are saved one by one: with [`all_or_none`](WriteOptions::all_or_none) it is calls, whatever their number. So it is
///   with options for duplicate rules, which a job does not take.
/// - Rows that the org found locked are not sent again; sort rows by their parent, see [`BulkIngest`].
/// - No assignment rule runs, unless one is named by its id; calls run the active one (Account, Case, Lead).
/// - Rows that have the text `#N/A` as a value, which clears a field in a job, go by calls after it.
///
/// Memory: rows up to the threshold (50,000 unless [`with_thresholds`](RowLoad::with_thresholds) says; all of them with
/// `all_or_none`), later what [`BulkLoad`] needs.
///
/// When `run` is dropped, the next one goes on where that stopped: with its job, or with the next call. Only the rows of the
/// call that was under way are [`Delivery::Unknown`] then. A load that must survive a crash is [`Org::bulk_ingest`].
#[must_use = "nothing is sent until it is run"]
pub struct RowLoad {
    org: Org,
    ingest: BulkIngest,
    options: WriteOptions,
    thresholds: Thresholds,
    rows: Source,
    /// The source has ended; it is not asked again.
    exhausted: bool,
    /// Rows that were looked at for the plan.
    head: Vec<Result<Write, Failure>>,
    plan: Option<WritePlan>,
    job: Option<BulkLoad>,
    /// Places of the rows that go by calls after a job.
    late: Vec<usize>,
    /// Rows that go by calls, until all of them are answered.
    writing: Option<Writing>,
    /// Of rows that went by calls.
    outcomes: Vec<RowOutcome>,
}
impl fmt::Debug for RowLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowLoad")
            .field("ingest", &self.ingest)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

/// What became of a [`RowLoad`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LoadReport {
    /// How the rows went; see [`RowLoad::plan`].
    pub plan: WritePlan,
    /// One outcome for each row, in the order of the rows.
    pub outcomes: Vec<RowOutcome>,
    /// Results of jobs of which it is not known whose they are: none, unless the org gave rows back changed and no
    /// [`key`](BulkIngest::key) tells them apart.
    pub unmatched: Vec<ResultLine>,
    /// The jobs as they ended; none when there were few rows.
    pub jobs: Vec<JobInfo>,
}
impl LoadReport {
    /// Rows that were not saved, or not known to be, by their place in the input.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &Failure)> {
        self.outcomes.iter().enumerate().filter_map(|(row, outcome)| Some((row, outcome.failure()?)))
    }
}

impl Org {
    /// Writes any number of rows (models, [`Record`](crate::Record)s, [`Fields`]) of one object with one verb: by composite
    /// calls of 1,000 while they are few, by Bulk jobs when they are many. See [`RowLoad`].
    ///
    /// ```
    /// use sf_core::{BulkIngest, Org, Result, SObject, field, models::Account, plan::Thresholds};
    /// # async fn load(org: &Org, accounts: Vec<Account>) -> Result<()> {
    /// let upsert = BulkIngest::upsert(Account::OBJECT, field!("CX_Key__c"));
    /// let mut load = org.load(upsert, accounts).with_thresholds(Thresholds::new().with_bulk_writes(5_000));
    /// println!("{}", load.plan().await?); // e.g. "at least 7 calls for 5001 rows …"
    /// for (row, failure) in load.run().await?.failures() {
    ///     println!("row {row}: {failure}. {}", failure.help());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn load<I>(&self, ingest: BulkIngest, rows: I) -> RowLoad
    where
        I: IntoIterator<Item: IntoBulkRow, IntoIter: Send + 'static>,
    {
        let rows = Iterated { rows: rows.into_iter(), ingest: ingest.clone() };
        RowLoad::new(self.clone(), ingest, Box::pin(rows))
    }
    /// The same with rows that come one after the other.
    pub fn load_stream<S>(&self, ingest: BulkIngest, rows: S) -> RowLoad
    where
        S: Stream<Item: IntoBulkRow> + Send + 'static,
    {
        let rows = Streamed { rows: Box::pin(rows), ingest: ingest.clone() };
        RowLoad::new(self.clone(), ingest, Box::pin(rows))
    }
}

impl RowLoad {
    fn new(org: Org, ingest: BulkIngest, rows: Source) -> RowLoad {
        RowLoad {
            org,
            ingest,
            options: WriteOptions::new(),
            thresholds: Thresholds::new(),
            rows,
            exhausted: false,
            head: Vec::new(),
            plan: None,
            job: None,
            late: Vec::new(),
            writing: None,
            outcomes: Vec::new(),
        }
    }
    /// The same with other sizes. [`Thresholds::rest_only`]: never a job. Takes effect before the plan is made.
    pub fn with_thresholds(mut self, thresholds: Thresholds) -> RowLoad {
        self.thresholds = thresholds;
        self
    }
    /// The same with options for the calls. Takes effect before the plan is made.
    pub fn with_options(mut self, options: WriteOptions) -> RowLoad {
        self.options = options;
        self
    }
    /// The job that is under way, if one is.
    pub fn job(&self) -> Option<&BulkJob> {
        self.job.as_ref().map(BulkLoad::job)
    }

    /// How the rows will go, and why. Takes rows until it is known, which is about one more than the threshold, and sends
    /// nothing. The plan is of these rows: with a job more may follow; without a threshold it is of the first 10,000.
    /// [`run`](RowLoad::run) acts by it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for a hard deletion, which only a job can do: use [`Org::bulk_ingest`].
    pub async fn plan(&mut self) -> Result<&WritePlan> {
        if self.ingest.job.operation == Operation::HardDelete {
            let message = "a hard deletion is always a Bulk job";
            return Err(Failure::new(ErrorKind::Unsupported, Delivery::NotSent, message)
                .with_next_step(
                    "Use `Org::bulk_ingest`, or delete into the recycle bin (`BulkIngest::delete`).",
                )
                .into());
        }
        if self.plan.is_none() {
            self.settle_options();
            let most = self.thresholds.bulk_writes.and_then(|most| usize::try_from(most).ok());
            let most = match most {
                // All of them or none: all must be known.
                _ if self.options.all_or_none => usize::MAX,
                Some(most) => most.saturating_add(1),
                None => PIECE,
            };
            self.take(most).await;
            self.plan = Some(self.plan_head(&self.thresholds));
        }
        self.plan.as_ref().ok_or_else(|| Failure::invalid_input("there is no plan").into())
    }
    fn plan_head(&self, thresholds: &Thresholds) -> WritePlan {
        let good: Vec<Write> = self.head.iter().filter_map(|row| row.as_ref().ok().cloned()).collect();
        if self.options.all_or_none && good.len() < self.head.len() {
            return refused(&self.head);
        }
        let can = self.org.transport().capabilities();
        in_input(plan::write(&good, &self.options, &can, thresholds), &self.head)
    }
    /// One word on calls and assignment rules for both ways.
    fn settle_options(&mut self) {
        if self.options.call == CallOptions::default() {
            self.options.call = self.org.call.clone();
        }
        match (self.options.assignment_rules, self.ingest.job.assignment_rule) {
            (Some(AssignmentRules::Rule(rule)), _) => self.ingest.job.assignment_rule = Some(rule),
            (None, Some(rule)) => self.options.assignment_rules = Some(AssignmentRules::Rule(rule)),
            (Some(_), Some(_)) => self.ingest.job.assignment_rule = None,
            (_, None) => {}
        }
    }
    /// Takes rows until there are this many that a job would take, or twice as many good ones.
    async fn take(&mut self, most: usize) {
        let can = self.org.transport().capabilities();
        let (mut good, mut for_job) = (0_usize, 0_usize);
        for write in self.head.iter().flatten() {
            good += 1;
            for_job += usize::from(plan::has_csv_form(write.fields()));
        }
        while !self.exhausted && for_job < most && good < most.saturating_mul(2) {
            let Some(row) = poll_fn(|context| self.rows.as_mut().poll_next(context)).await else {
                self.exhausted = true;
                return;
            };
            let job = &self.ingest.job;
            let write = row.and_then(|row| row.into_fields(job)).and_then(|fields| write_of(fields, job));
            // A row that no plan sends must not stand for one that goes by the job.
            let write = write.and_then(|write| check_row(&write, &can).map(|()| write));
            if let Ok(write) = &write {
                good += 1;
                for_job += usize::from(plan::has_csv_form(write.fields()));
            }
            self.head.push(write);
        }
    }

    /// Writes the rows.
    ///
    /// # Errors
    /// What stopped a job before its end; the next `run` goes on. What happens to rows that go by calls is in their outcomes.
    pub async fn run(&mut self) -> Result<LoadReport> {
        let plan = self.plan().await?.clone();
        if self.job.is_none() && plan.calls.iter().any(|call| call.path == WritePath::Bulk) {
            let mut ingest = self.ingest.clone();
            ingest.job.assignment_rule = self.ingest.job.assignment_rule;
            let head = std::mem::take(&mut self.head).into_iter();
            let head: Vec<_> = head.map(|row| row.map(|row| BulkRow::from(fields_of(row)))).collect();
            let none: Source = Box::pin(Chain { head: Vec::new().into_iter(), rest: None });
            let rest = std::mem::replace(&mut self.rows, none);
            let rest = (!self.exhausted).then_some(rest);
            let rows = Chain { head: head.into_iter(), rest };
            self.job = Some(BulkLoad::diverting(self.org.clone(), ingest, Box::pin(rows)));
        }
        match self.job.is_some() {
            true => self.run_job(plan).await,
            false => self.run_calls(plan).await,
        }
    }
    async fn run_job(&mut self, plan: WritePlan) -> Result<LoadReport> {
        let Some(load) = &mut self.job else { return self.run_calls(plan).await };
        let mut report = load.run().await?;
        // All of them at its first end; none when this is run again.
        let mut writes = Vec::new();
        for (place, row) in load.take_diverted() {
            if let Ok(write) = row.into_fields(&self.ingest.job).and_then(|f| write_of(f, &self.ingest.job)) {
                self.late.push(place);
                writes.push(write);
            }
        }
        if !writes.is_empty() {
            let plan = self.org.plan_write(&writes, &self.options);
            self.writing = Some(Writing::new(writes.into_iter().map(Some).collect(), plan));
        }
        self.write(&mut None).await;
        for (place, outcome) in self.late.iter().zip(&self.outcomes) {
            if let Some(slot) = report.outcomes.get_mut(*place) {
                slot.clone_from(outcome);
            }
        }
        Ok(LoadReport { plan, outcomes: report.outcomes, unmatched: report.unmatched, jobs: report.jobs })
    }
    async fn run_calls(&mut self, plan: WritePlan) -> Result<LoadReport> {
        let mut stopped = None;
        // What a run that was dropped left.
        self.write(&mut stopped).await;
        loop {
            if self.head.is_empty() {
                self.take(PIECE).await;
            }
            if self.head.is_empty() {
                break;
            }
            let piece = match self.outcomes.is_empty() {
                true => plan.clone(),
                false => self.plan_head(&Thresholds::rest_only()),
            };
            let rows = std::mem::take(&mut self.head).into_iter().map(Result::ok).collect();
            self.writing = Some(Writing::new(rows, piece));
            self.write(&mut stopped).await;
        }
        let outcomes = self.outcomes.clone();
        Ok(LoadReport { plan, outcomes, unmatched: Vec::new(), jobs: Vec::new() })
    }
    async fn write(&mut self, stopped: &mut Option<Failure>) {
        if let Some(writing) = &mut self.writing {
            self.org.write_planned(writing, &self.options, stopped).await;
        }
        self.outcomes.extend(self.writing.take().map(Writing::into_outcomes).unwrap_or_default());
    }
}

/// A plan for the good rows, told by their places among all.
fn in_input(mut plan: WritePlan, head: &[Result<Write, Failure>]) -> WritePlan {
    let places: Vec<usize> = (0..head.len()).filter(|at| head.get(*at).is_some_and(Result::is_ok)).collect();
    let of = |at: &mut usize| *at = places.get(*at).copied().unwrap_or(*at);
    plan.calls.iter_mut().flat_map(|call| &mut call.rows).for_each(of);
    plan.refused.iter_mut().for_each(|(at, _)| of(at));
    let bad = head.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_ref().err()?.clone())));
    plan.refused.extend(bad);
    plan.refused.sort_by_key(|(at, _)| *at);
    if places.len() < head.len() {
        plan.explain_refused();
    }
    plan
}
/// All or none, and one of them cannot be right.
fn refused(head: &[Result<Write, Failure>]) -> WritePlan {
    let refused = head
        .iter()
        .enumerate()
        .map(|(at, row)| (at, row.as_ref().err().cloned().unwrap_or_else(plan::held_back)));
    let why = vec!["nothing is sent: all rows or none, and one of them cannot be right".to_owned()];
    WritePlan { calls: Vec::new(), refused: refused.collect(), api_calls: 0, why }
}

const ID: FieldName = FieldName::from_static("Id");

/// The row as a call takes it.
fn write_of(mut fields: Fields, job: &IngestJob) -> Result<Write, Failure> {
    let object = job.object.clone();
    let id = |fields: &mut Fields| {
        let text = fields.remove(&ID).and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default();
        SfId::new(&text).map_err(|error| Failure::invalid_input(error.to_string()).with_fields(["Id"]))
    };
    Ok(match (job.operation, &job.external_id) {
        (Operation::Insert, _) => Write::Insert { object, fields },
        (Operation::Update, _) => {
            Write::Update { object, id: id(&mut fields)?, fields, if_unmodified_since: None }
        }
        (Operation::Upsert, Some(key)) => Write::Upsert { object, key: key.clone(), fields },
        (Operation::Upsert, None) => {
            return Err(Failure::invalid_input("an upsert needs the external ID field to go by"));
        }
        (Operation::Delete | Operation::HardDelete, _) => Write::Delete { id: id(&mut fields)? },
    })
}
/// The row as a job takes it.
fn fields_of(row: Write) -> Fields {
    match row {
        Write::Insert { fields, .. } | Write::Upsert { fields, .. } => fields,
        Write::Update { id, fields, .. } => [(ID, Value::from(id))].into_iter().chain(fields).collect(),
        Write::Delete { id } => Fields::new().set(ID, id),
    }
}

/// The rows that were looked at, and those after them.
struct Chain {
    head: std::vec::IntoIter<Result<BulkRow, Failure>>,
    rest: Option<Source>,
}
impl Stream for Chain {
    type Item = Result<BulkRow, Failure>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(row) = self.head.next() {
            return Poll::Ready(Some(row));
        }
        match &mut self.rest {
            Some(rest) => rest.as_mut().poll_next(context),
            None => Poll::Ready(None),
        }
    }
}
