//! GROUP BY with subtotals, HAVING, aggregates in ORDER BY.
use crate::given::Given;
use serde_json::{Value, json};

fn sales() -> Given {
    let given = Given::empty();
    let acme = given.account("Acme");
    for (name, stage, amount) in [
        ("a", "Prospecting", json!(10)),
        ("a", "Prospecting", json!(20)),
        ("a", "Closed Won", json!(40)),
        ("b", "Prospecting", json!(null)),
        ("b", "Closed Won", json!(80)),
    ] {
        let id = given.opportunity(&acme, name, stage);
        given.patch(&format!("/sobjects/Opportunity/{id}"), json!({ "Amount": amount }));
    }
    given
}

/// Every record's values in the order of these keys.
fn table(given: &Given, soql: &str, keys: &[&str]) -> Vec<Value> {
    let row = |record: &Value| keys.iter().map(|key| record[key].clone()).collect();
    given.records(soql).iter().map(row).collect()
}

#[test]
fn given_having_when_grouped_then_only_groups_that_meet_it_come() {
    let given = sales();
    let having = |condition: &str| {
        let soql = format!(
            "SELECT Name, SUM(Amount) s FROM Opportunity GROUP BY Name HAVING {condition} ORDER BY SUM(Amount) DESC"
        );
        given.column(&soql, "Name")
    };
    assert_eq!(having("SUM(Amount) > 70"), ["b"]);
    assert_eq!(having("SUM(Amount) >= 70"), ["b", "a"]);
    assert_eq!(having("COUNT(Id) = 3 AND Name LIKE 'A%'"), ["a"]);
    assert_eq!(having("COUNT(Amount) = 1 OR MAX(Amount) = 40"), ["b", "a"]);
    assert_eq!(having("(NOT Name = 'a')"), ["b"]);
    assert_eq!(having("AVG(Amount) IN (80, 5)"), ["b"]);
    assert_eq!(having("MIN(CloseDate) < TODAY"), [] as [&str; 0]);
    let error = |condition: &str| {
        given.query_error(&format!("SELECT Name FROM Opportunity GROUP BY Name HAVING {condition}"))
    };
    assert!(error("StageName = 'x'").1.ends_with("Field must be grouped or aggregated: StageName"));
    assert!(error("Name IN (SELECT Name FROM Account)").1.contains("not allowed in HAVING"));
    assert!(error("SUM(Amount) = 'x'").1.contains("must be of type"), "{}", error("SUM(Amount) = 'x'").1);
    let (_, message) = given.query_error("SELECT Id FROM Opportunity WHERE SUM(Amount) > 1");
    assert!(message.contains("HAVING"), "{message}");
}

#[test]
fn given_rollup_when_grouped_then_subtotals_come_from_right_to_left() {
    let given = sales();
    let rows = table(
        &given,
        "SELECT Name, StageName, GROUPING(Name) gn, GROUPING(StageName) gs, SUM(Amount) s FROM Opportunity GROUP BY ROLLUP(Name, StageName)",
        &["Name", "StageName", "gn", "gs", "s"],
    );
    assert_eq!(
        json!(rows),
        json!([
            ["a", "Closed Won", 0, 0, 40.0],
            ["a", "Prospecting", 0, 0, 30.0],
            ["a", null, 0, 1, 70.0],
            ["b", "Closed Won", 0, 0, 80.0],
            ["b", "Prospecting", 0, 0, null],
            ["b", null, 0, 1, 80.0],
            [null, null, 1, 1, 150.0]
        ])
    );
    let totals = table(
        &given,
        "SELECT Name, SUM(Amount) s FROM Opportunity GROUP BY ROLLUP(Name) HAVING GROUPING(Name) = 1",
        &["Name", "s"],
    );
    assert_eq!(json!(totals), json!([[null, 150.0]]));
}

#[test]
fn given_cube_when_grouped_then_every_combination_has_its_subtotal() {
    let given = sales();
    let rows = table(
        &given,
        "SELECT Name, StageName, COUNT(Id) n FROM Opportunity GROUP BY CUBE(Name, StageName) ORDER BY GROUPING(Name), GROUPING(StageName), Name, StageName",
        &["Name", "StageName", "n"],
    );
    assert_eq!(
        json!(rows),
        json!([
            ["a", "Prospecting", 2],
            ["a", "Closed Won", 1],
            ["b", "Prospecting", 1],
            ["b", "Closed Won", 1],
            ["a", null, 3],
            ["b", null, 2],
            [null, "Prospecting", 3],
            [null, "Closed Won", 2],
            [null, null, 5]
        ])
    );
}

