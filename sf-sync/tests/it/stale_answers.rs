//! Answers that come twice or late, and pushes that nobody waits for any more.
use crate::{desk::*, pushes::step_to_write};
use async_trait::async_trait;
use sf_core::{Timestamp, Value};
use sf_sync::{
    Answer, ChangeFilter, ChangePage, ChangeSet, Policy, Result, Settled, Status, Step, Store, View, Work,
    memory::MemoryStore,
    store::{Committed, Selection, StoreWrite},
};
use std::{
    future::{pending, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

/// The next conflict check, and its answer, not settled yet.
fn check(desk: &Desk) -> (Step, Answer) {
    desk.wait(3);
    loop {
        let step = desk.run(desk.engine.next(&Work::Push)).unwrap();
        let answer = desk.run(desk.engine.perform(&step));
        if matches!(step, Step::Retrieve { .. }) {
            return (step, answer);
        }
        desk.run(desk.engine.settle(&step, answer)).unwrap();
    }
}

#[test]
fn given_a_settled_check_when_settled_again_after_a_newer_edit_then_nothing_changes() {
    for policy in [Policy::Park, Policy::RemoteWins] {
        let mapping = sf_sync::Mapping::new().object(accounts().decide(PLAY, policy));
        let desk = Desk::of(sf_testorg::TestOrg::empty(), mapping);
        let id = desk.account(&[(PLAY, "Grow")]);
        desk.edit(id, PLAY, "Adopt");
        let (step, answer) = check(&desk);
        assert!(matches!(desk.run(desk.engine.settle(&step, answer.clone())).unwrap(), Settled::Applied(_)));
        desk.push();
        let newer = desk.edit(id, PLAY, "Expand");
        assert_eq!(desk.run(desk.engine.settle(&step, answer)).unwrap(), Settled::AlreadySettled);
        assert_eq!(desk.status(newer), Status::Pending);
        assert_eq!(desk.visible(id, &PLAY), Value::from("Expand"));
        desk.push();
        assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
    }
}

#[test]
fn given_a_check_that_is_settled_late_when_the_org_changed_meanwhile_then_nothing_is_overwritten() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Adopt");
    let (step, answer) = check(&desk);
    desk.remote(id, PLAY, "Renew");
    desk.wait(3_600);
    desk.run(desk.engine.settle(&step, answer)).unwrap();
    desk.push();
    assert_eq!((desk.status(change), desk.in_org(id, &PLAY)), (Status::Failed, "Renew".into()));
}

/// Makes attempts durable, and does not come back from that.
#[derive(Debug)]
struct Stuck {
    inner: Arc<MemoryStore>,
    sticks: Arc<AtomicBool>,
    stuck: Arc<AtomicBool>,
}
#[async_trait]
impl Store for Stuck {
    async fn load(&self, what: Selection) -> Result<View> {
        self.inner.load(what).await
    }
    async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
        let opens = changes.writes.iter().any(|w| matches!(w, StoreWrite::OpenAttempt(_)));
        let done = self.inner.commit(changes).await;
        if opens && self.sticks.load(Ordering::Relaxed) {
            self.stuck.store(true, Ordering::Relaxed);
            pending::<()>().await;
        }
        done
    }
    async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage> {
        self.inner.changes(filter).await
    }
    async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
        self.inner.prune(closed_before, limit).await
    }
}

#[test]
fn given_a_push_that_is_dropped_while_its_attempt_becomes_durable_when_pushed_again_then_nobody_waits_for_it()
{
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    desk.wait(3);
    let (sticks, stuck) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let store = Stuck { inner: desk.store.clone(), sticks: sticks.clone(), stuck: stuck.clone() };
    let engine = open(&desk.sim, store, mapping(), |b| b).unwrap();
    desk.run(async {
        let mut push = pin!(engine.push());
        poll_fn(|cx| {
            assert!(push.as_mut().poll(cx).is_pending());
            if stuck.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    });
    sticks.store(false, Ordering::Relaxed);
    let began = sf_core::Clock::now(&desk.sim.clock());
    let before = desk.saves(id);
    desk.run(engine.push()).unwrap();
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!(desk.saves(id) - before, 1);
    assert!(sf_core::Clock::now(&desk.sim.clock()) < began + std::time::Duration::from_secs(30));
}

#[test]
fn given_a_write_that_is_settled_twice_when_a_newer_edit_is_open_then_the_newer_one_is_not_touched() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Adopt");
    desk.wait(3);
    let write = step_to_write(&desk);
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer.clone())).unwrap();
    let newer = desk.edit(id, PLAY, "Expand");
    assert_eq!(desk.run(desk.engine.settle(&write, answer)).unwrap(), Settled::AlreadySettled);
    assert_eq!(desk.status(newer), Status::Pending);
}
