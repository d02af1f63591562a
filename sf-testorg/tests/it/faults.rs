//! Every fault of the catalogue, as a client meets it.
use crate::given::{Given, V, encode, read};
use serde_json::{Value, json};
use sf_core::{Clock, Fields, SfId, Write, field, object};
use sf_testorg::{Effect, Fate, Fault, Method, On, Refusal, Request, RetryAfter, TestOrg};
use std::time::Duration;

fn arm(given: &Given, effect: Effect) {
    given.org.inject(Fault::new(On::Any, effect));
}
fn accounts(given: &Given) -> usize {
    given.org.rows(&object!("Account")).len()
}
fn create(given: &Given) -> sf_testorg::Response {
    given.send(Request::post(format!("{V}/sobjects/Account"), r#"{"Name":"Acme"}"#))
}

#[test]
fn given_any_fault_when_a_row_is_written_and_read_then_the_org_goes_on_and_the_log_says_what_happened() {
    for fault in Fault::catalogue() {
        let given = Given::demo();
        let name = fault.effect.name();
        given.org.inject(fault);
        let answer = create(&given);
        let query = Request::get(format!("{V}/query?q={}", encode("SELECT Id FROM Account LIMIT 3")));
        given.send(query.clone());
        assert_eq!(given.org.faults(), [], "{name} has hit");
        assert_eq!(given.org.calls()[0].fate, answer.fate, "{name}");
        given.org.clock().advance(Duration::from_secs(700));
        given.org.settle();
        if given.org.access_token().is_empty() {
            continue; // Its session is over; `oauth` tests what follows.
        }
        let after = given.send(query);
        assert_eq!((after.status, after.fate), (200, Fate::Delivered), "{name}: {}", after.text());
    }
}

#[test]
fn given_a_connection_fault_when_a_row_is_created_then_its_work_is_done_or_not_as_documented() {
    for (effect, fate, rows) in [
        (Effect::LoseRequest, Fate::RequestLost, 0),
        (Effect::ResetRequest, Fate::RequestReset, 0),
        (Effect::LoseAnswer, Fate::AnswerLost, 1),
        (Effect::ResetAnswer, Fate::AnswerReset, 1),
        (Effect::Duplicate, Fate::Delivered, 2),
    ] {
        let given = Given::empty();
        arm(&given, effect.clone());
        let answer = create(&given);
        assert_eq!((answer.fate, accounts(&given)), (fate, rows), "{effect:?}");
        let is_counted = u64::from(rows > 0) + u64::from(rows > 1);
        let (_, limits) = given.get("/limits");
        let used = 100_000 - limits["DailyApiRequests"]["Remaining"].as_u64().unwrap();
        assert_eq!(used, is_counted + 1, "{effect:?}");
        assert_eq!(given.org.counters().requests, 2, "the log has one, and the limits");
    }
}

#[test]
fn given_a_duplicate_when_it_is_answered_then_the_second_answer_comes() {
    let given = Given::demo();
    arm(&given, Effect::Duplicate);
    let id = read(&create(&given))["id"].as_str().unwrap().to_owned();
    assert_eq!(given.column("SELECT Id FROM Account WHERE Name = 'Acme' ORDER BY Id", "Id")[1], json!(id));
    arm(&given, Effect::Duplicate);
    let (status, body) = given.delete(&format!("/sobjects/Account/{id}"));
    assert_eq!((status, &body[0]["errorCode"]), (404, &json!("ENTITY_IS_DELETED")));
}

#[test]
fn given_a_refusal_when_asked_then_status_and_body_are_salesforces() {
    let unknown = "An unexpected error occurred. Please include this ErrorId if you contact support: 123456789-12345 (-123456789)";
    let expected = [
        (Refusal::SessionExpired, 401, "INVALID_SESSION_ID", "Session expired or invalid"),
        (
            Refusal::SessionNotForRest,
            401,
            "INVALID_SESSION_ID",
            "This session is not valid for use with the REST API",
        ),
        (Refusal::JwtExpired, 401, "INVALID_AUTH_HEADER", "INVALID_JWT_FORMAT"),
        (Refusal::DailyLimit, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        (
            Refusal::ConcurrentRequests,
            403,
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        ),
        (
            Refusal::ConcurrentLongTransactions,
            403,
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentPerOrgLongTxn Limit exceeded.",
        ),
        (
            Refusal::ApiDisabledForOrg,
            403,
            "API_DISABLED_FOR_ORG",
            "The REST API is not enabled for this Organization.",
        ),
        (Refusal::ApiDisabledForUser, 403, "API_CURRENTLY_DISABLED", "API is disabled for this User"),
        (Refusal::ApiCurrentlyDisabled, 403, "API_CURRENTLY_DISABLED", "API is currently disabled"),
        (Refusal::QueryTimeout, 400, "QUERY_TIMEOUT", "Your query request was running for too long."),
        (Refusal::ServerUnavailable, 503, "SERVER_UNAVAILABLE", "Server too busy"),
        (Refusal::Unknown, 500, "UNKNOWN_EXCEPTION", unknown),
    ];
    assert_eq!(expected.map(|(refusal, ..)| refusal), Refusal::ALL);
    let given = Given::empty();
    for (refusal, status, code, message) in expected {
        arm(&given, Effect::Refuse(refusal));
        let answer = create(&given);
        assert_eq!(answer.status, status, "{refusal:?}");
        assert_eq!(read(&answer), json!([{"message": message, "errorCode": code}]), "{refusal:?}");
        assert_eq!(answer.find_header("Content-Type"), Some("application/json;charset=UTF-8"));
        assert_eq!(answer.find_header("WWW-Authenticate").is_some(), status == 401, "{refusal:?}");
    }
    assert_eq!(accounts(&given), 0);
}

#[test]
fn given_an_edge_when_it_answers_then_html_comes_with_retry_after_in_both_forms_and_nothing_is_counted() {
    let given = Given::empty();
    for status in [420, 429, 500, 502, 503, 504] {
        arm(&given, Effect::Edge { status, retry_after: None });
        let answer = create(&given);
        assert_eq!(answer.status, status);
        assert_eq!(answer.find_header("Content-Type"), Some("text/html;charset=UTF-8"));
        assert!(
            answer.text().starts_with("<!DOCTYPE html>\n<html>")
                && answer.text().contains(&status.to_string())
        );
        assert_eq!(answer.find_header("Retry-After"), None);
        assert_eq!(answer.find_header("Sforce-Limit-Info"), None);
    }
    for (after, header) in
        [(RetryAfter::Seconds(120), "120"), (RetryAfter::Date(120), "Mon, 05 Jan 2026 09:02:00 GMT")]
    {
        arm(&given, Effect::Edge { status: 503, retry_after: Some(after) });
        assert_eq!(create(&given).find_header("Retry-After"), Some(header));
    }
    assert_eq!((accounts(&given), given.org.counters().api_calls), (0, 0));
    let file = br#"{"on": "any", "effect": {"edge": {"status": 429, "retry_after": {"date": 60}}}}"#;
    given.org.inject(Fault::read(file).unwrap().remove(0));
    assert_eq!(create(&given).find_header("Retry-After"), Some("Mon, 05 Jan 2026 09:01:00 GMT"));
}

#[test]
fn given_a_route_when_requests_come_then_only_its_own_are_hit_rows_included() {
    let given = Given::empty();
    let route = |text: &str| On::Route(text.into());
    given.org.inject(Fault::new(route("GET /services/data/*/query"), Effect::Slow(Duration::from_secs(9))));
    given.org.inject(Fault::new(route("POST /services/data/*/sobjects/account"), Effect::RowLock));
    assert_eq!(given.get("/limits").0, 200);
    assert_eq!(given.post("/sobjects/Lead", json!({"LastName": "L", "Company": "C"})).0, 201);
    let (status, body) = given.post("/sobjects/Account", json!({"Name": "Acme"}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("UNABLE_TO_LOCK_ROW")));
    let query = Request::get(format!("{V}/query?q={}", encode("SELECT Id FROM Lead")));
    assert_eq!(given.send(query).delay, Duration::from_secs(9));
    assert_eq!(given.org.faults(), []);
}

#[test]
fn given_chances_when_drawn_then_the_seed_alone_decides() {
    let hits = |seed: u64| -> Vec<bool> {
        let given =
            Given { org: TestOrg::builder().seed(seed).dataset(sf_testorg::demo::Dataset::Empty).build() };
        let effect = Effect::Edge { status: 503, retry_after: None };
        given.org.inject(Fault::new(On::Chance { per_mille: 250 }, effect).times(u32::MAX));
        (0..400).map(|_| given.get("/limits").0 == 503).collect()
    };
    let (one, two) = (hits(1), hits(2));
    assert_eq!(one, hits(1));
    assert_ne!(one, two);
    let count = one.iter().filter(|hit| **hit).count();
    assert!((60..140).contains(&count), "a quarter of 400, about: {count}");
}

#[test]
fn given_a_field_that_is_hidden_or_removed_when_asked_for_then_it_is_gone_from_that_request_on() {
    for remove in [false, true] {
        let given = Given::demo();
        let (object, field) = (object!("Account"), field!("CX_Play__c"));
        let id = given.column("SELECT Id FROM Account WHERE CX_Play__c != null", "Id")[0].clone();
        let effect =
            if remove { Effect::RemoveField { object, field } } else { Effect::HideField { object, field } };
        given.org.inject(Fault::new(On::Operation("query".into()), effect));
        let (code, message) = given.query_error("SELECT CX_Play__c FROM Account");
        assert_eq!(code, "INVALID_FIELD");
        assert!(message.contains("No such column 'CX_Play__c' on entity 'Account'"), "{message}");
        let (_, describe) = given.get("/sobjects/Account/describe");
        let names: Vec<&Value> = describe["fields"].as_array().unwrap().iter().map(|f| &f["name"]).collect();
        assert!(names.contains(&&json!("Name")) && !names.contains(&&json!("CX_Play__c")));
        let path = format!("/sobjects/Account/{}", id.as_str().unwrap());
        let (status, body) = given.patch(&path, json!({"CX_Play__c": "Grow"}));
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_FIELD")), "{body}");
        let id = SfId::new(id.as_str().unwrap()).unwrap();
        assert_eq!(given.org.value(id, "CX_Play__c").is_null(), remove, "hidden is not lost");
    }
    let given = Given::demo();
    arm(&given, Effect::RemoveField { object: object!("Account"), field: field!("Name") });
    assert_eq!(
        given.records("SELECT Name FROM Account LIMIT 1").len(),
        1,
        "standard fields cannot be deleted"
    );
}

#[test]
fn given_a_picklist_value_that_closes_when_it_is_written_then_it_is_refused_and_rows_keep_it() {
    let given = Given::demo();
    let before = given.records("SELECT Id FROM Account WHERE CX_Play__c = 'Grow'").len();
    let id = given.account("Acme");
    let effect = Effect::ClosePicklist {
        object: object!("Account"),
        field: field!("CX_Play__c"),
        value: "Grow".into(),
    };
    given.org.inject(Fault::new(On::Operation("update".into()), effect));
    let (status, body) = given.patch(&format!("/sobjects/Account/{id}"), json!({"CX_Play__c": "Grow"}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")));
    assert!(before > 0);
    assert_eq!(given.records("SELECT Id FROM Account WHERE CX_Play__c = 'Grow'").len(), before);
}

#[test]
fn given_an_owner_who_is_deactivated_when_a_row_is_given_to_them_then_it_is_refused() {
    let given = Given::demo();
    let user = given.column("SELECT Id FROM User WHERE IsActive = true ORDER BY Id", "Id")[1].clone();
    let user = user.as_str().unwrap();
    given
        .org
        .inject(Fault::new(On::Operation("insert".into()), Effect::DeactivateUser(SfId::new(user).unwrap())));
    let (status, body) = given.post("/sobjects/Account", json!({"Name": "Acme", "OwnerId": user}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INACTIVE_OWNER_OR_USER")), "{body}");
    assert_eq!(given.column(&format!("SELECT IsActive FROM User WHERE Id = '{user}'"), "IsActive"), [false]);
    let Some(Fault { effect: Effect::DeactivateUser(second), .. }) =
        Fault::catalogue().into_iter().find(|f| f.effect.name() == "deactivate_user")
    else {
        panic!("the catalogue has it");
    };
    let found = given.column(&format!("SELECT Id FROM User WHERE Id = '{second}'"), "Id");
    assert_eq!(found.len(), 1, "the catalogue names a user of the demo");
}

#[test]
fn given_a_skewed_clock_when_rows_are_written_then_stamps_dates_and_literals_shift_and_the_real_time_does_not()
 {
    for seconds in [300, -300] {
        let given = Given::empty();
        let real = given.org.clock().now();
        arm(&given, Effect::SkewClock(seconds * 1000));
        let id = read(&create(&given))["id"].as_str().unwrap().to_owned();
        let stamp = given.org.value(SfId::new(&id).unwrap(), "CreatedDate");
        let expected =
            if seconds > 0 { "2026-01-05T09:05:00.000+0000" } else { "2026-01-05T08:55:00.000+0000" };
        assert_eq!(stamp.as_str(), Some(expected));
        assert_eq!(given.org.clock().now(), real);
        assert_eq!(given.org.now().millis(), real.millis() + seconds * 1000);
        arm(&given, Effect::Edge { status: 503, retry_after: Some(RetryAfter::Date(0)) });
        let date = create(&given).find_header("Retry-After").unwrap().to_owned();
        assert_eq!(
            date,
            if seconds > 0 { "Mon, 05 Jan 2026 09:05:00 GMT" } else { "Mon, 05 Jan 2026 08:55:00 GMT" }
        );
        arm(&given, Effect::SkewClock(0));
        given.get("/limits");
        assert_eq!(given.org.now(), real);
    }
}

#[test]
fn given_a_late_commit_of_ten_minutes_when_the_clock_is_skewed_then_it_comes_by_the_orgs_clock() {
    let given = Given::empty();
    arm(&given, Effect::SkewClock(60_000));
    arm(&given, Effect::CommitLate(Duration::from_secs(600)));
    assert_eq!(create(&given).fate, Fate::AnswerLost);
    given.org.clock().advance(Duration::from_secs(599));
    given.org.settle();
    assert_eq!(accounts(&given), 0);
    given.org.clock().advance(Duration::from_secs(1));
    given.org.settle();
    let row = given.org.rows(&object!("Account")).remove(0);
    assert_eq!(row.value("SystemModstamp").unwrap().as_str(), Some("2026-01-05T09:01:00.000+0000"));
}

#[test]
fn given_an_instance_that_moves_when_asked_then_the_session_is_over_and_the_new_address_is_told() {
    let given = Given::empty();
    arm(&given, Effect::MoveInstance("https://moved.example".into()));
    let (status, body) = given.get("/limits");
    assert_eq!((status, &body[0]["errorCode"]), (401, &json!("INVALID_SESSION_ID")));
    let who = given.org.credentials();
    let form = format!(
        "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
        who.client_id, who.client_secret, who.refresh_token
    );
    let answer = given.org.handle(&Request::new(Method::Post, "/services/oauth2/token").form(form));
    assert_eq!(read(&answer)["instance_url"], "https://moved.example");
    assert_eq!(given.get("/limits").0, 200);
}

#[test]
fn given_rows_some_of_which_are_locked_when_a_collection_is_written_then_only_they_fail() {
    let given = Given::empty();
    let org = &given.org;
    let insert = |name: &str| {
        org.apply(Write::Insert {
            object: object!("Account"),
            fields: Fields::new().set(field!("Name"), name),
        })
    };
    let ids = ["a", "b", "c", "d"].map(|name| insert(name).unwrap());
    org.inject(Fault::new(On::Rows(vec![ids[1], ids[3]]), Effect::RowLock).times(2));
    let records: Vec<Value> =
        ids.iter().map(|id| json!({"attributes": {"type": "Account"}, "Id": id, "Phone": "1"})).collect();
    let (status, body) = given.patch("/composite/sobjects", json!({"allOrNone": false, "records": records}));
    assert_eq!(status, 200);
    let locked = json!([{
        "statusCode": "UNABLE_TO_LOCK_ROW",
        "message": "unable to obtain exclusive access to this record",
        "fields": [],
    }]);
    for (at, row) in body.as_array().unwrap().iter().enumerate() {
        let is_locked = at % 2 == 1;
        assert_eq!(row["success"], json!(!is_locked), "{row}");
        assert_eq!(row["errors"], if is_locked { locked.clone() } else { json!([]) });
    }
}

#[test]
fn given_several_faults_of_one_request_when_it_is_lost_then_nothing_is_done_whatever_the_order() {
    let lost = [Effect::LoseRequest, Effect::ResetRequest];
    let others = [
        Effect::LoseAnswer,
        Effect::ResetAnswer,
        Effect::CommitLate(Duration::from_secs(60)),
        Effect::Duplicate,
        Effect::TornBody,
        Effect::Status(503, "SERVER_UNAVAILABLE".into()),
    ];
    for lose in &lost {
        for other in &others {
            for pair in [[lose, other], [other, lose]] {
                let given = Given::empty();
                pair.iter().for_each(|effect| arm(&given, (*effect).clone()));
                let answer = create(&given);
                assert!(
                    matches!(answer.fate, Fate::RequestLost | Fate::RequestReset),
                    "{pair:?}: {:?}",
                    answer.fate
                );
                given.org.clock().advance(Duration::from_secs(700));
                given.org.settle();
                assert_eq!((accounts(&given), given.org.faults().len()), (0, 0), "{pair:?}");
            }
        }
    }
}

#[test]
fn given_skip_times_and_chance_together_when_requests_come_then_each_fault_counts_its_own_matches() {
    let given = Given::empty();
    let query = On::Operation("query".into());
    let always = On::All(vec![query.clone(), On::Chance { per_mille: 1000 }]);
    let never = On::All(vec![query.clone(), On::Chance { per_mille: 0 }]);
    given.org.inject(Fault::new(always, Effect::Status(500, "A".into())).skip(1).times(2));
    given.org.inject(Fault::new(query, Effect::Status(500, "B".into())).skip(2).times(2));
    given.org.inject(Fault::new(never, Effect::Status(500, "C".into())).times(1));
    let seen: Vec<Value> = (0..6)
        .map(|at| {
            if at % 2 == 0 {
                given.get("/limits"); // No match, and not counted as one.
            }
            given.query("SELECT Id FROM Account").1[0]["errorCode"].clone()
        })
        .collect();
    // Of two that answer the request, the one armed last is heard.
    assert_eq!(seen, [json!(null), json!("A"), json!("B"), json!("B"), json!(null), json!(null)]);
    assert_eq!(given.org.faults().len(), 1);
}
