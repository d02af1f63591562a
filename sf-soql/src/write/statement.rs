use super::{Writer, condition::Level};
use crate::{
    Access, Condition, FieldSet, Function, GroupBy, Identifier, Item, Operand, Order, Statement, TypeOf,
    UsageStatistics, Viewing,
};

/// Where a SELECT stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Outermost,
    Child,
    SemiJoin,
}

impl Writer {
    pub(super) fn statement(&mut self, s: &Statement, place: Place) {
        self.shape(s, place);
        self.text("SELECT ");
        if s.items.is_empty() {
            self.wrong("nothing", "nothing is selected", "name the fields with `select`");
        }
        self.list(&s.items, Writer::item);
        self.text(" FROM ");
        self.name(s.from.as_str());
        self.alias(s.alias.as_ref());
        if let Some(scope) = &s.scope {
            self.text(" USING SCOPE");
            self.alias(Some(scope));
        }
        if place == Place::Outermost {
            self.filter_at = self.out.len();
        }
        self.clause(" WHERE ", s.filter.as_ref());
        if let Some(access) = s.access {
            self.text(match access {
                Access::SecurityEnforced => " WITH SECURITY_ENFORCED",
                Access::UserMode => " WITH USER_MODE",
                Access::SystemMode => " WITH SYSTEM_MODE",
            });
        }
        if let Some(group) = &s.group {
            self.group_by(group);
        }
        self.clause(" HAVING ", s.having.as_ref());
        if !s.order.is_empty() {
            self.text(" ORDER BY ");
            self.list(&s.order, Writer::order);
        }
        for (word, rows) in [(" LIMIT ", s.limit), (" OFFSET ", s.offset)] {
            if let Some(rows) = rows {
                self.text(word);
                self.text(&rows.to_string());
            }
        }
        match s.viewing {
            Some(Viewing::View) => self.text(" FOR VIEW"),
            Some(Viewing::Reference) => self.text(" FOR REFERENCE"),
            None => {}
        }
        for (i, statistics) in s.update.iter().enumerate() {
            self.text(if i == 0 { " UPDATE " } else { ", " });
            self.text(match statistics {
                UsageStatistics::Tracking => "TRACKING",
                UsageStatistics::Viewstat => "VIEWSTAT",
            });
        }
    }

    /// What the grammar refuses about the statement as a whole.
    fn shape(&mut self, s: &Statement, place: Place) {
        let mut wrong = |message: &str, explanation: &str| {
            self.problems.push(crate::Problem::new(message, explanation));
        };
        if s.having.is_some() && s.group.is_none() {
            wrong("HAVING without GROUP BY", "put the condition into the filter, or group");
        }
        let counts = |i: &Item| {
            matches!(
                i,
                Item::Value { value: Operand::Call { function: Function::Count, argument: None }, .. }
            )
        };
        if s.items.iter().any(counts) {
            if s.items.len() > 1 {
                wrong("COUNT() with other fields", "COUNT() stands alone; COUNT(Id) can stand beside others");
            }
            if s.items.iter().any(|i| matches!(i, Item::Value { alias: Some(_), .. })) {
                wrong(
                    "COUNT() with an alias",
                    "COUNT() answers a number and no rows, so there is nothing to name",
                );
            }
        }
        if place == Place::SemiJoin {
            if s.is_count() || !matches!(s.items.as_slice(), [Item::Value { alias: None, .. }]) {
                wrong("a subquery of IN selects one field", "select exactly one id or reference field in it");
            }
            let more = s.group.is_some()
                || !s.order.is_empty()
                || s.limit.is_some()
                || s.offset.is_some()
                || s.access.is_some()
                || s.viewing.is_some()
                || !s.update.is_empty();
            if more {
                wrong(
                    "a subquery of IN has only FROM, USING SCOPE and WHERE",
                    "Salesforce refuses GROUP BY, ORDER BY, LIMIT and all that follows there",
                );
            }
        }
    }

    fn clause(&mut self, word: &str, condition: Option<&Condition>) {
        if let Some(condition) = condition {
            self.text(word);
            self.condition(condition, Level::Top);
        }
    }

    /// A blank and the name, when there is one.
    fn alias(&mut self, alias: Option<&Identifier>) {
        let Some(alias) = alias else { return };
        self.text(" ");
        match alias.problem() {
            None => self.text(alias.as_str()),
            Some(problem) => self.wrong("name", problem.message, problem.explanation),
        }
    }

    pub(super) fn item(&mut self, item: &Item) {
        match item {
            // Whether it stands alone, `shape` has looked.
            Item::Value { value: Operand::Call { function: Function::Count, argument: None }, .. } => {
                self.text("COUNT()");
            }
            Item::Value { value, alias } => {
                self.operand(value);
                self.alias(alias.as_ref());
            }
            Item::Children { query, alias } => {
                self.text("(");
                self.deeper(|w| w.statement(query, Place::Child));
                self.text(")");
                self.alias(alias.as_ref());
            }
            Item::Fields(set) => self.text(match set {
                FieldSet::All => "FIELDS(ALL)",
                FieldSet::Custom => "FIELDS(CUSTOM)",
                FieldSet::Standard => "FIELDS(STANDARD)",
            }),
            Item::TypeOf(t) => self.type_of(t),
        }
    }

    fn type_of(&mut self, t: &TypeOf) {
        self.text("TYPEOF ");
        self.name(t.relationship.as_str());
        if t.branches.is_empty() {
            self.wrong("WHEN", "TYPEOF without WHEN", "name at least one object and its fields");
        }
        for branch in &t.branches {
            self.text(" WHEN ");
            self.name(branch.object.as_str());
            self.text(" THEN ");
            if branch.fields.is_empty() {
                self.wrong("fields", "WHEN without fields", "name at least one field after THEN");
            }
            self.list(&branch.fields, |w, f| w.name(f.as_str()));
        }
        if !t.otherwise.is_empty() {
            self.text(" ELSE ");
            self.list(&t.otherwise, |w, f| w.name(f.as_str()));
        }
        self.text(" END");
        self.alias(t.alias.as_ref());
    }

    fn group_by(&mut self, group: &GroupBy) {
        let (open, close) = match group {
            GroupBy::Values(_) => (" GROUP BY ", ""),
            GroupBy::Rollup(_) => (" GROUP BY ROLLUP(", ")"),
            GroupBy::Cube(_) => (" GROUP BY CUBE(", ")"),
        };
        self.text(open);
        if group.values().is_empty() {
            self.wrong("nothing", "GROUP BY of nothing", "name at least one field");
        }
        self.list(group.values(), Writer::operand);
        self.text(close);
    }

    pub(super) fn order(&mut self, order: &Order) {
        self.operand(order.by());
        self.text(if order.is_descending() { " DESC" } else { "" });
        self.text(if order.is_nulls_last() { " NULLS LAST" } else { "" });
    }
}
