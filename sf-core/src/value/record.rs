//! Rows without a static type.
use super::{Fields, Value};
use crate::{
    Children, Cursor, Delivery, Error, ErrorKind, Failure, Field, FieldName, ObjectName, Result, SfId,
    error::json_problem, raw::RawJson,
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// A row without a static type: its object, id and fields in the order of the wire; parents and child rows are
/// nested.
///
/// ```
/// use sf_core::{Field, Record};
///
/// let row: Record = serde_json::from_str(
///     r#"{"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/001000000000001AAA"},
///         "Id":"001000000000001AAA","Name":"Acme","Phone":null,
///         "Owner":{"attributes":{"type":"User"},"Name":"Ann"},"Parent":null}"#,
/// ).unwrap();
/// assert_eq!(row.object, sf_core::object!("Account"));
/// assert_eq!(row.get::<String>("Owner.Name")?, Field::from("Ann"));
/// assert_eq!(row.get::<String>("Parent.Name")?, Field::Null); // it has no parent
/// assert_eq!(row.get::<String>("Website")?, Field::Absent); // not selected
/// # Ok::<(), sf_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The object's name; `AggregateResult` for rows of a grouping query.
    pub object: ObjectName,
    /// The row's id, when it was selected.
    pub id: Option<SfId>,
    /// Everything else.
    pub fields: Fields,
}

impl Record {
    /// A row with no fields yet.
    pub fn new(object: ObjectName) -> Record {
        Record { object, id: None, fields: Fields::new() }
    }

    /// With this id.
    #[must_use]
    pub fn with_id(mut self, id: SfId) -> Record {
        self.id = Some(id);
        self
    }

    /// With this field set.
    #[must_use]
    pub fn set(mut self, field: impl Into<FieldName>, value: impl Into<Value>) -> Record {
        self.fields.insert(field, value);
        self
    }

    /// The value at a path (`Name`, `Owner.Name`) as a `T`. Names are compared without ASCII case. `Absent` when
    /// the row has no such field, `Null` when it or a parent on the way is empty.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when it is not a `T`.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Field<T>> {
        let Some(value) = self.value(path) else { return Ok(Field::Absent) };
        if value.is_null() {
            return Ok(Field::Null);
        }
        serde_json::to_string(&*value).and_then(|json| serde_json::from_str(&json)).map(Field::Value).map_err(
            |e| {
                let message =
                    format!("{} {path} is not of the type asked for: {}", self.object, json_problem(&e));
                Error::new(Failure::new(ErrorKind::Decode, Delivery::Refused, message))
            },
        )
    }

    /// The value at a path, as it is; `None` when the row has no such field.
    pub fn value(&self, path: &str) -> Option<Cow<'_, Value>> {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let value = match self.fields.find(name) {
            Some(value) => Cow::Borrowed(value),
            None if name.eq_ignore_ascii_case("Id") => Cow::Owned(self.id?.into()),
            None => return None,
        };
        match (rest, value) {
            (None, value) => Some(value),
            (Some(rest), Cow::Borrowed(Value::Parent(parent))) => parent.value(rest),
            (Some(_), value) if value.is_null() => Some(Cow::Owned(Value::Null)),
            _ => None,
        }
    }

    /// The rows of a child subquery; `None` when it was not asked for or there are none (the org then writes
    /// null).
    pub fn children(&self, relationship: &str) -> Option<&Children<Record>> {
        match self.fields.find(relationship) {
            Some(Value::Rows(rows)) => Some(rows),
            _ => None,
        }
    }
}

/// By name, else by id.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.fields.find("Name"), &self.id) {
            (Some(Value::Text(name)), _) => f.pad(name),
            (_, Some(id)) => f.pad(&format!("{} {id}", self.object)),
            _ => f.pad(self.object.as_str()),
        }
    }
}

#[derive(Serialize)]
struct TypeAttribute<'a> {
    r#type: &'a ObjectName,
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("attributes", &TypeAttribute { r#type: &self.object })?;
        if let Some(id) = &self.id {
            map.serialize_entry("Id", id)?;
        }
        for (name, value) in self.fields.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_map(RecordVisitor { depth: 0 })
    }
}

