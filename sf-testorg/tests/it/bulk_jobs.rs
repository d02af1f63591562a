//! The life of a bulk job: states by asking and by time, lists, deletion, limits, faults.
use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_testorg::{Assumptions, Effect, Fault, Method, On, Request, Response, TestOrg};
use std::time::Duration;

impl Given {
    pub(crate) fn with(build: impl FnOnce(sf_testorg::Builder) -> sf_testorg::Builder) -> Given {
        Given { org: build(TestOrg::builder().dataset(sf_testorg::demo::Dataset::Empty)).build() }
    }
    pub(crate) fn job(&self, body: Value) -> String {
        let (status, body) = self.post("/jobs/ingest", body);
        assert_eq!(status, 200, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }
    pub(crate) fn upload(&self, job: &str, csv: impl Into<Vec<u8>>) -> Response {
        let target = format!("{V}/jobs/ingest/{job}/batches");
        let mut request = Request::new(Method::Put, target).header("Content-Type", "text/csv");
        request.body = csv.into();
        self.send(request)
    }
    pub(crate) fn close(&self, job: &str) -> (u16, Value) {
        self.patch(&format!("/jobs/ingest/{job}"), json!({"state": "UploadComplete"}))
    }
    pub(crate) fn info(&self, job: &str) -> Value {
        self.get(&format!("/jobs/ingest/{job}")).1
    }
    /// Creates, uploads, closes and asks until it is over; the last answer.
    pub(crate) fn load(&self, body: Value, csv: impl Into<Vec<u8>>) -> Value {
        let job = self.job(body);
        let uploaded = self.upload(&job, csv);
        assert_eq!((uploaded.status, uploaded.body.len()), (201, 0));
        assert_eq!(self.close(&job).0, 200);
        for _ in 0..20 {
            let info = self.info(&job);
            if matches!(info["state"].as_str().unwrap(), "JobComplete" | "Failed") {
                return info;
            }
        }
        panic!("the job does not end");
    }
    /// A result file of a job.
    pub(crate) fn file(&self, info: &Value, resource: &str) -> String {
        let path = format!("{V}/jobs/ingest/{}/{resource}", info["id"].as_str().unwrap());
        let response = self.send(Request::get(path));
        assert_eq!(response.status, 200, "{}", response.text());
        assert_eq!(response.find_header("Content-Type"), Some("text/csv"));
        response.text()
    }
}

pub(crate) fn accounts(operation: &str) -> Value {
    json!({"object": "Account", "operation": operation})
}
fn error(answer: (u16, Value)) -> (u16, String, String) {
    let text = |key: &str| answer.1[0][key].as_str().unwrap_or_default().to_owned();
    (answer.0, text("errorCode"), text("message"))
}

#[test]
fn given_an_ingest_job_when_followed_then_every_answer_is_whole() {
    let given = Given::empty();
    let user = given.org.credentials().user_id;
    let now = "2026-01-05T09:00:00.000+0000";
    let (status, created) = given.post(
        "/jobs/ingest",
        json!({"object": "account", "operation": "insert", "contentType": "CSV", "columnDelimiter": "PIPE", "lineEnding": "CRLF"}),
    );
    let id = created["id"].as_str().unwrap().to_owned();
    assert_eq!((status, id.len(), &id[..3]), (200, 18, "750"));
    let open = json!({"id": id, "operation": "insert", "object": "Account", "createdById": user, "createdDate": now,
        "systemModstamp": now, "state": "Open", "concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": 66.0,
        "contentUrl": format!("services/data/v66.0/jobs/ingest/{id}/batches"), "lineEnding": "CRLF",
        "columnDelimiter": "PIPE"});
    assert_eq!(created, open);
    let text = given.send(Request::get(format!("{V}/jobs/ingest/{id}"))).text();
    assert!(text.contains("\"apiVersion\":66.0"), "{text}");

    let with = |base: &Value, more: Value| {
        let mut all = base.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let timing = json!({"jobType": "V2Ingest", "retries": 0, "totalProcessingTime": 0, "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0});
    assert_eq!(given.info(&id), with(&open, timing.clone()));

    assert_eq!(given.upload(&id, "Name|Phone\r\nAcme|1\r\nGlobex|2\r\n|3\r\n").status, 201);
    let mut closed = open.clone();
    closed.as_object_mut().unwrap().remove("contentUrl");
    closed["state"] = json!("UploadComplete");
    assert_eq!(given.close(&id), (200, closed.clone()));

    let counts = |processed: u64, failed: u64| json!({"numberRecordsProcessed": processed, "numberRecordsFailed": failed});
    closed["state"] = json!("InProgress");
    assert_eq!(given.info(&id), with(&with(&closed, timing.clone()), counts(0, 0)));
    closed["state"] = json!("JobComplete");
    let mut done = with(&with(&closed, timing), counts(3, 1));
    (done["apiActiveProcessingTime"], done["totalProcessingTime"]) = (json!(3), json!(3));
    assert_eq!(given.info(&id), done);
    assert_eq!(given.info(&id), done, "it stays as it is");
    assert_eq!(
        given.column("SELECT Name FROM Account ORDER BY Name", "Name"),
        [json!("Acme"), json!("Globex")]
    );
}

#[test]
fn given_nobody_asks_when_time_passes_then_the_job_is_done_at_its_times() {
    let given = Given::with(|b| b.bulk_step(Duration::from_secs(60)));
    let id = given.job(accounts("insert"));
    given.upload(&id, "Name\nAcme\n");
    given.close(&id);
    for _ in 0..3 {
        assert_eq!(given.info(&id)["state"], "UploadComplete", "asking changes nothing");
    }
    given.org.clock().advance(Duration::from_secs(60));
    assert_eq!(given.info(&id)["state"], "InProgress");
    assert_eq!(given.records("SELECT Id FROM Account").len(), 0);
    given.org.clock().advance(Duration::from_secs(3600));
    let stamp = &given.column("SELECT SystemModstamp FROM Account", "SystemModstamp")[0];
    assert_eq!(stamp, "2026-01-05T09:02:00.000+0000", "the row is stamped when the step was due");
    let info = given.info(&id);
    assert_eq!((&info["state"], &info["totalProcessingTime"]), (&json!("JobComplete"), &json!(120_000)));

    let given = Given::empty();
    let id = given.job(accounts("insert"));
    given.upload(&id, "Name\nAcme\n");
    given.close(&id);
    given.org.clock().advance(Duration::from_secs(20));
    assert_eq!(given.records("SELECT Id FROM Account").len(), 1, "also in an org that is not asked for it");
}

#[test]
fn given_a_job_of_several_batches_when_aborted_then_done_rows_stay_and_the_rest_is_unprocessed() {
    let given = Given::with(|b| b.bulk_batch_rows(2));
    let id = given.job(accounts("insert"));
    given.upload(&id, "Name\na\nb\nc\n\"d\"\"\"\ne\n");
    given.close(&id);
    assert_eq!(given.info(&id)["state"], "InProgress");
    let info = given.info(&id);
    assert_eq!((&info["state"], &info["numberRecordsProcessed"]), (&json!("InProgress"), &json!(2)));
    assert_eq!(given.get(&format!("/jobs/ingest/{id}/successfulResults")).0, 400, "not yet");
    let (status, aborted) = given.patch(&format!("/jobs/ingest/{id}"), json!({"state": "Aborted"}));
    assert_eq!((status, &aborted["state"]), (200, &json!("Aborted")));
    let info = given.info(&id);
    assert_eq!((&info["state"], &info["numberRecordsProcessed"]), (&json!("Aborted"), &json!(2)));
    assert_eq!(given.records("SELECT Id FROM Account").len(), 2);
    assert_eq!(given.file(&info, "unprocessedrecords"), "Name\n\"c\"\n\"d\"\"\"\n\"e\"\n");
    assert_eq!(given.file(&info, "unprocessedRecords/"), given.file(&info, "unprocessedrecords"));
    assert_eq!(given.file(&info, "successfulResults").lines().count(), 3);
    let again = given.patch(&format!("/jobs/ingest/{id}"), json!({"state": "Aborted"}));
    let message = "Aborting already Aborted Job not allowed";
    assert_eq!(error(again), (400, "INVALIDJOBSTATE".into(), message.into()));
}

#[test]
fn given_a_job_in_a_state_when_asked_for_what_it_does_not_allow_then_it_is_refused() {
    let given = Given::empty();
    let id = given.job(accounts("insert"));
    let delete = |id: &str| given.delete(&format!("/jobs/ingest/{id}"));
    let not_over = "Error encountered when deleting the job because the job is not terminated";
    assert_eq!(error(delete(&id)), (400, "API_ERROR".into(), not_over.into()));
    let json = Request::new(Method::Put, format!("{V}/jobs/ingest/{id}/batches")).json("{}");
    assert_eq!(given.send(json).status, 415);
    assert_eq!(given.upload(&id, "Name\na\n").status, 201);
    let second = read(&given.upload(&id, "Name\nb\n"));
    assert_eq!(second[0]["errorCode"], "CLIENTINPUTERROR");
    assert!(second[0]["message"].as_str().unwrap().contains("Found multiple contents for job"));
    let wrong = given.patch(&format!("/jobs/ingest/{id}"), json!({"state": "Done"}));
    assert_eq!(error(wrong).1, "INVALIDJOBSTATE");
    assert_eq!(given.close(&id).0, 200);
    assert_eq!(given.close(&id).1["state"], "UploadComplete", "closing again changes nothing");
    assert_eq!(given.upload(&id, "Name\nb\n").status, 400);
    assert_eq!(
        (given.info(&id)["state"].clone(), given.info(&id)["state"].clone()),
        (json!("InProgress"), json!("JobComplete"))
    );
    let late = "Closing already Completed Job not allowed";
    assert_eq!(error(given.close(&id)), (400, "INVALIDJOBSTATE".into(), late.into()));
    assert_eq!(delete(&id), (204, Value::Null));
    let gone = (404, "NOT_FOUND".to_owned(), "The requested resource does not exist".to_owned());
    assert_eq!(error(given.get(&format!("/jobs/ingest/{id}"))), gone);
    assert_eq!(error(given.get("/jobs/ingest/750000000000001AAA")), gone);
    assert_eq!(error(given.get("/jobs/ingest/nonsense")), gone);
    assert_eq!(given.post(&format!("/jobs/ingest/{id}"), json!({})).0, 404);
    assert_eq!(given.delete("/jobs/ingest").0, 405);
    assert_eq!(
        given.get("/jobs").1,
        json!({"ingest": format!("{V}/jobs/ingest"), "query": format!("{V}/jobs/query")})
    );
    assert_eq!(
        given
            .post(
                "/composite/batch",
                json!({"batchRequests": [{"method": "GET", "url": "v66.0/jobs/ingest"}]})
            )
            .1["results"][0]["statusCode"],
        404
    );

    let mut other = Assumptions::default();
    (other.bulk.second_upload_replaces, other.bulk.second_close_is_ok) = (true, false);
    let given = Given::with(|b| b.assumptions(other));
    let id = given.job(accounts("insert"));
    assert_eq!((given.upload(&id, "Name\na\n").status, given.upload(&id, "Name\nb\n").status), (201, 201));
    assert_eq!((given.close(&id).0, given.close(&id).0), (200, 400));
}

#[test]
fn given_many_jobs_when_listed_then_they_come_in_pages_of_a_thousand_and_by_kind() {
    let given = Given::empty();
    assert_eq!(given.get("/jobs/ingest").1, json!({"done": true, "records": [], "nextRecordsUrl": null}));
    for _ in 0..1001 {
        given.job(accounts("insert"));
    }
    let (_, query) =
        given.post("/jobs/query", json!({"operation": "query", "query": "SELECT Id FROM Account"}));
    let (_, first) = given.get("/jobs/ingest?jobType=V2Ingest");
    assert_eq!((&first["done"], first["records"].as_array().unwrap().len()), (&json!(false), 1000));
    let (_, rest) = given.get(first["nextRecordsUrl"].as_str().unwrap());
    assert_eq!((&rest["done"], &rest["nextRecordsUrl"]), (&json!(true), &Value::Null));
    let record = &rest["records"][0];
    let keys: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "apiVersion",
            "columnDelimiter",
            "concurrencyMode",
            "contentType",
            "contentUrl",
            "createdById",
            "createdDate",
            "id",
            "jobType",
            "lineEnding",
            "object",
            "operation",
            "state",
            "systemModstamp"
        ]
    );
    assert_eq!(record["jobType"], "V2Ingest");
    let (_, queries) = given.get("/jobs/query");
    let mut expected = query.clone();
    expected["jobType"] = json!("V2Query");
    assert_eq!(queries, json!({"done": true, "records": [expected], "nextRecordsUrl": null}));
    assert_eq!(given.get("/jobs/ingest?jobType=Classic").1["records"], json!([]));
    assert_eq!(given.get("/jobs/ingest?isPkChunkingEnabled=true").1["records"], json!([]));
    assert_eq!(given.get("/jobs/ingest?jobType=Nope").0, 400);
    assert_eq!(given.get("/jobs/ingest?queryLocator=x").0, 400);
}

#[test]
fn given_old_jobs_when_days_pass_then_they_fail_or_are_gone() {
    let given = Given::empty();
    let open = given.job(accounts("insert"));
    let done = given.load(accounts("insert"), "Name\na\n");
    given.org.clock().advance(Duration::from_secs(24 * 3600));
    let info = given.info(&open);
    assert_eq!(info["state"], "Failed");
    assert!(info["errorMessage"].as_str().unwrap().starts_with("Timeout : "), "{info}");
    given.org.clock().advance(Duration::from_secs(6 * 24 * 3600));
    assert_eq!(given.get(&format!("/jobs/ingest/{}", done["id"].as_str().unwrap())).0, 404);
}

#[test]
fn given_jobs_when_run_then_limits_and_the_log_count_them() {
    let given = Given::with(|b| b.bulk_batch_rows(2));
    let before = given.org.counters().api_calls;
    given.load(accounts("insert"), "Name\na\nb\nc\n");
    // Create, upload, close; InProgress, then two batches.
    assert_eq!(given.org.counters().api_calls - before, 6);
    given.post("/jobs/query", json!({"operation": "query", "query": "SELECT Id FROM Account"}));
    let (_, limits) = given.get("/limits");
    assert_eq!(limits["DailyBulkApiBatches"], json!({"Max": 15000, "Remaining": 14998}));
    assert_eq!(limits["DailyBulkV2QueryJobs"], json!({"Max": 10000, "Remaining": 9999}));
    let operations: Vec<&str> = given.org.calls().iter().map(sf_testorg::LoggedCall::operation).collect();
    assert_eq!(
        operations,
        [
            "ingest",
            "ingest_upload",
            "ingest_state",
            "ingest_info",
            "ingest_info",
            "ingest_info",
            "bulk_query",
            "limits"
        ]
    );
}

#[test]
fn given_a_day_of_jobs_when_the_allocation_is_used_up_then_further_ones_fail() {
    let given = Given::with(|b| b.bulk_batch_rows(1).bulk_step(Duration::from_millis(1)));
    let id = given.job(accounts("insert"));
    let csv: String =
        std::iter::once("Name\n".to_owned()).chain((0..15_010).map(|i| format!("n{i}\n"))).collect();
    given.upload(&id, csv);
    given.close(&id);
    given.org.clock().advance(Duration::from_secs(60));
    let info = given.info(&id);
    assert_eq!((&info["state"], &info["numberRecordsProcessed"]), (&json!("Failed"), &json!(15_000)));
    assert!(info["errorMessage"].as_str().unwrap().starts_with("ExceededQuota : "), "{info}");
    assert_eq!(given.file(&info, "successfulResults").lines().count(), 15_001);
    assert_eq!(given.file(&info, "unprocessedrecords"), "Name\n", "not recorded beyond the allocation");
    let query =
        || given.post("/jobs/query", json!({"operation": "query", "query": "SELECT Id FROM Contact"}));
    assert!((0..10_000).all(|_| query().0 == 200));
    assert_eq!(error(query()).1, "EXCEEDEDQUOTA");
    given.org.clock().advance(Duration::from_secs(25 * 3600));
    assert_eq!(query().0, 200);
}

#[test]
fn given_faults_when_a_job_runs_then_they_hit_its_requests_and_its_rows() {
    let given = Given::empty();
    given
        .org
        .inject(Fault::new(On::Operation("ingest".into()), Effect::Status(503, "SERVER_UNAVAILABLE".into())));
    assert_eq!(given.post("/jobs/ingest", accounts("insert")).0, 503);
    given.org.inject(Fault::new(On::Operation("insert".into()), Effect::RowLock).skip(1));
    let info = given.load(accounts("insert"), "Name\na\nb\nc\n");
    assert_eq!((&info["numberRecordsProcessed"], &info["numberRecordsFailed"]), (&json!(3), &json!(1)));
    let failed = given.file(&info, "failedResults");
    let lock = "\"sf__Id\",\"sf__Error\",Name\n\"\",\"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--\",\"b\"\n";
    assert_eq!(failed, lock);
    // A closing whose answer is lost is done.
    let id = given.job(accounts("insert"));
    given.upload(&id, "Name\nd\n");
    given.org.inject(Fault::new(On::Operation("ingest_state".into()), Effect::LoseAnswer));
    given.close(&id);
    assert_eq!(given.info(&id)["state"], "InProgress");
}

#[test]
fn given_a_state_file_when_continued_then_jobs_are_gone_but_ids_and_rows_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("org.state");
    let given =
        Given { org: TestOrg::builder().dataset(sf_testorg::demo::Dataset::Empty).open(&path).unwrap() };
    let info = given.load(accounts("insert"), "Name\na\n");
    let old = info["id"].as_str().unwrap().to_owned();
    drop(given);
    let given = Given { org: TestOrg::builder().open(&path).unwrap() };
    assert_eq!(given.get(&format!("/jobs/ingest/{old}")).0, 404);
    assert_eq!(given.records("SELECT Id FROM Account").len(), 1);
    assert!(given.job(accounts("insert")) > old);
}

#[test]
fn given_an_upload_that_was_never_read_when_its_results_are_asked_for_then_all_of_it_is_unprocessed() {
    let given = Given::empty();
    let files = |info: &Value| {
        ["successfulResults", "failedResults", "unprocessedrecords"].map(|file| given.file(info, file))
    };
    let wanted = |csv: &str, header: &str| {
        [
            format!("\"sf__Id\",\"sf__Created\",{header}\n"),
            format!("\"sf__Id\",\"sf__Error\",{header}\n"),
            csv.to_owned(),
        ]
    };
    let failed = given.load(accounts("insert"), "Name,\"Nope\"\na,b\n");
    assert_eq!(failed["state"], "Failed");
    assert_eq!(files(&failed), wanted("Name,\"Nope\"\na,b\n", "Name,\"Nope\""));
    let id = given.job(accounts("insert"));
    given.upload(&id, "Name\na\n");
    given.close(&id);
    assert_eq!(given.info(&id)["state"], "InProgress");
    given.patch(&format!("/jobs/ingest/{id}"), json!({"state": "Aborted"}));
    assert_eq!(files(&given.info(&id)), wanted("Name\na\n", "Name"));
}
