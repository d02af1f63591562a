//! What people read when something is wrong.

use sf_core::{Delivery, ErrorKind};
use sf_soql::{Condition, Query};
use std::error::Error;

#[test]
fn the_place_is_given_in_bytes_lines_and_characters() {
    let text = "SELECT Id\nFROM Account\nWHERE Näme = 1";
    let problems = Query::parse(text).unwrap_err();
    let problem = problems.iter().next().unwrap();
    let span = problem.span.unwrap();
    assert_eq!((span.line, span.column), (3, 8));
    assert_eq!(&text[span.start..span.end], "ä");
    assert_eq!(problem.message, "unexpected token: 'ä'");

    let problems = Condition::parse("Name = 'ä😀' Type = 'x'").unwrap_err();
    let span = problems.iter().next().unwrap().span.unwrap();
    assert_eq!((span.line, span.column, span.start, span.end), (1, 13, 16, 20));
}

#[test]
fn the_words_are_salesforces_and_plain_ones() {
    for (text, message, explanation) in [
        ("a = 1 AND b", "1:12: unexpected token: '<EOF>'", "operator"),
        ("a = b", "1:5: unexpected token: 'b'", "single quotes"),
        ("a == 1", "1:4: unexpected token: '='", "single ="),
        ("a IS NULL", "1:3: unexpected token: 'IS'", "= null"),
        ("a IN ()", "1:7: unexpected token: ')'", "empty"),
        ("a = \"x\"", "1:5: unexpected token: '\"'", "single quotes"),
        ("a = 'x", "1:5: unexpected token: ''x'", "closing quote"),
        ("a = 1 LIMIT 5", "1:7: unexpected token: 'LIMIT'", "condition alone"),
        ("WHERE a = 1", "1:1: unexpected token: 'WHERE'", "leave out"),
        ("a = 1 -- x", "1:7: unexpected token: '--'", "no comments"),
        (r"a = 'x\qy'", r"1:7: illegal escape sequence in a text: \q", r"\\"),
        ("a = 2026-02-30", "1:5: there is no date 2026-02-30", "calendar"),
        ("a = LAST_N_DAYS", "1:5: the date literal is not complete", "LAST_N_DAYS:30"),
        ("DISTANCE(a, GEOLOCATION(1, 2), 'nm') < 5", "1:32: unexpected token: ''nm''", "'km'"),
    ] {
        let problems = Condition::parse(text).unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert!(problems.to_string().starts_with(message), "{problems}");
        assert!(problem.explanation.contains(explanation), "{problems}");
    }
    let empty = Query::parse(" ").unwrap_err();
    assert!(empty.to_string().contains("SOQL statements cannot be empty or null"), "{empty}");
}

#[test]
fn carets_stand_below_their_place() {
    let problems = Query::parse("SELECT Id\nFROM A\tWHERE\ta = 'ä' b\nLIMIT 5").unwrap_err();
    assert_eq!(
        problems.pretty(),
        "2:22: unexpected token: 'b'\n  | FROM A WHERE a = 'ä' b\n  |                      ^\n  = nothing may follow the statement\n"
    );
    let long = format!("SELECT Id FROM A WHERE a = '{}' b {}", "x".repeat(500), "y".repeat(500));
    let pretty = Query::parse(&long).unwrap_err().pretty();
    let lines: Vec<&str> = pretty.lines().collect();
    let caret = lines[2].chars().position(|c| c == '^').unwrap();
    assert_eq!(lines[1].chars().nth(caret), Some('b'));
    assert!(lines[1].chars().count() < 160);
}

#[test]
fn problems_are_errors_of_input_that_was_never_sent() {
    let problems = Condition::parse("a = ").unwrap_err();
    let error = sf_core::Error::from(problems.clone());
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    assert!(error.to_string().contains("1:5: unexpected token: '<EOF>'"), "{error}");
    assert_eq!(error.source().unwrap().to_string(), problems.to_string());
}
