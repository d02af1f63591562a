//! What follows the SELECT list.

use super::query::Query;
use crate::{
    Access, CategoryFilter, Condition, For, GroupBy, Identifier, Literal, Operand, Order, PathAlias,
    Problems, UsageStatistics, With,
};
use sf_core::FieldPath;

/// # Clauses
///
/// ```
/// use sf_core::{field, object, path};
/// use sf_soql::{Access, CategoryFilter, For, UsageStatistics, functions::*, prelude::*};
/// let query = || Query::from(object!("Account")).select([field!("Id")]);
/// let shows = |query: Query, rest: &str| {
///     assert_eq!(query.to_soql().unwrap().as_str().strip_prefix("SELECT Id FROM Account "), Some(rest));
/// };
///
/// // FROM
/// shows(query().alias("a").filter(path!("a.Name").eq("x")), "a WHERE a.Name = 'x'");
/// shows(
///     query().alias("a").path_alias(path!("a.Owner"), "o").filter(path!("o.Name").eq("x")),
///     "a, a.Owner o WHERE o.Name = 'x'",
/// );
/// shows(query().scope("mine"), "USING SCOPE mine");
///
/// // WHERE; every further filter narrows
/// shows(
///     query().filter(field!("A").eq(1)).filter(field!("B").eq(2) | field!("C").eq(3)),
///     "WHERE A = 1 AND (B = 2 OR C = 3)",
/// );
/// shows(
///     query().filter(field!("A").eq(1)).filter_raw("B = 2 OR C = 3")?,
///     "WHERE A = 1 AND (B = 2 OR C = 3)",
/// );
///
/// // WITH; two different ones are a problem of the query
/// shows(query().access(Access::UserMode), "WITH USER_MODE");
/// shows(query().with_filter("Network", "0DB000000000001"), "WITH Network = '0DB000000000001'");
/// shows(
///     query().data_category([
///         CategoryFilter::above(object!("Geography__c"), [object!("France__c")]),
///         CategoryFilter::at(object!("Product__c"), [object!("TV__c"), object!("Radio__c")]),
///     ]),
///     "WITH DATA CATEGORY Geography__c ABOVE France__c AND Product__c AT (TV__c, Radio__c)",
/// );
///
/// // GROUP BY and HAVING; fields are added, but the three kinds cannot be mixed
/// shows(query().group_by([field!("A"), field!("B")]), "GROUP BY A, B");
/// shows(query().group_by_rollup([field!("A"), field!("B")]), "GROUP BY ROLLUP(A, B)");
/// shows(query().group_by_cube([field!("A"), field!("B")]), "GROUP BY CUBE(A, B)");
/// shows(
///     query().group_by([field!("Id")]).having(count(field!("B")).gt(1)).having(sum(field!("C")).lt(5)),
///     "GROUP BY Id HAVING COUNT(B) > 1 AND SUM(C) < 5",
/// );
///
/// // ORDER BY, LIMIT, OFFSET
/// shows(query().order_by(field!("A")).order_by(field!("B").desc()), "ORDER BY A, B DESC");
/// shows(query().order_by(field!("A").asc().nulls_last()), "ORDER BY A NULLS LAST");
/// shows(query().limit(10).offset(20), "LIMIT 10 OFFSET 20");
///
/// // FOR and UPDATE
/// shows(query().purpose(For::View), "FOR VIEW");
/// shows(query().purpose(For::Reference), "FOR REFERENCE");
/// shows(
///     query().update([UsageStatistics::Tracking, UsageStatistics::Viewstat]),
///     "UPDATE TRACKING, VIEWSTAT",
/// );
/// # Ok::<(), sf_soql::Problems>(())
/// ```
///
/// Text is no condition and no name of a field, and what is no number is no number of rows:
///
/// ```compile_fail
/// # use sf_core::object;
/// sf_soql::Query::from(object!("Account")).filter("Name = 'x' OR Id != null");
/// ```
///
/// ```compile_fail
/// # use sf_core::object;
/// sf_soql::Query::from(object!("Account")).order_by("Name LIMIT 1");
/// ```
///
/// ```compile_fail
/// # use sf_core::object;
/// sf_soql::Query::from(object!("Account")).group_by(["Name"]);
/// ```
///
/// ```compile_fail
/// # use sf_core::object;
/// sf_soql::Query::from(object!("Account")).limit("5 OFFSET 1");
/// ```
impl<T> Query<T> {
    /// `FROM Account a`: a path may begin with the alias.
    #[must_use]
    pub fn alias(mut self, alias: &str) -> Self {
        self.statement.alias = Some(Identifier::unchecked(alias));
        self
    }

    /// `FROM Contact c, c.Account a`: a shorter way to write a path to a parent; it joins nothing. The path begins
    /// with an alias that was given before.
    #[must_use]
    pub fn path_alias(mut self, path: impl Into<FieldPath>, alias: &str) -> Self {
        let alias = Some(Identifier::unchecked(alias));
        self.statement.path_aliases.push(PathAlias { path: path.into(), alias });
        self
    }

