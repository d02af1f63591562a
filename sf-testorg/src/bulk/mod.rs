//! Bulk API 2.0: jobs that load or export many rows, as CSV.
//!
//! A job's work is done in steps. A step happens when its time has come, or, unless a test chose the time of a step, when
//! somebody asks for the job: the first asking finds `InProgress`, the second finds the first batch done. Jobs live in
//! memory; what they changed is in the state file like every other change, and their ids are not given again.
pub(crate) mod columns;
pub(crate) mod csv;
pub(crate) mod failure;
mod ingest;
pub(crate) mod job;
mod list;
pub(crate) mod load;
mod multipart;
mod pace;
pub(crate) mod query;

use crate::{
    Method,
    assumptions::AssumedError,
    demo::random::Random,
    error::{ApiError, ApiResult},
    rest::{Answer, Body, Call, Service},
};
use csv::{Delimiter, Dialect, LineEnding};
use job::{Job, JobState, Work};
use serde_json::{Map, Value, json};
use sf_core::{SfId, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Limits cheat sheet, "Bulk API and Bulk API 2.0 Limits".
pub(crate) const MOST_BATCHES: u64 = 15_000;
pub(crate) const MOST_QUERY_JOBS: u64 = 10_000;
/// Rows of one internal batch.
const BATCH_ROWS: usize = 10_000;
/// Jobs and their results are kept this long.
pub(crate) const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// An ingest job may wait this long for its data.
pub(crate) const OPEN: Duration = Duration::from_secs(24 * 3600);
/// How long a step takes when nobody asks.
const STEP: Duration = Duration::from_secs(10);

/// What a person who runs the org chooses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// The time of a step; then asking does not move a job.
    pub(crate) step: Option<Duration>,
    /// Rows of a result page.
    pub(crate) page_rows: Option<usize>,
    pub(crate) batch_rows: Option<usize>,
    pub(crate) hard_delete: bool,
}

/// The jobs of one org.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bulk {
    pub(crate) settings: Settings,
    /// By id, which is the order of creation.
    jobs: BTreeMap<SfId, Job>,
    /// When those that wait for something go on, the earliest first.
    agenda: BTreeSet<(Timestamp, SfId)>,
    /// The same by id.
    dues: BTreeMap<SfId, Timestamp>,
    batches: Rolling,
    query_jobs: Rolling,
    seed: u64,
}

/// A count of the last 24 hours.
#[derive(Debug, Clone, Default)]
struct Rolling(BTreeMap<i64, u64>);
impl Rolling {
    fn hour(at: Timestamp) -> i64 {
        at.millis().div_euclid(3_600_000)
    }
    fn add(&mut self, at: Timestamp, n: u64) {
        let hour = Rolling::hour(at);
        *self.0.entry(hour).or_default() += n;
        self.0 = self.0.split_off(&(hour - 23));
    }
    fn last_day(&self, at: Timestamp) -> u64 {
        self.0.range(Rolling::hour(at) - 23..).map(|(_, n)| n).sum()
    }
}

impl Bulk {
    pub(crate) fn new(seed: u64) -> Bulk {
        Bulk { seed, ..Bulk::default() }
    }
    /// Batches and query jobs that the last 24 hours have used.
    pub(crate) fn used(&self, now: Timestamp) -> (u64, u64) {
        (self.batches.last_day(now), self.query_jobs.last_day(now))
    }
    /// A batch of one of the APIs was begun.
    pub(crate) fn count_batch(&mut self, now: Timestamp) {
        self.batches.add(now, 1);
    }
    pub(crate) fn step_time(&self) -> Duration {
        self.settings.step.unwrap_or(STEP)
    }
    /// The same numbers for the same job of the same org.
    pub(crate) fn random(&self, job: SfId, what: &str) -> Random {
        Random::of(self.seed, what, crate::state::ids::counter_of(job))
    }
    fn put(&mut self, job: Job) {
        self.unschedule(job.id);
        if !job.state.is_over() {
            self.agenda.insert((job.due, job.id));
            self.dues.insert(job.id, job.due);
        }
        self.jobs.insert(job.id, job);
    }
    fn unschedule(&mut self, id: SfId) {
        if let Some(due) = self.dues.remove(&id) {
            self.agenda.remove(&(due, id));
        }
    }
    fn remove(&mut self, id: SfId) {
        self.unschedule(id);
        self.jobs.remove(&id);
    }
}

pub(crate) fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for last in (1..items.len()).rev() {
        let other = usize::try_from(random.below(last as u64 + 1)).unwrap_or(last);
        items.swap(last, other);
    }
}

