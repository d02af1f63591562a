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
    documented(
        "7.10",
        "A merge makes the losers deleted with `MasterRecordId`, and moves what belonged to them to the winner, with new stamps",
        "SOAP guide: merge(); Apex Developer Guide: Merging Records",
        &[
            "life::merge::given_accounts_with_children_when_merged_then_the_children_are_the_masters_and_the_victims_are_deleted",
            "life::merge::contacts_leads_and_cases_are_merged_with_their_activities",
        ],
    ),
    documented(
        "7.10",
        "The winner of a merge keeps its own values but those that the call gives",
        "Apex Developer Guide: Merging Records",
        &[
            "life::merge::given_accounts_with_children_when_merged_then_the_children_are_the_masters_and_the_victims_are_deleted",
            "life::merge::a_master_can_take_a_unique_value_of_its_victim",
        ],
    ),
    documented(
        "7.10",
        "A merge takes one or two other rows of the same sObject; one that would make a row its own parent is refused",
        "SOAP guide: merge()",
        &[
            "life::merge::a_merge_that_is_not_possible_is_refused_and_changes_nothing",
            "life::merge::a_merge_that_would_close_a_ring_of_parents_is_refused",
        ],
    ),
    documented(
        "6.1",
        "A merge is one transaction of updates and deletes, an undelete one of undeletes",
        "Apex Developer Guide: Triggers and Merge Statements",
        &[
            "life::merge::given_accounts_with_children_when_merged_then_the_children_are_the_masters_and_the_victims_are_deleted",
            "life::undelete::given_an_account_with_children_when_deleted_and_undeleted_then_all_are_as_before_with_new_stamps",
        ],
    ),
    documented(
        "6.1",
        "A lead conversion creates account, contact and opportunity and updates the lead in one transaction",
        "Change Data Capture guide: Lead Conversion",
        &["life::convert::given_a_lead_when_converted_then_each_value_is_where_the_standard_mapping_has_it"],
    ),
    documented(
        "7.5",
        "A conversion maps the lead's standard fields; rows that are there are filled where they are empty",
        "Help: Lead Conversion Field Mapping; SOAP guide: convertLead()",
        &[
            "life::convert::given_a_lead_when_converted_then_each_value_is_where_the_standard_mapping_has_it",
            "life::convert::given_rows_that_are_there_when_a_lead_is_converted_into_them_then_only_what_is_empty_is_filled",
        ],
    ),
    documented(
        "7.5",
        "Activities of a converted lead become those of the contact and the opportunity; open tasks and events of the converting user get the new owner",
        "Help 000385227",
        &["life::convert::activities_of_a_lead_become_those_of_the_contact_and_the_opportunity"],
    ),
    reported(
        "7.5",
        "A converted lead cannot be changed or referred to: `CANNOT_UPDATE_CONVERTED_LEAD`, `cannot reference converted lead`",
        "many clients",
        &["life::convert::a_converted_lead_cannot_be_changed_or_referred_to_and_can_be_queried_and_deleted"],
    ),
    reported(
        "7.5",
        "A status that does not convert is refused with `INVALID_STATUS`, `invalid convertedStatus: …`",
        "clients",
        &["life::convert::a_conversion_that_is_not_possible_is_refused_and_changes_nothing"],
    ),
    documented(
        "7.4",
        "LeadStatus, CaseStatus, TaskStatus, TaskPriority have a row for each active value of their picklist; OpportunityStage keeps one that is not active",
        "Object reference: LeadStatus, CaseStatus, TaskStatus, TaskPriority, OpportunityStage",
        &[
            "life::picklist_rows::each_value_of_a_status_or_priority_is_a_row",
            "life::picklist_rows::a_value_that_is_closed_in_the_picklist_has_no_row_and_gets_one_when_it_is_opened",
        ],
    ),
    assumed(
        "7.10",
        "A merge of an sObject whose rows cannot be merged is refused with `INVALID_TYPE_FOR_OPERATION`",
        "errors.NotMergeable",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    assumed(
        "7.10",
        "A merge of no other row, of more than two, or of one row twice is refused with `MERGE_FAILED`",
        "errors.MergeRecords",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    assumed(
        "7.10",
        "A merge that would make a row its own parent is refused with `CIRCULAR_DEPENDENCY`",
        "errors.CircularMerge",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    assumed(
        "7.5",
        "A lead of a queue that is converted without an owner is refused with `INVALID_CROSS_REFERENCE_KEY`",
        "errors.ConvertedOwner",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    assumed(
        "7.5",
        "A conversion into rows of another account is refused with `INVALID_CROSS_REFERENCE_KEY`",
        "errors.ConversionTarget",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    assumed(
        "7.5",
        "A conversion without opportunity that names one is refused with `INVALID_FIELD_FOR_INSERT_UPDATE`",
        "errors.UnwantedOpportunity",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    assumed(
        "7.9",
        "An undelete whose required parent is gone is refused with `UNDELETE_FAILED`",
        "errors.LostParent",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    assumed(
        "7.5",
        "Activities of a lead that is converted without an opportunity are about nothing",
        "life.converted_activities_of_account",
        &["life::convert::activities_of_a_lead_without_an_opportunity_are_about_the_account_as_assumed"],
    ),
    documented(
        "7.10",
        "SOAP has `undelete`, `emptyRecycleBin`, `merge` and `convertLead`, with a result for each row and at most 200 rows (100 leads) in a call",
        "SOAP guide: undelete(), emptyRecycleBin(), merge(), convertLead(); partner WSDL",
        &[
            "life::soap::undelete_and_empty_recycle_bin_answer_row_by_row",
            "life::soap::all_or_none_takes_the_good_rows_of_an_undelete_back",
            "life::soap::each_merge_of_a_call_is_a_transaction_of_its_own",
            "life::soap::convert_lead_names_what_the_lead_became_or_why_it_did_not",
            "life::soap::a_call_without_a_session_of_too_many_rows_or_beyond_the_limit_is_a_fault",
        ],
    ),
];
