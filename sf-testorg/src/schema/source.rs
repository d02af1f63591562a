//! The compact notation of `schema/*.json`.
//!
//! A field is `{"name", "label", "type": "picklist 40", "flags": "CUNFSGA", …}`, a field that every object has
//! `{"use": "CreatedDate"}`, the nine parts of an address `{"address": "Billing"}`. A custom field starts with the flags
//! of its type; its own flags are added. A picklist value with another label is `"value=label"`. Values that several picklists
//! share are listed once, in `valueSets`. `permissionable` and `bytes` are there where a recorded describe differs from the rule.
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub(super) struct SystemSource {
    fields: Vec<FieldSource>,
    address: Vec<FieldSource>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ObjectSource {
    name: String,
    label: String,
    label_plural: String,
    /// Objects without one have rows all the same, or none.
    #[serde(default)]
    key_prefix: Option<String>,
    flags: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
    fields: Vec<Line>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExtensionSource {
    #[serde(default)]
    value_sets: BTreeMap<String, Vec<String>>,
    extend: BTreeMap<String, Vec<FieldSource>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Use {
        #[serde(rename = "use")]
        name: String,
        label: Option<String>,
    },
    Address {
        address: String,
    },
    Field(Box<FieldSource>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FieldSource {
    name: String,
    label: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    flags: String,
    #[serde(default)]
    values: Vec<String>,
    value_set: Option<String>,
    default: Option<String>,
    relationship: Option<String>,
    children: Option<String>,
    on_delete: Option<String>,
    compound: Option<String>,
    extra_type_info: Option<String>,
    permissionable: Option<bool>,
    bytes: Option<u32>,
    #[serde(default)]
    unique: bool,
}

/// An object, expanded.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) label_plural: String,
    pub(super) key_prefix: Option<String>,
    /// Words like `searchable`, `readOnly`.
    pub(super) flags: Vec<String>,
    /// Names of the scopes beyond `everything` and `mine`.
    pub(super) scopes: Vec<String>,
    pub(super) fields: Vec<Field>,
}

impl Object {
    pub(super) fn is(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }
}

/// A field, expanded: what varies from field to field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) wire_type: String,
    /// Flag letters; see `schema/system.json`.
    pub(super) flags: String,
    pub(super) length: u32,
    pub(super) digits: u32,
    pub(super) precision: u32,
    pub(super) scale: u32,
    /// Picklist values with their labels.
    pub(super) values: Vec<(String, String)>,
    pub(super) default: Option<String>,
    pub(super) reference_to: Vec<String>,
    /// The way up from this reference.
    pub(super) relationship: Option<String>,
    /// The way down to this reference.
    pub(super) children: Option<String>,
    pub(super) cascade_delete: bool,
    pub(super) restricted_delete: bool,
    pub(super) compound: Option<String>,
    pub(super) extra_type_info: Option<String>,
    pub(super) permissionable: bool,
    pub(super) bytes: u32,
    pub(super) unique: bool,
}

impl Field {
    pub(super) fn is(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }
    pub(super) fn custom(&self) -> bool {
        self.name.ends_with("__c")
    }
}

const OBJECT_FLAGS: [&str; 10] = [
    "deepCloneable",
    "feedEnabled",
    "mergeable",
    "mruEnabled",
    "searchable",
    "notCreateable",
    "notDeletable",
    "noRecordTypes",
    "notTriggerable",
    "readOnly",
];

impl ObjectSource {
    pub(super) fn expand(self, system: &SystemSource) -> Result<Object, String> {
        let ObjectSource { name, label, label_plural, key_prefix, flags, scopes, fields: lines } = self;
        if let Some(flag) = flags.iter().find(|flag| !OBJECT_FLAGS.contains(&flag.as_str())) {
            return Err(format!("{name}: unknown flag {flag:?}"));
        }
        let none = BTreeMap::new();
        let mut fields = Vec::new();
        for line in lines {
            match line {
                Line::Field(source) => fields.push(source.expand(&name, &none)?),
                Line::Use { name: used, label: own_label } => {
                    let mut source = system
                        .fields
                        .iter()
                        .find(|f| f.name == used)
                        .cloned()
                        .ok_or_else(|| format!("{name}.{used}: no such system field"))?;
                    source.label = own_label.unwrap_or_else(|| source.label.replace("{object}", &label));
                    fields.push(source.expand(&name, &none)?);
                }
                Line::Address { address } => {
                    for part in &system.address {
                        let mut source = part.clone();
                        source.name = source.name.replace("{prefix}", &address);
                        source.label = source.label.replace("{label}", &address).trim_start().to_owned();
                        source.compound = (source.kind != "address").then(|| format!("{address}Address"));
                        fields.push(source.expand(&name, &none)?);
                    }
                }
            }
        }
        Ok(Object { name, label, label_plural, key_prefix, flags, scopes, fields })
    }
}

impl ExtensionSource {
    /// The custom fields, each with the object it belongs to.
    pub(super) fn expand(self) -> Result<Vec<(String, Field)>, String> {
        let ExtensionSource { value_sets, extend } = self;
        let mut fields = Vec::new();
        for (object, sources) in extend {
            for source in sources {
                fields.push((object.clone(), source.expand(&object, &value_sets)?));
            }
        }
        Ok(fields)
    }
}

impl FieldSource {
    fn expand(self, object: &str, sets: &BTreeMap<String, Vec<String>>) -> Result<Field, String> {
        let place = format!("{object}.{}", self.name);
        let (wire, size) = self.kind.split_once(' ').unwrap_or((&self.kind, ""));
        let number = |text: &str| text.parse::<u32>().map_err(|_| format!("{place}: {text:?} is not a size"));
        let (mut length, mut digits, mut precision, mut scale) = (0, 0, 0, 0);
        let mut reference_to = Vec::new();
        match wire {
            "id" => length = 18,
            "reference" => {
                length = 18;
                reference_to = size.split(',').map(str::to_owned).collect();
            }
            "string" | "textarea" | "phone" | "url" | "email" | "picklist" | "multipicklist" | "combobox" => {
                length = number(size)?;
            }
            "int" => digits = number(size)?,
            "double" | "currency" | "percent" => {
                let (total, fraction) =
                    size.split_once(',').ok_or_else(|| format!("{place}: a number needs precision,scale"))?;
                (precision, scale) = (number(total)?, number(fraction)?);
            }
            "boolean" | "date" | "datetime" | "address" | "base64" => {}
            other => return Err(format!("{place}: unknown type {other:?}")),
        }
        let mut flags = if self.name.ends_with("__c") { custom_flags(wire, length) } else { "" }.to_owned();
        flags.push_str(&self.flags);
        if let Some(letter) = flags.chars().find(|c| !"CUNDFSGAKRPna".contains(*c)) {
            return Err(format!("{place}: unknown flag {letter:?}"));
        }
        let values = match &self.value_set {
            Some(set) => sets.get(set).cloned().ok_or_else(|| format!("{place}: no value set {set:?}"))?,
            None => self.values,
        };
        let labelled = |value: String| match value.split_once('=') {
            Some((value, label)) => (value.to_owned(), label.to_owned()),
            None => (value.clone(), value),
        };
        let values: Vec<(String, String)> = values.into_iter().map(labelled).collect();
        if let Some(default) = &self.default
            && !values.is_empty()
            && !values.iter().any(|(value, _)| value == default)
        {
            return Err(format!("{place}: the default {default:?} is no value of it"));
        }
        if let Some(on_delete) = &self.on_delete
            && !["cascade", "restrict"].contains(&on_delete.as_str())
        {
            return Err(format!("{place}: unknown onDelete {on_delete:?}"));
        }
        let has = |flag: char| flags.contains(flag);
        // Field-level security can be set where a value may be missing and people may enter it.
        let permissionable = has('N') && (has('C') || has('U')) || wire == "address";
        let bytes = if matches!(wire, "id" | "reference") { length } else { length * 3 };
        Ok(Field {
            permissionable: self.permissionable.unwrap_or(permissionable),
            bytes: self.bytes.unwrap_or(bytes),
            wire_type: wire.to_owned(),
            extra_type_info: self
                .extra_type_info
                .or_else(|| (wire == "textarea").then(|| "plaintextarea".to_owned())),
            name: self.name,
            label: self.label,
            flags,
            length,
            digits,
            precision,
            scale,
            values,
            default: self.default,
            reference_to,
            relationship: self.relationship,
            children: self.children,
            cascade_delete: self.on_delete.as_deref() == Some("cascade"),
            restricted_delete: self.on_delete.as_deref() == Some("restrict"),
            compound: self.compound,
            unique: self.unique,
        })
    }
}

/// The flags that a custom field of this type has in a real org.
pub(super) fn custom_flags(wire: &str, length: u32) -> &'static str {
    match wire {
        "boolean" => "CUDFSG",
        "textarea" if length > 255 => "CUN",
        "textarea" => "CUNFSG",
        "multipicklist" => "CUNF",
        "double" | "currency" | "percent" | "datetime" => "CUNFSA",
        _ => "CUNFSGA",
    }
}
