//! What is wrong with a statement, and where.

use sf_core::{Delivery, ErrorKind, Failure};
use std::fmt;

/// A place in a statement: bytes for programs, line and column for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1, as Salesforce counts it in `ERROR at Row:1:Column:21`.
    pub column: u32,
}

impl Span {
    pub(crate) fn of(text: &str, start: usize, end: usize) -> Span {
        let before = text.get(..start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span {
            start,
            end,
            line: count(before.bytes().filter(|b| *b == b'\n').count() + 1),
            column: count(before[line_start..].chars().count() + 1),
        }
    }
}

/// One thing that is wrong with a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where; absent when the statement was built, not read.
    pub span: Option<Span>,
    /// The short form, for syntax in Salesforce's words (`unexpected token: 'OR'`).
    pub message: String,
    /// The same in plain words, with what to write instead.
    pub explanation: String,
}

impl Problem {
    pub(crate) fn new(message: impl Into<String>, explanation: impl Into<String>) -> Problem {
        Problem { span: None, message: message.into(), explanation: explanation.into() }
    }

    pub(crate) fn at(mut self, span: Span) -> Problem {
        self.span = Some(span);
        self
    }
}

/// `1:24: unexpected token: 'OR'. Put one of the groups in parentheses.`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(span) = self.span {
            write!(f, "{}:{}: ", span.line, span.column)?;
        }
        f.write_str(&self.message)?;
        if !self.explanation.is_empty() {
            write!(f, ". {}", self.explanation)?;
        }
        Ok(())
    }
}

/// Everything wrong with one statement, at once. Never empty.
///
/// ```
/// let problems = sf_soql::Query::parse("SELECT Id FROM Account WHERE a = 1 AND b = 2 OR c = 3").unwrap_err();
/// assert_eq!(
///     problems.pretty(),
///     "\
/// 1:46: unexpected token: 'OR'
///   | SELECT Id FROM Account WHERE a = 1 AND b = 2 OR c = 3
///   |                                              ^^
///   = AND and OR cannot stand on the same level: put one group in parentheses, (a = 1 AND b = 2) OR c = 3
/// "
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    language: &'static str,
    statement: String,
    problems: Vec<Problem>,
}

impl Problems {
    pub(crate) fn new(statement: impl Into<String>, problems: Vec<Problem>) -> Problems {
        Problems { language: "SOQL", statement: statement.into(), problems }
    }

    pub(crate) fn of_search(statement: impl Into<String>, problems: Vec<Problem>) -> Problems {
        Problems { language: "SOSL", ..Problems::new(statement, problems) }
    }

    pub(crate) fn one(statement: impl Into<String>, problem: Problem) -> Problems {
        Problems::new(statement, vec![problem])
    }

    /// The problems in the order of their place.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.problems.iter()
    }

    /// The statement as it was read, or an approximation of the one that could not be written.
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// For a terminal: every problem with its line of the statement, carets under the place, and the plain
    /// explanation. Long lines are shown in part.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        for problem in &self.problems {
            match problem.span {
                Some(span) => {
                    let place = format!("{}:{}: {}\n", span.line, span.column, problem.message);
                    out.push_str(&place);
                    carets(&mut out, &self.statement, span);
                }
                None => {
                    out.push_str(&problem.message);
                    out.push('\n');
                }
            }
            if !problem.explanation.is_empty() {
                out.push_str("  = ");
                out.push_str(&problem.explanation);
                out.push('\n');
            }
        }
        out
    }
}

/// At most this many characters of a line are shown, so that it is not broken on a terminal and the carets stay below
/// their place.
const WIDTH: usize = 104;
/// Of a longer line, so many of them before the place.
const BEFORE: usize = 60;

fn carets(out: &mut String, statement: &str, span: Span) {
    let start = span.start.min(statement.len());
    let line_start = statement[..start].rfind('\n').map_or(0, |i| i + 1);
    let line_end = statement[start..].find('\n').map_or(statement.len(), |i| start + i);
    let before = statement[line_start..start].chars().count();
    // One more than is shown tells whether there is more.
    let after = statement[start..line_end].chars().take(WIDTH + 1).count();
    let hidden = if before + after <= WIDTH { 0 } else { before.saturating_sub(BEFORE) };
    let shown: String = statement[line_start..line_end]
        .chars()
        .skip(hidden)
        .take(WIDTH)
        // A tab or control character would move the carets away from their place.
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let cut_front = if hidden > 0 { "…" } else { "" };
    let cut_back = if before - hidden + after > WIDTH { "…" } else { "" };
    let room = WIDTH.saturating_sub(before - hidden).max(1);
    let marks = statement.get(start..span.end.min(line_end)).map_or(1, |s| s.chars().count().clamp(1, room));
    let indent = before - hidden + usize::from(hidden > 0);
    out.push_str("  | ");
    out.push_str(cut_front);
    out.push_str(shown.trim_end());
    out.push_str(cut_back);
    out.push_str("\n  | ");
    out.extend(std::iter::repeat_n(' ', indent));
    out.extend(std::iter::repeat_n('^', marks));
    out.push('\n');
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One line for each problem.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Invalid input that was never sent; the problems are its source.
impl From<Problems> for sf_core::Error {
    fn from(problems: Problems) -> sf_core::Error {
        let language = problems.language;
        let message = match problems.problems.as_slice() {
            [one] => format!("the {language} statement is not valid: {one}"),
            many => format!("the {language} statement has {} problems: {problems}", many.len()),
        };
        let failure = Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, message);
        sf_core::Error::new(failure).with_source(problems)
    }
}
