//! The words of refused saves, code by code: status, code, message and fields.
use super::{other_user, refused};
use crate::given::Given;
use serde_json::{Value, json};
use sf_core::object;

/// What is sent, and the error that comes: code, message, fields.
struct Row {
    object: &'static str,
    fields: Value,
    code: &'static str,
    message: String,
    at: &'static [&'static str],
}

fn row(
    object: &'static str,
    fields: Value,
    code: &'static str,
    message: impl Into<String>,
    at: &'static [&'static str],
) -> Row {
    Row { object, fields, code, message: message.into(), at }
}

fn with_custom_fields() -> Given {
    let given = Given::empty();
    let fields = json!([
        {"name": "Job_Category__c", "label": "Job Category", "type": "picklist", "restrictedPicklist": true,
            "picklistValues": [{"value": "DOCTOR"}]},
        {"name": "Skills__c", "label": "Skills", "type": "multipicklist", "restrictedPicklist": true,
            "picklistValues": [{"value": "A"}, {"value": "B"}]},
        {"name": "Topic__c", "label": "Topic Name", "type": "string", "length": 5},
        {"name": "ExtId__c", "label": "Ext Id", "type": "string", "length": 20, "unique": true, "externalId": true, "idLookup": true},
    ]);
    given.org.add_fields(&object!("Account"), fields).unwrap();
    given
}

#[test]
fn given_wrong_rows_when_created_then_each_is_refused_in_salesforces_words() {
    let given = with_custom_fields();
    let known = given.insert("Account", json!({"Name": "Known", "ExtId__c": "X-1"}));
    let contact = given.insert("Contact", json!({"LastName": "C"}));
    let lead = given.insert("Lead", json!({"LastName": "L", "Company": "C"}));
    let (inactive, _) = inactive_user(&given);
    let gone = given.account("Gone");
    given.delete(&format!("/sobjects/Account/{gone}"));
    let short = |id: &str| id[..15].to_owned();
    let rows = [
        row("Account", json!({}), "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", &["Name"]),
        row(
            "Account",
            json!({"Name": null}),
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [Name]",
            &["Name"],
        ),
        row(
            "Contact",
            json!({"FirstName": "A"}),
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LastName]",
            &["LastName"],
        ),
        row(
            "Lead",
            json!({}),
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LastName, Company]",
            &["LastName", "Company"],
        ),
        row(
            "Account",
            json!({"Name": "A", "Job_Category__c": "NURSE"}),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Job Category: bad value for restricted picklist field: NURSE",
            &["Job_Category__c"],
        ),
        row(
            "Account",
            json!({"Name": "A", "Skills__c": "A;C"}),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Skills: bad value for restricted picklist field: C",
            &["Skills__c"],
        ),
        row(
            "Account",
            json!({"Name": "A", "Topic__c": "ABCDEF"}),
            "STRING_TOO_LONG",
            "Topic Name: data value too large: ABCDEF (max length=5)",
            &["Topic__c"],
        ),
        row(
            "Opportunity",
            json!({"Name": "A", "StageName": "Prospecting", "CloseDate": "2026-02-01", "Amount": "1E20"}),
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Amount: value outside of valid range on numeric field: 1E20",
            &["Amount"],
        ),
        row(
            "Contact",
            json!({"LastName": "A", "Email": "123"}),
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: 123",
            &["Email"],
        ),
        row(
            "Account",
            json!({"Name": "A", "CreatedDate": "2026-01-01T00:00:00Z", "IsDeleted": true}),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: CreatedDate, IsDeleted. Please check the security settings of this field and verify that \
             it is read/write for your profile or permission set.",
            &["CreatedDate", "IsDeleted"],
        ),
        row(
            "Account",
            json!({"Name": "A", "ExtId__c": "x-1"}),
            "DUPLICATE_VALUE",
            format!("duplicate value found: ExtId__c duplicates value on record with id: {}", short(&known)),
            &[],
        ),
        row(
            "Account",
            json!({"Name": "A", "Fo__c": 1}),
            "INVALID_FIELD",
            "No such column 'Fo__c' on sobject of type Account",
            &[],
        ),
        row(
            "Contact",
            json!({"LastName": "A", "AccountId": contact}),
            "MALFORMED_ID",
            format!("Account ID: id value of incorrect type: {contact}"),
            &["AccountId"],
        ),
        row(
            "Contact",
            json!({"LastName": "A", "AccountId": gone}),
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            &["AccountId"],
        ),
        row(
            "Account",
            json!({"Name": "A", "OwnerId": inactive}),
            "INACTIVE_OWNER_OR_USER",
            format!("operation performed with inactive user [{}] as owner of account", short(&inactive)),
            &["OwnerId"],
        ),
        row(
            "Task",
            json!({"WhoId": lead, "WhatId": known}),
            "FIELD_INTEGRITY_EXCEPTION",
            "Related To ID: A lead cannot be combined with a related record: leave WhatId empty",
            &["WhatId"],
        ),
        row(
            "Task",
            json!({"WhoId": known}),
            "MALFORMED_ID",
            format!("Name ID: id value of incorrect type: {known}"),
            &["WhoId"],
        ),
        row(
            "Task",
            json!({"WhatId": contact}),
            "MALFORMED_ID",
            format!("Related To ID: id value of incorrect type: {contact}"),
            &["WhatId"],
        ),
        row(
            "Task",
            json!({"OwnerId": known}),
            "MALFORMED_ID",
            format!("Assigned To ID: id value of incorrect type: {known}"),
            &["OwnerId"],
        ),
    ];
    for Row { object, fields, code, message, at } in rows {
        let answer = given.post(&format!("/sobjects/{object}"), fields.clone());
        assert_eq!(answer, (400, refused(code, &message, at)), "{object} {fields}");
        let mut record = fields.clone();
        record["attributes"] = json!({"type": object});
        let (status, rows) = given.post("/composite/sobjects", json!({"records": [record]}));
        assert_eq!(status, 200, "{rows}");
        let error = json!({"statusCode": code, "message": message, "fields": at});
        assert_eq!(rows, json!([{"success": false, "errors": [error]}]), "{object} {fields}");
    }
}

