//! Saving rows under the rules of the org: what a request goes through before it changes anything.
//!
//! Order: field names and permissions, types, defaults, derived fields, the test's own triggers, required
//! fields, picklists, lookups, unique values, validation rules, duplicate rules, assignment rules. Roll-ups follow in the state.
mod checks;
mod coerce;
mod content;
mod convert;
mod delete;
mod guards;
mod merge;
mod options;
mod running;
mod undelete;

pub(crate) use coerce::{base64, coerce, moment};
pub use convert::{ConvertedLead, LeadConversion};
pub(crate) use guards::Check;
pub use merge::Merged;
pub(crate) use options::{Assign, SaveOptions, option};
pub(crate) use running::Running;

use crate::{
    assumptions::{AssumedError, ValueAssumptions},
    error::{ApiError, ApiResult},
    fault::Faults,
    guard::ObjectAccess,
    json::Json,
    state::{Cell, Derivation, Kind, Row, SObjectType, SchemaError, State},
};
use sf_core::{SfId, Value};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// What the running user may do with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldAccess {
    /// It does not exist for the user: not in describe, not in queries, not writable.
    Hidden,
    /// It can be read.
    Read,
    /// It can be read and, where describe says so, written.
    Edit,
}

type Trigger = Arc<dyn Fn(&mut Saving<'_>) + Send + Sync>;

/// What this org does beyond its schema: triggers, checks that are closures, and what the running user may do.
#[derive(Clone, Default)]
pub(crate) struct Rules {
    pub(crate) triggers: BTreeMap<String, Vec<Trigger>>,
    pub(crate) checks: BTreeMap<String, Vec<Check>>,
    /// Of every user.
    pub(crate) access: BTreeMap<(String, String), FieldAccess>,
    /// Of the user whose request is answered.
    pub(crate) running: Running,
}
impl Rules {
    pub(crate) const NONE: Rules = Rules {
        triggers: BTreeMap::new(),
        checks: BTreeMap::new(),
        access: BTreeMap::new(),
        running: Running::UNRESTRICTED,
    };

    pub(crate) fn access(&self, object: &str, field: &str) -> FieldAccess {
        if self.access.is_empty() && self.running.is_unrestricted() {
            return FieldAccess::Edit;
        }
        let key = (object.to_ascii_lowercase(), field.to_ascii_lowercase());
        let everybody = self.access.get(&key).copied().unwrap_or(FieldAccess::Edit);
        everybody.min(self.running.field(&key))
    }
    pub(crate) fn is_visible(&self, object: &str, field: &str) -> bool {
        self.access(object, field) > FieldAccess::Hidden
    }
    /// What the running user may do with an sObject.
    pub(crate) fn object_access(&self, object: &str) -> ObjectAccess {
        self.running.object(object)
    }
    /// Whether the running user may read none of these sObjects.
    pub(crate) fn hides_all(&self, objects: &[String]) -> bool {
        !objects.is_empty() && objects.iter().all(|object| !self.object_access(object).read)
    }
}

/// A row on its way into the org, as a trigger sees it.
pub struct Saving<'a> {
    sobject: &'a SObjectType,
    before: Option<&'a Row>,
    cells: &'a mut Vec<Cell>,
    values: ValueAssumptions,
    refusal: Option<ApiError>,
}
impl fmt::Debug for Saving<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Saving")
            .field("object", &self.sobject.name)
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
impl Saving<'_> {
    /// The row's id; `None` while it is inserted.
    pub fn id(&self) -> Option<SfId> {
        self.before.map(|row| row.id)
    }
    /// What will be stored. Null for an unknown field.
    pub fn get(&self, field: &str) -> Value {
        self.sobject.position(field).map_or(Value::Null, |at| self.cells[at].to_value())
    }
    /// What was stored before; null while it is inserted.
    pub fn old(&self, field: &str) -> Value {
        match (self.sobject.position(field), self.before) {
            (Some(at), Some(row)) => row.cells[at].to_value(),
            _ => Value::Null,
        }
    }
    /// Stores another value, as a trigger that cleans up user input does. An unknown field or a value of the
    /// wrong type refuses the row.
    pub fn set(&mut self, field: &str, value: impl Into<Value>) {
        let result = match self.sobject.position(field) {
            Some(at) => coerce(&self.sobject.fields[at], &value_json(&value.into()), &self.values)
                .map(|cell| self.cells[at] = cell),
            None => Err(checks::no_such_column(self.sobject, field)),
        };
        if let Err(e) = result {
            self.refusal.get_or_insert(e);
        }
    }
    /// Refuses the row with `FIELD_CUSTOM_VALIDATION_EXCEPTION` and this text, as a validation rule does.
    pub fn refuse(&mut self, message: impl Into<String>) {
        let none: [&str; 0] = [];
        self.refusal.get_or_insert(ApiError::row("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, none));
    }
}

/// A vocabulary value as the JSON a request would carry.
pub(crate) fn value_json(value: &Value) -> Json {
    match value {
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) => Json::Number(n.as_str().into()),
        Value::Text(text) => Json::Text(text.clone()),
        Value::Parent(parent) => {
            let fields =
                parent.fields.iter().map(|(name, value)| (name.as_str().to_owned(), value_json(value)));
            let object = Json::Text(parent.object.as_str().to_owned());
            let attributes = Json::Object(vec![("type".into(), object)]);
            Json::Object([("attributes".to_owned(), attributes)].into_iter().chain(fields).collect())
        }
        Value::Json(raw) => Json::parse(raw.get().as_bytes()).unwrap_or(Json::Null),
        _ => Json::Null,
    }
}

