//! Chapter 4: Bulk API 2.0.
use super::{Rule, documented, recorded, reported};

pub(crate) const ROWS: &[Rule] = &[
    documented(
        "4.1",
        "Creating a job answers 200, state Open, and a contentUrl without a leading slash",
        "Bulk guide: Create a Job",
        &["bulk_jobs::given_an_ingest_job_when_followed_then_every_answer_is_whole"],
    ),
    documented(
        "4.1",
        "`apiVersion` of a job is a JSON number `66.0`",
        "Bulk guide: Create a Job",
        &["bulk_jobs::given_an_ingest_job_when_followed_then_every_answer_is_whole"],
    ),
    documented(
        "4.1",
        "An upload answers 201 without a body, closing and aborting 200 with the job, deleting 204",
        "Bulk guide: Upload Job Data, Close or Abort a Job, Delete a Job",
        &[
            "bulk_jobs::given_an_ingest_job_when_followed_then_every_answer_is_whole",
            "bulk_jobs::given_a_job_in_a_state_when_asked_for_what_it_does_not_allow_then_it_is_refused",
        ],
    ),
    documented(
        "4.1",
        "A job goes from Open over UploadComplete and InProgress to JobComplete or Failed",
        "Bulk guide: Job States",
        &[
            "bulk_jobs::given_an_ingest_job_when_followed_then_every_answer_is_whole",
            "bulk_jobs::given_nobody_asks_when_time_passes_then_the_job_is_done_at_its_times",
        ],
    ),
    recorded(
        "4.1",
        "numberRecordsProcessed includes the rows that failed",
        "plugin-data",
        &["bulk_jobs::given_an_ingest_job_when_followed_then_every_answer_is_whole"],
    ),
    documented(
        "4.1",
        "A job is JobComplete although rows failed",
        "Bulk guide: Job States",
        &["bulk_jobs::given_an_ingest_job_when_followed_then_every_answer_is_whole"],
    ),
    documented(
        "4.1",
        "Aborting keeps what was done; the rest is in unprocessedrecords",
        "Bulk guide: Close or Abort a Job",
        &[
            "bulk_jobs::given_a_job_of_several_batches_when_aborted_then_done_rows_stay_and_the_rest_is_unprocessed",
        ],
    ),
    documented(
        "4.1",
        "Jobs are listed in pages of 1,000",
        "Bulk guide: Get All Jobs",
        &["bulk_jobs::given_many_jobs_when_listed_then_they_come_in_pages_of_a_thousand_and_by_kind"],
    ),
    documented(
        "4.1",
        "A multipart request creates a job with its data",
        "Bulk guide: Create a Job",
        &["bulk_ingest::given_a_multipart_request_when_sent_then_the_job_has_its_data"],
    ),
    documented(
        "4.1",
        "Triggers see 200 rows at a time, each such chunk a transaction",
        "Bulk guide: Limits",
        &["bulk_ingest::given_many_rows_when_loaded_then_each_chunk_of_200_is_a_transaction"],
    ),
    documented(
        "4.1",
        "Insert, update, upsert, delete and hardDelete do what they are called",
        "Bulk guide: Create a Job",
        &[
            "bulk_ingest::given_rows_when_inserted_then_results_tell_ids_and_errors",
            "bulk_ingest::given_rows_when_updated_then_empty_is_ignored_and_na_is_null",
            "bulk_ingest::given_an_external_id_when_upserted_then_created_tells_which",
            "bulk_ingest::given_rows_when_deleted_then_only_ids_are_taken",
        ],
    ),
    documented(
        "4.2",
        "successfulResults have sf__Id and sf__Created before the columns, failedResults sf__Id and sf__Error",
        "Bulk guide: Get Job Successful Record Results",
        &["bulk_ingest::given_rows_when_inserted_then_results_tell_ids_and_errors"],
    ),
    reported(
        "4.2",
        "The system columns are in quotes, the header as it was sent",
        "five sightings",
        &["bulk_ingest::given_rows_when_inserted_then_results_tell_ids_and_errors"],
    ),
    reported(
        "4.2",
        "sf__Error is `CODE:message:fields --`, `:--` without fields",
        "four sightings",
        &[
            "bulk_ingest::given_rows_when_inserted_then_results_tell_ids_and_errors",
            "bulk_ingest::given_rows_when_updated_then_empty_is_ignored_and_na_is_null",
        ],
    ),
    documented(
        "4.2",
        "Results are in no order",
        "Bulk guide: Get Job Successful Record Results",
        &["bulk_ingest::given_many_rows_when_loaded_then_each_chunk_of_200_is_a_transaction"],
    ),
    reported(
        "4.2",
        "Results without rows are the header line",
        "public code",
        &["bulk_ingest::given_rows_when_inserted_then_results_tell_ids_and_errors"],
    ),
    documented(
        "4.2",
        "Jobs and their results are gone after seven days",
        "limits",
        &["bulk_jobs::given_old_jobs_when_days_pass_then_they_fail_or_are_gone"],
    ),
    reported(
        "4.2",
        "The slash behind a result resource may be left out",
        "jsforce",
        &["bulk_ingest::given_rows_when_inserted_then_results_tell_ids_and_errors"],
    ),
    reported(
        "4.3",
        "A wrong line ending fails the job with `LineEnding is invalid on user data. …`",
        "eight sightings",
        &["bulk_ingest::given_a_file_that_cannot_be_read_when_processed_then_the_job_fails_as_documented"],
    ),
    reported(
        "4.3",
        "An unknown column fails the job with `InvalidBatch : Field name not found : X`, the first one only",
        "eight sightings",
        &["bulk_ingest::given_a_file_that_cannot_be_read_when_processed_then_the_job_fails_as_documented"],
    ),
    reported(
        "4.3",
        "A byte order mark sticks to the first name",
        "practitioners",
        &["bulk_ingest::given_a_file_that_cannot_be_read_when_processed_then_the_job_fails_as_documented"],
    ),
    documented(
        "4.3",
        "Six delimiters and two line endings",
        "Bulk guide: Create a Job",
        &[
            "bulk_csv::given_any_table_when_loaded_and_exported_then_it_is_the_same",
            "bulk_jobs::given_an_ingest_job_when_followed_then_every_answer_is_whole",
        ],
    ),
    documented(
        "4.3",
        "An empty value is ignored, `#N/A` clears the field",
        "Bulk guide: Prepare CSV Files",
        &["bulk_ingest::given_rows_when_updated_then_empty_is_ignored_and_na_is_null"],
    ),
    documented(
        "4.3",
        "Names of columns compare without case",
        "Bulk guide: Prepare CSV Files",
        &["bulk_ingest::given_rows_when_updated_then_empty_is_ignored_and_na_is_null"],
    ),
    documented(
        "4.3",
        "Date-times are ISO 8601 with `Z` or an offset, dates without",
        "Bulk guide: Valid Date Format in Records",
        &["bulk_ingest::given_values_when_loaded_then_their_documented_forms_are_read"],
    ),
    documented(
        "4.3",
        "A parent can be given by its external id, a polymorphic one with its type: `Lead:Who.Email`",
        "Bulk guide: Relationship Fields in a Header Row",
        &["bulk_ingest::given_relationship_columns_when_loaded_then_parents_are_found_by_their_external_ids"],
    ),
    documented(
        "4.3",
        "A malformed row fails alone",
        "Bulk guide: Valid CSV Record Rows",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    documented(
        "4.4",
        "15,000 batches and 10,000 query jobs a day",
        "limits",
        &[
            "bulk_jobs::given_a_day_of_jobs_when_the_allocation_is_used_up_then_further_ones_fail",
            "bulk_jobs::given_jobs_when_run_then_limits_and_the_log_count_them",
        ],
    ),
    documented(
        "4.4",
        "Every request of a job is an API call",
        "limits",
        &["bulk_jobs::given_jobs_when_run_then_limits_and_the_log_count_them"],
    ),
    documented(
        "4.5",
        "A query job is UploadComplete at once and has the object of its FROM",
        "Bulk guide: Create a Query Job",
        &["bulk_query::given_a_query_job_when_followed_then_every_answer_is_whole"],
    ),
    documented(
        "4.5",
        "Results come in pages with `Sforce-Locator`, which is `null` on the last, and `Sforce-NumberOfRecords`",
        "Bulk guide: Get Results for a Query Job",
        &["bulk_query::given_many_rows_when_exported_then_they_come_in_pages_and_in_no_order"],
    ),
    documented(
        "4.5",
        "`maxRecords` is a ceiling only",
        "Bulk guide: Get Results for a Query Job",
        &["bulk_query::given_many_rows_when_exported_then_they_come_in_pages_and_in_no_order"],
    ),
    documented(
        "4.5",
        "`resultPages` names up to five pages",
        "Bulk guide: Get Parallel Results for a Query Job",
        &["bulk_query::given_many_rows_when_exported_then_they_come_in_pages_and_in_no_order"],
    ),
    documented(
        "4.5",
        "Columns come in the order of SELECT; before 50.0 by name",
        "Bulk guide: Get Results for a Query Job",
        &[
            "bulk_query::given_rows_when_exported_then_values_have_the_forms_of_csv",
            "bulk_query::given_another_version_when_results_are_read_then_it_is_refused",
        ],
    ),
    reported(
        "4.5",
        "Date-times end in `Z`, null is empty, parents are dotted, all in quotes",
        "practitioners",
        &["bulk_query::given_rows_when_exported_then_values_have_the_forms_of_csv"],
    ),
    documented(
        "4.5",
        "Results under another version than the job's answer 409",
        "Bulk guide: Get Results for a Query Job",
        &["bulk_query::given_another_version_when_results_are_read_then_it_is_refused"],
    ),
    documented(
        "4.5",
        "GROUP BY, OFFSET, TYPEOF, aggregates, compound fields and subqueries are refused",
        "Bulk guide: Create a Query Job",
        &["bulk_query::given_a_statement_when_bulk_does_not_support_it_then_it_is_refused_at_once"],
    ),
    documented(
        "4.5",
        "Aborting a job that is done answers `INVALIDJOBSTATE`, deleting one that runs `API_ERROR`",
        "Bulk guide: Abort a Query Job, Delete a Query Job",
        &["bulk_query::given_a_query_job_when_followed_then_every_answer_is_whole"],
    ),
    documented(
        "4.6",
        "Codes of the bulk layer have no underscores; an unknown object is `INVALIDENTITY`",
        "Bulk guide: Errors",
        &[
            "bulk_ingest::given_a_create_request_when_it_is_wrong_then_it_is_refused",
            "bulk_query::given_a_statement_when_bulk_does_not_support_it_then_it_is_refused_at_once",
        ],
    ),
    reported(
        "4.6",
        "An unknown or deleted job answers 404",
        "practitioners",
        &["bulk_jobs::given_a_job_in_a_state_when_asked_for_what_it_does_not_allow_then_it_is_refused"],
    ),
    reported(
        "4.2",
        "Results of an upload that was never read are their header row alone, and all of it is unprocessed",
        "published code",
        &[
            "bulk_jobs::given_an_upload_that_was_never_read_when_its_results_are_asked_for_then_all_of_it_is_unprocessed",
        ],
    ),
];
