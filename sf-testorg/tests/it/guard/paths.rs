//! Permissions hold on every way to a row, not only on the straight one.
use super::{other_user, permissions::session, refused};
use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_core::{Fields, SfId, field, object};
use sf_testorg::{
    FieldAccess, LeadConversion, Method, Request,
    guard::{ObjectAccess, Permissions},
};

fn own(given: &Given) -> SfId {
    given.org.credentials().user_id.parse().unwrap()
}
fn restrict(given: &Given, permissions: impl FnOnce(Permissions) -> Permissions) {
    given.org.add_rule(permissions(Permissions::of(own(given)))).unwrap();
}
const INSUFFICIENT: &str = "INSUFFICIENT_ACCESS_OR_READONLY: insufficient access rights on object id";

#[test]
fn given_an_sobject_that_cannot_be_read_then_no_relationship_url_leads_to_it() {
    let given = Given::empty();
    let account = given.account("Secret");
    let deal = given.opportunity(&account, "Deal", "Prospecting");
    let path = format!("/sobjects/Opportunity/{deal}/Account");
    assert_eq!(given.get(&path).0, 200);
    restrict(&given, |p| p.object(object!("Account"), ObjectAccess::NONE));
    for path in [path.clone(), format!("{path}/Owner"), format!("{path}?fields=Name")] {
        assert_eq!(given.get(&path).0, 404, "{path}");
    }
    assert_eq!(given.patch(&path, json!({"Name": "x"})).0, 404);
}

