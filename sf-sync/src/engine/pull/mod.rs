//! The pull: one page per step, applied and checkpointed together.
mod ask;
mod settle;
mod track;

use super::{Engine, ROUNDS, busy};
use crate::{
    Error, ErrorKind, Purpose, Result, Scope, Step,
    decide::pull::{Run, Stage, mapped, objects, run_key, watermark_key},
    store::{ChangeSet, ScopeKey, ScopeState, Selection, StoreWrite, View},
};
use serde::Deserialize;
use sf_core::ObjectName;

/// Rows applied in one transaction.
const APPLY: usize = 2_000;

/// A run as it was read.
struct Position {
    run: Run,
    key: ScopeKey,
    rev: u64,
    /// The store's revision before anything was read for the next step.
    issued: u64,
}

impl Position {
    /// The change set moves the run, if nobody else has.
    fn place(&self, changes: &mut ChangeSet, run: Option<&Run>) -> Result<()> {
        let progress = run.map(serde_json::to_value).transpose().map_err(|e| {
            Error::new(ErrorKind::Store, "the position of a pull cannot be written as JSON").with_source(e)
        })?;
        let mut state = ScopeState::new(self.key.clone());
        state.progress = progress;
        changes.writes.push(StoreWrite::Scope(state));
        changes.guard.scopes.push((self.key.clone(), self.rev));
        Ok(())
    }
}

impl Engine {
    pub(super) async fn next_pull(&self, scope: &Scope) -> Result<Step> {
        if let Some(step) = self.contact(true)? {
            return Ok(step);
        }
        let own = self.own_object(scope).await?;
        for _ in 0..ROUNDS {
            let mut at = self.position(scope, own.as_ref()).await?;
            if at.run.done {
                if self.save(&at, None, Vec::new()).await? {
                    return Ok(Step::Idle);
                }
                continue;
            }
            let before = at.run.clone();
            let step = self.advance(scope, own.as_ref(), &mut at).await?;
            if at.run != before {
                at.run.moved(self.now());
                let writes = self.turned(scope, &before, &at.run).await?;
                if !self.save(&at, Some(&at.run), writes).await? {
                    continue;
                }
            }
            if let Some(step) = step {
                return Ok(at_position(step, &at));
            }
        }
        Err(busy())
    }

    /// The object that the scope names.
    async fn own_object(&self, scope: &Scope) -> Result<Option<ObjectName>> {
        let object = match scope {
            Scope::Import { object, .. } => object.clone(),
            Scope::Record(key) => {
                let view =
                    self.inner.store.load(Selection { keys: vec![*key], ..Selection::default() }).await?;
                let unknown = || Error::new(ErrorKind::NotFound, format!("{key} is not known here"));
                view.records.first().map(|r| r.object.clone()).ok_or_else(unknown)?
            }
            _ => return Ok(None),
        };
        match self.config().config.mapping.of(&object) {
            Some(_) => Ok(Some(object)),
            None => Err(Error::new(ErrorKind::InvalidInput, format!("{object} is not in the mapping"))),
        }
    }

    /// The stored run of a scope, when it is one for this mapping that was not left lying; else a new one.
    async fn position(&self, scope: &Scope, own: Option<&ObjectName>) -> Result<Position> {
        let (key, view) = self.run_view(scope).await?;
        if let Some(at) = self.kept(&key, &view) {
            return Ok(at);
        }
        let (config, schema) = (self.config(), self.schema());
        let mapping = &config.config.mapping;
        let mut run = Run::start(objects(scope, own, mapping, &schema), mapping, view.rev, self.now());
        self.begin(scope, &mut run).await?;
        let rev = view.scope(&key).map_or(0, |s| s.rev);
        Ok(Position { run, key, rev, issued: view.rev })
    }
    async fn run_view(&self, scope: &Scope) -> Result<(ScopeKey, View)> {
        let key = run_key(scope);
        let selection = Selection { scopes: vec![key.clone()], ..Selection::default() };
        let view = self.inner.store.load(selection).await?;
        Ok((key, view))
    }
    fn kept(&self, key: &ScopeKey, view: &View) -> Option<Position> {
        let (config, now) = (self.config(), self.now());
        let stored = view.scope(key)?;
        let run = Run::deserialize(stored.progress.as_ref()?).ok()?;
        let fresh = run.done || run.touched + self.inner.settings.run_lasts > now;
        let fits = run.mapped == mapped(&config.config.mapping);
        (fresh && fits).then(|| Position { run, key: key.clone(), rev: stored.rev, issued: view.rev })
    }
    /// The window of the current object.
    async fn begin(&self, scope: &Scope, run: &mut Run) -> Result<()> {
        (run.low, run.trailing, run.max_seen, run.safe) = (None, false, None, None);
        run.stage = Stage::start();
        let (Scope::Changed, Some(object)) = (scope, run.objects.first()) else { return Ok(()) };
        let (config, settings, now) = (self.config(), &self.inner.settings, self.now());
        let Some(mapping) = config.config.mapping.of(object) else { return Ok(()) };
        let key = watermark_key(mapping);
        let view =
            self.inner.store.load(Selection { scopes: vec![key.clone()], ..Selection::default() }).await?;
        if let Some(mark) = view.scope(&key)
            && let Some(low) = mark.low
        {
            run.trailing = mark.trailing_at.is_none_or(|at| at + settings.trailing_every <= now);
            run.low = Some(low - if run.trailing { settings.trailing } else { settings.overlap });
        }
        Ok(())
    }
    async fn save(&self, at: &Position, run: Option<&Run>, writes: Vec<StoreWrite>) -> Result<bool> {
        let mut changes = ChangeSet { writes, ..ChangeSet::default() };
        at.place(&mut changes, run)?;
        self.commit(changes).await
    }

    /// The watermark to write when a run leaves an object.
    async fn turned(&self, scope: &Scope, before: &Run, after: &Run) -> Result<Vec<StoreWrite>> {
        let ended =
            before.objects.len() > after.objects.len() && matches!(scope, Scope::Changed | Scope::Known);
        let config = self.config();
        let object = before.objects.first().filter(|_| ended).and_then(|o| config.config.mapping.of(o));
        let (Some(mapping), Some(safe)) = (object, before.safe) else { return Ok(Vec::new()) };
        let key = watermark_key(mapping);
        let view =
            self.inner.store.load(Selection { scopes: vec![key.clone()], ..Selection::default() }).await?;
        let mut mark = view.scope(&key).cloned().unwrap_or_else(|| ScopeState::new(key));
        mark.low = mark.low.max(Some(safe));
        if before.trailing || before.low.is_none() {
            mark.trailing_at = Some(self.now());
        }
        Ok(vec![StoreWrite::Scope(mark)])
    }

    /// Clears the mark of a run that ended without anybody having been told.
    pub(super) async fn forget_ended(&self, scope: &Scope) -> Result<()> {
        let (key, view) = self.run_view(scope).await?;
        if let Some(at) = self.kept(&key, &view).filter(|at| at.run.done) {
            self.save(&at, None, Vec::new()).await?;
        }
        Ok(())
    }
}
/// A step as it is issued at a position.
fn at_position(mut step: Step, at: &Position) -> Step {
    if let Step::Query { purpose: Purpose::Pull { position, .. }, rev, .. }
    | Step::Retrieve { purpose: Purpose::Pull { position, .. }, rev, .. } = &mut step
    {
        (*position, *rev) = (at.run.position, at.issued);
    }
    step
}
