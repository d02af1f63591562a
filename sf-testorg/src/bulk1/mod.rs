//! Bulk API 1.0: jobs whose batches the client sends, as CSV, JSON or XML. Rows are loaded and queries are run as Bulk API 2.0 does it here.
//!
//! A batch goes on in two steps, from `Queued` to `InProgress` and from there to its end: when their time has come, or, unless a test
//! chose the time of a step, when somebody asks for the batch, its job or the job's batches.
mod batch;
mod chunk;
mod create;
mod format;
mod info;
mod job;
mod pace;
mod query;
mod records;
mod results;

use crate::{
    AssumedError, Method, Request,
    bulk::MOST_BATCHES,
    error::{ApiError, ApiResult},
    org::Inner,
    rest::{Answer, Target},
};
use batch::{Batch, BatchState, Done};
pub(crate) use format::refused;
use format::{Format, invalid};
use info::Info;
use job::{Job, JobState};
use serde_json::{Map, Value};
use sf_core::{SfId, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Limits cheat sheet, "Bulk API and Bulk API 2.0 Limits": characters and bytes of a batch.
const LARGEST_BATCH: usize = 10_000_000;

/// The jobs of one org.
#[derive(Debug, Clone, Default)]
pub(crate) struct Classic {
    /// By id, which is the order of creation.
    jobs: BTreeMap<SfId, Job>,
    /// When batches go on, and when open jobs have waited too long. What is no longer true is passed over.
    agenda: BTreeSet<(Timestamp, SfId, Option<usize>)>,
}

impl Classic {
    /// For the lists of Bulk API 2.0: the jobs that load rows, or those that query; all, or those with PK chunking.
    pub(crate) fn entries(&self, queries: bool, chunked: bool) -> impl Iterator<Item = Map<String, Value>> {
        let jobs = self.jobs.values().filter(move |job| job.is_query() == queries);
        jobs.filter(move |job| !chunked || job.chunking.is_some()).map(Job::entry)
    }
}

/// One request below `/services/async/NN.0`.
struct Call<'r> {
    request: &'r Request,
    version: u16,
    now: Timestamp,
    user: SfId,
}

impl Call<'_> {
    /// What the body is said to be.
    fn format(&self) -> ApiResult<Option<Format>> {
        let Some(value) = self.request.find_header("Content-Type") else { return Ok(None) };
        Format::of_header(value).map(Some).ok_or_else(|| format::unsupported(value))
    }
}

impl Inner {
    /// The answer to a request of Bulk API 1.0; its errors have a form of their own.
    pub(crate) fn asynchronous(&mut self, request: &Request, target: &Target) -> Answer {
        self.admit(request, target).unwrap_or_else(|error| {
            let start = self.state.start_of_transaction();
            self.state.rollback_to(start);
            let job = target.segments.get(4).and_then(|id| self.classic.jobs.get(&SfId::new(id).ok()?));
            refused(request, job.map(|job| job.format), &self.assumptions.worded(error))
        })
    }

