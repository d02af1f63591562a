//! Runs of a pull: long ones, interrupted ones, answers that come too late.
use crate::desk::*;
use async_trait::async_trait;
use sf_core::{SfId, Timestamp, Value, field, path};
use sf_sync::{
    Answer, ChangeFilter, ChangePage, Edit, ErrorKind, Mapping, ObjectMapping, Result, Scope, Settled,
    Status, Step, Store, Work,
    memory::MemoryStore,
    store::{ChangeSet, Committed, Depth, Life, Selection, View},
};
use sf_testorg::{Effect, Fault, On, TestOrg, state::Cell};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

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

#[test]
fn given_a_page_read_before_a_push_settled_when_applied_after_it_then_the_pushed_value_stays() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.wait(7200);
    desk.remote(id, NOTES, "news");
    desk.edit(id, PLAY, "Adopt");
    let (step, answer) = read(&desk, &Scope::Changed);
    desk.push();
    let before = desk.visible(id, &PLAY);
    settle(&desk, &step, answer);
    assert_eq!((before, desk.visible(id, &PLAY)), (Value::from("Adopt"), Value::from("Adopt")));
    let next = desk.edit(id, PLAY, "Expand");
    assert_eq!(desk.change(next).base, Value::from("Adopt"));
    desk.pull(Scope::Changed);
    assert_eq!(desk.visible(id, &NOTES), Value::from("news"), "the row is read again, not dropped");
    desk.push();
    assert_eq!((desk.status(next), desk.in_org(id, &PLAY)), (Status::Pushed, Value::from("Expand")));
}

#[test]
fn given_an_edit_back_to_the_value_of_an_old_page_when_it_is_applied_then_the_edit_is_not_taken_for_saved() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow")]);
    desk.edit(id, PLAY, "Adopt");
    let (step, answer) = read(&desk, &Scope::Known);
    desk.push();
    let back = desk.edit(id, PLAY, "Grow");
    settle(&desk, &step, answer);
    assert_eq!((desk.status(back), desk.visible(id, &PLAY)), (Status::Pending, Value::from("Grow")));
    desk.pull(Scope::Known);
    desk.push();
    assert_eq!((desk.status(back), desk.in_org(id, &PLAY)), (Status::Pushed, Value::from("Grow")));
}

#[test]
fn given_a_child_that_left_the_filter_when_a_push_settles_before_its_answer_then_both_are_seen() {
    let desk = Desk::new();
    let account = desk.org_account("Acme", &[]);
    let deal = desk.opportunity(account, "Deal", "Prospecting");
    desk.run(desk.engine.track(ACCOUNT, [account])).unwrap();
    desk.remote(deal, field!("StageName"), "Closed Lost");
    let notes = field!("CX_Notes__c");
    desk.edits(Edit::update(OPPORTUNITY, deal).set(notes.clone(), "call them"));
    let (step, answer) = loop {
        let (step, answer) = read(&desk, &Scope::Known);
        if matches!(step, Step::Retrieve { .. }) {
            break (step, answer);
        }
        settle(&desk, &step, answer);
    };
    desk.push();
    settle(&desk, &step, answer);
    assert_eq!(desk.visible(deal, &notes), Value::from("call them"));
    desk.pull(Scope::Known);
    let record = desk.run(desk.engine.record(deal)).unwrap().unwrap();
    assert_eq!(record.life, Life::OutOfScope);
    assert_eq!(record.row.get(&notes), Some(&Value::from("call them")));
}

#[test]
fn given_an_answer_when_it_is_settled_then_its_rows_and_the_position_are_one_commit() {
    let desk = Desk::new();
    let account = desk.account(&[]);
    let deal = desk.opportunity(account, "Deal", "Prospecting");
    desk.pull(Scope::Known);
    desk.remote(account, NOTES, "news");
    desk.sim.apply(sf_core::Write::Delete { id: deal }).unwrap();
    let rev = || desk.run(desk.store.load(Selection::new())).unwrap().rev;
    let mut answers = 0;
    loop {
        let (step, answer) = read(&desk, &Scope::Known);
        if matches!(step, Step::Idle) {
            break;
        }
        let before = rev();
        settle(&desk, &step, answer);
        assert_eq!(rev() - before, 1, "{step:?}");
        answers += 1;
    }
    assert_eq!(answers, 3, "accounts, opportunities, the one that is gone");
    let record = desk.run(desk.engine.record(deal)).unwrap().unwrap();
    assert_eq!((record.life, desk.visible(account, &NOTES)), (Life::Gone, Value::from("news")));
}

