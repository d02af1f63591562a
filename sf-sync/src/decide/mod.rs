//! Every decision of the engine, as pure functions of what was loaded: no I/O, no clock, no randomness of their own.
//!
//! Each takes a [`Draft`] of a record (what the store holds), changes it, and [`Draft::finish`] turns the difference
//! into writes and into what the host sees differently.

pub(crate) mod capture;
pub(crate) mod conflict;
mod draft;
pub(crate) mod log;
pub(crate) mod outcome;
pub(crate) mod plan;
pub(crate) mod pull;
pub(crate) mod send;
#[cfg(test)]
mod tests;
pub(crate) mod values;
pub(crate) mod verify;

pub(crate) use draft::{Draft, collect};

use crate::{Config, Resolver, engine::Settings, schema::Schema};
use sf_core::Timestamp;
use std::{collections::BTreeMap, sync::Arc};

/// The resolvers by name.
pub(crate) type Resolvers = BTreeMap<String, Arc<dyn Resolver>>;

/// What every decision may look at besides the records.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) config: &'a Config,
    pub(crate) version: u32,
    pub(crate) schema: &'a Schema,
    pub(crate) resolvers: &'a Resolvers,
    pub(crate) settings: &'a Settings,
    pub(crate) now: Timestamp,
}

/// The next free numbers of log entries.
#[derive(Debug)]
pub(crate) struct Numbers {
    first: u64,
    next: u64,
}
impl Numbers {
    pub(crate) fn from(next_change: u64) -> Numbers {
        Numbers { first: next_change, next: next_change }
    }
    pub(crate) fn take(&mut self) -> crate::ChangeId {
        self.next += 1;
        crate::ChangeId(self.next - 1)
    }
    /// For the guard: the number that was free when these were taken.
    pub(crate) fn guard(&self) -> Option<u64> {
        (self.next > self.first).then_some(self.first)
    }
}
