//! Rules of the wire that a parsed answer does not show, and bounds of what is taken.
use crate::given::{Given, V};
use serde_json::{Value, json};
use sf_core::object;
use sf_testorg::{Method, Request};
use std::time::Duration;

#[test]
fn given_a_row_that_fails_when_answered_then_its_keys_come_in_the_documented_order() {
    let given = Given::empty();
    let body = r#"{"records":[{"attributes":{"type":"Account"}}]}"#;
    let response = given.send(Request::post(format!("{V}/composite/sobjects"), body));
    assert_eq!(
        response.text(),
        r#"[{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [Name]","fields":["Name"]}]}]"#
    );
    let response = given.send(Request::post(format!("{V}/sobjects/Account"), "{}"));
    assert_eq!(
        response.text(),
        r#"[{"message":"Required fields are missing: [Name]","errorCode":"REQUIRED_FIELD_MISSING","fields":["Name"]}]"#
    );
}

#[test]
fn given_a_window_of_a_minute_or_less_when_deleted_ids_are_asked_for_then_it_is_refused() {
    let given = Given::empty();
    given.org.clock().advance(Duration::from_secs(3600));
    let ask = |resource: &str, start: &str, end: &str| {
        let window = format!("start=2026-01-05T{start}Z&end=2026-01-05T{end}Z");
        let (status, body) = given.get(&format!("/sobjects/Account/{resource}/?{window}"));
        (status, body[0]["errorCode"].as_str().unwrap_or_default().to_owned())
    };
    let refused = (400, "INVALID_REPLICATION_DATE".to_owned());
    // Seconds are dropped first.
    for (start, end) in [
        ("09:10:00", "09:11:00"),
        ("09:10:00", "09:11:59"),
        ("09:10:00", "09:10:00"),
        ("09:11:00", "09:10:00"),
    ] {
        assert_eq!(ask("deleted", start, end), refused, "{start} {end}");
    }
    assert_eq!(ask("deleted", "09:10:59", "09:12:00").0, 200);
    for (start, end) in [("09:10:00", "09:10:59"), ("09:11:00", "09:10:00")] {
        assert_eq!(ask("updated", start, end), refused, "{start} {end}");
    }
    assert_eq!(ask("updated", "09:10:00", "09:11:00").0, 200);
}

#[test]
fn given_a_text_of_more_than_4000_characters_in_where_then_the_statement_is_refused() {
    let given = Given::empty();
    given.account("Acme");
    let ask = |condition: &str| given.query(&format!("SELECT Id FROM Account WHERE {condition}"));
    let (most, more) = ("é".repeat(2000) + &"x".repeat(2000), "x".repeat(4001));
    for (template, why) in [
        ("Name = '?'", "compared"),
        ("Name LIKE '?'", "a pattern"),
        ("Name LIKE '%?'", "a pattern whose wildcard counts"),
        ("Name IN ('a', '?')", "listed"),
        ("NOT (Name = 'a' OR Site != '?')", "nested"),
        ("Id IN (SELECT AccountId FROM Contact WHERE LastName = '?')", "in a semi-join"),
    ] {
        let fits = most.chars().skip(template.matches('%').count()).collect::<String>();
        let (status, body) = ask(&template.replace('?', &fits));
        assert_eq!(status, 200, "{why}: {body}");
        let (status, body) = ask(&template.replace('?', &more));
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!("MALFORMED_QUERY")), "{why}");
        assert!(body[0]["message"].as_str().unwrap().contains("4000 characters"), "{body}");
        assert!(body[0]["message"].as_str().unwrap().len() < 500, "the text is not repeated");
    }
    // An escape counts as the one character it stands for.
    assert_eq!(ask(&format!("Name = '{}'", r"\'".repeat(2500))).0, 200);
}

#[test]
fn given_a_unicode_escape_with_a_sign_when_read_then_it_is_no_json() {
    let given = Given::empty();
    for bad in [r"\u+123", r"\u-123", r"\u 123", r"\u12", r"\u12g4", r"\ud83d\u+e00"] {
        let request = Request::post(format!("{V}/sobjects/Account"), format!(r#"{{"Name":"a{bad}b"}}"#));
        let response = given.send(request);
        assert_eq!(response.status, 400, "{bad}");
        assert!(response.text().contains("JSON_PARSER_ERROR"), "{bad}");
    }
    let request = Request::post(format!("{V}/sobjects/Account"), r#"{"Name":"\u00e9\uD83D\uDE00"}"#);
    assert_eq!(given.send(request).status, 201);
    assert_eq!(given.column("SELECT Name FROM Account", "Name"), ["é😀"]);
}

#[test]
fn given_no_key_when_posted_to_the_id_field_then_a_row_is_created() {
    let given = Given::empty();
    let (status, body) = given.post("/sobjects/Account/Id", json!({"Name": "Acme"}));
    assert_eq!(status, 201, "{body}");
    let id = body["id"].as_str().unwrap();
    assert_eq!(body, json!({"id": id, "success": true, "errors": [], "created": true}));
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["Name"], "Acme");
    assert_eq!(given.org.calls()[0].operations, ["insert"]);
    assert_eq!(given.post("/sobjects/Account/id", json!({"Name": "Two"})).0, 201);

    let (status, body) = given.post("/sobjects/Account/Id", json!({"Id": id, "Name": "Three"}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_FIELD")));
    assert_eq!(given.post("/sobjects/Nope/Id", json!({"Name": "x"})).0, 404);
    assert_eq!(given.call(Method::Patch, "/sobjects/Account/Id", json!({"Name": "x"})).0, 404);
    assert_eq!(given.call(Method::Get, "/sobjects/Account/Id", Value::Null).0, 404);
    assert_eq!(given.org.rows(&object!("Account")).len(), 2);
}
