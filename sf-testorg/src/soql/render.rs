//! Rows as the JSON of a query answer, page by page.
use super::{
    Sources,
    path::{self, Step},
    plan::Plan,
    value::Value,
};
use crate::assumptions::RestAssumptions;
use crate::state::{Cell, FieldType, Kind, Row, SObjectType, write_json_string};
use sf_core::{SfId, Timestamp};
use std::{collections::BTreeMap, fmt::Write, sync::Arc, time::Duration};

/// What is printed for one row.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    entries: Vec<Entry>,
    pub(super) children: Vec<Children>,
    /// Two or more custom long text areas: pages of 200 rows at most.
    short_pages: bool,
}
#[derive(Debug, Clone)]
enum Entry {
    Field {
        key: String,
        value: Value,
        how: How,
    },
    /// Fields of one parent, under its relationship name.
    Parent {
        name: String,
        /// The lookups to it.
        steps: Vec<Step>,
        shape: Shape,
    },
    /// Fields of one parent by its type.
    TypeOf {
        name: String,
        steps: Vec<Step>,
        by_type: ByType,
    },
}

/// How a value is printed: decided once, not for every row.
#[derive(Debug, Clone, Copy)]
enum How {
    /// The cell of the row itself.
    Own(usize),
    /// A compound field, or the address of a file.
    Computed,
    /// Through lookups and functions.
    Value,
}

impl Entry {
    fn field(key: String, value: Value) -> Entry {
        let how = match (value.path.own(), value.path.field().map(FieldType::kind)) {
            _ if !value.is_plain() => How::Value,
            (_, Some(Kind::Address | Kind::Location | Kind::Base64)) => How::Computed,
            (Some(at), _) => How::Own(at),
            _ => How::Value,
        };
        Entry::Field { key, value, how }
    }
    fn key(&self) -> &str {
        match self {
            Entry::Field { key, .. } => key,
            Entry::Parent { name, .. } | Entry::TypeOf { name, .. } => name,
        }
    }
}

/// What a TYPEOF selects.
#[derive(Debug, Clone, Default)]
pub(super) struct ByType {
    /// By the API name of the parent's type.
    pub(super) branches: Vec<(String, Shape)>,
    /// Of the other types.
    pub(super) otherwise: Option<Shape>,
}

/// A child subquery.
#[derive(Debug, Clone)]
pub(super) struct Children {
    pub(super) name: String,
    pub(super) lookup: usize,
    pub(super) plan: Plan,
    pub(super) shape: Arc<Shape>,
}

impl Shape {
    /// Adds a selected value; the error is the name of one that is there already. Under a `key` of its own it stands
    /// beside the fields of the row itself.
    pub(super) fn add(&mut self, value: Value, key: Option<String>) -> Result<(), String> {
        match key {
            Some(key) => self.push(Entry::field(key, value)),
            None => self.add_below(value, 0),
        }
    }

    /// The same for a shape that is itself so many lookups away from the row.
    pub(super) fn add_below(&mut self, value: Value, depth: usize) -> Result<(), String> {
        let steps = value.path.steps.clone();
        let key = value.path.name().to_owned();
        self.parent(&steps, depth)?.push(Entry::field(key, value))
    }

    pub(super) fn add_type_of(&mut self, steps: Vec<Step>, by_type: ByType) -> Result<(), String> {
        let Some((last, parents)) = steps.split_last() else { return Ok(()) };
        let name = last.name.clone();
        self.parent(parents, 0)?.push(Entry::TypeOf { name, steps, by_type })
    }

    /// The shape of the parent that these lookups lead to, the first ones of which are done.
    fn parent(&mut self, steps: &[Step], done: usize) -> Result<&mut Shape, String> {
        let mut shape = self;
        for depth in done..steps.len() {
            let name = &steps[depth].name;
            let at = shape.entries.iter().position(|e| e.key() == name);
            let at = at.unwrap_or_else(|| {
                let steps = steps[..=depth].to_vec();
                shape.entries.push(Entry::Parent { name: name.clone(), steps, shape: Shape::default() });
                shape.entries.len() - 1
            });
            match shape.entries.get_mut(at) {
                Some(Entry::Parent { shape: inner, .. }) => shape = inner,
                _ => return Err(name.clone()),
            }
        }
        Ok(shape)
    }

