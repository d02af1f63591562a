//! Behaviour tests of the crate, in one binary. Those of the engine run against the simulated org: no runtime, virtual
//! time, the same run for the same seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod block_on;
mod bounds;
mod capture;
mod conflicts;
mod crashes;
mod desk;
mod doubt;
mod first_contact;
mod loops;
mod lost_answers;
mod normal_form;
mod pauses;
mod plans;
mod pull_runs;
mod pulls;
mod pushes;
mod reverts;
mod run_loop;
mod settling;
#[cfg(feature = "sqlite")]
mod sqlite_crash;
#[cfg(feature = "sqlite")]
mod sqlite_file;
#[cfg(feature = "sqlite")]
mod sqlite_host;
#[cfg(feature = "sqlite")]
mod sqlite_processes;
mod stale_answers;
mod store_conformance;
mod store_sample;
