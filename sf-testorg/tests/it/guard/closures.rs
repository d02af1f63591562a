//! Closures of a test inside the org.
use crate::given::Given;
use serde_json::json;
use sf_core::object;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn given_a_trigger_that_panics_then_nothing_of_its_request_stays_and_the_org_goes_on() {
    let given = Given::demo();
    let before = given.records("SELECT Id FROM Account").len();
    given.org.on_save(object!("Account"), |row| {
        assert_ne!(row.get("Name").as_str(), Some("Boom"), "as the test wants it")
    });
    let record = |name: &str| json!({"attributes": {"type": "Account"}, "Name": name});
    let records = json!({"records": [record("Fine"), record("Boom")]});
    let seen = given.org.latest_change();
    let (other, _) = super::other_user(&given);
    let fields = sf_core::Fields::new().set(sf_core::field!("Name"), "Boom");
    let write = sf_core::Write::Insert { object: object!("Account"), fields };
    for panics in [
        catch_unwind(AssertUnwindSafe(|| drop(given.post("/composite/sobjects", records)))),
        catch_unwind(AssertUnwindSafe(|| drop(given.org.apply_as(other.parse().unwrap(), write)))),
    ] {
        assert!(panics.is_err());
        assert_eq!(given.records("SELECT Id FROM Account").len(), before);
    }
    let after = given.account("After");
    let own = given.org.credentials().user_id;
    assert_eq!(given.org.value(after.parse().unwrap(), "CreatedById").as_str(), Some(own.as_str()));
    assert_eq!(given.org.changes(seen).unwrap().len(), 1);
}

#[test]
fn given_a_trigger_that_changes_a_value_then_other_fields_follow_from_it_as_from_one_that_was_sent() {
    let given = Given::empty();
    given.org.on_save(object!("Opportunity"), |row| row.set("StageName", "Closed Won"));
    let account = given.account("Acme");
    let deal = given.opportunity(&account, "Deal", "Prospecting");
    let value = |field: &str| given.org.value(deal.parse().unwrap(), field);
    assert_eq!(value("StageName").as_str(), Some("Closed Won"));
    assert_eq!(value("IsWon"), sf_core::Value::Bool(true));
    assert_eq!(
        given.records("SELECT Id FROM Opportunity WHERE IsClosed = true AND Probability = 100").len(),
        1
    );
}

#[test]
fn given_a_trigger_that_sets_a_lookup_then_it_is_checked_as_one_that_was_sent() {
    let given = Given::empty();
    given.org.on_save(object!("Contact"), |row| row.set("AccountId", "001000000000001AAA"));
    let (status, body) = given.post("/sobjects/Contact", json!({"LastName": "Ott"}));
    let refused = super::refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", &["AccountId"]);
    assert_eq!((status, body), (400, refused));
}
