//! Values that the org stores otherwise than they were typed, and edits that bring back an old value.
use crate::{desk::*, pushes::step_to_write};
use sf_core::{Value, field};
use sf_sync::{Conflict, Decision, Mapping, Policy, Scope, Status};
use sf_testorg::{Effect, Fault, On, TestOrg};

#[test]
fn given_blanks_around_a_text_when_pushed_then_the_next_edit_is_no_conflict() {
    let desk = Desk::new();
    let id = desk.account(&[(NOTES, "a")]);
    desk.edit(id, NOTES, "  two words \n");
    assert_eq!(desk.visible(id, &NOTES), Value::from("two words"));
    desk.push();
    assert_eq!(desk.in_org(id, &NOTES), Value::from("two words"));
    let next = desk.edit(id, NOTES, "next");
    desk.push();
    assert_eq!(desk.status(next), Status::Pushed);
    // Blanks only are no text.
    let cleared = desk.edit(id, NOTES, " \t ");
    desk.push();
    assert_eq!((desk.status(cleared), desk.in_org(id, &NOTES)), (Status::Pushed, Value::Null));
    assert_eq!(desk.visible(id, &NOTES), Value::Null);
}

#[test]
fn given_blanks_around_a_text_and_a_lost_answer_when_read_again_then_it_is_our_own_value() {
    let desk = Desk::new();
    let id = desk.account(&[(NOTES, "a")]);
    let change = desk.edit(id, NOTES, " mine ");
    let before = desk.saves(id);
    desk.sim.inject(Fault::new(On::Operation("update".into()), Effect::LoseAnswer));
    desk.push();
    assert_eq!((desk.status(change), desk.saves(id) - before), (Status::Pushed, 1));
}

#[test]
fn given_other_line_breaks_in_the_org_when_the_same_text_is_edited_then_it_is_neither_an_edit_nor_a_conflict()
{
    let desk = Desk::new();
    let id = desk.account(&[(NOTES, "one\r\ntwo")]);
    assert_eq!(desk.visible(id, &NOTES), Value::from("one\ntwo"));
    let same = sf_sync::Edit::update(ACCOUNT, id).set(NOTES, "one\r\ntwo");
    assert!(desk.edits(same).is_empty());
    let change = desk.edit(id, NOTES, "one\ntwo\nthree");
    desk.remote(id, NOTES, "one\ntwo"); // somebody's program saves it with the other line breaks
    desk.push();
    assert_eq!(desk.status(change), Status::Pushed);
}

#[test]
fn given_more_decimals_than_the_field_has_when_pushed_then_they_are_rounded_and_nothing_conflicts() {
    let amount = field!("AnnualRevenue");
    let mapping = Mapping::new().object(accounts().edit(amount.clone(), "Revenue"));
    let desk = Desk::of(TestOrg::empty(), mapping);
    let id = desk.account(&[]);
    let typed = Value::Number("10.6".parse().unwrap());
    let change = desk.edit(id, amount.clone(), typed);
    assert_eq!(desk.visible(id, &amount), Value::from(11));
    desk.push();
    assert_eq!(desk.in_org(id, &amount), Value::from(11));
    let next = desk.edit(id, amount.clone(), 7);
    desk.push();
    assert_eq!([desk.status(change), desk.status(next)], [Status::Pushed; 2]);
}

#[test]
fn given_a_value_saved_before_its_type_was_known_when_pushed_then_it_has_the_type_of_the_org() {
    let employees = field!("NumberOfEmployees");
    let desk = Desk::new();
    let id = desk.account(&[]);
    // A field more: what it is made of is known after the next contact.
    let wider =
        Mapping::new().object(accounts().edit(employees.clone(), "Employees")).object(opportunities());
    let desk = Desk::over(desk.sim, desk.store, wider, |b| b);
    let change = desk.edit(id, employees.clone(), "300");
    desk.push();
    assert_eq!(desk.status(change), Status::Pushed);
    assert_eq!(desk.visible(id, &employees), Value::from(300));
    assert_eq!(desk.change(change).new, Value::from(300));
    let next = desk.edit(id, employees.clone(), 301);
    desk.push();
    assert_eq!((desk.status(next), desk.in_org(id, &employees)), (Status::Pushed, 301.into()));
}
#[test]
fn given_a_value_saved_before_its_type_was_known_when_it_does_not_fit_then_the_change_fails_without_a_call() {
    let employees = field!("NumberOfEmployees");
    let desk = Desk::new();
    let id = desk.account(&[]);
    let wider =
        Mapping::new().object(accounts().edit(employees.clone(), "Employees")).object(opportunities());
    let desk = Desk::over(desk.sim, desk.store, wider, |b| b);
    let change = desk.edit(id, employees, "many");
    desk.push();
    assert_eq!(desk.status(change), Status::Failed);
    assert!(desk.change(change).failure.unwrap().message.contains("takes a number"));
}

