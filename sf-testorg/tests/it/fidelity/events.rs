//! Chapter 6: events.
use super::{Rule, assumed, documented};

const HEADER: &str = "Change Data Capture guide, ChangeEventHeader Fields";
const BODY: &str = "Change Data Capture guide, Change Event Body Fields";

pub(crate) const ROWS: &[Rule] = &[
    documented(
        "6.1",
        "A CREATE event has the header's fields and all values; dates are milliseconds, compounds nested records",
        HEADER,
        &["changes::given_a_create_when_read_then_the_whole_event_is_as_the_guide_says"],
    ),
    documented(
        "6.1",
        "An UPDATE event has what changed, `changedFields` with LastModifiedDate, and names what is null now in `nulledFields`",
        BODY,
        &["changes::given_an_update_when_read_then_only_what_changed_is_in_it_with_nulls_named"],
    ),
    documented(
        "6.1",
        "Rows that one transaction changes alike share an event; a deletion has no fields",
        HEADER,
        &["changes::given_rows_that_change_alike_when_one_transaction_changes_them_then_they_share_an_event"],
    ),
    documented(
        "6.1",
        "A row that one transaction touches several times has one event with the final data",
        "Change Data Capture guide, Merged Change Events",
        &[
            "changes::given_a_row_that_is_touched_several_times_when_committed_then_one_event_has_the_final_data",
        ],
    ),
    assumed(
        "6.1",
        "A row that one transaction changes and then deletes has a DELETE event",
        "changes.deletion_wins",
        &[
            "changes::given_a_row_that_is_touched_several_times_when_committed_then_one_event_has_the_final_data",
        ],
    ),
    documented(
        "6.1",
        "`changeOrigin` names API, version and the client of `Sforce-Call-Options`; `commitUser` who did it",
        HEADER,
        &[
            "changes::given_a_create_when_read_then_the_whole_event_is_as_the_guide_says",
            "changes::given_who_and_what_changes_when_read_then_origin_and_user_say_so",
        ],
    ),
    documented(
        "6.1",
        "CaseComment has no change events, nor has a change of a picklist or what failed",
        "Object Reference, StandardObjectNameChangeEvent",
        &["changes::given_what_has_no_events_when_it_changes_then_there_are_none"],
    ),
    documented(
        "6.1",
        "`sequenceNumber` has holes where an sObject is not selected",
        HEADER,
        &["changes::given_sobjects_that_are_not_selected_when_they_change_then_sequence_numbers_have_holes"],
    ),
    assumed(
        "6.1",
        "A change of a text of 1,000 characters or more is a unified diff where that is shorter",
        "changes.large_text_as_diff",
        &["changes::given_a_large_text_that_changes_when_read_then_a_diff_says_how"],
    ),
    assumed(
        "6.1",
        "The hash in such a diff is that of the new text",
        "changes.diff_hash_is_of_new_text",
        &["changes::given_a_large_text_that_changes_when_read_then_a_diff_says_how"],
    ),
    assumed(
        "6.1",
        "Formulas are in events; a change of a formula alone makes none",
        "changes.with_formulas",
        &[
            "changes::given_formulas_when_they_change_alone_then_there_is_no_event_and_else_they_are_in_it_or_not",
        ],
    ),
    documented(
        "6.2",
        "Events are stored for 72 hours, in the order of their commits, under ids that rise and are not contiguous",
        "Change Data Capture guide, Change Event Storage and Delivery",
        &[
            "changes::given_72_hours_when_they_have_passed_then_what_is_older_cannot_be_replayed",
            "changes::given_a_late_commit_when_read_then_it_stands_where_it_was_committed_with_its_older_stamp",
            "changes::given_a_state_file_when_the_org_is_continued_then_ids_go_on_and_what_was_before_is_not_stored",
        ],
    ),
    documented(
        "6.2",
        "An event of more than 1 MB is a gap event",
        "Change Data Capture guide, Gap Events",
        &["changes::given_an_event_of_more_than_a_megabyte_when_read_then_a_gap_event_stands_in_its_place"],
    ),
    documented(
        "6.5",
        "Changes of a transaction beyond 100,000 are one overflow event for each sObject, without ids",
        "Change Data Capture guide, Overflow Events",
        &[
            "changes::given_a_transaction_of_more_than_100_000_changes_when_read_then_the_rest_is_one_overflow_event_for_each_sobject",
            "changes::given_faults_of_events_when_rows_change_then_gaps_and_overflows_come",
        ],
    ),
];
