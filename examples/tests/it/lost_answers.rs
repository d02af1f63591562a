//! The answer of each write of the story is lost once; every pushed value is saved exactly once all the same.

use crate::process::{account_sync, demo_mapping, run};
use sf_core::{Record, object};
use sf_testorg::{Effect, Fault, On, TestOrg};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// How often each (record, field, value) was saved by a changed value.
type Saves = Arc<Mutex<BTreeMap<(String, String, String), u32>>>;

fn watched() -> (TestOrg, Saves) {
    let org = TestOrg::builder().seed(1).accounts(20).build().unwrap();
    let saves: Saves = Arc::default();
    for name in [object!("Account"), object!("Opportunity")] {
        let (saves, reader, object) = (saves.clone(), org.clone(), name.clone());
        let _ = (&reader, &object);
        org.on_save(name, move |row: &mut Record| {
            let id = row.id.map(|i| i.to_string()).unwrap_or_default();
            for (field, value) in row.fields.iter() {
                let key = (id.clone(), field.to_string(), value.to_string());
                *saves.lock().unwrap().entry(key).or_default() += 1;
            }
        });
    }
    (org, saves)
}

fn rows(org: &TestOrg) -> (usize, usize) {
    (org.rows(&object!("Account")).len(), org.rows(&object!("Opportunity")).len())
}

#[test]
fn given_any_lost_answer_of_a_write_when_the_story_ends_then_each_value_was_saved_once() {
    let mut n = 1;
    loop {
        let (org, saves) = watched();
        let before = rows(&org);
        org.inject(Fault::new(On::NthWrite(n), Effect::LoseAnswer));
        let server = org.serve().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let said = run(account_sync()
            .env("SF_ACCESS_TOKEN", server.token())
            .args(["--instance-url", server.url(), "--write", "--json", "--accounts", "20", "--mapping"])
            .arg(demo_mapping())
            .arg("--db")
            .arg(folder.path().join("desk.db")));
        let hit = org.faults_left() == 0;
        if !hit {
            assert!(n > 2, "the story writes at least twice");
            return;
        }
        // The story's "somebody else" and its restoring write directly, as a person does: their lost answer ends the
        // program with the reason, and the next start goes on.
        let said = if said.code == Some(1) {
            assert!(said.err.contains("next step: "), "{said:?}");
            run(account_sync()
                .env("SF_ACCESS_TOKEN", server.token())
                .args(["--instance-url", server.url(), "--write", "--json", "--accounts", "20", "--mapping"])
                .arg(demo_mapping())
                .arg("--db")
                .arg(folder.path().join("desk.db")))
        } else {
            said
        };
        assert_eq!(said.code, Some(0), "write {n}: {said:?}");
        assert_eq!(rows(&org), before, "a row was created or lost");
        for change in crate::dump::changes(folder.path()) {
            assert!(change.failure.is_none(), "write {n}: {change:?}");
            let sf_sync::RecordKey::Id(id) = change.record else { panic!("{change:?}") };
            let key = (id.to_string(), change.field.to_string(), change.new.to_string());
            let times = saves.lock().unwrap().get(&key).copied().unwrap_or_default();
            assert!(times <= 1, "write {n}: {key:?} was saved {times} times");
        }
        n += 1;
    }
}
