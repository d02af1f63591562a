//! Composite batch, tree and graph; relationships in URLs.
use crate::given::{Given, V, encode, read};
use serde_json::{Value, json};
use sf_testorg::{Method, Request};

#[test]
fn given_a_batch_when_sent_then_each_request_stands_for_itself_and_counts() {
    let given = Given::empty();
    let id = given.account("Acme");
    let calls = || given.org.counters().api_calls;
    let before = calls();
    let batch = |halt: bool| {
        json!({"haltOnError": halt, "batchRequests": [
            {"method": "PATCH", "url": format!("v66.0/sobjects/account/{id}"), "richInput": {"Name": "NewName"}},
            {"method": "PATCH", "url": "v66.0/sobjects/Account/001000000009999AAA", "richInput": {"Name": "x"}},
            {"method": "GET", "url": format!("v65.0/sobjects/Account/{id}?fields=Name")}
        ]})
    };
    let (status, body) = given.post("/composite/batch", batch(false));
    assert_eq!(status, 200);
    assert_eq!(
        body,
        json!({"hasErrors": true, "results": [
            {"statusCode": 204, "result": null},
            {"statusCode": 404, "result": [{"errorCode": "INVALID_CROSS_REFERENCE_KEY", "message": "invalid cross reference id", "fields": []}]},
            {"statusCode": 200, "result": {
                "attributes": {"type": "Account", "url": format!("/services/data/v65.0/sobjects/Account/{id}")},
                "Name": "NewName", "Id": id}}
        ]})
    );
    assert_eq!(calls() - before, 3);
    let (_, body) = given.post("/composite/batch", batch(true));
    assert_eq!(body["results"][2]["statusCode"], 412);
    assert_eq!(body["results"][2]["result"][0]["errorCode"], "BATCH_PROCESSING_HALTED");
    for wrong in [
        json!({"batchRequests": []}),
        json!({"batchRequests": [{"method": "FETCH", "url": "v66.0/limits"}]}),
        json!({"batchRequests": [{"method": "GET", "url": "v67.0/limits"}]}),
        json!({"batchRequests": [{"method": "GET", "url": "limits"}]}),
        json!({"batchRequests": [{"method": "POST", "url": "v66.0/composite/batch", "richInput": {}}]}),
        json!({"batchRequests": vec![json!({"method": "GET", "url": "v66.0/limits"}); 26]}),
    ] {
        assert_eq!(given.post("/composite/batch", wrong.clone()).0, 400, "{wrong}");
    }
    assert_eq!(given.get("/composite/batch").0, 405);
}

fn node(kind: &str, reference: &str, fields: Value) -> Value {
    let mut node = json!({"attributes": {"type": kind, "referenceId": reference}});
    node.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    node
}

#[test]
fn given_a_tree_when_sent_then_roots_come_first_and_children_have_their_parent() {
    let given = Given::empty();
    let deal = |reference: &str, fields: Value| {
        let mut all = json!({"Name": reference, "StageName": "Prospecting", "CloseDate": "2026-03-31"});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        node("Opportunity", reference, all)
    };
    let tree = json!({"records": [
        node("Account", "a1", json!({"Name": "A1", "Opportunities": {"records": [
            deal("o1", json!({"Tasks": {"records": [node("Task", "t1", json!({"Subject": "s"}))]}})),
        ]}})),
        node("Account", "a2", json!({"Name": "A2", "Opportunities": {"records": [deal("o2", json!({}))]}})),
    ]});
    let (status, body) = given.post("/composite/tree/Account", tree);
    assert_eq!(status, 201, "{body}");
    assert_eq!(body["hasErrors"], false);
    let references: Vec<&Value> =
        body["results"].as_array().unwrap().iter().map(|r| &r["referenceId"]).collect();
    assert_eq!(json!(references), json!(["a1", "a2", "o1", "o2", "t1"]));
    let names = given.column("SELECT Account.Name FROM Opportunity ORDER BY Name", "Account");
    assert_eq!((&names[0]["Name"], &names[1]["Name"]), (&json!("A1"), &json!("A2")));
    assert_eq!(given.column("SELECT WhatId FROM Task", "WhatId")[0], body["results"][2]["id"]);
}

