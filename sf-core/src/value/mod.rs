//! Values without a static type, alone and in rows.
mod fields;
mod json;
mod record;

pub use fields::Fields;
pub(crate) use json::same as same_json;
pub use record::Record;

use crate::{Children, Number, SfId, Timestamp, raw::RawJson};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;
use std::fmt;

/// Rows inside rows deeper than this stay text. A query has at most five levels of parents and five of children.
const MAX_DEPTH: usize = 16;

/// A field's value without a static type. Dates and date-times are text, as on the wire; the object's describe
/// says what they are.
///
/// Through JSON it keeps the digits of numbers and the text of compound values. Two values are equal when they
/// mean the same: `300` and `300.0`, the same address with other spacing.
///
/// ```
/// use sf_core::Value;
///
/// let value: Value = serde_json::from_str("300.0").unwrap();
/// assert_eq!(value, Value::from(300));
/// assert_eq!(serde_json::to_string(&value).unwrap(), "300.0");
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// Empty; writing: clear the field.
    #[default]
    Null,
    /// A checkbox.
    Bool(bool),
    /// Any kind of number.
    Number(Number),
    /// Text, ids, picklist values, dates, date-times.
    Text(String),
    /// Reading: a parent row. Writing: the parent by its external id.
    Parent(Box<Record>),
    /// Reading: the rows of a child subquery.
    Rows(Box<Children<Record>>),
    /// Addresses, locations and whatever comes next, as JSON.
    Json(Box<RawValue>),
}

impl Value {
    /// The text, when it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is one.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The checkbox, when it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(set) => Some(*set),
            _ => None,
        }
    }

    /// The parent row, when it is one.
    pub fn as_parent(&self) -> Option<&Record> {
        match self {
            Value::Parent(parent) => Some(parent),
            _ => None,
        }
    }

    /// Whether it is empty.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Reads JSON that is known to be well formed, without blanks around it.
    pub(crate) fn read(json: &str, depth: usize) -> serde_json::Result<Value> {
        Ok(match json.as_bytes().first() {
            Some(b'n') => Value::Null,
            Some(b't') => Value::Bool(true),
            Some(b'f') => Value::Bool(false),
            Some(b'"') => Value::Text(match json.get(1..json.len() - 1) {
                Some(plain) if !plain.contains('\\') => plain.to_owned(),
                _ => serde_json::from_str(json)?,
            }),
            Some(b'-' | b'0'..=b'9') => Value::Number(json.parse().map_err(serde_json::Error::custom)?),
            Some(b'{') if depth < MAX_DEPTH => match json::shape(json) {
                json::Shape::Row => record::read(json, depth + 1).map(|row| Value::Parent(Box::new(row))),
                json::Shape::Rows => {
                    record::read_children(json, depth + 1).map(|rows| Value::Rows(Box::new(rows)))
                }
                json::Shape::Other => Err(serde_json::Error::custom("a compound value")),
            }
            .or_else(|_| RawValue::from_string(json.to_owned()).map(Value::Json))?,
            _ => Value::Json(RawValue::from_string(json.to_owned())?),
        })
    }

    /// Any serialisable thing as a value, through its JSON.
    pub(crate) fn of<T: Serialize + ?Sized>(thing: &T) -> serde_json::Result<Value> {
        Value::read(&serde_json::to_string(thing)?, 0)
    }
}

/// By meaning, not by digits or spelling.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Parent(a), Value::Parent(b)) => a == b,
            (Value::Rows(a), Value::Rows(b)) => a == b,
            (Value::Json(a), Value::Json(b)) => json::same(a.get(), b.get()),
            _ => false,
        }
    }
}

