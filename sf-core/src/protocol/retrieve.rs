//! `POST /composite/sobjects/X`: rows by id.
use super::{Request, Response, Safety, read_failure, response::unreadable};
use crate::{Capabilities, Delivery, ErrorKind, Failure, FieldName, ObjectName, Page, Result, SfId};
use serde::Serialize;

/// A request for up to `can.ids_per_call` rows. `Id` is always among the fields; a field named twice (in any
/// case) is asked for once, because the org refuses doubles.
pub fn retrieve_request(
    object: &ObjectName,
    ids: &[SfId],
    fields: &[FieldName],
    can: &Capabilities,
) -> Result<Request> {
    #[derive(Serialize)]
    struct Body<'a> {
        ids: &'a [SfId],
        fields: Vec<&'a str>,
    }
    let most = can.ids_per_call.min(2_000);
    if ids.len() > most {
        let message = format!("{} ids in one call, this transport takes {most}", ids.len());
        return Err(Failure::invalid_input(message).into());
    }
    let mut seen = std::collections::BTreeSet::new();
    let names = std::iter::once("Id").chain(fields.iter().map(FieldName::as_str));
    let fields = names.filter(|name| seen.insert(name.to_ascii_lowercase())).collect();
    let body = serde_json::to_string(&Body { ids, fields }).map_err(|e| unreadable("the request", 0, &e))?;
    Ok(Request::post(["composite", "sobjects", object.as_str()])
        .with_json(body)
        .with_safety(Safety::Read)
        .with_rows())
}

/// One row per id, `null` where the user sees none. An answer with another number of rows is refused: which row
/// belongs to which id would be a guess.
pub fn retrieve_response(ids: &[SfId], response: &Response) -> Result<Page> {
    if !response.is_success() {
        return Err(read_failure(response, Safety::Read).into());
    }
    let page = Page::within(response.body.clone(), response.span.clone())?;
    let rows = page.rows()?.len();
    if rows != ids.len() {
        let message = format!("{rows} rows came for {} ids", ids.len());
        return Err(Failure::new(ErrorKind::Decode, Delivery::Refused, message).into());
    }
    Ok(page)
}
