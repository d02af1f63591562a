//! Numbers that keep the digits of the wire.
mod decimal;

use crate::raw::RawJson;
use decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;
use std::{cmp::Ordering, fmt, hash, str::FromStr};

/// A number as the wire wrote it: `300.0`, `1.0E7`, `0.10`, `123456789012345678`.
///
/// Display and JSON give the same digits back; equality, order and hash go by value. Arithmetic is exact: no
/// binary float is in between, so a currency of 18 digits stays what it is. The REST API writes numbers in Java's
/// way: integers with `.0`, an exponent from ten million on.
///
/// Every operation is bounded by the length of the text, never by the size of the number.
///
/// ```
/// use sf_core::Number;
///
/// let wire: Number = serde_json::from_str("1.0E7").unwrap();
/// assert_eq!(wire, Number::from(10_000_000));
/// assert_eq!(wire.to_string(), "1.0E7");
/// assert_eq!(wire.plain(), "10000000");
///
/// let sum = "0.1".parse::<Number>()?.checked_add(&"0.2".parse()?).unwrap();
/// assert_eq!(sum.to_string(), "0.3");
/// # Ok::<(), sf_core::NumberError>(())
/// ```
#[derive(Clone)]
pub struct Number(Digits);

#[derive(Clone)]
enum Digits {
    Inline { len: u8, text: [u8; 22] },
    Long(Box<str>),
}

impl Number {
    /// The digits as they were read.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Digits::Inline { len, text } => std::str::from_utf8(&text[..usize::from(*len)]).unwrap_or("0"),
            Digits::Long(text) => text,
        }
    }

    /// The nearest `f64`: a currency of more than 15 digits is rounded, a number beyond ±1.8e308 is infinite.
    pub fn to_f64(&self) -> f64 {
        self.as_str().parse().unwrap_or(f64::NAN)
    }

    /// The number as an integer; `None` when it is not whole or does not fit. `300.0` is whole.
    pub fn to_i64(&self) -> Option<i64> {
        self.decimal().to_i64()
    }

    /// The digits without an exponent, as people and CSV files want them: `1.0E7` is `10000000`. A number that
    /// would need more than 400 digits keeps its exponent.
    pub fn plain(&self) -> String {
        self.decimal().plain().unwrap_or_else(|| self.as_str().to_owned())
    }

    /// The exact sum, with as many decimals as the longer of the two; `None` when it has more than 1,000 digits.
    pub fn checked_add(&self, other: &Number) -> Option<Number> {
        self.decimal().add(&other.decimal(), false).map(Number::keep)
    }

    /// The exact difference, with as many decimals as the longer of the two; `None` when it has more than 1,000
    /// digits.
    pub fn checked_sub(&self, other: &Number) -> Option<Number> {
        self.decimal().add(&other.decimal(), true).map(Number::keep)
    }

    /// The exact sum of them all (`0` of none); `None` when it gets longer than 1,000 digits.
    pub fn checked_sum<'a>(numbers: impl IntoIterator<Item = &'a Number>) -> Option<Number> {
        numbers.into_iter().try_fold(Number::from(0), |sum, number| sum.checked_add(number))
    }

    /// Rounded to this many decimals, halves away from zero, as Salesforce rounds a currency. A number with no
    /// more decimals than that stays as it is.
    ///
    /// ```
    /// use sf_core::Number;
    /// let n: Number = "-2.345".parse()?;
    /// assert_eq!(n.round(2).as_str(), "-2.35");
    /// assert_eq!(n.round(0).as_str(), "-2");
    /// assert_eq!(n.round(9).as_str(), "-2.345");
    /// # Ok::<(), sf_core::NumberError>(())
    /// ```
    pub fn round(&self, decimals: u8) -> Number {
        self.decimal().round(decimals).map_or_else(|| self.clone(), Number::keep)
    }

    /// Digits before the decimal point, without leading zeros: what a field's `precision - scale` limits.
    pub(crate) fn whole_digits(&self) -> i64 {
        self.decimal().whole_digits()
    }

    fn decimal(&self) -> Decimal<'_> {
        Decimal::scan(self.as_str()).unwrap_or(Decimal::ZERO)
    }

    /// The text must be a number in JSON's grammar.
    fn keep(text: impl AsRef<str> + Into<Box<str>>) -> Number {
        let source = text.as_ref().as_bytes();
        let mut inline = [0; 22];
        match inline.get_mut(..source.len()) {
            Some(place) => {
                place.copy_from_slice(source);
                Number(Digits::Inline { len: source.len() as u8, text: inline })
            }
            None => Number(Digits::Long(text.into())),
        }
    }
}

