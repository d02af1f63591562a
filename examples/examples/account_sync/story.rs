use crate::{
    cast::Cast,
    desk::{Desk, Row, with_cost},
    narrator::Narrator,
    options::Options,
    steps,
    trouble::Trouble,
    world::World,
};
use serde_json::Value as Json;
use sf_core::{Describe, Org, SfId};
use sf_sync::{Change, ChangeFilter, ChangeId, Engine, ObjectMapping, sqlite::SqliteStore};
use std::sync::Arc;

/// Who edits at the desk, and in whose name the plan-only run edits.
pub const ACTOR: &str = "ann";
pub const PLANNER: &str = "account_sync (plan only)";

/// Marks of steps that have a middle: what was asked for is durable, the network part may still be to come.
pub const ASKED: u32 = 70;
/// What a real org held before the story wrote to it.
pub const BEFORE: u32 = 50;
pub const LAST: u32 = 8;
/// The local set is chosen once, before the first round.
pub const IMPORT_ROUND: u32 = 0;

pub const TITLES: [&str; 9] = [
    "",
    "Connect",
    "Search the org and import accounts",
    "Full sync",
    "Local edits",
    "Meanwhile in the org",
    "Push",
    "Retry, resolve, revert",
    "Summary",
];

/// Everything the steps work on.
pub struct Story {
    pub options: Options,
    pub narrator: Narrator,
    pub world: World,
    pub org: Org,
    pub engine: Engine,
    pub store: SqliteStore,
    pub desk: Desk,
    pub root: ObjectMapping,
    pub child: Option<ObjectMapping>,
    pub round: u32,
}

impl Story {
    /// Tells the rest of the running round; done steps are not done again.
    pub async fn tell(&mut self) -> Result<(), Trouble> {
        self.step(IMPORT_ROUND, 2, async |s| steps::import::run(s).await).await?;
        self.step(self.round, 3, async |s| steps::full_sync::run(s).await).await?;
        if self.options.is_real() && !self.options.may_write() {
            return steps::plan_only::run(self).await;
        }
        self.step(self.round, 4, async |s| steps::edit::run(s).await).await?;
        self.step(self.round, 5, async |s| steps::meanwhile::run(s).await).await?;
        if self.options.dry_run {
            return steps::push::dry(self).await;
        }
        self.step(self.round, 6, async |s| steps::push::run(s).await).await?;
        self.step(self.round, 7, async |s| steps::mend::run(s).await).await?;
        self.step(self.round, LAST, async |s| steps::summary::run(s).await).await
    }

    async fn step(
        &mut self,
        round: u32,
        n: u32,
        run: impl AsyncFnOnce(&mut Story) -> Result<u64, Trouble>,
    ) -> Result<(), Trouble> {
        let title = TITLES[n as usize];
        if self.desk.facts(round, n)?.is_some() {
            self.narrator.done_before(n, title);
            return Ok(());
        }
        self.narrator.begin(n, title);
        let rows = run(self).await?;
        // The step has marked itself; now that it is durable it may be called done.
        let figures = self.narrator.figures(rows);
        self.narrator.end(figures);
        Ok(())
    }

    /// A step's facts and what it cost so far, for its mark.
    pub fn costed(&self, facts: Json, rows: u64) -> Json {
        with_cost(facts, self.narrator.figures(rows))
    }

    /// What a done step of this round left behind.
    pub fn facts(&self, n: u32) -> Result<Json, Trouble> {
        Ok(self.desk.facts(self.round, n)?.unwrap_or(Json::Null))
    }

    /// The entries with these ids, oldest first.
    pub async fn entries(&self, ids: &[u64]) -> Result<Vec<Change>, Trouble> {
        let mut found: Vec<Change> = Vec::new();
        let mut filter = ChangeFilter::all();
        // Ids rise, so everything before the first wanted one can be skipped.
        filter.after = ids.iter().min().and_then(|first| first.checked_sub(1)).map(ChangeId);
        loop {
            let page = self.engine.changes(filter.clone()).await?;
            let next = page.next;
            found.extend(page.into_iter().filter(|c| ids.contains(&c.id.0)));
            match next {
                Some(_) => filter.after = next,
                None => return Ok(found),
            }
        }
    }

    pub async fn describes(&self) -> Result<(Arc<Describe>, Option<Arc<Describe>>), Trouble> {
        let root = self.org.describe(&self.root.object).await?;
        let child = match &self.child {
            Some(c) => Some(self.org.describe(&c.object).await?),
            None => None,
        };
        Ok((root, child))
    }

    /// The fields that play a part, and the three accounts and the child record that they are edited on.
    pub async fn cast(&self) -> Result<(Cast, Vec<Row>, Option<Row>), Trouble> {
        let (root, child) = self.describes().await?;
        let pair = self.child.as_ref().zip(child.as_deref());
        let cast = Cast::choose(&self.root, &root, pair).ok_or_else(|| {
            Trouble::new(
                "the mapping has no field that can be edited in this org",
                "map at least one updateable text, picklist, date or number field with \"direction\": \"both\" (--mapping FILE)",
            )
        })?;
        let accounts = self.desk.first_accounts(3)?;
        if accounts.len() < 3 {
            return Err(Trouble::new(
                format!("the local set has {} accounts, the story needs 3", accounts.len()),
                "use an org with at least three accounts that this user can read, or another --db file",
            ));
        }
        let child = self.desk.first_child(accounts[0].id)?;
        Ok((cast, accounts, child))
    }

    pub fn name(&self, id: SfId) -> Result<String, Trouble> {
        Ok(self.desk.name_of(id)?.unwrap_or_else(|| id.to_string()))
    }
}
