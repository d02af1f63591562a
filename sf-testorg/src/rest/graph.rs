//! `/composite/graph`: several composites, each of them all or none (REST API guide, "Composite Graph").
use super::{
    Answer, Call, Service, Target,
    composite::{Part, all_halted, number_of_parts, parts},
};
use crate::{
    Method,
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    state::write_json_string,
};
use std::collections::{BTreeMap, BTreeSet};

const MOST_GRAPHS: usize = 75;
const MOST_NODES: usize = 500;
const MOST_KINDS: usize = 15;
const MOST_DEPTH: usize = 15;
/// After so many failed graphs the others are not run.
const MOST_FAILED: usize = 14;
const LONGEST_ID: usize = 39;

impl Service<'_> {
    pub(super) fn graph(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        if call.method != Method::Post {
            return Err(ApiError::method(call.method, "POST"));
        }
        let body = call.json()?;
        let graphs = graphs(&body)?;
        let (mut rows, mut failed) = (0, 0);
        let mut out = String::from("{\"graphs\":[");
        for (i, (id, parts)) in graphs.iter().enumerate() {
            let (answer, succeeded) = if failed >= MOST_FAILED {
                (all_halted(parts), false)
            } else {
                let ran = self.run(parts, true);
                rows += ran.rows;
                failed += usize::from(ran.has_failed);
                (ran.body, !ran.has_failed)
            };
            out.push_str(if i > 0 { ",{\"graphId\":" } else { "{\"graphId\":" });
            write_json_string(id, &mut out);
            out.push_str(&format!(",\"graphResponse\":{answer},\"isSuccessful\":{succeeded}}}"));
        }
        out.push_str("]}");
        Ok(Answer::json(200, out).rows(rows))
    }
}

/// Every graph by its id; what breaks a limit is an error of the whole request.
fn graphs(body: &Json) -> ApiResult<Vec<(String, Vec<Part>)>> {
    let invalid =
        |message: String| ApiError::new(400, "INVALID_INPUT", message).assumed(AssumedError::InvalidGraph);
    let list = body
        .get("graphs")
        .and_then(Json::array)
        .ok_or_else(|| ApiError::bad_json("graphs is missing at [line:1, column:1]"))?;
    if list.is_empty() || list.len() > MOST_GRAPHS {
        return Err(invalid(format!("A request has 1 to {MOST_GRAPHS} graphs, this one {}", list.len())));
    }
    let nodes: usize = list.iter().map(number_of_parts).sum();
    if nodes > MOST_NODES {
        return Err(invalid(format!("A request has at most {MOST_NODES} nodes, this one {nodes}")));
    }
    let mut graphs: Vec<(String, Vec<Part>)> = Vec::new();
    let mut kinds = BTreeSet::new();
    for json in list {
        let id = json.get("graphId").and_then(Json::text).unwrap_or_default();
        let is_id = id.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !id.contains('.')
            && id.len() <= LONGEST_ID;
        if !is_id || graphs.iter().any(|(known, _)| known == id) {
            return Err(invalid(format!("Invalid or duplicate graphId: {id}")));
        }
        let parts = parts(json)?;
        for part in &parts {
            kinds.insert(
                kind(part)
                    .ok_or_else(|| invalid(format!("A graph cannot hold {} {}", part.method, part.url)))?,
            );
        }
        if depth(&parts) > MOST_DEPTH {
            return Err(invalid(format!("A graph is at most {MOST_DEPTH} nodes deep")));
        }
        graphs.push((id.to_owned(), parts));
    }
    if kinds.len() > MOST_KINDS {
        return Err(invalid(format!(
            "A request has at most {MOST_KINDS} different nodes, this one {}",
            kinds.len()
        )));
    }
    Ok(graphs)
}

/// Version, method and object; `None` for what a graph cannot hold.
fn kind(part: &Part) -> Option<(String, Method, String)> {
    let path = part.url.split('?').next().unwrap_or_default();
    // References may stand in the URL; they hide no slash.
    let target = Target::parse(&path.replace("@{", "").replace('}', ""))?;
    let (version, segments) = target.data()?;
    let fits = match (part.method, segments) {
        (Method::Post, [s, _]) => s == "sobjects",
        (Method::Get | Method::Patch | Method::Delete, [s, _, _]) => s == "sobjects",
        (Method::Get | Method::Patch | Method::Post | Method::Delete, [s, _, _, _]) => s == "sobjects",
        _ => false,
    };
    let object = segments.get(1)?.to_ascii_lowercase();
    fits.then(|| (version.to_owned(), part.method, object))
}

/// The longest chain of references.
fn depth(parts: &[Part]) -> usize {
    let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
    for part in parts {
        let text = part.text();
        let above = depths.iter().filter(|(name, _)| text.contains(&format!("@{{{name}."))).map(|(_, d)| *d);
        let depth = above.max().unwrap_or(0) + 1;
        depths.insert(&part.reference, depth);
    }
    depths.into_values().max().unwrap_or(0)
}
