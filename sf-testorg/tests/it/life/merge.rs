//! Two or three rows made one.
use super::{Commits, changed, differences, id, later, refusal, replicated, survives, task, whole};
use crate::given::Given;
use serde_json::{Value, json};
use sf_core::{Fields, SfId, field, object};

fn merge(given: &Given, master: &str, victims: &[&str], fields: Fields) -> Result<Vec<String>, String> {
    let victims: Vec<SfId> = victims.iter().map(|victim| id(victim)).collect();
    let merged = given.org.merge(id(master), &victims, fields).map_err(|error| error.to_string())?;
    assert_eq!((merged.master, merged.victims), (id(master), victims));
    Ok(merged.moved.iter().map(ToString::to_string).collect())
}

fn sorted(rows: &[&String]) -> Vec<String> {
    let mut rows: Vec<String> = rows.iter().map(|row| (*row).clone()).collect();
    rows.sort();
    rows
}

#[test]
fn given_accounts_with_children_when_merged_then_the_children_are_the_masters_and_the_victims_are_deleted() {
    let given = Given::empty();
    let master = given.insert("Account", json!({"Name": "Acme", "Phone": "1"}));
    let one = given.insert("Account", json!({"Name": "ACME", "Phone": "2", "Website": "acme.example"}));
    let two = given.account("Acme Inc.");
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": one}));
    let deal = given.opportunity(&two, "Deal", "Prospecting");
    let case = given.insert("Case", json!({"Subject": "Help", "AccountId": one}));
    let call = task(&given, json!({"WhatId": one}));
    let child = given.insert("Account", json!({"Name": "Child", "ParentId": two}));
    let own = given.insert("Contact", json!({"LastName": "Own", "AccountId": master}));
    let rows = [&master, &one, &two, &contact, &deal, &case, &call, &child, &own];
    let before: Vec<Value> = rows.iter().map(|row| whole(&given, row)).collect();

    let commits = Commits::of(&given.org);
    let now = later(&given, 60);
    let fields = Fields::new().set(field!("Website"), "acme.example");
    let moved = merge(&given, &master, &[&one, &two], fields).unwrap();
    assert_eq!(moved, sorted(&[&contact, &deal, &case, &call, &child]));
    let after: Vec<Value> = rows.iter().map(|row| whole(&given, row)).collect();
    let stamps = ["LastModifiedDate", "SystemModstamp"];
    let with = |more: &[&str]| {
        let mut names: Vec<String> = more.iter().chain(&stamps).map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    };
    let mut found: Vec<Vec<String>> = before.iter().zip(&after).map(|(b, a)| changed(b, a)).collect();
    found.iter_mut().for_each(|names| names.sort());
    assert_eq!(
        found,
        [
            with(&["Website"]),
            with(&["IsDeleted", "MasterRecordId"]),
            with(&["IsDeleted", "MasterRecordId"]),
            with(&["AccountId"]),
            with(&["AccountId"]),
            with(&["AccountId"]),
            // An activity's account follows from what it is about.
            with(&["AccountId", "WhatId"]),
            with(&["ParentId"]),
            vec![],
        ]
    );
    for row in &after[..8] {
        assert_eq!(row["SystemModstamp"], json!(now), "{row}");
    }
    for (at, field) in [
        (3, "AccountId"),
        (4, "AccountId"),
        (5, "AccountId"),
        (6, "WhatId"),
        (6, "AccountId"),
        (7, "ParentId"),
    ] {
        assert_eq!(after[at][field], json!(master));
    }
    // The master's own values stay; what was chosen is written.
    assert_eq!(
        (&after[0]["Name"], &after[0]["Phone"], &after[0]["Website"]),
        (&json!("Acme"), &json!("1"), &json!("acme.example"))
    );
    assert_eq!((&after[1]["MasterRecordId"], &after[2]["MasterRecordId"]), (&json!(master), &json!(master)));
    assert_eq!(commits.count(), 1);
    let mut kinds = commits.last();
    kinds.sort();
    let mut wanted: Vec<String> =
        [&master, &contact, &deal, &case, &call, &child].map(|row| format!("Update {row}")).to_vec();
    wanted.extend([format!("Delete {one}"), format!("Delete {two}")]);
    wanted.sort();
    assert_eq!(kinds, wanted);
    // As the guide finds merged rows.
    let soql = "SELECT Id FROM Account WHERE IsDeleted = true AND MasterRecordId != null ORDER BY Id";
    let (_, body) = given.get(&format!("/queryAll?q={}", crate::given::encode(soql)));
    assert_eq!(body["totalSize"], json!(2));
    assert_eq!(replicated(&given, "Account", "deleted"), [one.clone(), two.clone()]);

    // A victim comes back without what was moved.
    later(&given, 60);
    given.org.undelete(id(&one)).unwrap();
    assert_eq!(changed(&before[1], &whole(&given, &one)), stamps);
    assert_eq!(whole(&given, &contact), after[3]);
}

