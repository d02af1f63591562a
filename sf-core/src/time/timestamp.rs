//! Date-times of the wire.
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use std::{fmt, str::FromStr, time::Duration};

/// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what four digits of a year can write.
const FIRST_MS: i64 = -62_167_219_200_000;
const LAST_MS: i64 = 253_402_300_799_999;

/// A moment in UTC, to the millisecond, in the years 0 to 9999.
///
/// Reads what Salesforce writes (`2026-01-02T03:04:05.000+0000`) and what else ISO 8601 calls a complete
/// date-time: `Z`, `+00:00`, other offsets, with or without a fraction. A date-time without an offset is refused:
/// it would mean another moment on another machine. Writes `2026-01-02T03:04:05.000Z`.
///
/// The org keeps whole seconds and prints `.000` (Object Reference, "Primitive Data Types": dateTime), so compare
/// a moment of yours with one of the org by [`same_second`](Timestamp::same_second).
///
/// ```
/// use sf_core::Timestamp;
///
/// let stamp: Timestamp = "2026-01-02T03:04:05.000+0000".parse()?;
/// assert_eq!(stamp, "2026-01-02T05:04:05+02:00".parse()?);
/// assert_eq!(stamp.to_string(), "2026-01-02T03:04:05.000Z");
/// assert!("2026-01-02T03:04:05".parse::<Timestamp>().is_err()); // in which zone?
/// # Ok::<(), sf_core::TimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The same moment as chrono's type.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; `None` outside the years 0 to 9999.
    pub fn from_millis(ms: i64) -> Option<Timestamp> {
        (FIRST_MS..=LAST_MS)
            .contains(&ms)
            .then(|| DateTime::from_timestamp_millis(ms).map(Timestamp))
            .flatten()
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// The start of its second, which is what the org keeps.
    #[must_use]
    pub fn floor_second(self) -> Timestamp {
        Timestamp::clamped(self.millis().div_euclid(1_000) * 1_000)
    }

    /// Whether both are in one second: equal as far as the org can tell.
    pub fn same_second(self, other: Timestamp) -> bool {
        self.floor_second() == other.floor_second()
    }

    /// Time since `earlier`, zero when that is later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.millis() - earlier.millis()).unwrap_or(0))
    }

    fn clamped(ms: i64) -> Timestamp {
        Timestamp(DateTime::from_timestamp_millis(ms.clamp(FIRST_MS, LAST_MS)).unwrap_or_default())
    }

    /// Its text, without an allocation.
    pub(crate) fn written(self, to: impl FnOnce(&str)) {
        to(std::str::from_utf8(&self.write()).unwrap_or_default());
    }

    fn write(self) -> [u8; 24] {
        let t = self.0;
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut put = |at: usize, width: usize, mut n: u32| {
            for digit in text[at..at + width].iter_mut().rev() {
                *digit = b'0' + (n % 10) as u8;
                n /= 10;
            }
        };
        put(0, 4, t.year().unsigned_abs());
        put(5, 2, t.month());
        put(8, 2, t.day());
        put(11, 2, t.hour());
        put(14, 2, t.minute());
        put(17, 2, t.second());
        put(20, 3, t.timestamp_subsec_millis());
        text
    }
}

/// Later by that much, at most the end of the year 9999.
impl std::ops::Add<Duration> for Timestamp {
    type Output = Timestamp;
    fn add(self, by: Duration) -> Timestamp {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        Timestamp::clamped(self.millis().saturating_add(by))
    }
}

/// Earlier by that much, at least the start of the year 0.
impl std::ops::Sub<Duration> for Timestamp {
    type Output = Timestamp;
    fn sub(self, by: Duration) -> Timestamp {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        Timestamp::clamped(self.millis().saturating_sub(by))
    }
}

/// Cut to the millisecond and to the years 0 to 9999.
impl From<DateTime<Utc>> for Timestamp {
    fn from(moment: DateTime<Utc>) -> Timestamp {
        Timestamp::clamped(moment.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.write()).unwrap_or_default())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a complete date-time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimestampError {
    /// The text, cut to 40 characters.
    pub text: String,
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a date-time like 2026-01-02T03:04:05.000Z (with `Z` or an offset from UTC)",
            self.text
        )
    }
}

impl std::error::Error for TimestampError {}

impl FromStr for Timestamp {
    type Err = TimestampError;
    fn from_str(text: &str) -> Result<Timestamp, TimestampError> {
        read(text.as_bytes()).ok_or_else(|| TimestampError { text: text.chars().take(40).collect() })
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.write()).unwrap_or_default())
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        struct TimestampVisitor;
        impl serde::de::Visitor<'_> for TimestampVisitor {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date-time")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(TimestampVisitor)
    }
}

