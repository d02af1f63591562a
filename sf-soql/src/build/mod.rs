//! The builder: a query that reads like its text.

mod filterable;
pub mod functions;
mod keyset;
mod query;
mod text;

pub use filterable::Filterable;
pub use query::{Query, SelectChildren};
