//! What a condition, an order or a selected entry reads from one row: a field, with functions around it, or how far
//! the place in a field is from another.
use super::{
    Sources,
    distance::{self, Place},
    error::QueryError,
    path::{self, Path},
};
use crate::{
    assumptions::AssumedError,
    state::{Cell, Kind, Row, SObjectType},
};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use sf_soql::{Function, Leaf, Operand, Statement};
use std::sync::Arc;

/// Where in a statement a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    /// SELECT of a query without groups.
    Select,
    /// SELECT of a grouped query, or the argument of an aggregate.
    Grouped,
    /// GROUP BY.
    Group,
    Where,
    Order,
}

impl Clause {
    fn name(self) -> &'static str {
        match self {
            Clause::Select | Clause::Grouped => "SELECT",
            Clause::Group => "GROUP BY",
            Clause::Where => "WHERE",
            Clause::Order => "ORDER BY",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Value {
    /// The field; of a distance, the location.
    pub(super) path: Path,
    /// Functions, the innermost first.
    calls: Vec<Function>,
    distance: Option<Place>,
}

impl Value {
    /// A field alone.
    pub(super) fn field(path: Path) -> Value {
        Value { path, calls: Vec::new(), distance: None }
    }

    pub(super) fn resolve<'q>(
        sources: &Sources<'_>,
        statement: &'q Statement,
        sobject: &Arc<SObjectType>,
        operand: &'q Operand,
        clause: Clause,
    ) -> Result<Value, QueryError<'q>> {
        let mut calls: Vec<&'q Function> = Vec::new();
        let mut inner = operand;
        while let Operand::Call { function, argument } = inner {
            let needs =
                || QueryError::malformed(Leaf::Function(function), format!("{function} needs an argument"));
            inner = argument.as_deref().ok_or_else(needs)?;
            calls.insert(0, function);
        }
        match inner {
            Operand::Field(path) => {
                let leaf = Leaf::Path(path);
                let text = path::relative(statement, sobject, path);
                let path = Path::resolve(sources, sobject, &text).map_err(|e| e.at(leaf))?;
                let value =
                    Value { path, calls: calls.iter().map(|&call| call.clone()).collect(), distance: None };
                value.check_calls(&calls, leaf, clause)?;
                Ok(value)
            }
            Operand::Distance(distance) => {
                let leaf = Leaf::Path(&distance.location);
                if matches!(clause, Clause::Grouped | Clause::Group) {
                    return Err(QueryError::malformed(leaf, "DISTANCE can not be grouped or aggregated"));
                }
                let text = path::relative(statement, sobject, &distance.location);
                let path = Path::resolve(sources, sobject, &text).map_err(|e| e.at(leaf))?;
                let is_place = matches!(path.kind(), Kind::Location | Kind::Address);
                let (Some(place), true) = (Place::of(distance), is_place) else {
                    let message = format!("Invalid argument of DISTANCE: field '{}'", path.name());
                    return Err(QueryError::malformed(leaf, message));
                };
                Ok(Value { path, calls: Vec::new(), distance: Some(place) })
            }
            _ => Err(QueryError::plain("MALFORMED_QUERY", "this operand is not simulated by this org")),
        }
    }

    /// Whether every function takes what is in it, and stands where it may. `calls`: the functions in the statement, the
    /// innermost first.
    fn check_calls<'q>(
        &self,
        calls: &[&'q Function],
        field: Leaf<'q>,
        clause: Clause,
    ) -> Result<(), QueryError<'q>> {
        let mut kind = self.path.kind();
        for (i, function) in calls.iter().copied().enumerate() {
            let name = function.name();
            let wrong = |message: String| Err(QueryError::malformed(Leaf::Function(function), message));
            let outer = calls.get(i + 1).copied();
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
                    if matches!(clause, Clause::Order | Clause::Group) {
                        return wrong(format!("toLabel can not be used in {}", clause.name()));
                    }
                    matches!(kind, Kind::Picklist | Kind::MultiPicklist) || self.is_translated()
                }
                Function::Format
                    if !matches!(clause, Clause::Select | Clause::Grouped) || outer.is_some() =>
                {
                    return wrong("FORMAT can only be used in SELECT".into());
                }
                Function::Format => true,
                Function::ConvertCurrency => {
                    let message =
                        "convertCurrency can only be used in an organization with multiple currencies";
                    let error = QueryError::malformed(Leaf::Function(function), message);
                    return Err(error.assumed(AssumedError::OneCurrency));
                }
                Function::Other(_) => {
                    let error =
                        QueryError::malformed(Leaf::Function(function), format!("Unknown function: {name}"));
                    return Err(error.assumed(AssumedError::UnknownFunction));
                }
                _ => return wrong(format!("{name} can not be used here")),
            };
            if !fits {
                return wrong(format!("Invalid argument of {name}: field '{}'", self.path.name()));
            }
            if function.is_of_date() && clause == Clause::Select {
                let name = self.path.name();
                return Err(QueryError::malformed(
                    field,
                    format!("Field must be grouped or aggregated: {name}"),
                ));
            }
            kind = kind_after(function, kind);
        }
        Ok(())
    }

    /// Names that have labels although they are no picklists (SOQL reference, "toLabel()").
    fn is_translated(&self) -> bool {
        match (&self.path.leaf, self.path.field()) {
            (path::Leaf::Field { sobject, .. }, Some(field)) => {
                field.wire_type == "combobox"
                    || field.name == "Division"
                    || (sobject.name == "RecordType" && field.name == "Name")
            }
            _ => false,
        }
    }

    /// Whose ids it has; `None` unless it is an id or a reference.
    pub(super) fn ids(&self) -> Option<Vec<String>> {
        match (&self.path.leaf, self.path.field()?.kind()) {
            (path::Leaf::Field { sobject, .. }, Kind::Id) => Some(vec![sobject.name.clone()]),
            (_, Kind::Reference) => Some(self.path.field()?.reference_to.clone()),
            _ => None,
        }
        .filter(|_| self.is_plain())
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
                Function::ToLabel => self.label(sources, cell),
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
        let (path::Leaf::Field { sobject: own, .. }, field) = (&self.path.leaf, self.path.field()?) else {
            return None;
        };
        distance::place_in(sobject.unwrap_or(own), row, &field.name)
    }

    fn label(&self, sources: &Sources<'_>, cell: Cell) -> Cell {
        let Some(text) = cell.as_text() else { return cell };
        let Some(field) = self.path.field() else {
            // `Owner.Type`, a picklist of sObjects.
            return Cell::text(sources.sobject(text).map_or(text, |sobject| &sobject.label));
        };
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