    /// `USING SCOPE mine`
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.statement.scope = Some(Identifier::unchecked(scope));
        self
    }

    /// ANDed to what is there.
    #[must_use]
    pub fn filter(mut self, condition: Condition) -> Self {
        self.statement.filter = Some(both(self.statement.filter.take(), condition));
        self
    }

    /// A condition as text, ANDed to what is there: the only way for text that somebody wrote as SOQL. It is read
    /// as [`Condition::parse`] reads it and written anew, so it stays one condition: it cannot end the WHERE clause,
    /// and its OR is put in parentheses. But whoever writes it chooses which rows come: a user's input belongs
    /// into a value.
    ///
    /// ```
    /// use sf_core::{field, object};
    /// use sf_soql::prelude::*;
    /// let query = || Query::from(object!("Account")).select([field!("Id")]).filter(field!("Type").eq("x"));
    /// let filtered = query().filter_raw("Name = 'a' OR Name = 'b'")?;
    /// assert_eq!(
    ///     filtered.to_soql()?.as_str(),
    ///     "SELECT Id FROM Account WHERE Type = 'x' AND (Name = 'a' OR Name = 'b')"
    /// );
    /// for more_than_a_condition in ["Name = 'a') OR (Id != null", "Name = 'a' LIMIT 1", "Name = 'a' --", ""] {
    ///     assert!(query().filter_raw(more_than_a_condition).is_err());
    /// }
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    ///
    /// # Errors
    /// The first syntax error, with its place in the condition's text.
    pub fn filter_raw(self, condition: &str) -> Result<Self, Problems> {
        Ok(self.filter(Condition::parse(condition)?))
    }

    /// `WITH USER_MODE` and the like. A query has one WITH: a second, different one is a problem of the query, so that
    /// none gets lost.
    #[must_use]
    pub fn access(self, access: Access) -> Self {
        self.with_clause(access.into())
    }

    /// `WITH name = 'value'`, a filter that some objects know. Not beside another WITH, see
    /// [`access`](Query::access).
    #[must_use]
    pub fn with_filter(self, name: &str, value: impl Into<Literal>) -> Self {
        self.with_clause(With::Filter { name: Identifier::unchecked(name), value: value.into() })
    }

    /// `WITH DATA CATEGORY …`, of articles and questions: all of the filters hold. Not beside
    /// another WITH, see [`access`](Query::access).
    #[must_use]
    pub fn data_category(self, filters: impl IntoIterator<Item = CategoryFilter>) -> Self {
        self.with_clause(With::DataCategory(filters.into_iter().collect()))
    }

    fn with_clause(mut self, with: With) -> Self {
        match &self.statement.with {
            None => self.statement.with = Some(with),
            Some(present) if *present == with => {}
            Some(_) => self.contradiction(
                "two WITH clauses",
                "SOQL takes one: USER_MODE and the like, a filter, or data categories",
            ),
        }
        self
    }

    /// Adds to GROUP BY. After [`group_by_rollup`](Query::group_by_rollup) or [`group_by_cube`](Query::group_by_cube)
    /// it is a problem of the query: SOQL does not mix them.
    #[must_use]
    pub fn group_by<O: Into<Operand>>(self, values: impl IntoIterator<Item = O>) -> Self {
        self.group(GroupBy::Values(values.into_iter().map(Into::into).collect()))
    }

    /// `GROUP BY ROLLUP(…)`: with subtotals. Added to what is there; not beside the other kinds.
    #[must_use]
    pub fn group_by_rollup<O: Into<Operand>>(self, values: impl IntoIterator<Item = O>) -> Self {
        self.group(GroupBy::Rollup(values.into_iter().map(Into::into).collect()))
    }

    /// `GROUP BY CUBE(…)`: with subtotals of every combination. Added to what is there; not beside the other kinds.
    #[must_use]
    pub fn group_by_cube<O: Into<Operand>>(self, values: impl IntoIterator<Item = O>) -> Self {
        self.group(GroupBy::Cube(values.into_iter().map(Into::into).collect()))
    }

    fn group(mut self, more: GroupBy) -> Self {
        match (&mut self.statement.group, more) {
            (group @ None, more) => *group = Some(more),
            (Some(GroupBy::Values(list)), GroupBy::Values(more))
            | (Some(GroupBy::Rollup(list)), GroupBy::Rollup(more))
            | (Some(GroupBy::Cube(list)), GroupBy::Cube(more)) => list.extend(more),
            (Some(_), _) => self.contradiction(
                "two kinds of GROUP BY",
                "SOQL groups by fields, by ROLLUP or by CUBE: name all fields in one of them",
            ),
        }
        self
    }

    /// A condition on groups, ANDed to what is there.
    #[must_use]
    pub fn having(mut self, condition: Condition) -> Self {
        self.statement.having = Some(both(self.statement.having.take(), condition));
        self
    }

    /// Adds to ORDER BY. Of `COUNT()` it is a problem of the query: a single number has no order.
    #[must_use]
    pub fn order_by<O: Into<Order>>(mut self, order: O) -> Self {
        self.statement.order.push(order.into());
        if self.statement.is_count() {
            self.ordered_count();
        }
        self
    }

    /// At most so many rows.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.statement.limit = Some(rows.into());
        self
    }

    /// Leaves out the first rows; the org takes 2000 at most.
    #[must_use]
    pub fn offset(mut self, rows: u64) -> Self {
        self.statement.offset = Some(rows.into());
        self
    }

    /// `FOR VIEW`, `FOR REFERENCE`: the rows count as seen by the user. The last one counts.
    #[must_use]
    pub fn purpose(mut self, purpose: For) -> Self {
        self.statement.purposes = vec![purpose];
        self
    }

    /// `UPDATE TRACKING`, `UPDATE VIEWSTAT`: the query counts in the statistics of knowledge articles. Added to what is
    /// there.
    #[must_use]
    pub fn update(mut self, statistics: impl IntoIterator<Item = UsageStatistics>) -> Self {
        for statistics in statistics {
            if !self.statement.update.contains(&statistics) {
                self.statement.update.push(statistics);
            }
        }
        self
    }
}

/// ANDed, without a look at what is there already.
pub(crate) fn both(present: Option<Condition>, more: Condition) -> Condition {
    let more = more.normalized();
    match present {
        None => more,
        Some(present) => present & more,
    }
}
