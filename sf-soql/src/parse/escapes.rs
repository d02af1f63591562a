//! Texts and their escapes.

use super::lexer::Kind;
use super::{Parser, Read, Token};
use crate::Pattern;

impl Parser<'_> {
    pub(super) fn string(&self, token: Token) -> Read<String> {
        let inner = self.inner(token);
        if token.kind == Kind::Text {
            return Ok(inner.to_owned());
        }
        let mut out = String::with_capacity(inner.len());
        self.decode(token, false, |c, _| out.push(c))?;
        Ok(out)
    }

    pub(super) fn pattern(&self, token: Token) -> Read<Pattern> {
        let mut pattern = Pattern::default();
        let mut text = String::new();
        self.decode(token, true, |c, escaped| {
            if !escaped && matches!(c, '%' | '_') {
                let next = std::mem::take(&mut pattern).text(std::mem::take(&mut text));
                pattern = if c == '%' { next.any() } else { next.one() };
            } else {
                text.push(c);
            }
        })?;
        Ok(pattern.text(text))
    }

    /// Between the quotes.
    fn inner(&self, token: Token) -> &str {
        self.text.get(token.start() + 1..token.end().saturating_sub(1)).unwrap_or_default()
    }

    /// The characters of a string literal, each with whether it was escaped. `\_` and `\%` belong to LIKE only.
    fn decode(&self, token: Token, like: bool, mut each: impl FnMut(char, bool)) -> Read<()> {
        let inner = self.inner(token);
        let mut rest = inner;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            if c != '\\' {
                each(c, false);
                continue;
            }
            let at = token.start() + 1 + (inner.len() - rest.len()) - 1;
            let escape = rest.chars().next().unwrap_or_default();
            rest = &rest[escape.len_utf8().min(rest.len())..];
            match escape {
                'n' | 'N' => each('\n', true),
                'r' | 'R' => each('\r', true),
                't' | 'T' => each('\t', true),
                'b' | 'B' => each('\u{8}', true),
                '"' | '\'' | '\\' => each(escape, true),
                '_' | '%' if like => each(escape, true),
                'u' | 'U' => {
                    let c = utf16(&mut rest).ok_or_else(|| {
                        let explanation =
                            "\\u is followed by four hex digits; a surrogate needs its other half";
                        self.bad_escape(at, 2, explanation)
                    })?;
                    if like && matches!(c, '%' | '_' | '\\') {
                        let explanation = "whether the org takes it for a wildcard is not known: write % or \\%, _ or \\_, \\\\";
                        return Err(self.bad_escape(at, 6, explanation));
                    }
                    each(c, true);
                }
                '_' | '%' => {
                    return Err(self.bad_escape(at, 2, "\\_ and \\% are only for LIKE; here write _ and %"));
                }
                'f' | 'F' => return Err(self.bad_escape(at, 2, "Salesforce refuses \\f; write \\u000c")),
                other => {
                    let explanation =
                        "a text knows \\n \\r \\t \\b \\\" \\' \\\\ and \\u0041; a backslash itself is \\\\";
                    return Err(self.bad_escape(at, 1 + other.len_utf8(), explanation));
                }
            }
        }
        Ok(())
    }

    fn bad_escape(&self, start: usize, length: usize, explanation: &str) -> Box<crate::Problem> {
        let token = Token::new(Kind::Text, start, start + length);
        let text = self.slice(token);
        self.problem_at(token, &format!("illegal escape sequence in a text: {text}"), explanation)
    }
}

/// What follows `\u`, and the second half when it is a surrogate pair.
fn utf16(rest: &mut &str) -> Option<char> {
    let first = hex4(rest)?;
    if let Some(c) = char::from_u32(first) {
        return Some(c);
    }
    let tail = rest.strip_prefix("\\u").or_else(|| rest.strip_prefix("\\U"))?;
    *rest = tail;
    let second = hex4(rest)?;
    char::decode_utf16([u16::try_from(first).ok()?, u16::try_from(second).ok()?]).next()?.ok()
}

fn hex4(rest: &mut &str) -> Option<u32> {
    let digits = rest.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    *rest = &rest[4..];
    u32::from_str_radix(digits, 16).ok()
}
