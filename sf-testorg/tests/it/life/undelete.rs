//! The recycle bin.
use super::{Commits, changed, differences, id, later, refusal, replicated, stamp, survives, task, whole};
use crate::given::{Given, encode};
use serde_json::{Value, json};
use sf_core::{Fields, ObjectName, Write, field, object};
use sf_testorg::{Assumptions, LostParent, TestOrg, demo::Dataset};
use std::time::Duration;

fn with(assumptions: Assumptions) -> Given {
    Given { org: TestOrg::builder().dataset(Dataset::Empty).assumptions(assumptions).build() }
}

#[test]
fn given_an_account_with_children_when_deleted_and_undeleted_then_all_are_as_before_with_new_stamps() {
    let given = Given::empty();
    let account = given.account("Acme");
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": account}));
    let deal = given.opportunity(&account, "Deal", "Prospecting");
    let task = task(&given, json!({"WhatId": deal, "WhoId": contact}));
    let rows = [&account, &contact, &deal, &task];
    let before: Vec<Value> = rows.iter().map(|row| whole(&given, row)).collect();
    later(&given, 60);
    given.delete(&format!("/sobjects/Account/{account}"));
    for row in rows {
        assert_eq!(whole(&given, row)["IsDeleted"], json!(true), "{row}");
    }
    assert_eq!(replicated(&given, "Contact", "deleted"), std::slice::from_ref(&contact));
    let bin = given.org.recycle_bin();
    assert_eq!((bin.len(), bin[0].root), (1, id(&account)));
    assert_eq!(bin[0].cascaded.len(), 3);

    let commits = Commits::of(&given.org);
    let now = later(&given, 60);
    given.org.undelete(id(&account)).unwrap();
    for (row, before) in rows.iter().zip(&before) {
        let after = whole(&given, row);
        assert_eq!(after["SystemModstamp"], json!(now));
        assert_eq!(changed(before, &after), ["LastModifiedDate", "SystemModstamp"], "{row}");
    }
    let mut kinds = commits.last();
    kinds.sort();
    let mut wanted: Vec<String> = rows.iter().map(|row| format!("Undelete {row}")).collect();
    wanted.sort();
    assert_eq!(kinds, wanted);
    assert_eq!(replicated(&given, "Contact", "deleted"), Vec::<String>::new());
    assert_eq!(replicated(&given, "Contact", "updated"), std::slice::from_ref(&contact));
    assert_eq!(given.org.recycle_bin(), []);
}

#[test]
fn what_was_deleted_before_its_parent_stays_in_the_bin_when_the_parent_comes_back() {
    let given = Given::empty();
    let account = given.account("Acme");
    let first = given.insert("Contact", json!({"LastName": "First", "AccountId": account}));
    let second = given.insert("Contact", json!({"LastName": "Second", "AccountId": account}));
    given.delete(&format!("/sobjects/Contact/{first}"));
    given.delete(&format!("/sobjects/Account/{account}"));
    // One that went with its parent does not come back alone.
    let alone = given.org.undelete(id(&second)).unwrap_err().to_string();
    assert_eq!(alone, "UNDELETE_FAILED: Entity is not in the recycle bin");
    given.org.undelete(id(&account)).unwrap();
    assert_eq!(given.column("SELECT Id FROM Contact", "Id"), [json!(second)]);
    given.org.undelete(id(&first)).unwrap();
    assert_eq!(whole(&given, &first)["AccountId"], json!(account));
}

#[test]
fn what_is_not_in_the_recycle_bin_cannot_be_undeleted() {
    let given = Given::empty();
    let account = given.account("Acme");
    let undelete = |id: &str| given.org.undelete(super::id(id)).unwrap_err().to_string();
    let not_there = "UNDELETE_FAILED: Entity is not in the recycle bin";
    assert_eq!(undelete(&account), not_there);
    assert_eq!(undelete("001000000000001AAA"), not_there);
    let user = given.org.credentials().user_id;
    assert_eq!(undelete(&user), "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: Entity type is not undeletable");
    assert_eq!(undelete("zzz000000000001AAA"), "MALFORMED_ID: malformed id zzz000000000001AAA");
}

#[test]
fn lookups_that_a_deletion_emptied_are_filled_again_unless_they_were_given_another_value() {
    let given = Given::empty();
    let parent = given.account("Parent");
    let other = given.account("Other");
    let kept = given.insert("Account", json!({"Name": "Kept", "ParentId": parent}));
    let moved = given.insert("Account", json!({"Name": "Moved", "ParentId": parent}));
    given.delete(&format!("/sobjects/Account/{parent}"));
    assert_eq!(whole(&given, &kept)["ParentId"], Value::Null);
    given.patch(&format!("/sobjects/Account/{moved}"), json!({"ParentId": other}));
    let now = later(&given, 5);
    given.org.undelete(id(&parent)).unwrap();
    assert_eq!(whole(&given, &kept)["ParentId"], json!(parent));
    assert_eq!(whole(&given, &kept)["SystemModstamp"], json!(now));
    assert_eq!(whole(&given, &moved)["ParentId"], json!(other));
    // An opportunity's contact is none of the lookups that Salesforce restores.
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": other}));
    let deal = given.insert(
        "Opportunity",
        json!({"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-03-31", "ContactId": contact}),
    );
    given.delete(&format!("/sobjects/Contact/{contact}"));
    given.org.undelete(id(&contact)).unwrap();
    assert_eq!(whole(&given, &deal)["ContactId"], Value::Null);
}

