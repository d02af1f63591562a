//! What all calls share, and the two that take ids: `undelete`, `emptyRecycleBin`.
use super::{
    Fault, Wording,
    envelope::{element, error, nillable, reply, text},
};
use crate::{
    Request,
    changes::Source,
    error::{ApiError, ApiResult},
    org::Inner,
    rest::{Answer, Service},
    save::malformed_id,
    xml::Element,
};
use sf_core::SfId;

/// Elements of a call. (SOAP API guide, "undelete()", "emptyRecycleBin()", "merge()")
const MOST: usize = 200;
/// (SOAP API guide, "convertLead()")
const MOST_LEADS: usize = 100;

impl Inner {
    /// One call, by the user of its session.
    pub(super) fn soap_call(
        &mut self,
        request: &Request,
        (wording, version): (Wording, u16),
        envelope: &Element,
        call: &Element,
    ) -> Result<Answer, Fault> {
        match self.wrong_host(request) {
            Some(Ok(answer)) => return Ok(answer),
            Some(Err(error)) => return Err(Fault::of(&error)),
            None => {}
        }
        let user = text(envelope, "sessionId").and_then(|token| self.enter_session(&token));
        let Some(user) = user else {
            let message = "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key: ";
            return Err(Fault::exception("UnexpectedErrorFault", "INVALID_SESSION_ID", message));
        };
        let (used, most) = (self.log.last_day(self.state.now()), self.daily_api_requests);
        if used > most {
            let message = "TotalRequests Limit exceeded.";
            return Err(Fault::exception("UnexpectedErrorFault", "REQUEST_LIMIT_EXCEEDED", message));
        }
        let most_elements = if call.name == "convertLead" { MOST_LEADS } else { MOST };
        if call.children.len() > most_elements {
            let message = format!(
                "record limit reached. cannot submit more than {most_elements} records into this call"
            );
            return Err(Fault::exception("UnexpectedErrorFault", "EXCEEDED_ID_LIMIT", &message));
        }
        // What is done here is done by whose token it is.
        let api_user = self.state.user();
        self.run_as(user);
        let header = |header: &str, value: &str| text(envelope.child("Header")?.child(header)?, value);
        let client = header("CallOptions", "client").map(|client| format!("client={client}"));
        let style = self.changes.source.style;
        self.changes.source = Source { style, ..Source::api("soap", version, client.as_deref(), user) };
        let all_or_none =
            header("AllOrNoneHeader", "allOrNone").is_some_and(|value| value == "true" || value == "1");
        let results = match call.name.as_str() {
            "undelete" => self.undelete_all(call, all_or_none),
            "emptyRecycleBin" => self.purge_all(call),
            "merge" => self.merge_all(call),
            _ => self.convert_all(call),
        };
        if let Some(api_user) = api_user {
            self.run_as(api_user);
        }
        let name = &call.name;
        let body = format!("<{name}Response>{}</{name}Response>", results.concat());
        let limits = format!(
            "<LimitInfoHeader><limitInfo><current>{used}</current><limit>{most}</limit><type>API REQUESTS</type></limitInfo></LimitInfoHeader>"
        );
        Ok(reply(200, &wording.namespace(), &limits, &body).rows(results.len()))
    }

    /// The error with the words that are assumed of this org.
    pub(super) fn worded<T>(&self, result: ApiResult<T>) -> ApiResult<T> {
        result.map_err(|error| self.assumptions.worded(error))
    }

    fn undelete_all(&mut self, call: &Element, all_or_none: bool) -> Vec<String> {
        let start = self.state.savepoint();
        let mut results: Vec<(Option<SfId>, ApiResult<()>)> = Vec::new();
        for text in ids(call) {
            results.push(match SfId::new(&text) {
                Ok(id) => (Some(id), Service { inner: self }.saver().undelete(id)),
                Err(_) => (None, Err(malformed_id(&text))),
            });
        }
        if all_or_none && results.iter().any(|(_, result)| result.is_err()) {
            self.state.rollback_to(start);
            for (_, result) in results.iter_mut().filter(|(_, result)| result.is_ok()) {
                let message = "Record rolled back because not all records were valid and the request was using \
                               AllOrNone header";
                *result = Err(ApiError::row("ALL_OR_NONE_OPERATION_ROLLED_BACK", message, crate::save::NONE));
            }
        }
        results.into_iter().map(|(id, result)| row(id, &self.worded(result))).collect()
    }

    fn purge_all(&mut self, call: &Element) -> Vec<String> {
        let mut results = Vec::new();
        for text in ids(call) {
            let (id, result) = match SfId::new(&text) {
                Ok(id) => (Some(id), Service { inner: self }.saver().purge(id).map(|_| ())),
                Err(_) => (None, Err(malformed_id(&text))),
            };
            results.push(row(id, &self.worded(result)));
        }
        results
    }
}

/// The texts of the call's `ids`.
fn ids(call: &Element) -> impl Iterator<Item = String> {
    call.children.iter().filter(|child| child.name == "ids").map(|child| child.text.trim().to_owned())
}

/// A result of one row: `DeleteResult`, `UndeleteResult`, `EmptyRecycleBinResult`.
fn row(id: Option<SfId>, result: &ApiResult<()>) -> String {
    let mut out = String::from("<result>");
    if let Err(problem) = result {
        error(problem, &mut out);
    }
    nillable("id", id.as_ref().map(SfId::as_str), &mut out);
    element("success", if result.is_ok() { "true" } else { "false" }, &mut out);
    out.push_str("</result>");
    out
}

/// The id in a child of this name; none where it is missing, nil or empty.
pub(super) fn id_of(parent: &Element, name: &str) -> ApiResult<Option<SfId>> {
    match value_of(parent, name) {
        None => Ok(None),
        Some(text) => SfId::new(&text).map(Some).map_err(|_| malformed_id(&text)),
    }
}

/// The text in a child of this name; none where it is missing, nil or empty.
pub(super) fn value_of(parent: &Element, name: &str) -> Option<String> {
    let child = parent.child(name).filter(|child| !child.is_nil)?;
    Some(child.text.trim().to_owned()).filter(|text| !text.is_empty())
}