struct RecordVisitor {
    depth: usize,
}

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row with its attributes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        #[derive(Deserialize)]
        struct Attributes {
            r#type: ObjectName,
        }
        let (mut object, mut id, mut fields) = (None, None, Vec::with_capacity(16));
        while let Some(key) = map.next_key::<crate::Key<'_>>()? {
            if key.as_str() == "attributes" {
                object = Some(map.next_value::<Attributes>()?.r#type);
                continue;
            }
            let json: RawJson<'_> = map.next_value()?;
            let value = Value::read(json.get(), self.depth).map_err(A::Error::custom)?;
            match &value {
                Value::Text(text) if key.as_str() == "Id" && id.is_none() => match SfId::new(text) {
                    Ok(read) => id = Some(read),
                    // An alias of a grouping query may be called so.
                    Err(_) => fields.push((FieldName::checked("Id"), value)),
                },
                Value::Null if key.as_str() == "Id" => {}
                _ => fields.push((FieldName::new(key.as_str()).map_err(A::Error::custom)?, value)),
            }
        }
        let object = object.ok_or_else(|| A::Error::missing_field("attributes"))?;
        Ok(Record { object, id, fields: Fields::from_pairs(fields) })
    }
}

/// A nested row; `depth` says how deep.
pub(super) fn read(json: &str, depth: usize) -> serde_json::Result<Record> {
    serde_json::Deserializer::from_str(json).deserialize_map(RecordVisitor { depth })
}

/// The result of a child subquery.
pub(super) fn read_children(json: &str, depth: usize) -> serde_json::Result<Children<Record>> {
    let raw: Children<Box<RawValue>> = serde_json::from_str(json)?;
    Ok(Children {
        rows: raw.rows.iter().map(|row| read(row.get(), depth)).collect::<Result<_, _>>()?,
        total: raw.total,
        next: raw.next.map(|next| Cursor::new(next.as_str())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{field, object};

    const ROW: &str = r#"{"attributes":{"type":"Account","url":"/x"},"Id":"001000000000001AAA","B__c":1.0E7,"A__c":null,"Owner":{"attributes":{"type":"User"},"Manager":{"attributes":{"type":"User"},"Age__c":300.0}},"Parent":null,"Cases":{"totalSize":3,"done":false,"nextRecordsUrl":"/next","records":[{"attributes":{"type":"Case"},"Id":"500000000000001AAA"}]},"Contacts":null}"#;

    fn row() -> Record {
        serde_json::from_str(ROW).unwrap()
    }

    #[test]
    fn reads_paths() {
        let row = row();
        assert_eq!(row.get::<SfId>("id").unwrap(), Field::Value(SfId::new("001000000000001").unwrap()));
        assert_eq!(row.get::<f64>("owner.manager.age__c").unwrap(), Field::Value(300.0));
        assert_eq!(row.get::<String>("A__c").unwrap(), Field::Null);
        assert_eq!(row.get::<String>("Parent.Name").unwrap(), Field::Null);
        assert_eq!(row.get::<String>("Parent.Owner.Name").unwrap(), Field::Null);
        for absent in ["", ".", "Name", "Owner.Name", "B__c.Name", "Owner.", "Cases.Id"] {
            assert_eq!(row.get::<String>(absent).unwrap(), Field::Absent, "{absent}");
        }
        assert_eq!(row.get::<bool>("B__c").unwrap_err().kind(), ErrorKind::Decode);
        let cases = row.children("cases").unwrap();
        assert_eq!((cases.total, cases.rows.len(), cases.next.clone()), (3, 1, Some(Cursor::new("/next"))));
        assert!(row.children("Contacts").is_none() && row.children("Owner").is_none());
    }

    #[test]
    fn writes_what_it_read() {
        let json = serde_json::to_string(&row()).unwrap();
        assert_eq!(json, ROW.replace(r#","url":"/x""#, ""));
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), row());
    }

    #[test]
    fn grouping_rows_have_no_id() {
        let row: Record =
            serde_json::from_str(r#"{"Id":"x","attributes":{"type":"AggregateResult"},"expr0":5}"#).unwrap();
        assert_eq!((row.object.as_str(), row.id), ("AggregateResult", None));
        assert_eq!(row.get::<String>("Id").unwrap(), Field::from("x"));
        assert_eq!(row.get::<i64>("expr0").unwrap(), Field::Value(5));
    }

    #[test]
    fn built_by_hand() {
        let owner = Record::new(object!("User")).set(field!("Key__c"), "u-1");
        let row = Record::new(object!("Account")).set(field!("Owner"), owner);
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            r#"{"attributes":{"type":"Account"},"Owner":{"attributes":{"type":"User"},"Key__c":"u-1"}}"#
        );
        assert!(serde_json::from_str::<Record>(r#"{"Name":"no attributes"}"#).is_err());
    }
}
