//! Signing in, describe, limits, replication, the request log, faults.
use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_core::{Fields, SfId, Write, field, object};
use sf_testorg::{Effect, Fate, Fault, Method, On, Request, TestOrg, state::Cell};
use std::time::Duration;

#[test]
fn given_the_versions_when_asked_for_then_anybody_may_and_nothing_is_counted() {
    let org = TestOrg::empty();
    let response = org.handle(&Request::get("/services/data"));
    let body = read(&response);
    assert_eq!(body[0], json!({"label": "Summer '14", "url": "/services/data/v31.0", "version": "31.0"}));
    assert_eq!(body[29], json!({"label": "Spring '24", "url": "/services/data/v60.0", "version": "60.0"}));
    assert_eq!(body.as_array().unwrap().last().unwrap()["version"], "67.0");
    assert_eq!(response.find_header("Sforce-Limit-Info"), None);
    assert_eq!((org.counters().requests, org.counters().api_calls), (1, 0));
}

#[test]
fn given_a_bad_token_when_used_then_each_surface_says_so_in_its_way() {
    let given = Given::empty();
    let send = |target: &str, header: Option<&str>| {
        let request = Request::get(target);
        let response = given.org.handle(&match header {
            Some(value) => request.header("authorization", value),
            None => request,
        });
        (response.status, response.text())
    };
    let limits = format!("{V}/limits");
    let dead = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
    assert_eq!(send(&limits, Some("Bearer nope")), (401, dead.to_owned()));
    let header = r#"[{"message":"INVALID_HEADER_TYPE","errorCode":"INVALID_AUTH_HEADER"}]"#;
    assert_eq!(send(&limits, None), (401, header.to_owned()));
    assert_eq!(send(&limits, Some("Basic abc")), (401, header.to_owned()));
    let userinfo = "/services/oauth2/userinfo";
    assert_eq!(send(userinfo, Some("Bearer nope")), (403, "Bad_OAuth_Token".to_owned()));
    let token = given.org.access_token();
    assert_eq!(send(&limits, Some(&format!("OAuth {token}"))).0, 200);
    let (status, body) = send(userinfo, Some(&format!("Bearer {token}")));
    let body: Value = serde_json::from_str(&body).unwrap();
    let who = given.org.credentials();
    assert_eq!(status, 200);
    assert_eq!((&body["user_id"], &body["organization_id"]), (&json!(who.user_id), &json!(who.org_id)));
    assert_eq!(body["preferred_username"], who.username);
    assert!(body["urls"]["rest"].as_str().unwrap().ends_with("/services/data/v{version}/"));
}

#[test]
fn given_a_refresh_token_when_the_session_ended_then_a_new_access_token_works() {
    let given = Given::empty();
    let who = given.org.credentials();
    let old = given.org.access_token();
    given.org.inject(Fault::new(On::Any, Effect::EndSession));
    assert_eq!(given.get("/limits").0, 401);
    let refresh = |token: &str, client: &str| {
        let form = format!(
            "grant_type=refresh_token&refresh_token={token}&client_id={client}&client_secret={}",
            who.client_secret
        );
        let response = given.org.handle(&Request::new(Method::Post, "/services/oauth2/token").form(form));
        (response.status, read(&response))
    };
    assert_eq!(
        refresh("wrong", &who.client_id),
        (400, json!({"error": "invalid_grant", "error_description": "expired access/refresh token"}))
    );
    assert_eq!(refresh(&who.refresh_token, "me").1["error"], "invalid_client_id");
    let (status, body) = refresh(&who.refresh_token, &who.client_id);
    assert_eq!(status, 200);
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["access_token", "id", "instance_url", "issued_at", "scope", "signature", "token_type"]);
    assert_ne!(body["access_token"], old);
    assert_eq!(body["issued_at"], "1767603600000");
    let new = body["access_token"].as_str().unwrap();
    assert_eq!(given.org.handle(&Request::get(format!("{V}/limits")).bearer(new)).status, 200);
    assert_eq!(given.org.handle(&Request::get(format!("{V}/limits")).bearer(&old)).status, 401);
}

