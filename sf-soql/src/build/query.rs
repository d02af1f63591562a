use super::keyset;
use crate::{
    Access, Condition, For, Function, GroupBy, Identifier, Item, Operand, Order, Problems, Statement,
};
use sf_core::{ChildRelationship, IntoQuery, ObjectName, Record, SObject, Soql};
use std::{fmt, marker::PhantomData};

/// A SELECT statement whose rows are `T`s. `T` only says how rows are decoded; the tree is [`Statement`].
///
/// ```
/// use sf_core::{models::{Account, Opportunity}, path};
/// use sf_soql::prelude::*;
/// let open = Account::OPPORTUNITIES
///     .select([Opportunity::NAME, Opportunity::AMOUNT])
///     .filter(Opportunity::IS_CLOSED.eq(false));
/// let query = Query::of::<Account>()
///     .select([Account::ID, Account::NAME])
///     .select([path!("Owner.Name")])
///     .with(open)
///     .filter(Account::NAME.ne("x"))
///     .filter(Account::INDUSTRY.eq("Energy") | Account::INDUSTRY.is_null())
///     .order_by(Account::NAME.desc().nulls_last())
///     .limit(5)
///     .offset(10);
/// assert_eq!(
///     query.to_string(),
///     "SELECT Id, Name, Owner.Name, (SELECT Name, Amount FROM Opportunities WHERE IsClosed = FALSE) FROM Account \
///      WHERE Name != 'x' AND (Industry = 'Energy' OR Industry = null) ORDER BY Name DESC NULLS LAST LIMIT 5 OFFSET 10"
/// );
/// ```
pub struct Query<T = Record> {
    statement: Statement,
    /// The items are the model's own list, which the first `select` replaces.
    preset: bool,
    row: PhantomData<fn() -> T>,
}

impl Query {
    /// Rows of a model; selects its columns unless [`select`](Query::select) names others.
    pub fn of<T: SObject>() -> Query<T> {
        let mut statement = Statement::new(T::OBJECT);
        statement.items = T::COLUMNS.iter().map(|column| Item::from(*column)).collect();
        Query { preset: true, ..Query::on(statement) }
    }

    /// Untyped rows; nothing is selected yet.
    #[allow(clippy::should_implement_trait)]
    pub fn from(object: ObjectName) -> Query {
        Query::on(Statement::new(object))
    }

    /// Reads one statement; a `;` may end it.
    ///
    /// ```
    /// use sf_soql::Query;
    /// let query = Query::parse("select Id from Group where Name like 'a\\_%' limit 3;")?;
    /// assert_eq!(query.to_soql()?.as_str(), r"SELECT Id FROM Group WHERE Name LIKE 'a\_%' LIMIT 3");
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    ///
    /// # Errors
    /// The first syntax error, with its place.
    pub fn parse(text: &str) -> Result<Query, Problems> {
        Statement::parse(text).map(Query::on)
    }
}

impl<T> Query<T> {
    pub(crate) fn on(statement: Statement) -> Query<T> {
        Query { statement, preset: false, row: PhantomData }
    }

    /// Adds fields, paths or functions. The first call replaces the model's own list.
    #[must_use]
    pub fn select<I: Into<Item>>(mut self, items: impl IntoIterator<Item = I>) -> Self {
        if std::mem::take(&mut self.preset) {
            self.statement.items.retain(|item| !matches!(item, Item::Value { .. }));
        }
        self.statement.items.extend(items.into_iter().map(Into::into));
        self
    }

    /// Adds a function or field under a name of its own, the key in the rows. The org takes names only in grouped
    /// and aggregate queries.
    #[must_use]
    pub fn select_as(self, item: impl Into<Item>, alias: &str) -> Self {
        self.select([item.into().named(Identifier::unchecked(alias))])
    }

    /// `SELECT COUNT()`: the number of rows, without any row.
    #[must_use]
    pub fn count(mut self) -> Self {
        let value = Operand::Call { function: Function::Count, argument: None };
        self.preset = false;
        self.statement.items = vec![Item::Value { value, alias: None }];
        self
    }

    /// Child rows of each row.
    #[must_use]
    pub fn with<C>(mut self, children: Query<C>) -> Self {
        self.statement.items.push(Item::Children { query: Box::new(children.statement), alias: None });
        self
    }

    /// ANDed to what is there.
    #[must_use]
    pub fn filter(mut self, condition: Condition) -> Self {
        self.statement.filter = Some(both(self.statement.filter.take(), condition));
        self
    }

    /// Adds to GROUP BY.
    #[must_use]
    pub fn group_by<O: Into<Operand>>(mut self, values: impl IntoIterator<Item = O>) -> Self {
        let values = values.into_iter().map(Into::into);
        match &mut self.statement.group {
            Some(GroupBy::Values(list) | GroupBy::Rollup(list) | GroupBy::Cube(list)) => list.extend(values),
            None => self.statement.group = Some(GroupBy::Values(values.collect())),
        }
        self
    }

