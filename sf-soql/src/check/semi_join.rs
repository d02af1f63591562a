//! `IN (SELECT …)` (SOQL reference, "Comparison Operators", semi-joins and anti-joins).

use super::Checker;
use super::function::Clause;
use super::operand::{leaf_of, spell};
use super::resolve::{Role, Scope};
use crate::{Condition, Item, Leaf, Operand, Statement};
use sf_core::{FieldPath, ObjectName};

/// In one WHERE.
const MAX_SEMI_JOINS: usize = 2;

/// Objects that may not stand in FROM of a semi-join.
const REFUSED: [&str; 6] = ["ActivityHistory", "Attachment", "Event", "Note", "OpenActivity", "Task"];

/// What stands between a condition and its WHERE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Nothing, or AND.
    Top,
    /// One OR.
    Or,
    /// A NOT, nothing else.
    Not,
    /// More than one of them.
    Deep,
    /// It is no WHERE.
    Having,
}

impl Level {
    pub(super) fn in_or(self) -> Level {
        match self {
            Level::Top => Level::Or,
            Level::Having => Level::Having,
            _ => Level::Deep,
        }
    }

    pub(super) fn in_not(self) -> Level {
        match self {
            Level::Top => Level::Not,
            Level::Having => Level::Having,
            _ => Level::Deep,
        }
    }
}

impl<'s> Checker<'s> {
    /// How many there are in a WHERE.
    pub(super) fn semi_joins(&mut self, filter: &'s Condition) {
        let mut found = Vec::new();
        collect(filter, 0, &mut found);
        if let Some(third) = found.get(MAX_SEMI_JOINS) {
            let message = format!("Maximum {MAX_SEMI_JOINS} semi join sub-selects are allowed");
            self.wrong(Leaf::Operator(third), message, "read the ids first and give them as a list");
        }
    }

    pub(super) fn semi_join(
        &mut self,
        scope: &mut Scope<'s>,
        c: &'s Condition,
        left: &'s Operand,
        query: &'s Statement,
        level: Level,
    ) {
        let at = Leaf::Operator(c);
        match level {
            Level::Top => {}
            Level::Or => {
                let message = "Semi join sub-selects are not allowed with the 'OR' operator";
                self.wrong(at, message, "make two queries, or read the ids first and give them as a list");
            }
            Level::Not => {
                let message = "Semi join sub-selects are not allowed with the 'NOT' operator";
                self.wrong(at, message, "use the other of IN and NOT IN");
            }
            Level::Deep => {
                let message = "Semi join sub-selects are only allowed at the top level WHERE expressions";
                self.wrong(at, message, "join it to the others with AND, outside of all parentheses");
            }
            Level::Having => {
                self.wrong(at, "a semi join sub-select in HAVING", "put it into WHERE");
            }
        }
        if scope.role == Role::SemiJoin {
            let message = "Nesting of semi join sub-selects is not supported";
            self.wrong(at, message, "read the inner ids first and give them as a list");
        }
        let outer = self.ids_of_left(scope, left);
        let object = self.object(&query.from);
        let name = object.map_or(&query.from, |object| &object.name);
        let from = Leaf::Object(&query.from);
        if REFUSED.iter().any(|refused| name.is(refused)) || name.as_str().ends_with("Tag") {
            let message = format!("Entity '{name}' is not supported for semi join inner selects");
            self.wrong(from, message, "read the ids first and give them as a list");
        } else if scope.object.is_some_and(|outer| outer.name == *name) && scope.role != Role::SemiJoin {
            let message = "The inner and outer selects should not be on the same object type";
            self.wrong(from, message, "read the ids first and give them as a list");
        }
        let mut inner = Scope::new(query, object, Role::SemiJoin);
        self.statement(&mut inner);
        let selected = self.ids_of_selected(&inner, query);
        if let (Some(outer), Some((path, selected))) = (outer, selected)
            && !(outer.is_empty() || selected.is_empty())
            && !outer.iter().any(|object| selected.contains(object))
        {
            let message = format!(
                "The selected field '{path}' in the subquery and the left operand field in the where expression in the \
                 outer query '{}' should point to the same object type",
                spell(left)
            );
            let explanation =
                format!("the one is an id of {}, the other of {}", list(&selected), list(&outer));
            self.wrong(Leaf::Path(path), message, explanation);
        }
    }

    /// The objects whose ids stand left of IN; none when that is not known.
    fn ids_of_left(&mut self, scope: &mut Scope<'s>, left: &'s Operand) -> Option<Vec<ObjectName>> {
        let at = leaf_of(left);
        let value = self.operand(scope, left, Clause::Where);
        let text = left.as_field().and_then(|path| scope.relative(path));
        let Some(text) = text else {
            let explanation = "left of a subquery stands an id or reference field, without a function";
            self.wrong(at, "a function with a semi join sub-select", explanation);
            return None;
        };
        if text.contains('.') {
            let message = format!("the left side of a semi join sub-select is a path: '{text}'");
            self.wrong(at, message, "use the id field of the object itself, AccountId instead of Account.Id");
            return None;
        }
        let (object, field) = value?.field?;
        let ids = ids(object, field);
        if ids.is_none() {
            let message = format!(
                "The left operand field in the where expression for outer query should be an id field, cannot use: \
                 '{}'",
                field.name
            );
            self.wrong(
                at,
                message,
                format!("it is of type {}; use an id or reference field", field.wire_type),
            );
        }
        ids
    }

    fn ids_of_selected(
        &mut self,
        inner: &Scope<'s>,
        query: &'s Statement,
    ) -> Option<(&'s FieldPath, Vec<ObjectName>)> {
        let [Item::Value { value, .. }] = query.items.as_slice() else { return None };
        let at = leaf_of(value);
        let Operand::Field(path) = value else {
            let message = format!("the inner select of a semi join is {}", spell(value));
            self.wrong(at, message, "select one id or reference field, without a function");
            return None;
        };
        let text = inner.relative(path)?;
        if text.contains('.') {
            let message =
                format!("The inner select field '{path}' cannot have more than one level of relationships");
            self.wrong(at, message, "select a field of the object itself");
            return None;
        }
        let object = inner.object?;
        let field = object.fields.iter().find(|field| field.name.is(&text))?;
        let ids = ids(object, field);
        if ids.is_none() {
            let message = format!("semi join sub-selects can only query id fields, cannot use: '{path}'");
            self.wrong(at, message, format!("it is of type {}", field.wire_type));
        }
        ids.map(|ids| (path, ids))
    }
}

/// The objects whose ids are in a field; empty when describe does not say.
fn ids(object: &sf_core::Describe, field: &sf_core::FieldDescribe) -> Option<Vec<ObjectName>> {
    match field.wire_type.as_str() {
        "id" => Some(vec![object.name.clone()]),
        "reference" => Some(field.reference_to.clone()),
        _ => None,
    }
}

fn list(objects: &[ObjectName]) -> String {
    let names: Vec<&str> = objects.iter().take(5).map(|object| object.as_str()).collect();
    names.join(", ") + if objects.len() > 5 { ", …" } else { "" }
}

fn collect<'s>(c: &'s Condition, depth: usize, found: &mut Vec<&'s Condition>) {
    if depth >= crate::tree::MAX_DEPTH {
        return;
    }
    match c {
        Condition::And(parts) | Condition::Or(parts) => {
            parts.iter().for_each(|part| collect(part, depth + 1, found));
        }
        Condition::Not(inner) => collect(inner, depth + 1, found),
        Condition::InQuery { .. } => found.push(c),
        _ => {}
    }
}
