//! What is assumed of queries.
use super::assuming;
use crate::given::Given;
use serde_json::{Value, json};

/// Names of the things that meet a condition.
fn names(given: &Given, condition: &str) -> Vec<Value> {
    given.column(&format!("SELECT Name FROM Thing__c WHERE {condition} ORDER BY Name"), "Name")
}

#[test]
fn null_differs_from_every_value_or_from_none_as_assumed() {
    for (assumed, found) in [(true, json!(["none", "y"])), (false, json!(["y"]))] {
        let given = assuming(|a| a.soql.null_differs = assumed);
        given.insert("Thing__c", json!({"Name": "x", "Text__c": "x", "Day__c": "2026-01-05"}));
        given.insert("Thing__c", json!({"Name": "y", "Text__c": "y", "Day__c": "2026-01-06"}));
        given.insert("Thing__c", json!({"Name": "none"}));
        for condition in
            ["Text__c != 'x'", "Text__c NOT IN ('x', 'z')", "Day__c != TODAY", "Day__c != 2026-01-05"]
        {
            assert_eq!(json!(names(&given, condition)), found, "{condition} {assumed}");
        }
        // What is said of null itself, and what is documented, does not turn.
        assert_eq!(names(&given, "Text__c != null"), ["x", "y"]);
        assert_eq!(names(&given, "Text__c NOT IN ('x', null)"), ["y"]);
        assert_eq!(names(&given, "Text__c IN ('x', null)"), ["none", "x"]);
        assert_eq!(names(&given, "Text__c < 'y'"), ["x"]);
    }
}

#[test]
fn not_takes_rows_without_a_value_or_leaves_them_as_assumed() {
    for (assumed, found) in [(true, json!(["none", "y"])), (false, json!(["y"]))] {
        let given = assuming(|a| a.soql.null_meets_not = assumed);
        given.insert("Thing__c", json!({"Name": "x", "Text__c": "x"}));
        given.insert("Thing__c", json!({"Name": "y", "Text__c": "y"}));
        given.insert("Thing__c", json!({"Name": "none"}));
        for condition in [
            "(NOT Text__c = 'x')",
            "(NOT Text__c LIKE 'x%')",
            "(NOT Text__c IN ('x'))",
            "(NOT (Text__c < 'y' AND Name != 'q'))",
        ] {
            assert_eq!(json!(names(&given, condition)), found, "{condition} {assumed}");
        }
        assert_eq!(names(&given, "(NOT Text__c = null)"), ["x", "y"]);
        assert_eq!(names(&given, "(NOT (Text__c = 'x' OR Name = 'none'))"), ["y"]);
    }
}

#[test]
fn excludes_takes_rows_without_a_value_or_leaves_them_as_assumed() {
    for (assumed, found) in [(true, json!(["b", "none"])), (false, json!(["b"]))] {
        let given = assuming(|a| a.soql.null_meets_excludes = assumed);
        given.insert("Thing__c", json!({"Name": "ab", "Picks__c": "a;b"}));
        given.insert("Thing__c", json!({"Name": "b", "Picks__c": "b"}));
        given.insert("Thing__c", json!({"Name": "none"}));
        assert_eq!(json!(names(&given, "Picks__c EXCLUDES ('a')")), found);
        assert_eq!(names(&given, "Picks__c INCLUDES ('a;b')"), ["ab"]);
        assert_eq!(names(&given, "Picks__c INCLUDES ('a;b', 'b')"), ["ab", "b"]);
    }
}

fn thing(given: &Given, fields: Value) {
    given.insert("Thing__c", fields);
}

#[test]
fn an_empty_text_is_null_or_meets_nothing_as_assumed() {
    for (assumed, equal, other) in
        [(true, json!(["none"]), json!(["x"])), (false, json!([]), json!(["none", "x"]))]
    {
        let given = assuming(|a| a.soql.empty_text_is_null = assumed);
        thing(&given, json!({"Name": "x", "Text__c": "x"}));
        thing(&given, json!({"Name": "none", "Text__c": ""}));
        assert_eq!(json!(names(&given, "Text__c = ''")), equal);
        assert_eq!(json!(names(&given, "Text__c != ''")), other);
    }
}

