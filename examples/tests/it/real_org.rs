//! The story on an org of its own process, which the program knows by URL and token only.

use crate::process::{Served, demo_mapping, run};
use serde_json::Value as Json;
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// One GET of the server's control path.
fn control(server: &Served, path: &str) -> Json {
    let host = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
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

/// All accounts without what any save moves.
fn account_rows(server: &Served) -> Vec<Json> {
    let mut dump = control(server, "/__org/rows/Account?stamps=false");
    let rows = dump["rows"].as_array_mut().unwrap();
    rows.iter_mut().for_each(|row| drop(row.as_object_mut().unwrap().remove("LastModifiedById")));
    std::mem::take(rows)
}

fn printed_calls(steps: &[Json]) -> u64 {
    steps.iter().map(|s| s["api_calls"].as_u64().unwrap()).sum()
}

#[test]
fn given_no_write_when_run_then_the_plan_is_printed_and_the_org_is_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(&["--accounts", "20"]);
    let before = control(&server, "/__org/rows/Account");
    let said = run(server.account_sync(folder.path()).args(["--accounts", "20"]));
    assert_eq!(said.code, Some(0), "{said:?}");
    let steps = said.steps();
    assert!(steps.last().unwrap()["entries"].as_array().unwrap().iter().any(|e| !e["plan"].is_null()));
    assert_eq!(control(&server, "/__org/rows/Account"), before);
    assert_eq!(printed_calls(&steps), api_calls(&server), "{said:?}");
}

#[test]
fn given_write_when_run_then_calls_are_counted_right_and_the_org_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(&["--accounts", "20"]);
    let before = account_rows(&server);
    let said = run(server
        .account_sync(folder.path())
        .args(["--accounts", "20", "--write", "--mapping"])
        .arg(demo_mapping()));
    assert_eq!(said.code, Some(0), "{said:?}");
    let steps = said.steps();
    assert_eq!(printed_calls(&steps), api_calls(&server), "{said:?}");
    assert!(said.out.contains("\"skipped\":\"refusal\""), "{said:?}");
    for (row, was) in account_rows(&server).iter().zip(&before) {
        assert_eq!(row, was, "the org was not restored");
    }
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
