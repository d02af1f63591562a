//! Duplicate rules and their header.
use super::{validation::bulk_insert, with_header};
use crate::given::{Given, V};
use serde_json::{Value, json};
use sf_core::{Fields, Write, field, object};
use sf_testorg::{
    Assumptions, Method,
    guard::{DuplicateAction, DuplicateRule, Match},
    state::{Cell, State},
};

const HEADER: &str = "Sforce-Duplicate-Rule-Header";

fn same_mail(action: DuplicateAction) -> DuplicateRule {
    DuplicateRule::new(object!("Contact"), "Same_mail", [Match::ignoring_case(field!("Email"))])
        .action(action)
}

fn guarded(action: DuplicateAction) -> (Given, String) {
    let given = Given::empty();
    given.org.add_rule(same_mail(action)).unwrap();
    let id = given.insert("Contact", json!({"LastName": "Ay", "Email": "a@acme.example"}));
    (given, id)
}

fn again() -> Value {
    json!({"LastName": "Ay Again", "Email": "A@Acme.example"})
}

fn result(id: &str, allow: bool) -> Value {
    json!({
        "allowSave": allow,
        "duplicateRule": "Same_mail",
        "duplicateRuleEntityType": "Contact",
        "errorMessage": "Use one of these records?",
        "matchResults": [{
            "entityType": "Contact",
            "errors": [],
            "matchEngine": "ExactMatchEngine",
            "matchRecords": [{
                "additionalInformation": [],
                "fieldDiffs": [],
                "matchConfidence": 100.0,
                "record": {"attributes": {"type": "Contact", "url": format!("{V}/sobjects/Contact/{id}")}, "Id": id}
            }],
            "rule": "Same_mail_Match",
            "size": 1,
            "success": true
        }]
    })
}

#[test]
fn given_a_blocking_rule_when_a_duplicate_comes_then_the_answer_names_the_row_and_no_header_helps() {
    let (given, id) = guarded(DuplicateAction::Block);
    let body = json!([{
        "message": "Use one of these records?",
        "errorCode": "DUPLICATES_DETECTED",
        "duplicateResult": result(&id, false)
    }]);
    assert_eq!(given.post("/sobjects/Contact", again()), (400, body.clone()));
    let allowed = with_header(&given, Method::Post, "/sobjects/Contact", (HEADER, "allowSave=true"), again());
    assert_eq!(allowed, (400, body));
    assert_eq!(given.org.rows(&object!("Contact")).len(), 1);
}

#[test]
fn given_an_alert_when_the_header_allows_it_then_the_row_is_saved() {
    let (given, id) = guarded(DuplicateAction::Alert);
    let (status, body) = given.post("/sobjects/Contact", again());
    assert_eq!((status, &body[0]["duplicateResult"]), (400, &result(&id, true)));
    let old = Method::Post;
    // The header is there since 52.0.
    let request = sf_testorg::Request::new(old, "/services/data/v51.0/sobjects/Contact")
        .header(HEADER, "allowSave=true")
        .json(again().to_string());
    assert_eq!(given.send(request).status, 400);
    let header = (HEADER, "allowSave=true; includeRecordDetails=true; runAsCurrentUser=true");
    assert_eq!(with_header(&given, Method::Post, "/sobjects/Contact", header, again()).0, 201);
}

#[test]
fn given_record_details_are_asked_for_then_the_duplicate_has_its_fields() {
    let (given, id) = guarded(DuplicateAction::Block);
    let header = (HEADER, "includeRecordDetails=true");
    let (_, body) = with_header(&given, Method::Post, "/sobjects/Contact", header, again());
    let record = &body[0]["duplicateResult"]["matchResults"][0]["matchRecords"][0]["record"];
    let (_, row) = given.get(&format!("/sobjects/Contact/{id}"));
    assert_eq!(*record, row);
}

#[test]
fn given_an_update_then_it_is_looked_at_when_it_changes_a_matching_field() {
    let (given, _) = guarded(DuplicateAction::Alert);
    let header = (HEADER, "allowSave=true");
    let (_, twin) = with_header(&given, Method::Post, "/sobjects/Contact", header, again());
    let twin = format!("/sobjects/Contact/{}", twin["id"].as_str().unwrap());
    assert_eq!(given.patch(&twin, json!({"Phone": "1"})).0, 204);
    assert_eq!(given.patch(&twin, json!({"Email": "b@acme.example"})).0, 204);
    let (status, body) = given.patch(&twin, json!({"Email": "a@acme.example"}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("DUPLICATES_DETECTED")));
}

#[test]
fn given_empty_or_exact_fields_then_they_match_nothing_else() {
    let given = Given::empty();
    let matching = [Match::exact(field!("LastName")), Match::ignoring_case(field!("Phone"))];
    given.org.add_rule(DuplicateRule::new(object!("Contact"), "Both", matching)).unwrap();
    for (name, phone) in [("Ay", None), ("Ay", None), ("Ay", Some("1")), ("AY", Some("1")), ("Ay", Some("2"))]
    {
        given.insert("Contact", json!({"LastName": name, "Phone": phone}));
    }
    assert_eq!(given.post("/sobjects/Contact", json!({"LastName": "Ay", "Phone": "1"})).0, 400);
}

