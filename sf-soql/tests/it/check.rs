//! The schema check, rule by rule: a statement and everything that is wrong with it.

use sf_core::Describe;
use sf_soql::{Problems, check};

fn schema() -> Vec<Describe> {
    serde_json::from_str(include_str!("schema.json")).unwrap()
}

/// `line:column text: message` of each problem; every one has a place and an explanation.
fn lines(result: Result<(), Problems>) -> Vec<String> {
    let Err(problems) = result else { return Vec::new() };
    let line = |problem: &sf_soql::Problem| {
        let span = problem.span.unwrap_or_else(|| panic!("no place: {problem}"));
        let text = problems.statement().get(span.start..span.end).unwrap();
        assert!(!problem.explanation.is_empty(), "{problem}");
        format!("{}:{} {text}: {}", span.line, span.column, problem.message)
    };
    problems.iter().map(line).collect()
}

fn rules(table: &[(&str, &[&str])]) {
    let schema = schema();
    for (statement, expected) in table {
        let found = lines(check(statement, &schema).map(|_| ()));
        assert_eq!(found, *expected, "{statement}");
    }
}

#[test]
fn objects_fields_and_relationships() {
    rules(&[
        ("SELECT Id, name, Account.Owner.NAME, ReportsTo.Account.Parent.Name FROM contact", &[]),
        ("SELECT Id FROM Acount", &["1:16 Acount: sObject type 'Acount' is not supported"]),
        (
            "SELECT Id FROM Announcement",
            &["1:16 Announcement: entity type Announcement does not support query"],
        ),
        (
            "SELECT Id, Foo FROM Account ORDER BY Bar",
            &[
                "1:12 Foo: No such column 'Foo' on entity 'Account'",
                "1:38 Bar: No such column 'Bar' on entity 'Account'",
            ],
        ),
        ("SELECT Account.Foo FROM Contact", &["1:8 Account.Foo: No such column 'Foo' on entity 'Account'"]),
        (
            "SELECT AccountId.Name FROM Contact",
            &["1:8 AccountId.Name: Didn't understand relationship 'AccountId' in field path"],
        ),
        (
            "SELECT (SELECT Foo FROM Contacts), (SELECT Id FROM Contact) FROM Account",
            &[
                "1:16 Foo: No such column 'Foo' on entity 'Contact'",
                "1:52 Contact: Didn't understand relationship 'Contact' in FROM part of query call",
            ],
        ),
    ]);
}
