//! Limits of a batch and of a day.
use super::{CSV, JSON, field, job};
use crate::given::Given;
use serde_json::{Value, json};

#[test]
fn a_batch_has_at_most_10_000_rows() {
    let given = Given::empty();
    let rows = |n: usize| Value::from_iter((0..n).map(|_| json!({"Name": ""}))).to_string();
    let (state, message, _) = given.bulk1_load(job("Account", "insert", "JSON"), rows(10_001));
    assert_eq!(
        (state.as_str(), message.as_str()),
        ("Failed", "InvalidBatch : Exceeded max number of records in a batch: 10000")
    );
    let csv = format!("Name\n{}", "\"\"\n".repeat(10_000));
    let (state, _, result) = given.bulk1_load(job("Account", "insert", "CSV"), csv);
    assert_eq!((state.as_str(), result.text().lines().count()), ("Completed", 10_001));
}

#[test]
fn a_batch_has_at_most_10_000_000_bytes() {
    let given = Given::empty();
    let id = given.bulk1_job(job("Account", "insert", "CSV"));
    let send = |n: usize| given.bulk1_post(&format!("/job/{id}/batch"), CSV, vec![b'a'; n]);
    assert_eq!(send(10_000_000).status, 201);
    let refused = send(10_000_001);
    assert_eq!((refused.status, field(&refused.text(), "exceptionCode")), (400, "ClientInputError".into()));
    assert_eq!(
        field(&refused.text(), "exceptionMessage"),
        "Failed to read request. Exceeded max size limit of 10000000 with request size 10000001"
    );
}

#[test]
fn a_day_has_15_000_batches() {
    let given = Given::empty();
    let id = given.bulk1_job(job("Account", "query", "CSV"));
    let send = || given.bulk1_post(&format!("/job/{id}/batch"), CSV, "SELECT Id FROM Account");
    for _ in 0..15_000 {
        assert_eq!(send().status, 201);
    }
    let refused = send();
    assert_eq!(
        (field(&refused.text(), "exceptionCode"), field(&refused.text(), "exceptionMessage")),
        ("ExceededQuota".into(), "ApiBatchItems Limit exceeded.".into())
    );
    assert_eq!(given.bulk1_post(&format!("/job/{id}"), JSON, "{\"state\":\"Aborted\"}").status, 200);
    given.org.clock().advance(std::time::Duration::from_secs(25 * 3600));
    let id = given.bulk1_job(job("Account", "query", "CSV"));
    assert_eq!(given.bulk1_post(&format!("/job/{id}/batch"), CSV, "SELECT Id FROM Account").status, 201);
}
