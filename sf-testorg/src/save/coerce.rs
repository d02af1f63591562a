//! From what a request says to what a field holds.
use crate::{
    assumptions::{AssumedError, ValueAssumptions},
    error::{ApiError, ApiResult},
    json::Json,
    state::{Cell, FieldType, Kind},
};
use chrono::{DateTime, Datelike, NaiveDate};
use sf_core::{SfId, Timestamp};
use std::ops::RangeInclusive;

/// The value as this field stores it. Picklists and lookups are checked later, against the row.
pub(crate) fn coerce(field: &FieldType, json: &Json, assumed: &ValueAssumptions) -> ApiResult<Cell> {
    if *json == Json::Null {
        return match field.kind() {
            Kind::Boolean if assumed.null_unchecks => Ok(Cell::Bool(false)),
            Kind::Boolean => Err(wrong_kind(field, json)),
            _ => Ok(Cell::Null),
        };
    }
    let kind = field.kind();
    match (kind, json) {
        (Kind::Text | Kind::Picklist | Kind::MultiPicklist | Kind::Time | Kind::Other, Json::Text(text)) => {
            text_of(field, text, assumed)
        }
        (Kind::Boolean, Json::Bool(b)) => Ok(Cell::Bool(*b)),
        (Kind::Boolean, Json::Text(t)) if t.eq_ignore_ascii_case("true") => Ok(Cell::Bool(true)),
        (Kind::Boolean, Json::Text(t)) if t.eq_ignore_ascii_case("false") => Ok(Cell::Bool(false)),
        (Kind::Int, Json::Number(n)) => int(field, json, n),
        (Kind::Int, Json::Text(n)) => int(field, json, n.trim()),
        (Kind::Double, Json::Number(n)) => double(field, json, n, assumed),
        (Kind::Double, Json::Text(n)) => double(field, json, n.trim(), assumed),
        (Kind::Date, Json::Text(text)) => {
            if text.is_empty() {
                return Ok(Cell::Null);
            }
            // A date-time is taken too, its day in UTC.
            let day = day(text).or_else(|| moment(text).map(|at| at.utc().date_naive()));
            day.map(Cell::Date).ok_or_else(|| wrong_kind(field, json))
        }
        (Kind::DateTime, Json::Text(text)) => {
            if text.is_empty() {
                return Ok(Cell::Null);
            }
            let is_read = assumed.compact_offsets || !has_compact_offset(text);
            let at = moment(text).filter(|_| is_read);
            at.map(Cell::DateTime).ok_or_else(|| wrong_kind(field, json))
        }
        (Kind::Id | Kind::Reference, Json::Text(text)) => {
            if text.is_empty() {
                return Ok(Cell::Null);
            }
            SfId::new(text).map(Cell::Id).map_err(|_| {
                let message = format!("{}: id value of incorrect type: {text}", field.label);
                ApiError::row("MALFORMED_ID", message, [&field.name])
            })
        }
        (Kind::Base64, Json::Bytes(bytes)) => Ok(Cell::Bytes(bytes.clone())),
        (Kind::Base64, Json::Text(text)) => {
            base64(text).map(|b| Cell::Bytes(b.into())).ok_or_else(|| wrong_kind(field, json))
        }
        _ => Err(wrong_kind(field, json)),
    }
}

fn text_of(field: &FieldType, text: &str, assumed: &ValueAssumptions) -> ApiResult<Cell> {
    let text = if assumed.texts_are_trimmed { text.trim_matches(|c: char| c <= ' ') } else { text };
    let length = text.chars().count();
    if field.length > 0 && length > field.length {
        let shown: String = text.chars().take(100).collect();
        let dots = if length > 100 { "…" } else { "" };
        let message =
            format!("{}: data value too large: {shown}{dots} (max length={})", field.label, field.length);
        return Err(ApiError::row("STRING_TOO_LONG", message, [&field.name]));
    }
    if field.wire_type == "email" && !text.is_empty() && !is_email(text) {
        let message = format!("{}: invalid email address: {text}", field.label);
        return Err(ApiError::row("INVALID_EMAIL_ADDRESS", message, [&field.name]));
    }
    Ok(Cell::text(text))
}
fn is_email(text: &str) -> bool {
    match text.split_once('@') {
        Some((name, host)) => {
            !name.is_empty()
                && !host.contains('@')
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !text.contains(char::is_whitespace)
        }
        None => false,
    }
}

fn int(field: &FieldType, json: &Json, digits: &str) -> ApiResult<Cell> {
    if digits.is_empty() {
        return Ok(Cell::Null);
    }
    // `12.0` is whole.
    let whole =
        digits.split_once('.').filter(|(_, f)| f.bytes().all(|b| b == b'0')).map_or(digits, |(w, _)| w);
    let n: i64 = whole.parse().map_err(|_| wrong_kind(field, json))?;
    let limit = if field.digits > 0 && field.digits < 18 { 10_i64.pow(field.digits) } else { i64::MAX };
    if n.unsigned_abs() >= limit.unsigned_abs() {
        return Err(out_of_range(field, digits));
    }
    Ok(Cell::Int(n))
}
fn double(field: &FieldType, json: &Json, digits: &str, assumed: &ValueAssumptions) -> ApiResult<Cell> {
    if digits.is_empty() {
        return Ok(Cell::Null);
    }
    let n: f64 = digits.parse().map_err(|_| wrong_kind(field, json))?;
    let whole_digits = field.precision.saturating_sub(field.scale);
    if !n.is_finite() || (field.precision > 0 && n.abs() >= 10_f64.powi(whole_digits.cast_signed())) {
        return Err(out_of_range(field, digits));
    }
    if assumed.decimals_are_kept || field.precision == 0 {
        return Ok(Cell::Double(n));
    }
    let shift = 10_f64.powi(field.scale.cast_signed());
    Ok(Cell::Double((n * shift).round() / shift))
}
fn out_of_range(field: &FieldType, digits: &str) -> ApiError {
    let message = format!("{}: value outside of valid range on numeric field: {digits}", field.label);
    ApiError::row("NUMBER_OUTSIDE_VALID_RANGE", message, [&field.name]).assumed(AssumedError::OutOfRange)
}

