//! The life of a job and its batches: every answer whole, by asking and by time.
use super::{ASYNC, CSV, JSON, NS, XML, field, job, request};
use crate::given::{Given, read};
use serde_json::{Value, json};
use sf_testorg::{Effect, Fault, Method, On};
use std::time::Duration;

fn xml(root: &str, lines: &[(&str, &str)]) -> String {
    let lines: String = lines.iter().map(|(name, text)| format!(" <{name}>{text}</{name}>\n")).collect();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root}\n   xmlns=\"{NS}\">\n{lines}</{root}>")
}

#[test]
fn given_a_job_in_xml_when_followed_then_every_answer_is_whole() {
    let given = Given::empty();
    let user = given.org.credentials().user_id;
    let now = "2026-01-05T09:00:00.000Z";
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<jobInfo  xmlns=\"{NS}\">\n  <operation>insert</operation>\n  \
         <object>account</object>\n  <concurrencyMode>Serial</concurrencyMode>\n  <contentType>CSV</contentType>\n</jobInfo>"
    );
    let created = given.bulk1_post("/job", XML, body);
    let id = field(&created.text(), "id");
    assert_eq!((created.status, id.len(), &id[..3]), (201, 18, "750"));
    assert_eq!(created.find_header("Content-Type"), Some("application/xml"));
    assert_eq!(created.find_header("Location"), Some(format!("{ASYNC}/job/{id}").as_str()));
    assert_eq!(created.find_header("Sforce-Limit-Info"), None);
    let info = |state: &str, batches: [&str; 4], rows: [&str; 3]| {
        xml(
            "jobInfo",
            &[
                ("id", &id),
                ("operation", "insert"),
                ("object", "Account"),
                ("createdById", &user),
                ("createdDate", now),
                ("systemModstamp", now),
                ("state", state),
                ("concurrencyMode", "Serial"),
                ("contentType", "CSV"),
                ("numberBatchesQueued", batches[0]),
                ("numberBatchesInProgress", batches[1]),
                ("numberBatchesCompleted", batches[2]),
                ("numberBatchesFailed", "0"),
                ("numberBatchesTotal", batches[3]),
                ("numberRecordsProcessed", rows[0]),
                ("numberRetries", "0"),
                ("apiVersion", "66.0"),
                ("numberRecordsFailed", rows[1]),
                ("totalProcessingTime", rows[2]),
                ("apiActiveProcessingTime", rows[2]),
                ("apexProcessingTime", "0"),
            ],
        )
    };
    assert_eq!(created.text(), info("Open", ["0"; 4], ["0"; 3]));
    let list = given.bulk1_get(&format!("/job/{id}/batch")).text();
    assert_eq!(
        list,
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><batchInfoList\n   xmlns=\"{NS}\" />")
    );

    let added =
        given.bulk1_post(&format!("/job/{id}/batch"), CSV, "Name,Phone\r\nAcme,1\r\n,2\r\nGlobex,3\r\n");
    let batch = field(&added.text(), "id");
    assert_eq!((added.status, batch.len(), &batch[..3]), (201, 18, "751"));
    assert_eq!(added.find_header("Location"), Some(format!("{ASYNC}/job/{id}/batch/{batch}").as_str()));
    let batch_lines = |state: &'static str, rows: [&'static str; 3]| {
        [
            ("id", batch.clone()),
            ("jobId", id.clone()),
            ("state", state.into()),
            ("createdDate", now.into()),
            ("systemModstamp", now.into()),
            ("numberRecordsProcessed", rows[0].into()),
            ("numberRecordsFailed", rows[1].into()),
            ("totalProcessingTime", rows[2].into()),
            ("apiActiveProcessingTime", rows[2].into()),
            ("apexProcessingTime", "0".into()),
        ]
    };
    let batch_info = |state: &'static str, rows: [&'static str; 3]| {
        let lines = batch_lines(state, rows);
        xml("batchInfo", &lines.each_ref().map(|(name, text)| (*name, text.as_str())))
    };
    assert_eq!(added.text(), batch_info("Queued", ["0"; 3]));
    let close = format!("<jobInfo xmlns=\"{NS}\"><state>Closed</state></jobInfo>");
    let closed = given.bulk1_post(&format!("/job/{id}"), XML, close);
    assert_eq!((closed.status, closed.text()), (200, info("Closed", ["1", "0", "0", "1"], ["0"; 3])));

    let path = format!("/job/{id}/batch/{batch}");
    assert_eq!(given.bulk1_get(&path).text(), batch_info("InProgress", ["0"; 3]));
    assert_eq!(given.bulk1_get(&path).text(), batch_info("Completed", ["3", "1", "3"]));
    assert_eq!(
        given.bulk1_get(&format!("/job/{id}")).text(),
        info("Closed", ["0", "0", "1", "1"], ["3", "1", "3"])
    );
    let lines: String = batch_lines("Completed", ["3", "1", "3"])
        .iter()
        .map(|(n, t)| format!("  <{n}>{t}</{n}>\n"))
        .collect();
    let list = given.bulk1_get(&format!("/job/{id}/batch"));
    assert_eq!(
        (list.find_header("Content-Type"), list.text()),
        (
            Some("application/xml"),
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><batchInfoList\n   xmlns=\"{NS}\">\n <batchInfo>\n{lines} </batchInfo>\n</batchInfoList>"
            )
        )
    );
    let sent = given.bulk1_get(&format!("{path}/request"));
    assert_eq!(
        (sent.find_header("Content-Type"), sent.text().as_str()),
        (Some("text/csv"), "Name,Phone\r\nAcme,1\r\n,2\r\nGlobex,3\r\n")
    );
    let result = given.bulk1_get(&format!("{path}/result"));
    let ids = given.column("SELECT Id FROM Account ORDER BY Name", "Id");
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(result.find_header("Content-Type"), Some("text/csv"));
    assert_eq!(
        result.text(),
        format!(
            "\"Id\",\"Success\",\"Created\",\"Error\"\n\"{}\",\"true\",\"true\",\"\"\n\
             \"\",\"false\",\"false\",\"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --\"\n\"{}\",\"true\",\"true\",\"\"\n",
            ids[0], ids[1]
        )
    );
}

