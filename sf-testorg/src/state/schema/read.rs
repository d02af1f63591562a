//! From describe JSON to types: what is wrong with which field is said by name.
use super::{ChildType, FieldType, SObjectType, SchemaError, SystemFields, schema_error};
use crate::schema::complete;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};
use sf_core::{FieldName, ObjectName, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Describe's `type` of a field. (SOAP API guide, "FieldType"; `junctionidlist` is only in describes.)
const TYPES: [&str; 31] = [
    "address",
    "anyType",
    "base64",
    "boolean",
    "combobox",
    "complexvalue",
    "currency",
    "datacategorygroupreference",
    "date",
    "datetime",
    "double",
    "email",
    "encryptedstring",
    "id",
    "int",
    "json",
    "junctionidlist",
    "location",
    "long",
    "masterrecord",
    "multipicklist",
    "percent",
    "phone",
    "picklist",
    "reference",
    "richtextarea",
    "string",
    "textarea",
    "time",
    "url",
    "xml",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    name: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    key_prefix: Option<String>,
    #[serde(default = "super::yes")]
    queryable: bool,
    #[serde(default)]
    createable: bool,
    #[serde(default)]
    updateable: bool,
    #[serde(default)]
    deletable: bool,
    #[serde(default = "super::yes")]
    replicateable: bool,
}

impl SObjectType {
    /// Reads the JSON of a `describe` answer. It is kept and served again with all keys that Salesforce sends: one that is missing
    /// gets its usual empty value. A custom sObject may leave out what every one has (`Id`, `OwnerId`, `Name` and the system fields),
    /// and a custom field that names none of its permissions has those of a new custom field.
    ///
    /// # Errors
    /// Not a describe, a field that is none, or no field `Id`; the error names sObject and field.
    pub fn from_describe(json: Json, changed_at: Timestamp) -> Result<SObjectType, SchemaError> {
        let Json::Object(mut describe) = json else {
            return Err(schema_error("a describe is a JSON object"));
        };
        let name = match describe.get("name") {
            Some(Json::String(name)) if ObjectName::new(name).is_ok() => name.clone(),
            Some(name) => return Err(schema_error(format!("{name} is no API name of an sObject"))),
            None => {
                return Err(schema_error(
                    "an sObject without `name`; a describe begins with its fields or its name",
                ));
            }
        };
        let wrong = |what: String| schema_error(format!("sObject {name}: {what}"));
        match describe.get("fields") {
            Some(Json::Array(_)) => {}
            Some(_) => return Err(wrong("`fields` is no list".into())),
            None => {
                return Err(wrong(
                    "there are no `fields`: the list of all sObjects has none, send the describe of each"
                        .into(),
                ));
            }
        }
        complete::sobject(&mut describe);
        let fields = match describe.get_mut("fields") {
            Some(Json::Array(entries)) => read_fields(&name, entries)?,
            _ => Vec::new(),
        };
        let mut children = Vec::new();
        if let Some(Json::Array(entries)) = describe.get("childRelationships") {
            for entry in entries {
                let child = without_nulls(entry);
                let field = child.get("field").and_then(Json::as_str).unwrap_or("?").to_owned();
                children.push(
                    typed::<ChildType>(child)
                        .map_err(|e| wrong(format!("child relationship over {field}: {e}")))?,
                );
            }
        }
        let scalars = describe.iter().filter(|(_, value)| !value.is_array() && !value.is_null());
        let scalars = scalars.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>();
        let head: Head = typed(Json::Object(scalars)).map_err(|e| wrong(e.to_string()))?;
        if let Some(prefix) = &head.key_prefix
            && (prefix.len() != 3 || !prefix.bytes().all(|b| b.is_ascii_alphanumeric()))
        {
            return Err(wrong(format!("the key prefix {prefix:?} is not three letters or digits")));
        }
        let mut this = SObjectType {
            name: head.name,
            label: head.label,
            key_prefix: head.key_prefix,
            queryable: head.queryable,
            createable: head.createable,
            updateable: head.updateable,
            deletable: head.deletable,
            replicateable: head.replicateable,
            fields,
            children,
            changed_at,
            system: SystemFields::default(),
            by_name: BTreeMap::new(),
            by_relationship: BTreeMap::new(),
            describe: Arc::new(describe),
        };
        this.reindex()?;
        Ok(this)
    }

    /// Adds fields (describe entries) behind the existing ones; a name that exists is replaced.
    ///
    /// # Errors
    /// An entry is not a field's describe.
    pub fn add_fields(&mut self, mut entries: Vec<Json>) -> Result<(), SchemaError> {
        let fields = read_fields(&self.name, &mut entries)?;
        let list =
            Arc::make_mut(&mut self.describe).entry("fields").or_insert_with(|| Json::Array(Vec::new()));
        let Json::Array(list) = list else { return Err(schema_error("`fields` is no list")) };
        for (field, json) in fields.into_iter().zip(entries) {
            match self.by_name.get(&field.name.to_ascii_lowercase()) {
                Some(&at) => {
                    self.fields[at] = field;
                    list[at] = json;
                }
                None => {
                    self.fields.push(field);
                    list.push(json);
                }
            }
        }
        self.reindex()
    }
}

/// The fields; their entries get all keys.
fn read_fields(object: &str, entries: &mut [Json]) -> Result<Vec<FieldType>, SchemaError> {
    let mut fields: Vec<FieldType> = Vec::new();
    let mut names = BTreeSet::new();
    for (at, entry) in entries.iter_mut().enumerate() {
        let place = match entry.get("name").and_then(Json::as_str) {
            Some(name) => format!("sObject {object}, field {name}"),
            None => format!("sObject {object}, field number {}", at + 1),
        };
        let wrong = |what: String| schema_error(format!("{place}: {what}"));
        let Json::Object(keys) = entry else { return Err(wrong("it is no JSON object".into())) };
        complete::field(keys);
        let field: FieldType = typed(without_nulls(entry)).map_err(|e| wrong(e.to_string()))?;
        if FieldName::new(&field.name).is_err() {
            return Err(wrong("this is no API name".into()));
        }
        if !TYPES.contains(&field.wire_type.as_str()) {
            let known = TYPES.join(", ");
            return Err(wrong(format!("there is no type {:?}; the types are {known}", field.wire_type)));
        }
        if !names.insert(field.name.to_ascii_lowercase()) {
            return Err(wrong("it is there twice".into()));
        }
        fields.push(field);
    }
    Ok(fields)
}

/// Null is as good as missing.
fn without_nulls(entry: &Json) -> Json {
    match entry {
        Json::Object(keys) => {
            let kept = keys.iter().filter(|(_, value)| !value.is_null());
            Json::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

fn typed<T: DeserializeOwned>(json: Json) -> Result<T, serde_json::Error> {
    serde_json::from_value(json)
}
