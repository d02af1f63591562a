use crate::{Identifier, Literal, Operand};
use sf_core::{FieldPath, ObjectName};

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
///
/// ```
/// use sf_core::{field, object};
/// use sf_soql::{Order, Query};
/// let by = |order: Order| Query::from(object!("A")).select([field!("Id")]).order_by(order).to_string();
/// assert_eq!(by(Order::new(field!("B"))), "SELECT Id FROM A ORDER BY B");
/// assert_eq!(by(Order::new(field!("B")).descending()), "SELECT Id FROM A ORDER BY B DESC");
/// assert_eq!(by(Order::new(field!("B")).nulls_last()), "SELECT Id FROM A ORDER BY B NULLS LAST");
/// ```
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

    pub(crate) fn by_mut(&mut self) -> &mut Operand {
        &mut self.by
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

/// A further entry of FROM: an alias for a parent, `c.Account a` of `FROM Contact c, c.Account a`. It joins nothing;
/// `a.Name` is another way to write `Account.Name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathAlias {
    /// The path, beginning with an alias that stands before it.
    pub path: FieldPath,
    /// What it may be called.
    pub alias: Option<Identifier>,
}

/// What follows WITH.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum With {
    /// `WITH USER_MODE`
    Access(Access),
    /// `WITH name = 'value'`, a filter that some objects know.
    Filter {
        /// Which filter.
        name: Identifier,
        /// A text.
        value: Literal,
    },
    /// `WITH DATA CATEGORY Geography__c ABOVE usa__c AND Product__c AT tv__c`, of articles and questions. At least one.
    DataCategory(Vec<CategoryFilter>),
}

impl From<Access> for With {
    fn from(access: Access) -> With {
        With::Access(access)
    }
}

/// One filter of WITH DATA CATEGORY: `Geography__c ABOVE usa__c`.
///
/// ```
/// use sf_core::{field, object};
/// use sf_soql::{CategoryFilter, Query};
/// let with = |filter| {
///     let articles = Query::from(object!("Faq__kav")).select([field!("Id")]).data_category([filter]);
///     articles.to_string().split_off("SELECT Id FROM Faq__kav WITH DATA CATEGORY ".len())
/// };
/// let (group, usa) = (|| object!("Geography__c"), || [object!("usa__c")]);
/// assert_eq!(with(CategoryFilter::at(group(), usa())), "Geography__c AT usa__c");
/// assert_eq!(with(CategoryFilter::above(group(), usa())), "Geography__c ABOVE usa__c");
/// assert_eq!(with(CategoryFilter::below(group(), usa())), "Geography__c BELOW usa__c");
/// assert_eq!(with(CategoryFilter::above_or_below(group(), usa())), "Geography__c ABOVE_OR_BELOW usa__c");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryFilter {
    /// The data category group.
    pub group: ObjectName,
    /// Which categories around the named ones.
    pub selector: CategorySelector,
    /// The categories, at least one; each alone is enough.
    pub categories: Vec<ObjectName>,
}

impl CategoryFilter {
    /// `Geography__c AT France__c`; of several categories, `Geography__c AT (France__c, Spain__c)`.
    pub fn at(group: ObjectName, categories: impl IntoIterator<Item = ObjectName>) -> CategoryFilter {
        CategoryFilter { group, selector: CategorySelector::At, categories: categories.into_iter().collect() }
    }

    /// `Geography__c ABOVE France__c`
    pub fn above(group: ObjectName, categories: impl IntoIterator<Item = ObjectName>) -> CategoryFilter {
        CategoryFilter { selector: CategorySelector::Above, ..CategoryFilter::at(group, categories) }
    }

    /// `Geography__c BELOW Europe__c`
    pub fn below(group: ObjectName, categories: impl IntoIterator<Item = ObjectName>) -> CategoryFilter {
        CategoryFilter { selector: CategorySelector::Below, ..CategoryFilter::at(group, categories) }
    }

    /// `Geography__c ABOVE_OR_BELOW France__c`
    pub fn above_or_below(
        group: ObjectName,
        categories: impl IntoIterator<Item = ObjectName>,
    ) -> CategoryFilter {
        CategoryFilter { selector: CategorySelector::AboveOrBelow, ..CategoryFilter::at(group, categories) }
    }
}

/// Which data categories count, seen from a named one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CategorySelector {
    /// `AT`: the category itself.
    At,
    /// `ABOVE`: it and its parents.
    Above,
    /// `BELOW`: it and its children.
    Below,
    /// `ABOVE_OR_BELOW`: it, its parents and its children.
    AboveOrBelow,
}

impl CategorySelector {
    /// As SOQL writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            CategorySelector::At => "AT",
            CategorySelector::Above => "ABOVE",
            CategorySelector::Below => "BELOW",
            CategorySelector::AboveOrBelow => "ABOVE_OR_BELOW",
        }
    }
}

/// What follows LIMIT and OFFSET.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowCount {
    /// A number of rows. Salesforce's parser takes a negative one, the org does not.
    Rows(i64),
    /// `:name` of a [`Template`](crate::Template) or of Apex, not bound yet.
    Parameter(String),
}

impl RowCount {
    /// The number; `None` when it is negative or not bound.
    pub fn rows(&self) -> Option<u64> {
        match self {
            RowCount::Rows(rows) => u64::try_from(*rows).ok(),
            RowCount::Parameter(_) => None,
        }
    }
}

impl From<u64> for RowCount {
    /// More than `i64::MAX` rows are that many.
    fn from(rows: u64) -> RowCount {
        RowCount::Rows(i64::try_from(rows).unwrap_or(i64::MAX))
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

/// What the rows are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum For {
    /// `FOR VIEW`: sets LastViewedDate.
    View,
    /// `FOR REFERENCE`: sets LastReferencedDate.
    Reference,
    /// `FOR UPDATE`: locks the rows. Of Apex; the API has no locks.
    Update,
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
