//! Chapter 7: the standard objects.
use super::{Rule, documented, recorded};

pub(crate) const ROWS: &[Rule] = &[
    recorded(
        "7.1",
        "A new row has its owner, its stamps and who made it",
        "recording of CumulusCI",
        &["rows::given_a_new_row_when_created_then_201_with_id_and_location"],
    ),
    recorded(
        "7.1",
        "Audit fields and SystemModstamp are not written",
        "recording of CumulusCI",
        &["rows::given_values_the_org_cannot_take_when_saved_then_each_is_refused_in_its_words"],
    ),
    recorded(
        "7.1",
        "Types, lengths and flags of fields are the recorded ones",
        "recording of CumulusCI",
        &[
            "wire_rules_objects::types_lengths_and_flags_are_the_recorded_ones",
            "models::every_column_of_every_model_is_in_the_describe_and_the_other_way_round",
        ],
    ),
    recorded(
        "7.1",
        "A person's Name is first and last name, and is not written",
        "recording of CumulusCI",
        &[
            "wire_rules_objects::the_parts_of_a_name_and_the_derived_fields_are_not_written",
            "rows::given_a_task_when_saved_then_its_rules_hold",
        ],
    ),
    recorded(
        "7.1",
        "What is required on create is what is createable, not nillable and has no default",
        "recording of CumulusCI",
        &["wire_rules_objects::what_an_object_needs_on_create_is_what_describe_says"],
    ),
    recorded(
        "7.2",
        "An account needs its Name",
        "recording of CumulusCI",
        &["wire_rules_objects::what_an_object_needs_on_create_is_what_describe_says"],
    ),
    recorded(
        "7.2",
        "Type, Rating and Industry of an account take unknown values",
        "recording of CumulusCI",
        &["rows::given_values_the_org_cannot_take_when_saved_then_each_is_refused_in_its_words"],
    ),
    recorded(
        "7.3",
        "A contact needs its LastName",
        "recording of CumulusCI",
        &["wire_rules_objects::what_an_object_needs_on_create_is_what_describe_says"],
    ),
    recorded(
        "7.3",
        "The reverse of ReportsTo has no name",
        "recording of CumulusCI",
        &["wire_rules_objects::child_relationships_have_their_names_and_cascades"],
    ),
    recorded(
        "7.4",
        "An opportunity needs Name, StageName and CloseDate",
        "recording of CumulusCI",
        &[
            "wire_rules_objects::what_an_object_needs_on_create_is_what_describe_says",
            "rows::given_values_the_org_cannot_take_when_saved_then_each_is_refused_in_its_words",
        ],
    ),
    recorded(
        "7.4",
        "A new org has ten stages with their probabilities, forecast categories, closed and won",
        "three retrieved orgs",
        &["wire_rules_objects::the_default_stages_are_those_of_a_new_org"],
    ),
    documented(
        "7.4",
        "StageName sets Probability, ForecastCategoryName, IsClosed and IsWon unless the call gives the first two",
        "Object reference: Opportunity",
        &["rows::given_an_opportunity_when_its_stage_is_written_then_what_follows_from_it_changes"],
    ),
    documented(
        "7.4",
        "ExpectedRevenue is Amount × Probability / 100; it, Fiscal…, IsWon and IsClosed are not written",
        "Object reference: Opportunity",
        &["rows::given_an_opportunity_when_its_stage_is_written_then_what_follows_from_it_changes"],
    ),
    recorded(
        "7.4",
        "HasOpenActivity is grouped, not filtered and not sorted",
        "recording of CumulusCI",
        &["wire_rules_objects::types_lengths_and_flags_are_the_recorded_ones"],
    ),
    recorded(
        "7.5",
        "A lead needs LastName and Company, and is Open - Not Contacted",
        "recording of CumulusCI",
        &[
            "service_objects::a_lead_gets_its_default_status_and_its_name",
            "service_objects::a_comment_needs_its_case_and_a_mail_its_status",
        ],
    ),
    documented(
        "7.5",
        "IsConverted is not updated",
        "Object reference: Lead",
        &["service_objects::a_lead_gets_its_default_status_and_its_name"],
    ),
    documented(
        "7.6",
        "A case needs nothing, is New and Medium, and has a number with leading zeros",
        "recording of CumulusCI; practitioners",
        &[
            "service_objects::a_case_is_numbered_closes_by_its_status_and_shows_its_contact",
            "wire_rules_objects::what_an_object_needs_on_create_is_what_describe_says",
        ],
    ),
    documented(
        "7.6",
        "IsClosed and ClosedDate of a case follow its Status",
        "Object reference: Case",
        &["service_objects::a_case_is_numbered_closes_by_its_status_and_shows_its_contact"],
    ),
    documented(
        "7.6",
        "A case shows phone and e-mail of its contact as they are now",
        "Object reference: Case",
        &["service_objects::a_case_follows_its_contact_without_moving_its_own_stamps"],
    ),
    documented(
        "7.6",
        "A comment needs its case and goes with it",
        "Object reference: CaseComment",
        &[
            "service_objects::a_comment_needs_its_case_and_a_mail_its_status",
            "service_objects::comments_of_a_case_become_its_case_comments",
        ],
    ),
    documented(
        "7.6",
        "The status of a mail is a digit of a restricted picklist",
        "Object reference: EmailMessage",
        &[
            "service_objects::a_comment_needs_its_case_and_a_mail_its_status",
            "service_objects::a_mail_is_named_by_its_subject_and_goes_with_its_case",
        ],
    ),
    documented(
        "7.7",
        "A task is Not Started and Normal by default; IsClosed and CompletedDateTime follow its Status",
        "Object reference: Task",
        &["rows::given_a_task_when_saved_then_its_rules_hold"],
    ),
    documented(
        "7.7",
        "The account of an activity is that of what it is about, else of its contact",
        "Object reference: Task",
        &[
            "rows::given_a_task_when_saved_then_its_rules_hold",
            "service_objects::an_event_completes_its_times",
        ],
    ),
    documented(
        "7.7",
        "An activity about a lead is about nothing else: `FIELD_INTEGRITY_EXCEPTION`",
        "Object reference: Task",
        &["service_objects::an_event_about_a_lead_is_about_nothing_else"],
    ),
    documented(
        "7.7",
        "An event completes its times from start, end, duration or day; all-day events begin at midnight UTC",
        "Object reference: Event",
        &["service_objects::an_event_completes_its_times"],
    ),
    recorded(
        "7.7",
        "The default values of picklists are those of a new org",
        "StandardValueSets of retrieved orgs",
        &["wire_rules_objects::picklists_have_the_values_and_defaults_of_a_new_org"],
    ),
    recorded(
        "7.8",
        "Users are not deleted and have no IsDeleted",
        "recording of Force.com Toolkit for .NET",
        &[
            "wire_rules_objects::a_user_is_not_deleted_and_has_no_is_deleted",
            "rows::given_children_when_the_parent_is_deleted_then_they_go_with_it",
        ],
    ),
    documented(
        "7.8",
        "A username is unique",
        "Object reference: User",
        &["wire_rules_requests::a_username_is_unique"],
    ),
    recorded(
        "7.8",
        "Leads, cases and tasks may be owned by queues",
        "recording of CumulusCI",
        &["wire_rules_objects::owners_of_leads_cases_and_tasks_may_be_queues"],
    ),
    recorded(
        "7.9",
        "Child relationships have the recorded names, cascades and restrictions",
        "recording of CumulusCI",
        &["wire_rules_objects::child_relationships_have_their_names_and_cascades"],
    ),
    documented(
        "7.9",
        "A lookup that does not cascade is emptied when its parent is deleted",
        "Object reference: child relationships",
        &["rows::given_children_when_the_parent_is_deleted_then_they_go_with_it"],
    ),
    documented(
        "7.10",
        "SystemModstamp moves with every save, in whole seconds",
        "Object reference: System Fields",
        &[
            "wire_rules_objects::stamps_are_of_whole_seconds_and_rise_with_every_save",
            "rows::given_a_row_when_updated_then_204_and_the_stamps_move",
        ],
    ),
    documented(
        "7.10",
        "A stamp does not move when a row only shows a value of another",
        "Object reference: System Fields",
        &[
            "service_objects::a_case_follows_its_contact_without_moving_its_own_stamps",
            "wire_rules_objects::stamps_are_of_whole_seconds_and_rise_with_every_save",
        ],
    ),
    documented(
        "7.10",
        "A deletion moves SystemModstamp, and deletedDate is taken from it",
        "SOAP guide: getDeleted()",
        &["wire_rules_objects::a_deletion_moves_the_stamp_and_is_the_deleted_date"],
    ),
    recorded(
        "7.10",
        "A long transaction becomes visible late with its older stamp",
        "Airbyte source-salesforce",
        &["service::given_a_late_commit_when_the_time_comes_then_the_row_appears_with_the_older_stamp"],
    ),
];
