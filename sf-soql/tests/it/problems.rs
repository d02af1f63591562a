//! What people read when something is wrong.

use crate::work::Work;
use sf_core::{Delivery, ErrorKind};
use sf_core::{Number, field, object};
use sf_soql::{Condition, FieldSet, Literal, Query, functions::function, prelude::*};
use std::error::Error;
use std::time::Duration;

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
    let huge = Query::parse("SELECT Id FROM A LIMIT 99999999999999999999").unwrap_err();
    assert!(huge.to_string().starts_with("1:24: the number of rows is too large"), "{huge}");
    let like = Condition::parse(r"a LIKE 'x\u0025'").unwrap_err();
    assert!(
        like.to_string().starts_with(r"1:10: illegal escape sequence in a text: \u0025. whether"),
        "{like}"
    );
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

fn many(n: usize) -> Condition {
    let none: [&str; 0] = [];
    all((0..n).map(|_| field!("A").is_in(none)))
}

#[test]
fn the_writer_tells_a_hundred_problems_and_how_many_more() {
    let problems = many(2_000).to_soql().unwrap_err();
    assert_eq!(problems.iter().count(), 101);
    let last = problems.iter().last().unwrap();
    assert_eq!(last.message, "and 1900 more");
    let starts: Vec<usize> = problems.iter().filter_map(|p| p.span).map(|span| span.start).collect();
    assert!(starts.is_sorted() && starts.len() == 101);
    assert!(problems.iter().take(100).all(|p| {
        let span = p.span.unwrap();
        &problems.statement()[span.start..span.end] == "<empty list>"
            && span.column as usize == span.start + 1
    }));
    let error = sf_core::Error::from(problems);
    assert!(error.to_string().contains("has 101 problems") && error.to_string().len() < 2_000, "{error}");
}

#[test]
fn thousands_of_problems_take_no_time() {
    let start = Work::start();
    let tree = many(20_000);
    let problems = tree.to_soql().unwrap_err();
    assert!(problems.pretty().len() < 50_000);
    assert!(tree.to_string().len() > 20_000);
    assert!(start.time() < Duration::from_secs(5), "{:?}", start.time());
}

#[test]
fn problems_are_in_the_order_of_their_place_and_what_has_none_comes_first() {
    let none: [&str; 0] = [];
    let query = Query::from(object!("A")).select([field!("Id")]).having(field!("A").is_in(none));
    let long = query.filter(field!("B").is_in((0..6_000).map(|n| format!("{n:018}")))).to_soql().unwrap_err();
    let starts: Vec<Option<usize>> = long.iter().map(|p| p.span.map(|span| span.start)).collect();
    assert!(starts.len() == 3 && starts[0].is_none() && starts.is_sorted(), "{long}");
}

#[test]
fn messages_do_not_repeat_long_input() {
    let number: Number = "9".repeat(100_000).parse().unwrap();
    let currency = Literal::Currency {
        code: sf_soql::CurrencyCode::new("USD").unwrap(),
        amount: format!("-{number}").parse().unwrap(),
    };
    for value in [Literal::Number(number), Literal::Parameter("x".repeat(100_000)), currency] {
        let problems = field!("A").eq(value).to_soql().unwrap_err();
        assert!(problems.to_string().len() < 300 && problems.statement().len() < 300, "{problems}");
    }
    let parameter = field!("A").eq(Literal::Parameter("x ".repeat(100_000))).to_apex().unwrap_err();
    assert!(parameter.to_string().len() < 300, "{parameter}");
}

#[test]
fn what_is_shown_of_a_refused_statement_is_never_legal() {
    let of = |name| Query::from(object!("Account")).select([function(name, field!("ALL"))]);
    let base = || Query::from(object!("Account")).select([field!("Id")]);
    let semi_join = |inner: Query| base().filter(field!("Id").in_query(inner));
    let mut two = base().into_statement();
    two.purposes = vec![sf_soql::For::View, sf_soql::For::Reference];
    for query in [
        of(field!("FIELDS")),
        of(field!("DISTANCE")),
        base().having(field!("A").eq(1)),
        base().count().select([field!("Id")]),
        base().select([FieldSet::All]).filter(field!("Limit").eq(1)),
        semi_join(base().limit(1)),
        semi_join(base().select([field!("Name")])),
        two.into(),
    ] {
        assert!(query.to_soql().is_err(), "{query}");
        assert!(Query::parse(&query.to_string()).is_err(), "{query}");
        assert!(query.to_string().contains("<…>"), "{query}");
    }
}
