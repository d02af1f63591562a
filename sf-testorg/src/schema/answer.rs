//! The describe answer of one object: every key that a recorded answer has, `urls` left out.
//! What the simulated org does not have is `null`, `false` or empty.
use super::source::{Field, Object};
use serde_json::{Map, Value, json};

/// Keys that are `null` on every object.
pub(super) const OBJECT_NULL: [&str; 10] = [
    "associateEntityType",
    "associateParentEntity",
    "defaultImplementation",
    "extendedBy",
    "extendsInterfaces",
    "implementedBy",
    "implementsInterfaces",
    "listviewable",
    "lookupLayoutable",
    "networkScopeFieldName",
];
/// Keys that are `false` on every object.
pub(super) const OBJECT_FALSE: [&str; 6] =
    ["activateable", "customSetting", "deprecatedAndHidden", "hasSubtypes", "isInterface", "isSubtype"];
/// Keys that are `false` on every field.
pub(super) const FALSE: [&str; 10] = [
    "aiPredictionField",
    "calculated",
    "caseSensitive",
    "dependentPicklist",
    "deprecatedAndHidden",
    "displayLocationInDecimal",
    "encrypted",
    "formulaTreatNullNumberAsZero",
    "highScaleNumber",
    "htmlFormatted",
];
/// Keys that are `null` on every field.
pub(super) const NULL: [&str; 9] = [
    "calculatedFormula",
    "controllerName",
    "defaultValueFormula",
    "filteredLookupInfo",
    "inlineHelpText",
    "mask",
    "maskType",
    "referenceTargetField",
    "relationshipOrder",
];
/// Keys that follow from a flag letter.
pub(super) const LETTERS: [(&str, char); 14] = [
    ("aggregatable", 'A'),
    ("autoNumber", 'a'),
    ("createable", 'C'),
    ("defaultedOnCreate", 'D'),
    ("filterable", 'F'),
    ("groupable", 'G'),
    ("idLookup", 'K'),
    ("nameField", 'n'),
    ("namePointing", 'P'),
    ("nillable", 'N'),
    ("polymorphicForeignKey", 'P'),
    ("restrictedPicklist", 'R'),
    ("sortable", 'S'),
    ("updateable", 'U'),
];

pub(super) fn describe(object: &Object, all: &[Object]) -> Value {
    let writable = !object.is("readOnly");
    let deletable = writable && !object.is("notDeletable");
    let searchable = object.is("searchable");
    let plural = object.label_plural.to_lowercase();
    let about = json!({
        "actionOverrides": [],
        "childRelationships": children(object, all),
        "compactLayoutable": searchable,
        "createable": writable && !object.is("notCreateable"),
        "custom": object.name.ends_with("__c"),
        "deletable": deletable,
        "feedEnabled": object.is("feedEnabled"),
        "fields": object.fields.iter().map(field).collect::<Vec<_>>(),
        "keyPrefix": object.key_prefix,
        "label": object.label,
        "labelPlural": object.label_plural,
        "layoutable": searchable,
        "mergeable": object.is("mergeable"),
        "mruEnabled": object.is("mruEnabled"),
        "deepCloneable": object.is("deepCloneable"),
        "name": object.name,
        "namedLayoutInfos": [],
        "queryable": true,
        "recordTypeInfos": if object.is("noRecordTypes") { json!([]) } else { master_record_type() },
        "replicateable": true,
        "retrieveable": true,
        "searchLayoutable": searchable,
        "searchable": searchable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": scopes(object, &plural),
        "triggerable": writable && !object.is("notTriggerable"),
        "undeletable": deletable,
        "updateable": writable,
    });
    let mut answer = entries(about);
    answer.extend(OBJECT_NULL.map(|key| (key.to_owned(), Value::Null)));
    answer.extend(OBJECT_FALSE.map(|key| (key.to_owned(), Value::Bool(false))));
    Value::Object(answer)
}

/// The record type of an object without record types of its own.
fn master_record_type() -> Value {
    json!([{
        "active": true,
        "available": true,
        "defaultRecordTypeMapping": true,
        "developerName": "Master",
        "master": true,
        "name": "Master",
        "recordTypeId": "012000000000000AAA",
        "urls": {},
    }])
}

