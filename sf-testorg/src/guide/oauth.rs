//! Signing in: the org as an OAuth server, and SOAP `login()`.
//!
//! [`TestOrg::access_token`](crate::TestOrg::access_token) is the short way in. For clients that sign in themselves the org is an OAuth server with Salesforce's
//! endpoints, parameters, error words and statuses:
//!
//! | flow | how |
//! | --- | --- |
//! | authorization code | `/services/oauth2/authorize` shows a page that names the active users (no password is asked for); allowing redirects with a code of 15 minutes that works once; PKCE with S256. `sf org login web --instance-url http://127.0.0.1:PORT` opens it |
//! | refresh | with or without rotation; presenting a rotated token ends its family; `refresh_valid_for` and `refresh_unused_for` |
//! | device | `/setup/connect`, or [`TestOrg::approve_device`](crate::TestOrg::approve_device) |
//! | JWT bearer | RS256 under the app's certificate or public key; the user must have approved the app, or an administrator |
//! | client credentials | as the app's run-as user; refused at a host that begins with `login.` or `test.` |
//! | username and password | refused, as new orgs do, unless [`Builder::password_flow`](crate::Builder::password_flow) |
//! | SOAP `login()`, `logout()` | API versions 31.0 to 64.0, partner and enterprise; [`Builder::without_soap_login`](crate::Builder::without_soap_login) refuses it as new orgs do |
//!
//! Beside them: introspect, revoke (GET and POST), userinfo, the identity URL (`version`, `format`), `.well-known/openid-configuration`. Answers
//! are JSON, or by `format` or `Accept` a form or XML. Apps are [`ConnectedApp`](crate::ConnectedApp)s ([`Builder::connected_app`](crate::Builder::connected_app), `--apps FILE`); every org has
//! `PlatformCLI`, which `sf` uses, and [`Credentials::client_id`](crate::Credentials::client_id). What is done with a token is done as its user: audit fields, owner, zone.
//! Every user of the org has the password [`Credentials::password`](crate::Credentials::password).
//!
//! A session ends after two hours without a call (REST answers `INVALID_SESSION_ID`, userinfo 403 `Bad_OAuth_Token`), by
//! [`TestOrg::expire_session`](crate::TestOrg::expire_session), [`TestOrg::revoke_token`](crate::TestOrg::revoke_token) or [`Effect::EndSession`](crate::Effect::EndSession); that of [`Credentials::access_token`](crate::Credentials::access_token) does not time out unless
//! [`Builder::session_timeout`](crate::Builder::session_timeout) says so. [`TestOrg::move_instance`](crate::TestOrg::move_instance) gives the org another address; the host `login.…` refuses data requests
//! (`URL_NOT_RESET`). [`TestOrg::tokens`](crate::TestOrg::tokens) is for assertions. A state file keeps sessions, codes and token families.
//!
//! The real `sf` signs in unchanged: `sf org login web --instance-url URL`, `sf org login jwt --instance-url URL --client-id … --jwt-key-file …
//! --username …` with an app whose certificate is that key's, `sf org login access-token --instance-url URL`; `sf org login sfdx-url` insists on
//! https (`--tls`).
//!
//! Not simulated: `id_token`, signing keys and JWT-based access tokens; the user-agent (implicit), SAML, token-exchange and web-session flows;
//! sessions of browsers (each authorization shows the page); login history, rates and IP ranges (an app can be
//! [`ConnectedApp::ip_restricted`](crate::ConnectedApp::ip_restricted) as a whole); "token request is already being processed", since a request is over before the next one begins.
//! What is assumed: the fields of [`OAuthAssumptions`](crate::OAuthAssumptions), that a session needs the scope `api` or `full` for REST, the words of the errors `authorization_pending`, `slow_down`, `expired_token`,
//! `unsupported_response_type` and of missing parameters, that a moved org ends its sessions, and the fault for `login()` after version 64.0.
