//! sObjects and fields from describe JSON: at the beginning, while the org lives, and after a restart.
use crate::given::Given;
use serde_json::{Value, json};
use sf_core::{Fields, ObjectName, Write, field, object};
use sf_testorg::{TestOrg, demo::Dataset, schema};
use std::{fs, path::Path};

fn plans() -> Value {
    json!({"name": "CX_Plan__c", "label": "CX Plan", "labelPlural": "CX Plans", "fields": [
        {"name": "Account__c", "type": "reference", "referenceTo": ["Account"]},
        {"name": "Score__c", "type": "double", "precision": 5, "scale": 2},
        {"name": "Open__c", "type": "boolean"}]})
}
fn standard(name: &str) -> Value {
    schema::standard().iter().find(|answer| answer["name"] == name).unwrap().clone()
}
fn refused(json: &Value) -> String {
    TestOrg::builder().schema_json(json.to_string()).unwrap_err().to_string()
}
fn open(path: &Path) -> TestOrg {
    TestOrg::builder().dataset(Dataset::Empty).open(path).unwrap()
}

#[test]
fn a_custom_object_gets_what_every_one_has() {
    let given = Given { org: TestOrg::builder().schema_json(plans().to_string()).unwrap().build() };
    let (status, describe) = given.get("/sobjects/CX_Plan__c/describe");
    assert_eq!(status, 200);
    let names: Vec<&str> =
        describe["fields"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "Id",
            "OwnerId",
            "IsDeleted",
            "Name",
            "CreatedDate",
            "CreatedById",
            "LastModifiedDate",
            "LastModifiedById",
            "SystemModstamp",
            "Account__c",
            "Score__c",
            "Open__c"
        ]
    );
    let (_, account) = given.get("/sobjects/Account/describe");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&describe), keys(&account));
    for field in describe["fields"].as_array().unwrap() {
        assert_eq!(keys(field), keys(&account["fields"][0]), "{}", field["name"]);
    }
    assert_eq!((&describe["keyPrefix"], &describe["custom"]), (&json!("a00"), &json!(true)));
    let (_, global) = given.get("/sobjects");
    assert!(global["sobjects"].as_array().unwrap().iter().any(|s| s["name"] == "CX_Plan__c"));

    let acme = given.account("Acme");
    let plan = given.insert("CX_Plan__c", json!({"Name": "Grow", "Account__c": acme, "Score__c": 12.5}));
    assert!(plan.starts_with("a00"));
    let soql = "SELECT Name, (SELECT Name, Score__c, Open__c FROM CX_Plans__r) FROM Account WHERE Name = 'Acme' AND IsDeleted = false";
    let found = given.records(&format!("{soql} AND Id = '{acme}'"));
    let child = &found[0]["CX_Plans__r"]["records"][0];
    assert_eq!((&child["Score__c"], &child["Open__c"]), (&json!(12.5), &json!(false)));
    assert_eq!(given.column("SELECT Account__r.Name FROM CX_Plan__c", "Account__r")[0]["Name"], "Acme");
    // A lookup that is no master-detail relationship is emptied.
    assert_eq!(given.delete(&format!("/sobjects/Account/{acme}")).0, 204);
    assert_eq!(given.column("SELECT Account__c FROM CX_Plan__c", "Account__c"), [Value::Null]);
}

#[test]
fn all_forms_of_the_json_are_read() {
    let one = plans();
    for text in [
        one.to_string(),
        json!([one]).to_string(),
        json!({"sobjects": [one]}).to_string(),
        json!({"status": 0, "result": one, "warnings": []}).to_string(),
    ] {
        let org = TestOrg::builder().dataset(Dataset::Empty).schema_json(&text).unwrap().build();
        let given = Given { org };
        assert_eq!(given.get("/sobjects/CX_Plan__c").0, 200, "{text}");
    }
}

