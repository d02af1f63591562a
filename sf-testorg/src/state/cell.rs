//! One stored field value, and the ways it is printed.
use chrono::{Datelike, NaiveDate, Timelike};
use serde::{Deserialize, Serialize};
use sf_core::{SfId, Timestamp, Value};
use std::{
    fmt::{self, Write},
    sync::Arc,
};

/// The value of one field of one row, typed as describe says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Cell {
    /// No value. Empty text is stored as this.
    #[default]
    #[serde(rename = "n")]
    Null,
    /// A checkbox.
    #[serde(rename = "b")]
    Bool(bool),
    /// A whole number (describe type `int`).
    #[serde(rename = "i")]
    Int(i64),
    /// A number with decimals (`double`, `currency`, `percent`).
    #[serde(rename = "d", with = "double")]
    Double(f64),
    /// Text, picklists, links.
    #[serde(rename = "s")]
    Text(Arc<str>),
    /// An id or a reference.
    #[serde(rename = "r")]
    Id(SfId),
    /// A day without a zone.
    #[serde(rename = "day")]
    Date(NaiveDate),
    /// A moment, to the second.
    #[serde(rename = "at", with = "moment")]
    DateTime(Timestamp),
    /// The content of a file field.
    #[serde(rename = "file", with = "bytes")]
    Bytes(Arc<[u8]>),
}

impl Cell {
    /// Text, or null when it is empty: the org stores no empty strings.
    ///
    /// ```
    /// use sf_testorg::state::Cell;
    /// assert_eq!(Cell::text(""), Cell::Null);
    /// assert_eq!(Cell::text("Acme").as_text(), Some("Acme"));
    /// ```
    pub fn text(text: impl AsRef<str>) -> Cell {
        match text.as_ref() {
            "" => Cell::Null,
            text => Cell::Text(text.into()),
        }
    }
    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Cell::Null)
    }
    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            Cell::Id(id) => Some(id.as_str()),
            _ => None,
        }
    }
    /// The id of a reference.
    pub fn as_id(&self) -> Option<SfId> {
        match self {
            Cell::Id(id) => Some(*id),
            _ => None,
        }
    }
    /// The number of an `int` or `double`.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            // An `int` field holds at most nine digits: exact in a double.
            #[allow(clippy::cast_precision_loss)]
            Cell::Int(n) => Some(*n as f64),
            Cell::Double(n) => Some(*n),
            _ => None,
        }
    }
    /// Appends the value as the JSON of a REST answer: numbers in Java's double style, date-times with `+0000`.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Cell::Null => out.push_str("null"),
            Cell::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Cell::Int(n) => put(out, format_args!("{n}")),
            Cell::Double(n) => write_double(*n, out),
            Cell::Text(text) => write_json_string(text, out),
            Cell::Id(id) => {
                out.push('"');
                out.push_str(id.as_str());
                out.push('"');
            }
            Cell::Date(day) => {
                out.push('"');
                write_day(*day, out);
                out.push('"');
            }
            Cell::DateTime(at) => {
                out.push('"');
                write_time(*at, out);
                out.push('"');
            }
            Cell::Bytes(_) => out.push_str("null"),
        }
    }
    /// The value as [`sf_core::Value`], as a client would read it.
    pub fn to_value(&self) -> Value {
        match self {
            Cell::Null | Cell::Bytes(_) => Value::Null,
            Cell::Bool(b) => Value::Bool(*b),
            Cell::Int(n) => Value::from(*n),
            Cell::Double(n) => java_double(*n).parse().map_or(Value::Null, Value::Number),
            Cell::Text(text) => Value::from(text.as_ref()),
            Cell::Id(id) => Value::from(*id),
            Cell::Date(day) => Value::Text(day.to_string()),
            Cell::DateTime(at) => Value::Text(wire_time(*at)),
        }
    }
}
impl From<SfId> for Cell {
    fn from(id: SfId) -> Cell {
        Cell::Id(id)
    }
}
impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::text(text)
    }
}
impl From<bool> for Cell {
    fn from(b: bool) -> Cell {
        Cell::Bool(b)
    }
}

/// `2026-01-02T03:04:05.000+0000`, the form of every date-time in a REST answer.
pub fn wire_time(at: Timestamp) -> String {
    let mut out = String::with_capacity(28);
    write_time(at, &mut out);
    out
}

fn write_time(at: Timestamp, out: &mut String) {
    let at = at.utc().naive_utc();
    write_day(at.date(), out);
    for (before, number, digits) in [
        ('T', at.hour(), 2),
        (':', at.minute(), 2),
        (':', at.second(), 2),
        ('.', at.and_utc().timestamp_subsec_millis(), 3),
    ] {
        out.push(before);
        write_digits(number, digits, out);
    }
    out.push_str("+0000");
}

