//! The end state of a story: the org's rows and the change log, without what may differ between two runs.

use serde_json::{Value as Json, json};
use sf_core::object;
use sf_sync::{Change, ChangeFilter, RecordKey, Store, sqlite::SqliteStore};
use sf_testorg::TestOrg;
use std::{path::Path, pin::pin, task::Poll};

/// Stamps move with every save; nothing else of a row may differ.
const STAMPS: [&str; 5] =
    ["CreatedDate", "LastModifiedDate", "SystemModstamp", "LastViewedDate", "LastReferencedDate"];

/// The simulated org beside the database `desk.db` in `folder`, opened after the program ended.
pub fn org(folder: &Path, accounts: usize) -> TestOrg {
    TestOrg::builder().seed(1).accounts(accounts as u64).open(folder.join("desk.db.org")).unwrap()
}

pub fn org_rows(org: &TestOrg) -> Vec<Json> {
    let mut rows = Vec::new();
    for name in [object!("Account"), object!("Opportunity")] {
        for record in org.rows(&name) {
            let mut row = serde_json::to_value(&record).unwrap();
            for stamp in STAMPS {
                row.as_object_mut().unwrap().remove(stamp);
            }
            rows.push(row);
        }
    }
    rows
}

pub fn changes(folder: &Path) -> Vec<Change> {
    let store = SqliteStore::builder().inline().open(folder.join("desk.db")).unwrap();
    let mut filter = ChangeFilter::all();
    let mut all = Vec::new();
    loop {
        let page = now(store.changes(filter.clone())).unwrap();
        let next = page.next;
        all.extend(page);
        match next {
            Some(_) => filter.after = next,
            None => return all,
        }
    }
}

/// A log entry without times and counts.
pub fn essence(change: &Change) -> Json {
    let record = match change.record {
        RecordKey::Id(id) => id.to_string(),
        _ => panic!("the story creates no records"),
    };
    json!({
        "id": change.id, "record": record, "object": change.object, "field": change.field, "label": change.label,
        "old": change.old, "new": change.new, "remote": change.remote, "status": change.status.to_string(),
        "actor": change.actor,
    })
}

/// The last step that the story in `folder` has marked as done, with its round.
pub fn marked(folder: &Path) -> Vec<(u32, u32)> {
    let Ok(db) = rusqlite::Connection::open(folder.join("desk.db")) else { return Vec::new() };
    let Ok(mut marks) = db.prepare("SELECT round, n FROM desk_story ORDER BY round, n") else {
        return Vec::new();
    };
    marks.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// An inline store answers at once.
pub fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("an inline store never waits"),
    }
}
