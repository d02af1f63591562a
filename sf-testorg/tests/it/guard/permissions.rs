//! What users may do with sObjects and fields.
use super::{other_user, refused};
use crate::given::{Given, V, encode, read};
use serde_json::{Value, json};
use sf_core::{Fields, SfId, Write, field, object};
use sf_testorg::{
    Assumptions, FieldAccess, Method, Request,
    guard::{ObjectAccess, Permissions},
};

const UNABLE: &str = "Please check the security settings of this field and verify that it is read/write for your profile or permission set.";

/// The API user with these permissions; the other user has none of these restrictions.
fn restricted(permissions: impl FnOnce(Permissions) -> Permissions) -> Given {
    let given = Given::demo();
    let user: SfId = given.org.credentials().user_id.parse().unwrap();
    given.org.add_rule(permissions(Permissions::of(user))).unwrap();
    given
}

#[test]
fn given_a_hidden_field_then_it_is_no_column_anywhere() {
    let given = restricted(|p| p.field(object!("Account"), field!("Site"), FieldAccess::Hidden));
    let (code, message) = given.query_error("SELECT Site FROM Account");
    assert_eq!(code, "INVALID_FIELD");
    assert!(message.contains("No such column 'Site' on entity 'Account'."), "{message}");
    assert_eq!(given.query_error("SELECT Account.Site FROM Contact").0, "INVALID_FIELD");
    let (_, describe) = given.get("/sobjects/Account/describe");
    assert!(describe["fields"].as_array().unwrap().iter().all(|f| f["name"] != "Site"));
    let no_column = refused("INVALID_FIELD", "No such column 'Site' on sobject of type Account", &[]);
    assert_eq!(given.post("/sobjects/Account", json!({"Name": "A", "Site": "x"})), (400, no_column));
    let id = given.account("A");
    let (_, row) = given.get(&format!("/sobjects/Account/{id}"));
    assert!(row.get("Site").is_none());
}

#[test]
fn given_a_field_that_can_only_be_read_then_writing_it_is_refused() {
    let given = restricted(|p| p.field(object!("Account"), field!("Site"), FieldAccess::Read));
    let message = format!("Unable to create/update fields: Site. {UNABLE}");
    let body = refused("INVALID_FIELD_FOR_INSERT_UPDATE", &message, &["Site"]);
    assert_eq!(given.post("/sobjects/Account", json!({"Name": "A", "Site": "x"})), (400, body.clone()));
    let id = given.account("A");
    assert_eq!(given.patch(&format!("/sobjects/Account/{id}"), json!({"Site": "x"})), (400, body));
    assert_eq!(given.query("SELECT Site FROM Account").0, 200);
    let (_, describe) = given.get("/sobjects/Account/describe");
    let field = describe["fields"].as_array().unwrap().iter().find(|f| f["name"] == "Site").unwrap();
    assert_eq!((&field["createable"], &field["updateable"]), (&json!(false), &json!(false)));
}

