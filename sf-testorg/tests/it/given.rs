//! How the tests of the wire talk to an org: raw requests, JSON answers.
use serde_json::{Value, json};
use sf_testorg::{Method, Request, Response, TestOrg};

/// An org and a client that only knows HTTP.
pub(crate) struct Given {
    pub(crate) org: TestOrg,
}

pub(crate) const V: &str = "/services/data/v66.0";

impl Given {
    /// No rows but the API user's.
    pub(crate) fn empty() -> Given {
        Given { org: TestOrg::empty() }
    }
    pub(crate) fn demo() -> Given {
        Given { org: TestOrg::demo() }
    }
    pub(crate) fn send(&self, request: Request) -> Response {
        self.org.handle(&request.bearer(&self.org.access_token()))
    }
    pub(crate) fn call(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let target = if path.starts_with("/services") { path.to_owned() } else { format!("{V}{path}") };
        let mut request = Request::new(method, target);
        if !body.is_null() {
            request = request.json(body.to_string());
        }
        let response = self.send(request);
        (response.status, read(&response))
    }
    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::Get, path, Value::Null)
    }
    pub(crate) fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::Post, path, body)
    }
    pub(crate) fn patch(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::Patch, path, body)
    }
    pub(crate) fn delete(&self, path: &str) -> (u16, Value) {
        self.call(Method::Delete, path, Value::Null)
    }
    pub(crate) fn query(&self, soql: &str) -> (u16, Value) {
        self.get(&format!("/query?q={}", encode(soql)))
    }
    /// The records of a query that must work.
    pub(crate) fn records(&self, soql: &str) -> Vec<Value> {
        let (status, body) = self.query(soql);
        assert_eq!(status, 200, "{soql}: {body}");
        body["records"].as_array().unwrap().clone()
    }
    /// One column of a query, in order.
    pub(crate) fn column(&self, soql: &str, field: &str) -> Vec<Value> {
        self.records(soql).iter().map(|r| r[field].clone()).collect()
    }
    /// Code and message of a query that must fail.
    pub(crate) fn query_error(&self, soql: &str) -> (String, String) {
        let (status, body) = self.query(soql);
        assert_eq!(status, 400, "{soql}: {body}");
        (body[0]["errorCode"].as_str().unwrap().into(), body[0]["message"].as_str().unwrap().into())
    }
    /// The id of a new row that must be taken.
    pub(crate) fn insert(&self, object: &str, fields: Value) -> String {
        let (status, body) = self.post(&format!("/sobjects/{object}"), fields);
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().into()
    }
    pub(crate) fn account(&self, name: &str) -> String {
        self.insert("Account", json!({ "Name": name }))
    }
    pub(crate) fn opportunity(&self, account: &str, name: &str, stage: &str) -> String {
        let fields =
            json!({"Name": name, "AccountId": account, "StageName": stage, "CloseDate": "2026-03-31"});
        self.insert("Opportunity", fields)
    }
}

pub(crate) fn read(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or(Value::Null)
}

pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}
