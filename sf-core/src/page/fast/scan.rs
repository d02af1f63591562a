//! Where the pieces of a JSON text end.
use super::Declined;

/// Deeper nesting is left to serde_json, whose limit for values (not for skipped text) is the same.
pub(super) const DEEPEST: u32 = 127;

/// A text and how far it is read.
pub(super) struct Scanner<'de> {
    text: &'de str,
    at: usize,
    /// How many more arrays and objects may be open at once. One that ended by an error stays open.
    pub(super) levels: u32,
    /// The text was found to be malformed. A row's own reader may have passed over that, this one does not.
    broken: bool,
}

/// A string's characters.
pub(super) enum Text<'de> {
    Plain(&'de str),
    /// It had escapes.
    Unescaped(String),
}

impl<'de> Scanner<'de> {
    pub(super) fn new(text: &'de str) -> Scanner<'de> {
        Scanner { text, at: 0, levels: DEEPEST, broken: false }
    }

    /// All was well, and nothing but blanks is left.
    pub(super) fn is_done(&mut self) -> bool {
        self.peek().is_none() && self.levels == DEEPEST && !self.broken
    }

    #[cold]
    pub(super) fn broken(&mut self) -> Declined {
        self.broken = true;
        Declined
    }

    /// The next byte that is no blank, without taking it.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        let byte = *self.text.as_bytes().get(self.at)?;
        // The org writes no blanks between values.
        if byte > b' ' { Some(byte) } else { self.peek_behind_blanks() }
    }

    #[cold]
    fn peek_behind_blanks(&mut self) -> Option<u8> {
        while let b' ' | b'\n' | b'\t' | b'\r' = self.text.as_bytes().get(self.at)? {
            self.at += 1;
        }
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes the byte that `peek` has shown.
    #[inline]
    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Declined> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.broken())
        }
    }

    /// `null`, `true` or `false`, of which `peek` has shown the first letter.
    #[inline]
    pub(super) fn word(&mut self, word: &str) -> Result<(), Declined> {
        if self.rest().starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.broken())
        }
    }

    #[inline]
    fn rest(&self) -> &'de [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn piece(&self, from: usize, to: usize) -> Result<&'de str, Declined> {
        self.text.get(from..to).ok_or(Declined)
    }

    /// A string, of which `peek` has shown the quote.
    #[inline]
    pub(super) fn string(&mut self) -> Result<Text<'de>, Declined> {
        let start = self.at + 1;
        let end = plain_end(self.text.as_bytes(), start);
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            return self.piece(start, end).map(Text::Plain);
        }
        self.string_with_escapes(start, end).map_err(|_| self.broken())
    }

    fn string_with_escapes(&mut self, start: usize, first: usize) -> Result<Text<'de>, Declined> {
        self.at = string_end(self.text.as_bytes(), first)?;
        let mut rest = self.piece(start, self.at - 1)?;
        let mut text = String::with_capacity(rest.len());
        loop {
            let plain = plain_end(rest.as_bytes(), 0);
            text.push_str(rest.get(..plain).ok_or(Declined)?);
            let Some(escape) = rest.as_bytes().get(plain + 1) else { return Ok(Text::Unescaped(text)) };
            text.push(match escape {
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'u' => {
                    let quoted = self.piece(start - 1, self.at)?;
                    return serde_json::from_str(quoted).map(Text::Unescaped).map_err(|_| Declined);
                }
                same => char::from(*same),
            });
            rest = rest.get(plain + 2..).ok_or(Declined)?;
        }
    }

    /// A number, of which `peek` has shown the first character, and whether it is an integer of at most 18 digits.
    #[inline]
    pub(super) fn number(&mut self) -> Result<(&'de str, bool), Declined> {
        let start = self.at;
        let rest = self.rest();
        let (length, integer) = number_end(rest).map_err(|_| self.broken())?;
        self.at += length;
        Ok((self.piece(start, self.at)?, integer && length <= 18))
    }

    /// The text of any value, checked but not looked at.
    pub(super) fn value(&mut self) -> Result<&'de str, Declined> {
        self.any_value().map_err(|_| self.broken())
    }

    fn any_value(&mut self) -> Result<&'de str, Declined> {
        let first = self.peek().ok_or(Declined)?;
        let start = self.at;
        // One bit for each open level: whether it is an object.
        let (mut objects, mut depth, mut byte) = (0_u128, 0_u32, first);
        loop {
            let mut opened = false;
            match byte {
                b'"' => {
                    self.at = string_end(self.text.as_bytes(), self.at + 1)?;
                }
                b'{' | b'[' => {
                    if depth == DEEPEST {
                        return Err(Declined);
                    }
                    (depth, objects, opened) = (depth + 1, objects << 1 | u128::from(byte == b'{'), true);
                    self.at += 1;
                }
                b'n' => self.word("null")?,
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                b'-' | b'0'..=b'9' => self.at += number_end(self.rest())?.0,
                _ => return Err(Declined),
            }
            // What may follow: the ends of levels, then a comma and the next value.
            loop {
                if depth == 0 {
                    return self.piece(start, self.at);
                }
                let object = objects & 1 == 1;
                let next = self.peek().ok_or(Declined)?;
                if next == if object { b'}' } else { b']' } {
                    self.at += 1;
                    (depth, objects, opened) = (depth - 1, objects >> 1, false);
                    continue;
                }
                if !opened {
                    self.expect(b',')?;
                }
                if object {
                    if self.peek() != Some(b'"') {
                        return Err(Declined);
                    }
                    self.at = string_end(self.text.as_bytes(), self.at + 1)?;
                    self.expect(b':')?;
                }
                byte = self.peek().ok_or(Declined)?;
                break;
            }
        }
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;

