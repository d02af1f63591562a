//! Roll-up summaries and auto-numbers.
use super::refused;
use crate::given::Given;
use serde_json::{Value, json};
use sf_core::{field, object};
use sf_testorg::{
    Assumptions,
    guard::{AutoNumber, RollUp},
};
use std::time::Duration;

fn open_amount() -> RollUp {
    let (account, opportunity) = (object!("Account"), object!("Opportunity"));
    RollUp::sum(account, field!("Open_Amount__c"), opportunity, field!("AccountId"), field!("Amount"))
        .only_if("IsClosed = false")
}

fn rolled() -> Given {
    let given = Given::empty();
    given.org.add_rule(open_amount()).unwrap();
    let count =
        RollUp::count(object!("Account"), field!("Opps__c"), object!("Opportunity"), field!("AccountId"));
    given.org.add_rule(count).unwrap();
    for (make, field) in [
        (RollUp::min as fn(_, _, _, _, _) -> _, field!("First_Close__c")),
        (RollUp::max, field!("Last_Close__c")),
    ] {
        let roll_up: RollUp =
            make(object!("Account"), field, object!("Opportunity"), field!("AccountId"), field!("CloseDate"));
        given.org.add_rule(roll_up).unwrap();
    }
    given
}

impl Given {
    pub(super) fn number(&self, id: &str, field: &str) -> Option<f64> {
        match self.org.value(id.parse().unwrap(), field) {
            sf_core::Value::Number(n) => n.as_str().parse().ok(),
            _ => None,
        }
    }
    fn deal(&self, account: &str, amount: f64, close: &str) -> String {
        let fields = json!({"Name": "Deal", "AccountId": account, "StageName": "Prospecting", "Amount": amount, "CloseDate": close});
        self.insert("Opportunity", fields)
    }
    /// Sum of the open ones, count, first and last close.
    fn sums(&self, account: &str) -> [Value; 4] {
        let fields = "Open_Amount__c,Opps__c,First_Close__c,Last_Close__c";
        let (status, row) = self.get(&format!("/sobjects/Account/{account}?fields={fields}"));
        assert_eq!(status, 200, "{row}");
        ["Open_Amount__c", "Opps__c", "First_Close__c", "Last_Close__c"].map(|field| row[field].clone())
    }
    fn stamps(&self, account: &str) -> (String, String) {
        let (_, row) = self.get(&format!("/sobjects/Account/{account}"));
        let text = |field: &str| row[field].as_str().unwrap().to_owned();
        (text("SystemModstamp"), text("LastModifiedDate"))
    }
}

#[test]
fn given_children_when_saved_moved_and_deleted_then_their_parents_follow() {
    let given = rolled();
    let (a, b) = (given.account("A"), given.account("B"));
    let none = [json!(null), json!(null), json!(null), json!(null)];
    // A parent that never had a child was never computed.
    assert_eq!(given.sums(&a), none);
    let first = given.deal(&a, 100.0, "2026-02-01");
    let second = given.deal(&a, 50.5, "2026-03-01");
    assert_eq!(given.sums(&a), [json!(150.5), json!(2.0), json!("2026-02-01"), json!("2026-03-01")]);

    given.patch(&format!("/sobjects/Opportunity/{first}"), json!({"StageName": "Closed Won"}));
    assert_eq!(given.sums(&a)[..2], [json!(50.5), json!(2.0)]);
    given.patch(&format!("/sobjects/Opportunity/{second}"), json!({"AccountId": b}));
    assert_eq!(given.sums(&a), [json!(0.0), json!(1.0), json!("2026-02-01"), json!("2026-02-01")]);
    assert_eq!(given.sums(&b), [json!(50.5), json!(1.0), json!("2026-03-01"), json!("2026-03-01")]);
    given.delete(&format!("/sobjects/Opportunity/{second}"));
    assert_eq!(given.sums(&b), [json!(0.0), json!(0.0), json!(null), json!(null)]);
    assert_eq!(given.records("SELECT Id FROM Account WHERE Opps__c > 0").len(), 1);
}