#[test]
fn given_a_job_in_json_when_followed_then_every_answer_is_whole() {
    let given = Given::empty();
    let user = given.org.credentials().user_id;
    let now = "2026-01-05T09:00:00.000+0000";
    // As simple-salesforce has it.
    let body = json!({"operation": "upsert", "object": "Contact", "concurrencyMode": 0, "contentType": "JSON", "externalIdFieldName": "email"});
    let created = given.bulk1_post("/job", JSON, body.to_string());
    let mut job = read(&created);
    let id = job["id"].as_str().unwrap().to_owned();
    let mut wanted = json!({"apexProcessingTime": 0, "apiActiveProcessingTime": 0, "apiVersion": 66.0, "assignmentRuleId": null,
        "concurrencyMode": "Parallel", "contentType": "JSON", "createdById": user, "createdDate": now, "externalIdFieldName": "Email",
        "fastPathEnabled": false, "id": id, "numberBatchesCompleted": 0, "numberBatchesFailed": 0, "numberBatchesInProgress": 0,
        "numberBatchesQueued": 0, "numberBatchesTotal": 0, "numberRecordsFailed": 0, "numberRecordsProcessed": 0, "numberRetries": 0,
        "object": "Contact", "operation": "upsert", "state": "Open", "systemModstamp": now, "totalProcessingTime": 0});
    assert_eq!((created.status, created.find_header("Content-Type"), &job), (201, Some(JSON), &wanted));
    assert!(
        created
            .text()
            .starts_with("{\"apexProcessingTime\":0,\"apiActiveProcessingTime\":0,\"apiVersion\":66.0,")
    );

    let old = given.insert("Contact", json!({"LastName": "Old", "Email": "old@x.example"}));
    let rows = json!([{"Email": "old@x.example", "LastName": "New"}, {"Email": "new@x.example", "LastName": "Made"}, {"Email": "bad@x.example"}]);
    let added = given.bulk1_post(&format!("/job/{id}/batch"), JSON, rows.to_string());
    let batch = read(&added)["id"].as_str().unwrap().to_owned();
    let info = |state: &str, rows: [u64; 3]| {
        json!({"apexProcessingTime": 0, "apiActiveProcessingTime": rows[2], "createdDate": now, "id": batch, "jobId": id,
            "numberRecordsFailed": rows[1], "numberRecordsProcessed": rows[0], "state": state, "stateMessage": null,
            "systemModstamp": now, "totalProcessingTime": rows[2]})
    };
    assert_eq!(
        (added.status, added.find_header("Content-Type"), read(&added)),
        (201, Some(JSON), info("Queued", [0; 3]))
    );
    let path = format!("/job/{id}/batch/{batch}");
    assert_eq!(read(&given.bulk1_get(&path)), info("InProgress", [0; 3]));
    assert_eq!(read(&given.bulk1_get(&path)), info("Completed", [3, 1, 3]));
    assert_eq!(
        read(&given.bulk1_get(&format!("/job/{id}/batch"))),
        json!({"batchInfo": [info("Completed", [3, 1, 3])]})
    );
    let sent = given.bulk1_get(&format!("{path}/request"));
    assert_eq!((sent.find_header("Content-Type"), read(&sent)), (Some(JSON), rows));
    let made = given.column("SELECT Id FROM Contact WHERE LastName = 'Made'", "Id")[0].clone();
    let missing = json!({"message": "Required fields are missing: [LastName]", "fields": ["LastName"],
        "statusCode": "REQUIRED_FIELD_MISSING", "extendedErrorDetails": null});
    let result = given.bulk1_get(&format!("{path}/result"));
    assert_eq!(
        (result.find_header("Content-Type"), read(&result)),
        (
            Some(JSON),
            json!([{"success": true, "created": false, "id": old, "errors": []}, {"success": true, "created": true, "id": made, "errors": []},
                {"success": false, "created": false, "id": null, "errors": [missing]}])
        )
    );
    let closed = given.bulk1_post(&format!("/job/{id}"), JSON, "{\"state\":\"Closed\"}");
    job["state"] = json!("Closed");
    for (name, n) in [
        ("numberBatchesCompleted", 1),
        ("numberBatchesTotal", 1),
        ("numberRecordsProcessed", 3),
        ("numberRecordsFailed", 1),
        ("totalProcessingTime", 3),
        ("apiActiveProcessingTime", 3),
    ] {
        wanted[name] = json!(n);
    }
    wanted["state"] = json!("Closed");
    assert_eq!((closed.status, read(&closed)), (200, wanted));
}

