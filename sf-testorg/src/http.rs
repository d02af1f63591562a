//! Requests and answers as an HTTP connection carries them, without the connection.
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
}
impl Method {
    /// Upper case, as on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
            Method::Options => "OPTIONS",
        }
    }
    /// Reads the wire's form (upper case).
    pub fn parse(text: &str) -> Option<Method> {
        const ALL: [Method; 7] = [
            Method::Get,
            Method::Head,
            Method::Post,
            Method::Put,
            Method::Patch,
            Method::Delete,
            Method::Options,
        ];
        ALL.into_iter().find(|m| m.as_str() == text)
    }
}
impl Fate {
    /// Whether the org has read the request.
    pub(crate) fn has_arrived(self) -> bool {
        !matches!(self, Fate::RequestLost | Fate::RequestReset)
    }
}
impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request: what an HTTP server has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query as in the request line (`/services/data/v66.0/query?q=SELECT%20Id…`).
    pub target: String,
    /// Headers; names compare without case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}
impl Request {
    /// A request without headers and body.
    pub fn new(method: Method, target: impl Into<String>) -> Request {
        Request { method, target: target.into(), headers: Vec::new(), body: Vec::new() }
    }
    /// `GET target`.
    pub fn get(target: impl Into<String>) -> Request {
        Request::new(Method::Get, target)
    }
    /// `POST target` with a JSON body.
    pub fn post(target: impl Into<String>, json: impl Into<String>) -> Request {
        Request::new(Method::Post, target).json(json)
    }
    /// `PATCH target` with a JSON body.
    pub fn patch(target: impl Into<String>, json: impl Into<String>) -> Request {
        Request::new(Method::Patch, target).json(json)
    }
    /// `DELETE target`.
    pub fn delete(target: impl Into<String>) -> Request {
        Request::new(Method::Delete, target)
    }
    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.headers.push((name.into(), value.into()));
        self
    }
    /// The same with `Authorization: Bearer token`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Request {
        self.header("Authorization", format!("Bearer {token}"))
    }
    /// The same with this JSON body.
    #[must_use]
    pub fn json(mut self, json: impl Into<String>) -> Request {
        self.body = json.into().into_bytes();
        self.header("Content-Type", "application/json; charset=UTF-8")
    }
    /// The same with this form body.
    #[must_use]
    pub fn form(mut self, form: impl Into<String>) -> Request {
        self.body = form.into().into_bytes();
        self.header("Content-Type", "application/x-www-form-urlencoded")
    }
    /// The first header of this name.
    pub fn find_header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }
    /// Bytes of the request, about as HTTP/1.1 writes it.
    pub fn size(&self) -> u64 {
        let headers: usize = self.headers.iter().map(|(n, v)| n.len() + v.len() + 4).sum();
        (self.method.as_str().len() + self.target.len() + 12 + headers + 2 + self.body.len()) as u64
    }
}

/// What becomes of an answer on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Fate {
    /// It arrives.
    #[default]
    Delivered,
    /// The request never reached the org: close the connection without a byte.
    RequestLost,
    /// The org did its work, the answer never arrives: close the connection without a byte.
    AnswerLost,
    /// The request never reached the org: reset the connection.
    RequestReset,
    /// The org did its work, the answer never arrives: reset the connection.
    AnswerReset,
    /// Only this many bytes of the body arrive, then the connection closes.
    Torn(usize),
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// HTTP status. Meaningless when the answer does not arrive.
    pub status: u16,
    /// Headers, `Content-Length` left to the server.
    pub headers: Vec<(String, String)>,
    /// The whole body, also when only a part of it arrives.
    pub body: Vec<u8>,
    /// Whether it arrives.
    pub fate: Fate,
    /// How long the org takes.
    pub delay: Duration,
}
impl Response {
    /// An answer that arrives at once.
    pub fn new(status: u16) -> Response {
        Response {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            fate: Fate::Delivered,
            delay: Duration::ZERO,
        }
    }
    /// The same with a JSON body.
    #[must_use]
    pub fn json(mut self, json: impl Into<String>) -> Response {
        self.body = json.into().into_bytes();
        self.header("Content-Type", "application/json;charset=UTF-8")
    }
    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Response {
        self.headers.push((name.into(), value.into()));
        self
    }
    /// The first header of this name.
    pub fn find_header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
