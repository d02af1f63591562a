//! The writer: one compact, legal form of every tree.

mod condition;
mod literal;
mod statement;

pub(crate) use literal::{MAX_DIGITS, is_salesforce_year};

use crate::tree::{is_reserved, reserved};
use crate::{Condition, Literal, Operand, Problem, Problems, Statement};

/// A statement may have this many characters (SOQL reference, "SOQL SELECT Syntax").
pub(crate) const MAX_STATEMENT: usize = 100_000;
/// A string in a WHERE clause may have this many characters (limits cheat sheet).
pub(crate) const MAX_TEXT: usize = 4_000;

/// What looks like a function and is not: as one, it would read back as something else.
const NO_FUNCTIONS: [&str; 5] = ["FIELDS", "ROLLUP", "CUBE", "DISTANCE", "GEOLOCATION"];

/// The statement's text.
pub(crate) fn statement(s: &Statement) -> Result<String, Problems> {
    let mut w = Writer::default();
    w.statement(s, statement::Place::Outermost);
    w.finish()
}

/// The statement's text, however long.
pub(crate) fn statement_of_any_length(s: &Statement) -> Result<String, Problems> {
    let mut w = Writer::default();
    w.statement(s, statement::Place::Outermost);
    w.problems_or_text()
}

/// A value as it stands in a list.
pub(crate) fn literal_of_list(value: &Literal) -> String {
    let mut w = Writer::default();
    w.literal(value, None);
    w.out
}

/// The statement's text without WHERE, and the place where WHERE belongs.
pub(crate) fn without_filter(s: &Statement) -> Result<(String, usize), Problems> {
    let mut w = Writer::default();
    w.statement(&Statement { filter: None, ..s.clone() }, statement::Place::Outermost);
    let place = w.filter_at;
    w.finish().map(|text| (text, place))
}

/// The condition's text as one of several joined by AND.
pub(crate) fn condition_beside_and(c: &Condition) -> Result<String, Problems> {
    let mut w = Writer::default();
    w.condition(c, condition::Level::And);
    w.finish()
}

/// The condition's text.
pub(crate) fn condition(c: &Condition) -> Result<String, Problems> {
    let mut w = Writer::default();
    w.condition(c, condition::Level::Top);
    w.finish()
}

/// An entry of the SELECT list.
pub(crate) fn item(item: &crate::Item) -> Result<String, Problems> {
    let mut w = Writer::default();
    w.item(item);
    w.problems_or_text()
}

/// An entry of ORDER BY.
pub(crate) fn order(order: &crate::Order) -> Result<String, Problems> {
    let mut w = Writer::default();
    w.order(order);
    w.problems_or_text()
}

/// For people: like the real text, with `<…>`, which is never legal, where something cannot be written.
pub(crate) fn approximate_statement(s: &Statement) -> String {
    let mut w = Writer::default();
    w.statement(s, statement::Place::Outermost);
    w.out
}

pub(crate) fn approximate_condition(c: &Condition) -> String {
    let mut w = Writer::default();
    w.condition(c, condition::Level::Top);
    w.out
}

/// Writes on when something is wrong, so that all problems are found at once.
#[derive(Default)]
struct Writer {
    out: String,
    problems: Vec<Problem>,
    depth: usize,
    /// Where WHERE of the outermost statement begins, or would.
    filter_at: usize,
}

impl Writer {
    fn finish(mut self) -> Result<String, Problems> {
        // Never more UTF-16 units than bytes: nothing to count in a text that is short in bytes.
        let bytes = self.out.len();
        let length = if bytes > MAX_STATEMENT { self.out.encode_utf16().count() } else { bytes };
        if length > MAX_STATEMENT {
            self.problems.push(Problem::new(
                format!("the statement has {length} characters, Salesforce takes {MAX_STATEMENT}"),
                "split a long IN list with `split_in`, or select fewer fields",
            ));
        }
        self.problems_or_text()
    }

    fn problems_or_text(self) -> Result<String, Problems> {
        if self.problems.is_empty() { Ok(self.out) } else { Err(Problems::new(self.out, self.problems)) }
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn wrong(&mut self, mark: &str, message: impl Into<String>, explanation: impl Into<String>) {
        self.out.push('<');
        self.out.push_str(mark);
        self.out.push('>');
        self.problems.push(Problem::new(message, explanation));
    }

    /// Runs `write` one level deeper, unless that is too deep.
    fn deeper(&mut self, write: impl FnOnce(&mut Writer)) {
        if self.depth >= crate::tree::MAX_DEPTH {
            self.wrong(
                "…",
                "the statement is nested too deeply",
                "flatten the condition: `all` and `any` take lists",
            );
        } else {
            self.depth += 1;
            write(self);
            self.depth -= 1;
        }
    }

    /// A name or a path; its type has checked everything but reserved words.
    fn name(&mut self, name: &str) {
        if let Some(word) = name.split('.').find(|part| is_reserved(part)) {
            self.problems.push(reserved(word));
        }
        self.out.push_str(name);
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Writer, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            write(self, item);
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Field(path) => self.name(path.as_str()),
            Operand::Call { function, argument: None } => {
                self.text(function.name());
                let message = format!("{function}() has no argument here");
                self.wrong(
                    "argument",
                    message,
                    "a function takes one field; only COUNT() alone in SELECT has none",
                );
            }
            Operand::Call { function, argument: Some(argument) } => {
                if NO_FUNCTIONS.iter().any(|name| name.eq_ignore_ascii_case(function.name())) {
                    let message = format!("{function} is not a function of one argument");
                    self.problems.push(Problem::new(message, "it has a form of its own"));
                }
                self.name(function.name());
                self.text("(");
                self.deeper(|w| w.operand(argument));
                self.text(")");
            }
        }
    }
}
