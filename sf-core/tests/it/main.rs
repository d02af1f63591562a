//! sf-core's behaviour tests, in one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod budget;
mod fake;
mod org;
mod protocol;
mod values;
