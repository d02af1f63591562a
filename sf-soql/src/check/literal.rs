//! Whether a value fits the field that it is compared with.

use super::Checker;
use super::fields::Value;
use super::operand::spell;
use crate::{Leaf, Literal, Operand, write};
use sf_core::FieldKind;

impl<'s> Checker<'s> {
    /// `pattern`: after LIKE.
    pub(super) fn literal(
        &mut self,
        value: &Value<'s>,
        left: &'s Operand,
        literal: &'s Literal,
        pattern: bool,
    ) {
        if matches!(literal, Literal::Parameter(_)) || (*literal == Literal::Null && !pattern) {
            return;
        }
        let at = Leaf::Value(literal);
        if value.is_part_of_date && matches!(literal, Literal::DateLiteral(_)) {
            let message = format!("{} can not be compared with a date literal", value.name);
            let explanation = "compare it with a value, or the field itself with the date literal";
            return self.wrong(at, message, explanation);
        }
        let explanation = match mismatch(value, literal, pattern) {
            Mismatch::None => return,
            Mismatch::Id(text) => {
                let text: String = text.chars().take(40).collect();
                let explanation = "an id has 15 or 18 letters and digits";
                return self.wrong(at, format!("invalid ID field: {text}"), explanation);
            }
            Mismatch::Because(explanation) => explanation,
        };
        let quotes = if is_text(value.kind) || pattern {
            "should be enclosed in quotes"
        } else {
            "should not be enclosed in quotes"
        };
        let field = if value.field.is_some() { value.name.to_owned() } else { spell(left) };
        let kind = if pattern { "string" } else { value.type_name() };
        let message =
            format!("value of filter criterion for field '{field}' must be of type {kind} and {quotes}");
        self.wrong(at, message, explanation);
    }
}

enum Mismatch<'l> {
    None,
    Id(&'l str),
    Because(String),
}

fn is_text(kind: FieldKind) -> bool {
    use FieldKind::{LongText, MultiPicklist, Picklist, Reference, Text};
    matches!(kind, Text | LongText | Picklist | MultiPicklist | Reference)
}

fn mismatch<'l>(value: &Value<'_>, literal: &'l Literal, pattern: bool) -> Mismatch<'l> {
    use FieldKind::{Any, Boolean, Date, DateTime, Integer, Number, Reference, Time};
    let text = match literal {
        Literal::Text(text) => Some(text.as_str()),
        Literal::Pattern(_) => Some(""),
        _ => None,
    };
    let because = |explanation: &str| Mismatch::Because(explanation.to_owned());
    match (value.kind, literal) {
        _ if pattern && text.is_some() => Mismatch::None,
        _ if pattern => because("LIKE takes a text: LIKE 'Ac%'"),
        (Any, _) => Mismatch::None,
        (Reference, Literal::Text(id)) if !is_id(id) && !is_external(value) => Mismatch::Id(id),
        (kind, _) if is_text(kind) => match text {
            Some(_) => Mismatch::None,
            None if value.kind == Reference => because("write an id in quotes: '001000000000001AAA'"),
            None => {
                let text = write::literal_of_list(literal).unwrap_or_else(|p| p.statement().to_owned());
                Mismatch::Because(format!("write a text: '{text}'"))
            }
        },
        (Boolean, Literal::Bool(_))
        | (Integer | Number, Literal::Number(_))
        | (Date, Literal::Date(_))
        | (DateTime, Literal::DateTime(_))
        | (Date | DateTime, Literal::DateLiteral(_))
        | (Time, Literal::Time(_)) => Mismatch::None,
        (Number, Literal::Currency { .. }) if value.wire_type == "currency" => Mismatch::None,
        (Integer | Number, Literal::Currency { amount, .. }) => {
            Mismatch::Because(format!("the field is no amount of money: write {amount}"))
        }
        (Boolean, _) => because("write TRUE or FALSE"),
        (Integer | Number, _) => match text.filter(|text| text.parse::<sf_core::Number>().is_ok()) {
            Some(number) => Mismatch::Because(format!("leave the quotes out: {number}")),
            None => because("write a number: 5"),
        },
        (Date, Literal::DateTime(at)) => {
            Mismatch::Because(format!("a date has no time: write {}", at.utc().date_naive()))
        }
        (Date, _) => match date_in(text) {
            Some(date) => Mismatch::Because(format!("leave the quotes out: {date}")),
            None => because("write a date, 2026-01-31, or a date literal, LAST_N_DAYS:30"),
        },
        (DateTime, Literal::Date(date)) => Mismatch::Because(format!(
            "a dateTime is compared with a moment: write {date}T00:00:00Z; a date literal, TODAY, means whole days"
        )),
        (DateTime, _) if let Some(moment) = moment_in(text) => {
            Mismatch::Because(format!("leave the quotes out: {moment}"))
        }
        (DateTime, _) => match date_in(text) {
            Some(date) => {
                Mismatch::Because(format!("write it without quotes and with its time: {date}T00:00:00Z"))
            }
            None => because("write a date-time, 2026-01-31T08:00:00Z, or a date literal, TODAY"),
        },
        (Time, _) => because("write a time with its zone: 08:00:00.000Z"),
        // Not filterable anyway.
        _ => Mismatch::None,
    }
}

/// A text that would be right without its quotes.
fn moment_in(text: Option<&str>) -> Option<&str> {
    text.filter(|text| {
        chrono::DateTime::parse_from_rfc3339(text).is_ok() && text.as_bytes().get(10) == Some(&b'T')
    })
}

/// A day at the beginning of a text that should have been no text.
fn date_in(text: Option<&str>) -> Option<&str> {
    let day = text?.get(..10)?;
    day.parse::<chrono::NaiveDate>().ok().map(|_| day)
}

/// Whether the reference holds keys of another system and no ids: it belongs to an external object, or points to one.
fn is_external(value: &Value<'_>) -> bool {
    value.field.is_some_and(|(object, field)| {
        let mut objects = field.reference_to.iter().chain([&object.name]);
        objects.any(|object| object.as_str().to_ascii_lowercase().ends_with("__x"))
    })
}

/// By its form: the org knows which ids exist. An empty text is another way to write null.
fn is_id(text: &str) -> bool {
    matches!(text.len(), 0 | 15 | 18) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
