use super::{MAX_TEXT, Writer};
use crate::{Literal, Op, Pattern, PatternPart};
use chrono::{Datelike, NaiveDate, Timelike};
use sf_core::Number;

/// More digits than any field of Salesforce has.
pub(crate) const MAX_DIGITS: usize = 100;

impl Writer {
    /// A value after `op`; `None` inside a list.
    pub(super) fn literal(&mut self, value: &Literal, op: Option<Op>) {
        match value {
            Literal::Null => self.text("null"),
            Literal::Bool(true) => self.text("TRUE"),
            Literal::Bool(false) => self.text("FALSE"),
            Literal::Number(n) => self.number(n),
            // Text after LIKE means itself; wildcards come only from a pattern.
            Literal::Text(t) if op == Some(Op::Like) => self.pattern(&Pattern::exact(t.as_str())),
            Literal::Text(t) => {
                self.length(units(t));
                self.text("'");
                t.chars().for_each(|c| escape(&mut self.out, c));
                self.text("'");
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
                if self.in_range(*d) {
                    self.text(&d.format("%Y-%m-%d").to_string());
                }
            }
            Literal::DateTime(t) => {
                let t = t.utc();
                if self.in_range(t.date_naive()) {
                    let form = if t.timestamp_subsec_millis() == 0 {
                        "%Y-%m-%dT%H:%M:%SZ"
                    } else {
                        "%Y-%m-%dT%H:%M:%S%.3fZ"
                    };
                    self.text(&t.format(form).to_string());
                }
            }
            // A leap second, which chrono can hold, has no form.
            Literal::Time(t) if t.nanosecond() < 1_000_000_000 => {
                self.text(&t.format("%H:%M:%S%.3fZ").to_string())
            }
            Literal::Time(t) => {
                self.wrong("time", format!("{t} has no form in SOQL"), "use a time without leap second")
            }
            Literal::DateLiteral(d) => self.text(&d.to_string()),
            Literal::Currency { code, amount } if amount.as_str().starts_with('-') => {
                let message = format!("{code}{amount} is negative");
                self.wrong("amount", message, "SOQL has no form for a negative amount with a currency code");
            }
            Literal::Currency { code, amount } => {
                self.text(code.as_str());
                self.number(amount);
            }
            Literal::Parameter(name) => {
                self.wrong(
                    &format!(":{name}"),
                    format!("the parameter :{name} has no value"),
                    "bind it before the query is sent",
                );
            }
        }
    }

    fn number(&mut self, n: &Number) {
        match plain(n.as_str()) {
            Some(text) => self.text(&text),
            None => self.wrong(
                "number",
                format!("the number {n} is too long to write"),
                format!("SOQL has no exponents; numbers of up to {MAX_DIGITS} digits can be written"),
            ),
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        let mut length = 0;
        self.text("'");
        for part in pattern.parts() {
            match part {
                PatternPart::Any => self.text("%"),
                PatternPart::One => self.text("_"),
                PatternPart::Text(t) => {
                    length += t.encode_utf16().count();
                    for c in t.chars() {
                        if matches!(c, '%' | '_') {
                            self.out.push('\\');
                        }
                        escape(&mut self.out, c);
                    }
                }
            }
        }
        self.text("'");
        let wildcards = pattern.parts().iter().filter(|p| !matches!(p, PatternPart::Text(_))).count();
        self.length(length + wildcards);
    }

    fn length(&mut self, characters: usize) {
        if characters > MAX_TEXT {
            self.wrong(
                "text",
                format!("a text of {characters} characters is too long"),
                format!("Salesforce takes texts of up to {MAX_TEXT} characters in a statement"),
            );
        }
    }

    fn in_range(&mut self, date: NaiveDate) -> bool {
        let fits = is_salesforce_year(date.year());
        if !fits {
            self.wrong(
                "date",
                format!("{date} is no date of Salesforce"),
                "dates run from 1700-01-01 to 4000-12-31",
            );
        }
        fits
    }
}

/// UTF-16 units, or bytes of a short text, which are never fewer.
fn units(text: &str) -> usize {
    if text.len() > MAX_TEXT { text.encode_utf16().count() } else { text.len() }
}

/// "Valid dates", SOQL reference, "Date Formats and Date Literals in WHERE".
pub(crate) fn is_salesforce_year(year: i32) -> bool {
    (1700..=4000).contains(&year)
}

/// One character of a string literal. `\f` is documented but refused by Salesforce's parser, so it is `\u000c`.
fn escape(out: &mut String, c: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\'' => out.push_str("\\'"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        c => out.push(c),
    }
}

/// The digits without exponent: `1.0E7` is `10000000`. `None` when that would be longer than [`MAX_DIGITS`].
fn plain(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok()?),
        None if text.len() <= MAX_DIGITS => return Some(text.to_owned()),
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
        .filter(|t| t.len() <= MAX_DIGITS)
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