/// `2026-01-02`, and nothing else.
pub(crate) fn read_date(text: &[u8]) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else { return None };
    NaiveDate::from_ymd_opt((two(y1, y2)? * 100 + two(y3, y4)?) as i32, two(m1, m2)?, two(d1, d2)?)
}

/// The org's form first: nearly every row has it, and chrono's own reader costs a third of a typed page.
fn read(text: &[u8]) -> Option<Timestamp> {
    if text.get(10) != Some(&b'T') {
        return None;
    }
    let date = read_date(&text[..10])?;
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = &text[11..] else { return None };
    let (ms, zone) = match rest {
        [b'.', a, b, c, zone @ ..] if c.is_ascii_digit() && !zone.first().is_some_and(u8::is_ascii_digit) => {
            (two(*a, *b)? * 10 + u32::from(c - b'0'), zone)
        }
        [b'.', rest @ ..] => fraction(rest)?,
        zone => (0, zone),
    };
    let time = date.and_hms_milli_opt(two(*h1, *h2)?, two(*m1, *m2)?, two(*s1, *s2)?, ms)?;
    let utc = time.and_utc();
    match offset(zone)? {
        0 => Some(Timestamp(utc)),
        minutes => Timestamp::from_millis(utc.timestamp_millis() - minutes * 60_000),
    }
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// One to nine digits; those behind the third are dropped.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&len) {
        return None;
    }
    let digits = text[..len].iter().map(|digit| u32::from(digit - b'0')).chain([0, 0]);
    Some((digits.take(3).fold(0, |ms, digit| ms * 10 + digit), &text[len..]))
}

/// Minutes east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match *zone {
        [b'+', b'0', b'0', b'0', b'0'] | [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, two(h1, h2)?, two(m1, m2)?),
        [sign, h1, h2] => (sign, two(h1, h2)?, 0),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let minutes = i64::from(hours * 60 + minutes);
    match sign {
        b'+' => Some(minutes),
        b'-' => Some(-minutes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn one_moment_in_many_forms() {
        let moment = t("2026-01-02T03:04:05.000+0000");
        for form in [
            "2026-01-02T03:04:05.000Z",
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.0+00:00",
            "2026-01-02T03:04:05+00",
            "2026-01-02T03:04:05.000000000-0000",
            "2026-01-02T08:34:05.000+05:30",
            "2026-01-01T19:04:05.000-0800",
        ] {
            assert_eq!(t(form), moment, "{form}");
        }
        assert_eq!(serde_json::to_string(&moment).unwrap(), r#""2026-01-02T03:04:05.000Z""#);
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02T03:04:05:",
            "2026-01-02T03:04:05.Z",
            "2026-01-02T03:04:05.1234567890Z",
            "2026-02-30T03:04:05Z",
            "2026-01-02T24:00:00Z",
            "2026-01-02T03:04:60Z",
            "2026-01-02T03:04:05+24:00",
            "2026-01-02 03:04:05Z",
            "26-01-02T03:04:05Z",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "2026-01-0éT03:04:05Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_ends_of_time_hold() {
        let (first, last) = (t("0000-01-01T00:00:00Z"), t("9999-12-31T23:59:59.999Z"));
        assert_eq!((first.millis(), last.millis()), (FIRST_MS, LAST_MS));
        assert_eq!(last + Duration::MAX, last);
        assert_eq!(first - Duration::MAX, first);
        assert_eq!(Timestamp::from(DateTime::<Utc>::MAX_UTC), last);
        assert_eq!(Timestamp::from_millis(LAST_MS + 1), None);
        assert_eq!(first.floor_second(), first);
    }

    #[test]
    fn seconds() {
        let (a, b) = (t("2026-01-02T03:04:05.000Z"), t("2026-01-02T03:04:05.999Z"));
        assert!(a.same_second(b) && a != b);
        assert!(!b.same_second(b + Duration::from_millis(1)));
        assert!(t("1969-12-31T23:59:59.500Z").same_second(t("1969-12-31T23:59:59Z")));
        assert_eq!(b.since(a), Duration::from_millis(999));
        assert_eq!(a.since(b), Duration::ZERO);
    }

    #[test]
    fn dates() {
        assert_eq!(read_date(b"2024-02-29"), NaiveDate::from_ymd_opt(2024, 2, 29));
        for text in ["2023-02-29", "2024-2-29", "2024-02-29T", "2024/02/29", ""] {
            assert_eq!(read_date(text.as_bytes()), None);
        }
    }
}
