//! The builder: a query that reads like its text.

mod call;
mod clauses;
mod filterable;
pub mod functions;
mod keyset;
mod query;
mod select;
mod text;
mod type_of;

pub(crate) use clauses::both;
pub use filterable::Filterable;
pub use query::Query;
pub use select::SelectChildren;
pub use type_of::type_of;
