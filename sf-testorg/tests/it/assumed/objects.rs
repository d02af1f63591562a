//! What is assumed of single sObjects.
use super::assuming;
use serde_json::{Value, json};

#[test]
fn cases_are_numbered_from_the_assumed_number() {
    for (first, number) in [(1_001, "00001001"), (7, "00000007")] {
        let given = assuming(|a| a.objects.first_case_number = first);
        given.insert("Case", json!({"Subject": "s"}));
        assert_eq!(given.column("SELECT CaseNumber FROM Case", "CaseNumber"), [number]);
    }
}

#[test]
fn a_stage_nobody_set_up_opens_an_opportunity_or_leaves_it_as_assumed() {
    for opens in [true, false] {
        let given = assuming(|a| a.objects.unknown_stage_is_open = opens);
        let account = given.account("a");
        let id = given.opportunity(&account, "deal", "Closed Won");
        assert_eq!(
            given.patch(&format!("/sobjects/Opportunity/{id}"), json!({"StageName": "Parked"})).0,
            204
        );
        let row = given.records("SELECT StageName, IsClosed, IsWon FROM Opportunity").remove(0);
        assert_eq!(
            (&row["StageName"], &row["IsClosed"], &row["IsWon"]),
            (&json!("Parked"), &json!(!opens), &json!(!opens))
        );
    }
}

#[test]
fn a_timed_event_has_its_day_or_none_as_assumed() {
    for (has, day) in [(true, json!("2026-02-03")), (false, Value::Null)] {
        let given = assuming(|a| a.objects.timed_event_has_a_day = has);
        given.insert(
            "Event",
            json!({"Subject": "s", "StartDateTime": "2026-02-03T10:00:00Z", "DurationInMinutes": 30}),
        );
        assert_eq!(given.column("SELECT ActivityDate FROM Event", "ActivityDate"), [day]);
        given.insert("Event", json!({"Subject": "t", "IsAllDayEvent": true, "ActivityDate": "2026-02-04"}));
        assert_eq!(
            given.column("SELECT ActivityDate FROM Event WHERE Subject = 't'", "ActivityDate"),
            ["2026-02-04"]
        );
    }
}
