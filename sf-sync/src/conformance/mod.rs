//! What every [`Store`] must do, as a suite that runs against any of them (feature `conformance`).
//!
//! Plain asynchronous functions, no runtime, no test framework:
//!
//! ```
//! # #[cfg(feature = "conformance")]
//! # async fn run() -> Result<(), sf_sync::conformance::Violation> {
//! use sf_sync::{Store, conformance, memory::MemoryStore};
//! use std::sync::Arc;
//!
//! #[derive(Debug)]
//! struct InMemory;
//! impl conformance::Fixture for InMemory {
//!     fn fresh(&self) -> sf_sync::Result<Arc<dyn Store>> {
//!         Ok(Arc::new(MemoryStore::new()))
//!     }
//!     fn reopen(&self, store: Arc<dyn Store>) -> sf_sync::Result<Arc<dyn Store>> {
//!         Ok(store)
//!     }
//! }
//! conformance::run(&InMemory).await?;
//! # Ok(()) }
//! ```

mod documents;
mod guards;
mod log;
mod records;
mod revisions;
mod sample;
mod schedule;

use crate::{Result, store::Store};
use std::{fmt, pin::Pin, sync::Arc};

/// Makes the stores that the suite works on.
pub trait Fixture: fmt::Debug + Send + Sync {
    /// A new, empty store.
    ///
    /// # Errors
    /// When it cannot be made; the suite stops with that.
    fn fresh(&self) -> Result<Arc<dyn Store>>;

    /// The same data, opened again: the handle given is the last one. A store that keeps nothing gives it back.
    ///
    /// # Errors
    /// When it cannot be opened; the suite stops with that.
    fn reopen(&self, store: Arc<dyn Store>) -> Result<Arc<dyn Store>>;
}

/// A rule that a store broke.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The rule, as in [`rules`].
    pub rule: &'static str,
    /// What was seen.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.detail)
    }
}

impl std::error::Error for Violation {}

type Check = std::result::Result<(), String>;
type Running<'a> = Pin<Box<dyn Future<Output = Check> + Send + 'a>>;
type Rule = (&'static str, fn(&dyn Fixture) -> Running<'_>);

macro_rules! rules {
    ($($module:ident :: $name:ident,)*) => {
        const RULES: &[Rule] = &[$((stringify!($name), |fixture| Box::pin($module::$name(fixture))),)*];
    };
}

rules! {
    records::load_sees_what_was_committed,
    records::depth_limits_what_is_loaded,
    records::each_record_comes_once_at_the_greatest_depth,
    records::values_come_back_as_they_were,
    records::thousands_of_keys_in_one_load,
    records::known_records_come_in_pages_by_key,
    records::unseen_records_are_those_no_pull_met,
    revisions::a_commit_gives_its_number_to_what_it_writes,
    revisions::writing_a_record_keeps_what_the_store_keeps,
    guards::a_moved_revision_is_stale,
    guards::a_moved_scope_counter_or_attempt_is_stale,
    guards::a_refused_commit_leaves_nothing,
    log::change_numbers_are_never_used_twice,
    log::open_entries_make_a_record_open,
    log::superseded_entries_come_with_their_survivor,
    log::the_log_comes_in_pages,
    log::prune_keeps_what_is_open,
    schedule::due_records_come_first_due_first,
    schedule::next_due_is_the_earliest_of_each_phase,
    schedule::attempts_are_open_until_closed,
    documents::scopes_documents_and_configuration_are_kept,
    documents::everything_is_there_after_a_restart,
}

/// The names of the rules, in the order they are checked.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(name, _)| *name)
}

/// Checks every rule on a store of its own.
///
/// # Errors
/// The first rule that is broken.
pub async fn run(fixture: &dyn Fixture) -> std::result::Result<(), Violation> {
    for rule in rules() {
        check(rule, fixture).await?;
    }
    Ok(())
}

/// Checks one rule by its name.
///
/// # Errors
/// When the store breaks it, or when there is no such rule.
pub async fn check(rule: &str, fixture: &dyn Fixture) -> std::result::Result<(), Violation> {
    let Some((rule, run)) = RULES.iter().find(|(name, _)| *name == rule) else {
        return Err(Violation { rule: "rules", detail: format!("there is no rule `{rule}`") });
    };
    run(fixture).await.map_err(|detail| Violation { rule, detail })
}

/// Leaves the rule with what is wrong unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err(format!($($text)+));
        }
    };
}
/// Leaves the rule unless both are equal.
macro_rules! same {
    ($left:expr, $right:expr, $what:expr) => {
        match (&$left, &$right) {
            (left, right) if left == right => {}
            (left, right) => return Err(format!("{}: {left:?} instead of {right:?}", $what)),
        }
    };
}
use {ensure, same};
