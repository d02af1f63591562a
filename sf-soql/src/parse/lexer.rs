//! Bytes to tokens. A token is a kind and a place; its value is read when the parser wants it.

use crate::tree::Word;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword; also `USD5000`.
    Word,
    /// `'…'`, checked only for its end, without any backslash.
    Text,
    /// `'…'`, checked only for its end, with escapes.
    EscapedText,
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
    /// An expression of Apex whose brackets do not match, or that holds more than an expression.
    Expression,
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
            Bad::Expression => {
                "a name follows the colon; its brackets must be closed and hold neither comments nor texts in three quotes"
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Which keyword, of a [`Kind::Word`].
    pub(super) word: Word,
    start: u32,
    end: u32,
}

impl Token {
    /// Statements are bounded far below 4 GiB before they get here.
    pub(super) fn new(kind: Kind, start: usize, end: usize) -> Token {
        Token { kind, word: Word::None, start: start as u32, end: end as u32 }
    }

    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    pub(super) fn end(self) -> usize {
        self.end as usize
    }

    /// From the beginning of this one to the end of that one.
    pub(super) fn to(self, last: Token) -> Token {
        Token { end: last.end, word: Word::None, ..self }
    }
}

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const UNDERSCORE: u8 = 4;
const BLANK: u8 = 8;
/// What a name goes on with.
const NAME: u8 = LETTER | DIGIT | UNDERSCORE;

const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => DIGIT,
            b'_' => UNDERSCORE,
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => BLANK,
            _ => 0,
        };
        byte += 1;
    }
    class
};

fn is(byte: u8, class: u8) -> bool {
    CLASS[usize::from(byte)] & class != 0
}

/// The first place at or after `from` that is no blank.
pub(super) fn skip_blanks(bytes: &[u8], mut from: usize) -> usize {
    while bytes.get(from).is_some_and(|b| is(*b, BLANK)) {
        from += 1;
    }
    from
}

/// The token at or after `from`.
pub(super) fn next(text: &str, from: usize) -> Token {
    let bytes = text.as_bytes();
    let start = skip_blanks(bytes, from);
    let Some(&first) = bytes.get(start) else {
        return Token::new(Kind::End, start, start);
    };
    if is(first, LETTER) {
        return word(bytes, start);
    }
    let rest = &bytes[start..];
    let (kind, length) = match first {
        b',' => (Kind::Comma, 1),
        b'.' if !is_digit(rest.get(1)) => (Kind::Dot, 1),
        b'\'' => string(rest),
        b'(' => (Kind::Open, 1),
        b')' => (Kind::Close, 1),
        b'=' => (Kind::Equal, 1),
        b'0'..=b'9' => digits(rest),
        b'.' => (Kind::Number, number(rest)),
        b'+' | b'-' if is_digit(rest.get(1)) => (Kind::Number, number(rest)),
        b'+' | b'-' if rest.get(1) == Some(&b'.') && is_digit(rest.get(2)) => (Kind::Number, number(rest)),
        b':' => (Kind::Colon, 1),
        b';' => (Kind::Semicolon, 1),
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
    Token::new(kind, start, start + length)
}

fn is_digit(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_digit)
}

fn run(bytes: &[u8], from: usize, class: impl Fn(&u8) -> bool) -> usize {
    from + bytes[from.min(bytes.len())..].iter().take_while(|b| class(b)).count()
}

fn word(bytes: &[u8], start: usize) -> Token {
    let mut end = start + 1;
    while bytes.get(end).is_some_and(|b| is(*b, NAME)) {
        end += 1;
    }
    let mut token = Token::new(Kind::Word, start, end);
    let length = end - start;
    token.word = match bytes.get(start..start + 8) {
        // The usual case in one load: the bytes behind the word are cut away.
        Some(eight) if length <= 8 => {
            let eight = eight.try_into().map_or(0, u64::from_le_bytes);
            Word::short(eight & (u64::MAX >> (64 - 8 * length)))
        }
        _ => Word::of(&bytes[start..end]),
    };
    if token.word == Word::None && bytes.get(end) == Some(&b'.') && is_digit(bytes.get(end + 1)) {
        let is_currency = length > 3
            && bytes[start..start + 3].iter().all(|b| is(*b, LETTER))
            && bytes[start + 3..end].iter().all(|b| is(*b, DIGIT));
        if is_currency {
            return Token::new(Kind::Currency, start, run(bytes, end + 1, u8::is_ascii_digit));
        }
    }
    token
}

