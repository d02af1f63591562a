//! Changes of the schema while the org lives, its rows included.
use super::{
    Cell, Kind, Row, SObjectType, Schema, SchemaChange, SchemaError, State, Table, Undo, picklist_rows,
    schema_error,
};
use serde_json::Value as Json;
use sf_core::SfId;
use std::sync::Arc;

/// What a change of the schema undoes to.
#[derive(Debug, Clone)]
pub(super) struct Before {
    schema: Schema,
    object: String,
    table: Option<Table>,
    put: Option<Json>,
}

impl State {
    /// [`State::put_sobject`], unless this describe is the one that was put last: what happened to the sObject since then stays.
    ///
    /// # Errors
    /// As of [`State::put_sobject`].
    pub(crate) fn put_sobject_once(&mut self, describe: Json) -> Result<(), SchemaError> {
        let sobject = self.read_sobject(describe.clone())?;
        let was_put =
            matches!(self.put.get(&sobject.name), Some(Json::Object(put)) if put == sobject.describe());
        if was_put { Ok(()) } else { self.put_sobject(describe).map(|_| ()) }
    }

    /// The type, with the key prefix that it has or gets.
    fn read_sobject(&self, describe: Json) -> Result<SObjectType, SchemaError> {
        let mut sobject = SObjectType::from_describe(describe, self.now)?;
        if sobject.key_prefix.is_none() && sobject.name.ends_with("__c") {
            let prefix = self.schema.get(&sobject.name).and_then(|known| known.key_prefix.clone());
            sobject.set_key_prefix(prefix.or_else(|| self.free_prefix()));
        }
        Ok(sobject)
    }

    /// Adds an sObject by its describe, or replaces one: its rows keep the values of the fields that are still there with a type of
    /// the same kind. A custom sObject without a key prefix gets the next free one. Lookups from and to it become child relationships.
    /// Gives its name. Part of the transaction: it is in the commit and can be taken back.
    ///
    /// # Errors
    /// Not a describe; a key prefix that is another sObject's, or not that of the rows that there are.
    pub fn put_sobject(&mut self, describe: Json) -> Result<String, SchemaError> {
        let sobject = self.read_sobject(describe)?;
        let known = self.schema.get(&sobject.name).cloned();
        if let Some(prefix) = &sobject.key_prefix
            && let Some(other) = self.schema.by_prefix(prefix)
            && other.name != sobject.name
            && !(picklist_rows::has_prefix(&other.name) && picklist_rows::has_prefix(&sobject.name))
        {
            let (name, other) = (&sobject.name, &other.name);
            return Err(schema_error(format!("sObject {name}: the key prefix {prefix} is that of {other}")));
        }
        if let Some(known) = &known {
            if known.describe() == sobject.describe() {
                return Ok(sobject.name);
            }
            if known.key_prefix != sobject.key_prefix && self.rows(&known.name).next().is_some() {
                let (old, new) = (known.key_prefix.as_deref(), sobject.key_prefix.as_deref());
                return Err(schema_error(format!(
                    "sObject {}: its rows have ids with the key prefix {}, not {}",
                    sobject.name,
                    old.unwrap_or("(none)"),
                    new.unwrap_or("(none)")
                )));
            }
        }
        let name = sobject.name.clone();
        let change = SchemaChange::SObject(Json::Object(sobject.describe().clone()));
        self.replace(sobject, change);
        Ok(name)
    }

    /// Adds fields to an sObject, or replaces fields: describe entries. Rows have no value in a new field (a checkbox is false).
    ///
    /// # Errors
    /// Unknown sObject; an entry is not a field's describe.
    pub fn put_fields(&mut self, object: &str, fields: Vec<Json>) -> Result<(), SchemaError> {
        let mut sobject = SObjectType::clone(&*self.sobject(object)?);
        sobject.changed_at = sobject.changed_at.max(self.now);
        sobject.add_fields(fields.clone())?;
        let change = SchemaChange::Fields { object: sobject.name.clone(), fields };
        self.replace(sobject, change);
        Ok(())
    }

    /// Deletes a custom field with its values.
    ///
    /// # Errors
    /// Unknown sObject or field; a standard field.
    pub(crate) fn remove_field(&mut self, object: &str, field: &str) -> Result<(), SchemaError> {
        let sobject = self.sobject(object)?;
        let position = sobject.position(field).filter(|at| sobject.fields[*at].name.ends_with("__c"));
        let name = position
            .map(|at| sobject.fields[at].name.clone())
            .ok_or_else(|| schema_error(format!("{object} has no custom field {field}")))?;
        let mut describe = sobject.describe().clone();
        if let Some(Json::Array(fields)) = describe.get_mut("fields") {
            fields.retain(|field| field.get("name").and_then(Json::as_str) != Some(name.as_str()));
        }
        self.put_sobject(Json::Object(describe)).map(|_| ())
    }

