use crate::{
    dump,
    process::{account_sync, run},
};
use serde_json::Value as Json;
use std::path::Path;

fn json_run(folder: &Path, more: &[&str]) -> crate::process::Said {
    run(account_sync().arg("--json").arg("--db").arg(folder.join("desk.db")).args(more))
}

fn entries(step: &Json) -> Vec<Json> {
    step["entries"].as_array().unwrap().clone()
}

#[test]
fn given_nothing_when_run_then_the_whole_story_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let said = json_run(folder.path(), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let steps = said.steps();
    assert_eq!(steps.iter().map(|s| s["n"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
    for step in &steps {
        for key in ["step", "n", "ok", "rows", "api_calls", "bytes", "ms", "entries"] {
            assert!(!step[key].is_null(), "{key} of {step}");
        }
    }

    // 2, 3: exactly the asked number of accounts, with children and links.
    assert_eq!(said.step(2)["rows"], 50);
    let full = entries(&said.step(3));
    assert_eq!(full[0]["accounts"], 50);
    assert!(full[1]["children"].as_u64().unwrap() > 10, "{full:?}");
    assert_eq!(full[2]["linked"], 50);

    // 4: five fields on three accounts and an opportunity, one of them edited three times.
    let edits = entries(&said.step(4));
    assert_eq!(edits.len(), 7);
    let of = |key: &str| edits.iter().map(|e| e[key].to_string()).collect::<std::collections::BTreeSet<_>>();
    assert_eq!((of("record").len(), of("object").len(), of("field").len()), (4, 2, 5));

    // 6: the second and third edit replaced the first; one is refused, one is parked, one won.
    let pushed = entries(&said.step(6));
    let with = |key: &str, value: &str| pushed.iter().filter(|e| e[key] == value).count();
    assert_eq!((with("status", "failed"), with("status", "pushed")), (2, 5), "{pushed:?}");
    assert_eq!(with("code", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"), 1);
    let contested: Vec<_> =
        pushed.iter().filter(|e| e["status"] == "pushed" && !e["remote"].is_null()).collect();
    assert_eq!(contested.len(), 1, "{pushed:?}");
    assert_ne!(contested[0]["remote"], contested[0]["new"]);

    // 7: all mended, and the reverted value was read from the org.
    let mended = entries(&said.step(7));
    assert!(mended.iter().any(|e| !e["verified"].is_null()), "{mended:?}");
    assert!(mended.iter().all(|e| e["status"] != "failed" && e["status"] != "pending"), "{mended:?}");

    // 8: far fewer calls than rows, and the sums of what was printed.
    let totals = entries(&said.step(8)).pop().unwrap();
    let sum = |key: &str| steps.iter().map(|s| s[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(totals["api_calls"], sum("api_calls"));
    let rows = |n: u64| said.step(n)["rows"].as_u64().unwrap();
    assert_eq!(totals["rows"], rows(2) + rows(3) + rows(5));
    assert!(
        totals["api_calls"].as_u64().unwrap() * 3 < totals["one_call_per_row"].as_u64().unwrap(),
        "{totals}"
    );

    let log = dump::changes(folder.path());
    assert!(log.iter().all(|c| c.failure.is_none()), "{log:?}");
}

#[test]
fn given_a_finished_story_when_run_again_then_a_new_round_begins_at_step_3() {
    let folder = tempfile::tempdir().unwrap();
    for round in 1..=3_u64 {
        let said = json_run(folder.path(), &[]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let told: Vec<u64> = said.steps().iter().map(|s| s["n"].as_u64().unwrap()).collect();
        assert_eq!(told, if round == 1 { vec![1, 2, 3, 4, 5, 6, 7, 8] } else { vec![1, 3, 4, 5, 6, 7, 8] });
        assert_eq!(entries(&said.step(8))[1]["round"], round, "{said:?}");
    }
}

#[test]
fn given_dry_run_when_run_then_the_plan_is_printed_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let said = json_run(folder.path(), &["--dry-run"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(entries(&said.step(6)).iter().any(|e| !e["plan"].is_null()), "{said:?}");
    let log = dump::changes(folder.path());
    assert!(log.iter().all(|c| c.status == sf_sync::Status::Pending), "{log:?}");
    let org = dump::org(folder.path(), 50);
    for change in &log {
        let sf_sync::RecordKey::Id(id) = change.record else { panic!("{change:?}") };
        assert_ne!(org.value(id, change.field.as_str()), change.new, "sent in a dry run");
    }
    drop(org);
    // Without the option the story goes on where it was.
    let said = json_run(folder.path(), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.steps()[1]["n"], 6);
}

#[test]
fn given_no_terminal_when_run_then_plain_lines_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(account_sync().arg("--db").arg(folder.path().join("desk.db")).args(["--accounts", "10"]));
    assert_eq!(said.code, Some(0), "{said:?}");
    for title in ["1. Connect", "2. Search the org", "3. Full sync", "6. Push", "8. Summary", "API calls"] {
        assert!(said.out.contains(title), "{title} in {}", said.out);
    }
    assert!(!said.out.contains('\u{1b}') && !said.out.contains('\r'), "{}", said.out);
    assert_eq!(said.err, "");
}
