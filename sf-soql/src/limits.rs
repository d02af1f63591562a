//! How long a statement may be, and how long one is.
//!
//! ```
//! use sf_core::{field, object};
//! use sf_soql::{SplitBudget, limits, prelude::*};
//! let names = (0..2_000).map(|n| format!("Company {n}"));
//! let query = Query::from(object!("Account")).select([field!("Id")]).filter(field!("Name").is_in(names));
//! assert_eq!(query.url_bytes()?, 50_941);
//!
//! // For a transport that sends the statement in the URL: some room for the path and the headers.
//! let pieces = query.split_in(&SplitBudget::default().url_bytes(limits::URL_BYTES - 4_096))?;
//! assert_eq!(pieces.len(), 5);
//! assert!(pieces.iter().all(|piece| piece.url_bytes().is_ok_and(|bytes| bytes < 12_288)));
//! # Ok::<(), sf_soql::Problems>(())
//! ```

use crate::{Problems, Query, Statement, write};

/// Characters of a statement (SOQL and SOSL Reference, "SOQL SELECT Syntax"). Characters are UTF-16 units here, so an
/// emoji is two. [`Query::to_soql`] refuses a longer statement.
pub const STATEMENT_CHARACTERS: usize = 100_000;

/// Characters of one text in a WHERE clause (Salesforce Developer Limits, "SOQL and SOSL Limits"), counted without the
/// escapes, in UTF-16 units. [`Query::to_soql`] refuses a longer text.
pub const TEXT_CHARACTERS: usize = 4_000;

/// Bytes of a request's URL, and of the URL with all headers (REST API Developer Guide, "Status Codes and Error
/// Responses": 414 and 431). The path before a statement takes about 40, an access token more than 100. A longer
/// statement can be sent in the body of a composite request, which the transports of this family do by themselves.
pub const URL_BYTES: usize = 16_384;

/// The length of a text as Salesforce counts characters: in UTF-16 units.
///
/// ```
/// assert_eq!(sf_soql::limits::characters("Zoë 😀"), 6);
/// ```
pub fn characters(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The length of a text as a value of a URL, with everything percent-encoded but letters, digits, `-`, `.`, `_` and
/// `~`.
///
/// ```
/// assert_eq!(sf_soql::limits::url_bytes("Id = 'ë'"), "Id%20%3D%20%27%C3%AB%27".len());
/// ```
pub fn url_bytes(text: &str) -> usize {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|b| if plain(b) { 1 } else { 3 }).sum()
}

impl Statement {
    /// How many bytes the statement takes in a URL, see [`limits`](crate::limits); also of one that is too long to be
    /// sent.
    ///
    /// # Errors
    /// What [`to_soql`](Statement::to_soql) refuses, but the length.
    pub fn url_bytes(&self) -> Result<usize, Problems> {
        write::statement_of_any_length(self).map(|text| url_bytes(&text))
    }
}

impl<T> Query<T> {
    /// How many bytes the query takes in a URL, see [`limits`](crate::limits); also of one that is too long to be sent.
    ///
    /// # Errors
    /// What [`to_soql`](Query::to_soql) refuses, but the length.
    pub fn url_bytes(&self) -> Result<usize, Problems> {
        self.statement().url_bytes()
    }
}
