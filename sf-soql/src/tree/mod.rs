//! The tree of a statement. Builder and parser make it, the writer and an evaluator read it.

mod clause;
mod condition;
mod date_literal;
mod distance;
mod function;
mod identifier;
mod item;
mod literal;
mod operand;
mod pattern;
mod statement;
mod word;

pub use clause::{
    Access, CategoryFilter, CategorySelector, For, GroupBy, Order, PathAlias, RowCount, UsageStatistics, With,
};
pub use condition::{Condition, Op, all, any, none};
pub use date_literal::{DateLiteral, DateUnit};
pub use distance::{Distance, DistanceUnit};
pub use function::Function;
pub use identifier::Identifier;
pub(crate) use identifier::reserved;
pub use item::{FieldSet, Item, TypeOf, TypeOfBranch};
pub use literal::{CurrencyCode, Literal};
pub use operand::Operand;
pub use pattern::{Pattern, PatternPart};
pub use statement::Statement;
pub(crate) use word::Word;

/// Parentheses (of groups, subqueries and functions) may nest this deep in a text that is read or written. Far above
/// what the org accepts; it bounds the stack.
pub(crate) const MAX_DEPTH: usize = 64;

/// No tree that can be written is deeper: a subquery of IN, in one pair of parentheses, may hold a group in none.
pub(crate) const MAX_TREE_DEPTH: usize = 2 * MAX_DEPTH + 2;
