//! The story on an org of its own process, which the program knows by URL and token only.

use crate::process::{Said, Served, demo_mapping, run};
use serde_json::Value as Json;
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

/// One GET of the server's control path.
fn control(server: &Served, path: &str) -> Json {
    ask(server, "GET", path, "")
}

fn post(server: &Served, path: &str, body: &str) -> Json {
    ask(server, "POST", path, body)
}

fn ask(server: &Served, method: &str, path: &str, body: &str) -> Json {
    let host = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {head}\n{body}"))
}

/// Requests under /services/data/vNN in the server's own log.
fn api_calls(server: &Served) -> u64 {
    control(server, "/__org/log")["counters"]["api_calls"].as_u64().unwrap()
}

/// All accounts and opportunities without what any save moves.
fn org_rows(server: &Served) -> Vec<Json> {
    let mut all = Vec::new();
    for object in ["Account", "Opportunity"] {
        let mut dump = control(server, &format!("/__org/rows/{object}?stamps=false"));
        let rows = dump["rows"].as_array_mut().unwrap();
        rows.iter_mut().for_each(|row| drop(row.as_object_mut().unwrap().remove("LastModifiedById")));
        all.append(rows);
    }
    all
}

fn unchanged(server: &Served, before: &[Json]) {
    let now = org_rows(server);
    assert_eq!(now.len(), before.len());
    for (row, was) in now.iter().zip(before) {
        assert_eq!(row, was, "the org is not as it was");
    }
}

/// What the steps printed, which is what the org counted, and what the summary says.
fn calls_add_up(server: &Served, said: &Said) {
    let steps = said.steps();
    let printed: u64 = steps.iter().map(|s| s["api_calls"].as_u64().unwrap()).sum();
    assert_eq!(printed, api_calls(server), "{said:?}");
    if let Some(end) = steps.iter().find(|s| s["n"] == 8) {
        assert_eq!(end["entries"].as_array().unwrap().last().unwrap()["api_calls"], printed, "{said:?}");
    }
}

fn faulty(folder: &Path, faults: &str) -> Served {
    let file = folder.join("faults.json");
    std::fs::write(&file, faults).unwrap();
    Served::start(&["--accounts", "20", "--faults", file.to_str().unwrap()])
}

fn story(server: &Served, folder: &Path) -> Said {
    run(server.account_sync(folder).args(["--accounts", "20", "--write", "--mapping"]).arg(demo_mapping()))
}

#[test]
fn given_no_write_when_run_then_the_plan_is_printed_and_the_org_is_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(&["--accounts", "20"]);
    let before = control(&server, "/__org/rows/Account");
    let said = run(server.account_sync(folder.path()).args(["--accounts", "20"]));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.steps().last().unwrap()["entries"].as_array().unwrap().iter().any(|e| !e["plan"].is_null()));
    assert_eq!(control(&server, "/__org/rows/Account"), before);
    calls_add_up(&server, &said);
    assert_eq!(crate::dump::changes(folder.path()), [], "nothing is kept of the plan");
}

#[test]
fn given_write_when_run_then_calls_are_counted_right_and_the_org_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(&["--accounts", "20"]);
    let before = org_rows(&server);
    let said = story(&server, folder.path());
    assert_eq!(said.code, Some(0), "{said:?}");
    calls_add_up(&server, &said);
    assert!(said.out.contains("\"skipped\":\"refusal\""), "{said:?}");
    unchanged(&server, &before);
}

#[test]
fn given_rows_that_are_refused_for_good_when_run_with_write_then_the_story_ends_and_the_org_is_restored() {
    // The somebody else of step 5 writes three accounts; what comes after it is refused, for a while or to the end.
    for (skip, times) in [(0, 1), (3, 1), (3, 3), (4, 2), (3, 1_000)] {
        let folder = tempfile::tempdir().unwrap();
        let server = faulty(
            folder.path(),
            &format!(
                r#"[{{"on": {{"object": "Account"}}, "skip": {skip}, "times": {times},
                     "effect": {{"row_error": ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "not today"]}}}}]"#
            ),
        );
        let before = org_rows(&server);
        let said = story(&server, folder.path());
        assert_eq!(said.code, Some(0), "skip {skip}, {times} times: {said:?}");
        calls_add_up(&server, &said);
        if times < 1_000 {
            unchanged(&server, &before);
        } else {
            assert!(said.out.contains("not_restored"), "{said:?}");
        }
        for change in crate::dump::changes(folder.path()) {
            assert!(!change.status.is_open(), "{change}");
        }
        // The next round is not in the way of the last one.
        if times < 1_000 {
            let said = story(&server, folder.path());
            assert_eq!(said.code, Some(0), "second round: {said:?}");
        }
    }
}

