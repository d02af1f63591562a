//! What is assumed of queries.

/// What a query means.
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
    /// `f = ''` is `f = null`; else no row meets it (default: `true`).
    pub empty_text_is_null: bool,
    /// An id of 15 characters in a filter finds the row; else it is refused as an invalid id (default: `true`).
    pub short_ids_match: bool,
    /// `f <= LITERAL` holds up to the end of the date literal's range and `f >= LITERAL` from its start; else up to the start and from the end
    /// (default: `true`).
    pub bounds_include_the_range: bool,
    /// `LAST_N_YEARS:n` goes back n + 1 years, as the guide's table says; else n, as all of its other units (default: `false`).
    pub last_n_years_goes_one_further: bool,
    /// `totalSize` is the size of the limited result; else LIMIT does not count in it (default: `true`).
    pub limit_counts_in_total_size: bool,
    /// `LIMIT 0` is refused with `MALFORMED_QUERY`; else it returns nothing (default: `false`).
    pub limit_zero_is_refused: bool,
    /// A grouped `Account.Name` stands under the key `Name`; else under `Account.Name` (default: `true`).
    pub grouped_parent_key_is_last_name: bool,
    /// HAVING and ORDER BY take an aggregate of a grouped field (`GROUP BY Name HAVING COUNT(Name) > 1`); else it is refused there as it is in
    /// SELECT (default: `true`).
    pub having_may_aggregate_groups: bool,
    /// An aggregate without GROUP BY over no rows is one row; else there is none (default: `true`).
    pub no_rows_are_one_group: bool,
    /// An index costs less than a scan in a query plan while it gives less than this percentage of the rows (default: 10).
    pub index_pays_below_percent: u8,
    /// `WITH USER_MODE`, `WITH SECURITY_ENFORCED` and `WITH SYSTEM_MODE` are refused over REST as unexpected tokens; else they are taken, as
    /// Salesforce's own parser takes them, and change nothing, for REST always asks as the user (default: `false`).
    pub access_modes_are_refused: bool,
}

impl Default for SoqlAssumptions {
    fn default() -> SoqlAssumptions {
        SoqlAssumptions {
            null_differs: true,
            null_meets_not: true,
            null_meets_excludes: true,
            empty_text_is_null: true,
            short_ids_match: true,
            bounds_include_the_range: true,
            last_n_years_goes_one_further: false,
            limit_counts_in_total_size: true,
            limit_zero_is_refused: false,
            grouped_parent_key_is_last_name: true,
            having_may_aggregate_groups: true,
            no_rows_are_one_group: true,
            index_pays_below_percent: 10,
            access_modes_are_refused: false,
        }
    }
}
