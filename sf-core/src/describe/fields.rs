//! The fields of an object with an index over their names.
use super::FieldDescribe;
use crate::FieldName;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{collections::HashMap, ops::Deref};

/// Fields in describe's order, found by name in constant time. It reads like a slice; to change it, collect a new
/// one.
#[derive(Debug, Clone, Default)]
pub struct FieldList {
    fields: Vec<FieldDescribe>,
    places: HashMap<FieldName, usize>,
}

impl FieldList {
    /// A field by its name, without ASCII case.
    pub fn get(&self, name: &FieldName) -> Option<&FieldDescribe> {
        self.places.get(name).and_then(|place| self.fields.get(*place))
    }
}

impl Deref for FieldList {
    type Target = [FieldDescribe];
    fn deref(&self) -> &[FieldDescribe] {
        &self.fields
    }
}

impl FromIterator<FieldDescribe> for FieldList {
    fn from_iter<I: IntoIterator<Item = FieldDescribe>>(fields: I) -> FieldList {
        let fields: Vec<_> = fields.into_iter().collect();
        let places = fields.iter().enumerate().map(|(place, field)| (field.name.clone(), place)).collect();
        FieldList { fields, places }
    }
}

impl IntoIterator for FieldList {
    type Item = FieldDescribe;
    type IntoIter = std::vec::IntoIter<FieldDescribe>;
    fn into_iter(self) -> Self::IntoIter {
        self.fields.into_iter()
    }
}

impl<'a> IntoIterator for &'a FieldList {
    type Item = &'a FieldDescribe;
    type IntoIter = std::slice::Iter<'a, FieldDescribe>;
    fn into_iter(self) -> Self::IntoIter {
        self.fields.iter()
    }
}

impl Serialize for FieldList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fields.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FieldList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldList, D::Error> {
        Vec::deserialize(deserializer).map(FieldList::from_iter)
    }
}
