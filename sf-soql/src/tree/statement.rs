use super::MAX_TREE_DEPTH;
use crate::{
    Condition, For, Function, GroupBy, Identifier, Item, Operand, Order, PathAlias, Problem, RowCount,
    UsageStatistics, With,
};
use sf_core::{FieldPath, ObjectName};
use std::borrow::Cow;

/// A SELECT statement, a child subquery or a semi-join: the whole tree, readable by an evaluator.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// What is selected, in order.
    pub items: Vec<Item>,
    /// The object; in a child subquery the name of the child relationship.
    pub from: ObjectName,
    /// What stands before it: `Account` of `(SELECT Id FROM Account.Contacts)`. It names the parent once more.
    pub from_parent: Option<FieldPath>,
    /// `FROM Account a`
    pub alias: Option<Identifier>,
    /// The other entries of FROM: `FROM Contact c, c.Account a`
    pub path_aliases: Vec<PathAlias>,
    /// `USING SCOPE mine`
    pub scope: Option<Identifier>,
    /// WHERE
    pub filter: Option<Condition>,
    /// `WITH USER_MODE`
    pub with: Option<With>,
    /// GROUP BY
    pub group: Option<GroupBy>,
    /// HAVING, only with GROUP BY
    pub having: Option<Condition>,
    /// ORDER BY
    pub order: Vec<Order>,
    /// LIMIT, in rows
    pub limit: Option<RowCount>,
    /// OFFSET, in rows
    pub offset: Option<RowCount>,
    /// FOR VIEW, FOR REFERENCE; more than one only in Apex
    pub purposes: Vec<For>,
    /// UPDATE TRACKING, UPDATE VIEWSTAT
    pub update: Vec<UsageStatistics>,
    /// ALL ROWS, of Apex; over the API that is the queryAll resource
    pub all_rows: bool,
    /// What the builder was told and one statement cannot say; it must not be lost, whatever becomes of the tree.
    pub(crate) contradictions: Vec<Problem>,
}

impl Statement {
    /// `SELECT … FROM object` with nothing selected yet.
    pub fn new(from: ObjectName) -> Statement {
        Statement {
            items: Vec::new(),
            from,
            from_parent: None,
            alias: None,
            path_aliases: Vec::new(),
            scope: None,
            filter: None,
            with: None,
            group: None,
            having: None,
            order: Vec::new(),
            limit: None,
            offset: None,
            purposes: Vec::new(),
            update: Vec::new(),
            all_rows: false,
            contradictions: Vec::new(),
        }
    }

    /// Whether it is `SELECT COUNT() FROM …`, which answers a number and no rows.
    pub fn is_count(&self) -> bool {
        matches!(
            self.items.as_slice(),
            [Item::Value { value: Operand::Call { function, argument: None }, .. }] if *function == Function::Count
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

    /// The path seen from the FROM object, without a leading alias or object name: `a.Owner.Name` of
    /// `FROM Account a` is `Owner.Name`, and `a.Name` of `FROM Contact c, c.Account a` is `Account.Name`.
    ///
    /// ```
    /// use sf_core::path;
    /// let s = sf_soql::Statement::parse("SELECT Id FROM Contact c, c.Account a WHERE a.Name = 'x'")?;
    /// assert_eq!(s.relative(&path!("a.Owner.Name")), "Account.Owner.Name");
    /// assert_eq!(s.relative(&path!("Contact.Name")), "Name");
    /// # Ok::<(), sf_soql::Problems>(())
    /// ```
    ///
    /// Aliases are followed 16 times; the org takes no path of more than 5 relationships.
    pub fn relative<'p>(&self, path: &'p FieldPath) -> Cow<'p, str> {
        let mut text = Cow::Borrowed(path.as_str());
        // An alias stands for a path that begins with an alias before it, so every turn has fewer of them.
        let mut aliases = self.path_aliases.as_slice();
        let mut turns = 0;
        while let Some((first, rest)) = text.split_once('.') {
            let is = |name: &Identifier| name.as_str().eq_ignore_ascii_case(first);
            match aliases.iter().rposition(|known| known.alias.as_ref().is_some_and(is)) {
                Some(_) if turns == MAX_ALIASES => break,
                Some(i) => {
                    turns += 1;
                    text = format!("{}.{rest}", aliases[i].path).into();
                    aliases = &aliases[..i];
                }
                None if self.from.is(first) || self.alias.as_ref().is_some_and(is) => {
                    return match text {
                        Cow::Borrowed(text) => text.split_once('.').map_or(text, |(_, rest)| rest).into(),
                        Cow::Owned(_) => rest.to_owned().into(),
                    };
                }
                None => break,
            }
        }
        text
    }

    /// The one form that builder and parser make, see [`Condition::normalized`].
    #[must_use]
    pub fn normalized(self) -> Statement {
        self.normalized_at(0)
    }

    pub(super) fn normalized_at(mut self, depth: usize) -> Statement {
        if depth > MAX_TREE_DEPTH {
            return self;
        }
        self.filter = self.filter.map(|filter| filter.normalized_at(depth));
        self.having = self.having.map(|having| having.normalized_at(depth));
        for item in &mut self.items {
            if let Item::Children { query, .. } = item {
                let inner = std::mem::replace(&mut **query, Statement::new(self.from.clone()));
                **query = inner.normalized_at(depth + 1);
            }
        }
        self
    }
}

/// So many aliases of one path are followed: each makes the path longer.
const MAX_ALIASES: usize = 16;
