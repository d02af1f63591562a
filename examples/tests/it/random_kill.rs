//! Killed at any moment and started again, the story ends as if nothing had happened.

use crate::{
    dump,
    process::{account_sync, run, run_and_kill, steps},
};
use serde_json::Value as Json;
use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

fn story(folder: &Path) -> Command {
    let mut command = account_sync();
    command.args(["--json", "--accounts", "20", "--db"]).arg(folder.join("desk.db"));
    command
}

/// The end of one story: the org's rows and the log.
fn end_state(folder: &Path) -> (Vec<Json>, Vec<Json>) {
    let org = dump::org_rows(&dump::org(folder, 20));
    (org, dump::changes(folder).iter().map(dump::essence).collect())
}

/// A small generator of our own: the moments only have to differ, and a failing seed can be set again.
struct Moments(u64);
impl Moments {
    fn next(&mut self, below: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        below.mul_f64((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

fn finished(folder: &Path) -> bool {
    dump::marked(folder).contains(&(1, 8))
}

/// What was printed as done is in the log and in the org.
fn kept(folder: &Path, printed: &[Json]) {
    let log = dump::changes(folder);
    let org = dump::org(folder, 20);
    for entry in printed.iter().flat_map(|s| s["entries"].as_array().unwrap()) {
        let Some(id) = entry["change"].as_u64() else { continue };
        let change = log.iter().find(|c| c.id.0 == id).unwrap_or_else(|| panic!("lost: {entry}"));
        if entry["status"] != "pushed" {
            continue;
        }
        let now = change.status.to_string();
        assert!(["pushed", "reverted", "pending"].contains(&now.as_str()), "{entry} is {now}");
        // The newest entry of a field that was printed as pushed: the org has its value.
        let newest =
            log.iter().filter(|c| c.record == change.record && c.field == change.field).max_by_key(|c| c.id);
        if newest.is_some_and(|c| c.id == change.id) && now == "pushed" {
            let sf_sync::RecordKey::Id(record) = change.record else { panic!("{change:?}") };
            assert_eq!(org.value(record, change.field.as_str()), change.new, "{entry}");
        }
    }
}

#[test]
fn random_kill_given_any_moment_when_started_again_then_the_end_is_the_same() {
    let kills: u32 = std::env::var("SF_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(25);
    let undisturbed = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let said = run(&mut story(undisturbed.path()));
    let whole = began.elapsed();
    assert_eq!(said.code, Some(0), "{said:?}");
    let expected = end_state(undisturbed.path());

    let mut moments = Moments(0x5eed);
    let mut killed = 0;
    let mut reached = BTreeSet::new();
    while killed < kills {
        let folder = tempfile::tempdir().unwrap();
        let mut done: Vec<u64> = Vec::new();
        while !finished(folder.path()) {
            let (out, ended) = if killed < kills {
                // A restart has less to do than a whole story, so the later ones are killed sooner.
                let left = whole.mul_f64(1.0 / (1.0 + done.len() as f64 / 4.0));
                run_and_kill(&mut story(folder.path()), moments.next(left))
            } else {
                (run(&mut story(folder.path())).out, true)
            };
            killed += u32::from(!ended);
            let printed = steps(&out);
            for step in printed.iter().filter(|s| s["n"] != 1) {
                assert_eq!(step["ok"], true, "{step}");
                let n = step["n"].as_u64().unwrap();
                assert!(
                    !done.contains(&n),
                    "step {n} was done twice; {done:?}, marks {:?}\n{out}",
                    dump::marked(folder.path())
                );
                done.push(n);
            }
            reached.insert(done.len());
            if printed.iter().any(|s| s["n"] == 4 || s["n"] == 6 || s["n"] == 7) {
                kept(folder.path(), &printed);
            }
        }
        let (org, log) = end_state(folder.path());
        assert_eq!(log, expected.1, "the change log differs");
        assert_eq!(org.len(), expected.0.len(), "rows appeared or vanished");
        for (row, wanted) in org.iter().zip(&expected.0) {
            for (field, value) in wanted.as_object().unwrap() {
                assert_eq!(&row[field], value, "{field} of {} differs in the org", wanted["Id"]);
            }
        }
    }
    println!("{killed} kills, whole story {whole:?}, steps reached at a kill: {reached:?}");
}
