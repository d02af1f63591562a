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
];
