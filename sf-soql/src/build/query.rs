use super::keyset;
use crate::{Item, Problems, Statement};
use sf_core::{IntoQuery, ObjectName, Record, SObject, Soql};
use std::{fmt, marker::PhantomData, str::FromStr};

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
    pub(super) statement: Statement,
    /// The items are the model's own list, which the first `select` replaces.
    pub(super) preset: bool,
    row: PhantomData<fn() -> T>,
}

impl Query {
    /// Rows of a model; selects its columns unless [`select`](Query::select) names others.
    ///
    /// ```
    /// sf_core::sobject! {
    ///     /// A plan with a customer.
    ///     pub struct Plan: "CX_Plan__c" { name / NAME: String = "Name", score / SCORE: Number = "Score__c" }
    /// }
    /// use sf_core::Number;
    /// use sf_soql::Query;
    /// assert_eq!(Query::of::<Plan>().to_string(), "SELECT Id, Name, Score__c FROM CX_Plan__c");
    /// assert_eq!(Query::of::<Plan>().select([Plan::NAME]).to_string(), "SELECT Name FROM CX_Plan__c");
    /// ```
    pub fn of<T: SObject>() -> Query<T> {
        let mut statement = Statement::new(T::OBJECT);
        statement.items = T::COLUMNS.iter().map(|column| Item::from(*column)).collect();
        Query { preset: true, ..Query::on(statement) }
    }

    /// Untyped rows; nothing is selected yet.
    ///
    /// ```
    /// use sf_core::{field, object};
    /// use sf_soql::Query;
    /// let query = Query::from(object!("Account")).select([field!("Id")]);
    /// assert_eq!(query.to_soql()?.as_str(), "SELECT Id FROM Account");
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    #[allow(clippy::should_implement_trait)]
    pub fn from(object: ObjectName) -> Query {
        Query::on(Statement::new(object))
    }

    /// The query of a tree. ([`Query::from`] takes an object, so the `From` of a statement is hard to reach.)
    ///
    /// ```
    /// use sf_soql::{Query, Statement};
    /// let mut statement = Statement::parse("SELECT Id FROM Account")?;
    /// statement.limit = Some(5.into());
    /// assert_eq!(Query::of_statement(statement).to_soql()?.as_str(), "SELECT Id FROM Account LIMIT 5");
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    pub fn of_statement(statement: Statement) -> Query {
        Query::on(statement)
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

    /// Another tree with the rows of this query.
    pub(crate) fn with_statement(&self, statement: Statement) -> Query<T> {
        Query { statement, preset: self.preset, row: PhantomData }
    }

    /// Decodes rows as something else, an aggregate's own type for example.
    ///
    /// ```
    /// use sf_core::{models::Account, object};
    /// use sf_soql::Query;
    /// let accounts: Query<Account> = Query::parse("SELECT Id FROM Account")?.rows_as();
    /// assert_eq!(accounts.to_string(), "SELECT Id FROM Account");
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
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
    /// other fields or with ORDER BY, a semi-join with more than one field, a date outside of 1700 to 4000, a
    /// parameter that is not bound; two WITH clauses, two kinds of GROUP BY, a name for FIELDS().
    pub fn to_soql(&self) -> Result<Soql, Problems> {
        let text = self.statement.to_soql()?;
        let has_children = self.statement.children().next().is_some();
        Ok(Soql::built(text, has_children, keyset::form(&self.statement)))
    }
}

impl<T> Query<T> {
    /// The statement with its clauses on lines of their own, see [`Statement::to_pretty`].
    ///
    /// # Errors
    /// As for [`to_soql`](Query::to_soql).
    pub fn to_pretty(&self) -> Result<String, Problems> {
        self.statement.to_pretty()
    }
}

impl FromStr for Query {
    type Err = Problems;
    fn from_str(text: &str) -> Result<Query, Problems> {
        Query::parse(text)
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
