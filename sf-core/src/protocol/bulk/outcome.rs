//! What a job's result files say of its rows.
use super::{CsvRow, JobInfo, JobState, ResultFile};
use crate::{Delivery, ErrorCode, ErrorKind, Failure, RowOutcome, SfId};

/// One row of a result file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ResultLine {
    /// What became of it.
    pub outcome: RowOutcome,
    /// The columns of the row as it was sent.
    pub row: Vec<(String, String)>,
}

/// Which columns of a result file are the org's own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResultColumns {
    id: Option<usize>,
    created: Option<usize>,
    error: Option<usize>,
}
impl ResultColumns {
    pub(crate) fn find<'a>(header: impl Iterator<Item = &'a str>) -> ResultColumns {
        let mut found = ResultColumns { id: None, created: None, error: None };
        for (at, name) in header.enumerate() {
            match name {
                _ if name.eq_ignore_ascii_case("sf__Id") => found.id = Some(at),
                _ if name.eq_ignore_ascii_case("sf__Created") => found.created = Some(at),
                _ if name.eq_ignore_ascii_case("sf__Error") => found.error = Some(at),
                _ => {}
            }
        }
        found
    }
    /// Whether the file has what only it has: without that a line would tell nothing of its row.
    pub(crate) fn are_of(&self, file: ResultFile) -> bool {
        match file {
            ResultFile::Successful => self.id.is_some(),
            ResultFile::Failed => self.error.is_some(),
            ResultFile::Unprocessed => true,
        }
    }
    pub(crate) fn is_own(&self, at: usize) -> bool {
        [self.id, self.created, self.error].contains(&Some(at))
    }
    pub(crate) fn outcome(&self, file: ResultFile, row: CsvRow<'_>, job: &JobInfo) -> RowOutcome {
        let cell = |at: Option<usize>| at.and_then(|at| row.cell(at)).unwrap_or_default();
        match file {
            ResultFile::Successful => match SfId::new(cell(self.id)) {
                Ok(id) => RowOutcome::Done { id, created: cell(self.created).eq_ignore_ascii_case("true") },
                Err(_) => RowOutcome::Failed(Failure::new(
                    ErrorKind::Decode,
                    Delivery::Unknown,
                    "the org saved the row but did not give its id",
                )),
            },
            ResultFile::Failed => RowOutcome::Failed(read_row_error(cell(self.error))),
            ResultFile::Unprocessed => RowOutcome::Failed(unprocessed(job)),
        }
    }
}

/// The failure behind `sf__Error`: `CODE:message:Field1,Field2 --`, with `:--` for no fields.
///
/// ```
/// use sf_core::{ErrorCode, protocol::bulk::read_row_error};
/// let failure = read_row_error("REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --");
/// assert_eq!(failure.code, Some(ErrorCode::RequiredFieldMissing));
/// assert_eq!(failure.message, "Required fields are missing: [Name]");
/// assert_eq!(failure.fields, ["Name"]);
/// ```
pub fn read_row_error(text: &str) -> Failure {
    let text = text.trim();
    let Some((code, rest)) = text.split_once(':').filter(|(code, _)| is_code(code)) else {
        let message = if text.is_empty() { "the org refused the row without a reason" } else { text };
        return Failure::new(ErrorKind::Refused, Delivery::Refused, message);
    };
    let (message, fields) = match rest.strip_suffix("--").and_then(|rest| rest.rsplit_once(':')) {
        Some((message, fields)) => (message, fields),
        None => (rest, ""),
    };
    let fields = fields.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned);
    Failure::of_code(ErrorCode::from(code), message).with_fields(fields)
}
fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Why a job as a whole ended without doing all its rows; `None` for one that is complete or goes on.
///
/// ```
/// use sf_core::{ErrorCode, protocol::bulk::{JobInfo, job_failure}};
/// let job: JobInfo = serde_json::from_str(
///     r#"{"id":"750000000000001AAA","state":"Failed","errorMessage":"InvalidBatch : Field name not found : Foo__c"}"#,
/// ).unwrap();
/// let failure = job_failure(&job).unwrap();
/// assert_eq!(failure.code, Some(ErrorCode::InvalidBatch));
/// assert_eq!(failure.message, "InvalidBatch : Field name not found : Foo__c");
/// ```
pub fn job_failure(job: &JobInfo) -> Option<Failure> {
    match job.state {
        JobState::Failed => {
            let text = job.error_message.as_deref().unwrap_or("the job failed without a reason");
            let code = text.split_once(':').map(|(code, _)| code.trim().to_ascii_uppercase());
            Some(match code.filter(|code| is_code(code)) {
                Some(code) => Failure::of_code(ErrorCode::from(code.as_str()), text),
                None => Failure::new(ErrorKind::Refused, Delivery::Refused, text),
            })
        }
        JobState::Aborted => {
            let failure = Failure::new(ErrorKind::Refused, Delivery::Refused, "the job was aborted");
            Some(failure.with_next_step("Write the rows that were not worked on again, in a new job."))
        }
        _ => None,
    }
}
/// A row that the job did not come to.
fn unprocessed(job: &JobInfo) -> Failure {
    let mut failure = job_failure(job).unwrap_or_else(|| {
        Failure::new(ErrorKind::Refused, Delivery::Refused, "the job ended before it came to this row")
    });
    failure.message = format!("not worked on: {}", failure.message);
    failure
}