    fn push(&mut self, entry: Entry) -> Result<(), String> {
        if self.has(entry.key()) {
            return Err(entry.key().to_owned());
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Whether something in its rows is called so.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|e| e.key().eq_ignore_ascii_case(key))
    }

    pub(super) fn count_long_texts(&mut self) {
        let is_long = |f: &FieldType| f.custom && f.is_long_text();
        let long =
            |e: &&Entry| matches!(e, Entry::Field { value, .. } if value.path.field().is_some_and(is_long));
        self.short_pages = self.entries.iter().filter(long).count() >= 2;
    }

    /// One record without children.
    pub(super) fn record(&self, sources: &Sources<'_>, sobject: &SObjectType, row: &Row) -> String {
        let mut out = String::from("{");
        write_attributes(sobject, row, sources.version, &mut out);
        self.write_entries(sources, row, &mut out);
        out.push('}');
        out
    }

    /// The inside of one record, with its attributes.
    fn write(
        &self,
        sources: &Sources<'_>,
        sobject: &SObjectType,
        row: &Row,
        page: &mut Page<'_>,
        out: &mut String,
    ) {
        out.push('{');
        write_attributes(sobject, row, sources.version, out);
        self.write_entries(sources, row, out);
        for children in &self.children {
            out.push(',');
            write_key(&children.name, out);
            children.write(sources, row, page, out);
        }
        out.push('}');
    }
    fn write_entries(&self, sources: &Sources<'_>, start: &Row, out: &mut String) {
        for entry in &self.entries {
            out.push(',');
            match entry {
                Entry::Field { key, value, how } => {
                    write_key(key, out);
                    match how {
                        How::Own(at) => start.cells.get(*at).unwrap_or(&Cell::Null).write_json(out),
                        How::Computed => write_computed(sources, value, start, out),
                        How::Value => value.of(sources, start).write_json(out),
                    }
                }
                Entry::Parent { name, steps, shape } => {
                    write_key(name, out);
                    match path::walk(steps, sources, start) {
                        Some((Some(parent), row)) => shape.write_parent(sources, start, parent, row, out),
                        _ => out.push_str("null"),
                    }
                }
                Entry::TypeOf { name, steps, by_type } => {
                    write_key(name, out);
                    let parent = path::walk(steps, sources, start);
                    let found = parent.and_then(|(parent, row)| {
                        let parent = parent?;
                        let branch = by_type.branches.iter().find(|(name, _)| *name == parent.name);
                        Some((branch.map(|(_, shape)| shape).or(by_type.otherwise.as_ref())?, parent, row))
                    });
                    match found {
                        Some((shape, parent, row)) => shape.write_parent(sources, start, parent, row, out),
                        None => out.push_str("null"),
                    }
                }
            }
        }
    }

    fn write_parent(
        &self,
        sources: &Sources<'_>,
        start: &Row,
        parent: &SObjectType,
        row: &Row,
        out: &mut String,
    ) {
        out.push('{');
        write_attributes(parent, row, sources.version, out);
        self.write_entries(sources, start, out);
        out.push('}');
    }
}

/// A name or an alias, in which nothing needs an escape.
fn write_key(key: &str, out: &mut String) {
    out.push('"');
    out.push_str(key);
    out.push_str("\":");
}

/// Values without a cell of their own: compound fields and the address of a file.
fn write_computed(sources: &Sources<'_>, value: &Value, start: &Row, out: &mut String) {
    let Some((sobject, row)) = value.path.target(sources, start) else { return out.push_str("null") };
    let sobject = match (sobject, &value.path.leaf) {
        (Some(sobject), _) | (None, super::path::Leaf::Field { sobject, .. }) => sobject,
        _ => return out.push_str("null"),
    };
    match value.path.field() {
        Some(field) => {
            write_field(sobject, row, field, (sources.version, &sources.state.assumptions.rest), out)
        }
        None => out.push_str("null"),
    }
}

