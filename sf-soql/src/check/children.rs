//! Child subqueries.

use super::Checker;
use super::limits::{MAX_CHILDREN, MAX_SELECTS};
use super::resolve::{Parent, Role, Scope};
use crate::{Leaf, RowCount, Statement};

impl<'s> Checker<'s> {
    pub(super) fn child(&mut self, scope: &Scope<'s>, child: &'s Statement) {
        self.children += 1;
        if self.children == MAX_CHILDREN + 1 {
            let message =
                format!("more than the {MAX_CHILDREN} child subqueries that Salesforce takes in a query");
            self.wrong(
                Leaf::Object(&child.from),
                message,
                "read some of the children in a query of their own",
            );
        }
        let (level, one_row) = match scope.role {
            Role::Child { level, one_row } => (level + 1, one_row),
            _ => (2, scope.statement.limit == Some(RowCount::Rows(1))),
        };
        if level == MAX_SELECTS + 1 {
            let message = format!("more than {MAX_SELECTS} levels of SELECT");
            let explanation = "read the innermost children in a query of their own";
            self.wrong(Leaf::Object(&child.from), message, explanation);
        }
        if let Some(parent) = &child.from_parent {
            let s = scope.statement;
            let text = parent.as_str();
            let is_parent =
                s.from.is(text) || s.alias.as_ref().is_some_and(|a| a.as_str().eq_ignore_ascii_case(text));
            if !is_parent && scope.object.is_none_or(|object| !object.name.is(text)) {
                let message = format!("Didn't understand relationship '{parent}' in FROM part of query call");
                let explanation =
                    format!("FROM of a subquery takes the child relationship: FROM {}", child.from);
                self.wrong(Leaf::Path(parent), message, explanation);
            }
        }
        let object = scope.object.and_then(|object| match object.child(child.from.as_str()) {
            Some(known) => {
                let of_child = self.other(&known.child);
                if matches!(of_child, Parent::Unknown) && self.schema.is_complete() {
                    self.no_children(object, child);
                }
                match of_child {
                    Parent::Object(object) => Some(object),
                    _ => None,
                }
            }
            None => {
                self.no_children(object, child);
                None
            }
        });
        if child.is_count() || child.is_aggregate() {
            let explanation =
                "count or group in a query of its own: GROUP BY the field that points to the parent";
            self.wrong(
                Leaf::Object(&child.from),
                "Only root queries support aggregate expressions",
                explanation,
            );
        }
        self.statement(&mut Scope::new(child, object, Role::Child { level, one_row }));
    }
}
