//! The examples as their users meet them: built programs, run as child processes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(unreachable_pub)] // a test binary has no public API

mod account_sync;
mod bad_input;
mod dump;
mod export;
mod lost_answers;
mod process;
mod random_kill;
mod real_org;
mod real_sf;
mod sign_in;
mod soql_check;
