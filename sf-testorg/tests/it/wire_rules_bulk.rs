//! Bulk API 2.0: rules that no other test shows, and both positions of what is assumed.
use crate::bulk_ingest::{things, with_external_id};
use crate::given::Given;
use serde_json::{Value, json};
use sf_testorg::{Assumptions, BulkAssumptions};

fn assumptions(change: impl FnOnce(&mut BulkAssumptions)) -> Assumptions {
    let mut assumptions = Assumptions::default();
    change(&mut assumptions.bulk);
    assumptions
}

#[test]
fn na_in_a_relationship_column_clears_the_lookup_or_is_ignored_as_assumed() {
    for clears in [true, false] {
        let given = with_external_id(assumptions(|bulk| bulk.null_clears_parent = clears));
        let parent = given.insert("Thing__c", json!({"Key__c": "p"}));
        given.insert("Thing__c", json!({"Key__c": "a", "Parent__c": parent}));
        let info = given.load(things("upsert"), "Key__c,Parent__r.Key__c\na,#N/A\n");
        assert_eq!(info["numberRecordsFailed"], 0);
        let left = if clears { Value::Null } else { json!(parent) };
        let found = given.column("SELECT Parent__c FROM Thing__c WHERE Key__c = 'a'", "Parent__c");
        assert_eq!(found, [left], "{clears}");
    }
}

#[test]
fn an_export_keeps_the_order_of_order_by_or_none_as_assumed() {
    for keeps in [true, false] {
        let given = Given::with(|b| b.assumptions(assumptions(|bulk| bulk.order_by_is_kept = keeps)));
        (0..60).for_each(|i| drop(given.account(&format!("n{i:02}"))));
        let wanted: Vec<String> = (0..60).map(|i| format!("\"n{i:02}\"")).collect();
        let (mut rows, _) = given.pages(&given.export("SELECT Name FROM Account ORDER BY Name"), "");
        assert_eq!(rows == wanted, keeps);
        rows.sort();
        assert_eq!(rows, wanted, "all of them in any case");
    }
}
