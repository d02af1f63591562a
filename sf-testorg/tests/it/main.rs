//! Behaviour tests of the simulated org, one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod agreement;
mod apex_rest;
mod arrange;
mod assumed;
mod bad_requests;
#[cfg(feature = "server")]
mod binary;
mod bulk1;
mod bulk_csv;
mod bulk_ingest;
mod bulk_jobs;
mod bulk_loads;
mod bulk_query;
mod changes;
mod changes_life;
mod collections;
mod conformance;
mod demo_data;
mod demo_service;
mod faults;
#[cfg(feature = "server")]
mod fidelity;
mod files;
mod given;
mod guard;
#[cfg(feature = "server")]
mod http;
mod journal;
mod journal_life;
mod life;
#[cfg(feature = "server")]
mod load;
mod lookup;
mod models;
mod naive;
mod oauth;
mod query;
mod query_errors;
mod query_forms;
mod query_functions;
mod query_groups;
mod query_pages;
mod reading;
mod resources;
mod rows;
mod schema;
mod search;
#[cfg(feature = "server")]
mod server;
mod service;
mod service_objects;
mod shapes;
mod speed;
#[cfg(feature = "tls")]
mod tls;
mod tooling;
mod transport;
mod typed_results;
mod wire_rules;
mod wire_rules_ids;
mod wire_rules_objects;
mod wire_rules_requests;
mod wire_rules_statements;
mod work;
