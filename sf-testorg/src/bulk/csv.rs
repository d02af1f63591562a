//! The CSV of Bulk API 2.0: what an upload may look like, and how results are written.
//!
//! Bulk API 2.0 guide, "Prepare CSV Files" and "Valid CSV Record Rows". A reader of the org's own: it shares nothing with
//! the clients under test.

use super::failure::Failure;
use crate::assumptions::{AssumedError, BulkAssumptions};

/// Which byte stands between values, and what ends a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(super) delimiter: Delimiter,
    pub(super) ending: LineEnding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delimiter(u8);
const DELIMITERS: [(&str, u8); 6] = [
    ("BACKQUOTE", b'`'),
    ("CARET", b'^'),
    ("COMMA", b','),
    ("PIPE", b'|'),
    ("SEMICOLON", b';'),
    ("TAB", b'\t'),
];
impl Delimiter {
    pub(super) const COMMA: Delimiter = Delimiter(b',');
    pub(super) fn parse(name: &str) -> Option<Delimiter> {
        DELIMITERS.iter().find(|(known, _)| *known == name).map(|(_, byte)| Delimiter(*byte))
    }
    pub(super) fn name(self) -> &'static str {
        DELIMITERS.iter().find(|(_, byte)| *byte == self.0).map_or("COMMA", |(name, _)| name)
    }
    fn char(self) -> char {
        char::from(self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnding {
    Lf,
    Crlf,
    /// Whichever each row has; written as `Lf`.
    Either,
}
impl LineEnding {
    pub(super) fn parse(name: &str) -> Option<LineEnding> {
        match name {
            "LF" => Some(LineEnding::Lf),
            "CRLF" => Some(LineEnding::Crlf),
            _ => None,
        }
    }
    pub(super) fn name(self) -> &'static str {
        match self {
            LineEnding::Lf | LineEnding::Either => "LF",
            LineEnding::Crlf => "CRLF",
        }
    }
    pub(super) fn text(self) -> &'static str {
        match self {
            LineEnding::Lf | LineEnding::Either => "\n",
            LineEnding::Crlf => "\r\n",
        }
    }
}

/// Characters of a header row ("Prepare CSV Files").
const LONGEST_HEADER: usize = 32_000;
/// Limits cheat sheet, "Bulk API and Bulk API 2.0 Limits".
const MOST_COLUMNS: usize = 5_000;
const LONGEST_RECORD: usize = 400_000;
const LONGEST_VALUE: usize = 131_072;

/// Why one row fails, whatever is in it.
pub(crate) type Problem = (AssumedError, &'static str);

/// One row of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) values: Vec<String>,
    /// Why this row fails, whatever is in it.
    pub(super) problem: Option<Problem>,
}

/// An upload, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    /// The header row as it was sent.
    pub(super) header: String,
    pub(super) names: Vec<String>,
    pub(super) records: Vec<Record>,
}

/// Reads an upload; the error is the message of a failed job. A row that is malformed fails alone.
pub(super) fn read(bytes: &[u8], dialect: Dialect, assumed: &BulkAssumptions) -> Result<Sheet, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        // The guide only says that files must be UTF-8.
        Failure::assumed(AssumedError::NotUtf8, "ClientInputError : The data is not in UTF-8 format")
    })?;
    let mut reader = Reader { text, at: 0, dialect };
    let Some((head, line)) = reader.record()? else {
        return Err(Failure::assumed(AssumedError::NoHeader, "InvalidBatch : The data has no header row"));
    };
    let header = line.to_owned();
    let broken = |message: String| Err(Failure::assumed(AssumedError::BrokenHeader, message));
    if let Some((_, problem)) = head.problem {
        return broken(format!("InvalidBatch : Failed to parse CSV header. {problem}"));
    }
    if header.chars().count() > LONGEST_HEADER {
        return broken(format!("InvalidBatch : The header row is longer than {LONGEST_HEADER} characters"));
    }
    if head.values.len() > MOST_COLUMNS {
        return broken(format!("InvalidBatch : A record has more than {MOST_COLUMNS} fields"));
    }
    let mut records = Vec::new();
    while let Some((mut record, line)) = reader.record()? {
        if line.is_empty() && assumed.empty_lines_are_no_rows {
            continue;
        }
        if record.problem.is_none() {
            record.problem = limits(&record, line, head.values.len());
        }
        records.push(record);
    }
    Ok(Sheet { header, names: head.values, records })
}

