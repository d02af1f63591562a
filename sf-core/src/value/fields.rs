//! Field values of one row.
use super::Value;
use crate::FieldName;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap,
};
use std::{collections::BTreeMap, fmt};

/// Field values in order, at most one for each name. A name that is not there is left alone by a write, a
/// [`Value::Null`] clears.
///
/// In JSON it is an object with the same order.
///
/// ```
/// use sf_core::{Fields, Value, field};
///
/// let fields = Fields::new()
///     .set(field!("Name"), "Acme")
///     .set(field!("Rating"), Value::Null)
///     .set(field!("name"), "Acme Ltd"); // the same field: replaced in its place
/// assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"Name":"Acme Ltd","Rating":null}"#);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(Vec<(FieldName, Value)>);

impl Fields {
    /// No fields.
    pub fn new() -> Fields {
        Fields::default()
    }

    /// With this field set, in the place it had before or at the end.
    #[must_use]
    pub fn set(mut self, field: impl Into<FieldName>, value: impl Into<Value>) -> Fields {
        self.insert(field, value);
        self
    }

    /// Sets a field, in the place it had before or at the end. Gives the value it had.
    pub fn insert(&mut self, field: impl Into<FieldName>, value: impl Into<Value>) -> Option<Value> {
        let (field, value) = (field.into(), value.into());
        match self.0.iter_mut().find(|(name, _)| *name == field) {
            Some((_, place)) => Some(std::mem::replace(place, value)),
            None => {
                self.0.push((field, value));
                None
            }
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, field: &FieldName) -> Option<Value> {
        let at = self.0.iter().position(|(name, _)| name == field)?;
        Some(self.0.remove(at).1)
    }

    /// The value of a field, without ASCII case.
    pub fn get(&self, field: &FieldName) -> Option<&Value> {
        self.find(field.as_str())
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(field, _)| field.is(name)).map(|(_, value)| value)
    }

    pub(crate) fn nth(&self, at: usize) -> Option<(&FieldName, &Value)> {
        self.0.get(at).map(|(name, value)| (name, value))
    }

    /// Whether the field is there, null or not.
    pub fn contains(&self, field: &FieldName) -> bool {
        self.get(field).is_some()
    }

    /// Keeps the fields for which this holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&FieldName, &Value) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }

    /// All fields in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&FieldName, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &FieldName> {
        self.0.iter().map(|(name, _)| name)
    }

    /// How many fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Of names that occur twice the last value stays, in the place of the first. Bounded time for any number of
    /// fields: the text may come from anywhere.
    pub(super) fn from_pairs(pairs: Vec<(FieldName, Value)>) -> Fields {
        let mut hashes: Vec<u64> = pairs.iter().map(|(name, _)| hash(name.as_str())).collect();
        hashes.sort_unstable();
        if hashes.windows(2).all(|pair| pair[0] != pair[1]) {
            return Fields(pairs);
        }
        let mut places = BTreeMap::new();
        let mut fields: Vec<(FieldName, Value)> = Vec::with_capacity(pairs.len());
        for (name, value) in pairs {
            match places.get(&name) {
                Some(at) => {
                    let place: &mut (FieldName, Value) = &mut fields[*at];
                    place.1 = value;
                }
                None => {
                    places.insert(name.clone(), fields.len());
                    fields.push((name, value));
                }
            }
        }
        Fields(fields)
    }
}

/// FNV-1a without ASCII case; equal hashes only lead to a closer look.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

impl<N: Into<FieldName>, V: Into<Value>> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Fields {
        Fields::from_pairs(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl<N: Into<FieldName>, V: Into<Value>> Extend<(N, V)> for Fields {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, fields: I) {
        fields.into_iter().for_each(|(name, value)| {
            self.insert(name, value);
        });
    }
}

impl IntoIterator for Fields {
    type Item = (FieldName, Value);
    type IntoIter = std::vec::IntoIter<(FieldName, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("field values by name")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Fields::from_pairs(pairs))
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field;

    #[test]
    fn the_last_of_equal_names_counts_in_the_first_place() {
        let read: Fields = serde_json::from_str(r#"{"A":1,"B":2,"a":3}"#).unwrap();
        assert_eq!(read, Fields::new().set(field!("A"), 3).set(field!("B"), 2));
        assert_eq!(read, [(field!("A"), 1), (field!("B"), 2), (field!("a"), 3)].into_iter().collect());
        assert_eq!(read.names().map(FieldName::as_str).collect::<Vec<_>>(), ["A", "B"]);
    }

    #[test]
    fn many_equal_names_take_no_quadratic_time() {
        let json = format!("{{{}\"Z\":1}}", "\"Abcdefgh__c\":1,".repeat(100_000));
        assert_eq!(serde_json::from_str::<Fields>(&json).unwrap().len(), 2);
    }

    #[test]
    fn a_key_that_is_no_name_is_refused() {
        assert!(serde_json::from_str::<Fields>(r#"{"a b":1}"#).is_err());
        assert!(serde_json::from_str::<Fields>("[]").is_err());
    }

    #[test]
    fn edits() {
        let mut fields = Fields::new().set(field!("A"), 1);
        assert_eq!(fields.insert(field!("a"), 2), Some(Value::from(1)));
        assert_eq!(fields.insert(field!("B"), "x"), None);
        assert_eq!(fields.remove(&field!("A")), Some(Value::from(2)));
        assert_eq!(fields.remove(&field!("A")), None);
        fields.extend([(field!("b"), "y")]);
        assert_eq!(fields.get(&field!("B")), Some(&Value::from("y")));
        fields.retain(|_, _| false);
        assert!(fields.is_empty());
    }
}
