//! Killed at every commit, before and after it: nothing is lost, nothing is saved twice, nothing stays open.
use crate::desk::*;
use async_trait::async_trait;
use sf_core::{Entropy, SfId, Timestamp, Value, field};
use sf_sync::{
    ChangeFilter, ChangePage, ChangeSet, Edit, Error, ErrorKind, Result, Scope, Status, Store, View, Work,
    memory::MemoryStore,
    store::{AttemptFilter, Committed, Selection},
};
use sf_testorg::{Effect, Fault, On, TestOrg};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

/// Ends at the n-th commit: before it is applied, or after that but before anybody is told.
#[derive(Debug, Clone)]
struct Crashing {
    inner: Arc<MemoryStore>,
    left: Arc<AtomicI64>,
    applies: bool,
}
impl Crashing {
    fn dead() -> Error {
        Error::new(ErrorKind::Store, "killed")
    }
    fn alive(&self) -> Result<()> {
        if self.left.load(Ordering::Relaxed) < 0 { Err(Crashing::dead()) } else { Ok(()) }
    }
}
#[async_trait]
impl Store for Crashing {
    async fn load(&self, what: Selection) -> Result<View> {
        self.alive()?;
        self.inner.load(what).await
    }
    async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
        self.alive()?;
        if self.left.fetch_sub(1, Ordering::Relaxed) > 0 {
            return self.inner.commit(changes).await;
        }
        if self.applies {
            self.inner.commit(changes).await?;
        }
        Err(Crashing::dead())
    }
    async fn changes(&self, filter: ChangeFilter) -> Result<ChangePage> {
        self.inner.changes(filter).await
    }
    async fn prune(&self, closed_before: Timestamp, limit: u32) -> Result<u64> {
        self.inner.prune(closed_before, limit).await
    }
}

struct Scene {
    desk: Desk,
    ids: Vec<SfId>,
    saves: BTreeMap<SfId, usize>,
}
/// Three accounts with edits, one of which the org changed too, and news in the org.
fn scene() -> Scene {
    let desk = Desk::new();
    let ids: Vec<SfId> = (0..3).map(|_| desk.account(&[(PLAY, "Grow"), (SENTIMENT, "Neutral")])).collect();
    for id in &ids {
        desk.edits(Edit::update(ACCOUNT, *id).set(PLAY, "Expand").set(NOTES, "mine"));
    }
    desk.edit(ids[1], SENTIMENT, "Positive");
    desk.remote(ids[1], SENTIMENT, "Negative");
    desk.remote(ids[2], PLAY, "Renew");
    desk.opportunity(ids[0], "New deal", "Prospecting");
    desk.wait(3);
    let saves = ids.iter().map(|id| (*id, desk.saves(*id))).collect();
    Scene { desk, ids, saves }
}

fn check(scene: &Scene, what: &str) {
    let Scene { desk, ids, saves } = scene;
    for _ in 0..4 {
        desk.push();
        desk.wait(700);
    }
    desk.pull(Scope::Known);
    for id in ids {
        assert_eq!(desk.in_org(*id, &NOTES), Value::from("mine"), "{what}");
        assert!(desk.saves(*id) - saves[id] <= 1, "{what}: saved twice");
    }
    assert_eq!(desk.in_org(ids[0], &PLAY), Value::from("Expand"), "{what}");
    assert_eq!(desk.in_org(ids[1], &SENTIMENT), Value::from("Positive"), "{what}");
    assert_eq!(desk.in_org(ids[2], &PLAY), Value::from("Renew"), "{what}");
    assert_eq!(desk.visible(ids[2], &PLAY), Value::from("Expand"), "{what}");
    let failed = desk.log().iter().filter(|c| c.status == Status::Failed).count();
    let pushed = desk.log().iter().filter(|c| c.status == Status::Pushed).count();
    assert_eq!((pushed, failed), (6, 1), "{what}");
    let open = desk.run(desk.store.load(selection(|s| s.attempts = Some(AttemptFilter::Open)))).unwrap();
    assert!(open.attempts.is_empty(), "{what}");
}
pub(crate) fn selection(with: impl FnOnce(&mut Selection)) -> Selection {
    let mut selection = Selection::new();
    with(&mut selection);
    selection
}

