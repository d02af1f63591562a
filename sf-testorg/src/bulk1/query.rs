//! Batches of query jobs: a statement in, results out.
use super::{Format, Job, chunk::sees_deleted, format::NAMESPACE};
use crate::{
    bulk::{self, csv::Dialect},
    error::{ApiError, ApiResult},
    json::Json,
    org::Inner,
    rest::Service,
    save::moment,
    soql::{self, Extract},
    state::{Kind, State},
    xml,
};
use sf_core::SfId;

/// Results a query comes in, unless their size was chosen: Salesforce starts another one with every gigabyte.
const RESULTS: usize = 3;

/// What a query found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// By their ids, which have 15 characters.
    pub(super) results: Vec<(String, String)>,
    pub(super) rows: usize,
}

/// Recorded: the whole body of a result in CSV when there are no rows.
const NO_ROWS: &str = "Records not found for this query";

impl Inner {
    /// Runs the statement of a batch; the error is the message of the failed batch.
    pub(super) fn find(&mut self, job: &Job, batch: SfId, soql: &str) -> Result<Found, String> {
        self.found(job, batch, soql).map_err(|error| self.failed_query(error))
    }

    fn found(&mut self, job: &Job, batch: SfId, soql: &str) -> ApiResult<Found> {
        let order_is_kept = self.assumptions.bulk.order_by_is_kept;
        let (rows, header, is_ordered) = {
            let service = Service { inner: self };
            let sources = service.sources(job.version, sees_deleted(job.operation));
            // That old versions sort the columns is a rule of Bulk API 2.0.
            let ordered = soql::Sources { version: job.version.max(50), ..sources };
            let extract = Extract::new(&ordered, soql)?;
            if !extract.object().eq_ignore_ascii_case(&job.object) {
                let message = format!(
                    "The root entity of the requested query ({}) does not match the entity of the requested Bulk API Job ({}).",
                    extract.object(),
                    job.object
                );
                return Err(ApiError::new(400, "INVALID_TYPE_FOR_OPERATION", message));
            }
            let (header, rows) = match job.format {
                Format::Csv => bulk::query::table(&sources, &extract, Dialect::ANY_LINE_ENDING),
                format => (String::new(), records(&sources, soql, format)?),
            };
            (rows, header, extract.is_ordered())
        };
        let mut rows = rows;
        if !is_ordered || !order_is_kept {
            bulk::shuffle(&mut rows, &mut self.bulk.random(batch, "rows"));
        }
        let size = self.bulk.settings.page_rows.unwrap_or_else(|| rows.len().div_ceil(RESULTS)).max(1);
        let mut bodies: Vec<String> = rows.chunks(size).map(|rows| body(job.format, &header, rows)).collect();
        // [inferred] of XML; that there is no result in JSON is reported.
        match job.format {
            Format::Csv if rows.is_empty() => bodies.push(NO_ROWS.to_owned()),
            Format::Xml if rows.is_empty() => bodies.push(body::<&str>(job.format, &header, &[])),
            _ => {}
        }
        let results = bodies.into_iter().filter_map(|body| {
            let id = self.state.next_id_of("752")?;
            Some((id.as_str().get(..15)?.to_owned(), body))
        });
        Ok(Found { results: results.collect(), rows: rows.len() })
    }
}

impl Inner {
    /// `InvalidBatch : Failed to process query: CODE: message`
    pub(super) fn failed_query(&self, error: ApiError) -> String {
        let error = self.assumptions.worded(error);
        // The texts are those of Bulk API 2.0 but for its name; the code is reported for compound fields and [inferred] for the others.
        let code = if error.code == "API_ERROR" { "FUNCTIONALITY_NOT_ENABLED" } else { &*error.code };
        let message = error.message.replace("Bulk V2 Query with CSV content type", "Bulk Query");
        format!("InvalidBatch : Failed to process query: {code}: {message}")
    }
}

/// Each row as JSON, or as the inside of an XML record.
fn records(sources: &soql::Sources<'_>, soql: &str, format: Format) -> ApiResult<Vec<String>> {
    let rows = soql::find(sources, soql, &|_, _| true, usize::MAX)?;
    let rows = rows.into_iter().map(|text| {
        // What the org wrote itself is read again.
        let mut record = Json::parse(text.as_bytes()).unwrap_or(Json::Null);
        times(sources.state, &mut record, format);
        let mut out = String::new();
        if format == Format::Json {
            record.write(&mut out);
        } else {
            out.push_str("<records xsi:type=\"sObject\">");
            inside(&record, &mut out);
            out.push_str("</records>");
        }
        out
    });
    Ok(rows.collect())
}

fn body<R: AsRef<str>>(format: Format, header: &str, rows: &[R]) -> String {
    let mut out = String::new();
    let rows = rows.iter().map(AsRef::as_ref);
    match format {
        Format::Csv => {
            out.push_str(header);
            rows.for_each(|row| out.push_str(row));
        }
        Format::Json => {
            let rows: Vec<&str> = rows.collect();
            out.push_str(&format!("[{}]", rows.join(",")));
        }
        Format::Xml => {
            out.push_str(&format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><queryResult xmlns=\"{NAMESPACE}\" \
                 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
            ));
            rows.for_each(|row| out.push_str(row));
            out.push_str("</queryResult>");
        }
    }
    out
}

/// Moments: milliseconds since 1970 in JSON, `…Z` in XML, both recorded.
fn times(state: &State, record: &mut Json, format: Format) {
    let Json::Object(fields) = record else { return };
    let attributes = fields.iter().find(|(name, _)| name == "attributes").map(|(_, value)| value);
    let object =
        attributes.and_then(|a| a.get("type")).and_then(Json::text).and_then(|name| state.schema().get(name));
    let object = object.cloned();
    for (name, value) in fields {
        let is_moment = object.as_ref().is_some_and(|object| {
            object.position(name).is_some_and(|at| object.fields[at].kind() == Kind::DateTime)
        });
        let at = value.text().filter(|_| is_moment).and_then(moment);
        match (at, format) {
            (Some(at), Format::Json) => *value = Json::Number(at.millis().to_string().into()),
            (Some(at), _) => *value = Json::Text(at.utc().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
            (None, _) => times(state, value, format),
        }
    }
}

/// The elements of a record: its type, its id twice as SOAP has it (null when it is not selected), its fields.
fn inside(record: &Json, out: &mut String) {
    let Json::Object(fields) = record else { return };
    let mut element = |name: &str, value: &Json| match value {
        Json::Null => out.push_str(&format!("<{name} xsi:nil=\"true\"/>")),
        Json::Object(_) => {
            out.push_str(&format!("<{name} xsi:type=\"sObject\">"));
            inside(value, out);
            out.push_str(&format!("</{name}>"));
        }
        value => {
            let mut text = String::new();
            match value.text() {
                Some(own) => text.push_str(own),
                None => value.write(&mut text),
            }
            out.push_str(&format!("<{name}>"));
            xml::escape(&text, out);
            out.push_str(&format!("</{name}>"));
        }
    };
    if let Some(kind) = record.get("attributes").and_then(|a| a.get("type")) {
        element("type", kind);
    }
    element("Id", record.get("Id").unwrap_or(&Json::Null));
    for (name, value) in fields.iter().filter(|(name, _)| name != "attributes") {
        element(name, value);
    }
}
