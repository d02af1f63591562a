use super::{MAX_TEXT, Writer};
use crate::problem::shorten;
use crate::{Literal, Op, Pattern, PatternPart, Problem, parse};
use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use sf_core::Number;
use std::fmt::Write;

/// Digits of a number that is read or written, the point counted with them: more than any field of Salesforce has.
pub(crate) const MAX_DIGITS: usize = 100;

fn unsigned(number: &str) -> &str {
    number.strip_prefix('-').unwrap_or(number)
}

impl Writer {
    /// A value after `op`; `None` inside a list. A leaf.
    pub(super) fn literal(&mut self, value: &Literal, op: Option<Op>) {
        let start = self.out.len();
        match value {
            Literal::Null => self.text("null"),
            Literal::Bool(true) => self.text("TRUE"),
            Literal::Bool(false) => self.text("FALSE"),
            Literal::Number(n) => self.number(n),
            // Text after LIKE means itself; wildcards come only from a pattern.
            Literal::Text(t) if op == Some(Op::Like) => {
                self.out.push('\'');
                escape_like(&mut self.out, t);
                self.out.push('\'');
                self.length(start, units(t));
            }
            Literal::Text(t) => {
                self.out.push('\'');
                escape(&mut self.out, t);
                self.out.push('\'');
                self.length(start, units(t));
            }
            Literal::Pattern(p) if op == Some(Op::Like) => self.pattern(p),
            Literal::Pattern(_) => {
                self.wrong(
                    "pattern",
                    "a pattern stands only after LIKE",
                    "compare with a text, or use `like`",
                );
            }
            Literal::Date(d) => {
                self.day(*d);
                self.in_range(start, *d);
            }
            Literal::DateTime(t) => {
                let t = t.utc();
                self.day(t.date_naive());
                self.out.push('T');
                self.time(t.time(), t.timestamp_subsec_millis() != 0);
                self.in_range(start, t.date_naive());
            }
            // A leap second, which chrono can hold, has no form.
            Literal::Time(t) if t.nanosecond() < 1_000_000_000 => self.time(*t, true),
            Literal::Time(t) => {
                self.wrong("time", format!("{t} has no form in SOQL"), "use a time without leap second")
            }
            Literal::DateLiteral(d) => {
                // Writing to a String does not fail.
                let _ = write!(self.out, "{d}");
            }
            Literal::Currency { code, amount } if amount.as_str().starts_with('-') => {
                let message = format!("{code}{} is negative", shorten(amount.as_str()));
                self.wrong("amount", message, "SOQL has no form for a negative amount with a currency code");
            }
            Literal::Currency { code, amount } => {
                self.text(code.as_str());
                self.number(amount);
            }
            Literal::Parameter(name) => self.parameter(name),
        }
        self.place(start);
    }

    /// `:name`, which only Apex takes.
    pub(super) fn parameter(&mut self, name: &str) {
        let short = shorten(name);
        if !self.apex {
            let message = format!("the parameter :{short} has no value");
            return self.wrong(&format!(":{short}"), message, "bind it before the query is sent");
        }
        if !parse::is_apex_expression(name) {
            let message = format!("`{short}` is no expression of Apex");
            let explanation =
                "a name or a call in one line follows the colon, without operators and comments";
            return self.wrong("expression", message, explanation);
        }
        self.out.push(':');
        self.text(name);
    }

    fn day(&mut self, d: NaiveDate) {
        // Other years have no four digits; they are refused.
        let year = u32::try_from(d.year()).unwrap_or(0).min(9999);
        self.two_digits(year / 100);
        self.two_digits(year % 100);
        self.out.push('-');
        self.two_digits(d.month());
        self.out.push('-');
        self.two_digits(d.day());
    }

    fn time(&mut self, t: NaiveTime, milliseconds: bool) {
        self.two_digits(t.hour());
        self.out.push(':');
        self.two_digits(t.minute());
        self.out.push(':');
        self.two_digits(t.second());
        if milliseconds {
            let milliseconds = t.nanosecond() / 1_000_000 % 1000;
            self.out.push('.');
            self.digit(milliseconds / 100);
            self.two_digits(milliseconds % 100);
        }
        self.out.push('Z');
    }

    fn two_digits(&mut self, n: u32) {
        self.digit(n / 10);
        self.digit(n % 10);
    }

    fn digit(&mut self, n: u32) {
        self.out.push(char::from_digit(n, 10).unwrap_or('0'));
    }

