//! The schema check.

use crate::{generate, work::Work};
use proptest::prelude::*;
use sf_core::{Describe, field, object, path};
use sf_soql::prelude::{Filterable, all, none};
use sf_soql::{
    Complete, Condition, Problem, Problems, Query, Schema, Statement, Template, check, check_apex,
};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

pub(crate) fn schema() -> &'static [Describe] {
    static SCHEMA: LazyLock<Vec<Describe>> =
        LazyLock::new(|| serde_json::from_str(include_str!("schema.json")).unwrap());
    &SCHEMA
}

/// `line:column text: message -- explanation` of each problem.
fn lines(result: Result<(), Problems>) -> Vec<String> {
    let Err(problems) = result else { return Vec::new() };
    let line = |problem: &Problem| {
        let span = problem.span.unwrap_or_else(|| panic!("no place: {problem}"));
        let text = problems.statement().get(span.start..span.end).unwrap();
        format!("{}:{} {text}: {} -- {}", span.line, span.column, problem.message, problem.explanation)
    };
    problems.iter().map(line).collect()
}

fn messages(result: Result<(), Problems>) -> Vec<String> {
    result.err().iter().flatten().map(|problem| problem.message.clone()).collect()
}

#[test]
fn every_rule_finds_what_it_should_and_lets_its_neighbour_pass() {
    let schema = schema();
    let (_, table) = include_str!("check_rules.txt").split_once("\n\n").unwrap();
    let mut families = 0;
    let mut wrong = String::new();
    for family in table.split("# ").filter(|family| !family.trim().is_empty()) {
        families += 1;
        let (mut good, mut bad) = (0, 0);
        let mut rows: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in family.lines().skip(1).filter(|line| !line.is_empty()) {
            match line.strip_prefix("  ") {
                Some(problem) => rows.last_mut().unwrap().1.push(problem),
                None => rows.push((line, Vec::new())),
            }
        }
        for (statement, expected) in rows {
            *if expected.is_empty() { &mut good } else { &mut bad } += 1;
            let found = lines(check(statement, schema).map(|_| ()));
            if found != expected {
                wrong += &format!("{statement}\n  {}\n", found.join("\n  "));
            }
        }
        assert!(good > 0 && bad > 0, "{family}");
    }
    assert!(families >= 9);
    assert!(wrong.is_empty(), "these are not as the table says:\n{wrong}");
}

#[test]
fn fifty_five_parents_and_twenty_subqueries_are_taken_and_not_one_more() {
    let schema = schema();
    // Shorter paths first, so that every path adds one relationship.
    let mut parents: Vec<(String, bool)> = vec![(String::new(), false)];
    for at in 0..60 {
        let (path, is_user) = parents[at].clone();
        for step in if is_user { &["Manager", "CreatedBy"][..] } else { &["Owner", "CreatedBy", "Parent"] } {
            parents.push((format!("{path}{step}."), *step != "Parent"));
        }
    }
    let parents: Vec<String> = parents.into_iter().skip(1).map(|(path, _)| path).collect();
    assert!(parents.len() > 55, "{}", parents.len());
    let of = |n: usize| {
        let fields: Vec<String> = parents[..n].iter().map(|parent| format!("{parent}Id")).collect();
        messages(check(&format!("SELECT {} FROM Account", fields.join(", ")), schema).map(|_| ()))
    };
    assert_eq!(of(55), [""; 0]);
    assert_eq!(of(56), ["more than the 55 parent relationships that Salesforce takes in a query"]);

    let of = |n: usize| {
        let children = vec!["(SELECT Id FROM Contacts)"; n].join(", ");
        messages(check(&format!("SELECT {children} FROM Account"), schema).map(|_| ()))
    };
    assert_eq!(of(20), [""; 0]);
    assert_eq!(of(21), ["more than the 20 child subqueries that Salesforce takes in a query"]);
}

#[test]
fn what_the_schema_does_not_hold_is_not_judged_unless_it_is_complete() {
    let schema = schema();
    for (text, complete) in [
        (
            "SELECT Owner.Profile.Anything FROM Account",
            "Didn't understand relationship 'Profile' in field path",
        ),
        (
            "SELECT (SELECT Anything FROM Cases) FROM Account",
            "Didn't understand relationship 'Cases' in FROM part of query call",
        ),
    ] {
        assert_eq!(messages(check(text, schema).map(|_| ())), [""; 0], "{text}");
        assert_eq!(messages(check(text, &Complete(schema)).map(|_| ())), [complete], "{text}");
    }
    let problems = check("SELECT Id FROM Zebra", &Complete(schema)).unwrap_err();
    assert!(problems.to_string().contains("the org has no such object"), "{problems}");
    // Nothing is known of Case, so nothing more is said about it than that it is not known.
    let unknown = "SELECT Foo, Bar.Baz, (SELECT x FROM Ys) FROM Case WHERE a LIKE 5 GROUP BY b";
    let found = messages(check(unknown, schema).map(|_| ()));
    assert_eq!(found[..1], ["Field must be grouped or aggregated: Foo"]);
    assert!(
        found.iter().all(|m| !m.contains("No such column") && !m.contains("filter criterion")),
        "{found:?}"
    );
}

