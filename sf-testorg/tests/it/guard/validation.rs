//! Validation rules, on every way into the org.
use super::refused;
use crate::given::{Given, V};
use serde_json::{Value, json};
use sf_core::{Fields, Write, field, object};
use sf_testorg::{TestOrg, guard::ValidationRule};

const CODE: &str = "FIELD_CUSTOM_VALIDATION_EXCEPTION";

fn hot_needs_phone() -> ValidationRule {
    let condition = "Rating = 'Hot' AND Phone = null";
    ValidationRule::new(object!("Account"), "Hot_needs_phone", condition, "Hot accounts need a phone.")
        .at(field!("Phone"))
}

fn guarded() -> Given {
    let given = Given::empty();
    given.org.add_rule(hot_needs_phone()).unwrap();
    given
}

#[test]
fn given_a_validation_rule_when_a_row_meets_it_then_every_way_into_the_org_says_the_same() {
    let given = guarded();
    let hot = json!({"Name": "Acme", "Rating": "Hot"});
    let body = refused(CODE, "Hot accounts need a phone.", &["Phone"]);
    let row = json!({"statusCode": CODE, "message": "Hot accounts need a phone.", "fields": ["Phone"]});
    assert_eq!(given.post("/sobjects/Account", hot.clone()), (400, body.clone()));

    let id = given.account("Cold");
    assert_eq!(
        given.patch(&format!("/sobjects/Account/{id}"), json!({"Rating": "Hot"})),
        (400, body.clone())
    );
    assert_eq!(
        given.patch(&format!("/sobjects/Account/{id}"), json!({"Rating": "Hot", "Phone": "1"})).0,
        204
    );
    // Taking the phone away afterwards is refused, too: the whole row counts.
    assert_eq!(given.patch(&format!("/sobjects/Account/{id}"), json!({"Phone": null})), (400, body.clone()));

    let typed = |name: &str| {
        let mut record = hot.clone();
        record["attributes"] = json!({"type": "Account"});
        record["Name"] = json!(name);
        record
    };
    let (status, answer) = given.post("/composite/sobjects", json!({"records": [typed("A"), typed("B")]}));
    assert_eq!(status, 200);
    let failed = json!({"success": false, "errors": [row]});
    assert_eq!(answer, json!([failed, failed]));

    let part =
        json!({"method": "POST", "url": format!("{V}/sobjects/Account"), "referenceId": "one", "body": hot});
    let (status, answer) = given.post("/composite", json!({"compositeRequest": [part]}));
    assert_eq!(status, 200);
    assert_eq!(
        answer,
        json!({"compositeResponse": [{"body": body, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": "one"}]})
    );

    let mut root = hot.clone();
    root["attributes"] = json!({"type": "Account", "referenceId": "root"});
    let (status, answer) = given.post("/composite/tree/Account", json!({"records": [root]}));
    assert_eq!(status, 400);
    assert_eq!(answer, json!({"hasErrors": true, "results": [{"referenceId": "root", "errors": [row]}]}));
    assert_eq!(given.org.rows(&object!("Account")).len(), 1);
}

#[test]
fn given_a_validation_rule_when_a_bulk_job_has_a_row_that_meets_it_then_that_row_fails_alone() {
    let given = guarded();
    let failed = bulk_insert(&given, "Account", "Name,Rating\nAcme,Hot\nOther,Cold\n");
    assert_eq!(failed, [format!("{CODE}:Hot accounts need a phone.:Phone --")]);
    assert_eq!(given.column("SELECT Name FROM Account", "Name"), [json!("Other")]);
}

/// The errors of a job that was done.
pub(super) fn bulk_insert(given: &Given, object: &str, csv: &str) -> Vec<String> {
    bulk_job(given, json!({"object": object, "operation": "insert"}), csv)
}

pub(super) fn bulk_job(given: &Given, job: Value, csv: &str) -> Vec<String> {
    let info = given.load(job, csv);
    assert_eq!(info["state"], "JobComplete", "{info}");
    let failed = given.file(&info, "failedResults");
    failed.lines().skip(1).map(|line| line.split('"').nth(3).unwrap().to_owned()).collect()
}

#[test]
fn given_two_rules_when_a_row_meets_both_then_the_answer_has_both_errors() {
    let given = guarded();
    let rule = ValidationRule::new(object!("Account"), "No_tests", "Name LIKE 'Test%'", "No test accounts.");
    given.org.add_rule(rule).unwrap();
    let (status, body) = given.post("/sobjects/Account", json!({"Name": "Test", "Rating": "Hot"}));
    assert_eq!(status, 400);
    assert_eq!(
        body,
        json!([
            {"message": "Hot accounts need a phone.", "errorCode": CODE, "fields": ["Phone"]},
            {"message": "No test accounts.", "errorCode": CODE, "fields": []},
        ])
    );
    let record = json!({"attributes": {"type": "Account"}, "Name": "Test", "Rating": "Hot"});
    let (_, rows) = given.post("/composite/sobjects", json!({"records": [record]}));
    assert_eq!(
        rows[0]["errors"],
        json!([
            {"statusCode": CODE, "message": "Hot accounts need a phone.", "fields": ["Phone"]},
            {"statusCode": CODE, "message": "No test accounts.", "fields": []},
        ])
    );
    assert_eq!(
        bulk_insert(&given, "Account", "Name,Rating\nTest,Hot\n"),
        [format!("{CODE}:Hot accounts need a phone.:Phone --;{CODE}:No test accounts.:--")]
    );
}

#[test]
fn given_a_condition_over_a_parent_and_a_date_when_a_child_is_saved_then_both_are_seen() {
    let given = Given::empty();
    let condition = "Account.Type = 'Prospect' AND CloseDate < TODAY";
    let rule = ValidationRule::new(object!("Opportunity"), "Not_back", condition, "Too late.");
    given.org.add_rule(rule).unwrap();
    let account = given.insert("Account", json!({"Name": "A", "Type": "Prospect"}));
    let fields =
        |day: &str| json!({"Name": "O", "AccountId": account, "StageName": "Prospecting", "CloseDate": day});
    assert_eq!(
        given.post("/sobjects/Opportunity", fields("2026-01-04")),
        (400, refused(CODE, "Too late.", &[]))
    );
    assert_eq!(given.post("/sobjects/Opportunity", fields("2026-01-05")).0, 201);
}

#[test]
fn given_a_field_hidden_from_the_user_when_a_rule_reads_it_then_the_rule_works() {
    let given = guarded();
    given.org.set_field_access(&object!("Account"), &field!("Phone"), sf_testorg::FieldAccess::Hidden);
    assert_eq!(given.post("/sobjects/Account", json!({"Name": "Acme", "Rating": "Hot"})).0, 400);
}

#[test]
fn given_a_rule_when_switched_off_then_rows_pass_and_its_id_stays() {
    let given = guarded();
    let id = given.org.rules()[0].0;
    assert_eq!(id.key_prefix(), "03d");
    assert_eq!(given.org.add_rule(hot_needs_phone().active(false)).unwrap(), id);
    assert_eq!(given.post("/sobjects/Account", json!({"Name": "Acme", "Rating": "Hot"})).0, 201);
    assert_eq!(given.org.rules().len(), 1);
}

#[test]
fn given_a_refused_row_of_an_all_or_none_collection_then_nothing_is_saved() {
    let given = guarded();
    let record =
        |name: &str, rating: &str| json!({"attributes": {"type": "Account"}, "Name": name, "Rating": rating});
    let body = json!({"allOrNone": true, "records": [record("A", "Cold"), record("B", "Hot")]});
    let (_, rows) = given.post("/composite/sobjects", body);
    assert_eq!(rows[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!(rows[1]["errors"][0]["statusCode"], CODE);
    assert!(given.org.rows(&object!("Account")).is_empty());
}

#[test]
fn given_a_closure_when_it_holds_then_the_row_is_refused_with_its_field() {
    let given = Given::empty();
    given.org.refuse_when(object!("Account"), "Names do not shrink.", Some(field!("Name")), |row| {
        let (old, new) = (row.old("Name"), row.get("Name"));
        row.id().is_some() && new.as_str().map(str::len) < old.as_str().map(str::len)
    });
    let id = given.account("Acme");
    let (status, body) = given.patch(&format!("/sobjects/Account/{id}"), json!({"Name": "Acm"}));
    assert_eq!((status, body), (400, refused(CODE, "Names do not shrink.", &["Name"])));
    assert_eq!(given.patch(&format!("/sobjects/Account/{id}"), json!({"Name": "Acme 2"})).0, 204);
}

#[test]
fn given_a_rule_that_names_nothing_when_added_then_it_is_refused_with_the_reason() {
    let org = TestOrg::empty();
    for (rule, reason) in [
        (ValidationRule::new(object!("Acount"), "A", "Name = null", ""), "no sObject Acount"),
        (ValidationRule::new(object!("Account"), "A", "Nam = null", ""), "No such column 'Nam'"),
        (ValidationRule::new(object!("Account"), "A", "Name = ", ""), "the condition"),
        (hot_needs_phone().at(field!("Fone")), "Account has no field Fone"),
    ] {
        let error = org.add_rule(rule).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    assert!(org.rules().is_empty());
    let fields = Fields::new().set(field!("Name"), "Acme");
    org.apply(Write::Insert { object: object!("Account"), fields }).unwrap();
}
