//! Wrong input ends with a reason and a next step; nothing is lost and nothing panics.

use crate::process::{Said, Served, account_sync, demo_mapping, run};
use std::{fs, path::Path};

fn desk(folder: &Path) -> std::process::Command {
    let mut command = account_sync();
    command.args(["--accounts", "5", "--db"]).arg(folder.join("desk.db"));
    command
}

/// Exit 1 with reason and next step; `words` are in the reason.
fn failed(said: &Said, words: &[&str]) {
    assert_eq!(said.code, Some(1), "{said:?}");
    for word in words.iter().chain(&["error: ", "next step: "]) {
        assert!(said.err.contains(word), "`{word}` is not in {}", said.err);
    }
    assert!(!said.err.contains("panicked"), "{}", said.err);
}

#[test]
fn given_wrong_usage_when_run_then_exit_2_with_the_usage() {
    for wrong in [
        &["--nonsense"][..],
        &["--accounts", "many"],
        &["--accounts", "2"],
        &["--accounts"],
        &["--write"],
        &["--write", "--dry-run", "--instance-url", "https://example.my.salesforce.com"],
        &["--transport", "ftp"],
        &["--transport", "cli", "--instance-url", "https://example.my.salesforce.com"],
        &["--target-org", "desk", "--instance-url", "https://example.my.salesforce.com"],
        &["stray"],
    ] {
        let said = run(account_sync().args(wrong));
        assert_eq!(said.code, Some(2), "{wrong:?}: {said:?}");
        assert!(said.err.contains("Usage:"), "{said:?}");
    }
    let help = run(account_sync().arg("--help"));
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    assert!(help.out.contains("--instance-url"));
}

#[test]
fn given_nobody_listens_when_run_then_refused_connection_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // The port of tcpmux: a free one could be another test's server a moment later.
    let port = 1;
    let said = run(desk(folder.path())
        .env("SF_ACCESS_TOKEN", "00D000000000001!secret-token")
        .args(["--instance-url", &format!("http://127.0.0.1:{port}")]));
    failed(&said, &["refused"]);
    assert!(!said.err.contains("secret-token"));
}

#[test]
fn given_a_wrong_token_when_run_then_sign_in_is_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(&["--accounts", "5"]);
    let said = run(desk(folder.path())
        .env("SF_ACCESS_TOKEN", "00D000000000001!wrong-token")
        .args(["--instance-url", &server.url]));
    failed(&said, &["refused the access token"]);
    assert!(!said.err.contains("wrong-token"), "{}", said.err);
}

#[test]
fn given_no_token_or_a_bad_url_when_run_then_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    failed(
        &run(desk(folder.path()).args(["--instance-url", "https://example.my.salesforce.com"])),
        &["SF_ACCESS_TOKEN"],
    );
    let said = run(desk(folder.path())
        .env("SF_ACCESS_TOKEN", "x")
        .args(["--instance-url", "http://example.my.salesforce.com"]));
    failed(&said, &["https"]);
}

#[test]
fn given_a_database_of_a_newer_schema_when_run_then_it_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&mut desk(folder.path())).code, Some(0));
    let path = folder.path().join("desk.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    let version: i64 = db.query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap();
    assert!(version > 0);
    db.pragma_update(None, "user_version", version + 1).unwrap();
    drop(db);
    failed(&run(&mut desk(folder.path())), &["schema version", "Update this program"]);
    let db = rusqlite::Connection::open(&path).unwrap();
    let marks: i64 = db.query_row("SELECT count(*) FROM desk_story", [], |r| r.get(0)).unwrap();
    assert!(marks > 0, "nothing was thrown away");
}

#[test]
fn given_an_unwritable_path_when_run_then_the_path_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // A file where a folder is needed: fails for root, too.
    fs::write(folder.path().join("file"), "x").unwrap();
    let said = run(account_sync().arg("--db").arg(folder.path().join("file/desk.db")));
    failed(&said, &["file"]);
    let said = run(account_sync().arg("--db").arg(folder.path())); // a folder, not a file
    failed(&said, &[folder.path().to_str().unwrap()]);
}

#[test]
fn given_a_mapping_with_missing_fields_when_run_then_all_are_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(demo_mapping()).unwrap();
    let broken = text.replace("\"CX_Play__c\"", "\"CX_Pley__c\"").replace("\"TCV__c\"", "\"TCW__c\"");
    let file = folder.path().join("mapping.json");
    fs::write(&file, broken).unwrap();
    let said = run(desk(folder.path()).arg("--mapping").arg(&file));
    failed(&said, &["CX_Pley__c", "TCW__c", "CX_Play__c"]); // the last is the suggestion

    fs::write(&file, "{\"objects\": [").unwrap();
    failed(&run(desk(folder.path()).arg("--mapping").arg(&file)), &["mapping", "line 1"]);
    failed(
        &run(desk(folder.path()).args(["--mapping", "/nonexistent/mapping.json"])),
        &["/nonexistent/mapping.json"],
    );
}

#[test]
fn given_a_torn_database_when_run_then_it_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&mut desk(folder.path())).code, Some(0));
    let path = folder.path().join("desk.db");
    let whole = fs::read(&path).unwrap();
    for torn in [whole[..whole.len() / 2].to_vec(), [&b"not a database"[..], &whole[14..]].concat()] {
        fs::write(&path, &torn).unwrap();
        let _ = fs::remove_file(folder.path().join("desk.db-wal"));
        failed(&run(&mut desk(folder.path())), &["desk.db"]);
        assert_eq!(fs::read(&path).unwrap().len(), torn.len(), "the file was changed");
    }
}
