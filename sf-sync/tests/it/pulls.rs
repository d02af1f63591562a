use crate::desk::*;
use sf_core::{SfId, Value, field};
use sf_sync::{Edit, Event, Mapping, ObjectMapping, Scope, Status, Step, Work, store::Life};
use sf_testorg::{Effect, Fault, On, TestOrg};

fn life(desk: &Desk, id: SfId) -> Life {
    desk.run(desk.engine.record(id)).unwrap().unwrap().life
}

#[test]
fn given_accounts_in_the_org_when_one_is_tracked_then_it_alone_is_known_with_its_children() {
    let desk = Desk::new();
    let (known, other) = (desk.org_account("Acme", &[(NOTES, "hello")]), desk.org_account("Other", &[]));
    let open = desk.opportunity(known, "Deal", "Prospecting");
    let won = desk.opportunity(known, "Won", "Closed Won");
    let lost = desk.opportunity(known, "Lost", "Closed Lost");
    let report = desk.run(desk.engine.track(ACCOUNT, [known])).unwrap();
    assert_eq!(report.pulled.added, 3, "{report}");
    assert_eq!(desk.visible(known, &NOTES), Value::from("hello"));
    assert_eq!(desk.visible(known, &field!("Name")), Value::from("Acme"));
    let record = desk.run(desk.engine.record(known)).unwrap().unwrap();
    assert!(matches!(record.row.get(&field!("Owner")), Some(Value::Parent(_))), "{:?}", record.row);
    assert_eq!(desk.visible(open, &field!("StageName")), Value::from("Prospecting"));
    assert!(desk.run(desk.engine.record(won)).unwrap().is_some());
    assert!(desk.run(desk.engine.record(lost)).unwrap().is_none());
    assert!(desk.run(desk.engine.record(other)).unwrap().is_none());
    assert_eq!(desk.pull(Scope::Known).pulled.unchanged, 3);
    assert!(desk.run(desk.engine.record(other)).unwrap().is_none());
}

#[test]
fn given_a_child_that_leaves_the_filter_when_pulled_then_it_is_marked_not_deleted() {
    for scope in [Scope::Known, Scope::Changed] {
        let desk = Desk::new();
        let account = desk.org_account("Acme", &[]);
        let deal = desk.opportunity(account, "Deal", "Prospecting");
        desk.run(desk.engine.track(ACCOUNT, [account])).unwrap();
        desk.pull(Scope::Known);
        desk.wait(5);
        desk.remote(deal, field!("StageName"), "Closed Lost");
        let report = desk.pull(scope.clone());
        assert_eq!(report.pulled.out_of_scope, 1, "{scope:?} {report}");
        assert_eq!(life(&desk, deal), Life::OutOfScope);
        desk.wait(5);
        desk.remote(deal, field!("StageName"), "Negotiation/Review");
        desk.pull(scope);
        assert_eq!(life(&desk, deal), Life::Live);
        assert_eq!(desk.visible(deal, &field!("StageName")), Value::from("Negotiation/Review"));
    }
}

#[test]
fn given_a_deleted_record_when_pulled_then_it_is_gone_and_its_open_change_stays() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let change = desk.edit(id, NOTES, "keep me");
    desk.sim.apply(sf_core::Write::Delete { id }).unwrap();
    let report = desk.pull(Scope::Known);
    assert_eq!(report.pulled.gone, 1);
    assert!(report.notes.iter().any(|n| n.event == Event::Gone));
    assert_eq!(life(&desk, id), Life::Gone);
    assert_eq!(desk.status(change), Status::Pending);
    assert_eq!(desk.pull(Scope::Known).pulled.gone, 0);
}

#[test]
fn given_a_finished_pull_when_some_records_change_then_only_those_are_fetched() {
    let desk = Desk::of(TestOrg::builder().accounts(600).build(), Mapping::new().object(accounts()));
    let ids: Vec<SfId> = desk.sim.rows(&ACCOUNT).iter().filter_map(|r| r.id).take(600).collect();
    desk.run(desk.engine.track(ACCOUNT, ids.clone())).unwrap();
    desk.wait(7200);
    desk.remote(ids[599], NOTES, "start"); // data moves the watermark, never a clock
    desk.pull(Scope::Known);
    desk.wait(7200);
    desk.remote(ids[3], NOTES, "new");
    desk.remote(ids[4], STAGE, "Maturity");
    desk.calls();
    let report = desk.pull(Scope::Changed);
    assert_eq!(desk.calls().len(), 1);
    assert_eq!(report.pulled.updated, 2, "{report}");
    assert!(report.pulled.rows <= 3, "{report}");
    assert_eq!(desk.visible(ids[3], &NOTES), Value::from("new"));
}

#[test]
fn given_an_own_push_when_it_comes_back_then_it_makes_no_entry_and_no_write() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Expand");
    desk.push();
    let (lines, saves) = (desk.log().len(), desk.saves(id));
    let report = desk.pull(Scope::Known);
    assert_eq!(report.pulled.updated, 0, "{report}");
    desk.push();
    assert_eq!((desk.log().len(), desk.saves(id)), (lines, saves));
}

