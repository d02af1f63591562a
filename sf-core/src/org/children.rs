//! Child rows that the org cut at its page size: found in the text of a row, fetched, put in their place.
//!
//! The text is kept as the org wrote it (numbers keep their digits); only the sets that were cut are rebuilt.
use crate::{
    Cursor, Delivery, Error, ErrorKind, Failure, Page, QueryCall, QueryOptions, Result, Transport, seen::Seen,
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::VecDeque, fmt};

/// The key that only an incomplete set has. In a text value its quotes would be escaped.
pub(super) const CUT: &str = "\"nextRecordsUrl\"";
/// Salesforce nests five levels deep; deeper text is left as it is.
const DEEPEST: usize = 32;

/// A row, taken apart as far as there are cut sets in it.
#[derive(Debug)]
pub(super) enum Node {
    /// Nothing to complete in here.
    Text(String),
    /// A row or a parent with a cut set somewhere below.
    Object(Vec<(String, Node)>),
    /// Child rows.
    Set(Set),
}
#[derive(Debug)]
pub(super) struct Set {
    total: u64,
    rows: Vec<Node>,
    next: Option<Cursor>,
    seen: Seen,
}

impl Node {
    pub(super) fn parse(text: &str) -> Result<Node> {
        Node::parse_at(text, 0)
    }
    fn parse_at(text: &str, depth: usize) -> Result<Node> {
        if depth > DEEPEST || !text.starts_with('{') || !text.contains(CUT) {
            return Ok(Node::Text(text.to_owned()));
        }
        let entries: Entries<'_> = serde_json::from_str(text).map_err(|_| not_a_row())?;
        let get = |name: &str| entries.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.get());
        if let (Some(total), Some(rows)) = (get("totalSize"), get("records")) {
            let rows: Vec<&RawValue> = serde_json::from_str(rows).map_err(|_| not_a_row())?;
            let next: Option<String> =
                get("nextRecordsUrl").map(serde_json::from_str).transpose().map_err(|_| not_a_row())?;
            let mut seen = Seen::default();
            if let Some(next) = &next {
                seen.is_new(next);
            }
            return Ok(Node::Set(Set {
                total: total.parse().unwrap_or_default(),
                rows: rows.iter().map(|row| Node::parse_at(row.get(), depth + 1)).collect::<Result<_>>()?,
                next: next.map(Cursor::new),
                seen,
            }));
        }
        let entries = entries.0.into_iter();
        let parsed =
            entries.map(|(key, value)| Ok((key.into_owned(), Node::parse_at(value.get(), depth + 1)?)));
        Ok(Node::Object(parsed.collect::<Result<_>>()?))
    }

    /// How many sets are cut, as far as is known: completing one may bring rows with cut sets.
    fn open(&self) -> usize {
        match self {
            Node::Text(_) => 0,
            Node::Object(entries) => entries.iter().map(|(_, node)| node.open()).sum(),
            Node::Set(set) => {
                usize::from(set.next.is_some()) + set.rows.iter().map(Node::open).sum::<usize>()
            }
        }
    }
    fn collect<'a>(&'a mut self, most: usize, sets: &mut Vec<&'a mut Set>) {
        match self {
            _ if sets.len() >= most => {}
            Node::Text(_) => {}
            Node::Object(entries) => entries.iter_mut().for_each(|(_, node)| node.collect(most, sets)),
            Node::Set(set) => match set.next {
                Some(_) => sets.push(set),
                None => set.rows.iter_mut().for_each(|node| node.collect(most, sets)),
            },
        }
    }
    fn write(&self, out: &mut String) {
        match self {
            Node::Text(text) => out.push_str(text),
            Node::Object(entries) => {
                out.push('{');
                for (i, (key, node)) in entries.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    out.push_str(&serde_json::Value::from(key.as_str()).to_string());
                    out.push(':');
                    node.write(out);
                }
                out.push('}');
            }
            Node::Set(set) => {
                out.push_str(&format!(r#"{{"totalSize":{},"done":true,"records":["#, set.total));
                write_list(&set.rows, out);
                out.push_str("]}");
            }
        }
    }
}
fn write_list(nodes: &[Node], out: &mut String) {
    for (i, node) in nodes.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        node.write(out);
    }
}
/// Rows as a page that can be decoded.
pub(super) fn page_of(nodes: &[Node]) -> Result<Page> {
    let mut text = format!(r#"{{"totalSize":{},"done":true,"records":["#, nodes.len());
    write_list(nodes, &mut text);
    text.push_str("]}");
    Page::new(text)
}

/// Takes the leading rows whose cut sets fill one call, so that no more is held than a page and what completes it.
pub(super) fn take_group(rows: &mut VecDeque<Node>, call: usize) -> Vec<Node> {
    let (mut group, mut open) = (Vec::new(), 0);
    while let Some(row) = rows.front() {
        let more = row.open();
        if open > 0 && open + more > call {
            break;
        }
        open += more;
        group.extend(rows.pop_front());
    }
    group
}

/// Fetches what is missing, several sets a call, until every set at every depth is whole.
pub(super) async fn complete(
    transport: &dyn Transport,
    options: &QueryOptions,
    nodes: &mut [Node],
) -> Result<()> {
    let most = transport.capabilities().queries_per_call.max(1);
    loop {
        let mut sets = Vec::new();
        nodes.iter_mut().for_each(|node| node.collect(most, &mut sets));
        if sets.is_empty() {
            return Ok(());
        }
        let calls: Vec<QueryCall> =
            sets.iter().filter_map(|set| set.next.clone()).map(QueryCall::Next).collect();
        let pages = transport.query(&calls, options).await?;
        if pages.len() != sets.len() {
            return Err(wrong("fewer pages of child rows came than were asked for"));
        }
        for (set, page) in sets.into_iter().zip(pages) {
            let page = page?;
            if page.next().is_some() && page.next() == set.next.as_ref() {
                return Err(wrong("a page of child rows names itself as the next one"));
            }
            if page.next().is_some_and(|next| !set.seen.is_new(next.as_str())) {
                return Err(wrong("a page of child rows names one that was read before as the next one"));
            }
            for row in page.rows()? {
                set.rows.push(Node::parse(row.text())?);
            }
            set.next = page.next().cloned();
            let got = set.rows.len() as u64;
            if set.next.is_none() && got < set.total {
                return Err(wrong(&format!("{got} of {} child rows came", set.total)));
            }
        }
    }
}
fn wrong(message: &str) -> Error {
    Failure::new(ErrorKind::Decode, Delivery::Refused, message).into()
}
fn not_a_row() -> Error {
    wrong("a row has an unexpected shape")
}

/// The entries of an object, in order, undecoded.
struct Entries<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);
impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Entries<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    entries.push((Cow::Owned(key), map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }
        d.deserialize_map(List)
    }
}
