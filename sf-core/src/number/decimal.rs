//! Exact decimal arithmetic on the text of a number.
use std::{cmp::Ordering, hash, iter};

/// The most digits a sum may have. More would come from numbers that no field holds.
const MAX_DIGITS: i64 = 1_000;
/// The most digits written out in place of an exponent.
const MAX_PLAIN: i64 = 400;
/// So that no sum of an exponent and a length leaves `i64`.
const MAX_EXPONENT_DIGITS: usize = 15;

/// A number taken apart, borrowing its text.
///
/// The value is `0.d1 d2 d3… × 10^top` with the significant digits `d` in `head` and `tail`: without zeros at
/// either end, so that equal numbers have equal parts. Zero has no digits.
pub(super) struct Decimal<'a> {
    text: &'a str,
    negative: bool,
    head: &'a [u8],
    tail: &'a [u8],
    top: i64,
    /// Decimals of the text as it stands: 2 for `0.10`, -6 for `1.0E7`.
    decimals: i64,
    exponent: i64,
}

impl<'a> Decimal<'a> {
    pub(super) const ZERO: Decimal<'static> =
        Decimal { text: "0", negative: false, head: &[], tail: &[], top: 0, decimals: 0, exponent: 0 };

    /// `None` when the text is not a number in JSON's grammar.
    pub(super) fn scan(text: &'a str) -> Option<Decimal<'a>> {
        let (negative, rest) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (whole, rest) = digits(rest);
        if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') {
            return None;
        }
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => match digits(rest) {
                ([], _) => return None,
                found => found,
            },
            rest => (&[][..], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => read_exponent(rest)?,
            _ => return None,
        };

        let decimals = fraction.len() as i64 - exponent;
        let mut head = trim_start(whole);
        let mut tail = fraction;
        let mut top = head.len() as i64 + exponent;
        if head.is_empty() {
            tail = trim_start(tail);
            top -= (fraction.len() - tail.len()) as i64;
        }
        tail = trim_end(tail);
        if tail.is_empty() {
            head = trim_end(head);
        }
        Some(Decimal { text, negative, head, tail, top, decimals, exponent })
    }

    fn is_zero(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    fn len(&self) -> i64 {
        (self.head.len() + self.tail.len()) as i64
    }

    fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        self.head.iter().chain(self.tail).map(|digit| digit - b'0')
    }

    pub(super) fn whole_digits(&self) -> i64 {
        if self.is_zero() { 0 } else { self.top.max(0) }
    }

    pub(super) fn to_i64(&self) -> Option<i64> {
        if self.is_zero() {
            return Some(0);
        }
        if self.top > 19 || self.len() > self.top {
            return None;
        }
        let zeros = usize::try_from(self.top - self.len()).ok()?;
        let whole =
            self.digits().chain(iter::repeat_n(0, zeros)).fold(0_i128, |n, digit| n * 10 + i128::from(digit));
        i64::try_from(if self.negative { -whole } else { whole }).ok()
    }

    /// `None` when it would get too long, or when it is plain already and can be used as it is.
    pub(super) fn plain(&self) -> Option<String> {
        if self.exponent == 0 || self.top.abs() > MAX_PLAIN || self.decimals > MAX_PLAIN {
            return None;
        }
        let decimals = self.decimals.max(0);
        if self.is_zero() {
            return Some(write(self.negative, &[0], decimals));
        }
        Some(write(self.negative, &self.aligned(self.top.max(1), decimals), decimals))
    }

    /// The sum, or the difference when `minus`.
    pub(super) fn add(&self, other: &Decimal<'_>, minus: bool) -> Option<String> {
        let other_negative = other.negative != minus;
        if other.is_zero() {
            return Some(self.text.to_owned());
        }
        if self.is_zero() {
            let unsigned = other.text.trim_start_matches('-');
            return Some(if other_negative { format!("-{unsigned}") } else { unsigned.to_owned() });
        }
        let decimals = self.decimals.max(other.decimals).max(0);
        // One more than the longer one, for the carry.
        let whole = self.top.max(other.top).max(0) + 1;
        if whole + decimals > MAX_DIGITS {
            return None;
        }
        let (mut a, mut b) = (self.aligned(whole, decimals), other.aligned(whole, decimals));
        let mut negative = self.negative;
        if self.negative == other_negative {
            let mut carry = 0;
            for (x, y) in a.iter_mut().zip(&b).rev() {
                let sum = *x + *y + carry;
                (*x, carry) = (sum % 10, sum / 10);
            }
        } else {
            if a < b {
                (a, b) = (b, a);
                negative = other_negative;
            }
            let mut borrow = 0;
            for (x, y) in a.iter_mut().zip(&b).rev() {
                let difference = 10 + *x - *y - borrow;
                (*x, borrow) = (difference % 10, 1 - difference / 10);
            }
        }
        negative &= a.iter().any(|digit| *digit != 0);
        Some(write(negative, &a, decimals))
    }

