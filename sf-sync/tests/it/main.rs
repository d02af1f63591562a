//! Behaviour tests of the crate, in one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod block_on;
#[cfg(feature = "sqlite")]
mod sqlite_crash;
#[cfg(feature = "sqlite")]
mod sqlite_file;
#[cfg(feature = "sqlite")]
mod sqlite_host;
#[cfg(feature = "sqlite")]
mod sqlite_processes;
mod store_conformance;
mod store_sample;
