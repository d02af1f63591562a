//! The demo beyond accounts and deals: leads, cases, comments, mail and events fit together.
use crate::given::Given;
use serde_json::{Value, json};
use sf_core::{Clock, SfId, Timestamp};
use sf_testorg::{
    TestOrg,
    demo::{self, Dataset},
    state::{Cell, State},
};
use std::collections::BTreeSet;

fn state(accounts: u64) -> State {
    let start = TestOrg::empty().clock().now();
    let mut state = State::new(start);
    demo::fill(&mut state, Dataset::Demo, 1, accounts, start).unwrap();
    state
}
fn all(given: &Given, soql: &str) -> Vec<Value> {
    let found = given.records(soql);
    assert!(!found.is_empty(), "{soql}");
    found
}
fn text<'v>(row: &'v Value, path: &str) -> &'v str {
    path.split('.').fold(row, |value, key| &value[key]).as_str().unwrap_or_else(|| panic!("{path} of {row}"))
}

#[test]
fn converted_leads_became_the_account_the_contact_and_the_deal_they_name() {
    let given = Given::demo();
    let fields = "Status, Company, Name, Email, ConvertedDate, CreatedDate, ConvertedAccount.Name, ConvertedContact.Name, \
                  ConvertedContact.AccountId, ConvertedAccountId, ConvertedOpportunity.AccountId, ConvertedOpportunity.CreatedDate";
    for lead in all(&given, &format!("SELECT {fields} FROM Lead WHERE IsConverted = true")) {
        assert_eq!(lead["Status"], "Closed - Converted");
        assert_eq!(lead["Company"], lead["ConvertedAccount"]["Name"]);
        assert_eq!(lead["Name"], lead["ConvertedContact"]["Name"]);
        assert_eq!(lead["ConvertedContact"]["AccountId"], lead["ConvertedAccountId"]);
        assert_eq!(lead["ConvertedOpportunity"]["AccountId"], lead["ConvertedAccountId"]);
        let made = text(&lead, "ConvertedOpportunity.CreatedDate");
        assert_eq!(&made[..10], text(&lead, "ConvertedDate"));
        assert!(text(&lead, "CreatedDate") < made);
    }
    let open = "IsConverted = false AND (Status = 'Closed - Converted' OR ConvertedDate != null OR ConvertedAccountId != null)";
    assert!(given.records(&format!("SELECT Id FROM Lead WHERE {open}")).is_empty());
    let statuses: BTreeSet<String> =
        all(&given, "SELECT Status FROM Lead").iter().map(|l| text(l, "Status").to_owned()).collect();
    assert_eq!(statuses.len(), 4, "{statuses:?}");
}

#[test]
fn cases_have_comments_and_mail_of_their_own_time() {
    let given = Given::demo();
    let soql = "SELECT Id, Status, IsClosed, ClosedDate, CreatedDate, AccountId, Contact.AccountId, \
                (SELECT CommentBody, CreatedDate FROM CaseComments), \
                (SELECT Incoming, Status, MessageDate, RelatedToId, ReplyToEmailMessageId FROM EmailMessages ORDER BY Id) FROM Case";
    let (mut comments, mut mails, mut answers) = (0, 0, 0);
    for case in all(&given, soql) {
        assert_eq!(case["IsClosed"], json!(case["Status"] == "Closed"));
        assert_eq!(case["ClosedDate"].is_null(), case["Status"] != "Closed");
        if !case["Contact"].is_null() {
            assert_eq!(case["Contact"]["AccountId"], case["AccountId"]);
        }
        for comment in case["CaseComments"]["records"].as_array().into_iter().flatten() {
            comments += 1;
            assert!(text(comment, "CommentBody").len() <= 4_000);
            assert!(text(comment, "CreatedDate") >= text(&case, "CreatedDate"));
        }
        for mail in case["EmailMessages"]["records"].as_array().into_iter().flatten() {
            mails += 1;
            assert_eq!(mail["RelatedToId"], case["Id"]);
            assert_eq!(mail["Incoming"], json!(mail["Status"] != "3"));
            assert_eq!(mail["ReplyToEmailMessageId"].is_null(), mail["Incoming"] == true);
            answers += u32::from(mail["Status"] == "3");
        }
    }
    assert!(
        comments > 5 && mails > 5 && answers > 2,
        "{comments} comments, {mails} mails, {answers} answers"
    );
    let numbers: BTreeSet<String> = all(&given, "SELECT CaseNumber FROM Case ORDER BY Id")
        .iter()
        .map(|case| text(case, "CaseNumber").to_owned())
        .collect();
    assert_eq!(numbers.first().map(String::as_str), Some("00001001"));
    assert_eq!(numbers.len(), given.records("SELECT Id FROM Case").len());
    assert!(!all(&given, "SELECT Id FROM Case WHERE ParentId != null").is_empty());
}

