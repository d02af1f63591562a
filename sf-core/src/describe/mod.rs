//! What an object is made of.
//!
//! Read from `sobjects/X/describe` (REST API Developer Guide, "sObject Describe"). Every key but the names is
//! optional and unknown keys are ignored, so that other API versions read too; the order of fields and picklist
//! values is kept.
mod field;
mod fields;

pub use field::{FieldDescribe, FieldKind, PicklistValue};
pub use fields::FieldList;

use crate::{FieldName, ObjectName, SObject, SfId};
use serde::{Deserialize, Deserializer, Serialize};

/// An object, as the signed-in user may see it: fields that are hidden from the user are not in it.
///
/// ```
/// use sf_core::{Describe, FieldKind, field};
///
/// let account: Describe = serde_json::from_str(
///     r#"{"name":"Account","createable":true,"fields":[
///         {"name":"Name","type":"string","length":255,"createable":true,"updateable":true},
///         {"name":"Rating","type":"picklist","nillable":true,"createable":true,
///          "picklistValues":[{"value":"Hot","active":true},{"value":"Tepid","active":false}]}]}"#,
/// ).unwrap();
/// let rating = account.field(&field!("RATING")).unwrap();
/// assert_eq!(rating.kind(), FieldKind::Picklist);
/// assert_eq!(rating.active_values().collect::<Vec<_>>(), ["Hot"]);
/// let required: Vec<_> = account.required_on_create().map(|field| field.name.as_str()).collect();
/// assert_eq!(required, ["Name"]);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Describe {
    /// The API name.
    pub name: ObjectName,
    /// What people call one.
    #[serde(default)]
    pub label: Option<String>,
    /// What people call several.
    #[serde(default)]
    pub label_plural: Option<String>,
    /// The first three characters of its ids; none for objects whose rows have no id of their own kind.
    #[serde(default)]
    pub key_prefix: Option<String>,
    /// Made by an administrator or a package.
    #[serde(default, deserialize_with = "null_is_default")]
    pub custom: bool,
    /// The user may make rows.
    #[serde(default, deserialize_with = "null_is_default")]
    pub createable: bool,
    /// The user may change rows.
    #[serde(default, deserialize_with = "null_is_default")]
    pub updateable: bool,
    /// The user may delete rows.
    #[serde(default, deserialize_with = "null_is_default")]
    pub deletable: bool,
    /// Rows can be queried.
    #[serde(default, deserialize_with = "null_is_default")]
    pub queryable: bool,
    /// Rows can be read by id.
    #[serde(default, deserialize_with = "null_is_default")]
    pub retrieveable: bool,
    /// The `updated` and `deleted` resources work.
    #[serde(default, deserialize_with = "null_is_default")]
    pub replicateable: bool,
    /// The fields, in describe's order.
    #[serde(default, deserialize_with = "null_is_default")]
    pub fields: FieldList,
    /// What points to it.
    #[serde(default, deserialize_with = "null_is_default")]
    pub child_relationships: Vec<ChildDescribe>,
    /// Its record types, the master one included.
    #[serde(default, deserialize_with = "null_is_default")]
    pub record_type_infos: Vec<RecordTypeInfo>,
    /// The org's own time of the last change (`Last-Modified`): what a conditional describe asks with.
    #[serde(default)]
    pub last_modified: Option<crate::Timestamp>,
}

impl Describe {
    /// An object with these fields, that the user may do everything with.
    pub fn new(name: ObjectName, fields: impl IntoIterator<Item = FieldDescribe>) -> Describe {
        Describe {
            name,
            label: None,
            label_plural: None,
            key_prefix: None,
            custom: false,
            createable: true,
            updateable: true,
            deletable: true,
            queryable: true,
            retrieveable: true,
            replicateable: true,
            fields: fields.into_iter().collect(),
            child_relationships: Vec::new(),
            record_type_infos: Vec::new(),
            last_modified: None,
        }
    }

    /// A field by its name, without ASCII case, in constant time.
    pub fn field(&self, name: &FieldName) -> Option<&FieldDescribe> {
        self.fields.get(name)
    }

    /// The reference field behind a relationship name (`Owner`, `Plan__r`), without ASCII case.
    pub fn relationship(&self, name: &str) -> Option<&FieldDescribe> {
        self.fields.iter().find(|field| {
            field
                .relationship_name
                .as_deref()
                .is_some_and(|relationship| relationship.eq_ignore_ascii_case(name))
        })
    }

