//! `GET /search`: SOSL.
use super::{
    Method, Request, Response, batch::Batch, envelope, query::fits, read_failure, response::unreadable,
};
use crate::{
    Capabilities, Delivery, ErrorKind, Failure, ObjectName, Page, RawRow, Record, Result, SObject, Sosl,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Rows that one search answers at most (Salesforce Developer Limits, "SOQL and SOSL Limits for Search Queries").
const MOST: usize = 2_000;

/// What a search found: rows of several objects, those that fit best first within each object.
#[derive(Debug, Clone)]
pub struct SearchRows {
    page: Page,
    len: usize,
}
impl SearchRows {
    fn new(page: Page) -> Result<SearchRows> {
        let len = page.rows()?.len();
        Ok(SearchRows { page, len })
    }
    /// How many rows were found, of all objects.
    pub fn len(&self) -> usize {
        self.len
    }
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Whether the org may have found more: it answers 2,000 rows at most and does not say when it has more. Search for
    /// something narrower then.
    pub fn may_be_cut(&self) -> bool {
        self.len >= MOST
    }
    /// The rows of one object.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] for a row of it that is not a `T`.
    ///
    /// ```
    /// use sf_core::{Page, models::{Account, Contact}, protocol};
    /// # use sf_core::protocol::Response;
    /// # let answer = r#"{"searchRecords":[
    /// #   {"attributes":{"type":"Account"},"Id":"001000000000001AAA","Name":"Acme"},
    /// #   {"attributes":{"type":"Contact"},"Id":"003000000000001AAA"}]}"#;
    /// # let request = protocol::Request::get(["search"]);
    /// # let found = protocol::search_response(&request, &Response::new(200, vec![], answer))?;
    /// let accounts: Vec<Account> = found.of()?;
    /// assert_eq!(accounts[0].name.value().unwrap(), "Acme");
    /// assert_eq!((found.len(), found.of::<Contact>()?.len()), (2, 1));
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn of<T: SObject>(&self) -> Result<Vec<T>> {
        let rows = self.page.rows()?.into_iter();
        let own = rows.filter(|row| object_of(*row).is_some_and(|object| object == T::OBJECT));
        own.map(|row| Ok(row.decode()?)).collect()
    }
    /// All rows, untyped, in the org's order; each says its object.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] for something that is not a row.
    pub fn records(&self) -> Result<Vec<Record>> {
        self.page.rows()?.into_iter().map(|row| Ok(row.decode()?)).collect()
    }
}

fn object_of(row: RawRow<'_>) -> Option<ObjectName> {
    #[derive(Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        attributes: Attributes<'a>,
    }
    #[derive(Deserialize)]
    struct Attributes<'a> {
        #[serde(borrow, rename = "type")]
        object: Cow<'a, str>,
    }
    ObjectName::new(row.decode::<Row<'_>>().ok()?.attributes.object).ok()
}

/// A request for a search: as `GET`, or in a `POST /composite/batch` where the URL would be too long or seen (composite calls
/// take no searches, and the resource for searches with a body takes no SOSL).
///
/// ```
/// use sf_core::{Capabilities, Sosl, protocol};
/// let can = Capabilities::default();
/// let request = protocol::search_request(&Sosl::raw("FIND {Acme}"), &can)?;
/// assert_eq!(request.target(can.api_version)?, "/services/data/v66.0/search?q=FIND%20%7BAcme%7D");
/// # Ok::<(), sf_core::Error>(())
/// ```
pub fn search_request(sosl: &Sosl, can: &Capabilities) -> Result<Request> {
    let request = Request::get(["search"]).with_query("q", sosl.as_str());
    let request = match fits(&request, can) {
        true => request,
        false => {
            let mut batch = Batch::new();
            batch.add(request)?;
            batch.request(can.api_version)?
        }
    };
    Ok(request.with_rows())
}

/// What was found.
pub fn search_response(request: &Request, response: &Response) -> Result<SearchRows> {
    if !response.is_success() {
        return Err(read_failure(response, request.safety).into());
    }
    if request.method == Method::Get {
        return read(response);
    }
    // Only the safety of the parts matters to what reads the outcomes.
    let mut batch = Batch::new();
    batch.add(Request::get(["search"]))?;
    match batch.read(response)?.first() {
        Some(outcome) => read(outcome.response()?),
        None => {
            let message = "the answer to a batch lacks its search";
            Err(Failure::new(ErrorKind::Decode, Delivery::Refused, message).into())
        }
    }
}
fn read(response: &Response) -> Result<SearchRows> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer<'a> {
        #[serde(borrow)]
        search_records: &'a RawValue,
    }
    // Up to version 36 the list stands alone.
    if response.text().trim_start().starts_with('[') {
        return SearchRows::new(Page::within(response.body.clone(), response.span.clone())?);
    }
    let answer: Answer<'_> = serde_json::from_str(response.text())
        .map_err(|e| unreadable("the answer to a search", response.status, &e))?;
    let span = envelope::within(response, answer.search_records);
    SearchRows::new(Page::within(response.body.clone(), span)?)
}
