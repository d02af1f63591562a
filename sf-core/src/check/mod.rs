//! What a write would be refused for, found before it is sent.
mod problem;
mod value;

pub use problem::{Problem, ProblemKind, Problems, Severity};

use crate::{Describe, FieldDescribe, FieldKind, Fields, Value};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a write does with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Operation {
    /// Makes a new row.
    Insert,
    /// Changes a row.
    Update,
    /// Does one or the other, by an external id.
    Upsert,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Operation::Insert => "insert",
            Operation::Update => "update",
            Operation::Upsert => "upsert",
        })
    }
}

/// Checks a row against the object's describe, which is what the signed-in user may see and do: permissions on the
/// object, fields that do not exist or are hidden or read-only for the user (field-level security), required
/// fields, types, lengths, picklist values. All problems at once, in the order of the fields.
///
/// An error is what the org would surely refuse, or ignore; a warning is a picklist value that is not in the list
/// of an unrestricted picklist: the org takes it, but a stage of that name means nothing to it. Values of dependent
/// picklists are checked against the whole list, values of record types not at all: describe does not have them.
///
/// An upsert may turn out to be an update, so missing required fields are no problem of it. Check as an insert when
/// new rows must pass.
///
/// ```
/// use sf_core::{Describe, Fields, Operation, check, field};
///
/// let opportunity: Describe = serde_json::from_str(
///     r#"{"name":"Opportunity","createable":true,"updateable":true,"fields":[
///         {"name":"Name","type":"string","length":120,"createable":true,"updateable":true},
///         {"name":"StageName","type":"picklist","createable":true,"updateable":true,"restrictedPicklist":true,
///          "picklistValues":[{"value":"Closed Won","active":true},{"value":"Closed Lost","active":true}]}]}"#,
/// ).unwrap();
///
/// let problems = check(&opportunity, Operation::Insert, &Fields::new().set(field!("StageName"), "closed won"));
/// assert_eq!(
///     problems.to_string(),
///     "StageName: `closed won` is not an allowed value; allowed are `Closed Won`, `Closed Lost`\n\
///      Name: required for a new Opportunity",
/// );
/// assert!(problems.into_result().is_err());
/// ```
pub fn check(describe: &Describe, operation: Operation, fields: &Fields) -> Problems {
    let mut problems = Vec::new();
    let refused = match operation {
        Operation::Insert => !describe.createable,
        Operation::Update => !describe.updateable,
        Operation::Upsert => !describe.createable && !describe.updateable,
    };
    if refused {
        problems.push(Problem::of_object(describe, operation));
    }
    for (name, value) in fields.iter() {
        let kind = match describe.field(name) {
            Some(field) => check_field(field, operation, value),
            // A parent by its external id is written under the relationship's name.
            None => match (describe.relationship(name.as_str()), value) {
                (Some(field), Value::Parent(_)) => check_access(field, operation),
                _ => Some(ProblemKind::UnknownField),
            },
        };
        problems.extend(kind.map(|kind| Problem::of_field(describe, name.clone(), kind)));
    }
    if operation == Operation::Insert {
        for field in describe.required_on_create() {
            let by_parent = || {
                field
                    .relationship_name
                    .as_deref()
                    .and_then(|name| fields.find(name))
                    .is_some_and(|v| !v.is_null())
            };
            if !fields.contains(&field.name) && !by_parent() {
                problems.push(Problem::of_field(describe, field.name.clone(), ProblemKind::Required));
            }
        }
    }
    Problems::new(problems)
}

fn check_field(field: &FieldDescribe, operation: Operation, value: &Value) -> Option<ProblemKind> {
    check_access(field, operation).or_else(|| {
        if value::is_empty(value) {
            // A checkbox has a value even when null is written; which one, the guides do not say.
            return (!field.nillable && field.kind() != FieldKind::Boolean).then_some(
                if field.is_required_on_create() { ProblemKind::Required } else { ProblemKind::NotNull },
            );
        }
        value::check(field, value)
    })
}

fn check_access(field: &FieldDescribe, operation: Operation) -> Option<ProblemKind> {
    let allowed = match operation {
        Operation::Insert => field.createable,
        Operation::Update => field.updateable,
        Operation::Upsert => field.createable || field.updateable || field.id_lookup,
    };
    (!allowed).then_some(if field.calculated || field.auto_number {
        ProblemKind::Calculated
    } else {
        ProblemKind::ReadOnly(operation)
    })
}

#[cfg(test)]
mod tests;