#[test]
fn given_a_tree_with_a_bad_row_when_sent_then_nothing_is_saved_and_only_that_row_is_named() {
    let given = Given::empty();
    let tree = json!({"records": [
        node("Account", "good", json!({"Name": "A"})),
        node("Account", "bad", json!({"Name": "B", "Opportunities": {"records": [node("Opportunity", "below", json!({"Name": "o"}))]}, "Industry": 5})),
        node("Account", "worse", json!({"Nope": "B"})),
    ]});
    let (status, body) = given.post("/composite/tree/Account", tree);
    assert_eq!(status, 400);
    assert_eq!(body["hasErrors"], true);
    let errors: Vec<Value> =
        body["results"].as_array().unwrap().iter().map(|r| r["referenceId"].clone()).collect();
    assert!(errors.contains(&json!("worse")) && !errors.contains(&json!("good")), "{body}");
    let worse = body["results"].as_array().unwrap().iter().find(|r| r["referenceId"] == "worse").unwrap();
    assert_eq!(worse["errors"][0]["statusCode"], "INVALID_FIELD");
    assert!(worse["errors"][0]["message"].is_string() && worse["errors"][0]["fields"].is_array());
    assert_eq!(given.query("SELECT COUNT() FROM Account").1["totalSize"], 0);
    for wrong in [
        json!([node("Account", "r", json!({"Name": "A"})), node("Account", "r", json!({"Name": "B"}))]),
        json!([{"attributes": {"type": "Account"}, "Name": "A"}]),
        json!([node("Contact", "c", json!({"LastName": "A"}))]),
        json!((0..201).map(|i| node("Account", &format!("r{i}"), json!({"Name": "A"}))).collect::<Vec<_>>()),
    ] {
        let (status, body) = given.post("/composite/tree/Account", json!({ "records": wrong }));
        assert_eq!((status, &body["hasErrors"]), (400, &json!(true)), "{body}");
        assert_eq!(body["results"][0]["errors"][0]["statusCode"], "INVALID_INPUT");
    }
}

fn part(method: &str, path: &str, reference: &str, body: Value) -> Value {
    json!({"method": method, "url": format!("{V}{path}"), "referenceId": reference, "body": body})
}

