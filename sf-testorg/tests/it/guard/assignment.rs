//! Assignment rules and `Sforce-Auto-Assign`.
use super::{other_user, refused, validation::bulk_job, with_header};
use crate::given::Given;
use serde_json::{Value, json};
use sf_core::{Fields, Write, field, object};
use sf_testorg::{Method, guard::AssignmentRule};

const HEADER: &str = "Sforce-Auto-Assign";

struct Support {
    given: Given,
    own: String,
    other: String,
    rule: String,
}

/// Urgent cases go to another user.
fn support() -> Support {
    let given = Given::demo();
    let own = given.org.credentials().user_id;
    let (other, _) = other_user(&given);
    let rule =
        AssignmentRule::new(object!("Case"), "Support").assign("Priority = 'High'", other.parse().unwrap());
    let rule = given.org.add_rule(rule).unwrap().to_string();
    Support { given, own, other, rule }
}

impl Support {
    fn owner(&self, id: &str) -> String {
        self.given.get(&format!("/sobjects/Case/{id}")).1["OwnerId"].as_str().unwrap().to_owned()
    }
    fn create(&self, header: Option<&str>, body: Value) -> String {
        let (status, answer) = match header {
            Some(value) => with_header(&self.given, Method::Post, "/sobjects/Case", (HEADER, value), body),
            None => self.given.post("/sobjects/Case", body),
        };
        assert_eq!(status, 201, "{answer}");
        self.owner(answer["id"].as_str().unwrap())
    }
}

#[test]
fn given_an_active_rule_then_it_gives_the_owner_unless_the_header_says_false() {
    let s = support();
    let high = || json!({"Subject": "Help", "Priority": "High"});
    assert_eq!(s.create(None, high()), s.other);
    for on in ["TRUE", "true", &s.rule] {
        assert_eq!(s.create(Some(on), high()), s.other, "{on}");
    }
    assert_eq!(s.create(Some("FALSE"), high()), s.own);
    assert_eq!(s.create(Some("false"), high()), s.own);
    // No entry is for it.
    assert_eq!(s.create(None, json!({"Subject": "Help", "Priority": "Low"})), s.own);
    // The rule goes before what was asked for.
    assert_eq!(s.create(None, json!({"Priority": "High", "OwnerId": s.own})), s.other);
}

#[test]
fn given_an_update_then_the_rule_is_used_as_well() {
    let s = support();
    let id = s.given.insert("Case", json!({"Subject": "Help", "Priority": "Low"}));
    let path = format!("/sobjects/Case/{id}");
    let off = with_header(&s.given, Method::Patch, &path, (HEADER, "false"), json!({"Priority": "High"}));
    assert_eq!((off.0, s.owner(&id)), (204, s.own.clone()));
    assert_eq!(s.given.patch(&path, json!({"Subject": "Now"})).0, 204);
    assert_eq!(s.owner(&id), s.other);
}

#[test]
fn given_an_unknown_id_then_the_row_is_refused() {
    let s = support();
    let lead_rule = s.given.org.add_rule(AssignmentRule::new(object!("Lead"), "Sales")).unwrap().to_string();
    for wrong in ["01Q5e000000zzzzEAA", &lead_rule] {
        let id = sf_core::SfId::new(wrong).unwrap();
        let answer =
            with_header(&s.given, Method::Post, "/sobjects/Case", (HEADER, wrong), json!({"Subject": "A"}));
        let message = format!("invalid assignment rule id: {id}");
        assert_eq!(answer, (400, refused("INVALID_ASSIGNMENT_RULE", &message, &[])));
    }
    let record = json!({"attributes": {"type": "Case"}, "Subject": "A"});
    let (status, rows) = with_header(
        &s.given,
        Method::Post,
        "/composite/sobjects",
        (HEADER, "maybe"),
        json!({"records": [record]}),
    );
    assert_eq!(status, 200);
    assert_eq!(rows[0]["errors"][0]["statusCode"], "INVALID_ASSIGNMENT_RULE");
    // Other sObjects have no assignment rules: nothing to be wrong about.
    let account =
        with_header(&s.given, Method::Post, "/sobjects/Account", (HEADER, "maybe"), json!({"Name": "A"}));
    assert_eq!(account.0, 201);
}

