//! What happens to a row besides saving: deletion and undelete, merge, lead conversion.
#[cfg(feature = "server")]
mod control;
mod convert;
mod merge;
mod picklist_rows;
mod soap;
mod undelete;

use crate::given::{Given, encode};
use serde_json::{Value, json};
use sf_core::{Clock, SfId};
use sf_testorg::{
    CommitHook, TestOrg,
    demo::Dataset,
    state::{Commit, Row, State},
};
use std::{
    io,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

pub(super) fn id(text: &str) -> SfId {
    SfId::new(text).unwrap()
}

/// All that the wire shows of a row, deleted or not.
pub(super) fn whole(given: &Given, row: &str) -> Value {
    let object = match &row[..3] {
        "001" => "Account",
        "003" => "Contact",
        "006" => "Opportunity",
        "00Q" => "Lead",
        "00T" => "Task",
        "00U" => "Event",
        "500" => "Case",
        _ => panic!("{row}"),
    };
    let soql = format!("SELECT FIELDS(ALL) FROM {object} WHERE Id = '{row}' LIMIT 1");
    let (status, body) = given.get(&format!("/queryAll?q={}", encode(&soql)));
    assert_eq!(status, 200, "{body}");
    body["records"][0].clone()
}

/// What two images of a row differ in: field, before, after.
pub(super) fn differences(before: &Value, after: &Value) -> Vec<(String, Value, Value)> {
    let (before, after) = (before.as_object().unwrap(), after.as_object().unwrap());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let changed = before.iter().filter(|(name, value)| after[*name] != **value);
    changed.map(|(name, value)| (name.clone(), value.clone(), after[name].clone())).collect()
}

/// The names of the fields that differ.
pub(super) fn changed(before: &Value, after: &Value) -> Vec<String> {
    differences(before, after).into_iter().map(|(name, _, _)| name).collect()
}

/// Moves the org's time; gives the new one as the wire has it.
pub(super) fn later(given: &Given, seconds: u64) -> String {
    given.org.clock().advance(Duration::from_secs(seconds));
    stamp(&given.org)
}

/// The org's time as the wire has it.
pub(super) fn stamp(org: &TestOrg) -> String {
    org.clock().now().utc().format("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}

/// Ids that `…/deleted/` or `…/updated/` lists for the last two days.
pub(super) fn replicated(given: &Given, object: &str, what: &str) -> Vec<String> {
    let now = given.org.clock().now().utc();
    let at = |time: chrono::DateTime<chrono::Utc>| encode(&time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let (start, end) = (at(now - chrono::Duration::days(2)), at(now + chrono::Duration::minutes(2)));
    let (status, body) = given.get(&format!("/sobjects/{object}/{what}/?start={start}&end={end}"));
    assert_eq!(status, 200, "{body}");
    let list = if what == "deleted" { &body["deletedRecords"] } else { &body["ids"] };
    let ids = list.as_array().unwrap().iter();
    ids.map(|entry| entry.get("id").unwrap_or(entry).as_str().unwrap().to_owned()).collect()
}

/// All rows of an org, deleted ones included.
pub(super) fn all(org: &TestOrg) -> Vec<Arc<Row>> {
    let rows = |state: &mut State| {
        let names: Vec<String> = state.schema().iter().map(|object| object.name.clone()).collect();
        names.iter().flat_map(|name| state.rows(name).cloned().collect::<Vec<_>>()).collect()
    };
    org.transact(rows).unwrap()
}

/// Runs `act` on an org that is kept in a file, opens the file again and compares; gives the org that was opened.
pub(super) fn survives(act: impl FnOnce(&Given)) -> Given {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    let open = |path: &Path| Given { org: TestOrg::builder().dataset(Dataset::Empty).open(path).unwrap() };
    let given = open(&path);
    act(&given);
    let (rows, bin) = (all(&given.org), given.org.recycle_bin());
    drop(given);
    let again = open(&path);
    assert_eq!(all(&again.org), rows);
    assert_eq!(again.org.recycle_bin(), bin);
    again
}

/// Every commit from now on.
#[derive(Debug, Clone, Default)]
pub(super) struct Commits(Arc<Mutex<Vec<Commit>>>);
impl Commits {
    pub(super) fn of(org: &TestOrg) -> Commits {
        let commits = Commits::default();
        org.on_commit(commits.clone());
        commits
    }
    /// What the last commit did: `Delete 001…`.
    pub(super) fn last(&self) -> Vec<String> {
        let commits = self.0.lock().unwrap();
        let commit = commits.last().unwrap();
        commit.rows.iter().map(|row| format!("{:?} {}", row.change, row.id)).collect()
    }
    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}
impl CommitHook for Commits {
    fn committed(&mut self, commit: &Commit) -> io::Result<()> {
        self.0.lock().unwrap().push(commit.clone());
        Ok(())
    }
}

pub(super) fn task(given: &Given, fields: Value) -> String {
    let mut all = json!({"Subject": "Call"});
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    given.insert("Task", all)
}

/// `CODE: message` of a request that must fail.
pub(super) fn refusal((status, body): (u16, Value)) -> String {
    assert!(status >= 400, "{body}");
    format!("{}: {}", body[0]["errorCode"].as_str().unwrap(), body[0]["message"].as_str().unwrap())
}
