//! Chapter 5: OAuth.
use super::{Rule, documented, recorded, reported};

pub(crate) const ROWS: &[Rule] = &[
    documented(
        "5.1",
        "Discovery names the endpoints",
        "Help: OpenID Connect Discovery Endpoint",
        &["oauth::identity::given_a_library_that_discovers_when_it_asks_then_it_learns_the_endpoints"],
    ),
    documented(
        "5.1",
        "Answers are JSON, or by `format` or `Accept` a form or XML",
        "Help: OAuth 2.0 endpoints",
        &["oauth::refresh::given_the_forms_clients_use_when_sent_then_all_are_understood"],
    ),
    reported(
        "5.1",
        "Data requests to a login host answer 400 `URL_NOT_RESET`",
        "practitioners",
        &["oauth::life::given_a_login_host_when_data_is_asked_for_then_the_url_was_not_reset"],
    ),
    documented(
        "5.1",
        "`instance_url` of each refresh is where the org is now",
        "Help: OAuth 2.0 Refresh Token Flow",
        &["oauth::life::given_an_org_that_moves_when_a_client_refreshes_then_it_learns_the_new_address"],
    ),
    documented(
        "5.2",
        "Authorizing redirects with a code and the state",
        "Help: OAuth 2.0 Web Server Flow",
        &[
            "oauth::code::given_a_user_who_allows_an_app_when_the_code_is_exchanged_then_all_keys_of_the_token_answer_come",
        ],
    ),
    reported(
        "5.2",
        "A code ends in `%3D%3D` in the redirect",
        "practitioners",
        &[
            "oauth::code::given_a_user_who_allows_an_app_when_the_code_is_exchanged_then_all_keys_of_the_token_answer_come",
        ],
    ),
    documented(
        "5.2",
        "A denial redirects with `access_denied`",
        "Help: OAuth 2.0 Web Server Flow",
        &[
            "oauth::code::given_requests_the_user_or_the_app_refuses_when_sent_then_the_callback_gets_the_error_and_the_state",
        ],
    ),
    documented(
        "5.2",
        "A redirect_uri that is not registered exactly is refused and not followed",
        "Help: OAuth 2.0 Web Server Flow",
        &["oauth::code::given_requests_that_cannot_be_redirected_when_sent_then_the_error_stays_at_the_org"],
    ),
    documented(
        "5.2",
        "Under PKCE only the verifier of the S256 challenge opens",
        "Help: PKCE",
        &["oauth::code::given_a_code_challenge_when_the_code_is_exchanged_then_only_its_verifier_opens"],
    ),
    reported(
        "5.2",
        "A code works once and for 15 minutes; then `invalid_grant`, `expired authorization code`",
        "two sightings",
        &[
            "oauth::code::given_a_user_who_allows_an_app_when_the_code_is_exchanged_then_all_keys_of_the_token_answer_come",
            "oauth::code::given_a_wrong_exchange_when_sent_then_each_error_has_its_words",
        ],
    ),
    reported(
        "5.2",
        "The app of the `sf` command needs no secret",
        "@salesforce/core",
        &["oauth::code::given_the_app_of_the_sf_command_when_it_signs_in_then_no_secret_is_asked_for"],
    ),
    recorded(
        "5.3",
        "A token answer has no `expires_in`; `issued_at` is a text of milliseconds",
        "recording of Restforce",
        &[
            "oauth::code::given_a_user_who_allows_an_app_when_the_code_is_exchanged_then_all_keys_of_the_token_answer_come",
            "service::given_a_refresh_token_when_the_session_ended_then_a_new_access_token_works",
        ],
    ),
    documented(
        "5.3",
        "`signature` is the HMAC-SHA-256 of `id` and `issued_at` under the secret",
        "Help: OAuth 2.0 Web Server Flow",
        &[
            "oauth::code::given_a_user_who_allows_an_app_when_the_code_is_exchanged_then_all_keys_of_the_token_answer_come",
        ],
    ),
    documented(
        "5.3",
        "A refresh token comes only with the scope refresh_token",
        "Help: OAuth Tokens and Scopes",
        &["oauth::code::given_a_narrow_scope_when_the_token_is_used_then_it_opens_only_that"],
    ),
    reported(
        "5.3",
        "An access token begins with the org id of 15 characters and `!`",
        "practitioners",
        &[
            "oauth::code::given_a_user_who_allows_an_app_when_the_code_is_exchanged_then_all_keys_of_the_token_answer_come",
        ],
    ),
    documented(
        "5.3",
        "A session ends after a time without calls, which each call prolongs",
        "SOAP guide: session expiration",
        &[
            "oauth::life::given_a_session_when_nobody_calls_for_its_timeout_then_it_ends_and_each_call_prolongs_it",
        ],
    ),
    documented(
        "5.4",
        "A refresh answers no refresh token, again and again",
        "Help: OAuth 2.0 Refresh Token Flow",
        &[
            "oauth::refresh::given_a_refresh_token_when_used_then_an_access_token_without_a_refresh_token_comes_again_and_again",
        ],
    ),
    documented(
        "5.4",
        "Under rotation each refresh gives a new token; presenting an old one ends the family",
        "Help: Refresh Token Rotation",
        &[
            "oauth::refresh::given_rotation_when_refreshed_then_the_old_token_dies_and_presenting_it_ends_the_family",
        ],
    ),
    recorded(
        "5.4",
        "A dead refresh token answers `invalid_grant`, `expired access/refresh token`",
        "recording of Restforce",
        &["service::given_a_refresh_token_when_the_session_ended_then_a_new_access_token_works"],
    ),
    documented(
        "5.4",
        "A refresh token can expire after a time, or after a time without use",
        "Help: Manage OAuth Access Policies",
        &["oauth::refresh::given_an_expiry_policy_when_the_time_has_passed_then_the_token_is_dead"],
    ),
    documented(
        "5.4",
        "A user who left gets `inactive_user`",
        "Help: OAuth Error Codes",
        &["oauth::refresh::given_a_user_who_left_when_their_tokens_are_used_then_nothing_opens"],
    ),
    documented(
        "5.4",
        "Client name and secret may come by HTTP Basic",
        "Help: OAuth 2.0 Refresh Token Flow",
        &["oauth::refresh::given_the_forms_clients_use_when_sent_then_all_are_understood"],
    ),
    documented(
        "5.4",
        "An unknown grant answers `unsupported_grant_type`",
        "Help: OAuth Error Codes",
        &["oauth::refresh::given_the_forms_clients_use_when_sent_then_all_are_understood"],
    ),
    documented(
        "5.5",
        "A JWT assertion signed with the app's key opens a session without a refresh token",
        "Help: OAuth 2.0 JWT Bearer Flow",
        &[
            "oauth::flows::given_an_assertion_signed_for_an_approved_user_when_sent_then_a_session_without_refresh_token",
        ],
    ),
    reported(
        "5.5",
        "A user who did not approve the app gets `user hasn't approved this consumer`",
        "nine sightings",
        &[
            "oauth::flows::given_an_assertion_signed_for_an_approved_user_when_sent_then_a_session_without_refresh_token",
        ],
    ),
    reported(
        "5.5",
        "Under admin approval other users get `invalid_app_access`",
        "practitioners",
        &["oauth::flows::given_an_app_with_admin_approval_when_asserted_then_only_its_users_come_in"],
    ),
    reported(
        "5.5",
        "A wrong audience, signature or expiry each have their words",
        "practitioners",
        &["oauth::flows::given_a_wrong_assertion_when_sent_then_each_error_has_its_words"],
    ),
    reported(
        "5.5",
        "Client credentials work at My Domain only, and need a run-as user",
        "ten sightings each",
        &["oauth::flows::given_client_credentials_when_sent_to_my_domain_then_a_session_of_the_run_as_user"],
    ),
    recorded(
        "5.5",
        "The device flow answers device_code, user_code, verification_uri and interval, then `authorization_pending`",
        "@salesforce/core",
        &[
            "oauth::device::given_a_device_when_its_user_approves_on_the_page_then_the_next_question_gets_the_tokens",
        ],
    ),
    documented(
        "5.5",
        "Polling too often answers `slow_down`, a denial `access_denied`",
        "Help: OAuth 2.0 Device Flow",
        &[
            "oauth::device::given_a_device_that_asks_too_often_when_it_asks_then_it_must_slow_down",
            "oauth::device::given_a_device_when_denied_or_late_then_it_hears_so",
        ],
    ),
    recorded(
        "5.5",
        "Username and password are refused by default with `authentication failure`",
        "recording of Restforce",
        &[
            "oauth::flows::given_a_username_and_a_password_when_sent_then_they_open_only_where_the_org_allows_it",
        ],
    ),
    documented(
        "5.6",
        "Introspection tells a live token of its own app, and `{\"active\":false}` of all others",
        "Help: OAuth 2.0 Token Introspection",
        &["oauth::life::given_tokens_when_introspected_then_their_app_learns_all_and_others_nothing"],
    ),
    documented(
        "5.6",
        "Revoking answers 200 without a body; a refresh token takes its access tokens with it",
        "Help: Revoke OAuth Tokens",
        &["oauth::life::given_tokens_when_revoked_by_get_or_post_then_they_and_what_they_gave_are_dead"],
    ),
    documented(
        "5.6",
        "Userinfo answers the OpenID claims and the URLs of the org",
        "Help: Query for User Information",
        &["oauth::identity::given_a_token_when_userinfo_is_asked_for_then_the_whole_body_is_the_users"],
    ),
    reported(
        "5.6",
        "The identity URL answers the user, with `version` filled into its URLs",
        "prismatic.io sample",
        &["oauth::identity::given_the_id_of_a_token_answer_when_followed_then_the_whole_identity_comes"],
    ),
    reported(
        "5.6",
        "A dead token gets 403 and the plain text `Bad_OAuth_Token` there",
        "six sightings",
        &[
            "oauth::identity::given_a_wrong_identity_request_when_sent_then_one_word_says_why",
            "service::given_a_bad_token_when_used_then_each_surface_says_so_in_its_way",
        ],
    ),
    documented(
        "5.7",
        "A scope that the app does not have is refused with `invalid_scope`",
        "Help: OAuth Error Codes",
        &[
            "oauth::code::given_requests_the_user_or_the_app_refuses_when_sent_then_the_callback_gets_the_error_and_the_state",
        ],
    ),
    reported(
        "5.7",
        "A session without the scope api is `not valid for use with the REST API`",
        "jsforce",
        &["oauth::code::given_a_narrow_scope_when_the_token_is_used_then_it_opens_only_that"],
    ),
    recorded(
        "5.8",
        "A dead session answers 401 `INVALID_SESSION_ID`, `Session expired or invalid`",
        "recording of Restforce",
        &["service::given_a_bad_token_when_used_then_each_surface_says_so_in_its_way"],
    ),
    reported(
        "5.8",
        "No header, or another scheme, answers 401 `INVALID_AUTH_HEADER`",
        "practitioners",
        &["service::given_a_bad_token_when_used_then_each_surface_says_so_in_its_way"],
    ),
    reported(
        "5.8",
        "A token that looks like a JWT and is none answers `INVALID_JWT_FORMAT`",
        "practitioners",
        &["oauth::life::given_a_token_that_looks_like_a_jwt_when_used_then_its_format_is_invalid"],
    ),
];
