//! `GET /sobjects/X/describe`.
use super::{Request, Response, Safety, read_failure};
use crate::{Describe, DescribeOptions, ObjectName, Result, Timestamp};

/// A request for an object's describe, conditional when `if_changed_since` is set.
pub fn describe_request(object: &ObjectName, options: &DescribeOptions) -> Request {
    let request = Request::get(["sobjects", object.as_str(), "describe"]);
    match options.if_changed_since {
        Some(moment) => request.with_header("If-Modified-Since", http_date(moment)),
        None => request,
    }
}

/// The describe, or `None` for "not modified".
pub fn describe_response(response: &Response) -> Result<Option<Describe>> {
    match response.status {
        304 => Ok(None),
        200..300 => {
            let mut describe: Describe = response.json()?;
            describe.last_modified = response.header("last-modified").and_then(parse_http_date);
            Ok(Some(describe))
        }
        _ => Err(read_failure(response, Safety::Read).into()),
    }
}

/// `Fri, 02 Jan 2026 03:04:05 GMT`, the only form every HTTP server reads.
pub(super) fn http_date(moment: Timestamp) -> String {
    moment.utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
fn parse_http_date(text: &str) -> Option<Timestamp> {
    let text = text.trim().strip_suffix("GMT")?.trim();
    let moment = chrono::NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S").ok()?;
    Some(moment.and_utc().into())
}
