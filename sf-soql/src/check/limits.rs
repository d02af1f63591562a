//! Counts that Salesforce limits, FROM, LIMIT and OFFSET.

use super::Checker;
use super::resolve::{Parent, Role, Scope};
use crate::{FieldSet, Item, Leaf, RowCount, Statement, write};

/// Relationships in one path (SOQL reference, "Understanding Relationship Query Limitations").
pub(super) const MAX_LEVELS: usize = 5;
/// Different parent relationships in one query.
pub(super) const MAX_PARENTS: usize = 55;
/// Child subqueries in one query.
pub(super) const MAX_CHILDREN: usize = 20;
/// Levels of SELECT, the outermost included, from API version 58 on.
pub(super) const MAX_SELECTS: usize = 5;
/// Rows that OFFSET may leave out.
const MAX_OFFSET: i64 = 2000;
/// Rows of a query with FIELDS(ALL) or FIELDS(CUSTOM).
pub(super) const MAX_ROWS_OF_FIELDS: i64 = 200;

impl<'s> Checker<'s> {
    /// What stands in FROM behind the object.
    pub(super) fn from(&mut self, scope: &mut Scope<'s>) {
        let s = scope.statement;
        if let Some(parent) = &s.from_parent
            && !matches!(scope.role, Role::Child { .. })
        {
            let explanation = "FROM takes one object; a path stands only in FROM of a child subquery";
            self.wrong(Leaf::Path(parent), format!("FROM {parent}.{} is a path", s.from), explanation);
        }
        for (i, known) in s.path_aliases.iter().enumerate() {
            if i >= MAX_PARENTS {
                self.too_many_parents(&known.path);
                return;
            }
            let start = scope.object.map_or(Parent::Unknown, Parent::Object);
            if let Some(relationships) = scope.relative(&known.path) {
                self.walk(scope, start, &relationships, &known.path);
            }
        }
        if let (Some(scope_name), Role::Child { .. }) = (&s.scope, scope.role) {
            let explanation = "a scope belongs to the outermost statement";
            self.wrong(Leaf::Name(scope_name), "USING SCOPE in a child subquery", explanation);
        }
    }

    /// Texts that are longer than Salesforce takes, wherever they stand.
    pub(super) fn texts(&mut self, s: &'s Statement) {
        s.each_leaf(&mut |leaf| {
            if let Leaf::Value(value) = leaf
                && let Some(problem) = write::too_long_text(value)
            {
                self.wrong(leaf, problem.message, problem.explanation);
            }
        });
    }

    /// LIMIT and OFFSET.
    pub(super) fn rows(&mut self, scope: &Scope<'s>) {
        let s = scope.statement;
        let count = |rows: &RowCount| match rows {
            RowCount::Rows(rows) => Some(*rows),
            RowCount::Parameter(_) => None,
        };
        if let Some(limit) = &s.limit {
            if count(limit).is_some_and(|rows| rows < 0) {
                self.wrong(Leaf::Rows(limit), "LIMIT is negative", "write 0 or more rows");
            } else if s.group.is_none() && s.is_aggregate() {
                let message = "Non-grouped query that uses overall aggregate functions cannot also use LIMIT";
                self.wrong(Leaf::Rows(limit), message, "it answers one row; leave LIMIT out, or group");
            }
        }
        if let Some(offset) = &s.offset {
            match count(offset) {
                Some(rows) if rows < 0 => {
                    self.wrong(Leaf::Rows(offset), "OFFSET is negative", "write 0 or more rows");
                }
                Some(rows) if rows > MAX_OFFSET => {
                    let message = format!("Maximum SOQL offset allowed is {MAX_OFFSET}");
                    let explanation = "to read on, filter by the last row: WHERE Id > '…' ORDER BY Id";
                    self.wrong(Leaf::Rows(offset), message, explanation);
                }
                _ => {}
            }
            if matches!(scope.role, Role::Child { one_row: false, .. }) {
                let explanation = "the outermost statement must have LIMIT 1 for that";
                self.wrong(Leaf::Rows(offset), "OFFSET in a child subquery", explanation);
            }
        }
        self.rows_of_fields(scope);
    }

    /// FIELDS(ALL) and FIELDS(CUSTOM) want few rows.
    fn rows_of_fields(&mut self, scope: &Scope<'s>) {
        let s = scope.statement;
        let few = match &s.limit {
            Some(RowCount::Rows(rows)) => *rows <= MAX_ROWS_OF_FIELDS,
            Some(RowCount::Parameter(_)) => true,
            None => s.filter.as_ref().is_some_and(|filter| super::filter::names_few_ids(scope, filter)),
        };
        if few {
            return;
        }
        for item in &s.items {
            if let Item::Fields(set) = item
                && [FieldSet::All, FieldSet::Custom].contains(set)
            {
                let message =
                    format!("The SOQL FIELDS function must have a LIMIT of at most {MAX_ROWS_OF_FIELDS}");
                let explanation = "write LIMIT 200, or name the fields; FIELDS(STANDARD) has no such limit";
                self.wrong(Leaf::Fields(set), message, explanation);
            }
        }
    }
}
