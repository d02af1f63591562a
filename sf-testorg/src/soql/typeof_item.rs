//! TYPEOF: fields by the type of a polymorphic parent (SOQL reference, "TYPEOF").
use super::{
    Sources,
    error::QueryError,
    path::{self, Leaf, Path},
    plan::duplicate,
    render::{ByType, Shape},
    value::Value,
};
use crate::state::SObjectType;
use sf_soql::{Item, Operand, Statement, TypeOf};
use std::sync::Arc;

pub(super) fn add(
    sources: &Sources<'_>,
    statement: &Statement,
    sobject: &Arc<SObjectType>,
    item: &TypeOf,
    shape: &mut Shape,
) -> Result<(), QueryError> {
    let has_function =
        |item: &Item| matches!(item, Item::Value { value: Operand::Call { .. } | Operand::Distance(_), .. });
    if statement.items.iter().any(has_function) {
        return Err(QueryError::malformed("TYPEOF", "TYPEOF can not be used with functions in SELECT"));
    }
    let text = statement.relative(&item.relationship);
    let (steps, lookup) = path::lookups(sources, sobject, &text)?;
    if lookup.reference_to.len() < 2 {
        let message = format!("TYPEOF needs a polymorphic relationship, '{text}' is none");
        return Err(QueryError::malformed(&text, message));
    }
    let mut by_type = ByType::default();
    for branch in &item.branches {
        let name = branch.object.as_str();
        let target = sources.state.schema().get(name).ok_or_else(|| QueryError::sobject(name))?;
        if !lookup.reference_to.contains(&target.name) {
            let message = format!("'{text}' never refers to an object of type '{}'", target.name);
            return Err(QueryError::malformed(name, message));
        }
        let mut fields = Shape::default();
        for field in &branch.fields {
            let path = Path::resolve(sources, target, field.as_str())?.behind(&steps);
            fields.add_below(Value::field(path, field.as_str()), steps.len()).map_err(duplicate)?;
        }
        if by_type.branches.iter().any(|(known, _)| *known == target.name) {
            return Err(QueryError::malformed(name, format!("duplicate WHEN: {name}")));
        }
        by_type.branches.push((target.name.clone(), fields));
    }
    if !item.otherwise.is_empty() {
        let mut fields = Shape::default();
        for field in &item.otherwise {
            let name = field.as_str();
            let leaf = Leaf::of_any(name).ok_or_else(|| QueryError::column(name, name, "Name"))?;
            let path = Path { steps: steps.clone(), leaf };
            fields.add_below(Value::field(path, name), steps.len()).map_err(duplicate)?;
        }
        by_type.otherwise = Some(fields);
    }
    shape.add_type_of(steps, by_type).map_err(duplicate)
}
