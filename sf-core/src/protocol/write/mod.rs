//! Inserts, updates, upserts and deletions: one collections call of up to 200 rows of one verb, or a composite call
//! of up to five of them.
pub(super) mod body;
mod call;
mod outcome;

pub(crate) use call::parts_in_call;
pub use call::rows_in_call;
pub(super) use call::{fields_have_reference, has_reference};
pub(super) use outcome::{of_record, rows_of, settle_all_or_none, unknown};

use super::{Method, Request, Response, Safety, describe::http_date, envelope, read_failure};
use crate::{
    Capabilities, Delivery, Error, ErrorKind, Failure, FieldName, Result, RowOutcome, Write, WriteOptions,
};
use call::{Verb, parts, verb};
use std::ops::Range;

/// What rows do when they are sent twice. An upsert by `Id` of a row that has none is an insert; an update with a
/// condition is refused the second time, although the first was done.
fn safety(batch: &[Write]) -> Safety {
    let once = |row: &Write| match row {
        Write::Insert { .. } => true,
        Write::Update { if_unmodified_since, .. } => if_unmodified_since.is_some(),
        Write::Upsert { key, fields, .. } => {
            is(key, "Id") && fields.get(key).is_none_or(crate::Value::is_null)
        }
        Write::Delete { .. } => false,
    };
    if batch.is_empty() || batch.iter().any(once) { Safety::Once } else { Safety::Idempotent }
}

/// What is wrong with one row by itself, before anything is sent.
pub fn check_row(row: &Write, can: &Capabilities) -> Result<(), Failure> {
    if can.conditional_rows == 0
        && let Write::Update { if_unmodified_since: Some(_), .. } = row
    {
        return Err(Failure::new(
            ErrorKind::Unsupported,
            Delivery::NotSent,
            "this transport cannot make an update depend on the record being unchanged",
        )
        .with_next_step("Read the record before the update and compare, or use a transport with `conditional_rows` above 0."));
    }
    if can.bodies_only && verb(row) == Verb::Conditional && call::has_reference(row) {
        let message = "a text with `@{` cannot go in a body that holds several requests";
        return Err(Failure::new(ErrorKind::Unsupported, Delivery::NotSent, message)
            .with_next_step("Write the row without `if_unmodified_since`."));
    }
    let Some(fields) = row.fields() else { return Ok(()) };
    for (name, value) in fields.iter() {
        let by_id = matches!(row, Write::Upsert { key, .. } if is(key, "Id"));
        if is(name, "attributes") || (is(name, "Id") && !by_id) {
            let message = format!("`{name}` cannot be among the values of a row to write");
            return Err(Failure::invalid_input(message).with_fields([name.as_str()]));
        }
        if matches!(value, crate::Value::Rows(_)) {
            let message = format!("`{name}` holds child rows, which a write cannot take along");
            return Err(Failure::invalid_input(message).with_fields([name.as_str()]));
        }
    }
    match row {
        Write::Upsert { key, .. } if is(key, "Id") => Ok(()),
        Write::Upsert { key, fields, .. } if fields.get(key).is_none_or(crate::Value::is_null) => {
            let message = format!("an upsert by `{key}` needs a value of `{key}`");
            Err(Failure::invalid_input(message).with_fields([key.as_str()]))
        }
        _ => Ok(()),
    }
}
fn is(name: &FieldName, text: &str) -> bool {
    name.as_str().eq_ignore_ascii_case(text)
}

/// One request for a batch that one call can hold (see [`rows_in_call`]): a collections request, or a composite of
/// several in the order of the rows. A batch that cannot be sent (too many rows or runs, a row that [`check_row`]
/// refuses) is an `Err` with [`Delivery::NotSent`].
///
/// `all_or_none` holds for all rows of the call: the org undoes a composite as a whole, its collections included (REST API
/// guide, "allOrNone Parameters in Composite and Collections Requests").
pub fn write_request(batch: &[Write], options: &WriteOptions, can: &Capabilities) -> Result<Request> {
    if batch.is_empty() {
        return Err(Failure::invalid_input("there is no row to write").into());
    }
    let parts = parts(batch, can);
    let fits = parts.last().map_or(0, |part| part.end);
    if fits < batch.len() {
        let message = format!(
            "a write of {} rows does not fit into one call: it takes {fits} of them (at most {} rows in {} runs of one verb)",
            batch.len(),
            can.write_rows,
            can.write_runs
        );
        return Err(Error::new(
            Failure::invalid_input(message)
                .with_next_step("Use `Org::write`, which cuts the rows, or cut them before."),
        ));
    }
    for (i, row) in batch.iter().enumerate() {
        check_row(row, can).map_err(|mut failure| {
            failure.message = format!("row {i}: {}", failure.message);
            failure
        })?;
    }
    let requests = parts
        .iter()
        .map(|part| match batch.get(part.clone()).unwrap_or_default() {
            [row] if is_record(batch, options, can) => record(row, options),
            run => one(run, options),
        })
        .collect::<Result<Vec<_>>>()?;
    let request = match <[Request; 1]>::try_from(requests) {
        Ok([only]) if !is_wrapped(&parts, batch, can) => only,
        Ok([only]) => envelope::wrap(&[only], options.all_or_none, can.api_version)?,
        Err(several) => envelope::wrap(&several, options.all_or_none, can.api_version)?,
    };
    Ok(request.with_safety(safety(batch)))
}
/// Whether the call is a composite one: several parts, or one whose ids would show in the URL.
fn is_wrapped(parts: &[Range<usize>], batch: &[Write], can: &Capabilities) -> bool {
    let shows_ids = |row: &Write| matches!(verb(row), Verb::Delete | Verb::Conditional);
    parts.len() > 1 || (can.bodies_only && batch.first().is_some_and(shows_ids))
}

