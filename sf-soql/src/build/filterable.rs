use crate::{Condition, Literal, Op, Operand, Order, Pattern, Query};

mod sealed {
    pub trait Sealed {}
    impl Sealed for sf_core::Column {}
    impl Sealed for sf_core::FieldName {}
    impl Sealed for sf_core::FieldPath {}
    impl Sealed for crate::Operand {}
}

/// Comparisons on anything that names a field: a model's column, `field!("…")`, `path!("…")`, a function.
///
/// ```
/// use sf_core::{field, path};
/// use sf_soql::{DateLiteral, prelude::*};
/// let text = |c: Condition| c.to_string();
/// assert_eq!(text(field!("Name").eq("O'Neil")), r"Name = 'O\'Neil'");
/// assert_eq!(text(path!("Owner.Name").contains("50%")), r"Owner.Name LIKE '%50\%%'");
/// assert_eq!(text(field!("CloseDate").lt(DateLiteral::TODAY)), "CloseDate < TODAY");
/// assert_eq!(text(field!("Type").is_in(["A", "B"])), "Type IN ('A', 'B')");
/// assert_eq!(text(field!("ParentId").is_null()), "ParentId = null");
/// assert_eq!(text(field!("Products__c").includes(["A;B", "C"])), "Products__c INCLUDES ('A;B', 'C')");
/// ```
///
/// Text cannot be compared with, only fields can:
///
/// ```compile_fail
/// use sf_soql::prelude::*;
/// let _: Condition = Filterable::eq("Name", "x");
/// ```
#[allow(clippy::wrong_self_convention)] // `is_null` and `is_in` name the comparison, they ask nothing of self
pub trait Filterable: sealed::Sealed + Into<Operand> + Sized {
    /// `=`; `null` matches rows without a value.
    fn eq(self, value: impl Into<Literal>) -> Condition {
        compare(self, Op::Eq, value)
    }
    /// `!=`; rows without a value match too, unlike in SQL.
    fn ne(self, value: impl Into<Literal>) -> Condition {
        compare(self, Op::Ne, value)
    }
    /// `<`
    fn lt(self, value: impl Into<Literal>) -> Condition {
        compare(self, Op::Lt, value)
    }
    /// `<=`
    fn le(self, value: impl Into<Literal>) -> Condition {
        compare(self, Op::Le, value)
    }
    /// `>`
    fn gt(self, value: impl Into<Literal>) -> Condition {
        compare(self, Op::Gt, value)
    }
    /// `>=`
    fn ge(self, value: impl Into<Literal>) -> Condition {
        compare(self, Op::Ge, value)
    }
    /// `= null`
    fn is_null(self) -> Condition {
        compare(self, Op::Eq, Literal::Null)
    }
    /// `!= null`
    fn is_not_null(self) -> Condition {
        compare(self, Op::Ne, Literal::Null)
    }
    /// `LIKE`; in a `&str`, `%` and `_` are wildcards. For a user's text take [`contains`](Filterable::contains)
    /// and its sisters.
    fn like(self, pattern: impl Into<Pattern>) -> Condition {
        compare(self, Op::Like, pattern.into())
    }
    /// `LIKE 'text%'`; wildcards in the text are escaped.
    fn starts_with(self, text: impl Into<String>) -> Condition {
        self.like(Pattern::starts_with(text))
    }
    /// `LIKE '%text%'`; wildcards in the text are escaped.
    fn contains(self, text: impl Into<String>) -> Condition {
        self.like(Pattern::contains(text))
    }
    /// `LIKE '%text'`; wildcards in the text are escaped.
    fn ends_with(self, text: impl Into<String>) -> Condition {
        self.like(Pattern::ends_with(text))
    }
    /// `IN ('a', 'b')`. An empty list is a problem of the query; say [`Condition::Never`] when nothing should match.
    fn is_in<L: Into<Literal>>(self, list: impl IntoIterator<Item = L>) -> Condition {
        Condition::In { left: self.into(), not: false, list: literals(list) }
    }
    /// `NOT IN ('a', 'b')`. An empty list is a problem of the query.
    fn not_in<L: Into<Literal>>(self, list: impl IntoIterator<Item = L>) -> Condition {
        Condition::In { left: self.into(), not: true, list: literals(list) }
    }
    /// `IN (SELECT AccountId FROM Contact)`: the query selects one id or reference field, without ORDER BY and LIMIT.
    fn in_query<T>(self, query: Query<T>) -> Condition {
        Condition::InQuery { left: self.into(), not: false, query: Box::new(query.into_statement()) }
    }
    /// `NOT IN (SELECT …)`
    fn not_in_query<T>(self, query: Query<T>) -> Condition {
        Condition::InQuery { left: self.into(), not: true, query: Box::new(query.into_statement()) }
    }
    /// `INCLUDES ('A;B', 'C')` of a multi-select picklist: (A and B) or C.
    fn includes<L: Into<Literal>>(self, sets: impl IntoIterator<Item = L>) -> Condition {
        Condition::Includes { left: self.into(), not: false, sets: literals(sets) }
    }
    /// `EXCLUDES ('A;B', 'C')`
    fn excludes<L: Into<Literal>>(self, sets: impl IntoIterator<Item = L>) -> Condition {
        Condition::Includes { left: self.into(), not: true, sets: literals(sets) }
    }
    /// To sort by, small values first.
    fn asc(self) -> Order {
        Order::new(self)
    }
    /// To sort by, large values first.
    fn desc(self) -> Order {
        Order::new(self).descending()
    }
}

impl<T: sealed::Sealed + Into<Operand>> Filterable for T {}

fn compare(left: impl Into<Operand>, op: Op, right: impl Into<Literal>) -> Condition {
    Condition::Compare { left: left.into(), op, right: right.into() }
}

fn literals<L: Into<Literal>>(list: impl IntoIterator<Item = L>) -> Vec<Literal> {
    list.into_iter().map(Into::into).collect()
}
