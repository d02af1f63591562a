//! Customer-success building blocks for tools on Salesforce.
//!
//! The crate begins with [`QuickLinks`]: the pages of the org that people open beside a synced account.
//! Owner roles, renewal metrics, case threads and product events are to come; they are not here yet.
//!
//! ```
//! use sf_core::SfId;
//! use sf_cx::QuickLinks;
//!
//! let links = QuickLinks::of_account("https://acme.my.salesforce.com", SfId::new("001000000000001AAA")?)?;
//! assert_eq!(
//!     links.cases.as_str(),
//!     "https://acme.my.salesforce.com/lightning/r/Account/001000000000001AAA/related/Cases/view",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod quick_links;

pub use quick_links::QuickLinks;
