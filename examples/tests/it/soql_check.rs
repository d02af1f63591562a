//! `soql_check`: one verdict per line.

use crate::process::{Said, example};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

fn check(arguments: &[&str], input: impl AsRef<[u8]>) -> Said {
    let mut child = Command::new(example("soql_check"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.as_ref().to_vec();
    // A program that ends early (wrong usage) has closed its end.
    let writer = std::thread::spawn(move || pipe.write_all(&input).is_ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Of every answer everything but the plain explanation.
fn verdicts(said: &Said) -> Vec<&str> {
    let short = |line| if str::starts_with(line, "ok") { line } else { line.split(". ").next().unwrap() };
    said.out.lines().map(short).collect()
}

#[test]
fn given_good_and_bad_statements_when_checked_then_each_has_its_verdict_in_order() {
    let said = check(
        &[],
        "select Id from Account where Name='O\\'Neil' and(Type=null)\n\
         SELECT Id FROM Account WHERE a = 1 AND b = 2 OR c = 3\n\
         SELECT Id FROM Kunde WHERE Näme = 1\n\
         SELECT Id FROM Group;\n\
         SELECT Id FROM A WHERE b = :c\n",
    );
    assert_eq!(
        verdicts(&said),
        [
            r"ok	SELECT Id FROM Account WHERE Name = 'O\'Neil' AND Type = null",
            "error\t2:46\tunexpected token: 'OR'",
            "error\t3:29\tunexpected token: 'ä'",
            "ok\tSELECT Id FROM Group",
            "error\t5:28\tunexpected token: ':'",
        ]
    );
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""));
    assert!(said.out.contains("put one group in parentheses"), "the plain explanation follows");
}

#[test]
fn given_only_good_statements_when_checked_then_exit_0() {
    let said = check(&[], "SELECT Id FROM A\nSELECT COUNT() FROM B");
    assert_eq!(said.out, "ok\tSELECT Id FROM A\nok\tSELECT COUNT() FROM B\n");
    assert_eq!(said.code, Some(0));
    let nothing = check(&[], "");
    assert_eq!((nothing.out.as_str(), nothing.code), ("", Some(0)));
}

#[test]
fn given_ends_of_lines_blank_lines_and_a_byte_order_mark_when_checked_then_lines_are_still_counted() {
    let said =
        check(&[], "\u{feff}SELECT Id FROM A\r\n\r\n \t\nSELECT\r\nSELECT Id FROM B\r\n\nSELECT Id FROM C");
    assert_eq!(
        verdicts(&said),
        [
            "ok\tSELECT Id FROM A",
            "error\t4:7\tunexpected token: '<EOF>'",
            "ok\tSELECT Id FROM B",
            "ok\tSELECT Id FROM C"
        ]
    );
}

#[test]
fn given_bytes_that_are_no_text_when_checked_then_their_place_is_told_and_the_rest_is_read() {
    let said = check(&[], b"SELECT Id FROM \xc3\xa4\xff\nSELECT Id FROM A WHERE b = 'x\xf0\x9f'\nSELECT Id FROM A\x00\nSELECT Id FROM A\n");
    let out = verdicts(&said);
    assert_eq!(out[0], "error\t1:17\tthe line is not UTF-8 from here on");
    assert_eq!(out[1], "error\t2:30\tthe line is not UTF-8 from here on");
    assert!(out[2].starts_with("error\t3:17\t"), "{}", out[2]);
    assert_eq!(out[3..], ["ok\tSELECT Id FROM A"]);
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""));
}

