//! Chapter 5: OAuth.
use super::{Rule, assumed};

pub(crate) const ROWS: &[Rule] = &[
    assumed(
        "5.2",
        "An authorization code can be exchanged for 15 minutes",
        "oauth.code_life",
        &["assumed::oauth::a_code_lives_as_long_as_assumed"],
    ),
    assumed(
        "5.3",
        "The scope `full` gives no refresh token",
        "oauth.full_gives_refresh_token",
        &[
            "oauth::life::given_the_scope_full_when_asked_for_then_a_refresh_token_comes_only_where_it_is_assumed",
        ],
    ),
    assumed(
        "5.4",
        "A refresh with rotation ends the access tokens that the old refresh token gave",
        "oauth.rotation_ends_sessions",
        &[
            "oauth::refresh::given_rotation_when_refreshed_then_the_old_token_dies_and_presenting_it_ends_the_family",
            "oauth::refresh::given_rotation_that_leaves_sessions_alone_when_refreshed_then_the_older_session_works",
        ],
    ),
    assumed(
        "5.4",
        "A user has five refresh tokens for one app; a sixth revokes the oldest",
        "oauth.grants_per_user",
        &[
            "oauth::refresh::given_a_sixth_approval_when_made_then_the_oldest_refresh_token_is_revoked",
            "assumed::oauth::a_user_has_as_many_grants_as_assumed",
        ],
    ),
    assumed(
        "5.4",
        "A wrong client secret answers 400 `invalid_client`",
        "oauth.invalid_client_is_401",
        &[
            "oauth::refresh::given_a_client_that_is_not_the_tokens_when_it_refreshes_then_it_is_refused",
            "oauth::refresh::given_an_org_that_answers_a_wrong_secret_with_401_when_it_is_wrong_then_401",
        ],
    ),
    assumed(
        "5.5",
        "The `exp` of a JWT assertion has no upper bound, so one in milliseconds is taken",
        "oauth.jwt_longest",
        &[
            "oauth::flows::given_the_assertions_of_real_clients_when_sent_then_they_are_taken",
            "oauth::flows::given_a_bound_on_assertions_when_they_last_longer_then_they_are_refused",
        ],
    ),
    assumed(
        "5.5",
        "Polling for a device code that has expired answers `expired_token`",
        "oauth.device_says_expired_token",
        &[
            "oauth::device::given_a_device_when_denied_or_late_then_it_hears_so",
            "oauth::device::given_an_org_that_says_invalid_grant_when_a_device_is_late_then_that_is_the_error",
        ],
    ),
    assumed(
        "5.5",
        "A device code waits ten minutes for its approval",
        "oauth.device_code_life",
        &[
            "oauth::device::given_a_device_when_denied_or_late_then_it_hears_so",
            "oauth::device::given_an_org_that_says_invalid_grant_when_a_device_is_late_then_that_is_the_error",
        ],
    ),
    assumed(
        "5.6",
        "Revoking a token that does not exist answers an error as JSON",
        "oauth.revoke_error",
        &["oauth::life::given_tokens_when_revoked_by_get_or_post_then_they_and_what_they_gave_are_dead"],
    ),
    assumed(
        "5.6",
        "Userinfo and identity URL say `Missing_OAuth_Token`, `Wrong_Org` and `Bad_Id` where that is the reason",
        "oauth.identity_tells_why",
        &["oauth::identity::given_a_wrong_identity_request_when_sent_then_one_word_says_why"],
    ),
    assumed(
        "5.1",
        "An address that the org has left answers 401 `INVALID_SESSION_ID`",
        "oauth.former_host",
        &["oauth::life::given_an_org_that_moves_when_a_client_refreshes_then_it_learns_the_new_address"],
    ),
    assumed(
        "5.8",
        "A data request that is not let in has the header `WWW-Authenticate: Token`",
        "oauth.names_token_scheme",
        &["oauth::life::given_a_request_that_is_not_let_in_when_answered_then_a_header_names_the_scheme"],
    ),
];
