//! sObject Collections: up to 200 rows a call, up to 2,000 to read.
use super::{Answer, Call, Service};
use crate::{
    Method,
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    save::{NONE, Upserted, malformed_id, repeated_key},
};
use sf_core::SfId;
use std::collections::BTreeMap;

const MOST_ROWS: usize = 200;
const MOST_CHUNKS: usize = 10;
const MOST_READ: usize = 2000;

/// What became of one row.
enum Outcome {
    Done { id: SfId, created: Option<bool> },
    Failed { id: Option<String>, error: ApiError },
}

impl Service<'_> {
    /// `/composite/sobjects`
    pub(super) fn collection(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        match call.method {
            Method::Post | Method::Patch => {
                let (records, all_or_none) = read_records(call, self.inner.largest_upload)?;
                if chunks(&records) > MOST_CHUNKS {
                    return Err(too_many_chunks());
                }
                if call.method == Method::Post {
                    self.each(&records, all_or_none, |this, record| this.insert_one(record))
                } else {
                    let twice = repeated(records.iter().filter_map(id_text));
                    self.each(&records, all_or_none, |this, record| this.update_one(record, &twice))
                }
            }
            Method::Delete => {
                let ids: Vec<String> = call
                    .parameter("ids")
                    .unwrap_or_default()
                    .split(',')
                    .map(|id| id.trim().to_owned())
                    .filter(|id| !id.is_empty())
                    .collect();
                if ids.is_empty() {
                    return Err(missing("ids"));
                }
                if ids.len() > MOST_ROWS {
                    return Err(too_many_rows());
                }
                let all_or_none = call.parameter("allOrNone") == Some("true");
                self.each(&ids, all_or_none, |this, text| this.delete_one(text))
            }
            other => Err(ApiError::method(other, "DELETE,PATCH,POST")),
        }
    }

    /// `PATCH /composite/sobjects/X/{ExtField}`
    pub(super) fn collection_upsert(
        &mut self,
        call: &Call<'_>,
        object: &str,
        key: &str,
    ) -> ApiResult<Answer> {
        if call.method != Method::Patch {
            return Err(ApiError::method(call.method, "PATCH"));
        }
        let sobject = self.saver().sobject(object)?;
        let at = self.saver().external_id(&sobject, key)?;
        let key = sobject.fields[at].name.clone();
        let (records, all_or_none) = read_records(call, self.inner.largest_upload)?;
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for value in records.iter().filter_map(|record| key_text(record, &key)) {
            *copies.entry(value.to_lowercase()).or_default() += 1;
        }
        self.each(&records, all_or_none, |this, record| {
            if let Some(value) =
                key_text(record, &key).filter(|value| copies.get(&value.to_lowercase()) > Some(&1))
            {
                return Err(failed(None, repeated_key(&key, &value)));
            }
            let named = record_type(record).unwrap_or_default();
            if !named.eq_ignore_ascii_case(&sobject.name) {
                let message = format!("The record type {named} is not {}", sobject.name);
                let error = ApiError::row("INVALID_TYPE", message, NONE);
                return Err(failed(None, error.assumed(AssumedError::WrongRowType)));
            }
            let fields = fields_of(record);
            let value = fields
                .iter()
                .find(|(n, _)| n.eq_ignore_ascii_case(&key))
                .map_or(Json::Null, |(_, v)| v.clone());
            if let Some((name, _)) = fields.iter().find(|(n, v)| {
                n.eq_ignore_ascii_case("Id") && !key.eq_ignore_ascii_case("Id") && *v != Json::Null
            }) {
                let message = format!("The {name} field should not be specified in the sobject data.");
                return Err(failed(None, ApiError::row("INVALID_FIELD", message, [name])));
            }
            match this.saver().upsert(&sobject.name, &key, &value, &fields) {
                Ok(Upserted::Done { id, created }) => Ok((id, Some(created))),
                Ok(Upserted::Several(ids)) => {
                    let message = format!("Upsert failed: {key} matches {} records", ids.len());
                    let error = ApiError::row("DUPLICATE_EXTERNAL_ID", message, [&key]);
                    Err(failed(None, error.assumed(AssumedError::SeveralMatches)))
                }
                Err(error) => Err(failed(None, error)),
            }
        })
    }

    fn insert_one(&mut self, record: &Json) -> Result<(SfId, Option<bool>), Outcome> {
        let object = record_type(record).unwrap_or_default();
        self.known_type(&object)?;
        self.saver().insert(&object, &fields_of(record)).map(|id| (id, None)).map_err(|e| failed(None, e))
    }

    fn update_one(&mut self, record: &Json, twice: &[String]) -> Result<(SfId, Option<bool>), Outcome> {
        let object = record_type(record).unwrap_or_default();
        self.known_type(&object)?;
        let Some(text) = id_text(record) else {
            let error = ApiError::row("MISSING_ARGUMENT", "Id not specified in an update call", NONE);
            return Err(failed(None, error.assumed(AssumedError::NoKey)));
        };
        let id = SfId::new(&text).map_err(|_| failed(None, malformed_id(&text)))?;
        if twice.contains(&text) {
            return Err(failed(Some(id), repeated_id(id)));
        }
        self.saver()
            .update(&object, id, &fields_of(record))
            .map(|()| (id, None))
            .map_err(|e| failed(Some(id), e))
    }

    fn delete_one(&mut self, text: &str) -> Result<(SfId, Option<bool>), Outcome> {
        let id = SfId::new(text).map_err(|_| failed(None, malformed_id(text)))?;
        self.saver().delete(id).map(|()| (id, None)).map_err(|e| failed(Some(id), e))
    }

    fn known_type(&mut self, object: &str) -> Result<(), Outcome> {
        match self.saver().sobject(object) {
            Ok(_) => Ok(()),
            Err(_) => {
                let message = format!("sObject type '{object}' is not supported.");
                let error = ApiError::row("INVALID_TYPE", message, NONE);
                Err(failed(None, error.assumed(AssumedError::WrongRowType)))
            }
        }
    }

    fn each<R>(
        &mut self,
        rows: &[R],
        all_or_none: bool,
        mut one: impl FnMut(&mut Self, &R) -> Result<(SfId, Option<bool>), Outcome>,
    ) -> ApiResult<Answer> {
        self.begin_batch();
        let start = self.inner.state.savepoint();
        let mut outcomes = Vec::with_capacity(rows.len());
        for row in rows {
            let savepoint = self.inner.state.savepoint();
            match one(self, row) {
                Ok((id, created)) => outcomes.push(Outcome::Done { id, created }),
                // JSON of the wrong kind is an error of the whole request.
                Err(Outcome::Failed { error, .. }) if error.code == "JSON_PARSER_ERROR" => return Err(error),
                Err(outcome) => {
                    self.inner.state.rollback_to(savepoint);
                    outcomes.push(outcome);
                }
            }
        }
        let has_both = || {
            let failed = outcomes.iter().filter(|o| matches!(o, Outcome::Failed { .. })).count();
            failed > 0 && failed < outcomes.len()
        };
        if !all_or_none && self.inner.assumptions.rest.retries_good_rows && has_both() {
            self.inner.state.rollback_to(start);
            for (row, outcome) in rows.iter().zip(&mut outcomes) {
                if matches!(outcome, Outcome::Failed { .. }) {
                    continue;
                }
                let savepoint = self.inner.state.savepoint();
                *outcome = match one(self, row) {
                    Ok((id, created)) => Outcome::Done { id, created },
                    Err(failed) => {
                        self.inner.state.rollback_to(savepoint);
                        failed
                    }
                };
            }
        }
        if all_or_none && outcomes.iter().any(|o| matches!(o, Outcome::Failed { .. })) {
            self.inner.state.rollback_to(start);
            for outcome in &mut outcomes {
                if let Outcome::Done { id, .. } = outcome {
                    // A row that was created is gone with its id.
                    let id = self.inner.state.find(*id).map(|_| id.to_string());
                    *outcome = Outcome::Failed { id, error: rolled_back() };
                }
            }
        }
        let accepted = outcomes.iter().filter(|o| matches!(o, Outcome::Done { .. })).count();
        let mut out = String::from("[");
        for (i, outcome) in outcomes.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            match outcome {
                Outcome::Done { id, created } => {
                    let created = created.map_or_else(String::new, |c| format!(",\"created\":{c}"));
                    out.push_str(&format!("{{\"id\":\"{id}\",\"success\":true,\"errors\":[]{created}}}"));
                }
                Outcome::Failed { id, error } => {
                    self.inner.assumptions.worded(error.clone()).write_row(id.as_deref(), &mut out);
                }
            }
        }
        out.push(']');
        let has_failed_rows = accepted < outcomes.len();
        Ok(Answer { has_failed_rows, ..Answer::json(200, out).rows(accepted) })
    }

    /// `GET /composite/sobjects/X?ids=…&fields=…` and `POST` with `{"ids","fields"}`
    pub(super) fn collection_read(&mut self, call: &Call<'_>, object: &str) -> ApiResult<Answer> {
        let sobject = self.saver().sobject(object)?;
        let split = |text: &str| -> Vec<String> {
            text.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
        };
        let (ids, fields) = match call.method {
            Method::Get | Method::Head => {
                let list = |name: &str| split(call.parameter(name).unwrap_or_default());
                (list("ids"), list("fields"))
            }
            Method::Post => {
                let body = call.json()?;
                let list = |name: &str| -> ApiResult<Vec<String>> {
                    let items = body.get(name).and_then(Json::array).ok_or_else(|| missing(name))?;
                    items.iter().map(|i| i.text().map(str::to_owned).ok_or_else(|| missing(name))).collect()
                };
                (list("ids")?, list("fields")?)
            }
            other => return Err(ApiError::method(other, "GET,HEAD,POST")),
        };
        if ids.is_empty() || fields.is_empty() {
            return Err(missing(if ids.is_empty() { "ids" } else { "fields" }));
        }
        if ids.len() > MOST_READ {
            let message =
                format!("record limit reached. cannot read more than {MOST_READ} records in this request");
            let error = ApiError::new(400, "EXCEEDED_ID_LIMIT", message);
            return Err(error.assumed(AssumedError::TooManyIds));
        }
        let positions = self.positions(&sobject, fields.iter().map(String::as_str), false)?;
        let mut out = String::from("[");
        let mut rows = 0;
        for (i, text) in ids.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            let id = SfId::new(text)
                .map_err(|_| ApiError::new(400, "MALFORMED_ID", format!("malformed id {text}")))?;
            let row = self.inner.state.table(&sobject.name).and_then(|t| t.get(id));
            match row.filter(|row| !row.is_deleted(&sobject)) {
                Some(row) => {
                    self.write_record(call, &sobject, row, Some(&positions), &mut out);
                    rows += 1;
                }
                None => out.push_str("null"),
            }
        }
        out.push(']');
        Ok(Answer::json(200, out).rows(rows))
    }
}

