//! `/composite`: up to 25 subrequests in one call, later ones referring to answers of earlier ones.
use super::{Answer, Body, Call, Service, Target};
use crate::{
    Method,
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    state::write_json_string,
};
use std::{cell::Cell, collections::BTreeMap};

const MOST: usize = 25;
const MOST_LARGE: usize = 5;
/// As much as a request may have.
const MOST_REFERRED: usize = 50 << 20;

pub(super) struct Part {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) reference: String,
    body: Option<Json>,
    headers: Vec<(String, String)>,
}

impl Part {
    /// Everything that may hold references.
    pub(super) fn text(&self) -> String {
        let mut text = self.url.clone();
        if let Some(body) = &self.body {
            body.write(&mut text);
        }
        text
    }
}

impl Service<'_> {
    pub(super) fn composite(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        match call.method {
            Method::Get | Method::Head => {
                let base = format!("/services/data/v{}.0/composite", call.version);
                let entry = |name: &str| format!("\"{name}\":\"{base}/{name}\"");
                let all = ["tree", "batch", "sobjects", "graph"].map(entry).join(",");
                return Ok(Answer::json(200, format!("{{{all}}}")));
            }
            Method::Post => {}
            other => return Err(ApiError::method(other, "GET,HEAD,POST")),
        }
        let body = call.json()?;
        let all_or_none = body.get("allOrNone").is_some_and(Json::is_true);
        let asked = number_of_parts(&body);
        if asked > MOST {
            return Err(invalid(format!(
                "A composite request has 1 to {MOST} subrequests, this one {asked}"
            )));
        }
        let parts = parts(&body)?;
        let large = parts.iter().filter(|part| is_large(part)).count();
        if large > MOST_LARGE {
            return Err(invalid(format!(
                "A composite request has at most {MOST_LARGE} queries and collections, this one {large}"
            )));
        }
        let done = self.run(&parts, all_or_none);
        Ok(Answer::json(200, done.body).rows(done.rows))
    }

    /// Runs the subrequests in their order.
    pub(super) fn run(&mut self, parts: &[Part], all_or_none: bool) -> Ran {
        let start = self.inner.state.savepoint();
        let mut answers: Vec<(Answer, &str)> = Vec::new();
        let mut known = Known { answers: BTreeMap::new(), room: Cell::new(MOST_REFERRED) };
        let mut rows = 0;
        for part in parts {
            let savepoint = self.inner.state.savepoint();
            let answer = self.part(part, &known).unwrap_or_else(|e| {
                self.inner.state.rollback_to(savepoint);
                Answer::error(&self.inner.assumptions.worded(e))
            });
            rows += answer.rows;
            if answer.status < 400
                && let Body::Json(text) = &answer.body
                && let Ok(json) = Json::parse(text.as_bytes())
            {
                known.answers.insert(&part.reference, json);
            }
            let failed = answer.failed();
            answers.push((answer, &part.reference));
            if failed && all_or_none {
                break;
            }
        }
        // An outer all-or-none holds for the rows of inner collections too, whatever these say: one failed row
        // undoes everything. The answer of that collection stays as it was, with `"success":true` on rows that are
        // undone (REST API guide, "allOrNone Parameters in Composite and Collections Requests").
        let failed = answers.iter().position(|(a, _)| a.failed());
        if let (true, Some(failed)) = (all_or_none, failed) {
            self.inner.state.rollback_to(start);
            rows = 0;
            let halted = halted();
            answers = parts
                .iter()
                .enumerate()
                .map(|(i, part)| {
                    let answer = if i == failed { answers[i].0.clone() } else { halted.clone() };
                    (answer, part.reference.as_str())
                })
                .collect();
        }
        Ran { body: write(&answers), rows, has_failed: failed.is_some() }
    }

    fn part(&mut self, part: &Part, known: &Known<'_>) -> ApiResult<Answer> {
        let url = resolve_text(&part.url, known)?;
        let target = Target::parse(&url).ok_or_else(ApiError::not_found)?;
        let (version, segments) = target.data().ok_or_else(ApiError::not_found)?;
        let version = crate::service::version(version)?;
        let mut body = String::new();
        if let Some(json) = &part.body {
            resolve(json, known)?.write(&mut body);
        }
        let call = Call {
            method: part.method,
            version,
            segments: segments.to_vec(),
            query: target.query.clone(),
            headers: &part.headers,
            body: body.as_bytes(),
        };
        // Only collections nest; the other composite resources do not.
        if matches!(call.segments.as_slice(), [a, rest @ ..] if a == "composite" && rest.first().is_none_or(|b| b != "sobjects"))
        {
            return Err(ApiError::not_found());
        }
        let answer = self.data(&call)?;
        // REST API guide, "Composite": all resources of sObjects but the content of a file.
        if matches!(answer.body, Body::Bytes { .. }) {
            return Err(invalid(format!("A composite request cannot hold {}", part.url)));
        }
        Ok(answer)
    }
}

