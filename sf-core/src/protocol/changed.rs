//! `GET /sobjects/X/updated` and `/deleted`.
use super::{Request, Response, Safety, read_failure};
use crate::{
    ChangeKind, ChangedIds, Delivery, ErrorKind, Failure, ObjectName, Result, SfId, Timestamp, Window,
};
use serde::Deserialize;

/// A request for the ids that changed in a window.
pub fn changed_request(object: &ObjectName, window: &Window) -> Result<Request> {
    if window.start >= window.end {
        return Err(Failure::invalid_input("the window ends before it starts").into());
    }
    let resource = match window.what {
        ChangeKind::Updated => "updated",
        ChangeKind::Deleted => "deleted",
    };
    Ok(Request::get(["sobjects", object.as_str(), resource])
        .with_query("start", window.start.to_string())
        .with_query("end", window.end.to_string()))
}

/// The ids, and how far the answer reaches.
pub fn changed_response(response: &Response) -> Result<ChangedIds> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        ids: Option<Vec<SfId>>,
        deleted_records: Option<Vec<Deleted>>,
        latest_date_covered: Timestamp,
        earliest_date_available: Option<Timestamp>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Deleted {
        id: SfId,
        deleted_date: Option<Timestamp>,
    }
    if !response.is_success() {
        return Err(read_failure(response, Safety::Read).into());
    }
    let answer: Answer = response.json()?;
    // No list is not an empty one: who believed it would never hear of those changes.
    if answer.ids.is_none() && answer.deleted_records.is_none() {
        let message = "the answer to a question for changes has no list of ids";
        return Err(Failure::new(ErrorKind::Decode, Delivery::Refused, message).into());
    }
    let updated = answer.ids.unwrap_or_default().into_iter().map(|id| (id, None));
    let deleted = answer.deleted_records.unwrap_or_default();
    let deleted = deleted.into_iter().map(|row| (row.id, row.deleted_date));
    Ok(ChangedIds::new(
        updated.chain(deleted).collect(),
        answer.latest_date_covered,
        answer.earliest_date_available,
    ))
}