#[test]
fn given_a_child_of_an_unknown_record_when_tracked_then_it_is_refused_and_one_of_a_known_record_is_not() {
    let desk = Desk::new();
    let (known, stranger) = (desk.account(&[]), desk.org_account("Other", &[]));
    let child = desk.opportunity(known, "Deal", "Prospecting");
    let orphan = desk.opportunity(stranger, "Deal", "Prospecting");
    let error = desk.run(desk.engine.track(OPPORTUNITY, [child, orphan])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().contains(orphan.as_str()) && error.to_string().contains("AccountId"),
        "{error}"
    );
    assert!(!error.to_string().contains(child.as_str()), "{error}");
    assert!(error.help().next_step.contains("Track the records"), "{:?}", error.help());
    assert!(desk.run(desk.engine.record(orphan)).unwrap().is_none());
    desk.pull(Scope::Known);
    assert_eq!(desk.run(desk.engine.record(child)).unwrap().unwrap().life, Life::Live);
}

/// Counts records that are loaded in full.
#[derive(Debug, Default)]
struct Counting {
    store: MemoryStore,
    full: AtomicUsize,
}
#[async_trait]
impl Store for Counting {
    async fn load(&self, what: Selection) -> Result<View> {
        if what.depth == Depth::Full {
            self.full.fetch_add(what.keys.len(), Ordering::Relaxed);
        }
        self.store.load(what).await
    }
    async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
        self.store.commit(changes).await
    }
    async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage> {
        self.store.changes(filter).await
    }
    async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
        self.store.prune(closed_before, limit).await
    }
}

#[test]
fn given_a_mapping_whose_fields_changed_when_pulled_again_then_records_are_compared_by_their_heads_and_lost_fields_go()
 {
    let wide = names_and_notes();
    let other = Mapping::new()
        .object(ObjectMapping::new(ACCOUNT).edit(PLAY, "p").pull([path!("Name"), path!("Owner.Name")]));
    let desk = Desk::of(TestOrg::empty(), wide);
    let id = desk.account(&[(NOTES, "old"), (PLAY, "Grow")]);
    let store = Arc::new(Counting::default());
    store.store.restore(&desk.store.snapshot());
    let engine = open(&desk.sim, store.clone(), other, |b| b).unwrap();
    desk.run(engine.pull(Scope::Known)).unwrap();
    assert_eq!(store.full.swap(0, Ordering::Relaxed), 1, "the new fields are taken over");
    let row = desk.run(engine.record(id)).unwrap().unwrap().row;
    assert_eq!((row.get(&PLAY), row.get(&NOTES)), (Some(&Value::from("Grow")), None));
    store.full.store(0, Ordering::Relaxed);
    desk.run(engine.pull(Scope::Known)).unwrap();
    assert_eq!(store.full.load(Ordering::Relaxed), 0, "nothing is new");
}

/// A late commit has the stamp of its beginning, which can be older than what was read of the row meanwhile.
#[test]
fn given_a_value_that_commits_under_an_older_stamp_when_pulled_then_it_is_taken_all_the_same() {
    let desk = Desk::new();
    let id = desk.account(&[]);
    let began = sf_core::Clock::now(&desk.sim.clock());
    desk.wait(60);
    desk.remote(id, NOTES, "newer stamp");
    desk.pull(Scope::Known);
    let cells = [("CS_Account_Notes__c", Cell::text("late")), ("SystemModstamp", Cell::DateTime(began))];
    desk.sim.transact(|state| state.update_row(id, cells)).unwrap().unwrap();
    desk.pull(Scope::Known);
    assert_eq!(desk.visible(id, &NOTES), Value::from("late"));
}
