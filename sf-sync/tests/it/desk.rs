//! A desk: an org, a store, an engine between them.
use sf_core::{Entropy, FieldName, Fields, ObjectName, Org, SfId, Value, Write, field, object, path};
use sf_sync::{
    Change, ChangeFilter, ChangeId, Edit, Engine, EngineBuilder, Mapping, ObjectMapping, Policy, Report,
    Scope, Status, Store, memory::MemoryStore,
};
use sf_testorg::TestOrg;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

pub(crate) const PLAY: FieldName = field!("CX_Play__c");
pub(crate) const NOTES: FieldName = field!("CS_Account_Notes__c");
pub(crate) const SENTIMENT: FieldName = field!("CXM_Sentiment_Picklist__c");
pub(crate) const HEALTH: FieldName = field!("Relationship_Health__c");
pub(crate) const STAGE: FieldName = field!("Customer_Stage__c");
pub(crate) const UPDATED: FieldName = field!("Last_CX_Update__c");
pub(crate) const ACCOUNT: ObjectName = object!("Account");
pub(crate) const OPPORTUNITY: ObjectName = object!("Opportunity");

pub(crate) struct Desk {
    pub(crate) sim: TestOrg,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) engine: Engine,
}

/// Random numbers that are the same in every run.
#[derive(Debug)]
pub(crate) struct Seeded(pub(crate) AtomicU64);
impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let n = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            let mut z = n ^ (n >> 30);
            z = z.wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z ^= z >> 27;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) fn accounts() -> ObjectMapping {
    ObjectMapping::new(ACCOUNT)
        .pull([path!("Name"), path!("Owner.Name"), path!("Customer_Stage__c")])
        .edit(PLAY, "CX Play")
        .edit(NOTES, "CSM Exec Summary")
        .edit(SENTIMENT, "CXM Sentiment")
        .decide(SENTIMENT, Policy::LocalWins)
        .edit(HEALTH, "Relationship Health")
        .decide(HEALTH, Policy::RemoteWins)
        .edit(UPDATED, "Last CX Update")
}
pub(crate) fn opportunities() -> ObjectMapping {
    ObjectMapping::new(OPPORTUNITY)
        .child_of(field!("AccountId"))
        .filter(sf_soql::Condition::parse("IsClosed = false OR IsWon = true").unwrap())
        .pull([path!("Name"), path!("StageName"), path!("CloseDate")])
        .edit(field!("CX_Notes__c"), "CX Notes")
        .edit(field!("CS_Handoff_Notes__c"), "CS Handoff Notes")
}
pub(crate) fn mapping() -> Mapping {
    Mapping::new().object(accounts()).object(opportunities())
}

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk::of(TestOrg::empty(), mapping())
    }
    pub(crate) fn of(sim: TestOrg, mapping: Mapping) -> Desk {
        Desk::over(sim, Arc::default(), mapping, |b| b)
    }
    pub(crate) fn over(
        sim: TestOrg,
        store: Arc<MemoryStore>,
        mapping: Mapping,
        with: impl FnOnce(EngineBuilder) -> EngineBuilder,
    ) -> Desk {
        let engine = open(&sim, store.clone(), mapping, with).unwrap();
        Desk { sim, store, engine }
    }
    /// The same store and org after the process was killed and started again.
    pub(crate) fn restarted(self) -> Desk {
        let Desk { sim, store, .. } = self;
        Desk::over(sim, store, mapping(), |b| b)
    }
    pub(crate) fn run<F: Future>(&self, f: F) -> F::Output {
        self.sim.clock().run(f)
    }
    pub(crate) fn wait(&self, seconds: u64) {
        self.sim.clock().advance(Duration::from_secs(seconds));
    }

    /// An account in the org, not known here yet.
    pub(crate) fn org_account(&self, name: &str, fields: &[(FieldName, &str)]) -> SfId {
        let fields =
            fields.iter().fold(Fields::new().set(field!("Name"), name), |f, (n, v)| f.set(n.clone(), *v));
        self.sim.apply(Write::Insert { object: ACCOUNT, fields }).unwrap()
    }
    /// An account, known here.
    pub(crate) fn account(&self, fields: &[(FieldName, &str)]) -> SfId {
        let id = self.org_account("Acme", fields);
        self.run(self.engine.track(ACCOUNT, [id])).unwrap();
        id
    }
    pub(crate) fn opportunity(&self, account: SfId, name: &str, stage: &str) -> SfId {
        let fields = Fields::new()
            .set(field!("Name"), name)
            .set(field!("AccountId"), account)
            .set(field!("StageName"), stage)
            .set(field!("CloseDate"), "2026-06-30");
        self.sim.apply(Write::Insert { object: OPPORTUNITY, fields }).unwrap()
    }
    /// Somebody changes a record in the org.
    pub(crate) fn remote(&self, id: SfId, field: FieldName, value: impl Into<Value>) {
        let object = if id.key_prefix() == "001" { ACCOUNT } else { OPPORTUNITY };
        let fields = Fields::new().set(field, value);
        self.sim.apply(Write::Update { object, id, fields, if_unmodified_since: None }).unwrap();
    }
    pub(crate) fn edit(&self, id: SfId, field: FieldName, value: impl Into<Value>) -> ChangeId {
        self.edits(Edit::update(ACCOUNT, id).set(field, value).by("ann"))[0]
    }
    pub(crate) fn edits(&self, edit: Edit) -> Vec<ChangeId> {
        self.run(self.engine.capture(edit)).unwrap()
    }
    pub(crate) fn push(&self) -> Report {
        self.run(self.engine.push()).unwrap()
    }
    pub(crate) fn pull(&self, scope: Scope) -> Report {
        self.run(self.engine.pull(scope)).unwrap()
    }

    /// What people see here.
    pub(crate) fn visible(&self, id: SfId, field: &FieldName) -> Value {
        let record = self.run(self.engine.record(id)).unwrap().unwrap();
        record.row.get(field).cloned().unwrap_or(Value::Null)
    }
    /// What the org holds.
    pub(crate) fn in_org(&self, id: SfId, field: &FieldName) -> Value {
        self.sim.value(id, field.as_str())
    }
    pub(crate) fn change(&self, id: ChangeId) -> Change {
        self.log().into_iter().find(|c| c.id == id).unwrap()
    }
    pub(crate) fn status(&self, id: ChangeId) -> Status {
        self.change(id).status
    }
    pub(crate) fn log(&self) -> Vec<Change> {
        self.run(self.engine.changes(ChangeFilter::all())).unwrap().changes
    }
    /// API requests since the last look.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls =
            self.sim.calls().iter().filter(|c| c.is_api_call).map(|c| c.operation().to_owned()).collect();
        self.sim.clear_calls();
        calls
    }
    /// How often requests saved this value in the org (people's own saves left out by counting before and after).
    pub(crate) fn saves(&self, id: SfId) -> usize {
        self.sim.saves().iter().filter(|s| s.id == id).count()
    }
}

pub(crate) fn open(
    sim: &TestOrg,
    store: impl Store,
    mapping: Mapping,
    with: impl FnOnce(EngineBuilder) -> EngineBuilder,
) -> sf_sync::Result<Engine> {
    let org = Org::builder(sim.transport()).clock(sim.clock()).build();
    // Every process draws other numbers; nothing depends on which.
    static PROCESSES: AtomicU64 = AtomicU64::new(1);
    let seed = Seeded(AtomicU64::new(PROCESSES.fetch_add(0x1234_5678_9abc, Ordering::Relaxed)));
    let builder = Engine::builder(org, store).config(mapping).clock(sim.clock()).entropy(seed);
    sim.clock().run(with(builder).open())
}