#[test]
fn events_and_further_contacts_hang_on_the_accounts() {
    let given = Given::demo();
    let soql = "SELECT WhatId, What.Type, WhoId, Who.Type, AccountId, StartDateTime, EndDateTime, IsAllDayEvent FROM Event";
    for event in all(&given, soql) {
        assert!(["Account", "Opportunity"].contains(&text(&event, "What.Type")));
        assert!(text(&event, "StartDateTime") <= text(&event, "EndDateTime"));
    }
    let found = all(&given, "SELECT AccountId, ReportsTo.AccountId FROM Contact WHERE ReportsToId != null");
    assert!(found.iter().all(|c| c["AccountId"] == c["ReportsTo"]["AccountId"]));
    let counts = all(&given, "SELECT AccountId, COUNT(Id) n FROM Contact GROUP BY AccountId");
    assert!(counts.iter().any(|c| c["n"].as_u64() > Some(2)));
    let coming = "SELECT Id FROM Event WHERE StartDateTime > 2026-01-05T09:00:00Z";
    assert!(!all(&given, coming).is_empty());
}

#[test]
fn a_save_that_changes_nothing_moves_nothing_but_the_stamps() {
    let mut state = state(200);
    for name in ["Contact", "Lead", "Case", "CaseComment", "EmailMessage", "Event", "Task"] {
        let sobject = state.schema().get(name).unwrap().clone();
        let rows: Vec<_> = state.rows(name).cloned().collect();
        assert!(rows.len() > 20, "{} rows of {name}", rows.len());
        for before in rows {
            state.update_row(before.id, []).unwrap();
            let (_, after) = state.find(before.id).unwrap();
            for ((field, before), after) in sobject.fields.iter().zip(&before.cells).zip(&after.cells) {
                if !["LastModifiedDate", "LastModifiedById", "SystemModstamp"].contains(&field.name.as_str())
                {
                    assert_eq!(after, before, "{name}.{}", field.name);
                }
            }
        }
    }
}

#[test]
fn stamps_rise_from_creation_to_modification() {
    let state = state(100);
    for sobject in state.schema().iter() {
        let at = |row: &sf_testorg::state::Row, field: &str| match row.cells[sobject.position(field)?] {
            Cell::DateTime(at) => Some(at),
            _ => None,
        };
        for row in state.rows(&sobject.name) {
            let (created, modified): (Option<Timestamp>, _) =
                (at(row, "CreatedDate"), at(row, "LastModifiedDate"));
            assert!(created <= modified, "{}", row.id);
            // A link between a file and a record has no other stamp.
            if sobject.position("LastModifiedDate").is_some() {
                assert_eq!(at(row, "SystemModstamp"), modified, "{}", row.id);
            }
        }
    }
}

#[test]
fn a_large_org_is_large_in_accounts_only() {
    let state = state(1_500);
    let last: SfId = state.rows("Account").nth(599).unwrap().id;
    for (name, lookup) in [("Case", "AccountId"), ("Event", "AccountId"), ("Lead", "ConvertedAccountId")] {
        let at = state.schema().get(name).unwrap().position(lookup).unwrap();
        let beyond = state.rows(name).filter_map(|row| row.cells[at].as_id()).filter(|id| *id > last).count();
        assert_eq!(beyond, 0, "{name}");
    }
    assert!(state.rows("Contact").count() > 1_080);
}

#[test]
fn the_org_its_profiles_and_its_queue_can_be_queried() {
    let given = Given::demo();
    let org = all(
        &given,
        "SELECT Id, Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization",
    );
    assert_eq!(org.len(), 1);
    assert_eq!(text(&org[0], "Id"), given.org.credentials().org_id);
    let profiles: BTreeSet<String> = all(&given, "SELECT Profile.Name FROM User")
        .iter()
        .map(|u| text(u, "Profile.Name").to_owned())
        .collect();
    assert_eq!(profiles.into_iter().collect::<Vec<_>>(), ["Standard User", "System Administrator"]);
    let owners = all(&given, "SELECT Owner.Name, Owner.Type FROM Case WHERE Status = 'New'");
    assert!(owners.iter().all(|c| (text(c, "Owner.Name"), text(c, "Owner.Type")) == ("Support", "Group")));
    assert_eq!(given.column("SELECT Name FROM Group WHERE Type = 'Queue'", "Name"), ["Support"]);
}
