//! The describe answer of one object: every key that a recorded answer has, `urls` left out.
//! What the simulated org does not have is `null`, `false` or empty.
use super::source::{Field, Object};
use serde_json::{Map, Value, json};

/// Keys that are `false` on every field.
const FALSE: [&str; 10] = [
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
const NULL: [&str; 9] = [
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
const LETTERS: [(&str, char); 14] = [
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
    let mut scopes = vec![json!({"label": format!("All {plural}"), "name": "everything"})];
    if object.fields.iter().any(|f| f.name == "OwnerId") {
        scopes.push(json!({"label": format!("My {plural}"), "name": "mine"}));
    }
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
        "name": object.name,
        "namedLayoutInfos": [],
        "queryable": true,
        "recordTypeInfos": [{
            "active": true,
            "available": true,
            "defaultRecordTypeMapping": true,
            "developerName": "Master",
            "master": true,
            "name": "Master",
            "recordTypeId": "012000000000000AAA",
            "urls": {},
        }],
        "replicateable": true,
        "retrieveable": true,
        "searchLayoutable": searchable,
        "searchable": searchable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": scopes,
        "triggerable": writable,
        "undeletable": deletable,
        "updateable": writable,
    });
    let mut answer = entries(about);
    for key in [
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
    ] {
        answer.insert(key.into(), Value::Null);
    }
    for key in [
        "activateable",
        "customSetting",
        "deepCloneable",
        "deprecatedAndHidden",
        "hasSubtypes",
        "isInterface",
        "isSubtype",
    ] {
        answer.insert(key.into(), false.into());
    }
    Value::Object(answer)
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

fn field(field: &Field) -> Value {
    let soap = match field.wire_type.as_str() {
        "id" | "reference" => "tns:ID",
        "boolean" => "xsd:boolean",
        "int" => "xsd:int",
        "double" | "currency" | "percent" => "xsd:double",
        "date" => "xsd:date",
        "datetime" => "xsd:dateTime",
        "base64" => "xsd:base64Binary",
        "address" => "urn:address",
        _ => "xsd:string",
    };
    let default_value = match (field.wire_type.as_str(), &field.default) {
        ("boolean", _) => Value::Bool(false),
        (_, Some(value)) if field.values.is_empty() => value.as_str().into(),
        _ => Value::Null,
    };
    let picklist: Vec<Value> = field
        .values
        .iter()
        .map(|value| {
            json!({
                "active": true,
                "defaultValue": field.default.as_ref() == Some(value),
                "label": value,
                "validFor": null,
                "value": value,
            })
        })
        .collect();
    let mut entry = entries(json!({
        "byteLength": field.length * 3,
        "cascadeDelete": field.cascade_delete,
        "compoundFieldName": field.compound,
        "custom": field.custom(),
        "defaultValue": default_value,
        "digits": field.digits,
        "externalId": false,
        "extraTypeInfo": field.extra_type_info,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        // Field-level security can be set where a value may be missing and people may enter it.
        "permissionable": field.is('N') && (field.is('C') || field.is('U')),
        "picklistValues": picklist,
        "precision": field.precision,
        "queryByDistance": field.wire_type == "address",
        "referenceTo": field.reference_to,
        "relationshipName": field.relationship,
        "restrictedDelete": field.restricted_delete,
        "scale": field.scale,
        "searchPrefilterable": field.wire_type == "reference",
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

fn entries(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}
