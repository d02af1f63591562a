//! Chapter 2: SOQL.
use super::{Rule, assumed};

pub(crate) const ROWS: &[Rule] = &[
    assumed(
        "2.8",
        "`f != 'x'` and `f NOT IN ('x')` return rows whose `f` is null",
        "soql.null_differs",
        &["wire_rules_soql::null_differs_from_every_value_or_from_none_as_assumed"],
    ),
    assumed(
        "2.8",
        "`(NOT f = 'x')` and `(NOT f LIKE 'x%')` return rows whose `f` is null",
        "soql.null_meets_not",
        &["wire_rules_soql::not_takes_rows_without_a_value_or_leaves_them_as_assumed"],
    ),
    assumed(
        "2.8",
        "`f EXCLUDES ('a')` returns rows whose `f` is null",
        "soql.null_meets_excludes",
        &["wire_rules_soql::excludes_takes_rows_without_a_value_or_leaves_them_as_assumed"],
    ),
];
