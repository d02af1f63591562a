//! Background work stops before the org's daily calls are used up.
use crate::fake::{Fake, run};
use sf_core::*;
use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

const LIMITS: &str = r#"{"DailyApiRequests":{"Max":10000,"Remaining":2400}}"#;

#[derive(Debug, Clone)]
pub(crate) struct HandClock(Arc<Mutex<Timestamp>>);
impl HandClock {
    pub(crate) fn new() -> HandClock {
        HandClock(Arc::new(Mutex::new("2026-01-02T03:04:05Z".parse().unwrap())))
    }
    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = *now + by;
    }
}
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        *self.0.lock().unwrap() = at;
        Box::pin(std::future::ready(()))
    }
}

#[test]
fn the_last_calls_are_kept_for_people() {
    let fake = Fake::new().answer(200, LIMITS).answer(200, LIMITS).answer(200, LIMITS);
    let clock = HandClock::new();
    let reserves = Reserves::new().keep(Priority::Backfill, 50);
    let org = Budgeted::new(fake.transport(), clock.clone()).with_reserves(reserves);
    let limits = |priority| run(org.limits(&CallOptions::new().with_priority(priority)));

    // Nothing is known yet: nothing is refused.
    limits(Priority::Backfill).unwrap();
    fake.usage.lock().unwrap().daily = Some((7_600, 10_000));
    let refused = limits(Priority::Backfill).unwrap_err();
    assert_eq!((refused.kind(), refused.delivery()), (ErrorKind::LimitReached, Delivery::NotSent));
    assert_eq!(refused.retry(), Retry::Quota);
    assert_eq!(
        refused.to_string(),
        "7600 of 10000 daily API calls are used and the last 50 % are kept for more urgent work"
    );
    limits(Priority::Incremental).unwrap();
    // The org's word grows old: one probe in ten minutes.
    let refused_again = limits(Priority::Backfill);
    assert!(refused_again.is_err());
    clock.advance(Duration::from_secs(600));
    limits(Priority::Backfill).unwrap_or_else(|e| panic!("{e}"));
    assert!(limits(Priority::Backfill).is_err());
    assert_eq!(fake.requests().len(), 3);
}

/// A transport may have no header to tell (a proxy strips it): `/limits` alone is enough, until a header says something newer.
#[test]
fn what_limits_said_counts_until_a_later_header() {
    let overdrawn = r#"{"DailyApiRequests":{"Max":10000,"Remaining":-5}}"#;
    let fake = Fake::new().answer(200, LIMITS).answer(200, "[]").answer(200, overdrawn).answer(200, LIMITS);
    let reserves = Reserves::new().keep(Priority::Backfill, 50);
    let org = Budgeted::new(fake.transport(), HandClock::new()).with_reserves(reserves);
    let call = |priority| {
        let request = protocol::Request::get(["limits", "recordCount"]);
        run(org.call(&request, &CallOptions::new().with_priority(priority))).map(drop)
    };
    let limits = || run(org.limits(&CallOptions::new())).unwrap();
    let header = |used| fake.usage.lock().unwrap().daily = Some((used, 10_000));
    assert_eq!(org.usage().daily, None);

    limits();
    assert_eq!(org.usage().daily, Some((7_600, 10_000)));
    let refused = call(Priority::Backfill).unwrap_err();
    assert_eq!((refused.kind(), refused.delivery()), (ErrorKind::LimitReached, Delivery::NotSent));
    assert!(refused.to_string().starts_with("7600 of 10000 "), "{refused}");
    assert_eq!(fake.requests().len(), 1);

    // The header of a later answer goes before it, and `/limits` asked after that one before the header.
    header(100);
    assert_eq!(org.usage().daily, Some((100, 10_000)));
    call(Priority::Backfill).unwrap();
    limits();
    assert_eq!(org.usage().daily, Some((10_005, 10_000)));
    assert!(call(Priority::Incremental).is_err());
    header(101);
    assert_eq!(org.usage().daily, Some((101, 10_000)));
    // The same figure again is no later word.
    limits();
    header(101);
    assert!(call(Priority::Backfill).is_err());
    assert_eq!(fake.requests().len(), 4);
}

/// Background work of a transport without the header finds out by itself that the day has moved on.
#[test]
fn given_no_header_when_calls_are_free_again_then_background_work_learns_it_from_limits() {
    let free = r#"{"DailyApiRequests":{"Max":10000,"Remaining":9000}}"#;
    let fake = Fake::new().answer(200, LIMITS).answer(200, "[]").answer(200, free).answer(200, "[]");
    let clock = HandClock::new();
    let reserves = Reserves::new().keep(Priority::Backfill, 50);
    let org = Budgeted::new(fake.transport(), clock.clone()).with_reserves(reserves);
    let options = CallOptions::new().with_priority(Priority::Backfill);
    let call = || run(org.call(&protocol::Request::get(["recent"]), &options)).map(drop);
    run(org.limits(&options)).unwrap();
    assert!(call().is_err());
    assert!(run(org.limits(&options)).is_err(), "it was asked just now");
    clock.advance(Duration::from_secs(600));
    // The probe goes to somebody who brings no figure.
    call().unwrap();
    run(org.limits(&options)).unwrap();
    call().unwrap();
    assert_eq!(fake.requests().len(), 4);
}

#[test]
fn people_are_never_stopped_and_a_write_is_refused_whole() {
    let fake = Fake::new().answer(200, LIMITS);
    fake.usage.lock().unwrap().daily = Some((10_000, 10_000));
    let org = Budgeted::new(fake.transport(), HandClock::new());
    run(org.limits(&CallOptions::new())).unwrap();
    let call = CallOptions::new().with_priority(Priority::Destination);
    let rows = [Write::Delete { id: SfId::new("001000000000001AAA").unwrap() }];
    let refused = run(org.write(&rows, &WriteOptions::new().with_call(call))).unwrap_err();
    assert_eq!(refused.delivery(), Delivery::NotSent);
    assert_eq!(fake.requests().len(), 1);
}
