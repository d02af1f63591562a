//! Values.

use super::lexer::{self, Kind, Token};
use super::{Dialect, Parser, Read, is_line_break};
use crate::problem::shorten;
use crate::tree::Word;
use crate::write::{MAX_DIGITS, is_salesforce_year};
use crate::{CurrencyCode, DateLiteral, Literal, Op};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
use sf_core::{Number, Timestamp};

impl Parser<'_> {
    /// A value; after LIKE a text is a pattern.
    pub(super) fn literal(&mut self, op: Option<Op>) -> Read<Literal> {
        let token = self.token;
        let text = self.slice(token);
        let value = match token.kind {
            Kind::Text | Kind::EscapedText if op == Some(Op::Like) => Literal::Pattern(self.pattern(token)?),
            Kind::Text | Kind::EscapedText => Literal::Text(self.string(token)?),
            Kind::Number => Literal::Number(self.number(token, text)?),
            Kind::Date => Literal::Date(self.date(token, text)?),
            Kind::DateTime => Literal::DateTime(self.date_time(token, text)?),
            Kind::Time => Literal::Time(self.time(token, text)?),
            Kind::Currency => self.currency(token, text)?,
            Kind::Colon if self.dialect != Dialect::Api => {
                return Ok(Literal::Parameter(self.parameter()?));
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
        self.place(token);
        self.bump();
        Ok(value)
    }

    /// `:name`, of Apex `:expression`.
    pub(super) fn parameter(&mut self) -> Read<String> {
        let (name, token) = self.parameter_in_list()?;
        self.place(token);
        Ok(name)
    }

    /// The same, without being a leaf of its own.
    pub(super) fn parameter_in_list(&mut self) -> Read<(String, Token)> {
        let colon = self.token;
        let name = if self.dialect == Dialect::Apex {
            let name = lexer::expression(self.text, colon.end());
            if let Kind::Bad(bad) = name.kind {
                return Err(self.unexpected_at(name, bad.explanation()));
            }
            self.token = lexer::next(self.text, name.end());
            name
        } else {
            self.bump();
            if self.token.kind != Kind::Word {
                return Err(self.unexpected("the name of a parameter follows the colon"));
            }
            self.bump()
        };
        // Line breaks and blanks mean the same in an expression; its texts have none.
        let text = self.slice(name);
        let text =
            if self.dialect == Dialect::Apex { text.replace(is_line_break, " ") } else { text.to_owned() };
        Ok((text, colon.to(name)))
    }

    fn word_value(&mut self, token: Token, text: &str) -> Read<Literal> {
        let value = match token.word {
            Word::Null => Some(Literal::Null),
            Word::True => Some(Literal::Bool(true)),
            Word::False => Some(Literal::Bool(false)),
            _ if is_whole_currency(text) => Some(self.currency(token, text)?),
            _ => None,
        };
        if let Some(value) = value {
            self.place(token);
            self.bump();
            return Ok(value);
        }
        // Looked up with and without count: which of the two is an error, the literal knows.
        let mut whole = token;
        let mut count = None;
        if self.before(b':') {
            let colon = self.second();
            let n = lexer::next(self.text, colon.end());
            whole = token.to(n);
            count = self
                .slice(n)
                .parse::<u32>()
                .ok()
                .filter(|_| self.slice(n).bytes().all(|b| b.is_ascii_digit()));
            if DateLiteral::named(text, Some(0)).is_some() && (n.kind != Kind::Number || count.is_none()) {
                return Err(self.unexpected_at(n, "a whole number follows the colon: LAST_N_DAYS:30"));
            }
        }
        let literal = DateLiteral::named(text, count).ok_or_else(|| {
            self.unexpected(
                "a value is expected here; a text stands in single quotes, and two fields cannot be compared",
            )
        })?;
        let literal = literal.map_err(|explanation| {
            self.problem_at(whole, "the date literal is not complete", &explanation)
        })?;
        self.place(whole);
        self.token = lexer::next(self.text, whole.end());
        Ok(Literal::DateLiteral(literal))
    }

    fn number(&self, token: Token, text: &str) -> Read<Number> {
        // Most numbers have the wire's form already, which has no `+`, no leading zeros and a digit before the point.
        let (sign, digits) = match text.as_bytes().first() {
            Some(b'-') => ("-", &text[1..]),
            Some(b'+') => ("", &text[1..]),
            _ => ("", text),
        };
        let significant = digits.trim_start_matches('0');
        let zero = if significant.is_empty() || significant.starts_with('.') { "0" } else { "" };
        if zero.len() + significant.len() > MAX_DIGITS {
            return Err(self.problem_at(
                token,
                "the number is too long",
                "numbers have at most 18 digits in Salesforce",
            ));
        }
        let number = if significant.len() + zero.len() == digits.len() && !text.starts_with('+') {
            text.parse()
        } else {
            format!("{sign}{zero}{significant}").parse()
        };
        number.map_err(|_| self.unexpected_at(token, "this is not a number"))
    }

    fn currency(&self, token: Token, text: &str) -> Read<Literal> {
        let code = text.get(..3).and_then(CurrencyCode::new);
        let code = code
            .ok_or_else(|| self.unexpected_at(token, "a currency is three letters and a number: USD5000"))?;
        Ok(Literal::Currency { code, amount: self.number(token, &text[3..])? })
    }

    fn date(&self, token: Token, text: &str) -> Read<NaiveDate> {
        day(text.as_bytes()).filter(|d| is_salesforce_year(d.year())).ok_or_else(|| self.no_date(token, text))
    }

    fn date_time(&self, token: Token, text: &str) -> Read<Timestamp> {
        moment(text.as_bytes())
            .filter(|t| is_salesforce_year(t.utc().year()))
            .ok_or_else(|| self.no_date(token, text))
    }

    fn time(&self, token: Token, text: &str) -> Read<NaiveTime> {
        match time_of_day(text.as_bytes()) {
            Some((time, _)) => Ok(time),
            None => Err(self.problem_at(
                token,
                &format!("there is no time {}", shorten(text)),
                "hours end at 23, minutes and seconds at 59",
            )),
        }
    }

    fn no_date(&self, token: Token, text: &str) -> Box<crate::Problem> {
        let explanation = "dates run from 1700-01-01 to 4000-12-31 and must exist in the calendar";
        self.problem_at(token, &format!("there is no date {}", shorten(text)), explanation)
    }
}

/// `USD5000`, which is a word for the lexer.
fn is_whole_currency(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 3
        && bytes[..3].iter().all(u8::is_ascii_alphabetic)
        && bytes[3..].iter().all(u8::is_ascii_digit)
}

/// The digits of a form that the lexer has checked.
fn digits(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |n, b| n * 10 + u32::from(b.wrapping_sub(b'0')))
}

