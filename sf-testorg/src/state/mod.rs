//! The state of a simulated org: schema, rows, id counters. Everything else is a function over it.
//!
//! A change runs inside a transaction: primitives ([`State::insert_row`], [`State::update_row`], …) record what
//! was there before; [`State::commit`] turns what changed into a [`Commit`], [`State::rollback_to`] undoes it.
mod alter;
mod bin;
mod cell;
mod commit;
mod deletion;
mod derive;
pub(crate) mod ids;
mod picklist_rows;
mod roll_up;
mod rules;
mod schema;
mod table;

pub(crate) use bin::RecycleBin;
pub use bin::{BinChange, ClearedLookup, Deletion};
pub use cell::{Cell, java_double, wire_time, write_json_string};
pub use commit::{ChangeKind, Commit, PicklistChange, RowImage, RuleChange, SchemaChange};
pub(crate) use derive::{Derivation, checksum};
pub use schema::{ChildType, FieldType, Kind, PicklistEntry, SObjectType, Schema, SchemaError};
pub use table::Row;
pub(crate) use table::{Key, Table, fold};

use schema::schema_error;
use sf_core::{SfId, Timestamp};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// Where a transaction can be taken back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Savepoint(usize);

#[derive(Debug, Clone)]
enum Undo {
    Row { object: String, id: SfId, before: Option<Arc<Row>> },
    Picklist { change: PicklistChange, was: bool },
    Schema { change: SchemaChange, before: Box<alter::Before> },
    Rule { key: crate::guard::RuleKey, before: Option<(SfId, crate::guard::Rule)> },
    Saved(Save),
    Bin { change: BinChange, back: BinChange },
}

/// One save of one row: what tests count to see that nothing was saved twice.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Save {
    /// The row.
    pub id: SfId,
    /// The org's time.
    pub at: Timestamp,
    /// Whether the save created the row.
    pub created: bool,
    /// What the save was asked to store, also where that was the value already.
    pub fields: Vec<(String, Cell)>,
}

/// A row that a transaction has changed.
#[derive(Debug, Clone)]
pub(crate) struct Touched {
    pub(crate) sobject: Arc<SObjectType>,
    pub(crate) id: SfId,
    /// As it was before, after each change, and at the end.
    pub(crate) images: Vec<Option<Arc<Row>>>,
    /// Whether it went through the rules of a save.
    pub(crate) is_saved: bool,
}

/// Saves that are remembered.
const MOST_SAVES: usize = 100_000;

/// Schema, rows, counters and the org's idea of the present moment.
#[derive(Debug, Clone)]
pub struct State {
    schema: Schema,
    tables: BTreeMap<String, Table>,
    counters: BTreeMap<String, u64>,
    moved: BTreeMap<String, u64>,
    undo: Vec<Undo>,
    commits: u64,
    now: Timestamp,
    user: Option<SfId>,
    saves: VecDeque<Save>,
    /// The describes that were put while the org lived, as they were given.
    put: BTreeMap<String, serde_json::Value>,
    bin: RecycleBin,
    rules: rules::Rules,
    /// While kept commits are applied: their images have what follows from them.
    replaying: bool,
    pub(crate) assumptions: crate::Assumptions,
}

