use crate::desk::*;
use sf_core::{SfId, Value, field};
use sf_sync::{ChangeFilter, Edit, ErrorKind, Scope, Status};

#[test]
fn given_a_known_record_when_edited_then_it_is_visible_and_logged_without_a_call() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.calls();
    let change = desk.edit(id, PLAY, "Expand");
    assert_eq!(desk.visible(id, &PLAY), Value::from("Expand"));
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Grow"));
    assert_eq!(
        desk.change(change).to_string(),
        format!("#{change} Account {id}: CX Play \"Grow\" → \"Expand\" [pending]")
    );
    assert_eq!(desk.change(change).actor.as_deref(), Some("ann"));
    assert!(desk.calls().is_empty());
}

#[test]
fn given_no_network_when_the_engine_opens_then_edits_are_saved() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let desk = desk.restarted();
    desk.sim.inject(sf_testorg::Fault::new(sf_testorg::On::Any, sf_testorg::Effect::LoseRequest).times(1000));
    desk.edit(id, PLAY, "Expand");
    let error = desk.run(desk.engine.push()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Org);
    assert!(!error.help().next_step.is_empty());
    desk.sim.clear_faults();
    desk.push();
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
}

#[test]
fn given_an_edit_with_several_problems_when_captured_then_all_are_named_and_nothing_is_saved() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let edit = Edit::update(ACCOUNT, id)
        .set(STAGE, "Adoption")
        .set(field!("Nope__c"), 1)
        .set(UPDATED, "tomorrow")
        .set(PLAY, "Grow");
    let error = desk.run(desk.engine.capture(edit)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let text = error.to_string();
    for part in
        ["Customer_Stage__c is pulled only", "Nope__c is not mapped", "Last_CX_Update__c takes a date"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(desk.log().is_empty());
}

#[test]
fn given_ids_of_other_objects_or_unknown_ones_when_edited_then_it_says_so() {
    let desk = Desk::new();
    desk.account(&[]);
    let kind = |edit| desk.run(desk.engine.capture(edit)).unwrap_err();
    let opportunity = SfId::new("006000000000001AAA").unwrap();
    let error = kind(Edit::update(ACCOUNT, opportunity).set(PLAY, "Grow"));
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("of Opportunity"), "{error}");
    let stranger = SfId::new("001000000000999AAA").unwrap();
    assert_eq!(kind(Edit::update(ACCOUNT, stranger).set(PLAY, "Grow")).kind(), ErrorKind::NotFound);
    let contact = Edit::update(sf_core::object!("Contact"), stranger).set(PLAY, "Grow");
    assert_eq!(kind(contact).kind(), ErrorKind::InvalidInput);
    let wrong = desk.run(desk.engine.track(ACCOUNT, [opportunity])).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidInput);
    let missing = desk.run(desk.engine.track(ACCOUNT, [stranger])).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert!(missing.to_string().contains(stranger.as_str()));
}

#[test]
fn given_three_quick_edits_of_a_field_when_pushed_then_one_value_goes_out_and_the_log_shows_all() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let before = desk.saves(id);
    let a = desk.edit(id, PLAY, "Adopt");
    let b = desk.edit(id, PLAY, "Renew");
    let c = desk.edit(id, PLAY, "Expand");
    let report = desk.push();
    assert_eq!((report.pushed.pushed, report.pushed.rows), (1, 1));
    assert_eq!(desk.saves(id) - before, 1);
    assert_eq!(desk.change(a).superseded_by, Some(b));
    assert_eq!(desk.change(b).superseded_by, Some(c));
    assert_eq!([a, b, c].map(|id| desk.status(id)), [Status::Pushed; 3]);
    assert_eq!(desk.change(c).base, Value::from("Grow"));
    assert_eq!(desk.change(c).old, Value::from("Renew"));
}

#[test]
fn given_an_edit_back_to_the_old_value_when_pushed_then_no_call_is_made() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let a = desk.edit(id, PLAY, "Expand");
    let b = desk.edit(id, PLAY, "Grow");
    desk.calls();
    desk.push();
    assert!(desk.calls().is_empty());
    assert_eq!([desk.status(a), desk.status(b)], [Status::Reverted; 2]);
}

#[test]
fn given_the_visible_value_when_it_is_edited_to_itself_then_no_change_is_made() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    assert!(desk.edits(Edit::update(ACCOUNT, id).set(PLAY, "Grow").set(NOTES, "")).is_empty());
}

#[test]
fn given_steady_edits_when_time_passes_then_the_debounce_ends_at_its_limit() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let start = sf_core::Clock::now(&desk.sim.clock());
    for n in 0..40 {
        desk.edit(id, NOTES, format!("note {n}"));
        desk.wait(1);
        let due = desk.run(desk.engine.next(&sf_sync::Work::Push)).unwrap();
        let waits = matches!(due, sf_sync::Step::Wait { reason: sf_sync::WaitReason::Debounce, .. });
        let passed = sf_core::Clock::now(&desk.sim.clock()).since(start).as_secs();
        assert_eq!(waits, passed < 30, "after {passed} s");
        if !waits {
            return;
        }
    }
    panic!("the debounce never ended");
}

#[test]
fn given_a_push_when_it_begins_then_it_waits_for_the_debounce() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let start = sf_core::Clock::now(&desk.sim.clock());
    desk.edit(id, NOTES, "x");
    assert_eq!(desk.push().pushed.pushed, 1);
    assert_eq!(sf_core::Clock::now(&desk.sim.clock()).since(start).as_secs(), 2);
}

#[test]
fn given_a_log_when_filtered_and_paged_then_the_lines_come_in_order() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    for n in 0..5 {
        desk.edit(
            id,
            [PLAY, NOTES, SENTIMENT, HEALTH, UPDATED][n].clone(),
            ["Grow", "n", "Neutral", "Red", "2026-01-09"][n],
        );
    }
    let page = desk.run(desk.engine.changes(ChangeFilter::from(Status::Pending).of(id).limit(2))).unwrap();
    assert_eq!(page.changes.len(), 2);
    let rest = desk.run(desk.engine.changes(ChangeFilter::all().after(page.next.unwrap()))).unwrap();
    assert_eq!(rest.changes.len(), 3);
    assert!(desk.run(desk.engine.changes(Status::Failed)).unwrap().changes.is_empty());
    desk.pull(Scope::Known);
}