fn killed_everywhere(work: &Work, lost: bool) {
    for applies in [false, true] {
        let mut done = false;
        for at in 0..60 {
            let scene = scene();
            if lost {
                scene.desk.sim.inject(Fault::new(On::Operation("update".into()), Effect::LoseAnswer));
            }
            let left = Arc::new(AtomicI64::new(at));
            let crashing = Crashing { inner: scene.desk.store.clone(), left: left.clone(), applies };
            // The configuration is stored already: opening commits nothing.
            let engine = open(&scene.desk.sim, crashing, mapping(), |b| b).unwrap();
            let result = scene.desk.run(async {
                match work {
                    Work::Push => engine.push().await,
                    Work::Pull(scope) => engine.pull(scope.clone()).await,
                    _ => engine.sync().await,
                }
            });
            done = result.is_ok();
            let survivor = Scene { desk: scene.desk.restarted(), ..scene };
            check(&survivor, &format!("{work:?} killed at commit {at}, applied: {applies}, lost: {lost}"));
            if done {
                break;
            }
        }
        assert!(done, "60 commits were not enough");
    }
}

#[test]
fn given_a_push_when_killed_at_any_commit_then_nothing_is_lost_or_doubled() {
    killed_everywhere(&Work::Push, false);
}
#[test]
fn given_a_push_whose_answer_is_lost_when_killed_at_any_commit_then_nothing_is_lost_or_doubled() {
    killed_everywhere(&Work::Push, true);
}
#[test]
fn given_a_pull_when_killed_at_any_commit_then_nothing_is_lost_or_doubled() {
    killed_everywhere(&Work::Pull(Scope::Known), false);
}
#[test]
fn given_a_sync_when_killed_at_any_commit_then_nothing_is_lost_or_doubled() {
    killed_everywhere(&Work::Sync, false);
}

#[test]
fn given_a_process_killed_between_sending_and_settling_when_the_next_begins_then_it_looks_at_once() {
    for answered in [false, true] {
        let desk = Desk::new();
        let id = desk.account(&[(PLAY, "Grow")]);
        let change = desk.edit(id, PLAY, "Expand");
        let before = desk.saves(id);
        desk.wait(3);
        let write = crate::pushes::step_to_write(&desk);
        if answered {
            desk.run(desk.engine.perform(&write));
        }
        let desk = desk.restarted();
        let report = desk.push();
        assert_eq!((report.pushed.unknown, report.pushed.pushed), (1, 1), "{report}");
        assert_eq!(desk.status(change), Status::Pushed);
        assert_eq!(desk.saves(id) - before, 1);
    }
}

/// Random edits, changes in the org, faults and crashes; the invariants of the engine at every step and at rest.
#[test]
fn simulation_given_random_work_and_faults_when_all_is_quiet_then_the_invariants_hold() {
    let seeds = std::env::var("SF_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    for seed in 0..seeds {
        Simulation::new(seed).run();
    }
}

