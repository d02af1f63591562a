use serde::{Serialize, Serializer, ser::SerializeMap};
use sf_core::{Record, Value};

/// A row as its fields alone: the `attributes` of the wire are left out at every depth, and of child rows only the rows stay.
/// Numbers keep their digits.
pub struct Fields<'a>(pub &'a Record);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(id) = &self.0.id {
            map.serialize_entry("Id", id)?;
        }
        for (name, value) in self.0.fields.iter() {
            map.serialize_entry(name, &FieldValue(value))?;
        }
        map.end()
    }
}

pub struct FieldValue<'a>(pub &'a Value);

impl Serialize for FieldValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Parent(parent) => Fields(parent).serialize(serializer),
            Value::Rows(children) => serializer.collect_seq(children.rows.iter().map(Fields)),
            value => value.serialize(serializer),
        }
    }
}
