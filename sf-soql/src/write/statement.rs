use super::{Writer, condition::Level};
use crate::{
    Access, CategoryFilter, Condition, FieldSet, For, Function, GroupBy, Identifier, Item, Literal, Operand,
    Order, Problem, RowCount, Statement, TypeOf, UsageStatistics, With,
};
use std::fmt::Write;

/// Where a SELECT stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Outermost,
    Child,
    SemiJoin,
}

impl Writer {
    pub(super) fn statement(&mut self, s: &Statement, place: Place) {
        if place == Place::SemiJoin {
            self.shape_of_semi_join(s);
        }
        self.text("SELECT ");
        if s.items.is_empty() {
            self.wrong("nothing", "nothing is selected", "name the fields with `select`");
        }
        self.items(&s.items);
        self.clause("FROM ");
        if let Some(parent) = &s.from_parent {
            self.name(parent.as_str());
            self.text(".");
        }
        self.name(s.from.as_str());
        self.alias(s.alias.as_ref());
        for known in &s.path_aliases {
            self.text(", ");
            self.name(known.path.as_str());
            self.alias(known.alias.as_ref());
        }
        if let Some(scope) = &s.scope {
            self.clause("USING SCOPE");
            self.alias(Some(scope));
        }
        if place == Place::Outermost {
            self.filter_at = self.out.len();
        }
        self.condition_clause("WHERE ", s.filter.as_ref());
        if let Some(with) = &s.with {
            self.with(with);
        }
        if let Some(group) = &s.group {
            self.group_by(group);
        }
        let having = self.out.len();
        let outer = std::mem::replace(&mut self.in_having, true);
        self.condition_clause("HAVING ", s.having.as_ref());
        self.in_having = outer;
        if s.having.is_some() && s.group.is_none() {
            let problem =
                Problem::new("HAVING without GROUP BY", "put the condition into the filter, or group");
            self.wrong_from(having + 1, problem);
        }
        if !s.order.is_empty() {
            self.clause("ORDER BY ");
            self.list(&s.order, Writer::order);
        }
        self.rows("LIMIT ", s.limit.as_ref());
        self.rows("OFFSET ", s.offset.as_ref());
        self.last_clauses(s);
        for problem in &s.contradictions {
            self.text(" ");
            self.wrong(&problem.message, problem.message.as_str(), problem.explanation.as_str());
        }
    }

    /// What the grammar refuses in a subquery of IN.
    fn shape_of_semi_join(&mut self, s: &Statement) {
        let start = self.out.len();
        if s.is_count()
            || !matches!(
                s.items.as_slice(),
                [Item::Value { value: Operand::Field(_) | Operand::Call { .. }, alias: None }]
            )
        {
            let message = "a subquery of IN selects one field";
            self.wrong_from(start, Problem::new(message, "select exactly one id or reference field in it"));
        }
        if s.from_parent.is_some() || !s.path_aliases.is_empty() {
            let message = "FROM in a subquery of IN names more than an object";
            let explanation = "it takes one object and its alias: FROM Contact c";
            self.wrong_from(start, Problem::new(message, explanation));
        }
        let more = s.group.is_some()
            || !s.order.is_empty()
            || s.limit.is_some()
            || s.offset.is_some()
            || !matches!(s.with, None | Some(With::Filter { .. }))
            || !s.purposes.is_empty()
            || !s.update.is_empty()
            || s.all_rows;
        if more {
            let message = "a subquery of IN has only FROM, USING SCOPE and WHERE";
            let explanation = "Salesforce refuses GROUP BY, ORDER BY, LIMIT and all that follows there";
            self.wrong_from(start, Problem::new(message, explanation));
        }
    }

    fn condition_clause(&mut self, word: &str, condition: Option<&Condition>) {
        if let Some(condition) = condition {
            self.clause(word);
            self.condition(condition, Level::Top);
        }
    }

    /// A blank and the name, when there is one. A leaf.
    fn alias(&mut self, alias: Option<&Identifier>) {
        let Some(alias) = alias else { return };
        self.text(" ");
        self.identifier(alias);
    }

    fn identifier(&mut self, name: &Identifier) {
        let start = self.out.len();
        match name.problem() {
            None => self.text(name.as_str()),
            Some(problem) => self.wrong("name", problem.message, problem.explanation),
        }
        self.place(start);
    }

