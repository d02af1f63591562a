//! Behaviour over real sockets: wiremock for HTTP, a scripted TCP server for the faults below HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audience;
mod blocked;
mod budget;
mod builder;
mod bulk;
mod conformance;
mod connections;
mod delivery;
mod dropped;
mod faults;
mod files;
mod login_host;
mod malformed;
mod over_http;
mod pains;
mod properties;
mod proxies;
mod reading;
mod requests;
mod retries;
mod secrets;
mod session;
mod sign_in;
mod spans;
mod stores;
mod streams;
mod tcp;
mod token_answers;
mod two_users;
mod writes;

use sf_core::{CallOptions, Fields, ObjectName, Value, Write};
use sf_rest_transport::{Rest, RestTransport};

/// Found nowhere but in requests, or a test fails.
pub(crate) const TOKEN: &str = "00D5e000000ZyXw!AQ8AQsecretAccessToken";

pub(crate) fn rest(url: &str) -> Rest {
    Rest::at(url).token(TOKEN).allow_loopback_http()
}
pub(crate) fn transport(url: &str) -> RestTransport {
    rest(url).connect().unwrap()
}
/// Never repeated by the transport.
pub(crate) fn once() -> CallOptions {
    CallOptions::new().with_attempts(1)
}
pub(crate) fn insert(name: &str) -> Write {
    let fields = Fields::new().set(sf_core::field!("Name"), Value::from(name));
    Write::Insert { object: ObjectName::from_static("Account"), fields }
}
/// A collections answer for one created row.
pub(crate) const CREATED: &str = r#"[{"id":"001000000000001AAA","success":true,"errors":[]}]"#;