#[test]
fn given_no_access_to_an_sobject_then_it_does_not_exist_for_the_user() {
    let given = restricted(|p| p.object(object!("Account"), ObjectAccess::NONE));
    let (code, message) = given.query_error("SELECT Id FROM Account");
    assert_eq!(code, "INVALID_TYPE");
    assert!(message.contains("sObject type 'Account' is not supported."), "{message}");
    let (code, message) = given.query_error("SELECT Account.Name FROM Contact");
    assert_eq!(code, "INVALID_FIELD");
    assert!(message.contains("Didn't understand relationship 'Account' in field path."), "{message}");
    assert_eq!(
        given.query_error("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account)").0,
        "INVALID_TYPE"
    );
    // The lookup itself can be read.
    assert_eq!(given.query("SELECT AccountId FROM Contact").0, 200);
    let not_found = json!([{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]);
    assert_eq!(given.get("/sobjects/Account/describe"), (404, not_found.clone()));
    assert_eq!(given.post("/sobjects/Account", json!({"Name": "A"})), (404, not_found));
    let (_, global) = given.get("/sobjects");
    assert!(global["sobjects"].as_array().unwrap().iter().all(|s| s["name"] != "Account"));
    let record = json!({"attributes": {"type": "Account"}, "Name": "A"});
    let (_, rows) = given.post("/composite/sobjects", json!({"records": [record]}));
    assert_eq!(rows[0]["errors"][0]["statusCode"], "INVALID_TYPE");
    let account = given.org.rows(&object!("Account"))[0].id.unwrap();
    let (status, body) = given.post("/sobjects/Contact", json!({"LastName": "A", "AccountId": account}));
    let short = &account.as_str()[..15];
    let message = format!("insufficient access rights on cross-reference id: {short}");
    assert_eq!(
        (status, body),
        (400, refused("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", &message, &[]))
    );
    let job = given.post("/jobs/ingest", json!({"object": "Account", "operation": "insert"}));
    assert_eq!(job.0, 400, "{}", job.1);
    let (_, found) = given.get("/parameterizedSearch?q=acme&sobject=Account");
    assert_eq!(found[0]["errorCode"], "INVALID_TYPE");
    let (_, recent) = given.get("/recent");
    assert!(recent.as_array().unwrap().iter().all(|r| r["attributes"]["type"] != "Account"));
}

#[test]
fn given_an_sobject_that_can_only_be_read_then_writes_are_refused_in_their_words() {
    let given = restricted(|p| p.object(object!("Account"), ObjectAccess::READ));
    let id = given.org.rows(&object!("Account"))[0].id.unwrap();
    let path = format!("/sobjects/Account/{id}");
    assert_eq!(given.get(&path).0, 200);
    let create =
        refused("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: Account", &[]);
    assert_eq!(given.post("/sobjects/Account", json!({"Name": "A"})), (400, create));
    let write = refused("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", &[]);
    assert_eq!(given.patch(&path, json!({"Name": "A"})), (403, write.clone()));
    assert_eq!(given.delete(&path), (403, write));
    let record = json!({"attributes": {"type": "Account"}, "id": id, "Name": "A"});
    let (status, rows) = given.call(Method::Patch, "/composite/sobjects", json!({"records": [record]}));
    assert_eq!(status, 200);
    assert_eq!(
        rows,
        json!([{"id": id, "success": false, "errors": [{"statusCode": "INSUFFICIENT_ACCESS_OR_READONLY",
            "message": "insufficient access rights on object id", "fields": []}]}])
    );
    let (_, describe) = given.get("/sobjects/Account/describe");
    for key in ["createable", "updateable", "deletable"] {
        assert_eq!(describe[key], false, "{key}");
    }
}

#[test]
fn given_the_switch_is_off_then_missing_permissions_are_400() {
    let mut assumptions = Assumptions::default();
    assumptions.guard.insufficient_access_is_403 = false;
    let given = Given::with(|builder| builder.assumptions(assumptions));
    let id = given.account("A");
    let user = given.org.credentials().user_id.parse().unwrap();
    given.org.add_rule(Permissions::of(user).object(object!("Account"), ObjectAccess::READ)).unwrap();
    assert_eq!(given.delete(&format!("/sobjects/Account/{id}")).0, 400);
}

#[test]
fn given_permissions_of_one_user_then_others_keep_theirs() {
    let given = Given::demo();
    let (other, _) = other_user(&given);
    let other: SfId = other.parse().unwrap();
    let permissions = Permissions::of(other).object(object!("Account"), ObjectAccess::READ).field(
        object!("Contact"),
        field!("Email"),
        FieldAccess::Hidden,
    );
    given.org.add_rule(permissions).unwrap();
    let insert = |object, field| Write::Insert { object, fields: Fields::new().set(field, "A") };
    assert_eq!(given.query("SELECT Email FROM Contact").0, 200);
    given.org.apply(insert(object!("Account"), field!("Name"))).unwrap();
    let error = given.org.apply_as(other, insert(object!("Account"), field!("Name"))).unwrap_err();
    assert!(error.to_string().starts_with("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"), "{error}");
    // What came after is the API user's again.
    given.org.apply(insert(object!("Account"), field!("Name"))).unwrap();
}

#[test]
fn given_a_session_of_another_user_then_its_requests_have_that_users_permissions() {
    let given = Given::demo();
    let (other, username) = other_user(&given);
    let permissions = Permissions::of(other.parse().unwrap())
        .field(object!("Account"), field!("Site"), FieldAccess::Hidden)
        .object(object!("Lead"), ObjectAccess::NONE);
    given.org.add_rule(permissions).unwrap();
    let token = session(&given, &username);
    let ask = |soql: &str| {
        let request = Request::get(format!("{V}/query?q={}", encode(soql))).bearer(&token);
        given.org.handle(&request).status
    };
    assert_eq!(
        (ask("SELECT Site FROM Account"), ask("SELECT Id FROM Lead"), ask("SELECT Id FROM Account")),
        (400, 400, 200)
    );
    assert_eq!(given.query("SELECT Site FROM Account").0, 200);
    assert_eq!(given.query("SELECT Id FROM Lead").0, 200);
}

/// A token of this user, by SOAP `login()`.
pub(super) fn session(given: &Given, username: &str) -> String {
    let credentials = given.org.credentials();
    let password = format!("{}{}", credentials.password, credentials.security_token);
    let body = format!(
        r#"<?xml version="1.0"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>
           <n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{username}</n1:username>
           <n1:password>{password}</n1:password></n1:login></env:Body></env:Envelope>"#
    );
    let mut request = Request::new(Method::Post, "/services/Soap/u/60.0")
        .header("Content-Type", "text/xml; charset=UTF-8")
        .header("SOAPAction", "login");
    request.body = body.into_bytes();
    let response = given.org.handle(&request);
    let text = response.text();
    let (_, rest) = text.split_once("<sessionId>").unwrap_or_else(|| panic!("{text}"));
    rest.split_once("</sessionId>").unwrap().0.to_owned()
}

#[test]
fn given_permissions_of_a_profile_then_all_its_users_have_them_and_a_users_own_go_first() {
    let given = Given::demo();
    let own = given.org.credentials().user_id;
    let profile = given.column(&format!("SELECT ProfileId FROM User WHERE Id = '{own}'"), "ProfileId");
    let profile: SfId = profile[0].as_str().unwrap().parse().unwrap();
    let hidden = Permissions::of(profile)
        .field(object!("Account"), field!("Site"), FieldAccess::Hidden)
        .field(object!("Account"), field!("Fax"), FieldAccess::Hidden);
    given.org.add_rule(hidden).unwrap();
    assert_eq!(
        (given.query("SELECT Site FROM Account").0, given.query("SELECT Fax FROM Account").0),
        (400, 400)
    );
    let own =
        Permissions::of(own.parse().unwrap()).field(object!("Account"), field!("Fax"), FieldAccess::Edit);
    given.org.add_rule(own).unwrap();
    assert_eq!(
        (given.query("SELECT Site FROM Account").0, given.query("SELECT Fax FROM Account").0),
        (400, 200)
    );
}

#[test]
fn given_permissions_of_nobody_then_they_are_refused() {
    let given = Given::empty();
    let account: SfId = given.account("A").parse().unwrap();
    let user: SfId = given.org.credentials().user_id.parse().unwrap();
    for wrong in [
        Permissions::of(account),
        Permissions::of(user).object(object!("Nothing"), ObjectAccess::NONE),
        Permissions::of(user).field(object!("Account"), field!("Nothing"), FieldAccess::Read),
    ] {
        assert!(given.org.add_rule(wrong).is_err());
    }
    assert_eq!(
        read(&given.send(Request::get(format!("{V}/recent")))),
        Value::Array(vec![json!({
            "attributes": {"type": "Account", "url": format!("{V}/sobjects/Account/{account}")}, "Id": account, "Name": "A"
        })])
    );
}