#[test]
fn a_schema_is_one_describe_or_many_in_a_list_or_in_a_map() {
    let list = schema().to_vec();
    let shared: Vec<Arc<Describe>> = list.iter().cloned().map(Arc::new).collect();
    let map: BTreeMap<_, _> = list.iter().cloned().map(|object| (object.name.clone(), object)).collect();
    let dynamic: &dyn Schema = &map;
    let text = "SELECT Id, AnualRevenue FROM account";
    let expected = ["No such column 'AnualRevenue' on entity 'Account'"];
    assert_eq!(messages(check(text, &list).map(|_| ())), expected);
    assert_eq!(messages(check(text, list.as_slice()).map(|_| ())), expected);
    assert_eq!(messages(check(text, &shared).map(|_| ())), expected);
    assert_eq!(messages(check(text, &map).map(|_| ())), expected);
    assert_eq!(messages(check(text, dynamic).map(|_| ())), expected);
    assert_eq!(messages(check(text, &list[0]).map(|_| ())), expected);
}

#[test]
fn a_built_query_has_its_problems_at_the_places_of_its_own_text() {
    let schema = schema();
    let nobody: [&str; 0] = [];
    let query = Query::from(object!("Account"))
        .select([field!("Id"), field!("Nmae")])
        .filter(all([field!("Name").is_in(nobody), field!("Foo").eq(1)]));
    let problems = query.check(schema).unwrap_err();
    assert_eq!(problems.statement(), query.to_string());
    let found: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(
        found,
        [
            "No such column 'Nmae' on entity 'Account'",
            "the list of IN is empty",
            "No such column 'Foo' on entity 'Account'"
        ]
    );
    for (problem, text) in problems.iter().zip(["Nmae", "<empty list>", "Foo"]) {
        let span = problem.span.unwrap();
        assert_eq!(&problems.statement()[span.start..span.end], text);
    }
    let good = Query::from(object!("Account")).select([path!("Owner.Name")]).filter(none());
    assert_eq!(good.check(schema), Ok(()));
}

#[test]
fn conditions_of_administrators_are_checked_in_their_own_text() {
    let schema = schema();
    let read = |text: &str| Condition::parse_checked(text, &object!("Account"), schema);
    let good = "Industry = 'Energy' AND Id IN (SELECT AccountId FROM Contact) AND Owner.IsActive = TRUE";
    assert_eq!(read(good), Condition::parse(good));
    assert_eq!(
        lines(read("Industri = 'x' AND\n  (Name = 5 OR Account.Foo = 1)").map(|_| ())),
        [
            "1:1 Industri: No such column 'Industri' on entity 'Account' -- did you mean `Industry`?",
            "2:11 5: value of filter criterion for field 'Name' must be of type string and should be enclosed in \
             quotes -- write a text: '5'",
            "2:16 Account.Foo: No such column 'Foo' on entity 'Account' -- Account has no such field, or this user \
             may not see it",
        ]
    );
    assert_eq!(messages(read("Name = 'x' LIMIT 5").map(|_| ())), ["unexpected token: 'LIMIT'"]);
    assert_eq!(
        messages(Condition::parse_checked("a = 1", &object!("Acount"), schema).map(|_| ())),
        ["sObject type 'Acount' is not supported"]
    );

    let built = field!("Industry").eq("x") & field!("Foo").eq(5);
    assert_eq!(
        lines(built.check(&object!("Account"), schema)),
        [
            "1:20 Foo: No such column 'Foo' on entity 'Account' -- Account has no such field, or this user may not see it"
        ]
    );
    assert_eq!(none().check(&object!("Account"), schema), Ok(()));
}

#[test]
fn parameters_are_let_through_and_what_stands_around_them_is_not() {
    let schema = schema();
    let good = "SELECT Id FROM Account WHERE Name = :n AND CreatedDate > :since AND Id IN :ids AND Type IN (:t, 'x') LIMIT :l";
    assert_eq!(Template::parse(good).unwrap().check(schema), Ok(()));
    let bad =
        Template::parse("SELECT Id FROM Account WHERE Foo = :n AND Id LIKE :i AND Name IN (:a, 5)").unwrap();
    assert_eq!(
        messages(bad.check(schema)),
        [
            "No such column 'Foo' on entity 'Account'",
            "invalid operator on id field",
            "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes"
        ]
    );
    let apex = "SELECT Id FROM Account WHERE Name = :a.Name AND Foo = :b LIMIT :n FOR UPDATE";
    assert_eq!(messages(check_apex(apex, schema).map(|_| ())), ["No such column 'Foo' on entity 'Account'"]);
}