#[test]
fn given_a_trigger_that_rewrites_a_pushed_value_when_pulled_then_its_value_is_taken() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    desk.sim.on_save(ACCOUNT, |row| row.set("CS_Account_Notes__c", "TRIGGERED"));
    let change = desk.edit(id, NOTES, "lower");
    desk.push();
    assert_eq!(desk.status(change), Status::Pushed);
    desk.pull(Scope::Known);
    assert_eq!(desk.visible(id, &NOTES), Value::from("TRIGGERED"));
    assert_eq!(desk.log().len(), 1);
}

#[test]
fn given_rows_of_one_second_beyond_a_page_when_pulled_then_all_arrive() {
    let mapping = Mapping::new().object(ObjectMapping::new(ACCOUNT).pull([sf_core::path!("Name")]));
    let desk = Desk::of(TestOrg::empty(), mapping);
    let ids: Vec<SfId> = (0..50).map(|n| desk.org_account(&format!("A{n}"), &[])).collect();
    desk.run(desk.engine.track(ACCOUNT, ids.clone())).unwrap();
    desk.pull(Scope::Known);
    desk.wait(5);
    for id in &ids {
        desk.remote(*id, field!("Name"), "renamed"); // all in the same second
    }
    desk.sim.inject(Fault::new(On::Operation("query".into()), Effect::ShortPage(7)).times(100));
    let report = desk.pull(Scope::Changed);
    assert_eq!(report.pulled.updated, 50, "{report}");
}

#[test]
fn given_a_pull_that_is_stopped_in_the_middle_when_it_goes_on_then_nothing_is_lost_or_read_twice() {
    let mapping = Mapping::new().object(ObjectMapping::new(ACCOUNT).pull([sf_core::path!("Name")]));
    let desk = Desk::of(TestOrg::empty(), mapping.clone());
    let ids: Vec<SfId> = (0..40).map(|n| desk.org_account(&format!("A{n}"), &[])).collect();
    desk.run(desk.engine.track(ACCOUNT, ids.clone())).unwrap();
    ids.iter().for_each(|id| desk.remote(*id, field!("Name"), "renamed"));
    desk.sim.inject(Fault::new(On::Operation("query".into()), Effect::ShortPage(7)).times(100));
    for _ in 0..2 {
        let step = desk.run(desk.engine.next(&Work::Pull(Scope::Known))).unwrap();
        let answer = desk.run(desk.engine.perform(&step));
        desk.run(desk.engine.settle(&step, answer)).unwrap();
    }
    let desk = Desk::over(desk.sim, desk.store, mapping, |b| b);
    let report = desk.pull(Scope::Known);
    assert_eq!(report.pulled.rows, 40 - 14, "{report}");
    assert!(ids.iter().all(|id| desk.visible(*id, &field!("Name")) == Value::from("renamed")));
}

#[test]
fn given_an_edit_while_a_page_is_on_its_way_when_applied_then_the_edit_survives() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.remote(id, PLAY, "Renew");
    let step = desk.run(desk.engine.next(&Work::Pull(Scope::Known))).unwrap();
    let answer = desk.run(desk.engine.perform(&step));
    let change = desk.edit(id, PLAY, "Expand");
    desk.run(desk.engine.settle(&step, answer)).unwrap();
    assert_eq!(desk.visible(id, &PLAY), Value::from("Expand"));
    let record = desk.run(desk.engine.record(id)).unwrap().unwrap();
    assert_eq!(record.remote.get(&PLAY), Some(&Value::from("Renew")));
    assert_eq!(desk.change(change).base, Value::from("Grow"));
}

#[test]
fn given_a_pull_answer_when_settled_twice_then_the_second_changes_nothing() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    desk.remote(id, NOTES, "x");
    let step = desk.run(desk.engine.next(&Work::Pull(Scope::Known))).unwrap();
    let answer = desk.run(desk.engine.perform(&step));
    assert_ne!(
        desk.run(desk.engine.settle(&step, answer.clone())).unwrap(),
        sf_sync::Settled::AlreadySettled
    );
    assert_eq!(desk.run(desk.engine.settle(&step, answer)).unwrap(), sf_sync::Settled::AlreadySettled);
}

#[test]
fn given_one_record_when_pulled_alone_then_it_and_its_children_are_refreshed() {
    let desk = Desk::new();
    let (a, b) = (desk.account(&[]), desk.account(&[]));
    desk.remote(a, NOTES, "a");
    desk.remote(b, NOTES, "b");
    let deal = desk.opportunity(a, "Deal", "Prospecting");
    desk.pull(Scope::Record(a.into()));
    assert_eq!(desk.visible(a, &NOTES), Value::from("a"));
    assert_eq!(desk.visible(b, &NOTES), Value::Null);
    assert!(desk.run(desk.engine.record(deal)).unwrap().is_some());
}

