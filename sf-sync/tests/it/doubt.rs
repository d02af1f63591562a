//! What was sent without an answer, when the world moves on meanwhile: mapping, access, newer edits, the other side.
use crate::{desk::*, pushes::step_to_write};
use sf_core::{Delivery, SfId, Value, field, path};
use sf_sync::{ChangeId, Decision, Edit, Mapping, ObjectMapping, Policy, Scope, Status, Step, Work};
use sf_testorg::{Effect, Fault, FieldAccess, On, TestOrg};
use std::time::Duration;

/// Sends what is due; the answer is lost in this way.
fn lose(desk: &Desk, effect: Effect) {
    desk.wait(3);
    desk.sim.inject(Fault::new(On::Operation("update".into()), effect));
    let write = step_to_write(desk);
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer)).unwrap();
}
/// A push that must end.
fn push_ends(desk: &Desk) {
    for _ in 0..40 {
        match desk.run(desk.engine.next(&Work::Push)).unwrap() {
            Step::Idle => return,
            Step::Wait { until, .. } => desk.sim.clock().advance_to(until),
            step => {
                let answer = desk.run(desk.engine.perform(&step));
                desk.run(desk.engine.settle(&step, answer)).unwrap();
            }
        }
    }
    panic!("the push does not end");
}
fn only(policy: Policy) -> Mapping {
    let accounts = ObjectMapping::new(ACCOUNT).pull([path!("Name")]).edit(NOTES, "Notes");
    Mapping::new().object(accounts.decide(NOTES, policy))
}
/// The org commits what is late when it is next asked or changed.
fn let_late_commit(desk: &Desk, id: SfId) {
    desk.remote(id, field!("Name"), "the org commits what is late");
}

#[test]
fn given_an_unknown_fate_when_the_mapping_drops_the_field_or_object_then_the_change_fails_and_the_rest_goes_on()
 {
    let opportunities =
        ObjectMapping::new(OPPORTUNITY).pull([path!("Name")]).edit(field!("CX_Notes__c"), "Notes");
    for without in [only(Policy::Park), Mapping::new().object(opportunities)] {
        let desk = Desk::new();
        let id = desk.account(&[(PLAY, "Grow")]);
        let change = desk.edit(id, PLAY, "Adopt");
        lose(&desk, Effect::LoseRequest);
        let account_is_mapped = without.of(&ACCOUNT).is_some();
        let desk = Desk::over(desk.sim, desk.store, without, |b| b);
        push_ends(&desk);
        let failure = desk.change(change).failure.unwrap();
        assert_eq!((desk.status(change), failure.delivery), (Status::Failed, Delivery::Unknown));
        assert!(failure.message.contains("CX_Play__c"), "{failure}");
        if account_is_mapped {
            let other = desk.edit(id, NOTES, "goes on");
            push_ends(&desk);
            assert_eq!(desk.status(other), Status::Pushed);
        }
        // Mapped again, a person sends it again: it is compared first.
        let desk = desk.restarted();
        desk.run(desk.engine.retry(change)).unwrap();
        push_ends(&desk);
        assert_eq!((desk.status(change), desk.in_org(id, &PLAY)), (Status::Pushed, "Adopt".into()));
    }
}

#[test]
fn given_an_unknown_fate_when_the_field_is_hidden_then_the_change_fails_and_the_rest_goes_on() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Adopt");
    lose(&desk, Effect::LoseAnswer);
    let other = desk.edit(id, NOTES, "goes on");
    desk.sim.set_field_access(&ACCOUNT, &PLAY, FieldAccess::Hidden);
    desk.wait(100);
    push_ends(&desk);
    assert_eq!([desk.status(change), desk.status(other)], [Status::Failed, Status::Pushed]);
    assert!(desk.change(change).failure.unwrap().next_step.unwrap().contains("access"));
}

#[test]
fn given_an_edit_when_its_field_is_hidden_before_the_check_then_it_fails_and_the_rest_goes_on() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let (change, other) = (desk.edit(id, PLAY, "Adopt"), desk.edit(id, NOTES, "goes on"));
    desk.sim.set_field_access(&ACCOUNT, &PLAY, FieldAccess::Hidden);
    desk.wait(100);
    desk.push();
    assert_eq!([desk.status(change), desk.status(other)], [Status::Failed, Status::Pushed]);
}

#[test]
fn given_an_old_value_that_may_be_late_when_the_field_is_dropped_and_hidden_then_nothing_waits_for_it() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Adopt");
    lose(&desk, Effect::CommitLate(Duration::from_secs(300)));
    desk.edit(id, PLAY, "Expand");
    desk.push();
    let desk = Desk::over(desk.sim, desk.store, only(Policy::Park), |b| b);
    desk.sim.set_field_access(&ACCOUNT, &PLAY, FieldAccess::Hidden);
    desk.wait(1_000);
    push_ends(&desk);
    assert!(matches!(desk.run(desk.engine.next(&Work::Push)).unwrap(), Step::Idle));
}

