//! Local verbs: on the engine's own store, and inside a transaction of the host.
use super::{Engine, ROUNDS, busy};
use crate::{
    Change, ChangeId, Command, Decision, Edit, Error, ErrorKind, HostTx, Plan, RecordKey, Report, Result,
    change::decode_row,
    decide::{Draft, log, plan},
    store::{Committed, Depth, DueFilter, Life, RecordState, Selection},
};
use sf_core::{Fields, ObjectName, SObject, SfId, Timestamp, Value};
use std::{fmt, time::Duration};

/// Longer than anything waits.
const CENTURY: Duration = Duration::from_secs(3_155_760_000);

impl Engine {
    pub(super) async fn decide(&self, command: &Command) -> Result<((), Vec<ChangeId>, Report)> {
        for _ in 0..ROUNDS {
            let view = self.inner.store.load(log::needs(command)).await?;
            let done = log::command(command, &view, &self.grounds().rules())?;
            if self.commit(done.changes).await? {
                self.inner.alarm.ring();
                return Ok(((), done.ids, done.report));
            }
        }
        Err(busy())
    }
    /// What the host sees of one record: the org's last values with open changes over them. `None`: not known here.
    ///
    /// # Errors
    /// Of the store.
    pub async fn record(&self, key: impl Into<RecordKey> + Send) -> Result<Option<LocalRecord>> {
        let selection = Selection { keys: vec![key.into()], depth: Depth::Full, ..Selection::default() };
        Ok(self.inner.store.load(selection).await?.records.into_iter().next().map(LocalRecord::of))
    }
    /// What a push would send, in how many calls, and what it would refuse. No network, nothing claimed, nothing changed.
    ///
    /// # Errors
    /// Of the store.
    pub async fn plan(&self) -> Result<Plan> {
        let end = self.now() + CENTURY;
        let due = Some(DueFilter { by: end, limit: u32::MAX });
        let view = self.inner.store.load(Selection { due, ..Selection::default() }).await?;
        Ok(plan::plan(&view, &self.inner.org.transport().capabilities(), &self.grounds().rules()))
    }
    /// The local verbs inside the host's transaction. After the host has committed, [`wake`](Engine::wake).
    ///
    /// While that transaction is open only these verbs may be used by the same thread: the others wait for its lock.
    pub fn within<T: HostTx>(&self, tx: T) -> Local<'_, T> {
        Local { engine: self, tx }
    }
}

/// Engine verbs in a transaction that is the host's to commit or roll back. Not `Send` when the transaction is not.
///
/// They fail as the verbs of the same name on [`Engine`] do.
#[must_use]
pub struct Local<'e, T> {
    engine: &'e Engine,
    tx: T,
}
impl<T> fmt::Debug for Local<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").field("engine", self.engine).finish_non_exhaustive()
    }
}
impl<T: HostTx> Local<'_, T> {
    /// As [`Engine::capture`].
    ///
    /// # Errors
    /// As there.
    pub fn capture(&mut self, edit: Edit) -> Result<Vec<ChangeId>> {
        self.apply(edit.into())
    }
    /// As [`Engine::retry`].
    ///
    /// # Errors
    /// As there.
    pub fn retry(&mut self, change: ChangeId) -> Result<()> {
        self.apply(Command::Retry { change, value: None }).map(drop)
    }
    /// As [`Engine::retry_with`].
    ///
    /// # Errors
    /// As there.
    pub fn retry_with(&mut self, change: ChangeId, value: impl Into<Value>) -> Result<()> {
        self.apply(Command::Retry { change, value: Some(value.into()) }).map(drop)
    }
    /// As [`Engine::revert`].
    ///
    /// # Errors
    /// As there.
    pub fn revert(&mut self, change: ChangeId) -> Result<()> {
        self.apply(Command::Revert(change)).map(drop)
    }
    /// As [`Engine::resolve`].
    ///
    /// # Errors
    /// As there.
    pub fn resolve(&mut self, change: ChangeId, decision: Decision) -> Result<()> {
        self.apply(Command::Resolve { change, decision }).map(drop)
    }
    /// As [`Engine::plan`], with the changes of this transaction: capture, plan, roll back is a preview that leaves nothing.
    ///
    /// # Errors
    /// As there.
    pub fn plan(&mut self) -> Result<Plan> {
        let due = Some(DueFilter { by: self.engine.now() + CENTURY, limit: u32::MAX });
        let view = self.tx.load(Selection { due, ..Selection::default() })?;
        let can = self.engine.inner.org.transport().capabilities();
        Ok(plan::plan(&view, &can, &self.engine.grounds().rules()))
    }
    /// As [`Engine::apply`].
    ///
    /// # Errors
    /// As there.
    pub fn apply(&mut self, command: Command) -> Result<Vec<ChangeId>> {
        let view = self.tx.load(log::needs(&command))?;
        let done = log::command(&command, &view, &self.engine.grounds().rules())?;
        if done.changes.is_empty() {
            return Ok(done.ids);
        }
        match self.tx.commit(done.changes)? {
            Committed::Done { .. } => Ok(done.ids),
            Committed::Stale => Err(Error::new(ErrorKind::Busy, "the transaction does not see its own read")
                .with_next_step("Begin the transaction with BEGIN IMMEDIATE, and run it again.")),
        }
    }
}

/// What the host sees of one record: the org's last values with open changes over them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LocalRecord {
    /// Which.
    pub key: RecordKey,
    /// Its object.
    pub object: ObjectName,
    /// Its id in the org.
    pub id: Option<SfId>,
    /// Whether it is there and wanted, gone, or out of scope.
    pub life: Life,
    /// SystemModstamp of the org's values.
    pub stamp: Option<Timestamp>,
    /// The visible values.
    pub row: Fields,
    /// The org's last values, without open changes.
    pub remote: Fields,
    /// Its open changes, oldest first.
    pub changes: Vec<Change>,
}
impl LocalRecord {
    fn of(record: RecordState) -> LocalRecord {
        LocalRecord {
            row: Draft::visible(&record),
            key: record.key,
            id: record.key.id(),
            object: record.object,
            life: record.life,
            stamp: record.stamp,
            changes: record.open.iter().map(crate::store::EntryState::to_change).collect(),
            remote: record.shadow.unwrap_or_default(),
        }
    }
    /// The visible row as a model.
    ///
    /// # Errors
    /// [`ErrorKind::Mapping`] when a value does not have the model's type.
    pub fn row<T: SObject>(&self) -> Result<T> {
        decode_row(self.id, &self.row)
    }
}
