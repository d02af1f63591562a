use crate::{desk::*, pushes::step_to_write};
use sf_core::Value;
use sf_sync::{Scope, Status};
use sf_testorg::{Effect, Fault, On};
use std::time::Duration;

fn on_update(effect: Effect) -> Fault {
    Fault::new(On::Operation("update".into()), effect)
}

#[test]
fn given_a_lost_answer_when_pushed_then_the_value_is_read_again_and_saved_once() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    let before = desk.saves(id);
    desk.sim.inject(on_update(Effect::LoseAnswer));
    let report = desk.push();
    assert_eq!((report.pushed.unknown, report.pushed.pushed), (1, 1), "{report}");
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!(desk.saves(id) - before, 1);
}

#[test]
fn given_a_lost_request_when_pushed_then_it_is_sent_again() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    let before = desk.saves(id);
    desk.sim.inject(on_update(Effect::LoseRequest));
    desk.push();
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!(desk.saves(id) - before, 1);
}

#[test]
fn given_a_lost_answer_and_a_change_in_the_org_when_read_again_then_it_is_a_conflict() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    desk.wait(3);
    desk.sim.inject(on_update(Effect::LoseRequest));
    let write = step_to_write(&desk);
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer)).unwrap();
    desk.remote(id, PLAY, "Renew");
    desk.push();
    assert_eq!(desk.status(change), Status::Failed);
    assert_eq!(desk.change(change).remote, Some("Renew".into()));
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Renew"));
}

#[test]
fn given_a_torn_answer_when_pushed_then_nothing_is_lost() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    let before = desk.saves(id);
    desk.sim.inject(on_update(Effect::TornBody));
    desk.push();
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!(desk.saves(id) - before, 1);
}

#[test]
fn given_a_newer_edit_while_the_fate_is_unknown_when_pushed_then_the_newer_value_goes_out_once() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let a = desk.edit(id, PLAY, "Adopt");
    desk.wait(3);
    desk.sim.inject(on_update(Effect::LoseRequest));
    let write = step_to_write(&desk);
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer)).unwrap();
    let b = desk.edit(id, PLAY, "Expand");
    desk.push();
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
    assert_eq!(desk.change(a).superseded_by, Some(b));
    assert_eq!(desk.status(b), Status::Pushed);
    assert_eq!(desk.change(b).base, Value::from("Grow"));
}

/// Invariant I-9: an old value of ours that commits late does not stay over a newer one.
#[test]
fn given_a_late_commit_over_a_newer_push_when_the_cap_has_passed_then_the_newer_value_is_restored() {
    for pulls in [false, true] {
        let desk = Desk::new();
        let id = desk.account(&[(PLAY, "Grow")]);
        desk.edit(id, PLAY, "Adopt");
        desk.wait(3);
        desk.sim.inject(on_update(Effect::CommitLate(Duration::from_secs(300))));
        let write = step_to_write(&desk);
        let answer = desk.run(desk.engine.perform(&write));
        desk.run(desk.engine.settle(&write, answer)).unwrap();
        let b = desk.edit(id, PLAY, "Expand");
        desk.push();
        assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
        assert_eq!(desk.status(b), Status::Pushed);
        desk.wait(400);
        assert_eq!(desk.pull(Scope::Known).pulled.rows, 1);
        assert_eq!(desk.visible(id, &PLAY), Value::from("Expand"), "a late value is not adopted");
        if pulls {
            desk.push();
        } else {
            desk.wait(600);
            desk.push();
        }
        assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
    }
}

#[test]
fn given_a_late_commit_and_no_pull_when_the_cap_has_passed_then_it_is_read_once_more() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Adopt");
    desk.wait(3);
    desk.sim.inject(on_update(Effect::CommitLate(Duration::from_secs(500))));
    let write = step_to_write(&desk);
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer)).unwrap();
    desk.edit(id, PLAY, "Expand");
    desk.push();
    desk.wait(1000);
    desk.remote(id, NOTES, "the org commits what is late");
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Adopt"));
    desk.push();
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
    desk.wait(1000);
    desk.calls();
    desk.push();
    assert!(desk.calls().is_empty(), "nothing is left to confirm");
}

#[test]
fn given_a_change_whose_value_may_arrive_when_reverted_then_the_old_value_is_what_stays() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Adopt");
    desk.wait(3);
    desk.sim.inject(on_update(Effect::CommitLate(Duration::from_secs(60))));
    let write = step_to_write(&desk);
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer)).unwrap();
    desk.run(desk.engine.revert(change)).unwrap();
    desk.push();
    assert_eq!(desk.status(change), Status::Reverted);
    desk.wait(1000);
    desk.push();
    desk.wait(10);
    desk.push();
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Grow"));
    assert_eq!(desk.visible(id, &PLAY), Value::from("Grow"));
}

#[test]
fn given_lost_answers_of_reads_when_pushed_then_it_fails_and_the_next_push_passes() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    desk.sim.inject(Fault::new(On::Operation("retrieve".into()), Effect::LoseAnswer).times(10));
    assert!(desk.run(desk.engine.push()).is_err());
    assert_eq!(desk.status(change), Status::Pending);
    desk.sim.clear_faults();
    desk.push();
    assert_eq!(desk.status(change), Status::Pushed);
}

#[test]
fn given_a_push_that_is_dropped_in_the_middle_when_pushed_again_then_its_fate_is_looked_up() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    desk.wait(3);
    desk.sim.inject(on_update(Effect::Slow(Duration::from_secs(50))));
    let before = desk.saves(id);
    desk.run(async {
        use std::{future::poll_fn, pin::pin, task::Poll};
        let clock = desk.sim.clock();
        let mut push = pin!(desk.engine.push());
        let mut limit =
            pin!(sf_core::Clock::sleep_until(&clock, sf_core::Clock::now(&clock) + Duration::from_secs(20)));
        poll_fn(|cx| {
            assert!(push.as_mut().poll(cx).is_pending());
            match limit.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(()),
                Poll::Pending => Poll::Pending,
            }
        })
        .await;
    });
    desk.push();
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!(desk.saves(id) - before, 1);
}

#[test]
fn given_a_late_commit_under_a_pending_edit_when_pushed_then_it_is_no_conflict() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Adopt");
    desk.wait(3);
    desk.sim.inject(on_update(Effect::CommitLate(Duration::from_secs(300))));
    let write = step_to_write(&desk);
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer)).unwrap();
    desk.edit(id, PLAY, "Expand");
    desk.push();
    desk.wait(1000);
    desk.remote(id, NOTES, "the org commits what is late");
    let change = desk.edit(id, PLAY, "Renew"); // before anybody looked
    desk.push();
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Renew"));
    desk.wait(1000);
    desk.push();
    desk.calls();
    desk.push();
    assert!(desk.calls().is_empty());
}
