//! Conditional requests: `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since` (REST API guide,
//! "Conditional Request Headers").
use super::{Answer, Call};
use crate::{
    Method,
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    state::{Row, SObjectType},
};
use chrono::DateTime;
use sf_core::Timestamp;

/// `Mon, 05 Jan 2026 09:00:00 GMT`
pub(super) fn http_date(at: Timestamp) -> String {
    at.utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// What is known of a resource.
pub(super) struct Known {
    pub(super) changed: Timestamp,
    pub(super) etag: Option<String>,
    /// Whether `If-Match` and `If-None-Match` count.
    pub(super) matches: bool,
}

impl Known {
    /// A row. Only accounts have an ETag.
    pub(super) fn row(sobject: &SObjectType, row: &Row, changed: Timestamp) -> Known {
        let etag = sobject.name == "Account";
        Known { changed, etag: etag.then(|| row_etag(row)), matches: etag }
    }

    /// A describe answer: its ETag is told, but nothing is asked with it.
    pub(super) fn describe(changed: Timestamp) -> Known {
        let hash = crc32fast::hash(changed.millis().to_string().as_bytes());
        Known { changed, etag: Some(format!("\"{hash:08x}\"")), matches: false }
    }

    /// The headers of a success, and of a 304.
    pub(super) fn headers(&self, answer: Answer) -> Answer {
        let answer = answer.header("Last-Modified", http_date(self.changed));
        match &self.etag {
            Some(etag) => answer.header("ETag", etag.as_str()),
            None => answer,
        }
    }

    /// The answer that makes the request unnecessary, or the error of a condition that does not hold.
    pub(super) fn check(&self, call: &Call<'_>) -> ApiResult<Option<Answer>> {
        let reads = matches!(call.method, Method::Get | Method::Head);
        let not_modified = || Ok(Some(self.headers(Answer::empty(304))));
        if let (Some(list), true) = (call.header("If-Match"), self.matches)
            && !self.is_in(list, reads)?
        {
            return Err(failed("The ETag of If-Match is not the record's"));
        }
        if let Some(since) = time(call, "If-Unmodified-Since", reads)?
            && self.changed > since
        {
            return Err(failed("The record was modified after the time of If-Unmodified-Since"));
        }
        if let (Some(list), true) = (call.header("If-None-Match"), self.matches)
            && self.is_in(list, reads)?
        {
            return match reads {
                true => not_modified(),
                false => Err(failed("The ETag of If-None-Match is the record's")),
            };
        }
        match time(call, "If-Modified-Since", reads)? {
            Some(since) if reads && self.changed <= since => not_modified(),
            _ => Ok(None),
        }
    }

    /// Whether the ETag is in a list of quoted ones. What compression adds to it does not count.
    fn is_in(&self, list: &str, reads: bool) -> ApiResult<bool> {
        let list = list.trim();
        if list == "*" {
            return Ok(true);
        }
        let entries: Vec<&str> = list.split(',').map(|e| e.trim().trim_start_matches("W/")).collect();
        let is_quoted = |e: &&str| e.len() >= 2 && e.starts_with('"') && e.ends_with('"');
        if !entries.iter().all(is_quoted) && !reads {
            return Err(invalid("If-Match or If-None-Match", list));
        }
        let bare = |e: &str| e.trim_matches('"').trim_end_matches("gzip").trim_end_matches('-').to_owned();
        Ok(self.etag.as_deref().is_some_and(|own| entries.iter().any(|e| bare(e) == bare(own))))
    }
}

/// A value that cannot be read is an error of a write, and nothing to a read.
fn time(call: &Call<'_>, name: &str, reads: bool) -> ApiResult<Option<Timestamp>> {
    let Some(text) = call.header(name) else { return Ok(None) };
    match DateTime::parse_from_rfc2822(text.trim()) {
        Ok(at) => Ok(Some(Timestamp::from(at.to_utc()))),
        Err(_) if reads => Ok(None),
        Err(_) => Err(invalid(name, text)),
    }
}

fn failed(message: &str) -> ApiError {
    ApiError::new(412, "MATCH_PRECONDITION_FAILED", message)
}

fn invalid(name: &str, value: &str) -> ApiError {
    ApiError::new(400, "INVALID_HEADER", format!("invalid {name}: {value}"))
        .assumed(AssumedError::InvalidHeader)
}

/// Changes with every change of the row.
fn row_etag(row: &Row) -> String {
    let mut json = String::new();
    for cell in &row.cells {
        cell.write_json(&mut json);
        json.push(',');
    }
    let mut etag = String::from("\"");
    for seed in 0..3_u8 {
        let mut hash = crc32fast::Hasher::new();
        hash.update(&[seed]);
        hash.update(json.as_bytes());
        etag.push_str(&format!("{:08x}", hash.finalize()));
    }
    etag.push('"');
    etag
}
