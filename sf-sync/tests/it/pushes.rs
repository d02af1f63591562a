use crate::desk::*;
use sf_core::{SfId, Value, field};
use sf_sync::{Edit, ErrorKind, Scope, Status, Step, Work};
use sf_testorg::{Effect, Fault, On, TestOrg};

#[test]
fn given_edits_when_pushed_then_only_edited_fields_travel_and_the_org_has_them() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow"), (NOTES, "old")]);
    desk.edits(Edit::update(ACCOUNT, id).set(PLAY, "Expand").clear(NOTES));
    desk.calls();
    let report = desk.push();
    assert_eq!(report.pushed.pushed, 2);
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
    assert_eq!(desk.in_org(id, &NOTES), Value::Null);
    let saved = desk.sim.saves().into_iter().rfind(|s| s.id == id).unwrap();
    let mut names: Vec<_> = saved.fields.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    assert_eq!(names, ["CS_Account_Notes__c", "CX_Play__c"]);
    assert_eq!(desk.calls(), ["retrieve", "update"]);
    assert!(desk.log().iter().all(|c| c.status == Status::Pushed));
    assert_eq!(desk.push().calls, 0);
}

#[test]
fn given_1000_edited_records_when_pushed_then_calls_are_one_per_1000_and_one_check_per_2000() {
    let desk =
        Desk::of(TestOrg::builder().accounts(1000).build(), sf_sync::Mapping::new().object(accounts()));
    let ids: Vec<SfId> = desk.sim.rows(&ACCOUNT).iter().filter_map(|r| r.id).take(1000).collect();
    assert_eq!(ids.len(), 1000);
    desk.run(desk.engine.track(ACCOUNT, ids.clone())).unwrap();
    for id in &ids {
        desk.edit(*id, NOTES, format!("checked {id}"));
    }
    desk.calls();
    let report = desk.push();
    assert_eq!(report.pushed.pushed, 1000);
    let calls = desk.calls();
    assert_eq!(calls.iter().filter(|c| *c == "retrieve").count(), 1, "{calls:?}");
    assert_eq!(calls, ["retrieve", "composite"]);
}

#[test]
fn given_one_bad_row_when_pushed_then_the_others_pass_and_it_fails_with_the_orgs_words() {
    let desk = Desk::new();
    let (good, bad) = (desk.account(&[]), desk.account(&[]));
    desk.sim.set_picklist_active(&ACCOUNT, &PLAY, "Expand", false).unwrap();
    desk.edit(good, PLAY, "Renew");
    let change = desk.edit(bad, PLAY, "Expand");
    let report = desk.push();
    assert_eq!((report.pushed.pushed, report.pushed.failed), (1, 1));
    let change = desk.change(change);
    assert_eq!(change.status, Status::Failed);
    let failure = change.failure.unwrap();
    assert_eq!(failure.code.as_ref().unwrap().as_str(), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    assert!(!failure.help().next_step.is_empty());
    assert_eq!(desk.visible(bad, &PLAY), Value::from("Expand"));
    // Retried with a corrected value it passes; the refused one stays in the log.
    desk.run(desk.engine.retry_with(change.id, "Renew")).unwrap();
    desk.push();
    assert_eq!(desk.status(change.id), Status::Pushed);
    assert_eq!(desk.change(change.id).corrected, Some(Value::from("Expand")));
    assert_eq!(desk.in_org(bad, &PLAY), Value::from("Renew"));
}

#[test]
fn given_a_value_that_describe_forbids_when_pushed_then_it_fails_without_a_call() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let change = desk.edit(id, PLAY, "Dance");
    assert_eq!(desk.run(desk.engine.plan()).unwrap().refused.len(), 1);
    desk.calls();
    desk.push();
    assert!(desk.calls().is_empty());
    let failure = desk.change(change).failure.unwrap();
    assert!(failure.message.contains("`Dance` is not an allowed value; allowed are `Onboard`"), "{failure}");
}

#[test]
fn given_a_locked_row_when_pushed_then_only_it_backs_off_and_passes_later() {
    let desk = Desk::new();
    let (free, locked) = (desk.account(&[]), desk.account(&[]));
    desk.sim.inject(Fault::new(On::Rows(vec![locked]), Effect::RowLock));
    desk.edit(free, PLAY, "Grow");
    let change = desk.edit(locked, PLAY, "Grow");
    let before = desk.saves(free);
    let report = desk.push();
    assert_eq!((report.pushed.pushed, report.pushed.retrying), (1, 1));
    assert_eq!(desk.status(change), Status::Pending);
    desk.wait(10);
    assert_eq!(desk.push().pushed.pushed, 1);
    assert_eq!(desk.saves(free) - before, 1);
    assert_eq!(desk.in_org(locked, &PLAY), Value::from("Grow"));
}

#[test]
fn given_a_used_up_quota_when_pushed_then_attempts_are_not_counted_and_all_passes_after_the_window() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let change = desk.edit(id, PLAY, "Grow");
    let quota = Effect::Status(403, "REQUEST_LIMIT_EXCEEDED".into());
    desk.sim.inject(Fault::new(On::Operation("update".into()), quota).times(20));
    for _ in 0..20 {
        let report = desk.push();
        assert_eq!(report.pushed.failed, 0);
        assert_eq!(desk.status(change), Status::Pending);
        desk.wait(1000);
    }
    assert_eq!(desk.push().pushed.pushed, 1);
}

