//! The API budget over HTTP: the org's own figures, from the header of every answer and from `/limits`.
use crate::over_http::renewing;
use sf_core::{
    Budgeted, CallOptions, Delivery, ErrorKind, Org, Priority, Reserves, Retry, Soql, SystemClock, Transport,
};
use sf_testorg::TestOrg;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn background_work_stops_by_the_orgs_own_figures_and_people_go_on() {
    let sim = TestOrg::builder().accounts(1).build();
    sim.daily_api_requests(40);
    let server = sim.serve().unwrap();
    let reserves = Reserves::new().keep(Priority::Backfill, 50);
    let rest = renewing(&sim, &server).connect().unwrap();
    let budget = Arc::new(Budgeted::new(rest, SystemClock).with_reserves(reserves));
    let org = Org::new(Arc::clone(&budget));
    let count = async |org: &Org| {
        org.query(Soql::raw("SELECT Id FROM Account LIMIT 1")).all().await.map(|rows| rows.len())
    };
    let backfill = org.with_priority(Priority::Backfill);

    // Nothing is known yet. Then each answer's header counts.
    let mut calls = 0;
    let refused = loop {
        match count(&backfill).await {
            Ok(rows) => assert_eq!(rows, 1),
            Err(e) => break e,
        }
        calls += 1;
        assert_eq!(budget.usage().daily, Some((calls, 40)));
    };
    assert_eq!(calls, 20, "the other half is kept");
    assert_eq!(
        (refused.kind(), refused.delivery(), refused.retry()),
        (ErrorKind::LimitReached, Delivery::NotSent, Retry::Quota)
    );
    assert_eq!(sim.calls().iter().filter(|call| call.operation() == "query").count(), 20, "it was not sent");
    assert_eq!(count(&org).await.unwrap(), 1);
    assert_eq!(count(&org.with_priority(Priority::Incremental)).await.unwrap(), 1);

    // The org buys more calls; `/limits` is the first to say so.
    sim.daily_api_requests(1_000);
    let limits = budget.limits(&CallOptions::new()).await.unwrap();
    let limit = limits.daily_api_requests().unwrap();
    let used = u64::try_from(limit.max - limit.remaining).unwrap();
    assert_eq!(budget.usage().daily, Some((used, 1_000)));
    assert_eq!(count(&backfill).await.unwrap(), 1);

    // Nobody has asked anything since another program used the org up: what a new process learns from `/limits` is enough.
    sim.daily_api_requests(30);
    let rest = renewing(&sim, &server).connect().unwrap();
    let other = Budgeted::new(rest, SystemClock).with_reserves(Reserves::new().keep(Priority::Backfill, 50));
    other.limits(&CallOptions::new()).await.unwrap();
    let call = CallOptions::new().with_priority(Priority::Backfill);
    let e = other.identity(&call).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::LimitReached, Delivery::NotSent));
}