impl State {
    /// An org without sObjects or rows, at this time.
    pub fn new(now: Timestamp) -> State {
        State {
            schema: Schema::default(),
            tables: BTreeMap::new(),
            counters: BTreeMap::new(),
            moved: BTreeMap::new(),
            undo: Vec::new(),
            commits: 0,
            now: seconds(now),
            user: None,
            saves: VecDeque::new(),
            put: BTreeMap::new(),
            bin: RecycleBin::default(),
            rules: BTreeMap::new(),
            replaying: false,
            assumptions: crate::Assumptions::default(),
        }
    }
    /// The org's time, whole seconds: what audit fields get.
    pub fn now(&self) -> Timestamp {
        self.now
    }
    /// Sets the time of what follows. Fractions of a second are dropped.
    pub fn set_now(&mut self, now: Timestamp) {
        self.now = seconds(now);
    }
    /// Whose id goes into audit fields and owners.
    pub fn user(&self) -> Option<SfId> {
        self.user
    }
    /// Sets whose id goes into audit fields and owners.
    pub fn set_user(&mut self, user: SfId) {
        self.user = Some(user);
    }
    /// The sObjects.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }
    /// Adds an sObject (or replaces it: only while it has no rows) to what the org begins with. [`State::put_sobject`] does it later.
    pub fn add_sobject(&mut self, sobject: SObjectType) {
        self.tables.insert(sobject.name.to_ascii_lowercase(), Table::new(&sobject));
        self.schema.add(sobject);
    }
    /// Commits made or applied so far.
    pub fn commits(&self) -> u64 {
        self.commits
    }

    pub(crate) fn table(&self, object: &str) -> Option<&Table> {
        self.tables.get(&object.to_ascii_lowercase())
    }
    /// The row with this id, deleted or not, and its sObject.
    pub fn find(&self, id: SfId) -> Option<(&Arc<SObjectType>, &Arc<Row>)> {
        let sobject = self.schema.by_prefix(id.key_prefix())?;
        match self.table(&sobject.name)?.get(id) {
            Some(row) => Some((sobject, row)),
            None if id.key_prefix() == picklist_rows::PREFIX => self.find_picklist_row(id),
            None => None,
        }
    }
    /// All rows of an sObject in the order of creation, deleted ones included.
    pub fn rows(&self, object: &str) -> impl Iterator<Item = &Arc<Row>> {
        self.table(object).into_iter().flat_map(Table::iter)
    }

    /// The next id of an sObject.
    ///
    /// # Errors
    /// An sObject without key prefix.
    pub fn next_id(&mut self, object: &str) -> Result<SfId, SchemaError> {
        let prefix = self
            .schema
            .get(object)
            .and_then(|s| s.key_prefix.clone())
            .ok_or_else(|| schema_error(format!("{object} has no key prefix")))?;
        let counter = self.counters.entry(prefix.clone()).or_insert(0);
        *counter += 1;
        self.moved.insert(prefix.clone(), *counter);
        ids::id_of(&prefix, *counter).ok_or_else(|| schema_error(format!("key prefix {prefix}")))
    }

    /// Leaves out so many ids of an sObject, as an org does that numbers rows in blocks or took them over from another instance: ids
    /// that are spread unevenly.
    ///
    /// # Errors
    /// An sObject without key prefix.
    pub fn skip_ids(&mut self, object: &str, ids: u64) -> Result<(), SchemaError> {
        let prefix = self.sobject(object)?.key_prefix.clone();
        let prefix = prefix.ok_or_else(|| schema_error(format!("{object} has no key prefix")))?;
        let counter = self.counters.entry(prefix.clone()).or_insert(0);
        *counter = counter.saturating_add(ids);
        self.moved.insert(prefix, *counter);
        Ok(())
    }

    /// The next id of what has a key prefix and no rows. Kept like that of an sObject.
    pub(crate) fn next_id_of(&mut self, prefix: &str) -> Option<SfId> {
        let counter = self.counters.entry(prefix.to_owned()).or_insert(0);
        *counter += 1;
        self.moved.insert(prefix.to_owned(), *counter);
        ids::id_of(prefix, *counter)
    }

    pub(crate) fn counters(&self) -> &BTreeMap<String, u64> {
        &self.counters
    }

    /// The next number of a counter that is no key prefix; the first is `start`, and a rule that starts higher lifts it.
    pub(crate) fn next_number(&mut self, key: &str, start: u64) -> u64 {
        let counter = self.counters.entry(key.to_owned()).or_insert(0);
        *counter = (*counter + 1).max(start);
        self.moved.insert(key.to_owned(), *counter);
        *counter
    }

