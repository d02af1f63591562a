//! What is assumed of: jobs of Bulk API 1.0.

/// Jobs of Bulk API 1.0; what [`BulkAssumptions`](super::BulkAssumptions) says of closing twice, checkboxes, parents and order holds too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bulk1Assumptions {
    /// A job is told in the format that the request's `Content-Type` names, else, and without that header, in that of its batches
    /// (default: `true`).
    pub job_info_follows_content_type: bool,
    /// An empty text in a batch in JSON or XML clears the field; else it is ignored, as in CSV (default: `true`).
    pub empty_text_is_null: bool,
    /// `#N/A` in a batch in JSON or XML clears the field, as in CSV; else it is a text (default: `false`).
    pub na_is_null: bool,
    /// A date or date-time that cannot be read fails a whole batch in JSON, as people report; else only its row (default: `true`).
    pub bad_time_fails_json_batch: bool,
}

impl Default for Bulk1Assumptions {
    fn default() -> Bulk1Assumptions {
        Bulk1Assumptions {
            job_info_follows_content_type: true,
            empty_text_is_null: true,
            na_is_null: false,
            bad_time_fails_json_batch: true,
        }
    }
}
