//! What is assumed of values on their way into a row.

/// How values are read and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValueAssumptions {
    /// `null` for a checkbox unchecks it; else it is refused as a value of the wrong kind (default: `true`).
    pub null_unchecks: bool,
    /// A date-time may be written as it is answered, with `+0000` instead of `+00:00` (default: `true`).
    pub compact_offsets: bool,
    /// Blanks around a text are not stored, and a text of blanks is none (default: `true`).
    pub texts_are_trimmed: bool,
    /// Decimals beyond a field's scale are stored, as the scale is for screens; else the number is rounded to them (default: `true`).
    pub decimals_are_kept: bool,
}

impl Default for ValueAssumptions {
    fn default() -> ValueAssumptions {
        ValueAssumptions {
            null_unchecks: true,
            compact_offsets: true,
            texts_are_trimmed: true,
            decimals_are_kept: true,
        }
    }
}