#[test]
fn given_hostile_statements_when_checked_then_every_answer_is_one_line_of_its_form() {
    let deep = format!("SELECT Id FROM A WHERE {}a = 1", "(".repeat(50_000));
    let long = format!("SELECT Id FROM A WHERE a = '{}'", "x".repeat(400_000));
    let text = format!("SELECT Id FROM A WHERE a = '{}'", "x".repeat(4001));
    let tab = "SELECT Id FROM A WHERE a IN 'x\ty'";
    let said = check(&[], [&deep, &long, &text, tab].join("\n"));
    let lines: Vec<Vec<&str>> = said.out.lines().map(|line| line.split('\t').collect()).collect();
    let heads: Vec<(&str, &str)> = lines.iter().map(|line| (line[0], line[1])).collect();
    assert_eq!(heads[1..], [("error", "2:1"), ("error", "3:1"), ("error", "4:29")]);
    assert_eq!(heads[0].0, "error");
    assert!(lines[0][2].contains("nested too deeply"), "{:?}", lines[0]);
    assert!(lines.iter().all(|line| line.len() == 3), "{lines:?}");
}

#[test]
fn given_conditions_when_checked_then_nothing_but_a_condition_passes() {
    let said = check(
        &["--condition"],
        "Type='Customer' and (NOT Rating = 'Hot')\nType = 'x' LIMIT 5\nSELECT Id FROM A\nOwnerId = :user\n",
    );
    assert_eq!(
        verdicts(&said),
        [
            "ok\tType = 'Customer' AND (NOT Rating = 'Hot')",
            "error\t2:12\tunexpected token: 'LIMIT'",
            "error\t3:1\tunexpected token: 'SELECT'",
            "error\t4:11\tunexpected token: ':'",
        ]
    );
    assert_eq!(said.code, Some(1));
}

#[test]
fn given_apex_when_asked_for_then_its_forms_pass() {
    let text = "SELECT Id FROM A WHERE b IN :ids.keySet() LIMIT :n ALL ROWS FOR UPDATE\n";
    assert_eq!(check(&["--apex"], text).out, format!("ok\t{text}"));
    let said = check(&["--condition", "--apex"], "a = :b AND c IN :d[0].e\na = :\n");
    assert_eq!(verdicts(&said)[0], "ok\ta = :b AND c IN :d[0].e");
    assert!(verdicts(&said)[1].starts_with("error\t2:"), "{said:?}");
    assert_eq!(check(&[], text).code, Some(1));
}

#[test]
fn given_somebody_who_waits_for_each_answer_when_a_line_is_written_then_it_comes() {
    let mut child =
        Command::new(example("soql_check")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for object in ["A", "B"] {
        writeln!(pipe, "SELECT Id FROM {object}").unwrap();
        assert_eq!(answers.next().unwrap().unwrap(), format!("ok\tSELECT Id FROM {object}"));
    }
    drop(pipe);
    assert!(child.wait().unwrap().success());
}

const ACCOUNT: &str = r#"{"name":"Account","queryable":true,"fields":[
    {"name":"Id","type":"id","filterable":true,"sortable":true,"groupable":true},
    {"name":"Name","type":"string","filterable":true,"sortable":true,"groupable":true},
    {"name":"CreatedDate","type":"datetime","filterable":true,"sortable":true},
    {"name":"Description","type":"textarea","length":32000},
    {"name":"OwnerId","type":"reference","filterable":true,"relationshipName":"Owner","referenceTo":["User"]}]}"#;
const CASE: &str =
    r#"{"name":"Case","queryable":true,"fields":[{"name":"Subject","type":"string","filterable":true}]}"#;

fn schema(folder: &tempfile::TempDir, name: &str, json: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, json).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn given_a_schema_when_checked_then_every_problem_of_a_line_has_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let account = schema(&folder, "account.json", ACCOUNT);
    let said = check(
        &["--schema", &account],
        "SELECT Id, Owner.Name FROM account WHERE name = 'x'\n\
         SELECT Nmae FROM Account WHERE CreatedDate > '2026-01-31' AND Description = 'x'\n\
         SELECT Id FROM Case\n\
         SELECT Id FROM\n",
    );
    assert_eq!(
        verdicts(&said),
        [
            "ok\tSELECT Id, Owner.Name FROM account WHERE name = 'x'",
            "error\t2:8\tNo such column 'Nmae' on entity 'Account'",
            "error\t2:46\tvalue of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
            "error\t2:63\tfield 'Description' can not be filtered in a query call",
            "error\t3:16\tsObject type 'Case' is not supported",
            "error\t4:15\tunexpected token: '<EOF>'",
        ]
    );
    assert!(said.out.contains("did you mean `Name`?"), "{}", said.out);
    assert_eq!(said.code, Some(1));
    let apex = check(&["--apex", "--schema", &account], "SELECT Id FROM Account WHERE Nam = :x\n");
    assert_eq!(verdicts(&apex), ["error\t1:30\tNo such column 'Nam' on entity 'Account'"]);
}

