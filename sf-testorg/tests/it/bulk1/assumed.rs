//! Both positions of what is assumed.
use super::{JSON, XML, job, request};
use crate::given::{Given, read};
use serde_json::{Value, json};
use sf_testorg::{Assumptions, Bulk1Assumptions, Method};

fn assuming(change: impl FnOnce(&mut Bulk1Assumptions)) -> Given {
    let mut assumptions = Assumptions::default();
    change(&mut assumptions.bulk1);
    Given::with(|b| b.assumptions(assumptions))
}

#[test]
fn a_job_is_told_in_the_format_that_is_asked_for_or_in_its_own_as_assumed() {
    for follows in [true, false] {
        let given = assuming(|bulk1| bulk1.job_info_follows_content_type = follows);
        let id = given.bulk1_job(job("Account", "insert", "JSON"));
        let kind = |header: &str| {
            let response = given.org.handle(&request(&given, Method::Get, &format!("/job/{id}"), header, ""));
            assert_eq!(response.status, 200);
            response.find_header("Content-Type").unwrap().to_owned()
        };
        assert_eq!((kind(""), kind(JSON)), (JSON.to_owned(), JSON.to_owned()));
        assert_eq!(kind(XML), if follows { "application/xml" } else { JSON });
    }
}

#[test]
fn empty_texts_and_na_in_json_clear_a_field_or_not_as_assumed() {
    for (empty, na) in [(true, false), (false, true)] {
        let given = assuming(|bulk1| (bulk1.empty_text_is_null, bulk1.na_is_null) = (empty, na));
        let id = given.insert("Account", json!({"Name": "a", "Phone": "1", "Fax": "2"}));
        let rows = json!([{"Id": id, "Phone": "", "Fax": "#N/A"}]).to_string();
        assert_eq!(given.bulk1_load(job("Account", "update", "JSON"), rows).0, "Completed");
        let row = &given.records("SELECT Phone, Fax FROM Account")[0];
        let kept = |is_null: bool, other: &str| if is_null { Value::Null } else { json!(other) };
        assert_eq!((&row["Phone"], &row["Fax"]), (&kept(empty, "1"), &kept(na, "#N/A")));
    }
}

#[test]
fn a_bad_date_in_json_fails_the_batch_or_its_row_as_assumed() {
    for fails in [true, false] {
        let given = assuming(|bulk1| bulk1.bad_time_fails_json_batch = fails);
        let rows = json!([{"Name": "a", "StageName": "Closed Won", "CloseDate": "2026-01-05"},
            {"Name": "b", "StageName": "Closed Won", "CloseDate": "05.01.2026"}]);
        let (state, message, result) =
            given.bulk1_load(job("Opportunity", "insert", "JSON"), rows.to_string());
        if fails {
            let wanted = "InvalidBatch : Failed to parse JSON. 05.01.2026 is not a valid date of CloseDate";
            assert_eq!((state.as_str(), message.as_str()), ("Failed", wanted));
            assert_eq!(read(&result)["exceptionMessage"], "Records not processed");
        } else {
            assert_eq!((state.as_str(), &read(&result)[1]["success"]), ("Completed", &json!(false)));
        }
        let made = given.column("SELECT Name FROM Opportunity", "Name");
        assert_eq!(made, if fails { vec![] } else { vec![json!("a")] });
    }
}