#[test]
fn given_a_wrong_grouping_when_sent_then_it_is_refused() {
    let given = sales();
    for (soql, message) in [
        ("SELECT GROUPING(Name) FROM Opportunity GROUP BY Name", "GROUPING can only be used with"),
        (
            "SELECT COUNT(Id) FROM Opportunity GROUP BY CUBE(Name, StageName, Type, LeadSource)",
            "at most 3 fields",
        ),
        ("SELECT MAX(Amount) FROM Opportunity LIMIT 1", "cannot also use LIMIT"),
        ("SELECT Name, (SELECT Id FROM Tasks) FROM Opportunity GROUP BY Name", "fields and aggregates only"),
        ("SELECT SUM(Name) FROM Opportunity", "does not support aggregate operator SUM"),
        ("SELECT MAX(IsClosed) FROM Opportunity", "does not support aggregate operator MAX"),
        ("SELECT COUNT(Description) FROM Opportunity", "does not support aggregate operator COUNT"),
        ("SELECT Name n, Name n FROM Opportunity GROUP BY Name", "duplicate alias: n"),
    ] {
        let (code, text) = given.query_error(soql);
        assert_eq!(code, "MALFORMED_QUERY", "{soql}");
        assert!(text.contains(message), "{soql}: {text}");
    }
    let (code, text) = given.query_error(
        "SELECT HasOverdueTask FROM Opportunity GROUP BY HasOverdueTask ORDER BY HasOverdueTask",
    );
    assert_eq!((code.as_str(), text.contains("can not be sorted in a query call")), ("INVALID_FIELD", true));
}

#[test]
fn given_large_amounts_when_summed_then_no_digit_is_lost_or_made() {
    let given = Given::empty();
    let acme = given.account("Acme");
    for amount in ["9006289197.86", "0.1", "0.2", "90071992547.41"] {
        let id = given.opportunity(&acme, "a", "Prospecting");
        let body = format!("{{\"Amount\":{amount}}}");
        let path = format!("{}/sobjects/Opportunity/{id}", crate::given::V);
        assert_eq!(given.send(sf_testorg::Request::patch(path, body)).status, 204);
    }
    let sum = |condition: &str| {
        let soql = format!("SELECT SUM(Amount) s FROM Opportunity WHERE {condition}");
        given.records(&soql)[0]["s"].to_string()
    };
    assert_eq!(sum("Amount > 9000000000 AND Amount < 10000000000"), "9006289197.86");
    assert_eq!(sum("Amount < 1"), "0.3");
    assert_eq!(sum("Amount > 0"), "99078281745.57");
}

#[test]
fn given_a_field_whose_case_counts_when_grouped_then_its_cases_are_groups_of_their_own() {
    let given = Given::empty();
    let code = json!([{"name": "Code__c", "type": "string", "length": 20, "caseSensitive": true, "unique": true,
        "externalId": true}, {"name": "Word__c", "type": "string", "length": 20}]);
    given.org.add_fields(&sf_core::object!("Account"), code).unwrap();
    for (code, word) in [("ab", "ab"), ("AB", "AB"), ("cd", "cd")] {
        given.insert("Account", json!({"Name": "n", "Code__c": code, "Word__c": word}));
    }
    let keys = |soql: &str, key: &str| -> Vec<Value> { table(&given, soql, &[key]) };
    assert_eq!(
        keys("SELECT Code__c, COUNT(Id) FROM Account GROUP BY Code__c ORDER BY Code__c", "Code__c"),
        [json!(["AB"]), json!(["ab"]), json!(["cd"])]
    );
    assert_eq!(
        keys("SELECT Word__c, COUNT(Id) n FROM Account GROUP BY Word__c ORDER BY Word__c", "n"),
        [json!([2]), json!([1])]
    );
    assert_eq!(
        keys("SELECT Code__c FROM Account GROUP BY Code__c HAVING Code__c = 'ab'", "Code__c"),
        [json!(["ab"])]
    );
    assert_eq!(
        keys("SELECT COUNT_DISTINCT(Code__c) c, COUNT_DISTINCT(Word__c) w FROM Account", "c"),
        [json!([3])]
    );
    assert_eq!(keys("SELECT COUNT_DISTINCT(Word__c) w FROM Account", "w"), [json!([2])]);
    assert_eq!(
        keys("SELECT Name, MIN(Code__c) m FROM Account GROUP BY Name HAVING MIN(Code__c) = 'AB'", "m"),
        [json!(["AB"])]
    );
}
