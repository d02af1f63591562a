//! Chapter 7: what single sObjects do.
use super::{Rule, assumed};

pub(crate) const ROWS: &[Rule] = &[
    assumed(
        "7.6",
        "A case that names a contact and no account gets the contact's account",
        "objects.case_account_follows_contact",
        &[
            "service_objects::a_case_is_numbered_closes_by_its_status_and_shows_its_contact",
            "service_objects::what_is_assumed_of_cases_can_be_switched_off",
        ],
    ),
    assumed(
        "7.6",
        "`Comments` of a case makes a CaseComment and reads as null",
        "objects.case_comments_read_null",
        &[
            "service_objects::comments_of_a_case_become_its_case_comments",
            "service_objects::what_is_assumed_of_cases_can_be_switched_off",
        ],
    ),
    assumed(
        "7.6",
        "Cases of a new org are numbered from `00001001`",
        "objects.first_case_number",
        &["assumed::objects::cases_are_numbered_from_the_assumed_number"],
    ),
    assumed(
        "7.4",
        "A stage that nobody set up makes the opportunity open",
        "objects.unknown_stage_is_open",
        &["assumed::objects::a_stage_nobody_set_up_opens_an_opportunity_or_leaves_it_as_assumed"],
    ),
    assumed(
        "7.7",
        "A timed event has its day in `ActivityDate`",
        "objects.timed_event_has_a_day",
        &["assumed::objects::a_timed_event_has_its_day_or_none_as_assumed"],
    ),
    assumed(
        "7.9",
        "Deleting an account with cases answers `DELETE_FAILED` and says that it is associated with cases",
        "errors.RestrictedDelete",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
];