    /// `None` when it has no more decimals than that.
    pub(super) fn round(&self, decimals: u8) -> Option<String> {
        let decimals = i64::from(decimals);
        if self.decimals <= decimals || self.is_zero() {
            return None;
        }
        // Digits that stay. None at all: less than a tenth of the last place.
        let Ok(kept) = usize::try_from(self.top + decimals) else {
            return Some("0".to_owned());
        };
        let mut rounded: Vec<u8> =
            iter::once(0).chain(self.digits().chain(iter::repeat(0)).take(kept)).collect();
        if self.digits().nth(kept).is_some_and(|next| next >= 5) {
            for digit in rounded.iter_mut().rev() {
                *digit = (*digit + 1) % 10;
                if *digit != 0 {
                    break;
                }
            }
        }
        let negative = self.negative && rounded.iter().any(|digit| *digit != 0);
        Some(write(negative, &rounded, decimals))
    }

    /// The digits on a grid of `whole` places before the point and `decimals` behind it. They must fit.
    fn aligned(&self, whole: i64, decimals: i64) -> Vec<u8> {
        let len = (whole + decimals).max(0) as usize;
        let before = (whole - self.top).max(0) as usize;
        iter::repeat_n(0, before).chain(self.digits()).chain(iter::repeat(0)).take(len).collect()
    }
}

/// Digits to text, the last `decimals` of them behind the point, without zeros in front.
fn write(negative: bool, digits: &[u8], decimals: i64) -> String {
    let decimals = decimals.max(0) as usize;
    let missing = (decimals + 1).saturating_sub(digits.len());
    let point = digits.len() + missing - decimals;
    let mut text = String::with_capacity(digits.len() + missing + 2);
    if negative {
        text.push('-');
    }
    let mut leading = true;
    for (i, digit) in iter::repeat_n(&0, missing).chain(digits).enumerate() {
        leading = leading && *digit == 0 && i + 1 < point;
        if i == point {
            text.push('.');
        }
        if !leading {
            text.push(char::from(b'0' + digit));
        }
    }
    text
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

fn trim_start(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|digit| **digit == b'0').count()..]
}

fn trim_end(digits: &[u8]) -> &[u8] {
    &digits[..digits.len() - digits.iter().rev().take_while(|digit| **digit == b'0').count()]
}

fn read_exponent(text: &[u8]) -> Option<i64> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let significant = trim_start(text);
    if significant.len() > MAX_EXPONENT_DIGITS {
        return None;
    }
    let exponent = significant.iter().fold(0, |n, digit| n * 10 + i64::from(digit - b'0'));
    Some(if negative { -exponent } else { exponent })
}

impl Decimal<'_> {
    pub(super) fn cmp(&self, other: &Decimal<'_>) -> Ordering {
        let sign = |d: &Decimal<'_>| match (d.is_zero(), d.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let ours = sign(self);
        ours.cmp(&sign(other)).then_with(|| {
            let size = self.top.cmp(&other.top).then_with(|| self.digits().cmp(other.digits()));
            match ours {
                0 => Ordering::Equal,
                1 => size,
                _ => size.reverse(),
            }
        })
    }

    pub(super) fn hash<H: hash::Hasher>(&self, state: &mut H) {
        if self.is_zero() {
            return state.write_u8(0);
        }
        state.write_u8(1 + u8::from(self.negative));
        state.write_i64(self.top);
        self.digits().for_each(|digit| state.write_u8(digit));
        state.write_u8(0xff);
    }
}
