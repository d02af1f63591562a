//! SOSL: a text search over several objects, built from typed terms. Reserved characters of a user's text are
//! escaped and the words AND, OR and NOT in it are quoted, so that no text can change the shape of a search.
//!
//! ```
//! use sf_core::{field, object};
//! use sf_soql::{prelude::*, sosl::{Returning, Search, SearchGroup, Term}};
//!
//! let typed_by_a_user = "R&D {EMEA} or APAC";
//! let search = Search::find(Term::word(typed_by_a_user) | Term::starts_with("Acm"))
//!     .in_group(SearchGroup::Name)
//!     .returning(
//!         Returning::new(object!("Account"))
//!             .fields([field!("Id"), field!("Name")])
//!             .filter(field!("Industry").eq("Energy"))
//!             .order_by(field!("Name"))
//!             .limit(20),
//!     )
//!     .returning(Returning::new(object!("Contact")))
//!     .limit(100);
//! assert_eq!(
//!     search.to_sosl()?,
//!     r#"FIND {(R\&D AND \{EMEA\} AND "or" AND APAC) OR Acm*} IN NAME FIELDS RETURNING Account(Id, Name WHERE Industry = 'Energy' ORDER BY Name LIMIT 20), Contact LIMIT 100"#
//! );
//! # Ok::<(), sf_core::Error>(())
//! ```
//!
//! [`Org::search`](sf_core::Org::search) sends it to the REST resource `/search` ("Search", REST API guide). The rules are those of
//! the SOQL and SOSL reference, pages "SOSL Syntax", "FIND {SearchQuery}", "RETURNING FieldSpec" and one page for
//! each clause of WITH.
//!
//! # What is not there
//!
//! SOSL is written, not read. In RETURNING stand fields and functions; subqueries, `TYPEOF` and `FIELDS()` are
//! refused. Of WITH there are the clauses of the reference, not `USER_MODE` and `SYSTEM_MODE`, which the reference
//! has for Apex only. `DISTANCE` and `GEOLOCATION` are there as far as the tree of SOQL has them.

mod returning;
mod search;
mod term;
mod with;
mod write;

pub use returning::Returning;
pub use search::{Search, SearchGroup};
pub use term::Term;
pub use with::With;