/// For people: text as it is, numbers with their digits, `null`, parents by name or id, the number of child rows.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.pad("null"),
            Value::Bool(set) => fmt::Display::fmt(set, f),
            Value::Number(number) => fmt::Display::fmt(number, f),
            Value::Text(text) => f.pad(text),
            Value::Parent(parent) => fmt::Display::fmt(parent, f),
            Value::Rows(rows) => f.pad(&format!("{} rows", rows.total)),
            Value::Json(json) => f.pad(json.get()),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(set) => serializer.serialize_bool(*set),
            Value::Number(number) => number.serialize(serializer),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Parent(parent) => parent.serialize(serializer),
            Value::Rows(rows) => rows.serialize(serializer),
            Value::Json(json) => json.serialize(serializer),
        }
    }
}

/// From JSON only: the digits are in its text.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        Value::read(RawJson::deserialize(deserializer)?.get(), 0).map_err(D::Error::custom)
    }
}

macro_rules! from {
    ($($Source:ty => $make:expr;)*) => { $(
        impl From<$Source> for Value {
            fn from(value: $Source) -> Value {
                ($make)(value)
            }
        }
    )* };
}
from! {
    &str => |text: &str| Value::Text(text.into());
    &String => |text: &String| Value::Text(text.clone());
    String => Value::Text;
    bool => Value::Bool;
    i32 => |n: i32| Value::Number(n.into());
    i64 => |n: i64| Value::Number(n.into());
    u32 => |n: u32| Value::Number(n.into());
    u64 => |n: u64| Value::Number(n.into());
    Number => Value::Number;
    SfId => |id: SfId| Value::Text(id.to_string());
    chrono::NaiveDate => |date: chrono::NaiveDate| Value::Text(date.to_string());
    Timestamp => |at: Timestamp| Value::Text(at.to_string());
    Record => |row: Record| Value::Parent(Box::new(row));
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn each_kind_reads_and_writes_back() {
        for (json, shown) in [
            ("null", "null"),
            ("true", "true"),
            ("1.0E7", "1.0E7"),
            (r#""a \"b\" \u00e9""#, "a \"b\" é"),
            (r#"{"latitude":37.70,"longitude":-122.4}"#, r#"{"latitude":37.70,"longitude":-122.4}"#),
            (r#"["a","b"]"#, r#"["a","b"]"#),
            (r#"{"attributes":{"type":"User"},"Name":"Ann"}"#, "Ann"),
            (
                r#"{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Case"},"Id":"500000000000001AAA"}]}"#,
                "1 rows",
            ),
        ] {
            let value = read(json);
            assert_eq!(value.to_string(), shown);
            assert_eq!(read(&serde_json::to_string(&value).unwrap()), value);
        }
        assert!(matches!(read(r#"{"attributes":{"type":"User"}}"#), Value::Parent(_)));
        assert!(matches!(read(r#"{"attributes":"x"}"#), Value::Json(_)));
        assert!(matches!(read(r#"{"totalSize":0,"records":[]}"#), Value::Rows(_)));
    }

    #[test]
    fn equal_by_meaning() {
        assert_eq!(read("300.0"), Value::from(300));
        assert_ne!(read("\"300\""), Value::from(300));
        assert_eq!(read(r#"{ "a" : 1.0, "b": "\u0041" }"#), read(r#"{"b":"A","a":1}"#));
        assert_ne!(read(r#"{"a":1}"#), read(r#"{"a":2}"#));
        assert_ne!(read(r#"{"a":1}"#), read(r#"{"a":1,"b":null}"#));
        assert_eq!(read("[1, 2]"), read("[1.0,2]"));
    }

    #[test]
    fn bottomless_nesting_stays_text() {
        let deep = r#"{"attributes":{"type":"A"},"P":"#.repeat(20_000) + "1" + &"}".repeat(20_000);
        let value = read(&deep);
        assert_eq!(serde_json::to_string(&value).unwrap(), deep);
        assert_eq!(value, value.clone());
        let arrays = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(read(&arrays), read(&arrays));
        assert_ne!(read(&arrays), read(&format!("[{arrays}]")));
    }
}
