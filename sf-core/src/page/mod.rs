//! Query results.
mod children;
#[cfg(feature = "fast-json")]
mod fast;
mod read;

pub use children::Children;

use crate::{Delivery, Error, ErrorKind, Failure, Result, error::json_problem};
use read::{Head, RowsSeed};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::DeserializeSeed};
use serde_json::value::RawValue;
use std::{fmt, marker::PhantomData, ops::Range, sync::Arc};

/// Where the next page is: the `nextRecordsUrl` of the page before. Opaque; good for the session that made it, for
/// two days at most.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor(String);

impl Cursor {
    /// From the org's text.
    pub fn new(path: impl Into<String>) -> Cursor {
        Cursor(path.into())
    }

    /// The org's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One query result, undecoded: a piece of a text that several pages may share (a composite answer, the envelope
/// of the `sf` command). Owned and cheap to clone.
///
/// It reads both forms of the REST API: the query result (`{"totalSize":…,"records":[…]}`) and the bare array
/// that a retrieve by ids answers with.
///
/// ```
/// use sf_core::{Page, models::Account};
///
/// let page = Page::new(r#"{"totalSize":3,"done":false,"nextRecordsUrl":"/q/01g-2","records":[
///     {"attributes":{"type":"Account"},"Name":"Acme"}, {"attributes":{"type":"Account"},"Name":7}]}"#)?;
/// assert_eq!((page.total(), page.next().map(|next| next.as_str())), (3, Some("/q/01g-2")));
///
/// let rows = page.decode::<Account>()?;
/// assert_eq!(rows[0].as_ref().unwrap().name.value().unwrap(), "Acme");
/// assert!(rows[1].is_err()); // a malformed row does not take the others with it
/// # Ok::<(), sf_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Page {
    text: Arc<String>,
    span: Range<usize>,
    head: Head,
}

impl Page {
    /// A page that is the whole text.
    ///
    /// # Errors
    /// As [`Page::within`].
    pub fn new(text: impl Into<String>) -> Result<Page> {
        let text = Arc::new(text.into());
        let span = 0..text.len();
        Page::within(text, span)
    }

    /// A page of the bytes of an answer, which are checked to be UTF-8 here and nowhere else.
    ///
    /// # Errors
    /// As [`Page::within`], and for bytes that are not UTF-8.
    pub fn from_utf8(bytes: Vec<u8>) -> Result<Page> {
        Page::new(String::from_utf8(bytes).map_err(|e| Error::new(unreadable(&e)).with_source(e))?)
    }

    /// A page that is a piece of a text. Reads the head only: rows are not looked at while `records` comes last,
    /// as the org writes it.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the piece is not inside the text, cuts a character, does not begin like a query
    /// result or an array, or neither says that it is the last page nor names the next one.
    pub fn within(text: Arc<String>, span: Range<usize>) -> Result<Page> {
        let Some(body) = text.get(span.clone()) else {
            return Err(unreadable(&"the page is not inside its text").into());
        };
        let head = Head::read(body).map_err(decode_error)?;
        if head.cut {
            return Err(unreadable(&"it does not say that it is the last one, but names no next page").into());
        }
        Ok(Page { text, span, head })
    }

    /// Rows of the whole query, over all its pages; of a bare array, its length.
    pub fn total(&self) -> u64 {
        self.head.total.unwrap_or_else(|| self.rows().map_or(0, |rows| rows.len() as u64))
    }

    /// Where the next page is; `None`: this is the last.
    pub fn next(&self) -> Option<&Cursor> {
        self.head.next.as_ref()
    }

    /// The page's text.
    pub fn text(&self) -> &str {
        // `within` has checked the span.
        self.text.get(self.span.clone()).unwrap_or_default()
    }

    /// All rows as `T`, in one pass over the text. Only when a row is malformed a second pass reads row by row, so
    /// that the others still come through. With the feature `fast-json` that pass is made by a faster reader, and
    /// what it declines is read as without it.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the text is not a list of rows at all: cut off, for example. A row that is not a
    /// `T` is an `Err` in its place.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<Vec<Result<T, Failure>>> {
        let expected = usize::try_from(self.head.total.unwrap_or(0)).unwrap_or(usize::MAX);
        // No more than the text can hold: a row has at least a brace and a key.
        let capacity = expected.min(2_000).min(self.text().len() / 16);
        let whole = || RowsSeed { capacity, wrap: Ok, row: PhantomData::<T> };
        #[cfg(feature = "fast-json")]
        if let Some(rows) = fast::read(self.text(), whole()) {
            return Ok(rows);
        }
        let mut json = serde_json::Deserializer::from_str(self.text());
        if let Ok(rows) = whole().deserialize(&mut json).and_then(|rows| json.end().map(|()| rows)) {
            return Ok(rows);
        }
        Ok(self.rows()?.into_iter().map(RawRow::decode).collect())
    }

    /// The rows as text.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the text is not a list of rows.
    pub fn rows(&self) -> Result<Vec<RawRow<'_>>> {
        let mut json = serde_json::Deserializer::from_str(self.text());
        let rows = RowsSeed { capacity: 0, wrap: RawRow, row: PhantomData::<&RawValue> };
        rows.deserialize(&mut json).and_then(|rows| json.end().map(|()| rows)).map_err(decode_error)
    }
}

fn unreadable(problem: &dyn fmt::Display) -> Failure {
    Failure::new(ErrorKind::Decode, Delivery::Refused, format!("the org's answer cannot be read: {problem}"))
}

fn decode_error(error: serde_json::Error) -> Error {
    unreadable(&json_problem(&error)).into()
}

/// By text, wherever it is.
impl PartialEq for Page {
    fn eq(&self, other: &Page) -> bool {
        self.text() == other.text()
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("total", &self.head.total)
            .field("next", &self.head.next)
            .field("bytes", &self.span.len())
            .finish()
    }
}

/// As its text: what other pages share it with is left behind.
impl Serialize for Page {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Page, D::Error> {
        Page::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The text of one row, borrowed from its page.
#[derive(Debug, Clone, Copy)]
pub struct RawRow<'a>(&'a RawValue);

impl<'a> RawRow<'a> {
    /// The row's JSON.
    pub fn text(self) -> &'a str {
        self.0.get()
    }

    /// Whether the row is `null`: a retrieve's answer for an id that the user cannot see.
    pub fn is_null(self) -> bool {
        self.text() == "null"
    }

    /// The row as a `T`.
    ///
    /// # Errors
    /// A [`Failure`] of kind [`ErrorKind::Decode`] when it is not one.
    pub fn decode<T: Deserialize<'a>>(self) -> Result<T, Failure> {
        serde_json::from_str(self.text()).map_err(|error| {
            let message = format!("a row cannot be read: {}", json_problem(&error));
            Failure::new(ErrorKind::Decode, Delivery::Refused, message)
        })
    }
}
