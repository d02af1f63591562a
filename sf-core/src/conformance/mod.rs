//! What every [`Transport`] must do, as a suite that runs against any of them (feature `conformance`).
//!
//! Plain async functions over a transport and a [`World`], which prepares rows, looks at what the org holds, and
//! makes things go wrong: no runtime, no test framework. The suite works on Account and Opportunity with standard
//! fields and names its rows with [`World::tag`], so it can run against an org that holds other rows.
//!
//! ```
//! # #[cfg(feature = "conformance")]
//! # async fn example(transport: &dyn sf_core::Transport, world: &dyn sf_core::conformance::World) {
//! use sf_core::conformance;
//! let report = conformance::run_all(transport, world).await;
//! assert!(report.passed(), "{report}");
//! # }
//! ```
//!
//! The suite is not frozen: a later version may know more cases.
mod faults;
mod org;
mod reads;
mod rows;
mod runs;
mod world;
mod writes;

pub use world::{Fault, World};

use crate::{Error, Failure, Transport};
use std::{fmt, pin::Pin};

/// How a case ended.
pub type Verdict = Result<(), Problem>;

/// Why a case did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The transport broke the rule; what was seen.
    Broken(String),
    /// The world or the transport cannot do what the case needs; which it is.
    Skipped(String),
}
impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        Problem::Broken(format!("unexpected error: {error}"))
    }
}
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        Problem::Broken(format!("unexpected failure: {failure}"))
    }
}
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Broken(seen) => f.write_str(seen),
            Problem::Skipped(reason) => write!(f, "skipped: {reason}"),
        }
    }
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Every case with how it ended, in the order of [`cases`].
    pub cases: Vec<(&'static str, Verdict)>,
}
impl Report {
    /// No case was broken. Skipped ones do not count against it.
    pub fn passed(&self) -> bool {
        self.broken().next().is_none()
    }
    /// The cases that the transport broke, with what was seen.
    pub fn broken(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.cases.iter().filter_map(|(name, verdict)| match verdict {
            Err(Problem::Broken(seen)) => Some((*name, seen.as_str())),
            _ => None,
        })
    }
    /// The cases that were not run, with the reason.
    pub fn skipped(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.cases.iter().filter_map(|(name, verdict)| match verdict {
            Err(Problem::Skipped(reason)) => Some((*name, reason.as_str())),
            _ => None,
        })
    }
}
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, verdict) in &self.cases {
            match verdict {
                Ok(()) => writeln!(f, "ok      {name}")?,
                Err(Problem::Skipped(reason)) => writeln!(f, "skipped {name}: {reason}")?,
                Err(Problem::Broken(seen)) => writeln!(f, "BROKEN  {name}: {seen}")?,
            }
        }
        Ok(())
    }
}

type Running<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;
type Case = (&'static str, for<'a> fn(&'a dyn Transport, &'a dyn World) -> Running<'a>);

macro_rules! cases {
    ($($module:ident :: $name:ident,)*) => {
        const CASES: &[Case] = &[
            $((stringify!($name), |transport, world| Box::pin($module::$name(transport, world))),)*
        ];
    };
}
cases! {
    rows::a_query_gives_every_row_once_and_in_order,
    rows::several_queries_answer_in_the_order_asked,
    rows::cut_child_rows_can_be_completed,
    rows::a_missing_parent_and_no_children_are_null,
    rows::numbers_keep_their_digits,
    rows::deleted_rows_come_only_when_asked_for,
    rows::rows_by_id_keep_order_and_gaps,
    writes::outcomes_are_in_row_order,
    writes::an_insert_is_made_once,
    writes::absent_is_left_alone_and_null_clears,
    writes::any_text_is_written_as_it_is,
    writes::written_numbers_keep_their_digits,
    writes::a_bad_row_fails_alone,
    writes::all_or_none_saves_nothing_when_a_row_fails,
    writes::an_upsert_creates_then_updates,
    writes::a_deletion_is_made_and_a_second_one_fails,
    writes::what_does_not_fit_is_refused_before_sending,
    runs::rows_of_several_verbs_keep_their_outcomes,
    runs::a_long_call_keeps_the_order_of_its_rows,
    runs::all_or_none_holds_for_all_runs_of_a_call,
    runs::a_conditional_update_is_refused_after_a_change,
    runs::a_refused_token_applies_a_write_at_most_once,
    faults::a_lost_request_applies_nothing,
    faults::a_lost_answer_is_unknown_and_not_repeated,
    faults::a_refused_row_does_not_touch_its_neighbours,
    org::a_describe_lists_fields_and_can_be_unchanged,
    org::changed_rows_are_listed,
    org::limits_and_identity_are_given,
    reads::any_resource_can_be_called_and_downloaded,
    reads::an_error_says_what_and_what_next,
}

/// The names of the cases, in the order they run.
pub fn cases() -> impl Iterator<Item = &'static str> {
    CASES.iter().map(|(name, _)| *name)
}

/// Runs every case; a broken one does not keep the others from running.
pub async fn run_all(transport: &dyn Transport, world: &dyn World) -> Report {
    let mut cases = Vec::with_capacity(CASES.len());
    for (name, case) in CASES {
        cases.push((*name, case(transport, world).await));
    }
    Report { cases }
}

/// Runs one case by its name.
pub async fn run_case(name: &str, transport: &dyn Transport, world: &dyn World) -> Verdict {
    match CASES.iter().find(|(case, _)| *case == name) {
        Some((_, case)) => case(transport, world).await,
        None => Err(Problem::Broken(format!("there is no case `{name}`"))),
    }
}

/// Leaves the case as broken unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::conformance::Problem::Broken(format!($($text)+)));
        }
    };
}
/// Leaves the case as broken unless both are equal.
macro_rules! same {
    ($seen:expr, $expected:expr, $what:literal) => {
        match (&$seen, &$expected) {
            (seen, expected) => ensure!(seen == expected, "{}: {seen:?} instead of {expected:?}", $what),
        }
    };
}
use {ensure, same};
