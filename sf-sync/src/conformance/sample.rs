//! What the rules store, and how they do it.

use super::Check;
use crate::{
    ChangeId, RecordKey, Status,
    store::{
        ChangeSet, Committed, EntryState, Guard, Phase, RecordState, Selection, Store, StoreWrite, View,
    },
};
use sf_core::{FieldName, Fields, ObjectName, SfId, Timestamp, Value};
use std::sync::Arc;

pub(super) const ACCOUNT: ObjectName = ObjectName::from_static("Account");
pub(super) const OPPORTUNITY: ObjectName = ObjectName::from_static("Opportunity");
pub(super) const NAME: FieldName = FieldName::from_static("Name");

pub(super) fn fresh(fixture: &dyn super::Fixture) -> Result<Arc<dyn Store>, String> {
    fixture.fresh().map_err(|e| format!("no store: {e:?}"))
}

/// Account number `n`.
pub(super) fn account(n: u32) -> Result<RecordKey, String> {
    id("001", n)
}

/// Opportunity number `n`.
pub(super) fn opportunity(n: u32) -> Result<RecordKey, String> {
    id("006", n)
}

fn id(prefix: &str, n: u32) -> Result<RecordKey, String> {
    SfId::new(format!("{prefix}00000{n:07}")).map(RecordKey::Id).map_err(|e| e.to_string())
}

/// `seconds` after a fixed moment.
pub(super) fn at(seconds: i64) -> Result<Timestamp, String> {
    Timestamp::from_millis(1_767_225_600_123 + seconds * 1_000).ok_or_else(|| "no such moment".to_owned())
}

pub(super) fn record(key: RecordKey) -> RecordState {
    let object = match key.id() {
        Some(id) if id.as_str().starts_with("006") => OPPORTUNITY,
        _ => ACCOUNT,
    };
    let mut record = RecordState::new(key, object);
    record.shadow = Some(Fields::new().set(NAME, "Acme"));
    record.digest = u64::MAX - 1;
    record
}

/// An open, queued entry.
pub(super) fn entry(id: u64, record: RecordKey, new: impl Into<Value>) -> Result<EntryState, String> {
    Ok(EntryState {
        id: ChangeId(id),
        record,
        object: ACCOUNT,
        field: NAME,
        label: "Account name".into(),
        old: Value::from("Acme"),
        new: new.into(),
        base: Value::from("Acme"),
        remote: None,
        corrected: None,
        phase: Phase::Queued,
        status: Status::Pending,
        survivor: None,
        undoes: None,
        checked: None,
        batch: 0,
        maybe_sent: false,
        due: None,
        first_at: at(0)?,
        attempts: 0,
        waits: 0,
        failure: None,
        actor: Some("ann".into()),
        at: at(0)?,
        config_version: 1,
        closed: None,
    })
}

/// The entry as the org took it at `seconds`.
pub(super) fn pushed(mut entry: EntryState, seconds: i64) -> Result<EntryState, String> {
    entry.phase = Phase::Pushed;
    entry.status = Status::Pushed;
    entry.due = None;
    entry.closed = Some(at(seconds)?);
    Ok(entry)
}

pub(super) fn set(writes: Vec<StoreWrite>) -> ChangeSet {
    ChangeSet { writes, ..ChangeSet::default() }
}

pub(super) fn guarded(guard: Guard, writes: Vec<StoreWrite>) -> ChangeSet {
    ChangeSet { guard, writes, ..ChangeSet::default() }
}

/// Commits what must be taken; the number it got.
pub(super) async fn commit(store: &dyn Store, writes: Vec<StoreWrite>) -> Result<u64, String> {
    match store.commit(set(writes)).await {
        Ok(Committed::Done { rev }) => Ok(rev),
        Ok(other) => Err(format!("an unguarded commit was {other:?}")),
        Err(e) => Err(format!("a commit failed: {e:?}")),
    }
}

/// Commits what must be stale, and must change nothing.
pub(super) async fn stale(store: &dyn Store, what: &str, changes: ChangeSet) -> Check {
    let before = everything(store).await?;
    match store.commit(changes).await {
        Ok(Committed::Stale) => {}
        other => return Err(format!("{what}: {other:?} instead of Stale")),
    }
    super::same!(everything(store).await?, before, format!("{what}: a stale commit changed something"));
    Ok(())
}

pub(super) async fn load(store: &dyn Store, what: Selection) -> Result<View, String> {
    store.load(what).await.map_err(|e| format!("a load failed: {e:?}"))
}

/// All that the rules store, for comparisons.
pub(super) async fn everything(store: &dyn Store) -> Result<(View, crate::ChangePage), String> {
    let known = |object: &ObjectName| crate::store::KnownFilter {
        object: object.clone(),
        after: None,
        upto: None,
        parents: Vec::new(),
        limit: 10_000,
    };
    let what = Selection {
        depth: crate::store::Depth::Full,
        known: Some(known(&ACCOUNT)),
        attempts: Some(crate::store::AttemptFilter::Open),
        scopes: vec![crate::store::ScopeKey("Account".into())],
        config: true,
        documents: vec!["org".into(), "window".into()],
        next_due: true,
        ..Selection::default()
    };
    let mut view = load(store, what).await?;
    let more = Selection {
        depth: crate::store::Depth::Full,
        known: Some(known(&OPPORTUNITY)),
        ..Selection::default()
    };
    view.records.extend(load(store, more).await?.records);
    let log = store
        .changes(crate::ChangeFilter::all())
        .await
        .map_err(|e| format!("the log cannot be read: {e:?}"))?;
    Ok((view, log))
}