fn failed(id: Option<SfId>, error: ApiError) -> Outcome {
    Outcome::Failed { id: id.map(|id| id.to_string()), error }
}

fn read_records(call: &Call<'_>, largest: Option<u64>) -> ApiResult<(Vec<Json>, bool)> {
    let body = call.records_with_files(largest, MOST_ROWS)?;
    let all_or_none = body.get("allOrNone").is_some_and(Json::is_true);
    let Json::Object(entries) = body else { return Err(missing("records")) };
    let records = entries.into_iter().find(|(name, _)| name == "records").map(|(_, v)| v);
    let Some(Json::Array(records)) = records else { return Err(missing("records")) };
    if records.len() > MOST_ROWS {
        return Err(too_many_rows());
    }
    if let Some(record) = records.iter().find(|r| record_type(r).is_none()) {
        let what = if matches!(record, Json::Object(_)) { "attributes.type" } else { "a record" };
        return Err(missing(what));
    }
    Ok((records, all_or_none))
}
pub(super) fn record_type(record: &Json) -> Option<String> {
    record.get("attributes")?.get("type")?.text().map(str::to_owned)
}
pub(super) fn fields_of(record: &Json) -> Vec<(String, Json)> {
    match record {
        Json::Object(fields) => fields.clone(),
        _ => Vec::new(),
    }
}
fn id_text(record: &Json) -> Option<String> {
    match record {
        Json::Object(fields) => {
            let (_, id) = fields.iter().find(|(n, _)| n.eq_ignore_ascii_case("id"))?;
            id.text().map(str::to_owned)
        }
        _ => None,
    }
}
/// What an upsert is keyed by.
fn key_text(record: &Json, key: &str) -> Option<String> {
    let Json::Object(fields) = record else { return None };
    match fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))? {
        (_, Json::Null) => None,
        // Both lengths of an id are the same id.
        (_, Json::Text(text)) if key.eq_ignore_ascii_case("Id") => {
            Some(SfId::new(text).map_or_else(|_| text.clone(), |id| id.to_string()))
        }
        (_, Json::Text(text)) => Some(text.trim().to_owned()),
        (_, other) => {
            let mut text = String::new();
            other.write(&mut text);
            Some(text)
        }
    }
}
/// Runs of rows of one type.
fn chunks(records: &[Json]) -> usize {
    let types: Vec<String> =
        records.iter().map(|r| record_type(r).unwrap_or_default().to_ascii_lowercase()).collect();
    types.chunk_by(|a, b| a == b).count()
}
fn repeated(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for id in ids {
        seen.entry(id.chars().take(15).collect()).or_default().push(id);
    }
    seen.into_values().filter(|copies| copies.len() > 1).flatten().collect()
}

fn repeated_id(id: SfId) -> ApiError {
    let error = ApiError::row("DUPLICATE_VALUE", format!("Duplicate id in list: {id}"), ["Id"]);
    error.assumed(AssumedError::RepeatedId)
}
fn rolled_back() -> ApiError {
    let message =
        "Record rolled back because not all records were valid and the request was using AllOrNone header";
    ApiError::row("ALL_OR_NONE_OPERATION_ROLLED_BACK", message, NONE)
}
fn too_many_rows() -> ApiError {
    let message =
        format!("record limit reached. cannot submit more than {MOST_ROWS} records in this request");
    ApiError::new(400, "EXCEEDED_ID_LIMIT", message).assumed(AssumedError::TooManyRows)
}
fn too_many_chunks() -> ApiError {
    let message = format!("Cannot have more than {MOST_CHUNKS} chunks in a single operation.");
    ApiError::new(400, "INVALID_INPUT", message).assumed(AssumedError::TooManyChunks)
}
fn missing(what: &str) -> ApiError {
    ApiError::bad_json(format!("The request is not well-formed: {what} is missing at [line:1, column:1]"))
        .assumed(AssumedError::NotWellFormed)
}
