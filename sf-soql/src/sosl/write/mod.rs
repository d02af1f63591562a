//! The writer of SOSL: conditions, names and orders are written by the writer of SOQL.

mod find;
mod statement;

use super::{Search, Term};
use crate::{Problem, Problems, write::MAX_STATEMENT};

pub(super) fn search(s: &Search) -> Result<String, Problems> {
    let mut w = Writer::default();
    w.search(s);
    let length = w.out.encode_utf16().count();
    // One filter alone may have said so.
    let told = w.problems.iter().any(|p| p.message.starts_with("the statement has "));
    if length > MAX_STATEMENT && !told {
        w.problem(
            format!("the statement has {length} characters, Salesforce takes {MAX_STATEMENT}"),
            "shorten the IN lists of the filters",
        );
    }
    if w.problems.is_empty() { Ok(w.out) } else { Err(Problems::of_search(w.out, w.problems)) }
}

pub(super) fn approximate_search(s: &Search) -> String {
    let mut w = Writer::default();
    w.search(s);
    w.out
}

pub(super) fn approximate_term(t: &Term) -> String {
    let mut w = Writer::default();
    w.find(t);
    w.out
}

/// Writes on when something is wrong, so that all problems are found at once.
#[derive(Default)]
struct Writer {
    out: String,
    problems: Vec<Problem>,
    depth: usize,
    /// Whether FIND has an operator.
    operators: bool,
}

impl Writer {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn problem(&mut self, message: impl Into<String>, explanation: impl Into<String>) {
        self.problems.push(Problem::new(message, explanation));
    }

    fn wrong(&mut self, mark: &str, message: impl Into<String>, explanation: impl Into<String>) {
        self.text("<");
        self.text(mark);
        self.text(">");
        self.problem(message, explanation);
    }

    /// What the writer of SOQL has written.
    fn soql(&mut self, part: Result<String, Problems>) {
        match part {
            Ok(text) => self.text(&text),
            Err(problems) => {
                self.text(problems.statement());
                self.problems.extend(problems.iter().cloned());
            }
        }
    }

    fn separated<T>(&mut self, items: &[T], separator: &str, mut write: impl FnMut(&mut Writer, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text(separator);
            }
            write(self, item);
        }
    }
}
