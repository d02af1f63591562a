//! The rules that guard and complete a save: of chapters 3, 4 and 7.
use super::{Rule, assumed, documented, recorded, reported};

pub(crate) const ROWS: &[Rule] = &[
    documented(
        "3.2",
        "`Sforce-Auto-Assign`: TRUE or none uses the active assignment rule on create and update, FALSE none, an id that rule",
        "REST guide: Assignment Rule Header",
        &[
            "guard::assignment::given_an_active_rule_then_it_gives_the_owner_unless_the_header_says_false",
            "guard::assignment::given_an_update_then_the_rule_is_used_as_well",
            "guard::assignment::given_a_second_active_rule_then_the_first_is_inactive_and_still_works_by_id",
            "guard::assignment::given_an_unknown_id_then_the_row_is_refused",
        ],
    ),
    documented(
        "3.2",
        "`Sforce-Duplicate-Rule-Header` since 52.0: allowSave passes an alert and no block, includeRecordDetails gives the duplicate's fields",
        "REST guide: Duplicate Rule Header",
        &[
            "guard::duplicates::given_an_alert_when_the_header_allows_it_then_the_row_is_saved",
            "guard::duplicates::given_a_blocking_rule_when_a_duplicate_comes_then_the_answer_names_the_row_and_no_header_helps",
            "guard::duplicates::given_record_details_are_asked_for_then_the_duplicate_has_its_fields",
        ],
    ),
    documented(
        "3.2",
        "`Sforce-Mru` since 60.0: updateMru=false keeps a row that one request creates, changes or reads out of the recent rows",
        "REST guide: MRU Header",
        &[
            "guard::recent::given_update_mru_is_false_then_the_list_stays",
            "guard::recent::given_single_rows_when_created_read_or_changed_then_they_are_the_latest",
            "guard::recent::given_queries_collections_and_bulk_jobs_then_they_do_not_touch_the_list",
        ],
    ),
    recorded(
        "3.16",
        "A row that meets two validation rules answers with two errors",
        "recording: jsforce, test/http-api.test.ts",
        &["guard::validation::given_two_rules_when_a_row_meets_both_then_the_answer_has_both_errors"],
    ),
    reported(
        "3.16",
        "`DUPLICATES_DETECTED` of one row has `duplicateResult` and no `fields`",
        "aiosalesforce, tests",
        &[
            "guard::duplicates::given_a_blocking_rule_when_a_duplicate_comes_then_the_answer_names_the_row_and_no_header_helps",
        ],
    ),
    assumed(
        "3.16",
        "The details of a duplicate are called `duplicateResult`; older versions wrote `duplicateResut`",
        "guard.duplicate_result_is_misspelled",
        &[
            "guard::duplicates::given_the_switches_when_set_then_the_details_have_the_old_name_and_stand_in_collections",
        ],
    ),
    assumed(
        "3.13",
        "A row error of a collection has no details of a duplicate",
        "guard.duplicate_result_in_collections",
        &[
            "guard::duplicates::given_a_collection_when_its_rows_are_alike_then_they_are_compared_with_older_rows_only",
            "guard::duplicates::given_the_switches_when_set_then_the_details_have_the_old_name_and_stand_in_collections",
        ],
    ),
    documented(
        "3.13",
        "Rows that are saved together are no duplicates of each other",
        "Salesforce Help: Things to Know About Duplicate Rules",
        &[
            "guard::duplicates::given_a_collection_when_its_rows_are_alike_then_they_are_compared_with_older_rows_only",
        ],
    ),
    reported(
        "3.17",
        "`FIELD_CUSTOM_VALIDATION_EXCEPTION` has the administrator's text and the rule's field, or none, on every way into the org",
        "jsforce, practitioners",
        &[
            "guard::validation::given_a_validation_rule_when_a_row_meets_it_then_every_way_into_the_org_says_the_same",
            "guard::validation::given_a_validation_rule_when_a_bulk_job_has_a_row_that_meets_it_then_that_row_fails_alone",
        ],
    ),
    reported(
        "3.17",
        "The words of REQUIRED_FIELD_MISSING, INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, STRING_TOO_LONG, NUMBER_OUTSIDE_VALID_RANGE, \
         INVALID_EMAIL_ADDRESS, INVALID_FIELD_FOR_INSERT_UPDATE, DUPLICATE_VALUE, INVALID_FIELD, MALFORMED_ID, \
         INVALID_CROSS_REFERENCE_KEY, INACTIVE_OWNER_OR_USER and FIELD_INTEGRITY_EXCEPTION are the same for one row and in collections",
        "errors in public issues",
        &["guard::words::given_wrong_rows_when_created_then_each_is_refused_in_salesforces_words"],
    ),
    reported(
        "3.17",
        "A row id that is not there is 404: INVALID_CROSS_REFERENCE_KEY, or ENTITY_IS_DELETED when it was deleted",
        "errors in public issues",
        &["guard::words::given_rows_that_are_not_there_when_changed_then_the_status_is_404"],
    ),
    reported(
        "3.17",
        "A field or sObject that the user may not read is none: INVALID_FIELD and INVALID_TYPE in queries, absent from describe, 404 as a resource",
        "practitioners",
        &[
            "guard::permissions::given_a_hidden_field_then_it_is_no_column_anywhere",
            "guard::permissions::given_no_access_to_an_sobject_then_it_does_not_exist_for_the_user",
            "guard::permissions::given_a_session_of_another_user_then_its_requests_have_that_users_permissions",
        ],
    ),
    assumed(
        "3.17",
        "A write that the user has no permission for is INSUFFICIENT_ACCESS_OR_READONLY with 403",
        "guard.insufficient_access_is_403",
        &[
            "guard::permissions::given_an_sobject_that_can_only_be_read_then_writes_are_refused_in_their_words",
            "guard::permissions::given_the_switch_is_off_then_missing_permissions_are_400",
        ],
    ),
    assumed(
        "3.17",
        "A case or lead saved under an assignment rule that does not exist fails with `INVALID_ASSIGNMENT_RULE` and the rule's id",
        "errors.UnknownAssignmentRule",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    assumed(
        "3.17",
        "A write without the permission fails with `insufficient access rights on object id`",
        "errors.InsufficientAccess",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    documented(
        "4.1",
        "A job uses the assignment rule it names, active or not, and none otherwise",
        "Bulk API 2.0 guide: Create a Job, assignmentRuleId",
        &["guard::assignment::given_a_bulk_job_then_it_uses_the_rule_it_names_and_else_none"],
    ),
    reported(
        "7.9",
        "An account with cases cannot be deleted; the error names the cases",
        "errors in public issues",
        &["guard::words::given_an_account_with_cases_when_deleted_then_the_answer_names_them"],
    ),
    assumed(
        "7.10",
        "A roll-up whose value changed moves the parent's SystemModstamp and not its LastModifiedDate",
        "guard.roll_up_moves_modstamp",
        &[
            "guard::computed::given_a_roll_up_when_its_value_changes_then_only_the_parents_system_modstamp_moves",
            "guard::computed::given_the_switch_is_off_then_no_stamp_of_the_parent_moves",
        ],
    ),
];
