//! What a statement would select, without its rows: `/query?q=…&columns=true`, which the `sf` command asks for its tables.
use super::{
    Sources,
    error::QueryError,
    path, plan,
    select::set_has,
    value::{Clause, Value},
};
use crate::state::{Kind, SObjectType};
use serde_json::{Value as Json, json};
use sf_soql::{Function, Item, Leaf, Operand, Statement};
use std::sync::Arc;

pub(super) fn of<'q>(sources: &Sources<'_>, statement: &'q Statement) -> Result<Json, QueryError<'q>> {
    let sobject = plan::sobject(sources, &statement.from)?;
    let columns = columns(sources, statement, &sobject)?;
    let is_id = |item: &Item| matches!(item, Item::Value { value: Operand::Field(path), .. } if path::relative(statement, &sobject, path).eq_ignore_ascii_case("Id"));
    Ok(json!({
        "columnMetadata": columns,
        "entityName": sobject.name,
        "groupBy": statement.group.is_some(),
        "idSelected": statement.items.iter().any(is_id),
        "keyPrefix": sobject.key_prefix
    }))
}

fn columns<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    sobject: &Arc<SObjectType>,
) -> Result<Vec<Json>, QueryError<'q>> {
    let mut columns: Vec<Json> = Vec::new();
    let mut unnamed = 0;
    for item in &statement.items {
        match item {
            Item::Value { value: Operand::Call { function: Function::Count, argument: None }, .. } => {}
            Item::Value { value, alias } if value.is_aggregate() => {
                let name = alias.as_ref().map_or_else(
                    || {
                        unnamed += 1;
                        format!("expr{}", unnamed - 1)
                    },
                    ToString::to_string,
                );
                columns.push(
                    Column { name: &name, aggregate: true, kind: Kind::Double, ..Column::default() }.json(),
                );
            }
            Item::Value { value, alias } => {
                let clause = if statement.is_aggregate() { Clause::Grouped } else { Clause::Select };
                let value = Value::resolve(sources, statement, sobject, value, clause)?;
                add(&mut columns, sobject, &value, alias.as_ref().map(|a| a.as_str()));
            }
            Item::Children { query, .. } => {
                let unknown =
                    || QueryError::child_relationship(query.from.as_str(), Leaf::Object(&query.from));
                let child = sobject.child(query.from.as_str()).ok_or_else(unknown)?;
                let name = child.relationship_name.clone().unwrap_or_default();
                let child = sources.sobject(&child.child).ok_or_else(unknown)?;
                let joined = self::columns(sources, query, child)?;
                columns.push(
                    Column { name: &name, aggregate: true, joined, kind: Kind::Other, ..Column::default() }
                        .json(),
                );
            }
            Item::Fields(set) => {
                for field in &sobject.fields {
                    if set_has(set, field.custom) && sources.rules.is_visible(&sobject.name, &field.name) {
                        columns.push(
                            Column { name: &field.name, kind: field.kind(), ..Column::default() }.json(),
                        );
                    }
                }
            }
            Item::TypeOf(t) => {
                let name = statement.relative(&t.relationship);
                columns.push(Column { name: &name, kind: Kind::Other, ..Column::default() }.json());
            }
            _ => {}
        }
    }
    Ok(columns)
}

/// A field stands in the columns of its parents.
fn add(columns: &mut Vec<Json>, sobject: &SObjectType, value: &Value, alias: Option<&str>) {
    let field = value.path.field();
    let leaf = Column {
        name: alias.unwrap_or_else(|| value.path.name()),
        kind: value.kind(),
        custom: field.is_some_and(|f| f.custom),
        insertable: field.is_some_and(|f| f.createable),
        updatable: field.is_some_and(|f| f.updateable),
        ..Column::default()
    };
    let mut place = columns;
    let mut key = sobject.fields.get(value.path.steps.first().map_or(usize::MAX, |step| step.at));
    for step in &value.path.steps {
        let at = place.iter().position(|c| c["columnName"] == step.name.as_str() && c["aggregate"] == false);
        let at = at.unwrap_or_else(|| {
            let mut parent = Column { name: &step.name, kind: Kind::Other, ..Column::default() }.json();
            // Only the first lookup is of the object that is selected from.
            parent["foreignKeyName"] = json!(key.take().map(|field| &field.name));
            place.push(parent);
            place.len() - 1
        });
        let Some(Json::Array(joined)) = place.get_mut(at).and_then(|c| c.get_mut("joinColumns")) else {
            return;
        };
        place = joined;
    }
    place.push(leaf.json());
}

struct Column<'c> {
    name: &'c str,
    aggregate: bool,
    kind: Kind,
    custom: bool,
    insertable: bool,
    updatable: bool,
    joined: Vec<Json>,
}

impl Default for Column<'_> {
    fn default() -> Self {
        Column {
            name: "",
            aggregate: false,
            kind: Kind::Text,
            custom: false,
            insertable: false,
            updatable: false,
            joined: Vec::new(),
        }
    }
}

impl Column<'_> {
    fn json(self) -> Json {
        let apex = match self.kind {
            Kind::Id | Kind::Reference => "Id",
            Kind::Boolean => "Boolean",
            Kind::Int => "Integer",
            Kind::Double => "Double",
            Kind::Date => "Date",
            Kind::DateTime => "Datetime",
            Kind::Time => "Time",
            Kind::Text | Kind::Picklist | Kind::MultiPicklist => "String",
            _ => "complexvaluetype",
        };
        json!({
            "aggregate": self.aggregate,
            "apexType": apex,
            "booleanType": self.kind == Kind::Boolean,
            "columnName": self.name,
            "custom": self.custom,
            "displayName": self.name,
            "foreignKeyName": null,
            "insertable": self.insertable,
            "joinColumns": self.joined,
            "numberType": matches!(self.kind, Kind::Int | Kind::Double),
            "textType": matches!(self.kind, Kind::Text | Kind::Picklist | Kind::MultiPicklist),
            "updatable": self.updatable
        })
    }
}
