//! Jobs that export what a query finds, page by page.
use super::{
    Asked, MOST_QUERY_JOBS, Wanted, csv, csv_answer,
    job::{Export, Job, JobState, Operation, Work},
    not_ready, object,
};
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    org::Inner,
    rest::{Answer, Call, Service},
    soql::{Extract, Sources},
    state::{Cell, java_double},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sf_core::SfId;

/// Pages a result comes in, unless their size was chosen.
const PAGES: usize = 3;
/// The largest page of its own accord.
const LARGEST_PAGE: usize = 50_000;
/// Pages named in one answer.
const MOST_URLS: usize = 5;

impl Service<'_> {
    pub(super) fn create_export(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let Json::Object(fields) = call.json()? else {
            return Err(ApiError::bad_json("The request is not well-formed: a job is an object"));
        };
        let asked = Asked(fields);
        let operation = asked.operation(&Operation::QUERY)?;
        let dialect = asked.dialect()?;
        let soql = asked.needed("query")?.to_owned();
        let now = self.inner.state.now();
        if self.inner.bulk.query_jobs.last_day(now) >= MOST_QUERY_JOBS {
            // [inferred] text
            let message = "ExceededQuota : Number of query jobs exceeds the daily limit of 10000";
            return Err(ApiError::new(400, "EXCEEDEDQUOTA", message));
        }
        let sources = self.sources(call.version, operation == Operation::QueryAll);
        let extract = Extract::new(&sources, &soql).map_err(|error| self.inner.bulk_query_error(error))?;
        let wanted = Wanted { operation, object: extract.object().to_owned(), dialect };
        let work = Work::Query(Export { soql, ..Export::default() });
        let job = self.new_job(call, wanted, JobState::UploadComplete, work)?;
        let head = job.head();
        self.inner.bulk.put(job);
        self.inner.bulk.query_jobs.add(now, 1);
        Ok(object(Value::Object(head)))
    }

    /// The finished export of a job.
    fn exported(&self, call: &Call<'_>, id: SfId) -> ApiResult<(&Job, &Export)> {
        let job = self.job(id)?;
        let Work::Query(export) = &job.work else { return Err(ApiError::not_found()) };
        if job.version != call.version {
            // The status is documented.
            let message = format!("Use API version {}.0, in which the job was created", job.version);
            return Err(ApiError::new(409, "API_ERROR", message).assumed(AssumedError::OtherVersion));
        }
        if job.state != JobState::JobComplete {
            return Err(not_ready(job));
        }
        Ok((job, export))
    }

    /// Rows of a page when nobody says.
    fn page_rows(&self, export: &Export) -> usize {
        let chosen = self.inner.bulk.settings.page_rows;
        chosen.unwrap_or_else(|| export.rows.len().div_ceil(PAGES).min(LARGEST_PAGE)).max(1)
    }

    pub(super) fn export_results(&mut self, call: &Call<'_>, id: SfId) -> ApiResult<Answer> {
        let (_, export) = self.exported(call, id)?;
        let start = start(call, export.rows.len())?;
        let asked = match call.parameter("maxRecords") {
            None => usize::MAX,
            Some(text) => text.parse::<usize>().ok().filter(|n| *n > 0).ok_or_else(|| {
                ApiError::new(400, "API_ERROR", format!("Invalid value for maxRecords: {text}"))
                    .assumed(AssumedError::MaxRecords)
            })?,
        };
        let rows = self.page_rows(export).min(asked).min(self.inner.short_page.unwrap_or(usize::MAX)).max(1);
        let end = export.rows.len().min(start.saturating_add(rows));
        let is_blank = export.rows.is_empty() && !self.inner.assumptions.bulk.empty_result_has_header;
        let mut out = if is_blank { String::new() } else { export.header.clone() };
        export.rows[start..end].iter().for_each(|row| out.push_str(row));
        let next = if end < export.rows.len() { locator(end) } else { "null".to_owned() };
        let answer = csv_answer(out).rows(end - start);
        Ok(answer.header("Sforce-Locator", next).header("Sforce-NumberOfRecords", (end - start).to_string()))
    }

    pub(super) fn export_pages(&mut self, call: &Call<'_>, id: SfId) -> ApiResult<Answer> {
        let (job, export) = self.exported(call, id)?;
        let total = export.rows.len();
        let rows = self.page_rows(export);
        let base = format!("/services/data/v{}.0/jobs/query/{}", call.version, job.id);
        let mut at = start(call, total)?;
        let mut urls = Vec::new();
        while urls.len() < MOST_URLS && (at < total || (at == 0 && urls.is_empty())) {
            urls.push(json!({"resultUrl": format!("{base}/results?locator={}", locator(at))}));
            at += rows;
        }
        let next = (at < total).then(|| format!("{base}/resultPages?locator={}", locator(at)));
        Ok(object(json!({"resultPages": urls, "done": next.is_none(), "nextRecordsUrl": next})))
    }
}

