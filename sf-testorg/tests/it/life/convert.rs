//! A lead becomes an account, a contact and an opportunity.
use super::{Commits, changed, differences, id, later, refusal, survives, task, whole};
use crate::given::Given;
use serde_json::{Value, json};
use sf_core::object;
use sf_testorg::{Assumptions, ConvertedLead, LeadConversion, TestOrg, demo::Dataset};

const STATUS: &str = "Closed - Converted";

fn lead(given: &Given) -> String {
    given.insert(
        "Lead",
        json!({
            "LastName": "Ott", "FirstName": "Ida", "Salutation": "Ms.", "Title": "CIO", "Company": "Acme GmbH", "Street": "Weg 1",
            "City": "Köln", "PostalCode": "50667", "Country": "Germany", "Phone": "1", "MobilePhone": "2", "Fax": "3",
            "Email": "ida@acme.example", "Website": "acme.example", "Description": "Met at the fair", "LeadSource": "Web",
            "Industry": "Energy", "Rating": "Hot", "AnnualRevenue": 5_000_000, "NumberOfEmployees": 70,
        }),
    )
}

fn convert(given: &Given, conversion: &LeadConversion) -> ConvertedLead {
    given.org.convert_lead(conversion).unwrap()
}
fn refused(given: &Given, conversion: &LeadConversion) -> String {
    given.org.convert_lead(conversion).unwrap_err().to_string()
}

/// What a row has that a row of its sObject with nothing but its required fields has not.
fn beyond(given: &Given, row: &str, plain: &str) -> Value {
    let (row, plain) = (whole(given, row), whole(given, plain));
    let skipped = ["Id", "attributes", "PhotoUrl", "MailingAddress", "BillingAddress"];
    let found = differences(&plain, &row).into_iter().filter(|(name, ..)| !skipped.contains(&name.as_str()));
    found.map(|(name, _, value)| (name, value)).collect::<serde_json::Map<String, Value>>().into()
}

#[test]
fn given_a_lead_when_converted_then_each_value_is_where_the_standard_mapping_has_it() {
    let given = Given::empty();
    let lead = lead(&given);
    let before = whole(&given, &lead);
    let now = later(&given, 60);
    let commits = Commits::of(&given.org);
    let made = convert(&given, &LeadConversion::new(id(&lead), STATUS));
    let opportunity = made.opportunity.unwrap();
    assert_eq!(commits.count(), 1);
    assert_eq!(
        commits.last(),
        [
            format!("Create {}", made.account),
            format!("Create {}", made.contact),
            format!("Create {opportunity}"),
            format!("Update {lead}"),
        ]
    );
    let plain = given.account("x");
    assert_eq!(
        beyond(&given, made.account.as_str(), &plain),
        json!({
            "Name": "Acme GmbH", "BillingStreet": "Weg 1", "BillingCity": "Köln", "BillingPostalCode": "50667", "BillingCountry": "Germany",
            "Phone": "1", "Fax": "3", "Website": "acme.example", "AccountSource": "Web", "Industry": "Energy", "Rating": "Hot",
            "AnnualRevenue": 5_000_000.0, "NumberOfEmployees": 70,
        })
    );
    let plain = given.insert("Contact", json!({"LastName": "x"}));
    assert_eq!(
        beyond(&given, made.contact.as_str(), &plain),
        json!({
            "AccountId": made.account, "LastName": "Ott", "FirstName": "Ida", "Salutation": "Ms.", "Name": "Ida Ott", "Title": "CIO",
            "MailingStreet": "Weg 1", "MailingCity": "Köln", "MailingPostalCode": "50667", "MailingCountry": "Germany", "Phone": "1",
            "MobilePhone": "2", "Fax": "3", "Email": "ida@acme.example", "Description": "Met at the fair", "LeadSource": "Web",
        })
    );
    // On 5 January 2026 the quarter ends with March.
    let plain = given
        .insert("Opportunity", json!({"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-03-31"}));
    assert_eq!(
        beyond(&given, opportunity.as_str(), &plain),
        json!({"AccountId": made.account, "ContactId": made.contact, "Name": "Acme GmbH", "LeadSource": "Web"})
    );
    let mut changes = differences(&before, &whole(&given, &lead));
    changes.retain(|(name, ..)| name != "LastModifiedDate");
    let changes: Value =
        changes.into_iter().map(|(name, _, value)| (name, value)).collect::<serde_json::Map<_, _>>().into();
    assert_eq!(
        changes,
        json!({
            "Status": STATUS, "IsConverted": true, "ConvertedDate": "2026-01-05", "ConvertedAccountId": made.account,
            "ConvertedContactId": made.contact, "ConvertedOpportunityId": opportunity, "SystemModstamp": now,
        })
    );
}