/// `2026-01-31`
fn day(bytes: &[u8]) -> Option<NaiveDate> {
    let year = i32::try_from(digits(bytes.get(..4)?)).ok()?;
    NaiveDate::from_ymd_opt(year, digits(bytes.get(5..7)?), digits(bytes.get(8..10)?))
}

/// `08:00:00.5` and what follows it; milliseconds, finer digits are cut.
fn time_of_day(bytes: &[u8]) -> Option<(NaiveTime, &[u8])> {
    let (hour, minute) = (digits(bytes.get(..2)?), digits(bytes.get(3..5)?));
    let second = digits(bytes.get(6..8)?);
    let mut rest = bytes.get(8..)?;
    let mut milliseconds = 0;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let end = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        for place in 0..3 {
            milliseconds = milliseconds * 10 + fraction[..end].get(place).map_or(0, |b| u32::from(b - b'0'));
        }
        rest = &fraction[end..];
    }
    NaiveTime::from_hms_milli_opt(hour, minute, second, milliseconds).map(|time| (time, rest))
}

/// `2026-01-31T08:00:00.5+01:00`
fn moment(bytes: &[u8]) -> Option<Timestamp> {
    let (time, zone) = time_of_day(bytes.get(11..)?)?;
    let local = day(bytes)?.and_time(time);
    let ahead = match zone {
        [b'Z' | b'z'] => 0,
        [sign, hours @ .., m1, m2] => {
            let hours = i64::from(digits(hours.get(..2)?));
            let minutes = i64::from(digits(&[*m1, *m2]));
            // As for chrono: a zone lies within a day.
            let ahead = hours * 60 + Some(minutes).filter(|m| *m < 60 && hours < 24)?;
            if *sign == b'-' { -ahead } else { ahead }
        }
        _ => return None,
    };
    let utc = local.checked_sub_signed(TimeDelta::minutes(ahead))?;
    Timestamp::from_millis(utc.and_utc().timestamp_millis())
}
