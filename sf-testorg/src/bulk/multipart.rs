//! A create request that brings its data: `multipart/form-data` with the parts `job` and `content`.
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    multipart,
};

/// Characters of data that may come this way (guide, "Create a Job").
const LONGEST_CONTENT: usize = 100_000;

pub(super) struct Parts<'b> {
    pub(super) job: &'b [u8],
    pub(super) content: &'b [u8],
}

/// The parts of a multipart body; `None` when the request is no such thing.
pub(super) fn read<'b>(content_type: &str, body: &'b [u8]) -> ApiResult<Option<Parts<'b>>> {
    if !multipart::is_multipart(content_type) {
        return Ok(None);
    }
    let parts = multipart::read(content_type, body).map_err(malformed)?;
    let named = |name: &str| parts.iter().rfind(|part| part.name == Some(name)).map(|part| part.data);
    let job = named("job").ok_or_else(|| malformed("the part job is missing"))?;
    let content = named("content").ok_or_else(|| malformed("the part content is missing"))?;
    if String::from_utf8_lossy(content).chars().count() > LONGEST_CONTENT {
        return Err(malformed(&format!("the part content is longer than {LONGEST_CONTENT} characters")));
    }
    Ok(Some(Parts { job, content }))
}

fn malformed(what: &str) -> ApiError {
    ApiError::new(
        400,
        "CLIENTINPUTERROR",
        format!("ClientInputError : The multipart request is not well-formed: {what}"),
    )
    .assumed(AssumedError::MalformedMultipart)
}
