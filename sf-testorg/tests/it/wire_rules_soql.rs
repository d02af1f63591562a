//! Rules of queries that a client could notice, and both positions of what is assumed of them.
use crate::given::Given;
use serde_json::{Value, json};
use sf_testorg::{Assumptions, TestOrg, demo::Dataset};

/// An org of custom rows under changed assumptions.
pub(crate) fn assuming(change: impl FnOnce(&mut Assumptions)) -> Given {
    let mut assumptions = Assumptions::default();
    change(&mut assumptions);
    let picks =
        json!([{"value": "a", "label": "A", "active": true}, {"value": "b", "label": "B", "active": true}]);
    let field = |name: &str, kind: &str| {
        json!({"name": name, "label": name, "type": kind, "length": 255, "precision": 18, "scale": 2, "createable": true,
            "updateable": true, "nillable": true, "filterable": true, "sortable": true, "groupable": true,
            "aggregatable": true, "picklistValues": picks})
    };
    let describe = json!({"name": "Thing__c", "label": "Thing", "keyPrefix": "a00", "custom": true, "createable": true,
        "updateable": true, "deletable": true, "queryable": true, "fields": [
            {"name": "Id", "type": "id", "filterable": true, "sortable": true, "groupable": true},
            field("Name", "string"), field("Picks__c", "multipicklist"), field("Text__c", "string"),
            field("Amount__c", "currency"), field("At__c", "datetime"), field("Day__c", "date"),
            {"name": "Flag__c", "type": "boolean", "createable": true, "updateable": true, "filterable": true, "sortable": true},
            {"name": "IsDeleted", "type": "boolean", "filterable": true}, {"name": "SystemModstamp", "type": "datetime", "filterable": true},
    ]});
    let builder = TestOrg::builder().dataset(Dataset::Empty).assumptions(assumptions);
    Given { org: builder.object(describe).unwrap().build() }
}

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

#[test]
fn a_tree_that_was_saved_has_the_assumed_status() {
    let tree = json!({"records": [{"attributes": {"type": "Account", "referenceId": "a"}, "Name": "Acme"}]});
    assert_eq!(Given::empty().post("/composite/tree/Account", tree.clone()).0, 201);
    assert_eq!(assuming(|a| a.rest.tree_status = 200).post("/composite/tree/Account", tree).0, 200);
}
