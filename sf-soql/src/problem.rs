//! What is wrong with a statement, and where.

use sf_core::{Delivery, ErrorKind, Failure};
use std::fmt;
use std::ops::Range;

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
    /// Where: in the text that was read, or, of a statement that was built, in [`Problems::statement`]. Absent when it
    /// is about the whole, its length for example.
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

/// Where a problem is, in bytes, when that is known, and what it is.
pub(crate) type Found = (Option<Range<usize>>, Problem);

/// Everything wrong with one statement, at once. Never empty.
///
/// The parser tells the first problem; the writer tells up to 100 and how many more there are.
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

    /// In the order of their place, each told once; what has none comes first.
    pub(crate) fn in_order(statement: impl Into<String>, mut found: Vec<Found>) -> Problems {
        let statement = statement.into();
        found.sort_by_key(|(range, _)| range.as_ref().map(|range| range.start));
        found.dedup_by(|b, a| a.0 == b.0 && a.1.message == b.1.message);
        // One way through the text, however many problems.
        let (mut line, mut column, mut at) = (1, 1, 0);
        let problems = found
            .into_iter()
            .map(|(range, mut problem)| {
                problem.span = range.map(|range| {
                    for c in statement.get(at..range.start).unwrap_or_default().chars() {
                        (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
                    }
                    at = at.max(range.start);
                    Span { start: range.start, end: range.end, line, column }
                });
                problem
            })
            .collect();
        Problems::new(statement, problems)
    }

    /// The problems in the order of their place; those without one come first, and a last one may say how many more
    /// there are.
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
    let start = statement.floor_char_boundary(span.start);
    // Only what is shown is looked at: a line may have thousands of problems.
    let (front, behind) = statement.split_at(start);
    let before = usize::try_from(span.column).unwrap_or_default().saturating_sub(1);
    let in_line = |c: &char| *c != '\n';
    // One more than is shown tells whether there is more.
    let after = behind.chars().take_while(in_line).take(WIDTH + 1).count();
    let hidden = if before + after <= WIDTH { 0 } else { before.saturating_sub(BEFORE) };
    let mut shown: Vec<char> = front.chars().rev().take_while(in_line).take(before - hidden).collect();
    shown.reverse();
    let indent = shown.len() + usize::from(hidden > 0);
    let room = WIDTH.saturating_sub(shown.len()).max(1);
    shown.extend(behind.chars().take_while(in_line).take(WIDTH.saturating_sub(shown.len())));
    // A tab or control character would move the carets away from their place.
    let shown: String = shown.into_iter().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut_front = if hidden > 0 { "…" } else { "" };
    let cut_back = if before - hidden + after > WIDTH { "…" } else { "" };
    let end = statement.floor_char_boundary(span.end).max(start);
    let marks = statement[start..end].chars().take_while(in_line).take(room).count().max(1);
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

/// How many problems the text of an [`Error`](sf_core::Error) tells; its source has all.
const IN_AN_ERROR: usize = 10;

/// Invalid input that was never sent; the problems are its source.
impl From<Problems> for sf_core::Error {
    fn from(problems: Problems) -> sf_core::Error {
        let language = problems.language;
        let message = match problems.problems.as_slice() {
            [one] => format!("the {language} statement is not valid: {one}"),
            many => {
                let lines: Vec<String> = many.iter().take(IN_AN_ERROR).map(Problem::to_string).collect();
                let more = if many.len() > IN_AN_ERROR { "\n…" } else { "" };
                format!("the {language} statement has {} problems: {}{more}", many.len(), lines.join("\n"))
            }
        };
        let failure = Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, message);
        sf_core::Error::new(failure).with_source(problems)
    }
}

/// The beginning of a text for a message: input may be long.
pub(crate) fn shorten(text: &str) -> String {
    let mut chars = text.chars();
    let start: String = chars.by_ref().take(40).collect();
    if chars.next().is_some() { start + "…" } else { start }
}
