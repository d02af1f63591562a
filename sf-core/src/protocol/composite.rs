//! `POST /composite`: several requests in one call. Used where a URL would be too long or must not be seen.
use super::{Request, Response, read_failure, response::unreadable};
use crate::{ApiVersion, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    all_or_none: bool,
    composite_request: Vec<Sub<'a>>,
}
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sub<'a> {
    method: &'static str,
    url: String,
    reference_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_headers: Option<Headers<'a>>,
}
struct Headers<'a>(&'a [(String, String)]);
impl Serialize for Headers<'_> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// One request of several without bodies. The parts are named `part0`, `part1`, … and matched by that name.
pub(super) fn wrap(parts: &[Request], version: ApiVersion) -> Result<Request> {
    let composite_request = parts
        .iter()
        .enumerate()
        .map(|(i, part)| {
            Ok(Sub {
                method: part.method.as_str(),
                url: part.target(version)?,
                reference_id: format!("part{i}"),
                http_headers: (!part.headers.is_empty()).then_some(Headers(&part.headers)),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let body = serde_json::to_string(&Envelope { all_or_none: false, composite_request })
        .map_err(|e| unreadable("the request", 0, &e))?;
    Ok(Request::post(["composite"]).with_json(body))
}

/// The answers to the parts, in the order of the parts; `None`: the answer has no such part.
///
/// `Err`: the call as a whole failed, so nothing of it was done, or (see the delivery) the answer cannot be read.
pub(super) fn unwrap(request: &Request, count: usize, response: &Response) -> Result<Vec<Option<Response>>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer<'a> {
        #[serde(borrow)]
        composite_response: Vec<Part<'a>>,
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
    let text = response.text();
    let answer: Answer<'_> =
        serde_json::from_str(text).map_err(|e| unreadable("the composite answer", response.status, &e))?;
    let mut parts: Vec<Option<Response>> = (0..count).map(|_| None).collect();
    for part in answer.composite_response {
        let index = part.reference_id.strip_prefix("part").and_then(|n| n.parse::<usize>().ok());
        let Some(slot) = index.and_then(|i| parts.get_mut(i)) else { continue };
        // `body` borrows from `text`: where it lies in there is the difference of the addresses.
        let span = part.body.map_or(0..0, |body| {
            let start = (body.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            let start = start + response.span.start;
            start..start + body.get().len()
        });
        *slot = Some(Response {
            status: part.http_status_code,
            headers: part.http_headers.map(headers).unwrap_or_default(),
            body: response.body.clone(),
            span,
        });
    }
    Ok(parts)
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