/// What became of a list of subrequests.
pub(super) struct Ran {
    /// `{"compositeResponse":[…]}`
    pub(super) body: String,
    pub(super) rows: usize,
    pub(super) has_failed: bool,
}

/// The answer of a subrequest that another one took down with it.
fn halted() -> Answer {
    let message = "The transaction was rolled back since another operation in the same transaction failed.";
    Answer::error(&ApiError::new(400, "PROCESSING_HALTED", message))
}

/// Every subrequest as one that was not run.
pub(super) fn all_halted(parts: &[Part]) -> String {
    let halted = halted();
    write(&parts.iter().map(|part| (halted.clone(), part.reference.as_str())).collect::<Vec<_>>())
}

fn write(answers: &[(Answer, &str)]) -> String {
    let mut out = String::from("{\"compositeResponse\":[");
    for (i, (answer, reference)) in answers.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_part(answer, reference, &mut out);
    }
    out.push_str("]}");
    out
}

fn write_part(answer: &Answer, reference: &str, out: &mut String) {
    out.push_str("{\"body\":");
    match &answer.body {
        Body::Json(json) => out.push_str(json),
        Body::Text(text) => write_json_string(text, out),
        Body::Empty | Body::Bytes { .. } | Body::Raw(_) => out.push_str("null"),
    }
    out.push_str(",\"httpHeaders\":{");
    for (i, (name, value)) in answer.headers.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_json_string(name, out);
        out.push(':');
        write_json_string(value, out);
    }
    out.push_str(&format!("}},\"httpStatusCode\":{},\"referenceId\":", answer.status));
    write_json_string(reference, out);
    out.push('}');
}

fn invalid(message: String) -> ApiError {
    ApiError::new(400, "INVALID_INPUT", message).assumed(AssumedError::InvalidComposite)
}

/// Of these a composite takes fewer.
fn is_large(part: &Part) -> bool {
    ["/query", "/queryAll", "/composite/sobjects"].iter().any(|r| part.url.contains(r))
}

/// How many subrequests there are, before anybody reads them.
pub(super) fn number_of_parts(body: &Json) -> usize {
    body.get("compositeRequest").and_then(Json::array).map_or(0, <[Json]>::len)
}

