//! The transport over a scripted `sf` command (the example `fake_sf`), which can also pass requests on to a simulated org.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bulk;
mod conformance;
mod cost;
mod credentials;
mod discovery;
mod envelopes;
mod environment;
mod fake;
mod given_up;
mod log;
mod many_rows;
mod process;
mod resources;
mod status;
mod streams;
mod versions;
