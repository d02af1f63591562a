//! Ids from counters.
use sf_core::SfId;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `001` and 7 → `0015e0000000007AAA`: prefix, the org's pod, nine base-62 digits, suffix.
pub(crate) fn id_of(prefix: &str, counter: u64) -> Option<SfId> {
    let mut tail = [b'0'; 10];
    let mut n = counter;
    for digit in tail.iter_mut().rev() {
        *digit = DIGITS[(n % 62) as usize];
        n /= 62;
    }
    SfId::new(format!("{prefix}5e{}", std::str::from_utf8(&tail).ok()?)).ok()
}
