//! Bulk API 2.0: rules that no other test shows, and both positions of what is assumed.
use crate::bulk_ingest::{things, with_external_id};
use crate::bulk_jobs::accounts;
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

#[test]
fn an_empty_line_is_no_row_or_a_row_as_assumed() {
    for (skipped, rows) in [(true, 2), (false, 3)] {
        let given =
            Given::with(|b| b.assumptions(assumptions(|bulk| bulk.empty_lines_are_no_rows = skipped)));
        let info = given.load(accounts("insert"), "Name\na\n\nb\n");
        assert_eq!(info["numberRecordsProcessed"], rows);
        assert_eq!(info["numberRecordsFailed"], rows - 2);
    }
}

#[test]
fn a_job_without_data_completes_or_fails_as_assumed() {
    for (completes, state) in [(true, "JobComplete"), (false, "Failed")] {
        let given = Given::with(|b| {
            b.assumptions(assumptions(|bulk| bulk.closed_without_data_completes = completes))
        });
        let id = given.job(accounts("insert"));
        given.close(&id);
        given.info(&id);
        let info = given.info(&id);
        assert_eq!((&info["state"], info["errorMessage"].is_string()), (&json!(state), !completes));
    }
}

#[test]
fn a_job_that_waits_for_a_day_fails_or_is_aborted_as_assumed() {
    for (fails, state) in [(true, "Failed"), (false, "Aborted")] {
        let given = Given::with(|b| b.assumptions(assumptions(|bulk| bulk.left_open_fails = fails)));
        let id = given.job(accounts("insert"));
        given.org.clock().advance(std::time::Duration::from_secs(23 * 3600));
        assert_eq!(given.info(&id)["state"], "Open");
        given.org.clock().advance(std::time::Duration::from_secs(2 * 3600));
        assert_eq!(given.info(&id)["state"], state);
    }
}

#[test]
fn a_list_has_its_own_kind_of_jobs_or_all_as_assumed() {
    for (own, kinds) in [(true, json!(["V2Ingest"])), (false, json!(["V2Ingest", "V2Query"]))] {
        let given = Given::with(|b| b.assumptions(assumptions(|bulk| bulk.lists_are_of_one_kind = own)));
        given.job(accounts("insert"));
        given.export("SELECT Id FROM Account");
        let kinds_of = |path: &str| -> Value {
            let (_, body) = given.get(path);
            body["records"].as_array().unwrap().iter().map(|job| job["jobType"].clone()).collect()
        };
        assert_eq!(kinds_of("/jobs/ingest"), kinds);
        assert_eq!(kinds_of("/jobs/query?jobType=V2Query"), json!(["V2Query"]));
        assert_eq!(kinds_of("/jobs/query?jobType=Classic"), json!([]));
    }
}

#[test]
fn rows_take_the_assumed_time() {
    for (millis, time) in [(1, 3), (20, 60)] {
        let row_time = std::time::Duration::from_millis(millis);
        let given = Given::with(|b| b.assumptions(assumptions(|bulk| bulk.row_time = row_time)));
        let info = given.load(accounts("insert"), "Name\na\nb\nc\n");
        assert_eq!(info["apiActiveProcessingTime"], time);
    }
}
