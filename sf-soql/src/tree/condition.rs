use super::MAX_TREE_DEPTH;
use crate::{Literal, Operand, Statement};
use std::ops;

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
#[non_exhaustive]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Like,
}

impl Op {
    /// `=`, `!=`, …, `LIKE`.
    pub fn as_str(self) -> &'static str {
        match self {
            Op::Eq => "=",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Like => "LIKE",
        }
    }
}

/// What follows WHERE or HAVING.
///
/// Combined with `&`, `|` and `!`; the writer sets the parentheses that SOQL demands:
///
/// ```
/// use sf_core::field;
/// use sf_soql::prelude::*;
/// let c = (field!("A").eq(1) | !field!("B").eq("x")) & field!("C").is_null();
/// assert_eq!(c.to_string(), "(A = 1 OR (NOT B = 'x')) AND C = null");
/// ```
///
/// The parser and the writer refuse more than 64 levels of parentheses. Nest less than 1,000 in a program that builds
/// conditions in a loop: like every tree of boxes, one of many thousands can overflow the stack when it is dropped,
/// cloned, compared or shown with `{:?}`. Lists are as long as you like: [`all`] and [`any`] make no levels.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// `Name = 'x'`, `Name LIKE 'x%'`
    Compare {
        /// Field or function.
        left: Operand,
        /// Operator.
        op: Op,
        /// Value.
        right: Literal,
    },
    /// `Id IN ('a', 'b')`. An empty list is a problem of the query, never `IN ()`.
    In {
        /// Field or function.
        left: Operand,
        /// `NOT IN`
        not: bool,
        /// Values.
        list: Vec<Literal>,
    },
    /// `Id IN :ids`: the whole list is a parameter of a [`Template`](crate::Template) or a variable of Apex.
    InParameter {
        /// Field or function.
        left: Operand,
        /// `NOT IN`
        not: bool,
        /// Its name.
        name: String,
    },
    /// `Id IN (SELECT AccountId FROM Contact)`
    InQuery {
        /// Field.
        left: Operand,
        /// `NOT IN`
        not: bool,
        /// A statement of one item, without ORDER BY, LIMIT and GROUP BY.
        query: Box<Statement>,
    },
    /// `Products__c INCLUDES ('A;B', 'C')`: of a multi-select picklist, (A and B) or C.
    Includes {
        /// Field.
        left: Operand,
        /// `EXCLUDES`
        not: bool,
        /// Each a set of values joined by `;`.
        sets: Vec<Literal>,
    },
    /// All of them. Empty is a problem of the query.
    And(Vec<Condition>),
    /// At least one of them. Empty is a problem of the query.
    Or(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
    /// Matches nothing: what an empty list means when you say so. Written `Id = null`, in HAVING `COUNT(Id) < 0`.
    Never,
}

impl Condition {
    /// The same meaning in the one form that the builder makes, and that what is written reads back as: no AND directly
    /// in an AND, no OR directly in an OR, none of one part; NOT before a subquery of IN becomes its other operator,
    /// because the org refuses that NOT; a text after LIKE is a pattern; times have milliseconds.
    ///
    /// What is nested so deeply that the writer refuses it stays as it is.
    #[must_use]
    pub fn normalized(self) -> Condition {
        self.normalized_at(0)
    }

    pub(super) fn normalized_at(self, depth: usize) -> Condition {
        if depth > MAX_TREE_DEPTH {
            return self;
        }
        let deeper = depth + 1;
        match self {
            Condition::And(parts) => join(parts, deeper, Condition::And, |c| match c {
                Condition::And(inner) => Ok(inner),
                other => Err(other),
            }),
            Condition::Or(parts) => join(parts, deeper, Condition::Or, |c| match c {
                Condition::Or(inner) => Ok(inner),
                other => Err(other),
            }),
            Condition::Not(inner) => !inner.normalized_at(deeper),
            Condition::InQuery { left, not, query } => {
                Condition::InQuery { left, not, query: Box::new(query.normalized_at(deeper)) }
            }
            Condition::Compare { left, op, right } => {
                Condition::Compare { left, op, right: right.normalized(Some(op)) }
            }
            Condition::In { left, not, list } => {
                let list = list.into_iter().map(|value| value.normalized(None)).collect();
                Condition::In { left, not, list }
            }
            other @ (Condition::InParameter { .. } | Condition::Includes { .. } | Condition::Never) => other,
        }
    }
}

