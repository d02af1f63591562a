//! sObject Collections and composite.
use crate::given::{Given, V};
use serde_json::{Value, json};

fn record(mut fields: Value, object: &str) -> Value {
    fields["attributes"] = json!({ "type": object });
    fields
}

#[test]
fn given_rows_when_some_are_bad_then_each_has_its_own_outcome_in_order() {
    let given = Given::empty();
    let (status, body) = given.post(
        "/composite/sobjects",
        json!({"records": [record(json!({"Name": "A"}), "Account"), record(json!({}), "Account"), record(json!({"LastName": "C"}), "Contact")]}),
    );
    assert_eq!(status, 200);
    let (a, c) = (body[0]["id"].clone(), body[2]["id"].clone());
    assert_eq!(
        body,
        json!([
            {"id": a, "success": true, "errors": []},
            {"success": false, "errors": [{"statusCode": "REQUIRED_FIELD_MISSING", "message": "Required fields are missing: [Name]", "fields": ["Name"]}]},
            {"id": c, "success": true, "errors": []}
        ])
    );
    assert_eq!(given.records("SELECT Id FROM Account").len(), 1);
}

#[test]
fn given_all_or_none_when_one_row_fails_then_nothing_is_saved() {
    let given = Given::empty();
    let id = given.account("Acme");
    let body = json!({"allOrNone": true, "records": [
        record(json!({"id": id, "Name": "Changed"}), "Account"),
        record(json!({"id": id.replace("001", "003"), "Name": "x"}), "Account"),
    ]});
    let (status, body) = given.patch("/composite/sobjects", body);
    assert_eq!(status, 200);
    assert_eq!(
        body[0]["errors"],
        json!([{"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": "Record rolled back because not all records were valid and the request was using AllOrNone header", "fields": []}])
    );
    assert_eq!(body[1]["success"], false);
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["Name"], "Acme");
    let (_, body) = given.post(
        "/composite/sobjects",
        json!({"allOrNone": true, "records": [record(json!({"Name": "n"}), "Account"), record(json!({}), "Account")]}),
    );
    assert!(body[0].get("id").is_none());
    assert_eq!(given.records("SELECT Id FROM Account").len(), 1);
    assert_eq!(given.org.saves().len(), 1);
}

#[test]
fn given_updates_and_deletes_when_sent_then_every_row_is_settled_by_id() {
    let given = Given::empty();
    let ids: Vec<String> = (0..3).map(|i| given.account(&format!("A{i}"))).collect();
    let missing = "001000000000001AAA";
    let (_, body) = given.patch(
        "/composite/sobjects",
        json!({"records": [
            record(json!({"Id": ids[0], "Site": "x"}), "Account"),
            record(json!({"Id": missing, "Site": "x"}), "Account"),
            record(json!({"Site": "x"}), "Account"),
            record(json!({"id": "nonsense", "Site": "x"}), "Account"),
        ]}),
    );
    let codes: Vec<&Value> = body.as_array().unwrap().iter().map(|r| &r["errors"][0]["statusCode"]).collect();
    assert_eq!(
        codes,
        [
            &Value::Null,
            &json!("INVALID_CROSS_REFERENCE_KEY"),
            &json!("MISSING_ARGUMENT"),
            &json!("MALFORMED_ID")
        ]
    );
    let (_, body) = given.patch(
        "/composite/sobjects",
        json!({"records": [record(json!({"id": ids[1], "Site": "a"}), "Account"), record(json!({"id": ids[1], "Site": "b"}), "Account")]}),
    );
    assert!(body.as_array().unwrap().iter().all(|r| r["success"] == false), "{body}");
    let (status, body) = given.delete(&format!("/composite/sobjects?ids={},{missing},xyz", ids[2]));
    assert_eq!(status, 200);
    assert_eq!(body[0], json!({"id": ids[2], "success": true, "errors": []}));
    assert_eq!(body[1]["errors"][0]["statusCode"], "INVALID_CROSS_REFERENCE_KEY");
    assert_eq!(
        body[2]["errors"][0],
        json!({"statusCode": "MALFORMED_ID", "message": "malformed id xyz", "fields": []})
    );
}

