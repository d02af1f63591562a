use crate::{Condition, Function, Identifier, Operand};
use sf_core::{Column, FieldName, FieldPath, ObjectName};

/// A SELECT statement, a child subquery or a semi-join: the whole tree, readable by an evaluator.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// What is selected, in order.
    pub items: Vec<Item>,
    /// The object; in a child subquery the name of the child relationship.
    pub from: ObjectName,
    /// `FROM Account a`
    pub alias: Option<Identifier>,
    /// `USING SCOPE mine`
    pub scope: Option<Identifier>,
    /// WHERE
    pub filter: Option<Condition>,
    /// `WITH USER_MODE`
    pub access: Option<Access>,
    /// GROUP BY
    pub group: Option<GroupBy>,
    /// HAVING, only with GROUP BY
    pub having: Option<Condition>,
    /// ORDER BY
    pub order: Vec<Order>,
    /// LIMIT, in rows
    pub limit: Option<u64>,
    /// OFFSET, in rows
    pub offset: Option<u64>,
    /// FOR VIEW, FOR REFERENCE
    pub viewing: Option<Viewing>,
    /// UPDATE TRACKING, UPDATE VIEWSTAT
    pub update: Vec<UsageStatistics>,
}

impl Statement {
    /// `SELECT … FROM object` with nothing selected yet.
    pub fn new(from: ObjectName) -> Statement {
        Statement {
            items: Vec::new(),
            from,
            alias: None,
            scope: None,
            filter: None,
            access: None,
            group: None,
            having: None,
            order: Vec::new(),
            limit: None,
            offset: None,
            viewing: None,
            update: Vec::new(),
        }
    }

    /// Whether it is `SELECT COUNT() FROM …`, which answers a number and no rows.
    pub fn is_count(&self) -> bool {
        matches!(
            self.items.as_slice(),
            [Item::Value { value: Operand::Call { function: Function::Count, argument: None }, .. }]
        )
    }

    /// Whether rows are groups and not records: GROUP BY, or an aggregate is selected. `COUNT()` is not one.
    pub fn is_aggregate(&self) -> bool {
        !self.is_count()
            && (self.group.is_some()
                || self.items.iter().any(|i| matches!(i, Item::Value { value, .. } if value.is_aggregate())))
    }

    /// The child subqueries, in order.
    pub fn children(&self) -> impl Iterator<Item = &Statement> {
        self.items.iter().filter_map(|i| match i {
            Item::Children { query, .. } => Some(&**query),
            _ => None,
        })
    }

    /// The path seen from the FROM object: without a leading alias or object name. `a.Owner.Name` of
    /// `FROM Account a` is `Owner.Name`.
    pub fn relative<'p>(&self, path: &'p FieldPath) -> &'p str {
        let text = path.as_str();
        let Some((first, rest)) = text.split_once('.') else { return text };
        let is = |name: &str| name.eq_ignore_ascii_case(first);
        if self.alias.as_ref().is_some_and(|a| is(a.as_str())) || is(self.from.as_str()) {
            rest
        } else {
            text
        }
    }

    /// The one form that builder and parser make, see [`Condition::normalized`].
    #[must_use]
    pub fn normalized(mut self) -> Statement {
        self.filter = self.filter.map(Condition::normalized);
        self.having = self.having.map(Condition::normalized);
        for item in &mut self.items {
            if let Item::Children { query, .. } = item {
                let inner = std::mem::replace(&mut **query, Statement::new(self.from.clone()));
                **query = inner.normalized();
            }
        }
        self
    }
}

/// One entry of the SELECT list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    /// A field, a function or an aggregate. The org takes an alias only in a grouped query.
    Value {
        /// What.
        value: Operand,
        /// Its key in the rows; an aggregate without one is `expr0`, `expr1`, …
        alias: Option<Identifier>,
    },
    /// `(SELECT Name FROM Contacts)`
    Children {
        /// The subquery; its FROM is the relationship.
        query: Box<Statement>,
        /// Parsed, but of no use to the org.
        alias: Option<Identifier>,
    },
    /// `FIELDS(STANDARD)`
    Fields(FieldSet),
    /// `TYPEOF What WHEN Account THEN Phone ELSE Name END`
    TypeOf(TypeOf),
}