/// Where a locator points to: opaque to clients, a row here.
fn start(call: &Call<'_>, rows: usize) -> ApiResult<usize> {
    let Some(text) = call.parameter("locator") else { return Ok(0) };
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let at = bytes.and_then(|bytes| String::from_utf8(bytes).ok()?.parse::<usize>().ok());
    at.filter(|at| *at == 0 || *at < rows).ok_or_else(|| {
        let error = ApiError::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
        error.assumed(AssumedError::ResultLocator)
    })
}
fn locator(at: usize) -> String {
    URL_SAFE_NO_PAD.encode(at.to_string())
}

impl Inner {
    /// Everything that is wrong with a statement is an `API_ERROR` here.
    fn bulk_query_error(&self, error: ApiError) -> ApiError {
        if error.code == "INVALIDENTITY" || !self.assumptions.bulk.query_errors_are_api_errors {
            return error;
        }
        ApiError { code: "API_ERROR".into(), ..error }
    }

    /// Runs the query of a job.
    pub(super) fn export(&mut self, job: &Job, export: &mut Export) -> ApiResult<()> {
        let (header, rows) = {
            let service = Service { inner: self };
            let sources = service.sources(job.version, job.operation == Operation::QueryAll);
            let extract = Extract::new(&sources, &export.soql)?;
            let (header, mut rows) = table(&sources, &extract, job.dialect);
            if !extract.is_ordered() || !service.inner.assumptions.bulk.order_by_is_kept {
                super::shuffle(&mut rows, &mut service.inner.bulk.random(job.id, "rows"));
            }
            (header, rows)
        };
        (export.header, export.rows) = (header, rows);
        Ok(())
    }
}

/// The header row of what a statement finds, and its rows.
pub(crate) fn table<T: From<String>>(
    sources: &Sources<'_>,
    extract: &Extract,
    dialect: csv::Dialect,
) -> (String, Vec<T>) {
    let mut header = String::new();
    csv::write_row(extract.header(), dialect, &mut header);
    let mut rows = Vec::new();
    extract.each(sources, |cells| {
        let texts: Vec<String> = cells.iter().map(text).collect();
        let mut row = String::new();
        csv::write_row(texts.iter().map(String::as_str), dialect, &mut row);
        rows.push(T::from(row));
    });
    (header, rows)
}

/// A value as exports write it: moments end in `Z`, null is empty.
fn text(cell: &Cell) -> String {
    match cell {
        Cell::Bool(b) => b.to_string(),
        Cell::Int(n) => n.to_string(),
        Cell::Double(n) => java_double(*n),
        Cell::Text(text) => text.to_string(),
        Cell::Id(id) => id.to_string(),
        Cell::Date(day) => day.to_string(),
        Cell::DateTime(at) => at.utc().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        Cell::Null | Cell::Bytes(_) => String::new(),
    }
}