#[test]
fn given_several_objects_when_checked_then_files_and_arrays_are_one_schema() {
    let folder = tempfile::tempdir().unwrap();
    let both = schema(&folder, "both.json", &format!(" [{ACCOUNT},{CASE}]"));
    let (account, case) = (schema(&folder, "a.json", ACCOUNT), schema(&folder, "c.json", CASE));
    let input = "SELECT Name FROM Account\nSELECT Subject FROM Case\nSELECT Name FROM Case\n";
    for files in [&["--schema", &both][..], &["--schema", &account, "--schema", &case]] {
        let said = check(files, input);
        let errors: Vec<&str> =
            verdicts(&said).into_iter().filter(|line| line.starts_with("error")).collect();
        assert_eq!(errors, ["error\t3:8\tNo such column 'Name' on entity 'Case'"]);
    }
}

#[test]
fn given_conditions_and_a_schema_when_checked_then_they_are_about_its_object() {
    let folder = tempfile::tempdir().unwrap();
    let account = schema(&folder, "account.json", ACCOUNT);
    let both = schema(&folder, "both.json", &format!("[{ACCOUNT},{CASE}]"));
    let said = check(&["--condition", "--schema", &account], "Name = 'x'\nSubject = 'x'\n");
    assert_eq!(
        verdicts(&said),
        ["ok\tName = 'x'", "error\t2:1\tNo such column 'Subject' on entity 'Account'"]
    );
    let said =
        check(&["--condition", "--schema", &both, "--object", "case", "--apex"], "Name = :x\nSubject = :x\n");
    assert_eq!(verdicts(&said), ["error\t1:1\tNo such column 'Name' on entity 'Case'", "ok\tSubject = :x"]);
    for wrong in [
        &["--condition", "--schema", &both][..],
        &["--condition", "--schema", &both, "--object", "Lead"],
        &["--condition", "--object", "Case"],
        &["--schema", &both, "--object", "Case"],
        &["--condition", "--schema", &both, "--object", "no name"],
    ] {
        let said = check(wrong, "");
        assert_eq!(said.code, Some(2), "{wrong:?}: {said:?}");
        assert!(said.err.contains("--object"), "{said:?}");
    }
}

#[test]
fn given_a_schema_that_cannot_be_read_when_run_then_exit_2_with_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let broken = schema(&folder, "broken.json", r#"{"name":"Account","fields":["#);
    let twice = schema(&folder, "twice.json", &format!("[{CASE},{CASE}]"));
    let missing = folder.path().join("missing.json").to_str().unwrap().to_owned();
    for (file, words) in
        [(broken, "not the JSON of a describe"), (twice, "Case comes twice"), (missing.clone(), &*missing)]
    {
        let said = check(&["--schema", &file], "SELECT Id FROM A\n");
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
        assert!(said.err.contains(words) && said.err.contains(&file), "{said:?}");
    }
}

#[test]
fn given_wrong_usage_when_run_then_exit_2_with_the_usage() {
    for wrong in [&["--nonsense"][..], &["stray"], &["--apex=yes"], &["-x"], &["--schema"]] {
        let said = check(wrong, "");
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{wrong:?}: {said:?}");
        assert!(said.err.contains("Usage:"), "{said:?}");
    }
    let help = check(&["--help"], "");
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    assert!(help.out.contains("--condition"));
}
