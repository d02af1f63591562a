//! sObject Collections: inserts, updates, upserts and deletions, up to 200 rows of one verb a call.
use super::{
    Method, Request, Response, Safety, composite,
    failure::{read_failure, read_row_errors},
    response::unreadable,
};
use crate::{
    Capabilities, Delivery, Error, ErrorKind, Failure, FieldName, Fields, ObjectName, Result, RowOutcome,
    SfId, Write, WriteOptions,
};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// The org works on consecutive rows of one object together, on ten such pieces a call at most.
const PIECES: usize = 10;
/// Rows of one collections call.
const ROWS: usize = 200;

/// What one collections call has in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb<'a> {
    Insert,
    Update,
    Upsert(&'a ObjectName, &'a FieldName),
    Delete,
}
fn verb(row: &Write) -> Verb<'_> {
    match row {
        Write::Insert { .. } => Verb::Insert,
        Write::Update { .. } => Verb::Update,
        Write::Upsert { object, key, .. } => Verb::Upsert(object, key),
        Write::Delete { .. } => Verb::Delete,
    }
}

/// How many leading rows of `rows` one call may hold: one run of one verb (upserts: of one object and key), at
/// most `can.write_rows`, at most ten pieces of one object each. At least 1 unless `rows` is empty.
pub fn runs_in(rows: &[Write], can: &Capabilities) -> usize {
    let Some(first) = rows.first() else { return 0 };
    let mut pieces = 1;
    let most = can.write_rows.clamp(1, ROWS);
    for (i, row) in rows.iter().enumerate().take(most).skip(1) {
        if verb(row) != verb(first) {
            return i;
        }
        if rows.get(i - 1).is_some_and(|last| piece(row) != piece(last)) {
            pieces += 1;
            if pieces > PIECES {
                return i;
            }
        }
    }
    rows.len().min(most)
}

/// Rows of one piece follow each other and are of one object; of a deletion the id's key prefix says which.
fn piece(row: &Write) -> (Option<&ObjectName>, Option<&str>) {
    match row {
        Write::Delete { id } => (None, Some(id.key_prefix())),
        _ => (row.object(), None),
    }
}

/// What a batch does when it is sent twice. An upsert by `Id` of a row that has none is an insert.
fn safety(batch: &[Write]) -> Safety {
    let makes_rows = |row: &Write| match row {
        Write::Insert { .. } => true,
        Write::Upsert { key, fields, .. } => {
            is(key, "Id") && fields.get(key).is_none_or(crate::Value::is_null)
        }
        _ => false,
    };
    if batch.is_empty() || batch.iter().any(makes_rows) { Safety::Once } else { Safety::Idempotent }
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

/// One request for a batch that one call can hold. A batch that cannot be sent (too many rows, several verbs,
/// a row that [`check_row`] refuses) is an `Err` with [`Delivery::NotSent`].
pub fn write_request(batch: &[Write], options: &WriteOptions, can: &Capabilities) -> Result<Request> {
    let Some(first) = batch.first() else {
        return Err(Failure::invalid_input("there is no row to write").into());
    };
    let fits = runs_in(batch, can);
    if fits < batch.len() {
        let message = format!(
            "a write of {} rows does not fit into one call: it takes {fits} of them (at most {} rows of one verb and \
             ten changes of the object)",
            batch.len(),
            can.write_rows.min(ROWS)
        );
        return Err(Error::new(
            Failure::invalid_input(message)
                .with_next_step("Use `Org::write`, which cuts the rows, or cut them before."),
        ));
    }
    // Whatever the transport can do by other calls: a collections call has no conditions.
    let only_collections = Capabilities { conditional_rows: 0, ..can.clone() };
    for (i, row) in batch.iter().enumerate() {
        check_row(row, &only_collections).map_err(|mut failure| {
            failure.message = format!("row {i}: {}", failure.message);
            failure
        })?;
    }
    let request = match verb(first) {
        Verb::Delete => {
            let ids: Vec<&str> = batch
                .iter()
                .filter_map(|row| match row {
                    Write::Delete { id } => Some(id.as_str()),
                    _ => None,
                })
                .collect();
            let delete = Request::new(Method::Delete, ["composite", "sobjects"])
                .with_query("ids", ids.join(","))
                .with_query("allOrNone", options.all_or_none.to_string());
            match can.bodies_only {
                true => composite::wrap(&[delete], can.api_version)?,
                false => delete,
            }
        }
        verb => {
            let body = Collection { all_or_none: options.all_or_none, records: batch };
            let body = serde_json::to_string(&body).map_err(|e| -> Error {
                // Our own serializers' texts name fields, not values.
                Failure::invalid_input(format!("the rows cannot be written as JSON: {e}")).into()
            })?;
            let (method, path) = match verb {
                Verb::Insert | Verb::Delete => (Method::Post, vec!["composite", "sobjects"]),
                Verb::Update => (Method::Patch, vec!["composite", "sobjects"]),
                Verb::Upsert(object, key) => {
                    (Method::Patch, vec!["composite", "sobjects", object.as_str(), key.as_str()])
                }
            };
            Request::new(method, path).with_json(body)
        }
    };
    Ok(headers(request, options).with_safety(safety(batch)))
}
fn headers(mut request: Request, options: &WriteOptions) -> Request {
    if options.allow_duplicates {
        request = request.with_header("Sforce-Duplicate-Rule-Header", "allowSave=true");
    }
    if let Some(run) = options.assignment_rules {
        request = request.with_header("Sforce-Auto-Assign", if run { "TRUE" } else { "FALSE" });
    }
    request
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection<'a> {
    all_or_none: bool,
    #[serde(serialize_with = "rows")]
    records: &'a [Write],
}
fn rows<S: Serializer>(batch: &[Write], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(batch.iter().filter_map(|row| match row {
        Write::Insert { object, fields } | Write::Upsert { object, fields, .. } => {
            Some(Row { object, id: None, fields })
        }
        Write::Update { object, id, fields, .. } => Some(Row { object, id: Some(id), fields }),
        Write::Delete { .. } => None,
    }))
}
struct Row<'a> {
    object: &'a ObjectName,
    id: Option<&'a SfId>,
    fields: &'a Fields,
}
impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Attributes<'a> {
            #[serde(rename = "type")]
            object: &'a ObjectName,
        }
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("attributes", &Attributes { object: self.object })?;
        if let Some(id) = self.id {
            map.serialize_entry("id", id)?;
        }
        for (name, value) in self.fields.iter() {
            map.serialize_entry(name.as_str(), value)?;
        }
        map.end()
    }
}