#[test]
fn contacts_leads_and_cases_are_merged_with_their_activities() {
    let given = Given::empty();
    let pair = |object: &str, fields: [Value; 2]| fields.map(|fields| given.insert(object, fields));
    let [ott, double] = pair("Contact", [json!({"LastName": "Ott"}), json!({"LastName": "Otto"})]);
    let boss = given.insert("Contact", json!({"LastName": "Boss"}));
    given.patch(&format!("/sobjects/Contact/{double}"), json!({"ReportsToId": boss}));
    let call = task(&given, json!({"WhoId": double}));
    let case = given.insert("Case", json!({"ContactId": double}));
    given.patch(&format!("/sobjects/Contact/{ott}"), json!({"Phone": "77"}));
    assert_eq!(merge(&given, &ott, &[&double], Fields::new()).unwrap(), sorted(&[&call, &case]));
    assert_eq!(whole(&given, &call)["WhoId"], json!(ott));
    assert_eq!(whole(&given, &case)["ContactPhone"], json!("77"));
    assert_eq!(whole(&given, &ott)["ReportsToId"], json!(boss));

    let lead = |name: &str| json!({"LastName": name, "Company": "Acme"});
    let [lead, double] = pair("Lead", [lead("A"), lead("B")]);
    let call = task(&given, json!({"WhoId": double}));
    assert_eq!(merge(&given, &lead, &[&double], Fields::new()).unwrap(), [call]);
    let [case, double] = pair("Case", [json!({"Subject": "A"}), json!({"Subject": "B"})]);
    let comment = given.insert("CaseComment", json!({"ParentId": double, "CommentBody": "Yes"}));
    assert_eq!(merge(&given, &case, &[&double], Fields::new()).unwrap(), [comment]);
    assert_eq!(whole(&given, &double)["MasterRecordId"], json!(case));
}

#[test]
fn a_merge_that_is_not_possible_is_refused_and_changes_nothing() {
    let given = Given::empty();
    let account = given.account("Acme");
    let double = given.account("Double");
    let third = given.account("Third");
    let fourth = given.account("Fourth");
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": double}));
    let deal = given.opportunity(&account, "Deal", "Prospecting");
    let refused = |master: &str, victims: &[&str]| merge(&given, master, victims, Fields::new()).unwrap_err();
    let number = "MERGE_FAILED: A merge needs a master record and one or two other records";
    assert_eq!(refused(&account, &[]), number);
    assert_eq!(refused(&account, &[&account]), number);
    assert_eq!(refused(&account, &[&double, &double]), number);
    assert_eq!(refused(&account, &[&double, &third, &fourth]), number);
    assert_eq!(
        refused(&account, &[&contact]),
        format!("MALFORMED_ID: Account ID: id value of incorrect type: {contact}")
    );
    assert_eq!(
        refused(&deal, &[&account]),
        "INVALID_TYPE_FOR_OPERATION: entity type Opportunity does not support merge"
    );
    assert_eq!(
        refused(&account, &["001000000000001AAA"]),
        "INVALID_CROSS_REFERENCE_KEY: invalid cross reference id"
    );
    given.delete(&format!("/sobjects/Account/{fourth}"));
    assert_eq!(refused(&account, &[&fourth]), "ENTITY_IS_DELETED: entity is deleted");

    // A rule of the master's update takes all of it back.
    given.org.on_save(object!("Account"), |row| row.refuse("Not today"));
    let before =
        (whole(&given, &account), whole(&given, &double), whole(&given, &contact), given.org.recycle_bin());
    let commits = Commits::of(&given.org);
    assert_eq!(refused(&account, &[&double, &third]), "FIELD_CUSTOM_VALIDATION_EXCEPTION: Not today");
    assert_eq!(
        (whole(&given, &account), whole(&given, &double), whole(&given, &contact), given.org.recycle_bin()),
        before
    );
    assert_eq!(commits.count(), 0);
}

