//! Typed rows.
mod column;
mod extra;
mod key;
mod macros;
mod picklist;

pub use column::{ChildRelationship, Column, ColumnType};
pub use extra::Extra;
pub(crate) use key::Key;
#[doc(hidden)]
pub use macros::{ColumnSeed, value_of, writable};

use crate::{
    Delivery, ErrorKind, Failure, Fields, ObjectName, Operation, SfId, Value, protocol::bulk::RowWriter,
};
use serde::{Serialize, de::DeserializeOwned};

/// A type that is a row of one object. [`sobject!`](crate::sobject) writes the implementation; for a type of your
/// own with serde's derives these lines do too:
///
/// ```
/// use sf_core::{Column, Field, FieldKind, ObjectName, SObject, SfId, object};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Default, Serialize, Deserialize)]
/// struct Plan {
///     #[serde(rename = "Id", default, skip_serializing_if = "Field::is_absent")]
///     id: Field<SfId>,
///     #[serde(rename = "Name", default, skip_serializing_if = "Field::is_absent")]
///     name: Field<String>,
/// }
/// impl SObject for Plan {
///     const OBJECT: ObjectName = object!("CX_Plan__c");
///     const COLUMNS: &'static [Column] =
///         &[Column::new("Id", FieldKind::Reference).system(), Column::new("Name", FieldKind::Text)];
///     fn id(&self) -> Option<SfId> {
///         self.id.value().copied()
///     }
/// }
/// ```
pub trait SObject: Serialize + DeserializeOwned + Default + Send + Sync + 'static {
    /// The object's API name.
    const OBJECT: ObjectName;
    /// What a query selects when it names no field.
    const COLUMNS: &'static [Column];

    /// The row's id, when it is known.
    fn id(&self) -> Option<SfId>;

    /// The fields that this operation may send: everything that is not absent, without the columns that Salesforce
    /// keeps itself, so that a row can be sent back as it was fetched.
    ///
    /// # Errors
    /// A [`Failure`] of kind [`ErrorKind::InvalidInput`] when the row cannot be written as JSON.
    fn writable(&self, operation: Operation) -> Result<Fields, Failure> {
        let mut fields: Fields =
            serde_json::to_string(self).and_then(|json| serde_json::from_str(&json)).map_err(|error| {
                let message = format!("a row of {} cannot be written: {error}", Self::OBJECT);
                Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, message)
            })?;
        fields.retain(|name, value| {
            let column = Self::COLUMNS.iter().find(|column| name.is(column.name_str()));
            !extra::is_kept_by_salesforce(name.as_str())
                && !name.is("attributes")
                && !matches!(value, Value::Rows(_))
                && column.is_none_or(|column| column.is_writable(operation))
        });
        Ok(fields)
    }

    /// Whether [`write_columns`](SObject::write_columns) says all that [`writable`](SObject::writable) does.
    #[doc(hidden)]
    fn is_columns_only(&self) -> bool {
        false
    }
    /// The columns that the operation may send, without a detour over values.
    #[doc(hidden)]
    fn write_columns(&self, operation: Operation, row: &mut RowWriter<'_>) {
        let _ = (operation, row);
    }
}