/// Saves rows into one state.
pub(crate) struct Saver<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) rules: &'a Rules,
    pub(crate) faults: &'a mut Faults,
    pub(crate) options: &'a SaveOptions,
}

/// What an upsert found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Upserted {
    Done {
        id: SfId,
        created: bool,
    },
    /// More than one row has the key.
    Several(Vec<SfId>),
}

impl Saver<'_> {
    pub(crate) fn insert(&mut self, object: &str, fields: &[(String, Json)]) -> ApiResult<SfId> {
        let sobject = self.sobject(object)?;
        self.faults.row_error(&sobject.name, None)?;
        if !sobject.createable || !self.rules.object_access(&sobject.name).create {
            let message = format!("entity type cannot be inserted: {}", sobject.label);
            return Err(ApiError::row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, NONE));
        }
        if fields.iter().any(|(name, value)| name.eq_ignore_ascii_case("Id") && *value != Json::Null) {
            let message = "The Id field should not be specified in the sobject data.";
            return Err(ApiError::row("INVALID_FIELD", message, ["Id"]));
        }
        let changes = self.read_fields(&sobject, fields, true)?;
        let mut cells = self.defaults(&sobject);
        let id = SfId::new("000000000000000")
            .map_err(|e| ApiError::new(500, "UNKNOWN_EXCEPTION", e.to_string()))?;
        let given: Vec<usize> = changes.iter().map(|(at, _)| *at).collect();
        let asked = asked(&sobject, &changes);
        for (at, cell) in changes {
            cells[at] = cell;
        }
        self.finish(&sobject, None, &mut cells, &given)?;
        let id = self.state.next_id(&sobject.name).unwrap_or(id);
        cells[sobject.system.id] = Cell::Id(id);
        self.state.number(&sobject, id, &mut cells);
        let comment = self.take_comment(&sobject, &mut cells, &given);
        self.state.publish(&sobject, id, &mut cells).map_err(unexpected)?;
        self.state.put(&sobject, id, Some(Arc::new(Row { id, cells })));
        self.comment(id, comment)?;
        self.state.saved(id, true, asked);
        Ok(id)
    }

    pub(crate) fn update(&mut self, object: &str, id: SfId, fields: &[(String, Json)]) -> ApiResult<()> {
        let sobject = self.sobject(object)?;
        let before = self.existing(&sobject, id)?;
        self.faults.row_error(&sobject.name, Some(id))?;
        if !self.rules.object_access(&sobject.name).edit {
            return Err(self.insufficient_access());
        }
        if convert::is_converted(&sobject, &before) {
            return Err(convert::converted_lead());
        }
        let fields: Vec<_> =
            fields.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Id")).cloned().collect();
        let changes = self.read_fields(&sobject, &fields, false)?;
        let mut row = Row::clone(&before);
        self.state.stamp(&sobject, &mut row);
        let given: Vec<usize> = changes.iter().map(|(at, _)| *at).collect();
        let asked = asked(&sobject, &changes);
        for (at, cell) in changes {
            row.cells[at] = cell;
        }
        self.finish(&sobject, Some(&before), &mut row.cells, &given)?;
        let comment = self.take_comment(&sobject, &mut row.cells, &given);
        self.state.put(&sobject, id, Some(Arc::new(row)));
        self.state.retitle(&sobject, id).map_err(unexpected)?;
        self.comment(id, comment)?;
        self.state.saved(id, false, asked);
        Ok(())
    }

    /// What was written to a case's `Comments`.
    fn take_comment(&self, sobject: &SObjectType, cells: &mut [Cell], given: &[usize]) -> Option<Cell> {
        let at = sobject.position("Comments").filter(|at| sobject.name == "Case" && given.contains(at))?;
        let text = cells[at].clone();
        if self.state.assumptions.objects.case_comments_read_null {
            cells[at] = Cell::Null;
        }
        Some(text).filter(|cell| !cell.is_null())
    }

    /// It becomes a comment of the case.
    fn comment(&mut self, case: SfId, text: Option<Cell>) -> ApiResult<()> {
        let Some(text) = text else { return Ok(()) };
        let fields = [("ParentId", Cell::Id(case)), ("CommentBody", text)];
        self.state.insert_row("CaseComment", fields).map(|_| ()).map_err(unexpected)
    }

    /// Inserts or updates by an external id. `key` is the value as the request gave it.
    pub(crate) fn upsert(
        &mut self,
        object: &str,
        key_field: &str,
        key: &Json,
        fields: &[(String, Json)],
    ) -> ApiResult<Upserted> {
        let sobject = self.sobject(object)?;
        let at = self.external_id(&sobject, key_field)?;
        let field = &sobject.fields[at];
        let fields: Vec<_> =
            fields.iter().filter(|(n, _)| !n.eq_ignore_ascii_case(&field.name)).cloned().collect();
        if field.kind() == Kind::Id {
            return match key {
                Json::Null => self.insert(object, &fields).map(|id| Upserted::Done { id, created: true }),
                key => {
                    let id = match coerce(field, key, &self.state.assumptions.values)? {
                        Cell::Id(id) => id,
                        _ => return Err(malformed_id("")),
                    };
                    self.update(object, id, &fields)?;
                    Ok(Upserted::Done { id, created: false })
                }
            };
        }
        let cell = coerce(field, key, &self.state.assumptions.values)?;
        if cell.is_null() {
            let message = format!("{} not specified", field.name);
            return Err(ApiError::row("MISSING_ARGUMENT", message, NONE).assumed(AssumedError::NoKey));
        }
        let found = self.with_value(&sobject, at, &cell);
        match found.as_slice() {
            [] => {
                let mut fields = fields;
                fields.push((field.name.clone(), key.clone()));
                self.insert(object, &fields).map(|id| Upserted::Done { id, created: true })
            }
            [id] => {
                let id = *id;
                self.update(object, id, &fields)?;
                Ok(Upserted::Done { id, created: false })
            }
            _ => Ok(Upserted::Several(found)),
        }
    }

    /// Position of a field that can be an upsert key.
    pub(crate) fn external_id(&self, sobject: &SObjectType, field: &str) -> ApiResult<usize> {
        sobject
            .position(field)
            .filter(|at| {
                sobject.fields[*at].external_id || sobject.fields[*at].id_lookup || *at == sobject.system.id
            })
            .filter(|at| self.rules.is_visible(&sobject.name, &sobject.fields[*at].name))
            .ok_or_else(|| {
                let message =
                    format!("Provided external ID field does not exist or is not accessible: {field}");
                ApiError::new(404, "NOT_FOUND", message)
            })
    }

    pub(crate) fn sobject(&self, object: &str) -> ApiResult<Arc<SObjectType>> {
        let sobject = self.state.schema().get(object);
        let readable = sobject.filter(|sobject| self.rules.object_access(&sobject.name).read);
        readable.cloned().ok_or_else(ApiError::not_found)
    }

    /// The live row, or the error of one that is not there.
    pub(crate) fn existing(&self, sobject: &SObjectType, id: SfId) -> ApiResult<Arc<Row>> {
        if !sobject.could_have(id) {
            let message = format!("{} ID: id value of incorrect type: {id}", sobject.name);
            return Err(ApiError::row("MALFORMED_ID", message, ["Id"]));
        }
        match self.state.table(&sobject.name).and_then(|t| t.get(id)) {
            None => {
                let error = ApiError::row("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", NONE);
                Err(ApiError { status: 404, ..error })
            }
            Some(row) if row.is_deleted(sobject) => {
                Err(ApiError { status: 404, ..ApiError::row("ENTITY_IS_DELETED", "entity is deleted", NONE) })
            }
            Some(row) => Ok(row.clone()),
        }
    }

    /// A new row before anything is given.
    fn defaults(&self, sobject: &SObjectType) -> Vec<Cell> {
        let mut cells: Vec<Cell> = sobject
            .fields
            .iter()
            .map(|field| {
                let listed = field.picklist_values.iter().find(|v| v.default_value && v.active);
                match (field.kind(), &field.default_value) {
                    (Kind::Boolean, json) => Cell::Bool(json.as_bool().unwrap_or(false)),
                    (Kind::Picklist, _) if listed.is_some() => {
                        listed.map_or(Cell::Null, |v| Cell::text(&v.value))
                    }
                    (_, serde_json::Value::Null) => Cell::Null,
                    (_, json) => Json::parse(json.to_string().as_bytes())
                        .ok()
                        .and_then(|json| coerce(field, &json, &self.state.assumptions.values).ok())
                        .unwrap_or(Cell::Null),
                }
            })
            .collect();
        if let Some(at) = sobject.position("RecordTypeId") {
            let default = sobject.record_types().into_iter().find(|info| info.default_record_type_mapping);
            cells[at] = default.and_then(|info| SfId::new(info.id).ok()).map_or(Cell::Null, Cell::Id);
        }
        let system = sobject.system;
        let user = self.state.user().map_or(Cell::Null, Cell::Id);
        let now = Cell::DateTime(self.state.now());
        for (at, cell) in [
            (system.created_date, now.clone()),
            (system.modified_date, now.clone()),
            (system.system_modstamp, now),
            (system.created_by, user.clone()),
            (system.modified_by, user.clone()),
            (system.owner, user),
        ] {
            if let Some(at) = at {
                cells[at] = cell;
            }
        }
        cells
    }

    /// Derived fields, triggers and all checks that need the whole row.
    fn finish(
        &mut self,
        sobject: &Arc<SObjectType>,
        before: Option<&Row>,
        cells: &mut Vec<Cell>,
        given: &[usize],
    ) -> ApiResult<()> {
        self.state.derive(&mut Derivation { sobject, before, cells, given });
        let given = self.run_triggers(sobject, before, cells, given)?;
        self.check_row(sobject, before, cells, &given)?;
        self.validate(sobject, before, cells)?;
        self.check_duplicates(sobject, before, cells)?;
        self.assign(sobject, before, cells)
    }

    /// What a trigger changes is as if it had been given: checked, and other fields follow from it. Gives all that was given.
    fn run_triggers(
        &self,
        sobject: &Arc<SObjectType>,
        before: Option<&Row>,
        cells: &mut Vec<Cell>,
        given: &[usize],
    ) -> ApiResult<Vec<usize>> {
        let mut given = given.to_vec();
        let Some(triggers) = self.rules.triggers.get(&sobject.name.to_ascii_lowercase()) else {
            return Ok(given);
        };
        let sent = cells.clone();
        for trigger in triggers {
            let values = self.state.assumptions.values;
            let mut saving = Saving { sobject, before, cells, values, refusal: None };
            trigger(&mut saving);
            if let Some(refusal) = saving.refusal {
                return Err(refusal);
            }
        }
        let changed: Vec<usize> = (0..cells.len()).filter(|at| cells[*at] != sent[*at]).collect();
        if !changed.is_empty() {
            given.extend(changed);
            self.state.derive(&mut Derivation { sobject, before, cells, given: &given });
        }
        Ok(given)
    }

    /// Live rows with this value in an indexed field.
    pub(crate) fn with_value(&self, sobject: &SObjectType, at: usize, cell: &Cell) -> Vec<SfId> {
        let Some(table) = self.state.table(&sobject.name) else { return Vec::new() };
        let Some(key) = crate::state::Key::of(cell, &sobject.fields[at]) else { return Vec::new() };
        let found: Vec<SfId> = match table.lookup(at, &key) {
            Some(ids) => ids.into_iter().flatten().copied().collect(),
            None => table.iter().filter(|row| row.cells[at] == *cell).map(|row| row.id).collect(),
        };
        found.into_iter().filter(|id| table.get(*id).is_some_and(|row| !row.is_deleted(sobject))).collect()
    }
}

fn asked(sobject: &SObjectType, changes: &[(usize, Cell)]) -> Vec<(String, Cell)> {
    changes.iter().map(|(at, cell)| (sobject.fields[*at].name.clone(), cell.clone())).collect()
}

/// What only a schema without the org's own sObjects can bring about.
fn unexpected(e: SchemaError) -> ApiError {
    ApiError::new(500, "UNKNOWN_EXCEPTION", e.to_string())
}

pub(crate) const NONE: [&str; 0] = [];

/// An upsert that names one key twice refuses all copies. [practitioners' reports]
pub(crate) fn repeated_key(key: &str, value: &str) -> ApiError {
    ApiError::row("DUPLICATE_VALUE", format!("Duplicate external id specified: {value}"), [key])
}

pub(crate) fn malformed_id(text: &str) -> ApiError {
    ApiError::row("MALFORMED_ID", format!("malformed id {text}"), NONE)
}