/// The limits are documented, that a row has as many values as the header is not.
fn limits(record: &Record, line: &str, columns: usize) -> Option<Problem> {
    if record.values.len() != columns {
        return Some((AssumedError::ValueCount, "The number of values in the row does not match the header"));
    }
    if line.len() > LONGEST_VALUE {
        if line.chars().count() > LONGEST_RECORD {
            return Some((AssumedError::LongRecord, "The record is longer than 400000 characters"));
        }
        if record.values.iter().any(|value| value.chars().count() > LONGEST_VALUE) {
            return Some((AssumedError::LongValue, "A field is longer than 131072 characters"));
        }
    }
    None
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    dialect: Dialect,
}

const UNESCAPED: Problem =
    (AssumedError::UnescapedQuote, "Found unescaped quote. A value with quote should be within a quote");
const UNTERMINATED: Problem = (AssumedError::OpenQuote, "Found a quote that is not closed");

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next row and its text without the line ending; `None` at the end.
    fn record(&mut self) -> Result<Option<(Record, &'t str)>, Failure> {
        let start = self.at;
        if start >= self.text.len() {
            return Ok(None);
        }
        let mut record = Record { values: Vec::new(), problem: None };
        loop {
            let value = self.value(&mut record.problem);
            record.values.push(value);
            match self.peek() {
                Some(b'\n') => break,
                Some(_) => self.at += 1,
                None => return Ok(Some((record, &self.text[start..]))),
            }
        }
        let mut line = &self.text[start..self.at];
        self.at += 1;
        let is_crlf = line.ends_with('\r');
        if self.dialect.ending != LineEnding::Either && is_crlf != (self.dialect.ending == LineEnding::Crlf) {
            return Err(Failure::from(format!(
                "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {}",
                self.dialect.ending.name()
            )));
        }
        line = line.strip_suffix('\r').unwrap_or(line);
        Ok(Some((record, line)))
    }

    /// Up to the next delimiter, line ending or the end, none of which is taken.
    fn value(&mut self, problem: &mut Option<Problem>) -> String {
        let mut value = String::new();
        let quoted = self.peek() == Some(b'"');
        if quoted {
            self.at += 1;
            loop {
                let rest = &self.text[self.at..];
                let Some(quote) = rest.find('"') else {
                    value.push_str(rest);
                    self.at = self.text.len();
                    problem.get_or_insert(UNTERMINATED);
                    return value;
                };
                value.push_str(&rest[..quote]);
                self.at += quote + 1;
                if self.peek() != Some(b'"') {
                    break;
                }
                value.push('"');
                self.at += 1;
            }
        }
        let rest = &self.text[self.at..];
        let delimiter = self.dialect.delimiter.char();
        let end = rest.find([delimiter, '\n']).unwrap_or(rest.len());
        self.at += end;
        let plain = &rest[..end];
        // Of CRLF; whether it is the job's line ending is seen when the row is whole.
        let plain = plain.strip_suffix('\r').filter(|_| rest[end..].starts_with('\n')).unwrap_or(plain);
        if plain.contains('"') || (quoted && !plain.is_empty()) {
            problem.get_or_insert(UNESCAPED);
        }
        value.push_str(plain);
        value
    }
}

/// Appends one value in quotes, as all of Salesforce's results are.
pub(super) fn write_value(value: &str, out: &mut String) {
    out.push('"');
    for part in value.split_inclusive('"') {
        out.push_str(part);
        if part.ends_with('"') {
            out.push('"');
        }
    }
    out.push('"');
}

/// Appends one row.
pub(crate) fn write_row<'v>(values: impl IntoIterator<Item = &'v str>, dialect: Dialect, out: &mut String) {
    for (i, value) in values.into_iter().enumerate() {
        if i > 0 {
            out.push(dialect.delimiter.char());
        }
        write_value(value, out);
    }
    out.push_str(dialect.ending.text());
}

