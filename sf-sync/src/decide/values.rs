//! Values at the engine's edge: coerced by describe type once, compared by meaning.
use crate::{RecordKey, mapping::ObjectMapping, schema::Schema};
use sf_core::{
    Describe, FieldDescribe, FieldKind, FieldName, Fields, ObjectName, Record, SfId, Timestamp, Value,
};

/// The name of the time stamp that moves with every change of a row.
pub(crate) const STAMP: FieldName = FieldName::from_static("SystemModstamp");

/// A value in the org's normal form, whether it comes from there or from here: text without blanks around it (the API
/// trims it) and with one form of line break, no text null, the values of a list in the list's order. Without a describe
/// only what holds for every type. Doing it again changes nothing.
///
/// Refuses, with the words for people, what no value of that type can be.
pub(crate) fn coerce(value: Value, field: Option<&FieldDescribe>) -> Result<Value, String> {
    let value = match value {
        Value::Text(text) => match plain(text) {
            text if text.is_empty() => Value::Null,
            text => Value::Text(text),
        },
        other => other,
    };
    let Some(field) = field else { return Ok(value) };
    let wrong = |wanted: &str| Err(format!("takes {wanted}, not {}", crate::change::shown(&value)));
    match (field.kind(), &value) {
        (FieldKind::Boolean, Value::Null) => Ok(Value::Bool(false)),
        (_, Value::Null) => Ok(Value::Null),
        (FieldKind::Boolean, Value::Bool(_)) | (FieldKind::Any, _) => Ok(value),
        (FieldKind::Boolean, Value::Text(text)) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        (FieldKind::Boolean, Value::Text(text)) if text.eq_ignore_ascii_case("false") => {
            Ok(Value::Bool(false))
        }
        (FieldKind::Boolean, _) => wrong("true or false"),
        (FieldKind::Integer | FieldKind::Number, Value::Number(_)) => Ok(value),
        (FieldKind::Integer | FieldKind::Number, Value::Text(text)) => match text.trim().parse() {
            Ok(number) => Ok(Value::Number(number)),
            Err(_) => wrong("a number"),
        },
        (FieldKind::Integer | FieldKind::Number, _) => wrong("a number"),
        (FieldKind::Date, Value::Text(text)) => match text.parse::<chrono::NaiveDate>() {
            Ok(date) => Ok(Value::Text(date.to_string())),
            Err(_) => wrong("a date like 2026-01-31"),
        },
        (FieldKind::Date, _) => wrong("a date like 2026-01-31"),
        (FieldKind::DateTime, Value::Text(text)) => match text.parse::<Timestamp>() {
            // The org keeps whole seconds.
            Ok(at) => {
                Ok(Timestamp::from_millis(at.millis().div_euclid(1000) * 1000).map_or(value, Value::from))
            }
            Err(_) => wrong("a date and time like 2026-01-31T08:00:00Z"),
        },
        (FieldKind::DateTime, _) => wrong("a date and time like 2026-01-31T08:00:00Z"),
        (FieldKind::Reference, Value::Text(text)) => match SfId::new(text) {
            Ok(id) => Ok(Value::from(id)),
            Err(_) => wrong("the id of a record"),
        },
        (FieldKind::Reference, _) => wrong("the id of a record"),
        (FieldKind::MultiPicklist, Value::Text(text)) => match sorted(text, field) {
            none if none.is_empty() => Ok(Value::Null),
            some => Ok(Value::Text(some)),
        },
        (FieldKind::Address | FieldKind::Location | FieldKind::Base64, _) => Ok(value),
        (_, Value::Text(_)) => Ok(value),
        (_, Value::Number(number)) => Ok(Value::Text(number.to_string())),
        (_, Value::Bool(flag)) => Ok(Value::Text(flag.to_string())),
        _ => wrong("text"),
    }
}
/// Without blanks around it, lines ended by a line feed. A browser sends two characters for a line break, a program one.
fn plain(text: String) -> String {
    if !text.contains('\r') && text.trim().len() == text.len() {
        return text;
    }
    text.trim().replace("\r\n", "\n").replace('\r', "\n")
}
/// A value for the org: in its normal form and [`at_scale`]. Refuses as [`coerce`] does, and what is no plain value.
pub(crate) fn to_write(value: Value, field: Option<&FieldDescribe>) -> Result<Value, String> {
    if !writable(&value) {
        return Err("takes a plain value, not a row or a compound".into());
    }
    Ok(at_scale(coerce(value, field)?, field))
}
/// With no more decimals than the field has. Whether the org rounds or keeps further ones, it then shows what was sent.
/// Values that come from the org are left as they are.
pub(crate) fn at_scale(value: Value, field: Option<&FieldDescribe>) -> Value {
    match (value, field) {
        (Value::Number(number), Some(field)) if field.kind() == FieldKind::Number && field.precision > 0 => {
            Value::Number(number.round(u8::try_from(field.scale).unwrap_or(u8::MAX)))
        }
        (value, _) => value,
    }
}
/// The org keeps the values of a multi-select picklist in the order of the picklist.
fn sorted(text: &str, field: &FieldDescribe) -> String {
    let place =
        |value: &str| field.picklist_values.iter().position(|p| p.value == value).unwrap_or(usize::MAX);
    let mut values: Vec<&str> = text.split(';').map(str::trim).filter(|v| !v.is_empty()).collect();
    values.sort_by_key(|value| (place(value), value.to_string()));
    values.dedup();
    values.join(";")
}

