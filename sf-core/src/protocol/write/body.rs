//! Rows as JSON.
use crate::{Error, Failure, Fields, ObjectName, Result, SfId, Write};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// The body of a collections request.
pub(super) fn collection(run: &[Write], all_or_none: bool) -> Result<String> {
    serde_json::to_string(&Collection { all_or_none, records: run }).map_err(|e| unwritable(&e))
}
/// The body of a request for one row.
pub(in crate::protocol) fn fields(fields: &Fields) -> Result<String> {
    struct Values<'a>(&'a Fields);
    impl Serialize for Values<'_> {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            s.collect_map(self.0.iter().map(|(name, value)| (name.as_str(), value)))
        }
    }
    serde_json::to_string(&Values(fields)).map_err(|e| unwritable(&e))
}
/// Our own serializers' texts name fields, not values.
pub(in crate::protocol) fn unwritable(error: &serde_json::Error) -> Error {
    Failure::invalid_input(format!("the rows cannot be written as JSON: {error}")).into()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection<'a> {
    all_or_none: bool,
    #[serde(serialize_with = "rows")]
    records: &'a [Write],
}
fn rows<S: Serializer>(batch: &[Write], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(batch.iter().filter_map(|row| match row {
        Write::Insert { object, fields } | Write::Upsert { object, fields, .. } => {
            Some(Row { object, id: None, fields })
        }
        Write::Update { object, id, fields, .. } => Some(Row { object, id: Some(id), fields }),
        Write::Delete { .. } => None,
    }))
}
struct Row<'a> {
    object: &'a ObjectName,
    id: Option<&'a SfId>,
    fields: &'a Fields,
}
impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Attributes<'a> {
            #[serde(rename = "type")]
            object: &'a ObjectName,
        }
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("attributes", &Attributes { object: self.object })?;
        if let Some(id) = self.id {
            map.serialize_entry("id", id)?;
        }
        for (name, value) in self.fields.iter() {
            map.serialize_entry(name.as_str(), value)?;
        }
        map.end()
    }
}
