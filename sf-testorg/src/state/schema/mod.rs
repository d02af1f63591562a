//! sObjects and their fields, read from Salesforce's own describe JSON.
mod link;
mod read;

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use sf_core::Timestamp;
use std::{collections::BTreeMap, fmt, sync::Arc};

/// How a field's values are stored, checked and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The row's own id.
    Id,
    /// A lookup.
    Reference,
    /// Any text: string, textarea, url, phone, email, combobox, encryptedstring.
    Text,
    /// One value of a list.
    Picklist,
    /// Several values of a list, joined by `;`.
    MultiPicklist,
    /// A checkbox, never null.
    Boolean,
    /// A whole number.
    Int,
    /// double, currency, percent.
    Double,
    /// A day.
    Date,
    /// A moment.
    DateTime,
    /// A time of day, kept as text.
    Time,
    /// A compound address, computed from its parts.
    Address,
    /// A compound geolocation, computed from its parts.
    Location,
    /// The content of a file.
    Base64,
    /// Anything else.
    Other,
}

/// One value of a picklist.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PicklistEntry {
    /// The stored value.
    pub value: String,
    /// What people see.
    #[serde(default)]
    pub label: Option<String>,
    /// Whether it may still be chosen. A restricted picklist refuses the others.
    #[serde(default = "yes")]
    pub active: bool,
    /// Whether a new row gets it.
    #[serde(default)]
    pub default_value: bool,
}
fn yes() -> bool {
    true
}

/// One field, from its describe entry. Missing keys are false, empty or null.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldType {
    /// API name in describe case.
    pub name: String,
    /// Describe's `type`.
    #[serde(rename = "type")]
    pub wire_type: String,
    /// What people see; messages name it.
    #[serde(default)]
    pub label: String,
    /// Characters at most (0: no limit known).
    #[serde(default)]
    pub length: usize,
    /// Digits at most of an int.
    #[serde(default)]
    pub digits: u32,
    /// Digits at most of a double.
    #[serde(default)]
    pub precision: u32,
    /// Digits after the decimal point.
    #[serde(default)]
    pub scale: u32,
    /// May be null.
    #[serde(default)]
    pub nillable: bool,
    /// May be given on create.
    #[serde(default)]
    pub createable: bool,
    /// May be given on update.
    #[serde(default)]
    pub updateable: bool,
    /// Gets a value when none is given.
    #[serde(default)]
    pub defaulted_on_create: bool,
    /// May be used in WHERE.
    #[serde(default)]
    pub filterable: bool,
    /// May be used in ORDER BY.
    #[serde(default)]
    pub sortable: bool,
    /// May be used in GROUP BY.
    #[serde(default)]
    pub groupable: bool,
    /// May be aggregated: counted, or its smallest and largest value found.
    #[serde(default)]
    pub aggregatable: bool,
    /// A formula.
    #[serde(default)]
    pub calculated: bool,
    /// Only listed active values are taken.
    #[serde(default)]
    pub restricted_picklist: bool,
    /// No two rows share a value.
    #[serde(default)]
    pub unique: bool,
    /// A custom external id.
    #[serde(default)]
    pub external_id: bool,
    /// May be used as an upsert key.
    #[serde(default)]
    pub id_lookup: bool,
    /// Compared with case.
    #[serde(default)]
    pub case_sensitive: bool,
    /// Ends in `__c`.
    #[serde(default)]
    pub custom: bool,
    /// Numbered by the org.
    #[serde(default)]
    pub auto_number: bool,
    /// The field people know the row by.
    #[serde(default)]
    pub name_field: bool,
    /// Rich text.
    #[serde(default)]
    pub html_formatted: bool,
    /// Looks up several types.
    #[serde(default)]
    pub polymorphic_foreign_key: bool,
    /// Types a lookup points to.
    #[serde(default)]
    pub reference_to: Vec<String>,
    /// Name of the lookup in a path (`Owner`).
    #[serde(default)]
    pub relationship_name: Option<String>,
    /// The compound this field is a part of.
    #[serde(default)]
    pub compound_field_name: Option<String>,
    /// The values of a picklist.
    #[serde(default)]
    pub picklist_values: Vec<PicklistEntry>,
    /// What a new row gets.
    #[serde(default)]
    pub default_value: Json,
}

