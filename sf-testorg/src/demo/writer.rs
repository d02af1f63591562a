//! Puts rows together field by field.
use crate::state::{Cell, Kind, Row, SObjectType, SchemaError, State};
use chrono::NaiveDate;
use sf_core::{SfId, Timestamp};
use std::sync::Arc;

/// One row in the making. A field that the schema does not have is left out.
#[derive(Debug)]
pub(super) struct Writer {
    sobject: Arc<SObjectType>,
    id: SfId,
    cells: Vec<Cell>,
}

impl Writer {
    pub(super) fn new(state: &mut State, object: &str) -> Result<Writer, SchemaError> {
        let sobject = state.sobject(object)?;
        let id = state.next_id(object)?;
        let empty = |kind| if kind == Kind::Boolean { Cell::Bool(false) } else { Cell::Null };
        let cells = sobject.fields.iter().map(|field| empty(field.kind())).collect();
        let mut this = Writer { sobject, id, cells };
        this.set("Id", id);
        Ok(this)
    }

    pub(super) fn id(&self) -> SfId {
        self.id
    }

    /// An id that does not come from the counter.
    pub(super) fn rename(&mut self, id: SfId) {
        self.id = id;
        self.set("Id", id);
    }

    pub(super) fn sobject(&self) -> Arc<SObjectType> {
        self.sobject.clone()
    }

    pub(super) fn set(&mut self, field: &str, value: impl IntoCell) {
        if let Some(at) = self.sobject.position(field) {
            let int = self.sobject.fields[at].kind() == Kind::Int;
            self.cells[at] = value.into_cell(int);
        }
    }

    /// Sets the field in `percent` of 100 rows, else leaves it null.
    pub(super) fn maybe(
        &mut self,
        random: &mut super::random::Random,
        percent: u64,
        field: &str,
        value: impl IntoCell,
    ) {
        if random.chance(percent) {
            self.set(field, value);
        }
    }

    pub(super) fn insert(self, state: &mut State) -> SfId {
        let Writer { sobject, id, mut cells } = self;
        state.number(&sobject, id, &mut cells);
        state.put(&sobject, id, Some(Arc::new(Row { id, cells })));
        id
    }
}

/// What a generator may put into a field.
pub(super) trait IntoCell {
    /// The cell; a whole number becomes what the field holds.
    fn into_cell(self, int: bool) -> Cell;
}
impl IntoCell for &str {
    fn into_cell(self, _int: bool) -> Cell {
        Cell::text(self)
    }
}
impl IntoCell for String {
    fn into_cell(self, _int: bool) -> Cell {
        Cell::text(self)
    }
}
impl IntoCell for bool {
    fn into_cell(self, _int: bool) -> Cell {
        Cell::Bool(self)
    }
}
impl IntoCell for SfId {
    fn into_cell(self, _int: bool) -> Cell {
        Cell::Id(self)
    }
}
impl IntoCell for i64 {
    #[allow(clippy::cast_precision_loss)] // Generated numbers are far below 2^53.
    fn into_cell(self, int: bool) -> Cell {
        if int { Cell::Int(self) } else { Cell::Double(self as f64) }
    }
}
impl IntoCell for f64 {
    fn into_cell(self, _int: bool) -> Cell {
        Cell::Double(self)
    }
}
impl IntoCell for NaiveDate {
    fn into_cell(self, _int: bool) -> Cell {
        Cell::Date(self)
    }
}
impl IntoCell for Timestamp {
    fn into_cell(self, _int: bool) -> Cell {
        Cell::DateTime(self)
    }
}
impl IntoCell for Vec<u8> {
    fn into_cell(self, _int: bool) -> Cell {
        Cell::Bytes(self.into())
    }
}
