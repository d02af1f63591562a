//! `/query`: answers, pages, errors.
use crate::given::{Given, V};
use serde_json::{Value, json};
use sf_testorg::{Effect, Fault, On, Request};
use std::time::Duration;

#[test]
fn given_rows_when_queried_then_only_the_selected_fields_and_attributes_come() {
    let given = Given::empty();
    let id = given.insert("Account", json!({"Name": "Acme", "AnnualRevenue": 1e7, "NumberOfEmployees": 12}));
    let (status, body) =
        given.query("SELECT Name, AnnualRevenue, NumberOfEmployees, Industry, Parent.Name FROM Account");
    assert_eq!(status, 200);
    assert_eq!(
        body,
        json!({"totalSize": 1, "done": true, "records": [{
            "attributes": {"type": "Account", "url": format!("{V}/sobjects/Account/{id}")},
            "Name": "Acme", "AnnualRevenue": 1e7, "NumberOfEmployees": 12, "Industry": null, "Parent": null
        }]})
    );
    let raw =
        given.send(Request::get(format!("{V}/query?q=SELECT+AnnualRevenue,NumberOfEmployees+FROM+Account")));
    assert!(raw.text().contains(r#""AnnualRevenue":1.0E7,"NumberOfEmployees":12"#), "{}", raw.text());
    assert!(raw.text().starts_with(r#"{"totalSize":1,"done":true,"records":["#));
}

#[test]
fn given_parents_and_children_when_queried_then_both_are_nested() {
    let given = Given::empty();
    let acme = given.account("Acme");
    let none = given.account("None");
    let big = given.opportunity(&acme, "Big", "Prospecting");
    let records = given.records(
        "SELECT Id, Owner.Name, (SELECT Id, Name FROM Opportunities WHERE IsClosed = false) FROM Account ORDER BY Name",
    );
    assert_eq!(records[0]["Opportunities"]["totalSize"], 1);
    assert_eq!(records[0]["Opportunities"]["done"], true);
    assert_eq!(
        records[0]["Opportunities"]["records"],
        json!([{"attributes": {"type": "Opportunity", "url": format!("{V}/sobjects/Opportunity/{big}")}, "Id": big, "Name": "Big"}])
    );
    assert_eq!(records[1]["Id"], none);
    assert_eq!(records[1]["Opportunities"], Value::Null);
    assert_eq!(records[0]["Owner"]["attributes"]["type"], "User");
    assert!(records[0]["Owner"]["Name"].is_string());
    let names = given.column("SELECT Account.Name FROM Opportunity", "Account");
    assert_eq!(names[0]["Name"], "Acme");
    assert_eq!(names[0]["attributes"]["url"], format!("{V}/sobjects/Account/{acme}"));
}

#[test]
fn given_more_rows_than_a_page_when_read_on_then_every_row_comes_once() {
    let given = Given::empty();
    for chunk in 0..3 {
        let records: Vec<Value> = (0..150)
            .map(|i| json!({"attributes": {"type": "Account"}, "Name": format!("A{:03}", chunk * 150 + i)}))
            .collect();
        let (status, _) = given.post("/composite/sobjects", json!({ "records": records }));
        assert_eq!(status, 200);
    }
    let first = Request::get(format!("{V}/query?q=SELECT+Name+FROM+Account+ORDER+BY+Name"))
        .header("Sforce-Query-Options", "batchSize=200");
    let mut page = crate::given::read(&given.send(first));
    assert_eq!((&page["totalSize"], &page["done"]), (&json!(450), &json!(false)));
    let locator = page["nextRecordsUrl"].as_str().unwrap().to_owned();
    assert!(locator.starts_with(&format!("{V}/query/")) && locator.ends_with("-200"), "{locator}");
    let mut names: Vec<Value> = Vec::new();
    loop {
        names.extend(page["records"].as_array().unwrap().iter().map(|r| r["Name"].clone()));
        let Some(next) = page["nextRecordsUrl"].as_str().map(str::to_owned) else { break };
        let request = Request::get(next).header("Sforce-Query-Options", "batchSize=200");
        page = crate::given::read(&given.send(request));
        assert_eq!(page["totalSize"], 450);
    }
    assert!(page.get("nextRecordsUrl").is_none() && page["done"] == true);
    let expected: Vec<Value> = (0..450).map(|i| json!(format!("A{i:03}"))).collect();
    assert_eq!(names, expected);

    assert_eq!(given.get(&format!("{locator}9")).1[0]["errorCode"], "INVALID_QUERY_LOCATOR");
    given.org.clock().advance(Duration::from_secs(3 * 24 * 3600));
    let (status, body) = given.get(&locator);
    assert_eq!((status, &body[0]["message"]), (400, &json!("invalid query locator")));
}

#[test]
fn given_two_long_texts_when_selected_then_a_page_has_200_rows() {
    let given = Given::empty();
    for _ in 0..2 {
        let records: Vec<Value> =
            (0..150).map(|_| json!({"attributes": {"type": "Account"}, "Name": "A"})).collect();
        given.post("/composite/sobjects", json!({ "records": records }));
    }
    let rows = |soql: &str| given.records(soql).len();
    assert_eq!(rows("SELECT Id, Relationship_Health_Comments__c FROM Account"), 300);
    assert_eq!(rows("SELECT Id, Relationship_Health_Comments__c, Consumption_Comments__c FROM Account"), 200);
}

#[test]
fn given_many_children_when_they_fill_the_page_then_parents_get_fewer_and_children_a_locator() {
    let given = Given::empty();
    let accounts: Vec<String> = (0..3).map(|i| given.account(&format!("A{i}"))).collect();
    for account in &accounts {
        let records: Vec<Value> = (0..150)
            .map(|i| {
                json!({"attributes": {"type": "Opportunity"}, "Name": format!("O{i}"), "AccountId": account,
                    "StageName": "Prospecting", "CloseDate": "2026-01-31"})
            })
            .collect();
        given.post("/composite/sobjects", json!({ "records": records }));
    }
    given.org.page_size(200);
    let (_, body) = given.query("SELECT Id, (SELECT Id FROM Opportunities) FROM Account");
    assert_eq!((&body["totalSize"], &body["done"]), (&json!(3), &json!(false)));
    let mut found = 0;
    let mut open: Vec<String> = Vec::new();
    let mut page = body;
    loop {
        for record in page["records"].as_array().unwrap() {
            let children = if record["attributes"]["type"] == "Account" {
                &record["Opportunities"]
            } else {
                &Value::Null
            };
            found += children["records"].as_array().map_or(1, Vec::len);
            if let Some(next) = children["nextRecordsUrl"].as_str() {
                open.push(next.into());
            }
        }
        let next = page["nextRecordsUrl"].as_str().map(str::to_owned).or_else(|| open.pop());
        let Some(next) = next else { break };
        page = given.get(&next).1;
    }
    assert_eq!(found, 450);
}

#[test]
fn given_nulls_when_compared_then_they_are_absent_values() {
    let given = Given::empty();
    given.insert("Account", json!({"Name": "a", "Industry": "Banking"}));
    given.insert("Account", json!({"Name": "b"}));
    let names = |condition: &str| {
        given.column(&format!("SELECT Name FROM Account WHERE {condition} ORDER BY Name"), "Name")
    };
    assert_eq!(names("Industry = null"), ["b"]);
    assert_eq!(names("Industry != null"), ["a"]);
    assert_eq!(names("Industry = 'banking'"), ["a"]);
    assert_eq!(names("Industry != 'Energy'"), ["a", "b"]);
    assert_eq!(names("Industry NOT IN ('Energy')"), ["a", "b"]);
    assert_eq!(names("Industry NOT IN ('Energy', null)"), ["a"]);
    assert_eq!(names("Industry < 'Z'"), ["a"]);
    assert_eq!(names("(NOT Industry LIKE 'B%')"), ["b"]);
    assert_eq!(names("Industry = ''"), ["b"]);
    assert_eq!(names("Parent.Name = null"), ["a", "b"]);
    assert_eq!(names("Parent.IsDeleted = false"), ["a", "b"]);
    assert_eq!(names("IsDeleted = null"), ["a", "b"]);
}

#[test]
fn given_dates_when_compared_with_literals_then_the_orgs_today_counts() {
    let given = Given::empty(); // Monday, 5 January 2026
    let account = given.account("Acme");
    for (name, close) in [("past", "2026-01-04"), ("today", "2026-01-05"), ("next", "2026-01-12")] {
        given.insert(
            "Opportunity",
            json!({"Name": name, "AccountId": account, "StageName": "Prospecting", "CloseDate": close}),
        );
    }
    let names = |condition: &str| {
        given.column(&format!("SELECT Name FROM Opportunity WHERE {condition} ORDER BY CloseDate"), "Name")
    };
    assert_eq!(names("CloseDate = TODAY"), ["today"]);
    assert_eq!(names("CloseDate < TODAY"), ["past"]);
    assert_eq!(names("CloseDate >= 2026-01-05"), ["today", "next"]);
    assert_eq!(names("CloseDate = THIS_WEEK"), ["past", "today"]);
    assert_eq!(names("CloseDate = NEXT_N_DAYS:7"), ["next"]);
    assert_eq!(names("CreatedDate = TODAY AND CALENDAR_MONTH(CloseDate) = 1"), ["past", "today", "next"]);
    assert_eq!(names("CreatedDate > 2026-01-05T09:00:00Z"), Vec::<Value>::new());
    assert_eq!(names("CreatedDate >= 2026-01-05T10:00:00+01:00"), ["past", "today", "next"]);
}

#[test]
fn given_order_by_when_nulls_exist_then_they_come_first_unless_told_otherwise() {
    let given = Given::empty();
    for (name, industry) in [("1", Some("banking")), ("2", None), ("3", Some("Apparel"))] {
        given.insert("Account", json!({"Name": name, "Site": industry}));
    }
    let names = |order: &str| given.column(&format!("SELECT Name FROM Account ORDER BY {order}"), "Name");
    assert_eq!(names("Site"), ["2", "3", "1"]);
    assert_eq!(names("Site DESC"), ["2", "1", "3"]);
    assert_eq!(names("Site DESC NULLS LAST"), ["1", "3", "2"]);
    assert_eq!(names("Site NULLS LAST, Name"), ["3", "1", "2"]);
    assert_eq!(names("Name LIMIT 1 OFFSET 1"), ["2"]);
}

#[test]
fn given_stages_when_sorted_then_the_picklists_order_counts() {
    let given = Given::empty();
    let account = given.account("Acme");
    for stage in ["Closed Lost", "Qualification", "Prospecting", "Closed Won"] {
        given.opportunity(&account, "o", stage);
    }
    let stages = given.column("SELECT StageName FROM Opportunity ORDER BY StageName", "StageName");
    assert_eq!(stages, ["Prospecting", "Qualification", "Closed Won", "Closed Lost"]);
}

#[test]
fn given_semi_joins_when_evaluated_then_they_follow_the_documented_rules() {
    let given = Given::empty();
    let acme = given.account("Acme");
    given.account("Lone");
    given.opportunity(&acme, "o", "Closed Won");
    let names =
        |condition: &str| given.column(&format!("SELECT Name FROM Account WHERE {condition}"), "Name");
    assert_eq!(names("Id IN (SELECT AccountId FROM Opportunity WHERE IsWon = true)"), ["Acme"]);
    assert_eq!(names("Id NOT IN (SELECT AccountId FROM Opportunity)"), ["Lone"]);
    for (condition, text) in [
        ("Name = 'x' OR Id IN (SELECT AccountId FROM Opportunity)", "not allowed with the 'OR' operator"),
        ("Id IN (SELECT Id FROM Account)", "should not be on the same object type"),
        (
            "Id IN (SELECT Account.ParentId FROM Opportunity)",
            "cannot have more than one level of relationships",
        ),
    ] {
        let (code, message) = given.query_error(&format!("SELECT Id FROM Account WHERE {condition}"));
        assert_eq!(code, "MALFORMED_QUERY");
        assert!(message.contains(text), "{message}");
    }
}

#[test]
fn given_aggregates_when_grouped_then_rows_have_aliases_and_no_url() {
    let given = Given::empty();
    let acme = given.account("Acme");
    for (stage, amount) in [("Closed Won", Some(10.5)), ("Closed Won", Some(20.0)), ("Prospecting", None)] {
        let id = given.opportunity(&acme, "o", stage);
        given.patch(&format!("/sobjects/Opportunity/{id}"), json!({ "Amount": amount }));
    }
    assert_eq!(
        given.query("SELECT COUNT() FROM Opportunity").1,
        json!({"totalSize": 3, "done": true, "records": []})
    );
    let (_, body) = given.query(
        "SELECT StageName, COUNT(Id) n, SUM(Amount), AVG(Amount) FROM Opportunity GROUP BY StageName ORDER BY StageName",
    );
    assert_eq!(
        body,
        json!({"totalSize": 2, "done": true, "records": [
            {"attributes": {"type": "AggregateResult"}, "StageName": "Prospecting", "n": 1, "expr0": null, "expr1": null},
            {"attributes": {"type": "AggregateResult"}, "StageName": "Closed Won", "n": 2, "expr0": 30.5, "expr1": 15.25}
        ]})
    );
    let records = given.records("SELECT MAX(Amount) FROM Opportunity WHERE Name = 'none'");
    assert_eq!(records, [json!({"attributes": {"type": "AggregateResult"}, "expr0": null})]);
    let (code, message) = given.query_error("SELECT Name, COUNT(Id) FROM Opportunity GROUP BY StageName");
    assert_eq!(code, "MALFORMED_QUERY");
    assert!(message.ends_with("Field must be grouped or aggregated: Name"), "{message}");
}

#[test]
fn given_a_wrong_statement_when_sent_then_the_error_has_the_orgs_code_and_form() {
    let given = Given::empty();
    let (status, body) = given.query("select count() from XYZZY");
    assert_eq!(status, 400);
    assert_eq!(
        body,
        json!([{"message": "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.", "errorCode": "INVALID_TYPE"}])
    );
    for (soql, code, end) in [
        ("", "MALFORMED_QUERY", "SOQL statements cannot be empty or null"),
        (
            "SELECT Id FROM Account WHERE Name = 'a' AND Site = 'b' OR Id = null",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        (
            "SELECT Nope FROM Account",
            "INVALID_FIELD",
            "No such column 'Nope' on entity 'Account'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
        ),
        (
            "SELECT Nope__r.Name FROM Account",
            "INVALID_FIELD",
            "be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.",
        ),
        (
            "SELECT What.Industry FROM Task",
            "INVALID_FIELD",
            "No such column 'Industry' on entity 'Name'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
        ),
        (
            "SELECT Id FROM Account WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        ("SELECT Id FROM Account WHERE Id = 'foo'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: foo"),
        (
            "SELECT Id FROM Account WHERE Id LIKE '001%'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator on id field",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'",
            "INVALID_FIELD",
            "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate > 2026-01-01",
            "INVALID_FIELD",
            "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
        ),
        (
            "SELECT Id, (SELECT Id FROM Nopes) FROM Account",
            "INVALID_TYPE",
            "Please reference your WSDL or the describe call for the appropriate names.",
        ),
        (
            "SELECT Id FROM Account OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Name n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
    ] {
        let (found, message) = given.query_error(soql);
        assert_eq!(found, code, "{soql}");
        assert!(message.ends_with(end), "{soql}: {message}");
    }
}

#[test]
fn given_a_deleted_row_when_queried_then_only_query_all_has_it() {
    let given = Given::empty();
    let id = given.account("Acme");
    assert_eq!(given.delete(&format!("/sobjects/Account/{id}")).0, 204);
    assert!(given.records("SELECT Id FROM Account").is_empty());
    let (_, body) = given.get("/queryAll?q=SELECT+Id,IsDeleted+FROM+Account+WHERE+IsDeleted=true");
    assert_eq!((&body["records"][0]["Id"], &body["records"][0]["IsDeleted"]), (&json!(id), &json!(true)));
}

#[test]
fn given_deleted_children_when_query_all_is_read_on_then_every_page_has_them() {
    let given = Given::empty();
    given.org.page_size(2);
    for parent in ["A", "B", "C"] {
        let account = given.account(parent);
        for child in 0..2 {
            let deal = given.opportunity(&account, &format!("{parent}{child}"), "Prospecting");
            assert_eq!(given.delete(&format!("/sobjects/Opportunity/{deal}")).0, 204);
        }
    }
    let soql = "SELECT Name, (SELECT Name FROM Opportunities) FROM Account ORDER BY Name";
    let read = |resource: &str| {
        let (mut names, mut pages) = (Vec::new(), 0);
        let mut open = vec![format!("/{resource}?q={}", crate::given::encode(soql))];
        while let Some(page) = open.pop() {
            let (status, body) = given.get(&page);
            assert_eq!(status, 200, "{body}");
            pages += 1;
            for result in [&body]
                .into_iter()
                .chain(body["records"].as_array().unwrap().iter().map(|r| &r["Opportunities"]))
            {
                open.extend(result["nextRecordsUrl"].as_str().map(str::to_owned));
                for row in result["records"].as_array().into_iter().flatten() {
                    names.push(row["Name"].as_str().unwrap().to_owned());
                }
            }
        }
        names.sort();
        (names, pages > 1)
    };
    assert_eq!(
        read("queryAll"),
        (["A", "A0", "A1", "B", "B0", "B1", "C", "C0", "C1"].map(str::to_owned).into(), true)
    );
    assert_eq!(read("query"), (["A", "B", "C"].map(str::to_owned).into(), true));
}

#[test]
fn given_a_polymorphic_lookup_when_followed_then_the_name_fields_answer() {
    let given = Given::empty();
    let acme = given.account("Acme");
    given.insert("Task", json!({"Subject": "Call", "WhatId": acme}));
    let records =
        given.records("SELECT What.Name, What.Type, Account.Name FROM Task WHERE What.Type = 'Account'");
    assert_eq!(records[0]["What"]["Name"], "Acme");
    assert_eq!(records[0]["What"]["Type"], "Account");
    assert_eq!(records[0]["What"]["attributes"]["type"], "Account");
    assert_eq!(records[0]["Account"]["Name"], "Acme");
}

#[test]
fn given_a_short_page_fault_when_queried_then_the_page_ends_early_and_the_rest_follows() {
    let given = Given::empty();
    for i in 0..5 {
        given.account(&format!("A{i}"));
    }
    given.org.inject(Fault::new(On::Operation("query".into()), Effect::ShortPage(2)));
    let (_, body) = given.query("SELECT Id FROM Account");
    assert_eq!((body["records"].as_array().unwrap().len(), &body["done"]), (2, &json!(false)));
    let (_, rest) = given.get(body["nextRecordsUrl"].as_str().unwrap());
    assert_eq!((rest["records"].as_array().unwrap().len(), &rest["done"]), (3, &json!(true)));
}

#[test]
fn given_2000_ids_when_filtered_by_an_in_list_of_40000_rows_then_the_index_answers() {
    let given = Given::empty();
    let org = &given.org;
    let accounts: Vec<String> = org
        .transact(|state| {
            let mut ids = Vec::new();
            for i in 0..10_000 {
                let name = sf_testorg::state::Cell::text(format!("A{i}"));
                let id = state.insert_row("Account", [("Name", name)]).unwrap();
                for _ in 0..4 {
                    let account = ("AccountId", sf_testorg::state::Cell::Id(id));
                    let stage = ("StageName", sf_testorg::state::Cell::text("Prospecting"));
                    state.insert_row("Opportunity", [account, stage]).unwrap();
                }
                ids.push(id.to_string());
            }
            ids
        })
        .unwrap();
    let list = accounts[..2000].iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(",");
    let soql = format!("SELECT Id FROM Opportunity WHERE AccountId IN ({list}) AND IsClosed = false");
    let body = json!({"compositeRequest": [
        {"method": "GET", "url": format!("{V}/query?q={}", crate::given::encode(&soql)), "referenceId": "q"}
    ]});
    let started = crate::work::Work::start();
    let (_, answer) = given.post("/composite", body);
    assert_eq!(answer["compositeResponse"][0]["body"]["totalSize"], 8000);
    let by_index = started.time();
    let started = crate::work::Work::start();
    let (_, answer) = given.query("SELECT COUNT() FROM Opportunity WHERE IsClosed = false");
    let one_reading = started.time();
    assert_eq!(answer["totalSize"], 40_000);
    // Reading all rows for each of 2,000 ids would take 2,000 times as long as reading them once.
    assert!(by_index < 200 * one_reading, "{by_index:?}, {one_reading:?}");
}

#[test]
fn given_the_demo_when_every_field_is_selected_then_it_answers() {
    let given = Given::demo();
    let (_, describe) = given.get("/sobjects/Account/describe");
    let names: Vec<&str> =
        describe["fields"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    let records = given.records(&format!("SELECT {} FROM Account", names.join(",")));
    assert_eq!(records.len(), 60);
    assert!(records.iter().all(|r| names.iter().all(|n| r.get(*n).is_some())));
    assert_eq!(given.records("SELECT FIELDS(ALL) FROM Account LIMIT 200").len(), 60);
}
