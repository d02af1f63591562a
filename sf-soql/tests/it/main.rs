//! Behaviour of the crate, seen from outside.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod accept_reject;
mod agreement;
mod builder;
mod check;
mod check_rendering;
mod generate;
mod hostile;
mod injection;
mod literals;
mod problems;
mod properties;
mod refused;
mod round_trip;
mod sosl;
mod split;
mod template;
mod work;
