//! `export`: rows of a query as NDJSON, CSV or a count.

use crate::process::{Said, Served, example, run};
use serde_json::Value as Json;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
};

fn export() -> Command {
    let mut command = Command::new(example("export"));
    command.env_remove("SF_ACCESS_TOKEN").stdin(Stdio::null());
    command
}

fn from(server: &Served) -> Command {
    let mut command = export();
    command.args(["--instance-url", &server.url]).env("SF_ACCESS_TOKEN", &server.token);
    command
}

fn with_faults(folder: &Path, faults: &str) -> Served {
    let file = folder.join("faults.json");
    fs::write(&file, faults).unwrap();
    Served::start(&["--accounts", "3000", "--faults", file.to_str().unwrap()])
}

fn lines(said: &Said) -> Vec<Json> {
    said.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

#[test]
fn given_no_arguments_when_run_then_accounts_of_a_simulated_org_come_as_ndjson() {
    let said = run(&mut export());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let rows = lines(&said);
    assert!(rows.len() >= 50, "{}", rows.len());
    for row in &rows {
        let keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 5, "{row}");
        assert!(row["Owner"]["Name"].is_string() && row["Owner"].get("attributes").is_none(), "{row}");
        assert!(row.get("attributes").is_none());
    }
    assert!(rows.iter().any(|row| row["Name"] == "D'Angelo's \"Original\" Bakery"));
    // The digits of the wire, which writes a currency with a point.
    assert!(said.out.contains("\"AnnualRevenue\":") && said.out.contains(".0,"), "{said:?}");
}

#[test]
fn given_several_pages_when_exported_then_every_row_comes_once_and_the_model_counts_as_many() {
    let server = Served::start(&["--accounts", "3000"]);
    let query = "SELECT Id, Name, Industry, AnnualRevenue, CreatedDate FROM Account ORDER BY Id";
    let said = run(from(&server).args(["--query", query]));
    assert_eq!(said.code, Some(0), "{}", said.err);
    let mut ids: Vec<String> =
        lines(&said).iter().map(|row| row["Id"].as_str().unwrap().to_owned()).collect();
    assert!(ids.len() >= 3000 && ids.is_sorted(), "{}", ids.len());
    ids.dedup();
    let count = run(from(&server).args(["--count", "--query", query]));
    assert_eq!((count.code, count.out), (Some(0), format!("{}\n", ids.len())));
    let untyped = run(from(&server).args(["--count", "--query", "SELECT Name FROM Organization"]));
    assert_eq!((untyped.code, untyped.out.as_str()), (Some(0), "1\n"), "{}", untyped.err);
}

#[test]
fn given_parents_and_children_when_exported_then_they_are_nested_in_ndjson_and_flat_in_csv() {
    let server = Served::start(&["--accounts", "20"]);
    let query = "SELECT a.Name, Owner.Name, Parent.Name, (SELECT Name FROM Opportunities) FROM Account a \
                 WHERE Id IN (SELECT AccountId FROM Opportunity) ORDER BY Name";
    let said = run(from(&server).args(["--query", query]));
    assert_eq!(said.code, Some(0), "{}", said.err);
    let rows = lines(&said);
    let deals = rows[0]["Opportunities"].as_array().unwrap();
    assert!(deals[0]["Name"].is_string() && deals[0].get("attributes").is_none(), "{}", rows[0]);

    let said = run(from(&server).args(["--format", "csv", "--query", query]));
    assert_eq!(said.code, Some(0), "{}", said.err);
    let mut csv = said.out.lines();
    assert_eq!(csv.next(), Some("Name,Owner.Name,Parent.Name,Opportunities"));
    assert_eq!(csv.count(), rows.len());
    // The quotes of the name and of the JSON are doubled.
    assert!(said.out.contains("\"D'Angelo's \"\"Original\"\" Bakery\","), "{}", said.out);
    assert!(said.out.contains(",\"[{\"\"Name\"\":\"\""), "{}", said.out);
    // A cell without a value is empty; so is that of a parent which is not there.
    assert!(said.out.lines().skip(1).any(|line| line.contains(",,")), "{}", said.out);
}

#[test]
fn given_names_that_only_the_rows_tell_when_written_as_csv_then_the_first_row_has_the_header() {
    let server = Served::start(&["--accounts", "20"]);
    let grouped =
        "SELECT Industry, COUNT(Id) n, MAX(AnnualRevenue) FROM Account GROUP BY Industry ORDER BY Industry";
    let said = run(from(&server).args(["--format", "csv", "--query", grouped]));
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(said.out.lines().next(), Some("Industry,n,expr0"));
    // Without a row the statement still knows its fields.
    let none = "SELECT Id, Owner.Name FROM Account WHERE Name = 'nobody'";
    let said = run(from(&server).args(["--format", "csv", "--query", none]));
    assert_eq!((said.code, said.out.as_str()), (Some(0), "Id,Owner.Name\n"), "{}", said.err);
}