#[test]
fn given_an_sobject_that_cannot_be_read_then_a_polymorphic_parent_of_it_is_null() {
    let given = Given::empty();
    let account = given.account("Secret");
    let deal = given.opportunity(&account, "Deal", "Prospecting");
    for what in [&account, &deal] {
        given.insert("Task", json!({"Subject": "Call", "WhatId": what}));
    }
    restrict(&given, |p| p.object(object!("Account"), ObjectAccess::NONE));
    let names = |soql: &str| {
        given.records(soql).iter().map(|task| task["What"]["Name"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(names("SELECT What.Name FROM Task ORDER BY Id"), [json!(null), json!("Deal")]);
    assert_eq!(names("SELECT What.Name FROM Task WHERE What.Name = 'Secret'"), [] as [Value; 0]);
    assert_eq!(names("SELECT What.Name FROM Task WHERE What.Type = 'Account'"), [] as [Value; 0]);
    let typed =
        given.records("SELECT TYPEOF What WHEN Opportunity THEN Name ELSE Name END FROM Task ORDER BY Id");
    assert_eq!((&typed[0]["What"], &typed[1]["What"]["Name"]), (&json!(null), &json!("Deal")));
}

#[test]
fn given_a_hidden_field_then_a_polymorphic_path_does_not_show_it() {
    let given = Given::empty();
    let contact = given.insert("Contact", json!({"LastName": "Ott", "Title": "Secret"}));
    given.insert("Task", json!({"Subject": "Call", "WhoId": contact}));
    let title = || given.records("SELECT Who.Title FROM Task")[0]["Who"]["Title"].clone();
    assert_eq!(title(), "Secret");
    restrict(&given, |p| p.field(object!("Contact"), field!("Title"), FieldAccess::Hidden));
    assert_eq!(title(), json!(null));
    assert_eq!(given.records("SELECT Id FROM Task WHERE Who.Title = 'Secret'").len(), 0);
}

#[test]
fn given_a_lookup_that_can_only_be_read_then_an_external_id_of_its_target_does_not_write_it() {
    let given = Given::empty();
    let contact = given.insert("Contact", json!({"LastName": "Ott"}));
    let other = given.insert("Contact", json!({"LastName": "Boss", "Email": "boss@acme.example"}));
    let path = format!("/sobjects/Contact/{contact}");
    let by_mail = json!({"ReportsTo": {"Email": "boss@acme.example"}});
    assert_eq!(given.patch(&path, by_mail.clone()).0, 204);
    assert_eq!(given.org.value(contact.parse().unwrap(), "ReportsToId").as_str(), Some(other.as_str()));
    assert_eq!(given.patch(&path, json!({"ReportsToId": null})).0, 204);
    restrict(&given, |p| p.field(object!("Contact"), field!("ReportsToId"), FieldAccess::Read));
    let (status, by_id) = given.patch(&path, json!({"ReportsToId": other}));
    assert_eq!((status, &by_id[0]["errorCode"]), (400, &json!("INVALID_FIELD_FOR_INSERT_UPDATE")));
    assert_eq!(given.patch(&path, by_mail.clone()), (400, by_id));
    restrict(&given, |p| p.field(object!("Contact"), field!("ReportsToId"), FieldAccess::Hidden));
    let no_column = refused("INVALID_FIELD", "No such column 'ReportsTo' on sobject of type Contact", &[]);
    assert_eq!(given.patch(&path, by_mail), (400, no_column));
    assert!(given.org.value(contact.parse().unwrap(), "ReportsToId").is_null());
}

#[test]
fn given_a_lookup_and_its_relationship_in_one_row_then_it_is_named_twice() {
    let given = Given::empty();
    let boss = given.insert("Contact", json!({"LastName": "Boss", "Email": "boss@acme.example"}));
    let both = json!({"LastName": "Ott", "ReportsToId": boss, "ReportsTo": {"Email": "boss@acme.example"}});
    let twice =
        given.post("/sobjects/Contact", json!({"LastName": "Ott", "ReportsToId": boss, "reportsToId": boss}));
    let (status, body) = given.post("/sobjects/Contact", both);
    assert_eq!((status, &body[0]["errorCode"]), (twice.0, &twice.1[0]["errorCode"]));
}

#[test]
fn given_a_hidden_file_field_then_its_content_is_not_found() {
    let given = Given::empty();
    let fields = json!({"Title": "Plan", "PathOnClient": "plan.txt", "VersionData": "aGVsbG8="});
    let version = given.insert("ContentVersion", fields);
    let path = format!("/sobjects/ContentVersion/{version}/VersionData");
    assert_eq!(given.get(&path).0, 200);
    restrict(&given, |p| p.field(object!("ContentVersion"), field!("VersionData"), FieldAccess::Hidden));
    assert_eq!(given.get(&path).0, 404);
}

#[test]
fn given_an_sobject_that_cannot_be_read_then_its_rows_are_not_counted_nor_replicated() {
    let given = Given::empty();
    given.account("Secret");
    restrict(&given, |p| p.object(object!("Account"), ObjectAccess::NONE));
    for path in ["/limits/recordCount", "/limits/recordCount?sObjects=Account"] {
        let (_, counts) = given.get(path);
        assert!(counts["sObjects"].as_array().unwrap().iter().all(|c| c["name"] != "Account"), "{counts}");
    }
    let window = "start=2026-01-05T08:00:00Z&end=2026-01-05T10:00:00Z";
    for what in ["updated", "deleted"] {
        assert_eq!(given.get(&format!("/sobjects/Account/{what}/?{window}")).0, 404);
    }
}

#[test]
fn given_no_right_to_read_then_the_right_to_delete_does_not_count() {
    let given = Given::empty();
    let account = given.account("Secret");
    restrict(&given, |p| p.object(object!("Account"), ObjectAccess::NONE.delete(true).edit(true)));
    let (_, rows) = given.delete(&format!("/composite/sobjects?ids={account}"));
    assert_eq!(rows[0]["success"], false, "{rows}");
    assert!(given.org.row(account.parse().unwrap()).is_some());
}

#[test]
fn given_no_right_to_delete_then_neither_merge_nor_undelete_nor_emptying_the_bin_work() {
    let given = Given::empty();
    let [master, double, gone] = ["A", "B", "C"].map(|name| given.account(name).parse::<SfId>().unwrap());
    given.delete(&format!("/sobjects/Account/{gone}"));
    restrict(&given, |p| p.object(object!("Account"), ObjectAccess::READ.create(true).edit(true)));
    let merged = given.org.merge(master, &[double], Fields::new()).unwrap_err();
    let undeleted = given.org.undelete(gone).unwrap_err();
    let purged = given.org.purge(gone).unwrap_err();
    for error in [merged, undeleted, purged] {
        assert_eq!(error.to_string(), INSUFFICIENT);
    }
    assert!(given.org.row(double).is_some() && given.org.row(gone).is_none());
    assert_eq!(given.org.recycle_bin().len(), 1);
}

#[test]
fn given_no_right_to_edit_leads_then_none_is_converted() {
    let given = Given::empty();
    let lead: SfId = given.insert("Lead", json!({"LastName": "Ott", "Company": "Acme"})).parse().unwrap();
    restrict(&given, |p| p.object(object!("Lead"), ObjectAccess::READ));
    let error = given.org.convert_lead(&LeadConversion::new(lead, "Closed - Converted")).unwrap_err();
    assert_eq!(error.to_string(), INSUFFICIENT);
    assert_eq!(given.records("SELECT Id FROM Account").len(), 0);
}

#[test]
fn given_a_session_of_another_user_then_soap_and_bulk_1_have_that_users_permissions() {
    let given = Given::demo();
    let (other, username) = other_user(&given);
    let [master, double] = ["A", "B"].map(|name| given.account(name));
    let permissions = Permissions::of(other.parse().unwrap()).object(object!("Account"), ObjectAccess::READ);
    given.org.add_rule(permissions.object(object!("Lead"), ObjectAccess::NONE)).unwrap();
    let token = session(&given, &username);
    let envelope = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns=\"urn:partner.soap.sforce.com\"><e:Header>\
         <SessionHeader><sessionId>{token}</sessionId></SessionHeader></e:Header><e:Body><merge><request><masterRecord>\
         <type>Account</type><Id>{master}</Id></masterRecord><recordToMergeIds>{double}</recordToMergeIds></request></merge>\
         </e:Body></e:Envelope>"
    );
    let mut request = Request::new(Method::Post, "/services/Soap/u/64.0").header("Content-Type", "text/xml");
    request.body = envelope.into_bytes();
    let text = given.org.handle(&request).text();
    assert!(text.contains("<statusCode>INSUFFICIENT_ACCESS_OR_READONLY</statusCode>"), "{text}");
    assert!(given.org.row(double.parse().unwrap()).is_some());
    // What came after is the API user's again.
    assert_eq!(given.patch(&format!("/sobjects/Account/{master}"), json!({"Name": "C"})).0, 204);

    let job = json!({"operation": "insert", "object": "Lead", "contentType": "JSON"});
    let mut request = Request::new(Method::Post, "/services/async/66.0/job")
        .header("X-SFDC-Session", token)
        .header("Content-Type", "application/json");
    request.body = job.to_string().into_bytes();
    let response = given.org.handle(&request);
    assert_eq!(response.status, 400, "{}", response.text());
    assert_eq!(given.send(Request::get(format!("{V}/sobjects/Lead/describe"))).status, 200);
    assert_ne!(read(&response)["exceptionCode"], Value::Null);
}
