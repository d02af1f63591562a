//! Behaviour tests of the simulated org, one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod conformance;
mod demo_data;
mod given;
mod journal;
mod query;