#[test]
fn what_is_wrong_is_named_with_sobject_and_field() {
    let with = |field: Value| json!({"name": "CX_Plan__c", "fields": [field]});
    for (json, message) in [
        (json!(7), "a describe is a JSON object"),
        (json!({"label": "X"}), "an sObject without `name`; a describe begins with its fields or its name"),
        (json!({"name": "CX Plan"}), "\"CX Plan\" is no API name of an sObject"),
        (
            json!({"sobjects": [{"name": "Account", "label": "Account"}]}),
            "sObject Account: there are no `fields`: the list of all sObjects has none, send the describe of each",
        ),
        (json!({"name": "X", "fields": []}), "sObject X: there is no field Id of type id"),
        (with(json!({"name": "A__c"})), "sObject CX_Plan__c, field A__c: missing field `type`"),
        (with(json!({"type": "string"})), "sObject CX_Plan__c, field number 10: missing field `name`"),
        (
            with(json!({"name": "A__c", "type": "string", "length": "long"})),
            "sObject CX_Plan__c, field A__c: invalid type: string \"long\", expected usize",
        ),
        (
            with(json!({"name": "A b", "type": "string"})),
            "sObject CX_Plan__c, field A b: this is no API name",
        ),
        (
            json!({"name": "X__c", "fields": [{"name": "A__c", "type": "int"}, {"name": "a__C", "type": "int"}]}),
            "sObject X__c, field a__C: it is there twice",
        ),
        (
            json!({"name": "X__c", "keyPrefix": "001", "fields": []}),
            "sObject X__c: the key prefix 001 is that of Account",
        ),
        (
            json!({"name": "X__c", "keyPrefix": "a0", "fields": []}),
            "sObject X__c: the key prefix \"a0\" is not three letters or digits",
        ),
    ] {
        assert_eq!(refused(&json), message);
    }
    assert!(refused(&with(json!({"name": "A__c", "type": "text"}))).starts_with(
        "sObject CX_Plan__c, field A__c: there is no type \"text\"; the types are address, anyType"
    ));
    let broken = TestOrg::builder().schema_json("{").unwrap_err();
    assert!(broken.to_string().starts_with("this is no JSON: EOF"), "{broken}");
}

#[test]
fn a_replaced_object_is_served_as_given_and_its_rows_keep_what_still_fits() {
    let given = Given::demo();
    let before = given.records("SELECT Id, Name, Phone, AnnualRevenue FROM Account ORDER BY Id");
    let mut account = standard("Account");
    let fields = account["fields"].as_array_mut().unwrap();
    fields.retain(|f| f["name"] != "Phone");
    fields.reverse();
    let mut tier = fields.iter().find(|f| f["name"] == "Rating").unwrap().clone();
    tier["name"] = json!("Tier__c");
    fields.push(tier);
    account["label"] = json!("Customer");
    assert_eq!(given.org.add_sobjects(&account).unwrap(), [object!("Account")]);

    let (_, mut served) = given.get("/sobjects/Account/describe");
    served.as_object_mut().unwrap().remove("urls");
    // They name the version that was asked.
    served["recordTypeInfos"].as_array_mut().unwrap().iter_mut().for_each(|info| info["urls"] = json!({}));
    for list in [&mut served, &mut account] {
        list["childRelationships"].as_array_mut().unwrap().sort_by_key(Value::to_string);
    }
    assert_eq!(served, account);
    let after = given.records("SELECT Id, Name, AnnualRevenue, Tier__c FROM Account ORDER BY Id");
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        for field in ["Id", "Name", "AnnualRevenue"] {
            assert_eq!(before[field], after[field]);
        }
        assert_eq!(after["Tier__c"], Value::Null);
    }
    assert_eq!(given.query_error("SELECT Phone FROM Account").0, "INVALID_FIELD");
    // Indexes and the ways down work on the new columns.
    let owner = given.column("SELECT OwnerId FROM Account LIMIT 1", "OwnerId")[0].clone();
    let owner = owner.as_str().unwrap();
    assert!(
        !given
            .records(&format!("SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE OwnerId = '{owner}'"))
            .is_empty()
    );
}

