//! The rows of one sObject and the indexes that make 100,000 of them quick.
use super::{Cell, FieldType, Kind, SObjectType};
use sf_core::SfId;
use std::{
    collections::{BTreeMap, BTreeSet},
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
        sobject.system.is_deleted.is_some_and(|at| self.cells[at] == Cell::Bool(true))
    }
}

/// What an index looks up. Text is compared without case unless the field says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Id(SfId),
    Text(String),
}
impl Key {
    pub(crate) fn of(cell: &Cell, field: &FieldType) -> Option<Key> {
        match cell {
            Cell::Id(id) => Some(Key::Id(*id)),
            Cell::Text(text) if field.case_sensitive => Some(Key::Text(text.to_string())),
            Cell::Text(text) => Some(Key::Text(text.to_lowercase())),
            Cell::Int(n) => Some(Key::Text(n.to_string())),
            Cell::Double(n) => Some(Key::Text(format!("{n:?}"))),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    rows: BTreeMap<SfId, Arc<Row>>,
    indexes: BTreeMap<usize, BTreeMap<Key, BTreeSet<SfId>>>,
}
impl Table {
    pub(crate) fn new(sobject: &SObjectType) -> Table {
        let indexed = |f: &FieldType| f.kind() == Kind::Reference || f.unique || f.external_id || f.id_lookup;
        let indexes = sobject
            .fields
            .iter()
            .enumerate()
            .filter(|(at, f)| *at != sobject.system.id && indexed(f))
            .map(|(at, _)| (at, BTreeMap::new()))
            .collect();
        Table { rows: BTreeMap::new(), indexes }
    }
    pub(crate) fn get(&self, id: SfId) -> Option<&Arc<Row>> {
        self.rows.get(&id)
    }
    /// In id order, which is the order of creation.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.rows.values()
    }
    /// Ids of the rows with this key; `None`: the field has no index.
    pub(crate) fn lookup(&self, field: usize, key: &Key) -> Option<Option<&BTreeSet<SfId>>> {
        self.indexes.get(&field).map(|index| index.get(key))
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
                && let Some(ids) = index.get_mut(&key)
            {
                ids.remove(&id);
                if ids.is_empty() {
                    index.remove(&key);
                }
            }
            if let Some(key) = after {
                index.entry(key).or_default().insert(id);
            }
        }
        old
    }
}