    /// `GROUP BY ROLLUP(…)`: with subtotals.
    #[must_use]
    pub fn group_by_rollup<O: Into<Operand>>(mut self, values: impl IntoIterator<Item = O>) -> Self {
        self.statement.group = Some(GroupBy::Rollup(values.into_iter().map(Into::into).collect()));
        self
    }

    /// `GROUP BY CUBE(…)`: with subtotals of every combination.
    #[must_use]
    pub fn group_by_cube<O: Into<Operand>>(mut self, values: impl IntoIterator<Item = O>) -> Self {
        self.statement.group = Some(GroupBy::Cube(values.into_iter().map(Into::into).collect()));
        self
    }

    /// A condition on groups, ANDed to what is there.
    #[must_use]
    pub fn having(mut self, condition: Condition) -> Self {
        self.statement.having = Some(both(self.statement.having.take(), condition));
        self
    }

    /// Adds to ORDER BY.
    #[must_use]
    pub fn order_by<O: Into<Order>>(mut self, order: O) -> Self {
        self.statement.order.push(order.into());
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

    /// `USING SCOPE mine`
    #[must_use]
    pub fn scope(mut self, scope: Identifier) -> Self {
        self.statement.scope = Some(scope);
        self
    }

    /// `WITH USER_MODE` and the like.
    #[must_use]
    pub fn access(mut self, access: Access) -> Self {
        self.statement.with = Some(access.into());
        self
    }

    /// `FOR VIEW`, `FOR REFERENCE`: the rows count as seen by the user.
    #[must_use]
    pub fn purpose(mut self, purpose: For) -> Self {
        self.statement.purposes = vec![purpose];
        self
    }

    /// Decodes rows as something else, an aggregate's own type for example.
    #[must_use]
    pub fn rows_as<U>(self) -> Query<U> {
        Query { statement: self.statement, preset: self.preset, row: PhantomData }
    }

    /// The tree.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The tree, to change it.
    pub fn into_statement(self) -> Statement {
        self.statement
    }

    /// The statement, ready to send.
    ///
    /// ```
    /// use sf_core::{field, object};
    /// use sf_soql::prelude::*;
    /// let nobody: [&str; 0] = [];
    /// let problems = Query::from(object!("Account")).filter(field!("Id").is_in(nobody)).to_soql().unwrap_err();
    /// let found: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    /// assert_eq!(found, ["nothing is selected", "the list of IN is empty"]);
    /// ```
    ///
    /// # Errors
    /// All problems at once: nothing selected, an empty IN list, an empty `all` or `any`, a reserved word as a
    /// name, a text over 4,000 or a statement over 100,000 characters, HAVING without GROUP BY, COUNT() beside
    /// other fields, a semi-join with more than one field, a date outside of 1700 to 4000, a parameter that is
    /// not bound.
    pub fn to_soql(&self) -> Result<Soql, Problems> {
        let text = self.statement.to_soql()?;
        let has_children = self.statement.children().next().is_some();
        Ok(Soql::built(text, has_children, keyset::form(&self.statement)))
    }
}

fn both(present: Option<Condition>, more: Condition) -> Condition {
    let more = more.normalized();
    match present {
        None => more,
        Some(present) => present & more,
    }
}

impl<T> From<Statement> for Query<T> {
    fn from(statement: Statement) -> Query<T> {
        Query::on(statement)
    }
}

impl<T> Clone for Query<T> {
    fn clone(&self) -> Self {
        Query { statement: self.statement.clone(), preset: self.preset, row: PhantomData }
    }
}
impl<T> PartialEq for Query<T> {
    fn eq(&self, other: &Self) -> bool {
        self.statement == other.statement
    }
}
impl<T> Eq for Query<T> {}
impl<T> fmt::Debug for Query<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Query({self})")
    }
}
/// The text, with `<…>` where something cannot be written.
impl<T> fmt::Display for Query<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statement.fmt(f)
    }
}

impl<T: serde::de::DeserializeOwned + Send + 'static> IntoQuery for Query<T> {
    type Row = T;
    fn into_soql(self) -> sf_core::Result<Soql> {
        Ok(self.to_soql()?)
    }
}
impl<T: serde::de::DeserializeOwned + Send + 'static> IntoQuery for &Query<T> {
    type Row = T;
    fn into_soql(self) -> sf_core::Result<Soql> {
        Ok(self.to_soql()?)
    }
}

/// `Account::OPPORTUNITIES.select([…])`: a child subquery.
pub trait SelectChildren<C> {
    /// The query of the children; for [`Query::with`].
    fn select<I: Into<Item>>(self, items: impl IntoIterator<Item = I>) -> Query<C>;
}
impl<C> SelectChildren<C> for ChildRelationship<C> {
    fn select<I: Into<Item>>(self, items: impl IntoIterator<Item = I>) -> Query<C> {
        Query::on(Statement::new(self.name())).select(items)
    }
}