fn write_day(day: NaiveDate, out: &mut String) {
    match u32::try_from(day.year()) {
        Ok(year) if year < 10_000 => write_digits(year, 4, out),
        // A sign, or more digits: no year of an org.
        _ => return put(out, format_args!("{day}")),
    }
    out.push('-');
    write_digits(day.month(), 2, out);
    out.push('-');
    write_digits(day.day(), 2, out);
}

/// So many digits of a number. Half of the fields of a row are dates, and `format` is what a page would wait for.
fn write_digits(number: u32, digits: u32, out: &mut String) {
    for at in (0..digits).rev() {
        let digit = number / 10_u32.pow(at) % 10;
        out.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

fn put(out: &mut String, what: fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = out.write_fmt(what);
}

/// A JSON string with its quotes.
pub fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    // Runs of what stands for itself are copied whole. Nothing that needs an escape is part of a longer character.
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[start..at]);
        start = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte => put(out, format_args!("\\u{byte:04x}")),
        }
    }
    out.push_str(&text[start..]);
    out.push('"');
}

/// Java's `Double.toString`: `300.0`, `0.25`, from ten million on `1.0E7`, below a thousandth `1.0E-4`.
pub fn java_double(n: f64) -> String {
    let mut out = String::new();
    write_double(n, &mut out);
    out
}

fn write_double(n: f64, out: &mut String) {
    let size = n.abs();
    if n == 0.0 {
        return out.push_str("0.0");
    }
    if (1e-3..1e7).contains(&size) {
        // Whole numbers and hundredths, which is what amounts are, have so few digits that they are their own shortest form.
        let hundredths = (size * 100.0).round();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole = hundredths as u32;
        if hundredths / 100.0 == size {
            let sign = if n < 0.0 { "-" } else { "" };
            let (units, cents) = (whole / 100, whole % 100);
            let fraction = if cents % 10 == 0 { (cents / 10, 1) } else { (cents, 2) };
            return put(out, format_args!("{sign}{units}.{:01$}", fraction.0, fraction.1));
        }
        return put(out, format_args!("{n:?}"));
    }
    let text = format!("{n:e}");
    match text.split_once('e') {
        Some((digits, power)) if digits.contains('.') => put(out, format_args!("{digits}E{power}")),
        Some((digits, power)) => put(out, format_args!("{digits}.0E{power}")),
        None => out.push_str(&text),
    }
}

/// Numbers go through text: serde_json's reader may be off in the last digit.
mod double {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    pub(super) fn serialize<S: Serializer>(n: &f64, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&format_args!("{n:?}"))
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}
mod moment {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use sf_core::Timestamp;
    pub(super) fn serialize<S: Serializer>(at: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i64(at.millis())
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_millis(i64::deserialize(d)?).ok_or_else(|| D::Error::custom("time out of range"))
    }
}
mod bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;
    pub(super) fn serialize<S: Serializer>(b: &Arc<[u8]>, s: S) -> Result<S::Ok, S::Error> {
        b.as_ref().serialize(s)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Arc<[u8]>, D::Error> {
        Vec::<u8>::deserialize(d).map(Arc::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_java_prints_them() {
        for (n, text) in [
            (300.0, "300.0"),
            (0.25, "0.25"),
            (1e7, "1.0E7"),
            (3.5e8, "3.5E8"),
            (9_999_999.5, "9999999.5"),
            (12_345_678.9, "1.23456789E7"),
            (-1e-4, "-1.0E-4"),
            (0.0, "0.0"),
            (0.001, "0.001"),
            (0.05, "0.05"),
            (-12.5, "-12.5"),
            (123.456, "123.456"),
            (9_999_999.99, "9999999.99"),
            (-1.07, "-1.07"),
        ] {
            assert_eq!(java_double(n), text);
        }
        for n in (-200_000..200_000).map(|n| f64::from(n) / 1000.0).filter(|n| n.abs() >= 1e-3) {
            assert_eq!(java_double(n), format!("{n:?}"));
        }
    }

    #[test]
    fn moments_print_with_every_digit() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000+0000"),
            (1_767_600_009_087, "2026-01-05T08:00:09.087+0000"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000+0000"),
        ] {
            assert_eq!(wire_time(Timestamp::from_millis(millis).unwrap()), text);
        }
    }

    #[test]
    fn a_cell_comes_back_from_its_journal_form() {
        let at = Timestamp::from_millis(1_700_000_000_000).unwrap();
        for cell in [
            Cell::Null,
            Cell::Bool(true),
            Cell::Int(-3),
            Cell::Double(0.1 + 0.2),
            Cell::text("a\"\\\n\u{1}é"),
            Cell::Id(SfId::new("001000000000001AAA").unwrap()),
            Cell::Date(NaiveDate::from_ymd_opt(2026, 2, 28).unwrap()),
            Cell::DateTime(at),
            Cell::Bytes(Arc::from(&b"\0\xff"[..])),
        ] {
            let text = serde_json::to_string(&cell).unwrap();
            assert_eq!(serde_json::from_str::<Cell>(&text).unwrap(), cell, "{text}");
        }
    }
}
