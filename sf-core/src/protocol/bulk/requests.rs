//! The requests of jobs and what their answers say. (Bulk API 2.0 guide.)
use super::{JobInfo, JobList, JobState};
use crate::{
    FieldName, ObjectName, Result, SfId,
    protocol::{Body, Method, Request, Response, Safety},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which of the two families of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Jobs that write.
    Ingest,
    /// Jobs that read.
    Query,
}
impl JobKind {
    const fn folder(self) -> &'static str {
        match self {
            JobKind::Ingest => "ingest",
            JobKind::Query => "query",
        }
    }
}

/// What a job does with its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Operation {
    /// New rows.
    Insert,
    /// Changes of rows by `Id`.
    Update,
    /// Insert or update by an external ID field, or by `Id`.
    Upsert,
    /// Into the recycle bin, by `Id`.
    Delete,
    /// Deletion past the recycle bin, by `Id`; needs the user permission *Bulk API Hard Delete*.
    HardDelete,
}

/// The body of a new job that writes. Data is CSV in UTF-8 with commas and line feeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct IngestJob {
    /// The object.
    pub object: ObjectName,
    /// What to do.
    pub operation: Operation,
    /// What an upsert goes by.
    #[serde(default, rename = "externalIdFieldName", skip_serializing_if = "Option::is_none")]
    pub external_id: Option<FieldName>,
    /// An assignment rule of Case or Lead.
    #[serde(default, rename = "assignmentRuleId", skip_serializing_if = "Option::is_none")]
    pub assignment_rule: Option<SfId>,
}
impl IngestJob {
    /// A job without key and rule.
    pub fn new(object: ObjectName, operation: Operation) -> IngestJob {
        IngestJob { object, operation, external_id: None, assignment_rule: None }
    }
}

/// One of the three files of a job that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResultFile {
    /// `sf__Id`, `sf__Created` and the row as it was sent.
    Successful,
    /// `sf__Id`, `sf__Error` and the row as it was sent.
    Failed,
    /// The rows that were not worked on because the job ended before.
    Unprocessed,
}
impl ResultFile {
    /// All of them.
    pub const ALL: [ResultFile; 3] = [ResultFile::Successful, ResultFile::Failed, ResultFile::Unprocessed];
}

/// Creates a job that writes. Not idempotent: a lost answer may leave an empty job that stays [`JobState::Open`] and does
/// nothing.
pub fn create_ingest(job: &IngestJob) -> Request {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct NewJob<'a> {
        #[serde(flatten)]
        job: &'a IngestJob,
        content_type: &'a str,
        column_delimiter: &'a str,
        line_ending: &'a str,
    }
    let body = NewJob { job, content_type: "CSV", column_delimiter: "COMMA", line_ending: "LF" };
    Request::post(["jobs", "ingest"]).with_json(json(&body))
}
/// The data of an open job, once. Goes to the job's own path, not to the `contentUrl` that the org names: it has no
/// leading slash, and naive joining makes a path that does not exist.
pub fn upload(id: SfId, csv: Arc<str>) -> Request {
    Request::new(Method::Put, ["jobs", "ingest", id.as_str(), "batches"]).with_body(Body::Csv(csv))
}
/// [`JobState::UploadComplete`] starts a job, [`JobState::Aborted`] ends it.
pub fn set_state(kind: JobKind, id: SfId, state: &JobState) -> Request {
    #[derive(Serialize)]
    struct Patch<'a> {
        state: &'a JobState,
    }
    Request::new(Method::Patch, ["jobs", kind.folder(), id.as_str()])
        .with_json(json(&Patch { state }))
        .with_safety(Safety::Idempotent)
}
/// Asks for a job.
pub fn status(kind: JobKind, id: SfId) -> Request {
    Request::get(["jobs", kind.folder(), id.as_str()])
}
/// Removes a job and its results. Not while the org works on it.
pub fn delete(kind: JobKind, id: SfId) -> Request {
    Request::new(Method::Delete, ["jobs", kind.folder(), id.as_str()]).with_safety(Safety::Idempotent)
}
/// A result file, for `download`.
pub fn result_file(id: SfId, file: ResultFile) -> Request {
    let name = match file {
        ResultFile::Successful => "successfulResults",
        ResultFile::Failed => "failedResults",
        ResultFile::Unprocessed => "unprocessedrecords",
    };
    Request::get(["jobs", "ingest", id.as_str(), name]).with_header("Accept", "text/csv")
}
/// The jobs of the org, 1,000 at a time; `next` is [`JobList::next`].
pub fn list(kind: JobKind, next: Option<&str>) -> Result<Request> {
    match next {
        Some(path) => in_org(path),
        None => {
            let kind_name = if kind == JobKind::Ingest { "V2Ingest" } else { "V2Query" };
            Ok(Request::get(["jobs", kind.folder()]).with_query("jobType", kind_name))
        }
    }
}

