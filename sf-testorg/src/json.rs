//! A JSON reader of the org's own: keeps the digits of numbers and the order of keys, and says errors as the
//! org's parser says them. It shares nothing with the clients under test.
//!
//! That parser is Jackson, which answers of real orgs show: `Unexpected character ('r' (code 114)): expected a valid value (number,
//! String, array, object, 'true', 'false' or 'null') at [line:1, column:2]` for a body that begins with `r`. Its other messages are
//! taken from there, with the place in Salesforce's form. [inferred]

use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::Arc;

/// A JSON value as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(Box<str>),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// A file that came beside the JSON; no text reads as this.
    Bytes(Arc<[u8]>),
}

const DEPTH: usize = 100;

impl Json {
    /// Reads one whole value.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Json, String> {
        let text = std::str::from_utf8(bytes).map_err(|e| no_utf8(bytes, e.valid_up_to()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err("No content to map to Object due to end of input".into());
        }
        let mut reader = Reader { text, at: 0 };
        reader.blanks();
        let value = reader.value(0)?;
        reader.blanks();
        // [inferred] that what follows the value is refused.
        if reader.at < text.len() { Err(reader.unexpected(VALUE)) } else { Ok(value) }
    }
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }
    pub(crate) fn array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }
    /// `true` and `"true"`.
    pub(crate) fn is_true(&self) -> bool {
        matches!(self, Json::Bool(true)) || self.text().is_some_and(|t| t.eq_ignore_ascii_case("true"))
    }
    /// Back to text.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Json::Number(digits) => out.push_str(digits),
            Json::Text(text) => crate::state::write_json_string(text, out),
            Json::Bytes(bytes) => {
                out.push('"');
                out.push_str(&STANDARD.encode(bytes));
                out.push('"');
            }
            Json::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Json::Object(entries) => {
                out.push('{');
                for (i, (key, value)) in entries.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    crate::state::write_json_string(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
    /// The word Salesforce's parser uses for what it found.
    pub(crate) fn token(&self) -> &'static str {
        match self {
            Json::Null => "VALUE_NULL",
            Json::Bool(true) => "VALUE_TRUE",
            Json::Bool(false) => "VALUE_FALSE",
            Json::Number(n) if n.contains(['.', 'e', 'E']) => "VALUE_NUMBER_FLOAT",
            Json::Number(_) => "VALUE_NUMBER_INT",
            Json::Text(_) => "VALUE_STRING",
            Json::Array(_) => "START_ARRAY",
            Json::Object(_) => "START_OBJECT",
            Json::Bytes(_) => "VALUE_EMBEDDED_OBJECT",
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// An array or object that is being read, for messages.
#[derive(Clone, Copy)]
struct Open {
    kind: &'static str,
    close: char,
    start: usize,
}
const VALUE: &str = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')";

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
    fn char(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|t| t.chars().next())
    }
    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }
    fn place(&self, at: usize) -> String {
        place(&self.text.as_bytes()[..at.min(self.text.len())])
    }
    /// What stands here, which the parser has taken already when it complains: its place is one further.
    fn unexpected(&self, wanted: &str) -> String {
        let place = self.place(self.at + self.char().map_or(0, char::len_utf8));
        match self.char() {
            Some(c) => format!("Unexpected character ('{c}' (code {})): {wanted} at {place}", u32::from(c)),
            None => format!("Unexpected end-of-input at {place}"),
        }
    }
    fn ended(&self, how: &str) -> String {
        format!("Unexpected end-of-input{how} at {}", self.place(self.text.len()))
    }
    /// Blanks, and then something inside of this array or object.
    fn more(&mut self, open: Open) -> Result<u8, String> {
        self.blanks();
        self.peek().ok_or_else(|| self.ended(&format!(" within/between {} entries", open.kind)))
    }
    /// The first entry, a comma or the end of an array or object.
    fn entry_or_end(&mut self, open: Open) -> Result<u8, String> {
        self.blanks();
        self.peek().ok_or_else(|| {
            let start = self.place(open.start);
            self.ended(&format!(": expected close marker for {} (from {start})", open.kind))
        })
    }
    /// After an entry: whether another one follows.
    fn comma(&mut self, open: Open) -> Result<bool, String> {
        match self.entry_or_end(open)? {
            b',' => {
                self.at += 1;
                Ok(true)
            }
            byte if char::from(byte) == open.close => {
                self.at += 1;
                Ok(false)
            }
            byte @ (b']' | b'}') => {
                let Open { kind, close, start } = open;
                Err(format!(
                    "Unexpected close marker '{}': expected '{close}' (for {kind} starting at {}) at {}",
                    char::from(byte),
                    self.place(start),
                    self.place(self.at + 1)
                ))
            }
            _ => Err(self.unexpected(&format!("was expecting comma to separate {} entries", open.kind))),
        }
    }
    fn word(&mut self, word: &str, value: Json) -> Result<Json, String> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if &rest[..end] != word {
            let place = self.place(self.at + end);
            return Err(format!(
                "Unrecognized token '{}': was expecting 'null', 'true', 'false' or NaN at {place}",
                &rest[..end]
            ));
        }
        self.at += word.len();
        Ok(value)
    }
    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > DEPTH {
            return Err(format!("Document nesting depth exceeds {DEPTH} at {}", self.place(self.at)));
        }
        match self.peek() {
            Some(b'n') => self.word("null", Json::Null),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'[') => self.array(depth),
            Some(b'{') => self.object(depth),
            _ => Err(self.unexpected(VALUE)),
        }
    }
    fn array(&mut self, depth: usize) -> Result<Json, String> {
        let open = Open { kind: "ARRAY", close: ']', start: self.at };
        self.at += 1;
        let mut items = Vec::new();
        if self.entry_or_end(open)? == b']' {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            self.more(open)?;
            items.push(self.value(depth + 1)?);
            if !self.comma(open)? {
                return Ok(Json::Array(items));
            }
        }
    }
    fn object(&mut self, depth: usize) -> Result<Json, String> {
        let open = Open { kind: "OBJECT", close: '}', start: self.at };
        self.at += 1;
        let mut entries = Vec::new();
        if self.entry_or_end(open)? == b'}' {
            self.at += 1;
            return Ok(Json::Object(entries));
        }
        loop {
            if self.more(open)? != b'"' {
                return Err(self.unexpected("was expecting double-quote to start field name"));
            }
            let key = self.string()?;
            if self.more(open)? != b':' {
                return Err(self.unexpected("was expecting a colon to separate field name and value"));
            }
            self.at += 1;
            self.more(open)?;
            entries.push((key, self.value(depth + 1)?));
            if !self.comma(open)? {
                return Ok(Json::Object(entries));
            }
        }
    }
    fn digits(&mut self, otherwise: &str) -> Result<(), String> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        match (start == self.at, self.char()) {
            (false, _) => Ok(()),
            (true, None) => Err(self.ended(" in VALUE_NUMBER")),
            (true, Some(c)) => Err(format!(
                "Unexpected character ('{c}' (code {})) in numeric value: {otherwise} at {}",
                u32::from(c),
                self.place(self.at + c.len_utf8())
            )),
        }
    }
    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let digits = self.at;
        self.digits("expected digit (0-9) to follow minus sign, for valid numeric value")?;
        if self.at > digits + 1 && self.text.as_bytes()[digits] == b'0' {
            let place = self.place(digits + 1);
            return Err(format!("Invalid numeric value: Leading zeroes not allowed at {place}"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("Decimal point not followed by a digit")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("Exponent indicator not followed by a digit")?;
        }
        Ok(Json::Number(self.text[start..self.at].into()))
    }
    fn hex(&mut self) -> Result<u16, String> {
        // The number reader would take a sign.
        let digits = self.text.get(self.at..self.at + 4).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|h| u16::from_str_radix(h, 16).ok());
        if unit.is_none() {
            while self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
                self.at += 1;
            }
        }
        let unit =
            unit.ok_or_else(|| self.unexpected("expected a hex-digit for character escape sequence"))?;
        self.at += 4;
        Ok(unit)
    }
    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|b| b != b'"' && b != b'\\' && b >= 0x20) {
                self.at += 1;
            }
            out.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(&mut out)?;
                }
                Some(control) => {
                    return Err(format!(
                        "Illegal unquoted character ((CTRL-CHAR, code {control})): has to be escaped using backslash \
                         to be included in string value at {}",
                        self.place(self.at + 1)
                    ));
                }
                None => return Err(self.ended(": was expecting closing quote for a string value")),
            }
        }
    }
    /// What follows a backslash.
    fn escape(&mut self, out: &mut String) -> Result<(), String> {
        let Some(escaped) = self.char() else {
            return Err(self.ended(" in character escape sequence"));
        };
        self.at += escaped.len_utf8();
        match escaped {
            '"' | '\\' | '/' => out.push(escaped),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => {
                let mut units = vec![self.hex()?];
                if (0xd800..0xdc00).contains(&units[0]) && self.text[self.at..].starts_with("\\u") {
                    self.at += 2;
                    units.push(self.hex()?);
                }
                out.extend(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')));
            }
            other => {
                let place = self.place(self.at);
                let code = u32::from(other);
                return Err(format!("Unrecognized character escape '{other}' (code {code}) at {place}"));
            }
        }
        Ok(())
    }
}

