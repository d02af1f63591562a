//! What is assumed of REST.
use super::assuming;
use crate::given::Given;
use serde_json::{Value, json};
use sf_core::{field, object};
use sf_testorg::{Effect, Fault, FieldAccess, On, Request};
use std::time::Duration;

#[test]
fn a_tree_that_was_saved_has_the_assumed_status() {
    let tree = json!({"records": [{"attributes": {"type": "Account", "referenceId": "a"}, "Name": "Acme"}]});
    assert_eq!(Given::empty().post("/composite/tree/Account", tree.clone()).0, 201);
    assert_eq!(assuming(|a| a.rest.tree_status = 200).post("/composite/tree/Account", tree).0, 200);
}

#[test]
fn an_upsert_that_only_updates_and_finds_nothing_has_the_assumed_status() {
    for status in [404, 400] {
        let given = assuming(|a| a.rest.update_only_status = status);
        let upsert = |key: &str| {
            given.patch(&format!("/sobjects/Thing__c/Key__c/{key}?updateOnly=true"), json!({"Name": "x"})).0
        };
        assert_eq!(upsert("k"), status);
        assert_eq!(given.records("SELECT Id FROM Thing__c").len(), 0);
        given.insert("Thing__c", json!({"Key__c": "k"}));
        assert_eq!(upsert("k"), 200);
    }
}

#[test]
fn the_id_in_the_body_of_an_update_is_refused_or_ignored_as_assumed() {
    for (refused, status) in [(true, 400), (false, 204)] {
        let given = assuming(|a| a.rest.id_in_body_is_refused = refused);
        let id = given.account("a");
        let (found, body) = given.patch(&format!("/sobjects/Account/{id}"), json!({"Id": id, "Name": "b"}));
        assert_eq!(found, status);
        if refused {
            assert_eq!(body[0]["errorCode"], "INVALID_FIELD");
        }
        assert_eq!(given.column("SELECT Name FROM Account", "Name"), [if refused { "a" } else { "b" }]);
    }
}

#[test]
fn an_address_without_parts_is_null_or_an_object_of_nulls_as_assumed() {
    for is_null in [true, false] {
        let given = assuming(|a| a.rest.empty_address_is_null = is_null);
        let id = given.account("a");
        let (_, row) = given.get(&format!("/sobjects/Account/{id}?fields=BillingAddress"));
        let queried = given.column("SELECT BillingAddress FROM Account", "BillingAddress");
        assert_eq!(queried, [row["BillingAddress"].clone()]);
        let keys =
            ["city", "country", "geocodeAccuracy", "latitude", "longitude", "postalCode", "state", "street"];
        let nulls: serde_json::Map<String, Value> =
            keys.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
        assert_eq!(queried, [if is_null { Value::Null } else { Value::Object(nulls) }]);
    }
}

#[test]
fn good_rows_beside_bad_ones_are_saved_once_or_twice_as_assumed() {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    for (retries, runs) in [(false, 2), (true, 4)] {
        let given = assuming(|a| a.rest.retries_good_rows = retries);
        let count = Arc::new(AtomicUsize::new(0));
        let counter = count.clone();
        given.org.on_save(object!("Account"), move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let record = |name: Value| json!({"attributes": {"type": "Account"}, "Name": name, "Site": "s"});
        let send = |records: Value, all: bool| {
            given.post("/composite/sobjects", json!({"records": records, "allOrNone": all})).1
        };
        let answer = send(
            json!([record(json!("a")), {"attributes": {"type": "Account"}, "Nope": 1}, record(json!("b"))]),
            false,
        );
        let success: Vec<&Value> = answer.as_array().unwrap().iter().map(|row| &row["success"]).collect();
        assert_eq!(success, [&json!(true), &json!(false), &json!(true)]);
        assert_eq!(count.swap(0, Ordering::Relaxed), runs, "{retries}");
        assert_eq!(
            given.column("SELECT Name FROM Account ORDER BY Name", "Name"),
            ["a", "b"],
            "each row once"
        );
        for (i, row) in answer.as_array().unwrap().iter().enumerate().filter(|(i, _)| *i != 1) {
            assert_eq!(
                given.get(&format!("/sobjects/Account/{}", row["id"].as_str().unwrap())).0,
                200,
                "{i}"
            );
        }
        // Without a bad row, and with all or none, nothing is tried again.
        send(json!([record(json!("c"))]), false);
        send(json!([record(json!("d")), {"attributes": {"type": "Account"}, "Nope": 1}]), true);
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}

#[test]
fn an_overloaded_org_says_when_to_come_back_or_not_as_assumed() {
    for after in [None, Some(Duration::from_secs(7))] {
        let given = assuming(|a| a.rest.retry_after = after);
        let ask = |status: u16| {
            given.org.inject(Fault::new(On::Any, Effect::Status(status, "SERVER_UNAVAILABLE".into())));
            let answer = given.send(Request::get("/services/data/v66.0/limits"));
            assert_eq!(answer.status, status);
            answer.find_header("Retry-After").map(str::to_owned)
        };
        let expected = after.map(|after| after.as_secs().to_string());
        assert_eq!((ask(503), ask(429), ask(500)), (expected.clone(), expected, None));
    }
}

#[test]
fn a_search_without_returning_finds_every_object_or_the_searchable_ones_as_assumed() {
    for (all, types) in [(true, vec!["Account", "Thing__c"]), (false, vec!["Account"])] {
        let given = assuming(|a| a.rest.bare_search_finds_all = all);
        given.account("Acme");
        given.insert("Thing__c", json!({"Name": "Acme"}));
        let (status, body) = given.get("/search?q=FIND+%7BAcme%7D");
        assert_eq!(status, 200, "{body}");
        let found: Vec<&str> = body["searchRecords"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["attributes"]["type"].as_str().unwrap())
            .collect();
        assert_eq!(found, types);
    }
    let given = Given::empty();
    given.org.set_field_access(&object!("Account"), &field!("Name"), FieldAccess::Hidden);
    assert_eq!(given.get("/search?q=FIND+%7BAcme%7D").1["searchRecords"], json!([]));
}
