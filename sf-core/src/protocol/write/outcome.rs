//! The answer to a write, row by row.
use crate::{
    Delivery, ErrorCode, ErrorKind, Failure, Result, RowOutcome, SfId, Write,
    protocol::{Response, Safety, failure::read_row_errors, read_failure, response::unreadable},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

pub(super) fn all(batch: &[Write], failure: &Failure) -> Vec<RowOutcome> {
    batch.iter().map(|_| RowOutcome::Failed(failure.clone())).collect()
}
pub(in crate::protocol) fn unknown(message: impl Into<String>) -> Failure {
    Failure::new(ErrorKind::Decode, Delivery::Unknown, message)
}

/// The answer to a request that is no composite.
pub(super) fn direct(
    batch: &[Write],
    response: &Response,
    safety: Safety,
    is_record: bool,
) -> Result<Vec<RowOutcome>> {
    if response.is_success() {
        return Ok(match batch {
            [row] if is_record => vec![of_record(row.id(), is_insert(row), response)],
            run => rows_of(run, response),
        });
    }
    let failure = read_failure(response, safety);
    let of_the_row = matches!(response.status, 300 | 400 | 404 | 409 | 412 | 428);
    match is_record && of_the_row {
        true => Ok(all(batch, &failure)),
        false => Err(failure.into()),
    }
}
/// The answer of 2xx to a request for one row: 204 for a row that was there, else what the body says of it. A page of
/// somebody on the way proves nothing.
pub(in crate::protocol) fn of_record(id: Option<SfId>, is_new: bool, response: &Response) -> RowOutcome {
    match id {
        Some(id) if response.status == 204 => RowOutcome::Done { id, created: false },
        None if response.status == 204 => RowOutcome::Failed(unknown(NO_ID)),
        id => outcome(id, is_new, &serde_json::from_str(response.text()).unwrap_or_default()),
    }
}
fn is_insert(row: &Write) -> bool {
    matches!(row, Write::Insert { .. })
}

/// The outcomes of a run from an answer of 2xx.
pub(in crate::protocol) fn rows_of(run: &[Write], response: &Response) -> Vec<RowOutcome> {
    if let [Write::Update { id, if_unmodified_since: Some(_), .. }] = run {
        return vec![of_record(Some(*id), false, response)];
    }
    match read_results(response) {
        Ok(results) if results.len() == run.len() => {
            run.iter().zip(&results).map(|(row, result)| outcome(row.id(), is_insert(row), result)).collect()
        }
        Ok(results) => {
            let message = format!("the org answered with {} results for {} rows", results.len(), run.len());
            all(run, &unknown(message))
        }
        Err(error) => all(run, error.failure()),
    }
}

/// One refused row undoes all: the org may still print `"success":true` for rows of other collections (REST API guide,
/// "allOrNone Parameters in Composite and Collections Requests").
///
/// `undone`: known without these rows.
pub(in crate::protocol) fn settle_all_or_none(outcomes: &mut [RowOutcome], undone: bool) {
    let refused = |o: &RowOutcome| o.failure().is_some_and(|f| f.delivery != Delivery::Unknown);
    if !undone && !outcomes.iter().any(refused) {
        return;
    }
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_done()) {
        let message = "rolled back, because another row of the all-or-none call failed";
        let code = ErrorCode::AllOrNoneOperationRolledBack;
        *outcome = RowOutcome::Failed(Failure::of_code(code, message));
    }
}

/// One result of a collections answer. Read leniently: a result we cannot read must not spoil its neighbours.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RowResult {
    id: Value,
    success: Value,
    created: Value,
    errors: Value,
}
fn read_results(response: &Response) -> Result<Vec<RowResult>> {
    // Each from its own text: one that says a thing twice is no result, and takes no other with it.
    let items: Vec<&RawValue> = serde_json::from_str(response.text())
        .map_err(|e| unreadable("the answer to a write", response.status, &e))?;
    Ok(items.into_iter().map(|item| serde_json::from_str(item.get()).unwrap_or_default()).collect())
}

const NO_ID: &str = "the org saved the row but did not give its id";

/// `own`: the id that the row was written by.
fn outcome(own: Option<SfId>, is_new: bool, result: &RowResult) -> RowOutcome {
    let named = result.id.as_str().and_then(|id| SfId::new(id).ok());
    if let (Some(named), Some(own)) = (named, own)
        && named != own
    {
        return RowOutcome::Failed(unknown("the result names another record than the row"));
    }
    match result.success.as_bool() {
        Some(true) => match named.or(own) {
            Some(id) => RowOutcome::Done { id, created: result.created.as_bool().unwrap_or(is_new) },
            None => RowOutcome::Failed(unknown(NO_ID)),
        },
        Some(false) => {
            RowOutcome::Failed(read_row_errors(result.errors.as_array().map_or(&[][..], Vec::as_slice)))
        }
        None => RowOutcome::Failed(unknown("the result does not say whether the row was saved")),
    }
}
