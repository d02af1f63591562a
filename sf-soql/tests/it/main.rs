//! Behaviour of the crate, seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accept_reject;
