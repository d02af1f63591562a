//! Queries by `sf data query`: many rows in one process, and never fewer than there are.
use crate::fake::{Fake, error};
use serde_json::{Value, json};
use sf_core::{
    Delivery, ErrorCode, ErrorKind, Failure, Org, Page, QueryCall, QueryOptions, Record, Result, Soql,
    Transport,
};

async fn query(fake: &Fake, soql: &str) -> Result<Result<Page, Failure>> {
    let transport = fake.sf().await.connect_many_rows().unwrap();
    let batch = [QueryCall::Start(Soql::raw(soql))];
    let pages = transport.query(&batch, &QueryOptions::new()).await;
    assert_eq!(fake.left_over(), 0);
    pages.map(|mut pages| pages.remove(0))
}
fn answer(total: usize, rows: usize, done: bool, warnings: Value) -> Value {
    let records: Vec<Value> = (0..rows)
        .map(|i| json!({"attributes": {"type": "Account"}, "Id": format!("00100000000000{}AAA", i)}))
        .collect();
    let envelope = json!({"status": 0, "result": {"records": records, "totalSize": total, "done": done}, "warnings": warnings});
    json!({"when": ["data query"], "stdout": envelope.to_string()})
}

/// Pain 15: rows that are cut off with exit code 0.
#[tokio::test]
async fn an_incomplete_answer_is_an_error_never_a_short_page() {
    let warning =
        json!(["The query result is missing 57 records due to a 3 record limit. Increase the number"]);
    for (name, rule) in [
        ("fewer rows than the total", answer(60, 3, true, json!([]))),
        ("a warning", answer(3, 3, true, warning.clone())),
        ("not done", answer(3, 3, false, json!([]))),
        ("none of many", answer(60, 0, true, json!([]))),
        ("all of it", answer(60, 3, false, warning)),
    ] {
        let fake = Fake::new();
        fake.rule(rule);
        let failure = query(&fake, "SELECT Id FROM Account").await.unwrap().unwrap_err();
        assert_eq!((failure.kind, failure.delivery), (ErrorKind::Decode, Delivery::Refused), "{name}");
        assert!(failure.message.starts_with("truncated: `sf data query` gave "), "{}", failure.message);
        assert!(failure.help().next_step.contains("Sf::connect"));
    }
}

#[tokio::test]
async fn a_count_has_a_total_and_no_rows() {
    let fake = Fake::new();
    fake.rule(answer(60, 0, true, json!(["Some deprecation"])));
    let page = query(&fake, "SELECT COUNT() FROM Account").await.unwrap().unwrap();
    assert_eq!((page.total(), page.rows().unwrap().len()), (60, 0));
}

#[tokio::test]
async fn the_statement_is_in_a_file_and_the_cap_is_lifted() {
    let fake = Fake::new();
    fake.rule(answer(2, 2, true, json!([])));
    let page = query(&fake, "SELECT Id FROM Account WHERE Name = 'Top Secret'").await.unwrap().unwrap();
    assert_eq!(page.rows().unwrap().len(), 2);
    let call = fake.call();
    let argv = call["argv"].to_string();
    assert!(
        !argv.contains("Secret") && argv.contains("--file=") && argv.contains("--target-org=desk"),
        "{argv}"
    );
    assert!(call["env"]["SF_ORG_MAX_QUERY_LIMIT"].as_str().unwrap().parse::<u64>().unwrap() >= 50_000_000);
}

#[tokio::test]
async fn errors_of_the_statement_and_of_the_call_are_told_apart() {
    let fake = Fake::new();
    fake.rule(json!({"when": ["data query"], "stdout": error("INVALID_FIELD", "No such column 'Nope'", 1).to_string(), "exit": 1}));
    let failure = query(&fake, "SELECT Nope FROM Account").await.unwrap().unwrap_err();
    assert_eq!((failure.code, failure.delivery), (Some(ErrorCode::InvalidField), Delivery::Refused));
    let mut several = error("MULTIPLE_API_ERRORS", "Multiple errors returned.", 1);
    let mut one = error("INVALID_FIELD", "No such column 'Nope'", 1);
    one["data"] =
        json!({"message": "No such column 'Nope'", "errorCode": "INVALID_FIELD", "fields": ["Nope"]});
    several["data"] = json!([one["data"], {"message": "unexpected token", "errorCode": "MALFORMED_QUERY"}]);
    for envelope in [one, several] {
        let fake = Fake::new();
        fake.rule(json!({"when": ["data query"], "stdout": envelope.to_string(), "exit": 1}));
        let failure = query(&fake, "SELECT Nope FROM Account").await.unwrap().unwrap_err();
        assert_eq!((failure.code, failure.delivery), (Some(ErrorCode::InvalidField), Delivery::Refused));
        assert_eq!(failure.fields, ["Nope"]);
    }
    // The columns were not what the command wanted, after the rows.
    let fake = Fake::new();
    let columns = error("UnexpectedValueTypeError", "The value is not of type 'array'", 10).to_string();
    fake.rule(json!({"when": ["data query"], "stdout": columns, "exit": 10}));
    let failure = query(&fake, "SELECT Id FROM Account").await.unwrap_err();
    assert_eq!((failure.kind(), failure.delivery()), (ErrorKind::Unavailable, Delivery::Refused));
    let fake = Fake::new();
    fake.rule(json!({"when": ["data query"], "stdout": error("INVALID_SESSION_ID", "Session expired or invalid", 1).to_string(), "exit": 1}));
    assert_eq!(query(&fake, "SELECT Id FROM Account").await.unwrap_err().kind(), ErrorKind::NotSignedIn);
    let fake = Fake::new();
    fake.rule(json!({"when": ["data query"], "killed": true, "stdout": "{\"status\": 0, \"result\": {\"records\": ["}));
    assert!(query(&fake, "SELECT Id FROM Account").await.is_err());
}

