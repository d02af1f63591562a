//! Long IN lists.

use proptest::prelude::*;
use sf_core::{field, object};
use sf_soql::{DateLiteral, Literal, SplitBudget, prelude::*};
use std::collections::BTreeSet;

fn query(filter: Condition) -> Query {
    Query::from(object!("Account")).select([field!("Id")]).filter(filter)
}

fn list(query: &Query, field: &str) -> Vec<String> {
    let mut found = Vec::new();
    let parts = match &query.statement().filter {
        Some(Condition::And(parts)) => parts.clone(),
        other => other.iter().cloned().collect(),
    };
    for part in parts {
        if let Condition::In { left, list, .. } = part
            && left.as_field().unwrap().as_str() == field
        {
            found.extend(list.into_iter().map(|l| match l {
                Literal::Text(t) => t,
                other => panic!("{other:?}"),
            }));
        }
    }
    found
}

fn refusal(query: &Query, budget: SplitBudget) -> String {
    query.split_in(&budget).unwrap_err().iter().next().unwrap().message.clone()
}

#[test]
fn a_query_within_the_budget_stays_one() {
    let q = query(field!("Name").is_in(["b", "a", "b"])).limit(5);
    assert_eq!(q.split_in(&SplitBudget::default()).unwrap(), [q]);
}

#[test]
fn a_list_beyond_the_limit_of_salesforce_is_cut_into_statements_that_can_be_sent() {
    let q = query(field!("Name").is_in((0..20_000).map(|n| format!("name {n}"))));
    assert!(q.to_soql().is_err());
    let pieces = q.split_in(&SplitBudget::default()).unwrap();
    assert!(pieces.iter().all(|p| p.to_soql().is_ok()));
    assert_eq!(pieces.len(), 3);
    let all: Vec<String> = pieces.iter().flat_map(|p| list(p, "Name")).collect();
    assert_eq!(all, list(&q, "Name"));
}

#[test]
fn values_that_the_org_may_take_for_equal_stay_together() {
    let values = ["001000000000001", "x", "X ", "", "001000000000001AAA", "y"];
    let values = values.map(Literal::from).into_iter().chain([Literal::Null, Literal::Bool(false)]);
    let pieces = query(field!("A").is_in(values)).split_in(&SplitBudget::default().values(3)).unwrap();
    let texts: Vec<String> =
        pieces.iter().map(|p| p.statement().filter.as_ref().unwrap().to_string()).collect();
    assert_eq!(
        texts,
        [
            "A IN ('001000000000001', '001000000000001AAA')",
            "A IN ('x', 'X ')",
            "A IN ('', null, FALSE)",
            "A IN ('y')"
        ]
    );
}

/// Words of 15 and 18 letters look like ids; as texts they are equal in any case.
#[test]
fn words_as_long_as_ids_stay_together_in_any_case() {
    for word in ["CustomerSuccess", "Enterprisecustomer"] {
        let id = sf_core::SfId::new(&word[..15]).unwrap().to_string();
        for word in [word, &id] {
            let q = query(field!("Name").is_in([word, "other", &word.to_lowercase()]));
            let pieces = q.split_in(&SplitBudget::default().values(2)).unwrap();
            let lists: Vec<Vec<String>> = pieces.iter().map(|p| list(p, "Name")).collect();
            assert_eq!(lists, [vec![word.to_owned(), word.to_lowercase()], vec!["other".to_owned()]]);
        }
    }
}

#[test]
fn what_would_change_the_meaning_is_refused() {
    let tight = SplitBudget::default().values(2);
    let short = SplitBudget::default().characters(60);
    let many = || field!("Name").is_in(["aaaaaaaa", "bbbbbbbb", "cccccccc"]);
    assert_eq!(refusal(&query(many()).limit(5), tight), "a query with LIMIT or OFFSET cannot be split");
    assert_eq!(refusal(&query(many()).count(), tight), "a query that counts or groups cannot be split");
    assert_eq!(
        refusal(&query(many()).group_by([field!("Id")]), tight),
        "a query that counts or groups cannot be split"
    );
    for c in
        [many() | field!("A").eq(1), !many(), field!("Name").not_in(["aaaaaaaa", "bbbbbbbb", "cccccccc"])]
    {
        let message = refusal(&query(c), short);
        assert_eq!(message, "the statement is too long and has no list that can be split");
    }
    let days = [DateLiteral::TODAY, DateLiteral::YESTERDAY, DateLiteral::Last90Days];
    let message = refusal(&query(field!("CreatedDate").is_in(days)), tight);
    assert_eq!(message, "a list of date literals or currencies cannot be split");
    let message = refusal(&query(many()), SplitBudget::default().characters(45));
    assert_eq!(message, "the statement is too long even with one value in its list");
    let none: [&str; 0] = [];
    assert_eq!(refusal(&query(field!("Name").is_in(none)), tight), "the list of IN is empty");
}

