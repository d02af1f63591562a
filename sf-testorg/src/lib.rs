//! A simulated Salesforce org: a library for tests in Rust, and a server for tests in anything else.
//!
//! It answers the REST API as a real org does (API versions 31.0 to 67.0, all as the newest but for upserts and
//! searches): SOQL, single rows, collections, composite, describe, updated and deleted ids, limits, every way to sign in, files up and down, with the wire's number and date formats, its error
//! bodies and its limits. All rows come from a seed, all time from a virtual clock, and what goes wrong is data: the same
//! test gives the same run.
//!
//! # In a test
//!
//! One [`TestOrg`] has several doors, all on the same rows:
//!
//! - **directly**: [`TestOrg::row`], [`TestOrg::rows`], [`TestOrg::value`] read, [`TestOrg::find`] gives ids by name, [`TestOrg::apply`] is a person in the
//!   org's own UI, [`Builder::with_account`] and [`Builder::with_row`] arrange, [`TestOrg::assert_row`] asserts, [`TestOrg::changes`] is the change stream,
//!   [`TestOrg::inject`] arms a fault, [`TestOrg::calls`] is the request log;
//! - **[`TestOrg::handle`]**: one request in, one answer out, the whole HTTP surface as a function;
//! - **in process**: [`TestOrg::wire`] carries the requests of `sf_core`'s `Protocol` without sockets, runtime or real time;
//! - **over HTTP**: [`TestOrg::serve`] (feature `server`, on by default) listens on a loopback port until its value is dropped.
//!
//! ```
//! use sf_core::{Fields, Write, field, object};
//! use sf_testorg::{Request, TestOrg};
//!
//! let org = TestOrg::demo(); // 60 accounts, their opportunities, users, tasks: the same for everybody
//! let fields = Fields::new().set(field!("Name"), "Ünïted O'Brien & Co");
//! let id = org.apply(Write::Insert { object: object!("Account"), fields })?;
//!
//! let path = format!("/services/data/v66.0/query?q=SELECT+Name+FROM+Account+WHERE+Id='{id}'");
//! let answer = org.handle(&Request::get(path).bearer(&org.access_token()));
//! assert_eq!(answer.status, 200);
//! assert!(answer.text().contains("\"Name\":\"Ünïted O'Brien & Co\""));
//! assert_eq!(org.counters().api_calls, 1);
//! # Ok::<(), sf_core::Error>(())
//! ```
//!
//! [`TestOrg::builder`] chooses seed, size, data set, time, page size and latency, adds sObjects from a real org's describe answer
//! ([`Builder::schema_json`]; while the org lives [`TestOrg::add_sobjects`] and [`TestOrg::add_fields`]), and keeps the org in a file ([`Builder::open`], [`journal`]).
//!
//! # From the command line
//!
//! ```text
//! $ cargo run -p sf-testorg -- serve --port 0
//! {"instance_url":"http://127.0.0.1:41337","access_token":"00D5e…!AQ8AQ…","refresh_token":"5Aep861…",
//!  "client_id":"3MVG9…","client_secret":"…","username":"avery.quinn@org….example","password":"…","security_token":"…",
//!  "org_id":"00D5e…","user_id":"0055e…",
//!  "api_version":"66.0"}
//! ```
//!
//! One line of JSON (broken here), then it serves until it is killed. Options: `--port N`, `--dataset demo|empty`, `--seed N`,
//! `--accounts N` (the demo holds a fifth more), `--state FILE`, `--start TIME`, `--page-size N`, `--bulk-page-rows N`, `--latency-ms N`, `--faults FILE`,
//! `--schema FILE…`, `--apps FILE`, `--tls`, `--tls-cert FILE`, `--tls-key FILE`;
//! `--help` explains them. It exits with 1 when it cannot serve and says why and what to do, with 2 on wrong usage.
//!
//! With `--tls` (a build with the feature `tls`; in Rust [`TestOrg::server`]) it speaks https under a certificate that is made at the start for
//! `127.0.0.1` and `localhost`, or under that of `--tls-cert` and `--tls-key`. The line then has the `certificate` as PEM, which clients have to
//! trust (`NODE_EXTRA_CA_CERTS`, `REQUESTS_CA_BUNDLE`), and the `sfdx_auth_url` for `sf org login sfdx-url`. The feature is off by default
//! because it brings rustls with the provider ring: a program that has another provider as well must name the one it means.
//!
//! The server speaks HTTP/1.1 with keep-alive, compresses with gzip where the client takes it (the log counts bytes before that), and sends
//! the org's time as `Date`. `serve` starts at the real time, or at the latest time that its state file has shown; in process
//! an org starts on Monday, 5 January 2026, 09:00 UTC unless [`Builder::start`] says otherwise, and keeps pace from there once it is served.
//!
//! With `--state FILE` every commit is in the file before its answer goes out, and survives SIGKILL; ids go on rising, time does not go
//! back, and a client that has signed in goes on with its tokens. See [`journal`] for what exactly is kept.
//!
//! # The control path
//!
//! Under `/__org`, which no Salesforce resource uses, a test in another process says what [`TestOrg`]'s methods say. No token, not in
//! the request log, no API call. Errors are `{"error", "next"}`, those of the org's own rules have its `errorCode` and `fields` too.
//! Late commits whose time has come are made first, as before a request.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /__org` | lists these |
//! | `GET /__org/log` | `{"counters": {requests, api_calls, by_operation, bytes_in, bytes_out, rows, rows_visited}, "calls": […]}`; `?since=N` only requests after number N, `?bodies=true` with their bodies |
//! | `DELETE /__org/log` | empties log and counters |
//! | `GET /__org/changes` | `{"events": […], "latest"}`: change events; `?after=N` after a replay id (default 0, all that are stored), `?most=N` (default 1000); see [`TestOrg::changes`] |
//! | `GET /__org/objects` | objects and how many rows each has |
//! | `GET /__org/rows/OBJECT` | `{"object", "rows"}`: all rows by id, deleted ones included, fields in describe order, nulls left out; `?stamps=false` leaves out all date-times. Equal rows give equal text |
//! | `POST /__org/picklist` | `{"object", "field", "value", "active"}` closes (`false`) or opens a picklist value |
//! | `POST /__org/schema` | describes of sObjects to add or to replace, one, a list or `{"sobjects": […]}`; or `{"object", "fields"}`: fields of one; see [`TestOrg::add_sobjects`] |
//! | `GET`, `POST /__org/rules` | the org's rules with their ids; adds or replaces one or a list ([`guard::Rule`]): `{"ids"}` |
//! | `GET`, `POST`, `DELETE /__org/faults` | the armed faults; arms one or a list; disarms all |
//! | `POST /__org/apply` | `{"op": "insert"\|"update"\|"upsert"\|"delete", "object", "id", "key", "fields", "user"}`: a write in the org's own UI, by `user` or else the API user; `{"id"}` |
//! | `POST /__org/undelete` | `{"id", "user"}` brings a deleted row back ([`TestOrg::undelete`]); `{"id"}` |
//! | `POST /__org/merge` | `{"master", "victims": […], "fields", "user"}` ([`TestOrg::merge`]); `{"master", "victims", "moved"}` |
//! | `POST /__org/convert` | `{"lead", "status", "account", "contact", "opportunity", "opportunity_name", "without_opportunity", "overwrite_lead_source", "owner", "user"}`, all but the first two optional ([`TestOrg::convert_lead`]); `{"lead", "account", "contact", "opportunity"}` |
//! | `GET`, `DELETE /__org/recycle-bin` | `{"deletions": [{id, at, cascaded, cleared}]}`; empties it, or of `{"ids": […]}`: `{"rows"}` |
//! | `GET /__org/tokens` | every token: `[{kind, token, client_id, username, scope, issued, is_alive}]` |
//! | `POST /__org/tokens` | `{"revoke": TOKEN}` revokes an access token, or a refresh token with what it gave; `{"revoked"}` |
//! | `DELETE /__org/sessions` | ends all sessions; refresh tokens go on |
//! | `POST /__org/apps` | adds a [`ConnectedApp`], or replaces the one of its client id |
//! | `POST /__org/devices` | `{"user_code", "username"}` approves a device as this user; without `username` it denies |
//! | `POST /__org/instance` | `{"url"}` moves the org to another address ([`TestOrg::move_instance`]) |
//! | `GET`, `POST /__org/clock` | `{"now"}`; `{"advance_ms"}` moves the org's time forward |
//!
//! # Signing in
//!
//! [`TestOrg::access_token`] is the short way in. For clients that sign in themselves the org is an OAuth server with Salesforce's
//! endpoints, parameters, error words and statuses:
//!
//! | flow | how |
//! | --- | --- |
//! | authorization code | `/services/oauth2/authorize` shows a page that names the active users (no password is asked for); allowing redirects with a code of 15 minutes that works once; PKCE with S256. `sf org login web --instance-url http://127.0.0.1:PORT` opens it |
//! | refresh | with or without rotation; presenting a rotated token ends its family; `refresh_valid_for` and `refresh_unused_for` |
//! | device | `/setup/connect`, or [`TestOrg::approve_device`] |
//! | JWT bearer | RS256 under the app's certificate or public key; the user must have approved the app, or an administrator |
//! | client credentials | as the app's run-as user; refused at a host that begins with `login.` or `test.` |
//! | username and password | refused, as new orgs do, unless [`Builder::password_flow`] |
//! | SOAP `login()`, `logout()` | API versions 31.0 to 64.0, partner and enterprise; [`Builder::without_soap_login`] refuses it as new orgs do |
//!
//! Beside them: introspect, revoke (GET and POST), userinfo, the identity URL (`version`, `format`), `.well-known/openid-configuration`. Answers
//! are JSON, or by `format` or `Accept` a form or XML. Apps are [`ConnectedApp`]s ([`Builder::connected_app`], `--apps FILE`); every org has
//! `PlatformCLI`, which `sf` uses, and [`Credentials::client_id`]. What is done with a token is done as its user: audit fields, owner, zone.
//! Every user of the org has the password [`Credentials::password`].
//!
//! A session ends after two hours without a call (REST answers `INVALID_SESSION_ID`, userinfo 403 `Bad_OAuth_Token`), by
//! [`TestOrg::expire_session`], [`TestOrg::revoke_token`] or [`Effect::EndSession`]; that of [`Credentials::access_token`] does not time out unless
//! [`Builder::session_timeout`] says so. [`TestOrg::move_instance`] gives the org another address; the host `login.…` refuses data requests
//! (`URL_NOT_RESET`). [`TestOrg::tokens`] is for assertions. A state file keeps sessions, codes and token families.
//!
//! The real `sf` signs in unchanged: `sf org login web --instance-url URL`, `sf org login jwt --instance-url URL --client-id … --jwt-key-file …
//! --username …` with an app whose certificate is that key's, `sf org login access-token --instance-url URL`; `sf org login sfdx-url` insists on
//! https (`--tls`, above).
//!
//! Not simulated: `id_token`, signing keys and JWT-based access tokens; the user-agent (implicit), SAML, token-exchange and web-session flows;
//! sessions of browsers (each authorization shows the page); login history, rates and IP ranges (an app can be
//! [`ConnectedApp::ip_restricted`] as a whole); "token request is already being processed", since a request is over before the next one begins.
//! What is assumed: the fields of [`OAuthAssumptions`], that a session needs the scope `api` or `full` for REST, the words of the errors `authorization_pending`, `slow_down`, `expired_token`,
//! `unsupported_response_type` and of missing parameters, that a moved org ends its sessions, and the fault for `login()` after version 64.0.
//!
//! # The faults file
//!
//! A JSON list of [`Fault`]s, which `--faults`, `POST /__org/faults` and [`Fault::read`] take:
//!
//! ```json
//! [{"on": {"operation": "update"}, "effect": "lose_answer", "times": 2},
//!  {"on": {"call": 7}, "effect": {"status": [503, "SERVER_UNAVAILABLE"]}},
//!  {"on": {"all": [{"object": "Account"}, {"chance": {"per_mille": 20}}]}, "effect": "row_lock", "times": 1000},
//!  {"on": {"route": "POST /services/data/*/query/**"}, "effect": {"edge": {"status": 503, "retry_after": {"seconds": 120}}}},
//!  {"on": "any", "effect": {"slow": 500}, "skip": 10}]
//! ```
//!
//! [`On`] says which requests or rows, [`Effect`] what happens to them, `skip` how many matches pass first, `times` how many are hit
//! (default 1). Requests are matched by `"any"`, `{"call": n}` (the n-th of the org), `{"operation": …}`, `{"route": …}`, `{"rows": [ids]}`,
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
//! | `move_instance` | the org moves to this URL ([`TestOrg::move_instance`]) |
//! | `hide_field` | `{"object": "Account", "field": "Phone"}`: the API user cannot see it any more |
//! | `remove_field` | the same, a custom field is deleted with its values |
//! | `close_picklist` | `{"object", "field", "value"}`: the value is closed |
//! | `deactivate_user` | the id of a user, who can own nothing new; their sessions are dead |
//! | `skew_clock` | milliseconds by which the org's clock is ahead (negative: behind): `Date`, stamps, date literals |
//!
//! What changes the org does so before the request is answered, and stays. In process a connection that closes or is reset is a
//! network error whose delivery is unknown ([`Wire`]). [`Fault::catalogue`] has every effect, so that a client's tests can loop over them.
//! Assumed are the texts of HTML pages, of `api_currently_disabled` and `unknown`.
//!
//! # The demo
//!
//! Accounts of a software company with the customer-success fields of `schema/cx_demo.json` (24 of them editable
//! by a desk), none to six opportunities each in all ten default stages, contacts, tasks, users (one has left), three files; for the
//! first 600 accounts also leads (some converted), events, and cases with comments and e-mails. Names have quotes, ampersands,
//! backslashes and several scripts; every field is sometimes null. Dates are offsets from the org's start. See [`demo`].
//!
//! # What is simulated, and what is not
//!
//! - **Rows**: required fields, lengths, types, restricted picklists with values that close at run time, lookups, unique and
//!   external ids, record types of a describe that has them, soft deletion with cascades, a recycle bin of 15 days with undelete
//!   ([`TestOrg::undelete`]), merge of accounts, contacts, leads and cases ([`TestOrg::merge`]), lead conversion by the standard field mapping
//!   ([`TestOrg::convert_lead`]), statuses and priorities as rows that follow their picklists (`LeadStatus`, `CaseStatus`, `TaskStatus`,
//!   `TaskPriority`), what follows from an opportunity's stage, a task's or event's fields and a case's status and
//!   contact (its number too), triggers as closures ([`TestOrg::on_save`]). sObjects and fields are added while the org lives. Not:
//!   formulas, dependencies between picklists (the API takes any listed value),
//!   custom field mappings of lead conversion, recycle bins of single users and their limit of rows, recurring activities (a series is one row).
//! - **Rules** ([`guard`], by [`TestOrg::add_rule`]): validation rules over a SOQL condition or as closures
//!   ([`TestOrg::refuse_when`]), duplicate rules with exact matching and `Sforce-Duplicate-Rule-Header`, assignment rules of cases and leads
//!   with `Sforce-Auto-Assign`, roll-up summaries, auto-numbers, object permissions and field-level security by user or profile
//!   ([`TestOrg::set_field_access`] for everybody). Not: sharing (who may read an sObject reads all its rows), fuzzy matching, duplicates
//!   across sObjects, territories of accounts, formulas of validation rules (a WHERE clause stands for one).
//! - **SOQL**: parent paths and their aliases, child subqueries with their own locators, polymorphic lookups and TYPEOF, WHERE with
//!   SOQL's null rules, semi-joins, date functions, date literals and `convertTimezone` in the user's zone, GROUP BY with ROLLUP,
//!   CUBE, GROUPING and HAVING, `toLabel`, `FORMAT` (assumed from five Java locales), DISTANCE, `FIELDS()`, ORDER BY with nulls,
//!   LIMIT and OFFSET, every `USING SCOPE` that the object's describe lists. Errors point at the part of the statement that they are
//!   about, and the org refuses what `sf_soql::check` refuses. `WITH USER_MODE` and its like, `FOR VIEW`, `FOR REFERENCE` and `UPDATE`
//!   are taken and change nothing: `LastViewedDate` does not move. There are no teams, territories, queues and scoping rules, no data
//!   categories, and one currency: such statements have no rows, all rows, or Salesforce's refusal. Not: fiscal years other than the
//!   calendar's, more than 55 parents refused; the costs of `explain` are assumed. An equality or a list of ids, lookups or
//!   external ids, and pages by `Id`, `SystemModstamp`, `CreatedDate` or `LastModifiedDate` come from an index:
//!   [`Counters::rows_visited`] tells how many rows queries looked at.
//! - **Resources**: what the first paragraph lists, composite batch, tree and graph, relationships in URLs, conditional requests (ETag
//!   on accounts), query plans and columns, search (SOSL without WITH) and parameterized search over the text fields, recent rows.
//!   Tooling: queries and describes of the packages that are installed ([`Builder::installed_package`]); all else is no type there. Apex
//!   REST: the resources that a test gives ([`TestOrg::apex_rest`]). Requests that are not right get Salesforce's words: the JSON parser's
//!   with their place, 405, 410, 414, 415, 431. Not: XML bodies and answers (415, 406), layouts, list views, quick actions, recent rows by
//!   `FOR VIEW`. Recent rows are those that requests of one row used, unless `Sforce-Mru` says otherwise.
//! - **Files**: ContentVersion, Document and Attachment as base64 (bodies to 50 MB) or by `multipart/form-data` (a file to 2 GB or
//!   500 MB), collections with binary parts; size, checksum, type, version number, document and links follow; `VersionData` and `Body`
//!   give the bytes. Not: ContentUrl, libraries, sharing of files, `Range`, previews. The share types of links are assumed.
//! - **SOAP API**: `undelete`, `emptyRecycleBin`, `merge` and `convertLead`, which REST does not have, in partner form under
//!   `/services/Soap/u/66.0` with a session of any sign-in, each row with its own result, `AllOrNoneHeader` for undelete; they count as
//!   API calls, and faults know them as the operations `undelete`, `empty_recycle_bin`, `merge` and `convert_lead`. Not: the other
//!   calls, rows that are sent along with a conversion, mails to owners. REST has no action `convertLead`, as in a real org.
//! - **Bulk API 2.0**: jobs that load rows (insert, update, upsert, delete; hard delete where [`Builder::bulk_hard_delete`] allows it) from one
//!   upload or a multipart request, and jobs that export a query (`query`, `queryAll`); close, abort, delete, lists, result files, result
//!   pages with `Sforce-Locator`, `resultPages`. CSV with all delimiters and both line endings; `#N/A`, empty values, relationship columns
//!   (`Owner.Username`, `Lead:Who.Email`); a malformed row fails alone, a wrong header or line ending fails the job in Salesforce's words.
//!   Rows are saved under the same rules, triggers and faults as all others, 200 in a transaction, 10,000 in a batch
//!   ([`Builder::bulk_batch_rows`]). Who asks for a job finds it `InProgress` once; nobody needs to ask ([`Builder::bulk_step`]). An
//!   export has three result pages unless [`Builder::bulk_page_rows`] says otherwise, and rows in no order unless the query asks for one.
//!   Row faults name the request that closed the job ([`On::Call`]) and its operation (`insert`, …, or `ingest`). Jobs live in memory: a state file
//!   keeps what they did, not them. Not: retries of batches. The processing times
//!   are made up (a millisecond for each row), and every switch of [`BulkAssumptions`] stands for something undocumented.
//! - **Bulk API 1.0** (`/services/async/NN.0/job…`, session in `X-SFDC-Session` or as a bearer): jobs told in XML or JSON, batches in CSV,
//!   JSON and XML (nulls, parents by an external id), as simple-salesforce, jsforce and CumulusCI send them. Create, close, abort; batches,
//!   their list, request and results, the rows in the order of the request; `query` and `queryAll` with several results; serial jobs;
//!   PK chunking, where a statement without ORDER BY and LIMIT is split by ids (100,000, or `chunkSize`) into batches of their own and
//!   the first one is `NotProcessed`. Batches go on as the jobs of 2.0 do, by time or by being asked for (alone, or with their job), and
//!   their rows are saved in the same way; 10,000 rows and 10,000,000 bytes in one. Errors are 400 with an `exceptionCode`, a dead session
//!   too. In the log they are `bulk1_job`, `bulk1_batch` (the one that row faults are about), `bulk1_state`, `bulk1_info`, `bulk1_results`.
//!   Not: binary attachments, transformation specifications, PK chunking by a parent, retries,
//!   TYPEOF, which the guide excludes. [`Bulk1Assumptions`] has what is undocumented.
//! - **Change events**: every commit as Change Data Capture publishes it, in the order of commits ([`TestOrg::changes`], `/__org/changes`): one
//!   event for rows that change alike, changed and nulled fields, diffs of large texts, `changeOrigin`, gap and overflow events, 72 hours of
//!   retention. A state file does not hold them. Not: the Pub/Sub API and CometD, for which this stream is meant, bitmaps and Avro,
//!   wildcard ids, platform events, daily delivery limits, field-level security of a subscriber.
//!
//! What it does not know it refuses, with an error that says so or as Salesforce refuses it; it makes no answer up. Days, hours
//! and texts are those of the API user's time zone and locale; the org has one currency. Where Salesforce documents nothing, the code says `[inferred]`, in one function each.
mod apex;
mod arrange;
mod assumptions;
mod builder;
mod bulk;
mod bulk1;
mod changes;
mod clock;
mod conformance;
mod credentials;
pub mod demo;
mod doors;
mod error;
mod fault;
pub mod guard;
mod http;
pub mod journal;
mod json;
mod lifecycle;
mod log;
mod multipart;
mod oauth;
mod org;
mod rest;
mod save;
pub mod schema;
mod schema_file;
#[cfg(feature = "server")]
mod server;
mod service;
mod soap;
mod soql;
mod sosl;
pub mod state;
mod tooling;
mod wire;
mod xml;
pub use apex::{ApexCall, ApexException};
pub use assumptions::{
    AssumedError, Assumptions, Bulk1Assumptions, BulkAssumptions, ChangeAssumptions, ErrorWords, FormerHost,
    GuardAssumptions, LifeAssumptions, LostParent, OAuthAssumptions, ObjectAssumptions, RestAssumptions,
    RevokeError, SoqlAssumptions, ValueAssumptions,
};
pub use builder::Builder;
pub use changes::{ChangeEvent, ChangeEventHeader, ChangeType};
pub use clock::VirtualClock;
pub use credentials::Credentials;
pub use fault::{Effect, Fault, On, Refusal, RetryAfter};
pub use http::{Fate, Method, Request, Response};
pub use log::{Counters, LoggedCall};
pub use oauth::{ConnectedApp, Token, TokenKind};
pub use org::{CommitHook, TestOrg};
pub use save::{ConvertedLead, FieldAccess, LeadConversion, Merged, Saving};
#[cfg(feature = "server")]
pub use server::{Server, ServerBuilder};
pub use tooling::InstalledPackage;
pub use wire::Wire;

/// Keeps the README's code compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
