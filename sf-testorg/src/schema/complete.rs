//! The keys that every describe answer has: what a describe from elsewhere leaves out gets its usual empty value.
use super::answer::{FALSE, LETTERS, NULL, OBJECT_FALSE, OBJECT_NULL, soap_type};
use super::source::custom_flags;
use serde_json::{Map, Value, json};

type Keys = Map<String, Value>;

/// Permissions of an sObject; a custom one that names none has all.
const OBJECT_PERMISSIONS: [&str; 3] = ["createable", "updateable", "deletable"];
/// Flags of a field; a custom one that names none has those of a new custom field of its type.
const FIELD_PERMISSIONS: [&str; 4] = ["createable", "updateable", "nillable", "filterable"];

fn is_custom(name: &str) -> bool {
    name.ends_with("__c") || name.ends_with("__s")
}

fn text(keys: &Keys, key: &str) -> String {
    keys.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Puts the value where there is none; null counts as none.
fn default(keys: &mut Keys, key: &str, value: Value) {
    if keys.get(key).is_none_or(Value::is_null) {
        keys.insert(key.to_owned(), value);
    }
}

/// Completes the describe of an sObject, its fields excepted.
pub(crate) fn sobject(keys: &mut Keys) {
    let name = text(keys, "name");
    let custom = is_custom(&name);
    let label = match text(keys, "label") {
        label if label.is_empty() => name.trim_end_matches("__c").replace('_', " "),
        label => label,
    };
    default(keys, "label", label.clone().into());
    default(keys, "labelPlural", format!("{label}s").into());
    default(keys, "custom", custom.into());
    if custom {
        system_fields(keys, &label);
        if !OBJECT_PERMISSIONS.iter().any(|key| keys.contains_key(*key)) {
            for key in OBJECT_PERMISSIONS.into_iter().chain([
                "undeletable",
                "triggerable",
                "layoutable",
                "searchable",
            ]) {
                keys.insert(key.to_owned(), true.into());
            }
        }
    }
    for key in ["queryable", "replicateable", "retrieveable"] {
        default(keys, key, true.into());
    }
    for key in OBJECT_FALSE.into_iter().chain(OBJECT_PERMISSIONS).chain([
        "compactLayoutable",
        "deepCloneable",
        "feedEnabled",
        "layoutable",
        "mergeable",
        "mruEnabled",
        "searchLayoutable",
        "searchable",
        "triggerable",
        "undeletable",
    ]) {
        default(keys, key, false.into());
    }
    for key in
        ["actionOverrides", "childRelationships", "namedLayoutInfos", "recordTypeInfos", "supportedScopes"]
    {
        default(keys, key, json!([]));
    }
    default(keys, "sobjectDescribeOption", "FULL".into());
    for key in OBJECT_NULL.into_iter().chain(["keyPrefix"]) {
        keys.entry(key).or_insert(Value::Null);
    }
}

/// What Salesforce gives a new custom sObject, in its order.
fn system_fields(keys: &mut Keys, label: &str) {
    let Some(Value::Array(fields)) = keys.get_mut("fields") else { return };
    let has =
        |name: &str| fields.iter().any(|f| f["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name)));
    if has("Id") {
        return;
    }
    let user = |name: &str, label: &str, relationship: &str| {
        json!({"name": name, "label": label, "type": "reference", "length": 18, "referenceTo": ["User"], "relationshipName": relationship,
            "defaultedOnCreate": true, "filterable": true, "sortable": true, "groupable": true, "aggregatable": true})
    };
    let moment = |name: &str, label: &str| {
        json!({"name": name, "label": label, "type": "datetime", "defaultedOnCreate": true, "filterable": true, "sortable": true,
            "aggregatable": true})
    };
    let mut owner = user("OwnerId", "Owner ID", "Owner");
    owner["createable"] = true.into();
    owner["updateable"] = true.into();
    let mut standard = vec![
        json!({"name": "Id", "label": "Record ID", "type": "id", "length": 18, "defaultedOnCreate": true, "filterable": true,
            "sortable": true, "groupable": true, "aggregatable": true, "idLookup": true}),
        owner,
        json!({"name": "IsDeleted", "label": "Deleted", "type": "boolean", "defaultedOnCreate": true, "defaultValue": false,
            "filterable": true, "sortable": true, "groupable": true}),
        json!({"name": "Name", "label": format!("{label} Name"), "type": "string", "length": 80, "createable": true,
            "updateable": true, "nillable": true, "filterable": true, "sortable": true, "groupable": true, "aggregatable": true,
            "idLookup": true, "nameField": true}),
        moment("CreatedDate", "Created Date"),
        user("CreatedById", "Created By ID", "CreatedBy"),
        moment("LastModifiedDate", "Last Modified Date"),
        user("LastModifiedById", "Last Modified By ID", "LastModifiedBy"),
        moment("SystemModstamp", "System Modstamp"),
    ];
    // The owner of a detail is that of its master.
    let is_detail = fields.iter().any(|f| f["cascadeDelete"] == true && f["type"] == "reference");
    standard
        .retain(|f| !(has(f["name"].as_str().unwrap_or_default()) || is_detail && f["name"] == "OwnerId"));
    fields.splice(0..0, standard);
}

/// Completes the describe of a field.
pub(crate) fn field(keys: &mut Keys) {
    let (name, kind) = (text(keys, "name"), text(keys, "type"));
    let number = |keys: &Keys, key: &str| keys.get(key).and_then(Value::as_u64).unwrap_or(0);
    let custom = is_custom(&name);
    if kind == "id" || kind == "reference" {
        default(keys, "length", 18.into());
    }
    let length = number(keys, "length");
    if custom && !FIELD_PERMISSIONS.iter().any(|key| keys.contains_key(*key)) {
        let flags = custom_flags(&kind, u32::try_from(length).unwrap_or(u32::MAX));
        for (key, letter) in LETTERS {
            if flags.contains(letter) {
                default(keys, key, true.into());
            }
        }
    }
    if custom && kind == "reference" && !keys.contains_key("relationshipName") {
        keys.insert("relationshipName".into(), format!("{}__r", name.trim_end_matches("__c")).into());
    }
    for (key, _) in LETTERS {
        default(keys, key, false.into());
    }
    for key in FALSE {
        default(keys, key, false.into());
    }
    for key in NULL {
        keys.entry(key).or_insert(Value::Null);
    }
    for key in [
        "cascadeDelete",
        "externalId",
        "queryByDistance",
        "restrictedDelete",
        "searchPrefilterable",
        "unique",
        "writeRequiresMasterRead",
    ] {
        default(keys, key, false.into());
    }
    for key in ["digits", "length", "precision", "scale"] {
        default(keys, key, 0.into());
    }
    let bytes = if kind == "id" || kind == "reference" { length } else { length * 3 };
    default(keys, "byteLength", bytes.into());
    let is = |keys: &Keys, key: &str| keys.get(key).and_then(Value::as_bool).unwrap_or(false);
    let permissionable = is(keys, "nillable") && (is(keys, "createable") || is(keys, "updateable"));
    default(keys, "permissionable", permissionable.into());
    default(keys, "custom", custom.into());
    let label = name.trim_end_matches("__c").replace('_', " ");
    default(keys, "label", label.into());
    default(keys, "soapType", soap_type(&kind).into());
    for key in ["picklistValues", "referenceTo"] {
        default(keys, key, json!([]));
    }
    if kind == "boolean" {
        default(keys, "defaultValue", false.into());
    }
    for key in ["compoundFieldName", "defaultValue", "extraTypeInfo", "relationshipName"] {
        keys.entry(key).or_insert(Value::Null);
    }
    if let Some(Value::Array(values)) = keys.get_mut("picklistValues") {
        for value in values.iter_mut().filter_map(Value::as_object_mut) {
            let label = value.get("value").cloned().unwrap_or(Value::Null);
            default(value, "label", label);
            default(value, "active", true.into());
            default(value, "defaultValue", false.into());
            value.entry("validFor").or_insert(Value::Null);
        }
    }
}
