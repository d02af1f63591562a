//! Which function takes what, and where it may stand.

use super::Checker;
use super::fields::Value;
use super::operand::leaf_of;
use super::resolve::Scope;
use crate::tree::MAX_DEPTH;
use crate::{Function, Leaf, Operand};
use sf_core::FieldKind;

/// What an operand belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    Select,
    Where,
    GroupBy,
    Having,
    OrderBy,
}

impl Clause {
    fn name(self) -> &'static str {
        match self {
            Clause::Select => "SELECT",
            Clause::Where => "WHERE",
            Clause::GroupBy => "GROUP BY",
            Clause::Having => "HAVING",
            Clause::OrderBy => "ORDER BY",
        }
    }
}

impl Function {
    /// Whether it shows the same value in another form.
    pub(super) fn is_of_form(&self) -> bool {
        matches!(self, Function::ToLabel | Function::Format | Function::ConvertCurrency)
    }
}

impl<'s> Checker<'s> {
    /// What an operand gives; None when it cannot be judged, or when its problem is told already.
    pub(super) fn operand(
        &mut self,
        scope: &mut Scope<'s>,
        operand: &'s Operand,
        clause: Clause,
    ) -> Option<Value<'s>> {
        self.nested(scope, operand, clause, None)
    }

    fn nested(
        &mut self,
        scope: &mut Scope<'s>,
        operand: &'s Operand,
        clause: Clause,
        around: Option<&'s Function>,
    ) -> Option<Value<'s>> {
        match operand {
            Operand::Field(path) => self.field(scope, path),
            Operand::Distance(distance) => {
                let location = self.field(scope, &distance.location);
                if let Some(value) = location
                    && !matches!(value.kind, FieldKind::Location | FieldKind::Address | FieldKind::Any)
                {
                    let message =
                        format!("DISTANCE of the field '{}' of type {}", value.name, value.wire_type);
                    let explanation = "it takes a field of type location";
                    self.wrong(Leaf::Path(&distance.location), message, explanation);
                }
                Some(Value::made("DISTANCE", "double", FieldKind::Number))
            }
            Operand::Call { function, argument: None } => {
                Some(Value::made(function.name(), "int", FieldKind::Integer))
            }
            Operand::Call { function, argument: Some(argument) } => {
                self.place_of(scope, function, clause, around);
                if self.depth >= MAX_DEPTH {
                    return None;
                }
                self.depth += 1;
                let value = self.nested(scope, argument, clause, Some(function));
                self.depth -= 1;
                self.argument(function, argument, value)
            }
        }
    }

    /// Whether the function may stand there.
    fn place_of(
        &mut self,
        scope: &Scope<'s>,
        function: &'s Function,
        clause: Clause,
        around: Option<&'s Function>,
    ) {
        let leaf = Leaf::Function(function);
        let name = function.name();
        let not_in = || format!("{name} can not be used in {}", clause.name());
        if let Some(around) = around
            && (function.is_aggregate() || function.is_of_date())
            && (around.is_of_date() || (function.is_aggregate() && around.is_aggregate()))
        {
            let explanation = "it takes a field and stands outermost";
            return self.wrong(leaf, format!("{name} can not be used in {around}"), explanation);
        }
        if *function == Function::ConvertTimezone {
            if !around.is_some_and(Function::is_of_date) {
                let explanation = "it stands in a date function: HOUR_IN_DAY(convertTimezone(CreatedDate))";
                self.wrong(leaf, format!("{name} outside of a date function"), explanation);
            }
        } else if function.is_aggregate() {
            match clause {
                Clause::Where => {
                    self.wrong(leaf, not_in(), "conditions on groups stand in HAVING, behind GROUP BY");
                }
                Clause::GroupBy => self.wrong(leaf, not_in(), "group by fields and date functions"),
                Clause::OrderBy if !scope.statement.is_aggregate() => {
                    self.wrong(leaf, not_in(), "sort by an aggregate only with GROUP BY");
                }
                _ if *function == Function::Grouping && !is_rolled_up(scope) => {
                    let message = "GROUPING without ROLLUP or CUBE";
                    self.wrong(leaf, message, "it tells subtotals from groups: GROUP BY ROLLUP(…)");
                }
                _ => {}
            }
        } else if function.is_of_form() {
            let allowed = clause == Clause::Select
                || (clause == Clause::Where && *function == Function::ToLabel)
                || around.is_some_and(Function::is_aggregate);
            if !allowed {
                let only = match function {
                    Function::ToLabel => "SELECT and WHERE",
                    _ => "SELECT",
                };
                self.wrong(leaf, not_in(), format!("it stands in {only}; name the field itself here"));
            }
        } else if let Function::Other(_) = function {
            let explanation = match self.nearest(name, Function::NAMES.iter().copied()) {
                Some(meant) => format!("did you mean {meant}?"),
                None => "SOQL has aggregate functions (COUNT, SUM, …), date functions (CALENDAR_YEAR, …), toLabel, \
                         FORMAT, convertCurrency and convertTimezone"
                    .to_owned(),
            };
            self.wrong(leaf, format!("unknown function '{name}'"), explanation);
        }
    }

    /// Whether the argument is of a type that the function takes, and what comes out of it.
    fn argument(
        &mut self,
        function: &'s Function,
        argument: &'s Operand,
        value: Option<Value<'s>>,
    ) -> Option<Value<'s>> {
        use FieldKind::{Any, Date, DateTime, Integer, Number, Text};
        let name = function.name();
        let integer = Value::made(name, "int", Integer);
        let at = leaf_of(argument);
        let known = value.filter(|value| value.kind != Any && !self.is_told(at));
        match function {
            Function::Other(_) => None,
            Function::Grouping => Some(integer),
            Function::Count | Function::CountDistinct | Function::Min | Function::Max => {
                if let Some(value) = known
                    && value.field.is_some_and(|(_, field)| !field.aggregatable)
                {
                    self.no_aggregate(at, name, &value, "its type cannot be compared");
                }
                match function {
                    Function::Min | Function::Max => value.map(|value| Value { name, field: None, ..value }),
                    _ => Some(integer),
                }
            }
            Function::Sum | Function::Avg => {
                if let Some(value) = known {
                    if !value.is_number() {
                        self.no_aggregate(at, name, &value, "it is not a number");
                    } else if value.field.is_some_and(|(_, field)| !field.aggregatable) {
                        self.no_aggregate(at, name, &value, "it cannot be aggregated");
                    }
                }
                let is_currency = value.is_some_and(|value| value.wire_type == "currency");
                Some(Value::made(name, if is_currency { "currency" } else { "double" }, Number))
            }
            Function::ToLabel => {
                if let Some(value) = known
                    && !is_labelled(&value)
                {
                    let message = format!("{name} of the field '{}' of type {}", value.name, value.wire_type);
                    self.wrong(at, message, "only picklists have labels; select the field itself");
                }
                Some(Value::made(name, "string", Text))
            }
            Function::Format => Some(Value::made(name, "string", Text)),
            Function::ConvertCurrency => {
                if let Some(value) = known
                    && value.wire_type != "currency"
                    && value.field.is_some()
                {
                    let message = format!("{name} of the field '{}' of type {}", value.name, value.wire_type);
                    self.wrong(at, message, "only a field of type currency can be converted");
                }
                Some(Value::made(name, "currency", Number))
            }
            Function::ConvertTimezone => {
                if let Some(value) = known
                    && value.kind != DateTime
                {
                    let message = format!("{name} of the field '{}' of type {}", value.name, value.wire_type);
                    self.wrong(at, message, "only a dateTime has a zone; a date has none");
                }
                Some(Value::made(name, "datetime", DateTime))
            }
            _ => {
                let only_time = matches!(function, Function::DayOnly | Function::HourInDay);
                if let Some(value) = known {
                    if !matches!(value.kind, Date | DateTime) {
                        let message =
                            format!("{name} of the field '{}' of type {}", value.name, value.wire_type);
                        let explanation = if only_time {
                            "it takes a dateTime field"
                        } else {
                            "it takes a date or dateTime field"
                        };
                        self.wrong(at, message, explanation);
                    } else if only_time && value.kind == Date {
                        let message = format!("{name} of the field '{}' of type date", value.name);
                        let explanation = match function {
                            Function::DayOnly => "it takes a dateTime field; this one is a day already",
                            _ => "it takes a dateTime field; a date has no hour",
                        };
                        self.wrong(at, message, explanation);
                    }
                }
                let made = match function {
                    Function::DayOnly => Value::made(name, "date", Date),
                    _ => Value { is_part_of_date: true, ..integer },
                };
                Some(made)
            }
        }
    }

    fn no_aggregate(&mut self, at: Leaf<'s>, function: &str, value: &Value<'s>, why: &str) {
        let message = format!("field {} does not support aggregate operator {function}", value.name);
        self.wrong(at, message, format!("it is of type {}: {why}", value.wire_type));
    }
}

fn is_rolled_up(scope: &Scope<'_>) -> bool {
    matches!(scope.statement.group, Some(crate::GroupBy::Rollup(_) | crate::GroupBy::Cube(_)))
}

/// Picklists, and the names that are translated as well (SOQL reference, "toLabel()").
fn is_labelled(value: &Value<'_>) -> bool {
    matches!(value.kind, FieldKind::Picklist | FieldKind::MultiPicklist)
        || value.wire_type == "combobox"
        || value.name.eq_ignore_ascii_case("Division")
        || value.field.is_some_and(|(object, field)| object.name.is("RecordType") && field.name.is("Name"))
}