#[test]
fn given_a_key_when_rows_are_upserted_then_created_says_what_happened() {
    let given = Given::empty();
    let account = given.account("Acme");
    let row = |name: &str, step: &str| {
        record(
            json!({"Name": name, "NextStep": step, "AccountId": account, "StageName": "Prospecting", "CloseDate": "2026-02-01"}),
            "Opportunity",
        )
    };
    let send =
        |rows: Value| given.patch("/composite/sobjects/Opportunity/Name", json!({ "records": rows })).1;
    let first = send(json!([row("one", "a"), row("two", "b")]));
    assert!(first.as_array().unwrap().iter().all(|r| r["created"] == true), "{first}");
    let second = send(json!([row("one", "c"), row("three", "d")]));
    assert_eq!((&second[0]["created"], &second[0]["id"]), (&json!(false), &first[0]["id"]));
    assert_eq!(second[1]["created"], true);
}

#[test]
fn given_requests_that_are_not_well_formed_when_sent_then_400_as_a_whole() {
    let given = Given::empty();
    let many: Vec<Value> = (0..201).map(|_| record(json!({"Name": "x"}), "Account")).collect();
    let mixed: Vec<Value> = (0..11)
        .map(|i| {
            if i % 2 == 0 {
                record(json!({"Name": "x"}), "Account")
            } else {
                record(json!({"LastName": "x"}), "Contact")
            }
        })
        .collect();
    for body in [
        json!({ "records": many }),
        json!({ "records": mixed }),
        json!({"records": [{"Name": "no type"}]}),
        json!({"nothing": 1}),
        json!({"records": [record(json!({"Name": "a"}), "Account"), record(json!({"Name": "b", "AnnualRevenue": "much"}), "Account")]}),
    ] {
        let (status, answer) = given.post("/composite/sobjects", body);
        assert_eq!(status, 400);
        assert!(answer[0]["errorCode"].is_string(), "{answer}");
    }
    assert!(given.records("SELECT Id FROM Account").is_empty());
}

