//! `POST /composite` as typed steps: up to 25 requests in one call, later ones with values of earlier ones.
//!
//! A reference is made by the step it refers to, never by text, and text that looks like one (`@{`) is refused: no value
//! of a row can become a reference.
//!
//! ```
//! use sf_core::{ApiVersion, Fields, field, object, protocol::composite::{Composite, Step}};
//! let mut call = Composite::new().all_or_none(true);
//! let account = call.add("acme", Step::insert(object!("Account"), Fields::new().set(field!("Name"), "Acme")))?;
//! let ann = Fields::new().set(field!("LastName"), "Ann");
//! let ann = call.add("ann", Step::insert(object!("Contact"), ann).with_link(field!("AccountId"), account.id()))?;
//! assert_eq!(
//!     call.request(ApiVersion::new(66))?.body.text(),
//!     Some(concat!(
//!         r#"{"allOrNone":true,"collateSubrequests":false,"compositeRequest":["#,
//!         r#"{"method":"POST","url":"/services/data/v66.0/sobjects/Account","referenceId":"acme","body":{"Name":"Acme"}},"#,
//!         r#"{"method":"POST","url":"/services/data/v66.0/sobjects/Contact","referenceId":"ann","#,
//!         r#""body":{"LastName":"Ann","AccountId":"@{acme.id}"}}]}"#
//!     ))
//! );
//! # let _ = ann;
//! # Ok::<(), sf_core::Error>(())
//! ```
use super::{Request, Response, envelope};
use crate::{ApiVersion, Failure, Result};

pub use super::composite_answer::{Answer, Outcome};
pub use super::composite_step::{Handle, Reference, Step, Target};

/// Subrequests of a composite call.
const MOST: usize = 25;
/// Of them queries and collections.
const MOST_LARGE: usize = 5;

/// A composite call; see the [module](self).
#[derive(Debug, Clone, Default)]
pub struct Composite {
    pub(super) all_or_none: bool,
    pub(super) steps: Vec<(String, Step)>,
}
impl Composite {
    /// A call with no steps yet.
    pub fn new() -> Composite {
        Composite::default()
    }
    /// One failed step undoes all: the org promises it for the whole call, its collections included. Otherwise each step
    /// stands for itself, and only those that refer to a failed one are not run.
    #[must_use]
    pub fn all_or_none(mut self, all_or_none: bool) -> Composite {
        self.all_or_none = all_or_none;
        self
    }
    /// Adds a step that runs after those before it. `name` is its reference ID: letters, digits and `_`, not at the
    /// beginning; used once.
    ///
    /// # Errors
    /// `InvalidInput` for a bad or used name, a 26th step, a sixth query or collection, a text with `@{`, and a reference to
    /// a step that this call does not have (yet) or whose answer holds no values (updates and deletions).
    pub fn add(&mut self, name: impl Into<String>, step: Step) -> Result<Handle> {
        let name = name.into();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.len() > 80 || name.starts_with('_') || !name.chars().all(plain) {
            return refused("a reference ID has letters, digits and `_`, and does not begin with `_`");
        }
        if self.steps.iter().any(|(known, _)| *known == name) {
            return refused(format!("the reference ID `{name}` is used twice"));
        }
        if self.steps.len() >= MOST {
            return refused(format!("a composite call has at most {MOST} steps"));
        }
        if step.is_large() && self.steps.iter().filter(|(_, step)| step.is_large()).count() >= MOST_LARGE {
            return refused(format!("a composite call has at most {MOST_LARGE} queries and collections"));
        }
        step.check(&self.steps)?;
        let handle = step.handle(&name);
        self.steps.push((name, step));
        Ok(handle)
    }
    /// The request.
    pub fn request(&self, version: ApiVersion) -> Result<Request> {
        if self.steps.is_empty() {
            return refused("a composite call has at least one step");
        }
        let collate = if version.major() >= 49 { "\"collateSubrequests\":false," } else { "" };
        let mut body = format!("{{\"allOrNone\":{},{collate}\"compositeRequest\":", self.all_or_none);
        push_steps(&mut body, &self.steps, self.all_or_none, version)?;
        body.push('}');
        Ok(Request::post(["composite"]).with_json(body).with_safety(Step::safety(&self.steps)))
    }
    /// What became of each step.
    ///
    /// # Errors
    /// When the call failed as a whole (nothing was done), or its answer cannot be read (see the delivery).
    pub fn read(&self, response: &Response) -> Result<Answer> {
        let request = Request::post(["composite"]).with_safety(Step::safety(&self.steps));
        let parts = envelope::unwrap_named(&request, response)?;
        Ok(Answer::new(&self.steps, parts, self.all_or_none))
    }
}
pub(super) fn push_steps(
    out: &mut String,
    steps: &[(String, Step)],
    all_or_none: bool,
    version: ApiVersion,
) -> Result<()> {
    out.push('[');
    for (i, (name, step)) in steps.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        let (request, url) = step.request(all_or_none, version)?;
        envelope::push(out, &request, &url, name);
    }
    out.push(']');
    Ok(())
}
pub(super) fn refused<T>(message: impl Into<String>) -> Result<T> {
    Err(Failure::invalid_input(message).into())
}
