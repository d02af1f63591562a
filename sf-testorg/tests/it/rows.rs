//! Single rows, and the rules of a save.
use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_core::{Fields, Write, field, object};
use sf_testorg::{FieldAccess, Request};
use std::time::Duration;

/// The one error of an answer: code, message, fields.
fn error(body: &Value) -> (String, String, Value) {
    let text = |key: &str| body[0][key].as_str().unwrap_or_default().to_owned();
    (text("errorCode"), text("message"), body[0]["fields"].clone())
}

#[test]
fn given_a_new_row_when_created_then_201_with_id_and_location() {
    let given = Given::empty();
    let request =
        Request::post(format!("{V}/sobjects/Account"), r#"{"name":"Acme","attributes":{"type":"Account"}}"#);
    let response = given.send(request);
    assert_eq!(response.status, 201);
    let body = read(&response);
    let id = body["id"].as_str().unwrap();
    assert_eq!(body, json!({"id": id, "success": true, "errors": []}));
    assert!(id.starts_with("001") && id.len() == 18);
    assert_eq!(response.find_header("Location"), Some(&*format!("{V}/sobjects/Account/{id}")));
    assert_eq!(response.find_header("Sforce-Limit-Info"), Some("api-usage=1/100000"));

    let (status, row) = given.get(&format!("/sobjects/Account/{id}"));
    assert_eq!(status, 200);
    assert_eq!(row["Name"], "Acme");
    assert_eq!(row["Industry"], Value::Null);
    assert_eq!(row["IsDeleted"], false);
    assert_eq!(row["CreatedDate"], "2026-01-05T09:00:00.000+0000");
    assert_eq!(row["SystemModstamp"], row["CreatedDate"]);
    assert_eq!(row["OwnerId"], row["CreatedById"]);
    assert_eq!(row["OwnerId"], given.org.credentials().user_id);

    let (_, two) = given.get(&format!("/sobjects/Account/{id}?fields=Name,Site"));
    assert_eq!(
        two,
        json!({"attributes": {"type": "Account", "url": format!("{V}/sobjects/Account/{id}")},
            "Name": "Acme", "Site": null, "Id": id})
    );
}

#[test]
fn given_a_row_when_updated_then_204_and_the_stamps_move() {
    let given = Given::empty();
    let id = given.account("Acme");
    given.org.clock().advance(Duration::from_millis(90_700));
    assert_eq!(
        given.patch(&format!("/sobjects/Account/{id}"), json!({"Site": "HQ", "Rating": ""})),
        (204, Value::Null)
    );
    let (_, row) =
        given.get(&format!("/sobjects/Account/{id}?fields=Site,Rating,CreatedDate,SystemModstamp"));
    assert_eq!(row["Site"], "HQ");
    assert_eq!(row["Rating"], Value::Null);
    assert_eq!(row["CreatedDate"], "2026-01-05T09:00:00.000+0000");
    assert_eq!(row["SystemModstamp"], "2026-01-05T09:01:30.000+0000");
    let saves = given.org.saves();
    assert_eq!(saves.len(), 2);
    assert_eq!((saves[0].created, saves[1].created), (true, false));
    let names: Vec<&str> = saves[1].fields.iter().map(|(n, _)| n.as_str()).collect();
    // serde_json sorts the keys of the request.
    assert_eq!(names, ["Rating", "Site"]);
}

#[test]
fn given_a_row_that_is_not_there_when_addressed_then_the_documented_error() {
    let given = Given::empty();
    let id = given.account("Acme");
    let gone = given.account("Gone");
    given.delete(&format!("/sobjects/Account/{gone}"));
    let missing = "001000000000001AAA";
    let expect = |(status, body): (u16, Value), want: (u16, &str, &str)| {
        let (code, message, _) = error(&body);
        assert_eq!((status, code.as_str(), message.as_str()), want);
    };
    let not_found = (404, "NOT_FOUND", "The requested resource does not exist");
    expect(given.get(&format!("/sobjects/Account/{missing}")), not_found);
    expect(given.get(&format!("/sobjects/Account/{gone}")), not_found);
    expect(given.get(&format!("/sobjects/Nope/{id}")), not_found);
    let cross = (404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
    expect(given.patch(&format!("/sobjects/Account/{missing}"), json!({"Name": "x"})), cross);
    expect(given.delete(&format!("/sobjects/Account/{missing}")), cross);
    let deleted = (404, "ENTITY_IS_DELETED", "entity is deleted");
    expect(given.patch(&format!("/sobjects/Account/{gone}"), json!({"Name": "x"})), deleted);
    expect(given.delete(&format!("/sobjects/Account/{gone}")), deleted);
    expect(
        given.get("/sobjects/Account/23foo"),
        (404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: 23foo"),
    );
    let (status, body) = given.get(&format!("/sobjects/Opportunity/{id}"));
    let (code, message, fields) = error(&body);
    assert_eq!((status, code.as_str()), (400, "MALFORMED_ID"));
    assert_eq!(message, format!("Opportunity ID: id value of incorrect type: {id}"));
    assert_eq!(fields, json!(["Id"]));
    let (status, body) = given.call(sf_testorg::Method::Put, &format!("/sobjects/Account/{id}"), json!({}));
    let (code, message, _) = error(&body);
    assert_eq!((status, code.as_str()), (405, "METHOD_NOT_ALLOWED"));
    assert_eq!(message, "HTTP Method 'PUT' not allowed. Allowed are DELETE,GET,HEAD,PATCH");
}

#[test]
fn given_values_the_org_cannot_take_when_saved_then_each_is_refused_in_its_words() {
    let given = Given::empty();
    let id = given.account("Acme");
    let contact = given.insert("Contact", json!({"LastName": "Doe"}));
    let long = "x".repeat(81);
    for (fields, code, message, named) in [
        (json!({"Name": null}), "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]".to_owned(), json!(["Name"])),
        (json!({"Nope": 1}), "INVALID_FIELD", "No such column 'Nope' on sobject of type Account".to_owned(), json!([])),
        (json!({"Site": long}), "STRING_TOO_LONG", format!("Account Site: data value too large: {long} (max length=80)"), json!(["Site"])),
        (json!({"CreatedDate": "2020-01-01T00:00:00Z", "SystemModstamp": "2020-01-01T00:00:00Z"}), "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: CreatedDate, SystemModstamp. Please check the security settings of this field and verify that it is read/write for your profile or permission set.".to_owned(), json!(["CreatedDate", "SystemModstamp"])),
        (json!({"CX_Play__c": "Nonsense"}), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "CX Play: bad value for restricted picklist field: Nonsense".to_owned(), json!(["CX_Play__c"])),
        (json!({"ParentId": contact}), "MALFORMED_ID", format!("Parent Account ID: id value of incorrect type: {contact}"), json!(["ParentId"])),
        (json!({"ParentId": "001000000000001AAA"}), "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id".to_owned(), json!(["ParentId"])),
    ] {
        let (status, body) = given.patch(&format!("/sobjects/Account/{id}"), fields.clone());
        assert_eq!(status, 400, "{fields}: {body}");
        assert_eq!(error(&body), (code.into(), message, named), "{fields}");
    }
    let (status, body) = given.patch(&format!("/sobjects/Account/{id}"), json!({"Renewal_Date__c": "soon"}));
    let (code, message, _) = error(&body);
    assert_eq!((status, code.as_str()), (400, "JSON_PARSER_ERROR"));
    assert!(
        message.starts_with("Cannot deserialize instance of date from VALUE_STRING value soon"),
        "{message}"
    );
    let (_, body) =
        given.patch(&format!("/sobjects/Account/{id}"), json!({"NumberOfEmployees": 123_456_789}));
    assert_eq!(error(&body).0, "NUMBER_OUTSIDE_VALID_RANGE");
    // Unrestricted picklists take anything.
    assert_eq!(given.patch(&format!("/sobjects/Account/{id}"), json!({"Industry": "Space"})).0, 204);
    let (_, body) = given.post("/sobjects/Opportunity", json!({}));
    assert_eq!(error(&body).1, "Required fields are missing: [Name, StageName, CloseDate]");
    let (_, body) = given.post("/sobjects/Account", json!({"Id": id, "Name": "x"}));
    assert_eq!(error(&body).1, "The Id field should not be specified in the sobject data.");
    let (status, body) = given.post("/sobjects/Contact", json!({"LastName": "Doe", "Email": "123"}));
    assert_eq!((status, error(&body).1.as_str()), (400, "Email: invalid email address: 123"));
    let raw = given.send(Request::post(format!("{V}/sobjects/Account"), "{\"Name\":"));
    assert_eq!((raw.status, error(&read(&raw)).0.as_str()), (400, "JSON_PARSER_ERROR"));
}

#[test]
fn given_dates_that_salesforce_does_not_have_when_saved_then_they_are_refused() {
    let given = Given::empty();
    let account = given.account("Acme");
    let deal = given.opportunity(&account, "Deal", "Prospecting");
    let date =
        |text: &str| given.patch(&format!("/sobjects/Opportunity/{deal}"), json!({ "CloseDate": text }));
    for good in ["1700-01-01", "4000-12-31", "2028-02-29"] {
        assert_eq!(date(good).0, 204, "{good}");
        assert_eq!(given.get(&format!("/sobjects/Opportunity/{deal}")).1["CloseDate"], good);
    }
    assert_eq!(date("2026-03-31T23:30:00-01:00").0, 204);
    assert_eq!(given.get(&format!("/sobjects/Opportunity/{deal}")).1["CloseDate"], "2026-04-01");
    for bad in [
        "+12345-01-01",
        "12345-01-01",
        "0001-01-01",
        "1699-12-31",
        "4001-01-01",
        "-2026-01-01",
        "2026-1-2",
        "2026-01-2",
        " 2026-01-02",
        "2026-01-02 ",
        "2026-02-29",
        "2026-13-01",
        "20260102",
        "2026/01/02",
        "+026-01-02",
        "2026-01-02T",
        "0001-01-01T00:00:00Z",
    ] {
        let (status, body) = date(bad);
        assert_eq!((status, error(&body).0.as_str()), (400, "JSON_PARSER_ERROR"), "{bad}");
    }
    assert_eq!(given.get(&format!("/sobjects/Opportunity/{deal}")).1["CloseDate"], "2026-04-01");

    let id = given.insert("Task", json!({"Subject": "Call"}));
    let time = |text: &str| given.patch(&format!("/sobjects/Task/{id}"), json!({ "ReminderDateTime": text }));
    for (good, kept) in [
        ("1700-01-01T00:00:00Z", "1700-01-01T00:00:00.000+0000"),
        ("4000-12-31T23:59:59.999+00:00", "4000-12-31T23:59:59.000+0000"),
        ("2026-01-02T03:04:05-0130", "2026-01-02T04:34:05.000+0000"),
    ] {
        assert_eq!(time(good).0, 204, "{good}");
        assert_eq!(given.get(&format!("/sobjects/Task/{id}")).1["ReminderDateTime"], kept);
    }
    for bad in [
        "0001-01-01T00:00:00Z",
        "+12345-01-01T00:00:00.0+0000",
        "1700-01-01T00:00:00+01:00",
        "4000-12-31T23:59:59-00:01",
        "2026-1-2T03:04:05.0+0000",
        "2026-01-02T3:4:5.0+0000",
        "2026-01-02 03:04:05Z",
        "2026-01-02t03:04:05z",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T23:59:60Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:04:05+1",
        "2026-01-02T03:04:05+99:00",
        "2026-01-02T03:04:05é",
        "2026-01-02",
    ] {
        let (status, body) = time(bad);
        assert_eq!((status, error(&body).0.as_str()), (400, "JSON_PARSER_ERROR"), "{bad}");
    }
}

#[test]
fn given_a_closed_picklist_value_when_saved_then_only_new_uses_are_refused() {
    let given = Given::empty();
    let (_, describe) = given.get("/sobjects/Account/describe");
    let play = describe["fields"].as_array().unwrap().iter().find(|f| f["name"] == "CX_Play__c").unwrap();
    let value = play["picklistValues"][0]["value"].as_str().unwrap().to_owned();
    let id = given.insert("Account", json!({"Name": "Acme", "CX_Play__c": value}));
    let other = given.account("Other");
    given.org.clock().advance(Duration::from_secs(60));
    given.org.set_picklist_active(&object!("Account"), &field!("CX_Play__c"), &value, false).unwrap();
    assert_eq!(
        given.patch(&format!("/sobjects/Account/{id}"), json!({"CX_Play__c": value, "Site": "HQ"})).0,
        204
    );
    let (status, body) = given.patch(&format!("/sobjects/Account/{other}"), json!({ "CX_Play__c": value }));
    assert_eq!((status, error(&body).0.as_str()), (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"));
    let (_, describe) = given.get("/sobjects/Account/describe");
    let play = describe["fields"].as_array().unwrap().iter().find(|f| f["name"] == "CX_Play__c").unwrap();
    assert_eq!(play["picklistValues"][0]["active"], false);
}

#[test]
fn given_an_opportunity_when_its_stage_is_written_then_what_follows_from_it_changes() {
    let given = Given::empty();
    let account = given.account("Acme");
    let id = given.opportunity(&account, "Deal", "Proposal/Price Quote");
    let read = |id: &str| {
        let fields = "Probability,ForecastCategory,ForecastCategoryName,IsClosed,IsWon,ExpectedRevenue,FiscalYear,FiscalQuarter,Fiscal";
        given.get(&format!("/sobjects/Opportunity/{id}?fields={fields}")).1
    };
    given.patch(&format!("/sobjects/Opportunity/{id}"), json!({"Amount": 200.5}));
    let row = read(&id);
    assert_eq!((&row["Probability"], &row["ExpectedRevenue"]), (&json!(75.0), &json!(150.38)));
    assert_eq!(
        (&row["FiscalYear"], &row["FiscalQuarter"], &row["Fiscal"]),
        (&json!(2026), &json!(1), &json!("2026 1"))
    );
    given.patch(&format!("/sobjects/Opportunity/{id}"), json!({"StageName": "Closed Won"}));
    let row = read(&id);
    assert_eq!(
        (&row["IsClosed"], &row["IsWon"], &row["Probability"]),
        (&json!(true), &json!(true), &json!(100.0))
    );
    assert_eq!(
        (&row["ForecastCategory"], &row["ForecastCategoryName"]),
        (&json!("Closed"), &json!("Closed"))
    );
    given.patch(
        &format!("/sobjects/Opportunity/{id}"),
        json!({"StageName": "Prospecting", "Probability": 35, "ForecastCategoryName": "Best Case"}),
    );
    let row = read(&id);
    assert_eq!(
        (&row["IsClosed"], &row["Probability"], &row["ForecastCategory"]),
        (&json!(false), &json!(35.0), &json!("BestCase"))
    );
    let (_, body) = given.patch(&format!("/sobjects/Opportunity/{id}"), json!({"IsWon": true}));
    assert_eq!(error(&body).0, "INVALID_FIELD_FOR_INSERT_UPDATE");
}

#[test]
fn given_a_task_when_saved_then_its_rules_hold() {
    let given = Given::empty();
    let account = given.account("Acme");
    let deal = given.opportunity(&account, "Deal", "Prospecting");
    let id = given.insert("Task", json!({"Subject": "Call", "WhatId": deal, "TaskSubtype": "Call"}));
    let row = given.get(&format!("/sobjects/Task/{id}")).1;
    assert_eq!(
        (&row["Status"], &row["Priority"], &row["IsClosed"]),
        (&json!("Not Started"), &json!("Normal"), &json!(false))
    );
    assert_eq!((&row["AccountId"], &row["CompletedDateTime"]), (&json!(account), &Value::Null));
    given.patch(&format!("/sobjects/Task/{id}"), json!({"Status": "Completed", "Priority": "High"}));
    let row = given.get(&format!("/sobjects/Task/{id}")).1;
    assert_eq!((&row["IsClosed"], &row["IsHighPriority"]), (&json!(true), &json!(true)));
    assert_eq!(row["CompletedDateTime"], "2026-01-05T09:00:00.000+0000");
    let contact =
        given.insert("Contact", json!({"FirstName": "Ann", "LastName": "Doe", "AccountId": account}));
    let call = given.insert("Task", json!({"WhoId": contact}));
    assert_eq!(given.get(&format!("/sobjects/Task/{call}")).1["AccountId"], account);
    assert_eq!(given.get(&format!("/sobjects/Contact/{contact}")).1["Name"], "Ann Doe");
}

#[test]
fn given_children_when_the_parent_is_deleted_then_they_go_with_it() {
    let given = Given::empty();
    let account = given.account("Acme");
    let deal = given.opportunity(&account, "Deal", "Prospecting");
    let task = given.insert("Task", json!({"WhatId": deal}));
    let child = given.insert("Account", json!({"Name": "Child", "ParentId": account}));
    assert_eq!(given.delete(&format!("/sobjects/Account/{account}")).0, 204);
    for (object, id) in [("Opportunity", &deal), ("Task", &task)] {
        assert_eq!(given.get(&format!("/sobjects/{object}/{id}")).0, 404, "{object}");
    }
    assert_eq!(given.get(&format!("/sobjects/Account/{child}")).1["ParentId"], Value::Null);
    let user = given.org.credentials().user_id;
    assert_eq!(given.delete(&format!("/sobjects/User/{user}")).0, 400);
}

#[test]
fn given_if_unmodified_since_when_the_row_moved_then_412_and_nothing_changes() {
    let given = Given::empty();
    let id = given.account("Acme");
    let target = format!("{V}/sobjects/Account/{id}");
    let read_at = given.send(Request::get(&target)).find_header("Last-Modified").unwrap().to_owned();
    assert_eq!(read_at, "Mon, 05 Jan 2026 09:00:00 GMT");
    let patch = |site: &str| {
        let body = json!({ "Site": site }).to_string();
        given.send(Request::patch(&target, body).header("If-Unmodified-Since", &read_at))
    };
    assert_eq!(patch("one").status, 204);
    given.org.clock().advance(Duration::from_secs(5));
    given.patch(&format!("/sobjects/Account/{id}"), json!({"Site": "other"}));
    let refused = patch("two");
    assert_eq!((refused.status, error(&read(&refused)).0.as_str()), (412, "MATCH_PRECONDITION_FAILED"));
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["Site"], "other");
    let unchanged =
        given.send(Request::get(&target).header("If-Modified-Since", "Mon, 05 Jan 2026 09:00:05 GMT"));
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
}

#[test]
fn given_an_external_id_when_upserted_then_201_then_200_then_300() {
    let given = Given::empty();
    let account = given.account("Acme");
    // Opportunity.Name is idLookup and not unique.
    let fields = json!({"AccountId": account, "StageName": "Prospecting", "CloseDate": "2026-02-01"});
    let (status, body) = given.patch("/sobjects/Opportunity/Name/Big%20deal", fields.clone());
    assert_eq!((status, &body["created"]), (201, &json!(true)));
    let id = body["id"].as_str().unwrap().to_owned();
    let (status, body) = given.patch("/sobjects/Opportunity/Name/Big%20deal", json!({"NextStep": "Call"}));
    assert_eq!((status, body), (200, json!({"id": id, "success": true, "errors": [], "created": false})));
    let (status, row) = given.get("/sobjects/Opportunity/Name/Big%20deal?fields=NextStep");
    assert_eq!((status, &row["NextStep"]), (200, &json!("Call")));
    let second = given.opportunity(&account, "big DEAL", "Prospecting");
    let (status, body) = given.patch("/sobjects/Opportunity/Name/Big%20deal", json!({"NextStep": "x"}));
    assert_eq!(status, 300);
    assert_eq!(
        body,
        json!([format!("{V}/sobjects/Opportunity/{id}"), format!("{V}/sobjects/Opportunity/{second}")])
    );
    let (status, body) = given.patch("/sobjects/Account/Namez/x", json!({}));
    assert_eq!(
        (status, error(&body).1.as_str()),
        (404, "Provided external ID field does not exist or is not accessible: Namez")
    );
    let (status, _) = given.patch("/sobjects/Opportunity/Name/New?updateOnly=true", fields);
    assert_eq!(status, 404);
}

#[test]
fn given_a_trigger_when_rows_are_saved_then_it_rewrites_or_refuses() {
    let given = Given::empty();
    given.org.on_save(object!("Account"), |row| {
        if row.get("Site").as_str() == Some("bad") {
            row.refuse("Sites are never bad");
        }
        let name = row.get("Name").as_str().unwrap_or_default().trim().to_owned();
        row.set("Name", name);
    });
    let id = given.account("  Acme ");
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["Name"], "Acme");
    let (status, body) = given.patch(&format!("/sobjects/Account/{id}"), json!({"Site": "bad"}));
    assert_eq!(status, 400);
    assert_eq!(
        error(&body),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION".into(), "Sites are never bad".into(), json!([]))
    );
}

#[test]
fn given_field_security_when_a_field_is_hidden_then_it_is_nowhere() {
    let given = Given::empty();
    let id = given.account("Acme");
    given.org.set_field_access(&object!("Account"), &field!("Site"), FieldAccess::Hidden);
    given.org.set_field_access(&object!("Account"), &field!("Rating"), FieldAccess::Read);
    assert!(
        given.query_error("SELECT Site FROM Account").1.contains("No such column 'Site' on entity 'Account'")
    );
    assert!(given.get(&format!("/sobjects/Account/{id}")).1.get("Site").is_none());
    let (_, body) = given.patch(&format!("/sobjects/Account/{id}"), json!({"Site": "x"}));
    assert_eq!(error(&body).0, "INVALID_FIELD");
    let (_, body) = given.patch(&format!("/sobjects/Account/{id}"), json!({"Rating": "Hot"}));
    assert_eq!(error(&body).0, "INVALID_FIELD_FOR_INSERT_UPDATE");
    let (_, describe) = given.get("/sobjects/Account/describe");
    let field =
        |name: &str| describe["fields"].as_array().unwrap().iter().find(|f| f["name"] == name).cloned();
    assert_eq!(field("Site"), None);
    assert_eq!(field("Rating").unwrap()["updateable"], false);
}

#[test]
fn given_a_person_in_the_ui_when_they_save_then_the_same_rules_hold_and_nothing_is_logged() {
    let given = Given::empty();
    let insert = |fields| given.org.apply(Write::Insert { object: object!("Account"), fields });
    let id = insert(Fields::new().set(field!("Name"), "Acme")).unwrap();
    assert_eq!(given.org.value(id, "name").as_str(), Some("Acme"));
    assert_eq!(given.org.row(id).unwrap().id, Some(id));
    assert_eq!(given.org.rows(&object!("Account")).len(), 1);
    let refused = insert(Fields::new()).unwrap_err();
    assert_eq!(refused.code().unwrap().as_str(), "REQUIRED_FIELD_MISSING");
    given.org.apply(Write::Delete { id }).unwrap();
    assert!(given.org.row(id).is_none() && given.org.calls().is_empty());
}

#[test]
fn given_a_file_when_its_content_is_fetched_then_the_bytes_come() {
    let given = Given::empty();
    let (status, body) = given.post(
        "/sobjects/ContentVersion",
        json!({"Title": "Plan", "PathOnClient": "plan.txt", "VersionData": "aGVsbG8="}),
    );
    assert_eq!(status, 201, "{body}");
    let id = body["id"].as_str().unwrap();
    let url =
        given.get(&format!("/sobjects/ContentVersion/{id}?fields=VersionData")).1["VersionData"].clone();
    assert_eq!(url, format!("{V}/sobjects/ContentVersion/{id}/VersionData"));
    let response = given.send(Request::get(url.as_str().unwrap()));
    assert_eq!((response.status, response.body.as_slice()), (200, &b"hello"[..]));
    assert_eq!(given.org.calls().last().unwrap().operation(), "download");
}
