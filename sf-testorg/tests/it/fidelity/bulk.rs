//! Chapter 4: Bulk API.
use super::{Rule, assumed};

pub(crate) const ROWS: &[Rule] = &[
    assumed(
        "4.1",
        "A second upload to an open job is refused",
        "bulk.second_upload_replaces",
        &["bulk_jobs::given_a_job_in_a_state_when_asked_for_what_it_does_not_allow_then_it_is_refused"],
    ),
    assumed(
        "4.1",
        "Closing a job that is closed and not yet done answers 200 and changes nothing",
        "bulk.second_close_is_ok",
        &["bulk_jobs::given_a_job_in_a_state_when_asked_for_what_it_does_not_allow_then_it_is_refused"],
    ),
    assumed(
        "4.1",
        "A job that was created with its data in one multipart request needs no closing",
        "bulk.multipart_closes",
        &["bulk_ingest::given_a_multipart_request_when_sent_then_the_job_has_its_data"],
    ),
    assumed(
        "4.3",
        "Checkboxes of an upload may be `1`, `0`, `t` and `f` besides `true` and `false`",
        "bulk.short_booleans",
        &["bulk_ingest::given_values_when_loaded_then_their_documented_forms_are_read"],
    ),
    assumed(
        "4.3",
        "`#N/A` in a relationship column clears the lookup",
        "bulk.null_clears_parent",
        &["wire_rules_bulk::na_in_a_relationship_column_clears_the_lookup_or_is_ignored_as_assumed"],
    ),
    assumed(
        "4.5",
        "A result without rows is its header row",
        "bulk.empty_result_has_header",
        &["bulk_query::given_a_query_job_when_followed_then_every_answer_is_whole"],
    ),
    assumed(
        "4.5",
        "ORDER BY and LIMIT give the rows of an export in that order",
        "bulk.order_by_is_kept",
        &["wire_rules_bulk::an_export_keeps_the_order_of_order_by_or_none_as_assumed"],
    ),
    assumed(
        "4.6",
        "Errors in the statement of a query job have the code `API_ERROR`",
        "bulk.query_errors_are_api_errors",
        &["bulk_query::given_a_statement_when_bulk_does_not_support_it_then_it_is_refused_at_once"],
    ),
];
