//! The rows of one sObject and the indexes that make 100,000 of them quick.
use super::{Cell, FieldType, Kind, SObjectType};
use sf_core::{SfId, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
};

/// One row: a cell per field, in describe order.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The row's id.
    pub id: SfId,
    /// Cells in the order of [`SObjectType::fields`].
    pub cells: Vec<Cell>,
}
impl Row {
    /// Whether it is in the recycle bin.
    pub fn is_deleted(&self, sobject: &SObjectType) -> bool {
        sobject.system.is_deleted.is_some_and(|at| self.cells.get(at) == Some(&Cell::Bool(true)))
    }
}

/// What an index looks up. Text is compared without case unless the field says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Id(SfId),
    /// Folded, so that equal texts are one key.
    Text(String),
    /// In no order.
    Number(u64),
    At(Timestamp),
}
impl Key {
    pub(crate) fn of(cell: &Cell, field: &FieldType) -> Option<Key> {
        match cell {
            Cell::Id(id) => Some(Key::Id(*id)),
            Cell::Text(text) => Some(Key::Text(fold(text, field.case_sensitive))),
            Cell::Int(_) | Cell::Double(_) => cell.as_f64().map(Key::of_number),
            Cell::DateTime(at) => Some(Key::At(*at)),
            _ => None,
        }
    }
    /// Zero has one sign.
    pub(crate) fn of_number(n: f64) -> Key {
        Key::Number((n + 0.0).to_bits())
    }
}

/// Upper case, as English locales compare; `exact`: as it is.
pub(crate) fn fold(text: &str, exact: bool) -> String {
    if exact { text.to_owned() } else { text.to_uppercase() }
}

/// Ids of rows by a field.
#[derive(Debug, Clone, Default)]
struct Index {
    keys: BTreeMap<Key, BTreeSet<SfId>>,
    /// Rows that have a key.
    rows: usize,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    rows: BTreeMap<SfId, Arc<Row>>,
    indexes: BTreeMap<usize, Index>,
    /// Fields whose index has the order of their values.
    ordered: Vec<usize>,
}
impl Table {
    pub(crate) fn new(sobject: &SObjectType) -> Table {
        let system = &sobject.system;
        // The date-times that Salesforce keeps an index of, and LastModifiedDate, which its own finds by SystemModstamp.
        let ordered: Vec<usize> = [system.system_modstamp, system.created_date, system.modified_date]
            .into_iter()
            .flatten()
            .collect();
        let indexed = |f: &FieldType| f.kind() == Kind::Reference || f.unique || f.external_id || f.id_lookup;
        let indexes = sobject
            .fields
            .iter()
            .enumerate()
            .filter(|(at, f)| *at != sobject.system.id && (indexed(f) || ordered.contains(at)))
            .map(|(at, _)| (at, Index::default()))
            .collect();
        Table { rows: BTreeMap::new(), indexes, ordered }
    }
    /// One more field that rows are looked up by.
    pub(super) fn index(&mut self, sobject: &SObjectType, at: usize) {
        let mut index = Index::default();
        for row in self.rows.values() {
            if let Some(key) = Key::of(&row.cells[at], &sobject.fields[at]) {
                index.rows += 1;
                index.keys.entry(key).or_default().insert(row.id);
            }
        }
        self.indexes.insert(at, index);
    }
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
    pub(crate) fn get(&self, id: SfId) -> Option<&Arc<Row>> {
        self.rows.get(&id)
    }
    /// The ids of all rows in the order of creation, deleted ones among them.
    pub(crate) fn ids(&self) -> impl Iterator<Item = SfId> {
        self.iter().map(|row| row.id)
    }
    /// All rows in id order, which is the order of creation.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.rows.values()
    }
    /// The rows with ids from one to another, in id order. Not for bounds that exclude each other.
    pub(crate) fn range(
        &self,
        bounds: (Bound<SfId>, Bound<SfId>),
    ) -> impl DoubleEndedIterator<Item = &Arc<Row>> {
        self.rows.range(bounds).map(|(_, row)| row)
    }
    /// Ids of the rows with this key; `None`: the field has no index.
    pub(crate) fn lookup(&self, field: usize, key: &Key) -> Option<Option<&BTreeSet<SfId>>> {
        self.indexes.get(&field).map(|index| index.keys.get(key))
    }
    /// Fields whose index has the order of their values.
    pub(crate) fn ordered(&self) -> impl Iterator<Item = usize> {
        self.ordered.iter().copied()
    }
    pub(crate) fn is_ordered(&self, field: usize) -> bool {
        self.ordered.contains(&field)
    }
    /// Ids by key, from one to another; nothing without an index. Not for bounds that exclude each other.
    pub(crate) fn keyed(
        &self,
        field: usize,
        bounds: (Bound<Key>, Bound<Key>),
    ) -> impl DoubleEndedIterator<Item = &BTreeSet<SfId>> {
        self.indexes
            .get(&field)
            .into_iter()
            .flat_map(move |index| index.keys.range(bounds.clone()))
            .map(|(_, ids)| ids)
    }
    /// How many rows have a key.
    pub(crate) fn keyed_rows(&self, field: usize) -> usize {
        self.indexes.get(&field).map_or(0, |index| index.rows)
    }
    pub(crate) fn is_indexed(&self, field: usize) -> bool {
        self.indexes.contains_key(&field)
    }
    /// Puts the new image (or nothing) in place and gives the old one back.
    pub(crate) fn replace(
        &mut self,
        sobject: &SObjectType,
        id: SfId,
        new: Option<Arc<Row>>,
    ) -> Option<Arc<Row>> {
        let old = match &new {
            Some(row) => self.rows.insert(id, row.clone()),
            None => self.rows.remove(&id),
        };
        for (at, index) in &mut self.indexes {
            let field = &sobject.fields[*at];
            let key = |row: &Option<Arc<Row>>| row.as_ref().and_then(|r| Key::of(&r.cells[*at], field));
            let (before, after) = (key(&old), key(&new));
            if before == after {
                continue;
            }
            if let Some(key) = before
                && let Some(ids) = index.keys.get_mut(&key)
            {
                index.rows -= 1;
                ids.remove(&id);
                if ids.is_empty() {
                    index.keys.remove(&key);
                }
            }
            if let Some(key) = after {
                index.rows += 1;
                index.keys.entry(key).or_default().insert(id);
            }
        }
        old
    }
}
