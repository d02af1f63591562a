//! A simulated Salesforce org: direct calls, an in-process exchange, an HTTP server.
mod clock;
mod credentials;
pub mod demo;
mod http;
mod org;
pub mod schema;
pub mod state;
pub use clock::VirtualClock;
pub use credentials::Credentials;
pub use http::{Fate, Method, Request, Response};
pub use org::{CommitHook, TestOrg};