/// SOQL reference, "Date Formats and Date Literals in WHERE": what Salesforce stores in a date.
const YEARS: RangeInclusive<i32> = 1700..=4000;

/// `2026-01-02`. Not left to chrono alone, which also takes signs, blanks and numbers of fewer digits.
fn day(text: &str) -> Option<NaiveDate> {
    if !has_form(text, "dddd-dd-dd") {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| YEARS.contains(&day.year()))
}

/// `2026-01-02T03:04:05Z`, with fraction, with `+00:00` or `+0000`; kept to the second.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let (time, zone) = text.split_at_checked("2026-01-02T03:04:05".len())?;
    let zone = match zone.strip_prefix('.') {
        None => zone,
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (zone.len() < fraction.len()).then_some(zone)?
        }
    };
    let zone_forms = ["+dd:dd", "-dd:dd", "+dddd", "-dddd"];
    if !has_form(time, "dddd-dd-ddTdd:dd:dd")
        || !(zone == "Z" || zone_forms.iter().any(|f| has_form(zone, f)))
    {
        return None;
    }
    let zone = if zone == "Z" { "+0000" } else { zone };
    let at = DateTime::parse_from_str(&format!("{time}{zone}"), "%Y-%m-%dT%H:%M:%S%z").ok()?.to_utc();
    // A second 60 is one of 59 with more than a second of fraction to chrono.
    let is_a_second = at.timestamp_subsec_nanos() == 0;
    (is_a_second && YEARS.contains(&at.year())).then(|| Timestamp::from(at))
}

/// `+0000`, as answers have it.
fn has_compact_offset(text: &str) -> bool {
    let end = text.len().saturating_sub("+0000".len());
    text.get(end..).is_some_and(|zone| has_form(zone, "+dddd") || has_form(zone, "-dddd"))
}

/// `d` stands for a digit, everything else for itself.
fn has_form(text: &str, form: &str) -> bool {
    let fits = |(b, f): (u8, u8)| if f == b'd' { b.is_ascii_digit() } else { b == f };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

/// The parser's own words when JSON holds another kind of value.
fn wrong_kind(field: &FieldType, json: &Json) -> ApiError {
    let mut value = String::new();
    match json {
        Json::Bytes(bytes) => value = format!("({} bytes)", bytes.len()),
        json => json.write(&mut value),
    }
    let value = value.trim_matches('"');
    ApiError::bad_json(format!(
        "Cannot deserialize instance of {} from {} value {value} or request may be missing a required field \
         at [line:1, column:1]",
        field.wire_type,
        json.token()
    ))
}

pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for b in text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'=') {
        let digit = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(json: serde_json::Value) -> FieldType {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn numbers_are_bounded_by_their_precision() {
        let f =
            field(serde_json::json!({"name":"A__c","label":"A","type":"currency","precision":18,"scale":2}));
        for (sent, kept) in [("1.005", 1.005), ("-999999999999999", -999_999_999_999_999.0), ("1e3", 1000.0)]
        {
            assert_eq!(
                coerce(&f, &Json::Number(sent.into()), &ValueAssumptions::default()).unwrap(),
                Cell::Double(kept),
                "{sent}"
            );
        }
        let e = coerce(&f, &Json::Number("1e16".into()), &ValueAssumptions::default()).unwrap_err();
        assert_eq!(e.message, "A: value outside of valid range on numeric field: 1e16");
    }
    #[test]
    fn texts_are_stored_without_blanks_around_them() {
        let f = field(serde_json::json!({"name":"A__c","label":"A","type":"string","length":3}));
        for (sent, kept) in
            [(" a b \n", Cell::text("a b")), (" \t", Cell::Null), ("   abc   ", Cell::text("abc"))]
        {
            assert_eq!(
                coerce(&f, &Json::Text(sent.into()), &ValueAssumptions::default()).unwrap(),
                kept,
                "{sent:?}"
            );
        }
    }
    #[test]
    fn moments_are_read_in_every_documented_form() {
        let at = moment("2026-01-02T03:04:05Z").unwrap();
        for text in
            ["2026-01-02T03:04:05.000+0000", "2026-01-02T04:04:05.9+01:00", "2026-01-02T03:04:05.123Z"]
        {
            assert_eq!(moment(text), Some(at), "{text}");
        }
        assert_eq!(moment("2026-01-02"), None);
    }
    #[test]
    fn base64_is_read() {
        assert_eq!(base64("aGVsbG8=").unwrap(), b"hello");
        assert_eq!(base64("a*"), None);
    }
}