/// The subrequests of a composite or of one graph, at least one.
pub(super) fn parts(body: &Json) -> ApiResult<Vec<Part>> {
    let list = body
        .get("compositeRequest")
        .and_then(Json::array)
        .ok_or_else(|| ApiError::bad_json("compositeRequest is missing at [line:1, column:1]"))?;
    if list.is_empty() {
        return Err(invalid("A composite request has at least one subrequest".into()));
    }
    let mut parts: Vec<Part> = Vec::new();
    for json in list {
        let text = |name: &str| {
            json.get(name)
                .and_then(Json::text)
                .map(str::to_owned)
                .ok_or_else(|| invalid(format!("A subrequest needs a {name}")))
        };
        let (method, url, reference) = (text("method")?, text("url")?, text("referenceId")?);
        let method =
            Method::parse(&method).ok_or_else(|| invalid(format!("Invalid HTTP method: {method}")))?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if reference.is_empty() || !reference.chars().all(is_plain) || reference.starts_with('_') {
            return Err(invalid(format!("Invalid reference ID: {reference}")));
        }
        if parts.iter().any(|p| p.reference == reference) {
            return Err(invalid(format!("Duplicate reference ID: {reference}")));
        }
        if !url.starts_with("/services/data/v") {
            return Err(invalid(format!("Invalid URL of a subrequest: {url}")));
        }
        let mut headers = Vec::new();
        if let Some(Json::Object(entries)) = json.get("httpHeaders") {
            for (name, value) in entries {
                if ["accept", "authorization", "content-type"].contains(&name.to_ascii_lowercase().as_str()) {
                    return Err(invalid(format!("The header {name} is not allowed in a subrequest")));
                }
                headers.push((name.clone(), value.text().unwrap_or_default().to_owned()));
            }
        }
        parts.push(Part { method, url, reference, body: json.get("body").cloned(), headers });
    }
    Ok(parts)
}

fn resolve(json: &Json, known: &Known<'_>) -> ApiResult<Json> {
    Ok(match json {
        Json::Text(text) => {
            // A field that is one reference takes its value whole, null included.
            let whole =
                text.strip_prefix("@{").and_then(|t| t.strip_suffix('}')).filter(|t| !t.contains('}'));
            match whole {
                Some(reference) => known.find(reference)?.clone(),
                None => Json::Text(resolve_text(text, known)?),
            }
        }
        Json::Array(items) => Json::Array(items.iter().map(|i| resolve(i, known)).collect::<Result<_, _>>()?),
        Json::Object(entries) => Json::Object(
            entries.iter().map(|(k, v)| Ok((k.clone(), resolve(v, known)?))).collect::<ApiResult<_>>()?,
        ),
        other => other.clone(),
    })
}

/// `@{ref.id}` in text replaced by what it names.
fn resolve_text(text: &str, known: &Known<'_>) -> ApiResult<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((reference, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        match known.find(reference)? {
            Json::Text(text) => out.push_str(text),
            other => other.write(&mut out),
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

/// What references may name: the answers so far.
struct Known<'p> {
    answers: BTreeMap<&'p str, Json>,
    /// How much more may be put in the place of references: a short body could otherwise name a long text very often.
    room: Cell<usize>,
}

impl Known<'_> {
    /// What a reference names.
    fn find(&self, reference: &str) -> ApiResult<&Json> {
        let (name, path) = reference.split_once('.').unwrap_or((reference, ""));
        // `records[0].Id` and the answer of a collection, `ref[0].id`.
        let (name, path) = match name.split_once('[') {
            Some((name, _)) => (name, reference.strip_prefix(name).unwrap_or(path)),
            None => (name, path),
        };
        let missing = || {
            let message = format!("Invalid reference specified. No value for {reference} found in {name}.");
            ApiError::new(400, "PROCESSING_HALTED", message)
        };
        let mut json = self.answers.get(name).ok_or_else(missing)?;
        for step in path.split(['.', '[']).filter(|s| !s.is_empty()) {
            json = match step.strip_suffix(']') {
                Some(index) => json
                    .array()
                    .and_then(|items| items.get(index.parse::<usize>().ok()?))
                    .ok_or_else(missing)?,
                None => json.get(step).ok_or_else(missing)?,
            };
        }
        let room = self.room.get().checked_sub(size(json));
        let too_much = || invalid(format!("What the references name is larger than {MOST_REFERRED} bytes"));
        self.room.set(room.ok_or_else(too_much)?);
        Ok(json)
    }
}

/// About how many bytes it is written in.
fn size(json: &Json) -> usize {
    match json {
        Json::Text(text) => text.len(),
        Json::Array(items) => items.iter().map(|item| size(item) + 1).sum(),
        Json::Object(entries) => entries.iter().map(|(name, value)| name.len() + size(value) + 4).sum(),
        _ => 8,
    }
}
