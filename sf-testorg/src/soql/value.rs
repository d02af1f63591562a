//! What a condition, an order or a selected entry reads from one row: a field, with functions around it, or how far
//! the place in a field is from another.
use super::{
    Sources,
    distance::{self, Place},
    error::QueryError,
    path::{Leaf, Path},
};
use crate::state::{Cell, Kind, Row, SObjectType};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use sf_soql::{Function, Operand, Statement};
use std::sync::Arc;

/// Where in a statement a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    /// SELECT of a query without groups.
    Select,
    /// SELECT of a grouped query: what is grouped by, or the argument of an aggregate.
    Grouped,
    Where,
    Order,
}

#[derive(Debug, Clone)]
pub(super) struct Value {
    /// The field; of a distance, the location.
    pub(super) path: Path,
    /// Functions, the innermost first.
    calls: Vec<Function>,
    distance: Option<Place>,
    /// As it was written, for messages.
    pub(super) text: String,
}

impl Value {
    /// A field alone.
    pub(super) fn field(path: Path, text: impl Into<String>) -> Value {
        Value { path, calls: Vec::new(), distance: None, text: text.into() }
    }

    pub(super) fn resolve(
        sources: &Sources<'_>,
        statement: &Statement,
        sobject: &Arc<SObjectType>,
        operand: &Operand,
        clause: Clause,
    ) -> Result<Value, QueryError> {
        let mut calls = Vec::new();
        let mut inner = operand;
        while let Operand::Call { function, argument } = inner {
            let name = function.name();
            let argument = argument.as_deref();
            inner =
                argument.ok_or_else(|| QueryError::malformed(name, format!("{name} needs an argument")))?;
            calls.insert(0, function.clone());
        }
        match inner {
            Operand::Field(path) => {
                let resolved = Path::resolve(sources, sobject, &statement.relative(path))?;
                let text = calls.last().map_or_else(|| path.to_string(), |f| f.name().to_owned());
                let value = Value { path: resolved, calls, distance: None, text };
                value.check_calls(clause)?;
                Ok(value)
            }
            Operand::Distance(distance) => {
                if clause == Clause::Grouped {
                    return Err(QueryError::malformed(
                        "DISTANCE",
                        "DISTANCE can not be grouped or aggregated",
                    ));
                }
                let text = distance.location.to_string();
                let path = Path::resolve(sources, sobject, &statement.relative(&distance.location))?;
                let is_place = matches!(path.kind(), Kind::Location | Kind::Address);
                let (Some(place), true) = (Place::of(distance), is_place) else {
                    let message = format!("Invalid argument of DISTANCE: field '{}'", path.name());
                    return Err(QueryError::malformed(&text, message));
                };
                Ok(Value { path, calls, distance: Some(place), text })
            }
            _ => Err(QueryError::plain("MALFORMED_QUERY", "this operand is not simulated by this org")),
        }
    }

    fn check_calls(&self, clause: Clause) -> Result<(), QueryError> {
        let mut kind = self.path.kind();
        for (i, function) in self.calls.iter().enumerate() {
            let name = function.name();
            let wrong = |message: String| Err(QueryError::malformed(name, message));
            let outer = self.calls.get(i + 1);
            let is_date = matches!(kind, Kind::Date | Kind::DateTime);
            let fits = match function {
                Function::DayOnly | Function::HourInDay => kind == Kind::DateTime,
                Function::ConvertTimezone => {
                    if !outer.is_some_and(Function::is_of_date) {
                        return wrong("convertTimezone can only be used within a date function".into());
                    }
                    kind == Kind::DateTime
                }
                function if function.is_of_date() => is_date,
                Function::ToLabel => {
                    if clause == Clause::Order {
                        return wrong("toLabel can not be used in ORDER BY".into());
                    }
                    matches!(kind, Kind::Picklist | Kind::MultiPicklist)
                }
                Function::Format if clause != Clause::Select || outer.is_some() => {
                    return wrong("FORMAT can only be used in SELECT".into());
                }
                Function::Format => true,
                Function::ConvertCurrency => {
                    // This org has one.
                    return wrong("convertCurrency needs an org with several currencies".into());
                }
                Function::Other(_) => return wrong(format!("unknown function: {name}")),
                _ => return wrong(format!("{name} can not be used here")),
            };
            if !fits {
                return wrong(format!("Invalid argument of {name}: field '{}'", self.path.name()));
            }
            if function.is_of_date() && clause == Clause::Select {
                let field = self.path.name();
                return Err(QueryError::malformed(
                    field,
                    format!("Field must be grouped or aggregated: {field}"),
                ));
            }
            kind = kind_after(function, kind);
        }
        Ok(())
    }