/// One field of a row as JSON; compound fields from their parts, file content as its address.
pub(crate) fn write_field(
    sobject: &SObjectType,
    row: &Row,
    field: &FieldType,
    (version, assumed): (u16, &RestAssumptions),
    out: &mut String,
) {
    match field.kind() {
        Kind::Address | Kind::Location => {
            let parts: BTreeMap<String, &Cell> = sobject
                .fields
                .iter()
                .zip(&row.cells)
                .filter(|(f, _)| f.compound_field_name.as_deref() == Some(&field.name))
                .map(|(f, cell)| (part_name(&f.name, &field.name), cell))
                .collect();
            if assumed.empty_address_is_null && parts.values().all(|c| c.is_null()) {
                return out.push_str("null");
            }
            out.push('{');
            for (i, (name, cell)) in parts.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_json_string(name, out);
                out.push(':');
                cell.write_json(out);
            }
            out.push('}');
        }
        Kind::Base64 => {
            let url =
                format!("/services/data/v{version}.0/sobjects/{}/{}/{}", sobject.name, row.id, field.name);
            write_json_string(&url, out);
        }
        _ => {
            let cell = sobject.position(&field.name).and_then(|at| row.cells.get(at));
            cell.unwrap_or(&Cell::Null).write_json(out);
        }
    }
}
/// `BillingPostalCode` of `BillingAddress` is `postalCode`, `Site__latitude__s` of `Site__c` is `latitude`.
fn part_name(part: &str, compound: &str) -> String {
    if let Some(name) = part.strip_suffix("__s").and_then(|p| p.rsplit_once("__")).map(|(_, n)| n) {
        return name.to_owned();
    }
    let prefix = compound.strip_suffix("Address").unwrap_or_default();
    let name = part.strip_prefix(prefix).unwrap_or(part);
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |c| c.to_ascii_lowercase().to_string() + chars.as_str())
}

/// `"attributes":{"type","url"}`.
pub(crate) fn write_attributes(sobject: &SObjectType, row: &Row, version: u16, out: &mut String) {
    out.push_str("\"attributes\":{\"type\":\"");
    out.push_str(&sobject.name);
    out.push_str("\",\"url\":\"/services/data/v");
    // Writing to a String does not fail.
    let _ = write!(out, "{version}");
    out.push_str(".0/sobjects/");
    out.push_str(&sobject.name);
    out.push('/');
    out.push_str(row.id.as_str());
    out.push_str("\"}");
}

impl Children {
    fn write(&self, sources: &Sources<'_>, parent: &Row, page: &mut Page<'_>, out: &mut String) {
        let (rows, total) = self.plan.found(sources, Some((self.lookup, parent.id)));
        if rows.is_empty() {
            return out.push_str("null");
        }
        let left = page.left.max(1).min(rows.len());
        let mut cursor =
            Cursor::shared(sources, self.plan.sobject.clone(), self.shape.clone(), (rows, total));
        let mut records = String::new();
        cursor.write_rows(sources, left, page, &mut records);
        write_head(total, cursor.next_url(sources, page.locators), out);
        out.push_str(&records);
        out.push_str("]}");
    }
}

fn write_head(total: usize, next: Option<String>, out: &mut String) {
    out.push_str(&format!("{{\"totalSize\":{total},\"done\":{}", next.is_none()));
    if let Some(url) = next {
        out.push_str(",\"nextRecordsUrl\":");
        write_json_string(&url, out);
    }
    out.push_str(",\"records\":[");
}

/// The rows of one query that are still to be read, as they were when it ran.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    sobject: Arc<SObjectType>,
    shape: Arc<Shape>,
    rows: Arc<Vec<Arc<Row>>>,
    /// What `totalSize` says.
    total: usize,
    at: usize,
    /// A query with OFFSET has no next page.
    single: bool,
    /// Deleted rows are seen too, on every page.
    deleted: bool,
    /// Whose it is: to others its locator is none.
    user: Option<SfId>,
}

/// Cursors by locator. They live two days (limits cheat sheet); the oldest go first when there are very many.
#[derive(Debug, Clone, Default)]
pub(crate) struct Locators {
    made: u64,
    open: BTreeMap<String, (u64, Timestamp, Cursor)>,
}
const LOCATOR_LIFE: Duration = Duration::from_secs(2 * 24 * 3600);
const MOST_LOCATORS: usize = 500;
/// Rows behind all of them: a client that reads first pages only must not fill the memory.
const MOST_ROWS: usize = 5_000_000;
impl Locators {
    pub(crate) fn get(&self, locator: &str) -> Option<&Cursor> {
        self.open.get(locator).map(|(_, _, cursor)| cursor)
    }
    /// Forgets what is too old.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        self.open.retain(|_, (_, made, _)| *made + LOCATOR_LIFE > now);
    }
    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }
    /// The locator of a result; the same for every page of it.
    fn keep(&mut self, cursor: &Cursor, now: Timestamp) -> String {
        if let Some((locator, _)) = self.open.iter().find(|(_, (_, _, c))| Arc::ptr_eq(&c.rows, &cursor.rows))
        {
            return locator.clone();
        }
        self.made += 1;
        let locator = crate::state::ids::id_of("0r8", self.made)
            .map_or_else(|| format!("0r8{}", self.made), |id| id.to_string());
        self.open.insert(locator.clone(), (self.made, now, cursor.clone()));
        let rows = |open: &BTreeMap<String, (u64, Timestamp, Cursor)>| -> usize {
            open.values().map(|(_, _, cursor)| cursor.rows.len()).sum()
        };
        while self.open.len() > 1
            && (self.open.len() > MOST_LOCATORS || rows(&self.open) > MOST_ROWS)
            && let Some(oldest) = self.open.iter().min_by_key(|(_, (n, _, _))| *n).map(|(k, _)| k.clone())
        {
            self.open.remove(&oldest);
        }
        locator
    }
}

