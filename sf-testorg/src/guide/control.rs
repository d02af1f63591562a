//! The control path: what a test in another process says to the org.
//!
//! Under `/__org`, which no Salesforce resource uses, a test in another process says what [`TestOrg`](crate::TestOrg)'s methods say. No token, not in
//! the request log, no API call. Errors are `{"error", "next"}`, those of the org's own rules have its `errorCode` and `fields` too.
//! Late commits whose time has come are made first, as before a request.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /__org` | lists these |
//! | `GET /__org/log` | `{"counters": {requests, api_calls, by_operation, bytes_in, bytes_out, rows, rows_visited}, "calls": […]}`; `?since=N` only requests after number N, `?bodies=true` with their bodies |
//! | `DELETE /__org/log` | empties log and counters |
//! | `GET /__org/changes` | `{"events": […], "latest"}`: change events; `?after=N` after a replay id (default 0, all that are stored), `?most=N` (default 1000); see [`TestOrg::changes`](crate::TestOrg::changes) |
//! | `GET /__org/objects` | objects and how many rows each has |
//! | `GET /__org/rows/OBJECT` | `{"object", "rows"}`: all rows by id, deleted ones included, fields in describe order, nulls left out; `?stamps=false` leaves out all date-times. Equal rows give equal text |
//! | `POST /__org/picklist` | `{"object", "field", "value", "active"}` closes (`false`) or opens a picklist value |
//! | `POST /__org/schema` | describes of sObjects to add or to replace, one, a list or `{"sobjects": […]}`; or `{"object", "fields"}`: fields of one; see [`TestOrg::add_sobjects`](crate::TestOrg::add_sobjects) |
//! | `GET`, `POST /__org/rules` | the org's rules with their ids; adds or replaces one or a list ([`guard::Rule`](crate::guard::Rule)): `{"ids"}` |
//! | `GET`, `POST`, `DELETE /__org/faults` | the armed faults; arms one or a list; disarms all |
//! | `POST /__org/apply` | `{"op": "insert"\|"update"\|"upsert"\|"delete", "object", "id", "key", "fields", "user"}`: a write in the org's own UI, by `user` or else the API user; `{"id"}` |
//! | `POST /__org/undelete` | `{"id", "user"}` brings a deleted row back ([`TestOrg::undelete`](crate::TestOrg::undelete)); `{"id"}` |
//! | `POST /__org/merge` | `{"master", "victims": […], "fields", "user"}` ([`TestOrg::merge`](crate::TestOrg::merge)); `{"master", "victims", "moved"}` |
//! | `POST /__org/convert` | `{"lead", "status", "account", "contact", "opportunity", "opportunity_name", "without_opportunity", "overwrite_lead_source", "owner", "user"}`, all but the first two optional ([`TestOrg::convert_lead`](crate::TestOrg::convert_lead)); `{"lead", "account", "contact", "opportunity"}` |
//! | `GET`, `DELETE /__org/recycle-bin` | `{"deletions": [{id, at, cascaded, cleared}]}`; empties it, or of `{"ids": […]}`: `{"rows"}` |
//! | `GET /__org/tokens` | every token: `[{kind, token, client_id, username, scope, issued, is_alive}]` |
//! | `POST /__org/tokens` | `{"revoke": TOKEN}` revokes an access token, or a refresh token with what it gave; `{"revoked"}` |
//! | `DELETE /__org/sessions` | ends all sessions; refresh tokens go on |
//! | `POST /__org/apps` | adds a [`ConnectedApp`](crate::ConnectedApp), or replaces the one of its client id |
//! | `POST /__org/devices` | `{"user_code", "username"}` approves a device as this user; without `username` it denies |
//! | `POST /__org/instance` | `{"url"}` moves the org to another address ([`TestOrg::move_instance`](crate::TestOrg::move_instance)) |
//! | `GET`, `POST /__org/clock` | `{"now"}`; `{"advance_ms"}` moves the org's time forward |