    fn number(&mut self, n: &Number) {
        let text = n.as_str();
        if unsigned(text).len() <= MAX_DIGITS && !text.bytes().any(|b| matches!(b, b'e' | b'E')) {
            return self.text(text);
        }
        match plain(text) {
            Some(text) => self.text(&text),
            None => self.wrong(
                "number",
                format!("the number {} is too long to write", shorten(text)),
                format!("SOQL has no exponents; numbers of up to {MAX_DIGITS} digits can be written"),
            ),
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        let start = self.out.len();
        self.out.push('\'');
        for part in pattern.parts() {
            match part {
                PatternPart::Any => self.out.push('%'),
                PatternPart::One => self.out.push('_'),
                PatternPart::Text(t) => escape_like(&mut self.out, t),
            }
        }
        self.out.push('\'');
        self.length(start, units_of_pattern(pattern));
    }

    fn length(&mut self, start: usize, characters: usize) {
        if let Some(problem) = too_long(characters) {
            self.wrong_text(start, "text", problem.message, problem.explanation);
        }
    }

    fn in_range(&mut self, start: usize, date: NaiveDate) {
        if !is_salesforce_year(date.year()) {
            let message = format!("{date} is no date of Salesforce");
            self.wrong_text(start, "date", message, "dates run from 1700-01-01 to 4000-12-31");
        }
    }

    /// Takes back what was written from there.
    #[cold]
    fn wrong_text(&mut self, start: usize, mark: &str, message: String, explanation: impl Into<String>) {
        self.out.truncate(start);
        self.wrong(mark, message, explanation);
    }
}

/// What is wrong with a text that is longer than Salesforce takes.
pub(crate) fn too_long_text(value: &Literal) -> Option<Problem> {
    match value {
        Literal::Text(text) => too_long(units(text)),
        Literal::Pattern(pattern) => too_long(units_of_pattern(pattern)),
        _ => None,
    }
}

fn too_long(characters: usize) -> Option<Problem> {
    (characters > MAX_TEXT).then(|| {
        let message = format!("a text of {characters} characters is too long");
        Problem::new(message, format!("Salesforce takes texts of up to {MAX_TEXT} characters in a statement"))
    })
}

fn units_of_pattern(pattern: &Pattern) -> usize {
    pattern.parts().iter().map(|part| if let PatternPart::Text(t) = part { units(t) } else { 1 }).sum()
}

/// UTF-16 units, or bytes of a short text, which are never fewer.
fn units(text: &str) -> usize {
    if text.len() > MAX_TEXT { text.encode_utf16().count() } else { text.len() }
}

/// "Valid dates", SOQL reference, "Date Formats and Date Literals in WHERE".
pub(crate) fn is_salesforce_year(year: i32) -> bool {
    (1700..=4000).contains(&year)
}

/// Whether a character of a text is written as another one. `\f` is documented but refused by Salesforce's parser, so
/// it is `\u000c`; C1 controls are escaped with the others.
fn is_special(byte: u8) -> bool {
    matches!(byte, b'\\' | b'\'' | 0..=0x1f | 0x7f | 0xc2)
}

/// The inside of a string literal.
fn escape(out: &mut String, text: &str) {
    escape_where(out, text, is_special);
}

/// The same after LIKE: wildcards in the text mean themselves.
fn escape_like(out: &mut String, text: &str) {
    escape_where(out, text, |byte| is_special(byte) || matches!(byte, b'%' | b'_'));
}

fn escape_where(out: &mut String, text: &str, special: impl Fn(u8) -> bool) {
    let mut rest = text;
    while let Some(plain) = rest.bytes().position(&special) {
        let (before, after) = rest.split_at(plain);
        out.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some(c @ ('\\' | '\'' | '%' | '_')) => {
                out.push('\\');
                out.push(c);
            }
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            // Writing to a String does not fail.
            Some(c) if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            Some(c) => out.push(c),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

/// The digits without exponent: `1.0E7` is `10000000`. `None` when that would be longer than [`MAX_DIGITS`].
fn plain(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok()?),
        None if unsigned(text).len() <= MAX_DIGITS => return Some(text.to_owned()),
        None => return None,
    };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |m| ("-", m));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
    let limit = MAX_DIGITS as i64;
    if point.abs() > limit || digits.len() > MAX_DIGITS {
        return None;
    }
    let (before, after) = if point <= 0 {
        (String::new(), "0".repeat(point.unsigned_abs() as usize) + &digits)
    } else if (point as usize) < digits.len() {
        (digits[..point as usize].to_owned(), digits[point as usize..].to_owned())
    } else {
        (digits.clone() + &"0".repeat(point as usize - digits.len()), String::new())
    };
    let before = before.trim_start_matches('0');
    let after = after.trim_end_matches('0');
    let before = if before.is_empty() { "0" } else { before };
    Some(if after.is_empty() { format!("{sign}{before}") } else { format!("{sign}{before}.{after}") })
        .filter(|t| unsigned(t).len() <= MAX_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_become_digits() {
        for (wire, soql) in [
            ("1.0E7", "10000000"),
            ("3.0E2", "300"),
            ("1.25e1", "12.5"),
            ("-1.5E-3", "-0.0015"),
            ("0E5", "0"),
            ("10.50", "10.50"),
        ] {
            assert_eq!(plain(wire).as_deref(), Some(soql));
        }
        assert_eq!(plain("1E400"), None);
        assert_eq!(plain("1E-400"), None);
        assert_eq!(plain("1E99999999999"), None);
    }
}
