//! Answers to the requests of a Bulk job that are not what the API promises: no row is made up, none is lost without an error,
//! none is called refused that may be saved.
use super::{PAGE_TEXT, bodies};
use crate::{bulk::Leaping, once, transport};
use sf_core::{
    BulkIngest, BulkQueryJob, CallOptions, Delivery, ErrorKind, Fields, Org, Result, RowOutcome, Soql, field,
    models::Account,
    object,
    protocol::bulk::{self, JobKind},
};
use sf_testorg::VirtualClock;
use std::sync::{Arc, Mutex};
use wiremock::{Mock, MockServer, Request as Seen, Respond, ResponseTemplate, matchers::any};

const JOB: &str = "750000000000001AAA";
/// Never over.
const LONG_JOB: &str = "750000000000002AAA";
const ROWS: [&str; 4] =
    ["001000000000001AAA", "001000000000002AAA", "001000000000003AAA", "001000000000004AAA"];

/// An org with one job of each kind, which answers one request in another way.
#[derive(Clone, Default)]
struct Course(Arc<Mutex<Played>>);
#[derive(Default)]
struct Played {
    broken: &'static str,
    answer: Option<ResponseTemplate>,
    closed: bool,
    /// As a job that does not tell how many rows it has.
    uncounted: bool,
    asked: Vec<&'static str>,
}
impl Course {
    fn play(&self, broken: &'static str, answer: ResponseTemplate) {
        let answer = Some(answer);
        *self.0.lock().unwrap() = Played { broken, answer, ..Played::default() };
    }
    fn times(&self, name: &str) -> usize {
        self.0.lock().unwrap().asked.iter().filter(|asked| **asked == name).count()
    }
}
fn page(rows: &[&str], next: Option<&str>) -> ResponseTemplate {
    let rows: String = rows.iter().map(|id| format!("\"{id}\",\"A\"\n")).collect();
    let count = rows.lines().count().to_string();
    csv(format!("\"Id\",\"Name\"\n{rows}"))
        .insert_header("Sforce-NumberOfRecords", count)
        .insert_header("Sforce-Locator", next.unwrap_or("null"))
}
fn csv(text: impl Into<Vec<u8>>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text, "text/csv")
}
impl Respond for Course {
    fn respond(&self, seen: &Seen) -> ResponseTemplate {
        let mut played = self.0.lock().unwrap();
        let path = seen.url.path().strip_prefix("/services/data/v66.0/jobs/").unwrap();
        let parts: Vec<&str> = path.split('/').collect();
        let locator =
            seen.url.query_pairs().find(|(name, _)| name == "locator").map(|(_, at)| at.into_owned());
        let id = parts.get(1).copied().unwrap_or(JOB);
        let job = |state: &str, more: serde_json::Value| {
            let mut job =
                serde_json::json!({"id": id, "object": "Account", "operation": "query", "state": state});
            job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ResponseTemplate::new(200).set_body_json(job)
        };
        let none = || serde_json::json!({});
        let over = match (parts[0], played.uncounted) {
            (_, true) => none(),
            ("query", _) => serde_json::json!({"numberRecordsProcessed": 4}),
            _ => serde_json::json!({"numberRecordsProcessed": 3, "numberRecordsFailed": 1}),
        };
        let base = format!("/services/data/v66.0/jobs/query/{JOB}");
        let url = |at: &str| serde_json::json!({"resultUrl": format!("{base}/results?locator={at}")});
        let (name, answer) = match (seen.method.as_str(), parts.as_slice(), locator.as_deref()) {
            ("POST", ["query"], _) => ("create query", job("UploadComplete", none())),
            ("GET", ["query"], _) => {
                let list = serde_json::json!({"done": true, "nextRecordsUrl": null, "records": [{"id": JOB, "state": "Open"}]});
                ("jobs", ResponseTemplate::new(200).set_body_json(list))
            }
            ("GET", ["query", LONG_JOB], _) => ("status", job("InProgress", none())),
            ("GET", ["query", _], _) => ("status", job("JobComplete", over)),
            ("PATCH", ["query", _], _) => ("abort", job("Aborted", none())),
            ("DELETE", ["query", _], _) => ("delete", ResponseTemplate::new(204)),
            ("GET", ["query", _, "results"], None | Some("a")) => ("first page", page(&ROWS[..2], Some("b"))),
            ("GET", ["query", _, "results"], Some("b")) => ("last page", page(&ROWS[2..], None)),
            ("GET", ["query", _, "resultPages"], None) => {
                let list = serde_json::json!({"resultPages": [url("a")], "done": false, "nextRecordsUrl": format!("{base}/resultPages?locator=more")});
                ("first list", ResponseTemplate::new(200).set_body_json(list))
            }
            ("GET", ["query", _, "resultPages"], Some("more")) => {
                let list =
                    serde_json::json!({"resultPages": [url("b")], "done": true, "nextRecordsUrl": null});
                ("last list", ResponseTemplate::new(200).set_body_json(list))
            }
            ("POST", ["ingest"], _) => ("create", job("Open", none())),
            ("PUT", ["ingest", _, "batches"], _) => ("upload", ResponseTemplate::new(201)),
            ("PATCH", ["ingest", _], _) => {
                played.closed = played.broken != "close";
                ("close", job("UploadComplete", none()))
            }
            ("GET", ["ingest", _], _) if !played.closed => ("progress", job("Open", none())),
            ("GET", ["ingest", _], _) => ("progress", job("JobComplete", over)),
            ("GET", ["ingest", _, "successfulResults"], _) => {
                let done = |n: usize| format!("\"{}\",\"true\",k{n},n{n}\n", ROWS[n]);
                ("successful", csv(format!("\"sf__Id\",\"sf__Created\",Key__c,Name\n{}{}", done(0), done(2))))
            }
            ("GET", ["ingest", _, "failedResults"], _) => {
                let why = "REQUIRED_FIELD_MISSING:Required fields are missing: [X]:X --";
                ("failed", csv(format!("\"sf__Id\",\"sf__Error\",Key__c,Name\n\"\",\"{why}\",k1,n1\n")))
            }
            ("GET", ["ingest", _, "unprocessedrecords"], _) => ("unprocessed", csv("Key__c,Name\n")),
            (method, _, _) => panic!("{method} {path}"),
        };
        played.asked.push(name);
        match &played.answer {
            Some(broken) if name == played.broken => broken.clone(),
            _ => answer,
        }
    }
}
async fn course() -> (MockServer, Course, Org) {
    let server = MockServer::start().await;
    let course = Course::default();
    Mock::given(any()).respond_with(course.clone()).mount(&server).await;
    let org = Org::builder(transport(&server.uri())).clock(Leaping(VirtualClock::new())).build();
    (server, course, org.with_call(once()))
}
/// Bodies that are none of this API's; whether they are of one type or another, a proxy may call them anything.
fn answers(csv_too: bool) -> Vec<(String, ResponseTemplate)> {
    let mut all = Vec::new();
    let mut bodies = bodies();
    let lines = "<!DOCTYPE html>\n<html>\n<head></head>\n<body>\n\nSign in first\n</body>\n</html>\n";
    bodies.push(("lines of html", lines.into()));
    bodies.push(("lines of text", b"Bad\nGateway\n\nnginx\n".to_vec()));
    bodies.push(("NULs in lines", b"\0\0\n\0\0\n".to_vec()));
    if csv_too {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        bodies.push(("other columns", b"\"Key\",\"Value\"\n\"a\",\"b\"\n".to_vec()));
        bodies.push(("fewer columns", format!("\"Id\"\n\"{}\"\n\"{}\"\n", ROWS[0], ROWS[1]).into()));
        bodies.push(("no header", format!("\"{}\",\"A\"\n\"{}\",\"A\"\n", ROWS[0], ROWS[1]).into()));
        bodies.push(("a header alone", b"\"Id\",\"Name\"\n".to_vec()));
        bodies.push(("a torn row", format!("\"Id\",\"Name\"\n\"{}\",\"A\"\n\"00100", ROWS[0]).into()));
        bodies.push(("UTF-16", utf16(&format!("\"Id\",\"Name\"\n\"{}\",\"A\"\n", ROWS[0]))));
    }
    for (label, body) in bodies {
        for status in [200, 201, 400, 503] {
            for kind in ["text/csv", "text/html"] {
                // Errors are judged without it.
                if status == 200 || kind == "text/csv" {
                    let answer = ResponseTemplate::new(status).set_body_raw(body.clone(), kind);
                    all.push((format!("{status} {kind} with {label}"), answer));
                }
            }
        }
    }
    all
}
fn accounts() -> sf_core::Typed<Account> {
    Soql::raw("SELECT Id, Name FROM Account").typed()
}
fn saved(id: &str) -> BulkQueryJob {
    let text =
        format!(r#"{{"soql":"SELECT Id, Name FROM Account","deleted":false,"id":"{id}","locator":null}}"#);
    serde_json::from_str(&text).unwrap()
}
/// What a read gave, and whether it ended well.
type Rows = (Vec<String>, Result<()>);
async fn read(mut rows: sf_core::BulkRows<Account>) -> Rows {
    let mut ids = Vec::new();
    loop {
        match rows.try_next().await {
            Ok(Some(row)) => ids.push(row.id.value().unwrap().to_string()),
            Ok(None) => return (ids, Ok(())),
            Err(error) => {
                assert!(rows.try_next().await.unwrap().is_none(), "{error:?}");
                return (ids, Err(error));
            }
        }
    }
}
/// Which request is broken, and what is done.
const READS: [(&str, &str); 12] = [
    ("create query", "rows"),
    ("status", "rows"),
    ("first page", "rows"),
    ("last page", "rows"),
    ("first list", "lists"),
    ("last list", "lists"),
    ("first page", "lists"),
    ("last page", "lists"),
    ("status", "job"),
    ("jobs", "jobs"),
    ("abort", "abort"),
    ("delete", "delete"),
];
async fn told(what: &str, org: &Org) -> Rows {
    let nothing = |done: Result<()>| (Vec::new(), done);
    match what {
        "rows" => read(org.bulk_query(accounts())).await,
        "lists" => read(org.bulk_query(accounts()).with_parallel_pages(3)).await,
        "job" => nothing(saved(JOB).status(org).await.map(drop)),
        "jobs" => {
            let request = bulk::list(JobKind::Query, None).unwrap();
            let answer = org.transport().call(&request, &once()).await;
            nothing(answer.and_then(|answer| bulk::list_response(&answer)).map(drop))
        }
        "abort" => nothing(saved(LONG_JOB).abort(org).await),
        "delete" => nothing(saved(JOB).delete(org).await),
        _ => unreachable!("{what}"),
    }
}
fn fit_to_print(case: &str, error: &sf_core::Error) {
    let help = error.help();
    assert!(!help.cause.is_empty() && !help.next_step.is_empty(), "{case}");
    let printed = format!("{error} {error:?} {help}");
    assert!(!printed.contains(PAGE_TEXT) && printed.len() < 2_000, "{case}: {printed}");
}

#[tokio::test]
async fn a_job_that_is_read_well_gives_all_its_rows() {
    let (_server, course, org) = course().await;
    for (_, what) in READS {
        course.play("", ResponseTemplate::new(500));
        let (rows, ended) = told(what, &org).await;
        ended.unwrap();
        assert_eq!(rows.len(), if matches!(what, "rows" | "lists") { 4 } else { 0 }, "{what}");
    }
}

#[tokio::test]
async fn no_page_or_status_that_is_none_of_the_api_s_is_an_end_or_a_row() {
    let (_server, course, org) = course().await;
    for (broken, what) in READS {
        for (label, answer) in answers(broken.ends_with("page")) {
            // That is the answer: nothing.
            let is_nothing = label.ends_with("with empty") || label.ends_with("with blank");
            if broken == "delete" && is_nothing && label.starts_with("20") {
                continue;
            }
            course.play(broken, answer);
            let case = format!("{what}: {broken} is {label}");
            let (rows, ended) = told(what, &org).await;
            let error = ended.expect_err(&case);
            fit_to_print(&case, &error);
            // Of pages that are listed, one after an empty one comes, too.
            let own = rows.iter().all(|id| ROWS.contains(&id.as_str())) && rows.is_sorted();
            assert!(own && rows.len() < 4, "{case}: {rows:?}");
        }
    }
}

/// What a proxy may take from an answer, or the org leave out.
#[tokio::test]
async fn an_end_that_is_not_said_is_one_only_if_the_job_says_as_many_rows() {
    let (_server, course, org) = course().await;
    let bare = |rows: &[&str]| {
        csv(format!(
            "\"Id\",\"Name\"\n{}",
            rows.iter().map(|id| format!("\"{id}\",\"A\"\n")).collect::<String>()
        ))
    };
    // Neither locator nor count: the first of two pages.
    course.play("first page", bare(&ROWS[..2]));
    let (rows, ended) = told("rows", &org).await;
    assert_eq!((rows.len(), ended.unwrap_err().kind()), (0, ErrorKind::Decode));
    // The last one: all that there are.
    course.play("last page", bare(&ROWS[2..]));
    let (rows, ended) = told("rows", &org).await;
    ended.unwrap();
    assert_eq!(rows, ROWS);
    // A job that says no number, as none of the API does.
    course.play("last page", bare(&ROWS[2..]));
    course.0.lock().unwrap().uncounted = true;
    assert_eq!(told("rows", &org).await.1.unwrap_err().kind(), ErrorKind::Decode);
    // Pages side by side are read only where the number shows that they were all.
    course.play("", ResponseTemplate::new(500));
    course.0.lock().unwrap().uncounted = true;
    let (rows, ended) = told("lists", &org).await;
    ended.unwrap();
    assert_eq!((rows.len(), course.times("first list")), (4, 0));
    // A header, no rows, no word about them: not the end of four.
    course.play("first page", bare(&[]));
    assert_eq!(told("rows", &org).await.1.unwrap_err().kind(), ErrorKind::Decode);
}

/// The rows are the org's and are handed out; that some are missing, or too many, is the last item.
#[tokio::test]
async fn rows_in_another_number_than_the_job_says_are_an_error() {
    let (_server, course, org) = course().await;
    for what in ["rows", "lists"] {
        for (last, count) in [(&ROWS[2..3], 3), (&[ROWS[2], ROWS[3], ROWS[3]][..], 5), (&ROWS[..0], 2)] {
            course.play("last page", page(last, None));
            let (rows, ended) = told(what, &org).await;
            let error = ended.unwrap_err();
            assert_eq!((rows.len(), error.kind()), (count, ErrorKind::Decode), "{what}: {error}");
            assert!(error.to_string().contains(&format!("{count} rows")), "{error}");
            // The job may have said it too early: it was asked once more.
            assert_eq!(course.times("status"), 2, "{what}");
        }
    }
    // No rows by an empty text are rows that are missing, too.
    course.play("first page", csv("").insert_header("Sforce-Locator", "null"));
    assert_eq!(told("rows", &org).await.1.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn pages_that_go_round_in_a_circle_are_an_error_before_a_row_comes_twice() {
    let (_server, course, org) = course().await;
    for again in ["a", "b"] {
        course.play("last page", page(&ROWS[2..], Some(again)));
        course.0.lock().unwrap().uncounted = true;
        let mut job = saved(JOB);
        job.locator = Some("a".to_owned());
        let (rows, ended) = read(org.bulk_query_resume(job)).await;
        assert_eq!((rows.len(), ended.unwrap_err().kind()), (2, ErrorKind::Decode));
        assert_eq!((course.times("first page"), course.times("last page")), (1, 1));
    }
    let base = format!("/services/data/v66.0/jobs/query/{JOB}");
    for (urls, next) in [(vec!["b"], Some("more")), (vec!["b", "a"], None)] {
        let urls: Vec<_> = urls
            .iter()
            .map(|at| serde_json::json!({"resultUrl": format!("{base}/results?locator={at}")}))
            .collect();
        let list = serde_json::json!({"resultPages": urls, "done": next.is_none(),
            "nextRecordsUrl": next.map(|at| format!("{base}/resultPages?locator={at}"))});
        course.play("last list", ResponseTemplate::new(200).set_body_json(list));
        let (rows, ended) = told("lists", &org).await;
        assert!(ROWS.iter().zip(&rows).all(|(own, came)| own == came), "{rows:?}");
        assert_eq!(ended.unwrap_err().kind(), ErrorKind::Decode);
        assert_eq!(course.times("last list"), 1);
    }
    // More to come, and nobody says where.
    let list = serde_json::json!({"resultPages": [], "done": false, "nextRecordsUrl": null});
    for broken in ["first list", "last list"] {
        course.play(broken, ResponseTemplate::new(200).set_body_json(&list));
        assert_eq!(told("lists", &org).await.1.unwrap_err().kind(), ErrorKind::Decode);
    }
}

fn things() -> Vec<Fields> {
    (0..3)
        .map(|n| Fields::new().set(field!("Key__c"), format!("k{n}")).set(field!("Name"), format!("n{n}")))
        .collect()
}
const WRITES: [&str; 7] = ["create", "upload", "close", "progress", "successful", "failed", "unprocessed"];

#[tokio::test]
async fn no_row_of_a_load_is_called_done_or_refused_by_an_answer_that_is_none_of_the_api_s() {
    let (_server, course, org) = course().await;
    let insert = || BulkIngest::insert(object!("Thing__c")).with_key(field!("Key__c"));
    course.play("", ResponseTemplate::new(500));
    let report = org.bulk_ingest(insert(), things()).run().await.unwrap();
    assert_eq!(report.outcomes.iter().filter(|row| row.is_done()).count(), 2);

    for broken in WRITES {
        for (label, answer) in answers(false) {
            course.play(broken, answer);
            let case = format!("{broken} is {label}");
            let mut load = org.bulk_ingest(insert(), things());
            let ended = load.run().await;
            // An upload is answered with nothing; of three files, one without rows may be empty.
            let is_nothing = label.ends_with("with empty") || label.ends_with("with blank");
            let may_end =
                label.starts_with("20") && is_nothing && ["upload", "unprocessed"].contains(&broken);
            match &ended {
                Ok(_) => assert!(may_end, "{case}"),
                Err(error) => fit_to_print(&case, error),
            }
            let report = load.report();
            assert!(report.unmatched.is_empty(), "{case}: {:?}", report.unmatched);
            assert_eq!(report.outcomes.len(), 3, "{case}");
            for (n, outcome) in report.outcomes.iter().enumerate() {
                match outcome {
                    RowOutcome::Done { id, .. } => {
                        assert!(
                            n != 1 && broken != "successful" && id.as_str() == ROWS[n],
                            "{case}: {outcome:?}"
                        );
                    }
                    RowOutcome::Failed(failure) if failure.delivery != Delivery::Unknown => {
                        assert!(n == 1 && broken != "failed", "{case}: {failure:?}");
                    }
                    RowOutcome::Failed(_) => {}
                }
            }
        }
    }
}

/// One such answer among good ones costs nothing: what a job is asked is asked again.
#[tokio::test]
async fn a_page_of_a_proxy_between_good_answers_is_passed_over() {
    struct Once(Course, ResponseTemplate, &'static str, Mutex<bool>);
    impl Respond for Once {
        fn respond(&self, seen: &Seen) -> ResponseTemplate {
            let answer = self.0.respond(seen);
            let is_it = self.0.0.lock().unwrap().asked.last() == Some(&self.2);
            let mut played = self.3.lock().unwrap();
            if is_it && !*played {
                *played = true;
                return self.1.clone();
            }
            answer
        }
    }
    let html = "<!DOCTYPE html>\n<html>\n<body>\nSign in first\n</body>\n</html>\n";
    for broken in
        ["status", "first page", "last page", "first list", "last list", "progress", "successful", "failed"]
    {
        for (body, kind) in [(html, "text/html"), ("", "text/csv")] {
            let server = MockServer::start().await;
            let course = Course::default();
            let answer = ResponseTemplate::new(200).set_body_raw(body, kind);
            let once = Once(course.clone(), answer, broken, Mutex::new(false));
            Mock::given(any()).respond_with(once).mount(&server).await;
            let org = Org::builder(transport(&server.uri())).clock(Leaping(VirtualClock::new())).build();
            if ["progress", "successful", "failed"].contains(&broken) {
                let insert = BulkIngest::insert(object!("Thing__c")).with_key(field!("Key__c"));
                let report = org.bulk_ingest(insert, things()).run().await.unwrap();
                assert_eq!(report.outcomes.iter().filter(|row| row.is_done()).count(), 2, "{broken}");
                assert_eq!(report.outcomes[1].failure().unwrap().delivery, Delivery::Refused, "{broken}");
                continue;
            }
            let what = if broken.ends_with("list") { "lists" } else { "rows" };
            let (rows, ended) = told(what, &org).await;
            ended.unwrap_or_else(|error| panic!("{broken} {kind}: {error:?}"));
            assert_eq!(rows, ROWS, "{broken} {kind}");
        }
    }
}

/// A load or a query that repeats by itself sends no more than it may.
#[tokio::test]
async fn a_request_of_a_job_is_sent_as_often_as_its_attempts_say() {
    let (_server, course, org) = course().await;
    for (attempts, sendings) in [(Some(1), 1), (Some(2), 2), (Some(6), 6), (None, 8)] {
        let org = org.with_call(CallOptions::new().with_attempts(attempts));
        for (broken, what) in
            [("create query", "rows"), ("status", "rows"), ("first page", "rows"), ("first list", "lists")]
        {
            for status in [200, 503] {
                course.play(broken, ResponseTemplate::new(status).set_body_raw("busy", "text/html"));
                told(what, &org).await.1.unwrap_err();
                assert_eq!(course.times(broken), sendings, "{broken} {status} {attempts:?}");
            }
        }
        for broken in ["create", "progress", "successful"] {
            course.play(broken, ResponseTemplate::new(503));
            org.bulk_ingest(BulkIngest::insert(object!("Thing__c")), things()).run().await.unwrap_err();
            assert_eq!(course.times(broken), sendings, "{broken} {attempts:?}");
        }
        for broken in ["upload", "close"] {
            course.play(broken, ResponseTemplate::new(503));
            org.bulk_ingest(BulkIngest::insert(object!("Thing__c")), things()).run().await.unwrap_err();
            let most = if broken == "upload" { sendings.min(4) } else { sendings };
            assert_eq!(course.times(broken), most, "{broken} {attempts:?}");
        }
    }
}