/// Where what follows these bytes stands: both from 1.
fn place(before: &[u8]) -> String {
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    format!("[line:{line}, column:{column}]")
}

/// The parser's words for bytes that are no UTF-8, from the first of them on.
fn no_utf8(bytes: &[u8], valid: usize) -> String {
    let place = place(&bytes[..(valid + 1).min(bytes.len())]);
    match (bytes.get(valid), bytes.get(valid + 1)) {
        (Some(0xc2..=0xf4), None) => format!("Unexpected end-of-input at {place}"),
        (Some(0xc2..=0xf4), Some(middle)) => format!("Invalid UTF-8 middle byte 0x{middle:x} at {place}"),
        (start, _) => {
            format!("Invalid UTF-8 start byte 0x{:x} at {place}", start.copied().unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_and_order_are_kept() {
        let json = Json::parse(br#" {"b":[1.50,-2E3,true,null],"a":"x\u00e9\ud83d\ude00\n"} "#).unwrap();
        let mut text = String::new();
        json.write(&mut text);
        assert_eq!(text, "{\"b\":[1.50,-2E3,true,null],\"a\":\"xé😀\\n\"}");
    }
    #[test]
    fn errors_say_where() {
        let value = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')";
        let escape = "has to be escaped using backslash to be included in string value";
        for (bad, message) in [
            (" ", "No content to map to Object due to end of input".to_owned()),
            ("request", format!("Unexpected character ('r' (code 114)): {value} at [line:1, column:2]")),
            ("{\"a\":\n x}", format!("Unexpected character ('x' (code 120)): {value} at [line:2, column:3]")),
            ("[1,]", format!("Unexpected character (']' (code 93)): {value} at [line:1, column:5]")),
            ("1 2", format!("Unexpected character ('2' (code 50)): {value} at [line:1, column:4]")),
            (
                "{a:1}",
                "Unexpected character ('a' (code 97)): was expecting double-quote to start field name at [line:1, column:3]"
                    .into(),
            ),
            (
                "{\"a\":1,}",
                "Unexpected character ('}' (code 125)): was expecting double-quote to start field name at [line:1, column:9]"
                    .into(),
            ),
            (
                "{\"a\"}",
                "Unexpected character ('}' (code 125)): was expecting a colon to separate field name and value at \
                 [line:1, column:6]"
                    .into(),
            ),
            (
                "{\"a\":1 \"b\":2}",
                "Unexpected character ('\"' (code 34)): was expecting comma to separate OBJECT entries at [line:1, column:9]"
                    .into(),
            ),
            (
                "[1}",
                "Unexpected close marker '}': expected ']' (for ARRAY starting at [line:1, column:1]) at [line:1, column:4]"
                    .into(),
            ),
            (
                "[",
                "Unexpected end-of-input: expected close marker for ARRAY (from [line:1, column:1]) at [line:1, column:2]"
                    .into(),
            ),
            (
                "{\"a\":1",
                "Unexpected end-of-input: expected close marker for OBJECT (from [line:1, column:1]) at [line:1, column:7]"
                    .into(),
            ),
            ("{\"a\":", "Unexpected end-of-input within/between OBJECT entries at [line:1, column:6]".into()),
            ("\"a", "Unexpected end-of-input: was expecting closing quote for a string value at [line:1, column:3]".into()),
            ("\"\\x\"", "Unrecognized character escape 'x' (code 120) at [line:1, column:4]".into()),
            ("\"\\u00g0\"", "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence at [line:1, column:7]".into()),
            ("\"a\nb\"", format!("Illegal unquoted character ((CTRL-CHAR, code 10)): {escape} at [line:2, column:1]")),
            ("tru", "Unrecognized token 'tru': was expecting 'null', 'true', 'false' or NaN at [line:1, column:4]".into()),
            ("01", "Invalid numeric value: Leading zeroes not allowed at [line:1, column:2]".into()),
            ("-", "Unexpected end-of-input in VALUE_NUMBER at [line:1, column:2]".into()),
            (
                "-x",
                "Unexpected character ('x' (code 120)) in numeric value: expected digit (0-9) to follow minus sign, for valid \
                 numeric value at [line:1, column:3]"
                    .into(),
            ),
            (
                "1.}",
                "Unexpected character ('}' (code 125)) in numeric value: Decimal point not followed by a digit at \
                 [line:1, column:4]"
                    .into(),
            ),
        ] {
            assert_eq!(Json::parse(bad.as_bytes()).unwrap_err(), message, "{bad}");
        }
        let deep = Json::parse("[".repeat(1_000_000).as_bytes()).unwrap_err();
        assert_eq!(deep, "Document nesting depth exceeds 100 at [line:1, column:102]");
        for (bad, message) in [
            (&b"\"\xff\""[..], "Invalid UTF-8 start byte 0xff at [line:1, column:3]"),
            (b"\"\xc3(\"", "Invalid UTF-8 middle byte 0x28 at [line:1, column:3]"),
            (b"\"\xc3", "Unexpected end-of-input at [line:1, column:3]"),
        ] {
            assert_eq!(Json::parse(bad).unwrap_err(), message);
        }
    }
    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Json::parse(&bytes);
        }
        #[test]
        fn any_text_comes_back(text in ".*") {
            let mut json = String::new();
            crate::state::write_json_string(&text, &mut json);
            prop_assert_eq!(Json::parse(json.as_bytes()), Ok(Json::Text(text)));
        }
    }
}