    fn admit(&mut self, request: &Request, target: &Target) -> ApiResult<Answer> {
        if let Some(answer) = self.wrong_host(request) {
            return answer;
        }
        let user = self.enter_asynchronous(request)?;
        let segments: Vec<&str> = target.segments.iter().skip(2).map(String::as_str).collect();
        let [version, path @ ..] = segments.as_slice() else { return Err(not_a_resource()) };
        let version = crate::service::version(&format!("v{version}")).map_err(|_| {
            let message = format!("Api version {version} is not supported");
            invalid("InvalidVersion", message).assumed(AssumedError::ClassicVersion)
        })?;
        let now = self.state.now();
        if self.log.last_day(now) > self.daily_api_requests {
            return Err(ApiError::new(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."));
        }
        let api_user = self.state.user();
        self.run_as(user);
        let answer = self.classic_route(&Call { request, version, now, user }, path);
        if let Some(api_user) = api_user {
            self.run_as(api_user);
        }
        answer
    }

    fn classic_route(&mut self, call: &Call<'_>, path: &[&str]) -> ApiResult<Answer> {
        let is_post = call.request.method == Method::Post;
        if !is_post && !matches!(call.request.method, Method::Get | Method::Head) {
            return Err(not_allowed(call));
        }
        match (is_post, path) {
            (true, ["job"]) => self.create_classic(call),
            (true, ["job", id]) => self.change_classic(call, job_id(id)?),
            (true, ["job", id, "batch"]) => self.add_batch(call, job_id(id)?),
            (true, ["job", _, "spec"]) => Err(invalid(
                "FeatureNotEnabled",
                "Transformation specifications are not simulated by this org",
            )),
            (false, ["job", id]) => {
                let id = job_id(id)?;
                self.ask(id, None);
                let job = self.classic_job(id)?;
                // [inferred]: a client that asks without a Content-Type gets what the job is made of.
                let follows = self.assumptions.bulk1.job_info_follows_content_type;
                let asked = if follows { call.format()? } else { None };
                Ok(job.info().answer(200, asked.unwrap_or(job.format)))
            }
            (false, ["job", id, "batch"]) => {
                let id = job_id(id)?;
                self.same_version(call, id)?;
                self.ask(id, None);
                let job = self.classic_job(id)?;
                Ok(info::list(job.batches.iter().map(|batch| batch.info(id)).collect(), job.format))
            }
            (false, ["job", id, "batch", batch, below @ ..]) => {
                let id = job_id(id)?;
                self.same_version(call, id)?;
                let at = self.batch_at(id, batch)?;
                if below.is_empty() {
                    self.ask(id, Some(at));
                }
                let job = self.classic_job(id)?;
                let batch = job.batches.get(at).ok_or_else(|| no_batch(batch))?;
                match below {
                    [] => Ok(batch.info(id).answer(200, job.format)),
                    ["request"] => Ok(job.format.data(batch.request.to_vec())),
                    ["result"] => results::of_batch(job, batch),
                    ["result", result] => results::of_query(job, batch, result),
                    _ => Err(not_a_resource()),
                }
            }
            (false, ["job"]) => Err(not_allowed(call)),
            _ => Err(not_a_resource()),
        }
    }

    fn classic_job(&self, id: SfId) -> ApiResult<&Job> {
        self.classic.jobs.get(&id).ok_or_else(|| no_job(id.as_str()))
    }

    /// The place of a batch in its job.
    fn batch_at(&self, job: SfId, batch: &str) -> ApiResult<usize> {
        let id = SfId::new(batch).map_err(|_| no_batch(batch))?;
        let at = self.classic_job(job)?.batches.iter().position(|batch| batch.id == id);
        at.ok_or_else(|| no_batch(batch))
    }

    /// Guide, "Add a Batch to a Job": batches are asked for in the version of their job.
    fn same_version(&self, call: &Call<'_>, id: SfId) -> ApiResult<()> {
        let version = self.classic_job(id)?.version;
        if version == call.version {
            return Ok(());
        }
        let message = format!("Use API version {version}.0, in which the job was created");
        Err(invalid("InvalidVersion", message).assumed(AssumedError::OtherVersion))
    }

    /// `POST job/ID`: closes or aborts.
    fn change_classic(&mut self, call: &Call<'_>, id: SfId) -> ApiResult<Answer> {
        let (format, asked) = create::read(call)?;
        let second_close = self.assumptions.bulk.second_close_is_ok;
        self.own(call, id)?;
        let Some(job) = self.classic.jobs.get_mut(&id) else { return Err(no_job(id.as_str())) };
        let refused = |verb: &str| {
            let message = format!("{verb} already {} Job not allowed", job.state.word());
            Err(invalid("InvalidJobState", message))
        };
        match asked.text("state") {
            Some("Closed") => match job.state {
                JobState::Open => job.state = JobState::Closed,
                JobState::Closed if second_close => {}
                _ => return refused("Closing"),
            },
            Some("Aborted") => {
                if !matches!(job.state, JobState::Open | JobState::Closed) {
                    return refused("Aborting");
                }
                job.state = JobState::Aborted;
                // Guide, "Interpret Batch State": a batch in progress is processed to its end.
                for batch in job.batches.iter_mut().filter(|batch| batch.state == BatchState::Queued) {
                    (batch.state, batch.modified) = (BatchState::NotProcessed, call.now);
                }
            }
            other => {
                let message = format!("Invalid job state: {}", other.unwrap_or("null"));
                return Err(invalid("InvalidJobState", message).assumed(AssumedError::UnknownJobState));
            }
        }
        job.modified = call.now;
        Ok(job.info().answer(200, format))
    }

    /// Only who created a job changes it.
    fn own(&self, call: &Call<'_>, id: SfId) -> ApiResult<()> {
        match self.classic_job(id)?.user {
            Some(user) if user != call.user => {
                let error = invalid("InvalidUser", "The job was created by another user");
                Err(error.assumed(AssumedError::NotTheCreator))
            }
            _ => Ok(()),
        }
    }

    /// `POST job/ID/batch`. What is in it is looked at later.
    fn add_batch(&mut self, call: &Call<'_>, id: SfId) -> ApiResult<Answer> {
        self.same_version(call, id)?;
        self.own(call, id)?;
        let job = self.classic_job(id)?;
        if job.state != JobState::Open {
            let message = format!(
                "Failed to create batch, since the Job is not Open. Current job state is '{}'",
                job.state.name()
            );
            return Err(invalid("InvalidJobState", message));
        }
        if let Some(format) = call.format()?
            && format != job.format
        {
            let message =
                format!("The content type does not match the job's content type {}", job.format.name());
            return Err(invalid("UnsupportedContentType", message).assumed(AssumedError::ClassicContentType));
        }
        let size = call.request.body.len();
        if size > LARGEST_BATCH {
            let message = format!(
                "Failed to read request. Exceeded max size limit of {LARGEST_BATCH} with request size {size}"
            );
            return Err(invalid("ClientInputError", message));
        }
        if self.bulk.used(call.now).0 >= MOST_BATCHES {
            return Err(invalid("ExceededQuota", "ApiBatchItems Limit exceeded."));
        }
        let number = self.log.counters.requests + 1;
        let batch = self.queue(id, Arc::from(call.request.body.as_slice()), call.now, number)?;
        let job = self.classic_job(id)?;
        let batch = job.batches.get(batch).ok_or_else(|| no_job(id.as_str()))?;
        let location = format!("/services/async/{}.0/job/{id}/batch/{}", call.version, batch.id);
        Ok(batch.info(id).answer(201, job.format).header("Location", location))
    }

    /// Puts a batch behind the others of its job; its place.
    fn queue(&mut self, job: SfId, request: Arc<[u8]>, now: Timestamp, call: u64) -> ApiResult<usize> {
        let id = self.state.next_id_of("751");
        let id = id.ok_or_else(|| ApiError::new(500, "UNKNOWN_EXCEPTION", "no id for the batch"))?;
        let due = now + self.bulk.step_time();
        let Some(own) = self.classic.jobs.get_mut(&job) else { return Err(no_job(job.as_str())) };
        own.modified = now;
        own.batches.push(Batch {
            id,
            state: BatchState::Queued,
            message: None,
            created: now,
            modified: now,
            due,
            call,
            request,
            is_chunk: false,
            done: Done::Nothing,
        });
        let at = own.batches.len() - 1;
        self.classic.agenda.insert((due, job, Some(at)));
        self.bulk.count_batch(now);
        Ok(at)
    }
}

fn job_id(text: &str) -> ApiResult<SfId> {
    SfId::new(text).map_err(|_| no_job(text))
}
fn no_job(id: &str) -> ApiError {
    invalid("InvalidJob", format!("Invalid job id: {id}")).assumed(AssumedError::ClassicJob)
}
fn no_batch(id: &str) -> ApiError {
    invalid("InvalidBatch", format!("Invalid batch id: {id}")).assumed(AssumedError::ClassicBatch)
}
/// Guide, "Errors": the spelling of the URI.
fn not_a_resource() -> ApiError {
    let error = invalid("InvalidUrl", "Destination URL is not a resource of the Bulk API");
    error.assumed(AssumedError::ClassicUrl)
}
fn not_allowed(call: &Call<'_>) -> ApiError {
    let message = format!("HTTP Method '{}' not allowed here", call.request.method);
    ApiError::new(405, "InvalidOperation", message).assumed(AssumedError::ClassicMethod)
}
