use crate::build::both;
use crate::{Condition, Identifier, Item, Order};
use sf_core::ObjectName;

/// One object of RETURNING: which rows of it are answered, and which of their fields ("RETURNING FieldSpec", SOSL
/// reference).
///
/// ```
/// use sf_core::{object, path};
/// use sf_soql::{prelude::*, sosl::{Returning, Search, Term}};
/// let contacts = Returning::new(object!("Contact"))
///     .fields([path!("Id"), path!("Account.Name")])
///     .filter(path!("Email").is_not_null())
///     .list_view("Recent")
///     .order_by(path!("Name").desc().nulls_last())
///     .limit(10)
///     .offset(20);
/// assert_eq!(
///     Search::find(Term::word("Joe")).returning(contacts).to_sosl()?,
///     "FIND {Joe} RETURNING Contact(Id, Account.Name WHERE Email != null USING ListView=Recent \
///      ORDER BY Name DESC NULLS LAST LIMIT 10 OFFSET 20)"
/// );
/// # Ok::<(), sf_soql::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Returning {
    /// The object; it stands once in a search.
    pub object: ObjectName,
    /// Fields and functions of them; empty answers ids. Every clause below wants at least one.
    pub fields: Vec<Item>,
    /// WHERE
    pub filter: Option<Condition>,
    /// `USING ListView=MVPCustomers`
    pub list_view: Option<Identifier>,
    /// ORDER BY
    pub order: Vec<Order>,
    /// LIMIT, in rows of this object
    pub limit: Option<u64>,
    /// OFFSET, in rows
    pub offset: Option<u64>,
}

impl Returning {
    /// The ids of the rows that are found.
    pub fn new(object: ObjectName) -> Returning {
        Returning {
            object,
            fields: Vec::new(),
            filter: None,
            list_view: None,
            order: Vec::new(),
            limit: None,
            offset: None,
        }
    }

    /// Adds fields, paths or functions.
    #[must_use]
    pub fn fields<I: Into<Item>>(mut self, items: impl IntoIterator<Item = I>) -> Returning {
        self.fields.extend(items.into_iter().map(Into::into));
        self
    }

    /// Adds a function under a name of its own, `toLabel(Status) StatusLabel`. A field that stands twice, once in a
    /// function, needs one ("toLabel(fields)" and "FORMAT()", SOSL reference).
    #[must_use]
    pub fn field_as(self, item: impl Into<Item>, alias: &str) -> Returning {
        self.fields([item.into().named(Identifier::unchecked(alias))])
    }

    /// ANDed to what is there.
    #[must_use]
    pub fn filter(mut self, condition: Condition) -> Returning {
        self.filter = Some(both(self.filter.take(), condition));
        self
    }

    /// Only rows of this list view, by its developer name; `Recent` are the rows the user has last seen. One list
    /// view in a search, and only its first 2,000 rows are searched. From API version 41.
    #[must_use]
    pub fn list_view(mut self, name: &str) -> Returning {
        self.list_view = Some(Identifier::unchecked(name));
        self
    }

    /// Adds to ORDER BY.
    #[must_use]
    pub fn order_by<O: Into<Order>>(mut self, order: O) -> Returning {
        self.order.push(order.into());
        self
    }

    /// At most so many rows of this object, up to 2,000; 0 answers none of it.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Returning {
        self.limit = Some(rows);
        self
    }

    /// Leaves out the first rows, up to 2,000. Only in a search of one object.
    #[must_use]
    pub fn offset(mut self, rows: u64) -> Returning {
        self.offset = Some(rows);
        self
    }

    /// Whether it has a clause that may not stand without fields.
    pub(super) fn has_clauses(&self) -> bool {
        self.filter.is_some()
            || self.list_view.is_some()
            || !self.order.is_empty()
            || self.limit.is_some()
            || self.offset.is_some()
    }
}