fn inactive_user(given: &Given) -> (String, String) {
    let own = given.org.credentials().user_id;
    let template = given.get(&format!("/sobjects/User/{own}")).1;
    let mut user = json!({"LastName": "Gone", "Username": "gone@acme.example", "Email": "gone@acme.example", "Alias": "gone",
        "CommunityNickname": "gone", "IsActive": false});
    for field in ["TimeZoneSidKey", "LocaleSidKey", "EmailEncodingKey", "LanguageLocaleKey", "ProfileId"] {
        user[field] = template[field].clone();
    }
    (given.insert("User", user), "gone@acme.example".into())
}

#[test]
fn given_rows_that_are_not_there_when_changed_then_the_status_is_404() {
    let given = Given::empty();
    let gone = given.account("Gone");
    given.delete(&format!("/sobjects/Account/{gone}"));
    let never = "/sobjects/Account/001000000000000AAA";
    let gone = format!("/sobjects/Account/{gone}");
    let reference = refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", &[]);
    let deleted = refused("ENTITY_IS_DELETED", "entity is deleted", &[]);
    assert_eq!(given.patch(never, json!({"Name": "A"})), (404, reference.clone()));
    assert_eq!(given.delete(never), (404, reference));
    assert_eq!(given.patch(&gone, json!({"Name": "A"})), (404, deleted.clone()));
    assert_eq!(given.delete(&gone), (404, deleted));
}

#[test]
fn given_a_row_whose_owner_left_when_changed_then_only_a_new_inactive_owner_is_refused() {
    let given = Given::demo();
    let (user, _) = other_user(&given);
    let id = given.insert("Account", json!({"Name": "A", "OwnerId": user}));
    assert_eq!(given.patch(&format!("/sobjects/User/{user}"), json!({"IsActive": false})).0, 204);
    let path = format!("/sobjects/Account/{id}");
    assert_eq!(given.patch(&path, json!({"Site": "x"})).0, 204);
    let own = given.org.credentials().user_id;
    assert_eq!(given.patch(&path, json!({"OwnerId": own})).0, 204);
    assert_eq!(given.patch(&path, json!({"OwnerId": user})).1[0]["errorCode"], "INACTIVE_OWNER_OR_USER");
}

#[test]
fn given_an_account_with_cases_when_deleted_then_the_answer_names_them() {
    let given = Given::empty();
    let account = given.account("Acme");
    for _ in 0..2 {
        given.insert("Case", json!({"AccountId": account, "Subject": "Help"}));
    }
    let message = "Your attempt to delete Acme could not be completed because it is associated with the following cases.: \
                   00001001, 00001002";
    let (status, body) = given.delete(&format!("/sobjects/Account/{account}"));
    assert_eq!((status, body), (400, refused("DELETE_FAILED", message, &[])));
}

/// The API takes a dependent value under any controlling value: dependencies are for people's screens.
#[test]
fn given_a_dependent_picklist_then_its_values_are_taken_under_any_controlling_value() {
    let given = Given::empty();
    let fields = json!([
        {"name": "Continent__c", "type": "picklist", "picklistValues": [{"value": "Europe"}, {"value": "Asia"}]},
        {"name": "Country__c", "type": "picklist", "restrictedPicklist": true, "dependentPicklist": true,
            "controllerName": "Continent__c", "picklistValues": [{"value": "Italy", "validFor": "gAAA"}]},
    ]);
    given.org.add_fields(&object!("Account"), fields).unwrap();
    let fields = json!({"Name": "A", "Continent__c": "Asia", "Country__c": "Italy"});
    let id = given.insert("Account", fields);
    assert_eq!(given.org.value(id.parse().unwrap(), "Country__c").as_str(), Some("Italy"));
    assert_eq!(given.post("/sobjects/Account", json!({"Name": "A", "Country__c": "Peru"})).0, 400);
}
