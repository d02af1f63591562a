//! What is assumed of: jobs of Bulk API 2.0 and their files.
use std::time::Duration;

/// Jobs of Bulk API 2.0 and their files.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkAssumptions {
    /// A second upload to an open bulk job takes the place of the first instead of being refused (default: `false`).
    pub second_upload_replaces: bool,
    /// Closing a bulk job that is closed and not yet done answers 200 and changes nothing; else it is refused (default: `true`).
    pub second_close_is_ok: bool,
    /// A bulk job that was created with its data in one multipart request needs no closing (default: `true`).
    pub multipart_closes: bool,
    /// Checkboxes in a bulk upload may be `1`, `0`, `t` and `f` besides `true` and `false` (default: `true`).
    pub short_booleans: bool,
    /// `#N/A` in a relationship column of a bulk upload clears the lookup; else it is ignored (default: `true`).
    pub null_clears_parent: bool,
    /// A bulk query without rows answers its header row, else nothing at all (default: `true`).
    pub empty_result_has_header: bool,
    /// A bulk query with ORDER BY or LIMIT gives its rows in that order; else in no order, as without (default: `true`).
    pub order_by_is_kept: bool,
    /// The code of every error in the statement of a bulk query is `API_ERROR`, else the one that REST gives (default: `true`).
    pub query_errors_are_api_errors: bool,
    /// An empty line of an upload is no row; else it is a row of one empty value (default: `true`).
    pub empty_lines_are_no_rows: bool,
    /// A job that is closed without data is complete and has no rows; else it fails (default: `true`).
    pub closed_without_data_completes: bool,
    /// A job that waits for its data for more than a day fails; else it is aborted (default: `true`).
    pub left_open_fails: bool,
    /// A list of jobs without `jobType` has the jobs of the list's own kind; else all (default: `true`). The guide says both.
    pub lists_are_of_one_kind: bool,
    /// The processing time that a row counts in a job's statistics; no real time passes (default: a millisecond).
    pub row_time: Duration,
}

impl Default for BulkAssumptions {
    fn default() -> BulkAssumptions {
        BulkAssumptions {
            second_upload_replaces: false,
            second_close_is_ok: true,
            multipart_closes: true,
            short_booleans: true,
            null_clears_parent: true,
            empty_result_has_header: true,
            order_by_is_kept: true,
            query_errors_are_api_errors: true,
            empty_lines_are_no_rows: true,
            closed_without_data_completes: true,
            left_open_fails: true,
            lists_are_of_one_kind: true,
            row_time: Duration::from_millis(1),
        }
    }
}