/// The text is not a number in JSON's grammar (RFC 8259 section 6), or its exponent has more than 15 digits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NumberError {
    /// The text, cut to 40 characters.
    pub text: String,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a number", self.text)
    }
}

impl std::error::Error for NumberError {}

impl FromStr for Number {
    type Err = NumberError;
    fn from_str(text: &str) -> Result<Number, NumberError> {
        match Decimal::scan(text) {
            Some(_) => Ok(Number::keep(text)),
            None => Err(NumberError { text: text.chars().take(40).collect() }),
        }
    }
}

macro_rules! from_integer {
    ($($Integer:ty)*) => { $(
        impl From<$Integer> for Number {
            fn from(n: $Integer) -> Number {
                Number::keep(n.to_string())
            }
        }
    )* };
}
from_integer!(i8 i16 i32 i64 i128 u8 u16 u32 u64 usize);

/// The shortest digits that read back as the same `f64`. NaN and the infinities are no numbers.
impl TryFrom<f64> for Number {
    type Error = NumberError;
    fn try_from(n: f64) -> Result<Number, NumberError> {
        // `{:?}` writes an exponent for very large and very small values, `{}` three hundred digits.
        format!("{n:?}").parse()
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.as_str() == other.as_str() || self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        self.decimal().cmp(&other.decimal())
    }
}

