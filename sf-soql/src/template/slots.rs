//! The places of a tree where values stand.

use crate::{Condition, Item, Literal, Op, Operand, RowCount, Statement, With};

/// Where a value stands.
pub(super) enum Slot<'a> {
    One(&'a mut Literal),
    /// After LIKE.
    Pattern(&'a mut Literal),
    /// In GEOLOCATION.
    Degrees(&'a mut Literal),
    List(&'a mut Vec<Literal>),
    /// An `IN :name`.
    WholeList(&'a mut Condition),
    /// After LIMIT and OFFSET.
    Rows(&'a mut RowCount),
}

/// In the order of the text.
pub(super) fn each_value(statement: &mut Statement, visit: &mut dyn FnMut(Slot<'_>)) {
    for item in &mut statement.items {
        match item {
            Item::Children { query, .. } => each_value(query, visit),
            Item::Value { value, .. } => each_value_of_operand(value, visit),
            Item::Fields(_) | Item::TypeOf(_) => {}
        }
    }
    if let Some(filter) = &mut statement.filter {
        each_value_of(filter, visit);
    }
    if let Some(With::Filter { value, .. }) = &mut statement.with {
        visit(Slot::One(value));
    }
    if let Some(having) = &mut statement.having {
        each_value_of(having, visit);
    }
    for order in &mut statement.order {
        each_value_of_operand(order.by_mut(), visit);
    }
    for rows in [&mut statement.limit, &mut statement.offset].into_iter().flatten() {
        visit(Slot::Rows(rows));
    }
}

fn each_value_of_operand(operand: &mut Operand, visit: &mut dyn FnMut(Slot<'_>)) {
    if let Operand::Distance(distance) = operand {
        visit(Slot::Degrees(&mut distance.latitude));
        visit(Slot::Degrees(&mut distance.longitude));
    }
}

fn each_value_of(condition: &mut Condition, visit: &mut dyn FnMut(Slot<'_>)) {
    match condition {
        Condition::Compare { left, op, right } => {
            each_value_of_operand(left, visit);
            visit(if *op == Op::Like { Slot::Pattern(right) } else { Slot::One(right) });
        }
        Condition::In { left, list, .. } | Condition::Includes { left, sets: list, .. } => {
            each_value_of_operand(left, visit);
            visit(Slot::List(list));
        }
        Condition::InParameter { left, .. } => {
            each_value_of_operand(left, visit);
            visit(Slot::WholeList(condition));
        }
        Condition::InQuery { left, query, .. } => {
            each_value_of_operand(left, visit);
            each_value(query, visit);
        }
        Condition::And(parts) | Condition::Or(parts) => {
            parts.iter_mut().for_each(|part| each_value_of(part, visit));
        }
        Condition::Not(inner) => each_value_of(inner, visit),
        Condition::Never => {}
    }
}