    pub(super) fn items(&mut self, items: &[Item]) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
                self.before_item(item);
            }
            match item {
                Item::Value { value: Operand::Call { function, argument: None }, alias }
                    if *function == Function::Count =>
                {
                    self.count(items.len() > 1, alias.as_ref());
                }
                Item::Value { value, alias } => {
                    self.operand(value);
                    self.alias(alias.as_ref());
                }
                Item::Children { query, alias } => {
                    self.text("(");
                    self.deeper(|w| w.indented(|w| w.statement(query, Place::Child)));
                    self.text(")");
                    self.alias(alias.as_ref());
                }
                Item::Fields(set) => {
                    self.text("FIELDS(");
                    match set {
                        FieldSet::Other(word) if word.problem().is_some() => self.identifier(word),
                        known => {
                            let start = self.out.len();
                            self.text(known.as_str());
                            self.place(start);
                        }
                    }
                    self.text(")");
                }
                Item::TypeOf(t) => self.type_of(t),
            }
        }
    }

    /// `COUNT()`
    fn count(&mut self, with_others: bool, alias: Option<&Identifier>) {
        let start = self.out.len();
        self.text("COUNT");
        self.place(start);
        self.text("()");
        if with_others {
            let explanation = "COUNT() stands alone; COUNT(Id) can stand beside others";
            self.wrong_from(start, Problem::new("COUNT() with other fields", explanation));
        }
        if alias.is_some() {
            self.alias(alias);
            let explanation = "COUNT() answers a number and no rows, so there is nothing to name";
            self.wrong_from(start, Problem::new("COUNT() with an alias", explanation));
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

    fn with(&mut self, with: &With) {
        self.clause("WITH ");
        match with {
            With::Access(access) => self.text(match access {
                Access::SecurityEnforced => "SECURITY_ENFORCED",
                Access::UserMode => "USER_MODE",
                Access::SystemMode => "SYSTEM_MODE",
            }),
            With::Filter { name, value } => {
                self.identifier(name);
                self.text(" = ");
                if matches!(value, Literal::Text(_) | Literal::Parameter(_)) {
                    self.literal(value, None);
                } else {
                    let start = self.out.len();
                    self.wrong(
                        "text",
                        "a filter of WITH that is no text",
                        "it takes a text: WITH name = 'value'",
                    );
                    self.place(start);
                }
            }
            With::DataCategory(filters) => self.data_category(filters),
        }
    }

    pub(super) fn data_category(&mut self, filters: &[CategoryFilter]) {
        self.text("DATA CATEGORY ");
        if filters.is_empty() {
            self.wrong("category", "DATA CATEGORY of nothing", "name at least one group and category");
        }
        for (i, filter) in filters.iter().enumerate() {
            self.text(if i > 0 { " AND " } else { "" });
            self.category_filter(filter);
        }
    }

    fn category_filter(&mut self, filter: &CategoryFilter) {
        self.name(filter.group.as_str());
        self.text(" ");
        self.text(filter.selector.as_str());
        self.text(" ");
        match filter.categories.as_slice() {
            [] => self.wrong("category", "a group without categories", "name at least one category"),
            [one] => self.name(one.as_str()),
            many => {
                self.text("(");
                self.list(many, |w, category| w.name(category.as_str()));
                self.text(")");
            }
        }
    }

    fn group_by(&mut self, group: &GroupBy) {
        self.clause("GROUP BY ");
        let (open, close) = match group {
            GroupBy::Values(_) => ("", ""),
            GroupBy::Rollup(_) => ("ROLLUP(", ")"),
            GroupBy::Cube(_) => ("CUBE(", ")"),
        };
        self.text(open);
        if group.values().is_empty() {
            self.wrong("nothing", "GROUP BY of nothing", "name at least one field");
        }
        self.list(group.values(), |w, value| {
            let start = w.out.len();
            w.operand(value);
            if matches!(value, Operand::Distance(_)) {
                let explanation = "DISTANCE stands in SELECT, in ORDER BY or left of < and >";
                w.wrong_from(start, Problem::new("GROUP BY of a distance", explanation));
            }
        });
        self.text(close);
    }

    pub(super) fn order(&mut self, order: &Order) {
        self.operand(order.by());
        self.text(if order.is_descending() { " DESC" } else { "" });
        self.text(if order.is_nulls_last() { " NULLS LAST" } else { "" });
    }

    fn rows(&mut self, word: &str, rows: Option<&RowCount>) {
        let Some(rows) = rows else { return };
        self.clause(word);
        let start = self.out.len();
        match rows {
            // Writing to a String does not fail.
            RowCount::Rows(rows) => {
                let _ = write!(self.out, "{rows}");
            }
            RowCount::Parameter(name) => self.parameter(name),
        }
        self.place(start);
    }

    /// ALL ROWS, FOR and UPDATE.
    fn last_clauses(&mut self, s: &Statement) {
        if s.all_rows {
            let start = self.out.len();
            self.clause("ALL ROWS");
            self.only_in_apex(start, "ALL ROWS", "over the API, query all rows with the queryAll resource");
        }
        for (i, purpose) in s.purposes.iter().enumerate() {
            let start = self.out.len();
            self.clause(match purpose {
                For::View => "FOR VIEW",
                For::Reference => "FOR REFERENCE",
                For::Update => "FOR UPDATE",
            });
            if *purpose == For::Update {
                self.only_in_apex(start, "FOR UPDATE", "the API has no locks");
            } else if i > 0 {
                self.only_in_apex(start, "a second FOR", "the API takes one");
            }
        }
        if !s.update.is_empty() {
            self.clause("UPDATE ");
            self.list(&s.update, |w, statistics| {
                w.text(match statistics {
                    UsageStatistics::Tracking => "TRACKING",
                    UsageStatistics::Viewstat => "VIEWSTAT",
                });
            });
        }
    }

    fn only_in_apex(&mut self, start: usize, what: &str, explanation: &str) {
        if !self.apex {
            self.wrong_from(start + 1, Problem::new(format!("{what} is of Apex"), explanation));
        }
    }
}