#[test]
fn fields_can_be_added_and_replaced_while_the_org_lives() {
    let given = Given::empty();
    let acme = given.account("Acme");
    let stamp = |given: &Given| {
        let request = sf_testorg::Request::get("/services/data/v66.0/sobjects/Account/describe");
        let response = given.send(request);
        response.headers.iter().find(|(name, _)| name == "Last-Modified").unwrap().1.clone()
    };
    let before = stamp(&given);
    given.org.clock().advance(std::time::Duration::from_secs(60));
    let code = json!({"name": "Code__c", "type": "string", "length": 10, "unique": true, "externalId": true, "idLookup": true,
        "createable": true, "updateable": true, "nillable": true, "filterable": true});
    given
        .org
        .add_fields(
            &object!("Account"),
            json!([code, {"name": "Parent_Plan__c", "type": "reference", "referenceTo": ["Account"]}]),
        )
        .unwrap();
    assert_ne!(stamp(&given), before);
    assert_eq!(given.patch(&format!("/sobjects/Account/{acme}"), json!({"Code__c": "A-1"})).0, 204);
    let (status, body) = given.patch("/sobjects/Account/Code__c/A-1", json!({"Name": "Acme & Co"}));
    assert_eq!(status, 200, "{body}");
    let (_, body) = given.post("/sobjects/Account", json!({"Name": "Other", "Code__c": "A-1"}));
    assert_eq!(body[0]["errorCode"], "DUPLICATE_VALUE");
    given.insert("Account", json!({"Name": "Child", "Parent_Plan__c": acme}));
    let rows =
        given.records(&format!("SELECT (SELECT Name FROM Accounts__r) FROM Account WHERE Id = '{acme}'"));
    assert_eq!(rows[0]["Accounts__r"]["records"][0]["Name"], "Child");

    // Longer, and of another kind: the text stays, a number does not.
    given
        .org
        .add_fields(&object!("Account"), json!({"name": "Code__c", "type": "string", "length": 40}))
        .unwrap();
    let longer = "x".repeat(40);
    assert_eq!(given.column("SELECT Code__c FROM Account WHERE Code__c = 'A-1'", "Code__c"), ["A-1"]);
    assert_eq!(given.patch(&format!("/sobjects/Account/{acme}"), json!({"Code__c": longer})).0, 204);
    given
        .org
        .add_fields(&object!("Account"), json!({"name": "Code__c", "type": "double", "precision": 4}))
        .unwrap();
    let value = given.column(&format!("SELECT Code__c FROM Account WHERE Id = '{acme}'"), "Code__c");
    assert_eq!(value, [Value::Null]);
    let error = given.org.add_fields(&object!("Nothing__c"), json!([])).unwrap_err();
    assert_eq!(error.to_string(), "no sObject Nothing__c");
    let id = json!({"name": "id", "type": "string", "length": 18});
    let error = given.org.add_fields(&object!("Account"), id).unwrap_err();
    assert_eq!(error.to_string(), "sObject Account: there is no field Id of type id");
}

#[test]
fn of_a_list_with_a_wrong_entry_nothing_is_added() {
    let given = Given::empty();
    let wrong = json!([plans(), {"name": "X__c", "fields": [{"name": "A__c", "type": "text"}]}]);
    assert!(given.org.add_sobjects(&wrong).is_err());
    assert_eq!(given.get("/sobjects/CX_Plan__c").0, 404);
    let (_, account) = given.get("/sobjects/Account/describe");
    assert!(!account.to_string().contains("CX_Plan__c"));
}

#[test]
fn an_object_with_activities_is_one_that_tasks_may_be_about() {
    let given = Given::empty();
    let mut plan = plans();
    plan["childRelationships"] = json!([{"childSObject": "Task", "field": "WhatId", "relationshipName": "Tasks", "cascadeDelete": true}]);
    given.org.add_sobjects(&plan).unwrap();
    let id = given.insert("CX_Plan__c", json!({"Name": "Grow"}));
    given.insert("Task", json!({"Subject": "Call", "WhatId": id}));
    let rows = given.records("SELECT (SELECT Subject FROM Tasks) FROM CX_Plan__c");
    assert_eq!(rows[0]["Tasks"]["records"][0]["Subject"], "Call");
    assert_eq!(given.column("SELECT What.Type FROM Task", "What")[0]["Type"], "CX_Plan__c");
}