struct Simulation {
    seed: u64,
    dice: Seeded,
    desk: Option<Desk>,
    ids: Vec<SfId>,
    acknowledged: usize,
}
const PLAYS: [&str; 5] = ["Adopt", "Grow", "Expand", "Renew", "Recover"];
impl Simulation {
    fn new(seed: u64) -> Simulation {
        let desk = Desk::of(TestOrg::builder().seed(seed).build(), mapping());
        let ids = (0..4).map(|_| desk.account(&[(PLAY, "Grow")])).collect();
        Simulation {
            seed,
            dice: Seeded(AtomicU64::new(seed * 7919 + 1)),
            desk: Some(desk),
            ids,
            acknowledged: 0,
        }
    }
    fn roll(&self, n: u64) -> u64 {
        let mut bytes = [0; 8];
        self.dice.fill(&mut bytes);
        (u64::from_le_bytes(bytes) >> 11) % n
    }
    fn desk(&self) -> &Desk {
        self.desk.as_ref().unwrap()
    }
    fn run(mut self) {
        for round in 0..25 {
            let id = self.ids[self.roll(4) as usize];
            match self.roll(12) {
                0..=3 => self.edit(id, round),
                4 => self.desk().remote(id, NOTES, format!("org {round}")),
                5 => self.desk().remote(id, PLAY, PLAYS[self.roll(5) as usize]),
                6 => self.fault(),
                7 => self.revert(),
                8 => self.pull(),
                9 => self.desk = self.desk.take().map(Desk::restarted),
                _ => self.push(),
            }
            self.desk().wait(self.roll(40));
            self.always(round);
        }
        self.rest();
    }
    fn edit(&mut self, id: SfId, round: u64) {
        let edit = match self.roll(3) {
            0 => Edit::update(ACCOUNT, id).set(NOTES, format!("mine {round}")),
            1 => Edit::update(ACCOUNT, id)
                .set(SENTIMENT, ["Positive", "Negative", "Neutral"][self.roll(3) as usize]),
            _ => Edit::update(ACCOUNT, id).set(PLAY, PLAYS[self.roll(5) as usize]),
        };
        self.acknowledged += self.desk().edits(edit).len();
    }
    fn fault(&self) {
        let effect = match self.roll(6) {
            0 => Effect::LoseRequest,
            1 => Effect::LoseAnswer,
            2 => Effect::CommitLate(Duration::from_secs(1 + self.roll(500))),
            3 => Effect::Status(503, "SERVER_UNAVAILABLE".into()),
            4 => Effect::RowLock,
            _ => Effect::TornBody,
        };
        let on = if self.roll(2) == 0 { On::Operation("update".into()) } else { On::Any };
        let on = if effect == Effect::RowLock { On::Object(ACCOUNT) } else { on };
        self.desk().sim.inject(Fault::new(on, effect));
    }
    fn revert(&mut self) {
        let desk = self.desk();
        let log = desk.log();
        if !log.is_empty() {
            let change = &log[self.roll(log.len() as u64) as usize];
            let before = log.len();
            let _ = desk.run(desk.engine.revert(change.id));
            self.acknowledged += desk.log().len() - before;
        }
    }
    fn push(&mut self) {
        let before = self.desk().log().len();
        let _ = self.desk().run(self.desk().engine.push());
        self.acknowledged += self.desk().log().len() - before;
    }
    /// I-3: a pull leaves every field with an open change as it is.
    fn pull(&mut self) {
        let desk = self.desk();
        let open: Vec<_> =
            desk.log().into_iter().filter(|c| c.status.is_open() && c.superseded_by.is_none()).collect();
        let seen: Vec<Value> = open.iter().map(|c| desk.visible(c.record.id().unwrap(), &c.field)).collect();
        let before = desk.log().len();
        let _ = desk.run(desk.engine.pull(Scope::Known));
        for (change, value) in open.iter().zip(seen) {
            assert_eq!(
                desk.visible(change.record.id().unwrap(), &change.field),
                value,
                "seed {}: {change}",
                self.seed
            );
        }
        let more = desk.log().len() - before;
        self.acknowledged += more;
    }
    /// I-1: an acknowledged edit is in the log. I-4: what is pushed was in the org. I-13: bases are the org's or ours.
    fn always(&self, round: u64) {
        let log = self.desk().log();
        assert_eq!(log.len(), self.acknowledged, "seed {} round {round}", self.seed);
        let saved = self.desk().sim.saves();
        for change in log.iter().filter(|c| c.status == Status::Pushed && c.superseded_by.is_none()) {
            let held = saved.iter().filter(|s| Some(s.id) == change.record.id()).any(|s| {
                match s.fields.iter().find(|(name, _)| change.field.as_str().eq_ignore_ascii_case(name)) {
                    Some((_, cell)) => cell.to_value() == change.new,
                    // What the save that makes a row leaves out is empty.
                    None => s.created && change.new.is_null(),
                }
            });
            assert!(held, "seed {} round {round}: {change} was never in the org", self.seed);
        }
    }
    /// ◇: without faults everything settles, and what people see is what the org has (I-9, I-12).
    fn rest(&mut self) {
        let (seed, desk) = (self.seed, self.desk());
        desk.sim.clear_faults();
        for _ in 0..8 {
            desk.wait(700);
            desk.push();
            desk.pull(Scope::Known);
        }
        let pending: Vec<_> = desk.log().into_iter().filter(|c| c.status == Status::Pending).collect();
        assert!(pending.is_empty(), "seed {seed}: still pending: {pending:?}");
        for id in &self.ids {
            for name in [PLAY, NOTES, SENTIMENT, field!("Name")] {
                let open = desk
                    .log()
                    .iter()
                    .any(|c| c.record == (*id).into() && c.field == name && c.status.is_open());
                if !open {
                    let (here, there) = (desk.visible(*id, &name), desk.in_org(*id, &name));
                    assert_eq!(here, there, "seed {seed}: {name} of {id}");
                }
            }
        }
        let calls = desk.calls().len();
        assert!(calls > 0);
        desk.push();
        assert!(desk.calls().is_empty(), "seed {seed}: work was left");
    }
}
