//! Change events of what happens to rows besides saving: cascades, undelete, merge, conversion, roll-ups.
use crate::given::Given;
use serde_json::json;
use sf_core::{Fields, SfId, field, object};
use sf_testorg::{ChangeEvent, ChangeType, LeadConversion, guard::RollUp};

fn id(text: &str) -> SfId {
    SfId::new(text).unwrap()
}

/// The events of the one transaction that `act` is: sObject, kind, records, changed fields.
fn events(given: &Given, act: impl FnOnce()) -> Vec<(String, ChangeType, Vec<String>, Vec<String>)> {
    let before = given.org.latest_change();
    act();
    let events: Vec<ChangeEvent> = given.org.changes(before).unwrap();
    let keys: Vec<&str> = events.iter().map(|event| event.header.transaction_key.as_str()).collect();
    assert!(keys.windows(2).all(|two| two[0] == two[1]), "one transaction");
    let places: Vec<u32> = events.iter().map(|event| event.header.sequence_number).collect();
    assert_eq!(places, (1..).take(events.len()).collect::<Vec<u32>>());
    assert!(events.windows(2).all(|two| two[0].replay_id < two[1].replay_id));
    let shown = |e: ChangeEvent| {
        (e.header.entity_name, e.header.change_type, e.header.record_ids, e.header.changed_fields)
    };
    events.into_iter().map(shown).collect()
}
fn names(fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| (*field).to_owned()).collect()
}

#[test]
fn given_a_parent_with_children_when_deleted_and_undeleted_then_each_has_its_event() {
    let given = Given::empty();
    let account = given.account("Acme");
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": account}));
    let child = given.insert("Account", json!({"Name": "Child", "ParentId": account}));
    let deleted = events(&given, || assert_eq!(given.delete(&format!("/sobjects/Account/{account}")).0, 204));
    let lookup = names(&["LastModifiedDate", "ParentId"]);
    let row = |object: &str, kind, id: &String, fields: &[String]| {
        (object.to_owned(), kind, vec![id.clone()], fields.to_vec())
    };
    let sorted = |mut events: Vec<(String, ChangeType, Vec<String>, Vec<String>)>| {
        events.iter_mut().for_each(|event| event.3.sort());
        events.sort();
        events
    };
    assert_eq!(
        sorted(deleted),
        [
            row("Account", ChangeType::Update, &child, &lookup),
            row("Account", ChangeType::Delete, &account, &[]),
            row("Contact", ChangeType::Delete, &contact, &[]),
        ]
    );
    let undeleted = events(&given, || given.org.undelete(id(&account)).unwrap());
    assert_eq!(undeleted[0].2, std::slice::from_ref(&account), "the parent comes first");
    assert_eq!(
        sorted(undeleted),
        [
            row("Account", ChangeType::Update, &child, &lookup),
            row("Account", ChangeType::Undelete, &account, &[]),
            row("Contact", ChangeType::Undelete, &contact, &[]),
        ]
    );
    // What leaves the bin for good has no event.
    given.delete(&format!("/sobjects/Account/{account}"));
    assert_eq!(events(&given, || assert!(given.org.purge(id(&account)).is_ok())), []);
}

#[test]
fn given_a_merge_then_children_change_losers_go_and_the_master_changes() {
    let given = Given::empty();
    let [master, loser] = ["A", "B"].map(|name| given.account(name));
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": loser}));
    let merged = events(&given, || {
        let fields = Fields::new().set(field!("Phone"), "1");
        given.org.merge(id(&master), &[id(&loser)], fields).unwrap();
    });
    assert_eq!(
        merged,
        [
            (
                "Contact".to_owned(),
                ChangeType::Update,
                vec![contact],
                names(&["AccountId", "LastModifiedDate"])
            ),
            ("Account".to_owned(), ChangeType::Delete, vec![loser], vec![]),
            ("Account".to_owned(), ChangeType::Update, vec![master], names(&["Phone", "LastModifiedDate"])),
        ]
    );
}

#[test]
fn given_a_conversion_then_its_events_come_in_the_guides_order() {
    let given = Given::empty();
    let lead = given.insert("Lead", json!({"LastName": "Ott", "Company": "Acme"}));
    let converted = events(&given, || {
        given.org.convert_lead(&LeadConversion::new(id(&lead), "Closed - Converted")).unwrap();
    });
    let kinds: Vec<(&str, ChangeType)> = converted.iter().map(|event| (event.0.as_str(), event.1)).collect();
    let create = ChangeType::Create;
    let wanted =
        [("Account", create), ("Contact", create), ("Opportunity", create), ("Lead", ChangeType::Update)];
    assert_eq!(kinds, wanted);
    let mut changed = converted[3].3.clone();
    changed.sort();
    let mut fields = names(&[
        "ConvertedAccountId",
        "ConvertedContactId",
        "ConvertedDate",
        "ConvertedOpportunityId",
        "IsConverted",
        "LastModifiedDate",
        "Status",
    ]);
    fields.sort();
    assert_eq!(changed, fields);
}

#[test]
fn given_a_roll_up_that_follows_then_its_parent_has_no_event() {
    let given = Given::empty();
    let count =
        RollUp::count(object!("Account"), field!("Deals__c"), object!("Opportunity"), field!("AccountId"));
    given.org.add_rule(count).unwrap();
    let account = given.account("Acme");
    let made = events(&given, || drop(given.opportunity(&account, "Deal", "Prospecting")));
    assert_eq!((made.len(), made[0].0.as_str()), (1, "Opportunity"));
    assert_eq!(given.records("SELECT Id FROM Account WHERE Deals__c = 1").len(), 1);
}

#[test]
fn given_a_request_that_is_taken_back_then_there_is_no_event_of_it() {
    let given = Given::empty();
    let record = |name: &str| json!({"attributes": {"type": "Account"}, "Name": name});
    let body = json!({"allOrNone": true, "records": [record("A"), record("")]});
    assert_eq!(events(&given, || drop(given.post("/composite/sobjects", body))), []);
}