#[test]
fn given_graphs_when_sent_then_each_is_all_or_none() {
    let given = Given::empty();
    let deal =
        json!({"Name": "o", "AccountId": "@{a.id}", "StageName": "Prospecting", "CloseDate": "2026-03-31"});
    let graph = |id: &str, name: &str, deal: Value| {
        json!({"graphId": id, "compositeRequest": [
            part("POST", "/sobjects/Account", "a", json!({ "Name": name })),
            part("POST", "/sobjects/Opportunity", "o", deal),
        ]})
    };
    let mut bad = deal.clone();
    bad["StageName"] = Value::Null;
    let (status, body) =
        given.post("/composite/graph", json!({"graphs": [graph("1", "good", deal), graph("2", "bad", bad)]}));
    assert_eq!(status, 200, "{body}");
    let graphs = body["graphs"].as_array().unwrap();
    assert_eq!((&graphs[0]["graphId"], &graphs[0]["isSuccessful"]), (&json!("1"), &json!(true)));
    let parts = graphs[0]["graphResponse"]["compositeResponse"].as_array().unwrap();
    assert_eq!(json!([parts[0]["httpStatusCode"], parts[1]["httpStatusCode"]]), json!([201, 201]));
    assert_eq!(graphs[1]["isSuccessful"], false);
    let parts = graphs[1]["graphResponse"]["compositeResponse"].as_array().unwrap();
    assert_eq!(parts[0]["body"][0]["errorCode"], "PROCESSING_HALTED");
    assert_eq!(parts[1]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(given.column("SELECT Name FROM Account", "Name"), ["good"]);
}

#[test]
fn given_a_graph_beyond_its_limits_when_sent_then_the_request_is_refused() {
    let given = Given::empty();
    let account = |reference: &str| part("POST", "/sobjects/Account", reference, json!({"Name": "x"}));
    let chain: Vec<Value> = (0..16)
        .map(|i| match i {
            0 => account("r0"),
            i => part(
                "PATCH",
                &format!("/sobjects/Account/@{{r{}.id}}", i - 1),
                &format!("r{i}"),
                json!({"Name": "y"}),
            ),
        })
        .collect();
    let one = |parts: Vec<Value>| json!({"graphs": [{"graphId": "g", "compositeRequest": parts}]});
    for wrong in [
        json!({"graphs": []}),
        json!({"graphs": [{"graphId": "a.b", "compositeRequest": [account("r")]}]}),
        json!({"graphs": [{"graphId": "g", "compositeRequest": [account("r")]}, {"graphId": "g", "compositeRequest": [account("r")]}]}),
        one(vec![part("GET", "/query?q=SELECT+Id+FROM+Account", "q", Value::Null)]),
        one(vec![]),
        one(chain),
        one((0..501).map(|i| account(&format!("r{i}"))).collect()),
        json!({"graphs": (0..76).map(|i| json!({"graphId": format!("g{i}"), "compositeRequest": [account("r")]})).collect::<Vec<_>>()}),
    ] {
        let (status, body) = given.post("/composite/graph", wrong);
        assert_eq!(status, 400, "{body}");
    }
    let failing = |i: i32| json!({"graphId": format!("g{i}"), "compositeRequest": [part("POST", "/sobjects/Account", "r", json!({}))]});
    let mut graphs: Vec<Value> = (0..14).map(failing).collect();
    graphs.push(json!({"graphId": "last", "compositeRequest": [account("r")]}));
    let (_, body) = given.post("/composite/graph", json!({ "graphs": graphs }));
    let last = &body["graphs"][14];
    assert_eq!(last["isSuccessful"], false);
    assert_eq!(last["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"], "PROCESSING_HALTED");
    assert_eq!(given.query("SELECT COUNT() FROM Account").1["totalSize"], 0);
}

#[test]
fn given_relationships_in_a_url_when_followed_then_parents_are_records_and_children_a_page() {
    let given = Given::empty();
    let acme = given.account("Acme");
    let lonely = given.account("Lonely");
    let deal = given.opportunity(&acme, "Big", "Prospecting");
    let (status, body) = given.get(&format!("/sobjects/Opportunity/{deal}/Account?fields=Name"));
    assert_eq!(status, 200);
    assert_eq!(
        body,
        json!({"attributes": {"type": "Account", "url": format!("{V}/sobjects/Account/{acme}")}, "Name": "Acme", "Id": acme})
    );
    assert_eq!(
        given.get(&format!("/sobjects/Opportunity/{deal}/Account/Owner")).1["attributes"]["type"],
        "User"
    );
    let (status, body) =
        given.get(&format!("/sobjects/Opportunity/{deal}/Account/Opportunities?fields=Name"));
    assert_eq!(status, 200);
    assert_eq!(
        body,
        json!({"totalSize": 1, "done": true, "records": [
            {"attributes": {"type": "Opportunity", "url": format!("{V}/sobjects/Opportunity/{deal}")}, "Name": "Big", "Id": deal}
        ]})
    );
    let (status, body) = given.get(&format!("/sobjects/Account/{lonely}/Opportunities"));
    assert_eq!((status, body), (200, json!({"totalSize": 0, "done": true, "records": []})));
    assert_eq!(given.get(&format!("/sobjects/Account/{acme}/Parent")).0, 404);
    assert_eq!(given.get(&format!("/sobjects/Account/{acme}/Nope")).0, 404);
    assert_eq!(given.get(&format!("/sobjects/Account/{acme}/Opportunities/Owner")).0, 404);
    assert_eq!(given.patch(&format!("/sobjects/Opportunity/{deal}/Account"), json!({"Name": "New"})).0, 204);
    assert_eq!(given.column(&format!("SELECT Name FROM Account WHERE Id = '{acme}'"), "Name"), ["New"]);
    assert_eq!(given.delete(&format!("/sobjects/Account/{acme}/Opportunities")).0, 405);
}

#[test]
fn given_a_statement_when_explained_then_the_cheapest_way_comes_first() {
    let given = Given::empty();
    let ids: Vec<String> = (0..30).map(|i| given.account(&format!("A{i}"))).collect();
    let (status, body) = given.get(&format!(
        "/query?explain={}",
        encode(&format!("SELECT Name FROM Account WHERE Id = '{}'", ids[3]))
    ));
    assert_eq!(status, 200);
    assert_eq!(
        body["plans"][0],
        json!({"cardinality": 1, "fields": ["Id"], "leadingOperationType": "Index", "notes": [],
            "relativeCost": 0.333, "sobjectCardinality": 30, "sobjectType": "Account"})
    );
    assert_eq!(body["plans"][1]["leadingOperationType"], "TableScan");
    assert_eq!(body["plans"][1]["notes"][0]["fields"], json!(["IsDeleted"]));
    let (_, body) = given.get(&format!(
        "/query?explain={}",
        encode("SELECT COUNT(Id) FROM Account WHERE Name LIKE 'A1%' LIMIT 5")
    ));
    assert_eq!(body["plans"].as_array().unwrap().len(), 1, "{body}");
    let (status, body) = given.get(&format!("/query?explain={}", encode("SELECT Nope FROM Nope")));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_TYPE")));
}

#[test]
fn given_conditions_when_they_do_not_hold_then_304_or_412_is_answered() {
    let given = Given::empty();
    let id = given.account("Acme");
    let deal = given.opportunity(&id, "Big", "Prospecting");
    let path = format!("{V}/sobjects/Account/{id}");
    let first = given.send(Request::get(&path));
    let (etag, modified) = (
        first.find_header("ETag").unwrap().to_owned(),
        first.find_header("Last-Modified").unwrap().to_owned(),
    );
    assert_eq!(modified, "Mon, 05 Jan 2026 09:00:00 GMT");
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 10);
    let get = |name: &str, value: &str| given.send(Request::get(&path).header(name, value)).status;
    let patch = |name: &str, value: &str| {
        let request = Request::new(Method::Patch, &path).json(r#"{"Phone":"1"}"#).header(name, value);
        let response = given.send(request);
        (response.status, read(&response)[0]["errorCode"].clone())
    };
    assert_eq!(get("If-None-Match", &etag), 304);
    assert_eq!(get("If-None-Match", &format!("\"other\", \"{}--gzip\"", etag.replace('"', ""))), 304);
    assert_eq!(get("If-None-Match", "\"other\""), 200);
    assert_eq!(get("If-Match", "\"other\""), 412);
    assert_eq!(get("If-Modified-Since", &modified), 304);
    assert_eq!(get("If-Modified-Since", "Sun, 04 Jan 2026 09:00:00 GMT"), 200);
    assert_eq!(get("If-Unmodified-Since", "Sun, 4 Jan 2026 09:00:00 GMT"), 412);
    assert_eq!(get("If-Modified-Since", "yesterday"), 200);
    assert_eq!(patch("If-None-Match", &etag), (412, json!("MATCH_PRECONDITION_FAILED")));
    assert_eq!(patch("If-Match", "other").0, 400);
    assert_eq!(patch("If-Unmodified-Since", "yesterday").0, 400);
    given.org.clock().advance(std::time::Duration::from_secs(5));
    assert_eq!(patch("If-Match", &etag).0, 204);
    assert_eq!(patch("If-Match", &etag).0, 412);
    assert_eq!(get("If-None-Match", &etag), 200);
    // Other objects have no ETag, and their conditions on one are not looked at.
    let other =
        given.send(Request::get(format!("{V}/sobjects/Opportunity/{deal}")).header("If-Match", "\"x\""));
    assert_eq!((other.status, other.find_header("ETag")), (200, None));
    // Deletes are unconditional.
    let delete = Request::new(Method::Delete, format!("{V}/sobjects/Opportunity/{deal}"))
        .header("If-Unmodified-Since", "Sun, 04 Jan 2026 09:00:00 GMT");
    assert_eq!(given.send(delete).status, 204);
    let describe = given.send(Request::get(format!("{V}/sobjects/Account/describe")));
    let stamp = describe.find_header("Last-Modified").unwrap().to_owned();
    assert_eq!(describe.find_header("ETag").unwrap().len(), 10);
    let again =
        Request::get(format!("{V}/sobjects/Account/describe")).header("If-Modified-Since", stamp.as_str());
    let again = given.send(again);
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[test]
fn given_a_statement_when_its_columns_are_asked_then_they_are_told_without_rows() {
    let given = Given::empty();
    let soql =
        "SELECT Id, Account.Owner.Name, Account.Name, Amount, (SELECT Subject FROM Tasks) FROM Opportunity";
    let (status, body) = given.get(&format!("/query?q={}&columns=true", encode(soql)));
    assert_eq!(status, 200);
    assert_eq!(
        (&body["entityName"], &body["groupBy"], &body["idSelected"], &body["keyPrefix"]),
        (&json!("Opportunity"), &json!(false), &json!(true), &json!("006"))
    );
    let columns = body["columnMetadata"].as_array().unwrap();
    let names: Vec<&Value> = columns.iter().map(|c| &c["columnName"]).collect();
    assert_eq!(json!(names), json!(["Id", "Account", "Amount", "Tasks"]));
    assert_eq!(
        columns[2],
        json!({"aggregate": false, "apexType": "Double", "booleanType": false, "columnName": "Amount", "custom": false,
            "displayName": "Amount", "foreignKeyName": null, "insertable": true, "joinColumns": [], "numberType": true,
            "textType": false, "updatable": true})
    );
    assert_eq!(columns[1]["foreignKeyName"], "AccountId");
    assert_eq!(columns[1]["joinColumns"][0]["joinColumns"][0]["columnName"], "Name");
    assert_eq!(columns[1]["joinColumns"][1]["columnName"], "Name");
    assert_eq!(
        (&columns[3]["aggregate"], &columns[3]["joinColumns"][0]["columnName"]),
        (&json!(true), &json!("Subject"))
    );
    let grouped =
        encode("SELECT StageName, COUNT(Id), SUM(Amount) total FROM Opportunity GROUP BY StageName");
    let (_, body) = given.get(&format!("/query?q={grouped}&columns=true"));
    let names: Vec<&Value> =
        body["columnMetadata"].as_array().unwrap().iter().map(|c| &c["columnName"]).collect();
    assert_eq!((json!(names), &body["groupBy"]), (json!(["StageName", "expr0", "total"]), &json!(true)));
}