#[test]
fn given_edits_that_wait_when_run_without_write_then_they_still_wait() {
    let folder = tempfile::tempdir().unwrap();
    let server = faulty(
        folder.path(),
        r#"[{"on": {"operation": "write"}, "effect": {"status": [503, "SERVER_UNAVAILABLE"]}, "times": 1}]"#,
    );
    let said = story(&server, folder.path());
    assert_eq!(said.code, Some(1), "the first write of step 5 fails: {said:?}");
    calls_add_up(&server, &said);
    let waiting = crate::dump::changes(folder.path());
    assert_eq!(waiting.len(), 7);
    let said =
        run(server.account_sync(folder.path()).args(["--accounts", "20", "--mapping"]).arg(demo_mapping()));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(crate::dump::changes(folder.path()), waiting);
    let said = story(&server, folder.path());
    assert_eq!(said.code, Some(0), "{said:?}");
}

#[test]
fn given_somebody_else_changed_a_field_since_when_restored_then_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    // A row is locked at the first push: the story stops, and a colleague uses the time.
    let server =
        faulty(folder.path(), r#"[{"on": {"object": "Opportunity"}, "effect": "row_lock", "times": 1}]"#);
    let mut said = story(&server, folder.path());
    assert_eq!(said.code, Some(1), "{said:?}");
    let step = said.step(5);
    let edits = step["entries"].as_array().unwrap().iter().map(|e| &e["remote_edit"]);
    let industry = edits.into_iter().find(|e| e["field"] == "Industry").unwrap();
    let id = industry["record"].as_str().unwrap();
    post(
        &server,
        "/__org/apply",
        &format!(
            r#"{{"op": "update", "object": "Account", "id": "{id}", "fields": {{"Industry": "Banking"}}}}"#
        ),
    );
    // The engine lets some time pass before it tries again; until then the story says so and ends.
    for _ in 0..100 {
        said = story(&server, folder.path());
        if said.code == Some(0) {
            break;
        }
        assert!(said.err.contains("start again"), "{said:?}");
    }
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("\"left\""), "{said:?}");
    let row = org_rows(&server).into_iter().find(|row| row["Id"] == id).unwrap();
    assert_eq!(row["Industry"], "Banking");
}

#[test]
fn given_the_standard_mapping_when_run_with_write_then_the_story_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(&["--accounts", "20"]);
    let said = run(server.account_sync(folder.path()).args(["--accounts", "20", "--write"]));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.steps().len(), 8, "{said:?}");
}

/// Resident memory and calls with 10,000 accounts, counted from outside.
#[test]
fn given_10_000_accounts_when_synced_then_memory_and_calls_stay_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(&["--accounts", "10000"]);
    let mut command = server.account_sync(folder.path());
    command.args(["--accounts", "10000", "--write", "--mapping"]).arg(demo_mapping());
    let (said, peak) = crate::process::run_and_measure(&mut command);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let full = said.step(3);
    assert_eq!(full["entries"][0]["accounts"], 10_000);
    let calls = full["api_calls"].as_u64().unwrap();
    let children = full["entries"][1]["children"].as_u64().unwrap();
    // Accounts: 10, and one call per 2,000 distinct owners (the demo has few). Children: 5 and their result pages.
    let bound = 10 + 1 + 5 + children.div_ceil(2_000);
    println!("full sync: {} rows, {calls} calls (bound {bound}), peak {peak} kB", full["rows"]);
    assert!(calls <= bound, "{calls} calls for {} rows, bound {bound}", full["rows"]);
    assert!(peak < 200_000, "{peak} kB resident");
}