/// A contact in the bin whose account is gone afterwards.
fn orphan(given: &Given) -> (String, String) {
    let account = given.account("Gone");
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": account}));
    given.delete(&format!("/sobjects/Contact/{contact}"));
    given.delete(&format!("/sobjects/Account/{account}"));
    (account, contact)
}

#[test]
fn a_lookup_to_a_deleted_parent_is_empty_after_an_undelete_or_refuses_it_as_assumed() {
    for policy in [LostParent::Survivor, LostParent::Empty] {
        let mut assumptions = Assumptions::default();
        assumptions.life.undelete_lost_parent = policy;
        let given = with(assumptions);
        let (_, contact) = orphan(&given);
        given.org.undelete(id(&contact)).unwrap();
        assert_eq!(whole(&given, &contact)["AccountId"], Value::Null);
    }
    let mut assumptions = Assumptions::default();
    assumptions.life.undelete_lost_parent = LostParent::Refuse;
    let given = with(assumptions);
    let (account, contact) = orphan(&given);
    let before = whole(&given, &contact);
    let error = given.org.undelete(id(&contact)).unwrap_err().to_string();
    assert_eq!(error, format!("UNDELETE_FAILED: Account ID: the parent record is deleted: {account}"));
    assert_eq!(whole(&given, &contact), before);
    given.org.undelete(id(&account)).unwrap();
    given.org.undelete(id(&contact)).unwrap();
    assert_eq!(whole(&given, &contact)["AccountId"], json!(account));
}

#[test]
fn an_undelete_is_refused_when_another_row_has_the_unique_value_now_and_nothing_of_it_stays() {
    let given = Given::empty();
    let field = json!([{"name": "Key__c", "type": "string", "length": 20, "unique": true, "externalId": true, "createable": true, "updateable": true, "nillable": true}]);
    given.org.add_fields(&object!("Contact"), field).unwrap();
    let account = given.account("Acme");
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": account, "Key__c": "k"}));
    given.delete(&format!("/sobjects/Account/{account}"));
    let other = given.insert("Contact", json!({"LastName": "New", "Key__c": "k"}));
    let before = (whole(&given, &account), whole(&given, &contact), given.org.recycle_bin());
    let error = given.org.undelete(id(&account)).unwrap_err().to_string();
    let other = &other[..15];
    assert_eq!(
        error,
        format!("DUPLICATE_VALUE: duplicate value found: Key__c duplicates value on record with id: {other}")
    );
    assert_eq!((whole(&given, &account), whole(&given, &contact), given.org.recycle_bin()), before);
}

#[test]
fn an_emptied_recycle_bin_gives_nothing_back_and_the_delete_log_keeps_the_ids() {
    let given = Given::empty();
    let account = given.account("Acme");
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": account}));
    given.delete(&format!("/sobjects/Account/{account}"));
    let error = given.org.purge(id(&contact)).unwrap_err().to_string();
    assert_eq!(error, "INVALID_ID_FIELD: invalid record id; no recycle bin entry found");
    let commits = Commits::of(&given.org);
    assert_eq!(given.org.empty_recycle_bin().unwrap(), 2);
    // Gone for good is no change of a row: change events say nothing of it.
    assert_eq!((commits.count(), commits.last()), (1, vec![]));
    assert_eq!(whole(&given, &account), Value::Null);
    assert_eq!(whole(&given, &contact), Value::Null);
    assert_eq!(replicated(&given, "Account", "deleted"), std::slice::from_ref(&account));
    assert_eq!(replicated(&given, "Contact", "deleted"), std::slice::from_ref(&contact));
    assert_eq!(given.org.empty_recycle_bin().unwrap(), 0);
    let error = given.org.undelete(id(&account)).unwrap_err().to_string();
    assert_eq!(error, "UNDELETE_FAILED: Entity is not in the recycle bin");
}

#[test]
fn purged_rows_leave_the_deleted_list_as_assumed() {
    let mut assumptions = Assumptions::default();
    assumptions.life.deleted_lists_purged = false;
    let given = with(assumptions);
    let account = given.account("Acme");
    given.delete(&format!("/sobjects/Account/{account}"));
    assert_eq!(replicated(&given, "Account", "deleted"), [account]);
    given.org.empty_recycle_bin().unwrap();
    assert_eq!(replicated(&given, "Account", "deleted"), Vec::<String>::new());
}

