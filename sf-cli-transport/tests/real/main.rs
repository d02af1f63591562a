//! The transport over the real `sf` command and the simulated org over HTTP. Nothing here is ours but the two ends.
//!
//! Plain `cargo test` shows these as ignored, because the command is a Node program of 300 MB. With it, and its `node` in PATH:
//! `SF_REAL_COMMAND=/path/to/sf cargo test -p sf-cli-transport --test real -- --ignored --skip one_of_two_processes`
//! (that one is started by another). Without the variable they fail then.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod bulk;
mod conformance;
mod costs;
mod logins;
mod processes;
mod real;
mod texts;