#[test]
fn a_short_id_matches_or_is_refused_as_assumed() {
    let id = |given: &Given| given.insert("Thing__c", json!({"Name": "x"}));
    let given = assuming(|_| {});
    let long = id(&given);
    assert_eq!(names(&given, &format!("Id = '{}'", &long[..15])), ["x"]);
    assert_eq!(names(&given, &format!("Id IN ('{long}')")), ["x"]);
    let given = assuming(|a| a.soql.short_ids_match = false);
    let long = id(&given);
    let error = given.query_error(&format!("SELECT Name FROM Thing__c WHERE Id = '{}'", &long[..15]));
    assert_eq!(error.0, "INVALID_QUERY_FILTER_OPERATOR");
    assert!(error.1.ends_with(&format!("invalid ID field: {}", &long[..15])), "{}", error.1);
    assert_eq!(names(&given, &format!("Id = '{long}'")), ["x"]);
}

#[test]
fn bounds_take_the_range_of_a_date_literal_or_not_as_assumed() {
    for (assumed, most, least) in
        [(true, ["a", "b", "c"].as_slice(), ["b", "c", "d"].as_slice()), (false, &["a", "b"], &["d"])]
    {
        let given = assuming(|a| a.soql.bounds_include_the_range = assumed);
        // The week of the org's Monday begins on Sunday, the 4th.
        for (name, day) in
            [("a", "2026-01-03"), ("b", "2026-01-04"), ("c", "2026-01-10"), ("d", "2026-01-11")]
        {
            thing(&given, json!({"Name": name, "Day__c": day}));
        }
        assert_eq!(names(&given, "Day__c <= THIS_WEEK"), most, "{assumed}");
        assert_eq!(names(&given, "Day__c >= THIS_WEEK"), least, "{assumed}");
        assert_eq!(names(&given, "Day__c < THIS_WEEK"), ["a"]);
        assert_eq!(names(&given, "Day__c > THIS_WEEK"), ["d"]);
        assert_eq!(names(&given, "Day__c = THIS_WEEK"), ["b", "c"]);
        assert_eq!(names(&given, "Day__c != THIS_WEEK"), ["a", "d"]);
    }
}

#[test]
fn last_n_years_goes_back_n_or_one_more_as_assumed() {
    for (further, found) in [(false, json!(["2024", "2025"])), (true, json!(["2023", "2024", "2025"]))] {
        let given = assuming(|a| a.soql.last_n_years_goes_one_further = further);
        for year in 2022..2027 {
            thing(&given, json!({"Name": year.to_string(), "Day__c": format!("{year}-06-01")}));
        }
        assert_eq!(json!(names(&given, "Day__c = LAST_N_YEARS:2")), found);
        assert_eq!(names(&given, "Day__c = N_YEARS_AGO:2"), ["2024"]);
    }
}

#[test]
fn total_size_counts_what_limit_cuts_off_or_not_as_assumed() {
    for (assumed, total) in [(true, 2), (false, 3)] {
        let given = assuming(|a| a.soql.limit_counts_in_total_size = assumed);
        (0..3).for_each(|i| thing(&given, json!({"Name": i.to_string()})));
        let (_, body) = given.query("SELECT Name FROM Thing__c LIMIT 2");
        assert_eq!((&body["totalSize"], body["records"].as_array().unwrap().len()), (&json!(total), 2));
        assert_eq!(body["done"], true);
        assert_eq!(given.query("SELECT Name FROM Thing__c LIMIT 5").1["totalSize"], 3);
    }
}

#[test]
fn limit_0_returns_nothing_or_is_refused_as_assumed() {
    let soql = "SELECT Name FROM Thing__c LIMIT 0";
    let given = assuming(|_| {});
    thing(&given, json!({"Name": "x"}));
    assert_eq!(given.query(soql), (200, json!({"totalSize": 0, "done": true, "records": []})));
    let given = assuming(|a| a.soql.limit_zero_is_refused = true);
    assert_eq!(given.query_error(soql).0, "MALFORMED_QUERY");
    assert_eq!(given.query("SELECT Name FROM Thing__c LIMIT 1").0, 200);
}

