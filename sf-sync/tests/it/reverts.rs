use crate::{desk::*, pushes::step_to_write};
use sf_core::Value;
use sf_sync::{ErrorKind, Event, Scope, Status};

#[test]
fn given_a_pushed_change_when_reverted_then_the_old_value_is_back_in_the_org() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    desk.push();
    desk.run(desk.engine.revert(change)).unwrap();
    assert_eq!(desk.status(change), Status::Pushed); // until the old value is back
    assert_eq!(desk.visible(id, &PLAY), Value::from("Grow"));
    desk.push();
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Grow"));
    assert_eq!(desk.status(change), Status::Reverted);
    let undo = desk.log().into_iter().find(|c| c.undoes == Some(change)).unwrap();
    assert_eq!(undo.status, Status::Pushed);
    assert_eq!(desk.run(desk.engine.revert(change)).unwrap_err().kind(), ErrorKind::WrongState);
}

#[test]
fn given_a_pushed_change_that_the_org_changed_since_when_reverted_then_it_is_a_conflict() {
    let desk = Desk::new();
    let id = desk.account(&[(SENTIMENT, "Neutral")]);
    let change = desk.edit(id, SENTIMENT, "Positive");
    desk.push();
    desk.remote(id, SENTIMENT, "Negative");
    desk.run(desk.engine.revert(change)).unwrap();
    desk.push();
    assert_eq!(desk.in_org(id, &SENTIMENT), Value::from("Negative"));
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!(desk.log().last().unwrap().status, Status::Failed);
}

#[test]
fn given_pending_and_failed_changes_when_reverted_then_nothing_is_sent_and_the_orgs_newest_shows() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let pending = desk.edit(id, PLAY, "Expand");
    desk.remote(id, PLAY, "Renew");
    desk.pull(Scope::Known);
    desk.calls();
    let report = desk.run(desk.engine.revert(pending)).unwrap();
    assert!(matches!(&report.notes[0].event, Event::RevertShows { old, remote }
        if *old == "Grow".into() && *remote == "Renew".into()));
    assert_eq!(desk.visible(id, &PLAY), Value::from("Renew"));
    let failed = desk.edit(id, PLAY, "Expand");
    desk.remote(id, PLAY, "Adopt");
    desk.push();
    assert_eq!(desk.status(failed), Status::Failed);
    desk.calls();
    desk.run(desk.engine.revert(failed)).unwrap();
    desk.push();
    assert!(desk.calls().is_empty());
    assert_eq!([desk.status(pending), desk.status(failed)], [Status::Reverted; 2]);
    assert_eq!(desk.visible(id, &PLAY), Value::from("Adopt"));
}

#[test]
fn given_a_change_in_flight_when_reverted_then_it_is_compensated_after_its_answer() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    desk.wait(3);
    let write = step_to_write(&desk);
    desk.run(desk.engine.revert(change)).unwrap();
    assert_eq!(desk.visible(id, &PLAY), Value::from("Grow"));
    let answer = desk.run(desk.engine.perform(&write));
    desk.run(desk.engine.settle(&write, answer)).unwrap();
    desk.push();
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Grow"));
    assert_eq!(desk.status(change), Status::Reverted);
}

#[test]
fn given_a_superseded_change_when_reverted_then_the_newer_one_is_named() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let (a, b) = (desk.edit(id, PLAY, "Adopt"), desk.edit(id, PLAY, "Expand"));
    let error = desk.run(desk.engine.revert(a)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongState);
    assert!(error.help().next_step.contains(&format!("#{b}")));
    desk.push();
    desk.run(desk.engine.revert(b)).unwrap();
    desk.push();
    assert_eq!([desk.status(a), desk.status(b)], [Status::Reverted; 2]);
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Grow"));
}
