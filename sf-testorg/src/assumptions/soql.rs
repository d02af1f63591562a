//! What is assumed of queries.

/// What a query means, and how it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SoqlAssumptions {
    /// Rows without a value meet `!= 'x'` and `NOT IN ('x')` (default: `true`, what most practitioners report; one contradicts).
    pub null_differs: bool,
    /// Rows without a value meet `(NOT f = 'x')`, as what does not hold is false; else it is unknown as in SQL, and NOT leaves it so
    /// (default: `true`).
    pub null_meets_not: bool,
    /// Rows without a value meet `EXCLUDES ('a')` (default: `true`).
    pub null_meets_excludes: bool,
}

impl Default for SoqlAssumptions {
    fn default() -> SoqlAssumptions {
        SoqlAssumptions { null_differs: true, null_meets_not: true, null_meets_excludes: true }
    }
}
