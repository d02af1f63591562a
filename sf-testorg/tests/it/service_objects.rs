//! Cases, comments, mail and events: what the org fills in itself.
use crate::given::Given;
use serde_json::{Value, json};

fn one(given: &Given, soql: &str) -> Value {
    given.records(soql).remove(0)
}

#[test]
fn a_case_is_numbered_closes_by_its_status_and_shows_its_contact() {
    let given = Given::empty();
    let account = given.account("Acme");
    let contact =
        given.insert("Contact", json!({"LastName": "Ng", "AccountId": account, "Email": "ng@acme.example"}));
    let case = given.insert("Case", json!({"Subject": "Broken", "ContactId": contact}));
    let fields = "CaseNumber, Status, Priority, IsClosed, ClosedDate, AccountId, ContactEmail, ContactPhone";
    let read = || one(&given, &format!("SELECT {fields} FROM Case WHERE Id = '{case}'"));
    let row = read();
    assert_eq!(row["CaseNumber"], "00001001");
    assert_eq!((&row["Status"], &row["Priority"]), (&json!("New"), &json!("Medium")));
    assert_eq!((&row["IsClosed"], &row["ClosedDate"]), (&json!(false), &Value::Null));
    assert_eq!(row["AccountId"], json!(account));
    assert_eq!((&row["ContactEmail"], &row["ContactPhone"]), (&json!("ng@acme.example"), &Value::Null));

    assert_eq!(given.patch(&format!("/sobjects/Case/{case}"), json!({"Status": "Closed"})).0, 204);
    let row = read();
    assert_eq!(row["IsClosed"], true);
    assert_eq!(row["ClosedDate"], "2026-01-05T09:00:00.000+0000");
    given.patch(&format!("/sobjects/Case/{case}"), json!({"Status": "Working"}));
    assert_eq!((&read()["IsClosed"], &read()["ClosedDate"]), (&json!(false), &Value::Null));

    let (status, body) = given.patch(&format!("/sobjects/Case/{case}"), json!({"IsClosed": true}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_FIELD_FOR_INSERT_UPDATE")));
}

#[test]
fn a_case_follows_its_contact_without_moving_its_own_stamps() {
    let given = Given::empty();
    let contact = given.insert("Contact", json!({"LastName": "Ng"}));
    let case = given.insert("Case", json!({"ContactId": contact}));
    let soql = format!("SELECT ContactPhone, SystemModstamp FROM Case WHERE Id = '{case}'");
    let before = one(&given, &soql);
    given.org.clock().advance(std::time::Duration::from_secs(60));
    given.patch(&format!("/sobjects/Contact/{contact}"), json!({"Phone": "+49 30 123"}));
    let after = one(&given, &soql);
    assert_eq!(after["ContactPhone"], "+49 30 123");
    assert_eq!(after["SystemModstamp"], before["SystemModstamp"]);
}

#[test]
fn comments_of_a_case_become_its_case_comments() {
    let given = Given::empty();
    let case = given.insert("Case", json!({"Subject": "Broken", "Comments": "It smokes."}));
    given.patch(&format!("/sobjects/Case/{case}"), json!({"Comments": "It burns."}));
    let row = one(
        &given,
        &format!("SELECT Comments, (SELECT CommentBody FROM CaseComments) FROM Case WHERE Id = '{case}'"),
    );
    assert_eq!(row["Comments"], Value::Null);
    let bodies: Vec<_> =
        row["CaseComments"]["records"].as_array().unwrap().iter().map(|c| c["CommentBody"].clone()).collect();
    assert_eq!(bodies, ["It smokes.", "It burns."]);
    given.delete(&format!("/sobjects/Case/{case}"));
    assert!(given.records("SELECT Id FROM CaseComment").is_empty());
}

#[test]
fn a_comment_needs_its_case_and_a_mail_its_status() {
    let given = Given::empty();
    for (object, fields, missing) in [
        ("CaseComment", json!({"CommentBody": "?"}), "ParentId"),
        ("EmailMessage", json!({"Subject": "?"}), "Status"),
        ("Lead", json!({"LastName": "Ng"}), "Company"),
    ] {
        let (status, body) = given.post(&format!("/sobjects/{object}"), fields);
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!("REQUIRED_FIELD_MISSING")), "{body}");
        assert_eq!(body[0]["fields"], json!([missing]));
    }
    let (_, body) = given.post("/sobjects/EmailMessage", json!({"Status": "7"}));
    assert_eq!(body[0]["errorCode"], "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
}

#[test]
fn a_mail_is_named_by_its_subject_and_goes_with_its_case() {
    let given = Given::empty();
    let case = given.insert("Case", json!({"Subject": "Broken"}));
    let mail = json!({"ParentId": case, "Status": "0", "Incoming": true, "Subject": "Re: Broken"});
    given.insert("EmailMessage", mail);
    given.insert("EmailMessage", json!({"ParentId": case, "Status": "3"}));
    assert_eq!(
        given.column("SELECT Name FROM EmailMessage ORDER BY CreatedDate, Id", "Name"),
        ["Re: Broken", "[No Subject]"]
    );
    assert_eq!(
        given.column("SELECT toLabel(Status) FROM EmailMessage ORDER BY Id", "Status"),
        ["New", "Sent"]
    );
    given.delete(&format!("/sobjects/Case/{case}"));
    assert!(given.records("SELECT Id FROM EmailMessage").is_empty());
}

#[test]
fn an_event_completes_its_times() {
    let given = Given::empty();
    let account = given.account("Acme");
    let fields = "ActivityDate, ActivityDateTime, StartDateTime, EndDateTime, EndDate, DurationInMinutes, ShowAs, AccountId";
    let read = |id: &str| one(&given, &format!("SELECT {fields} FROM Event WHERE Id = '{id}'"));
    let timed = given.insert(
        "Event",
        json!({"Subject": "QBR", "WhatId": account, "StartDateTime": "2026-01-06T23:30:00Z", "DurationInMinutes": 60}),
    );
    let row = read(&timed);
    assert_eq!(row["EndDateTime"], "2026-01-07T00:30:00.000+0000");
    assert_eq!((&row["ActivityDate"], &row["EndDate"]), (&json!("2026-01-06"), &json!("2026-01-07")));
    assert_eq!(row["ActivityDateTime"], row["StartDateTime"]);
    assert_eq!((&row["ShowAs"], &row["AccountId"]), (&json!("Busy"), &json!(account)));
    given.patch(&format!("/sobjects/Event/{timed}"), json!({"EndDateTime": "2026-01-07T01:00:00Z"}));
    assert_eq!(read(&timed)["DurationInMinutes"], 90);
    given.patch(&format!("/sobjects/Event/{timed}"), json!({"StartDateTime": "2026-01-08T10:00:00Z"}));
    assert_eq!(read(&timed)["EndDateTime"], "2026-01-08T11:30:00.000+0000");

    let day = given
        .insert("Event", json!({"Subject": "Offsite", "IsAllDayEvent": true, "ActivityDate": "2026-01-06"}));
    let row = read(&day);
    assert_eq!(row["StartDateTime"], "2026-01-06T00:00:00.000+0000");
    assert_eq!((&row["DurationInMinutes"], &row["EndDate"]), (&json!(1440), &json!("2026-01-06")));
}

#[test]
fn an_event_about_a_lead_is_about_nothing_else() {
    let given = Given::empty();
    let account = given.account("Acme");
    let lead = given.insert("Lead", json!({"LastName": "Ng", "Company": "Acme"}));
    let (status, body) = given.post("/sobjects/Event", json!({"WhoId": lead, "WhatId": account}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("FIELD_INTEGRITY_EXCEPTION")));
}

#[test]
fn a_lead_gets_its_default_status_and_its_name() {
    let given = Given::empty();
    let lead = given
        .insert("Lead", json!({"FirstName": "Ann", "LastName": "Ng", "Company": "Acme", "City": "Oslo"}));
    let row =
        one(&given, &format!("SELECT Name, Status, IsConverted, Address FROM Lead WHERE Id = '{lead}'"));
    assert_eq!((&row["Name"], &row["Status"]), (&json!("Ann Ng"), &json!("Open - Not Contacted")));
    assert_eq!((&row["IsConverted"], &row["Address"]["city"]), (&json!(false), &json!("Oslo")));
    let (status, body) = given.patch(&format!("/sobjects/Lead/{lead}"), json!({"IsConverted": true}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_FIELD_FOR_INSERT_UPDATE")));
}

#[test]
fn what_is_assumed_of_cases_can_be_switched_off() {
    let mut assumptions = sf_testorg::Assumptions::default();
    assumptions.objects.case_account_follows_contact = false;
    assumptions.objects.case_comments_read_null = false;
    let org = sf_testorg::TestOrg::builder()
        .dataset(sf_testorg::demo::Dataset::Empty)
        .assumptions(assumptions)
        .build();
    let given = Given { org };
    let account = given.account("Acme");
    let contact = given.insert("Contact", json!({"LastName": "Ng", "AccountId": account}));
    let case = given.insert("Case", json!({"ContactId": contact, "Comments": "It smokes."}));
    given.patch(&format!("/sobjects/Case/{case}"), json!({"Subject": "Broken"}));
    let row = one(&given, "SELECT AccountId, Comments, (SELECT Id FROM CaseComments) FROM Case");
    assert_eq!((&row["AccountId"], &row["Comments"]), (&Value::Null, &json!("It smokes.")));
    assert_eq!(row["CaseComments"]["totalSize"], 1);
}
