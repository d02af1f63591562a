//! `/recent`, `recentItems` and `Sforce-Mru`.
use super::with_header;
use crate::given::{Given, V};
use serde_json::{Value, json};
use sf_testorg::{Method, Request};

const HEADER: &str = "Sforce-Mru";

fn recent(given: &Given) -> Vec<String> {
    let (status, body) = given.get("/recent");
    assert_eq!(status, 200);
    body.as_array().unwrap().iter().map(|item| item["Id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn given_single_rows_when_created_read_or_changed_then_they_are_the_latest() {
    let given = Given::empty();
    let (a, b) = (given.account("A"), given.account("B"));
    assert_eq!(recent(&given), [b.clone(), a.clone()]);
    given.get(&format!("/sobjects/Account/{a}"));
    assert_eq!(recent(&given), [a.clone(), b.clone()]);
    given.patch(&format!("/sobjects/Account/{b}"), json!({"Site": "x"}));
    assert_eq!(recent(&given), [b.clone(), a.clone()]);
    let (_, body) = given.get("/sobjects/Account");
    assert_eq!(
        body["recentItems"][0],
        json!({"attributes": {"type": "Account", "url": format!("{V}/sobjects/Account/{b}")}, "Id": b, "Name": "B"})
    );
    given.delete(&format!("/sobjects/Account/{b}"));
    assert_eq!(recent(&given), [a]);
}

#[test]
fn given_update_mru_is_false_then_the_list_stays() {
    let given = Given::empty();
    let off = (HEADER, "updateMru=false");
    // Also when it is the first thing the user ever does.
    let (status, made) =
        with_header(&given, Method::Post, "/sobjects/Account", off, json!({"Name": "Quiet"}));
    assert_eq!(status, 201);
    assert!(recent(&given).is_empty());
    let loud = given.account("Loud");
    let quiet = format!("/sobjects/Account/{}", made["id"].as_str().unwrap());
    with_header(&given, Method::Get, &quiet, off, Value::Null);
    with_header(&given, Method::Patch, &quiet, off, json!({"Site": "x"}));
    assert_eq!(recent(&given), std::slice::from_ref(&loud));
    with_header(&given, Method::Get, &quiet, (HEADER, "updateMru=true"), Value::Null);
    assert_eq!(recent(&given).len(), 2);
    // The header is there since 60.0.
    let request = Request::get(format!("/services/data/v59.0/sobjects/Account/{loud}"))
        .header(HEADER, "updateMru=false");
    assert_eq!(given.send(request).status, 200);
    assert_eq!(recent(&given)[0], loud);
}

#[test]
fn given_queries_collections_and_bulk_jobs_then_they_do_not_touch_the_list() {
    let given = Given::empty();
    let a = given.account("A");
    given.records("SELECT Id FROM Account");
    let record = json!({"attributes": {"type": "Account"}, "Name": "Many"});
    given.post("/composite/sobjects", json!({"records": [record]}));
    assert!(super::validation::bulk_insert(&given, "Account", "Name\nBulk\n").is_empty());
    assert_eq!(recent(&given), [a]);
}

#[test]
fn given_the_demo_then_the_list_begins_with_what_the_user_changed() {
    let given = Given::demo();
    let (_, body) = given.get("/recent?limit=3");
    let own = given.org.credentials().user_id;
    for item in body.as_array().unwrap() {
        let url = item["attributes"]["url"].as_str().unwrap();
        assert_eq!(given.get(url).1["LastModifiedById"], own.as_str());
    }
}
