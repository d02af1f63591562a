//! The rows of a child subquery.
use super::Cursor;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};

/// The child rows that a subquery asked for. [`Org`](crate::Org) completes them before it hands the parent out; on
/// a bare [`Page`](crate::Page) a long list ends early and `next` says where it goes on.
///
/// The org writes null when there are none; that reads as an empty list.
#[derive(Debug, Clone, PartialEq)]
pub struct Children<T> {
    /// The rows that are here.
    pub rows: Vec<T>,
    /// How many there are in the org.
    pub total: u64,
    /// Where the next ones are.
    pub next: Option<Cursor>,
}

impl<T> Children<T> {
    /// The rows that are here, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }

    /// How many rows are here.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row is here.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether all rows are here.
    pub fn is_complete(&self) -> bool {
        self.next.is_none()
    }
}

impl<T> Default for Children<T> {
    fn default() -> Self {
        Children { rows: Vec::new(), total: 0, next: None }
    }
}

impl<T> From<Vec<T>> for Children<T> {
    fn from(rows: Vec<T>) -> Self {
        Children { total: rows.len() as u64, rows, next: None }
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

/// In the wire's form.
impl<T: Serialize> Serialize for Children<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("totalSize", &self.total)?;
        map.serialize_entry("done", &self.next.is_none())?;
        if let Some(next) = &self.next {
            map.serialize_entry("nextRecordsUrl", next)?;
        }
        map.serialize_entry("records", &self.rows)?;
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Children<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
        struct Wire<T> {
            total_size: u64,
            #[serde(default)]
            done: Option<bool>,
            #[serde(default)]
            next_records_url: Option<Cursor>,
            records: Vec<T>,
        }
        let Some(wire) = Option::<Wire<T>>::deserialize(deserializer)? else {
            return Ok(Children::default());
        };
        let is_whole = wire.done.unwrap_or(wire.records.len() as u64 >= wire.total_size);
        if !is_whole && wire.next_records_url.is_none() {
            return Err(serde::de::Error::custom("child rows are unfinished but name no next page"));
        }
        Ok(Children { rows: wire.records, total: wire.total_size, next: wire.next_records_url })
    }
}
