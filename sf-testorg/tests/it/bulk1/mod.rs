//! Bulk API 1.0: jobs, batches in three formats, results, errors.
mod assumed;
mod errors;
mod formats;
mod life;
mod limits;
mod query;
mod words;

pub(crate) use words::provoke;

use crate::given::{Given, read};
use serde_json::{Value, json};
use sf_testorg::{Method, Request, Response};

pub(crate) const ASYNC: &str = "/services/async/66.0";
pub(crate) const NS: &str = "http://www.force.com/2009/06/asyncapi/dataload";
pub(crate) const JSON: &str = "application/json";
pub(crate) const XML: &str = "application/xml; charset=UTF-8";
pub(crate) const CSV: &str = "text/csv; charset=UTF-8";

/// As clients send it: the session in a header of its own.
pub(crate) fn request(
    given: &Given,
    method: Method,
    path: &str,
    kind: &str,
    body: impl Into<Vec<u8>>,
) -> Request {
    let target = if path.starts_with("/services") { path.to_owned() } else { format!("{ASYNC}{path}") };
    let mut request = Request::new(method, target).header("X-SFDC-Session", given.org.access_token());
    if !kind.is_empty() {
        request = request.header("Content-Type", kind);
    }
    request.body = body.into();
    request
}

impl Given {
    pub(crate) fn bulk1_post(&self, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Response {
        self.org.handle(&request(self, Method::Post, path, kind, body))
    }
    pub(crate) fn bulk1_get(&self, path: &str) -> Response {
        self.org.handle(&request(self, Method::Get, path, "", ""))
    }
    /// A new job's id.
    pub(crate) fn bulk1_job(&self, body: Value) -> String {
        let response = self.bulk1_post("/job", JSON, body.to_string());
        assert_eq!(response.status, 201, "{}", response.text());
        read(&response)["id"].as_str().unwrap().to_owned()
    }
    /// A new batch's id.
    pub(crate) fn bulk1_batch(&self, job: &str, kind: &str, body: impl Into<Vec<u8>>) -> String {
        let response = self.bulk1_post(&format!("/job/{job}/batch"), kind, body);
        assert_eq!(response.status, 201, "{}", response.text());
        let text = response.text();
        let id = text.find("751").unwrap();
        text[id..id + 18].to_owned()
    }
    /// Asks for a batch until it is over: its state and its message.
    pub(crate) fn bulk1_wait(&self, job: &str, batch: &str) -> (String, String) {
        for _ in 0..5 {
            let text = self.bulk1_get(&format!("/job/{job}/batch/{batch}")).text();
            let state = field(&text, "state");
            if !matches!(state.as_str(), "Queued" | "InProgress") {
                return (state, field(&text, "stateMessage"));
            }
        }
        panic!("the batch does not end");
    }
    /// One batch of one job, to its end: state, message, result.
    pub(crate) fn bulk1_load(&self, job: Value, body: impl Into<Vec<u8>>) -> (String, String, Response) {
        let kind = match job["contentType"].as_str() {
            Some("JSON") => JSON,
            Some("CSV") => CSV,
            _ => XML,
        };
        let job = self.bulk1_job(job);
        let batch = self.bulk1_batch(&job, kind, body);
        let (state, message) = self.bulk1_wait(&job, &batch);
        (state, message, self.bulk1_get(&format!("/job/{job}/batch/{batch}/result")))
    }
}

/// A field of an answer in XML or JSON.
pub(crate) fn field(text: &str, name: &str) -> String {
    if let Ok(Value::Object(fields)) = serde_json::from_str(text) {
        return match fields.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        };
    }
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    text.split_once(&open)
        .and_then(|(_, rest)| rest.split_once(&close))
        .map_or(String::new(), |(text, _)| text.to_owned())
}

pub(crate) fn job(object: &str, operation: &str, kind: &str) -> Value {
    json!({"object": object, "operation": operation, "contentType": kind})
}

impl Given {
    /// The session of an active user who is not the API user.
    pub(crate) fn other_session(&self) -> String {
        let me = self.org.credentials();
        let soql =
            format!("SELECT Username FROM User WHERE IsActive = true AND Id != '{}' LIMIT 1", me.user_id);
        let name = self.column(&soql, "Username")[0].as_str().unwrap().to_owned();
        let body = format!(
            "<e:Envelope xmlns:e=\"e\"><e:Body><login><username>{name}</username><password>{}</password></login></e:Body></e:Envelope>",
            me.password
        );
        let mut login = Request::new(Method::Post, "/services/Soap/u/60.0");
        login.body = body.into_bytes();
        let answer = self.org.handle(&login);
        assert_eq!(answer.status, 200, "{}", answer.text());
        field(&answer.text(), "sessionId")
    }
}
