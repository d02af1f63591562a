//! Picklist values as rows: LeadStatus, CaseStatus, TaskStatus, TaskPriority.
use super::{id, survives, task, whole};
use crate::given::Given;
use serde_json::{Value, json};
use sf_core::{Value as Cell, field, object};
use sf_testorg::LeadConversion;

/// Label, API name, default, flag; in order.
fn values(given: &Given, object: &str, flag: &str) -> Vec<(String, bool, bool)> {
    let rows = given.records(&format!(
        "SELECT ApiName, MasterLabel, IsDefault, {flag}, SortOrder FROM {object} ORDER BY SortOrder"
    ));
    let mut last = 0;
    rows.iter()
        .map(|row| {
            assert_eq!(row["ApiName"], row["MasterLabel"]);
            let order = row["SortOrder"].as_i64().unwrap();
            assert!(order > last, "{row}");
            last = order;
            (
                row["ApiName"].as_str().unwrap().to_owned(),
                row["IsDefault"].as_bool().unwrap(),
                row[flag].as_bool().unwrap(),
            )
        })
        .collect()
}
fn named(values: &[(&str, bool, bool)]) -> Vec<(String, bool, bool)> {
    values.iter().map(|(name, default, flag)| ((*name).to_owned(), *default, *flag)).collect()
}

#[test]
fn each_value_of_a_status_or_priority_is_a_row() {
    let given = Given::empty();
    assert_eq!(
        values(&given, "LeadStatus", "IsConverted"),
        named(&[
            ("Open - Not Contacted", true, false),
            ("Working - Contacted", false, false),
            ("Closed - Converted", false, true),
            ("Closed - Not Converted", false, false),
        ])
    );
    assert_eq!(
        values(&given, "CaseStatus", "IsClosed"),
        named(&[
            ("New", true, false),
            ("Working", false, false),
            ("Escalated", false, false),
            ("Closed", false, true)
        ])
    );
    assert_eq!(
        values(&given, "TaskStatus", "IsClosed"),
        named(&[
            ("Not Started", true, false),
            ("In Progress", false, false),
            ("Completed", false, true),
            ("Waiting on someone else", false, false),
            ("Deferred", false, false),
        ])
    );
    assert_eq!(
        values(&given, "TaskPriority", "IsHighPriority"),
        named(&[("High", false, true), ("Normal", true, false), ("Low", false, false)])
    );
}

#[test]
fn a_row_of_a_picklist_value_is_read_by_id_and_by_api_name_and_cannot_be_written() {
    let given = Given::empty();
    for object in ["LeadStatus", "CaseStatus", "TaskStatus", "TaskPriority", "OpportunityStage"] {
        let row =
            given.records(&format!("SELECT Id, ApiName FROM {object} ORDER BY SortOrder LIMIT 1"))[0].clone();
        let row_id = row["Id"].as_str().unwrap();
        assert!(row_id.starts_with("01J"), "{row_id}");
        let (status, body) = given.get(&format!("/sobjects/{object}/{row_id}?fields=ApiName"));
        assert_eq!((status, &body["ApiName"]), (200, &row["ApiName"]), "{body}");
        assert_eq!(
            given.column(&format!("SELECT Id FROM {object} WHERE Id = '{row_id}'"), "Id"),
            [row["Id"].clone()]
        );
        let (status, describe) = given.get(&format!("/sobjects/{object}/describe"));
        assert_eq!(status, 200);
        for flag in ["createable", "updateable", "deletable", "undeletable", "mergeable"] {
            assert_eq!(describe[flag], json!(false), "{object} {flag}");
        }
        assert_eq!(describe["queryable"], json!(true));
        let prefix =
            if matches!(object, "LeadStatus" | "OpportunityStage") { json!("01J") } else { Value::Null };
        assert_eq!(describe["keyPrefix"], prefix, "{object}");
    }
}

