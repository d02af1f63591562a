//! One field of an object.
use super::null_is_default;
use crate::{FieldName, ObjectName};
use serde::{Deserialize, Serialize};

/// The families of field types that behave alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FieldKind {
    /// `string`, `phone`, `url`, `email`, `combobox`, `encryptedstring`, and a `textarea` of up to 255 characters.
    Text,
    /// A `textarea` of more than 255 characters: it cannot be filtered or sorted.
    LongText,
    /// `boolean`: never null.
    Boolean,
    /// `int`, `long`.
    Integer,
    /// `double`, `currency`, `percent`.
    Number,
    /// `date`: a day without a zone.
    Date,
    /// `datetime`: a moment, to the second.
    DateTime,
    /// `time`: a time of day.
    Time,
    /// `id`, `reference`.
    Reference,
    /// `picklist`.
    Picklist,
    /// `multipicklist`: values separated by `;`.
    MultiPicklist,
    /// `address`: written by its parts.
    Address,
    /// `location`: written by its parts.
    Location,
    /// `base64`: reads as the URL of the bytes.
    Base64,
    /// `anyType`, and types that came later.
    Any,
}

/// One field, as the signed-in user may see and write it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FieldDescribe {
    /// The API name.
    pub name: FieldName,
    /// The type as the API names it: `string`, `currency`, `reference`.
    #[serde(rename = "type", default)]
    pub wire_type: String,
    /// What people call it.
    #[serde(default)]
    pub label: Option<String>,
    /// Characters of a text; 0 for other types.
    #[serde(default, deserialize_with = "null_is_default")]
    pub length: u32,
    /// Digits of an `int`.
    #[serde(default, deserialize_with = "null_is_default")]
    pub digits: u32,
    /// Digits of a number, decimals included.
    #[serde(default, deserialize_with = "null_is_default")]
    pub precision: u32,
    /// Decimals of a number.
    #[serde(default, deserialize_with = "null_is_default")]
    pub scale: u32,
    /// May be empty.
    #[serde(default, deserialize_with = "null_is_default")]
    pub nillable: bool,
    /// The user may give it to a new row.
    #[serde(default, deserialize_with = "null_is_default")]
    pub createable: bool,
    /// The user may change it.
    #[serde(default, deserialize_with = "null_is_default")]
    pub updateable: bool,
    /// A new row has a value even when the write names none.
    #[serde(default, deserialize_with = "null_is_default")]
    pub defaulted_on_create: bool,
    /// Computed: a formula or a roll-up.
    #[serde(default, deserialize_with = "null_is_default")]
    pub calculated: bool,
    /// Numbered by Salesforce.
    #[serde(default, deserialize_with = "null_is_default")]
    pub auto_number: bool,
    /// Made by an administrator or a package.
    #[serde(default, deserialize_with = "null_is_default")]
    pub custom: bool,
    /// Can be the key of an upsert.
    #[serde(default, deserialize_with = "null_is_default")]
    pub external_id: bool,
    /// Can be the key of an upsert or stand for the id of a parent.
    #[serde(default, deserialize_with = "null_is_default")]
    pub id_lookup: bool,
    /// No two rows may have the same value.
    #[serde(default, deserialize_with = "null_is_default")]
    pub unique: bool,
    /// Case counts when values are compared.
    #[serde(default, deserialize_with = "null_is_default")]
    pub case_sensitive: bool,
    /// The name of the row.
    #[serde(default, deserialize_with = "null_is_default")]
    pub name_field: bool,
    /// Can be in a WHERE clause.
    #[serde(default, deserialize_with = "null_is_default")]
    pub filterable: bool,
    /// Can be in an ORDER BY clause.
    #[serde(default, deserialize_with = "null_is_default")]
    pub sortable: bool,
    /// Can be in a GROUP BY clause.
    #[serde(default, deserialize_with = "null_is_default")]
    pub groupable: bool,
    /// Can be in an aggregate function.
    #[serde(default, deserialize_with = "null_is_default")]
    pub aggregatable: bool,
    /// Values that are not in the list are refused.
    #[serde(default, deserialize_with = "null_is_default")]
    pub restricted_picklist: bool,
    /// Which values are allowed depends on another field.
    #[serde(default, deserialize_with = "null_is_default")]
    pub dependent_picklist: bool,
    /// That other field.
    #[serde(default)]
    pub controller_name: Option<FieldName>,
    /// The values, in the order of the list, closed ones among them.
    #[serde(default, deserialize_with = "null_is_default")]
    pub picklist_values: Vec<PicklistValue>,
    /// The objects that a reference may point to.
    #[serde(default, deserialize_with = "null_is_default")]
    pub reference_to: Vec<ObjectName>,
    /// The name of the parent in a path; none when the path cannot be taken.
    #[serde(default)]
    pub relationship_name: Option<String>,
    /// The compound field that it is a part of.
    #[serde(default)]
    pub compound_field_name: Option<FieldName>,
}

