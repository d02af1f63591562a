//! What the org does, subject by subject: what is simulated, what is not, and in which words.
//!
//! | page | subject |
//! | --- | --- |
//! | [`rows`] | rows and what saving does to them, rules, files, change events |
//! | [`soql`] | SOQL and SOSL, their limits |
//! | [`rest`] | resources, headers, Tooling API, Apex REST, SOAP |
//! | [`bulk`] | Bulk API 2.0 and 1.0 |
//! | [`oauth`] | signing in |
//! | [`faults`] | what goes wrong: the faults file |
//! | [`control`] | the control path `/__org` |
//!
//! Rules as data are in [`guard`](crate::guard), the data set in [`demo`](crate::demo), the state file in [`journal`](crate::journal).
//! These modules hold text only.
pub mod bulk;
pub mod control;
pub mod faults;
pub mod oauth;
pub mod rest;
pub mod rows;
pub mod soql;
