//! Date literals as half-open ranges of the user's days. The fiscal year is the calendar year.
use crate::assumptions::SoqlAssumptions;
use chrono::{Datelike, Days, Months, NaiveDate};
use sf_soql::{DateLiteral, DateUnit};

/// `[start, end)` in days.
pub(super) type Days2 = (NaiveDate, NaiveDate);

pub(super) fn range(
    literal: DateLiteral,
    today: NaiveDate,
    sunday: bool,
    assumed: &SoqlAssumptions,
) -> Option<Days2> {
    let start_of = |unit, day| start_of(unit, day, sunday);
    let unit = |unit: DateUnit, from: i64, to: i64| {
        let start = start_of(unit, today);
        Some((shift(unit, start, from)?, shift(unit, start, to)?))
    };
    match literal {
        DateLiteral::Last(u) => unit(u, -1, 0),
        DateLiteral::This(u) => unit(u, 0, 1),
        DateLiteral::Next(u) => unit(u, 1, 2),
        // The DAYS forms include today.
        DateLiteral::Last90Days => unit(DateUnit::Day, -90, 1),
        DateLiteral::LastN(DateUnit::Day, n) => unit(DateUnit::Day, -i64::from(n), 1),
        DateLiteral::Next90Days => unit(DateUnit::Day, 1, 91),
        DateLiteral::LastN(u @ DateUnit::Year, n) if assumed.last_n_years_goes_one_further => {
            unit(u, -i64::from(n) - 1, 0)
        }
        DateLiteral::LastN(u, n) => unit(u, -i64::from(n), 0),
        DateLiteral::NextN(u, n) => unit(u, 1, 1 + i64::from(n)),
        DateLiteral::NAgo(u, n) => unit(u, -i64::from(n), 1 - i64::from(n)),
        _ => None,
    }
}

/// `sunday`: weeks begin on Sunday, else on Monday.
fn start_of(unit: DateUnit, day: NaiveDate, sunday: bool) -> NaiveDate {
    let first = |month: u32| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day);
    match unit {
        DateUnit::Week => {
            let weekday = day.weekday();
            let since = if sunday { weekday.num_days_from_sunday() } else { weekday.num_days_from_monday() };
            day.checked_sub_days(Days::new(since.into())).unwrap_or(day)
        }
        DateUnit::Month => first(day.month()),
        DateUnit::Quarter | DateUnit::FiscalQuarter => first((day.month() - 1) / 3 * 3 + 1),
        DateUnit::Year | DateUnit::FiscalYear => first(1),
        _ => day,
    }
}

fn shift(unit: DateUnit, day: NaiveDate, by: i64) -> Option<NaiveDate> {
    let days =
        |n: u64| if by < 0 { day.checked_sub_days(Days::new(n)) } else { day.checked_add_days(Days::new(n)) };
    let months = |n: u64| {
        let n = Months::new(u32::try_from(n).ok()?);
        if by < 0 { day.checked_sub_months(n) } else { day.checked_add_months(n) }
    };
    let n = by.unsigned_abs();
    match unit {
        DateUnit::Week => days(7 * n),
        DateUnit::Month => months(n),
        DateUnit::Quarter | DateUnit::FiscalQuarter => months(3 * n),
        DateUnit::Year | DateUnit::FiscalYear => months(12 * n),
        _ => days(n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_cover_the_documented_days() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-02-18"); // a Wednesday
        for (literal, start, end) in [
            (DateLiteral::TODAY, "2026-02-18", "2026-02-19"),
            (DateLiteral::YESTERDAY, "2026-02-17", "2026-02-18"),
            (DateLiteral::This(DateUnit::Week), "2026-02-15", "2026-02-22"),
            (DateLiteral::Last(DateUnit::Month), "2026-01-01", "2026-02-01"),
            (DateLiteral::Next(DateUnit::Quarter), "2026-04-01", "2026-07-01"),
            (DateLiteral::This(DateUnit::FiscalYear), "2026-01-01", "2027-01-01"),
            (DateLiteral::LastN(DateUnit::Day, 2), "2026-02-16", "2026-02-19"),
            (DateLiteral::NextN(DateUnit::Day, 2), "2026-02-19", "2026-02-21"),
            (DateLiteral::LastN(DateUnit::Week, 1), "2026-02-08", "2026-02-15"),
            (DateLiteral::NAgo(DateUnit::Year, 1), "2025-01-01", "2026-01-01"),
            (DateLiteral::NAgo(DateUnit::Day, 3), "2026-02-15", "2026-02-16"),
            (DateLiteral::Last90Days, "2025-11-20", "2026-02-19"),
        ] {
            assert_eq!(
                range(literal, today, true, &SoqlAssumptions::default()),
                Some((day(start), day(end))),
                "{literal}"
            );
        }
        let monday = range(DateLiteral::This(DateUnit::Week), today, false, &SoqlAssumptions::default());
        assert_eq!(monday, Some((day("2026-02-16"), day("2026-02-23"))));
    }
}
