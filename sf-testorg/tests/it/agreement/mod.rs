//! sf-soql's check of a statement against describes, and the org that answers these describes: what the one lets through the
//! other answers, what the one refuses the other refuses too. Where they differ, [`KNOWN`] says why.
mod generate;

use crate::given::Given;
use proptest::{prelude::*, test_runner::TestRunner};
use sf_core::{Describe, ObjectName};
use sf_soql::{Complete, check};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

/// Differences that are meant: a statement, a piece of the message of the one side that refuses it, and why.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "SELECT Id FROM Account USING SCOPE delegated",
        "The scope '",
        "the check does not know scopes: sf-core's describe leaves them out",
    ),
    (
        "SELECT convertCurrency(AnnualRevenue) FROM Account",
        "convertCurrency can only be used in",
        "the check does not know whether the org has several currencies",
    ),
    (
        "SELECT Id FROM Account WITH Network = 'x'",
        "The filter '",
        "the check does not know what filters of WITH an org has",
    ),
    (
        "SELECT Id FROM Account WITH DATA CATEGORY A__c AT b__c",
        "Data category filters are not supported",
        "the check does not know which objects have data categories",
    ),
];

/// The org's objects, as it describes them.
fn describes(given: &Given) -> BTreeMap<ObjectName, Describe> {
    let (_, global) = given.get("/sobjects");
    let names = global["sobjects"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap().to_owned());
    names
        .map(|name| {
            let (status, body) = given.get(&format!("/sobjects/{name}/describe"));
            assert_eq!(status, 200, "{name}");
            (ObjectName::new(&name).unwrap(), serde_json::from_value(body).unwrap())
        })
        .collect()
}

/// What the side that refuses says, when only one does.
fn disagreement(
    given: &Given,
    schema: &BTreeMap<ObjectName, Describe>,
    soql: &str,
) -> Option<(&'static str, String)> {
    let checked = check(soql, &Complete(schema));
    let (status, body) = given.query(soql);
    assert!(status == 200 || status == 400, "{soql}: {status} {body}");
    match (checked, status) {
        (Ok(_), 400) => Some(("org", body[0]["message"].to_string())),
        (Err(problems), 200) => Some(("check", problems.to_string())),
        _ => None,
    }
}

fn is_known(message: &str) -> bool {
    KNOWN.iter().any(|(_, piece, _)| message.contains(piece))
}

#[test]
fn the_differences_that_are_listed_exist() {
    let given = Given::demo();
    let schema = describes(&given);
    for (soql, piece, why) in KNOWN {
        let found = disagreement(&given, &schema, soql);
        assert!(found.as_ref().is_some_and(|(_, m)| m.contains(piece)), "{soql} ({why}): {found:?}");
    }
}

/// What is different about statements, without their names: the message up to its first quote.
fn kind_of(side: &str, message: &str) -> String {
    let text = message.rsplit("\\n").next().unwrap_or(message);
    format!("{side}: {}", text.split(['\'', '`']).next().unwrap_or(text))
}

#[test]
fn what_the_check_lets_through_the_org_answers_and_the_other_way_round() {
    let given = Given { org: sf_testorg::TestOrg::builder().accounts(3).build() };
    let schema = describes(&given);
    let cases = 4 * ProptestConfig::default().cases;
    let config = ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() };
    let (read, fine) = (Cell::new(0_u32), Cell::new(0_u32));
    // Of every kind of difference the shortest statement, so that one run tells all.
    let found: RefCell<BTreeMap<String, (String, String)>> = RefCell::default();
    let run = TestRunner::new(config).run(&prop::collection::vec(any::<u16>(), 10..80), |choices| {
        let soql = generate::statement(&choices, &schema);
        if sf_soql::Statement::parse(&soql).is_err() {
            return Ok(());
        }
        read.set(read.get() + 1);
        fine.set(fine.get() + u32::from(check(&soql, &Complete(&schema)).is_ok()));
        if let Some((side, message)) = disagreement(&given, &schema, &soql).filter(|(_, m)| !is_known(m)) {
            let mut found = found.borrow_mut();
            let shortest =
                found.entry(kind_of(side, &message)).or_insert_with(|| (soql.clone(), message.clone()));
            if soql.len() < shortest.0.len() {
                *shortest = (soql, message);
            }
        }
        Ok(())
    });
    run.unwrap();
    let found: Vec<String> =
        found.take().into_values().map(|(soql, message)| format!("{soql}\n    {message}")).collect();
    assert!(found.is_empty(), "only one side refuses:\n{}", found.join("\n"));
    // Both verdicts are common, else the agreement says little.
    let (read, fine) = (read.get(), fine.get());
    assert!(
        fine * 10 > read && fine * 10 < read * 9 && read * 2 > cases,
        "{fine} of {read} of {cases} were let through"
    );
}