#[test]
fn purged_rows_can_be_queried_for_some_time_as_assumed() {
    let mut assumptions = Assumptions::default();
    assumptions.life.purged_rows_linger = Duration::from_secs(24 * 3600);
    let given = with(assumptions);
    let account = given.account("Acme");
    given.delete(&format!("/sobjects/Account/{account}"));
    given.org.empty_recycle_bin().unwrap();
    assert_eq!(whole(&given, &account)["IsDeleted"], json!(true));
    let error = given.org.undelete(id(&account)).unwrap_err().to_string();
    assert_eq!(error, "UNDELETE_FAILED: Entity is not in the recycle bin");
    later(&given, 24 * 3600);
    assert_eq!(whole(&given, &account), Value::Null);
    assert_eq!(replicated(&given, "Account", "deleted"), [account]);
}

#[test]
fn after_15_days_a_deletion_cannot_be_undone() {
    let given = Given::empty();
    let account = given.account("Acme");
    given.delete(&format!("/sobjects/Account/{account}"));
    later(&given, 15 * 24 * 3600 - 1);
    assert_eq!(whole(&given, &account)["IsDeleted"], json!(true));
    later(&given, 1);
    assert_eq!(whole(&given, &account), Value::Null);
    assert!(given.org.undelete(id(&account)).is_err());
}

#[test]
fn triggers_and_rules_do_not_run_on_an_undelete_and_faults_of_rows_are_for_requests() {
    let given = Given::empty();
    let account = given.account("Acme");
    given.delete(&format!("/sobjects/Account/{account}"));
    given.org.on_save(object!("Account"), |row| row.refuse("no"));
    given.org.undelete(id(&account)).unwrap();
    let refused = given.org.apply(Write::Update {
        object: object!("Account"),
        id: id(&account),
        fields: Fields::new().set(field!("Name"), "New"),
        if_unmodified_since: None,
    });
    assert!(refused.is_err());
    let _: Vec<_> = given.org.rows(&ObjectName::new("Account").unwrap());
    assert_eq!(whole(&given, &account)["Name"], json!("Acme"));
    assert_eq!(whole(&given, &account)["SystemModstamp"], json!(stamp(&given.org)));
}

#[test]
fn the_recycle_bin_survives_a_restart_and_so_does_what_came_back() {
    let mut kept = String::new();
    let mut in_bin = String::new();
    let again = survives(|given| {
        kept = given.account("Back");
        in_bin = given.account("Bin");
        let child = given.insert("Contact", json!({"LastName": "Ott", "AccountId": in_bin}));
        let gone = given.account("Gone");
        for row in [&kept, &gone, &in_bin] {
            given.delete(&format!("/sobjects/Account/{row}"));
        }
        given.org.undelete(id(&kept)).unwrap();
        given.org.purge(id(&gone)).unwrap();
        assert_eq!(given.org.recycle_bin()[0].cascaded, [id(&child)]);
        let mut listed = vec![gone, in_bin.clone()];
        listed.sort();
        assert_eq!(replicated(given, "Account", "deleted"), listed);
    });
    assert_eq!(replicated(&again, "Account", "deleted").len(), 2);
    let before = whole(&again, &in_bin);
    again.org.undelete(id(&in_bin)).unwrap();
    let changes = differences(&before, &whole(&again, &in_bin));
    assert_eq!(changes[0], ("IsDeleted".to_owned(), json!(true), json!(false)));
    assert_eq!(again.column("SELECT Name FROM Account ORDER BY Name", "Name"), [json!("Back"), json!("Bin")]);
    assert_eq!(again.column("SELECT LastName FROM Contact", "LastName"), [json!("Ott")]);
}

#[test]
fn a_bulk_hard_delete_never_comes_into_the_bin_and_is_in_the_delete_log() {
    let org = TestOrg::builder().dataset(Dataset::Empty).bulk_hard_delete().build();
    let given = Given { org };
    let account = given.account("Acme");
    let job = json!({"object": "Account", "operation": "hardDelete", "lineEnding": "LF"});
    let (status, job) = given.post("/jobs/ingest", job);
    assert_eq!(status, 200, "{job}");
    let path = format!("{}/jobs/ingest/{}", crate::given::V, job["id"].as_str().unwrap());
    let mut upload = sf_testorg::Request::new(sf_testorg::Method::Put, format!("{path}/batches"))
        .header("Content-Type", "text/csv");
    upload.body = format!("Id\n{account}\n").into_bytes();
    assert_eq!(given.send(upload).status, 201);
    given.patch(&path, json!({"state": "UploadComplete"}));
    later(&given, 60);
    assert_eq!(given.get(&path).1["state"], json!("JobComplete"));
    assert_eq!(whole(&given, &account), Value::Null);
    assert_eq!(given.org.recycle_bin(), []);
    assert_eq!(replicated(&given, "Account", "deleted"), std::slice::from_ref(&account));
    let get = given.get(&format!("/sobjects/Account/{account}?fields={}", encode("Name")));
    assert_eq!(refusal(get), "NOT_FOUND: The requested resource does not exist");
}
