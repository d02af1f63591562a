//! What every org's standard objects are: needs, picklists, stages, relationships, stamps.
use crate::given::Given;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

fn describe(given: &Given, object: &str) -> Value {
    given.get(&format!("/sobjects/{object}/describe")).1
}
fn field<'d>(describe: &'d Value, name: &str) -> &'d Value {
    describe["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["name"] == name)
        .unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn what_an_object_needs_on_create_is_what_describe_says() {
    let given = Given::empty();
    for (object, needs) in [
        ("Account", vec!["Name"]),
        ("Contact", vec!["LastName"]),
        ("Opportunity", vec!["CloseDate", "Name", "StageName"]),
        ("Lead", vec!["Company", "LastName"]),
        ("Case", vec![]),
        ("CaseComment", vec!["ParentId"]),
        ("Task", vec![]),
    ] {
        let describe = describe(&given, object);
        let flag = |f: &Value, key: &str| f[key] == true;
        let mut required: Vec<&str> = describe["fields"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| flag(f, "createable") && !flag(f, "nillable") && !flag(f, "defaultedOnCreate"))
            .map(|f| f["name"].as_str().unwrap())
            .collect();
        required.sort_unstable();
        assert_eq!(required, needs, "{object}");
        let (status, body) = given.post(&format!("/sobjects/{object}"), json!({}));
        if needs.is_empty() {
            assert_eq!(status, 201, "{object}: {body}");
        } else {
            let mut named: Vec<&str> =
                body[0]["fields"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
            named.sort_unstable();
            assert_eq!(named, needs, "{body}");
        }
    }
}

#[test]
fn types_lengths_and_flags_are_the_recorded_ones() {
    let given = Given::empty();
    // Object, field, type, length, and the flags createable updateable nillable filterable sortable groupable idLookup.
    for (object, name, kind, length, flags) in [
        ("Account", "Name", "string", 255, "cu-fsg-"),
        ("Account", "Phone", "phone", 40, "cunfsg-"),
        ("Account", "Website", "url", 255, "cunfsg-"),
        ("Account", "Description", "textarea", 32_000, "cun----"),
        ("Account", "AnnualRevenue", "currency", 0, "cunfs--"),
        ("Account", "NumberOfEmployees", "int", 0, "cunfsg-"),
        ("Account", "OwnerId", "reference", 18, "cu-fsg-"),
        ("Contact", "LastName", "string", 80, "cu-fsg-"),
        ("Contact", "Name", "string", 121, "---fsg-"),
        ("Contact", "Email", "email", 80, "cunfsgi"),
        ("Contact", "Birthdate", "date", 0, "cunfsg-"),
        ("Opportunity", "Name", "string", 120, "cu-fsgi"),
        ("Opportunity", "StageName", "picklist", 255, "cu-fsg-"),
        ("Opportunity", "IsWon", "boolean", 0, "---fsg-"),
        ("Opportunity", "ExpectedRevenue", "currency", 0, "--nfs--"),
        ("Opportunity", "HasOpenActivity", "boolean", 0, "-----g-"),
        ("Lead", "Company", "string", 255, "cu-fsg-"),
        ("Lead", "ConvertedDate", "date", 0, "--nfsg-"),
        ("Case", "CaseNumber", "string", 30, "---fs-i"),
        ("Case", "Comments", "textarea", 4_000, "cun-s--"),
        ("User", "Username", "string", 80, "cu-fsgi"),
        ("Account", "SystemModstamp", "datetime", 0, "---fs--"),
        ("Account", "LastViewedDate", "datetime", 0, "--nfs--"),
    ] {
        let describe = describe(&given, object);
        let found = field(&describe, name);
        let shown: String = [
            ("createable", 'c'),
            ("updateable", 'u'),
            ("nillable", 'n'),
            ("filterable", 'f'),
            ("sortable", 's'),
            ("groupable", 'g'),
            ("idLookup", 'i'),
        ]
        .iter()
        .map(|(key, letter)| if found[*key] == true { *letter } else { '-' })
        .collect();
        assert_eq!(
            (found["type"].as_str().unwrap(), &found["length"], shown.as_str()),
            (kind, &json!(length), flags),
            "{object}.{name}"
        );
    }
}

#[test]
fn the_default_stages_are_those_of_a_new_org() {
    let given = Given::empty();
    let soql = "SELECT ApiName, DefaultProbability, ForecastCategory, ForecastCategoryName, IsClosed, IsWon FROM OpportunityStage ORDER BY SortOrder";
    let rows: Vec<Value> = given
        .records(soql)
        .iter()
        .map(|r| {
            json!([
                r["ApiName"],
                r["DefaultProbability"],
                r["ForecastCategoryName"],
                r["IsClosed"],
                r["IsWon"]
            ])
        })
        .collect();
    let open = |name: &str, probability: f64| json!([name, probability, "Pipeline", false, false]);
    assert_eq!(
        rows,
        [
            open("Prospecting", 10.0),
            open("Qualification", 10.0),
            open("Needs Analysis", 20.0),
            open("Value Proposition", 50.0),
            open("Id. Decision Makers", 60.0),
            open("Perception Analysis", 70.0),
            open("Proposal/Price Quote", 75.0),
            open("Negotiation/Review", 90.0),
            json!(["Closed Won", 100.0, "Closed", true, true]),
            json!(["Closed Lost", 0.0, "Omitted", true, false]),
        ]
    );
    let account = given.account("a");
    for row in &rows {
        let deal = given.opportunity(&account, "o", row[0].as_str().unwrap());
        let found = given.get(&format!("/sobjects/Opportunity/{deal}")).1;
        let follows = json!([
            found["StageName"],
            found["Probability"],
            found["ForecastCategoryName"],
            found["IsClosed"],
            found["IsWon"]
        ]);
        assert_eq!(follows, *row);
    }
}

#[test]
fn picklists_have_the_values_and_defaults_of_a_new_org() {
    let given = Given::empty();
    for (object, name, first, default) in [
        ("Case", "Status", "New", Some("New")),
        ("Case", "Priority", "High", Some("Medium")),
        ("Lead", "Status", "Open - Not Contacted", Some("Open - Not Contacted")),
        ("Task", "Status", "Not Started", Some("Not Started")),
        ("Task", "Priority", "High", Some("Normal")),
        ("Account", "Rating", "Hot", None),
        ("Opportunity", "StageName", "Prospecting", None),
    ] {
        let describe = describe(&given, object);
        let values = field(&describe, name)["picklistValues"].as_array().unwrap();
        assert_eq!(values[0]["value"], first, "{object}.{name}");
        let found = values.iter().find(|v| v["defaultValue"] == true).map(|v| v["value"].as_str().unwrap());
        assert_eq!(found, default, "{object}.{name}");
    }
}

#[test]
fn child_relationships_have_their_names_and_cascades() {
    let given = Given::empty();
    for (parent, child, by, name, cascade, restricted) in [
        ("Account", "Contact", "AccountId", json!("Contacts"), true, false),
        ("Account", "Opportunity", "AccountId", json!("Opportunities"), true, false),
        ("Account", "Account", "ParentId", json!("ChildAccounts"), false, false),
        ("Account", "Case", "AccountId", json!("Cases"), false, true),
        ("Account", "Task", "WhatId", json!("Tasks"), true, false),
        ("Account", "Event", "WhatId", json!("Events"), true, false),
        ("Contact", "Case", "ContactId", json!("Cases"), false, true),
        ("Contact", "Task", "WhoId", json!("Tasks"), true, false),
        ("Contact", "Contact", "ReportsToId", Value::Null, false, false),
        ("Case", "CaseComment", "ParentId", json!("CaseComments"), true, false),
        ("Case", "EmailMessage", "ParentId", json!("EmailMessages"), true, false),
    ] {
        let describe = describe(&given, parent);
        let found = describe["childRelationships"]
            .as_array()
            .unwrap()
            .iter()
            .find(|r| r["childSObject"] == child && r["field"] == by)
            .unwrap_or_else(|| panic!("{parent} {child}.{by}"));
        assert_eq!(
            (&found["relationshipName"], &found["cascadeDelete"], &found["restrictedDelete"]),
            (&name, &json!(cascade), &json!(restricted)),
            "{parent} {child}.{by}"
        );
    }
}

#[test]
fn a_user_is_not_deleted_and_has_no_is_deleted() {
    let given = Given::empty();
    let user = given.org.credentials().user_id;
    assert_eq!(given.delete(&format!("/sobjects/User/{user}")).0, 400);
    let describe = describe(&given, "User");
    assert!(describe["fields"].as_array().unwrap().iter().all(|f| f["name"] != "IsDeleted"));
    assert_eq!(describe["deletable"], false);
}

#[test]
fn owners_of_leads_cases_and_tasks_may_be_queues() {
    let given = Given::empty();
    for object in ["Lead", "Case", "Task"] {
        let describe = describe(&given, object);
        let owner = field(&describe, "OwnerId");
        assert_eq!(
            (&owner["referenceTo"], &owner["polymorphicForeignKey"]),
            (&json!(["Group", "User"]), &json!(true)),
            "{object}"
        );
    }
    for object in ["Account", "Contact", "Opportunity"] {
        let describe = describe(&given, object);
        assert_eq!(field(&describe, "OwnerId")["referenceTo"], json!(["User"]), "{object}");
    }
}

#[test]
fn stamps_are_of_whole_seconds_and_rise_with_every_save() {
    let given = Given::empty();
    given.org.clock().advance(Duration::from_millis(1_900));
    let id = given.account("a");
    let row = |_: ()| {
        given.get(&format!("/sobjects/Account/{id}?fields=CreatedDate,LastModifiedDate,SystemModstamp")).1
    };
    let first = row(());
    assert_eq!(first["SystemModstamp"], "2026-01-05T09:00:01.000+0000");
    assert_eq!(first["LastModifiedDate"], first["SystemModstamp"]);
    given.org.clock().advance(Duration::from_secs(5));
    given.patch(&format!("/sobjects/Account/{id}"), json!({"Site": "x"}));
    let second = row(());
    assert_eq!(second["CreatedDate"], first["CreatedDate"]);
    assert_eq!(second["SystemModstamp"], "2026-01-05T09:00:06.000+0000");
    // A child's save is not the parent's.
    given.org.clock().advance(Duration::from_secs(5));
    given.insert("Contact", json!({"LastName": "c", "AccountId": id}));
    assert_eq!(row(()), second);
}

#[test]
fn a_deletion_moves_the_stamp_and_is_the_deleted_date() {
    let given = Given::empty();
    let id = given.account("a");
    given.org.clock().advance(Duration::from_secs(600));
    given.delete(&format!("/sobjects/Account/{id}"));
    let soql = crate::given::encode("SELECT SystemModstamp, IsDeleted FROM Account WHERE IsDeleted = true");
    let (_, body) = given.get(&format!("/queryAll?q={soql}"));
    assert_eq!(body["records"][0]["SystemModstamp"], "2026-01-05T09:10:00.000+0000");
    given.org.clock().advance(Duration::from_secs(600));
    let (_, body) =
        given.get("/sobjects/Account/deleted/?start=2026-01-05T09:00:00Z&end=2026-01-05T09:20:00Z");
    assert_eq!(body["deletedRecords"], json!([{"id": id, "deletedDate": "2026-01-05T09:10:00.000+0000"}]));
}

#[test]
fn the_parts_of_a_name_and_the_derived_fields_are_not_written() {
    let given = Given::empty();
    let contact = given.insert("Contact", json!({"FirstName": "Ann", "LastName": "Ng"}));
    let refused: BTreeMap<&str, Value> =
        [("Contact", json!({"Name": "x"})), ("Contact", json!({"IsEmailBounced": true}))].into();
    for (object, fields) in refused {
        let (status, body) = given.patch(&format!("/sobjects/{object}/{contact}"), fields);
        assert_eq!(
            (status, &body[0]["errorCode"]),
            (400, &json!("INVALID_FIELD_FOR_INSERT_UPDATE")),
            "{body}"
        );
    }
    given.patch(&format!("/sobjects/Contact/{contact}"), json!({"FirstName": null}));
    assert_eq!(given.get(&format!("/sobjects/Contact/{contact}")).1["Name"], "Ng");
}
