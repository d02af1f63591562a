//! A simulated Salesforce org: direct calls, an in-process exchange, an HTTP server.
mod builder;
mod clock;
mod conformance;
mod credentials;
pub mod demo;
mod doors;
mod error;
mod fault;
mod http;
pub mod journal;
mod json;
mod log;
mod org;
mod rest;
mod save;
pub mod schema;
#[cfg(feature = "server")]
mod server;
mod service;
mod soql;
pub mod state;
mod wire;
pub use builder::Builder;
pub use clock::VirtualClock;
pub use credentials::Credentials;
pub use fault::{Effect, Fault, On};
pub use http::{Fate, Method, Request, Response};
pub use log::{Counters, LoggedCall};
pub use org::{CommitHook, TestOrg};
pub use save::{FieldAccess, Saving};
#[cfg(feature = "server")]
pub use server::Server;
pub use wire::Wire;
