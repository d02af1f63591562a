//! Roll-ups follow whatever happens to a row: deletion, undelete, merge, conversion.
use crate::given::Given;
use serde_json::json;
use sf_core::{Fields, SfId, field, object};
use sf_testorg::{
    LeadConversion,
    guard::RollUp,
    state::{Cell, State},
};
use std::time::Duration;

fn cases_of_contacts() -> RollUp {
    RollUp::count(object!("Contact"), field!("Cases__c"), object!("Case"), field!("ContactId"))
}

fn open_amounts() -> RollUp {
    let (account, deal) = (object!("Account"), object!("Opportunity"));
    RollUp::sum(account, field!("Sum__c"), deal, field!("AccountId"), field!("Amount"))
        .only_if("IsClosed = false")
}

#[test]
fn given_a_deletion_that_empties_lookups_then_the_row_comes_back_with_the_sum_of_what_it_has() {
    let given = Given::empty();
    let deals =
        RollUp::count(object!("Contact"), field!("Deals__c"), object!("Opportunity"), field!("ContactId"));
    given.org.add_rule(deals).unwrap();
    let contact = given.insert("Contact", json!({"LastName": "Ott"}));
    let fields =
        json!({"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-03-31", "ContactId": contact});
    let deal = given.insert("Opportunity", fields);
    assert_eq!(given.number(&contact, "Deals__c"), Some(1.0));
    assert_eq!(given.delete(&format!("/sobjects/Contact/{contact}")).0, 204);
    assert!(given.org.value(deal.parse().unwrap(), "ContactId").is_null());
    assert_eq!(given.number(&contact, "Deals__c"), Some(0.0));
    given.org.undelete(contact.parse().unwrap()).unwrap();
    // A standard lookup of an opportunity is not filled again.
    assert!(given.org.value(deal.parse().unwrap(), "ContactId").is_null());
    assert_eq!(given.number(&contact, "Deals__c"), Some(0.0));
}

#[test]
fn given_children_that_went_with_their_parent_then_it_comes_back_with_their_sum() {
    let given = Given::empty();
    given.org.add_rule(open_amounts()).unwrap();
    let account = given.account("Acme");
    let deal = |amount: f64, stage: &str| {
        let fields = json!({"Name": "Deal", "StageName": stage, "CloseDate": "2026-03-31", "Amount": amount, "AccountId": account});
        given.insert("Opportunity", fields)
    };
    deal(10.0, "Prospecting");
    let alone = deal(0.5, "Prospecting");
    deal(7.0, "Closed Won");
    assert_eq!(given.number(&account, "Sum__c"), Some(10.5));
    given.delete(&format!("/sobjects/Opportunity/{alone}"));
    given.delete(&format!("/sobjects/Account/{account}"));
    given.org.undelete(account.parse().unwrap()).unwrap();
    assert_eq!(given.number(&account, "Sum__c"), Some(10.0));
    given.org.undelete(alone.parse().unwrap()).unwrap();
    assert_eq!(given.number(&account, "Sum__c"), Some(10.5));
}

/// A look at all children for each new one would take half a minute here.
#[test]
fn given_many_children_of_one_parent_then_each_is_added_to_the_sum() {
    let given = Given::empty();
    given.org.add_rule(open_amounts()).unwrap();
    let account: SfId = given.account("Acme").parse().unwrap();
    let insert = |state: &mut State| {
        for n in 0..20_000 {
            let amount = Cell::Double(f64::from(n) / 8.0);
            let fields = [("Name", Cell::text("Deal")), ("AccountId", Cell::Id(account)), ("Amount", amount)];
            state.insert_row("Opportunity", fields).unwrap();
        }
    };
    let started = crate::work::Work::start();
    given.org.transact(insert).unwrap();
    assert!(started.time() < Duration::from_secs(15), "{:?}", started.time());
    assert_eq!(given.number(account.as_str(), "Sum__c"), Some(f64::from(19_999 * 10_000) / 8.0));
}

#[test]
fn given_a_converted_lead_then_its_roll_ups_are_those_of_what_is_left_to_it() {
    let given = Given::empty();
    let tasks = RollUp::count(object!("Lead"), field!("Tasks__c"), object!("Task"), field!("WhoId"));
    given.org.add_rule(tasks).unwrap();
    let lead = given.insert("Lead", json!({"LastName": "Ott", "Company": "Acme"}));
    given.insert("Task", json!({"Subject": "Call", "WhoId": lead}));
    assert_eq!(given.number(&lead, "Tasks__c"), Some(1.0));
    given.org.convert_lead(&LeadConversion::new(lead.parse().unwrap(), "Closed - Converted")).unwrap();
    assert_eq!(given.number(&lead, "Tasks__c"), Some(0.0));
}

#[test]
fn given_a_child_of_a_deleted_parent_then_its_undelete_does_not_delete_the_parent_again() {
    let given = Given::empty();
    let count =
        RollUp::count(object!("Account"), field!("Contacts__c"), object!("Contact"), field!("AccountId"));
    given.org.add_rule(count).unwrap();
    let account = given.account("Acme");
    let contact: SfId =
        given.insert("Contact", json!({"LastName": "Ott", "AccountId": account})).parse().unwrap();
    given.delete(&format!("/sobjects/Contact/{contact}"));
    given.delete(&format!("/sobjects/Account/{account}"));
    let deleted = given.org.value(account.parse().unwrap(), "SystemModstamp");
    given.org.clock().advance(Duration::from_secs(3600));
    given.org.undelete(contact).unwrap();
    assert!(given.org.value(contact, "AccountId").is_null());
    assert_eq!(given.org.value(account.parse().unwrap(), "SystemModstamp"), deleted);
}

#[test]
fn given_a_merge_and_its_undelete_then_both_parents_have_the_sums_of_their_children() {
    let given = Given::empty();
    given.org.add_rule(cases_of_contacts()).unwrap();
    let [master, double] =
        ["A", "B"].map(|name| given.insert("Contact", json!({"LastName": name})).parse::<SfId>().unwrap());
    for contact in [master, double, double] {
        given.insert("Case", json!({"Subject": "Help", "ContactId": contact}));
    }
    given.org.merge(master, &[double], Fields::new()).unwrap();
    let both = || (given.number(master.as_str(), "Cases__c"), given.number(double.as_str(), "Cases__c"));
    assert_eq!(both(), (Some(3.0), Some(0.0)));
    given.org.undelete(double).unwrap();
    assert_eq!(both(), (Some(3.0), Some(0.0)));
}