#[test]
fn given_a_second_active_rule_then_the_first_is_inactive_and_still_works_by_id() {
    let s = support();
    let rule = AssignmentRule::new(object!("Case"), "Night").assign_all(s.own.parse().unwrap());
    s.given.org.add_rule(rule).unwrap();
    let high = || json!({"Subject": "Help", "Priority": "High"});
    assert_eq!(s.create(None, high()), s.own);
    assert_eq!(s.create(Some(&s.rule), high()), s.other);
}

#[test]
fn given_a_composite_then_each_part_has_its_own_header() {
    let s = support();
    let part = |reference: &str, headers: Value| {
        json!({"method": "POST", "url": "/services/data/v66.0/sobjects/Case", "referenceId": reference,
            "httpHeaders": headers, "body": {"Subject": "A", "Priority": "High"}})
    };
    let parts = json!([part("on", json!({})), part("off", json!({HEADER: "FALSE"}))]);
    let (_, answer) = s.given.post("/composite", json!({"compositeRequest": parts}));
    let id = |i: usize| answer["compositeResponse"][i]["body"]["id"].as_str().unwrap();
    assert_eq!((s.owner(id(0)), s.owner(id(1))), (s.other.clone(), s.own.clone()));
}

#[test]
fn given_a_bulk_job_then_it_uses_the_rule_it_names_and_else_none() {
    let s = support();
    let csv = "Subject,Priority\nBulk case,High\n";
    let owners =
        || s.given.column("SELECT OwnerId FROM Case WHERE Subject = 'Bulk case' ORDER BY Id", "OwnerId");
    assert!(bulk_job(&s.given, json!({"object": "Case", "operation": "insert"}), csv).is_empty());
    assert_eq!(owners(), [json!(s.own)]);
    let job = json!({"object": "Case", "operation": "insert", "assignmentRuleId": s.rule});
    assert!(bulk_job(&s.given, job, csv).is_empty());
    assert_eq!(owners(), [json!(s.own), json!(s.other)]);
    let job = json!({"object": "Case", "operation": "insert", "assignmentRuleId": "01Q5e000000zzzzEAA"});
    let failed = bulk_job(&s.given, job, csv);
    assert!(
        failed[0].starts_with("INVALID_ASSIGNMENT_RULE:invalid assignment rule id: 01Q5e000000zzzz"),
        "{failed:?}"
    );
}

#[test]
fn given_a_person_in_the_ui_or_an_inactive_owner_then_the_rule_does_not_hide_it() {
    let s = support();
    let fields = Fields::new().set(field!("Subject"), "UI").set(field!("Priority"), "High");
    let id = s.given.org.apply(Write::Insert { object: object!("Case"), fields }).unwrap();
    assert_eq!(s.owner(id.as_str()), s.own);
    assert_eq!(s.given.patch(&format!("/sobjects/User/{}", s.other), json!({"IsActive": false})).0, 204);
    let (status, body) = s.given.post("/sobjects/Case", json!({"Subject": "A", "Priority": "High"}));
    let message = format!("operation performed with inactive user [{}] as owner of case", &s.other[..15]);
    assert_eq!((status, body), (400, refused("INACTIVE_OWNER_OR_USER", &message, &["OwnerId"])));
}

#[test]
fn given_wrong_rules_then_they_are_refused() {
    let s = support();
    let account = s.given.account("A");
    for rule in [
        AssignmentRule::new(object!("Account"), "Territory"),
        AssignmentRule::new(object!("Case"), "To_an_account").assign_all(account.parse().unwrap()),
        AssignmentRule::new(object!("Case"), "Odd").assign("Nothing = 1", s.own.parse().unwrap()),
    ] {
        assert!(s.given.org.add_rule(rule).is_err());
    }
}
