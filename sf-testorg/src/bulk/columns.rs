//! The header row of an upload: from names to what a value is written to.
use super::{failure::Failure, job::Operation};
use crate::{
    assumptions::{AssumedError, ValueAssumptions},
    error::ApiResult,
    json::Json,
    save::{Rules, coerce},
    state::{FieldType, Kind, SObjectType, State},
};
use std::sync::Arc;

/// What stands for null in a cell.
const NULL: &str = "#N/A";

/// What a row says of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    /// The field stays as it is.
    Nothing,
    Null,
    Text(String),
}

impl Given {
    /// A value of a CSV.
    pub(super) fn of_csv(value: String) -> Given {
        match value.as_str() {
            "" => Given::Nothing,
            NULL => Given::Null,
            _ => Given::Text(value),
        }
    }
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Given::Text(text) => Some(text),
            _ => None,
        }
    }
    /// The same value of a CSV.
    pub(super) fn csv(&self) -> &str {
        match self {
            Given::Nothing => "",
            Given::Null => NULL,
            Given::Text(text) => text,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Column {
    Field(usize),
    /// The parent by one of its external ids: `Owner.Username`, `Lead:Who.Email`.
    Parent {
        /// Position of the lookup.
        lookup: usize,
        relationship: String,
        parent: Arc<SObjectType>,
        /// Position of the parent's external id.
        key: usize,
    },
}

/// The columns in order, or the message of a failed job: it names the first column that is not known.
pub(super) fn resolve(
    state: &State,
    rules: &Rules,
    sobject: &SObjectType,
    operation: Operation,
    names: &[String],
) -> Result<Vec<Column>, Failure> {
    let mut columns = Vec::with_capacity(names.len());
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        let column = column(state, rules, sobject, name).ok_or_else(|| Failure::from(not_found(name)))?;
        let only_ids = matches!(operation, Operation::Delete | Operation::HardDelete);
        if only_ids && !matches!(column, Column::Field(at) if at == sobject.system.id) {
            // Documented is that these operations take ids only.
            return Err(Failure::assumed(AssumedError::IdsOnly, not_found(name)));
        }
        if !seen.insert(name.to_ascii_lowercase()) {
            let message = format!("InvalidBatch : Field name is not unique : {name}");
            return Err(Failure::assumed(AssumedError::RepeatedColumn, message));
        }
        columns.push(column);
    }
    Ok(columns)
}

fn not_found(name: &str) -> String {
    format!("InvalidBatch : Field name not found : {name}")
}

fn column(state: &State, rules: &Rules, sobject: &SObjectType, name: &str) -> Option<Column> {
    let visible = |object: &SObjectType, at: &usize| rules.is_visible(&object.name, &object.fields[*at].name);
    let Some((path, key)) = name.split_once('.') else {
        return sobject.position(name).filter(|at| visible(sobject, at)).map(Column::Field);
    };
    let (kind, relationship) = match path.split_once(':') {
        Some((kind, relationship)) => (Some(kind), relationship),
        None => (None, path),
    };
    let lookup = sobject.relationship(relationship).filter(|at| visible(sobject, at))?;
    let targets = &sobject.fields[lookup].reference_to;
    // Guide, "Relationship Fields in a Header Row": the type is needed for a polymorphic field, and an error for others.
    let target = match (kind, targets.as_slice()) {
        (None, [one]) => one,
        (Some(kind), [_, _, ..]) => targets.iter().find(|t| t.eq_ignore_ascii_case(kind))?,
        _ => return None,
    };
    let parent = state.schema().get(target)?.clone();
    let key = parent.position(key).filter(|at| visible(&parent, at)).filter(|at| {
        let field = &parent.fields[*at];
        field.external_id || field.id_lookup || *at == parent.system.id
    })?;
    Some(Column::Parent { lookup, relationship: relationship.to_owned(), parent, key })
}

/// What is assumed of the values of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) short_booleans: bool,
    pub(super) null_clears_parent: bool,
    pub(super) values: ValueAssumptions,
}

/// The values of one row as fields of a save.
pub(super) fn fields(
    sobject: &SObjectType,
    columns: &[Column],
    values: &[Given],
    reading: Reading,
) -> ApiResult<Vec<(String, Json)>> {
    let mut fields = Vec::new();
    for (column, value) in columns.iter().zip(values) {
        match (column, value) {
            (_, Given::Nothing) => {}
            (Column::Field(at), Given::Null) => fields.push((sobject.fields[*at].name.clone(), Json::Null)),
            (Column::Field(at), Given::Text(value)) => {
                let field = &sobject.fields[*at];
                fields.push((field.name.clone(), cell(field, value, reading)?));
            }
            (Column::Parent { lookup, .. }, Given::Null) => {
                if reading.null_clears_parent {
                    fields.push((sobject.fields[*lookup].name.clone(), Json::Null));
                }
            }
            (Column::Parent { relationship, parent, key, .. }, Given::Text(value)) => {
                let kind = Json::Object(vec![("type".into(), Json::Text(parent.name.clone()))]);
                let field = &parent.fields[*key];
                let key = (field.name.clone(), cell(field, value, reading)?);
                let object = Json::Object(vec![("attributes".into(), kind), key]);
                fields.push((relationship.clone(), object));
            }
        }
    }
    Ok(fields)
}

fn cell(field: &FieldType, value: &str, reading: Reading) -> ApiResult<Json> {
    let json = match (field.kind(), value.to_ascii_lowercase().as_str()) {
        (Kind::Boolean, "1" | "t") if reading.short_booleans => Json::Bool(true),
        (Kind::Boolean, "0" | "f") if reading.short_booleans => Json::Bool(false),
        _ => Json::Text(value.to_owned()),
    };
    match coerce(field, &json, &reading.values) {
        // Here no JSON is read: the value is told by its field.
        Err(error) if error.code == "JSON_PARSER_ERROR" => {
            let message = format!("{}: value not of required type: {value}", field.label);
            let error =
                crate::error::ApiError::row("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [&field.name]);
            Err(error.assumed(AssumedError::ValueType))
        }
        Err(error) => Err(error),
        Ok(_) => Ok(json),
    }
}