/// How a page is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paging {
    /// Rows asked for.
    pub(crate) size: usize,
    /// A fault: end the page after this many rows.
    pub(crate) short: Option<usize>,
}

/// What is left of the page being written.
struct Page<'l> {
    left: usize,
    locators: &'l mut Locators,
}

impl Cursor {
    pub(super) fn new(
        sources: &Sources<'_>,
        sobject: Arc<SObjectType>,
        shape: Shape,
        (rows, total): (Vec<Arc<Row>>, usize),
        single: bool,
    ) -> Cursor {
        Cursor { single, ..Cursor::shared(sources, sobject, Arc::new(shape), (rows, total)) }
    }
    fn shared(
        sources: &Sources<'_>,
        sobject: Arc<SObjectType>,
        shape: Arc<Shape>,
        (rows, total): (Vec<Arc<Row>>, usize),
    ) -> Cursor {
        let (deleted, user) = (sources.deleted, sources.state.user());
        Cursor { sobject, shape, rows: Arc::new(rows), total, at: 0, single: false, deleted, user }
    }
    /// Whether it is of a `queryAll`.
    pub(crate) fn sees_deleted(&self) -> bool {
        self.deleted
    }
    /// The cursor, if it is this user's.
    pub(crate) fn of(&self, user: Option<SfId>) -> Option<&Cursor> {
        Some(self).filter(|cursor| cursor.user == user)
    }
    /// The cursor at another place; `None` beyond the end.
    pub(crate) fn seek(&self, at: usize) -> Option<Cursor> {
        (at <= self.rows.len()).then(|| Cursor { at, ..self.clone() })
    }

    /// The next page as the body of an answer, and how many rows it has.
    pub(crate) fn page(
        mut self,
        sources: &Sources<'_>,
        paging: Paging,
        locators: &mut Locators,
    ) -> (String, usize) {
        let cap = if self.shape.short_pages { 200 } else { usize::MAX };
        let size = paging.size.min(cap).min(paging.short.unwrap_or(usize::MAX));
        let total = self.total;
        let start = self.at;
        let mut records = String::new();
        let mut page = Page { left: size, locators };
        self.write_rows(sources, size, &mut page, &mut records);
        let rows = self.at - start;
        let next = if self.single { None } else { self.next_url(sources, locators) };
        let mut out = String::with_capacity(records.len() + 100);
        write_head(total, next, &mut out);
        out.push_str(&records);
        out.push_str("]}");
        (out, rows)
    }

    /// Writes up to `most` rows; child rows count towards the page, so that parents may get fewer.
    fn write_rows(&mut self, sources: &Sources<'_>, most: usize, page: &mut Page<'_>, out: &mut String) {
        let rows = self.rows.clone();
        let start = self.at;
        while self.at < rows.len() && self.at - start < most && (page.left > 0 || self.at == start) {
            if self.at > start {
                out.push(',');
            }
            page.left = page.left.saturating_sub(1);
            self.shape.clone().write(sources, &self.sobject, &rows[self.at], page, out);
            self.at += 1;
        }
    }

    /// Keeps the rest under a locator.
    fn next_url(&self, sources: &Sources<'_>, locators: &mut Locators) -> Option<String> {
        if self.at >= self.rows.len() {
            return None;
        }
        let locator = locators.keep(self, sources.state.now());
        Some(format!("/services/data/v{}.0/query/{locator}-{}", sources.version, self.at))
    }
}
