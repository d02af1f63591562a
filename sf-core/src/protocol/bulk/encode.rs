//! Rows as CSV for an upload.
use super::cell::{CsvCell, unquoted};
use crate::{Failure, Fields, Record, Value};
use std::{borrow::Cow, ops::Range};

/// Limits cheat sheet, "Bulk API and Bulk API 2.0 Limits".
const LONGEST_ROW: usize = 400_000;
const MOST_COLUMNS: usize = 5_000;
const LONGEST_HEADER: usize = 32_000;

/// Rows as the CSV of an upload: UTF-8 without a byte order mark, commas, line feeds.
///
/// - The header is the union of all rows' fields, in the order in which they were first met: a row may have fields that
///   earlier ones lack. What a row does not have is an empty cell, which the org leaves alone.
/// - [`Value::Null`] and empty text are `#N/A`, which clears.
/// - Numbers keep their digits, without an exponent; checkboxes are `true` and `false`; dates and date-times go as they
///   are (a [`Timestamp`](crate::Timestamp) is written with `Z`).
/// - A parent by its external ID is a column `Owner.Key__c`, or `Lead:Who.Key__c` for a lookup to several objects (see
///   [`with_polymorphic`](CsvEncoder::with_polymorphic)).
///
/// A row that cannot be written leaves no trace. No memory is allocated for a cell.
#[derive(Debug, Clone, Default)]
pub struct CsvEncoder {
    pub(super) columns: Vec<Box<str>>,
    /// Lines without the header; those before a column was met lack its cell.
    pub(super) body: String,
    /// Where each line ends, its line feed included.
    ends: Vec<usize>,
    /// From which line on lines have how many cells.
    widths: Vec<(usize, usize)>,
    polymorphic: Vec<String>,
    /// Scratch: which field of the row stands in a column, plus one.
    pub(super) slots: Vec<usize>,
    name: String,
    /// The column whose cells are asked for, by its name and place; where the cell of the last row is.
    key: Option<Box<str>>,
    key_at: Option<usize>,
    pub(super) key_cell: Option<Range<usize>>,
    /// How the cells of a model's rows come, and scratch for those out of order.
    pub(super) shape: Shape,
    pub(super) scratch: String,
    pub(super) spans: Vec<Range<usize>>,
}

/// Whether the columns of a model's rows come in the order of the header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shape {
    /// They go straight into the line.
    #[default]
    InOrder,
    /// They are collected first.
    AnyOrder,
}

/// A place to go back to.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    lines: usize,
    bytes: usize,
    columns: usize,
    widths: usize,
}

impl CsvEncoder {
    /// No rows.
    pub fn new() -> CsvEncoder {
        CsvEncoder::default()
    }
    /// The same; lookups of these relationship names can point to several objects, so the header names the parent's
    /// object: `Lead:Who.Email`. For other lookups the org refuses the object's name.
    #[must_use]
    pub fn with_polymorphic<S: Into<String>>(
        mut self,
        relationships: impl IntoIterator<Item = S>,
    ) -> CsvEncoder {
        self.polymorphic.extend(relationships.into_iter().map(Into::into));
        self
    }

    /// The same; the cells of this column can be asked for.
    pub(crate) fn with_key(mut self, key: Option<&str>) -> CsvEncoder {
        self.key = key.map(Box::from);
        self
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) and nothing added: the text `#N/A`, which would clear the
    /// field; child rows and compound values; a parent without one external ID; a row or a header beyond the limits of
    /// the API; a row that says nothing.
    pub fn push(&mut self, row: &Fields) -> Result<(), Failure> {
        let mark = self.mark();
        self.key_cell = None;
        let pushed = self.place(row, mark).and_then(|()| self.write(row, mark));
        if pushed.is_err() {
            self.back_to(mark);
        }
        pushed
    }