#[test]
fn record_types_of_a_describe_are_rows_and_the_default_one_is_given() {
    let given = Given::empty();
    let mut account = standard("Account");
    let info = |name: &str, id: &str, default: bool| {
        json!({"active": true, "available": true, "defaultRecordTypeMapping": default, "developerName": name, "master": false,
            "name": name, "recordTypeId": id, "urls": {}})
    };
    let (partner, customer) = ("0125e0000000001AAA", "0125e0000000002AAA");
    account["recordTypeInfos"] = json!([info("Partner", partner, false), info("Customer", customer, true),
        {"active": true, "available": true, "defaultRecordTypeMapping": false, "developerName": "Master", "master": true,
            "name": "Master", "recordTypeId": "012000000000000AAA", "urls": {}}]);
    let field = json!({"name": "RecordTypeId", "label": "Record Type ID", "type": "reference", "referenceTo": ["RecordType"],
        "relationshipName": "RecordType", "createable": true, "updateable": true, "nillable": true, "filterable": true});
    account["fields"].as_array_mut().unwrap().push(field);
    given.org.add_sobjects(&account).unwrap();
    given.account("Acme");
    given.insert("Account", json!({"Name": "Beta", "RecordTypeId": partner}));
    let rows = given.records("SELECT Name, RecordType.DeveloperName FROM Account ORDER BY Name");
    let names: Vec<_> = rows.iter().map(|r| r["RecordType"]["DeveloperName"].clone()).collect();
    assert_eq!(names, ["Customer", "Partner"]);
    let types = given.column(
        "SELECT DeveloperName FROM RecordType WHERE SobjectType = 'Account' ORDER BY Id",
        "DeveloperName",
    );
    assert_eq!(types, ["Partner", "Customer"]);

    let mut lead = standard("Lead");
    let field = account["fields"].as_array().unwrap().last().unwrap().clone();
    lead["fields"].as_array_mut().unwrap().push(field);
    given.org.add_sobjects(&lead).unwrap();
    let (status, body) =
        given.post("/sobjects/Lead", json!({"LastName": "Ng", "Company": "C", "RecordTypeId": partner}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_CROSS_REFERENCE_KEY")));
    assert_eq!(
        body[0]["message"],
        format!("Record Type ID: this ID value isn't valid for the user: {partner}")
    );
}

#[test]
fn a_state_file_holds_what_was_added() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    let begin = || TestOrg::builder().dataset(Dataset::Empty).schema_json(plans().to_string()).unwrap();
    let org = begin().open(&path).unwrap();
    let insert = |org: &TestOrg, object: &ObjectName, fields: Fields| {
        org.apply(Write::Insert { object: object.clone(), fields }).unwrap()
    };
    let plan = insert(&org, &object!("CX_Plan__c"), Fields::new().set(field!("Name"), "Grow"));
    org.add_fields(&object!("CX_Plan__c"), json!({"name": "Tier__c", "type": "string", "length": 20}))
        .unwrap();
    org.apply(Write::Update {
        object: object!("CX_Plan__c"),
        id: plan,
        fields: Fields::new().set(field!("Tier__c"), "Gold"),
        if_unmodified_since: None,
    })
    .unwrap();
    let steps = json!({"name": "CX_Step__c", "fields": [{"name": "Plan__c", "type": "reference", "referenceTo": ["CX_Plan__c"]}]});
    org.add_sobjects(&steps).unwrap();
    let step = insert(&org, &object!("CX_Step__c"), Fields::new().set(field!("Plan__c"), plan));
    let describe = |org: &TestOrg, name: &str| {
        let given = Given { org: org.clone() };
        given.get(&format!("/sobjects/{name}/describe")).1
    };
    let (plan_type, account_type) = (describe(&org, "CX_Plan__c"), describe(&org, "Account"));
    drop(org);

    // Chosen again or not, it is there; and nothing is written when it is what there is.
    let again = open(&path);
    assert_eq!(again.value(plan, "Tier__c").as_str(), Some("Gold"));
    assert_eq!(again.value(step, "Plan__c").as_str(), Some(plan.as_str()));
    assert_eq!(describe(&again, "CX_Plan__c"), plan_type);
    assert_eq!(describe(&again, "Account"), account_type);
    assert!(insert(&again, &object!("CX_Step__c"), Fields::new()) > step);
    assert_eq!(step.key_prefix(), "a01");
    drop(again);
    let length = fs::metadata(&path).unwrap().len();
    let same = begin().schema_json(steps.to_string()).unwrap().open(&path).unwrap();
    assert_eq!(same.value(step, "Plan__c").as_str(), Some(plan.as_str()));
    assert_eq!(same.value(plan, "Tier__c").as_str(), Some("Gold"));
    assert_eq!(fs::metadata(&path).unwrap().len(), length);
}