fn string(rest: &[u8]) -> (Kind, usize) {
    let mut kind = Kind::Text;
    let mut i = 1;
    while let Some(more) = rest.get(i..).and_then(|r| r.iter().position(|b| matches!(b, b'\'' | b'\\'))) {
        i += more;
        if rest[i] == b'\'' {
            return (kind, i + 1);
        }
        // Whatever is escaped, a quote also, is part of the text. What follows may be half a character; its other
        // bytes are neither quotes nor backslashes.
        kind = Kind::EscapedText;
        i += 2;
    }
    (Kind::Bad(Bad::OpenText), rest.len())
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
            let all =
                || run(rest, 0, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':' | b'.' | b'+'));
            if !has_form(rest, b"0000-00-00") || is_digit(rest.get(10)) {
                return (Kind::Bad(Bad::Date), all());
            }
            match rest.get(10) {
                Some(b'T' | b't') => match time(&rest[11..], true) {
                    Some(length) => (Kind::DateTime, 11 + length),
                    None => (Kind::Bad(Bad::DateTime), all()),
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

/// An expression of Apex after its colon, as far as its brackets tell: `ids`, `plan.steps[0].Id`, `names(a, 'b)')`.
pub(super) fn expression(text: &str, from: usize) -> Token {
    let bytes = text.as_bytes();
    let start = skip_blanks(bytes, from);
    let mut end = start;
    // A name, a bracket or a dot goes on; two names beside each other do not.
    let mut after_dot = true;
    loop {
        let at = skip_blanks(bytes, end);
        match bytes.get(at) {
            Some(b) if after_dot && is(*b, LETTER) => {
                end = run(bytes, at, |b| is(*b, NAME));
                after_dot = false;
            }
            Some(b'.') if !after_dot => {
                end = at + 1;
                after_dot = true;
            }
            Some(b'(' | b'[') if !after_dot || end == start => match brackets(bytes, at) {
                Some(close) => {
                    end = close;
                    after_dot = false;
                }
                None => return Token::new(Kind::Bad(Bad::Expression), start, bytes.len()),
            },
            _ if after_dot => return Token::new(Kind::Bad(Bad::Expression), start, end),
            _ => return Token::new(Kind::Word, start, end),
        }
    }
}

/// One past the bracket that closes the one at `open`; texts in between are passed over. A comment has none: what it
/// hides would be decided by what is written behind it. Nor has a text of Apex over several lines.
fn brackets(bytes: &[u8], open: usize) -> Option<usize> {
    let mut expected = Vec::new();
    let mut i = open;
    loop {
        match bytes.get(i)? {
            b'(' => expected.push(b')'),
            b'[' => expected.push(b']'),
            close @ (b')' | b']') => {
                if expected.pop() != Some(*close) {
                    return None;
                }
                if expected.is_empty() {
                    return Some(i + 1);
                }
            }
            b'/' if matches!(bytes.get(i + 1), Some(b'/' | b'*')) => return None,
            b'\'' => match string(&bytes[i..]) {
                (Kind::Bad(_), _) => return None,
                (_, length) => {
                    let end = i + length;
                    let three_quotes = length == 2 && bytes.get(end) == Some(&b'\'');
                    if three_quotes || bytes[i..end].iter().any(|b| matches!(b, b'\n' | b'\r')) {
                        return None;
                    }
                    i = end - 1;
                }
            },
            _ => {}
        }
        i += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_ends_where_its_brackets_and_names_end() {
        for (text, read) in [
            (" ids)", "ids"),
            ("a.b [0] . c AND", "a.b [0] . c"),
            ("f('x)', (1))) LIMIT", "f('x)', (1))"),
            ("(a + b) * 2", "(a + b)"),
            ("a b", "a"),
            ("f('//', '/*', 1 / 2)", "f('//', '/*', 1 / 2)"),
            ("f('', '')", "f('', '')"),
        ] {
            let token = expression(text, 0);
            assert_eq!((token.kind, &text[token.start()..token.end()]), (Kind::Word, read));
        }
        for text in [
            "",
            ".a",
            "a.",
            "f(",
            "f(]",
            "f('x)",
            "5",
            "a..b",
            "f(/*)",
            "f(1, // x\n 2)",
            "f(''' ' ''')",
            "f('a\nb')",
        ] {
            assert!(matches!(expression(text, 0).kind, Kind::Bad(_)), "{text}");
        }
    }
}
