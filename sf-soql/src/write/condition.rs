use super::Writer;
use super::statement::Place;
use crate::{Condition, Literal, Op, Operand, Problem};

/// What stands around a condition: SOQL takes one kind of operator on a level, and NOT only alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Nothing, or parentheses.
    Top,
    /// Neighbours joined by AND.
    And,
    /// Neighbours joined by OR.
    Or,
    /// A NOT before it.
    Not,
}

/// The grammar lets a comparison operator and a number follow a distance, and nothing else.
fn is_distance_of_other_form(c: &Condition) -> bool {
    match c {
        Condition::Compare { left: Operand::Distance(_), op, right } => {
            *op == Op::Like || !matches!(right, Literal::Number(_) | Literal::Parameter(_))
        }
        Condition::In { left, .. }
        | Condition::InParameter { left, .. }
        | Condition::InQuery { left, .. }
        | Condition::Includes { left, .. } => matches!(left, Operand::Distance(_)),
        _ => false,
    }
}

impl Writer {
    pub(super) fn condition(&mut self, c: &Condition, level: Level) {
        if is_distance_of_other_form(c) {
            self.wrong_from(
                self.out.len(),
                Problem::new(
                    "a distance is compared with something that is no number",
                    "DISTANCE stands left of < and >, with a number on the right: `lt`, `gt`",
                ),
            );
        }
        match c {
            Condition::Compare { left, op, right } => {
                self.operand(left);
                self.operator(op.as_str());
                self.literal(right, Some(*op));
            }
            Condition::In { left, not, list } => {
                self.operand(left);
                self.operator(if *not { "NOT IN" } else { "IN" });
                self.literals(list, "IN");
            }
            Condition::InParameter { left, not, name } => {
                self.operand(left);
                self.operator(if *not { "NOT IN" } else { "IN" });
                self.parameter(name);
            }
            Condition::InQuery { left, not, query } => {
                self.operand(left);
                self.operator(if *not { "NOT IN" } else { "IN" });
                self.text("(");
                let having = std::mem::replace(&mut self.in_having, false);
                self.deeper(|w| w.on_one_line(|w| w.statement(query, Place::SemiJoin)));
                self.in_having = having;
                self.text(")");
            }
            Condition::Includes { left, not, sets } => {
                let word = if *not { "EXCLUDES" } else { "INCLUDES" };
                self.operand(left);
                self.operator(word);
                self.literals(sets, word);
            }
            // No group is of fewer rows than none. Every object has an Id and no row is without it.
            Condition::Never if self.in_having => self.text("COUNT(Id) < 0"),
            Condition::Never => self.text("Id = null"),
            Condition::And(parts) => self.group(parts, "AND ", level, Level::And),
            Condition::Or(parts) => self.group(parts, "OR ", level, Level::Or),
            Condition::Not(inner) => {
                if level == Level::Top {
                    self.text("NOT ");
                    return self.condition(inner, Level::Not);
                }
                self.text("(NOT ");
                self.deeper(|w| w.condition(inner, Level::Not));
                self.text(")");
            }
        }
    }

    fn operator(&mut self, operator: &str) {
        self.out.push(' ');
        let start = self.out.len();
        self.text(operator);
        self.place(start);
        self.out.push(' ');
    }

    fn group(&mut self, parts: &[Condition], word: &str, outer: Level, own: Level) {
        if let [only] = parts {
            return self.deeper(|w| w.condition(only, outer));
        }
        if parts.is_empty() {
            return self.wrong(
                "empty group",
                "a group of conditions is empty",
                "an empty `all` or `any` says nothing: leave it out, or say `Condition::Never`",
            );
        }
        let write = |w: &mut Writer| {
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    w.before_part(outer == Level::Top);
                    w.text(word);
                }
                w.condition(part, own);
            }
        };
        if outer == Level::Top {
            return write(self);
        }
        let parentheses = outer != own;
        self.text(if parentheses { "(" } else { "" });
        self.deeper(write);
        self.text(if parentheses { ")" } else { "" });
    }

    fn literals(&mut self, list: &[Literal], word: &str) {
        self.text("(");
        if list.is_empty() {
            self.wrong(
                "empty list",
                format!("the list of {word} is empty"),
                "say `Condition::Never` when nothing should match, or leave the condition out",
            );
        }
        self.list(list, |w, value| w.literal(value, None));
        self.text(")");
    }
}
