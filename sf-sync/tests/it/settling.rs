//! Between a step and its answer: what may not happen meanwhile, and what is known afterwards.
use crate::{desk::*, pushes::step_to_write};
use sf_core::{Clock, Value};
use sf_sync::{Purpose, Status, Step, WaitReason, Work};
use sf_testorg::{Effect, Fault, On};
use std::time::Duration;

#[test]
fn given_a_record_in_flight_when_another_field_is_due_then_it_waits_for_the_answer() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Expand");
    desk.wait(3);
    let write = step_to_write(&desk);
    desk.edit(id, NOTES, "due, but the record is busy");
    desk.wait(3);
    let next = desk.run(desk.engine.next(&Work::Push)).unwrap();
    assert!(matches!(next, Step::Wait { reason: WaitReason::InFlight, .. }), "{next:?}");
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer)).unwrap();
    assert_eq!(desk.push().pushed.pushed, 1);
}

#[test]
fn given_an_attempt_of_a_dead_process_when_the_next_pushes_then_it_does_not_wait_for_its_deadline() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Expand");
    desk.wait(3);
    step_to_write(&desk);
    let desk = desk.restarted();
    let start = desk.sim.clock().now();
    desk.push();
    assert!(desk.sim.clock().now().since(start) < Duration::from_secs(5));
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
}

#[test]
fn given_a_value_that_was_sent_and_not_found_when_it_is_reverted_then_it_does_not_stay_when_it_arrives() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Adopt");
    desk.wait(3);
    let late = Effect::CommitLate(Duration::from_secs(60));
    desk.sim.inject(Fault::new(On::Operation("update".into()), late));
    let write = step_to_write(&desk);
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer)).unwrap();
    // Read again: the org does not have it (yet), so it is queued once more.
    let look = desk.run(desk.engine.next(&Work::Push)).unwrap();
    assert!(matches!(look, Step::Retrieve { purpose: Purpose::Verify, .. }), "{look:?}");
    let answer = desk.run(desk.engine.perform(&look));
    desk.run(desk.engine.settle(&look, answer)).unwrap();
    desk.run(desk.engine.revert(change)).unwrap();
    assert_eq!(desk.visible(id, &PLAY), Value::from("Grow"));
    desk.push();
    assert_eq!(desk.status(change), Status::Reverted);
    desk.wait(1000);
    desk.remote(id, NOTES, "the org commits what is late");
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Adopt"));
    desk.push();
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Grow"));
    assert_eq!(desk.visible(id, &PLAY), Value::from("Grow"));
}
