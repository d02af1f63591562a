//! Errors of Bulk API 1.0 whose words are assumed: the org is made to answer each.
use super::{CSV, JSON, XML, job, request};
use crate::given::Given;
use serde_json::{Value, json};
use sf_testorg::{AssumedError as E, Method};

/// The text of the answer, and the code it has by default.
pub(crate) fn provoke(given: &Given, error: E) -> (String, &'static str) {
    let get = |path: &str| given.bulk1_get(path).text();
    let failed = |rows: Value| given.bulk1_load(job("Account", "insert", "JSON"), rows.to_string()).1;
    match error {
        E::ClassicJob => (get("/job/x"), "InvalidJob"),
        E::ClassicBatch => {
            let id = given.bulk1_job(job("Account", "insert", "CSV"));
            (get(&format!("/job/{id}/batch/x")), "InvalidBatch")
        }
        E::ClassicResult => {
            let id = given.bulk1_job(job("Account", "query", "CSV"));
            let batch = given.bulk1_batch(&id, CSV, "SELECT Id FROM Account");
            given.bulk1_wait(&id, &batch);
            (get(&format!("/job/{id}/batch/{batch}/result/x")), "InvalidBatch")
        }
        E::ClassicUrl => (get("/jobs"), "InvalidUrl"),
        E::ClassicMethod => {
            (given.org.handle(&request(given, Method::Delete, "/job/x", "", "")).text(), "InvalidOperation")
        }
        E::ClassicVersion => (get("/services/async/99.0/job/x"), "InvalidVersion"),
        E::ClassicContentType => {
            (given.bulk1_post("/job", "image/png", "x").text(), "UnsupportedContentType")
        }
        E::ClassicJson => (given.bulk1_post("/job", JSON, "{").text(), "ClientInputError"),
        E::ClassicXml => (given.bulk1_post("/job", XML, "<a/>").text(), "InvalidXml"),
        E::ClassicChunking | E::ClassicChunkedQuery => {
            let header = if error == E::ClassicChunking { "chunkSize=x" } else { "true" };
            let wanted = job("Account", "query", "CSV").to_string();
            let create = request(given, Method::Post, "/job", JSON, wanted);
            let text = given.org.handle(&create.header("Sforce-Enable-PKChunking", header)).text();
            if error == E::ClassicChunking {
                return (text, "InvalidJob");
            }
            let id = super::field(&text, "id");
            let batch = given.bulk1_batch(&id, CSV, "SELECT Id FROM Account LIMIT 1");
            (given.bulk1_wait(&id, &batch).1, "FUNCTIONALITY_NOT_ENABLED")
        }
        E::ClassicUnreadable => (failed(json!({})), "InvalidBatch"),
        E::ClassicRows => {
            (failed(Value::from_iter((0..10_001).map(|_| json!({"Name": ""})))), "InvalidBatch")
        }
        other => panic!("no test provokes {other:?}"),
    }
}
