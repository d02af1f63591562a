//! Bytes to tokens. A token is a kind and a place; its value is read when the parser wants it.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword; also `USD5000`.
    Word,
    /// `'…'`, checked only for its end.
    Text,
    Number,
    Date,
    DateTime,
    Time,
    /// `USD5000.5`; without fraction it is a word.
    Currency,
    Open,
    Close,
    Comma,
    Dot,
    Colon,
    Semicolon,
    Equal,
    Less,
    Greater,
    Bang,
    /// End of the text.
    End,
    Bad(Bad),
}

/// Why a token is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    Character,
    DoubleQuote,
    OpenText,
    Comment,
    Date,
    DateTime,
    Time,
}

impl Bad {
    pub(super) fn explanation(self) -> &'static str {
        match self {
            Bad::Character => "this character has no meaning outside of quotes",
            Bad::DoubleQuote => "texts stand in single quotes: 'text'",
            Bad::OpenText => "the text has no closing quote; a quote inside a text is written \\'",
            Bad::Comment => "SOQL has no comments",
            Bad::Date => "a date is YYYY-MM-DD: 2026-01-31",
            Bad::DateTime => {
                "a dateTime has seconds and a zone: 2026-01-31T08:00:00Z or 2026-01-31T08:00:00+01:00"
            }
            Bad::Time => "a time has seconds and ends with Z: 08:00:00Z",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The token at or after `from`.
pub(super) fn next(text: &str, from: usize) -> Token {
    let bytes = text.as_bytes();
    let mut start = from;
    while bytes.get(start).is_some_and(u8::is_ascii_whitespace) {
        start += 1;
    }
    let Some(&first) = bytes.get(start) else {
        return Token { kind: Kind::End, start, end: start };
    };
    let rest = &bytes[start..];
    let (kind, length) = match first {
        b'a'..=b'z' | b'A'..=b'Z' => word(rest),
        b'\'' => string(rest),
        b'0'..=b'9' => digits(rest),
        b'.' if is_digit(rest.get(1)) => (Kind::Number, number(rest)),
        b'+' | b'-' if is_digit(rest.get(1)) => (Kind::Number, number(rest)),
        b'+' | b'-' if rest.get(1) == Some(&b'.') && is_digit(rest.get(2)) => (Kind::Number, number(rest)),
        b'(' => (Kind::Open, 1),
        b')' => (Kind::Close, 1),
        b',' => (Kind::Comma, 1),
        b'.' => (Kind::Dot, 1),
        b':' => (Kind::Colon, 1),
        b';' => (Kind::Semicolon, 1),
        b'=' => (Kind::Equal, 1),
        b'<' => (Kind::Less, 1),
        b'>' => (Kind::Greater, 1),
        b'!' => (Kind::Bang, 1),
        b'"' => (Kind::Bad(Bad::DoubleQuote), 1),
        b'-' | b'/' if matches!(rest.get(1), Some(b'-' | b'/' | b'*')) => (Kind::Bad(Bad::Comment), 2),
        _ => (
            Kind::Bad(Bad::Character),
            text.get(start..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8),
        ),
    };
    Token { kind, start, end: start + length }
}

fn is_digit(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_digit)
}

fn run(bytes: &[u8], from: usize, class: impl Fn(&u8) -> bool) -> usize {
    from + bytes[from.min(bytes.len())..].iter().take_while(|b| class(b)).count()
}

fn word(rest: &[u8]) -> (Kind, usize) {
    let length = run(rest, 0, |b| b.is_ascii_alphanumeric() || *b == b'_');
    let currency = length > 3
        && rest[..3].iter().all(u8::is_ascii_alphabetic)
        && rest[3..length].iter().all(u8::is_ascii_digit)
        && rest.get(length) == Some(&b'.')
        && is_digit(rest.get(length + 1));
    if currency { (Kind::Currency, run(rest, length + 1, u8::is_ascii_digit)) } else { (Kind::Word, length) }
}

fn string(rest: &[u8]) -> (Kind, usize) {
    let mut i = 1;
    loop {
        match rest.get(i) {
            None => return (Kind::Bad(Bad::OpenText), rest.len()),
            Some(b'\'') => return (Kind::Text, i + 1),
            // Whatever is escaped, a quote also, is part of the text. What follows may be half a character; the
            // next turns pass over its other bytes, none of which is a quote or a backslash.
            Some(b'\\') => i += 2,
            Some(_) => i += 1,
        }
    }
}

/// The digits and dots of a number, with its sign. A dot without a digit after it is not part of it.
fn number(rest: &[u8]) -> usize {
    let sign = usize::from(matches!(rest.first(), Some(b'+' | b'-')));
    let whole = run(rest, sign, u8::is_ascii_digit);
    if rest.get(whole) == Some(&b'.') && is_digit(rest.get(whole + 1)) {
        run(rest, whole + 1, u8::is_ascii_digit)
    } else {
        whole
    }
}

/// Whether the bytes have this form; `0` in it is any digit.
fn has_form(bytes: &[u8], form: &[u8]) -> bool {
    bytes.len() >= form.len()
        && form.iter().zip(bytes).all(|(f, b)| if *f == b'0' { b.is_ascii_digit() } else { f == b })
}

/// A number, date, dateTime or time.
fn digits(rest: &[u8]) -> (Kind, usize) {
    let whole = run(rest, 0, u8::is_ascii_digit);
    match (rest.get(whole), rest.get(whole + 1)) {
        (Some(b'-'), Some(b'0'..=b'9')) => {
            let all = run(rest, 0, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':' | b'.' | b'+'));
            if !has_form(rest, b"0000-00-00") || is_digit(rest.get(10)) {
                return (Kind::Bad(Bad::Date), all);
            }
            match rest.get(10) {
                Some(b'T' | b't') => match time(&rest[11..], true) {
                    Some(length) => (Kind::DateTime, 11 + length),
                    None => (Kind::Bad(Bad::DateTime), all),
                },
                _ => (Kind::Date, 10),
            }
        }
        (Some(b':'), Some(b'0'..=b'9')) => match time(rest, false) {
            Some(length) => (Kind::Time, length),
            None => (
                Kind::Bad(Bad::Time),
                run(rest, 0, |b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'.')),
            ),
        },
        _ => (Kind::Number, number(rest)),
    }
}

/// Length of `hh:mm:ss[.f…]` and its zone; only a dateTime has another zone than `Z`.
fn time(bytes: &[u8], any_zone: bool) -> Option<usize> {
    if !has_form(bytes, b"00:00:00") {
        return None;
    }
    let mut end = 8;
    if bytes.get(end) == Some(&b'.') {
        let fraction = run(bytes, end + 1, u8::is_ascii_digit) - end - 1;
        if fraction == 0 || fraction > 9 {
            return None;
        }
        end += 1 + fraction;
    }
    let zone = &bytes[end..];
    match zone.first()? {
        b'Z' | b'z' => Some(end + 1),
        b'+' | b'-' if any_zone && has_form(&zone[1..], b"00:00") => Some(end + 6),
        b'+' | b'-' if any_zone && has_form(&zone[1..], b"0000") => Some(end + 5),
        _ => None,
    }
}