#[test]
fn given_a_describe_when_unchanged_then_304() {
    let given = Given::empty();
    let target = format!("{V}/sobjects/Account/describe");
    let response = given.send(Request::get(&target));
    let stamp = response.find_header("Last-Modified").unwrap().to_owned();
    let body = read(&response);
    assert_eq!((&body["name"], &body["keyPrefix"]), (&json!("Account"), &json!("001")));
    assert_eq!(body["urls"]["rowTemplate"], format!("{V}/sobjects/Account/{{ID}}"));
    let again = || given.send(Request::get(&target).header("If-Modified-Since", &stamp));
    assert_eq!((again().status, again().body.len()), (304, 0));
    given.org.clock().advance(Duration::from_secs(60));
    given.org.set_picklist_active(&object!("Account"), &field!("CX_Play__c"), "New one", true).unwrap();
    assert_eq!(again().status, 200);
    let (_, global) = given.get("/sobjects");
    assert_eq!((&global["encoding"], &global["maxBatchSize"]), (&json!("UTF-8"), &json!(200)));
    let account = global["sobjects"].as_array().unwrap().iter().find(|s| s["name"] == "Account").unwrap();
    assert_eq!(account.as_object().unwrap().len(), 28);
    let id = given.account("Acme");
    let (_, basic) = given.get("/sobjects/Account");
    assert_eq!(basic["recentItems"][0]["Id"], id);
}

#[test]
fn given_calls_when_made_then_limits_and_headers_count_them() {
    let given = Given::empty();
    given.org.daily_api_requests(3);
    given.account("Acme");
    let (_, limits) = given.get("/limits");
    assert_eq!(limits["DailyApiRequests"], json!({"Max": 3, "Remaining": 1}));
    assert_eq!(
        given.get("/limits/recordCount?sObjects=Account,Nope").1,
        json!({"sObjects": [{"count": 1, "name": "Account"}]})
    );
    let (status, body) = given.get("/limits");
    assert_eq!((status, &body[0]["errorCode"]), (403, &json!("REQUEST_LIMIT_EXCEEDED")));
    assert_eq!(body[0]["message"], "TotalRequests Limit exceeded.");
    given.org.clock().advance(Duration::from_secs(25 * 3600));
    assert_eq!(given.get("/limits").0, 200);
}

#[test]
fn given_changes_when_replicated_then_ids_and_the_covered_time_come() {
    let given = Given::empty();
    let old = given.account("Old");
    given.org.clock().advance(Duration::from_secs(3600));
    let new = given.account("New");
    given.delete(&format!("/sobjects/Account/{old}"));
    given.org.clock().advance(Duration::from_secs(90));
    let window = "start=2026-01-05T09:30:59Z&end=2026-01-05T11:00:00%2B00:00";
    let (status, body) = given.get(&format!("/sobjects/Account/updated/?{window}"));
    assert_eq!(status, 200);
    assert_eq!(body, json!({"ids": [new], "latestDateCovered": "2026-01-05T10:01:00.000+0000"}));
    let (_, body) = given.get(&format!("/sobjects/Account/deleted/?{window}"));
    assert_eq!(
        body,
        json!({"deletedRecords": [{"id": old, "deletedDate": "2026-01-05T10:00:00.000+0000"}],
            "earliestDateAvailable": "2026-01-05T09:00:00.000+0000", "latestDateCovered": "2026-01-05T10:01:00.000+0000"})
    );
    let (status, body) =
        given.get("/sobjects/Account/updated/?start=2025-01-01T00:00:00Z&end=2026-01-01T00:00:00Z");
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_REPLICATION_DATE")));
}

#[test]
fn given_a_url_that_is_too_long_when_sent_then_414_and_no_json() {
    let given = Given::empty();
    let response = given.send(Request::get(format!("{V}/query?q={}", "x".repeat(17_000))));
    assert_eq!(response.status, 414);
    assert!(response.text().starts_with("<h1>"));
}