#[test]
fn given_a_late_value_over_a_push_when_a_newer_edit_is_made_after_the_cap_then_the_newer_edit_goes_out() {
    for policy in [Policy::Park, Policy::RemoteWins, Policy::LocalWins] {
        let desk = Desk::of(TestOrg::empty(), only(policy.clone()));
        let id = desk.account(&[(NOTES, "a")]);
        desk.edit(id, NOTES, "A");
        lose(&desk, Effect::CommitLate(Duration::from_secs(300)));
        desk.edit(id, NOTES, "B");
        desk.push();
        desk.wait(800);
        let_late_commit(&desk, id);
        assert_eq!(desk.in_org(id, &NOTES), Value::from("A"));
        let newest = desk.edit(id, NOTES, "C");
        desk.push();
        assert_eq!(
            (desk.status(newest), desk.in_org(id, &NOTES)),
            (Status::Pushed, "C".into()),
            "{policy:?}"
        );
        push_ends(&desk);
    }
}

#[test]
fn given_a_parked_edit_over_a_value_that_may_be_late_when_the_cap_has_passed_then_the_loop_does_not_spin() {
    let desk = Desk::of(TestOrg::empty(), only(Policy::Park));
    let id = desk.account(&[(NOTES, "a")]);
    desk.edit(id, NOTES, "A");
    lose(&desk, Effect::CommitLate(Duration::from_secs(300)));
    desk.edit(id, NOTES, "B");
    desk.push();
    let parked = desk.edit(id, NOTES, "C");
    desk.remote(id, NOTES, "R");
    desk.push();
    assert_eq!(desk.status(parked), Status::Failed);
    desk.wait(1_000);
    assert!(matches!(desk.run(desk.engine.next(&Work::Push)).unwrap(), Step::Idle));
}

#[test]
fn given_a_late_value_that_was_taken_back_when_it_arrives_then_the_orgs_value_is_restored() {
    for how in ["policy", "resolved", "reverted"] {
        let policy = if how == "policy" { Policy::RemoteWins } else { Policy::Park };
        let desk = Desk::of(TestOrg::empty(), only(policy));
        let id = desk.account(&[(NOTES, "a")]);
        let change = desk.edit(id, NOTES, "L");
        lose(&desk, Effect::CommitLate(Duration::from_secs(300)));
        desk.remote(id, NOTES, "R");
        desk.push();
        match how {
            "resolved" => desk.run(desk.engine.resolve(change, Decision::TakeRemote)).unwrap(),
            "reverted" => drop(desk.run(desk.engine.revert(change)).unwrap()),
            _ => {}
        }
        assert_eq!(desk.status(change), Status::Reverted, "{how}");
        desk.wait(400);
        let_late_commit(&desk, id);
        assert_eq!(desk.in_org(id, &NOTES), Value::from("L"), "{how}");
        desk.pull(Scope::Known);
        assert_eq!(desk.visible(id, &NOTES), Value::from("R"), "{how}");
        push_ends(&desk);
        desk.wait(800);
        push_ends(&desk);
        assert_eq!((desk.visible(id, &NOTES), desk.in_org(id, &NOTES)), ("R".into(), "R".into()), "{how}");
        assert_eq!(desk.status(change), Status::Reverted, "{how}");
    }
}

#[test]
fn given_a_parked_change_that_may_have_been_sent_when_reverted_then_it_is_over() {
    let desk = Desk::of(TestOrg::empty(), only(Policy::Park));
    let id = desk.account(&[(NOTES, "a")]);
    let change = desk.edit(id, NOTES, "L");
    lose(&desk, Effect::LoseRequest);
    desk.remote(id, NOTES, "R");
    desk.push();
    assert_eq!(desk.status(change), Status::Failed);
    let entries: Vec<ChangeId> = desk.log().iter().map(|c| c.id).collect();
    desk.run(desk.engine.revert(change)).unwrap();
    push_ends(&desk);
    assert_eq!(desk.log().iter().map(|c| c.id).collect::<Vec<_>>(), entries, "no undo of its own");
    assert_eq!(desk.status(change), Status::Reverted);
    assert_eq!((desk.visible(id, &NOTES), desk.in_org(id, &NOTES)), ("R".into(), "R".into()));
}

#[test]
fn given_edits_of_an_object_that_is_hidden_when_pushed_then_they_fail_and_other_objects_go_on() {
    let desk = Desk::new();
    let (id, other) = (desk.account(&[(PLAY, "Grow")]), desk.account(&[]));
    let deal = desk.opportunity(id, "D", "Prospecting");
    desk.run(desk.engine.track(OPPORTUNITY, [deal])).unwrap();
    let note = |text: &str| Edit::update(OPPORTUNITY, deal).set(field!("CX_Notes__c"), text);
    let unknown = desk.edits(note("unknown"))[0];
    lose(&desk, Effect::LoseRequest);
    let queued = desk.edits(Edit::update(OPPORTUNITY, deal).set(field!("CS_Handoff_Notes__c"), "x"))[0];
    let change = desk.edit(other, PLAY, "Adopt");
    for (operation, status, code) in [("describe", 404, "NOT_FOUND"), ("retrieve", 400, "INVALID_TYPE")] {
        let on = On::All(vec![On::Operation(operation.into()), On::Object(OPPORTUNITY)]);
        desk.sim.inject(Fault::new(on, Effect::Status(status, code.into())).times(1000));
    }
    desk.wait(100);
    push_ends(&desk);
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!([desk.status(unknown), desk.status(queued)], [Status::Failed; 2]);
    assert!(desk.change(queued).failure.unwrap().message.contains("Opportunity"));
    desk.sim.clear_faults();
    desk.wait(400);
    for change in [unknown, queued] {
        desk.run(desk.engine.retry(change)).unwrap();
    }
    push_ends(&desk);
    assert_eq!([desk.status(unknown), desk.status(queued)], [Status::Pushed; 2]);
}