    /// Inserts a row without checks. What `fields` does not name is filled: id from the counter, audit fields,
    /// owner, false checkboxes, and what follows from other fields (an opportunity's `IsClosed` from its stage).
    ///
    /// # Errors
    /// Unknown sObject or field.
    pub fn insert_row<'f>(
        &mut self,
        object: &str,
        fields: impl IntoIterator<Item = (&'f str, Cell)>,
    ) -> Result<SfId, SchemaError> {
        let sobject = self.sobject(object)?;
        let id = self.next_id(object)?;
        let mut cells: Vec<Cell> = sobject
            .fields
            .iter()
            .map(|f| if f.kind() == Kind::Boolean { Cell::Bool(false) } else { Cell::Null })
            .collect();
        let system = sobject.system;
        let user = self.user.map_or(Cell::Null, Cell::Id);
        let now = Cell::DateTime(self.now);
        let defaults = [
            (Some(system.id), Cell::Id(id)),
            (system.created_date, now.clone()),
            (system.modified_date, now.clone()),
            (system.system_modstamp, now),
            (system.created_by, user.clone()),
            (system.modified_by, user.clone()),
            (system.owner, user),
        ];
        for (at, cell) in defaults {
            if let Some(at) = at {
                cells[at] = cell;
            }
        }
        let mut given = Vec::new();
        for (name, cell) in fields {
            let at = known(&sobject, name)?;
            cells[at] = cell;
            given.push(at);
        }
        self.derive(&mut Derivation { sobject: &sobject, before: None, cells: &mut cells, given: &given });
        self.number(&sobject, id, &mut cells);
        self.put(&sobject, id, Some(Arc::new(Row { id, cells })));
        Ok(id)
    }

    /// Changes fields of a row without checks; audit fields move and derived fields follow unless named.
    ///
    /// # Errors
    /// Unknown row or field.
    pub fn update_row<'f>(
        &mut self,
        id: SfId,
        fields: impl IntoIterator<Item = (&'f str, Cell)>,
    ) -> Result<(), SchemaError> {
        let (sobject, row) = self.find(id).ok_or_else(|| schema_error(format!("no row {id}")))?;
        let (sobject, mut row) = (sobject.clone(), Row::clone(row));
        let before = row.clone();
        self.stamp(&sobject, &mut row);
        let mut given = Vec::new();
        for (name, cell) in fields {
            let at = known(&sobject, name)?;
            row.cells[at] = cell;
            given.push(at);
        }
        self.derive(&mut Derivation {
            sobject: &sobject,
            before: Some(&before),
            cells: &mut row.cells,
            given: &given,
        });
        self.put(&sobject, id, Some(Arc::new(row)));
        Ok(())
    }

    pub(crate) fn stamp(&self, sobject: &SObjectType, row: &mut Row) {
        let system = sobject.system;
        let user = self.user.map_or(Cell::Null, Cell::Id);
        let now = Cell::DateTime(self.now);
        for (at, cell) in
            [(system.modified_date, now.clone()), (system.system_modstamp, now), (system.modified_by, user)]
        {
            if let Some(at) = at {
                row.cells[at] = cell;
            }
        }
    }

    /// Puts the whole row (or nothing) in place of what was there.
    pub(crate) fn put(&mut self, sobject: &SObjectType, id: SfId, new: Option<Arc<Row>>) {
        let Some(table) = self.tables.get_mut(&sobject.name.to_ascii_lowercase()) else { return };
        let before = table.replace(sobject, id, new.clone());
        self.undo.push(Undo::Row { object: sobject.name.clone(), id, before: before.clone() });
        if self.replaying {
            return;
        }
        self.roll_up(sobject, before.as_deref(), new.as_deref());
        if sobject.name == "Contact" {
            self.show_contact(sobject, id);
        }
    }

