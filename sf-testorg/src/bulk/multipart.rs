//! A create request that brings its data: `multipart/form-data` with the parts `job` and `content`.
use crate::error::{ApiError, ApiResult};

/// Characters of data that may come this way (guide, "Create a Job").
const LONGEST_CONTENT: usize = 100_000;

pub(super) struct Parts<'b> {
    pub(super) job: &'b [u8],
    pub(super) content: &'b [u8],
}

/// The parts of a multipart body; `None` when the request is no such thing.
pub(super) fn read<'b>(content_type: &str, body: &'b [u8]) -> ApiResult<Option<Parts<'b>>> {
    if !is_multipart(content_type) {
        return Ok(None);
    }
    // The case of the boundary counts.
    let boundary = content_type.split(';').map(str::trim).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then(|| value.trim_matches('"'))
    });
    let boundary = boundary.filter(|b| !b.is_empty()).ok_or_else(|| malformed("the boundary is missing"))?;
    let fence = format!("--{boundary}");
    let (mut job, mut content) = (None, None);
    let mut rest = after_fence(body, fence.as_bytes()).ok_or_else(|| malformed("no part was found"))?;
    while !rest.starts_with(b"--") {
        let end = find(rest, fence.as_bytes()).ok_or_else(|| malformed("the last boundary is missing"))?;
        let (head, data) = part(&rest[..end]).ok_or_else(|| malformed("a part has no header"))?;
        match name(head) {
            Some("job") => job = Some(data),
            Some("content") => content = Some(data),
            _ => {}
        }
        rest = &rest[end + fence.len()..];
    }
    let job = job.ok_or_else(|| malformed("the part job is missing"))?;
    let content = content.ok_or_else(|| malformed("the part content is missing"))?;
    if String::from_utf8_lossy(content).chars().count() > LONGEST_CONTENT {
        return Err(malformed(&format!("the part content is longer than {LONGEST_CONTENT} characters")));
    }
    Ok(Some(Parts { job, content }))
}

pub(crate) fn is_multipart(content_type: &str) -> bool {
    content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

/// [inferred] code and text
fn malformed(what: &str) -> ApiError {
    ApiError::new(
        400,
        "CLIENTINPUTERROR",
        format!("ClientInputError : The multipart request is not well-formed: {what}"),
    )
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}
fn after_fence<'b>(body: &'b [u8], fence: &[u8]) -> Option<&'b [u8]> {
    find(body, fence).map(|at| &body[at + fence.len()..])
}

/// Header and data of one part, without the line ending that belongs to the boundary.
fn part(text: &[u8]) -> Option<(&str, &[u8])> {
    let text = text.strip_prefix(b"\r\n").or_else(|| text.strip_prefix(b"\n"))?;
    let crlf = find(text, b"\r\n\r\n").map(|at| (at, at + 4));
    let lf = find(text, b"\n\n").map(|at| (at, at + 2));
    let (end, start) = match (crlf, lf) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    let data = &text[start..];
    let data = data.strip_suffix(b"\r\n").or_else(|| data.strip_suffix(b"\n")).unwrap_or(data);
    Some((std::str::from_utf8(&text[..end]).ok()?, data))
}

fn name(head: &str) -> Option<&str> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    line.split(';').map(str::trim).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("name").then(|| value.trim_matches('"'))
    })
}