impl Dialect {
    /// Of Bulk API 1.0: a comma, and line endings that nobody names.
    pub(crate) const ANY_LINE_ENDING: Dialect =
        Dialect { delimiter: Delimiter::COMMA, ending: LineEnding::Either };
    pub(super) fn delimiter(self) -> char {
        self.delimiter.char()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Assumptions;

    const LF: Dialect = Dialect { delimiter: Delimiter::COMMA, ending: LineEnding::Lf };
    const CRLF: Dialect = Dialect { delimiter: Delimiter::COMMA, ending: LineEnding::Crlf };

    fn read(bytes: &[u8], dialect: Dialect) -> Result<Sheet, Failure> {
        super::read(bytes, dialect, &BulkAssumptions::default())
    }
    fn values(text: &str, dialect: Dialect) -> Vec<(Vec<String>, bool)> {
        let sheet = read(text.as_bytes(), dialect).unwrap();
        sheet.records.into_iter().map(|r| (r.values, r.problem.is_some())).collect()
    }
    fn row(values: &[&str]) -> (Vec<String>, bool) {
        (values.iter().map(|v| (*v).to_owned()).collect(), false)
    }

    #[test]
    fn rows_are_read_with_quotes_and_newlines_in_values() {
        let text = "A,\"B\"\n1, two \n\"x,\"\"y\"\"\",\"a\nb\r\nc\"\n\n\"\",\"\"\nlast,";
        assert_eq!(
            values(text, LF),
            [row(&["1", " two "]), row(&["x,\"y\"", "a\nb\r\nc"]), row(&["", ""]), row(&["last", ""])]
        );
        let text = "A,B\r\n1,2\r\n\"a\r\",\"b\r\"\r\n3,4\r\r\n";
        assert_eq!(values(text, CRLF), [row(&["1", "2"]), row(&["a\r", "b\r"]), row(&["3", "4\r"])]);
        assert_eq!(read(b"\"A\",B\n", LF).unwrap().header, "\"A\",B");
    }

    #[test]
    fn a_malformed_row_fails_alone() {
        let text = "A,B\n\"John\", \"Smith\"\nfine,fine\n\"a\"b,c\nd\"e,f\n1\n1,2,3\n\"open,\nx\n";
        let bad: Vec<bool> = values(text, LF).into_iter().map(|(_, bad)| bad).collect();
        assert_eq!(bad, [true, false, true, true, true, true, true]);
    }

    #[test]
    fn another_line_ending_than_the_jobs_fails_the_job() {
        let lf = "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF";
        let error = |bytes: &[u8], dialect| read(bytes, dialect).unwrap_err().words(&Assumptions::default());
        assert_eq!(error(b"A\r\n1\r\n", LF), lf);
        assert_eq!(error(b"A\n\"1\"\r\n", LF), lf);
        assert!(error(b"A\n1\n", CRLF).ends_with("is CRLF"));
        assert!(read(b"A\r\n1\n", CRLF).is_err());
        assert!(read(b"A\r\n1", CRLF).is_ok());
        assert!(read(b"", LF).is_err() && read(b"A\n\xff", LF).is_err());
        assert!(error(b"\"A\n1", LF).starts_with("InvalidBatch : Failed to parse CSV header"));
    }

    #[test]
    fn without_a_named_line_ending_each_row_may_have_its_own() {
        let text = "A,B\r\n1,2\n\"a\rb\",\r\n3,4";
        let rows = [row(&["1", "2"]), row(&["a\rb", ""]), row(&["3", "4"])];
        assert_eq!(values(text, Dialect::ANY_LINE_ENDING), rows);
        assert_eq!(read(text.as_bytes(), Dialect::ANY_LINE_ENDING).unwrap().header, "A,B");
    }

    #[test]
    fn limits_are_those_of_the_guide() {
        let wide = |n: usize| vec!["A"; n].join(",");
        assert!(read(wide(5_000).as_bytes(), LF).is_ok() && read(wide(5_001).as_bytes(), LF).is_err());
        assert!(read("A".repeat(32_001).as_bytes(), LF).is_err());
        let value = |n: usize| format!("A\n{}\n", "x".repeat(n));
        assert!(!values(&value(131_072), LF)[0].1);
        assert!(values(&value(131_073), LF)[0].1);
        let four = format!("A,B,C,D\n{0},{0},{0},{0}\n", "x".repeat(100_000));
        assert!(values(&four, LF)[0].1);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_can_break_the_readers(
            text in "[\"\r\n,;aé\\u{feff}B-]{0,60}",
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60),
            crlf in proptest::bool::ANY,
        ) {
            let dialect = if crlf { CRLF } else { LF };
            for input in [text.as_bytes(), &bytes] {
                if let Ok(sheet) = read(input, dialect) {
                    proptest::prop_assert!(sheet.records.iter().all(|r| r.problem.is_some() || r.values.len() == sheet.names.len()));
                }
                let framed = [b"--B\r\n", input, b"\n--B--"].concat();
                for body in [input, &framed] {
                    let _ = crate::bulk::multipart::read("multipart/form-data; boundary=B", body);
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let rows = [["a\"b", "`^,|;\t"], ["", "\r\n"], ["é\u{1f600}", "\""]];
        for (name, _) in DELIMITERS {
            for ending in [LineEnding::Lf, LineEnding::Crlf] {
                let dialect = Dialect { delimiter: Delimiter::parse(name).unwrap(), ending };
                let mut out = String::new();
                write_row(["x", "y"], dialect, &mut out);
                rows.iter().for_each(|row| write_row(row.iter().copied(), dialect, &mut out));
                let read: Vec<_> = values(&out, dialect);
                assert_eq!(read, rows.map(|r| row(&r)), "{name} {ending:?}");
                assert_eq!(dialect.delimiter.name(), name);
            }
        }
    }
}
