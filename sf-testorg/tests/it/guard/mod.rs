//! The rules that guard and complete a save.
mod assignment;
mod closures;
mod computed;
mod duplicates;
mod kept;
mod paths;
mod permissions;
mod recent;
mod rolled;
mod validation;
mod words;

use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_testorg::{Method, Request};

/// A call with one more header.
fn with_header(given: &Given, method: Method, path: &str, header: (&str, &str), body: Value) -> (u16, Value) {
    let mut request = Request::new(method, format!("{V}{path}")).header(header.0, header.1);
    if !body.is_null() {
        request = request.json(body.to_string());
    }
    let response = given.send(request);
    (response.status, read(&response))
}

/// A user that is active, other than the API user, by id and username.
fn other_user(given: &Given) -> (String, String) {
    let own = given.org.credentials().user_id;
    let users = given.records("SELECT Id, Username FROM User WHERE IsActive = true ORDER BY Username");
    let user = users.iter().find(|user| user["Id"] != own.as_str()).unwrap();
    (user["Id"].as_str().unwrap().into(), user["Username"].as_str().unwrap().into())
}

/// A failed request with one error without further members.
fn refused(code: &str, message: &str, fields: &[&str]) -> Value {
    json!([{"message": message, "errorCode": code, "fields": fields}])
}
