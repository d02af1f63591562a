//! First contact with an org: which one it is, what this user may see of it.
use crate::desk::*;
use async_trait::async_trait;
use sf_core::{SfId, Timestamp, Value, field};
use sf_sync::{
    ChangeFilter, ChangePage, Edit, ErrorKind, Mapping, Result, Scope, Status, Step, Store, Work,
    memory::MemoryStore,
    store::{ChangeSet, Committed, Selection, View},
};
use sf_testorg::{Effect, Fault, FieldAccess, On, TestOrg};
use std::sync::{Arc, Mutex};

fn pull(desk: &Desk) -> Result<sf_sync::Report> {
    desk.run(desk.engine.pull(Scope::Known))
}

#[test]
fn given_a_field_this_user_lost_when_restarted_then_the_desk_opens_and_the_rest_goes_on() {
    let desk = Desk::new();
    let id = desk.account(&[(PLAY, "Grow"), (NOTES, "mine")]);
    let lost = desk.edit(id, NOTES, "cannot be saved");
    let kept = desk.edit(id, PLAY, "Adopt");
    desk.sim.set_field_access(&ACCOUNT, &NOTES, FieldAccess::Hidden);
    pull(&desk).unwrap_err();
    let error = pull(&desk).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mapping);
    assert!(error.to_string().contains("CS_Account_Notes__c"), "{error}");

    let desk = desk.restarted();
    assert_eq!(desk.visible(id, &NOTES), Value::from("cannot be saved"));
    desk.push();
    assert_eq!((desk.status(kept), desk.status(lost)), (Status::Pushed, Status::Failed));
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Adopt"));
    let error = pull(&desk).unwrap_err();
    assert!(error.to_string().contains("CS_Account_Notes__c"), "{error}");

    desk.sim.set_field_access(&ACCOUNT, &NOTES, FieldAccess::Edit);
    pull(&desk).unwrap();
    desk.run(desk.engine.retry(lost)).unwrap();
    desk.push();
    assert_eq!(desk.in_org(id, &NOTES), Value::from("cannot be saved"));
}

#[test]
fn given_stored_describes_without_a_field_when_it_is_there_by_now_then_the_first_pull_of_a_new_process_works()
{
    let desk = Desk::new();
    desk.account(&[]);
    desk.sim.set_field_access(&ACCOUNT, &NOTES, FieldAccess::Hidden);
    pull(&desk).unwrap_err();
    pull(&desk).unwrap_err();
    desk.sim.set_field_access(&ACCOUNT, &NOTES, FieldAccess::Edit);
    let desk = desk.restarted();
    pull(&desk).unwrap();
}

#[test]
fn given_an_object_the_org_does_not_describe_when_pushed_then_the_others_go_out() {
    let desk = Desk::of(TestOrg::empty(), Mapping::new().object(accounts()));
    let id = desk.account(&[(PLAY, "Grow")]);
    let on = || On::All(vec![On::Operation("describe".into()), On::Object(OPPORTUNITY)]);
    desk.sim.inject(Fault::new(on(), Effect::Status(404, "NOT_FOUND".into())).times(1000));
    let desk = Desk::over(desk.sim, desk.store, mapping(), |b| b);
    desk.edit(id, PLAY, "Adopt");
    desk.push();
    assert_eq!(desk.in_org(id, &PLAY), Value::from("Adopt"));
    desk.calls();
    desk.edit(id, PLAY, "Renew");
    desk.push();
    assert_eq!(desk.calls(), ["retrieve", "update"], "it is not asked for again and again");
    let error = pull(&desk).unwrap_err();
    assert_eq!(error.failure().unwrap().kind, sf_core::ErrorKind::NotFound, "{error}");
    desk.sim.clear_faults();
    pull(&desk).unwrap();
}

/// A store in which somebody else commits between our load and our commit.
#[derive(Debug, Default)]
struct Between {
    store: MemoryStore,
    first: Mutex<Option<ChangeSet>>,
    seen: Mutex<Vec<ChangeSet>>,
}
#[async_trait]
impl Store for Between {
    async fn load(&self, what: Selection) -> Result<View> {
        self.store.load(what).await
    }
    async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
        let first = self.first.lock().unwrap().take();
        if let Some(first) = first {
            self.store.commit(first).await?;
        }
        self.seen.lock().unwrap().push(changes.clone());
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
fn given_two_processes_that_bind_a_new_database_to_two_orgs_at_once_then_one_is_refused() {
    let identify = |sim: &TestOrg, store: Arc<Between>| {
        let engine = open(sim, store, mapping(), |b| b).unwrap();
        let step = sim.clock().run(engine.next(&Work::Pull(Scope::Known))).unwrap();
        assert!(matches!(step, Step::Identify { .. }));
        let answer = sim.clock().run(engine.perform(&step));
        sim.clock().run(engine.settle(&step, answer))
    };
    // What the first process commits, to be put between load and commit of the second.
    let one = Arc::new(Between::default());
    identify(&TestOrg::builder().seed(1).build(), one.clone()).unwrap();
    let binding = one.seen.lock().unwrap().pop();
    assert!(binding.is_some());

    let sim = TestOrg::builder().seed(2).build();
    let shared = Arc::new(Between::default());
    let engine = open(&sim, shared.clone(), mapping(), |b| b).unwrap();
    let step = sim.clock().run(engine.next(&Work::Pull(Scope::Known))).unwrap();
    let answer = sim.clock().run(engine.perform(&step));
    *shared.first.lock().unwrap() = binding;
    let error = sim.clock().run(engine.settle(&step, answer)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherOrg, "{error}");
    let id = SfId::new("001000000000001AAA").unwrap();
    let error = sim.clock().run(engine.track(ACCOUNT, [id])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherOrg, "{error}");
    let error = sim.clock().run(engine.capture(Edit::update(ACCOUNT, id).set(field!("CX_Play__c"), "x")));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
}
