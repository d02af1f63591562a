//! What goes wrong, as data: the faults file.
//!
//! A JSON list of [`Fault`](crate::Fault)s, which `--faults`, `POST /__org/faults` and [`Fault::read`](crate::Fault::read) take:
//!
//! ```json
//! [{"on": {"operation": "update"}, "effect": "lose_answer", "times": 2},
//!  {"on": {"call": 7}, "effect": {"status": [503, "SERVER_UNAVAILABLE"]}},
//!  {"on": {"all": [{"object": "Account"}, {"chance": {"per_mille": 20}}]}, "effect": "row_lock", "times": 1000},
//!  {"on": {"route": "POST /services/data/*/query/**"}, "effect": {"edge": {"status": 503, "retry_after": {"seconds": 120}}}},
//!  {"on": "any", "effect": {"slow": 500}, "skip": 10}]
//! ```
//!
//! [`On`](crate::On) says which requests or rows, [`Effect`](crate::Effect) what happens to them, `skip` how many matches pass first, `times` how many are hit
//! (default 1). Requests are matched by `"any"`, `{"call": n}` (the n-th of the org), `{"operation": …}` (a name of [`LoggedCall::operations`](crate::LoggedCall::operations), or `write`), `{"route": …}`, `{"rows": [ids]}`,
//! `{"object": …}`, `{"chance": {"per_mille": n}}` (drawn from the seed alone) or `{"all": […]}` of these.
//!
//! | effect | what happens |
//! | --- | --- |
//! | `lose_request` | nothing is done; the connection closes without a byte |
//! | `lose_answer` | the work is done; the connection closes without a byte |
//! | `reset_request` | as `lose_request`, the connection is reset (TCP RST) |
//! | `reset_answer` | as `lose_answer`, the connection is reset (TCP RST) |
//! | `duplicate` | the work is done twice; the answer is the second one |
//! | `commit_late` | milliseconds (up to 10 minutes on Salesforce): the connection closes, the work is done later with the stamps of now |
//! | `slow` | milliseconds until the answer |
//! | `torn_body` | the connection closes in the middle of the body; an answer without a body is lost |
//! | `status` | `[503, "SERVER_UNAVAILABLE"]`: status and code, nothing is done |
//! | `refuse` | the org's own words, nothing is done: 401 `session_expired`, `session_not_for_rest`, `jwt_expired`; 403 `daily_limit`, `concurrent_requests`, `concurrent_long_transactions`, `api_disabled_for_org`, `api_disabled_for_user`, `api_currently_disabled`; 400 `query_timeout`; 503 `server_unavailable`; 500 `unknown` |
//! | `edge` | `{"status": 503, "retry_after": {"seconds": 120}}`: an HTML page for 420, 429, 500, 502, 503, 504; `Retry-After` is optional, in seconds or as `{"date": 120}`; nothing is done or counted |
//! | `page` | `[502, "<html>…"]`: a status with your own body, nothing is done |
//! | `row_error` | `["CODE", "text"]`: one row of a write is refused |
//! | `row_lock` | one row of a write is refused with `UNABLE_TO_LOCK_ROW` |
//! | `short_page` | a page of the query has at most so many rows |
//! | `lose_locators` | all query locators are forgotten |
//! | `gap_events` | the change events of the request are gap events |
//! | `overflow_events` | the request is published as one overflow event for each sObject |
//! | `end_session` | all access tokens are dead; refresh tokens work |
//! | `move_instance` | the org moves to this URL ([`TestOrg::move_instance`](crate::TestOrg::move_instance)) |
//! | `hide_field` | `{"object": "Account", "field": "Phone"}`: the API user cannot see it any more |
//! | `remove_field` | the same, a custom field is deleted with its values |
//! | `close_picklist` | `{"object", "field", "value"}`: the value is closed |
//! | `deactivate_user` | the id of a user, who can own nothing new; their sessions are dead |
//! | `skew_clock` | milliseconds by which the org's clock is ahead (negative: behind): `Date`, stamps, date literals |
//!
//! Several faults can hit one request, and each counts its own matches. A request that is lost is lost whatever the others do; of several
//! that answer it, the one that was armed last is heard.
//!
//! What changes the org does so before the request is answered, and stays. In process a connection that closes or is reset is a
//! network error whose delivery is unknown ([`Wire`](crate::Wire)). [`Fault::catalogue`](crate::Fault::catalogue) has every effect, so that a client's tests can loop over them.
//! Assumed are the texts of HTML pages, of `api_currently_disabled` and `unknown`.
