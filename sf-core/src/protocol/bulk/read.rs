//! CSV that the org sends.
use crate::{Delivery, ErrorKind, Failure};
use csv_core::ReadRecordResult;

/// A row longer than this is no row of the org.
const LONGEST_ROW: usize = 64 << 20;
/// The byte order mark of UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads CSV piece by piece as it comes: pieces may end anywhere, a quoted text may hold line breaks, a byte order mark is
/// skipped. The first row is the header; every other must have as many cells.
///
/// ```
/// use sf_core::protocol::bulk::CsvReader;
///
/// let mut reader = CsvReader::new();
/// let mut names = Vec::new();
/// for piece in ["\u{feff}\"Id\",Na", "me\n1,\"two\nli", "nes\"\n2,", ""] {
///     let mut input = piece.as_bytes();
///     while let Some(row) = reader.read(&mut input)? {
///         names.push(row.cell(1).unwrap_or_default().to_owned());
///     }
/// }
/// assert_eq!(names, ["two\nlines", ""]);
/// assert_eq!(reader.header().collect::<Vec<_>>(), ["Id", "Name"]);
/// # Ok::<(), sf_core::Failure>(())
/// ```
#[derive(Debug)]
pub struct CsvReader {
    core: csv_core::Reader,
    /// Bytes of a byte order mark that came so far; `None`: the text has begun.
    mark: Option<usize>,
    text: Vec<u8>,
    ends: Vec<usize>,
    text_len: usize,
    ends_len: usize,
    header: Vec<Box<str>>,
    rows: u64,
    whole: bool,
}
impl Default for CsvReader {
    fn default() -> CsvReader {
        CsvReader::new()
    }
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct CsvRow<'a> {
    text: &'a str,
    ends: &'a [usize],
}
impl<'a> CsvRow<'a> {
    /// How many cells.
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
    /// A cell's text without its quotes.
    pub fn cell(&self, at: usize) -> Option<&'a str> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }
    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let row = *self;
        (0..row.len()).filter_map(move |at| row.cell(at))
    }
}

impl CsvReader {
    /// Before the first byte.
    pub fn new() -> CsvReader {
        CsvReader {
            core: csv_core::Reader::new(),
            mark: Some(0),
            text: vec![0; 4096],
            ends: vec![0; 64],
            text_len: 0,
            ends_len: 0,
            header: Vec::new(),
            rows: 0,
            whole: true,
        }
    }
    /// The header's names; none before the header was read.
    pub fn header(&self) -> impl ExactSizeIterator<Item = &str> {
        self.header.iter().map(|name| &**name)
    }
    /// Rows so far, without the header.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The next row of `input`, from which it takes what it reads; `None`: more input is needed. An empty input means the
    /// end of the text.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] for a row with another number of cells than the header (a text that was cut off), and for
    /// bytes that are not UTF-8.
    pub fn read<'a>(&'a mut self, input: &mut &[u8]) -> Result<Option<CsvRow<'a>>, Failure> {
        if !self.read_header(input)? || !self.record(input)? {
            return Ok(None);
        }
        self.rows += 1;
        let columns = self.header.len();
        let number = self.rows;
        let row = self.row()?;
        if row.len() != columns {
            return Err(unreadable(&format!("row {number} has {} cells, its header {columns}", row.len())));
        }
        Ok(Some(row))
    }

    /// Reads the header alone, from as much of `input` as it takes; false: more input is needed.
    ///
    /// # Errors
    /// As [`read`](CsvReader::read).
    pub fn read_header(&mut self, input: &mut &[u8]) -> Result<bool, Failure> {
        if self.header.is_empty() {
            if !self.record(input)? {
                return Ok(false);
            }
            self.header = self.row()?.cells().map(Box::from).collect();
        }
        Ok(true)
    }
    fn record(&mut self, input: &mut &[u8]) -> Result<bool, Failure> {
        if let Some(before) = self.mark.take() {
            let expected = MARK.get(before..).unwrap_or_default();
            let more = input.iter().zip(expected).take_while(|(byte, expected)| byte == expected).count();
            *input = input.get(more..).unwrap_or_default();
            let came = before + more;
            // An empty input would mean the end.
            if more > 0 && input.is_empty() {
                self.mark = (came < MARK.len()).then_some(came);
                return Ok(false);
            }
            if (1..MARK.len()).contains(&came) {
                self.parse(&mut MARK.get(..came).unwrap_or_default())?;
            }
        }
        self.parse(input)
    }
    fn parse(&mut self, input: &mut &[u8]) -> Result<bool, Failure> {
        if std::mem::take(&mut self.whole) {
            (self.text_len, self.ends_len) = (0, 0);
        }
        loop {
            let text = self.text.get_mut(self.text_len..).unwrap_or_default();
            let ends = self.ends.get_mut(self.ends_len..).unwrap_or_default();
            let (result, read, written, ended) = self.core.read_record(input, text, ends);
            *input = input.get(read..).unwrap_or_default();
            self.text_len += written;
            self.ends_len += ended;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(false),
                ReadRecordResult::OutputFull => {
                    if self.text.len() >= LONGEST_ROW {
                        return Err(unreadable("a row is longer than any row of an org"));
                    }
                    self.text.resize(self.text.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    self.whole = true;
                    return Ok(true);
                }
            }
        }
    }
    fn row(&self) -> Result<CsvRow<'_>, Failure> {
        let bytes = self.text.get(..self.text_len).unwrap_or_default();
        let text = std::str::from_utf8(bytes).map_err(|_| unreadable("a row is not UTF-8 text"))?;
        Ok(CsvRow { text, ends: self.ends.get(..self.ends_len).unwrap_or_default() })
    }
}

fn unreadable(problem: &str) -> Failure {
    Failure::new(ErrorKind::Decode, Delivery::Refused, format!("the CSV cannot be read: {problem}"))
}
