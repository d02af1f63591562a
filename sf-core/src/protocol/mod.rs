//! REST as pure functions, and the one-method door that turns them into a [`Transport`](crate::Transport).
//!
//! Every operation is a pair: a function that makes a [`Request`] and one that reads the [`Response`]. They do
//! no I/O, so HTTP, the `sf` command and the simulated org share them, and they can be tested with text.
//! [`Protocol`] puts the pairs around an [`Exchange`], which only moves bytes.
//!
//! ```
//! use sf_core::{Capabilities, QueryCall, QueryOptions, Soql, protocol};
//! let batch = [QueryCall::Start(Soql::raw("SELECT Id FROM Account"))];
//! let can = Capabilities::default();
//! let request = protocol::query_request(&batch, &QueryOptions::new(), &can).unwrap();
//! assert_eq!(
//!     request.target(can.api_version).unwrap(),
//!     "/services/data/v66.0/query?q=SELECT%20Id%20FROM%20Account"
//! );
//! ```
pub mod batch;
mod body;
pub mod bulk;
mod changed;
pub mod composite;
mod composite_answer;
mod composite_step;
mod content;
mod describe;
mod encode;
mod envelope;
mod exchange;
mod explain;
mod failure;
pub mod files;
mod gate;
pub mod graph;
mod identity;
mod limits;
mod query;
mod request;
mod response;
mod retrieve;
mod search;
pub mod tree;
mod write;

pub use body::{Body, BodySink, BodySource, Counted, Saved};
pub use changed::{changed_request, changed_response};
pub use content::Content;
pub use describe::{describe_request, describe_response};
pub use exchange::{Exchange, Protocol};
pub use explain::{LeadingOperation, PlanNote, QueryPlan, explain_request, explain_response};
pub use failure::read_failure;
pub use gate::{Gate, Place};
pub use identity::{identity_request, identity_response};
pub use limits::{limits_request, limits_response};
pub use query::{LONGEST_URL, query_request, query_response};
pub use request::{Method, Request, Safety};
pub use response::Response;
pub use retrieve::{retrieve_request, retrieve_response};
pub use search::{SearchRows, search_request, search_response};
pub use write::{check_row, rows_in_call, write_request, write_response};
pub(crate) use write::{is_record, parts_in_call};
