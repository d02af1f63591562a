//! `POST /composite/graph`: several graphs of steps in one call, each of them all or none.
//!
//! ```
//! use sf_core::{ApiVersion, Fields, field, object, protocol::{composite::Step, graph::{Graph, Graphs}}};
//! let mut order = Graph::new("order1")?;
//! let account = order.add("acme", Step::insert(object!("Account"), Fields::new().set(field!("Name"), "Acme")))?;
//! order.add("done", Step::update(object!("Account"), account.id(), Fields::new().set(field!("Phone"), "1")))?;
//! let mut call = Graphs::new();
//! call.add(order)?;
//! assert!(call.request(ApiVersion::CURRENT)?.body.text().unwrap_or_default().contains("@{acme.id}"));
//! # Ok::<(), sf_core::Error>(())
//! ```
use super::{
    Request, Response,
    composite::{Answer, Handle, Step, push_steps, refused},
    envelope, read_failure,
    response::unreadable,
};
use crate::{ApiVersion, ObjectName, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

const MOST_GRAPHS: usize = 75;
const MOST_NODES: usize = 500;
const MOST_KINDS: usize = 15;
const MOST_DEPTH: usize = 15;

/// Steps that are all done or none of them. No queries and no collections.
#[derive(Debug, Clone)]
pub struct Graph {
    id: String,
    steps: Vec<(String, Step)>,
    depths: BTreeMap<String, usize>,
}
impl Graph {
    /// A graph with no steps yet. The id begins with a letter or digit, has at most 39 letters, digits, `_` and `-`.
    pub fn new(id: impl Into<String>) -> Result<Graph> {
        let id = id.into();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let begins = id.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins || id.len() > 39 || !id.chars().all(plain) {
            return refused(
                "a graph's id has up to 39 letters, digits, `_` and `-`, and begins with a letter or digit",
            );
        }
        Ok(Graph { id, steps: Vec::new(), depths: BTreeMap::new() })
    }
    /// Adds a step that runs after those before it; see [`Composite::add`](super::composite::Composite::add). Steps that
    /// refer to each other may be 15 in a row.
    pub fn add(&mut self, name: impl Into<String>, step: Step) -> Result<Handle> {
        let name = name.into();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.len() > 80 || name.starts_with('_') || !name.chars().all(plain) {
            return refused("a reference ID has letters, digits and `_`, and does not begin with `_`");
        }
        if self.depths.contains_key(&name) {
            return refused(format!("the reference ID `{name}` is used twice"));
        }
        if step.is_large() {
            return refused("a graph cannot hold queries and collections");
        }
        step.check(&self.steps)?;
        let above = step.references().filter_map(|r| self.depths.get(&r.step)).max();
        let depth = above.copied().unwrap_or(0) + 1;
        if depth > MOST_DEPTH {
            return refused(format!("a graph is at most {MOST_DEPTH} steps deep"));
        }
        self.depths.insert(name.clone(), depth);
        let handle = step.handle(&name);
        self.steps.push((name, step));
        Ok(handle)
    }
}

/// A call with up to 75 graphs and 500 steps in all, of at most 15 different methods and objects.
#[derive(Debug, Clone, Default)]
pub struct Graphs(Vec<Graph>);
impl Graphs {
    /// A call with no graphs yet.
    pub fn new() -> Graphs {
        Graphs::default()
    }
    /// Adds a graph. It knows nothing of the others.
    pub fn add(&mut self, graph: Graph) -> Result<()> {
        if graph.steps.is_empty() {
            return refused("a graph has at least one step");
        }
        if self.0.iter().any(|known| known.id == graph.id) {
            return refused(format!("the graph id `{}` is used twice", graph.id));
        }
        if self.0.len() >= MOST_GRAPHS {
            return refused(format!("a call has at most {MOST_GRAPHS} graphs"));
        }
        let steps = || self.0.iter().chain([&graph]).flat_map(|graph| &graph.steps).map(|(_, step)| step);
        if steps().count() > MOST_NODES {
            return refused(format!("a call has at most {MOST_NODES} steps"));
        }
        let kinds: BTreeSet<(&str, &ObjectName)> =
            steps().filter_map(Step::node).map(|(method, object)| (method.as_str(), object)).collect();
        if kinds.len() > MOST_KINDS {
            return refused(format!("a call has at most {MOST_KINDS} different methods and objects"));
        }
        self.0.push(graph);
        Ok(())
    }
    /// The request.
    pub fn request(&self, version: ApiVersion) -> Result<Request> {
        if self.0.is_empty() {
            return refused("a call has at least one graph");
        }
        let mut body = String::from("{\"graphs\":[");
        for (i, graph) in self.0.iter().enumerate() {
            body.push_str(if i > 0 { "," } else { "" });
            body.push_str(&format!("{{\"graphId\":\"{}\",\"compositeRequest\":", graph.id));
            push_steps(&mut body, &graph.steps, true, version)?;
            body.push('}');
        }
        body.push_str("]}");
        Ok(Request::post(["composite", "graph"]).with_json(body))
    }
    /// What became of each graph, in the order of the call. One that the answer lacks has all its steps in doubt.
    ///
    /// # Errors
    /// When the call failed as a whole (nothing was done), or its answer cannot be read (see the delivery).
    pub fn read(&self, response: &Response) -> Result<Vec<(String, Answer)>> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            graphs: Vec<Of<'a>>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Of<'a> {
            graph_id: String,
            #[serde(borrow)]
            graph_response: &'a RawValue,
        }
        let request = Request::post(["composite", "graph"]);
        if !response.is_success() {
            return Err(read_failure(response, request.safety).into());
        }
        let body: Body<'_> = serde_json::from_str(response.text())
            .map_err(|e| unreadable("the answer to the graphs", response.status, &e))?;
        let answer = |graph: &Graph| {
            let mut named = body.graphs.iter().filter(|of| of.graph_id == graph.id);
            // Two answers for one graph: either may be the wrong one.
            let part = named.next().filter(|_| named.next().is_none()).map(|of| {
                let mut part = response.clone();
                part.span = envelope::within(response, of.graph_response);
                part
            });
            let parts = part.map_or_else(|| Ok(Vec::new()), |part| envelope::unwrap_named(&request, &part));
            Answer::new(&graph.steps, parts.unwrap_or_default(), true)
        };
        Ok(self.0.iter().map(|graph| (graph.id.clone(), answer(graph))).collect())
    }
}
