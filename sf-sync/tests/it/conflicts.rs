use crate::desk::*;
use sf_core::Value;
use sf_sync::{Conflict, Decision, ErrorKind, Event, Policy, Scope, Status};

#[test]
fn given_both_sides_changed_when_the_policy_is_park_then_it_fails_with_all_three_values() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    desk.remote(id, PLAY, "Renew");
    let report = desk.push();
    assert_eq!(report.pushed.failed, 1);
    let seen = desk.change(change);
    assert_eq!(seen.status, Status::Failed);
    assert_eq!((seen.base, seen.new, seen.remote), ("Grow".into(), "Expand".into(), Some("Renew".into())));
    assert_eq!(seen.failure.unwrap().kind, sf_core::ErrorKind::Conflict);
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Renew"));
    assert_eq!(desk.visible(id, &PLAY), Value::from("Expand"));
}

#[test]
fn given_a_parked_change_when_resolved_then_the_decision_counts() {
    for (decision, org, status) in [
        (Decision::TakeLocal, "Expand", Status::Pushed),
        (Decision::TakeRemote, "Renew", Status::Reverted),
        (Decision::Merge("Advocate".into()), "Advocate", Status::Pushed),
        (Decision::Park, "Renew", Status::Failed),
    ] {
        let desk = Desk::new();
        let id = desk.account(&[(PLAY, "Grow")]);
        let change = desk.edit(id, PLAY, "Expand");
        desk.remote(id, PLAY, "Renew");
        desk.push();
        desk.run(desk.engine.resolve(change, decision.clone())).unwrap();
        desk.push();
        assert_eq!(desk.in_org(id, &PLAY), Value::from(org), "{decision:?}");
        assert_eq!(desk.status(change), status, "{decision:?}");
        if status != Status::Failed {
            assert_eq!(desk.visible(id, &PLAY), Value::from(org));
        }
    }
}

#[test]
fn given_both_sides_changed_when_the_local_value_wins_then_the_log_keeps_the_orgs() {
    let desk = Desk::new();
    let id = desk.account(&[(SENTIMENT, "Neutral")]);
    let change = desk.edit(id, SENTIMENT, "Positive");
    desk.remote(id, SENTIMENT, "Negative");
    let report = desk.push();
    assert!(
        report
            .notes
            .iter()
            .any(|n| matches!(&n.event, Event::LocalWon { remote } if *remote == "Negative".into()))
    );
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!(desk.change(change).remote, Some("Negative".into()));
    assert_eq!(desk.in_org(id, &SENTIMENT), Value::from("Positive"));
}

#[test]
fn given_both_sides_changed_when_the_remote_value_wins_then_the_change_is_reverted_and_keeps_both() {
    let desk = Desk::new();
    let id = desk.account(&[(HEALTH, "Green")]);
    let change = desk.edit(id, HEALTH, "Yellow");
    desk.remote(id, HEALTH, "Red");
    let before = desk.saves(id);
    desk.push();
    let seen = desk.change(change);
    assert_eq!((seen.status, seen.new, seen.remote), (Status::Reverted, "Yellow".into(), Some("Red".into())));
    assert_eq!(desk.visible(id, &HEALTH), Value::from("Red"));
    assert_eq!(desk.saves(id), before);
}

#[test]
fn given_both_sides_made_the_same_change_when_pushed_then_nothing_is_written() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    desk.remote(id, PLAY, "Expand");
    let before = desk.saves(id);
    desk.push();
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!(desk.saves(id), before);
}

#[test]
fn given_a_resolver_when_both_sides_changed_then_it_decides() {
    let accounts = accounts().decide(NOTES, Policy::Custom("longest".into()));
    let longest = |c: &Conflict<'_>| match (c.local.as_str(), c.remote.as_str()) {
        (Some(l), Some(r)) if l.len() > r.len() => Decision::TakeLocal,
        _ => Decision::Merge("both".into()),
    };
    let mapping = sf_sync::Mapping::new().object(accounts);
    let desk = Desk::over(sf_testorg::TestOrg::empty(), Default::default(), mapping.clone(), |b| {
        b.resolver("longest", longest)
    });
    let id = desk.account(&[(NOTES, "a")]);
    desk.edit(id, NOTES, "a long text");
    desk.remote(id, NOTES, "short");
    desk.push();
    assert_eq!(desk.in_org(id, &NOTES), Value::from("a long text"));
    desk.edit(id, NOTES, "x");
    desk.remote(id, NOTES, "a text");
    desk.push();
    assert_eq!(desk.in_org(id, &NOTES), Value::from("both"));
    // Without the resolver the mapping is refused, by name.
    let error = open(&desk.sim, sf_sync::memory::MemoryStore::default(), mapping, |b| b).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mapping);
    assert!(error.to_string().contains("`longest`"));
}

#[test]
fn given_open_changes_when_pulled_then_the_local_value_stays_and_the_report_says_why() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow"), (STAGE, "Adoption")]);
    let change = desk.edit(id, PLAY, "Expand");
    desk.remote(id, PLAY, "Renew");
    desk.remote(id, STAGE, "Maturity");
    let report = desk.pull(Scope::Known);
    assert_eq!(desk.visible(id, &PLAY), Value::from("Expand"));
    assert_eq!(desk.visible(id, &STAGE), Value::from("Maturity"));
    assert_eq!((report.pulled.updated, report.pulled.kept), (1, 1));
    let told: Vec<String> = report.notes.iter().map(|n| n.to_string()).collect();
    assert!(told.iter().any(|t| t.contains("CX Play: kept \"Expand\"")), "{told:?}");
    assert!(
        told.iter().any(|t| t.contains("Customer_Stage__c: updated \"Adoption\" → \"Maturity\"")),
        "{told:?}"
    );
    assert_eq!(desk.change(change).remote, Some("Renew".into()));
    assert_eq!(desk.run(desk.engine.record(id)).unwrap().unwrap().remote.get(&PLAY), Some(&"Renew".into()));
    // The conflict is decided when it is pushed.
    desk.push();
    assert_eq!(desk.status(change), Status::Failed);
    // A failed change is protected too.
    desk.pull(Scope::Known);
    assert_eq!(desk.visible(id, &PLAY), Value::from("Expand"));
}

#[test]
fn given_a_pull_that_shows_the_edited_value_when_applied_then_the_change_is_pushed() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Expand");
    desk.remote(id, PLAY, "Expand");
    desk.pull(Scope::Known);
    assert_eq!(desk.status(change), Status::Pushed);
    desk.calls();
    desk.push();
    assert!(desk.calls().is_empty());
}
