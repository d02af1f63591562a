//! `/composite/batch`: up to 25 requests that know nothing of each other (REST API guide, "Batch").
use super::{Answer, Body, Call, Service, Target};
use crate::{
    Method,
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    state::write_json_string,
};

const MOST: usize = 25;
/// The oldest version a subrequest may name; it may not be newer than the batch.
const OLDEST: u16 = 34;

struct Part {
    method: Method,
    version: u16,
    segments: Vec<String>,
    query: Vec<(String, String)>,
    body: String,
}

impl Service<'_> {
    pub(super) fn batch(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        if call.method != Method::Post {
            return Err(ApiError::method(call.method, "POST"));
        }
        let body = call.json()?;
        let halts = body.get("haltOnError").is_some_and(Json::is_true);
        let parts = parts(&body, call.version)?;
        let mut results = Vec::with_capacity(parts.len());
        let (mut rows, mut has_errors) = (0, false);
        for (i, part) in parts.iter().enumerate() {
            if halts && has_errors {
                let error = ApiError::new(412, "BATCH_PROCESSING_HALTED", HALTED);
                let error = self.inner.assumptions.worded(error.assumed(AssumedError::BatchHalted));
                results.push(Answer::error(&error));
                continue;
            }
            // The batch itself has been counted; each subrequest is a call, too.
            if i > 0 {
                let now = self.inner.state.now();
                self.inner.log.count(now);
            }
            let savepoint = self.inner.state.savepoint();
            let subcall = Call {
                method: part.method,
                version: part.version,
                segments: part.segments.clone(),
                query: part.query.clone(),
                headers: call.headers,
                body: part.body.as_bytes(),
            };
            let done = self.data(&subcall).and_then(|answer| {
                // REST API guide, "Batch": each subrequest is a transaction of its own.
                self.inner.commit().map_err(|e| ApiError::not_kept(&e))?;
                Ok(answer)
            });
            let answer = done.unwrap_or_else(|e| {
                self.inner.state.rollback_to(savepoint);
                Answer::error(&self.inner.assumptions.worded(e))
            });
            rows += answer.rows;
            has_errors |= answer.status >= 400;
            results.push(answer);
        }
        let mut out = format!("{{\"hasErrors\":{has_errors},\"results\":[");
        for (i, answer) in results.iter().enumerate() {
            out.push_str(if i > 0 { "," } else { "" });
            out.push_str(&format!("{{\"statusCode\":{},\"result\":", answer.status));
            match &answer.body {
                Body::Json(json) => out.push_str(json),
                Body::Text(text) => write_json_string(text, &mut out),
                Body::Empty | Body::Bytes { .. } | Body::Raw(_) => out.push_str("null"),
            }
            out.push('}');
        }
        out.push_str("]}");
        Ok(Answer::json(200, out).rows(rows))
    }
}

const HALTED: &str = "Batch processing was halted because an earlier request failed and haltOnError is true";

fn parts(body: &Json, outer: u16) -> ApiResult<Vec<Part>> {
    let list = body
        .get("batchRequests")
        .and_then(Json::array)
        .ok_or_else(|| ApiError::bad_json("batchRequests is missing at [line:1, column:1]"))?;
    let invalid = |message: String| {
        ApiError::new(400, "INVALID_BATCH_REQUEST", message).assumed(AssumedError::InvalidBatch)
    };
    if list.is_empty() || list.len() > MOST {
        return Err(invalid(format!("A batch has 1 to {MOST} requests, this one {}", list.len())));
    }
    list.iter()
        .map(|json| {
            let text = |name: &str| {
                let text = json.get(name).and_then(Json::text);
                text.ok_or_else(|| invalid(format!("A request of a batch needs a {name}")))
            };
            let (method, url) = (text("method")?, text("url")?);
            let method =
                Method::parse(method).ok_or_else(|| invalid(format!("Invalid HTTP method: {method}")))?;
            // From the version on: `v66.0/sobjects/Account/001…`; the whole path is taken, too.
            let relative = url.trim_start_matches('/');
            let relative = relative.strip_prefix("services/data/").unwrap_or(relative);
            let target = Target::parse(&format!("/services/data/{relative}"));
            let target = target.ok_or_else(|| invalid(format!("Invalid URL of a request: {url}")))?;
            let (version, segments) =
                target.data().ok_or_else(|| invalid(format!("Invalid URL of a request: {url}")))?;
            let number = crate::service::version(version)
                .ok()
                .filter(|n| (OLDEST..=outer).contains(n))
                .ok_or_else(|| invalid(format!("Invalid version of a request: {version}")))?;
            if segments.first().is_some_and(|s| s == "composite")
                && segments.get(1).is_none_or(|s| s != "sobjects")
            {
                return Err(invalid(format!("A batch cannot hold {url}")));
            }
            let mut body = String::new();
            if let Some(json) = json.get("richInput").filter(|json| **json != Json::Null) {
                json.write(&mut body);
            }
            let (segments, query) = (segments.to_vec(), target.query.clone());
            Ok(Part { method, version: number, segments, query, body })
        })
        .collect()
}