#[test]
fn a_converted_lead_cannot_be_changed_or_referred_to_and_can_be_queried_and_deleted() {
    let given = Given::empty();
    let lead = lead(&given);
    convert(&given, &LeadConversion::new(id(&lead), STATUS));
    let path = format!("/sobjects/Lead/{lead}");
    let words = "CANNOT_UPDATE_CONVERTED_LEAD: cannot reference converted lead";
    let answer = given.patch(&path, json!({"Title": "CEO"}));
    assert_eq!(
        answer,
        (
            400,
            json!([{"message": "cannot reference converted lead", "errorCode": "CANNOT_UPDATE_CONVERTED_LEAD", "fields": []}])
        )
    );
    assert_eq!(refusal(given.post("/sobjects/Task", json!({"Subject": "Call", "WhoId": lead}))), words);
    assert_eq!(refused(&given, &LeadConversion::new(id(&lead), STATUS)), words);
    let other = super::id(&self::lead(&given));
    assert_eq!(given.org.merge(other, &[id(&lead)], sf_core::Fields::new()).unwrap_err().to_string(), words);
    let rows = given.records("SELECT Id, ConvertedAccount.Name FROM Lead WHERE IsConverted = true");
    assert_eq!(rows[0]["ConvertedAccount"]["Name"], json!("Acme GmbH"));
    assert_eq!(given.delete(&path).0, 204);
}

#[test]
fn given_rows_that_are_there_when_a_lead_is_converted_into_them_then_only_what_is_empty_is_filled() {
    let given = Given::empty();
    let account = given.insert("Account", json!({"Name": "Acme", "Phone": "99", "Industry": "Banking"}));
    let contact = given.insert(
        "Contact",
        json!({"LastName": "Otto", "AccountId": account, "LeadSource": "Other", "Email": "o@acme.example"}),
    );
    let deal = given.opportunity(&account, "Deal", "Qualification");
    let before = [&account, &contact, &deal].map(|row| whole(&given, row));
    let lead = lead(&given);
    let conversion = LeadConversion::new(id(&lead), STATUS)
        .account(id(&account))
        .contact(id(&contact))
        .opportunity(id(&deal));
    let made = convert(&given, &conversion);
    assert_eq!((made.account, made.contact, made.opportunity), (id(&account), id(&contact), Some(id(&deal))));
    let filled = |row: &str, before: &Value| {
        let changes = differences(before, &whole(&given, row));
        assert!(
            changes.iter().all(|(name, was, _)| was.is_null() || name == "Name" || name.ends_with("Address")),
            "{changes:?}"
        );
        changes
            .into_iter()
            .map(|(name, ..)| name)
            .filter(|name| !name.ends_with("Address"))
            .collect::<Vec<_>>()
    };
    let mut account_fields = filled(&account, &before[0]);
    account_fields.sort();
    assert_eq!(
        account_fields,
        [
            "AccountSource",
            "AnnualRevenue",
            "BillingCity",
            "BillingCountry",
            "BillingPostalCode",
            "BillingStreet",
            "Fax",
            "NumberOfEmployees",
            "Rating",
            "Website"
        ]
    );
    let contact_fields = filled(&contact, &before[1]);
    assert!(
        !contact_fields.contains(&"LeadSource".to_owned()) && !contact_fields.contains(&"Email".to_owned())
    );
    assert_eq!(whole(&given, &contact)["LastName"], json!("Otto"));
    assert_eq!(filled(&deal, &before[2]), ["LeadSource"]);

    let second = self::lead(&given);
    let conversion = LeadConversion::new(id(&second), STATUS).account(id(&account)).contact(id(&contact));
    let made = convert(&given, &conversion.without_opportunity().overwrite_lead_source());
    assert_eq!(made.opportunity, None);
    assert_eq!(whole(&given, &contact)["LeadSource"], json!("Web"));
    assert_eq!(whole(&given, &second)["ConvertedOpportunityId"], Value::Null);
}

#[test]
fn activities_of_a_lead_become_those_of_the_contact_and_the_opportunity() {
    let given = Given::demo();
    let users = given.column("SELECT Id FROM User WHERE IsActive = true ORDER BY Id", "Id");
    let (own, new) = (users[0].as_str().unwrap(), users[1].as_str().unwrap());
    assert_eq!(own, given.org.credentials().user_id);
    let lead = lead(&given);
    let open = task(&given, json!({"WhoId": lead}));
    let done = task(&given, json!({"WhoId": lead, "Status": "Completed"}));
    let other = task(&given, json!({"WhoId": lead, "OwnerId": users[2]}));
    let event = given.insert("Event", json!({"Subject": "Visit", "WhoId": lead, "StartDateTime": "2026-01-07T10:00:00Z", "DurationInMinutes": 30}));
    let before = [&open, &done, &other, &event].map(|row| whole(&given, row));
    let now = later(&given, 60);
    let made = convert(&given, &LeadConversion::new(id(&lead), STATUS).owner(id(new)));
    let fields = ["AccountId", "WhatId", "WhoId"];
    for (row, (before, owner)) in [&open, &done, &other, &event].iter().zip(before.iter().zip([
        new,
        own,
        users[2].as_str().unwrap(),
        new,
    ])) {
        let after = whole(&given, row);
        let values = fields.map(|field| after[field].clone());
        assert_eq!(values, [json!(made.account), json!(made.opportunity), json!(made.contact)]);
        assert_eq!((&after["OwnerId"], &after["SystemModstamp"]), (&json!(owner), &json!(now)));
        let mut names = changed(before, &after);
        names.retain(|name| !["OwnerId", "LastModifiedDate", "SystemModstamp"].contains(&name.as_str()));
        names.sort();
        assert_eq!(names, fields);
    }
    for row in [made.account, made.contact, made.opportunity.unwrap()] {
        assert_eq!(whole(&given, row.as_str())["OwnerId"], json!(new));
    }
    assert_eq!(whole(&given, &lead)["OwnerId"], json!(own));
}

