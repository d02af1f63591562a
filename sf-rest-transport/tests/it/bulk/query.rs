//! Rows of query jobs: pages, their locators, several at a time.
use super::{Leaping, Served};
use sf_core::{
    BulkQueryJob, CallOptions, Capabilities, Delivery, ErrorKind, Org, Record, Result, Soql, Usage,
    models::Account,
    object,
    protocol::{BodySink, Exchange, Protocol, Request, Response},
};
use sf_rest_transport::Http;
use sf_testorg::{Effect, Fault, On, TestOrg, VirtualClock};
use std::{
    collections::BTreeSet,
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, query_param, query_param_is_missing},
};

fn ids(rows: &[Account]) -> BTreeSet<String> {
    rows.iter().filter_map(|row| row.id.value().map(ToString::to_string)).collect()
}
fn all(sim: &TestOrg) -> BTreeSet<String> {
    sim.rows(&object!("Account")).iter().map(|row| row.id.unwrap().to_string()).collect()
}
fn accounts() -> sf_core::Typed<Account> {
    Soql::raw("SELECT Id, Name, NumberOfEmployees, Owner.Username FROM Account").typed()
}

/// How many downloads are under way at the same time.
#[derive(Debug)]
struct Watched {
    http: Http,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}
#[async_trait::async_trait]
impl Exchange for Watched {
    fn capabilities(&self) -> Capabilities {
        self.http.capabilities()
    }
    fn usage(&self) -> Usage {
        self.http.usage()
    }
    async fn exchange(
        &self,
        request: &Request,
        sink: Option<&mut dyn BodySink>,
        options: &CallOptions,
    ) -> Result<Response> {
        let counts = sink.is_some();
        if counts {
            self.most.fetch_max(self.now.fetch_add(1, SeqCst) + 1, SeqCst);
            // An answer may come before the next download has begun.
            tokio::task::yield_now().await;
        }
        let answer = self.http.exchange(request, sink, options).await;
        if counts {
            self.now.fetch_sub(1, SeqCst);
        }
        answer
    }
}

