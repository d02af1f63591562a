//! The objects of the org, as the describe answers of a real one.
//!
//! The sources are data beside the code (`schema/*.json`): one line a field, in a compact notation that is expanded here
//! to the full answer (REST API guide, "sObject Describe"). All keys of a recorded answer are there except `urls`, which depend on
//! the API version of the request.
mod answer;
pub(crate) mod complete;
mod source;

use serde_json::Value;
use std::sync::LazyLock;

const SYSTEM: &str = include_str!("../../schema/system.json");
const OBJECTS: [&str; 15] = [
    include_str!("../../schema/account.json"),
    include_str!("../../schema/case.json"),
    include_str!("../../schema/case_comment.json"),
    include_str!("../../schema/contact.json"),
    include_str!("../../schema/content.json"),
    include_str!("../../schema/document.json"),
    include_str!("../../schema/email_message.json"),
    include_str!("../../schema/event.json"),
    include_str!("../../schema/lead.json"),
    include_str!("../../schema/opportunity.json"),
    include_str!("../../schema/opportunity_stage.json"),
    include_str!("../../schema/organization.json"),
    include_str!("../../schema/picklist_values.json"),
    include_str!("../../schema/task.json"),
    include_str!("../../schema/user.json"),
];
const CX_DEMO: &str = include_str!("../../schema/cx_demo.json");

/// Describe answers of the standard objects without custom fields: Account, Attachment, Case, CaseComment, CaseStatus, Contact,
/// ContentDocument, ContentDocumentLink, ContentVersion, Document, EmailMessage, Event, Folder, Group, Lead, LeadStatus, Opportunity,
/// OpportunityStage, Organization, Profile, RecordType, Task, TaskPriority, TaskStatus, User, UserRole; sorted by name.
///
/// Fields, types, lengths, flags and picklists are those of recorded describe answers of a new org (REST API 48.0 to 59.0) and of the
/// Object Reference. Left out: fields of features that a new org has switched off (state codes, currencies, record types, Data.com,
/// privacy, Shared Activities with its junction id lists), and in polymorphic lookups the objects that this org does not have.
pub fn standard() -> &'static [Value] {
    static ANSWERS: LazyLock<Vec<Value>> = LazyLock::new(|| load(SYSTEM, &OBJECTS, None).0);
    &ANSWERS
}

/// The same with the demo's custom fields on Account and Opportunity (`schema/cx_demo.json`).
pub fn demo() -> &'static [Value] {
    static ANSWERS: LazyLock<Vec<Value>> = LazyLock::new(|| load(SYSTEM, &OBJECTS, Some(CX_DEMO)).0);
    &ANSWERS
}