#[test]
fn problems_are_told_in_the_order_of_their_place_with_lines_and_characters() {
    let problems = check("SELECT Id\nFROM Account\nWHERE Name = 'ä😀' AND Foo = 1\n  AND Bar = 2", schema())
        .unwrap_err();
    let places: Vec<_> = problems.iter().map(|p| p.span.map(|s| (s.line, s.column)).unwrap()).collect();
    assert_eq!(places, [(3, 23), (4, 7)]);
}

/// A quadratic step takes minutes over 100,000 characters; a busy machine does not make seconds of milliseconds.
const BOUND: Duration = Duration::from_secs(10);

/// Each is near to the 100,000 characters that a statement may have, or to the depth that the parser reads.
fn hostile() -> Vec<(&'static str, String)> {
    let list = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<Vec<_>>().join(",");
    let many = list(9_000, &|n| format!("Fiel{n}"));
    let half = list(4_900, &|n| format!("Fiel{n}"));
    let nested = |open: &str, n: usize, inner: &str, close: &str| open.repeat(n) + inner + &close.repeat(n);
    vec![
        ("fields", format!("SELECT {many} FROM Account")),
        ("groups", format!("SELECT {half} FROM Account GROUP BY {half}")),
        ("order of groups", format!("SELECT COUNT(Id) FROM Account GROUP BY {half} ORDER BY {half}")),
        ("the same field", format!("SELECT {} FROM Account", list(19_000, &|_| "Name".to_owned()))),
        ("FIELDS", format!("SELECT {},{half} FROM Account", list(4_000, &|_| "FIELDS(x)".to_owned()))),
        (
            "TYPEOF",
            format!(
                "SELECT {},{} FROM Task",
                list(1_400, &|n| format!("TYPEOF W{n} WHEN Account THEN Phone END")),
                list(5_000, &|n| format!("W{n}.X"))
            ),
        ),
        (
            "aliases",
            format!(
                "SELECT a4999.Id FROM Account a0,{}",
                list(4_999, &|n| format!("a{n}.Parent a{}", n + 1))
            ),
        ),
        ("aliases that are allowed", {
            let aliases = list(55, &|n| format!("a{n}.Parent a{}", n + 1));
            format!("SELECT {} FROM Account a0,{aliases}", list(9_000, &|_| "a55.Name".to_owned()))
        }),
        ("paths", format!("SELECT {} FROM Account", list(5_000, &|n| format!("Parent.Owner.F{n}")))),
        (
            "subqueries",
            format!("SELECT {} FROM Account", list(2_900, &|_| "(SELECT x FROM Contacts)".to_owned())),
        ),
        (
            "values",
            format!("SELECT Id FROM Account WHERE OwnerId IN ({})", list(20_000, &|_| "'x'".to_owned())),
        ),
        (
            "semi-joins",
            format!(
                "SELECT Id FROM Account WHERE {}",
                vec!["Id IN (SELECT x FROM Contact)"; 2_700].join(" OR ")
            ),
        ),
        ("functions in functions", format!("SELECT {} FROM Account", nested("MAX(", 60, "Name", ")"))),
        (
            "children in children",
            format!("SELECT {} FROM Account", nested("(SELECT ", 60, "Id", " FROM ChildAccounts)")),
        ),
        (
            "semi-joins in semi-joins",
            format!(
                "SELECT Id FROM Account WHERE {}",
                nested("Id IN (SELECT ParentId FROM Account WHERE ", 30, "a = 1", ")")
            ),
        ),
        (
            "conditions in conditions",
            format!("SELECT Id FROM Account WHERE {}", nested("(a = 1 OR (b = 2 AND ", 30, "c = 3", "))")),
        ),
    ]
}

#[test]
fn statements_with_thousands_of_problems_are_checked_on_a_small_stack_and_soon() {
    let small_stack = std::thread::Builder::new().stack_size(1 << 20).spawn(|| {
        for (name, text) in hostile() {
            assert!(text.len() < 100_000, "{name} is too long");
            let parsed = Statement::parse(&text).unwrap_or_else(|e| panic!("{name}: {}", e.pretty()));
            let start = Work::start();
            let read = check(&text, schema()).map(|_| ());
            let built = parsed.check(schema());
            assert!(read.is_err() && built.is_err(), "{name}");
            assert!(start.time() < BOUND, "{name} took {:?}", start.time());
        }
    });
    small_stack.unwrap().join().unwrap();
    let problems = check(&hostile()[0].1, schema()).unwrap_err();
    assert_eq!(problems.iter().count(), 9_000);
}