/// Exactly one outcome per row, in order, whatever the answer is.
///
/// `Err` only when nothing of the batch is or will be applied. What the answer does not account for is
/// [`Delivery::Unknown`]: every row when there is no answer, a 5xx of a gateway, a 2xx that cannot be read or
/// one with another number of rows (which result belongs to which row would be a guess); a single row when its
/// result has no `success`, a new row without an id, or names another record.
pub fn write_response(batch: &[Write], answer: Result<Response>) -> Result<Vec<RowOutcome>> {
    let results = answer.and_then(|response| results(batch, &response));
    match results {
        Ok(results) if results.len() == batch.len() => {
            Ok(batch.iter().zip(&results).map(|(row, result)| outcome(row, result)).collect())
        }
        Ok(results) => {
            let message = format!("the org answered with {} results for {} rows", results.len(), batch.len());
            Ok(all(batch, &unknown(message)))
        }
        Err(error) if error.delivery() == Delivery::Unknown => Ok(all(batch, error.failure())),
        Err(error) => Err(error),
    }
}
fn all(batch: &[Write], failure: &Failure) -> Vec<RowOutcome> {
    batch.iter().map(|_| RowOutcome::Failed(failure.clone())).collect()
}
fn unknown(message: impl Into<String>) -> Failure {
    Failure::new(ErrorKind::Decode, Delivery::Unknown, message)
}

/// One result of a collections answer. Read leniently: a result we cannot read must not spoil its neighbours.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RowResult {
    id: Value,
    success: Value,
    created: Value,
    errors: Value,
}
fn results(batch: &[Write], response: &Response) -> Result<Vec<RowResult>> {
    let safety = safety(batch);
    if !response.is_success() {
        return Err(read_failure(response, safety).into());
    }
    if response.text().trim_start().starts_with('{') {
        // A deletion that went inside a composite call.
        let request = Request::post(["composite"]).with_safety(safety);
        let part = composite::unwrap(&request, 1, response)?.pop().flatten();
        return match part {
            Some(part) if part.is_success() => read_results(&part),
            Some(part) => Err(read_failure(&part, safety).into()),
            None => Err(unknown("the composite answer lacks the result of the write").into()),
        };
    }
    read_results(response)
}
fn read_results(response: &Response) -> Result<Vec<RowResult>> {
    let items: Vec<Value> = serde_json::from_str(response.text())
        .map_err(|e| unreadable("the answer to a write", response.status, &e))?;
    Ok(items.into_iter().map(|item| serde_json::from_value(item).unwrap_or_default()).collect())
}

fn outcome(row: &Write, result: &RowResult) -> RowOutcome {
    let named = result.id.as_str().and_then(|id| SfId::new(id).ok());
    if let (Some(named), Some(own)) = (named, row.id())
        && named != own
    {
        return RowOutcome::Failed(unknown("the result names another record than the row"));
    }
    match result.success.as_bool() {
        Some(true) => match named.or(row.id()) {
            Some(id) => {
                let created = result.created.as_bool().unwrap_or(matches!(row, Write::Insert { .. }));
                RowOutcome::Done { id, created }
            }
            None => RowOutcome::Failed(unknown("the org saved the row but did not give its id")),
        },
        Some(false) => {
            RowOutcome::Failed(read_row_errors(result.errors.as_array().map_or(&[][..], Vec::as_slice)))
        }
        None => RowOutcome::Failed(unknown("the result does not say whether the row was saved")),
    }
}
