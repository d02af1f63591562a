//! What is selected.

use super::query::Query;
use crate::{Function, Identifier, Item, Operand, Problem, Statement};
use sf_core::ChildRelationship;

/// # What is selected
///
/// ```
/// use sf_core::{ChildRelationship, Record, field, models::{Account, Opportunity}, object, path};
/// use sf_soql::{FieldSet, functions::*, prelude::*};
/// let account = || Query::from(object!("Account"));
/// let shows = |query: Query, text: &str| assert_eq!(query.to_soql().unwrap().as_str(), text);
///
/// shows(account().select([field!("Id"), field!("Name")]), "SELECT Id, Name FROM Account");
/// shows(account().select([path!("Owner.Name")]), "SELECT Owner.Name FROM Account");
/// shows(account().select([to_label(field!("Type"))]), "SELECT toLabel(Type) FROM Account");
/// shows(account().select([FieldSet::All]).limit(200), "SELECT FIELDS(ALL) FROM Account LIMIT 200");
/// shows(account().select_one(field!("Id")).select_one(path!("Owner.Name")), "SELECT Id, Owner.Name FROM Account");
/// shows(account().select_as(max(field!("Name")), "largest"), "SELECT MAX(Name) largest FROM Account");
/// shows(account().count(), "SELECT COUNT() FROM Account");
///
/// // Child rows, by a model's relationship or by one of your own. They nest.
/// const STEPS: ChildRelationship<Record> = ChildRelationship::new("Steps__r");
/// let open = Account::OPPORTUNITIES
///     .select([Opportunity::NAME])
///     .filter(Opportunity::IS_CLOSED.eq(false))
///     .order_by(Opportunity::CLOSE_DATE)
///     .limit(5)
///     .with(STEPS.select([field!("Name")]));
/// shows(
///     account().select([field!("Id")]).with(open),
///     "SELECT Id, (SELECT Name, (SELECT Name FROM Steps__r) FROM Opportunities \
///      WHERE IsClosed = FALSE ORDER BY CloseDate LIMIT 5) FROM Account",
/// );
/// ```
///
/// Text is no field; `field!` and `path!` look at it when the program is compiled:
///
/// ```compile_fail
/// # use sf_core::object;
/// sf_soql::Query::from(object!("Account")).select(["Name FROM User"]);
/// ```
///
/// ```compile_fail
/// # use sf_core::{field, object};
/// sf_soql::Query::from(object!("Account")).select([field!("Name FROM User")]);
/// ```
impl<T> Query<T> {
    /// Adds fields, paths, functions, [`FieldSet`](crate::FieldSet)s, [`type_of`](crate::type_of)s. The first call
    /// replaces the model's own list.
    #[must_use]
    pub fn select<I: Into<Item>>(mut self, items: impl IntoIterator<Item = I>) -> Self {
        self.own_list();
        self.statement.items.extend(items.into_iter().map(Into::into));
        self
    }

    /// Adds one; see [`select`](Query::select). For items of different types, which do not stand in one list.
    #[must_use]
    pub fn select_one(mut self, item: impl Into<Item>) -> Self {
        self.own_list();
        self.statement.items.push(item.into());
        self
    }

    /// Adds a function or field under a name of its own, the key in the rows. The org takes names only in grouped
    /// and aggregate queries. To read the value by the name, see [`functions::Named`](crate::functions::Named).
    ///
    /// `FIELDS()` stands for many fields: a name for it is a problem of the query.
    #[must_use]
    pub fn select_as(mut self, item: impl Into<Item>, alias: &str) -> Self {
        let item = item.into();
        if matches!(item, Item::Fields(_)) {
            self.contradiction("FIELDS() with a name", "it stands for many fields: select it without one");
        }
        self.select([item.named(Identifier::unchecked(alias))])
    }

    /// `SELECT COUNT()`: the number of rows, without any row. It stands alone: beside other selected fields, child
    /// rows or an ORDER BY it is a problem of the query. The model's own list gives way to it.
    #[must_use]
    pub fn count(mut self) -> Self {
        self.own_list();
        let value = Operand::Call { function: Function::Count, argument: None };
        self.statement.items.push(Item::Value { value, alias: None });
        if !self.statement.order.is_empty() {
            self.ordered_count();
        }
        self
    }

    pub(super) fn ordered_count(&mut self) {
        self.contradiction("COUNT() with ORDER BY", "a single number has no order");
    }

    /// Something that the tree cannot hold beside what it holds.
    pub(super) fn contradiction(&mut self, message: &str, explanation: &str) {
        let problem = Problem::new(message, explanation);
        if !self.statement.contradictions.contains(&problem) {
            self.statement.contradictions.push(problem);
        }
    }

    /// Child rows of each row: a query of the relationship, see [`SelectChildren`]. The type does not say whose
    /// children they are: [`check`](Query::check) finds a relationship that the object does not have.
    #[must_use]
    pub fn with<C>(mut self, children: Query<C>) -> Self {
        self.statement.items.push(Item::Children { query: Box::new(children.statement), alias: None });
        self
    }

    /// Ends the time of the model's own list; children that were added stay.
    fn own_list(&mut self) {
        if std::mem::take(&mut self.preset) {
            self.statement.items.retain(|item| !matches!(item, Item::Value { .. }));
        }
    }
}

/// `Account::OPPORTUNITIES.select([…])`: a child subquery.
///
/// ```
/// use sf_core::models::{Account, Opportunity};
/// use sf_soql::prelude::*;
/// let deals = Account::OPPORTUNITIES.select([Opportunity::NAME]).limit(5);
/// assert_eq!(deals.to_string(), "SELECT Name FROM Opportunities LIMIT 5");
/// ```
pub trait SelectChildren<C> {
    /// The query of the children; for [`Query::with`].
    fn select<I: Into<Item>>(self, items: impl IntoIterator<Item = I>) -> Query<C>;
}
impl<C> SelectChildren<C> for ChildRelationship<C> {
    fn select<I: Into<Item>>(self, items: impl IntoIterator<Item = I>) -> Query<C> {
        Query::on(Statement::new(self.name())).select(items)
    }
}
