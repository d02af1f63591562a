use sf_core::FieldName;
use std::fmt;

macro_rules! functions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A function of SOQL by name. Compared by name, without case.
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub enum Function {
            $($(#[$doc])* $variant,)*
            /// Any other name; the org decides whether it exists.
            Other(FieldName),
        }

        impl Function {
            /// Every name as the SOQL reference spells it.
            pub(crate) const NAMES: &[&str] = &[$($name,)*];

            /// The function of that name; unknown names are [`Function::Other`].
            pub fn named(name: FieldName) -> Function {
                Function::known(name.as_str()).unwrap_or(Function::Other(name))
            }

            /// The function of that name, unless it is another one.
            pub(crate) fn known(name: &str) -> Option<Function> {
                $(if name.eq_ignore_ascii_case($name) { return Some(Function::$variant); })*
                None
            }

            /// The name as the SOQL reference spells it.
            pub fn name(&self) -> &str {
                match self {
                    $(Function::$variant => $name,)*
                    // A known name that was not made with `named` is that function all the same.
                    Function::Other(name) => Function::spelling(name.as_str()).unwrap_or(name.as_str()),
                }
            }

            fn spelling(name: &str) -> Option<&'static str> {
                $(if name.eq_ignore_ascii_case($name) { return Some($name); })*
                None
            }
        }
    };
}

functions! {
    /// `COUNT(field)`, or `COUNT()` for the number of rows.
    Count = "COUNT",
    /// Different values that are not null.
    CountDistinct = "COUNT_DISTINCT",
    /// Sum of a number field.
    Sum = "SUM",
    /// Mean of a number field.
    Avg = "AVG",
    /// Smallest value.
    Min = "MIN",
    /// Largest value.
    Max = "MAX",
    /// 1 on the subtotal rows of a ROLLUP or CUBE.
    Grouping = "GROUPING",
    /// Month, 1 to 12.
    CalendarMonth = "CALENDAR_MONTH",
    /// Quarter, 1 to 4.
    CalendarQuarter = "CALENDAR_QUARTER",
    /// Year.
    CalendarYear = "CALENDAR_YEAR",
    /// Day of the month.
    DayInMonth = "DAY_IN_MONTH",
    /// Day of the week, 1 is Sunday.
    DayInWeek = "DAY_IN_WEEK",
    /// Day of the year.
    DayInYear = "DAY_IN_YEAR",
    /// The date of a date-time.
    DayOnly = "DAY_ONLY",
    /// Month of the fiscal year.
    FiscalMonth = "FISCAL_MONTH",
    /// Quarter of the fiscal year.
    FiscalQuarter = "FISCAL_QUARTER",
    /// Fiscal year.
    FiscalYear = "FISCAL_YEAR",
    /// Hour of a date-time, 0 to 23.
    HourInDay = "HOUR_IN_DAY",
    /// Week of the month, 1 starts on day 1.
    WeekInMonth = "WEEK_IN_MONTH",
    /// Week of the year, 1 starts on 1 January.
    WeekInYear = "WEEK_IN_YEAR",
    /// A date-time in the user's zone; only inside a date function.
    ConvertTimezone = "convertTimezone",
    /// A picklist's label in the user's language.
    ToLabel = "toLabel",
    /// A value as text in the user's format.
    Format = "FORMAT",
    /// A currency in the user's currency.
    ConvertCurrency = "convertCurrency",
}

impl Function {
    /// Whether it makes one value of many rows.
    pub fn is_aggregate(&self) -> bool {
        match self {
            Function::Count
            | Function::CountDistinct
            | Function::Sum
            | Function::Avg
            | Function::Min
            | Function::Max
            | Function::Grouping => true,
            // A known name that was not made with `named`.
            Function::Other(name) => {
                Function::known(name.as_str()).is_some_and(|function| function.is_aggregate())
            }
            _ => false,
        }
    }

    /// Whether it takes a part of a date or a date-time (SOQL reference, "Date Functions").
    ///
    /// ```
    /// use sf_soql::Function;
    /// assert!(Function::CalendarYear.is_of_date() && Function::DayOnly.is_of_date());
    /// assert!(!Function::Max.is_of_date() && !Function::ConvertTimezone.is_of_date());
    /// ```
    pub fn is_of_date(&self) -> bool {
        matches!(
            self,
            Function::CalendarMonth
                | Function::CalendarQuarter
                | Function::CalendarYear
                | Function::DayInMonth
                | Function::DayInWeek
                | Function::DayInYear
                | Function::DayOnly
                | Function::FiscalMonth
                | Function::FiscalQuarter
                | Function::FiscalYear
                | Function::HourInDay
                | Function::WeekInMonth
                | Function::WeekInYear
        )
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.name().eq_ignore_ascii_case(other.name())
    }
}
impl Eq for Function {}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
