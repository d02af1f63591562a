//! GROUP BY, HAVING, and what grouping does to SELECT.

use super::Checker;
use super::function::Clause;
use super::operand::{innermost, key, leaf_of, spell};
use super::resolve::Scope;
use crate::{Function, GroupBy, Item, Leaf, Operand, Statement};
use sf_core::FieldKind;
use std::collections::BTreeSet;

/// Fields in ROLLUP and CUBE (SOQL reference, "GROUP BY ROLLUP").
const MAX_ROLLED_UP: usize = 3;

impl<'s> Checker<'s> {
    pub(super) fn grouping(&mut self, scope: &mut Scope<'s>) {
        let s = scope.statement;
        if let Some(group) = &s.group {
            self.group_by(scope, group);
        }
        if s.is_aggregate() {
            self.select_of_groups(scope);
        } else {
            self.select_of_records(scope);
        }
        if let Some(having) = &s.having {
            self.having(scope, having);
        }
    }

    fn group_by(&mut self, scope: &mut Scope<'s>, group: &'s GroupBy) {
        for value in group.values() {
            let made = self.operand(scope, value, Clause::GroupBy);
            let Some((_, field)) = made.filter(|_| matches!(value, Operand::Field(_))).and_then(|v| v.field)
            else {
                continue;
            };
            if !field.groupable {
                let explanation = match field.kind() {
                    FieldKind::DateTime => format!(
                        "every moment would be a group of its own: group by a part, DAY_ONLY({})",
                        spell(value)
                    ),
                    FieldKind::MultiPicklist => {
                        "a multi-select picklist has several values at once".to_owned()
                    }
                    _ if field.calculated => "the org does not group by this formula".to_owned(),
                    _ => format!("the org does not group by this field of type {}", field.wire_type),
                };
                let message = format!("field '{}' can not be grouped in a query call", field.name);
                self.wrong(leaf_of(value), message, explanation);
            }
        }
        if let GroupBy::Rollup(values) | GroupBy::Cube(values) = group
            && let Some(fourth) = values.get(MAX_ROLLED_UP)
        {
            let word = if matches!(group, GroupBy::Rollup(_)) { "ROLLUP" } else { "CUBE" };
            let message = format!("{word} of more than {MAX_ROLLED_UP} fields");
            self.wrong(leaf_of(fourth), message, "leave fields out, or group without subtotals");
        }
        let s = scope.statement;
        if s.is_count()
            && let Some(Item::Value { value, .. }) = s.items.first()
        {
            let explanation = "write COUNT(Id): it answers a number for each group";
            self.wrong(leaf_of(value), "COUNT() with GROUP BY", explanation);
        }
    }

    /// Everything that is selected is a group or an aggregate.
    fn select_of_groups(&mut self, scope: &Scope<'s>) {
        let s = scope.statement;
        let grouped = groups(scope);
        let mut names = BTreeSet::new();
        for item in &s.items {
            match item {
                Item::Value { value, alias } => {
                    if !is_grouped(scope, &grouped, value) {
                        self.not_grouped(value, "Field", s);
                    }
                    self.aggregate_of_group(scope, &grouped, value);
                    // A row of a group is flat: a field has the last name of its path.
                    let (name, leaf) = match (alias, value) {
                        (Some(alias), _) => (alias.as_str(), Leaf::Name(alias)),
                        (None, Operand::Field(path)) => {
                            (path.segments().last().unwrap_or_default(), Leaf::Path(path))
                        }
                        (None, _) => continue,
                    };
                    if !names.insert(name.to_ascii_lowercase()) {
                        let explanation = "rows of groups are flat: give one of them another alias";
                        self.wrong(leaf, format!("duplicate alias: {name}"), explanation);
                    }
                }
                Item::Children { query, .. } => {
                    let explanation =
                        "a group has no children: leave GROUP BY and aggregates out, or the subquery";
                    let message = "a child subquery with GROUP BY or an aggregate";
                    self.wrong(Leaf::Object(&query.from), message, explanation);
                }
                Item::Fields(set) => {
                    let message = format!("Field must be grouped or aggregated: FIELDS({})", set.as_str());
                    self.wrong(Leaf::Fields(set), message, "name the fields that are grouped");
                }
                Item::TypeOf(t) => {
                    let explanation =
                        "a group has no parent: leave TYPEOF out, or group by the parent's fields";
                    let message = "TYPEOF with GROUP BY or an aggregate";
                    self.wrong(Leaf::Path(&t.relationship), message, explanation);
                }
            }
        }
    }

