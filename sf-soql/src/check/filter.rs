//! WHERE and HAVING.

use super::Checker;
use super::fields::Value;
use super::function::Clause;
use super::group::groups;
use super::limits::MAX_ROWS_OF_FIELDS;
use super::operand::spell;
use super::resolve::Scope;
use super::semi_join::Level;
use crate::tree::MAX_DEPTH;
use crate::{Condition, Leaf, Literal, Op, Operand};
use sf_core::FieldKind;
use std::collections::BTreeSet;

/// What a condition stands in.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    clause: Clause,
    pub(super) level: Level,
    /// What is grouped by; only in HAVING.
    grouped: Option<&'a BTreeSet<String>>,
}

impl<'s> Checker<'s> {
    pub(super) fn filter(&mut self, scope: &mut Scope<'s>, filter: &'s Condition) {
        self.semi_joins(filter);
        self.condition(scope, filter, Around { clause: Clause::Where, level: Level::Top, grouped: None });
    }

    pub(super) fn having(&mut self, scope: &mut Scope<'s>, having: &'s Condition) {
        let grouped = groups(scope);
        let around = Around { clause: Clause::Having, level: Level::Having, grouped: Some(&grouped) };
        self.condition(scope, having, around);
    }

    fn condition(&mut self, scope: &mut Scope<'s>, c: &'s Condition, around: Around<'_>) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        match c {
            Condition::And(parts) => {
                parts.iter().for_each(|part| self.condition(scope, part, around));
            }
            Condition::Or(parts) => {
                let level = around.level.in_or();
                parts.iter().for_each(|part| self.condition(scope, part, Around { level, ..around }));
            }
            Condition::Not(inner) => {
                self.condition(scope, inner, Around { level: around.level.in_not(), ..around });
            }
            Condition::InQuery { left, query, .. } => self.semi_join(scope, c, left, query, around.level),
            Condition::Compare { left, op, right } => {
                if let Some(value) = self.left(scope, left, around) {
                    self.operator(c, &value, left, Some(*op));
                    self.literal(&value, left, right, *op == Op::Like);
                }
            }
            Condition::In { left, list, .. } => {
                if let Some(value) = self.left(scope, left, around) {
                    self.operator(c, &value, left, None);
                    list.iter().for_each(|literal| self.literal(&value, left, literal, false));
                    self.mixed_currencies(list);
                }
            }
            Condition::InParameter { left, .. } => {
                if let Some(value) = self.left(scope, left, around) {
                    self.operator(c, &value, left, None);
                }
            }
            Condition::Includes { left, not, sets } => {
                if let Some(value) = self.left(scope, left, around)
                    && !matches!(value.kind, FieldKind::MultiPicklist | FieldKind::Any)
                {
                    let word = if *not { "EXCLUDES" } else { "INCLUDES" };
                    let instead = if *not { "NOT IN" } else { "IN" };
                    let explanation =
                        format!("{word} is for multi-select picklists; write {} {instead} (…)", spell(left));
                    self.wrong(Leaf::Operator(c), invalid_operator(&value), explanation);
                } else {
                    for set in sets {
                        if !matches!(set, Literal::Text(_) | Literal::Parameter(_) | Literal::Null) {
                            let explanation = "each is a text: 'A;B' is A and B at once";
                            self.wrong(
                                Leaf::Value(set),
                                "INCLUDES of something that is no text",
                                explanation,
                            );
                        }
                    }
                }
            }
            Condition::Never => {}
        }
        self.depth -= 1;
    }

    /// The left side; None when nothing more can be said about the comparison.
    fn left(&mut self, scope: &mut Scope<'s>, left: &'s Operand, around: Around<'_>) -> Option<Value<'s>> {
        let value = self.operand(scope, left, around.clause);
        if let Some(grouped) = around.grouped {
            self.of_groups(scope, grouped, left, "Field");
        }
        let value = value?;
        if around.clause == Clause::Where
            && let Operand::Field(path) = left
            && let Some((_, field)) = value.field
        {
            let explanation = match value.kind {
                FieldKind::Location => "compare its distance: DISTANCE(…) < 20, or its parts",
                FieldKind::Address => "filter by its parts: the street, the city, the country",
                FieldKind::LongText => {
                    "it is a long text; search for it with SOSL, or filter the rows after they are read"
                }
                _ => "the org does not filter by it; filter the rows after they are read",
            };
            if !field.filterable || matches!(value.kind, FieldKind::Address | FieldKind::Location) {
                let message = match value.kind {
                    FieldKind::Address => {
                        "Address fields can only be filtered using Distance expressions".to_owned()
                    }
                    _ => format!("field '{}' can not be filtered in a query call", field.name),
                };
                self.wrong(Leaf::Path(path), message, explanation);
                return None;
            }
        }
        Some(value)
    }

    /// Whether the type has the operator; `op` is none for IN.
    fn operator(&mut self, c: &'s Condition, value: &Value<'s>, left: &'s Operand, op: Option<Op>) {
        use FieldKind::{Any, Boolean, LongText, MultiPicklist, Picklist, Text};
        let at = Leaf::Operator(c);
        if matches!(left, Operand::Distance(_)) {
            if !matches!(op, Some(Op::Lt | Op::Gt)) {
                let explanation = "a distance is compared with < or >";
                self.wrong(at, "DISTANCE with another operator than < and >", explanation);
            }
            return;
        }
        let explanation = match (op, value.kind) {
            (_, Any) => return,
            (Some(Op::Like), Text | LongText | Picklist) => return,
            (Some(Op::Like), MultiPicklist) => "LIKE is for text; write INCLUDES ('A', 'B')".to_owned(),
            (Some(Op::Like), FieldKind::Reference) => {
                "LIKE is for text; compare the whole id, or a field of the parent".to_owned()
            }
            (Some(Op::Like), _) => {
                format!("LIKE is for text, and this is of type {}; write = or a range", value.wire_type)
            }
            (Some(Op::Lt | Op::Le | Op::Gt | Op::Ge), Boolean) => {
                "a boolean is compared with = or !=".to_owned()
            }
            (Some(Op::Lt | Op::Le | Op::Gt | Op::Ge), MultiPicklist) => {
                "a multi-select picklist is compared with =, !=, INCLUDES or EXCLUDES".to_owned()
            }
            _ => return,
        };
        self.wrong(at, invalid_operator(value), explanation);
    }

    fn mixed_currencies(&mut self, list: &'s [Literal]) {
        let coded = list.iter().find(|literal| matches!(literal, Literal::Currency { .. }));
        let plain = list.iter().find(|literal| matches!(literal, Literal::Number(_)));
        if let (Some(_), Some(plain)) = (coded, plain) {
            let explanation = "give every amount a currency, or none";
            self.wrong(Leaf::Value(plain), "amounts with and without a currency in one list", explanation);
        }
    }
}

fn invalid_operator(value: &Value<'_>) -> String {
    format!(
        "invalid operator on {} field",
        if value.kind == FieldKind::Reference { "id" } else { value.wire_type }
    )
}

/// Whether the rows are limited to as many as FIELDS(ALL) may answer, by their ids.
pub(super) fn names_few_ids(scope: &Scope<'_>, filter: &Condition) -> bool {
    let is_id = |left: &Operand| {
        left.as_field().and_then(|path| scope.relative(path)).is_some_and(|t| t.eq_ignore_ascii_case("Id"))
    };
    let few = usize::try_from(MAX_ROWS_OF_FIELDS).unwrap_or_default();
    match filter {
        Condition::Compare { left, op: Op::Eq, .. } | Condition::InParameter { left, not: false, .. } => {
            is_id(left)
        }
        Condition::In { left, not: false, list } => is_id(left) && list.len() <= few,
        Condition::And(parts) => parts.iter().any(|part| match part {
            Condition::And(_) => false,
            part => names_few_ids(scope, part),
        }),
        Condition::Never => true,
        _ => false,
    }
}
