//! What comes out of a batch: one result for each row in the order of the request, or the results of a query.
use super::{
    Batch, Done, Format, Job,
    format::{NAMESPACE, invalid},
};
use crate::{
    AssumedError,
    bulk::{
        csv::{self, Dialect},
        load::{Load, Outcome, text_of},
    },
    error::{ApiError, ApiResult},
    rest::Answer,
    xml,
};
use serde_json::{Value, json};
use sf_core::SfId;

/// `…/result`
pub(super) fn of_batch(job: &Job, batch: &Batch) -> ApiResult<Answer> {
    if batch.state.is_running() {
        return Err(invalid("InvalidBatch", "Batch not completed").assumed(AssumedError::ResultsNotReady));
    }
    match &batch.done {
        Done::Found(found) => Ok(list(job.format, found.results.iter().map(|(id, _)| id.as_str()))),
        Done::Loaded(load) if load.is_done() || load.processed() > 0 => {
            let text = match job.format {
                Format::Csv => as_csv(load, job.version),
                Format::Json => as_json(load, job.version),
                Format::Xml => as_xml(load, job.version),
            };
            Ok(job.format.data(text.into_bytes()).rows(load.processed()))
        }
        _ => Err(invalid("InvalidBatch", "Records not processed")),
    }
}

/// `…/result/ID`
pub(super) fn of_query(job: &Job, batch: &Batch, id: &str) -> ApiResult<Answer> {
    let Done::Found(found) = &batch.done else { return of_batch(job, batch).and(Err(no_result(id))) };
    let result = found.results.iter().find(|(own, _)| id.starts_with(own.as_str()));
    let (_, text) = result.ok_or_else(|| no_result(id))?;
    Ok(job.format.data(text.clone().into_bytes()))
}

fn no_result(id: &str) -> ApiError {
    invalid("InvalidBatch", format!("Invalid result id: {id}")).assumed(AssumedError::ClassicResult)
}

/// CSV jobs have theirs in XML too.
fn list<'i>(format: Format, ids: impl Iterator<Item = &'i str>) -> Answer {
    let format = format.of_infos();
    let text = if format == Format::Json {
        Value::from_iter(ids).to_string()
    } else {
        let results: String = ids.map(|id| format!("<result>{id}</result>")).collect();
        format!("<result-list xmlns=\"{NAMESPACE}\">{results}</result-list>")
    };
    format.data(text.into_bytes())
}

/// Before API version 53.0 a failed row has no id, as people report; the guide says so of Bulk API 2.0.
fn id_of<'o>(outcome: &'o Outcome<'_>, version: u16) -> Option<&'o str> {
    match outcome {
        Ok((id, _)) => Some(id.as_str()),
        Err((id, _)) => id.as_ref().filter(|_| version >= 53).map(SfId::as_str),
    }
}

fn as_csv(load: &Load, version: u16) -> String {
    let mut out = String::new();
    let mut row = |cells: [&str; 4]| csv::write_row(cells, Dialect::ANY_LINE_ENDING, &mut out);
    row(["Id", "Success", "Created", "Error"]);
    for outcome in load.outcomes() {
        let id = id_of(&outcome, version).unwrap_or_default();
        match &outcome {
            Ok((_, created)) => row([id, "true", if *created { "true" } else { "false" }, ""]),
            Err((_, error)) => row([id, "false", "false", &text_of(error)]),
        }
    }
    out
}

fn as_json(load: &Load, version: u16) -> String {
    let rows = load.outcomes();
    let rows = rows.iter().map(|outcome| {
        let errors: Vec<Value> = outcome.as_ref().err().map(|(_, error)| as_object(error)).into_iter().collect();
        let created = outcome.as_ref().is_ok_and(|(_, created)| *created);
        json!({"success": outcome.is_ok(), "created": created, "id": id_of(outcome, version), "errors": errors})
    });
    Value::from_iter(rows).to_string()
}

fn as_object(error: &ApiError) -> Value {
    let fields = error.fields.as_deref().unwrap_or_default();
    json!({"message": error.message, "fields": fields, "statusCode": error.code, "extendedErrorDetails": null})
}

fn as_xml(load: &Load, version: u16) -> String {
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><results xmlns=\"{NAMESPACE}\">");
    for outcome in load.outcomes() {
        out.push_str("<result>");
        let mut element = |name: &str, text: &str| {
            out.push_str(&format!("<{name}>"));
            xml::escape(text, &mut out);
            out.push_str(&format!("</{name}>"));
        };
        if let Some(id) = id_of(&outcome, version) {
            element("id", id);
        }
        let created = match &outcome {
            Ok((_, created)) => *created,
            Err((_, error)) => {
                let mut inside = String::new();
                let mut part = |name: &str, text: &str| {
                    inside.push_str(&format!("<{name}>"));
                    xml::escape(text, &mut inside);
                    inside.push_str(&format!("</{name}>"));
                };
                error.fields.iter().flatten().for_each(|field| part("fields", field));
                part("message", &error.message);
                part("statusCode", &error.code);
                out.push_str(&format!("<errors>{inside}</errors>"));
                false
            }
        };
        out.push_str(&format!("<success>{}</success><created>{created}</created></result>", outcome.is_ok()));
    }
    out.push_str("</results>");
    out
}