/// Expands the sources. What cannot be read is left out and named; a test keeps the embedded sources free of it.
fn load(system: &str, objects: &[&str], extension: Option<&str>) -> (Vec<Value>, Vec<String>) {
    let mut problems = Vec::new();
    let system = match serde_json::from_str(system) {
        Ok(system) => system,
        Err(e) => return (Vec::new(), vec![format!("system.json: {e}")]),
    };
    let mut expanded: Vec<source::Object> = Vec::new();
    for text in objects {
        let sources = if text.starts_with('[') {
            serde_json::from_str::<Vec<source::ObjectSource>>(text)
        } else {
            serde_json::from_str(text).map(|one| vec![one])
        };
        match sources {
            Err(e) => problems.push(e.to_string()),
            Ok(sources) => {
                for source in sources {
                    match source.expand(&system) {
                        Ok(object) => expanded.push(object),
                        Err(e) => problems.push(e),
                    }
                }
            }
        }
    }
    if let Some(text) = extension {
        let fields = serde_json::from_str::<source::ExtensionSource>(text).map_err(|e| e.to_string());
        match fields.and_then(source::ExtensionSource::expand) {
            Err(e) => problems.push(e),
            Ok(fields) => {
                for (name, field) in fields {
                    match expanded.iter_mut().find(|object| object.name == name) {
                        Some(object) => object.fields.push(field),
                        None => problems.push(format!("{name}: no such object to extend")),
                    }
                }
            }
        }
    }
    expanded.sort_by(|a, b| a.name.cmp(&b.name));
    (expanded.iter().map(|object| answer::describe(object, &expanded)).collect(), problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn object<'a>(all: &'a [Value], name: &str) -> &'a Value {
        all.iter().find(|o| o["name"] == name).expect(name)
    }
    fn field<'a>(object: &'a Value, name: &str) -> &'a Value {
        object["fields"].as_array().unwrap().iter().find(|f| f["name"] == name).expect(name)
    }

    #[test]
    fn the_embedded_sources_have_no_problems() {
        let (all, problems) = load(SYSTEM, &OBJECTS, Some(CX_DEMO));
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(all.len(), 26);
        assert_eq!(standard().len(), 26);
    }

    #[test]
    fn every_field_has_the_57_keys_of_a_recorded_describe() {
        for object in demo() {
            for field in object["fields"].as_array().unwrap() {
                assert_eq!(field.as_object().unwrap().len(), 57, "{} {}", object["name"], field["name"]);
            }
        }
    }

    #[test]
    fn names_are_unique_within_an_object_without_case() {
        for object in demo() {
            let fields = object["fields"].as_array().unwrap();
            let names: BTreeSet<String> =
                fields.iter().map(|f| f["name"].as_str().unwrap().to_lowercase()).collect();
            assert_eq!(names.len(), fields.len(), "{}", object["name"]);
        }
    }

    #[test]
    fn required_on_create_is_what_recorded_describes_say() {
        let required = |name: &str| -> Vec<String> {
            let fields = object(demo(), name)["fields"].as_array().unwrap().iter();
            let yes = fields.filter(|f| {
                f["createable"] == true && f["nillable"] == false && f["defaultedOnCreate"] == false
            });
            yes.map(|f| f["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(required("Account"), ["Name"]);
        assert_eq!(required("Contact"), ["LastName"]);
        assert_eq!(required("Lead"), ["LastName", "Company"]);
        assert_eq!(required("Case"), [""; 0]);
        assert_eq!(required("CaseComment"), ["ParentId"]);
        assert_eq!(required("EmailMessage"), ["Status"]);
        assert_eq!(required("Event"), [""; 0]);
        assert_eq!(required("Opportunity"), ["Name", "StageName", "CloseDate"]);
        assert_eq!(required("Task"), [""; 0]);
        assert_eq!(
            required("User"),
            [
                "Username",
                "LastName",
                "Email",
                "Alias",
                "CommunityNickname",
                "TimeZoneSidKey",
                "LocaleSidKey",
                "ProfileId",
                "LanguageLocaleKey",
                "EmailEncodingKey"
            ]
        );
    }

    #[test]
    fn the_write_back_fields_are_typed_as_the_product_says() {
        let source: Value = serde_json::from_str(CX_DEMO).unwrap();
        for (name, count) in [("Account", 24), ("Opportunity", 2)] {
            let write: Vec<&Value> =
                source["extend"][name].as_array().unwrap().iter().filter(|f| f["write"] == true).collect();
            assert_eq!(write.len(), count);
            for line in write {
                let field = field(object(demo(), name), line["name"].as_str().unwrap());
                assert_eq!(
                    (&field["createable"], &field["updateable"], &field["custom"]),
                    (&true.into(), &true.into(), &true.into())
                );
                match field["type"].as_str().unwrap() {
                    "textarea" => assert_eq!(
                        (&field["length"], &field["filterable"], &field["sortable"]),
                        (&32_768.into(), &false.into(), &false.into())
                    ),
                    "picklist" => assert_eq!(field["restrictedPicklist"], true),
                    other => assert_eq!((other, &field["name"]), ("date", &"Last_CX_Update__c".into())),
                }
            }
        }
    }

    #[test]
    fn an_address_is_eight_parts_and_a_read_only_compound() {
        let account = object(standard(), "Account");
        let parts = account["fields"].as_array().unwrap().iter();
        assert_eq!(parts.filter(|f| f["compoundFieldName"] == "BillingAddress").count(), 8);
        let compound = field(account, "BillingAddress");
        assert_eq!((&compound["type"], &compound["createable"]), (&"address".into(), &false.into()));
        assert_eq!(field(account, "BillingStreet")["label"], "Billing Street");
    }

    #[test]
    fn child_relationships_follow_from_the_references_of_the_children() {
        let account = object(standard(), "Account");
        let child = |of: &str, field: &str| {
            let all = account["childRelationships"].as_array().unwrap().iter();
            all.clone().find(|c| c["childSObject"] == of && c["field"] == field).expect(field).clone()
        };
        let opportunities = child("Opportunity", "AccountId");
        assert_eq!(opportunities["relationshipName"], "Opportunities");
        assert_eq!(opportunities["cascadeDelete"], true);
        assert_eq!(child("Task", "AccountId")["relationshipName"], Value::Null);
        assert_eq!(child("Task", "WhatId")["relationshipName"], "Tasks");
        assert_eq!(child("Account", "ParentId")["relationshipName"], "ChildAccounts");
        assert_eq!(child("Account", "ParentId")["cascadeDelete"], false);
    }

    #[test]
    fn a_broken_source_is_named() {
        let broken = r#"{"name":"X","label":"X","labelPlural":"Xs","keyPrefix":"a00","flags":[],"fields":[
            {"name":"A__c","label":"A","type":"colour 3","flags":""}]}"#;
        let (all, problems) = load(SYSTEM, &[broken], None);
        assert!(all.is_empty());
        assert_eq!(problems, ["X.A__c: unknown type \"colour\""]);
    }
}
