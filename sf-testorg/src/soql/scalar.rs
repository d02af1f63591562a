//! Values as they compare: text without case, picklists in their order when sorted.
use crate::state::{Cell, FieldType, Kind, fold};
use chrono::NaiveDate;
use sf_core::{SfId, Timestamp};
use std::cmp::Ordering;

/// A comparable value. Different kinds never meet: the field decides.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Bool(bool),
    Number(f64),
    Text(String),
    Date(NaiveDate),
    DateTime(Timestamp),
    Id(SfId),
}
impl Eq for Scalar {}
impl PartialOrd for Scalar {
    fn partial_cmp(&self, other: &Scalar) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Scalar {
    fn cmp(&self, other: &Scalar) -> Ordering {
        match (self, other) {
            (Scalar::Bool(a), Scalar::Bool(b)) => a.cmp(b),
            (Scalar::Number(a), Scalar::Number(b)) => a.total_cmp(b),
            (Scalar::Text(a), Scalar::Text(b)) => a.cmp(b),
            (Scalar::Date(a), Scalar::Date(b)) => a.cmp(b),
            (Scalar::DateTime(a), Scalar::DateTime(b)) => a.cmp(b),
            (Scalar::Id(a), Scalar::Id(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}
impl Scalar {
    fn rank(&self) -> u8 {
        match self {
            Scalar::Bool(_) => 0,
            Scalar::Number(_) => 1,
            Scalar::Text(_) => 2,
            Scalar::Date(_) => 3,
            Scalar::DateTime(_) => 4,
            Scalar::Id(_) => 5,
        }
    }
    /// `None` for null. `exact`: text keeps its case.
    pub(super) fn of(cell: &Cell, exact: bool) -> Option<Scalar> {
        Some(match cell {
            Cell::Bool(b) => Scalar::Bool(*b),
            // An `int` field holds at most nine digits: exact in a double. Zero has one sign.
            #[allow(clippy::cast_precision_loss)]
            Cell::Int(n) => Scalar::Number(*n as f64),
            Cell::Double(n) => Scalar::Number(*n + 0.0),
            Cell::Text(text) => Scalar::Text(fold(text, exact)),
            Cell::Date(day) => Scalar::Date(*day),
            Cell::DateTime(at) => Scalar::DateTime(*at),
            Cell::Id(id) => Scalar::Id(*id),
            _ => return None,
        })
    }
    /// For ORDER BY, MIN and MAX: a picklist value counts by its place in the list.
    pub(super) fn sort_key(cell: &Cell, field: Option<&FieldType>) -> Option<Scalar> {
        if let (Some(field), Cell::Text(text)) = (field, cell)
            && field.kind() == Kind::Picklist
        {
            let place = field.picklist_values.iter().position(|v| v.value == **text);
            // Values that are not in the list come after it.
            return Some(match place {
                Some(place) => Scalar::Text(format!("\u{0}{place:06}")),
                None => Scalar::Text(fold(text, false)),
            });
        }
        Scalar::of(cell, field.is_some_and(|f| f.case_sensitive))
    }
}