/// Creates a job that reads; `deleted`: the rows of the recycle bin too.
pub fn create_query(soql: &str, deleted: bool) -> Request {
    #[derive(Serialize)]
    struct NewJob<'a> {
        operation: &'a str,
        query: &'a str,
    }
    let operation = if deleted { "queryAll" } else { "query" };
    Request::post(["jobs", "query"]).with_json(json(&NewJob { operation, query: soql }))
}
/// A page of rows, for `download`; without a locator the first. `most` is a ceiling: the org may send fewer.
pub fn result_page(id: SfId, locator: Option<&str>, most: Option<u32>) -> Request {
    let mut request =
        Request::get(["jobs", "query", id.as_str(), "results"]).with_header("Accept", "text/csv");
    if let Some(locator) = locator {
        request = request.with_query("locator", locator);
    }
    match most {
        Some(rows) => request.with_query("maxRecords", rows.to_string()),
        None => request,
    }
}
/// Where the next page is. On the last one the header is the word `null`, empty or missing.
///
/// ```
/// use sf_core::protocol::{Response, bulk::next_locator};
/// let answer = |locator: &str| Response::new(200, vec![("Sforce-Locator".into(), locator.into())], "");
/// assert_eq!(next_locator(&answer("MTAwMDA")), Some("MTAwMDA"));
/// assert_eq!(next_locator(&answer("null")), None);
/// assert_eq!(next_locator(&answer("")), None);
/// assert_eq!(next_locator(&Response::new(200, vec![], "")), None);
/// ```
pub fn next_locator(response: &Response) -> Option<&str> {
    let locator = response.header("sforce-locator")?.trim();
    (!locator.is_empty() && !locator.eq_ignore_ascii_case("null")).then_some(locator)
}
/// Up to five pages that can be read at the same time (API version 58 and later); `next` is [`ResultPages::next`].
pub fn result_pages(id: SfId, next: Option<&str>) -> Result<Request> {
    match next {
        Some(path) => in_org(path),
        None => Ok(Request::get(["jobs", "query", id.as_str(), "resultPages"])),
    }
}

/// Pages that can be read at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultPages {
    /// Their locators, in order.
    pub locators: Vec<String>,
    /// Where more of them are.
    pub next: Option<String>,
}

/// Reads the answer to creation, status, close and abort.
pub fn job_response(response: &Response) -> Result<JobInfo> {
    response.json()
}
/// Reads a list of jobs. Jobs of other kinds may lack what those of Bulk API 2.0 have: such are left out.
///
/// # Errors
/// [`ErrorKind::Decode`](crate::ErrorKind::Decode) for an entry without an id, and for a list that is not the last and does not say where
/// it goes on.
pub fn list_response(response: &Response) -> Result<JobList> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        records: Vec<serde_json::Value>,
        #[serde(default)]
        next_records_url: Option<String>,
        #[serde(default)]
        done: bool,
    }
    let answer: Answer = response.json()?;
    if answer.records.iter().any(|job| !job.get("id").is_some_and(serde_json::Value::is_string)) {
        return Err(wrong_list("a list of jobs has an entry without an id"));
    }
    let jobs = answer.records.into_iter().filter_map(|job| serde_json::from_value(job).ok()).collect();
    Ok(JobList { jobs, next: next(answer.next_records_url, answer.done)? })
}
/// A list that does not say that it is done goes on somewhere.
fn next(url: Option<String>, done: bool) -> Result<Option<String>> {
    match url.filter(|url| !url.is_empty()) {
        None if !done => Err(wrong_list("a list goes on and does not say where")),
        next => Ok(next.filter(|_| !done)),
    }
}
fn wrong_list(message: &str) -> crate::Error {
    crate::Failure::new(crate::ErrorKind::Decode, crate::Delivery::Refused, message).into()
}
/// Reads the answer to [`result_pages`]. The next address is called `nextRecordsUrl` or `nextRecordUrl`.
pub fn result_pages_response(response: &Response) -> Result<ResultPages> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        result_pages: Vec<Entry>,
        #[serde(default, alias = "nextRecordUrl")]
        next_records_url: Option<String>,
        #[serde(default)]
        done: Option<bool>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Entry {
        result_url: String,
    }
    let answer: Answer = response.json()?;
    let locators = answer.result_pages.iter().map(|page| {
        // Only the locator is taken: the page is asked for at the job's own path.
        let base = url::Url::parse("https://org.invalid/").and_then(|base| base.join(&page.result_url)).ok();
        let pair = base.and_then(|url| {
            url.query_pairs().find(|(name, _)| name == "locator").map(|(_, v)| v.into_owned())
        });
        pair.ok_or_else(|| wrong_list("a result page is named without its locator"))
    });
    let locators = locators.collect::<Result<Vec<_>>>()?;
    // Unlike of jobs, of rows the number is known otherwise.
    let done = answer.done.unwrap_or(answer.next_records_url.is_none());
    Ok(ResultPages { locators, next: next(answer.next_records_url, done)? })
}

/// A path that the org named, with or without the slash in front; its query goes over as parameters.
fn in_org(path: &str) -> Result<Request> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut request = Request::to_path(Method::Get, format!("/{path}"))?;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        request = request.with_query(name, value);
    }
    Ok(request)
}
fn json<T: Serialize>(body: &T) -> String {
    // Names and texts only: this cannot fail.
    serde_json::to_string(body).unwrap_or_default()
}
