//! The writer of SOSL: conditions, names and orders are written by the writer of SOQL.

mod find;
mod statement;

use super::{Search, Term};
use crate::{Problem, Problems, Span, write::MAX_STATEMENT};

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
    // Those without a place first, as `Problems` promises.
    w.problems.sort_by_key(|problem| problem.span.map(|span| span.start));
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
        let start = self.out.len();
        self.text("<");
        self.text(mark);
        self.text(">");
        let span = Span::of(&self.out, start, self.out.len());
        self.problems.push(Problem::new(message, explanation).at(span));
    }

    /// What the writer of SOQL has written. Its problems have their place in that part; here they get it in the whole.
    fn soql(&mut self, part: Result<String, Problems>) {
        match part {
            Ok(text) => self.text(&text),
            Err(problems) => {
                let start = Span::of(&self.out, self.out.len(), self.out.len());
                self.text(problems.statement());
                self.problems.extend(problems.iter().map(|problem| {
                    let span = problem.span.map(|span| behind(start, span));
                    Problem { span, ..problem.clone() }
                }));
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

/// The place in a text, of a place in the part of it that begins at `start`.
fn behind(start: Span, span: Span) -> Span {
    Span {
        start: start.start + span.start,
        end: start.start + span.end,
        line: start.line + span.line - 1,
        column: if span.line == 1 { start.column + span.column - 1 } else { span.column },
    }
}
