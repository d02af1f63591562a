//! `POST /composite`: several requests in one call. Used where a URL would be too long or must not be seen.
use super::{Body, Request, Response, read_failure, response::unreadable};
use crate::{ApiVersion, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

/// One request of several. The parts are named `part0`, `part1`, … and matched by that name. They run in their order.
pub(super) fn wrap(parts: &[Request], all_or_none: bool, version: ApiVersion) -> Result<Request> {
    let mut body = format!("{{\"allOrNone\":{all_or_none},");
    // Without a word on it, versions from 49 may run parts in another order.
    if version.major() >= 49 {
        body.push_str("\"collateSubrequests\":false,");
    }
    body.push_str("\"compositeRequest\":[");
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            body.push(',');
        }
        push(&mut body, part, &part.target(version)?, &format!("part{i}"));
    }
    body.push_str("]}");
    Ok(Request::post(["composite"]).with_json(body))
}
/// One subrequest as JSON. The body is JSON already.
pub(super) fn push(out: &mut String, part: &Request, url: &str, reference: &str) {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    out.push_str(&format!(
        "{{\"method\":\"{}\",\"url\":{},\"referenceId\":{}",
        part.method,
        text(url),
        text(reference)
    ));
    for (i, (name, value)) in part.headers.iter().enumerate() {
        out.push_str(if i == 0 { ",\"httpHeaders\":{" } else { "," });
        out.push_str(&format!("{}:{}", text(name), text(value)));
    }
    if !part.headers.is_empty() {
        out.push('}');
    }
    if let Body::Json(json) = &part.body {
        out.push_str(",\"body\":");
        out.push_str(json);
    }
    out.push('}');
}

/// The answers to the parts, in the order of the parts; `None`: the answer has no such part.
///
/// `Err`: the call as a whole failed, so nothing of it was done, or (see the delivery) the answer cannot be read.
pub(super) fn unwrap(request: &Request, count: usize, response: &Response) -> Result<Vec<Option<Response>>> {
    let mut parts: Vec<Option<Response>> = (0..count).map(|_| None).collect();
    for (name, part) in unwrap_named(request, response)? {
        let index = name.strip_prefix("part").and_then(|n| n.parse::<usize>().ok());
        if let Some(slot) = index.filter(|i| name == format!("part{i}")).and_then(|i| parts.get_mut(i)) {
            *slot = Some(part);
        }
    }
    Ok(parts)
}
/// The parts of an answer with their names, in its order. Of a name that comes twice neither is there: which of them is the
/// answer would be a guess.
pub(super) fn unwrap_named(request: &Request, response: &Response) -> Result<Vec<(String, Response)>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer<'a> {
        #[serde(borrow)]
        composite_response: Vec<&'a RawValue>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Part<'a> {
        #[serde(borrow)]
        body: Option<&'a RawValue>,
        http_status_code: u16,
        #[serde(borrow)]
        reference_id: std::borrow::Cow<'a, str>,
        #[serde(borrow, default)]
        http_headers: Option<&'a RawValue>,
    }
    if !response.is_success() {
        return Err(read_failure(response, request.safety).into());
    }
    let answer: Answer<'_> = serde_json::from_str(response.text())
        .map_err(|e| unreadable("the composite answer", response.status, &e))?;
    // A part that cannot be read is as good as missing; the others stand for themselves.
    let parts = answer.composite_response.into_iter().filter_map(|part| {
        let part: Part<'_> = serde_json::from_str(part.get()).ok()?;
        let answer = Response {
            status: part.http_status_code,
            headers: part.http_headers.map(headers).unwrap_or_default(),
            body: response.body.clone(),
            span: part.body.map_or(0..0, |body| within(response, body)),
        };
        Some((part.reference_id.into_owned(), answer))
    });
    let mut parts: Vec<(String, Response)> = parts.collect();
    let mut named = std::collections::BTreeMap::new();
    parts.iter().for_each(|(name, _)| *named.entry(name.clone()).or_insert(0) += 1);
    parts.retain(|(name, _)| named.get(name) == Some(&1));
    Ok(parts)
}
/// Where a piece that borrows from the text lies in it: the difference of the addresses.
pub(super) fn within(response: &Response, piece: &RawValue) -> std::ops::Range<usize> {
    let start = (piece.get().as_ptr() as usize).saturating_sub(response.text().as_ptr() as usize);
    let start = start + response.span.start;
    start..start + piece.get().len()
}
fn headers(raw: &RawValue) -> Vec<(String, String)> {
    let map: std::collections::BTreeMap<String, serde_json::Value> =
        serde_json::from_str(raw.get()).unwrap_or_default();
    map.into_iter()
        .filter_map(|(name, value)| match value {
            serde_json::Value::String(text) => Some((name, text)),
            _ => None,
        })
        .collect()
}
