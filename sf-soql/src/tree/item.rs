use crate::{Distance, Identifier, Operand, Statement};
use sf_core::{Column, FieldName, FieldPath, ObjectName};

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
    /// The same item under another key (aggregates only, says the org). FIELDS has no alias and is left as it is.
    #[must_use]
    pub fn named(self, name: Identifier) -> Item {
        match self {
            Item::Value { value, .. } => Item::Value { value, alias: Some(name) },
            Item::Children { query, .. } => Item::Children { query, alias: Some(name) },
            Item::TypeOf(type_of) => Item::TypeOf(TypeOf { alias: Some(name), ..type_of }),
            fields @ Item::Fields(_) => fields,
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
item_from! { Operand FieldPath &FieldPath FieldName &FieldName Column Distance }

/// The argument of `FIELDS()`. Compared by word, without case.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum FieldSet {
    /// Every field; the org wants `LIMIT 200` or less with it.
    All,
    /// Every custom field; the org wants `LIMIT 200` or less with it.
    Custom,
    /// Every standard field.
    Standard,
    /// Any other word: Salesforce's parser takes it, the org refuses it.
    Other(Identifier),
}

impl FieldSet {
    /// `ALL`, `CUSTOM`, `STANDARD`.
    pub fn as_str(&self) -> &str {
        match self {
            FieldSet::All => "ALL",
            FieldSet::Custom => "CUSTOM",
            FieldSet::Standard => "STANDARD",
            // A known word that was not made with `named` is that set all the same.
            FieldSet::Other(word) => {
                let mut known = ["ALL", "CUSTOM", "STANDARD"].into_iter();
                known.find(|known| known.eq_ignore_ascii_case(word.as_str())).unwrap_or(word.as_str())
            }
        }
    }

    /// The set of that word; other words are [`FieldSet::Other`].
    pub fn named(word: Identifier) -> FieldSet {
        let known = [FieldSet::All, FieldSet::Custom, FieldSet::Standard];
        let is = |set: &FieldSet| set.as_str().eq_ignore_ascii_case(word.as_str());
        known.into_iter().find(is).unwrap_or(FieldSet::Other(word))
    }
}

impl PartialEq for FieldSet {
    fn eq(&self, other: &FieldSet) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}
impl Eq for FieldSet {}

impl From<FieldSet> for Item {
    fn from(set: FieldSet) -> Item {
        Item::Fields(set)
    }
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