#[test]
fn given_nobody_asks_when_time_passes_then_batches_are_done_at_their_times() {
    let given = Given::with(|b| b.bulk_step(Duration::from_secs(60)));
    let id = given.bulk1_job(job("Account", "insert", "CSV"));
    let first = given.bulk1_batch(&id, CSV, "Name\na\n");
    let state = || field(&given.bulk1_get(&format!("/job/{id}/batch/{first}")).text(), "state");
    given.org.clock().advance(Duration::from_secs(59));
    assert_eq!((state(), state()), ("Queued".into(), "Queued".into()), "asking does not move it");
    given.org.clock().advance(Duration::from_secs(1));
    assert_eq!(state(), "InProgress");
    given.org.clock().advance(Duration::from_secs(600));
    given.org.settle();
    let made = given.column("SELECT CreatedDate FROM Account", "CreatedDate");
    assert_eq!(made, [json!("2026-01-05T09:02:00.000+0000")], "the work has its own time");
    let text = given.bulk1_get(&format!("/job/{id}/batch/{first}")).text();
    assert_eq!(
        (field(&text, "state"), field(&text, "systemModstamp")),
        ("Completed".into(), "2026-01-05T09:02:00.000Z".into())
    );
    assert_eq!(field(&text, "totalProcessingTime"), "120000");

    let second = given.bulk1_batch(&id, CSV, "Name\nb\n");
    given.org.clock().advance(Duration::from_secs(24 * 3600));
    let text = given.bulk1_get(&format!("/job/{id}")).text();
    assert_eq!(
        (field(&text, "state"), field(&text, "numberBatchesCompleted")),
        ("Failed".into(), "2".into())
    );
    given.org.clock().advance(Duration::from_secs(7 * 24 * 3600));
    let gone = given.bulk1_get(&format!("/job/{id}/batch/{second}"));
    assert_eq!((gone.status, field(&gone.text(), "exceptionCode")), (400, "InvalidJob".into()));
}

