//! The answer of each write of the story is lost once; every pushed value is saved exactly once all the same.

use crate::process::{Said, account_sync, demo_mapping, run};
use sf_core::object;
use sf_sync::RecordKey;
use sf_testorg::{Effect, Fault, On, Server, TestOrg};
use std::path::Path;

fn story(server: &Server, folder: &Path) -> Said {
    run(account_sync()
        .env("SF_ACCESS_TOKEN", server.token())
        .args(["--instance-url", server.url(), "--write", "--json", "--accounts", "20", "--mapping"])
        .arg(demo_mapping())
        .arg("--db")
        .arg(folder.join("desk.db")))
}

fn rows(org: &TestOrg) -> (usize, usize) {
    (org.rows(&object!("Account")).len(), org.rows(&object!("Opportunity")).len())
}

/// How often the org was asked to store this value in this field of this row.
fn saves(org: &TestOrg, id: sf_core::SfId, field: &str, value: &sf_core::Value) -> usize {
    let wanted =
        |(name, cell): &(String, sf_testorg::state::Cell)| name == field && cell.to_value() == *value;
    org.saves().iter().filter(|save| save.id == id && save.fields.iter().any(wanted)).count()
}

#[test]
fn given_any_lost_answer_of_a_write_when_the_story_ends_then_each_value_was_saved_once() {
    for n in 0.. {
        let org = TestOrg::builder().seed(1).accounts(20).build();
        let before = rows(&org);
        org.inject(Fault::new(On::Operation("write".into()), Effect::LoseAnswer).skip(n));
        let server = org.serve().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut said = story(&server, folder.path());
        if said.code == Some(1) {
            // The story's "somebody else" writes directly, as a person does: there a lost answer ends the program with
            // the reason, and the next start goes on.
            assert!(said.err.contains("next step: "), "{said:?}");
            let n = said.steps().pop().unwrap()["n"].as_u64().unwrap();
            assert!([5, 8].contains(&n), "a lost answer to a push is the engine's to resolve: {said:?}");
            said = story(&server, folder.path());
        }
        assert_eq!(said.code, Some(0), "write {n}: {said:?}");
        assert_eq!(rows(&org), before, "a row was created or lost");
        assert!(org.saves().iter().all(|save| !save.created), "a row was created");
        for change in crate::dump::changes(folder.path()) {
            assert!(!change.status.is_open(), "write {n}: {change:?}");
            let RecordKey::Id(id) = change.record else { panic!("{change:?}") };
            let times = saves(&org, id, change.field.as_str(), &change.new);
            // A superseded edit never went out.
            let wanted = usize::from(change.superseded_by.is_none());
            assert_eq!(times, wanted, "write {n}: {change}");
        }
        if !org.faults().is_empty() {
            assert!(n > 2, "the story writes more often than that");
            return;
        }
    }
}
