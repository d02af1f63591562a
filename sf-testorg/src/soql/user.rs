//! What of the running user changes answers: zone, first day of the week, the look of numbers and dates.
use crate::state::{Cell, FieldType, State};
use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::Tz;
use sf_core::Timestamp;

/// The running user, as queries see them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(super) zone: Tz,
    pub(super) locale: Locale,
}

impl Settings {
    /// Of `TimeZoneSidKey` and `LocaleSidKey`; UTC and `en_US` where there is none, or one that is not known.
    pub(crate) fn of(state: &State) -> Settings {
        let user = state.user().and_then(|id| state.find(id));
        let text = |name: &str| {
            let (sobject, row) = user?;
            row.cells.get(sobject.position(name)?)?.as_text()
        };
        Settings {
            zone: text("TimeZoneSidKey").and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC),
            locale: Locale::of(text("LocaleSidKey").unwrap_or("en_US")),
        }
    }

    /// The user's day at that moment.
    pub(crate) fn today(&self, now: Timestamp) -> NaiveDate {
        now.utc().with_timezone(&self.zone).date_naive()
    }

    /// The moment the user's day begins. A midnight that the change to summer time leaves out is the first moment
    /// after it; of one that comes twice it is the first.
    pub(super) fn start_of(&self, day: NaiveDate) -> Timestamp {
        let mut local: NaiveDateTime = day.and_time(chrono::NaiveTime::MIN);
        for _ in 0..8 {
            if let Some(at) = self.zone.from_local_datetime(&local).earliest() {
                return at.to_utc().into();
            }
            local += chrono::TimeDelta::minutes(30);
        }
        local.and_utc().into()
    }
}

/// How a locale writes. Assumed from the Java locales of these names; the reference shows `4/10/2025, 3:31 PM` and
/// `$44,000.00` for the United States.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locale {
    UnitedStates,
    UnitedKingdom,
    Germany,
    France,
    Japan,
}

impl Locale {
    fn of(key: &str) -> Locale {
        match key {
            "en_GB" => Locale::UnitedKingdom,
            "de_DE" | "de" => Locale::Germany,
            "fr_FR" | "fr" => Locale::France,
            "ja_JP" | "ja" => Locale::Japan,
            _ => Locale::UnitedStates,
        }
    }

    /// Whether weeks begin on Sunday, else on Monday.
    pub(super) fn begins_on_sunday(self) -> bool {
        matches!(self, Locale::UnitedStates | Locale::Japan)
    }

    /// FORMAT: a localized text of any value.
    pub(super) fn format(self, cell: &Cell, field: Option<&FieldType>, zone: &Tz) -> Cell {
        let kind = field.map_or("", |f| f.wire_type.as_str());
        let scale = field.map_or(2, |f| usize::try_from(f.scale).unwrap_or(2));
        Cell::text(match cell {
            Cell::Int(n) => self.number(&n.to_string()),
            Cell::Double(n) if kind == "currency" => {
                let amount = self.number(&format!("{:.scale$}", n.abs()));
                let sign = if *n < 0.0 { "-" } else { "" };
                match self {
                    Locale::Germany | Locale::France => format!("{sign}{amount} $"),
                    _ => format!("{sign}${amount}"),
                }
            }
            Cell::Double(n) if kind == "percent" => self.number(&format!("{n:.scale$}")) + "%",
            Cell::Double(n) => self.number(&format!("{n:.scale$}")),
            Cell::Date(day) => self.day(*day),
            Cell::DateTime(at) => self.moment(at.utc().with_timezone(zone).naive_local()),
            other => return other.clone(),
        })
    }

    /// Groups of three digits and the locale's decimal point.
    fn number(self, plain: &str) -> String {
        let (group, point) = match self {
            Locale::Germany => (".", ","),
            Locale::France => ("\u{202f}", ","),
            _ => (",", "."),
        };
        let (sign, plain) = plain.strip_prefix('-').map_or(("", plain), |rest| ("-", rest));
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let mut out = String::from(sign);
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push_str(group);
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push_str(point);
            out.push_str(fraction);
        }
        out
    }

    fn day(self, day: NaiveDate) -> String {
        let (y, m, d) = (day.year(), day.month(), day.day());
        match self {
            Locale::UnitedStates => format!("{m}/{d}/{y}"),
            Locale::UnitedKingdom | Locale::France => format!("{d:02}/{m:02}/{y}"),
            Locale::Germany => format!("{d:02}.{m:02}.{y}"),
            Locale::Japan => format!("{y}/{m:02}/{d:02}"),
        }
    }

    fn moment(self, at: NaiveDateTime) -> String {
        let day = self.day(at.date());
        let minute = at.minute();
        match self {
            Locale::UnitedStates => {
                let (is_pm, hour) = at.hour12();
                format!("{day}, {hour}:{minute:02} {}", if is_pm { "PM" } else { "AM" })
            }
            Locale::Japan | Locale::France => format!("{day} {}:{minute:02}", at.hour()),
            _ => format!("{day}, {:02}:{minute:02}", at.hour()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_write_numbers_days_and_moments() {
        let day = NaiveDate::from_ymd_opt(2025, 4, 10).unwrap();
        let at: Timestamp = day.and_hms_opt(22, 31, 37).unwrap().and_utc().into();
        let zone = chrono_tz::America::Los_Angeles;
        let text =
            |locale: Locale, cell: Cell| locale.format(&cell, None, &zone).as_text().unwrap().to_owned();
        assert_eq!(text(Locale::UnitedStates, Cell::DateTime(at)), "4/10/2025, 3:31 PM");
        assert_eq!(text(Locale::Germany, Cell::DateTime(at)), "10.04.2025, 15:31");
        assert_eq!(text(Locale::UnitedStates, Cell::Date(day)), "4/10/2025");
        assert_eq!(text(Locale::Germany, Cell::Double(-1_234_567.5)), "-1.234.567,50");
        assert_eq!(text(Locale::UnitedStates, Cell::Int(999)), "999");
        assert_eq!(text(Locale::UnitedStates, Cell::Int(1_000)), "1,000");
    }

    #[test]
    fn a_day_begins_when_the_users_day_begins() {
        let user = |zone| Settings { zone, locale: Locale::UnitedStates };
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let start = |zone, text: &str| user(zone).start_of(day(text)).to_string();
        assert_eq!(start(Tz::UTC, "2026-01-05"), "2026-01-05T00:00:00.000Z");
        assert_eq!(start(chrono_tz::America::Los_Angeles, "2026-01-05"), "2026-01-05T08:00:00.000Z");
        assert_eq!(start(chrono_tz::America::Los_Angeles, "2026-07-05"), "2026-07-05T07:00:00.000Z");
        // In Beirut summer time begins at midnight.
        assert_eq!(start(chrono_tz::Asia::Beirut, "2026-03-29"), "2026-03-28T22:00:00.000Z");
    }
}