#[test]
fn a_conversion_that_is_not_possible_is_refused_and_changes_nothing() {
    let given = Given::demo();
    let lead = lead(&given);
    let account = given.account("Acme");
    let stranger = given.insert("Contact", json!({"LastName": "Ott"}));
    let new = || LeadConversion::new(id(&lead), STATUS);
    for status in ["Closed - Not Converted", "Nonsense"] {
        let words = format!("INVALID_STATUS: invalid convertedStatus: {status}");
        assert_eq!(refused(&given, &LeadConversion::new(id(&lead), status)), words);
    }
    assert_eq!(
        refused(&given, &new().contact(id(&stranger))),
        "INVALID_CROSS_REFERENCE_KEY: contactId: an accountId must be specified with a contactId"
    );
    assert_eq!(
        refused(&given, &new().account(id(&account)).contact(id(&stranger))),
        format!(
            "INVALID_CROSS_REFERENCE_KEY: Contact {stranger} is not associated with the specified account"
        )
    );
    assert_eq!(
        refused(&given, &new().opportunity_name("x").without_opportunity()),
        "INVALID_FIELD_FOR_INSERT_UPDATE: opportunityName: must be left blank when doNotCreateOpportunity is true"
    );
    assert_eq!(
        refused(&given, &LeadConversion::new(id(&account), STATUS)),
        format!("MALFORMED_ID: Lead ID: id value of incorrect type: {account}")
    );
    let queue =
        given.column("SELECT Id FROM Group WHERE Type = 'Queue'", "Id")[0].as_str().unwrap().to_owned();
    given.patch(&format!("/sobjects/Lead/{lead}"), json!({"OwnerId": queue}));
    assert_eq!(
        refused(&given, &new()),
        "INVALID_CROSS_REFERENCE_KEY: Converted objects can only be owned by users.  If the lead is not owned by a user, you must specify a user for the Owner field."
    );
    // The last step fails: nothing of the others stays.
    given.org.on_save(object!("Lead"), |row| {
        if row.get("IsConverted").as_bool() == Some(true) {
            row.refuse("Call first");
        }
    });
    let before = (whole(&given, &lead), super::all(&given.org));
    let owner = given.org.credentials().user_id;
    assert_eq!(refused(&given, &new().owner(id(&owner))), "FIELD_CUSTOM_VALIDATION_EXCEPTION: Call first");
    assert_eq!((whole(&given, &lead), super::all(&given.org)), before);
}

#[test]
fn triggers_run_on_what_a_lead_becomes_and_the_opportunity_has_the_name_that_was_given() {
    let given = Given::empty();
    given.org.on_save(object!("Account"), |row| row.set("Site", "from a lead"));
    let lead = lead(&given);
    let made = convert(&given, &LeadConversion::new(id(&lead), STATUS).opportunity_name("Acme 2027"));
    assert_eq!(whole(&given, made.account.as_str())["Site"], json!("from a lead"));
    assert_eq!(whole(&given, made.opportunity.unwrap().as_str())["Name"], json!("Acme 2027"));
}

#[test]
fn a_conversion_survives_a_restart() {
    let mut converted = String::new();
    let again = survives(|given| {
        converted = lead(given);
        task(given, json!({"WhoId": converted}));
        convert(given, &LeadConversion::new(id(&converted), STATUS));
    });
    assert_eq!(whole(&again, &converted)["IsConverted"], json!(true));
    assert_eq!(again.column("SELECT Who.Type FROM Task", "Who")[0]["Type"], json!("Contact"));
}

#[test]
fn activities_of_a_lead_without_an_opportunity_are_about_the_account_as_assumed() {
    for about_account in [false, true] {
        let mut assumptions = Assumptions::default();
        assumptions.life.converted_activities_of_account = about_account;
        let org = TestOrg::builder().dataset(Dataset::Empty).assumptions(assumptions).build();
        let given = Given { org };
        let lead = lead(&given);
        let call = task(&given, json!({"WhoId": lead}));
        let made = convert(&given, &LeadConversion::new(id(&lead), STATUS).without_opportunity());
        let call = whole(&given, &call);
        let about = if about_account { json!(made.account) } else { Value::Null };
        assert_eq!(
            (&call["WhatId"], &call["WhoId"], &call["AccountId"]),
            (&about, &json!(made.contact), &json!(made.account))
        );
    }
}
