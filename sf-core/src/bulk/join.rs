//! Which row of a result file is which row of the input.
use crate::{SfId, protocol::bulk::CsvEncoder};
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

/// No row.
const END: u32 = u32::MAX;

/// The rows of one job by their content. Forty bytes a row, whatever it holds.
#[derive(Debug, Default)]
pub(super) struct RowIndex {
    hashers: [RandomState; 2],
    columns: Vec<Box<str>>,
    key: Option<usize>,
    /// The first row with a content that has no outcome yet.
    by_line: HashMap<u128, u32>,
    /// The next row with the same content.
    same: Vec<u32>,
    keys: Vec<u64>,
    /// The place of each row in the input.
    pub(super) inputs: Vec<usize>,
    last_of_line: HashMap<u128, u32>,
    checksum: u64,
}

impl RowIndex {
    pub(super) fn len(&self) -> usize {
        self.inputs.len()
    }
    pub(super) fn checksum(&self) -> u64 {
        self.checksum
    }
    /// The row that was encoded last.
    pub(super) fn add(&mut self, input: usize, line: &str, key: Option<&str>) {
        let row = u32::try_from(self.inputs.len()).unwrap_or(END);
        let content = self.content(line);
        if let Some(before) = self.last_of_line.insert(content, row) {
            if let Some(next) = self.same.get_mut(before as usize) {
                *next = row;
            }
        } else {
            self.by_line.insert(content, row);
        }
        self.same.push(END);
        self.keys.push(self.key_hash(&key.map(canonical).unwrap_or_default()));
        self.inputs.push(input);
        self.checksum = checksum(self.checksum, line);
    }
    /// All rows are in: the header they were sent with.
    pub(super) fn finish(&mut self, csv: &CsvEncoder, key: Option<&str>) {
        self.columns = csv.columns().map(Box::from).collect();
        self.key =
            key.and_then(|key| self.columns.iter().position(|column| column.eq_ignore_ascii_case(key)));
        self.last_of_line = HashMap::new();
    }
    fn content(&self, line: &str) -> u128 {
        let [a, b] = &self.hashers;
        u128::from(a.hash_one(line)) << 64 | u128::from(b.hash_one(line))
    }
    fn key_hash(&self, key: &str) -> u64 {
        self.hashers[0].hash_one(key)
    }

    /// For the header of a result file: where our columns are in it.
    pub(super) fn columns_in<'a>(&self, header: impl Iterator<Item = &'a str> + Clone) -> Vec<Option<usize>> {
        self.columns
            .iter()
            .map(|column| header.clone().position(|name| name.eq_ignore_ascii_case(column)))
            .collect()
    }
    /// A result's cells, in the order of our columns, as what tells it from others.
    pub(super) fn read<'a>(&self, cells: impl Iterator<Item = &'a str>, line: &mut String) -> Found {
        line.clear();
        let mut key = None;
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                line.push(',');
            }
            crate::protocol::bulk::push_text(line, cell);
            if self.key == Some(at) && !cell.is_empty() {
                key = Some(self.key_hash(&canonical(cell)));
            }
        }
        Found { content: self.content(line.trim_end_matches(',')), key }
    }
    /// Whether a row of the input has this content.
    pub(super) fn knows(&self, content: u128) -> bool {
        self.by_line.contains_key(&content)
    }
    /// Takes the first row with this content that has no outcome yet.
    pub(super) fn take(&mut self, content: u128) -> Option<usize> {
        let row = self.by_line.get_mut(&content).filter(|row| **row != END)?;
        let taken = *row as usize;
        *row = self.same.get(taken).copied().unwrap_or(END);
        Some(taken)
    }
    /// Rows that have no outcome yet, by their key.
    pub(super) fn by_key(&self, is_open: impl Fn(usize) -> bool) -> HashMap<u64, Vec<usize>> {
        let mut rows: HashMap<u64, Vec<usize>> = HashMap::new();
        if self.key.is_some() {
            for (row, key) in self.keys.iter().enumerate().rev().filter(|(row, _)| is_open(*row)) {
                rows.entry(*key).or_default().push(row);
            }
        }
        rows
    }
}

/// The same in every run and release, for a resumed load. Each step is reversible, so one changed word always shows.
fn checksum(before: u64, line: &str) -> u64 {
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let (words, rest) = line.as_bytes().as_chunks::<8>();
    let hash = words.iter().fold(before, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let tail = rest.iter().fold(0, |tail: u64, byte| tail << 8 | u64::from(*byte));
    mix(mix(hash, tail), line.len() as u64)
}

/// What tells a result from others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) content: u128,
    pub(super) key: Option<u64>,
}

/// Ids in their long form, other keys as they are.
fn canonical(key: &str) -> std::borrow::Cow<'_, str> {
    match SfId::new(key) {
        Ok(id) => id.to_string().into(),
        Err(_) => key.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn another_text_another_length_or_another_order_is_another_checksum() {
        let lines = ["", "a", "a\0", "\0a", "abcdefgh", "abcdefgi", "abcdefgh\0", "abcdefghabcdefgh"];
        let sums: std::collections::BTreeSet<u64> = lines.iter().map(|line| checksum(7, line)).collect();
        assert_eq!(sums.len(), lines.len());
        assert_ne!(checksum(checksum(0, "a"), "b"), checksum(checksum(0, "b"), "a"));
        // Saved loads hold it.
        assert_eq!(checksum(0, "Acme, Inc"), 16_559_846_708_571_607_624);
    }
}