#[test]
fn given_the_org_moved_when_an_edit_brings_its_base_back_then_it_is_an_edit() {
    for (field, status, org) in [(PLAY, Status::Failed, "Renew"), (SENTIMENT, Status::Pushed, "Neutral")] {
        let (base, mine, theirs) =
            if field == PLAY { ("Grow", "Adopt", "Renew") } else { ("Neutral", "Positive", "Negative") };
        let desk = Desk::new();
        let id = desk.account(&[(field.clone(), base)]);
        desk.edit(id, field.clone(), mine);
        desk.remote(id, field.clone(), theirs);
        desk.pull(Scope::Known);
        let back = desk.edit(id, field.clone(), base);
        assert_eq!((desk.status(back), desk.visible(id, &field)), (Status::Pending, base.into()), "{field}");
        desk.push();
        assert_eq!((desk.status(back), desk.in_org(id, &field)), (status, org.into()), "{field}");
    }
}
#[test]
fn given_a_parked_change_when_retried_with_its_base_then_it_stays_visible() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    let change = desk.edit(id, PLAY, "Adopt");
    desk.remote(id, PLAY, "Renew");
    desk.push();
    desk.run(desk.engine.retry_with(change, "Grow")).unwrap();
    assert_eq!((desk.status(change), desk.visible(id, &PLAY)), (Status::Pending, "Grow".into()));
}

#[test]
fn given_a_resolver_that_merges_when_the_answer_is_lost_then_it_merges_once() {
    let accounts = accounts().decide(NOTES, Policy::Custom("both".into()));
    let both = |c: &Conflict<'_>| {
        Decision::Merge(format!("{}+{}", c.local.as_str().unwrap(), c.remote.as_str().unwrap()).into())
    };
    for effect in [Effect::LoseRequest, Effect::LoseAnswer, Effect::RowLock] {
        let desk =
            Desk::over(TestOrg::empty(), Default::default(), Mapping::new().object(accounts.clone()), |b| {
                b.resolver("both", both)
            });
        let id = desk.account(&[(NOTES, "a")]);
        let change = desk.edit(id, NOTES, "L");
        desk.remote(id, NOTES, "R");
        desk.sim.inject(Fault::new(On::Operation("update".into()), effect.clone()).times(2));
        for _ in 0..4 {
            desk.push();
            desk.wait(200);
        }
        assert_eq!(
            (desk.status(change), desk.in_org(id, &NOTES)),
            (Status::Pushed, "L+R".into()),
            "{effect:?}"
        );
    }
}
#[test]
fn given_a_local_value_that_won_when_the_org_changes_again_then_it_is_another_conflict() {
    let desk = Desk::new();
    let id = desk.account(&[(SENTIMENT, "Neutral")]);
    let change = desk.edit(id, SENTIMENT, "Positive");
    desk.remote(id, SENTIMENT, "Negative");
    desk.wait(3);
    let _write = step_to_write(&desk);
    assert_eq!(desk.change(change).base, Value::from("Negative"));
}
#[test]
fn given_a_resolver_whose_value_does_not_fit_when_both_sides_changed_then_it_is_parked() {
    let accounts = accounts().decide(UPDATED, Policy::Custom("broken".into()));
    let desk = Desk::over(TestOrg::empty(), Default::default(), Mapping::new().object(accounts), |b| {
        b.resolver("broken", |_: &Conflict<'_>| Decision::Merge("soon".into()))
    });
    let id = desk.account(&[(UPDATED, "2026-01-01")]);
    let change = desk.edit(id, UPDATED, "2026-01-02");
    desk.remote(id, UPDATED, "2026-01-03");
    desk.push();
    assert_eq!((desk.status(change), desk.in_org(id, &UPDATED)), (Status::Failed, "2026-01-03".into()));
    assert!(desk.change(change).failure.unwrap().message.contains("takes a date"));
}
