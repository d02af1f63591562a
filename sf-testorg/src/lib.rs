//! A simulated Salesforce org: a library for tests in Rust, and a server for tests in anything else.
//!
//! It answers REST, Bulk and sign-in requests as a real org does (API versions 31.0 to 67.0): SOQL, single rows, collections,
//! composite, describe, updated and deleted ids, limits, files up and down, with the wire's number and date formats, its error
//! bodies and its limits. Existing clients work against it unmodified. All rows come from a seed, all time from a virtual clock, and what goes wrong is data: the same
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
//! `localhost`, `127.0.0.1` and `::1`, or under that of `--tls-cert` and `--tls-key`. The line then has the `certificate` as PEM, which clients have to
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
//! # More
//!
//! | subject | page |
//! | --- | --- |
//! | rows and what saving does to them, rules, files, change events | [`guide::rows`], [`guard`] |
//! | SOQL and SOSL, their limits | [`guide::soql`] |
//! | resources, headers, Tooling API, Apex REST, SOAP | [`guide::rest`] |
//! | Bulk API 2.0 and 1.0 | [`guide::bulk`] |
//! | signing in: OAuth flows, sessions, the real `sf` | [`guide::oauth`] |
//! | what goes wrong, as data: `--faults`, [`TestOrg::inject`], [`Effect`] | [`guide::faults`] |
//! | the control path `/__org`, for tests in another process | [`guide::control`] |
//! | rows of the demo | [`demo`] |
//! | a state file | [`journal`] |
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
//! Each page above says both. In short, an org has REST with SOQL and SOSL, Bulk API 2.0 and 1.0, the sign-in flows, the calls of SOAP
//! that REST lacks, a change stream, and rules as data. It has no sharing, no formulas, no layouts and list views, no XML of REST, one
//! currency, calendar years as fiscal years, no Pub/Sub API, no CometD, no metadata API.
//!
//! What it does not know it refuses, with an error that says so or as Salesforce refuses it; it makes no answer up. Days, hours
//! and texts are those of the running user's time zone and locale.
//!
//! Where Salesforce documents nothing, what is believed is one switch of [`Assumptions`] for each behaviour, so that a client can be
//! tested against the other belief too; errors whose words are made up are [`AssumedError`]s. (A few details that no client has been
//! seen to look at have no switch; the code marks them `[inferred]`.) FIDELITY.md, beside this crate's
//! README, lists every rule of the wire with its evidence (documented, recorded, reported, assumed), its test and its switch.
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
pub mod guide;
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
pub use server::{Server, ServerBuilder, SfLogin};
pub use tooling::InstalledPackage;
pub use wire::Wire;

/// Keeps the README's code compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
