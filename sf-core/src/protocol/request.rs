use super::{Body, encode};
use crate::{ApiVersion, CallOptions, Delivery, Error, ErrorKind, Failure, Result};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// What repeating a request may do: the operation decides, not the HTTP verb.
///
/// After a failure of which it is certain that nothing was applied ([`Delivery::NotSent`](crate::Delivery::NotSent), or a refusal
/// for the moment: too many calls at once, maintenance) every request may be sent again. When the outcome is unknown (a lost
/// answer, 503) a transport repeats a [`Read`](Safety::Read) and nothing else: also an [`Idempotent`](Safety::Idempotent) write is left
/// to the caller. It may have been applied, and somebody else may have changed the row since; a repeat would undo their newer
/// edit, and be told as a success. Who knows better (the row is read again, or nobody else writes it) sends it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Safety {
    /// Changes nothing.
    Read,
    /// Twice has the effect of once if nobody else writes in between (an update by id, a deletion, an upsert by a unique key).
    /// For the caller's decision; the transports treat it as [`Once`](Safety::Once).
    Idempotent,
    /// Twice does it twice (an insert).
    Once,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// HEAD
    Head,
}
impl Method {
    /// The method as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
            Method::Head => "HEAD",
        }
    }
}
impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One REST request, complete but for host, version and token.
///
/// Made of parts that are encoded one by one, so no text can leave its place:
///
/// ```
/// use sf_core::{ApiVersion, protocol::Request};
/// let request = Request::get(["sobjects", "Account", "Key__c", "a/b?c d"]).with_query("fields", "Id,Name");
/// assert_eq!(
///     request.target(ApiVersion::new(66)).unwrap(),
///     "/services/data/v66.0/sobjects/Account/Key__c/a%2Fb%3Fc%20d?fields=Id%2CName"
/// );
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// Encoded. Without a slash in front it is relative to `/services/data/vNN.N/`; with one it goes as it is,
    /// to the instance host and to no other.
    pub path: String,
    /// Query parameters, not yet encoded.
    pub query: Vec<(String, String)>,
    /// Headers. The exchange adds the token, content type and what HTTP needs.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// What a repeat may do.
    pub safety: Safety,
    /// The answer is rows: its numbers must keep their digits.
    pub rows: bool,
}
impl Request {
    /// A request to a resource under the version's root; each of `segments` is encoded.
    ///
    /// `GET` and `HEAD` are [`Safety::Read`], the others [`Safety::Once`] until
    /// [`with_safety`](Request::with_safety) says more.
    pub fn new<S: AsRef<str>>(method: Method, segments: impl IntoIterator<Item = S>) -> Request {
        let mut path = String::new();
        for (i, segment) in segments.into_iter().enumerate() {
            if i > 0 {
                path.push('/');
            }
            encode::push(&mut path, segment.as_ref());
        }
        Request::at(method, path)
    }
    /// A `GET`.
    pub fn get<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Request {
        Request::new(Method::Get, segments)
    }
    /// A `POST`.
    pub fn post<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Request {
        Request::new(Method::Post, segments)
    }
    /// A request to a path that the org itself named (`nextRecordsUrl`) or that has no version
    /// (`/services/oauth2/userinfo`). Begins with a slash, is already encoded, names no host.
    pub fn to_path(method: Method, path: impl Into<String>) -> Result<Request> {
        let request = Request::at(method, path.into());
        match request.path.starts_with('/') {
            true => request.check().map(|()| request),
            false => Err(invalid("the path does not begin with a slash")),
        }
    }
    /// A request to an Apex REST resource of the org: `/services/apexrest/` and these segments, each of them encoded. What its
    /// answer means is the resource's business; an error answer of its own does not prove that nothing was saved
    /// ([`Request::failure`]).
    ///
    /// ```
    /// use sf_core::{ApiVersion, CallOptions, Org, Result, protocol::{Method, Request}};
    /// let request = Request::apex(Method::Post, ["cx", "health", "a/b"]).with_json(r#"{"score":7}"#);
    /// assert_eq!(request.target(ApiVersion::CURRENT)?, "/services/apexrest/cx/health/a%2Fb");
    ///
    /// async fn send(org: &Org, request: &Request) -> Result<serde_json::Value> {
    ///     org.transport().call(request, &CallOptions::new()).await?.json()
    /// }
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn apex<S: AsRef<str>>(method: Method, segments: impl IntoIterator<Item = S>) -> Request {
        let mut request = Request::new(method, segments);
        request.path.insert_str(0, "/services/apexrest/");
        request
    }
    pub(super) fn at(method: Method, path: String) -> Request {
        let safety = match method {
            Method::Get | Method::Head => Safety::Read,
            _ => Safety::Once,
        };
        Request {
            method,
            path,
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Empty,
            safety,
            rows: false,
        }
    }
    /// The same with one more query parameter, in plain text.
    #[must_use]
    pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.query.push((name.into(), value.into()));
        self
    }
    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.headers.push((name.into(), value.into()));
        self
    }
    /// The same with a JSON body, as text.
    #[must_use]
    pub fn with_json(mut self, text: impl Into<Arc<str>>) -> Request {
        self.body = Body::Json(text.into());
        self
    }
    /// The same with a body of any kind.
    #[must_use]
    pub fn with_body(mut self, body: Body) -> Request {
        self.body = body;
        self
    }
    /// The same with another word on what a repeat may do.
    #[must_use]
    pub fn with_safety(mut self, safety: Safety) -> Request {
        self.safety = safety;
        self
    }
    /// The same; the answer is rows.
    #[must_use]
    pub fn with_rows(mut self) -> Request {
        self.rows = true;
        self
    }

    /// Path and query as they go on the wire, the version put in front of a relative path.
    ///
    /// Every exchange builds its URL of the instance host and this. Fails for a request that could reach
    /// another place than it names (see [`check`](Request::check)).
    pub fn target(&self, version: ApiVersion) -> Result<String> {
        self.check()?;
        let mut target = match self.path.starts_with('/') {
            true => self.path.clone(),
            false => format!("/services/data/v{version}/{}", self.path),
        };
        for (i, (name, value)) in self.query.iter().enumerate() {
            target.push(if i == 0 { '?' } else { '&' });
            encode::push(&mut target, name);
            target.push('=');
            encode::push(&mut target, value);
        }
        Ok(target)
    }

    /// Refuses a path with empty or dot segments (a URL library would resolve them away), header text that
    /// could start another header, and an `Authorization` header (the token is the exchange's business).
    pub fn check(&self) -> Result<()> {
        if let Some(problem) = encode::path_problem(&self.path) {
            return Err(invalid(&format!("the path {problem}")));
        }
        for (name, value) in &self.headers {
            let token = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            if name.is_empty() || !name.bytes().all(token) {
                return Err(invalid("a header name is not valid"));
            }
            if !value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
                return Err(invalid(&format!("the header {name} has a character that a header cannot hold")));
            }
            if name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("host") {
                return Err(invalid(&format!("the header {name} is set by the transport")));
            }
        }
        Ok(())
    }

    /// The failure for "no answer came": [`Delivery::Unknown`], because the org may have acted on it. (For a
    /// [`Safety::Read`] that matters to nobody.)
    pub fn unanswered(&self, kind: ErrorKind, message: impl Into<String>) -> Failure {
        Failure::new(kind, Delivery::Unknown, message)
    }
    /// May the transport itself send it again after a failure that left the outcome open? Only what changes nothing: who
    /// wrote decides what a second write would do to changes made in between.
    pub fn may_repeat(&self, options: &CallOptions) -> bool {
        self.safety == Safety::Read && options.attempts != Some(1)
    }
}
/// Parameters by name and length: a statement holds record data, as a body does.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query: Vec<_> = self.query.iter().map(|(name, value)| (name, value.len())).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &query)
            .field("headers", &self.headers)
            .field("body", &self.body)
            .field("safety", &self.safety)
            .field("rows", &self.rows)
            .finish()
    }
}
fn invalid(message: &str) -> Error {
    Failure::invalid_input(message).into()
}
