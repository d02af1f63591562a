//! What the store tests write. Value types of the store are open to extension, so that a program outside the crate
//! makes them from JSON or from their constructors.

use sf_core::{Fields, SfId, field, object};
use sf_sync::{
    ChangeSet, RecordKey, Store, View, VisibleChange,
    store::{Committed, Depth, EntryState, RecordState, Selection, StoreWrite},
};

pub(crate) fn account(n: u32) -> RecordKey {
    SfId::new(format!("00100000{n:07}")).unwrap().into()
}

pub(crate) fn record(key: RecordKey) -> RecordState {
    let mut record = RecordState::new(key, object!("Account"));
    record.shadow = Some(Fields::new().set(field!("Name"), "Acme"));
    record
}

pub(crate) fn entry(id: u64, record: RecordKey, new: &str) -> EntryState {
    serde_json::from_value(serde_json::json!({
        "id": id, "record": record, "object": "Account", "field": "Name", "label": "Name",
        "old": "Acme", "new": new, "base": "Acme", "remote": null, "corrected": null,
        "phase": "queued", "status": "pending", "survivor": null, "undoes": null, "checked": null, "batch": 0,
        "maybe_sent": false, "due": null, "first_at": "2026-01-02T03:04:05.000Z", "attempts": 0,
        "failure": null, "actor": "ann", "at": "2026-01-02T03:04:05.000Z", "config_version": 1, "closed": null
    }))
    .unwrap()
}

pub(crate) fn visible(key: RecordKey, name: &str) -> VisibleChange {
    serde_json::from_value(serde_json::json!({
        "record": key, "object": "Account", "id": key.id(), "origin": "local", "changed": ["Name"],
        "row": {"Name": name}, "gone": false
    }))
    .unwrap()
}

pub(crate) fn set(writes: Vec<StoreWrite>) -> ChangeSet {
    let mut changes = ChangeSet::default();
    changes.writes = writes;
    changes
}

/// An edit of a record that exists: what a capture commits.
pub(crate) fn edit(id: u64, key: RecordKey, new: &str) -> ChangeSet {
    let mut changes = set(vec![StoreWrite::Entry(entry(id, key, new))]);
    changes.visible = vec![visible(key, new)];
    changes
}

pub(crate) async fn commit(store: &dyn Store, writes: Vec<StoreWrite>) -> u64 {
    match store.commit(set(writes)).await.unwrap() {
        Committed::Done { rev } => rev,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn in_full(keys: &[RecordKey]) -> Selection {
    let mut what = Selection::new();
    what.keys = keys.to_vec();
    what.depth = Depth::Full;
    what
}

pub(crate) async fn load(store: &dyn Store, keys: &[RecordKey]) -> View {
    store.load(in_full(keys)).await.unwrap()
}
