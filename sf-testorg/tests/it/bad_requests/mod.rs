//! Requests that are not right: each gets Salesforce's error as a whole body, never a panic or a hang.
mod arbitrary;
mod heads;
mod json;
mod large;
mod targets;
#[cfg(feature = "server")]
pub(crate) mod tcp;

use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_testorg::{Method, Request};

/// The body of an error.
fn error(code: &str, message: &str) -> Value {
    json!([{"message": message, "errorCode": code}])
}
fn not_found() -> Value {
    error("NOT_FOUND", "The requested resource does not exist")
}
fn parser(message: &str) -> Value {
    error("JSON_PARSER_ERROR", message)
}

/// A request with these bytes as JSON.
fn with_body(method: Method, path: &str, body: &[u8]) -> Request {
    let mut request = Request::new(method, format!("{V}{path}")).json("");
    request.body = body.to_vec();
    request
}

/// What is answered, and that no row is there afterwards.
fn answer(request: Request) -> (u16, Value) {
    let given = Given::empty();
    let response = given.send(request);
    assert_eq!(given.query("SELECT COUNT() FROM Account").1["totalSize"], 0);
    (response.status, read(&response))
}