#[tokio::test]
async fn a_query_is_repeated_as_other_reads_are() {
    let broken = json!({"when": ["data query"], "times": 2, "stdout": error("TypeError", "fetch failed", 10).to_string(), "exit": 10});
    let fake = Fake::new();
    fake.rule(broken.clone()).rule(answer(2, 2, true, json!([])));
    assert!(query(&fake, "SELECT Id FROM Account").await.unwrap().is_ok());
    assert_eq!(fake.calls().len(), 3);
    let fake = Fake::new();
    fake.rule(broken);
    let transport = fake.sf().await.connect_many_rows().unwrap();
    let once = sf_core::CallOptions::new().with_attempts(Some(1));
    let batch = [QueryCall::Start(Soql::raw("SELECT Id FROM Account"))];
    let error = transport.query(&batch, &QueryOptions::new().with_call(once)).await.unwrap_err();
    assert_eq!((error.kind(), fake.calls().len()), (ErrorKind::Network, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_pages_are_one_process_and_other_calls_go_the_usual_way() {
    let org = crate::cost::accounts(4_500);
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org);
    let transport = fake.sf().await.connect_many_rows().unwrap();
    assert!(!transport.capabilities().exact_numbers);
    let rows = Org::new(transport.clone())
        .query(Soql::raw("SELECT Id, Name FROM Account").typed::<Record>())
        .all()
        .await
        .unwrap();
    assert_eq!(rows.len(), org.rows(&sf_core::object!("Account")).len());
    assert_eq!(fake.calls().len(), 1);
    // Two at once, and a statement too long for a URL: one composite call each.
    let two = [0, 1].map(|_| QueryCall::Start(Soql::raw("SELECT Id FROM Account LIMIT 1")));
    assert_eq!(transport.query(&two, &QueryOptions::new()).await.unwrap().len(), 2);
    let long = format!("SELECT Id FROM Account WHERE Name IN ('{}') LIMIT 1", "x','".repeat(2_000));
    let pages = transport.query(&[QueryCall::Start(Soql::raw(long))], &QueryOptions::new()).await.unwrap();
    assert!(pages[0].is_ok());
    assert!(fake.calls()[1..].iter().all(|call| call["argv"][0] == "api"));
}

/// A future that nobody polls keeps neither the only place nor the turn of the first call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_nobody_polls_does_not_keep_the_only_place() {
    let fake = Fake::new();
    fake.rule(answer(2, 2, true, json!([])));
    let limits = json!({"DailyApiRequests": {"Max": 5, "Remaining": 4}});
    fake.rule(json!({"when": ["/limits"], "stdout": crate::fake::rest(200, limits)}));
    let transport = fake.sf().await.concurrency(1).connect_many_rows().unwrap();
    let batch = [QueryCall::Start(Soql::raw("SELECT Id FROM Account"))];
    let options = QueryOptions::new();
    let mut ahead = transport.query(&batch, &options);
    let once = std::future::poll_fn(|cx| std::task::Poll::Ready(ahead.as_mut().poll(cx).is_pending()));
    assert!(once.await);
    let call = sf_core::CallOptions::new().with_timeout(std::time::Duration::from_secs(30));
    transport.limits(&call).await.expect("it waits for what nobody polls");
    assert_eq!(ahead.await.unwrap()[0].as_ref().unwrap().total(), 2);
}

/// A folder that was left may hold gigabytes. Here the sweeping hangs until somebody writes to the pipe that is no lock.
#[cfg(unix)]
#[tokio::test]
async fn what_was_left_is_not_swept_up_on_a_thread_of_the_runtime() {
    use std::{fs, os::unix::fs::PermissionsExt as _, process::Command, time::Duration};
    let fake = Fake::new();
    fake.rule(answer(2, 2, true, json!([])));
    let transport = fake.sf().await.connect_many_rows().unwrap();
    let left = fake.path("temp").join("sf-cli-transport-left");
    fs::create_dir(&left).unwrap();
    fs::set_permissions(&left, fs::Permissions::from_mode(0o700)).unwrap();
    let pipe = left.join("lock");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (over, waits) = std::sync::mpsc::channel::<()>();
    let writer = std::thread::spawn(move || {
        let _ = waits.recv_timeout(Duration::from_secs(5));
        drop(fs::File::options().write(true).open(pipe));
    });
    let call = sf_core::CallOptions::new().with_timeout(Some(Duration::from_millis(300)));
    let batch = [QueryCall::Start(Soql::raw("SELECT Id FROM Account"))];
    let answer = transport.query(&batch, &QueryOptions::new().with_call(call)).await;
    over.send(()).unwrap();
    writer.join().unwrap();
    let error = answer.expect_err("it ran after the thread was free again");
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent));
    assert!(fake.calls().is_empty());
}