impl hash::Hash for Number {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.decimal().hash(state);
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        let json = RawJson::deserialize(deserializer)?;
        let text = json.get();
        match text.as_bytes() {
            // The JSON reader has checked the grammar; only an exponent needs a look at its size.
            [b'-' | b'0'..=b'9', rest @ ..] if !rest.iter().any(|byte| matches!(byte, b'e' | b'E')) => {
                Ok(Number::keep(text))
            }
            _ => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.as_str();
        match text.parse::<i64>() {
            Ok(n) if text != "-0" => serializer.serialize_i64(n),
            _ => RawValue::from_string(text.to_owned()).map_err(S::Error::custom)?.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::{BuildHasher, RandomState};

    fn n(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn the_grammar_is_json_s() {
        for good in
            ["0", "-0", "10", "0.10", "1E7", "1.0E+7", "1e-7", "-12.50e003", "123456789012345678901234567"]
        {
            assert_eq!(n(good).as_str(), good);
        }
        for bad in [
            "",
            "-",
            "+1",
            "01",
            "1.",
            ".5",
            "1e",
            "1e+",
            "0x1",
            "1 ",
            " 1",
            "1_0",
            "NaN",
            "1.e1",
            "--1",
            "1e1234567890123456",
        ] {
            assert!(bad.parse::<Number>().is_err(), "{bad}");
        }
    }

    #[test]
    fn compared_by_value() {
        let hasher = RandomState::new();
        for (a, b) in [
            ("300.0", "300"),
            ("300", "3.0E2"),
            ("0.10", "1e-1"),
            ("-0", "0.0e5"),
            ("1e999999999", "10e999999998"),
        ] {
            assert_eq!(n(a), n(b));
            assert_eq!(hasher.hash_one(n(a)), hasher.hash_one(n(b)), "{a} {b}");
        }
        let mut sorted = ["1e999999999", "-5", "0", "9.99", "-1e999999999", "10", "1e-999999999"].map(n);
        sorted.sort();
        assert_eq!(
            sorted.map(|n| n.to_string()),
            ["-1e999999999", "-5", "0", "1e-999999999", "9.99", "10", "1e999999999"]
        );
    }

    #[test]
    fn a_huge_exponent_costs_nothing() {
        let huge = n("1e999999999");
        assert_eq!(huge.checked_add(&n("1")), None);
        assert_eq!(huge.checked_add(&n("0")), Some(huge.clone()));
        assert_eq!(huge.checked_sub(&huge), None);
        assert_eq!(huge.round(2), huge);
        assert_eq!(huge.to_i64(), None);
        assert_eq!(huge.plain(), "1e999999999");
        assert!(huge.to_f64().is_infinite());
        let tiny = n("1e-999999999");
        assert_eq!(tiny.round(2), n("0"));
        assert_eq!(tiny.to_i64(), None);
        assert_eq!(n("0e999999999999999").to_i64(), Some(0));
    }

    #[test]
    fn integers() {
        for (text, value) in [
            ("300.0", 300),
            ("1.0E7", 10_000_000),
            ("-9223372036854775808", i64::MIN),
            ("92233720368547758.07e2", i64::MAX),
        ] {
            assert_eq!(n(text).to_i64(), Some(value));
        }
        for text in ["0.5", "9223372036854775808", "1e-1", "1e19", "123.45"] {
            assert_eq!(n(text).to_i64(), None, "{text}");
        }
    }

    #[test]
    fn sums_keep_the_decimals_of_a_currency() {
        assert_eq!(n("0.10").checked_add(&n("0.20")).unwrap().as_str(), "0.30");
        assert_eq!(n("1.0E7").checked_add(&n("1")).unwrap().as_str(), "10000001");
        assert_eq!(n("1").checked_sub(&n("1.00")).unwrap().as_str(), "0.00");
        assert_eq!(n("1").checked_sub(&n("2.5")).unwrap().as_str(), "-1.5");
        assert_eq!(n("0").checked_sub(&n("2.5")).unwrap().as_str(), "-2.5");
        assert_eq!(n("0").checked_sub(&n("-2.5")).unwrap().as_str(), "2.5");
        assert_eq!(
            n("999999999999999999.99").checked_add(&n("0.01")).unwrap().as_str(),
            "1000000000000000000.00"
        );
        assert_eq!(Number::checked_sum(&[n("1"), n("2.5"), n("-0.5")]).unwrap(), n("3"));
    }

    #[test]
    fn plain_digits() {
        for (text, plain) in [
            ("1.6E13", "16000000000000"),
            ("-1.25e1", "-12.5"),
            ("5e-3", "0.005"),
            ("300.0", "300.0"),
            ("0e5", "0"),
            ("1.0E7", "10000000"),
        ] {
            assert_eq!(n(text).plain(), plain);
        }
    }

    #[test]
    fn from_floats() {
        assert_eq!(Number::try_from(0.1).unwrap().as_str(), "0.1");
        assert_eq!(Number::try_from(1e300).unwrap().as_str(), "1e300");
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Number::try_from(bad).is_err());
        }
    }

    #[test]
    fn json_keeps_digits_from_every_source() {
        for text in ["9007199254740993", "123456789012345678.25", "1.0E7", "-0", "0.10"] {
            assert_eq!(serde_json::to_string(&serde_json::from_str::<Number>(text).unwrap()).unwrap(), text);
            assert_eq!(serde_json::from_reader::<_, Number>(text.as_bytes()).unwrap().as_str(), text);
        }
        assert_eq!(serde_json::from_value::<Number>(serde_json::json!(12)).unwrap(), n("12"));
        for bad in ["\"1\"", "true", "null", "[1]"] {
            assert!(serde_json::from_str::<Number>(bad).is_err(), "{bad}");
        }
    }
}