impl FieldType {
    /// How values are stored.
    pub fn kind(&self) -> Kind {
        match self.wire_type.as_str() {
            "id" => Kind::Id,
            "reference" => Kind::Reference,
            "string" | "textarea" | "url" | "phone" | "email" | "combobox" | "encryptedstring" => Kind::Text,
            "picklist" => Kind::Picklist,
            "multipicklist" => Kind::MultiPicklist,
            "boolean" => Kind::Boolean,
            "int" | "long" => Kind::Int,
            "double" | "currency" | "percent" => Kind::Double,
            "date" => Kind::Date,
            "datetime" => Kind::DateTime,
            "time" => Kind::Time,
            "address" => Kind::Address,
            "location" => Kind::Location,
            "base64" => Kind::Base64,
            _ => Kind::Other,
        }
    }
    /// Text areas above 255 characters: not filterable, and two custom ones shorten a query's page.
    pub fn is_long_text(&self) -> bool {
        self.wire_type == "textarea" && self.length > 255
    }
    /// Must be given on create: createable, not nillable and without a default.
    pub fn is_required(&self) -> bool {
        self.createable && !self.nillable && !self.defaulted_on_create && self.kind() != Kind::Boolean
    }
}

/// A record type of an sObject, the master excepted.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordTypeInfo {
    #[serde(rename = "recordTypeId")]
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) developer_name: String,
    #[serde(default = "yes")]
    pub(crate) active: bool,
    /// What a new row gets.
    #[serde(default)]
    pub(crate) default_record_type_mapping: bool,
    #[serde(default)]
    master: bool,
}

/// A child relationship, from the parent's side.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChildType {
    /// The child sObject.
    #[serde(rename = "childSObject")]
    pub child: String,
    /// Its lookup.
    pub field: String,
    /// Name in a child subquery; none: not queryable.
    #[serde(default)]
    pub relationship_name: Option<String>,
    /// Children go with the parent.
    #[serde(default)]
    pub cascade_delete: bool,
    /// Children keep the parent from being deleted.
    #[serde(default)]
    pub restricted_delete: bool,
}

/// One sObject.
#[derive(Debug, Clone)]
pub struct SObjectType {
    /// API name in describe case.
    pub name: String,
    /// What people see.
    pub label: String,
    /// First three characters of its ids.
    pub key_prefix: Option<String>,
    /// Rows can be queried.
    pub queryable: bool,
    /// Rows can be created.
    pub createable: bool,
    /// Rows can be changed.
    pub updateable: bool,
    /// Rows can be deleted.
    pub deletable: bool,
    /// Has `updated` and `deleted` resources.
    pub replicateable: bool,
    /// Fields in describe order. A row's cells are in the same order.
    pub fields: Vec<FieldType>,
    /// Child relationships.
    pub children: Vec<ChildType>,
    /// When describe last changed: its `Last-Modified`.
    pub changed_at: Timestamp,
    pub(crate) system: SystemFields,
    by_name: BTreeMap<String, usize>,
    by_relationship: BTreeMap<String, usize>,
    /// Shared between clones: thousands of entries.
    describe: Arc<Map<String, Json>>,
}

/// Where the columns stand that the org itself fills.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemFields {
    pub(crate) id: usize,
    pub(crate) is_deleted: Option<usize>,
    pub(crate) created_date: Option<usize>,
    pub(crate) created_by: Option<usize>,
    pub(crate) modified_date: Option<usize>,
    pub(crate) modified_by: Option<usize>,
    pub(crate) system_modstamp: Option<usize>,
    pub(crate) owner: Option<usize>,
}

/// A describe that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaError {
    /// What is wrong with which sObject.
    pub message: String,
}
impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for SchemaError {}
pub(crate) fn schema_error(message: impl Into<String>) -> SchemaError {
    SchemaError { message: message.into() }
}

impl SObjectType {
    pub(super) fn reindex(&mut self) -> Result<(), SchemaError> {
        self.by_name = names(&self.fields, |f| Some(&f.name));
        self.by_relationship = names(&self.fields, |f| f.relationship_name.as_deref());
        let at = |name: &str| self.by_name.get(name).copied();
        self.system = SystemFields {
            id: at("id").filter(|at| self.fields[*at].kind() == Kind::Id).ok_or_else(|| {
                schema_error(format!("sObject {}: there is no field Id of type id", self.name))
            })?,
            is_deleted: at("isdeleted"),
            created_date: at("createddate"),
            created_by: at("createdbyid"),
            modified_date: at("lastmodifieddate"),
            modified_by: at("lastmodifiedbyid"),
            system_modstamp: at("systemmodstamp"),
            owner: at("ownerid"),
        };
        Ok(())
    }

