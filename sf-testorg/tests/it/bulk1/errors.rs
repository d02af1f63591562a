//! What is refused, in XML and in JSON.
use super::{ASYNC, CSV, JSON, NS, XML, field, job, request};
use crate::given::{Given, read};
use serde_json::{Value, json};
use sf_testorg::{Method, Request, Response};

fn error(response: &Response) -> (u16, String, String) {
    let text = response.text();
    (response.status, field(&text, "exceptionCode"), field(&text, "exceptionMessage"))
}
fn refused(code: &str, message: &str) -> (u16, String, String) {
    (400, code.into(), message.into())
}

#[test]
fn errors_are_in_the_format_of_the_request() {
    let given = Given::empty();
    let ask = |kind: &str| given.org.handle(&request(&given, Method::Get, "/job/750000000000001", kind, ""));
    let xml = ask("");
    assert_eq!((xml.status, xml.find_header("Content-Type")), (400, Some("application/xml")));
    assert_eq!(
        xml.text(),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><error\n   xmlns=\"{NS}\">\n <exceptionCode>InvalidJob</exceptionCode>\n \
             <exceptionMessage>Invalid job id: 750000000000001AAA</exceptionMessage>\n</error>"
        )
    );
    let json = ask(JSON);
    assert_eq!((json.status, json.find_header("Content-Type")), (400, Some("application/json")));
    assert_eq!(
        read(&json),
        json!({"exceptionCode": "InvalidJob", "exceptionMessage": "Invalid job id: 750000000000001AAA"})
    );
    // Without a Content-Type, in that of the job.
    let id = given.bulk1_job(job("Account", "insert", "JSON"));
    let of_job = given.bulk1_get(&format!("/job/{id}/batch/751000000000001"));
    assert_eq!(read(&of_job)["exceptionMessage"], "Invalid batch id: 751000000000001");
}

#[test]
fn a_session_is_in_either_header_or_refused_with_400() {
    let given = Given::empty();
    let token = given.org.access_token();
    let path = format!("{ASYNC}/job/x");
    let answer = |request: Request| error(&given.org.handle(&request));
    let no_job = refused("InvalidJob", "Invalid job id: x");
    assert_eq!(answer(Request::get(&path).header("x-sfdc-session", &token)), no_job);
    assert_eq!(answer(Request::get(&path).bearer(&token)), no_job);
    let dead = refused("InvalidSessionId", "Invalid session id");
    for request in [
        Request::get(&path),
        Request::get(&path).header("X-SFDC-Session", "00Dwrong!token"),
        Request::get(&path).bearer("00Dwrong!token"),
    ] {
        assert_eq!(answer(request), dead);
    }
    let json = given.org.handle(&Request::get(&path).header("Content-Type", JSON));
    assert_eq!(
        read(&json),
        json!({"exceptionCode": "InvalidSessionId", "exceptionMessage": "Invalid session id"})
    );
}

#[test]
fn jobs_that_cannot_be_are_refused() {
    let given = Given::empty();
    let create = |change: Value| {
        let mut wanted = job("Account", "insert", "CSV");
        wanted.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        error(&given.bulk1_post("/job", JSON, wanted.to_string()))
    };
    let cases = [
        (json!({"object": "Nope"}), refused("InvalidJob", "Unable to find object: Nope")),
        (json!({"object": null}), refused("InvalidJob", "object is not specified")),
        (
            json!({"operation": "merge"}),
            refused("InvalidJob", "Unable to parse Job: merge is not a valid operation"),
        ),
        (
            json!({"contentType": "PDF"}),
            refused("InvalidJob", "Unable to parse Job: PDF is not a valid contentType"),
        ),
        (
            json!({"contentType": "ZIP_CSV"}),
            refused("FeatureNotEnabled", "Batches with binary attachments are not simulated by this org"),
        ),
        (
            json!({"concurrencyMode": 2}),
            refused("InvalidJob", "Unable to parse Job: 2 is not a valid concurrencyMode"),
        ),
        (json!({"operation": "upsert"}), refused("InvalidJob", "externalIdFieldName is not specified")),
        (
            json!({"operation": "upsert", "externalIdFieldName": "Phone"}),
            refused("InvalidJob", "Field name provided, Phone does not match an External ID for Account"),
        ),
        (
            json!({"operation": "hardDelete"}),
            refused("FeatureNotEnabled", "hardDelete needs the permission Bulk API Hard Delete"),
        ),
        (json!({"createdById": "005"}), refused("InvalidJob", "CreatedById cannot be specified")),
    ];
    for (change, wanted) in cases {
        assert_eq!(create(change.clone()), wanted, "{change}");
    }
    let post = |kind: &str, body: &str| error(&given.bulk1_post("/job", kind, body)).1;
    assert_eq!(post(XML, "<jobInfo>"), "InvalidXml");
    assert_eq!(post(XML, "<a/>"), "InvalidXml");
    assert_eq!(post(JSON, "{"), "ClientInputError");
    assert_eq!(post(JSON, "[]"), "ClientInputError");
    assert_eq!(post(CSV, "a"), "UnsupportedContentType");
    assert_eq!(post("image/png", "a"), "UnsupportedContentType");
}