#[test]
fn sets_of_a_multi_select_picklist_stay_together_in_any_order() {
    let q = query(field!("P__c").is_in(["a;B", "c", "b; A", "a;c"]));
    let pieces = q.split_in(&SplitBudget::default().values(2)).unwrap();
    let lists: Vec<Vec<String>> = pieces.iter().map(|p| list(p, "P__c")).collect();
    assert_eq!(lists, [vec!["a;B", "b; A"], vec!["c", "a;c"]]);
}

#[test]
fn every_other_clause_stays_in_every_piece() {
    let text = |names: &str| {
        format!(
            "SELECT Id, a.Name, DISTANCE(L__c, GEOLOCATION(1, 2), 'km'), TYPEOF W WHEN B THEN C END, \
             (SELECT Id FROM A.Bs WHERE b IN ('1', '2', '3')) FROM Contact c, c.Account a USING SCOPE mine \
             WHERE a.Name IN ({names}) AND DISTANCE(L__c, GEOLOCATION(1, 2), 'km') < 5 \
             AND Id IN (SELECT d FROM E WHERE f IN ('1', '2', '3') WITH g = 'h') WITH USER_MODE \
             ORDER BY DISTANCE(L__c, GEOLOCATION(1, 2), 'km') DESC FOR VIEW UPDATE TRACKING"
        )
    };
    let q = Query::parse(&text("'x', 'y', 'z'")).unwrap();
    let pieces = q.split_in(&SplitBudget::default().values(2)).unwrap();
    let pieces: Vec<String> = pieces.iter().map(|p| p.to_soql().unwrap().as_str().to_owned()).collect();
    assert_eq!(pieces, [text("'x', 'y'"), text("'z'")]);
}

#[test]
fn a_list_that_is_not_bound_is_a_problem() {
    let statement = sf_soql::Statement::parse_apex("SELECT Id FROM A WHERE b IN :bs").unwrap();
    assert_eq!(refusal(&statement.into(), SplitBudget::default()), "the parameter :bs has no value");
}

#[test]
fn the_length_in_a_url_is_that_of_the_encoded_text() {
    let q = query(field!("Name").eq("Zoë & 50%~_.-*'"));
    let text = q.to_soql().unwrap();
    assert_eq!(q.url_bytes().unwrap(), url_form(text.as_str()).len());
    let long = query(field!("Name").is_in((0..20_000).map(|n| format!("name {n}"))));
    assert!(long.to_soql().is_err() && long.url_bytes().unwrap() > 300_000);
    assert!(query(sf_soql::any([])).url_bytes().is_err());
}

#[test]
fn ordered_queries_keep_their_order_in_each_piece() {
    let q = query(field!("Name").is_in(["a", "b"])).order_by(field!("Name"));
    for piece in q.split_in(&SplitBudget::default().values(1)).unwrap() {
        assert!(piece.to_string().ends_with(" ORDER BY Name"), "{piece}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn pieces_are_within_the_budget_and_every_pair_of_values_is_in_exactly_one(
        a in prop::collection::vec("[a-e😀']{1,4}", 1..30),
        b in prop::collection::vec("[a-e]{1,4}", 1..30),
        characters in 120usize..400,
        url_bytes in 260usize..900,
        values in 8usize..20,
    ) {
        let q = query(field!("A").is_in(a.clone()) & field!("B").is_in(b.clone()) & field!("C").eq(1));
        let budget = SplitBudget::default().characters(characters).url_bytes(url_bytes).values(values);
        let pieces = q.split_in(&budget).unwrap();
        let mut pairs = BTreeSet::new();
        for piece in &pieces {
            let text = piece.to_soql().unwrap().as_str().to_owned();
            prop_assert!(text.encode_utf16().count() <= characters);
            let encoded: String = url_form(&text);
            prop_assert!(encoded.len() <= url_bytes);
            let (a, b) = (list(piece, "A"), list(piece, "B"));
            prop_assert!(a.len().max(b.len()) <= values);
            let mine: BTreeSet<_> = a.iter().flat_map(|x| b.iter().map(move |y| (x.clone(), y.clone()))).collect();
            for pair in mine {
                prop_assert!(pairs.insert(pair.clone()), "{pair:?} twice");
            }
        }
        let expected: BTreeSet<_> = a.iter().flat_map(|x| b.iter().map(move |y| (x.clone(), y.clone()))).collect();
        prop_assert_eq!(pairs, expected);
    }
}

fn url_form(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