impl Service<'_> {
    /// Everything under `/services/data/vNN.0/jobs`.
    pub(crate) fn jobs(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        if call.version < since(&segments) {
            return Err(ApiError::not_found());
        }
        match segments.as_slice() {
            ["jobs"] => match call.method {
                Method::Get | Method::Head => {
                    let base = format!("/services/data/v{}.0/jobs", call.version);
                    Ok(object(json!({"ingest": format!("{base}/ingest"), "query": format!("{base}/query")})))
                }
                other => Err(ApiError::method(other, "GET,HEAD")),
            },
            ["jobs", "ingest"] => match call.method {
                Method::Get | Method::Head => self.list_jobs(call, "ingest"),
                Method::Post => self.create_ingest(call),
                other => Err(ApiError::method(other, "GET,HEAD,POST")),
            },
            ["jobs", "query"] => match call.method {
                Method::Get | Method::Head => self.list_jobs(call, "query"),
                Method::Post => self.create_export(call),
                other => Err(ApiError::method(other, "GET,HEAD,POST")),
            },
            ["jobs", kind @ ("ingest" | "query"), id] => {
                let id = self.job_id(id, kind)?;
                match call.method {
                    Method::Get | Method::Head => self.job_info(id),
                    Method::Patch => self.change_job(call, id),
                    Method::Delete => self.delete_job(id),
                    other => Err(ApiError::method(other, "DELETE,GET,HEAD,PATCH")),
                }
            }
            ["jobs", "ingest", id, "batches"] => {
                let id = self.job_id(id, "ingest")?;
                match call.method {
                    Method::Put => self.upload(call, id),
                    other => Err(ApiError::method(other, "PUT")),
                }
            }
            ["jobs", kind @ ("ingest" | "query"), id, resource] => {
                let id = self.job_id(id, kind)?;
                if !matches!(call.method, Method::Get | Method::Head) {
                    return Err(ApiError::method(call.method, "GET,HEAD"));
                }
                match (*kind, resource.to_ascii_lowercase().as_str()) {
                    ("ingest", "successfulresults" | "failedresults" | "unprocessedrecords") => {
                        self.ingest_results(id, resource)
                    }
                    ("query", "results") => self.export_results(call, id),
                    ("query", "resultpages") => self.export_pages(call, id),
                    _ => Err(ApiError::not_found()),
                }
            }
            _ => Err(ApiError::not_found()),
        }
    }

    fn job_id(&self, text: &str, kind: &str) -> ApiResult<SfId> {
        let id = SfId::new(text).map_err(|_| ApiError::not_found())?;
        let job = self.job(id)?;
        match (&job.work, kind) {
            (Work::Ingest(_), "ingest") | (Work::Query(_), "query") => Ok(id),
            _ => Err(ApiError::not_found()),
        }
    }
    fn job(&self, id: SfId) -> ApiResult<&Job> {
        self.inner.bulk.jobs.get(&id).ok_or_else(ApiError::not_found)
    }

    fn job_info(&mut self, id: SfId) -> ApiResult<Answer> {
        let now = self.inner.state.now();
        if self.inner.bulk.settings.step.is_none() && self.job(id)?.state.is_running() {
            self.inner.step(id, now);
        }
        let row_time = self.inner.assumptions.bulk.row_time;
        Ok(object(Value::Object(self.job(id)?.info(now, row_time))))
    }

    /// `PATCH`: closes or aborts.
    fn change_job(&mut self, call: &Call<'_>, id: SfId) -> ApiResult<Answer> {
        let body = call.json()?;
        let job = self.job(id)?;
        let refused = |verb: &str| {
            let message = format!("{verb} already {} Job not allowed", job.state.word());
            Err(ApiError::new(400, "INVALIDJOBSTATE", message))
        };
        let is_ingest = matches!(job.work, Work::Ingest(_));
        match body.get("state").and_then(crate::json::Json::text) {
            Some("UploadComplete") if is_ingest => {
                if job.user.is_some() && job.user != self.inner.state.user() {
                    let message = "The job was created by another user";
                    let error = ApiError::new(400, "INVALIDUSER", message);
                    return Err(error.assumed(AssumedError::NotTheCreator));
                }
                if job.state.is_running() && self.inner.assumptions.bulk.second_close_is_ok {
                    return Ok(object(Value::Object(job.head())));
                }
                if job.state != JobState::Open {
                    return refused("Closing");
                }
                self.close(id)
            }
            Some("Aborted") => {
                if job.state.is_over() {
                    return refused("Aborting");
                }
                let now = self.inner.state.now();
                let Some(mut job) = self.inner.bulk.jobs.remove(&id) else {
                    return Err(ApiError::not_found());
                };
                (job.state, job.modified) = (JobState::Aborted, now);
                let head = job.head();
                self.inner.bulk.put(job);
                Ok(object(Value::Object(head)))
            }
            other => {
                let message = format!("InvalidJobState : Invalid job state: {}", other.unwrap_or("null"));
                Err(ApiError::new(400, "INVALIDJOBSTATE", message).assumed(AssumedError::UnknownJobState))
            }
        }
    }

    fn delete_job(&mut self, id: SfId) -> ApiResult<Answer> {
        let job = self.job(id)?;
        let is_waiting_ingest = matches!(job.work, Work::Ingest(_)) && job.state == JobState::UploadComplete;
        if !job.state.is_over() && !is_waiting_ingest {
            let message = "Error encountered when deleting the job because the job is not terminated";
            return Err(ApiError::new(400, "API_ERROR", message));
        }
        self.inner.bulk.remove(id);
        Ok(Answer::empty(204))
    }

    /// A job of now, not yet among the others.
    fn new_job(&mut self, call: &Call<'_>, wanted: Wanted, state: JobState, work: Work) -> ApiResult<Job> {
        let now = self.inner.state.now();
        let id = self.inner.state.next_id_of("750");
        let id = id.ok_or_else(|| ApiError::new(500, "UNKNOWN_EXCEPTION", "no id for the job"))?;
        Ok(Job {
            id,
            operation: wanted.operation,
            object: wanted.object,
            user: self.inner.state.user(),
            version: call.version,
            dialect: wanted.dialect,
            created: now,
            modified: now,
            state,
            due: now + if state == JobState::Open { OPEN } else { self.inner.bulk.step_time() },
            queued: now,
            call: self.inner.log.counters.requests + 1,
            error: None,
            work,
        })
    }
}