#[test]
fn given_a_serial_job_when_asked_for_then_its_batches_go_one_after_the_other() {
    let given = Given::empty();
    let states = |mode: &str| {
        let mut wanted = job("Account", "insert", "CSV");
        wanted["concurrencyMode"] = json!(mode);
        let id = given.bulk1_job(wanted);
        (0..2).for_each(|_| drop(given.bulk1_batch(&id, CSV, "Name\na\n")));
        let text = given.bulk1_get(&format!("/job/{id}/batch")).text();
        text.split("<state>")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(states("Parallel"), ["InProgress", "InProgress"]);
    assert_eq!(states("Serial"), ["InProgress", "Queued"]);
}

#[test]
fn given_an_abort_then_queued_batches_are_not_processed_and_those_in_progress_are() {
    let given = Given::empty();
    let id = given.bulk1_job(job("Account", "insert", "CSV"));
    let (first, second) =
        (given.bulk1_batch(&id, CSV, "Name\nfirst\n"), given.bulk1_batch(&id, CSV, "Name\nsecond\n"));
    given.bulk1_get(&format!("/job/{id}/batch/{first}"));
    let aborted = given.bulk1_post(&format!("/job/{id}"), JSON, "{\"state\":\"Aborted\"}");
    assert_eq!((aborted.status, read(&aborted)["state"].clone()), (200, json!("Aborted")));
    assert_eq!(given.bulk1_wait(&id, &first), ("Completed".into(), String::new()));
    assert_eq!(given.bulk1_wait(&id, &second), ("NotProcessed".into(), String::new()));
    assert_eq!(given.column("SELECT Name FROM Account", "Name"), [json!("first")]);
    let result = given.bulk1_get(&format!("/job/{id}/batch/{second}/result")).text();
    assert_eq!(field(&result, "exceptionMessage"), "Records not processed");
}

#[test]
fn jobs_are_in_the_lists_of_bulk_2_and_count_as_api_calls() {
    let given = Given::empty();
    let id = given.bulk1_job(job("Account", "insert", "CSV"));
    let query = given.bulk1_post("/job", JSON, job("Account", "query", "CSV").to_string());
    assert_eq!(query.status, 201);
    assert_eq!(given.org.counters().api_calls, 2);
    assert_eq!(given.org.counters().by_operation["bulk1_job"], 2);
    let (_, list) = given.get("/jobs/ingest?jobType=Classic");
    let user = given.org.credentials().user_id;
    let now = "2026-01-05T09:00:00.000+0000";
    assert_eq!(
        list,
        json!({"done": true, "nextRecordsUrl": null, "records": [{"id": id, "operation": "insert", "object": "Account",
            "createdById": user, "createdDate": now, "systemModstamp": now, "state": "Open", "concurrencyMode": "Parallel",
            "contentType": "CSV", "apiVersion": 66.0, "jobType": "Classic"}]})
    );
    assert_eq!(given.get("/jobs/query?jobType=Classic").1["records"][0]["operation"], "query");
    assert_eq!(given.get("/jobs/ingest").1["records"], json!([]));
    given.bulk1_batch(&id, CSV, "Name\na\n");
    assert_eq!(given.get("/limits").1["DailyBulkApiBatches"], json!({"Max": 15_000, "Remaining": 14_999}));
}

#[test]
fn faults_hit_the_request_and_the_rows_of_a_batch() {
    let given = Given::empty();
    given.org.inject(Fault::new(
        On::Operation("bulk1_job".into()),
        Effect::Status(503, "SERVER_UNAVAILABLE".into()),
    ));
    let refused = given.bulk1_post("/job", JSON, job("Account", "insert", "CSV").to_string());
    assert_eq!(
        (refused.status, read(&refused)),
        (
            503,
            json!({"exceptionCode": "SERVER_UNAVAILABLE", "exceptionMessage": "SERVER_UNAVAILABLE: injected by a fault"})
        )
    );
    let id = given.bulk1_job(job("Account", "insert", "CSV"));
    given.org.inject(Fault::new(On::Operation("insert".into()), Effect::RowLock));
    let batch = given.bulk1_batch(&id, CSV, "Name\na\nb\n");
    assert_eq!(given.bulk1_wait(&id, &batch).0, "Completed");
    let result = given.bulk1_get(&format!("/job/{id}/batch/{batch}/result")).text();
    assert!(
        result.lines().nth(1).unwrap().starts_with("\"\",\"false\",\"false\",\"UNABLE_TO_LOCK_ROW:"),
        "{result}"
    );
    assert!(result.lines().nth(2).unwrap().contains("\"true\",\"true\""), "{result}");
}

#[test]
fn what_is_done_is_done_by_who_asked_and_only_they_change_the_job() {
    let given = Given::demo();
    let id = given.bulk1_job(job("Account", "insert", "CSV"));
    let other = given.other_session();
    let mut close = request(&given, Method::Post, &format!("/job/{id}"), JSON, "{\"state\":\"Closed\"}");
    close.headers[0].1 = other.clone();
    let refused = given.org.handle(&close);
    assert_eq!(
        (refused.status, read(&refused)),
        (
            400,
            json!({"exceptionCode": "InvalidUser", "exceptionMessage": "The job was created by another user"})
        )
    );
    let mut create = request(&given, Method::Post, "/job", JSON, job("Account", "insert", "CSV").to_string());
    create.headers[0].1 = other;
    assert_ne!(read(&given.org.handle(&create))["createdById"], Value::from(given.org.credentials().user_id));
}