impl FieldDescribe {
    /// A field that may be empty and that the user may write. `wire_type` as the API names it.
    pub fn new(name: FieldName, wire_type: impl Into<String>) -> FieldDescribe {
        FieldDescribe {
            name,
            wire_type: wire_type.into(),
            label: None,
            length: 0,
            digits: 0,
            precision: 0,
            scale: 0,
            nillable: true,
            createable: true,
            updateable: true,
            defaulted_on_create: false,
            calculated: false,
            auto_number: false,
            custom: false,
            external_id: false,
            id_lookup: false,
            unique: false,
            case_sensitive: false,
            name_field: false,
            filterable: false,
            sortable: false,
            groupable: false,
            aggregatable: false,
            restricted_picklist: false,
            dependent_picklist: false,
            controller_name: None,
            picklist_values: Vec::new(),
            reference_to: Vec::new(),
            relationship_name: None,
            compound_field_name: None,
        }
    }

    /// The family of its type.
    pub fn kind(&self) -> FieldKind {
        match self.wire_type.as_str() {
            "string" | "phone" | "url" | "email" | "combobox" | "encryptedstring" => FieldKind::Text,
            "textarea" if (1..=255).contains(&self.length) => FieldKind::Text,
            "textarea" => FieldKind::LongText,
            "boolean" => FieldKind::Boolean,
            "int" | "long" => FieldKind::Integer,
            "double" | "currency" | "percent" => FieldKind::Number,
            "date" => FieldKind::Date,
            "datetime" => FieldKind::DateTime,
            "time" => FieldKind::Time,
            "id" | "reference" => FieldKind::Reference,
            "picklist" => FieldKind::Picklist,
            "multipicklist" => FieldKind::MultiPicklist,
            "address" => FieldKind::Address,
            "location" => FieldKind::Location,
            "base64" => FieldKind::Base64,
            _ => FieldKind::Any,
        }
    }

    /// Whether an insert must give it: it can be given, cannot be empty, and has no default.
    pub fn is_required_on_create(&self) -> bool {
        self.createable && !self.nillable && !self.defaulted_on_create
    }

    /// The picklist values that can be chosen now.
    pub fn active_values(&self) -> impl Iterator<Item = &str> {
        self.picklist_values.iter().filter(|value| value.active).map(|value| value.value.as_str())
    }
}

/// One value of a picklist.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PicklistValue {
    /// What rows have and writes send.
    pub value: String,
    /// What people see.
    #[serde(default)]
    pub label: Option<String>,
    /// Can be chosen.
    #[serde(default, deserialize_with = "null_is_default")]
    pub active: bool,
    /// New rows have it.
    #[serde(default, deserialize_with = "null_is_default")]
    pub default_value: bool,
    /// For which values of the controlling field it is allowed: a bit set in base64, first value in the highest
    /// bit.
    #[serde(default)]
    pub valid_for: Option<String>,
}

impl PicklistValue {
    /// A value that can be chosen.
    pub fn new(value: impl Into<String>) -> PicklistValue {
        PicklistValue { value: value.into(), active: true, ..PicklistValue::default() }
    }
}