#[test]
fn given_a_roll_up_when_its_value_changes_then_only_the_parents_system_modstamp_moves() {
    let given = rolled();
    let account = given.account("A");
    let deal = given.deal(&account, 100.0, "2026-02-01");
    let (_, modified) = given.stamps(&account);
    given.org.clock().advance(Duration::from_secs(60));
    given.patch(&format!("/sobjects/Opportunity/{deal}"), json!({"NextStep": "Call"}));
    assert_eq!(given.stamps(&account), (modified.clone(), modified.clone()), "the values stayed");
    given.patch(&format!("/sobjects/Opportunity/{deal}"), json!({"Amount": 200}));
    let (stamp, still) = given.stamps(&account);
    assert_eq!(still, modified);
    assert!(stamp > modified, "{stamp} {modified}");
}

#[test]
fn given_the_switch_is_off_then_no_stamp_of_the_parent_moves() {
    let mut assumptions = Assumptions::default();
    assumptions.guard.roll_up_moves_modstamp = false;
    let given = Given::with(|builder| builder.assumptions(assumptions));
    given.org.add_rule(open_amount()).unwrap();
    let account = given.account("A");
    let before = given.stamps(&account);
    given.org.clock().advance(Duration::from_secs(60));
    given.deal(&account, 1.0, "2026-02-01");
    assert_eq!(given.stamps(&account), before);
    assert_eq!(given.number(&account, "Open_Amount__c"), Some(1.0));
}

#[test]
fn given_a_roll_up_then_describe_calls_it_calculated_and_it_cannot_be_written() {
    let given = rolled();
    let (_, describe) = given.get("/sobjects/Account/describe");
    let field =
        describe["fields"].as_array().unwrap().iter().find(|f| f["name"] == "Open_Amount__c").unwrap();
    for (key, value) in [
        ("type", json!("currency")),
        ("precision", json!(18)),
        ("scale", json!(2)),
        ("calculated", json!(true)),
        ("createable", json!(false)),
        ("updateable", json!(false)),
        ("nillable", json!(true)),
        ("filterable", json!(true)),
    ] {
        assert_eq!(field[key], value, "{key}");
    }
    let (status, body) = given.post("/sobjects/Account", json!({"Name": "A", "Open_Amount__c": 1}));
    let message = "Unable to create/update fields: Open_Amount__c. Please check the security settings of this field and verify that \
                   it is read/write for your profile or permission set.";
    assert_eq!(
        (status, body),
        (400, refused("INVALID_FIELD_FOR_INSERT_UPDATE", message, &["Open_Amount__c"]))
    );
}

#[test]
fn given_a_transaction_that_fails_then_the_parents_are_as_they_were() {
    let given = rolled();
    let account = given.account("A");
    given.deal(&account, 100.0, "2026-02-01");
    let before = (given.sums(&account), given.stamps(&account));
    given.org.clock().advance(Duration::from_secs(60));
    let record = |amount: Value| {
        json!({"attributes": {"type": "Opportunity"}, "Name": "Deal", "AccountId": account, "StageName": "Prospecting",
            "Amount": amount, "CloseDate": "2026-02-01"})
    };
    let body = json!({"allOrNone": true, "records": [record(json!(5)), record(json!(1e30))]});
    assert_eq!(given.post("/composite/sobjects", body).0, 200);
    assert_eq!((given.sums(&account), given.stamps(&account)), before);
}