/// The high bit of the first byte that is a quote, a backslash or a control character; bytes behind it may be marked
/// without reason.
#[inline]
fn marks(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    (below(word, 0x20) | below(quote, 1) | below(backslash, 1)) & (ONES << 7)
}

#[inline]
fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20)
}

/// The place of the first quote, backslash or control character from here on, or the end.
#[inline]
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    let mut words = 0;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let marked = marks(u64::from_le_bytes(*word));
        if marked != 0 {
            return at + (marked.trailing_zeros() / 8) as usize;
        }
        at += 8;
        words += 1;
        // A long text: in pieces that the compiler turns into vector instructions.
        if words == 4 {
            while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<32>()) {
                let special = block.iter().fold(0, |found, &byte| {
                    found | u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\')
                });
                if special != 0 {
                    break;
                }
                at += 32;
            }
        }
    }
    while bytes.get(at).is_some_and(|byte| !is_special(*byte)) {
        at += 1;
    }
    at
}

/// The place behind the quote that ends a string.
#[inline]
fn string_end(bytes: &[u8], mut at: usize) -> Result<usize, Declined> {
    loop {
        at = plain_end(bytes, at);
        match bytes.get(at..).unwrap_or_default() {
            [b'"', ..] => return Ok(at + 1),
            [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => at += 2,
            [b'\\', b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => {
                at += 6
            }
            _ => return Err(Declined),
        }
    }
}

/// The length of a number in JSON's grammar, and whether it is an integer.
#[inline]
fn number_end(bytes: &[u8]) -> Result<(usize, bool), Declined> {
    let digits = |from: usize| {
        bytes.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(sign);
    if whole == 0 || (whole > 1 && bytes.get(sign) == Some(&b'0')) {
        return Err(Declined);
    }
    let mut at = sign + whole;
    let mut integer = true;
    if bytes.get(at) == Some(&b'.') {
        let decimals = digits(at + 1);
        if decimals == 0 {
            return Err(Declined);
        }
        (at, integer) = (at + 1 + decimals, false);
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at);
        if exponent == 0 {
            return Err(Declined);
        }
        (at, integer) = (at + exponent, false);
    }
    Ok((at, integer))
}
