//! ORDER BY.

use super::Checker;
use super::function::Clause;
use super::group::groups;
use super::operand::leaf_of;
use super::resolve::Scope;
use crate::{Item, Leaf, Operand};
use sf_core::FieldKind;

impl<'s> Checker<'s> {
    pub(super) fn ordering(&mut self, scope: &mut Scope<'s>) {
        let s = scope.statement;
        let grouped = s.is_aggregate().then(|| groups(scope));
        for order in &s.order {
            let by = order.by();
            let value = self.operand(scope, by, Clause::OrderBy);
            let is_field = matches!(by, Operand::Field(_));
            if let Some(value) = value.filter(|_| is_field) {
                if value.field.is_some_and(|(_, field)| !field.sortable) {
                    let message = format!("field '{}' can not be sorted in a query call", value.name);
                    let explanation = match value.kind {
                        FieldKind::LongText => {
                            "it is a long text; sort the rows after they are read".to_owned()
                        }
                        _ => format!(
                            "the org does not sort by type {}; sort the rows after they are read",
                            value.wire_type
                        ),
                    };
                    self.wrong(leaf_of(by), message, explanation);
                } else if order.is_nulls_last() && value.kind == FieldKind::Reference {
                    let message = format!("NULLS LAST with the reference field '{}'", value.name);
                    let explanation = "leave NULLS out, or sort by a field of the parent";
                    self.wrong(leaf_of(by), message, explanation);
                }
            }
            if let Some(grouped) = &grouped {
                self.of_groups(scope, grouped, by, "Ordered field");
            }
        }
        if s.is_count()
            && !s.order.is_empty()
            && let Some(Item::Value { value: Operand::Call { function, .. }, .. }) = s.items.first()
        {
            self.wrong(Leaf::Function(function), "COUNT() with ORDER BY", "a single number has no order");
        }
    }
}
