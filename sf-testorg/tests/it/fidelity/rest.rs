//! Chapter 3: REST.
use super::{Rule, assumed};

pub(crate) const ROWS: &[Rule] = &[assumed(
    "3.12",
    "A tree that was saved answers 201",
    "rest.tree_status",
    &["wire_rules_soql::a_tree_that_was_saved_has_the_assumed_status"],
)];
