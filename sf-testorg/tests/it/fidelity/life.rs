//! Deletion, undelete, merge, lead conversion: of chapters 3, 6 and 7.
use super::{Rule, assumed, documented, recorded, reported};

pub(crate) const ROWS: &[Rule] = &[
    documented(
        "3.8",
        "A row that was undeleted leaves `…/deleted/` and is in `…/updated/`, with a new SystemModstamp",
        "SOAP guide: undelete(), getUpdated()",
        &[
            "life::undelete::given_an_account_with_children_when_deleted_and_undeleted_then_all_are_as_before_with_new_stamps",
        ],
    ),
    documented(
        "3.8",
        "An undelete brings back what was deleted with the row, nothing else",
        "SOAP guide: undelete()",
        &[
            "life::undelete::given_an_account_with_children_when_deleted_and_undeleted_then_all_are_as_before_with_new_stamps",
            "life::undelete::what_was_deleted_before_its_parent_stays_in_the_bin_when_the_parent_comes_back",
        ],
    ),
    documented(
        "3.8",
        "An undelete fills custom lookups, `ParentId` and `ReportsToId` again that the deletion emptied, unless they have another value",
        "Apex Developer Guide: Deleting Records",
        &[
            "life::undelete::lookups_that_a_deletion_emptied_are_filled_again_unless_they_were_given_another_value",
        ],
    ),
    documented(
        "3.8",
        "A row leaves the recycle bin after 15 days",
        "SOAP guide: emptyRecycleBin()",
        &["life::undelete::after_15_days_a_deletion_cannot_be_undone"],
    ),
    recorded(
        "3.8",
        "Rows of an sObject that cannot come back are refused with `CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY`",
        "recording: undelete() of custom object ids, Salesforce Stack Exchange 138077",
        &["life::undelete::what_is_not_in_the_recycle_bin_cannot_be_undeleted"],
    ),
    reported(
        "3.8",
        "What is not in the bin, or went with another row, is refused with `UNDELETE_FAILED`, `Entity is not in the recycle bin`",
        "Help 000386040; test suites of clients",
        &[
            "life::undelete::what_is_not_in_the_recycle_bin_cannot_be_undeleted",
            "life::undelete::what_was_deleted_before_its_parent_stays_in_the_bin_when_the_parent_comes_back",
        ],
    ),
    reported(
        "3.8",
        "Emptying the bin of what is not in it is refused with `INVALID_ID_FIELD`, `invalid record id; no recycle bin entry found`",
        "logs of Database.emptyRecycleBin",
        &["life::undelete::an_emptied_recycle_bin_gives_nothing_back_and_the_delete_log_keeps_the_ids"],
    ),
    assumed(
        "3.8",
        "`queryAll` does not find rows that the recycle bin was emptied of",
        "life.purged_rows_linger",
        &[
            "life::undelete::an_emptied_recycle_bin_gives_nothing_back_and_the_delete_log_keeps_the_ids",
            "life::undelete::purged_rows_can_be_queried_for_some_time_as_assumed",
        ],
    ),
    assumed(
        "3.8",
        "`…/deleted/` goes on listing rows that are gone for good",
        "life.deleted_lists_purged",
        &[
            "life::undelete::an_emptied_recycle_bin_gives_nothing_back_and_the_delete_log_keeps_the_ids",
            "life::undelete::purged_rows_leave_the_deleted_list_as_assumed",
        ],
    ),
    assumed(
        "7.9",
        "A lookup of a row that is undeleted points to what its deleted parent was merged into, else it is empty",
        "life.undelete_lost_parent",
        &["life::undelete::a_lookup_to_a_deleted_parent_is_empty_after_an_undelete_or_refuses_it_as_assumed"],
    ),
];