#[test]
fn given_1000_accounts_when_pulled_then_the_calls_stay_within_bounds() {
    let narrow = Mapping::new().object(
        ObjectMapping::new(ACCOUNT)
            .pull([sf_core::path!("Name"), sf_core::path!("Owner.Name")])
            .edit(PLAY, "CX Play"),
    );
    let desk = Desk::of(TestOrg::builder().accounts(1000).build(), narrow);
    let ids: Vec<SfId> = desk.sim.rows(&ACCOUNT).iter().filter_map(|r| r.id).take(1000).collect();
    desk.run(desk.engine.track(ACCOUNT, ids)).unwrap();
    desk.calls();
    assert_eq!(desk.pull(Scope::Known).pulled.unchanged, 1000);
    let calls = desk.calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
}

#[test]
fn given_two_long_texts_when_pulled_then_rows_come_by_retrieve_not_in_pages_of_200() {
    let wide = Mapping::new().object(accounts().edit(field!("Consumption_Comments__c"), "Comments"));
    let desk = Desk::of(TestOrg::builder().accounts(1000).build(), wide);
    let ids: Vec<SfId> = desk.sim.rows(&ACCOUNT).iter().filter_map(|r| r.id).take(1000).collect();
    desk.run(desk.engine.track(ACCOUNT, ids.clone())).unwrap();
    desk.remote(ids[5], field!("Consumption_Comments__c"), "long");
    desk.calls();
    desk.pull(Scope::Known);
    let calls = desk.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_eq!(desk.visible(ids[5], &field!("Consumption_Comments__c")), Value::from("long"));
    let record = desk.run(desk.engine.record(ids[5])).unwrap().unwrap();
    assert!(matches!(record.row.get(&field!("Owner")), Some(Value::Parent(_))));
}

#[test]
fn given_a_mapping_with_missing_fields_when_first_used_then_all_are_named_at_once() {
    let mapping: Mapping = serde_json::from_str(
        r#"{"objects":[{"object":"Account","fields":[{"field":"Name","direction":"both"},{"field":"CX_Pley__c"},
            {"field":"Nowhere_To_Be_Found__c"},{"field":"Boss.Name"}]}]}"#,
    )
    .unwrap();
    let sim = TestOrg::empty();
    let engine = open(&sim, sf_sync::memory::MemoryStore::default(), mapping, |b| b).unwrap();
    let id = SfId::new("001000000000001AAA").unwrap();
    let error = sim.clock().run(engine.track(ACCOUNT, [id])).unwrap_err();
    let text = error.to_string();
    for part in ["3 problems", "CX_Pley__c", "did you mean CX_Play__c?", "Nowhere_To_Be_Found__c", "`Boss`"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn given_a_mapping_that_is_wrong_by_itself_when_opened_then_all_is_named_at_once() {
    let mapping: Mapping = serde_json::from_str(
        r#"{"objects":[{"object":"Account","policy":"who_knows","filter":"Name = ","fields":[
            {"field":"Name"},{"field":"name"},{"field":"Owner.Name","direction":"both"}]}]}"#,
    )
    .unwrap();
    let error = open(&TestOrg::empty(), sf_sync::memory::MemoryStore::default(), mapping, |b| b).unwrap_err();
    let text = error.to_string();
    for part in ["4 problems", "who_knows", "mapped twice", "belongs to the parent", "filter of Account"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let unknown = r#"{"objects":[{"object":"Account","fields":[],"extra":1}]}"#;
    assert!(serde_json::from_str::<Mapping>(unknown).unwrap_err().to_string().contains("extra"));
}

#[test]
fn given_the_child_of_a_known_account_when_edited_then_it_is_pushed() {
    let desk = Desk::new();
    let account = desk.account(&[]);
    let deal = desk.opportunity(account, "Deal", "Prospecting");
    desk.pull(Scope::Known);
    desk.edits(Edit::update(OPPORTUNITY, deal).set(field!("CX_Notes__c"), "call them"));
    desk.edit(account, NOTES, "also");
    desk.calls();
    assert_eq!(desk.push().pushed.pushed, 2);
    assert_eq!(desk.calls(), ["retrieve", "retrieve", "update"]);
    assert_eq!(desk.in_org(deal, &field!("CX_Notes__c")), Value::from("call them"));
}

#[test]
fn given_steps_when_they_travel_as_json_then_they_mean_the_same() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Expand");
    loop {
        let step = desk.run(desk.engine.next(&Work::Sync)).unwrap();
        let step: Step = serde_json::from_str(&serde_json::to_string(&step).unwrap()).unwrap();
        if matches!(step, Step::Idle) {
            break;
        }
        let answer = serde_json::to_string(&desk.run(desk.engine.perform(&step))).unwrap();
        desk.run(desk.engine.settle(&step, serde_json::from_str(&answer).unwrap())).unwrap();
    }
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Expand"));
}

#[test]
fn given_changes_in_the_second_of_the_watermark_when_pulled_again_then_they_arrive() {
    let desk = Desk::new();
    let (a, b) = (desk.account(&[]), desk.account(&[]));
    desk.wait(5);
    desk.remote(a, NOTES, "a");
    desk.pull(Scope::Known);
    desk.remote(b, NOTES, "b"); // the same second
    desk.pull(Scope::Changed);
    assert_eq!(desk.visible(b, &NOTES), Value::from("b"));
}
