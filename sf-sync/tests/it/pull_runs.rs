//! Runs of a pull: long ones, interrupted ones, answers that come too late.
use crate::desk::*;
use sf_core::{SfId, Value, field, path};
use sf_sync::{Answer, Mapping, ObjectMapping, Scope, Settled, Step, Work};
use sf_testorg::{Effect, Fault, On, TestOrg};

const NAME: sf_core::FieldName = field!("Name");

fn names() -> Mapping {
    Mapping::new().object(ObjectMapping::new(ACCOUNT).pull([path!("Name")]))
}
fn names_and_notes() -> Mapping {
    Mapping::new().object(ObjectMapping::new(ACCOUNT).pull([path!("Name")]).edit(NOTES, "n"))
}
fn short_pages(desk: &Desk, rows: usize) {
    desk.sim.inject(Fault::new(On::Operation("query".into()), Effect::ShortPage(rows)).times(1000));
}
fn next(desk: &Desk, scope: &Scope) -> Step {
    desk.run(desk.engine.next(&Work::Pull(scope.clone()))).unwrap()
}
/// The next step and its answer, not settled.
fn read(desk: &Desk, scope: &Scope) -> (Step, Answer) {
    let step = next(desk, scope);
    let answer = desk.run(desk.engine.perform(&step));
    (step, answer)
}
fn settle(desk: &Desk, step: &Step, answer: Answer) -> Settled {
    desk.run(desk.engine.settle(step, answer)).unwrap()
}

#[test]
fn given_a_pull_longer_than_the_rest_of_a_run_when_driven_slowly_then_it_ends() {
    let desk = Desk::of(TestOrg::empty(), names());
    let ids: Vec<SfId> = (0..40).map(|n| desk.org_account(&format!("A{n}"), &[])).collect();
    desk.run(desk.engine.track(ACCOUNT, ids.clone())).unwrap();
    short_pages(&desk, 7);
    let mut steps = 0;
    loop {
        let (step, answer) = read(&desk, &Scope::Known);
        if matches!(step, Step::Idle) {
            break;
        }
        settle(&desk, &step, answer);
        desk.wait(400);
        steps += 1;
        assert!(steps < 20, "each page is asked for again and again");
    }
    assert_eq!(steps, 6, "40 rows in pages of 7");
}

#[test]
fn given_a_run_that_was_left_lying_when_pulled_then_it_begins_anew() {
    let desk = Desk::of(TestOrg::empty(), names());
    let ids: Vec<SfId> = (0..20).map(|n| desk.org_account(&format!("A{n}"), &[])).collect();
    desk.run(desk.engine.track(ACCOUNT, ids)).unwrap();
    short_pages(&desk, 7);
    let (step, answer) = read(&desk, &Scope::Known);
    settle(&desk, &step, answer);
    desk.wait(901);
    assert_eq!(desk.pull(Scope::Known).pulled.rows, 20);
}

#[test]
fn given_a_mapping_that_changed_during_a_run_when_pulled_then_the_new_field_arrives_everywhere() {
    for interrupted in [false, true] {
        for done in [0, 1] {
            let desk = Desk::of(TestOrg::empty(), names());
            let quiet = desk.account(&[(NOTES, "old notes")]);
            desk.wait(7200);
            let busy = desk.account(&[(NOTES, "x")]);
            desk.pull(Scope::Changed);
            desk.wait(700);
            desk.remote(busy, NAME, "renamed");
            if interrupted {
                for _ in 0..done {
                    let (step, answer) = read(&desk, &Scope::Changed);
                    settle(&desk, &step, answer);
                }
                next(&desk, &Scope::Changed);
            }
            let desk = Desk::over(desk.sim, desk.store, names_and_notes(), |b| b);
            desk.pull(Scope::Changed);
            let seen = desk.visible(quiet, &NOTES);
            assert_eq!(seen, Value::from("old notes"), "interrupted {interrupted} after {done}");
        }
    }
}

#[test]
fn given_an_answer_of_an_earlier_run_when_settled_in_a_later_one_then_it_changes_nothing() {
    let desk = Desk::of(TestOrg::empty(), names());
    let ids: Vec<SfId> = (0..20).map(|n| desk.org_account(&format!("A{n}"), &[])).collect();
    desk.run(desk.engine.track(ACCOUNT, ids.clone())).unwrap();
    short_pages(&desk, 7);
    let (old_step, old_answer) = read(&desk, &Scope::Known);
    desk.pull(Scope::Known); // settles the same position with an answer of its own, and ends
    ids.iter().for_each(|id| desk.remote(*id, NAME, "renamed"));
    assert_eq!(settle(&desk, &old_step, old_answer.clone()), Settled::AlreadySettled, "between runs");
    let (step, answer) = read(&desk, &Scope::Known);
    assert_eq!(settle(&desk, &old_step, old_answer), Settled::AlreadySettled, "in a later run");
    assert!(matches!(settle(&desk, &step, answer), Settled::Applied(_)));
    desk.pull(Scope::Known);
    assert!(ids.iter().all(|id| desk.visible(*id, &NAME) == Value::from("renamed")));
}

#[test]
fn given_an_answer_to_a_run_left_lying_when_settled_then_it_changes_nothing_and_is_no_error() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let (step, answer) = read(&desk, &Scope::Known);
    desk.remote(id, NOTES, "newer");
    desk.wait(901);
    assert_eq!(settle(&desk, &step, answer), Settled::AlreadySettled);
    desk.pull(Scope::Known);
    assert_eq!(desk.visible(id, &NOTES), Value::from("newer"));
}
