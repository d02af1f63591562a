//! Values.

use super::lexer::{Kind, Token};
use super::{Parser, Read};
use crate::write::{MAX_DIGITS, is_salesforce_year};
use crate::{CurrencyCode, DateLiteral, Literal, Op, Pattern};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use sf_core::{Number, Timestamp};

impl Parser<'_> {
    /// A value; after LIKE a text is a pattern.
    pub(super) fn literal(&mut self, op: Option<Op>) -> Read<Literal> {
        let token = self.token;
        let text = self.slice(token);
        let value = match token.kind {
            Kind::Text if op == Some(Op::Like) => Literal::Pattern(self.pattern(token)?),
            Kind::Text => Literal::Text(self.string(token)?),
            Kind::Number => Literal::Number(self.number(token, text)?),
            Kind::Date => Literal::Date(self.date(token, text)?),
            Kind::DateTime => Literal::DateTime(self.date_time(token, text)?),
            Kind::Time => Literal::Time(
                NaiveTime::parse_from_str(text.trim_end_matches(['Z', 'z']), "%H:%M:%S%.f")
                    .map_err(|_| {
                        self.problem_at(token, &format!("there is no time {text}"), "hours end at 23")
                    })
                    .and_then(|t| self.no_leap_second(token, t))?,
            ),
            Kind::Currency => self.currency(token, text)?,
            Kind::Colon if self.parameters => {
                self.bump();
                let name = self.word("the name of a parameter follows the colon")?;
                return Ok(Literal::Parameter(self.slice(name).to_owned()));
            }
            Kind::Colon => {
                return Err(
                    self.unexpected("bind variables are of Apex; values stand in the statement itself")
                );
            }
            Kind::Word => return self.word_value(token, text),
            _ => {
                return Err(
                    self.unexpected("a value is expected: 'text', 5, TRUE, null, 2026-01-31 or TODAY")
                );
            }
        };
        self.bump();
        Ok(value)
    }

    fn word_value(&mut self, token: Token, text: &str) -> Read<Literal> {
        for (word, value) in
            [("null", Literal::Null), ("true", Literal::Bool(true)), ("false", Literal::Bool(false))]
        {
            if text.eq_ignore_ascii_case(word) {
                self.bump();
                return Ok(value);
            }
        }
        if text.len() > 3
            && text.as_bytes()[3..].iter().all(u8::is_ascii_digit)
            && CurrencyCode::new(&text[..3]).is_some()
        {
            let value = self.currency(token, text)?;
            self.bump();
            return Ok(value);
        }
        if DateLiteral::named(text, None).is_none() {
            return Err(self.unexpected(
                "a value is expected here; a text stands in single quotes, and two fields cannot be compared",
            ));
        }
        self.bump();
        let mut whole = token;
        let mut count = None;
        if self.token.kind == Kind::Colon {
            self.bump();
            let n = self.token;
            whole.end = n.end;
            count = self
                .slice(n)
                .parse::<u32>()
                .ok()
                .filter(|_| self.slice(n).bytes().all(|b| b.is_ascii_digit()));
            if n.kind != Kind::Number || count.is_none() {
                return Err(self.unexpected("a whole number follows the colon: LAST_N_DAYS:30"));
            }
            self.bump();
        }
        match DateLiteral::named(text, count) {
            Some(Ok(literal)) => Ok(Literal::DateLiteral(literal)),
            Some(Err(explanation)) => {
                Err(self.problem_at(whole, "the date literal is not complete", &explanation))
            }
            None => Err(self.unexpected_at(whole, "this is not a date literal")),
        }
    }

    fn number(&self, token: Token, text: &str) -> Read<Number> {
        // The wire's form of a number, which has no `+`, no leading zeros and a digit before the point.
        let (sign, digits) = match text.as_bytes().first() {
            Some(b'-') => ("-", &text[1..]),
            Some(b'+') => ("", &text[1..]),
            _ => ("", text),
        };
        let digits = digits.trim_start_matches('0');
        let zero = if digits.is_empty() || digits.starts_with('.') { "0" } else { "" };
        if digits.len() > MAX_DIGITS - 2 {
            return Err(self.problem_at(
                token,
                "the number is too long",
                "numbers have at most 18 digits in Salesforce",
            ));
        }
        format!("{sign}{zero}{digits}").parse().map_err(|_| self.unexpected_at(token, "this is not a number"))
    }

    fn currency(&self, token: Token, text: &str) -> Read<Literal> {
        let code = text.get(..3).and_then(CurrencyCode::new);
        let code = code
            .ok_or_else(|| self.unexpected_at(token, "a currency is three letters and a number: USD5000"))?;
        Ok(Literal::Currency { code, amount: self.number(token, &text[3..])? })
    }

    fn date(&self, token: Token, text: &str) -> Read<NaiveDate> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        date.filter(|d| is_salesforce_year(d.year())).ok_or_else(|| self.no_date(token, text))
    }

    fn date_time(&self, token: Token, text: &str) -> Read<Timestamp> {
        let upper = text.to_ascii_uppercase();
        let zoned = if let Some(local) = upper.strip_suffix('Z') { format!("{local}+0000") } else { upper };
        DateTime::parse_from_str(&zoned, "%Y-%m-%dT%H:%M:%S%.f%z")
            .ok()
            .map(|t| t.with_timezone(&Utc))
            .filter(|t| is_salesforce_year(t.year()) && t.timestamp_subsec_nanos() < 1_000_000_000)
            .and_then(|t| Timestamp::from_millis(t.timestamp_millis()))
            .ok_or_else(|| self.no_date(token, text))
    }

    fn no_leap_second(&self, token: Token, time: NaiveTime) -> Read<NaiveTime> {
        use chrono::Timelike;
        let millis = time.nanosecond() / 1_000_000 * 1_000_000;
        time.with_nanosecond(millis)
            .filter(|_| millis < 1_000_000_000)
            .ok_or_else(|| self.problem_at(token, "there is no such time", "seconds end at 59"))
    }

    fn no_date(&self, token: Token, text: &str) -> Box<crate::Problem> {
        let explanation = "dates run from 1700-01-01 to 4000-12-31 and must exist in the calendar";
        self.problem_at(token, &format!("there is no date {}", super::shorten(text)), explanation)
    }

    fn string(&self, token: Token) -> Read<String> {
        let mut out = String::with_capacity(token.end - token.start);
        self.characters(token, |c, _| out.push(c))?;
        Ok(out)
    }

    fn pattern(&self, token: Token) -> Read<Pattern> {
        let mut pattern = Pattern::default();
        let mut text = String::new();
        self.characters_of_like(token, |c, escaped| {
            if !escaped && matches!(c, '%' | '_') {
                let next = std::mem::take(&mut pattern).text(std::mem::take(&mut text));
                pattern = if c == '%' { next.any() } else { next.one() };
            } else {
                text.push(c);
            }
        })?;
        Ok(pattern.text(text))
    }

    fn characters(&self, token: Token, each: impl FnMut(char, bool)) -> Read<()> {
        self.decode(token, false, each)
    }

    fn characters_of_like(&self, token: Token, each: impl FnMut(char, bool)) -> Read<()> {
        self.decode(token, true, each)
    }

    /// The characters of a string literal, each with whether it was escaped. `\_` and `\%` belong to LIKE only.
    fn decode(&self, token: Token, like: bool, mut each: impl FnMut(char, bool)) -> Read<()> {
        let inner = self.slice(token).get(1..token.end - token.start - 1).unwrap_or_default();
        let mut rest = inner;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            if c != '\\' {
                each(c, false);
                continue;
            }
            let at = token.start + 1 + (inner.len() - rest.len()) - 1;
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
        let token = Token { kind: Kind::Text, start, end: start + length };
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