#[test]
fn given_bad_requests_when_sent_then_an_error_and_never_a_panic() {
    let given = Given::empty();
    for (target, status) in [
        ("/", 404),
        ("/services/data/v12.0/limits", 410),
        ("/services/data/latest/limits", 404),
        ("/services/data/v66.0/nope", 404),
        ("/services/data/v66.0/../v66.0/limits", 404),
        ("/services/data/v66.0/sobjects/%ff", 404),
        ("/services/data/v66.0/query?q=%", 400),
    ] {
        assert_eq!(given.send(Request::get(target)).status, status, "{target}");
    }
    let mut request = Request::post(format!("{V}/sobjects/Account"), "x");
    request.body = vec![0xff, 0xfe];
    assert_eq!(given.send(request).status, 400);
    let request = Request::new(Method::Post, format!("{V}/sobjects/Account")).form("Name=x");
    assert_eq!(given.send(request).status, 415);
}

#[test]
fn given_a_lost_request_when_sent_then_nothing_happens_and_after_a_lost_answer_it_did() {
    let given = Given::empty();
    let insert = || given.send(Request::post(format!("{V}/sobjects/Account"), r#"{"Name":"Acme"}"#)).fate;
    given.org.inject(Fault::new(On::Operation("insert".into()), Effect::LoseRequest));
    given.org.inject(Fault::new(On::Operation("write".into()), Effect::LoseAnswer).skip(1));
    assert_eq!(insert(), Fate::RequestLost);
    assert_eq!(given.org.rows(&object!("Account")).len(), 0);
    assert_eq!(insert(), Fate::AnswerLost);
    assert_eq!(given.org.rows(&object!("Account")).len(), 1);
    assert_eq!(insert(), Fate::Delivered);
    let counters = given.org.counters();
    assert_eq!((counters.requests, counters.api_calls, counters.by_operation["insert"]), (3, 2, 3));
    let fates: Vec<Fate> = given.org.calls().iter().map(|c| c.fate).collect();
    assert_eq!(fates, [Fate::RequestLost, Fate::AnswerLost, Fate::Delivered]);
}

#[test]
fn given_a_late_commit_when_the_time_comes_then_the_row_appears_with_the_older_stamp() {
    let given = Given::empty();
    let id = given.account("Acme");
    given.org.clock().advance(Duration::from_secs(100));
    given.org.inject(Fault::new(
        On::Rows(vec![SfId::new(&id).unwrap()]),
        Effect::CommitLate(Duration::from_secs(600)),
    ));
    let response = given.send(Request::patch(format!("{V}/sobjects/Account/{id}"), r#"{"Site":"HQ"}"#));
    assert_eq!(response.fate, Fate::AnswerLost);
    given.org.clock().advance(Duration::from_secs(599));
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["Site"], Value::Null);
    let window = "start=2026-01-05T09:00:00Z&end=2026-01-05T11:00:00Z";
    let (_, updated) = given.get(&format!("/sobjects/Account/updated/?{window}"));
    assert_eq!(updated["latestDateCovered"], "2026-01-05T09:01:00.000+0000");
    given.org.clock().advance(Duration::from_secs(1));
    let row = given.get(&format!("/sobjects/Account/{id}")).1;
    assert_eq!(
        (&row["Site"], &row["SystemModstamp"]),
        (&json!("HQ"), &json!("2026-01-05T09:01:40.000+0000"))
    );
}

#[test]
fn given_a_row_fault_when_a_late_commit_is_made_then_it_is_matched_against_its_own_request() {
    let given = Given::empty();
    let late = |operation: &str| {
        given
            .org
            .inject(Fault::new(On::Operation("insert".into()), Effect::CommitLate(Duration::from_secs(60))));
        given.org.inject(Fault::new(On::Operation(operation.into()), Effect::RowLock));
        let fate = given.send(Request::post(format!("{V}/sobjects/Account"), r#"{"Name":"Late"}"#)).fate;
        assert_eq!(fate, Fate::AnswerLost);
        // The last request before the commit and the one that brings it about are reads.
        given.get("/limits");
        given.org.clock().advance(Duration::from_secs(60));
        given.get("/limits");
        (given.org.rows(&object!("Account")).len(), given.org.faults().len())
    };
    assert_eq!(late("insert"), (0, 0), "the fault of an insert hits the late insert");
    assert_eq!(late("limits"), (1, 1), "the fault of a read does not");
    given.org.clear_faults();

    given.org.inject(Fault::new(On::Operation("insert".into()), Effect::CommitLate(Duration::from_secs(60))));
    let number = given.org.counters().requests + 1;
    given.org.inject(Fault::new(On::Call(number), Effect::RowLock));
    given.send(Request::post(format!("{V}/sobjects/Account"), r#"{"Name":"Late"}"#));
    given.get("/limits");
    given.org.clock().advance(Duration::from_secs(60));
    given.org.settle();
    assert_eq!((given.org.rows(&object!("Account")).len(), given.org.faults().len()), (1, 0));
}

#[test]
fn given_an_answer_without_a_body_when_it_is_torn_then_it_is_lost() {
    let given = Given::empty();
    let id = given.account("Acme");
    given.org.inject(Fault::new(On::Operation("update".into()), Effect::TornBody));
    let target = format!("{V}/sobjects/Account/{id}");
    assert_eq!(given.send(Request::patch(&target, r#"{"Site":"HQ"}"#)).fate, Fate::AnswerLost);
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["Site"], "HQ");
    assert!(given.org.faults().is_empty());
    assert_eq!(given.send(Request::patch(&target, r#"{"Site":"HQ"}"#)).fate, Fate::Delivered);
}

#[test]
fn given_row_faults_when_rows_are_written_then_only_theirs_fail() {
    let given = Given::empty();
    let (a, b) = (given.account("A"), given.account("B"));
    given.org.inject(Fault::new(On::Rows(vec![SfId::new(&b).unwrap()]), Effect::RowLock));
    let send = || {
        let record = |id: &str| json!({"attributes": {"type": "Account"}, "id": id, "Site": "x"});
        given.patch("/composite/sobjects", json!({"records": [record(&a), record(&b)]})).1
    };
    let body = send();
    assert_eq!(body[0]["success"], true);
    assert_eq!(
        body[1],
        json!({"id": b, "success": false, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access to this record", "fields": []}]})
    );
    assert_eq!(send()[1]["success"], true);
    let effect = Effect::RowError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY".into(), "trigger failed".into());
    given.org.inject(Fault::new(On::Object(object!("account")), effect));
    assert_eq!(send()[0]["errors"][0]["message"], "trigger failed");
}

#[test]
fn given_faults_of_all_kinds_when_they_hit_then_the_answer_shows_them() {
    let given = Given::empty();
    given.org.inject(Fault::new(On::Call(1), Effect::Status(503, "SERVER_UNAVAILABLE".into())));
    let (status, body) = given.get("/limits");
    assert_eq!((status, &body[0]["errorCode"]), (503, &json!("SERVER_UNAVAILABLE")));
    given.org.inject(Fault::new(On::Any, Effect::Page(502, "<html>Bad Gateway</html>".into())));
    let response = given.send(Request::get(format!("{V}/limits")));
    assert_eq!(
        (response.status, response.find_header("content-type")),
        (502, Some("text/html;charset=UTF-8"))
    );
    given.org.inject(Fault::new(On::Any, Effect::TornBody));
    let response = given.send(Request::get(format!("{V}/limits")));
    assert!(matches!(response.fate, Fate::Torn(n) if n > 0 && n < response.body.len()));
    given.org.inject(Fault::new(On::Any, Effect::Slow(Duration::from_secs(3))));
    assert_eq!(given.send(Request::get(format!("{V}/limits"))).delay, Duration::from_secs(3));
    let by_chance = |seed: u64| {
        let org = TestOrg::builder().dataset(sf_testorg::demo::Dataset::Empty).seed(seed).build();
        org.inject(Fault::new(On::Chance { per_mille: 300 }, Effect::LoseAnswer).times(u32::MAX));
        (0..50)
            .map(|_| org.handle(&Request::get("/services/data")).fate == Fate::AnswerLost)
            .collect::<Vec<_>>()
    };
    assert_eq!(by_chance(1), by_chance(1));
    assert_ne!(by_chance(1), by_chance(2));
    assert!((5..30).contains(&by_chance(1).iter().filter(|lost| **lost).count()));
}

#[test]
fn given_a_hook_that_fails_when_a_row_is_saved_then_500_and_the_row_is_as_before() {
    struct Broken;
    impl sf_testorg::CommitHook for Broken {
        fn committed(&mut self, _: &sf_testorg::state::Commit) -> std::io::Result<()> {
            Err(std::io::Error::other("disk full"))
        }
    }
    let given = Given::empty();
    let id = given.account("Acme");
    given.org.on_commit(Broken);
    let (status, body) = given.patch(&format!("/sobjects/Account/{id}"), json!({"Site": "x"}));
    assert_eq!((status, &body[0]["errorCode"]), (500, &json!("UNKNOWN_EXCEPTION")));
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["Site"], Value::Null);
    let write = Write::Delete { id: SfId::new(&id).unwrap() };
    assert!(given.org.apply(write).is_err());
    assert!(given.org.row(SfId::new(&id).unwrap()).is_some());
}

#[test]
fn given_commits_when_applied_to_the_same_beginning_then_the_same_org() {
    #[derive(Clone, Default)]
    struct Kept(std::sync::Arc<std::sync::Mutex<Vec<String>>>);
    impl sf_testorg::CommitHook for Kept {
        fn committed(&mut self, commit: &sf_testorg::state::Commit) -> std::io::Result<()> {
            self.0.lock().unwrap().push(serde_json::to_string(commit)?);
            Ok(())
        }
    }
    let kept = Kept::default();
    let given = Given::demo();
    given.org.on_commit(kept.clone());
    let id = given.account("Acme");
    given.opportunity(&id, "Deal", "Closed Won");
    given.delete(&format!("/sobjects/Account/{id}"));
    given.patch("/sobjects/Account/001000000000001AAA", json!({"Name": "x"}));
    given.org.set_picklist_active(&object!("Account"), &field!("CX_Play__c"), "Other", true).unwrap();
    let fields = Fields::new().set(field!("Name"), "By hand");
    given.org.apply(Write::Insert { object: object!("Account"), fields }).unwrap();

    let again = TestOrg::demo();
    let commits = kept.0.lock().unwrap().clone();
    assert_eq!(commits.len(), 5);
    again
        .transact(|state| {
            for commit in &commits {
                state.apply_commit(&serde_json::from_str(commit).unwrap()).unwrap();
            }
        })
        .unwrap();
    for object in [object!("Account"), object!("Opportunity")] {
        assert_eq!(given.org.rows(&object), again.rows(&object));
    }
    let cells = |org: &TestOrg| {
        org.transact(|s| s.rows("Account").map(|r| r.cells.clone()).collect::<Vec<Vec<Cell>>>()).unwrap()
    };
    assert_eq!(cells(&given.org), cells(&again));
    let next = |org: &TestOrg| {
        org.apply(Write::Insert {
            object: object!("Account"),
            fields: Fields::new().set(field!("Name"), "n"),
        })
        .unwrap()
    };
    assert_eq!(next(&given.org), next(&again));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::default())]
    #[test]
    fn given_any_request_when_sent_then_there_is_an_answer(
        path in "(/(sobjects|composite|query|limits|Account|Opportunity|Name|describe|updated|deleted|001000000000001AAA|[a-z%]{0,4})){0,4}",
        query in "(q|start|end|ids|fields)=(SELECT (Id|Name|É|'|[(),.:a-z ]{1,6}){1,4}( FROM Account( WHERE [A-Za-z =<>'()%:0-9_]{0,20})?)?|[0-9TZ:-]{1,20})",
        body in "(\\{\"(records|compositeRequest|ids|Name|attributes)\":)?[\\[\\]{}\",:a-z0-9É]{0,20}",
        method in 0_usize..6,
    ) {
        let methods = [Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete];
        let given = Given { org: shared() };
        let mut request = Request::new(methods[method], format!("{V}{path}?{}", query.replace(' ', "+")));
        request.body = body.into_bytes();
        let response = given.send(request);
        proptest::prop_assert!((200..500).contains(&response.status), "{} {}", response.status, response.text());
    }
}
fn shared() -> TestOrg {
    static ORG: std::sync::LazyLock<TestOrg> = std::sync::LazyLock::new(|| {
        let org = TestOrg::empty();
        org.daily_api_requests(u64::MAX);
        org
    });
    ORG.clone()
}
