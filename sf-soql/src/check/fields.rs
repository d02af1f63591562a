//! What a field or a function gives, as far as the rules look at it.

use sf_core::{Describe, FieldDescribe, FieldKind};

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'s> {
    /// The field's name; of a function its own.
    pub(super) name: &'s str,
    /// Its type as describe calls it.
    pub(super) wire_type: &'s str,
    pub(super) kind: FieldKind,
    /// Neither for a field of a parent of several types, nor for a function.
    pub(super) field: Option<(&'s Describe, &'s FieldDescribe)>,
    /// A number that a date function made. DAY_ONLY makes a day, which is compared like one.
    pub(super) is_part_of_date: bool,
}

/// A field that every parent of several types has.
pub(super) struct NameField {
    pub(super) name: &'static str,
    wire_type: &'static str,
    kind: FieldKind,
}

/// The fields of the pseudo-object Name (Object Reference, "Name").
pub(super) const NAME_FIELDS: [NameField; 17] = [
    name_field("Id", "id", FieldKind::Reference),
    name_field("Name", "string", FieldKind::Text),
    name_field("FirstName", "string", FieldKind::Text),
    name_field("MiddleName", "string", FieldKind::Text),
    name_field("LastName", "string", FieldKind::Text),
    name_field("Suffix", "string", FieldKind::Text),
    name_field("Type", "picklist", FieldKind::Picklist),
    name_field("Alias", "string", FieldKind::Text),
    name_field("Email", "email", FieldKind::Text),
    name_field("Phone", "phone", FieldKind::Text),
    name_field("Title", "string", FieldKind::Text),
    name_field("Username", "string", FieldKind::Text),
    name_field("IsActive", "boolean", FieldKind::Boolean),
    name_field("ProfileId", "reference", FieldKind::Reference),
    name_field("UserRoleId", "reference", FieldKind::Reference),
    name_field("LastViewedDate", "datetime", FieldKind::DateTime),
    name_field("LastReferencedDate", "datetime", FieldKind::DateTime),
];

const fn name_field(name: &'static str, wire_type: &'static str, kind: FieldKind) -> NameField {
    NameField { name, wire_type, kind }
}

impl<'s> Value<'s> {
    pub(super) fn of(object: &'s Describe, field: &'s FieldDescribe) -> Value<'s> {
        Value {
            name: field.name.as_str(),
            wire_type: &field.wire_type,
            kind: field.kind(),
            field: Some((object, field)),
            is_part_of_date: false,
        }
    }

    pub(super) fn of_name(field: &'static NameField) -> Value<'s> {
        Value {
            name: field.name,
            wire_type: field.wire_type,
            kind: field.kind,
            field: None,
            is_part_of_date: false,
        }
    }

    /// What a function makes.
    pub(super) fn made(name: &'s str, wire_type: &'static str, kind: FieldKind) -> Value<'s> {
        Value { name, wire_type, kind, field: None, is_part_of_date: false }
    }

    /// Its type as the messages call it.
    pub(super) fn type_name(&self) -> &'s str {
        match self.kind {
            FieldKind::DateTime => "dateTime",
            FieldKind::Text | FieldKind::LongText | FieldKind::Picklist | FieldKind::MultiPicklist => {
                "string"
            }
            FieldKind::Reference => "id",
            _ => self.wire_type,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.kind, FieldKind::Integer | FieldKind::Number)
    }
}
