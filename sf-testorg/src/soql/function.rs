//! Date functions, toLabel and the like: one value in, one value out.
use super::{Sources, error::QueryError, path::Path};
use crate::state::{Cell, Kind, Row, SObjectType};
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use sf_soql::{Function, Operand, Statement};
use std::sync::Arc;

/// A field, or a function of one.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) path: Path,
    pub(super) function: Option<Function>,
    /// As it was written, for messages.
    pub(super) text: String,
}

impl Value {
    pub(super) fn resolve(
        sources: &Sources<'_>,
        statement: &Statement,
        sobject: &Arc<SObjectType>,
        operand: &Operand,
    ) -> Result<Value, QueryError> {
        match operand {
            Operand::Field(path) => {
                let text = statement.relative(path);
                Ok(Value {
                    path: Path::resolve(sources, sobject, &text)?,
                    function: None,
                    text: path.to_string(),
                })
            }
            Operand::Call { function, argument } => {
                let name = function.name();
                let argument = match argument.as_deref() {
                    // The org's zone is UTC.
                    Some(Operand::Call { function: Function::ConvertTimezone, argument: Some(inner) }) => {
                        inner
                    }
                    Some(other) => other,
                    None => return Err(QueryError::malformed(name, format!("{name} needs an argument"))),
                };
                let Operand::Field(path) = argument else {
                    return Err(QueryError::unsupported(name, "a function of a function"));
                };
                let path = Path::resolve(sources, sobject, &statement.relative(path))?;
                let fits = match function {
                    Function::DayOnly | Function::HourInDay => path.kind() == Kind::DateTime,
                    Function::CalendarMonth
                    | Function::CalendarQuarter
                    | Function::CalendarYear
                    | Function::DayInMonth
                    | Function::DayInWeek
                    | Function::DayInYear
                    | Function::FiscalMonth
                    | Function::FiscalQuarter
                    | Function::FiscalYear
                    | Function::WeekInMonth
                    | Function::WeekInYear => matches!(path.kind(), Kind::Date | Kind::DateTime),
                    Function::ToLabel => matches!(path.kind(), Kind::Picklist | Kind::MultiPicklist),
                    _ => return Err(QueryError::unsupported(name, &format!("the function {name}"))),
                };
                if !fits {
                    let message = format!("Invalid argument of {name}: field '{}'", path.name());
                    return Err(QueryError::malformed(name, message));
                }
                Ok(Value { path, function: Some(function.clone()), text: name.to_owned() })
            }
            _ => Err(QueryError::plain("MALFORMED_QUERY", "this operand is not simulated by this org")),
        }
    }
    pub(super) fn kind(&self) -> Kind {
        match self.function {
            None => self.path.kind(),
            Some(Function::DayOnly) => Kind::Date,
            Some(Function::ToLabel) => Kind::Text,
            Some(_) => Kind::Int,
        }
    }
    pub(super) fn of(&self, sources: &Sources<'_>, row: &Row) -> Cell {
        let cell = self.path.value(sources, row);
        match &self.function {
            None => cell,
            Some(Function::ToLabel) => self.label(cell),
            Some(function) => date_part(function, &cell),
        }
    }
    fn label(&self, cell: Cell) -> Cell {
        let (Some(field), Some(text)) = (self.path.field(), cell.as_text()) else { return cell };
        let entry = field.picklist_values.iter().find(|v| v.value == text);
        entry.and_then(|v| v.label.as_deref()).map_or(cell.clone(), Cell::text)
    }
}

fn date_part(function: &Function, cell: &Cell) -> Cell {
    let at: DateTime<Utc> = match cell {
        Cell::DateTime(at) => at.utc(),
        Cell::Date(day) => day.and_time(chrono::NaiveTime::MIN).and_utc(),
        _ => return Cell::Null,
    };
    let day: NaiveDate = at.date_naive();
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
