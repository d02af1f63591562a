use crate::{Error, Failure, Record, Result};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{fmt, ops::Range, sync::Arc};

/// Where the next page is. Opaque; good for the session that made it, 2 days at most.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor(String);
impl Cursor {
    pub fn new(path: impl Into<String>) -> Cursor {
        Cursor(path.into())
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One query result, undecoded: a piece (`span`) of a text that several pages may share
/// (a composite answer, the CLI's envelope). Owned, cheap to clone, no self-reference.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page {
    text: Arc<String>,
    span: Range<usize>,
    total: u64,
    next: Option<Cursor>,
}

impl Page {
    pub fn new(text: impl Into<String>) -> Result<Page> {
        let t = Arc::new(text.into());
        let n = t.len();
        Page::within(t, 0..n)
    }
    /// Reads the head only: the rows are not touched while `records` comes last, as the org writes it.
    pub fn within(text: Arc<String>, span: Range<usize>) -> Result<Page> {
        let mut head = Head::default();
        let body = text.get(span.clone()).ok_or_else(|| -> Error { todo!() })?;
        if let Err(e) = Deserializer::deserialize_map(
            &mut serde_json::Deserializer::from_str(body),
            HeadVisitor(&mut head),
        ) && !head.rows_reached
        {
            return Err(decode_error(e));
        }
        let Head { total, next, .. } = head;
        Ok(Page { text, span, total, next })
    }
    pub fn total(&self) -> u64 {
        self.total
    }
    pub fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }
    /// All rows as `T` in one pass over the text. Only when a row is malformed, a second pass
    /// reads row by row, so that the others still come through.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<Vec<Result<T, Failure>>> {
        if let Ok(all) = serde_json::from_str::<Rows<T>>(self.body()) {
            return Ok(all.records.into_iter().map(Ok).collect());
        }
        Ok(self.rows()?.into_iter().map(|r| r.decode()).collect())
    }
    /// The rows as text.
    pub fn rows(&self) -> Result<Vec<RawRow<'_>>> {
        #[derive(Deserialize)]
        struct Raw<'a> {
            #[serde(borrow)]
            records: Vec<&'a RawValue>,
        }
        let raw: Raw<'_> = serde_json::from_str(self.body()).map_err(decode_error)?;
        Ok(raw.records.into_iter().map(RawRow).collect())
    }
    fn body(&self) -> &str {
        &self.text[self.span.clone()]
    }
}
fn decode_error(e: serde_json::Error) -> Error {
    Error::new(Failure::new(crate::ErrorKind::Decode, crate::Delivery::Refused, e.to_string()))
}
#[derive(Deserialize)]
struct Rows<T> {
    records: Vec<T>,
}

#[derive(Default)]
struct Head {
    total: u64,
    next: Option<Cursor>,
    rows_reached: bool,
}
struct HeadVisitor<'h>(&'h mut Head);
impl<'de> Visitor<'de> for HeadVisitor<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a query result")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut m: A) -> std::result::Result<(), A::Error> {
        let mut done = false;
        while let Some(k) = m.next_key::<&str>()? {
            match k {
                "totalSize" => self.0.total = m.next_value()?,
                "nextRecordsUrl" => self.0.next = m.next_value::<Option<String>>()?.map(Cursor),
                "done" => done = m.next_value()?,
                // Everything else is known already: stop before the rows.
                "records" if done || self.0.next.is_some() => {
                    self.0.rows_reached = true;
                    return Err(serde::de::Error::custom("enough"));
                }
                _ => {
                    m.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// One row, borrowed from its page.
#[derive(Debug, Clone, Copy)]
pub struct RawRow<'a>(&'a RawValue);
impl<'a> RawRow<'a> {
    pub fn text(self) -> &'a str {
        self.0.get()
    }
    pub fn decode<T: Deserialize<'a>>(self) -> Result<T, Failure> {
        serde_json::from_str(self.0.get()).map_err(|e| decode_error(e).into_failure())
    }
}

/// Child rows of a subquery. `Org` completes them before it hands the parent out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Children<T> {
    pub rows: Vec<T>,
    pub total: u64,
    pub next: Option<Cursor>,
}
impl<T> Default for Children<T> {
    fn default() -> Self {
        Children { rows: Vec::new(), total: 0, next: None }
    }
}
impl<T> IntoIterator for Children<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}
impl<'a, T> IntoIterator for &'a Children<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}
/// `null` is "no children".
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Children<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Set<T> {
            total_size: u64,
            #[serde(default)]
            next_records_url: Option<String>,
            records: Vec<T>,
        }
        Ok(Option::<Set<T>>::deserialize(d)?.map_or_else(Children::default, |s| Children {
            rows: s.records,
            total: s.total_size,
            next: s.next_records_url.map(Cursor),
        }))
    }
}
#[allow(dead_code)]
fn _records(p: &Page) -> Result<Vec<Result<Record, Failure>>> {
    p.decode()
}
