use super::call::{Call, Named};
use crate::{Condition, Literal, Op, Operand, Order, Pattern, Query};

mod sealed {
    pub trait Sealed {}
    impl Sealed for sf_core::Column {}
    impl Sealed for sf_core::FieldName {}
    impl Sealed for sf_core::FieldPath {}
    impl Sealed for crate::Operand {}
    impl Sealed for crate::Distance {}
    impl<T> Sealed for super::Call<T> {}
    impl<T> Sealed for &super::Named<T> {}
}

/// Comparisons on anything that names a field: a model's column, `field!("…")`, `path!("…")`, a function, a
/// distance.
///
/// ```
/// use sf_core::{field, object, path};
/// use sf_soql::{DateLiteral, Pattern, functions::*, prelude::*};
/// let shows = |condition: Condition, text: &str| assert_eq!(condition.to_soql().as_deref(), Ok(text));
///
/// shows(field!("Name").eq("O'Neil"), r"Name = 'O\'Neil'");
/// shows(field!("Name").ne(None::<String>), "Name != null");
/// shows(field!("Amount__c").lt(5), "Amount__c < 5");
/// shows(field!("Amount__c").le(5), "Amount__c <= 5");
/// shows(field!("CreatedDate").gt(DateLiteral::TODAY), "CreatedDate > TODAY");
/// shows(calendar_year(field!("CreatedDate")).ge(2026), "CALENDAR_YEAR(CreatedDate) >= 2026");
/// shows(field!("ParentId").is_null(), "ParentId = null");
/// shows(field!("ParentId").is_not_null(), "ParentId != null");
///
/// // LIKE: `like` takes a pattern, the others a text whose wildcards mean themselves
/// shows(field!("Name").like("a%_"), "Name LIKE 'a%_'");
/// shows(field!("Name").like(Pattern::exact("50%").one()), r"Name LIKE '50\%_'");
/// shows(field!("Name").starts_with("50%"), r"Name LIKE '50\%%'");
/// shows(path!("Owner.Name").contains("50%"), r"Owner.Name LIKE '%50\%%'");
/// shows(field!("Name").ends_with("50%"), r"Name LIKE '%50\%'");
///
/// // Lists; an empty one is a problem of the query
/// shows(field!("Type").is_in(["A", "B"]), "Type IN ('A', 'B')");
/// shows(field!("Type").not_in(["A", "B"]), "Type NOT IN ('A', 'B')");
/// shows(field!("Products__c").includes(["A;B", "C"]), "Products__c INCLUDES ('A;B', 'C')");
/// shows(field!("Products__c").excludes(["A;B"]), "Products__c EXCLUDES ('A;B')");
///
/// let contacts = || Query::from(object!("Contact")).select([field!("AccountId")]);
/// shows(field!("Id").in_query(contacts()), "Id IN (SELECT AccountId FROM Contact)");
/// shows(field!("Id").not_in_query(contacts()), "Id NOT IN (SELECT AccountId FROM Contact)");
///
/// // To sort by, and to select under a name
/// let query = Query::from(object!("Account"))
///     .select_one(&field!("Type").named::<String>("kind"))
///     .group_by([field!("Type")])
///     .order_by(field!("Type").asc())
///     .order_by(count(field!("Id")).desc().nulls_last());
/// assert_eq!(
///     query.to_soql()?.as_str(),
///     "SELECT Type kind FROM Account GROUP BY Type ORDER BY Type, COUNT(Id) DESC NULLS LAST"
/// );
/// # Ok::<(), sf_soql::Problems>(())
/// ```
///
/// Text cannot be compared with, only fields can, and only with values:
///
/// ```compile_fail
/// use sf_soql::prelude::*;
/// let _: Condition = Filterable::eq("Name", "x");
/// ```
///
/// ```compile_fail
/// use sf_core::field;
/// use sf_soql::prelude::*;
/// let _: Condition = field!("Name").eq(field!("Type"));
/// ```
///
/// ```compile_fail
/// use sf_core::field;
/// use sf_soql::prelude::*;
/// let _: Condition = field!("Id").in_query("SELECT AccountId FROM Contact");
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
    /// `LIKE 'text%'`; wildcards in the text are escaped. The empty text is the beginning of every value: `LIKE '%'`
    /// matches each row that has one.
    fn starts_with(self, text: impl Into<String>) -> Condition {
        self.like(Pattern::starts_with(text))
    }
    /// `LIKE '%text%'`; wildcards in the text are escaped. The empty text is in every value, see
    /// [`starts_with`](Filterable::starts_with): look at what a user typed before it is a filter.
    fn contains(self, text: impl Into<String>) -> Condition {
        self.like(Pattern::contains(text))
    }
    /// `LIKE '%text'`; wildcards in the text are escaped. The empty text ends every value, see
    /// [`starts_with`](Filterable::starts_with).
    fn ends_with(self, text: impl Into<String>) -> Condition {
        self.like(Pattern::ends_with(text))
    }
    /// `IN ('a', 'b')`. An empty list is a problem of the query; say [`Condition::Never`] when nothing should match.
    fn is_in<L: Into<Literal>>(self, list: impl IntoIterator<Item = L>) -> Condition {
        Condition::In { left: self.into(), not: false, list: literals(list) }
    }
    /// `NOT IN ('a', 'b')`; rows without a value match too, unlike in SQL. An empty list is a problem of the query.
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
    /// `EXCLUDES ('A;B', 'C')`; rows without a value match too.
    fn excludes<L: Into<Literal>>(self, sets: impl IntoIterator<Item = L>) -> Condition {
        Condition::Includes { left: self.into(), not: true, sets: literals(sets) }
    }
    /// To select under a name of its own in a grouped query; a `T` is read by it.
    fn named<T>(self, name: &str) -> Named<T> {
        Named::new(self.into(), name)
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