#[test]
fn a_value_that_is_closed_in_the_picklist_has_no_row_and_gets_one_when_it_is_opened() {
    let given = Given::empty();
    let names = |given: &Given| given.column("SELECT ApiName FROM LeadStatus ORDER BY SortOrder", "ApiName");
    let set = |value: &str, active| {
        given.org.set_picklist_active(&object!("Lead"), &field!("Status"), value, active).unwrap()
    };
    let before = names(&given);
    set("Closed - Converted", false);
    assert_eq!(names(&given).len(), 3);
    let lead = given.insert("Lead", json!({"LastName": "Ott", "Company": "Acme"}));
    let conversion = LeadConversion::new(id(&lead), "Closed - Converted");
    assert!(given.org.convert_lead(&conversion).unwrap_err().to_string().starts_with("INVALID_STATUS: "));
    set("Closed - Converted", true);
    assert_eq!(names(&given), before);
    given.org.convert_lead(&conversion).unwrap();
    set("Qualified", true);
    assert_eq!(names(&given).last(), Some(&json!("Qualified")));
    // A stage stays as a row that is not active.
    let stage = field!("StageName");
    given.org.set_picklist_active(&object!("Opportunity"), &stage, "Prospecting", false).unwrap();
    assert_eq!(
        given.column("SELECT ApiName FROM OpportunityStage WHERE IsActive = false", "ApiName"),
        [json!("Prospecting")]
    );
}

#[test]
fn what_the_row_of_a_status_says_decides_whether_a_task_is_closed_and_a_lead_converts() {
    let given = Given::empty();
    for (object, field, value) in [("Task", "Status", "Cancelled"), ("Lead", "Status", "Qualified")] {
        let (object, field) =
            (sf_core::ObjectName::new(object).unwrap(), sf_core::FieldName::new(field).unwrap());
        given.org.set_picklist_active(&object, &field, value, true).unwrap();
    }
    for (object, value, flag) in
        [("TaskStatus", "Cancelled", "IsClosed"), ("LeadStatus", "Qualified", "IsConverted")]
    {
        let row =
            given.column(&format!("SELECT Id FROM {object} WHERE ApiName = '{value}'"), "Id")[0].clone();
        let row = id(row.as_str().unwrap());
        given
            .org
            .transact(|state| state.update_row(row, [(flag, sf_testorg::state::Cell::Bool(true))]).unwrap())
            .unwrap();
    }
    let cancelled = task(&given, json!({"Status": "Cancelled"}));
    assert_eq!(whole(&given, &cancelled)["IsClosed"], json!(true));
    let lead = given.insert("Lead", json!({"LastName": "Ott", "Company": "Acme"}));
    given.org.convert_lead(&LeadConversion::new(id(&lead), "Qualified")).unwrap();
    assert_eq!(given.org.value(id(&lead), "Status"), Cell::from("Qualified"));
}

#[test]
fn rows_of_picklist_values_survive_a_restart() {
    let again = survives(|given| {
        given.org.set_picklist_active(&object!("Case"), &field!("Status"), "Escalated", false).unwrap();
        given.org.set_picklist_active(&object!("Case"), &field!("Status"), "Waiting", true).unwrap();
        given.org.set_picklist_active(&object!("Case"), &field!("Status"), "Escalated", true).unwrap();
    });
    assert_eq!(
        values(&again, "CaseStatus", "IsClosed").iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(),
        ["New", "Working", "Escalated", "Closed", "Waiting"]
    );
    let ids = |given: &Given| given.column("SELECT Id FROM CaseStatus", "Id");
    let before = ids(&again);
    again.org.set_picklist_active(&object!("Case"), &field!("Status"), "More", true).unwrap();
    let after = ids(&again);
    let last = |ids: &[Value]| ids.last().unwrap().as_str().unwrap().to_owned();
    assert!(after.len() == before.len() + 1 && last(&after) > last(&before));
}
