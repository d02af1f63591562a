//! Ids from counters.
use sf_core::SfId;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `001` and 7 → `0015e0000000007AAA`: prefix, the org's pod, ten base-62 digits, suffix.
pub(crate) fn id_of(prefix: &str, counter: u64) -> Option<SfId> {
    let mut tail = [b'0'; 10];
    let mut n = counter;
    for digit in tail.iter_mut().rev() {
        *digit = DIGITS[(n % 62) as usize];
        n /= 62;
    }
    SfId::new(format!("{prefix}5e{}", std::str::from_utf8(&tail).ok()?)).ok()
}

/// The counter an id was made from.
pub(crate) fn counter_of(id: SfId) -> u64 {
    let digit = |byte: u8| DIGITS.iter().position(|d| *d == byte).unwrap_or(0) as u64;
    id.as_str().bytes().take(15).skip(5).fold(0, |n, byte| n.wrapping_mul(62).wrapping_add(digit(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_gives_its_counter_back() {
        for counter in [1, 61, 62, 3_844, 123_456_789] {
            assert_eq!(id_of("500", counter).map(counter_of), Some(counter));
        }
    }
}