    /// Opens or closes a picklist value; rows that hold it keep it.
    ///
    /// # Errors
    /// Unknown sObject or field.
    pub fn set_picklist_active(
        &mut self,
        object: &str,
        field: &str,
        value: &str,
        active: bool,
    ) -> Result<(), SchemaError> {
        let now = self.now;
        let unknown = || schema_error(format!("{object} has no field {field}"));
        let sobject = self.schema.get_mut(object).ok_or_else(unknown)?;
        let entry = sobject.field(field).ok_or_else(unknown)?;
        let change = PicklistChange {
            object: sobject.name.clone(),
            field: entry.name.clone(),
            value: value.into(),
            active,
        };
        let was = entry.picklist_values.iter().any(|v| v.value == value && v.active);
        sobject.set_picklist_active(field, value, active, now).ok_or_else(unknown)?;
        let object = change.object.clone();
        self.undo.push(Undo::Picklist { change, was });
        if !self.replaying {
            self.follow_picklists_of(&object);
        }
        Ok(())
    }

    /// A point to go back to.
    pub fn savepoint(&self) -> Savepoint {
        Savepoint(self.undo.len())
    }
    /// Everything since the last commit.
    pub(crate) fn start_of_transaction(&self) -> Savepoint {
        Savepoint(0)
    }
    /// Undoes what happened since. Ids that were given out are not given out again.
    pub fn rollback_to(&mut self, savepoint: Savepoint) {
        while self.undo.len() > savepoint.0 {
            match self.undo.pop() {
                Some(Undo::Row { object, id, before }) => {
                    if let (Some(sobject), Some(table)) =
                        (self.schema.get(&object), self.tables.get_mut(&object.to_ascii_lowercase()))
                    {
                        table.replace(sobject, id, before);
                    }
                }
                Some(Undo::Picklist { change, was }) => {
                    let now = self.now;
                    if let Some(sobject) = self.schema.get_mut(&change.object) {
                        let _ = sobject.set_picklist_active(&change.field, &change.value, was, now);
                    }
                }
                Some(Undo::Schema { before, .. }) => self.undo_schema(*before),
                Some(Undo::Bin { back, .. }) => {
                    self.bin.apply(back);
                }
                Some(Undo::Rule { key, before }) => {
                    match before {
                        Some(before) => self.rules.insert(key, before),
                        None => self.rules.remove(&key),
                    };
                }
                Some(Undo::Saved(_)) => {}
                None => return,
            }
        }
    }
    /// Remembers what a save was asked to do; forgotten when the transaction is undone.
    pub(crate) fn saved(&mut self, id: SfId, created: bool, fields: Vec<(String, Cell)>) {
        self.undo.push(Undo::Saved(Save { id, at: self.now, created, fields }));
    }
    /// The saves of this org through its rules, oldest first; the last 100,000.
    pub fn saves(&self) -> impl Iterator<Item = &Save> {
        self.saves.iter()
    }
    /// Moves the `Last-Modified` of a describe.
    pub(crate) fn touch_schema(&mut self, object: &str) {
        let now = self.now;
        if let Some(sobject) = self.schema.get_mut(object) {
            sobject.changed_at = sobject.changed_at.max(now);
        }
    }
    /// Rows of these sObjects that the transaction has changed, in the order of their first change.
    pub(crate) fn touched(&self, of: impl Fn(&SObjectType) -> bool) -> Vec<Touched> {
        let mut touched: Vec<Touched> = Vec::new();
        let mut places: BTreeMap<SfId, usize> = BTreeMap::new();
        for undo in &self.undo {
            match undo {
                Undo::Row { object, id, before } => match places.get(id) {
                    Some(at) => touched[*at].images.push(before.clone()),
                    None => {
                        let Some(sobject) = self.schema.get(object).filter(|sobject| of(sobject)) else {
                            continue;
                        };
                        places.insert(*id, touched.len());
                        let images = vec![before.clone()];
                        touched.push(Touched { sobject: sobject.clone(), id: *id, images, is_saved: false });
                    }
                },
                Undo::Saved(save) => {
                    if let Some(at) = places.get(&save.id) {
                        touched[*at].is_saved = true;
                    }
                }
                _ => {}
            }
        }
        for one in &mut touched {
            let now = self.table(&one.sobject.name).and_then(|table| table.get(one.id)).cloned();
            one.images.push(now);
        }
        touched
    }
    /// Ends the transaction: what changed since the last commit. The result is empty when nothing did.
    pub fn commit(&mut self) -> Commit {
        let commit = self.pending();
        for undo in self.undo.drain(..) {
            if let Undo::Saved(save) = undo {
                self.saves.push_back(save);
            }
        }
        while self.saves.len() > MOST_SAVES {
            self.saves.pop_front();
        }
        self.moved.clear();
        if !commit.is_empty() {
            self.commits += 1;
        }
        commit
    }
    /// The same, once `keep` has kept it. When `keep` fails, what changed is undone.
    pub(crate) fn commit_with<E>(&mut self, keep: impl FnOnce(&Commit) -> Result<(), E>) -> Result<(), E> {
        let commit = self.pending();
        if !commit.is_empty()
            && let Err(e) = keep(&commit)
        {
            self.rollback_to(Savepoint(0));
            return Err(e);
        }
        self.commit();
        Ok(())
    }
    /// Makes what is there the org's beginning: it is no commit and cannot be undone.
    pub(crate) fn seal(&mut self) {
        self.undo.clear();
        self.moved.clear();
    }
    fn pending(&self) -> Commit {
        let mut touched = BTreeMap::new();
        let mut picklists = Vec::new();
        let mut schema = Vec::new();
        let mut bin = Vec::new();
        let mut rules = BTreeMap::new();
        for undo in &self.undo {
            match undo {
                Undo::Row { object, id, before } => {
                    // What it was before the first change of the transaction.
                    touched.entry(*id).or_insert((object.as_str(), before.as_deref()));
                }
                Undo::Bin { change, .. } => bin.push(change.clone()),
                Undo::Picklist { change, .. } => picklists.push(change.clone()),
                Undo::Schema { change, .. } => schema.push(change.clone()),
                Undo::Rule { key, .. } => {
                    if let Some((id, rule)) = self.rules.get(key) {
                        rules.insert(key, RuleChange { id: *id, rule: rule.clone() });
                    }
                }
                Undo::Saved(_) => {}
            }
        }
        let mut commit = Commit {
            number: self.commits + 1,
            at: self.now,
            rows: Vec::new(),
            removed: Vec::new(),
            counters: self.moved.clone(),
            picklists,
            schema,
            bin,
            rules: rules.into_values().collect(),
        };
        for (id, (object, before)) in touched {
            match self.image(object, id, before) {
                Some(image) => commit.rows.push(image),
                None => commit.removed.push(id),
            }
        }
        commit
    }
    fn image(&self, object: &str, id: SfId, before: Option<&Row>) -> Option<RowImage> {
        let sobject = self.schema.get(object)?;
        let row = self.table(object)?.get(id)?;
        let change = match before.map(|before| before.is_deleted(sobject)) {
            None => ChangeKind::Create,
            Some(false) if row.is_deleted(sobject) => ChangeKind::Delete,
            Some(true) if !row.is_deleted(sobject) => ChangeKind::Undelete,
            Some(_) => ChangeKind::Update,
        };
        let fields = sobject
            .fields
            .iter()
            .zip(&row.cells)
            .filter(|(_, c)| !c.is_null())
            .map(|(f, c)| (f.name.clone(), c.clone()))
            .collect();
        Some(RowImage { object: sobject.name.clone(), id, change, fields })
    }
    pub(crate) fn sobject(&self, object: &str) -> Result<Arc<SObjectType>, SchemaError> {
        self.schema.get(object).cloned().ok_or_else(|| schema_error(format!("no sObject {object}")))
    }
}

fn known(sobject: &SObjectType, field: &str) -> Result<usize, SchemaError> {
    sobject.position(field).ok_or_else(|| schema_error(format!("{} has no field {field}", sobject.name)))
}

/// Down to the whole second.
pub(crate) fn seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis().div_euclid(1000) * 1000).unwrap_or(at)
}
