//! Rows of a job that are asked for, left and asked for again, as `select!` does.
use super::{Leaping, Served};
use sf_core::{CallOptions, Org, Soql, models::Account};
use sf_rest_transport::{App, Rest, Tokens};
use sf_testorg::{Effect, Fault, On, TestOrg};
use std::time::Duration;
use tokio::time::{sleep, timeout};

const ROOM: Duration = Duration::from_secs(10);

fn served() -> Served {
    let served = Served::new(TestOrg::builder().accounts(50).bulk_page_rows(10).build());
    served.sim.latency(Duration::from_millis(30));
    served
}
fn accounts() -> sf_core::Typed<Account> {
    Soql::raw("SELECT Id, Name FROM Account").typed()
}
/// Every call of this org waits for the one before it.
fn one_call_at_a_time(served: &Served) -> Org {
    let (keys, url) = (served.sim.credentials(), served.server.url());
    let app =
        App::new(url, keys.client_id.clone()).client_secret(keys.client_secret.clone()).allow_loopback_http();
    let tokens = Tokens::refresh(keys.refresh_token.clone()).with_access(served.server.token(), url);
    let rest = Rest::with_credentials(app.session(tokens).unwrap()).allow_loopback_http().concurrency(1);
    Org::builder(rest.connect().unwrap()).clock(Leaping(served.sim.clock())).build()
}
/// Until the org has got as many.
pub(super) async fn until(served: &Served, operation: &str, count: usize) {
    let come = async {
        while served.count(operation) < count {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(ROOM, come).await.expect(operation);
}

/// What was begun for the rows ends by itself and keeps its place among the calls no longer than that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_left_half_way_do_not_hold_up_the_programs_own_calls() {
    for parallel in [1, 3] {
        let served = served();
        let org = one_call_at_a_time(&served);
        let mut rows = org.bulk_query(accounts()).with_parallel_pages(parallel).with_removal();
        let (mut count, mut left) = (0, 0);
        loop {
            tokio::select! {
                biased;
                row = rows.try_next() => match row.unwrap() {
                    Some(_) => count += 1,
                    None => break,
                },
                () = sleep(Duration::from_millis(5)) => {
                    left += 1;
                    let options = CallOptions::new();
                    let limits = timeout(ROOM, org.transport().limits(&options)).await;
                    limits.unwrap_or_else(|_| panic!("{parallel}: waits after {count} rows")).unwrap();
                }
            }
        }
        assert_eq!((count, served.count("bulk_query"), served.count("bulk_query_delete")), (60, 1, 1));
        assert!(left > 3, "{left}");
        let lists = if parallel == 1 { 0 } else { 2 };
        assert_eq!(served.count("bulk_query_results"), 6 + lists, "no page is fetched twice");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_whose_making_was_left_half_way_is_the_one_that_is_read() {
    let left = async |by_start: bool| {
        let served = served();
        let late = Effect::Slow(Duration::from_secs(2));
        served.sim.inject(Fault::new(On::Operation("bulk_query".into()), late));
        let org = served.org();
        let mut rows = org.bulk_query(accounts());
        if by_start {
            tokio::select! {
                biased;
                () = until(&served, "bulk_query", 1) => {}
                job = rows.start() => panic!("{job:?}"),
            }
        } else {
            tokio::select! {
                biased;
                () = until(&served, "bulk_query", 1) => {}
                row = rows.try_next() => panic!("{row:?}"),
            }
        }
        let job = rows.start().await.unwrap().unwrap().clone();
        let mut count = 0;
        while rows.try_next().await.unwrap().is_some() {
            count += 1;
        }
        assert_eq!((count, rows.job().unwrap().id, served.count("bulk_query")), (60, job.id, 1));
    };
    tokio::join!(left(false), left(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_failed_can_be_made_again_and_rows_that_have_ended_make_no_job() {
    let served = served();
    let org = served.org();
    let refused = Effect::Status(400, "MALFORMED_QUERY".into());
    let refuse = || served.sim.inject(Fault::new(On::Operation("bulk_query".into()), refused.clone()));
    refuse();
    let mut rows = org.bulk_query(accounts());
    rows.start().await.unwrap_err();
    assert!(rows.start().await.unwrap().is_some());
    refuse();
    let mut rows = org.bulk_query(accounts());
    rows.try_next().await.unwrap_err();
    assert!(rows.start().await.unwrap().is_none());
    assert_eq!(served.count("bulk_query"), 3);
}
