//! The evaluator of queries against another one: rows as maps, no indexes, nothing shared but the tree of the statement.
mod evaluate;
mod generate;

use crate::given::{Given, encode};
use evaluate::Answer;
use generate::Org;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The org of these rows, written over the wire.
fn filled(org: &Org) -> (Given, Vec<String>) {
    let given = Given { org: generate::test_org() };
    let parents: Vec<String> =
        org.parents.iter().map(|p| given.insert("Parent__c", p.to_json(&[]))).collect();
    for child in &org.children {
        given.insert("Child__c", child.to_json(&parents));
    }
    (given, parents)
}

fn ask(given: &Given, soql: &str) -> Vec<Value> {
    let (status, body) = given.get(&format!("/query?q={}", encode(soql)));
    assert_eq!(status, 200, "{soql}: {body}");
    assert_eq!(body["done"], true);
    body["records"].as_array().cloned().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_found_in_the_same_order(org in generate::org(), queries in prop::collection::vec(generate::query(), 12)) {
        let (given, _) = filled(&org);
        for query in queries {
            let soql = query.to_soql();
            let found: Vec<Value> = ask(&given, &soql).iter().map(|r| r["Key__c"].clone()).collect();
            prop_assert_eq!(json!(found), json!(evaluate::rows(&org, &query)), "{}", soql);
            let count = given.query(&query.to_count()).1["totalSize"].clone();
            prop_assert_eq!(count, json!(evaluate::count(&org, &query)), "{}", query.to_count());
        }
    }

    #[test]
    fn groups_have_the_same_values(org in generate::org(), queries in prop::collection::vec(generate::grouped(), 8)) {
        let (given, _) = filled(&org);
        for query in queries {
            let soql = query.to_soql();
            let mut found: Vec<Answer> = ask(&given, &soql).iter().map(|r| query.answer_of(r)).collect();
            let mut expected = evaluate::groups(&org, &query);
            found.sort();
            expected.sort();
            prop_assert_eq!(found, expected, "{}", soql);
        }
    }
}
