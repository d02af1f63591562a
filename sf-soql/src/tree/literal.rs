use crate::{DateLiteral, Pattern};
use chrono::{NaiveDate, NaiveTime};
use sf_core::{Number, SfId, Timestamp};
use std::fmt;

/// A value in a statement. Values enter a query only as one of these, so no text can change its shape.
///
/// Made from text, numbers, booleans, ids, dates, the standard picklists (of an own one take `as_str()`) and
/// `Option`s of them, where `None` is `null`:
///
/// ```
/// use sf_core::models::{Account, Industry};
/// use sf_soql::prelude::*;
/// assert_eq!(Account::INDUSTRY.eq(Industry::Energy).to_string(), "Industry = 'Energy'");
/// assert_eq!(Account::INDUSTRY.eq(None::<Industry>).to_string(), "Industry = null");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Literal {
    /// `null`
    Null,
    /// `TRUE` or `FALSE`
    Bool(bool),
    /// A number with its digits; written without exponent, which SOQL does not know.
    Number(Number),
    /// `'text'`. After LIKE it means exactly this text: wildcards in it are escaped.
    Text(String),
    /// `'te%t'` after LIKE.
    Pattern(Pattern),
    /// `2026-01-31`
    Date(NaiveDate),
    /// `2026-01-31T08:00:00Z`, always UTC, milliseconds at most.
    DateTime(Timestamp),
    /// `08:00:00.000Z`, for fields of type time.
    Time(NaiveTime),
    /// `TODAY`, `LAST_N_DAYS:30`
    DateLiteral(DateLiteral),
    /// `USD5000`, compared as a converted amount in an org with several currencies.
    Currency {
        /// Which currency.
        code: CurrencyCode,
        /// How much; not negative, SOQL has no form for that.
        amount: Number,
    },
    /// `:name` of a [`Template`](crate::Template), not bound yet.
    Parameter(String),
}

/// A currency's three letters, `USD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CurrencyCode([u8; 3]);

impl CurrencyCode {
    /// `None` unless the text is three ASCII letters. Kept in upper case.
    pub fn new(code: &str) -> Option<CurrencyCode> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphabetic).then(|| CurrencyCode(bytes.map(|b| b.to_ascii_uppercase())))
    }

    /// The letters, in upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for CurrencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! from {
    ($($type:ty => $make:expr;)*) => {
        $(impl From<$type> for Literal {
            fn from(value: $type) -> Literal {
                ($make)(value)
            }
        })*
    };
}
from! {
    bool => Literal::Bool;
    i32 => |v: i32| Literal::Number(v.into());
    i64 => |v: i64| Literal::Number(v.into());
    u32 => |v: u32| Literal::Number(v.into());
    u64 => |v: u64| Literal::Number(v.into());
    Number => Literal::Number;
    &str => |v: &str| Literal::Text(v.to_owned());
    &String => |v: &String| Literal::Text(v.clone());
    String => Literal::Text;
    SfId => |v: SfId| Literal::Text(v.as_str().to_owned());
    &SfId => |v: &SfId| Literal::Text(v.as_str().to_owned());
    NaiveDate => Literal::Date;
    NaiveTime => Literal::Time;
    DateLiteral => Literal::DateLiteral;
    Pattern => Literal::Pattern;
    // Finer than the org keeps; cut here so that what is written reads back equal.
    Timestamp => |v: Timestamp| Literal::DateTime(Timestamp::from_millis(v.millis()).unwrap_or(v));
}
macro_rules! from_picklists {
    ($($name:ident)*) => {
        $(impl From<sf_core::models::$name> for Literal {
            fn from(value: sf_core::models::$name) -> Literal {
                Literal::Text(value.as_str().to_owned())
            }
        })*
    };
}
from_picklists! {
    AccountType Industry Ownership Rating LeadSource UserType StageName OpportunityType ForecastCategory
    ForecastCategoryName TaskStatus TaskPriority TaskSubtype CallType Salutation LeadStatus CaseStatus CasePriority
    CaseOrigin CaseType CaseReason EmailMessageStatus EventShowAs GroupEventType RecurrenceType RecurrenceInstance
}
impl<T: Into<Literal>> From<Option<T>> for Literal {
    fn from(value: Option<T>) -> Literal {
        value.map_or(Literal::Null, Into::into)
    }
}
