//! Looking into JSON text without building a tree of it.
use crate::Number;
use serde::{
    Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, fmt};

/// What an object of the wire is.
pub(super) enum Shape {
    /// It has `attributes`: a row.
    Row,
    /// It has `records`: a child query's result.
    Rows,
    /// An address, a location, something new.
    Other,
}

/// Reads keys until one tells.
pub(super) fn shape(json: &str) -> Shape {
    struct ShapeVisitor<'s>(&'s mut Shape);
    impl<'de> Visitor<'de> for ShapeVisitor<'_> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<crate::Key<'_>>()? {
                *self.0 = match key.as_str() {
                    "attributes" => Shape::Row,
                    "records" => Shape::Rows,
                    _ => {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                };
                return Err(A::Error::custom("seen enough"));
            }
            Ok(())
        }
    }
    let mut shape = Shape::Other;
    // The error is how the visitor stops early; a malformed object is `Other`.
    let _ = serde_json::Deserializer::from_str(json).deserialize_map(ShapeVisitor(&mut shape));
    shape
}

/// Whether two JSON texts mean the same: numbers by value, strings by characters, objects without order.
pub(crate) fn same(a: &str, b: &str) -> bool {
    same_to(a, b, 32)
}

fn same_to(a: &str, b: &str, depth: usize) -> bool {
    if a == b {
        return true;
    }
    if depth == 0 || a.as_bytes().first().map(kind) != b.as_bytes().first().map(kind) {
        return false;
    }
    match a.as_bytes().first() {
        Some(b'{') => {
            type Object = BTreeMap<String, Box<RawValue>>;
            let (Ok(a), Ok(b)) = (serde_json::from_str::<Object>(a), serde_json::from_str::<Object>(b))
            else {
                return false;
            };
            a.len() == b.len()
                && a.iter()
                    .zip(&b)
                    .all(|((ka, va), (kb, vb))| ka == kb && same_to(va.get(), vb.get(), depth - 1))
        }
        Some(b'[') => {
            type Array = Vec<Box<RawValue>>;
            let (Ok(a), Ok(b)) = (serde_json::from_str::<Array>(a), serde_json::from_str::<Array>(b)) else {
                return false;
            };
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| same_to(a.get(), b.get(), depth - 1))
        }
        Some(b'"') => {
            matches!((serde_json::from_str::<String>(a), serde_json::from_str::<String>(b)), (Ok(a), Ok(b)) if a == b)
        }
        Some(b'-' | b'0'..=b'9') => matches!((a.parse::<Number>(), b.parse()), (Ok(a), Ok(b)) if a == b),
        _ => false,
    }
}

fn kind(byte: &u8) -> u8 {
    if matches!(byte, b'-' | b'0'..=b'9') { b'0' } else { *byte }
}