#[test]
fn a_job_in_a_state_refuses_what_it_does_not_allow() {
    let given = Given::empty();
    let id = given.bulk1_job(job("Account", "insert", "CSV"));
    let change =
        |state: &str| given.bulk1_post(&format!("/job/{id}"), JSON, json!({"state": state}).to_string());
    assert_eq!(error(&change("Open")), refused("InvalidJobState", "Invalid job state: Open"));
    assert_eq!((change("Closed").status, change("Closed").status), (200, 200));
    let add = || error(&given.bulk1_post(&format!("/job/{id}/batch"), CSV, "Name\na\n"));
    assert_eq!(
        add(),
        refused(
            "InvalidJobState",
            "Failed to create batch, since the Job is not Open. Current job state is 'Closed'"
        )
    );
    assert_eq!(change("Aborted").status, 200);
    assert_eq!(
        error(&change("Aborted")),
        refused("InvalidJobState", "Aborting already aborted Job not allowed")
    );
    assert_eq!(
        error(&change("Closed")),
        refused("InvalidJobState", "Closing already aborted Job not allowed")
    );
}

#[test]
fn batches_and_results_that_are_not_there_are_refused() {
    let given = Given::empty();
    let id = given.bulk1_job(job("Account", "insert", "CSV"));
    let path = format!("/job/{id}/batch");
    assert_eq!(
        error(&given.bulk1_post(&path, JSON, "[]")),
        refused("UnsupportedContentType", "The content type does not match the job's content type CSV")
    );
    let batch = given.bulk1_batch(&id, CSV, "Name\na\n");
    let result = format!("{path}/{batch}/result");
    assert_eq!(error(&given.bulk1_get(&result)), refused("InvalidBatch", "Batch not completed"));
    let bad = given.bulk1_batch(&id, CSV, "Name,Nope__c\na,b\n");
    assert_eq!(
        given.bulk1_wait(&id, &bad),
        ("Failed".into(), "InvalidBatch : Field name not found : Nope__c".into())
    );
    assert_eq!(
        error(&given.bulk1_get(&format!("{path}/{bad}/result"))),
        refused("InvalidBatch", "Records not processed")
    );
    assert_eq!(error(&given.bulk1_get(&format!("{path}/x"))), refused("InvalidBatch", "Invalid batch id: x"));
    assert_eq!(given.bulk1_wait(&id, &batch).0, "Completed");
    assert_eq!(
        error(&given.bulk1_get(&format!("{result}/752000000000001"))),
        refused("InvalidBatch", "Invalid result id: 752000000000001")
    );
    let old = given.bulk1_get(&format!("/services/async/60.0{path}"));
    assert_eq!(error(&old), refused("InvalidVersion", "Use API version 66.0, in which the job was created"));
}

#[test]
fn other_resources_methods_and_versions_are_refused() {
    let given = Given::empty();
    let get = |path: &str| error(&given.bulk1_get(path)).1;
    assert_eq!(
        (get("/jobs"), get("/job"), get("/services/async/12.0/job/x")),
        ("InvalidUrl".into(), "InvalidOperation".into(), "InvalidVersion".into())
    );
    assert_eq!(get("/services/async/66.0"), "InvalidUrl");
    let id = given.bulk1_job(job("Account", "insert", "CSV"));
    let delete = given.org.handle(&request(&given, Method::Delete, &format!("/job/{id}"), "", ""));
    assert_eq!(
        error(&delete),
        (405, "InvalidOperation".into(), "HTTP Method 'DELETE' not allowed here".into())
    );
    let spec = given.bulk1_post(&format!("/job/{id}/spec"), CSV, "a");
    assert_eq!(
        error(&spec),
        refused("FeatureNotEnabled", "Transformation specifications are not simulated by this org")
    );
    let host = request(&given, Method::Get, "/job/x", "", "").header("Host", "login.example.com");
    assert_eq!(error(&given.org.handle(&host)).1, "InvalidUrl");
}