    /// Finds the column of each field.
    fn place(&mut self, row: &Fields, mark: Mark) -> Result<(), Failure> {
        self.slots.clear();
        self.slots.resize(self.columns.len(), 0);
        let mut guess = 0;
        for (i, (name, value)) in row.iter().enumerate() {
            let column = match value {
                Value::Parent(parent) => {
                    let mut text = std::mem::take(&mut self.name);
                    let named = parent_column(&mut text, name.as_str(), parent, &self.polymorphic);
                    let at = named.map(|()| self.column(&text, guess));
                    self.name = text;
                    at?
                }
                // Null for a custom relationship: what is cleared is its lookup field.
                Value::Null if ends_with_r(name.as_str()) => {
                    let mut text = std::mem::take(&mut self.name);
                    text.clear();
                    text.push_str(name.as_str());
                    text.pop();
                    text.push('c');
                    let at = self.column(&text, guess);
                    self.name = text;
                    at
                }
                _ => self.column(name.as_str(), guess),
            };
            if let Some(slot) = self.slots.get_mut(column) {
                if *slot != 0 {
                    let message =
                        format!("`{name}` is in the row twice, as a lookup and as its relationship");
                    return Err(Failure::invalid_input(message).with_fields([name.as_str()]));
                }
                *slot = i + 1;
            }
            guess = column + 1;
        }
        self.check_header(mark)
    }
    pub(super) fn check_header(&self, mark: Mark) -> Result<(), Failure> {
        let grew = self.columns.len() > mark.columns;
        let new = self.columns.get(mark.columns..).unwrap_or_default();
        if let Some(name) = new.iter().find(|column| column.eq_ignore_ascii_case("attributes")) {
            let message = format!("`{name}` cannot be among the values of a row to write");
            return Err(Failure::invalid_input(message).with_fields([&**name]));
        }
        if grew && (self.columns.len() > MOST_COLUMNS || self.header_bytes() > LONGEST_HEADER) {
            return Err(Failure::invalid_input("the rows have more fields than one Bulk job takes").with_next_step(
                "Write rows with different fields in jobs of their own: at most 5,000 columns and 32,000 characters of header.",
            ));
        }
        Ok(())
    }
    #[inline]
    pub(super) fn column(&mut self, name: &str, guess: usize) -> usize {
        match self.columns.get(guess) {
            Some(column) if **column == *name => guess,
            _ => self.find_column(name, guess),
        }
    }
    fn find_column(&mut self, name: &str, guess: usize) -> usize {
        let is = |column: &str| column.eq_ignore_ascii_case(name);
        if self.columns.get(guess).is_some_and(|column| is(column)) {
            return guess;
        }
        if let Some(at) = self.columns.iter().position(|column| is(column)) {
            return at;
        }
        self.columns.push(name.into());
        self.slots.push(0);
        let at = self.columns.len() - 1;
        if self.key.as_deref().is_some_and(is) {
            self.key_at = Some(at);
        }
        at
    }
    /// From the cell that was written last, or the start of the line, to the start of this one.
    #[inline]
    pub(super) fn commas(&mut self, next: usize, at: usize) {
        for _ in next.max(1)..=at {
            self.body.push(',');
        }
    }
    pub(super) fn key_from(&mut self, at: usize) {
        if self.key_at == Some(at) {
            self.key_cell = Some(self.body.len()..self.body.len());
        }
    }
    pub(super) fn key_to(&mut self, at: usize) {
        if self.key_at == Some(at)
            && let Some(cell) = &mut self.key_cell
        {
            cell.end = self.body.len();
        }
    }
    /// The line of the cells in `spans`.
    pub(super) fn assemble(&mut self) {
        for column in 0..self.columns.len() {
            if column > 0 {
                self.body.push(',');
            }
            self.key_from(column);
            let slot = self.slots.get(column).and_then(|slot| slot.checked_sub(1));
            if let Some(span) = slot.and_then(|slot| self.spans.get(slot)) {
                self.body.push_str(self.scratch.get(span.clone()).unwrap_or_default());
            }
            self.key_to(column);
        }
    }

