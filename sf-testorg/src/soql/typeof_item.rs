//! TYPEOF: fields by the type of a polymorphic parent (SOQL reference, "TYPEOF").
use super::{
    Sources,
    error::QueryError,
    path::{self, Path},
    render::{ByType, Shape},
    select::{duplicate, no_alias},
    value::Value,
};
use crate::state::SObjectType;
use sf_core::FieldPath;
use sf_soql::{Item, Leaf, Operand, Statement, TypeOf};
use std::sync::Arc;

pub(super) fn add<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    sobject: &Arc<SObjectType>,
    item: &'q TypeOf,
    shape: &mut Shape,
) -> Result<(), QueryError<'q>> {
    if let Some(alias) = &item.alias {
        return Err(no_alias(alias));
    }
    let at = Leaf::Path(&item.relationship);
    let has_function =
        |item: &Item| matches!(item, Item::Value { value: Operand::Call { .. } | Operand::Distance(_), .. });
    if statement.items.iter().any(has_function) {
        return Err(QueryError::malformed(at, "TYPEOF can not be used with functions in SELECT"));
    }
    let text = path::relative(statement, sobject, &item.relationship);
    let (steps, lookup) = path::lookups(sources, sobject, &text).map_err(|e| e.at(at))?;
    if lookup.reference_to.len() < 2 {
        let message = format!("TYPEOF needs a polymorphic relationship, '{text}' is none");
        return Err(QueryError::malformed(at, message));
    }
    let mut by_type = ByType::default();
    for branch in &item.branches {
        let name = Leaf::Object(&branch.object);
        let target = sources.sobject(branch.object.as_str());
        let target = target.ok_or_else(|| QueryError::sobject(&branch.object))?;
        if !lookup.reference_to.contains(&target.name) {
            let message = format!("'{text}' never refers to an object of type '{}'", target.name);
            return Err(QueryError::malformed(name, message));
        }
        let mut fields = Shape::default();
        for field in &branch.fields {
            let path = Path::resolve(sources, target, field.as_str()).map_err(|e| e.at(Leaf::Path(field)))?;
            fields.add_below(Value::field(path.behind(&steps)), steps.len()).map_err(duplicate)?;
        }
        if by_type.branches.iter().any(|(known, _)| *known == target.name) {
            return Err(QueryError::malformed(name, format!("duplicate WHEN: {}", branch.object)));
        }
        by_type.branches.push((target.name.clone(), fields));
    }
    if !item.otherwise.is_empty() {
        let mut fields = Shape::default();
        for field in &item.otherwise {
            let path = Path { steps: steps.clone(), leaf: of_any(field)? };
            fields.add_below(Value::field(path), steps.len()).map_err(duplicate)?;
        }
        by_type.otherwise = Some(fields);
    }
    shape.add_type_of(steps, by_type).map_err(duplicate)
}

fn of_any(field: &FieldPath) -> Result<path::Leaf, QueryError<'_>> {
    let name = field.as_str();
    path::Leaf::of_any(name).ok_or_else(|| QueryError::column(name, "Name").at(Leaf::Path(field)))
}