    /// Position of a field; names compare without case.
    pub fn position(&self, field: &str) -> Option<usize> {
        self.by_name.get(&field.to_ascii_lowercase()).copied()
    }
    /// A field by name.
    pub fn field(&self, name: &str) -> Option<&FieldType> {
        self.position(name).map(|at| &self.fields[at])
    }
    /// Position of the lookup with this relationship name (`Owner` → `OwnerId`).
    pub fn relationship(&self, name: &str) -> Option<usize> {
        self.by_relationship.get(&name.to_ascii_lowercase()).copied()
    }
    /// The child relationship with this name (`Opportunities`).
    pub fn child(&self, relationship: &str) -> Option<&ChildType> {
        self.children
            .iter()
            .find(|c| c.relationship_name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(relationship)))
    }
    /// What `USING SCOPE` takes: what describe lists, and at least `everything` and, of what has owners, `mine`.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        let listed = self.describe.get("supportedScopes").and_then(Json::as_array).into_iter().flatten();
        let listed = listed.filter_map(|scope| scope.get("name").and_then(Json::as_str));
        listed.chain(["everything"]).chain(self.system.owner.map(|_| "mine"))
    }
    /// The record types that the describe names, without the master.
    pub(crate) fn record_types(&self) -> Vec<RecordTypeInfo> {
        let infos = self.describe.get("recordTypeInfos").and_then(Json::as_array);
        let infos = infos.into_iter().flatten().filter_map(|info| RecordTypeInfo::deserialize(info).ok());
        infos.filter(|info| !info.master).collect()
    }
    /// The describe this type was read from, changes included.
    pub(crate) fn describe(&self) -> &Map<String, Json> {
        &self.describe
    }

    pub(crate) fn set_key_prefix(&mut self, prefix: Option<String>) {
        Arc::make_mut(&mut self.describe).insert("keyPrefix".into(), prefix.clone().into());
        self.key_prefix = prefix;
    }

    /// Opens or closes a picklist value. A value that was not listed is added.
    pub(crate) fn set_picklist_active(
        &mut self,
        field: &str,
        value: &str,
        active: bool,
        now: Timestamp,
    ) -> Option<()> {
        let at = self.position(field)?;
        let values = &mut self.fields[at].picklist_values;
        match values.iter_mut().find(|v| v.value == value) {
            Some(entry) => entry.active = active,
            None => values.push(PicklistEntry {
                value: value.into(),
                label: Some(value.into()),
                active,
                default_value: false,
            }),
        }
        let list = Arc::make_mut(&mut self.describe).get_mut("fields")?.get_mut(at)?.as_object_mut()?;
        let list = list.entry("picklistValues").or_insert_with(|| Json::Array(Vec::new())).as_array_mut()?;
        match list.iter_mut().find(|v| v.get("value").and_then(Json::as_str) == Some(value)) {
            Some(entry) => entry["active"] = Json::Bool(active),
            None => list.push(serde_json::json!({
                "active": active, "defaultValue": false, "label": value, "validFor": null, "value": value
            })),
        }
        self.changed_at = self.changed_at.max(now);
        Some(())
    }
}

fn names<'f>(
    fields: &'f [FieldType],
    name: impl Fn(&'f FieldType) -> Option<&'f str>,
) -> BTreeMap<String, usize> {
    fields.iter().enumerate().filter_map(|(i, f)| Some((name(f)?.to_ascii_lowercase(), i))).collect()
}

/// All sObjects of an org. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    types: BTreeMap<String, Arc<SObjectType>>,
    by_prefix: BTreeMap<String, String>,
}
impl Schema {
    /// Adds or replaces an sObject.
    pub fn add(&mut self, sobject: SObjectType) {
        let key = sobject.name.to_ascii_lowercase();
        self.by_prefix.retain(|_, named| *named != key);
        if let Some(prefix) = &sobject.key_prefix {
            self.by_prefix.insert(prefix.clone(), key.clone());
        }
        self.types.insert(key, Arc::new(sobject));
    }
    /// An sObject by name, without case.
    pub fn get(&self, name: &str) -> Option<&Arc<SObjectType>> {
        self.types.get(&name.to_ascii_lowercase())
    }
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut SObjectType> {
        self.types.get_mut(&name.to_ascii_lowercase()).map(Arc::make_mut)
    }
    /// The sObject whose ids start with these three characters.
    pub fn by_prefix(&self, prefix: &str) -> Option<&Arc<SObjectType>> {
        self.types.get(self.by_prefix.get(prefix)?)
    }
    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<SObjectType>> {
        self.types.values()
    }
}