#[test]
fn a_merge_that_would_close_a_ring_of_parents_is_refused() {
    let given = Given::empty();
    let top = given.account("Top");
    let middle = given.insert("Account", json!({"Name": "Middle", "ParentId": top}));
    let bottom = given.insert("Account", json!({"Name": "Bottom", "ParentId": middle}));
    let ring = "CIRCULAR_DEPENDENCY: Parent Account ID: the merge would make the record its own parent";
    assert_eq!(merge(&given, &middle, &[&top], Fields::new()).unwrap_err(), ring);
    assert_eq!(merge(&given, &bottom, &[&top], Fields::new()).unwrap_err(), ring);
    assert_eq!(merge(&given, &top, &[&middle], Fields::new()).unwrap(), std::slice::from_ref(&bottom));
    assert_eq!(whole(&given, &bottom)["ParentId"], json!(top));
}

#[test]
fn a_contact_that_was_deleted_before_its_account_was_merged_comes_back_to_the_survivor() {
    let given = Given::empty();
    let master = given.account("Acme");
    let double = given.account("Double");
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": double}));
    given.delete(&format!("/sobjects/Contact/{contact}"));
    merge(&given, &master, &[&double], Fields::new()).unwrap();
    given.org.undelete(id(&contact)).unwrap();
    assert_eq!(whole(&given, &contact)["AccountId"], json!(master));
}

#[test]
fn a_master_can_take_a_unique_value_of_its_victim() {
    let given = Given::empty();
    let key = json!([{"name": "Key__c", "type": "string", "length": 20, "unique": true, "externalId": true, "createable": true, "updateable": true, "nillable": true}]);
    given.org.add_fields(&object!("Account"), key).unwrap();
    let master = given.account("Acme");
    let double = given.insert("Account", json!({"Name": "Double", "Key__c": "k"}));
    merge(&given, &master, &[&double], Fields::new().set(field!("Key__c"), "k")).unwrap();
    assert_eq!(whole(&given, &master)["Key__c"], json!("k"));
    let (status, body) = given.patch("/sobjects/Account/Key__c/k", json!({"Phone": "1"}));
    assert_eq!((status, &body["id"]), (200, &json!(master)));
    // The victim cannot come back with it.
    assert!(given.org.undelete(id(&double)).unwrap_err().to_string().starts_with("DUPLICATE_VALUE: "));
}

#[test]
fn a_merge_is_done_as_a_user_and_a_row_that_is_gone_answers_as_deleted() {
    let given = Given::demo();
    let user = given.column("SELECT Id FROM User WHERE IsActive = true ORDER BY Id", "Id")[1]
        .as_str()
        .unwrap()
        .to_owned();
    let (master, double) = (given.account("Acme"), given.account("Double"));
    given.org.merge_as(id(&user), id(&master), &[id(&double)], Fields::new()).unwrap();
    assert_eq!(whole(&given, &master)["LastModifiedById"], json!(user));
    assert_eq!(whole(&given, &double)["LastModifiedById"], json!(user));
    let path = format!("/sobjects/Account/{double}");
    assert_eq!(refusal(given.patch(&path, json!({"Phone": "1"}))), "ENTITY_IS_DELETED: entity is deleted");
    assert!(given.org.merge_as(id(&master), id(&master), &[], Fields::new()).is_err());
}

#[test]
fn a_merge_survives_a_restart() {
    let (mut master, mut double) = (String::new(), String::new());
    let again = survives(|given| {
        master = given.account("Acme");
        double = given.account("Double");
        given.insert("Contact", json!({"LastName": "Ott", "AccountId": double}));
        merge(given, &master, &[&double], Fields::new()).unwrap();
    });
    assert_eq!(again.column("SELECT AccountId FROM Contact", "AccountId"), [json!(master)]);
    let before = whole(&again, &double);
    again.org.undelete(id(&double)).unwrap();
    let changes = differences(&before, &whole(&again, &double));
    assert!(changes.contains(&("MasterRecordId".to_owned(), json!(master), Value::Null)), "{changes:?}");
}