impl Item {
    /// The same item under another key (aggregates only, says the org). Entries without alias are left as they are.
    #[must_use]
    pub fn named(self, name: Identifier) -> Item {
        match self {
            Item::Value { value, .. } => Item::Value { value, alias: Some(name) },
            Item::Children { query, .. } => Item::Children { query, alias: Some(name) },
            other => other,
        }
    }
}

macro_rules! item_from {
    ($($type:ty)*) => { $(impl From<$type> for Item {
        fn from(value: $type) -> Item {
            Item::Value { value: value.into(), alias: None }
        }
    })* };
}
item_from! { Operand FieldPath FieldName Column }

/// The argument of `FIELDS()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldSet {
    /// Every field; the org wants `LIMIT 200` or less with it.
    All,
    /// Every custom field; the org wants `LIMIT 200` or less with it.
    Custom,
    /// Every standard field.
    Standard,
}

/// Fields by the type of a polymorphic parent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeOf {
    /// The relationship, `What`.
    pub relationship: FieldPath,
    /// At least one.
    pub branches: Vec<TypeOfBranch>,
    /// The fields of every other type; empty without ELSE.
    pub otherwise: Vec<FieldPath>,
    /// What follows END.
    pub alias: Option<Identifier>,
}

impl TypeOf {
    /// `TYPEOF relationship WHEN object THEN fields END`
    pub fn new(relationship: impl Into<FieldPath>, object: ObjectName, fields: Vec<FieldPath>) -> TypeOf {
        let branches = vec![TypeOfBranch { object, fields }];
        TypeOf { relationship: relationship.into(), branches, otherwise: Vec::new(), alias: None }
    }
}

/// `WHEN Account THEN Phone, Name`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeOfBranch {
    /// The parent's object.
    pub object: ObjectName,
    /// Its fields; at least one.
    pub fields: Vec<FieldPath>,
}

impl From<TypeOf> for Item {
    fn from(t: TypeOf) -> Item {
        Item::TypeOf(t)
    }
}

/// GROUP BY.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GroupBy {
    /// `GROUP BY a, b`
    Values(Vec<Operand>),
    /// `GROUP BY ROLLUP(a, b)`
    Rollup(Vec<Operand>),
    /// `GROUP BY CUBE(a, b)`
    Cube(Vec<Operand>),
}

impl GroupBy {
    /// What is grouped by.
    pub fn values(&self) -> &[Operand] {
        match self {
            GroupBy::Values(v) | GroupBy::Rollup(v) | GroupBy::Cube(v) => v,
        }
    }
}

/// One entry of ORDER BY. Salesforce sorts nulls first in both directions unless it is told otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    by: Operand,
    descending: bool,
    nulls_last: bool,
}

impl Order {
    /// Ascending, nulls first.
    pub fn new(by: impl Into<Operand>) -> Order {
        Order { by: by.into(), descending: false, nulls_last: false }
    }

    /// `DESC`
    #[must_use]
    pub fn descending(mut self) -> Order {
        self.descending = true;
        self
    }

    /// `NULLS LAST`
    #[must_use]
    pub fn nulls_last(mut self) -> Order {
        self.nulls_last = true;
        self
    }

    /// What is sorted by.
    pub fn by(&self) -> &Operand {
        &self.by
    }

    /// Whether large values come first.
    pub fn is_descending(&self) -> bool {
        self.descending
    }

    /// Whether rows without a value come last, in either direction.
    pub fn is_nulls_last(&self) -> bool {
        self.nulls_last
    }
}

impl<O: Into<Operand>> From<O> for Order {
    fn from(by: O) -> Order {
        Order::new(by)
    }
}

/// What the org enforces for this query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// `WITH SECURITY_ENFORCED`
    SecurityEnforced,
    /// `WITH USER_MODE`
    UserMode,
    /// `WITH SYSTEM_MODE`
    SystemMode,
}

/// Marks the rows as seen by the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Viewing {
    /// `FOR VIEW`: sets LastViewedDate.
    View,
    /// `FOR REFERENCE`: sets LastReferencedDate.
    Reference,
}

/// Statistics of knowledge articles that the query counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UsageStatistics {
    /// `UPDATE TRACKING`
    Tracking,
    /// `UPDATE VIEWSTAT`
    Viewstat,
}
