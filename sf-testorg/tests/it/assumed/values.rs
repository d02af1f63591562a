//! What is assumed of values.
use super::assuming;
use serde_json::{Value, json};

#[test]
fn null_unchecks_a_checkbox_or_is_refused_as_assumed() {
    for unchecks in [true, false] {
        let given = assuming(|a| a.values.null_unchecks = unchecks);
        let id = given.insert("Thing__c", json!({"Flag__c": true}));
        let (status, body) = given.patch(&format!("/sobjects/Thing__c/{id}"), json!({"Flag__c": null}));
        assert_eq!(status, if unchecks { 204 } else { 400 });
        if !unchecks {
            assert_eq!(body[0]["errorCode"], "JSON_PARSER_ERROR");
        }
        assert_eq!(given.column("SELECT Flag__c FROM Thing__c", "Flag__c"), [!unchecks]);
    }
}

#[test]
fn a_date_time_as_it_is_answered_is_read_or_refused_as_assumed() {
    for reads in [true, false] {
        let given = assuming(|a| a.values.compact_offsets = reads);
        let post = |at: &str| given.post("/sobjects/Thing__c", json!({"At__c": at}));
        let (status, body) = post("2026-01-02T03:04:05.000+0000");
        assert_eq!(status, if reads { 201 } else { 400 });
        if !reads {
            assert_eq!(body[0]["errorCode"], "JSON_PARSER_ERROR");
        }
        for documented in ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", "2026-01-02T04:04:05+01:00"] {
            assert_eq!(post(documented).0, 201);
        }
        let found = given.column("SELECT At__c FROM Thing__c", "At__c");
        assert!(found.iter().all(|at| at == "2026-01-02T03:04:05.000+0000"), "{found:?}");
    }
}

#[test]
fn blanks_around_a_text_are_dropped_or_kept_as_assumed() {
    for (trims, stored) in [(true, [json!("a b"), Value::Null]), (false, [json!(" a b "), json!("  ")])] {
        let given = assuming(|a| a.values.texts_are_trimmed = trims);
        given.insert("Thing__c", json!({"Name": "1", "Text__c": " a b "}));
        given.insert("Thing__c", json!({"Name": "2", "Text__c": "  "}));
        assert_eq!(given.column("SELECT Text__c FROM Thing__c ORDER BY Name", "Text__c"), stored);
    }
}

#[test]
fn decimals_beyond_the_scale_are_kept_or_rounded_as_assumed() {
    for (keeps, stored) in [(true, 1.2345), (false, 1.23)] {
        let given = assuming(|a| a.values.decimals_are_kept = keeps);
        given.insert("Thing__c", json!({"Amount__c": 1.2345}));
        assert_eq!(given.column("SELECT Amount__c FROM Thing__c", "Amount__c"), [json!(stored)]);
    }
}
