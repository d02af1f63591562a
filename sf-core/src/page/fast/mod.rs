//! A JSON reader for pages, behind the feature `fast-json`.
//!
//! It reads from text that is known to be UTF-8, hands strings out without a second look at them, and never makes an
//! error message: what it does not take, serde_json reads after it and explains. So it may decline whatever is rare (an
//! odd map key, nesting of a hundred levels), but what it takes must read exactly as serde_json reads it, and no
//! more: that is what its tests check.
mod access;
mod reader;
mod scan;
#[cfg(test)]
mod tests;

use scan::Scanner;
use serde::de::DeserializeSeed;
use std::fmt;

/// What `seed` makes of the whole text; `None`: serde_json has to read it.
pub(super) fn read<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> Option<S::Value> {
    let mut scanner = Scanner::new(text);
    let value = seed.deserialize(&mut scanner).ok()?;
    scanner.is_done().then_some(value)
}

/// Something is wrong or rare here. Says nothing, because nobody hears it.
#[derive(Debug)]
struct Declined;

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not read by the fast reader")
    }
}

impl std::error::Error for Declined {}

impl serde::de::Error for Declined {
    fn custom<T: fmt::Display>(_: T) -> Declined {
        Declined
    }
    fn invalid_type(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Declined {
        Declined
    }
    fn invalid_value(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Declined {
        Declined
    }
}