/// Any text at all: for the tests of hostile texts.
pub(crate) fn answers(text: &str) {
    in_text(check(text, schema()).map(|_| ()));
    in_text(check_apex(text, schema()).map(|_| ()));
    in_text(Condition::parse_checked(text, &object!("Task"), schema()).map(|_| ()));
    if let Ok(template) = Template::parse(text) {
        in_text(template.check(schema()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_statement_makes_it_panic_and_every_place_is_in_the_text(
        statement in generate::statement(),
        objects in prop::collection::vec(0..7usize, 1..3),
    ) {
        let schema = schema();
        // Most generated names are unknown: of a known object, more rules are reached.
        let mut known = statement.clone();
        known.from = schema[objects[0]].name.clone();
        for statement in [&statement, &known] {
            for result in [statement.check(schema), statement.check(&Complete(schema))] {
                in_text(result);
            }
            if let Ok(text) = statement.to_soql() {
                let read = check(&text, schema).map(|_| ());
                prop_assert_eq!(&read, &statement.check(schema));
                in_text(read);
            }
        }
    }

    #[test]
    fn no_condition_makes_it_panic(condition in generate::condition()) {
        let schema = schema();
        in_text(condition.check(&object!("Account"), schema));
        if let Ok(text) = condition.to_soql() {
            let read = Condition::parse_checked(&text, &object!("Account"), schema).map(|_| ());
            prop_assert_eq!(read, condition.check(&object!("Account"), schema));
        }
    }
}

fn in_text(result: Result<(), Problems>) {
    let Err(problems) = result else { return };
    let mut last = 0;
    for problem in &problems {
        // A text as a whole is too long.
        let Some(span) = problem.span else {
            assert!(problem.message.contains(" characters"), "no place: {problem}");
            continue;
        };
        assert!(problems.statement().get(span.start..span.end).is_some(), "{span:?}");
        assert!(span.start >= last && span.line > 0 && span.column > 0);
        assert!(!problem.explanation.is_empty(), "{problem}");
        last = span.start;
    }
    assert!(!problems.pretty().is_empty());
}

#[test]
fn deep_trees_that_were_built_are_told_and_not_followed() {
    let mut condition = field!("Name").eq("x");
    for _ in 0..500 {
        condition = Condition::Not(Box::new(condition));
    }
    let mut statement = Statement::new(object!("Account"));
    statement.items = vec![field!("Id").into()];
    statement.filter = Some(condition);
    let problems = statement.check(schema()).unwrap_err();
    assert!(problems.to_string().contains("nested too deeply"), "{problems}");
}

#[test]
fn a_text_that_is_too_long_has_its_place() {
    let schema = sf_core::Describe::new(sf_core::object!("A"), []);
    let long = "x".repeat(4_001);
    for (text, start) in [
        (format!("SELECT Id FROM A WHERE b = '{long}'"), 27),
        (format!("SELECT Id FROM A WHERE b IN ('x', '{long}')"), 34),
        (format!("SELECT Id FROM A WHERE b LIKE '%{long}'"), 30),
        (format!("SELECT Id FROM A WITH Network = '{long}'"), 32),
    ] {
        let problems = check(&text, &schema).unwrap_err();
        let found: Vec<_> =
            problems.iter().filter(|p| p.message.contains(" characters is too long")).collect();
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].span.unwrap().start, start);
        // Of a tree, the writer says the same, and it is said once.
        let tree = Statement::parse(&text).unwrap();
        let problems = tree.check(&schema).unwrap_err();
        assert_eq!(problems.iter().filter(|p| p.message.contains(" characters is too long")).count(), 1);
    }
    let fits = format!("SELECT Id FROM A WHERE b = '{}'", "x".repeat(4_000));
    assert!(!check(&fits, &schema).unwrap_err().to_string().contains("too long"));
}

/// Aliases of aliases make a path that is longer than the org takes, however many there are.
#[test]
fn a_chain_of_aliases_is_a_path_of_too_many_relationships() {
    let schema = schema();
    for n in [6, 20, 50] {
        let aliases: String = (1..=n).map(|i| format!(", a{}.Parent a{i}", i - 1)).collect();
        let text = format!("SELECT a{n}.Name FROM Account a0{aliases}");
        let problems = check(&text, schema).unwrap_err();
        assert!(problems.to_string().contains("relationships, Salesforce takes 5"), "{n}: {problems}");
    }
}