    fn write(&mut self, row: &Fields, mark: Mark) -> Result<(), Failure> {
        let mut says = false;
        for column in 0..self.columns.len() {
            if column > 0 {
                self.body.push(',');
            }
            let slot = self.slots.get(column).and_then(|slot| slot.checked_sub(1));
            let Some((name, value)) = slot.and_then(|at| row.nth(at)) else { continue };
            says = true;
            self.key_from(column);
            let mut cell = CsvCell::new(&mut self.body);
            cell.value(value);
            if let Some(problem) = cell.problem {
                return Err(problem.failure(name.as_str()));
            }
            self.key_to(column);
        }
        if !says {
            return Err(Failure::invalid_input("the row has no field to write"));
        }
        self.end_line(mark)
    }
    pub(super) fn end_line(&mut self, mark: Mark) -> Result<(), Failure> {
        let width = self.columns.len();
        self.body.push('\n');
        if self.body.len() - mark.bytes > LONGEST_ROW
            && self.body.get(mark.bytes..).is_some_and(|line| line.chars().count() > LONGEST_ROW)
        {
            return Err(Failure::invalid_input(format!("the row has more than {LONGEST_ROW} characters")));
        }
        if self.widths.last().is_none_or(|(_, before)| *before != width) {
            self.widths.push((self.ends.len(), width));
        }
        self.ends.push(self.body.len());
        Ok(())
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.ends.len()
    }
    /// The header's names, in order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|column| &**column)
    }
    /// What [`finish`](CsvEncoder::finish) would give now, in bytes.
    pub fn size(&self) -> usize {
        let ends = self.widths.iter().skip(1).map(|(line, _)| *line).chain([self.ends.len()]);
        let missing = self
            .widths
            .iter()
            .zip(ends)
            .map(|((start, width), end)| (end - start) * (self.columns.len() - width));
        self.header_bytes() + self.body.len() + missing.sum::<usize>()
    }
    fn header_bytes(&self) -> usize {
        self.columns.iter().map(|column| column.len() + 1).sum()
    }
    /// The last row as it will be, without the cells at its end that say nothing. The same row has the same text whatever
    /// columns other rows bring later.
    pub(crate) fn last_line(&self) -> &str {
        let start = self.ends.len().checked_sub(2).and_then(|at| self.ends.get(at)).copied().unwrap_or(0);
        self.body.get(start..).unwrap_or_default().trim_end_matches('\n').trim_end_matches(',')
    }

    /// The text of the last row in a column.
    pub(super) fn last_cell(&self, name: &str) -> Option<&str> {
        if self.key.as_deref().is_some_and(|key| key.eq_ignore_ascii_case(name)) {
            return self.body.get(self.key_cell.clone()?);
        }
        let at = self.columns.iter().position(|column| column.eq_ignore_ascii_case(name))?;
        let (mut quoted, mut column) = (false, 0);
        let mut cells = self.last_line().split(|char: char| {
            quoted ^= char == '"';
            char == ',' && !quoted
        });
        cells.find(|_| {
            column += 1;
            column > at
        })
    }
    /// Makes a column the one whose cells are asked for, unless there is one.
    pub(super) fn watch(&mut self, key: &str) {
        if self.key.is_none() {
            self.key = Some(key.into());
            self.key_at = self.columns.iter().position(|column| column.eq_ignore_ascii_case(key));
        }
    }
    /// What the last row has in the column of [`with_key`](CsvEncoder::with_key).
    pub(crate) fn last_key(&self) -> Option<Cow<'_, str>> {
        self.body.get(self.key_cell.clone()?).map(unquoted)
    }

    /// A place to go [back to](CsvEncoder::back_to).
    pub fn mark(&self) -> Mark {
        Mark {
            lines: self.ends.len(),
            bytes: self.body.len(),
            columns: self.columns.len(),
            widths: self.widths.len(),
        }
    }
    /// Takes out what was added since.
    pub fn back_to(&mut self, mark: Mark) {
        self.body.truncate(mark.bytes);
        self.ends.truncate(mark.lines);
        self.columns.truncate(mark.columns);
        self.widths.truncate(mark.widths);
        self.key_cell = None;
        self.key_at = self.key_at.filter(|at| *at < mark.columns);
    }

    /// Header and rows. The encoder is empty afterwards, for the next part.
    pub fn finish(&mut self) -> String {
        let mut out = String::with_capacity(self.size());
        for (i, column) in self.columns.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            out.push_str(column);
        }
        if !self.columns.is_empty() {
            out.push('\n');
        }
        let (mut start, mut widths) = (0, self.widths.iter().peekable());
        while let Some((line, width)) = widths.next() {
            let last = widths.peek().map_or(self.ends.len(), |(next, _)| *next);
            let missing = self.columns.len() - width;
            if missing == 0 {
                let end = last.checked_sub(1).and_then(|at| self.ends.get(at)).copied().unwrap_or(start);
                out.push_str(self.body.get(start..end).unwrap_or_default());
                start = end;
                continue;
            }
            for end in self.ends.get(*line..last).unwrap_or_default() {
                out.push_str(self.body.get(start..end - 1).unwrap_or_default());
                out.extend(std::iter::repeat_n(',', missing));
                out.push('\n');
                start = *end;
            }
        }
        let (polymorphic, key) = (std::mem::take(&mut self.polymorphic), self.key.take());
        *self = CsvEncoder { polymorphic, key, ..CsvEncoder::default() };
        out
    }
}

/// `Rel.Key__c` or `Type:Rel.Key__c`
fn parent_column(
    out: &mut String,
    relationship: &str,
    parent: &Record,
    polymorphic: &[String],
) -> Result<(), Failure> {
    let mut fields = parent.fields.iter();
    let (Some((key, value)), None, None) = (fields.next(), fields.next(), parent.id) else {
        let message = format!("the parent in `{relationship}` must be given by exactly one external ID");
        return Err(Failure::invalid_input(message).with_fields([relationship]).with_next_step(
            "Set one external ID field of the parent, or write the lookup field with the parent's id.",
        ));
    };
    if matches!(value, Value::Parent(_) | Value::Rows(_) | Value::Json(_)) {
        let message = format!("the parent in `{relationship}` can be given by a field of its own only");
        return Err(Failure::invalid_input(message).with_fields([relationship]));
    }
    out.clear();
    if polymorphic.iter().any(|name| name.eq_ignore_ascii_case(relationship)) {
        out.push_str(parent.object.as_str());
        out.push(':');
    }
    out.push_str(relationship);
    out.push('.');
    out.push_str(key.as_str());
    Ok(())
}
fn ends_with_r(name: &str) -> bool {
    name.len() > 3 && name.as_bytes().last_chunk::<3>().is_some_and(|end| end.eq_ignore_ascii_case(b"__r"))
}
