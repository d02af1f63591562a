//! A simulated Salesforce org: direct calls, an in-process exchange, an HTTP server.
mod clock;
mod http;
mod org;
pub mod schema;
pub mod state;
pub use clock::VirtualClock;
pub use http::{Fate, Method, Request, Response};
pub use org::{CommitHook, TestOrg};