#[test]
fn given_ids_when_read_then_rows_come_in_that_order_and_null_for_the_unseen() {
    let given = Given::empty();
    let (a, b) = (given.account("A"), given.account("B"));
    let gone = given.account("Gone");
    given.delete(&format!("/sobjects/Account/{gone}"));
    let body = json!({"ids": [b, "001000000000001AAA", a[..15], gone], "fields": ["Id", "name"]});
    let (status, rows) = given.post("/composite/sobjects/Account", body);
    assert_eq!(status, 200);
    let row = |id: &str, name: &str| json!({"attributes": {"type": "Account", "url": format!("{V}/sobjects/Account/{id}")}, "Id": id, "Name": name});
    assert_eq!(rows, json!([row(&b, "B"), null, row(&a, "A"), null]));
    let (_, same) = given.get(&format!("/composite/sobjects/Account?ids={b},{a}&fields=Id,Name"));
    assert_eq!(same, json!([row(&b, "B"), row(&a, "A")]));
    let (status, body) = given.post("/composite/sobjects/Account", json!({"ids": [a], "fields": ["Nope"]}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_FIELD")));
    let ids = vec![a; 2001];
    let (status, body) = given.post("/composite/sobjects/Account", json!({"ids": ids, "fields": ["Id"]}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("EXCEEDED_ID_LIMIT")));
}

#[test]
fn given_references_when_composed_then_later_parts_use_earlier_answers() {
    let given = Given::empty();
    let part = |method: &str, url: &str, id: &str, body: Value| json!({"method": method, "url": format!("{V}{url}"), "referenceId": id, "body": body});
    let (status, body) = given.post(
        "/composite",
        json!({"compositeRequest": [
            part("POST", "/sobjects/Account", "acme", json!({"Name": "Acme"})),
            part("POST", "/sobjects/Opportunity", "deal", json!({"Name": "Deal of @{acme.id}", "AccountId": "@{acme.id}", "StageName": "Prospecting", "CloseDate": "2026-02-01"})),
            part("GET", "/query?q=SELECT Id, Name FROM Account", "q", Value::Null),
            part("PATCH", "/sobjects/Account/@{q.records[0].Id}", "p", json!({"Site": "@{q.records[0].Name}"})),
            part("GET", "/sobjects/Account/@{nope.id}", "bad", Value::Null),
        ]}),
    );
    assert_eq!(status, 200);
    let parts = body["compositeResponse"].as_array().unwrap();
    let id = parts[0]["body"]["id"].as_str().unwrap();
    assert_eq!(
        parts[0],
        json!({"body": {"id": id, "success": true, "errors": []}, "httpHeaders": {"Location": format!("{V}/sobjects/Account/{id}")}, "httpStatusCode": 201, "referenceId": "acme"})
    );
    assert_eq!(parts[1]["httpStatusCode"], 201, "{body}");
    assert_eq!(parts[3], json!({"body": null, "httpHeaders": {}, "httpStatusCode": 204, "referenceId": "p"}));
    assert_eq!(
        (&parts[4]["httpStatusCode"], &parts[4]["body"][0]["errorCode"]),
        (&json!(400), &json!("PROCESSING_HALTED"))
    );
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["Site"], "Acme");
    assert_eq!(given.org.counters().api_calls, 2);
    assert_eq!(given.org.calls()[0].operations, ["composite", "insert", "insert", "query", "update", "get"]);
}

#[test]
fn given_all_or_none_when_a_part_fails_then_the_others_are_halted_and_undone() {
    let given = Given::empty();
    let part = |body: Value, id: &str| json!({"method": "POST", "url": format!("{V}/sobjects/Account"), "referenceId": id, "body": body});
    let (status, body) = given.post(
        "/composite",
        json!({"allOrNone": true, "compositeRequest": [part(json!({"Name": "A"}), "a"), part(json!({}), "b"), part(json!({"Name": "C"}), "c")]}),
    );
    assert_eq!(status, 200);
    let halted = json!([{"message": "The transaction was rolled back since another operation in the same transaction failed.", "errorCode": "PROCESSING_HALTED"}]);
    let parts = &body["compositeResponse"];
    assert_eq!((&parts[0]["body"], &parts[2]["body"]), (&halted, &halted));
    assert_eq!(parts[1]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    assert!(given.records("SELECT Id FROM Account").is_empty());
}

#[test]
fn given_all_or_none_when_a_row_of_a_nested_collection_fails_then_everything_is_undone() {
    let given = Given::empty();
    let old = given.account("Old");
    let part = |method: &str, url: String, id: &str, body: Value| json!({"method": method, "url": format!("{V}{url}"), "referenceId": id, "body": body});
    let account = |name: &str| part("POST", "/sobjects/Account".into(), name, json!({ "Name": name }));
    let rows = |inner: bool| {
        let records = json!([record(json!({"Name": "Good"}), "Account"), record(json!({}), "Account")]);
        let body = json!({"allOrNone": inner, "records": records});
        part("POST", "/composite/sobjects".into(), "rows", body)
    };
    let send = |outer: bool, parts: Value| {
        let (status, body) = given.post("/composite", json!({"allOrNone": outer, "compositeRequest": parts}));
        assert_eq!(status, 200);
        body["compositeResponse"].clone()
    };
    let names = || given.column("SELECT Name FROM Account", "Name");
    let halted = json!([{"message": "The transaction was rolled back since another operation in the same transaction failed.", "errorCode": "PROCESSING_HALTED"}]);

    // What was asked of the inner collection only decides what its own answer says.
    let parts = send(true, json!([account("before"), rows(false), account("after")]));
    assert_eq!(parts[1]["httpStatusCode"], 200);
    assert_eq!(
        (&parts[1]["body"][0]["success"], &parts[1]["body"][1]["success"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(parts[1]["body"][1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    for at in [0, 2] {
        assert_eq!((&parts[at]["httpStatusCode"], &parts[at]["body"]), (&json!(400), &halted));
    }
    assert_eq!(names(), ["Old"], "the good row of the inner collection is undone too");

    let parts = send(true, json!([rows(true)]));
    assert_eq!(parts[0]["body"][0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!(names(), ["Old"]);

    let delete = format!("/composite/sobjects?ids={old},001000000000001AAA");
    let parts = send(true, json!([part("DELETE", delete, "gone", Value::Null), account("after")]));
    assert_eq!((&parts[0]["httpStatusCode"], &parts[1]["body"]), (&json!(200), &halted));
    assert_eq!(names(), ["Old"]);
    assert_eq!(given.org.counters().rows, 4, "only the first row and three queries");

    let parts = send(false, json!([account("before"), rows(true), account("after")]));
    assert_eq!(parts[2]["httpStatusCode"], 201);
    send(false, json!([rows(false)]));
    assert_eq!(names(), ["Old", "before", "after", "Good"]);
}

#[test]
fn given_too_many_parts_when_composed_then_the_whole_is_refused() {
    let given = Given::empty();
    let part = |i: usize, url: &str| json!({"method": "GET", "url": format!("{V}{url}"), "referenceId": format!("r{i}")});
    for (count, url) in [(26, "/limits"), (6, "/query?q=SELECT+Id+FROM+Account"), (0, "")] {
        let parts: Vec<Value> = (0..count).map(|i| part(i, url)).collect();
        let (status, body) = given.post("/composite", json!({ "compositeRequest": parts }));
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_INPUT")), "{count}");
    }
}

#[test]
fn given_no_ids_when_a_collection_is_deleted_then_the_request_is_refused() {
    let given = Given::empty();
    for path in
        ["/composite/sobjects", "/composite/sobjects?ids=", "/composite/sobjects?ids=,&allOrNone=true"]
    {
        let (status, body) = given.delete(path);
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!("JSON_PARSER_ERROR")), "{path}");
    }
}

#[test]
fn given_a_batch_when_its_requests_save_then_each_is_a_transaction_of_its_own() {
    let given = Given::empty();
    let insert =
        |name: &str| json!({"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {"Name": name}});
    let wrong = json!({"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {}});
    let (_, body) =
        given.post("/composite/batch", json!({"batchRequests": [insert("a"), wrong, insert("b")]}));
    let statuses: Vec<&Value> =
        body["results"].as_array().unwrap().iter().map(|r| &r["statusCode"]).collect();
    assert_eq!(statuses, [201, 400, 201]);
    let events = given.org.changes(0).unwrap();
    assert_eq!(events.len(), 2);
    assert_ne!(events[0].header.transaction_key, events[1].header.transaction_key);
}

#[test]
fn given_a_composite_when_it_asks_for_the_content_of_a_file_then_that_part_is_refused() {
    let given = Given::empty();
    let id = given.insert("ContentVersion", json!({"PathOnClient": "a.txt", "VersionData": "eA=="}));
    let url = format!("{V}/sobjects/ContentVersion/{id}/VersionData");
    let part = json!({"method": "GET", "url": url, "referenceId": "a"});
    let (status, body) = given.post("/composite", json!({"compositeRequest": [part]}));
    let message = format!("A composite request cannot hold {url}");
    assert_eq!(status, 200);
    assert_eq!(
        body["compositeResponse"],
        json!([{"body": [{"message": message, "errorCode": "INVALID_INPUT"}], "httpHeaders": {}, "httpStatusCode": 400, "referenceId": "a"}])
    );
}

#[test]
fn given_an_external_id_twice_in_one_upsert_then_all_its_copies_are_refused_and_the_others_are_not() {
    let given = Given::empty();
    let row =
        |mail: &str, name: &str| json!({"attributes": {"type": "Contact"}, "Email": mail, "LastName": name});
    let records = [row("a@acme.example", "A"), row("b@acme.example", "B"), row("A@acme.example", "C")];
    let body = json!({"allOrNone": false, "records": records});
    let (status, rows) = given.patch("/composite/sobjects/Contact/Email", body);
    let refused = |mail: &str| {
        json!({"success": false, "errors": [{"statusCode": "DUPLICATE_VALUE",
            "message": format!("Duplicate external id specified: {mail}"), "fields": ["Email"]}]})
    };
    assert_eq!((status, &rows[0], &rows[2]), (200, &refused("a@acme.example"), &refused("A@acme.example")));
    assert_eq!((&rows[1]["success"], &rows[1]["created"]), (&json!(true), &json!(true)));
    assert_eq!(given.column("SELECT LastName FROM Contact", "LastName"), [json!("B")]);
}
