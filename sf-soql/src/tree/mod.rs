//! The tree of a statement. Builder and parser make it, the writer and an evaluator read it.

mod condition;
mod date_literal;
mod function;
mod identifier;
mod literal;
mod operand;
mod pattern;
mod statement;

pub use condition::{Condition, Op, all, any};
pub use date_literal::{DateLiteral, DateUnit};
pub use function::Function;
pub use identifier::Identifier;
pub(crate) use identifier::{is_reserved, reserved};
pub use literal::{CurrencyCode, Literal};
pub use operand::Operand;
pub use pattern::{Pattern, PatternPart};
pub use statement::{
    Access, FieldSet, GroupBy, Item, Order, Statement, TypeOf, TypeOfBranch, UsageStatistics, Viewing,
};

/// Parentheses, subqueries and functions may nest this deep in a statement that is read or written. Far above
/// what the org accepts; it bounds the stack.
pub(crate) const MAX_DEPTH: usize = 64;