    /// Whether it is the field itself.
    pub(super) fn is_plain(&self) -> bool {
        self.calls.is_empty() && self.distance.is_none()
    }

    /// Whether it may have an alias in a query without groups: what is not the field itself, and is not its label
    /// either, may. SOQL reference, "FORMAT()", "toLabel()": there an alias is even needed when the field stands beside it.
    pub(super) fn may_have_alias(&self) -> bool {
        !self.is_plain()
    }

    /// Without an alias, a distance has no name of its own.
    pub(super) fn is_distance(&self) -> bool {
        self.distance.is_some()
    }

    pub(super) fn kind(&self) -> Kind {
        if self.distance.is_some() {
            return Kind::Double;
        }
        self.calls.iter().fold(self.path.kind(), |kind, function| kind_after(function, kind))
    }

    pub(super) fn of(&self, sources: &Sources<'_>, row: &Row) -> Cell {
        if let Some(place) = &self.distance {
            return self.location(sources, row).map_or(Cell::Null, |at| Cell::Double(place.from(at)));
        }
        let mut cell = self.path.value(sources, row);
        let mut local = None;
        for function in &self.calls {
            cell = match function {
                Function::ToLabel => self.label(cell),
                Function::Format => self.formatted(sources, &cell),
                Function::ConvertTimezone => {
                    local = match &cell {
                        Cell::DateTime(at) => Some(at.utc().with_timezone(&sources.user.zone).naive_local()),
                        _ => None,
                    };
                    cell
                }
                function => date_part(function, &cell, local.take()),
            };
        }
        cell
    }

    /// The place in the row's location; `None` when it is not whole.
    fn location(&self, sources: &Sources<'_>, row: &Row) -> Option<(f64, f64)> {
        let (sobject, row) = self.path.target(sources, row)?;
        let (Leaf::Field { sobject: own, .. }, field) = (&self.path.leaf, self.path.field()?) else {
            return None;
        };
        distance::place_in(sobject.unwrap_or(own), row, &field.name)
    }

    fn label(&self, cell: Cell) -> Cell {
        let (Some(field), Some(text)) = (self.path.field(), cell.as_text()) else { return cell };
        let label = |value: &str| {
            let entry = field.picklist_values.iter().find(|v| v.value == value);
            entry.and_then(|v| v.label.clone()).unwrap_or_else(|| value.to_owned())
        };
        Cell::text(text.split(';').map(label).collect::<Vec<_>>().join(";"))
    }

    fn formatted(&self, sources: &Sources<'_>, cell: &Cell) -> Cell {
        let field = self.path.field();
        sources.user.locale.format(cell, field, &sources.user.zone)
    }
}

fn kind_after(function: &Function, kind: Kind) -> Kind {
    match function {
        Function::DayOnly => Kind::Date,
        Function::ToLabel | Function::Format => Kind::Text,
        Function::ConvertTimezone | Function::ConvertCurrency => kind,
        _ => Kind::Int,
    }
}

/// `local`: the same moment in another zone than UTC.
fn date_part(function: &Function, cell: &Cell, local: Option<NaiveDateTime>) -> Cell {
    let at: NaiveDateTime = match (local, cell) {
        (Some(local), _) => local,
        (None, Cell::DateTime(at)) => {
            let utc: DateTime<Utc> = at.utc();
            utc.naive_utc()
        }
        (None, Cell::Date(day)) => day.and_time(chrono::NaiveTime::MIN),
        _ => return Cell::Null,
    };
    let day: NaiveDate = at.date();
    let number = match function {
        Function::DayOnly => return Cell::Date(day),
        Function::HourInDay => at.hour(),
        Function::CalendarMonth | Function::FiscalMonth => day.month(),
        Function::CalendarQuarter | Function::FiscalQuarter => (day.month() - 1) / 3 + 1,
        Function::CalendarYear | Function::FiscalYear => return Cell::Int(day.year().into()),
        Function::DayInMonth => day.day(),
        Function::DayInWeek => day.weekday().number_from_sunday(),
        Function::DayInYear => day.ordinal(),
        Function::WeekInMonth => (day.day() - 1) / 7 + 1,
        Function::WeekInYear => (day.ordinal() - 1) / 7 + 1,
        _ => return Cell::Null,
    };
    Cell::Int(number.into())
}
