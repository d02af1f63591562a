//! What one cell of an upload holds.
use crate::{Failure, Value};
use serde::Serialize;

/// What clears a field. As the text of a value it cannot be sent.
pub(super) const NULL: &str = "#N/A";
/// Limits cheat sheet, "Bulk API and Bulk API 2.0 Limits".
const LONGEST_FIELD: usize = 131_072;

/// The place of one cell. A [`ColumnType`](crate::ColumnType) writes itself here.
#[doc(hidden)]
#[derive(Debug)]
pub struct CsvCell<'a> {
    pub(super) out: &'a mut String,
    pub(super) problem: Option<Problem>,
}
impl<'a> CsvCell<'a> {
    pub(super) fn new(out: &'a mut String) -> CsvCell<'a> {
        CsvCell { out, problem: None }
    }
    /// Any text; empty text clears.
    pub fn text(&mut self, text: &str) {
        match text {
            "" => self.out.push_str(NULL),
            NULL => self.problem = Some(Problem::LiteralNull),
            _ if text.len() > LONGEST_FIELD && text.chars().count() > LONGEST_FIELD => {
                self.problem = Some(Problem::TooLong);
            }
            _ => push_text(self.out, text),
        }
    }
    /// Text that needs no quotes: ids, digits, dates.
    pub(crate) fn plain(&mut self, text: &str) {
        self.out.push_str(text);
    }
    pub(crate) fn digit(&mut self, digit: char) {
        self.out.push(digit);
    }
    pub(crate) fn integer(&mut self, n: i64) {
        let mut text = [0_u8; 20];
        let (mut at, mut rest) = (text.len(), n.unsigned_abs());
        loop {
            at -= 1;
            if let Some(place) = text.get_mut(at) {
                *place = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            }
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if n < 0 {
            self.out.push('-');
        }
        let digits = text.get(at..).unwrap_or_default();
        self.out.push_str(std::str::from_utf8(digits).unwrap_or_default());
    }
    pub(crate) fn number(&mut self, number: &crate::Number) {
        match number.as_str() {
            digits if digits.bytes().any(|b| matches!(b, b'e' | b'E')) => self.out.push_str(&number.plain()),
            digits => self.out.push_str(digits),
        }
    }
    /// Whatever it is, as its JSON says.
    pub fn json<T: Serialize + ?Sized>(&mut self, thing: &T) {
        match Value::of(thing) {
            Ok(value) => self.value(&value),
            Err(error) => self.problem = Some(Problem::Json(error.to_string())),
        }
    }
    pub(super) fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.out.push_str(NULL),
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Number(number) => self.number(number),
            Value::Text(text) => self.text(text),
            Value::Parent(parent) => match parent.fields.nth(0) {
                Some((_, value)) => self.value(value),
                None => self.problem = Some(Problem::Compound),
            },
            Value::Rows(_) | Value::Json(_) => self.problem = Some(Problem::Compound),
        }
    }
}

/// Why a value cannot stand in a cell.
#[derive(Debug)]
pub(super) enum Problem {
    LiteralNull,
    TooLong,
    Compound,
    Json(String),
}
impl Problem {
    pub(super) fn failure(self, name: &str) -> Failure {
        match self {
            Problem::LiteralNull => Failure::invalid_input(format!(
                "the text of `{name}` is `#N/A`, which in a Bulk job clears the field"
            ))
            .with_next_step("Write this row with `Org::write`, where the text has no meaning of its own."),
            Problem::TooLong => {
                Failure::invalid_input(format!("`{name}` has more than {LONGEST_FIELD} characters"))
            }
            Problem::Compound => Failure::invalid_input(format!(
                "`{name}` is a compound value or child rows, which a Bulk job cannot take"
            ))
            .with_next_step("Write the parts of an address or location as fields of their own."),
            Problem::Json(error) => Failure::invalid_input(format!("{name} cannot be written: {error}")),
        }
        .with_fields([name])
    }
}

/// A text in quotes when it needs them.
pub(crate) fn push_text(out: &mut String, text: &str) {
    if !needs_quotes(text.as_bytes()) {
        return out.push_str(text);
    }
    out.push('"');
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('"') {
        out.push_str(before);
        out.push_str("\"\"");
        rest = after;
    }
    out.push_str(rest);
    out.push('"');
}
/// In pieces that are looked at as a whole: a loop that may end at any byte is not vectorised.
fn needs_quotes(bytes: &[u8]) -> bool {
    let is = |b: &u8| matches!(*b, b',' | b'"' | b'\n' | b'\r');
    let (pieces, rest) = bytes.as_chunks::<16>();
    pieces.iter().any(|piece| piece.iter().fold(false, |found, b| found | is(b))) || rest.iter().any(is)
}

/// A cell's text as it was before it was put in quotes.
pub(super) fn unquoted(cell: &str) -> std::borrow::Cow<'_, str> {
    match cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\"").into(),
        None => cell.into(),
    }
}
