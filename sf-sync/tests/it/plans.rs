//! A plan says what a push then does.
use crate::{desk::*, pushes::step_to_write};
use sf_core::{SfId, field};
use sf_sync::{Answer, Edit, Settled, Status, Step, Work};
use sf_testorg::{Effect, Fault, On, TestOrg};
use std::time::Duration;

fn planned(desk: &Desk) -> Vec<String> {
    let plan = desk.run(desk.engine.plan()).unwrap();
    plan.calls
        .iter()
        .map(|c| if c.operation == "write" { "update".into() } else { c.operation.clone() })
        .collect()
}
fn lose(desk: &Desk, effect: Effect) {
    desk.wait(3);
    desk.sim.inject(Fault::new(On::Operation("update".into()), effect));
    let write = step_to_write(desk);
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer)).unwrap();
}

#[test]
fn given_any_kind_of_look_when_planned_then_the_push_makes_the_planned_calls() {
    // A fate to look up.
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Adopt");
    lose(&desk, Effect::LoseAnswer);
    desk.calls();
    let plan = planned(&desk);
    assert_eq!(plan, ["retrieve"]);
    desk.push();
    assert_eq!((desk.calls(), desk.status(change)), (plan, Status::Pushed));
    // An old value that may have arrived over a newer one.
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Adopt");
    lose(&desk, Effect::CommitLate(Duration::from_secs(1)));
    desk.edit(id, PLAY, "Expand");
    desk.push();
    desk.wait(1_000);
    desk.calls();
    let plan = planned(&desk);
    assert_eq!(plan[0], "retrieve");
    desk.push();
    assert_eq!(desk.calls()[0], "retrieve");
    // A check that still holds.
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Adopt");
    desk.wait(3);
    let checks = desk.run(desk.engine.next(&Work::Push)).unwrap();
    assert!(matches!(checks, Step::Retrieve { .. }));
    let answer = desk.run(desk.engine.perform(&checks));
    desk.run(desk.engine.settle(&checks, answer)).unwrap();
    desk.calls();
    let plan = planned(&desk);
    assert_eq!(plan, ["update"]);
    desk.push();
    assert_eq!(desk.calls(), plan);
}

#[test]
fn given_edits_of_two_objects_in_turn_when_pushed_then_each_is_read_in_full_calls() {
    const EACH: usize = 1_100;
    let desk = Desk::of(TestOrg::empty(), mapping());
    let parent = desk.account(&[]);
    let accounts: Vec<SfId> = (0..EACH).map(|_| desk.org_account("A", &[])).collect();
    let deals: Vec<SfId> = (0..EACH).map(|_| desk.opportunity(parent, "D", "Prospecting")).collect();
    desk.run(desk.engine.track(ACCOUNT, accounts.clone())).unwrap();
    desk.run(desk.engine.track(OPPORTUNITY, deals.clone())).unwrap();
    for (account, deal) in accounts.into_iter().zip(deals) {
        desk.edit(account, NOTES, "x");
        desk.edits(Edit::update(OPPORTUNITY, deal).set(field!("CX_Notes__c"), "x"));
    }
    desk.wait(40);
    desk.calls();
    let plan = planned(&desk);
    let report = desk.push();
    let made = desk.calls();
    let count = |calls: &[String], what: &str| calls.iter().filter(|c| *c == what).count();
    assert_eq!(report.pushed.pushed as usize, 2 * EACH);
    // Two composite calls of 1,000 rows, and the rest in one collections call.
    for calls in [&plan, &made] {
        assert_eq!(count(calls, "retrieve"), 2, "{calls:?}");
        assert_eq!(count(calls, "composite") + count(calls, "update"), 3, "{calls:?}");
    }
}

#[test]
fn given_one_step_at_a_time_when_next_refuses_a_value_then_the_next_settle_reports_it() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let change = desk.edit(id, PLAY, "x".repeat(100_000));
    desk.wait(3);
    let step = desk.run(desk.engine.next(&Work::Push)).unwrap();
    assert!(matches!(step, Step::Idle), "{step:?}");
    assert_eq!(desk.status(change), Status::Failed);
    match desk.run(desk.engine.settle(&step, Answer::Waited)).unwrap() {
        Settled::Applied(report) => assert_eq!(report.pushed.failed, 1),
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.run(desk.engine.settle(&step, Answer::Waited)).unwrap(), Settled::AlreadySettled);
}