#[test]
fn given_a_collection_when_its_rows_are_alike_then_they_are_compared_with_older_rows_only() {
    let (given, _) = guarded(DuplicateAction::Block);
    let record = |mail: &str| json!({"attributes": {"type": "Contact"}, "LastName": "B", "Email": mail});
    let records = json!([record("new@acme.example"), record("new@acme.example"), record("a@acme.example")]);
    let (status, rows) = given.post("/composite/sobjects", json!({"records": records}));
    assert_eq!(status, 200);
    assert_eq!((&rows[0]["success"], &rows[1]["success"]), (&json!(true), &json!(true)));
    assert_eq!(
        rows[2],
        json!({"success": false, "errors": [
            {"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []}
        ]})
    );
}

#[test]
fn given_a_bulk_job_when_a_row_is_a_duplicate_then_it_fails_with_code_and_text() {
    let (given, _) = guarded(DuplicateAction::Alert);
    let failed = bulk_insert(&given, "Contact", "LastName,Email\nB,a@acme.example\nC,c@acme.example\n");
    assert_eq!(failed, ["DUPLICATES_DETECTED:Use one of these records?:--"]);
}

#[test]
fn given_the_switches_when_set_then_the_details_have_the_old_name_and_stand_in_collections() {
    let mut assumptions = Assumptions::default();
    assumptions.guard.duplicate_result_is_misspelled = true;
    assumptions.guard.duplicate_result_in_collections = true;
    let given = Given::with(|builder| builder.assumptions(assumptions));
    given.org.add_rule(same_mail(DuplicateAction::Block)).unwrap();
    let id = given.insert("Contact", json!({"LastName": "Ay", "Email": "dup@acme.example"}));
    let fields = json!({"LastName": "B", "Email": "dup@acme.example"});
    let (_, body) = given.post("/sobjects/Contact", fields.clone());
    assert_eq!(body[0]["duplicateResut"], result(&id, false));
    let mut record = fields;
    record["attributes"] = json!({"type": "Contact"});
    let (_, rows) = given.post("/composite/sobjects", json!({"records": [record]}));
    assert_eq!(
        rows[0]["errors"],
        json!([{"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": [],
            "duplicateResut": result(&id, false)}])
    );
}

#[test]
fn given_a_person_in_the_ui_then_an_alert_is_passed_and_a_block_is_not() {
    let insert = || {
        let fields = Fields::new().set(field!("LastName"), "B").set(field!("Email"), "a@acme.example");
        Write::Insert { object: object!("Contact"), fields }
    };
    let (given, _) = guarded(DuplicateAction::Alert);
    given.org.apply(insert()).unwrap();
    given.org.add_rule(same_mail(DuplicateAction::Block)).unwrap();
    let error = given.org.apply(insert()).unwrap_err();
    assert_eq!(error.to_string(), "DUPLICATES_DETECTED: Use one of these records?");
}

#[test]
fn given_a_condition_or_an_allowing_rule_then_other_rows_pass() {
    let given = Given::empty();
    given.org.add_rule(same_mail(DuplicateAction::Block).only_if("LeadSource = 'Web'")).unwrap();
    let contact = |source: &str| json!({"LastName": "A", "Email": "a@acme.example", "LeadSource": source});
    given.insert("Contact", contact("Web"));
    given.insert("Contact", contact("Other"));
    assert_eq!(given.post("/sobjects/Contact", contact("Web")).0, 400);
    given.org.add_rule(same_mail(DuplicateAction::Allow)).unwrap();
    given.insert("Contact", contact("Web"));
}

/// A look at every row for each new one would take half a minute here.
#[test]
fn given_many_rows_when_new_ones_come_then_each_is_compared_with_few() {
    let given = Given::empty();
    let insert = |state: &mut State| {
        for n in 0..20_000 {
            state.insert_row("Account", [("Name", Cell::text(format!("Account {n}")))]).unwrap();
        }
    };
    given.org.transact(insert).unwrap();
    let same_name =
        DuplicateRule::new(object!("Account"), "Same_name", [Match::ignoring_case(field!("Name"))]);
    given.org.add_rule(same_name).unwrap();
    let record = |n: u32| json!({"attributes": {"type": "Account"}, "Name": format!("ACCOUNT {n}")});
    let started = crate::work::Work::start();
    for from in (19_900..20_900).step_by(200) {
        let records: Vec<Value> = (from..from + 200).map(record).collect();
        let (_, rows) = given.post("/composite/sobjects", json!({"records": records}));
        let refused = rows.as_array().unwrap().iter().filter(|row| row["success"] == false).count();
        assert_eq!(refused, if from == 19_900 { 100 } else { 0 });
    }
    assert!(started.time() < std::time::Duration::from_secs(15), "{:?}", started.time());
    // A new describe of the sObject keeps the rule and its index.
    let field = json!([{"name": "Tier__c", "type": "string", "length": 20}]);
    given.org.add_fields(&object!("Account"), field).unwrap();
    let (status, body) = given.post("/sobjects/Account", json!({"Name": "account 7"}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("DUPLICATES_DETECTED")));
    assert_eq!(given.records("SELECT Id FROM Account WHERE Name = 'aCCOUNT 20001'").len(), 1);
}
