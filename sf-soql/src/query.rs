use crate::{Condition, Operand, Problems};
use sf_core::{ChildRelationship, Describe, FieldPath, IntoQuery, ObjectName, Record, SObject, Soql};
use std::{fmt, marker::PhantomData};

/// A SELECT statement whose rows are `T`s. The tree is [`Statement`]; `T` only says how rows are decoded.
#[derive(Debug)]
pub struct Query<T = Record> {
    statement: Statement,
    row: PhantomData<fn() -> T>,
}
impl<T> Clone for Query<T> {
    fn clone(&self) -> Self {
        Query { statement: self.statement.clone(), row: PhantomData }
    }
}
impl<T> PartialEq for Query<T> {
    fn eq(&self, o: &Self) -> bool {
        self.statement == o.statement
    }
}
impl<T> Eq for Query<T> {}

/// The tree.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    pub items: Vec<Item>,
    pub from: ObjectName,
    pub filter: Option<Condition>,
    pub order: Vec<Order>,
    pub limit: Option<u64>,
    pub offset: Option<u64>,
}
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    Field(FieldPath),
    Aggregate { function: &'static str, argument: Option<Operand>, alias: Option<String> },
    Children(Box<Statement>),
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    by: Operand,
    descending: bool,
    nulls_last: bool,
}
impl Order {
    pub(crate) fn new(by: Operand, descending: bool) -> Order {
        Order { by, descending, nulls_last: false }
    }
    pub fn nulls_last(mut self) -> Order {
        self.nulls_last = true;
        self
    }
}
impl<O: Into<Operand>> From<O> for Order {
    fn from(o: O) -> Order {
        Order::new(o.into(), false)
    }
}

/// What beyond plain API SOQL the parser accepts.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct ParseOptions {
    pub apex: bool,
}

impl Query {
    /// Rows of a model; selects its columns unless `select` names others.
    pub fn of<T: SObject>() -> Query<T> {
        Query::on(T::OBJECT, T::COLUMNS.iter().map(|c| (*c).into()).collect())
    }
    /// Untyped rows.
    pub fn from(object: ObjectName) -> Query {
        Query::on(object, Vec::new())
    }
    pub fn parse(_text: &str) -> Result<Query, Problems> {
        todo!()
    }
}
impl<T> Query<T> {
    fn on(from: ObjectName, fields: Vec<FieldPath>) -> Query<T> {
        let _default_items = fields;
        Query {
            statement: Statement {
                items: Vec::new(),
                from,
                filter: None,
                order: Vec::new(),
                limit: None,
                offset: None,
            },
            row: PhantomData,
        }
    }
    /// Adds fields. The first call replaces the model's own list.
    #[must_use]
    pub fn select<F: Into<FieldPath>>(mut self, fields: impl IntoIterator<Item = F>) -> Self {
        self.statement.items.extend(fields.into_iter().map(|f| Item::Field(f.into())));
        self
    }
    #[must_use]
    pub fn with<C>(mut self, children: Query<C>) -> Self {
        self.statement.items.push(Item::Children(Box::new(children.statement)));
        self
    }
    /// ANDed to what is there.
    #[must_use]
    pub fn filter(mut self, c: Condition) -> Self {
        self.statement.filter = Some(match self.statement.filter {
            None => c,
            Some(o) => o & c,
        });
        self
    }
    #[must_use]
    pub fn order_by<O: Into<Order>>(mut self, order: O) -> Self {
        self.statement.order.push(order.into());
        self
    }
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.statement.limit = Some(rows);
        self
    }
    /// Drops what this user cannot read; says what it dropped.
    pub fn readable(self, _describe: &Describe) -> (Self, Vec<FieldPath>) {
        todo!()
    }
    /// Decode rows as something else (an aggregate's own type).
    pub fn rows_as<U>(self) -> Query<U> {
        Query { statement: self.statement, row: PhantomData }
    }
    pub fn check(
        &self,
        _schema: &dyn Fn(&ObjectName) -> Option<std::sync::Arc<Describe>>,
    ) -> Result<(), Problems> {
        todo!()
    }
    pub fn to_soql(&self) -> Result<Soql, Problems> {
        todo!()
    }
    pub fn statement(&self) -> &Statement {
        &self.statement
    }
}
impl<T> fmt::Display for Query<T> {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}
impl<T: serde_bound::Row> IntoQuery for Query<T> {
    type Row = T;
    fn into_soql(self) -> sf_core::Result<Soql> {
        Ok(self.to_soql()?)
    }
}
impl<T: serde_bound::Row> IntoQuery for &Query<T> {
    type Row = T;
    fn into_soql(self) -> sf_core::Result<Soql> {
        Ok(self.to_soql()?)
    }
}
mod serde_bound {
    pub trait Row: serde::de::DeserializeOwned + Send + 'static {}
    impl<T: serde::de::DeserializeOwned + Send + 'static> Row for T {}
}

/// `Account::OPPORTUNITIES.select([…])`
pub trait SelectChildren<C> {
    fn select<F: Into<FieldPath>>(self, fields: impl IntoIterator<Item = F>) -> Query<C>;
}
impl<C> SelectChildren<C> for ChildRelationship<C> {
    fn select<F: Into<FieldPath>>(self, fields: impl IntoIterator<Item = F>) -> Query<C> {
        Query::on(self.name(), Vec::new()).select(fields)
    }
}