/// The API version that brought a resource.
fn since(segments: &[&str]) -> u16 {
    match segments {
        ["jobs", "query", _, pages] if pages.eq_ignore_ascii_case("resultPages") => 58,
        ["jobs", "query", ..] => 47,
        _ => 41,
    }
}

/// What a new job is asked to be.
struct Wanted {
    operation: job::Operation,
    object: String,
    dialect: Dialect,
}

/// The words of a create request.
struct Asked(Vec<(String, crate::json::Json)>);
impl Asked {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).and_then(|(_, v)| v.text()).filter(|text| !text.is_empty())
    }
    fn needed(&self, name: &str) -> ApiResult<&str> {
        self.text(name).ok_or_else(|| {
            let message = format!("InvalidJob : The field {name} is required to create a job");
            ApiError::new(400, "INVALIDJOB", message).assumed(AssumedError::MissingJobField)
        })
    }
    fn operation(&self, known: &[job::Operation]) -> ApiResult<job::Operation> {
        let name = self.needed("operation")?;
        known.iter().copied().find(|o| o.name() == name).ok_or_else(|| self.unknown("operation"))
    }
    fn dialect(&self) -> ApiResult<Dialect> {
        if self.text("contentType").is_some_and(|kind| kind != "CSV") {
            return Err(self.unknown("contentType"));
        }
        let delimiter = match self.text("columnDelimiter") {
            None => Delimiter::COMMA,
            Some(name) => Delimiter::parse(name).ok_or_else(|| self.unknown("columnDelimiter"))?,
        };
        let ending = match self.text("lineEnding") {
            None => LineEnding::Lf,
            Some(name) => LineEnding::parse(name).ok_or_else(|| self.unknown("lineEnding"))?,
        };
        Ok(Dialect { delimiter, ending })
    }
    fn unknown(&self, name: &str) -> ApiError {
        let value = self.text(name).unwrap_or_default();
        ApiError::bad_json(format!(
            "Cannot deserialize value of {name} from String \"{value}\": not one of its values"
        ))
        .assumed(AssumedError::UnknownJobValue)
    }
}

fn object(json: Value) -> Answer {
    Answer::json(200, json.to_string())
}
fn csv_answer(text: String) -> Answer {
    Answer::new(200, Body::Bytes { content_type: "text/csv", bytes: text.into_bytes() })
}
fn listed(records: Vec<Map<String, Value>>, next: Option<String>) -> Answer {
    object(json!({"done": next.is_none(), "records": records, "nextRecordsUrl": next}))
}

fn no_entity(name: &str) -> ApiError {
    ApiError::new(400, "INVALIDENTITY", format!("Entity '{name}' is not supported by the Bulk API."))
}
fn not_ready(job: &Job) -> ApiError {
    let message = format!("The results are not available: the job is in state {}", job.state.name());
    ApiError::new(400, "INVALIDJOBSTATE", message).assumed(AssumedError::ResultsNotReady)
}
