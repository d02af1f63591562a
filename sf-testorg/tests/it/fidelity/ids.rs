//! Chapter 1: ids.
use super::{Rule, documented};

pub(crate) const ROWS: &[Rule] = &[documented(
    "1.4",
    "A well-formed id of another object in a path is refused with `MALFORMED_ID`",
    "REST guide: Status Codes and Error Responses",
    &["rows::given_a_row_that_is_not_there_when_addressed_then_the_documented_error"],
)];
