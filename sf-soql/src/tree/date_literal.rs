use std::fmt;

/// The unit of a [`DateLiteral`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum DateUnit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalQuarter,
    FiscalYear,
}

impl DateUnit {
    const ALL: [DateUnit; 7] = [
        DateUnit::Day,
        DateUnit::Week,
        DateUnit::Month,
        DateUnit::Quarter,
        DateUnit::Year,
        DateUnit::FiscalQuarter,
        DateUnit::FiscalYear,
    ];

    fn name(self) -> &'static str {
        match self {
            DateUnit::Day => "DAY",
            DateUnit::Week => "WEEK",
            DateUnit::Month => "MONTH",
            DateUnit::Quarter => "QUARTER",
            DateUnit::Year => "YEAR",
            DateUnit::FiscalQuarter => "FISCAL_QUARTER",
            DateUnit::FiscalYear => "FISCAL_YEAR",
        }
    }
}

/// A date literal: a named range of days in the running user's time zone. All 44 names of the SOQL reference
/// ("Date Formats and Date Literals in WHERE").
///
/// ```
/// use sf_soql::{DateLiteral, DateUnit};
/// assert_eq!(DateLiteral::TODAY.to_string(), "TODAY");
/// assert_eq!(DateLiteral::This(DateUnit::FiscalQuarter).to_string(), "THIS_FISCAL_QUARTER");
/// assert_eq!(DateLiteral::LastN(DateUnit::Day, 30).to_string(), "LAST_N_DAYS:30");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DateLiteral {
    /// The unit before the current one: `LAST_MONTH`. For days it is written `YESTERDAY`.
    Last(DateUnit),
    /// The current unit: `THIS_YEAR`. For days it is written `TODAY`.
    This(DateUnit),
    /// The unit after the current one: `NEXT_WEEK`. For days it is written `TOMORROW`.
    Next(DateUnit),
    /// `LAST_90_DAYS`: the 90 days before today, and today.
    Last90Days,
    /// `NEXT_90_DAYS`: the 90 days after today.
    Next90Days,
    /// The n units before the current one: `LAST_N_WEEKS:4`. For days, today belongs to it too.
    LastN(DateUnit, u32),
    /// The n units after the current one: `NEXT_N_DAYS:7`.
    NextN(DateUnit, u32),
    /// The one unit that lies n units back: `N_MONTHS_AGO:2`.
    NAgo(DateUnit, u32),
}

impl DateLiteral {
    /// `YESTERDAY`
    pub const YESTERDAY: DateLiteral = DateLiteral::Last(DateUnit::Day);
    /// `TODAY`
    pub const TODAY: DateLiteral = DateLiteral::This(DateUnit::Day);
    /// `TOMORROW`
    pub const TOMORROW: DateLiteral = DateLiteral::Next(DateUnit::Day);

    /// The literal of that name; `count` is what follows the colon. Case is ignored.
    ///
    /// `None` when there is no such name. `Some(Err)` when the name needs a count and has none, or has one and
    /// takes none; the error is the plain explanation.
    pub(crate) fn named(name: &str, count: Option<u32>) -> Option<Result<DateLiteral, String>> {
        let mut upper = [0; LONGEST];
        let upper = upper.get_mut(..name.len())?;
        upper.copy_from_slice(name.as_bytes());
        upper.make_ascii_uppercase();
        let upper = std::str::from_utf8(upper).ok()?;
        if let Some(make) = counted(upper) {
            return Some(count.map(make).ok_or_else(|| format!("{upper} needs a count: {upper}:30")));
        }
        let plain = plain(upper)?;
        Some(match count {
            None => Ok(plain),
            Some(_) => Err(format!("{upper} takes no count")),
        })
    }
}

/// `LAST_N_FISCAL_QUARTERS`
const LONGEST: usize = 22;

fn plain(name: &str) -> Option<DateLiteral> {
    Some(match name {
        "YESTERDAY" => DateLiteral::YESTERDAY,
        "TODAY" => DateLiteral::TODAY,
        "TOMORROW" => DateLiteral::TOMORROW,
        "LAST_90_DAYS" => DateLiteral::Last90Days,
        "NEXT_90_DAYS" => DateLiteral::Next90Days,
        _ => {
            let (which, unit) = name.split_once('_')?;
            let unit = DateUnit::ALL.into_iter().find(|u| *u != DateUnit::Day && u.name() == unit)?;
            match which {
                "LAST" => DateLiteral::Last(unit),
                "THIS" => DateLiteral::This(unit),
                "NEXT" => DateLiteral::Next(unit),
                _ => return None,
            }
        }
    })
}

fn counted(name: &str) -> Option<impl FnOnce(u32) -> DateLiteral + use<>> {
    type Make = fn(DateUnit, u32) -> DateLiteral;
    let (make, units): (Make, &str) = if let Some(units) = name.strip_prefix("LAST_N_") {
        (DateLiteral::LastN, units)
    } else if let Some(units) = name.strip_prefix("NEXT_N_") {
        (DateLiteral::NextN, units)
    } else {
        (DateLiteral::NAgo, name.strip_prefix("N_")?.strip_suffix("_AGO")?)
    };
    let unit = units.strip_suffix('S')?;
    let unit = DateUnit::ALL.into_iter().find(|u| u.name() == unit)?;
    Some(move |n| make(unit, n))
}

/// As SOQL writes it.
impl fmt::Display for DateLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DateLiteral::Last(DateUnit::Day) => f.write_str("YESTERDAY"),
            DateLiteral::This(DateUnit::Day) => f.write_str("TODAY"),
            DateLiteral::Next(DateUnit::Day) => f.write_str("TOMORROW"),
            DateLiteral::Last(unit) => write!(f, "LAST_{}", unit.name()),
            DateLiteral::This(unit) => write!(f, "THIS_{}", unit.name()),
            DateLiteral::Next(unit) => write!(f, "NEXT_{}", unit.name()),
            DateLiteral::Last90Days => f.write_str("LAST_90_DAYS"),
            DateLiteral::Next90Days => f.write_str("NEXT_90_DAYS"),
            DateLiteral::LastN(unit, n) => write!(f, "LAST_N_{}S:{n}", unit.name()),
            DateLiteral::NextN(unit, n) => write!(f, "NEXT_N_{}S:{n}", unit.name()),
            DateLiteral::NAgo(unit, n) => write!(f, "N_{}S_AGO:{n}", unit.name()),
        }
    }
}
