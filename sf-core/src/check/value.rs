//! Whether a value fits a field. (REST API Developer Guide and Object Reference, "Field Types".)
use super::ProblemKind;
use crate::{FieldDescribe, FieldKind, Number, SfId, Timestamp, Value, time::read_date};

/// Salesforce stores no empty text: it is null.
pub(super) fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Null) || value.as_str() == Some("")
}

/// Checks a value that is not empty.
pub(super) fn check(field: &FieldDescribe, value: &Value) -> Option<ProblemKind> {
    match field.kind() {
        FieldKind::Text | FieldKind::LongText => check_text(field, value),
        FieldKind::Picklist => check_picklist(field, value),
        FieldKind::MultiPicklist => check_multi_picklist(field, value),
        FieldKind::Integer => check_number(value, field.digits, true),
        FieldKind::Number => check_number(value, field.precision.saturating_sub(field.scale), false),
        FieldKind::Boolean => expect(matches!(value, Value::Bool(_)), "true or false"),
        FieldKind::Date => expect(
            value.as_str().is_some_and(|text| read_date(text.as_bytes()).is_some()),
            "a date like 2026-01-02",
        ),
        FieldKind::DateTime => expect(
            value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok()),
            "a date-time like 2026-01-02T03:04:05Z",
        ),
        FieldKind::Time => expect(value.as_str().is_some_and(is_time), "a time of day like 14:30:00.000Z"),
        FieldKind::Reference => {
            expect(value.as_str().is_some_and(|text| SfId::new(text).is_ok()), "an id of 15 or 18 characters")
        }
        FieldKind::Base64 => expect(value.as_str().is_some(), "text in base64"),
        // Compounds are never writable; other types are the org's to judge.
        FieldKind::Address | FieldKind::Location | FieldKind::Any => None,
    }
}

fn expect(fits: bool, expected: &'static str) -> Option<ProblemKind> {
    (!fits).then_some(ProblemKind::WrongType { expected })
}

fn check_text(field: &FieldDescribe, value: &Value) -> Option<ProblemKind> {
    let Some(text) = value.as_str() else { return expect(false, "text") };
    if field.length == 0 || text.len() <= field.length as usize {
        return None;
    }
    let length = text.chars().count();
    (length > field.length as usize).then_some(ProblemKind::TooLong { length, max: field.length })
}

fn check_picklist(field: &FieldDescribe, value: &Value) -> Option<ProblemKind> {
    let Some(text) = value.as_str() else { return expect(false, "a picklist value as text") };
    check_choice(field, text).or_else(|| check_text(field, value))
}

fn check_multi_picklist(field: &FieldDescribe, value: &Value) -> Option<ProblemKind> {
    let Some(text) = value.as_str() else { return expect(false, "picklist values separated by `;`") };
    text.split(';')
        .map(str::trim)
        .filter(|choice| !choice.is_empty())
        .find_map(|choice| check_choice(field, choice))
}

/// Exactly and with case. A field whose list is empty says nothing about its values.
fn check_choice(field: &FieldDescribe, choice: &str) -> Option<ProblemKind> {
    if field.picklist_values.is_empty() && !field.restricted_picklist {
        return None;
    }
    (!field.active_values().any(|value| value == choice)).then(|| ProblemKind::NotAllowed {
        value: choice.to_owned(),
        allowed: field.active_values().map(str::to_owned).collect(),
        restricted: field.restricted_picklist,
    })
}

/// Numbers in quotes are taken too. Decimals beyond the scale are rounded by the org, which is no error.
fn check_number(value: &Value, digits: u32, whole: bool) -> Option<ProblemKind> {
    let number = match value {
        Value::Number(number) => Some(number.clone()),
        Value::Text(text) => text.parse::<Number>().ok(),
        _ => None,
    };
    let Some(number) = number else {
        return expect(false, if whole { "a whole number" } else { "a number" });
    };
    if whole && number.to_i64().is_none() {
        return expect(false, "a whole number");
    }
    (digits > 0 && number.whole_digits() > i64::from(digits)).then_some(ProblemKind::TooLarge { digits })
}

/// `14:30:00`, `14:30:00.000`, each with or without `Z`.
fn is_time(text: &str) -> bool {
    let text = text.strip_suffix('Z').unwrap_or(text);
    text.is_ascii() && text.len() >= 8 && format!("2000-01-01T{text}Z").parse::<Timestamp>().is_ok()
}