    /// A child relationship by its name (`Opportunities`, `Steps__r`), without ASCII case.
    pub fn child(&self, relationship: &str) -> Option<&ChildDescribe> {
        self.child_relationships.iter().find(|child| {
            child.relationship_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(relationship))
        })
    }

    /// The fields that an insert must give.
    pub fn required_on_create(&self) -> impl Iterator<Item = &FieldDescribe> {
        self.fields.iter().filter(|field| field.is_required_on_create())
    }

    /// The columns of a model that are not here: the object has no such field, or field-level security hides it
    /// from this user. A query that names one of them is refused.
    pub fn missing_columns<T: SObject>(&self) -> Vec<FieldName> {
        T::COLUMNS.iter().map(|column| column.name()).filter(|name| self.field(name).is_none()).collect()
    }
}

/// A relationship from another object's field to this object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChildDescribe {
    /// The other object.
    #[serde(rename = "childSObject")]
    pub child: ObjectName,
    /// Its field that points here.
    pub field: FieldName,
    /// The name for a subquery; none when it cannot be one.
    #[serde(default)]
    pub relationship_name: Option<String>,
    /// The other rows go when this one is deleted.
    #[serde(default, deserialize_with = "null_is_default")]
    pub cascade_delete: bool,
    /// This row cannot be deleted while there are others.
    #[serde(default, deserialize_with = "null_is_default")]
    pub restricted_delete: bool,
}

/// A record type of an object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordTypeInfo {
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// Its API name.
    #[serde(default)]
    pub developer_name: Option<String>,
    /// Its id; `012000000000000AAA` for the master one.
    #[serde(default)]
    pub record_type_id: Option<SfId>,
    /// It is in use.
    #[serde(default, deserialize_with = "null_is_default")]
    pub active: bool,
    /// The user may make rows of it.
    #[serde(default, deserialize_with = "null_is_default")]
    pub available: bool,
    /// New rows of the user have it when the write names none.
    #[serde(default, deserialize_with = "null_is_default")]
    pub default_record_type_mapping: bool,
    /// It stands for "no record type".
    #[serde(default, deserialize_with = "null_is_default")]
    pub master: bool,
}

/// Some keys are null in some versions where others have false, zero or nothing.
fn null_is_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<T, D::Error> {
    Option::deserialize(d).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{field, models::Account, object};

    #[test]
    fn unknown_and_null_keys() {
        let read: Describe = serde_json::from_str(
            r#"{"name":"A__c","urls":{},"keyPrefix":null,"createable":null,"fields":null,"childRelationships":[
                {"childSObject":"B__c","field":"A__c","relationshipName":"Bs__r","junctionIdListNames":[]},
                {"childSObject":"C__c","field":"A__c","relationshipName":null}]}"#,
        )
        .unwrap();
        assert!(!read.createable && read.fields.is_empty());
        assert_eq!(read.child("bs__R").unwrap().child, object!("B__c"));
        assert!(read.child("Cs__r").is_none());
    }

    #[test]
    fn round_trip_keeps_order_and_lookup() {
        let json = r#"{"name":"A__c","fields":[{"name":"Z__c","type":"double"},{"name":"OwnerId","type":"reference","referenceTo":["Group","User"],"relationshipName":"Owner"}]}"#;
        let read: Describe = serde_json::from_str(json).unwrap();
        let again: Describe = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        for describe in [read, again] {
            assert_eq!(describe.fields[0].name, field!("Z__c"));
            assert_eq!(describe.field(&field!("ownerid")).unwrap().reference_to.len(), 2);
            assert_eq!(describe.relationship("owner").unwrap().name, field!("OwnerId"));
            assert!(describe.field(&field!("Name")).is_none());
        }
    }

    #[test]
    fn columns_the_user_cannot_see_are_named() {
        let account = Describe::new(
            object!("Account"),
            Account::COLUMNS
                .iter()
                .filter(|column| ![Account::ANNUAL_REVENUE, Account::PHONE].contains(column))
                .map(|column| FieldDescribe::new(column.name(), "string")),
        );
        assert_eq!(account.missing_columns::<Account>(), [field!("Phone"), field!("AnnualRevenue")]);
    }
}
