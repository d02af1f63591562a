//! Rules as data: by the builder, over the control path's JSON, and in a state file.
use crate::given::Given;
use serde_json::json;
use sf_core::{SfId, field, object};
use sf_testorg::{
    FieldAccess, TestOrg,
    demo::Dataset,
    guard::{
        AssignmentRule, AutoNumber, DuplicateRule, Match, ObjectAccess, Permissions, RollUp, Rule,
        ValidationRule,
    },
};

fn rules(user: SfId) -> Vec<Rule> {
    let roll_up = RollUp::sum(
        object!("Account"),
        field!("Sum__c"),
        object!("Opportunity"),
        field!("AccountId"),
        field!("Amount"),
    );
    vec![
        ValidationRule::new(object!("Account"), "Hot", "Rating = 'Hot'", "No.").at(field!("Rating")).into(),
        DuplicateRule::new(object!("Contact"), "Mail", [Match::exact(field!("Email"))]).into(),
        AssignmentRule::new(object!("Case"), "All").assign_all(user).into(),
        roll_up.only_if("IsClosed = false").into(),
        AutoNumber::new(object!("Account"), field!("No__c"), "{000}").into(),
        Permissions::of(user)
            .object(object!("Lead"), ObjectAccess::READ)
            .field(object!("Account"), field!("Fax"), FieldAccess::Hidden)
            .into(),
    ]
}

#[test]
fn given_a_state_file_when_the_org_goes_on_then_rules_numbers_and_sums_are_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("org");
    let open = || TestOrg::builder().dataset(Dataset::Empty).open(&path).unwrap();
    let (known, account, stamps) = {
        let given = Given { org: open() };
        let user = given.org.credentials().user_id.parse().unwrap();
        rules(user).into_iter().for_each(|rule| {
            given.org.add_rule(rule).unwrap();
        });
        let account = given.account("A");
        for amount in [1, 2] {
            let fields = json!({"Name": "D", "AccountId": account, "StageName": "Prospecting", "Amount": amount, "CloseDate": "2026-02-01"});
            given.org.clock().advance(std::time::Duration::from_secs(60));
            given.insert("Opportunity", fields);
        }
        let stamps = given.org.value(account.parse().unwrap(), "SystemModstamp");
        (given.org.rules(), account, stamps)
    };
    assert_eq!(known.len(), 6);
    let given = Given { org: open() };
    assert_eq!(given.org.rules(), known);
    let id: SfId = account.parse().unwrap();
    assert_eq!(given.number(&account, "Sum__c"), Some(3.0));
    assert_eq!(given.org.value(id, "SystemModstamp"), stamps);
    assert_eq!(given.org.value(id, "No__c").as_str(), Some("001"));
    assert_eq!(given.org.value(given.account("B").parse().unwrap(), "No__c").as_str(), Some("002"));
    assert_eq!(given.post("/sobjects/Account", json!({"Name": "C", "Rating": "Hot"})).0, 400);
    assert_eq!(given.query("SELECT Fax FROM Account").0, 400);
    // The same rules again, by the builder, change nothing.
    drop(given);
    let user = TestOrg::empty().credentials().user_id.parse().unwrap();
    let mut builder = TestOrg::builder().dataset(Dataset::Empty);
    for rule in rules(user) {
        builder = builder.rule(rule).unwrap();
    }
    assert_eq!(builder.open(&path).unwrap().rules(), known);
}

#[test]
fn given_every_rule_then_its_json_reads_back_as_it_was() {
    let user = TestOrg::empty().credentials().user_id.parse().unwrap();
    for rule in rules(user) {
        let text = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), rule, "{text}");
    }
}

#[test]
fn given_short_json_then_the_rest_has_its_usual_value() {
    let text = r#"{"duplicate": {"object": "Contact", "name": "Mail", "matching": [{"field": "Email"}]}}"#;
    let rule: Rule = serde_json::from_str(text).unwrap();
    assert_eq!(
        rule,
        DuplicateRule::new(object!("Contact"), "Mail", [Match::ignoring_case(field!("Email"))]).into()
    );
    let text = r#"{"auto_number": {"object": "Account", "field": "No__c"}}"#;
    let rule: Rule = serde_json::from_str(text).unwrap();
    assert_eq!(rule, AutoNumber::new(object!("Account"), field!("No__c"), "{0000}").into());
    let text = r#"{"permissions": {"of": "0055e0000000001", "objects": {"Lead": {"read": true}},
        "fields": {"Account": {"Fax": "hidden"}}}}"#;
    assert!(serde_json::from_str::<Rule>(text).is_ok());
}
