//! Chapter 6: events.
use super::Rule;

pub(crate) const ROWS: &[Rule] = &[];
