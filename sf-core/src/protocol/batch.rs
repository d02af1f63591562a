//! `POST /composite/batch`: up to 25 requests that know nothing of each other, run one by one.
//!
//! Each counts as an API call of its own and stands for itself: there is no all-or-none.
//!
//! ```
//! use sf_core::{ApiVersion, protocol::{Request, batch::Batch}};
//! let mut call = Batch::new().halt_on_error(true);
//! call.add(Request::get(["limits"]))?;
//! assert_eq!(
//!     call.request(ApiVersion::new(66))?.body.text(),
//!     Some(r#"{"haltOnError":true,"batchRequests":[{"method":"GET","url":"v66.0/limits"}]}"#)
//! );
//! # Ok::<(), sf_core::Error>(())
//! ```
use super::{
    Body, Request, Response, Safety,
    composite::{Outcome, refused},
    envelope, read_failure,
    response::unreadable,
};
use crate::{ApiVersion, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

const MOST: usize = 25;

/// A batch; see the [module](self).
#[derive(Debug, Clone, Default)]
pub struct Batch {
    halt_on_error: bool,
    requests: Vec<Request>,
}
impl Batch {
    /// A batch with no requests yet.
    pub fn new() -> Batch {
        Batch::default()
    }
    /// Those after a failed one are not run. What was done before it stays done.
    #[must_use]
    pub fn halt_on_error(mut self, halt: bool) -> Batch {
        self.halt_on_error = halt;
        self
    }
    /// Adds a request; gives its place among the outcomes. The body is JSON or none, and there are no headers of its own.
    pub fn add(&mut self, request: Request) -> Result<usize> {
        request.check()?;
        if self.requests.len() >= MOST {
            return refused(format!("a batch has at most {MOST} requests"));
        }
        if !request.headers.is_empty() || !matches!(request.body, Body::Empty | Body::Json(_)) {
            return refused("a request of a batch has no headers, and a JSON body or none");
        }
        if request.path.starts_with("composite") && !request.path.starts_with("composite/sobjects") {
            return refused("composite calls do not go into a batch");
        }
        self.requests.push(request);
        Ok(self.requests.len() - 1)
    }
    fn safety(&self) -> Safety {
        let read = self.requests.iter().all(|request| request.safety == Safety::Read);
        if read { Safety::Read } else { Safety::Once }
    }
    /// The request.
    pub fn request(&self, version: ApiVersion) -> Result<Request> {
        if self.requests.is_empty() {
            return refused("a batch has at least one request");
        }
        let mut body = format!("{{\"haltOnError\":{},\"batchRequests\":[", self.halt_on_error);
        for (i, request) in self.requests.iter().enumerate() {
            let target = request.target(version)?;
            let Some(url) = target.strip_prefix("/services/data/") else {
                return refused("a request of a batch is one of the data API");
            };
            let url = serde_json::Value::from(url);
            body.push_str(if i > 0 { "," } else { "" });
            body.push_str(&format!("{{\"method\":\"{}\",\"url\":{url}", request.method));
            if let Body::Json(json) = &request.body {
                body.push_str(",\"richInput\":");
                body.push_str(json);
            }
            body.push('}');
        }
        body.push_str("]}");
        Ok(Request::post(["composite", "batch"]).with_json(body).with_safety(self.safety()))
    }
    /// What became of each request, in their order.
    ///
    /// # Errors
    /// When the batch failed as a whole, or its answer cannot be read (see the delivery).
    pub fn read(&self, response: &Response) -> Result<Vec<Outcome>> {
        #[derive(Deserialize)]
        struct Answer<'a> {
            #[serde(borrow)]
            results: Vec<Part<'a>>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Part<'a> {
            status_code: u16,
            #[serde(borrow, default)]
            result: Option<&'a RawValue>,
        }
        if !response.is_success() {
            return Err(read_failure(response, self.safety()).into());
        }
        let answer: Answer<'_> = serde_json::from_str(response.text())
            .map_err(|e| unreadable("the answer to a batch", response.status, &e))?;
        // With another number of results, which belongs to which request would be a guess.
        let fits = answer.results.len() == self.requests.len();
        let mut parts = answer.results.into_iter().filter(|_| fits).map(|part| {
            let span = part.result.map_or(0..0, |result| envelope::within(response, result));
            Response { status: part.status_code, headers: Vec::new(), body: response.body.clone(), span }
        });
        Ok(self.requests.iter().map(|request| Outcome::of(parts.next(), request.safety)).collect())
    }
}
