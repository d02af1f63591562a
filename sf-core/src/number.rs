use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error};
use serde_json::value::RawValue;
use std::{cmp::Ordering, fmt, hash, str::FromStr};

/// A number as the wire wrote it: `300.0`, `1.0E7`, `0.10`. Display and JSON give the same digits back;
/// equality, order and hash go by value (`300.0 == 300`). Exact arithmetic, no float.
#[derive(Clone)]
pub struct Number(Digits);
#[derive(Clone)]
enum Digits {
    Inline { len: u8, text: [u8; 22] },
    Long(Box<str>),
}

impl Number {
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Digits::Inline { len, text } => std::str::from_utf8(&text[..usize::from(*len)]).unwrap_or("0"),
            Digits::Long(s) => s,
        }
    }
    pub fn to_f64(&self) -> f64 {
        todo!()
    }
    /// `None` when it is not whole or out of range.
    pub fn to_i64(&self) -> Option<i64> {
        todo!()
    }
    pub fn checked_add(&self, _other: &Number) -> Option<Number> {
        todo!()
    }
    pub fn checked_sub(&self, _other: &Number) -> Option<Number> {
        todo!()
    }
    /// Half away from zero, as Salesforce rounds a currency.
    pub fn round(&self, _scale: u8) -> Number {
        todo!()
    }
    fn keep(s: &str) -> Number {
        let mut text = [0; 22];
        match text.get_mut(..s.len()) {
            Some(t) => {
                t.copy_from_slice(s.as_bytes());
                Number(Digits::Inline { len: s.len() as u8, text })
            }
            None => Number(Digits::Long(s.into())),
        }
    }
}
impl FromStr for Number {
    type Err = ();
    fn from_str(s: &str) -> Result<Number, ()> {
        match s.as_bytes().first() {
            Some(b'-' | b'0'..=b'9') => Ok(Number::keep(s)),
            _ => Err(()),
        }
    }
}
macro_rules! from_int { ($($t:ty)*) => { $(impl From<$t> for Number { fn from(n: $t) -> Number { Number::keep(&n.to_string()) } })* } }
from_int!(i32 i64 u32 u64);
impl TryFrom<f64> for Number {
    type Error = ();
    fn try_from(_n: f64) -> Result<Number, ()> {
        todo!("refuses NaN and infinity")
    }
}
impl std::iter::Sum for Number {
    fn sum<I: Iterator<Item = Number>>(_i: I) -> Number {
        todo!()
    }
}
impl PartialEq for Number {
    fn eq(&self, o: &Number) -> bool {
        self.cmp(o) == Ordering::Equal
    }
}
impl Eq for Number {}
impl PartialOrd for Number {
    fn partial_cmp(&self, o: &Number) -> Option<Ordering> {
        Some(self.cmp(o))
    }
}
impl Ord for Number {
    fn cmp(&self, _o: &Number) -> Ordering {
        todo!()
    }
}
impl hash::Hash for Number {
    fn hash<H: hash::Hasher>(&self, _h: &mut H) {
        todo!()
    }
}
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Number, D::Error> {
        // Box, not &RawValue: the borrowed form fails on from_value and from_reader.
        Box::<RawValue>::deserialize(d)?.get().parse().map_err(|()| serde::de::Error::custom("not a number"))
    }
}
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(S::Error::custom)?.serialize(s)
    }
}
