//! A simulated Salesforce org: direct calls, an in-process exchange, an HTTP server.
mod builder;
mod clock;
mod credentials;
pub mod demo;
mod http;
pub mod journal;
mod org;
pub mod schema;
pub mod state;
pub use builder::Builder;
pub use clock::VirtualClock;
pub use credentials::Credentials;
pub use http::{Fate, Method, Request, Response};
pub use org::{CommitHook, TestOrg};
