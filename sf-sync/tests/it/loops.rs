//! The loops of the engine: `run`, `wake`, the feed, several loops at once; and the host's own transaction.
use crate::desk::*;
use futures_core::Stream;
use sf_core::{Clock, Value, field};
use sf_sync::{Edit, Scope, Status};
use sf_testorg::{Effect, Fault, On, TestOrg, state::Cell};
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

/// Both to their ends.
async fn join<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut x, mut y) = (None, None);
    poll_fn(|cx| {
        if x.is_none()
            && let Poll::Ready(v) = a.as_mut().poll(cx)
        {
            x = Some(v);
        }
        if y.is_none()
            && let Poll::Ready(v) = b.as_mut().poll(cx)
        {
            y = Some(v);
        }
        if x.is_some() && y.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    (x.unwrap(), y.unwrap())
}

#[test]
fn given_a_running_engine_when_both_sides_change_then_both_arrive_without_a_call_of_ours() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let clock = desk.sim.clock();
    let seconds = |n| clock.sleep_until(clock.now() + Duration::from_secs(n));
    let work = async {
        desk.engine.capture(Edit::update(ACCOUNT, id).set(PLAY, "Expand")).await.unwrap();
        seconds(10).await;
        assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
        desk.remote(id, NOTES, "news");
        seconds(70).await;
        let record = desk.engine.record(id).await.unwrap().unwrap();
        assert_eq!(record.row.get(&NOTES), Some(&Value::from("news")));
    };
    let (ran, ()) = desk.run(join(desk.engine.run(seconds(100)), work));
    ran.unwrap();
}

#[test]
fn given_a_running_engine_when_the_org_cannot_be_reached_then_it_backs_off_and_goes_on() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Expand");
    desk.sim.inject(Fault::new(On::Any, Effect::LoseRequest).times(8));
    let clock = desk.sim.clock();
    desk.run(desk.engine.run(clock.sleep_until(clock.now() + Duration::from_secs(3600)))).unwrap();
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
    assert!(desk.log().iter().all(|c| c.status == Status::Pushed));
}

#[test]
fn given_two_pushes_and_a_pull_at_once_when_they_end_then_each_change_went_out_once() {
    let desk = Desk::new();
    let ids: Vec<_> = (0..5).map(|_| desk.account(&[])).collect();
    desk.sim.latency(Duration::from_secs(2));
    for id in &ids {
        desk.edit(*id, NOTES, "once");
    }
    let before: usize = ids.iter().map(|id| desk.saves(*id)).sum();
    let pushes = join(desk.engine.push(), desk.engine.push());
    let ((a, b), c) = desk.run(join(pushes, desk.engine.pull(Scope::Known)));
    assert_eq!(a.unwrap().pushed.pushed + b.unwrap().pushed.pushed, 5);
    c.unwrap();
    assert_eq!(ids.iter().map(|id| desk.saves(*id)).sum::<usize>() - before, 5);
    assert!(ids.iter().all(|id| desk.visible(*id, &NOTES) == Value::from("once")));
}

#[test]
fn given_a_subscriber_when_something_becomes_visible_then_it_is_told_the_fields_and_the_row() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let mut feed = desk.engine.subscribe();
    desk.edit(id, PLAY, "Expand");
    desk.remote(id, STAGE, "Maturity");
    desk.push();
    desk.pull(Scope::Known);
    let mut told = Vec::new();
    desk.run(poll_fn(|cx| {
        while let Poll::Ready(Some(batch)) = Pin::new(&mut feed).poll_next(cx) {
            told.extend(batch.iter().map(|c| (c.origin, c.changed.clone(), c.row.get(&PLAY).cloned())));
        }
        Poll::Ready(())
    }));
    let expand = Some(Value::from("Expand"));
    assert_eq!(
        told,
        [
            (sf_sync::Origin::Local, vec![PLAY], expand.clone()),
            (sf_sync::Origin::Remote, vec![STAGE], expand)
        ]
    );
}

/// A row that was stamped before the watermark but committed long after it (a long transaction).
#[test]
fn given_a_row_that_commits_minutes_after_its_stamp_when_polled_then_it_arrives() {
    let desk = Desk::new();
    let (a, b) = (desk.account(&[]), desk.account(&[]));
    desk.pull(Scope::Known);
    let stamped = desk.sim.clock().now();
    desk.wait(540);
    desk.remote(b, NOTES, "moves the watermark");
    desk.pull(Scope::Changed);
    let cells = [("CS_Account_Notes__c", Cell::text("late")), ("SystemModstamp", Cell::DateTime(stamped))];
    desk.sim.transact(|state| state.update_row(a, cells)).unwrap().unwrap();
    desk.pull(Scope::Changed);
    assert_eq!(desk.visible(a, &NOTES), Value::Null, "the fast pass reads a minute back only");
    desk.wait(601);
    desk.pull(Scope::Changed);
    assert_eq!(desk.visible(a, &NOTES), Value::from("late"));
}

#[cfg(feature = "sqlite")]
#[test]
fn given_a_transaction_of_the_host_when_it_edits_then_both_are_saved_or_neither() {
    use sf_sync::sqlite::SqliteStore;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("desk.db");
    let sim = TestOrg::empty();
    let store = SqliteStore::builder().inline().open(&file).unwrap();
    let engine = open(&sim, store.clone(), mapping(), |b| b).unwrap();
    let fields = sf_core::Fields::new().set(field!("Name"), "Acme");
    let id = sim.apply(sf_core::Write::Insert { object: ACCOUNT, fields }).unwrap();
    sim.clock().run(engine.track(ACCOUNT, [id])).unwrap();
    let mut db = sf_sync::sqlite::rusqlite::Connection::open(&file).unwrap();
    for keeps in [false, true] {
        let tx =
            db.transaction_with_behavior(sf_sync::sqlite::rusqlite::TransactionBehavior::Immediate).unwrap();
        engine.within(store.join(&tx)).capture(Edit::update(ACCOUNT, id).set(PLAY, "Expand")).unwrap();
        if keeps {
            tx.commit().unwrap();
            engine.wake();
        } else {
            tx.rollback().unwrap();
        }
        let pending = sim.clock().run(engine.changes(Status::Pending)).unwrap();
        assert_eq!(pending.changes.len(), usize::from(keeps));
    }
    sim.clock().run(engine.push()).unwrap();
    assert_eq!(sim.value(id, "CX_Play__c"), Value::from("Expand"));
}
