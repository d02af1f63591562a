//! `/query`, `/queryAll` and their next pages, alone or several in one composite call.
use super::{Method, Request, Response, Safety, encode, envelope, read_failure};
use crate::{
    Capabilities, Cursor, Delivery, Error, ErrorKind, Failure, Page, QueryCall, QueryOptions, Result,
};

/// The longest path and query that goes into a URL, in bytes. The org takes 16,384 for URL and headers together;
/// proxies often half of that.
pub const LONGEST_URL: usize = 8_000;

/// A request for up to `can.queries_per_call` queries or next pages.
///
/// One goes as `GET`; several, a statement whose URL would be longer than [`LONGEST_URL`], or a transport whose
/// arguments others can see, go as one `POST /composite`.
pub fn query_request(batch: &[QueryCall], options: &QueryOptions, can: &Capabilities) -> Result<Request> {
    let most = can.queries_per_call.min(5);
    if batch.is_empty() || batch.len() > most {
        let message = format!("{} queries in one call, this transport takes 1 to {most}", batch.len());
        return Err(Failure::invalid_input(message).into());
    }
    let parts = batch.iter().map(|call| part(call, options)).collect::<Result<Vec<_>>>()?;
    let request = match parts.as_slice() {
        [one] if fits(one, can) => one.clone(),
        _ => envelope::wrap(&parts, false, can.api_version)?.with_safety(Safety::Read),
    };
    Ok(request.with_rows())
}
/// Whether it may stand in a URL: its first parameter is the statement.
pub(super) fn fits(one: &Request, can: &Capabilities) -> bool {
    let value = one.query.first().map_or("", |(_, statement)| statement);
    (!can.bodies_only || value.is_empty())
        && "/services/data/v66.0/?q=".len() + one.path.len() + encode::length(value) <= LONGEST_URL
}
fn part(call: &QueryCall, options: &QueryOptions) -> Result<Request> {
    let request = match call {
        QueryCall::Start(soql) => {
            let resource = if options.deleted { "queryAll" } else { "query" };
            Request::get([resource]).with_query("q", soql.as_str())
        }
        QueryCall::Next(cursor) => next_page(cursor)?,
    };
    Ok(match options.page_size {
        Some(size) => {
            request.with_header("Sforce-Query-Options", format!("batchSize={}", size.clamp(200, 2_000)))
        }
        None => request,
    })
}
/// A cursor is the path that the org named. It may have lain in a database: it is checked like any input.
fn next_page(cursor: &Cursor) -> Result<Request> {
    let path = cursor.as_str();
    match path.starts_with("/services/data/v") && path.contains("/query") {
        true => Request::to_path(Method::Get, path),
        false => Err(Failure::invalid_input("this is not the cursor of a query").into()),
    }
}

/// The pages, in the order asked.
///
/// `Err` as a whole: the call failed (401, a limit, a 5xx). `Err` of one: its statement or cursor was refused.
pub fn query_response(
    request: &Request,
    count: usize,
    response: &Response,
) -> Result<Vec<Result<Page, Failure>>> {
    if request.method == Method::Get {
        return match page(response) {
            Err(failure) if !of_statement(&failure) => Err(failure.into()),
            page => Ok(vec![page]),
        };
    }
    let parts = envelope::unwrap(request, count, response)?;
    Ok(parts
        .into_iter()
        .map(|part| match part {
            Some(part) => page(&part),
            None => Err(Failure::new(
                ErrorKind::Decode,
                Delivery::Unknown,
                "the composite answer lacks the result of a query",
            )),
        })
        .collect())
}
fn page(response: &Response) -> Result<Page, Failure> {
    match response.is_success() {
        // A list is the answer to another question, and an empty one would be "no rows".
        true if response.text().trim_start().starts_with('[') => Err(Failure::new(
            ErrorKind::Decode,
            Delivery::Refused,
            "the org's answer cannot be read: it is a list, not the result of a query",
        )),
        true => Page::within(response.body.clone(), response.span.clone()).map_err(Error::into_failure),
        false => Err(read_failure(response, Safety::Read)),
    }
}
fn of_statement(failure: &Failure) -> bool {
    failure.kind == ErrorKind::Decode || matches!(failure.status, Some(400 | 404))
}
