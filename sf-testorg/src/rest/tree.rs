//! `/composite/tree/X`: rows with their children in one call, all or none (REST API guide, "sObject Tree").
use super::{
    Answer, Call, Service,
    collections::{fields_of, record_type},
};
use crate::{
    Method,
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    state::write_json_string,
};
use sf_core::SfId;
use std::collections::{BTreeMap, BTreeSet};

const MOST_ROWS: usize = 200;
const MOST_TYPES: usize = 5;
const MOST_LEVELS: usize = 5;

/// One record of the tree, without its children.
struct Node {
    object: String,
    reference: String,
    fields: Vec<(String, Json)>,
    /// Place of its parent in the list, and the name of the relationship.
    parent: Option<(usize, String)>,
}

/// A record's error, or the request's own.
type Refused = (String, ApiError);

impl Service<'_> {
    pub(super) fn tree(&mut self, call: &Call<'_>, object: &str) -> ApiResult<Answer> {
        if call.method != Method::Post {
            return Err(ApiError::method(call.method, "POST"));
        }
        let sobject = self.saver().sobject(object)?;
        let body = call.json()?;
        let records = body
            .get("records")
            .and_then(Json::array)
            .ok_or_else(|| ApiError::bad_json("records is missing at [line:1, column:1]"))?;
        let nodes = match nodes(records, &sobject.name) {
            Ok(nodes) => nodes,
            Err(refused) => return Ok(self.failed_tree(vec![refused])),
        };
        self.begin_batch();
        let start = self.inner.state.savepoint();
        let mut ids: BTreeMap<usize, SfId> = BTreeMap::new();
        let mut errors: Vec<Refused> = Vec::new();
        for (i, node) in nodes.iter().enumerate() {
            match self.grow(node, &ids) {
                Ok(Some(id)) => {
                    ids.insert(i, id);
                }
                // Its parent was refused: of that one the answer tells.
                Ok(None) => {}
                Err(error) => errors.push((node.reference.clone(), error)),
            }
        }
        if !errors.is_empty() {
            self.inner.state.rollback_to(start);
            return Ok(self.failed_tree(errors));
        }
        let mut out = String::from("{\"hasErrors\":false,\"results\":[");
        for (i, node) in nodes.iter().enumerate() {
            out.push_str(if i > 0 { ",{\"referenceId\":" } else { "{\"referenceId\":" });
            write_json_string(&node.reference, &mut out);
            let id = ids.get(&i).map_or("", SfId::as_str);
            out.push_str(&format!(",\"id\":\"{id}\"}}"));
        }
        out.push_str("]}");
        Ok(Answer::json(self.inner.assumptions.rest.tree_status, out).rows(nodes.len()))
    }

    fn failed_tree(&self, errors: Vec<Refused>) -> Answer {
        let worded = |(reference, error)| (reference, self.inner.assumptions.worded(error));
        failed(&errors.into_iter().map(worded).collect::<Vec<_>>())
    }

    /// Saves one record; `None` when its parent was refused.
    fn grow(&mut self, node: &Node, ids: &BTreeMap<usize, SfId>) -> ApiResult<Option<SfId>> {
        let mut fields = node.fields.clone();
        if let Some((parent, relationship)) = &node.parent {
            let Some(parent) = ids.get(parent) else { return Ok(None) };
            let (above, _) = self.inner.state.find(*parent).ok_or_else(ApiError::not_found)?;
            let child = above.child(relationship).ok_or_else(|| {
                let message = format!("No such column '{relationship}' on sobject of type {}", above.name);
                ApiError::row("INVALID_FIELD", message, [relationship])
            })?;
            if !child.child.eq_ignore_ascii_case(&node.object) {
                let message = format!("The record type {} is not {}", node.object, child.child);
                return Err(ApiError::row("INVALID_TYPE", message, crate::save::NONE));
            }
            fields.push((child.field.clone(), Json::Text(parent.to_string())));
        }
        self.saver().insert(&node.object, &fields).map(Some)
    }
}

/// The records level by level, the roots first.
fn nodes(roots: &[Json], object: &str) -> Result<Vec<Node>, Refused> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut references = BTreeSet::new();
    let mut types = BTreeSet::new();
    let mut level: Vec<(&Json, Option<(usize, String)>)> = roots.iter().map(|r| (r, None)).collect();
    for depth in 0.. {
        let mut below = Vec::new();
        for (record, parent) in level {
            let reference = record.get("attributes").and_then(|a| a.get("referenceId")).and_then(Json::text);
            let invalid = |message: &str| {
                let error = ApiError::row("INVALID_INPUT", message, crate::save::NONE);
                let error = error.assumed(AssumedError::InvalidTree);
                (reference.unwrap_or_default().to_owned(), error)
            };
            let Some(reference) = reference.filter(|r| !r.is_empty()) else {
                return Err(invalid("Include a reference ID for each record in the request."));
            };
            if !references.insert(reference) {
                return Err(invalid("Duplicate ReferenceId provided in the request."));
            }
            let Some(kind) = record_type(record) else {
                return Err(invalid("Include an object type for each record in the request."));
            };
            if parent.is_none() && !kind.eq_ignore_ascii_case(object) {
                return Err(invalid("The type of every root record is the one of the URL."));
            }
            types.insert(kind.to_ascii_lowercase());
            if depth >= MOST_LEVELS {
                return Err(invalid(&format!("A tree has at most {MOST_LEVELS} levels.")));
            }
            if types.len() > MOST_TYPES {
                return Err(invalid(&format!("A tree has records of at most {MOST_TYPES} types.")));
            }
            if nodes.len() >= MOST_ROWS {
                return Err(invalid(&format!("A tree has at most {MOST_ROWS} records.")));
            }
            let here = nodes.len();
            let mut fields = Vec::new();
            for (name, value) in fields_of(record) {
                match record.get(&name).and_then(|v| v.get("records")).and_then(Json::array) {
                    Some(children) => {
                        below.extend(children.iter().map(|child| (child, Some((here, name.clone())))));
                    }
                    None => fields.push((name, value)),
                }
            }
            nodes.push(Node { object: kind, reference: reference.to_owned(), fields, parent });
        }
        if below.is_empty() {
            break;
        }
        level = below;
    }
    Ok(nodes)
}

fn failed(errors: &[Refused]) -> Answer {
    let mut out = String::from("{\"hasErrors\":true,\"results\":[");
    for (i, (reference, error)) in errors.iter().enumerate() {
        out.push_str(if i > 0 { ",{\"referenceId\":" } else { "{\"referenceId\":" });
        write_json_string(reference, &mut out);
        out.push_str(",\"errors\":[");
        error.write_row_error(&mut out);
        out.push_str("]}");
    }
    out.push_str("]}");
    Answer::json(400, out)
}
