//! Reading a page's text: its head alone, or all its rows in one pass.
use super::Cursor;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::{fmt, marker::PhantomData};

/// What comes before the rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// `None`: a bare array, which does not say.
    pub(super) total: Option<u64>,
    pub(super) next: Option<Cursor>,
    /// There are more rows, but the text does not say where.
    pub(super) cut: bool,
}

impl Head {
    pub(super) fn read(body: &str) -> serde_json::Result<Head> {
        let mut visitor = HeadVisitor { head: Head::default(), known: false };
        match serde_json::Deserializer::from_str(body).deserialize_any(&mut visitor) {
            // The rows were reached with everything else read: the visitor stopped by an error.
            Err(_) if visitor.known => Ok(visitor.head),
            read => read.map(|()| visitor.head),
        }
    }
}

struct HeadVisitor {
    head: Head,
    known: bool,
}

impl<'de> Visitor<'de> for &mut HeadVisitor {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a query result")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut done, mut rows) = (None, false);
        while let Some(key) = map.next_key::<crate::Key<'_>>()? {
            match key.as_str() {
                "totalSize" => self.head.total = Some(map.next_value()?),
                "nextRecordsUrl" => self.head.next = map.next_value::<Option<String>>()?.map(Cursor),
                "done" => done = map.next_value::<Option<bool>>()?,
                "records" => {
                    rows = true;
                    if self.head.total.is_some() && (done == Some(true) || self.head.next.is_some()) {
                        self.known = true;
                        return Err(A::Error::custom("enough"));
                    }
                    map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        // Without a word on it the rows could be the first of many.
        self.head.cut = done != Some(true) && self.head.next.is_none();
        if rows { Ok(()) } else { Err(A::Error::missing_field("records")) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        self.known = true;
        Err(A::Error::custom("enough"))
    }
}

/// Reads the list of rows, in an envelope or bare, straight into a vector of what `wrap` makes of each.
pub(super) struct RowsSeed<T, W> {
    pub(super) capacity: usize,
    pub(super) wrap: W,
    pub(super) row: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, U, W: Fn(T) -> U> DeserializeSeed<'de> for RowsSeed<T, W> {
    type Value = Vec<U>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<U>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>, U, W: Fn(T) -> U> Visitor<'de> for RowsSeed<T, W> {
    type Value = Vec<U>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<U>, A::Error> {
        let (mut seed, mut rows) = (Some(self), None);
        while let Some(key) = map.next_key::<crate::Key<'_>>()? {
            let is_rows = key.as_str() == "records";
            match seed.take_if(|_| is_rows) {
                Some(seed) => rows = Some(map.next_value_seed(seed)?),
                // Rows of which some would be left out.
                None if is_rows => return Err(A::Error::duplicate_field("records")),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        rows.ok_or_else(|| A::Error::missing_field("records"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<U>, A::Error> {
        let mut rows = Vec::with_capacity(self.capacity);
        while let Some(row) = seq.next_element()? {
            rows.push((self.wrap)(row));
        }
        Ok(rows)
    }
}