fn join(
    parts: Vec<Condition>,
    depth: usize,
    make: fn(Vec<Condition>) -> Condition,
    open: fn(Condition) -> Result<Vec<Condition>, Condition>,
) -> Condition {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match open(part.normalized_at(depth)) {
            // An empty group must stay visible: the query refuses it.
            Ok(inner) if inner.is_empty() => flat.push(make(inner)),
            Ok(inner) => flat.extend(inner),
            Err(other) => flat.push(other),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { make(flat) }
}

/// All of them; flattened. Of nothing, it is a problem of the query (say [`Condition::Never`] or leave the filter out).
///
/// ```
/// use sf_core::field;
/// use sf_soql::prelude::*;
/// let (a, b, c) = (field!("A").eq(1), field!("B").eq(2), field!("C").eq(3));
/// assert_eq!(all([a.clone(), b.clone(), c.clone()]).to_string(), "A = 1 AND B = 2 AND C = 3");
/// assert_eq!(all([any([a, b]), c]).to_string(), "(A = 1 OR B = 2) AND C = 3");
/// assert!(all([]).to_soql().is_err());
/// ```
pub fn all(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    Condition::And(conditions.into_iter().collect()).normalized()
}

/// At least one of them; flattened. Of nothing, it is a problem of the query.
///
/// ```
/// use sf_core::field;
/// use sf_soql::prelude::*;
/// let hot = any(["Hot", "Warm"].map(|rating| field!("Rating").eq(rating)));
/// assert_eq!(hot.to_string(), "Rating = 'Hot' OR Rating = 'Warm'");
/// assert!(any([]).to_soql().is_err());
/// ```
pub fn any(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    Condition::Or(conditions.into_iter().collect()).normalized()
}

/// Nothing: what an empty list means when you say so. [`Condition::Never`], written `Id = null`.
///
/// ```
/// use sf_core::field;
/// use sf_soql::prelude::*;
/// let wanted: Vec<&str> = Vec::new();
/// let condition = if wanted.is_empty() { none() } else { field!("Type").is_in(wanted) };
/// assert_eq!(condition.to_string(), "Id = null");
/// ```
pub fn none() -> Condition {
    Condition::Never
}

/// Flattened: `a & b & c` is one AND. Many conditions are added to the right, or given to [`all`]: a long AND on the
/// right is moved as a whole for what comes before it.
impl ops::BitAnd for Condition {
    type Output = Condition;
    fn bitand(self, other: Condition) -> Condition {
        Condition::And(match (self, other) {
            (Condition::And(mut a), Condition::And(b)) if !a.is_empty() && !b.is_empty() => {
                a.extend(b);
                a
            }
            (Condition::And(mut a), b) if !a.is_empty() => {
                a.push(b);
                a
            }
            (a, Condition::And(mut b)) if !b.is_empty() => {
                b.insert(0, a);
                b
            }
            (a, b) => vec![a, b],
        })
    }
}
/// Flattened: `a | b | c` is one OR. Many conditions are added to the right, or given to [`any`].
impl ops::BitOr for Condition {
    type Output = Condition;
    fn bitor(self, other: Condition) -> Condition {
        Condition::Or(match (self, other) {
            (Condition::Or(mut a), Condition::Or(b)) if !a.is_empty() && !b.is_empty() => {
                a.extend(b);
                a
            }
            (Condition::Or(mut a), b) if !a.is_empty() => {
                a.push(b);
                a
            }
            (a, Condition::Or(mut b)) if !b.is_empty() => {
                b.insert(0, a);
                b
            }
            (a, b) => vec![a, b],
        })
    }
}
/// The other rows: those without a value too, of `!field.eq("x")` for example. Unlike in SQL, a comparison is true or
/// false, never unknown. Of a subquery of IN it is the other of IN and NOT IN, because the org refuses NOT
/// before one.
impl ops::Not for Condition {
    type Output = Condition;
    fn not(self) -> Condition {
        match self {
            Condition::InQuery { left, not, query } => Condition::InQuery { left, not: !not, query },
            other => Condition::Not(Box::new(other)),
        }
    }
}
