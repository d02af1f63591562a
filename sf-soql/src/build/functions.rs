//! Functions of a field, to select, filter, group and sort by. Each knows the type of its result, see [`Named`].
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
//!
//! // They nest, as far as the org lets them.
//! let hour = hour_in_day(convert_timezone(field!("CreatedDate")));
//! assert_eq!(hour.ge(9).to_string(), "HOUR_IN_DAY(convertTimezone(CreatedDate)) >= 9");
//! assert_eq!(function(field!("LATEST"), field!("A")).eq(1).to_string(), "LATEST(A) = 1");
//! # Ok::<(), sf_soql::Problems>(())
//! ```
//!
//! `COUNT()` of all rows is [`Query::count`](crate::Query::count).

pub use super::call::{Call, Named};
use crate::{Distance, DistanceUnit, Function, Operand};
use chrono::NaiveDate;
use sf_core::{FieldName, FieldPath, Number, Value};

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident -> $result:ty = $variant:ident,)*) => {
        $($(#[$doc])*
        pub fn $name(argument: impl Into<Operand>) -> Call<$result> {
            Call::new(Function::$variant, argument)
        })*
    };
}

functions! {
    /// `COUNT(field)`: rows whose field is not null.
    count -> u64 = Count,
    /// `COUNT_DISTINCT(field)`: different values that are not null.
    count_distinct -> u64 = CountDistinct,
    /// `SUM(field)`; null of no rows.
    sum -> Option<Number> = Sum,
    /// `AVG(field)`; null of no rows.
    avg -> Option<Number> = Avg,
    /// `MIN(field)`, of the field's type: see [`Call::typed`]. Null of no rows.
    min -> Option<Value> = Min,
    /// `MAX(field)`, of the field's type: see [`Call::typed`]. Null of no rows.
    max -> Option<Value> = Max,
    /// `GROUPING(field)`: 1 on the subtotal rows of this field, else 0.
    grouping -> u32 = Grouping,
    /// `CALENDAR_MONTH(field)`, 1 to 12.
    calendar_month -> Option<u32> = CalendarMonth,
    /// `CALENDAR_QUARTER(field)`, 1 to 4.
    calendar_quarter -> Option<u32> = CalendarQuarter,
    /// `CALENDAR_YEAR(field)`
    calendar_year -> Option<u32> = CalendarYear,
    /// `DAY_IN_MONTH(field)`, 1 to 31.
    day_in_month -> Option<u32> = DayInMonth,
    /// `DAY_IN_WEEK(field)`, 1 is Sunday.
    day_in_week -> Option<u32> = DayInWeek,
    /// `DAY_IN_YEAR(field)`, 1 to 366.
    day_in_year -> Option<u32> = DayInYear,
    /// `DAY_ONLY(field)`: the date of a date-time.
    day_only -> Option<NaiveDate> = DayOnly,
    /// `FISCAL_MONTH(field)`
    fiscal_month -> Option<u32> = FiscalMonth,
    /// `FISCAL_QUARTER(field)`
    fiscal_quarter -> Option<u32> = FiscalQuarter,
    /// `FISCAL_YEAR(field)`
    fiscal_year -> Option<u32> = FiscalYear,
    /// `HOUR_IN_DAY(field)`, 0 to 23, UTC unless the argument is [`convert_timezone`].
    hour_in_day -> Option<u32> = HourInDay,
    /// `WEEK_IN_MONTH(field)`; the first week begins on day 1.
    week_in_month -> Option<u32> = WeekInMonth,
    /// `WEEK_IN_YEAR(field)`; the first week begins on 1 January.
    week_in_year -> Option<u32> = WeekInYear,
    /// `convertTimezone(field)`: a date-time in the user's zone; only as argument of a date function.
    convert_timezone -> Option<sf_core::Timestamp> = ConvertTimezone,
    /// `toLabel(field)`: a picklist's label in the user's language.
    to_label -> Option<String> = ToLabel,
    /// `FORMAT(field)`: a value as text in the user's format.
    format -> Option<String> = Format,
    /// `convertCurrency(field)`: an amount in the user's currency.
    convert_currency -> Option<Number> = ConvertCurrency,
}

/// A function that has no name here.
pub fn function(name: FieldName, argument: impl Into<Operand>) -> Call<Option<Value>> {
    Call::new(Function::named(name), argument)
}

/// `DISTANCE(field, GEOLOCATION(latitude, longitude), 'km')`: to select, to compare with `<` and `>`, to sort by.
///
/// ```
/// use sf_core::{Number, field, object};
/// use sf_soql::{DistanceUnit, functions::distance, prelude::*};
/// let (latitude, longitude): (Number, Number) = ("48.137".parse()?, "11.576".parse()?);
/// let away = distance(field!("Location__c"), latitude, longitude, DistanceUnit::Kilometers);
/// let query = Query::from(object!("Warehouse__c"))
///     .select([field!("Name")])
///     .select([away.clone()])
///     .filter(away.clone().lt(20))
///     .order_by(away);
/// assert_eq!(
///     query.to_soql()?.as_str(),
///     "SELECT Name, DISTANCE(Location__c, GEOLOCATION(48.137, 11.576), 'km') FROM Warehouse__c \
///      WHERE DISTANCE(Location__c, GEOLOCATION(48.137, 11.576), 'km') < 20 \
///      ORDER BY DISTANCE(Location__c, GEOLOCATION(48.137, 11.576), 'km')"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn distance(
    location: impl Into<FieldPath>,
    latitude: impl Into<Number>,
    longitude: impl Into<Number>,
    unit: DistanceUnit,
) -> Distance {
    Distance::new(location, latitude, longitude, unit)
}
