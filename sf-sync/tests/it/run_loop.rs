//! `run`: when it ends, and what it does not end for.
use crate::desk::*;
use async_trait::async_trait;
use sf_core::{Clock, SfId, Timestamp, Value, field, path};
use sf_sync::{
    ChangeFilter, ChangePage, Edit, Engine, Error, ErrorKind, Mapping, ObjectMapping, Result, Store,
    memory::MemoryStore,
    store::{ChangeSet, Committed, Selection, View},
};
use sf_testorg::{Effect, Fault, On, TestOrg};
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::Poll,
    time::Duration,
};

/// Runs for so long at most; gives the result and how long it really was.
fn run_for(sim: &TestOrg, engine: &Engine, seconds: u64) -> (Result<()>, u64) {
    let clock = sim.clock();
    let began = clock.now();
    let ran = clock.run(engine.run(clock.sleep_until(began + Duration::from_secs(seconds))));
    (ran, u64::try_from((clock.now().millis() - began.millis()) / 1000).unwrap())
}

#[test]
fn given_a_long_pull_when_run_is_stopped_then_it_ends_after_the_call_in_flight() {
    let desk =
        Desk::of(TestOrg::empty(), Mapping::new().object(ObjectMapping::new(ACCOUNT).pull([path!("Name")])));
    let ids: Vec<SfId> = (0..40).map(|n| desk.org_account(&format!("A{n}"), &[])).collect();
    desk.run(desk.engine.track(ACCOUNT, ids.clone())).unwrap();
    desk.sim.inject(Fault::new(On::Operation("query".into()), Effect::ShortPage(2)).times(1000));
    ids.iter().for_each(|id| desk.remote(*id, field!("Name"), "renamed"));
    desk.sim.latency(Duration::from_secs(10));
    let (ran, seconds) = run_for(&desk.sim, &desk.engine, 35);
    ran.unwrap();
    assert!((35..=40).contains(&seconds), "{seconds} s");
}

#[test]
fn given_a_sign_in_that_is_refused_for_good_when_run_then_it_returns_what_a_person_must_mend() {
    let desk = Desk::new();
    desk.account(&[]);
    let refused = Effect::Status(401, "INVALID_SESSION_ID".into());
    desk.sim.inject(Fault::new(On::Any, refused).times(10_000));
    let (ran, seconds) = run_for(&desk.sim, &desk.engine, 86_400);
    let error = ran.unwrap_err();
    assert_eq!(error.failure().unwrap().kind, sf_core::ErrorKind::NotSignedIn, "{error}");
    assert!(seconds < 600, "{seconds} s");
}

#[test]
fn given_a_sign_in_that_is_refused_now_and_then_when_run_then_it_goes_on() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let clock = desk.sim.clock();
    let faults = async {
        for n in 0..6 {
            let refused = Effect::Status(401, "INVALID_SESSION_ID".into());
            desk.sim.inject(Fault::new(On::Any, refused).times(2));
            clock.sleep_until(clock.now() + Duration::from_secs(600)).await;
            desk.remote(id, NOTES, format!("{n}"));
        }
        clock.sleep_until(clock.now() + Duration::from_secs(600)).await;
    };
    desk.run(desk.engine.run(faults)).unwrap();
    assert_eq!(desk.visible(id, &NOTES), Value::from("5"));
}

/// Somebody else holds the database now and then.
#[derive(Debug, Default)]
struct Held {
    store: MemoryStore,
    loads: AtomicU32,
}
#[async_trait]
impl Store for Held {
    async fn load(&self, what: Selection) -> Result<View> {
        if self.loads.fetch_add(1, Ordering::Relaxed) % 17 == 16 {
            return Err(Error::new(ErrorKind::Busy, "another process or connection holds the database"));
        }
        self.store.load(what).await
    }
    async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
        self.store.commit(changes).await
    }
    async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage> {
        self.store.changes(filter).await
    }
    async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
        self.store.prune(closed_before, limit).await
    }
}

/// Commits at once, and never says so of what people see.
#[derive(Debug)]
struct Mute(Arc<MemoryStore>);
#[async_trait]
impl Store for Mute {
    async fn load(&self, what: Selection) -> Result<View> {
        self.0.load(what).await
    }
    async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
        let is_capture = !changes.visible.is_empty();
        let done = self.0.commit(changes).await;
        if is_capture {
            std::future::pending::<()>().await;
        }
        done
    }
    async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage> {
        self.0.changes(filter).await
    }
    async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
        self.0.prune(closed_before, limit).await
    }
}

#[test]
fn given_a_capture_that_is_dropped_in_its_commit_then_listeners_read_again_and_the_edit_goes_out_soon() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let engine = open(&desk.sim, Mute(desk.store.clone()), mapping(), |b| b).unwrap();
    desk.run(engine.push()).unwrap();
    let mut feed = engine.subscribe();
    let clock = desk.sim.clock();
    let begun = clock.now();
    let host = async {
        clock.sleep_until(begun + Duration::from_secs(1)).await;
        let edit = Edit::update(ACCOUNT, id).set(PLAY, "Expand");
        let mut capture = pin!(engine.capture(edit));
        let is_answered = poll_fn(|context| Poll::Ready(capture.as_mut().poll(context).is_ready())).await;
        assert!(!is_answered);
    };
    let told = async {
        host.await;
        assert_eq!(feed.next().await.unwrap().len(), 0);
        assert_eq!(
            desk.engine.record(id).await.unwrap().unwrap().row.get(&PLAY),
            Some(&Value::from("Expand"))
        );
        clock.sleep_until(begun + Duration::from_secs(10)).await;
    };
    desk.run(engine.run(told)).unwrap();
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
}

/// Time passes while the store answers: what was selected and what is due are told by one moment.
#[derive(Debug)]
struct Ticking(sf_testorg::VirtualClock);
impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        self.0.advance(Duration::from_millis(1));
        self.0.now()
    }
    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.sleep_until(at)
    }
}

#[test]
fn given_an_edit_that_becomes_due_while_the_store_is_read_when_pushed_then_it_is_sent() {
    let debounce = Duration::from_millis(20);
    let sim = TestOrg::empty();
    let clock = Ticking(sim.clock());
    let desk = Desk::over(sim, Arc::default(), mapping(), |b| b.clock(clock).debounce(debounce, debounce));
    let id = desk.account(&[]);
    for n in 0..40 {
        desk.edit(id, NOTES, format!("{n}"));
        // The push looks somewhere around the moment when the edit is due.
        desk.sim.clock().advance(Duration::from_millis(n % 20));
        desk.push();
        assert_eq!(desk.in_org(id, &NOTES), Value::from(format!("{n}")));
    }
}

#[test]
fn given_a_database_that_another_process_holds_now_and_then_when_run_then_it_goes_on() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let store = Arc::new(Held::default());
    store.store.restore(&desk.store.snapshot());
    let engine = open(&desk.sim, store.clone(), mapping(), |b| b).unwrap();
    desk.remote(id, NOTES, "news");
    run_for(&desk.sim, &engine, 3600).0.unwrap();
    assert!(store.loads.load(Ordering::Relaxed) > 20);
    let record = loop {
        if let Ok(record) = desk.run(engine.record(id)) {
            break record.unwrap();
        }
    };
    assert_eq!(record.row.get(&NOTES), Some(&Value::from("news")));
}
