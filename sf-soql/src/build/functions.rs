//! Functions of a field, to select, filter, group and sort by.
//!
//! ```
//! use sf_core::{field, models::Opportunity, object};
//! use sf_soql::{functions::*, prelude::*};
//! let query = Query::from(object!("Opportunity"))
//!     .select([calendar_year(Opportunity::CLOSE_DATE)])
//!     .select_as(sum(Opportunity::AMOUNT), "total")
//!     .group_by([calendar_year(Opportunity::CLOSE_DATE)])
//!     .having(sum(Opportunity::AMOUNT).gt(1000));
//! assert_eq!(
//!     query.to_soql()?.as_str(),
//!     "SELECT CALENDAR_YEAR(CloseDate), SUM(Amount) total FROM Opportunity \
//!      GROUP BY CALENDAR_YEAR(CloseDate) HAVING SUM(Amount) > 1000"
//! );
//! # Ok::<(), sf_soql::Problems>(())
//! ```

use crate::{Function, Operand};
use sf_core::FieldName;

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident = $variant:ident,)*) => {
        $($(#[$doc])*
        pub fn $name(argument: impl Into<Operand>) -> Operand {
            Operand::call(Function::$variant, argument)
        })*
    };
}

functions! {
    /// `COUNT(field)`: rows whose field is not null.
    count = Count,
    /// `COUNT_DISTINCT(field)`
    count_distinct = CountDistinct,
    /// `SUM(field)`
    sum = Sum,
    /// `AVG(field)`
    avg = Avg,
    /// `MIN(field)`
    min = Min,
    /// `MAX(field)`
    max = Max,
    /// `GROUPING(field)`
    grouping = Grouping,
    /// `CALENDAR_MONTH(field)`
    calendar_month = CalendarMonth,
    /// `CALENDAR_QUARTER(field)`
    calendar_quarter = CalendarQuarter,
    /// `CALENDAR_YEAR(field)`
    calendar_year = CalendarYear,
    /// `DAY_IN_MONTH(field)`
    day_in_month = DayInMonth,
    /// `DAY_IN_WEEK(field)`
    day_in_week = DayInWeek,
    /// `DAY_IN_YEAR(field)`
    day_in_year = DayInYear,
    /// `DAY_ONLY(field)`
    day_only = DayOnly,
    /// `FISCAL_MONTH(field)`
    fiscal_month = FiscalMonth,
    /// `FISCAL_QUARTER(field)`
    fiscal_quarter = FiscalQuarter,
    /// `FISCAL_YEAR(field)`
    fiscal_year = FiscalYear,
    /// `HOUR_IN_DAY(field)`
    hour_in_day = HourInDay,
    /// `WEEK_IN_MONTH(field)`
    week_in_month = WeekInMonth,
    /// `WEEK_IN_YEAR(field)`
    week_in_year = WeekInYear,
    /// `convertTimezone(field)`
    convert_timezone = ConvertTimezone,
    /// `toLabel(field)`
    to_label = ToLabel,
    /// `FORMAT(field)`
    format = Format,
    /// `convertCurrency(field)`
    convert_currency = ConvertCurrency,
}

/// A function that has no name here.
pub fn function(name: FieldName, argument: impl Into<Operand>) -> Operand {
    Operand::call(Function::named(name), argument)
}