    pub(super) fn apply_schema(&mut self, change: &SchemaChange) -> Result<(), SchemaError> {
        match change {
            SchemaChange::SObject(describe) => self.put_sobject(describe.clone()).map(|_| ()),
            SchemaChange::Fields { object, fields } => self.put_fields(object, fields.clone()),
        }
    }

    fn replace(&mut self, sobject: SObjectType, change: SchemaChange) {
        let (name, key) = (sobject.name.clone(), sobject.name.to_ascii_lowercase());
        let before = Before {
            schema: self.schema.clone(),
            object: key.clone(),
            table: self.tables.get(&key).cloned(),
            put: self.put.get(&sobject.name).cloned(),
        };
        if let SchemaChange::SObject(describe) = &change {
            self.put.insert(sobject.name.clone(), describe.clone());
        }
        let old = self.schema.get(&key).cloned();
        self.schema.put(sobject);
        if let Some(new) = self.schema.get(&key).cloned() {
            let mut table = Table::new(&new);
            if let (Some(old), Some(rows)) = (old, &before.table) {
                let from = columns(&old, &new);
                for row in rows.iter() {
                    table.replace(&new, row.id, Some(Arc::new(moved(row, &new, &from))));
                }
            }
            self.tables.insert(key, table);
            self.index_all_matches(&name);
        }
        self.undo.push(Undo::Schema { change, before: Box::new(before) });
        if !self.replaying {
            self.put_record_types(&name);
            self.follow_picklists_of(&name);
        }
    }

    /// The record types that the describe names become rows, so that `RecordType.DeveloperName` can be queried and written ids checked.
    fn put_record_types(&mut self, object: &str) {
        let (Some(sobject), Some(record_type)) =
            (self.schema.get(object).cloned(), self.schema.get("RecordType").cloned())
        else {
            return;
        };
        for info in sobject.record_types() {
            let Ok(id) = SfId::new(&info.id) else { continue };
            let mut cells = match self.table("RecordType").and_then(|table| table.get(id)) {
                Some(row) => row.cells.clone(),
                None => record_type.fields.iter().map(|field| empty(field.kind())).collect(),
            };
            let user = self.user.map_or(Cell::Null, Cell::Id);
            let now = Cell::DateTime(self.now);
            let mut set = |field: &str, cell: Cell, again: bool| {
                if let Some(at) = record_type.position(field)
                    && (again || cells[at].is_null())
                {
                    cells[at] = cell;
                }
            };
            set("Id", Cell::Id(id), true);
            set("Name", Cell::text(&info.name), true);
            set("DeveloperName", Cell::text(&info.developer_name), true);
            set("SobjectType", Cell::text(&sobject.name), true);
            set("IsActive", Cell::Bool(info.active), true);
            for field in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
                set(field, now.clone(), false);
            }
            for field in ["CreatedById", "LastModifiedById"] {
                set(field, user.clone(), false);
            }
            self.put(&record_type, id, Some(Arc::new(Row { id, cells })));
        }
    }

    pub(super) fn undo_schema(&mut self, before: Before) {
        let name = self.schema.get(&before.object).map(|sobject| sobject.name.clone()).unwrap_or_default();
        match before.put {
            Some(describe) => self.put.insert(name, describe),
            None => self.put.remove(&name),
        };
        self.schema = before.schema;
        match before.table {
            Some(table) => self.tables.insert(before.object, table),
            None => self.tables.remove(&before.object),
        };
    }

    /// The first of `a00`, `a01`, … that no sObject has.
    fn free_prefix(&self) -> Option<String> {
        let digits = || ('0'..='9').chain('A'..='Z').chain('a'..='z');
        let all = digits().flat_map(|first| digits().map(move |second| format!("a{first}{second}")));
        all.into_iter().find(|prefix| self.schema.by_prefix(prefix).is_none())
    }
}

/// Where each new column was before.
fn columns(old: &SObjectType, new: &SObjectType) -> Vec<Option<usize>> {
    let same = |field: &super::FieldType| {
        old.position(&field.name).filter(|at| stored_alike(old.fields[*at].kind(), field.kind()))
    };
    new.fields.iter().map(same).collect()
}

fn stored_alike(a: Kind, b: Kind) -> bool {
    let text =
        |kind| matches!(kind, Kind::Text | Kind::Picklist | Kind::MultiPicklist | Kind::Time | Kind::Other);
    a == b || (text(a) && text(b))
}

fn empty(kind: Kind) -> Cell {
    if kind == Kind::Boolean { Cell::Bool(false) } else { Cell::Null }
}

fn moved(row: &Row, new: &SObjectType, from: &[Option<usize>]) -> Row {
    let cells = new
        .fields
        .iter()
        .zip(from)
        .map(|(field, at)| at.map_or_else(|| empty(field.kind()), |at| row.cells[at].clone()))
        .collect();
    Row { id: row.id, cells }
}