/// What `USING SCOPE` knows, by name, labelled as recorded describes label it.
fn scopes(object: &Object, plural: &str) -> Vec<Value> {
    let mut names: Vec<&str> = object.scopes.iter().map(String::as_str).collect();
    names.push("everything");
    if object.fields.iter().any(|f| f.name == "OwnerId") {
        names.push("mine");
    }
    names.sort_unstable();
    let labelled = names.into_iter().map(|name| {
        let label = match name {
            "delegated" => format!("My delegated {plural}"),
            "everything" => format!("All {plural}"),
            "genericteam" => format!("My case teams {plural}"),
            "queue_owned" => format!("Queue owned {plural}"),
            "scopingRule" => "Filter by scope".to_owned(),
            "team" => format!("My team's {plural}"),
            "team_by_role" => format!("My role-based team's {plural}"),
            "user_owned" => format!("User owned {plural}"),
            _ => format!("My {plural}"),
        };
        json!({"label": label, "name": name})
    });
    labelled.collect()
}

/// The ways down: the references of all objects to this one, seen from here.
fn children(parent: &Object, all: &[Object]) -> Vec<Value> {
    let references = all.iter().flat_map(|child| child.fields.iter().map(move |field| (child, field)));
    let to_parent = references.filter(|(_, field)| field.reference_to.contains(&parent.name));
    to_parent
        .map(|(child, field)| {
            json!({
                "cascadeDelete": field.cascade_delete,
                "childSObject": child.name,
                "deprecatedAndHidden": false,
                "field": field.name,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": field.children,
                "restrictedDelete": field.restricted_delete,
            })
        })
        .collect()
}

/// How SOAP names the type.
pub(super) fn soap_type(wire_type: &str) -> &'static str {
    match wire_type {
        "id" | "reference" => "tns:ID",
        "boolean" => "xsd:boolean",
        "int" => "xsd:int",
        "long" => "xsd:long",
        "double" | "currency" | "percent" => "xsd:double",
        "date" => "xsd:date",
        "datetime" => "xsd:dateTime",
        "time" => "xsd:time",
        "base64" => "xsd:base64Binary",
        "address" => "urn:address",
        "location" => "urn:location",
        _ => "xsd:string",
    }
}

fn field(field: &Field) -> Value {
    let soap = soap_type(&field.wire_type);
    let default_value = match (field.wire_type.as_str(), &field.default) {
        ("boolean", _) => Value::Bool(false),
        (_, Some(value)) => value.as_str().into(),
        _ => Value::Null,
    };
    let picklist: Vec<Value> = field
        .values
        .iter()
        .map(|(value, label)| {
            json!({
                "active": true,
                "defaultValue": field.default.as_ref() == Some(value),
                "label": label,
                "validFor": null,
                "value": value,
            })
        })
        .collect();
    let mut entry = entries(json!({
        "byteLength": field.bytes,
        // The recorded fields have it on master-detail relationships only, whatever the child relationship does.
        "cascadeDelete": false,
        "compoundFieldName": field.compound,
        "custom": field.custom(),
        "defaultValue": default_value,
        "digits": field.digits,
        "externalId": false,
        "extraTypeInfo": field.extra_type_info,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "permissionable": field.permissionable,
        "picklistValues": picklist,
        "precision": field.precision,
        "queryByDistance": field.wire_type == "address",
        "referenceTo": field.reference_to,
        "relationshipName": field.relationship,
        "restrictedDelete": false,
        "scale": field.scale,
        "searchPrefilterable": filters_search(field),
        "soapType": soap,
        "type": field.wire_type,
        "unique": field.unique,
        "writeRequiresMasterRead": false,
    }));
    entry.extend(FALSE.map(|key| (key.to_owned(), Value::Bool(false))));
    entry.extend(NULL.map(|key| (key.to_owned(), Value::Null)));
    entry.extend(LETTERS.map(|(key, letter)| (key.to_owned(), Value::Bool(field.is(letter)))));
    Value::Object(entry)
}

/// Lookups that people fill and that may stay empty; not owners, authors and survivors of a merge, in all recorded describes.
fn filters_search(field: &Field) -> bool {
    let people = ["User", "Group", "Calendar", "RecordType"];
    field.relationship.as_ref().is_some_and(|name| name != "MasterRecord")
        && field.is('N')
        && !field.reference_to.iter().any(|to| people.contains(&to.as_str()))
}

fn entries(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}