    fn aggregate_of_group(&mut self, scope: &Scope<'s>, grouped: &BTreeSet<String>, value: &'s Operand) {
        if let Operand::Call { function, argument: Some(argument) } = value
            && function.is_aggregate()
            && *function != Function::Grouping
            && grouped.contains(&key(scope, argument))
        {
            let text = spell(argument);
            let explanation = match function {
                Function::Count | Function::CountDistinct => "count something else: COUNT(Id)".to_owned(),
                _ => format!("it is the same for all rows of the group: select {text}"),
            };
            let message = format!("Grouped field should not be aggregated: {text}");
            self.wrong(leaf_of(value), message, explanation);
        }
    }

    /// Without groups, a part of a date has none to stand for.
    fn select_of_records(&mut self, scope: &Scope<'s>) {
        for item in &scope.statement.items {
            if let Item::Value { value: value @ Operand::Call { function, .. }, .. } = item
                && function.is_of_date()
            {
                self.not_grouped(value, "Field", scope.statement);
            }
        }
    }

    /// An operand of HAVING or ORDER BY in a grouped query.
    pub(super) fn of_groups(
        &mut self,
        scope: &Scope<'s>,
        grouped: &BTreeSet<String>,
        value: &'s Operand,
        what: &str,
    ) {
        if !is_grouped(scope, grouped, value) {
            self.not_grouped(value, what, scope.statement);
        }
    }

    fn not_grouped(&mut self, value: &'s Operand, what: &str, s: &Statement) {
        if self.is_told(leaf_of(value)) || innermost(value).is_some_and(|path| self.is_told(Leaf::Path(path)))
        {
            return;
        }
        let text = spell(value);
        let explanation = match (&s.group, value) {
            (_, Operand::Call { function: Function::Grouping, argument: Some(argument) }) => {
                format!(
                    "it tells subtotals of a field that is rolled up: add {} to GROUP BY",
                    spell(argument)
                )
            }
            (None, Operand::Field(_)) => {
                format!("beside an aggregate it needs a group: GROUP BY {text}")
            }
            (Some(GroupBy::Values(_)), Operand::Field(_)) => {
                format!("add it to GROUP BY, or aggregate it: MAX({text})")
            }
            _ => format!("add it to GROUP BY: GROUP BY {text}"),
        };
        self.wrong(leaf_of(value), format!("{what} must be grouped or aggregated: {text}"), explanation);
    }
}

/// The [keys](key) of what is grouped by.
pub(super) fn groups(scope: &Scope<'_>) -> BTreeSet<String> {
    let values = scope.statement.group.as_ref().map(GroupBy::values).unwrap_or_default();
    values.iter().map(|value| key(scope, value)).collect()
}

fn is_grouped(scope: &Scope<'_>, grouped: &BTreeSet<String>, value: &Operand) -> bool {
    if let Operand::Call { function: Function::Grouping, argument: Some(argument) } = value {
        return grouped.contains(&key(scope, argument));
    }
    if value.is_aggregate() || grouped.contains(&key(scope, value)) {
        return true;
    }
    match value {
        Operand::Call { function, argument: Some(argument) } if function.is_of_form() => {
            is_grouped(scope, grouped, argument)
        }
        // The org decides about what it does not know.
        Operand::Call { function: Function::Other(_), .. } => true,
        _ => false,
    }
}
