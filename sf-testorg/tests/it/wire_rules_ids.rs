//! Ids: their form, their prefixes, and how a wrong one is refused.
use crate::given::Given;
use serde_json::{Value, json};

/// The suffix of a 15-character id, computed from its upper-case letters.
fn suffix(stem: &str) -> String {
    let bits = |group: &[u8]| {
        group.iter().enumerate().map(|(k, b)| usize::from(b.is_ascii_uppercase()) << k).sum::<usize>()
    };
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    stem.as_bytes().chunks(5).map(|group| char::from(letters[bits(group)])).collect()
}

#[test]
fn every_id_that_is_answered_has_18_characters_and_the_right_suffix() {
    for (stem, wanted) in [
        ("0012X00001AbCdE", "QAV"),
        ("003ab0000ZzYy1K", "AQS"),
        ("a0X7f00000QRsTu", "EAL"),
        ("006Ww000004hPqr", "IAE"),
        ("500000000000001", "AAA"),
    ] {
        assert_eq!(suffix(stem), wanted);
    }
    let given = Given::demo();
    for object in ["Account", "Opportunity", "User", "Contact", "Task", "Case", "Lead", "Event"] {
        let ids = given.column(&format!("SELECT Id FROM {object}"), "Id");
        assert!(!ids.is_empty(), "{object}");
        for id in ids {
            let id = id.as_str().unwrap().to_owned();
            assert!(id.len() == 18 && suffix(&id[..15]) == id[15..], "{id}");
        }
    }
}

#[test]
fn an_id_of_15_characters_is_taken_wherever_an_id_is() {
    let given = Given::empty();
    let id = given.account("Acme");
    let short = &id[..15];
    assert_eq!(given.get(&format!("/sobjects/Account/{short}")).1["Id"], id);
    assert_eq!(given.patch(&format!("/sobjects/Account/{short}"), json!({"Site": "x"})).0, 204);
    let contact = given.insert("Contact", json!({"LastName": "c", "AccountId": short}));
    assert_eq!(given.get(&format!("/sobjects/Contact/{contact}")).1["AccountId"], id);
    assert_eq!(given.delete(&format!("/composite/sobjects?ids={short}")).1[0]["id"], id);
}

#[test]
fn an_id_whose_case_was_changed_is_refused() {
    let given = Given::empty();
    let id = given.account("Acme");
    // One letter of another case: the suffix no longer fits.
    let at = id[..15].find(|c: char| c.is_ascii_alphabetic()).unwrap();
    let letter = char::from(id.as_bytes()[at]);
    let other = if letter.is_uppercase() { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() };
    let wrong = format!("{}{other}{}", &id[..at], &id[at + 1..]);
    assert_ne!(wrong, id);
    let body = given.post("/sobjects/Contact", json!({"LastName": "c", "AccountId": wrong}));
    assert_eq!((body.0, &body.1[0]["errorCode"]), (400, &json!("MALFORMED_ID")), "{wrong}");
    let (code, message) = given.query_error(&format!("SELECT Id FROM Account WHERE Id = '{wrong}'"));
    assert_eq!(code, "INVALID_QUERY_FILTER_OPERATOR");
    assert!(message.ends_with(&format!("invalid ID field: {wrong}")), "{message}");
}

#[test]
fn key_prefixes_are_those_of_every_org() {
    let given = Given::empty();
    let (_, global) = given.get("/sobjects");
    let prefixes: std::collections::BTreeMap<&str, &Value> = global["sobjects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["name"].as_str().unwrap(), &s["keyPrefix"]))
        .collect();
    for (object, prefix) in [
        ("Account", "001"),
        ("Contact", "003"),
        ("User", "005"),
        ("Opportunity", "006"),
        ("Task", "00T"),
        ("Event", "00U"),
        ("Lead", "00Q"),
        ("Case", "500"),
        ("CaseComment", "00a"),
        ("EmailMessage", "02s"),
        ("Organization", "00D"),
        ("Profile", "00e"),
        ("ContentVersion", "068"),
        ("ContentDocument", "069"),
        ("OpportunityStage", "01J"),
    ] {
        assert_eq!(prefixes.get(object), Some(&&json!(prefix)), "{object}");
    }
    assert!(given.account("a").starts_with("001"));
    let job = given.job(json!({"object": "Account", "operation": "insert"}));
    assert!(job.starts_with("750"));
}