#[test]
fn a_grouped_parent_stands_under_its_last_name_or_its_path_as_assumed() {
    let soql = "SELECT Account.Name, COUNT(Id) n FROM Contact GROUP BY Account.Name";
    for (assumed, key) in [(true, "Name"), (false, "Account.Name")] {
        let given = assuming(|a| a.soql.grouped_parent_key_is_last_name = assumed);
        let id = given.account("Acme");
        given.insert("Contact", json!({"LastName": "c", "AccountId": id}));
        let expected = json!([{"attributes": {"type": "AggregateResult"}, key: "Acme", "n": 1}]);
        assert_eq!(json!(given.records(soql)), expected);
    }
    let two = "SELECT Account.Name, Owner.Name, COUNT(Id) FROM Contact GROUP BY Account.Name, Owner.Name";
    let (code, message) = assuming(|_| {}).query_error(two);
    assert!(code == "MALFORMED_QUERY" && message.ends_with("duplicate alias: Name"), "{message}");
}

#[test]
fn an_aggregate_over_no_rows_is_one_row_or_none_as_assumed() {
    let soql = "SELECT MAX(Amount__c), COUNT(Id) n FROM Thing__c";
    let one = json!([{"attributes": {"type": "AggregateResult"}, "expr0": null, "n": 0}]);
    for (assumed, size, rows) in [(true, 1, one), (false, 0, json!([]))] {
        let given = assuming(|a| a.soql.no_rows_are_one_group = assumed);
        assert_eq!(given.query(soql), (200, json!({"totalSize": size, "done": true, "records": rows})));
        // With GROUP BY there are as many rows as groups.
        assert!(given.records("SELECT Name, COUNT(Id) FROM Thing__c GROUP BY Name").is_empty());
        thing(&given, json!({"Name": "x", "Amount__c": 3}));
        assert_eq!(given.records(soql).len(), 1);
    }
}

#[test]
fn an_index_pays_below_the_assumed_share() {
    for (percent, cost) in [(10, 0.5), (50, 0.1)] {
        let given = assuming(|a| a.soql.index_pays_below_percent = percent);
        let ids: Vec<String> = (0..40).map(|i| given.account(&i.to_string())).collect();
        let soql = format!("SELECT Id FROM Account WHERE Id IN ('{}', '{}')", ids[0], ids[1]);
        let (_, body) = given.get(&format!("/query?explain={}", crate::given::encode(&soql)));
        let plan =
            body["plans"].as_array().unwrap().iter().find(|p| p["leadingOperationType"] == "Index").unwrap();
        assert_eq!((&plan["relativeCost"], &plan["cardinality"]), (&json!(cost), &json!(2)), "{percent}");
    }
}

#[test]
fn an_aggregate_of_a_grouped_field_is_taken_outside_of_select_or_refused_as_assumed() {
    for assumed in [true, false] {
        let given = assuming(|a| a.soql.having_may_aggregate_groups = assumed);
        for name in ["x", "x", "y"] {
            thing(&given, json!({"Name": name}));
        }
        for rest in ["HAVING COUNT(Name) > 1", "ORDER BY COUNT(Name) DESC LIMIT 1"] {
            let soql = format!("SELECT Name FROM Thing__c GROUP BY Name {rest}");
            if assumed {
                assert_eq!(given.column(&soql, "Name"), ["x"], "{rest}");
            } else {
                let (code, message) = given.query_error(&soql);
                assert_eq!(code, "MALFORMED_QUERY");
                assert!(message.ends_with("Grouped field should not be aggregated: Name"), "{message}");
            }
        }
        let selected = given.query_error("SELECT COUNT(Name) FROM Thing__c GROUP BY Name");
        assert!(selected.1.ends_with("Grouped field should not be aggregated: Name"), "{}", selected.1);
    }
}