/// Whether the call is a request for one record: a conditional update, or a row whose duplicates are asked for, which the
/// org names there and not in collections.
pub(crate) fn is_record(batch: &[Write], options: &WriteOptions, can: &Capabilities) -> bool {
    match batch {
        [Write::Update { if_unmodified_since: Some(_), .. }] => true,
        [Write::Insert { .. }] => options.duplicate_details,
        [Write::Update { .. }] => options.duplicate_details && !can.bodies_only,
        _ => false,
    }
}
fn record(row: &Write, options: &WriteOptions) -> Result<Request> {
    let request = match row {
        Write::Insert { object, fields } => {
            Request::post(["sobjects", object.as_str()]).with_json(body::fields(fields)?)
        }
        Write::Update { object, id, fields, if_unmodified_since: None } => {
            Request::new(Method::Patch, ["sobjects", object.as_str(), id.as_str()])
                .with_json(body::fields(fields)?)
        }
        _ => return one(std::slice::from_ref(row), options),
    };
    Ok(with_options(request, options))
}

/// The request for one run.
pub(super) fn one(run: &[Write], options: &WriteOptions) -> Result<Request> {
    let Some(first) = run.first() else {
        return Err(Failure::invalid_input("there is no row to write").into());
    };
    let request = match (verb(first), first) {
        (Verb::Delete, _) => {
            let ids: Vec<&str> = run
                .iter()
                .filter_map(|row| match row {
                    Write::Delete { id } => Some(id.as_str()),
                    _ => None,
                })
                .collect();
            Request::new(Method::Delete, ["composite", "sobjects"])
                .with_query("ids", ids.join(","))
                .with_query("allOrNone", options.all_or_none.to_string())
        }
        (_, Write::Update { object, id, fields, if_unmodified_since: Some(since) }) => {
            Request::new(Method::Patch, ["sobjects", object.as_str(), id.as_str()])
                .with_header("If-Unmodified-Since", http_date(*since))
                .with_json(body::fields(fields)?)
        }
        (verb, _) => {
            let (method, path) = match verb {
                Verb::Update => (Method::Patch, vec!["composite", "sobjects"]),
                Verb::Upsert(object, key) => {
                    (Method::Patch, vec!["composite", "sobjects", object.as_str(), key.as_str()])
                }
                _ => (Method::Post, vec!["composite", "sobjects"]),
            };
            Request::new(method, path).with_json(body::collection(run, options.all_or_none)?)
        }
    };
    Ok(with_options(request, options).with_safety(safety(run)))
}
/// The headers that say how rows are saved. In a composite each subrequest needs its own: it inherits none.
pub(super) fn with_options(mut request: Request, options: &WriteOptions) -> Request {
    let mut rule = Vec::new();
    if options.allow_duplicates {
        rule.push("allowSave=true");
    }
    if options.duplicate_details {
        rule.push("includeRecordDetails=true");
    }
    if !rule.is_empty() {
        request = request.with_header("Sforce-Duplicate-Rule-Header", rule.join("; "));
    }
    if let Some(assignment) = options.assignment_rules {
        request = request.with_header("Sforce-Auto-Assign", assignment.header());
    }
    request
}

/// Exactly one outcome per row, in order, whatever the answer is. `batch`, `options` and `can` are those of the
/// [`write_request`].
///
/// `Err` only when nothing of the batch is or will be applied. What the answer does not account for is
/// [`Delivery::Unknown`]: every row when there is no answer, a 5xx of a gateway or a 2xx that cannot be read; the rows of
/// one subrequest when its answer is missing or has another number of rows (which result belongs to which row would be a
/// guess); a single row when its result has no `success`, a new row without an id, or names another record.
///
/// A subrequest that was refused as a whole fails its own rows, each with the [`status`](Failure::status) of that answer,
/// which the failure of a single row does not have. With `all_or_none`, a row that the org reports as saved although
/// another failed is one that was rolled back
/// ([`AllOrNoneOperationRolledBack`](crate::ErrorCode::AllOrNoneOperationRolledBack)).
pub fn write_response(
    batch: &[Write],
    options: &WriteOptions,
    can: &Capabilities,
    answer: Result<Response>,
) -> Result<Vec<RowOutcome>> {
    let parts = parts(batch, can);
    let outcomes = answer.and_then(|response| match is_wrapped(&parts, batch, can) {
        true => several(batch, &parts, options, &response),
        false => outcome::direct(batch, &response, safety(batch), is_record(batch, options, can)),
    });
    match outcomes {
        Err(error) if error.delivery() == Delivery::Unknown => Ok(outcome::all(batch, error.failure())),
        outcomes => outcomes,
    }
}
fn several(
    batch: &[Write],
    parts: &[Range<usize>],
    options: &WriteOptions,
    response: &Response,
) -> Result<Vec<RowOutcome>> {
    let request = Request::post(["composite"]).with_safety(safety(batch));
    let answers = envelope::unwrap(&request, parts.len(), response)?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for (part, answer) in parts.iter().zip(answers) {
        let run = batch.get(part.clone()).unwrap_or_default();
        outcomes.extend(match answer {
            Some(answer) if answer.is_success() => outcome::rows_of(run, &answer),
            Some(answer) => outcome::all(run, &read_failure(&answer, safety(run))),
            None => {
                outcome::all(run, &outcome::unknown("the composite answer lacks the result of these rows"))
            }
        });
    }
    if options.all_or_none {
        outcome::settle_all_or_none(&mut outcomes, false);
    }
    Ok(outcomes)
}
