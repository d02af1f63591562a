//! What a row has beyond its model.
use super::ChildRelationship;
use crate::{
    Children, Delivery, ErrorKind, Failure, Field, FieldName, Fields, Value, error::json_problem,
    value::same_json,
};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Everything a row has that its model has no field for: custom fields, parents, child rows. In the order of the
/// wire, as its text, so that digits stay.
///
/// ```
/// use sf_core::{Field, Number, field, models::Account};
///
/// let mut row: Account = serde_json::from_str(r#"{"Name":"Acme","Score__c":300.0}"#).unwrap();
/// assert_eq!(row.extra.get::<Number>("score__c")?, Field::Value(Number::from(300)));
/// row.extra.set(field!("CX_Play__c"), "Grow");
/// assert_eq!(
///     serde_json::to_string(&row).unwrap(),
///     r#"{"Name":"Acme","Score__c":300.0,"CX_Play__c":"Grow"}"#,
/// );
/// # Ok::<(), sf_core::Failure>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Extra(Vec<Entry>);

#[derive(Debug, Clone)]
struct Entry {
    name: Box<str>,
    json: Box<RawValue>,
    /// By the program, not from the wire: it is meant to be written.
    set: bool,
}

impl Extra {
    /// The value of a field as a `T`; names are compared without ASCII case.
    ///
    /// # Errors
    /// A [`Failure`] of kind [`ErrorKind::Decode`] when it is not a `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Field<T>, Failure> {
        match self.find(name) {
            None => Ok(Field::Absent),
            Some(json) => serde_json::from_str(json.get()).map_err(|error| {
                let message = format!("{name} is not of the type asked for: {}", json_problem(&error));
                Failure::new(ErrorKind::Decode, Delivery::Refused, message)
            }),
        }
    }

    /// The rows of a child subquery; none when it was not asked for.
    ///
    /// # Errors
    /// A [`Failure`] of kind [`ErrorKind::Decode`] when they are not of the model's type.
    pub fn children<C: DeserializeOwned>(
        &self,
        relationship: ChildRelationship<C>,
    ) -> Result<Children<C>, Failure> {
        Ok(self.get(relationship.name().as_str())?.into_value().unwrap_or_default())
    }

    /// Sets a field, in the place it had before or at the end.
    pub fn set(&mut self, field: impl Into<FieldName>, value: impl Into<Value>) {
        let (field, value) = (field.into(), value.into());
        // A value is JSON by construction.
        let json = serde_json::value::to_raw_value(&value).unwrap_or_else(|_| RawValue::NULL.to_owned());
        let entry = Entry { name: field.as_str().into(), json, set: true };
        match self.0.iter_mut().find(|entry| field.is(&entry.name)) {
            Some(place) => *place = entry,
            None => self.0.push(entry),
        }
    }

    /// All fields in order, as text.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|entry| (&*entry.name, &*entry.json))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a write has anything to send of it.
    #[doc(hidden)]
    pub fn has_writable(&self) -> bool {
        self.0.iter().any(Entry::is_writable)
    }

    fn find(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().find(|entry| entry.name.eq_ignore_ascii_case(name)).map(|entry| &*entry.json)
    }

    #[doc(hidden)]
    pub fn push(&mut self, name: &str, json: Box<RawValue>) {
        self.0.push(Entry { name: name.into(), json, set: false });
    }

    /// The part of a row that can be sent: what the program set, and the scalars it read. Parents, child rows and
    /// compounds from the wire cannot be written, nor can the null that stands for a missing parent: of names
    /// without a custom field's suffix, a null that was read is left out. So are the system fields.
    pub(crate) fn writable(&self, fields: &mut Fields) -> Result<(), Failure> {
        for entry in &self.0 {
            if entry.is_writable() {
                let read = |e: &dyn std::fmt::Display| {
                    let message = format!("{} cannot be written: {e}", entry.name);
                    Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, message)
                };
                let name = FieldName::new(&entry.name).map_err(|e| read(&e))?;
                fields.insert(name, Value::read(entry.json.get(), 0).map_err(|e| read(&e))?);
            }
        }
        Ok(())
    }
}

impl Entry {
    fn is_writable(&self) -> bool {
        let is_scalar = || match self.json.get().as_bytes().first() {
            Some(b'{' | b'[') => false,
            Some(b'n') => ["__c", "__pc", "__s"].iter().any(|suffix| ends_with(&self.name, suffix)),
            _ => true,
        };
        self.set || (is_scalar() && !is_kept_by_salesforce(&self.name))
    }
}

/// By meaning and without regard to the order; whether a field was read or set makes no difference.
impl PartialEq for Extra {
    fn eq(&self, other: &Extra) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().all(|entry| {
                other.find(&entry.name).is_some_and(|json| same_json(entry.json.get(), json.get()))
            })
    }
}

/// The system fields that every object has, for models that do not declare them. (Object Reference, "System Fields".)
pub(super) fn is_kept_by_salesforce(name: &str) -> bool {
    [
        "Id",
        "IsDeleted",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
        "LastActivityDate",
        "LastViewedDate",
        "LastReferencedDate",
        "MasterRecordId",
    ]
    .iter()
    .any(|system| system.eq_ignore_ascii_case(name))
}

fn ends_with(name: &str, suffix: &str) -> bool {
    name.len() > suffix.len()
        && name.as_bytes()[name.len() - suffix.len()..].eq_ignore_ascii_case(suffix.as_bytes())
}