/// Parent and children rows, addresses and the like cannot be written to a field.
pub(crate) fn writable(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_))
}

/// A row of the org reduced to what the mapping asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) key: RecordKey,
    pub(crate) stamp: Option<Timestamp>,
    pub(crate) parent: Option<RecordKey>,
    pub(crate) fields: Fields,
}

/// Reads a row: mapped fields only, coerced, parents cut to the mapped paths. Fields the row does not have are left
/// out. `None`: a row without an id.
pub(crate) fn read_row(row: &Record, mapping: &ObjectMapping, schema: &Schema) -> Option<Row> {
    let describe = schema.get(&mapping.object);
    let id = row.id.or_else(|| text_id(row.fields.get(&FieldName::from_static("Id"))?))?;
    let mut fields = Fields::new();
    for mapped in &mapping.fields {
        if let Some((relationship, field)) = mapped.parent_path() {
            match row.fields.get(&relationship) {
                None => {}
                Some(Value::Parent(parent)) => {
                    let value = parent.fields.get(&field).cloned().unwrap_or(Value::Null);
                    let seen = fields.get(&relationship).cloned();
                    fields = fields
                        .set(relationship, with_parent_field(seen, parent.object.clone(), &field, value));
                }
                Some(_) => fields = fields.set(relationship, Value::Null),
            }
        } else if let Some(name) = mapped.name()
            && let Some(value) = row.fields.get(&name)
        {
            fields = fields.set(name.clone(), read(value.clone(), describe, &name));
        }
    }
    let parent = mapping.parent.as_ref().and_then(|lookup| {
        let value = row.fields.get(lookup)?;
        fields = std::mem::take(&mut fields).set(lookup.clone(), read(value.clone(), describe, lookup));
        text_id(value).map(RecordKey::Id)
    });
    Some(Row { key: RecordKey::Id(id), stamp: stamp(row), parent, fields })
}
/// Reads these fields of a row, mapped or not. Those the row does not have are left out.
pub(crate) fn read_fields(row: &Record, names: &[FieldName], describe: Option<&Describe>) -> Fields {
    let read = |fields: Fields, name: &FieldName| match row.fields.get(name) {
        Some(value) => fields.set(name.clone(), read(value.clone(), describe, name)),
        None => fields,
    };
    names.iter().fold(Fields::new(), read)
}
/// The row's time stamp, when it was asked for.
pub(crate) fn stamp(row: &Record) -> Option<Timestamp> {
    row.fields.get(&STAMP)?.as_str()?.parse().ok()
}
fn read(value: Value, describe: Option<&Describe>, name: &FieldName) -> Value {
    let field = describe.and_then(|d| d.field(name));
    coerce(value.clone(), field).unwrap_or(value)
}
fn text_id(value: &Value) -> Option<SfId> {
    SfId::new(value.as_str()?).ok()
}
/// A parent's row with one field more.
pub(crate) fn with_parent_field(
    parent: Option<Value>,
    object: ObjectName,
    field: &FieldName,
    value: Value,
) -> Value {
    let mut row = match parent {
        Some(Value::Parent(row)) => *row,
        _ => Record::new(object),
    };
    row.fields = std::mem::take(&mut row.fields).set(field.clone(), value);
    Value::Parent(Box::new(row))
}

/// One number for a shadow, whatever the order of its fields and the spelling of their names. FNV-1a over the JSON of
/// each: stable over processes, which std's hasher does not promise.
pub(crate) fn digest(shadow: Option<&Fields>) -> u64 {
    let Some(shadow) = shadow else { return 0 };
    let one = |(name, value): (&FieldName, &Value)| {
        let mut hash = Fnv::default();
        hash.eat(name.as_str().to_ascii_lowercase().as_bytes());
        hash.eat(b"\n");
        hash.eat(serde_json::to_string(value).unwrap_or_default().as_bytes());
        hash.0
    };
    shadow.iter().map(one).fold(0, u64::wrapping_add) & (u64::MAX >> 1)
}
/// FNV-1a, 64 bits.
pub(crate) struct Fnv(pub(crate) u64);
impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}
impl Fnv {
    pub(crate) fn eat(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
