//! Single rows: by id, by external id, and the content of a file.
use super::{Answer, Body, Call, Service, conditions::Known};
use crate::{
    Method,
    error::{ApiError, ApiResult},
    json::Json,
    save::{Upserted, malformed_id},
    soql::{write_attributes, write_field},
    state::{Cell, Kind, Row, SObjectType},
};
use sf_core::{SfId, Timestamp};
use std::sync::Arc;

impl Service<'_> {
    /// `/sobjects/X`
    pub(super) fn sobject(&mut self, call: &Call<'_>, object: &str) -> ApiResult<Answer> {
        match call.method {
            Method::Get | Method::Head => self.basic(call, object),
            Method::Post => {
                let fields = self.fields(call, object)?;
                let id = self.saver().insert(object, &fields)?;
                Ok(self.created(call, id, None))
            }
            other => Err(ApiError::method(other, "GET,HEAD,POST")),
        }
    }

    fn created(&mut self, call: &Call<'_>, id: SfId, created: Option<bool>) -> Answer {
        self.used(call, id);
        let object = self.inner.state.find(id).map_or_else(String::new, |(s, _)| s.name.clone());
        let created = created.filter(|_| tells_created(call));
        let created = created.map_or_else(String::new, |c| format!(",\"created\":{c}"));
        let body = format!("{{\"id\":\"{id}\",\"success\":true,\"errors\":[]{created}}}");
        let location = format!("/services/data/v{}.0/sobjects/{object}/{id}", call.version);
        Answer::json(201, body).header("Location", location).rows(1)
    }

    /// `/sobjects/X/{id}`, and `/sobjects/X/Id`
    pub(super) fn record(&mut self, call: &Call<'_>, object: &str, id: &str) -> ApiResult<Answer> {
        let sobject = self.saver().sobject(object)?;
        if call.method == Method::Post && id.eq_ignore_ascii_case("Id") {
            // An upsert whose key is null: it can only create.
            let fields = self.fields(call, &sobject.name)?;
            let id = self.saver().insert(&sobject.name, &fields)?;
            return Ok(self.created(call, id, Some(true)));
        }
        let Ok(id) = SfId::new(id) else {
            // Text that is not an id is taken for the name of an external id field.
            let message = format!("Provided external ID field does not exist or is not accessible: {id}");
            return Err(ApiError::new(404, "NOT_FOUND", message));
        };
        self.record_at(call, &sobject, id)
    }

    pub(super) fn record_at(
        &mut self,
        call: &Call<'_>,
        sobject: &Arc<SObjectType>,
        id: SfId,
    ) -> ApiResult<Answer> {
        match call.method {
            Method::Get | Method::Head => {
                let row = self.saver().existing(sobject, id).map_err(|e| match e.code.as_ref() {
                    // A row that never existed and one in the recycle bin look alike here.
                    "MALFORMED_ID" => e,
                    _ => ApiError::not_found(),
                })?;
                let known = Known::row(sobject, &row, self.modified(sobject, &row));
                if let Some(answer) = known.check(call)? {
                    return Ok(answer);
                }
                let mut out = String::new();
                let fields = match call.parameter("fields") {
                    Some(list) => Some(self.positions(sobject, list.split(',').map(str::trim), true)?),
                    None => None,
                };
                self.write_record(call, sobject, &row, fields.as_deref(), &mut out);
                self.used(call, id);
                Ok(known.headers(Answer::json(200, out)).rows(1))
            }
            Method::Patch => {
                let row = self.saver().existing(sobject, id)?;
                Known::row(sobject, &row, self.modified(sobject, &row)).check(call)?;
                let fields = self.fields(call, &sobject.name)?;
                let has_id = fields.iter().any(|(n, _)| n.eq_ignore_ascii_case("Id"));
                if has_id && self.inner.assumptions.rest.id_in_body_is_refused {
                    let message = "The Id field should not be specified in the sobject data.";
                    return Err(ApiError::row("INVALID_FIELD", message, ["Id"]));
                }
                self.saver().update(&sobject.name, id, &fields)?;
                self.used(call, id);
                Ok(Answer::empty(204).rows(1))
            }
            Method::Delete => {
                self.saver().existing(sobject, id)?;
                self.saver().delete(id)?;
                Ok(Answer::empty(204).rows(1))
            }
            other => Err(ApiError::method(other, "DELETE,GET,HEAD,PATCH")),
        }
    }

    /// When the row last changed.
    fn modified(&self, sobject: &SObjectType, row: &Row) -> Timestamp {
        let at = sobject.system.system_modstamp.or(sobject.system.modified_date);
        match at.and_then(|at| row.cells.get(at)) {
            Some(Cell::DateTime(at)) => *at,
            _ => self.inner.state.now(),
        }
    }

    /// Positions of fields by name. With `and_id`, Id follows even if it was not asked for.
    pub(super) fn positions<'n>(
        &self,
        sobject: &SObjectType,
        names: impl Iterator<Item = &'n str>,
        and_id: bool,
    ) -> ApiResult<Vec<usize>> {
        let mut positions = Vec::new();
        for name in names.filter(|n| !n.is_empty()) {
            let at = sobject
                .position(name)
                .filter(|at| self.inner.rules.is_visible(&sobject.name, &sobject.fields[*at].name))
                .ok_or_else(|| {
                    let message = format!("No such column '{name}' on sobject of type {}", sobject.name);
                    ApiError::new(400, "INVALID_FIELD", message)
                })?;
            if !positions.contains(&at) {
                positions.push(at);
            }
        }
        if and_id && !positions.contains(&sobject.system.id) {
            positions.push(sobject.system.id);
        }
        Ok(positions)
    }

    pub(super) fn write_record(
        &self,
        call: &Call<'_>,
        sobject: &SObjectType,
        row: &Row,
        fields: Option<&[usize]>,
        out: &mut String,
    ) {
        out.push('{');
        write_attributes(sobject, row, call.version, out);
        let all: Vec<usize>;
        let fields = match fields {
            Some(fields) => fields,
            None => {
                let visible =
                    |at: &usize| self.inner.rules.is_visible(&sobject.name, &sobject.fields[*at].name);
                all = (0..sobject.fields.len()).filter(visible).collect();
                &all
            }
        };
        for at in fields {
            let field = &sobject.fields[*at];
            out.push(',');
            crate::state::write_json_string(&field.name, out);
            out.push(':');
            write_field(sobject, row, field, (call.version, &self.inner.assumptions.rest), out);
        }
        out.push('}');
    }

    /// `/sobjects/X/{id}/{BlobField}` or `/sobjects/X/{ExternalIdField}/{value}`
    pub(super) fn record_below(
        &mut self,
        call: &Call<'_>,
        object: &str,
        key: &str,
        value: &str,
    ) -> ApiResult<Answer> {
        let sobject = self.saver().sobject(object)?;
        if let (Ok(id), None) = (SfId::new(key), sobject.field(key)) {
            let is_file = sobject.field(value).is_some_and(|field| field.kind() == Kind::Base64);
            return if is_file {
                self.content(call, &sobject, id, value)
            } else {
                self.related(call, object, key, &[value])
            };
        }
        let at = self.saver().external_id(&sobject, key)?;
        // REST API guide, "sObject Rows by External ID": such a URL is taken for one of a file.
        if value.to_ascii_lowercase().ends_with(".inc") {
            return Err(ApiError::not_found());
        }
        if at == sobject.system.id {
            if call.method == Method::Post && value == "Id" {
                return Err(ApiError::not_found());
            }
            let id = SfId::new(value).map_err(|_| malformed_id(value))?;
            return match call.method {
                Method::Patch => self.upsert(call, &sobject, at, value),
                _ => self.record_at(call, &sobject, id),
            };
        }
        match call.method {
            Method::Patch | Method::Post => self.upsert(call, &sobject, at, value),
            Method::Get | Method::Head | Method::Delete => {
                let cell = crate::save::coerce(
                    &sobject.fields[at],
                    &key_json(&sobject, at, value),
                    &self.inner.assumptions.values,
                )?;
                let found = self.saver().with_value(&sobject, at, &cell);
                match found.as_slice() {
                    [] => Err(ApiError::not_found()),
                    [id] => self.record_at(call, &sobject, *id),
                    several => Ok(self.choices(call, &sobject, several)),
                }
            }
            other => Err(ApiError::method(other, "DELETE,GET,HEAD,PATCH,POST")),
        }
    }

    fn upsert(
        &mut self,
        call: &Call<'_>,
        sobject: &Arc<SObjectType>,
        at: usize,
        value: &str,
    ) -> ApiResult<Answer> {
        let fields = self.fields(call, &sobject.name)?;
        let key = &sobject.fields[at].name;
        if let Some((name, _)) =
            fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(key) || n.eq_ignore_ascii_case("Id"))
        {
            let message = format!("The {name} field should not be specified in the sobject data.");
            return Err(ApiError::row("INVALID_FIELD", message, [name]));
        }
        let json = key_json(sobject, at, value);
        if call.parameter("updateOnly") == Some("true") {
            let cell = crate::save::coerce(&sobject.fields[at], &json, &self.inner.assumptions.values)?;
            if self.saver().with_value(sobject, at, &cell).is_empty() {
                let status = self.inner.assumptions.rest.update_only_status;
                return Err(ApiError { status, ..ApiError::not_found() });
            }
        }
        let upserted = self.saver().upsert(&sobject.name, key, &json, &fields)?;
        if let Upserted::Done { id, created: false } = &upserted {
            self.used(call, *id);
        }
        match upserted {
            Upserted::Done { id, created: true } => Ok(self.created(call, id, Some(true))),
            Upserted::Done { created: false, .. } if !tells_created(call) => Ok(Answer::empty(204).rows(1)),
            Upserted::Done { id, created: false } => {
                let body = format!("{{\"id\":\"{id}\",\"success\":true,\"errors\":[],\"created\":false}}");
                Ok(Answer::json(200, body).rows(1))
            }
            Upserted::Several(ids) => Ok(self.choices(call, sobject, &ids)),
        }
    }

    /// 300: the key fits several rows.
    fn choices(&self, call: &Call<'_>, sobject: &SObjectType, ids: &[SfId]) -> Answer {
        let urls: Vec<String> = ids
            .iter()
            .map(|id| format!("\"/services/data/v{}.0/sobjects/{}/{id}\"", call.version, sobject.name))
            .collect();
        Answer::json(300, format!("[{}]", urls.join(",")))
    }

    /// The bytes of a file field.
    fn content(
        &mut self,
        call: &Call<'_>,
        sobject: &SObjectType,
        id: SfId,
        field: &str,
    ) -> ApiResult<Answer> {
        let at = sobject
            .position(field)
            .filter(|at| sobject.fields[*at].kind() == Kind::Base64)
            .filter(|at| self.inner.rules.is_visible(&sobject.name, &sobject.fields[*at].name))
            .ok_or_else(ApiError::not_found)?;
        if !matches!(call.method, Method::Get | Method::Head) {
            return Err(ApiError::method(call.method, "GET,HEAD"));
        }
        let row = self.saver().existing(sobject, id).map_err(|_| ApiError::not_found())?;
        let bytes = match &row.cells[at] {
            Cell::Bytes(bytes) => bytes.to_vec(),
            _ => Vec::new(),
        };
        let body = Body::Bytes { content_type: "application/octetstream", bytes };
        Ok(Answer::new(200, body).rows(1))
    }
}

/// Since 46.0 an upsert says whether it created the row (REST API guide, "Upsert by External ID").
fn tells_created(call: &Call<'_>) -> bool {
    call.version >= 46
}

/// A key from a URL, as JSON of its field's type.
fn key_json(sobject: &SObjectType, at: usize, value: &str) -> Json {
    match sobject.fields[at].kind() {
        Kind::Int | Kind::Double => Json::Number(value.into()),
        _ => Json::Text(value.into()),
    }
}
