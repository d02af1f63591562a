use crate::{Problems, Query, query::Order};
use sf_core::{Column, FieldName, FieldPath, Number, SfId, Timestamp};
use std::{fmt, ops};

/// A value in a statement. Values enter a query only as one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Literal {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Date(chrono::NaiveDate),
    DateTime(Timestamp),
    DateRange { name: &'static str, count: Option<u32> },
    Currency { code: [u8; 3], amount: Number },
    Parameter(String),
}
macro_rules! from { ($($t:ty => $f:expr;)*) => { $(impl From<$t> for Literal { fn from(v: $t) -> Literal { ($f)(v) } })* } }
from! {
    &str => |v: &str| Literal::Text(v.into()); String => Literal::Text; &String => |v: &String| Literal::Text(v.clone()); bool => Literal::Bool;
    i32 => |v: i32| Literal::Number(v.into()); i64 => |v: i64| Literal::Number(v.into()); u32 => |v: u32| Literal::Number(v.into()); Number => Literal::Number;
    SfId => |v: SfId| Literal::Text(v.to_string()); chrono::NaiveDate => Literal::Date; Timestamp => Literal::DateTime;
    sf_core::models::Industry => |v: sf_core::models::Industry| Literal::Text(v.as_str().into());
}
impl<T: Into<Literal>> From<Option<T>> for Literal {
    fn from(v: Option<T>) -> Literal {
        v.map_or(Literal::Null, Into::into)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operand {
    Field(FieldPath),
    Function { name: &'static str, argument: Box<Operand> },
}
impl From<FieldPath> for Operand {
    fn from(p: FieldPath) -> Operand {
        Operand::Field(p)
    }
}
impl From<FieldName> for Operand {
    fn from(p: FieldName) -> Operand {
        Operand::Field(p.into())
    }
}
impl From<Column> for Operand {
    fn from(c: Column) -> Operand {
        Operand::Field(c.into())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Like,
}

/// What follows WHERE.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    Compare {
        left: Operand,
        op: Op,
        right: Literal,
    },
    In {
        left: Operand,
        not: bool,
        list: Vec<Literal>,
    },
    InQuery {
        left: Operand,
        not: bool,
        query: Box<Query>,
    },
    Includes {
        left: Operand,
        not: bool,
        sets: Vec<String>,
    },
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    /// Matches nothing; what an empty list means when you say so.
    Never,
}
impl Condition {
    /// A bare WHERE clause as an administrator types it, and nothing more.
    pub fn parse(_text: &str) -> Result<Condition, Problems> {
        todo!()
    }
}
impl ops::BitAnd for Condition {
    type Output = Condition;
    fn bitand(self, o: Condition) -> Condition {
        Condition::And(vec![self, o])
    }
}
impl ops::BitOr for Condition {
    type Output = Condition;
    fn bitor(self, o: Condition) -> Condition {
        Condition::Or(vec![self, o])
    }
}
impl ops::Not for Condition {
    type Output = Condition;
    fn not(self) -> Condition {
        Condition::Not(Box::new(self))
    }
}
impl fmt::Display for Condition {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}
pub fn all(c: impl IntoIterator<Item = Condition>) -> Condition {
    Condition::And(c.into_iter().collect())
}
pub fn any(c: impl IntoIterator<Item = Condition>) -> Condition {
    Condition::Or(c.into_iter().collect())
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for sf_core::Column {}
    impl Sealed for sf_core::FieldName {}
    impl Sealed for sf_core::FieldPath {}
    impl Sealed for super::Operand {}
}
/// Comparisons on anything that names a field.
pub trait Filterable: sealed::Sealed + Into<Operand> + Sized {
    fn eq(self, value: impl Into<Literal>) -> Condition {
        Condition::Compare { left: self.into(), op: Op::Eq, right: value.into() }
    }
    fn ne(self, value: impl Into<Literal>) -> Condition {
        Condition::Compare { left: self.into(), op: Op::Ne, right: value.into() }
    }
    fn lt(self, value: impl Into<Literal>) -> Condition {
        Condition::Compare { left: self.into(), op: Op::Lt, right: value.into() }
    }
    fn ge(self, value: impl Into<Literal>) -> Condition {
        Condition::Compare { left: self.into(), op: Op::Ge, right: value.into() }
    }
    fn gt(self, value: impl Into<Literal>) -> Condition {
        Condition::Compare { left: self.into(), op: Op::Gt, right: value.into() }
    }
    fn is_null(self) -> Condition {
        self.eq(Literal::Null)
    }
    fn starts_with(self, _text: impl AsRef<str>) -> Condition {
        todo!("wildcards in the text escaped")
    }
    fn contains(self, _text: impl AsRef<str>) -> Condition {
        todo!()
    }
    /// An empty list is an error of the query; say `Condition::Never` when nothing should match.
    fn is_in<L: Into<Literal>>(self, list: impl IntoIterator<Item = L>) -> Condition {
        Condition::In { left: self.into(), not: false, list: list.into_iter().map(Into::into).collect() }
    }
    fn asc(self) -> Order {
        Order::new(self.into(), false)
    }
    fn desc(self) -> Order {
        Order::new(self.into(), true)
    }
}
impl<T: sealed::Sealed + Into<Operand>> Filterable for T {}