/// Pain 24: more than one page of results ends the process.
/// Pain 25: `Sforce-Locator: null` leads round in circles.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_every_page_comes_once_one_page_or_several_at_a_time() {
    // Twelve pages of five rows, named in lists of five.
    for (parallel, together) in [(1, 1), (3, 3), (5, 5), (9, 5)] {
        let served = Served::new(TestOrg::builder().accounts(50).bulk_page_rows(5).build());
        let most = Arc::new(AtomicUsize::new(0));
        let http = served.transport().exchange().clone();
        let watched = Watched { http, now: Arc::default(), most: most.clone() };
        let org = served.org_over(Protocol::new(watched));
        let rows =
            org.bulk_query(accounts()).with_parallel_pages(parallel).with_removal().all().await.unwrap();
        assert_eq!((rows.len(), ids(&rows)), (60, all(&served.sim)), "{parallel}");
        assert!(rows.iter().all(|row| row.extra.get::<Record>("Owner").unwrap().value().is_some()));
        assert_eq!(most.load(SeqCst), together, "{parallel}");
        assert_eq!(
            (served.count("bulk_query_results"), served.count("bulk_query_delete")),
            (if parallel == 1 { 12 } else { 12 + 3 }, 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_and_a_dead_session_cost_no_row() {
    for operation in ["bulk_query", "bulk_query_info", "bulk_query_results"] {
        for effect in [
            Effect::LoseAnswer,
            Effect::ResetAnswer,
            Effect::TornBody,
            Effect::EndSession,
            Effect::ShortPage(3),
        ] {
            for parallel in [1, 4] {
                // See below.
                if parallel > 1 && effect == Effect::ShortPage(3) {
                    continue;
                }
                let served = Served::new(TestOrg::builder().accounts(40).bulk_page_rows(12).build());
                served.sim.inject(Fault::new(On::Operation(operation.into()), effect.clone()).times(1));
                let rows = served.org().bulk_query(accounts()).with_parallel_pages(parallel).all().await;
                let rows = rows.unwrap_or_else(|e| panic!("{operation} {effect:?} {parallel}: {e:?}"));
                assert_eq!(
                    (rows.len(), ids(&rows)),
                    (48, all(&served.sim)),
                    "{operation} {effect:?} {parallel}"
                );
            }
        }
    }
}

/// A list names the pages before they are read: one that is shorter then would lose rows that nobody misses.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_shorter_than_its_list_says_is_no_end() {
    let served = Served::new(TestOrg::builder().accounts(40).bulk_page_rows(12).build());
    served.sim.inject(Fault::new(On::Operation("bulk_query_results".into()), Effect::ShortPage(3)).skip(1));
    let mut rows = served.org().bulk_query(accounts()).with_parallel_pages(4);
    let mut count = 0;
    let error = loop {
        match rows.try_next().await {
            Ok(Some(_)) => count += 1,
            Ok(None) => panic!("{count} rows, and that is all?"),
            Err(error) => break error,
        }
    };
    assert_eq!((count, error.kind()), (39, ErrorKind::Decode), "{error}");
    assert!(error.help().next_step.contains("bulk_query_resume"));
    let mut job = rows.job().unwrap().clone();
    job.locator = None;
    assert!(rows.try_next().await.unwrap().is_none());
    let all_rows = served.org().bulk_query_resume::<Account>(job).all().await.unwrap();
    assert_eq!(ids(&all_rows), all(&served.sim));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_query_reads_on_from_its_page_in_another_client() {
    for parallel in [1, 3] {
        let served = Served::new(TestOrg::builder().accounts(50).bulk_page_rows(10).build());
        let mut rows = served.org().bulk_query(accounts()).with_parallel_pages(parallel);
        let mut seen = Vec::new();
        for _ in 0..25 {
            seen.push(rows.try_next().await.unwrap().unwrap());
        }
        let saved = serde_json::to_string(rows.job().unwrap()).unwrap();
        drop(rows);
        let job: BulkQueryJob = serde_json::from_str(&saved).unwrap();
        let rest = served.org().bulk_query_resume::<Account>(job.clone()).all().await.unwrap();
        assert_eq!(rest.len(), 40, "the third page and those after it");
        seen.extend(rest);
        assert_eq!(ids(&seen), all(&served.sim));
        assert_eq!(served.count("bulk_query"), 1);
        job.delete(&served.org()).await.unwrap();
    }
}

/// Pain 48: what the Bulk API cannot do is found at run time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_job_cannot_read_is_told_before_or_is_its_only_item() {
    let served = Served::new(TestOrg::demo());
    let org = served.org();
    let count = org.bulk_query(Soql::raw("SELECT COUNT(Id) FROM Account")).all().await.unwrap_err();
    assert_eq!((count.kind(), count.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
    assert_eq!(served.count("bulk_query"), 0);
    let mut rows = org.bulk_query(Soql::raw("SELECT Id, BillingAddress FROM Account"));
    assert_eq!(rows.try_next().await.unwrap_err().delivery(), Delivery::Refused);
    assert!(rows.try_next().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aborted_query_job_is_an_error_and_not_an_end() {
    let served = Served::new(TestOrg::demo());
    let org = served.org();
    let mut rows = org.bulk_query(accounts());
    let job = rows.start().await.unwrap().unwrap().clone();
    job.abort(&org).await.unwrap();
    let error = rows.try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Refused, Delivery::Refused));
    assert!(rows.try_next().await.unwrap().is_none());
}

/// Pain 25: the last page says `null`, nothing, or has no locator at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_way_to_say_that_a_page_is_the_last_one_ends_the_rows() {
    const JOB: &str = "/services/data/v66.0/jobs/query/750000000000001AAA";
    for last in [Some("null"), Some("NULL"), Some(""), None] {
        let server = MockServer::start().await;
        let job = |state: &str| {
            ResponseTemplate::new(200).set_body_json(serde_json::json!({
                "id": "750000000000001AAA", "operation": "query", "object": "Account", "state": state,
                "numberRecordsProcessed": 2
            }))
        };
        Mock::given(method("POST"))
            .and(path("/services/data/v66.0/jobs/query"))
            .respond_with(job("UploadComplete"))
            .mount(&server)
            .await;
        Mock::given(method("GET")).and(path(JOB)).respond_with(job("JobComplete")).mount(&server).await;
        let page = |id: &str| {
            ResponseTemplate::new(200)
                .set_body_raw(format!("\"Id\"\n\"{id}\"\n"), "text/csv")
                .insert_header("Sforce-NumberOfRecords", "1")
        };
        let results = || path(format!("{JOB}/results"));
        Mock::given(results())
            .and(query_param_is_missing("locator"))
            .respond_with(page("001000000000001AAA").insert_header("Sforce-Locator", "MTAw+/="))
            .expect(1)
            .mount(&server)
            .await;
        let end = page("001000000000002AAA");
        let end = match last {
            Some(text) => end.insert_header("Sforce-Locator", text),
            None => end,
        };
        Mock::given(results())
            .and(query_param("locator", "MTAw+/="))
            .respond_with(end)
            .expect(1)
            .mount(&server)
            .await;
        let org = Org::builder(crate::transport(&server.uri())).clock(Leaping(VirtualClock::new())).build();
        let rows = org.bulk_query(Soql::raw("SELECT Id FROM Account")).all().await.unwrap();
        assert_eq!(rows.len(), 2, "{last:?}");
    }
}