#[test]
fn given_an_output_when_all_rows_came_then_it_is_replaced_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.ndjson");
    fs::write(&file, "old").unwrap();
    let said = run(export().arg("--output").arg(&file));
    assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{}", said.err);
    let text = fs::read_to_string(&file).unwrap();
    assert!(said.err.starts_with(&format!("{} rows in ", text.lines().count())), "{}", said.err);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let said = run(export().args(["--output", "/dev/full"]));
        assert_eq!(said.code, Some(1));
        assert!(said.err.starts_with("error: the rows could not be written: "), "{}", said.err);
        assert_eq!(run(export().args(["--output", "/dev/null"])).code, Some(0));
    }
    let nowhere = run(export().arg("--output").arg(folder.path().join("no/such/folder")));
    assert_eq!(nowhere.code, Some(1), "{nowhere:?}");
}

#[test]
fn given_a_page_that_fails_when_exported_then_the_reason_is_told_and_the_output_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let server = with_faults(
        folder.path(),
        r#"[{"on": {"operation": "query_more"}, "times": 100, "effect": {"status": [403, "REQUEST_LIMIT_EXCEEDED"]}}]"#,
    );
    let file = folder.path().join("accounts.csv");
    fs::write(&file, "old").unwrap();
    let said = run(from(&server)
        .args(["--format", "csv", "--query", "SELECT Name FROM Account", "--output"])
        .arg(&file));
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
    assert!(
        said.err.contains("REQUEST_LIMIT_EXCEEDED") && said.err.contains("\nnext step: "),
        "{}",
        said.err
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "its own file and that of the faults");
    // On standard output the rows of the first page are there.
    let said = run(from(&server).args(["--query", "SELECT Name FROM Account"]));
    assert_eq!((said.code, lines(&said).len()), (Some(1), 2000));
}

#[test]
fn given_a_token_that_the_org_refuses_when_run_then_the_next_step_is_told_and_the_token_is_not() {
    let server = Served::start(&[]);
    let said = run(export()
        .args([
            "--instance-url",
            &server.url,
            "--query",
            "SELECT Id FROM Account",
            "--access-token-env",
            "MY_TOKEN",
        ])
        .env("MY_TOKEN", "00D000000000001!sEcReTsEcReT"));
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    assert!(said.err.contains("INVALID_SESSION_ID") && said.err.contains("next step: "), "{}", said.err);
    assert!(!said.err.contains("sEcReT"), "{}", said.err);
}

#[test]
fn given_a_reader_that_leaves_when_exporting_then_it_ends_without_a_word() {
    let server = Served::start(&["--accounts", "3000"]);
    let mut child = from(&server)
        .args(["--query", "SELECT Id, Name, Description, Website, Phone FROM Account"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(1), ""));
}

/// A server that answers every request with this page, until the test ends.
fn page_server(page: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let length = page.len();
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all((head + page).as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn given_a_row_that_is_not_of_its_model_when_counted_then_it_is_told_and_the_others_are_read() {
    let url = page_server(
        r#"{"totalSize":3,"done":true,"records":[{"NumberOfEmployees":7},{"NumberOfEmployees":"many"},{"NumberOfEmployees":null}]}"#,
    );
    let said = run(export()
        .args(["--instance-url", &url, "--count", "--query", "SELECT NumberOfEmployees FROM Account"])
        .env("SF_ACCESS_TOKEN", "00D000000000001!x"));
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    assert!(said.err.contains("a row cannot be read") && !said.err.contains("many"), "{}", said.err);
    assert!(said.err.contains("rows that could not be read: 1;"), "{}", said.err);
}

#[test]
fn given_wrong_usage_when_run_then_exit_2_and_what_is_wrong() {
    for (arguments, words) in [
        (&["--format", "xml"][..], "`xml` is neither ndjson nor csv"),
        (&["--instance-url", "https://example.my.salesforce.com"], "--instance-url needs a --query"),
        (
            &["--instance-url", "https://example.my.salesforce.com", "--query", "SELECT Id FROM Account"],
            "SF_ACCESS_TOKEN is not set",
        ),
        (&["--access-token-env", "X"], "--access-token-env goes with --instance-url"),
        (&["--count", "--output", "x"], "--count writes no rows"),
        (&["--query", ""], "--query: the value is empty"),
        (&["--query", "SELECT Id FROM Account WHERE"], "--query: "),
        (&["--what"], "--what"),
    ] {
        let said = run(export().args(arguments));
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{arguments:?} {said:?}");
        assert!(said.err.contains(words), "{arguments:?}: {}", said.err);
    }
    let help = run(export().arg("--help"));
    assert!(help.code == Some(0) && help.out.contains("--access-token-env VAR"), "{help:?}");
}