#[test]
fn given_rows_that_are_there_when_a_roll_up_is_added_then_they_have_their_sums_at_once() {
    let given = Given::demo();
    let before = given.column("SELECT SystemModstamp FROM Account ORDER BY Id", "SystemModstamp");
    given.org.add_rule(open_amount()).unwrap();
    assert_eq!(given.column("SELECT SystemModstamp FROM Account ORDER BY Id", "SystemModstamp"), before);
    let sums = given.records(
        "SELECT AccountId, SUM(Amount) total FROM Opportunity WHERE IsClosed = false AND AccountId != null GROUP BY AccountId",
    );
    assert!(sums.len() > 5);
    for group in sums {
        let id = group["AccountId"].as_str().unwrap();
        let is = given.number(id, "Open_Amount__c").unwrap();
        assert!((is - group["total"].as_f64().unwrap_or(0.0)).abs() < 1e-6, "{id}");
    }
}

#[test]
fn given_wrong_roll_ups_then_they_are_refused_and_no_field_is_made() {
    let given = rolled();
    let (account, opportunity) = (object!("Account"), object!("Opportunity"));
    for roll_up in [
        RollUp::count(account.clone(), field!("X__c"), object!("Nothing"), field!("AccountId")),
        RollUp::count(account.clone(), field!("X__c"), opportunity.clone(), field!("OwnerId")),
        RollUp::sum(
            account.clone(),
            field!("X__c"),
            opportunity.clone(),
            field!("AccountId"),
            field!("Name"),
        ),
        RollUp::sum(account.clone(), field!("X__c"), opportunity, field!("AccountId"), field!("Nothing")),
        // It would sum itself up.
        RollUp::count(account.clone(), field!("X__c"), account, field!("ParentId")),
        open_amount().only_if("Nothing = 1"),
    ] {
        assert!(given.org.add_rule(roll_up.clone()).is_err(), "{roll_up:?}");
    }
    assert_eq!(given.query("SELECT X__c FROM Account").0, 400);
    assert_eq!(given.org.rules().len(), 4);
}

#[test]
fn given_an_auto_number_by_describe_then_rows_are_numbered_and_nobody_writes_it() {
    let given = Given::empty();
    let field =
        json!([{"name": "Number__c", "label": "Number", "type": "string", "length": 30, "autoNumber": true}]);
    given.org.add_fields(&object!("Account"), field).unwrap();
    let number = |id: &str| given.org.value(id.parse().unwrap(), "Number__c").as_str().map(str::to_owned);
    assert_eq!(number(&given.account("A")).as_deref(), Some("0001"));
    let b = given.account("B");
    assert_eq!(number(&b).as_deref(), Some("0002"));
    // Also where the describe forgot to say so.
    assert_eq!(given.patch(&format!("/sobjects/Account/{b}"), json!({"Number__c": "7"})).0, 400);
    let (status, body) = given.post("/sobjects/Account", json!({"Name": "C", "Number__c": "7"}));
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_FIELD_FOR_INSERT_UPDATE")));
}

#[test]
fn given_a_display_format_then_numbers_have_it_and_a_save_that_fails_leaves_a_gap() {
    let given = Given::empty();
    let rule = AutoNumber::new(object!("Account"), field!("Code__c"), "A-{YYYY}{MM}{DD}-{000}").start(41);
    given.org.add_rule(rule.clone()).unwrap();
    let code = |id: &str| given.org.value(id.parse().unwrap(), "Code__c").as_str().map(str::to_owned);
    assert_eq!(code(&given.account("A")).as_deref(), Some("A-20260105-041"));
    let record = |name: &str| json!({"attributes": {"type": "Account"}, "Name": name});
    let failing = json!({"allOrNone": true, "records": [record("B"), record("")]});
    given.post("/composite/sobjects", failing);
    assert_eq!(code(&given.account("C")).as_deref(), Some("A-20260105-043"));
    for format in ["", "A-", "{0}{0}"] {
        let wrong = AutoNumber::new(object!("Account"), field!("Other__c"), format);
        assert!(given.org.add_rule(wrong).is_err());
    }
    let (_, describe) = given.get("/sobjects/Account/describe");
    let field = describe["fields"].as_array().unwrap().iter().find(|f| f["name"] == "Code__c").unwrap();
    assert_eq!((&field["autoNumber"], &field["createable"]), (&json!(true), &json!(false)));
}
