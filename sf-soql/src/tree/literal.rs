use crate::{DateLiteral, Op, Pattern};
use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use sf_core::{Number, SfId, Timestamp};
use std::borrow::Cow;
use std::fmt;

/// A value in a statement. Values enter a query only as one of these, so no text can change its shape.
///
/// Made from text, whole numbers (for others `Number` keeps their digits, `"37.5".parse::<Number>()`), booleans, ids, dates, the standard picklists (of an own one take `as_str()`) and
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
    /// `:name` of a [`Template`](crate::Template) that is not bound yet, or an expression of Apex.
    Parameter(String),
}

impl Literal {
    /// As it reads back after that operator; `None` in a list.
    pub(super) fn normalized(self, op: Option<Op>) -> Literal {
        match self {
            Literal::Text(text) if op == Some(Op::Like) => Literal::Pattern(Pattern::exact(text)),
            Literal::Time(time) => Literal::Time(milliseconds(time)),
            Literal::DateTime(at) => Literal::from(at),
            other => other,
        }
    }
}

fn milliseconds(time: NaiveTime) -> NaiveTime {
    time.with_nanosecond(time.nanosecond() / 1_000_000 * 1_000_000).unwrap_or(time)
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
    i8 => |v: i8| Literal::Number(i32::from(v).into());
    i16 => |v: i16| Literal::Number(i32::from(v).into());
    u8 => |v: u8| Literal::Number(u32::from(v).into());
    u16 => |v: u16| Literal::Number(u32::from(v).into());
    usize => |v: usize| Literal::Number((v as u64).into());
    &i32 => |v: &i32| Literal::Number((*v).into());
    &i64 => |v: &i64| Literal::Number((*v).into());
    &Number => |v: &Number| Literal::Number(v.clone());
    &Literal => |v: &Literal| v.clone();
    &&str => |v: &&str| Literal::Text((*v).to_owned());
    Cow<'_, str> => |v: Cow<'_, str>| Literal::Text(v.into_owned());
    DateTime<Utc> => |v: DateTime<Utc>| Literal::from(Timestamp::from(v));
    u32 => |v: u32| Literal::Number(v.into());
    u64 => |v: u64| Literal::Number(v.into());
    Number => Literal::Number;
    &str => |v: &str| Literal::Text(v.to_owned());
    &String => |v: &String| Literal::Text(v.clone());
    String => Literal::Text;
    SfId => |v: SfId| Literal::Text(v.as_str().to_owned());
    &SfId => |v: &SfId| Literal::Text(v.as_str().to_owned());
    NaiveDate => Literal::Date;
    NaiveTime => |v: NaiveTime| Literal::Time(milliseconds(v));
    DateLiteral => Literal::DateLiteral;
    Pattern => Literal::Pattern;
    // Finer than the org keeps, like times; cut here so that what is written reads back equal.
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