#[test]
fn given_a_call_refused_as_a_whole_when_pushed_then_halves_find_the_poisoned_row() {
    let desk = Desk::of(TestOrg::builder().accounts(50).build(), sf_sync::Mapping::new().object(accounts()));
    let ids: Vec<SfId> = desk.sim.rows(&ACCOUNT).iter().filter_map(|r| r.id).take(50).collect();
    desk.run(desk.engine.track(ACCOUNT, ids.clone())).unwrap();
    let poison = ids[17];
    desk.sim.inject(
        Fault::new(
            On::All(vec![On::Operation("update".into()), On::Rows(vec![poison])]),
            Effect::Status(400, "JSON_PARSER_ERROR".into()),
        )
        .times(1000),
    );
    for id in &ids {
        desk.edit(*id, NOTES, "x");
    }
    desk.calls();
    let report = desk.push();
    let calls = desk.calls().iter().filter(|c| *c == "update").count();
    assert_eq!((report.pushed.pushed, report.pushed.failed), (49, 1), "{report}");
    assert!(calls <= 16, "{calls} calls");
}

#[test]
fn given_an_edit_during_the_flight_when_the_answer_comes_then_the_newer_edit_goes_out_next() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let a = desk.edit(id, PLAY, "Adopt");
    desk.wait(3);
    let write = step_to_write(&desk);
    let b = desk.edit(id, PLAY, "Expand"); // the same field
    let c = desk.edit(id, NOTES, "other field");
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer.clone())).unwrap();
    assert_eq!([a, b, c].map(|c| desk.status(c)), [Status::Pushed, Status::Pending, Status::Pending]);
    assert_eq!(desk.change(b).base, Value::from("Adopt"));
    assert_eq!(desk.visible(id, &PLAY), Value::from("Expand"));
    // The same answer again changes nothing.
    assert_eq!(desk.run(desk.engine.settle(&write, answer)).unwrap(), sf_sync::Settled::AlreadySettled);
    desk.push();
    assert_eq!([a, b, c].map(|c| desk.status(c)), [Status::Pushed; 3]);
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
}

#[test]
fn given_a_write_step_past_its_deadline_when_performed_then_nothing_is_sent() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Adopt");
    desk.wait(3);
    let write = step_to_write(&desk);
    desk.wait(61);
    desk.calls();
    let answer = desk.run(desk.engine.perform(&write));
    assert!(desk.calls().is_empty());
    desk.run(desk.engine.settle(&write, answer)).unwrap();
    desk.wait(60);
    desk.push();
    assert_eq!(desk.status(change), Status::Pushed);
}

#[test]
fn given_another_org_when_pushed_then_it_is_refused_before_anything_is_sent() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    desk.edit(id, PLAY, "Grow");
    let other = Desk::over(TestOrg::builder().seed(77).build(), desk.store.clone(), mapping(), |b| b);
    other.wait(60);
    let error = other.run(other.engine.push()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherOrg);
    assert!(error.help().next_step.contains("Sign in to the org"));
}

#[test]
fn given_a_field_that_the_user_may_not_see_any_more_when_pushed_then_its_change_is_parked_with_the_reason() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let (a, b) = (desk.edit(id, PLAY, "Grow"), desk.edit(id, NOTES, "x"));
    let access = sf_testorg::FieldAccess::Hidden;
    desk.sim.set_field_access(&ACCOUNT, &PLAY, access);
    let _ = desk.run(desk.engine.push());
    let report = desk.push();
    assert_eq!(report.pushed.pushed, 1, "{report}");
    assert_eq!([desk.status(a), desk.status(b)], [Status::Failed, Status::Pushed]);
    assert!(desk.change(a).failure.unwrap().message.contains("CX_Play__c"));
    let error = desk.run(desk.engine.pull(Scope::Known)).unwrap_err();
    assert!(error.to_string().contains("CX_Play__c"), "{error}");
}

#[test]
fn given_a_deleted_record_when_its_edit_is_pushed_then_it_fails_and_keeps_its_value() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let change = desk.edit(id, NOTES, "too late");
    desk.sim.apply(sf_core::Write::Delete { id }).unwrap();
    desk.push();
    assert_eq!(desk.status(change), Status::Failed);
    assert_eq!(desk.visible(id, &NOTES), Value::from("too late"));
}

#[test]
fn given_a_plan_when_printed_then_it_says_what_would_be_sent_and_sends_nothing() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    desk.edits(
        Edit::update(ACCOUNT, id)
            .set(PLAY, "Grow")
            .set(NOTES, "x")
            .set(field!("Last_CX_Update__c"), "2026-01-07"),
    );
    desk.calls();
    let plan = desk.run(desk.engine.plan()).unwrap();
    assert_eq!(
        plan.to_string(),
        "1 rows in 2 calls\n  retrieve 1 rows: Account: does the org still hold what the edits stand on?\n  write 1 rows: edited fields only (3 in all)"
    );
    assert!(desk.calls().is_empty());
    assert_eq!(desk.push().calls, plan.calls.len() as u64);
}

/// Drives the engine up to its next write.
pub(crate) fn step_to_write(desk: &Desk) -> Step {
    loop {
        let step = desk.run(desk.engine.next(&Work::Push)).unwrap();
        match step {
            Step::Write { .. } => return step,
            Step::Idle | Step::Wait { .. } => panic!("no write: {step:?}"),
            _ => {
                let answer = desk.run(desk.engine.perform(&step));
                desk.run(desk.engine.settle(&step, answer)).unwrap();
            }
        }
    }
}
