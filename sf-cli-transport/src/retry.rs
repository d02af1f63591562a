//! When a request is sent again by this crate, beside the repeats of the command itself.
use sf_core::{Delivery, Entropy, Failure, OsEntropy, Retry, protocol::Safety};
use std::time::Duration;

/// Spawns of a read unless [`sf_core::CallOptions::attempts`] says: the command itself sends a GET three times.
const DEFAULT_ATTEMPTS: u32 = 3;
const BASE_MILLIS: u64 = 500;
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The wait before the next spawn; `None`: do not repeat. A write is repeated only when nothing of it was sent.
pub(crate) fn wait_before_next(
    failure: &Failure,
    safety: Safety,
    sent: u32,
    attempts: Option<u32>,
) -> Option<Duration> {
    if sent >= attempts.unwrap_or(DEFAULT_ATTEMPTS).max(1) {
        return None;
    }
    if safety != Safety::Read && failure.delivery != Delivery::NotSent {
        return None;
    }
    let Retry::Backoff { after } = failure.retry() else { return None };
    let entropy: &dyn Entropy = &OsEntropy;
    let jitter = entropy.next_u64() % (BASE_MILLIS << sent.min(4));
    let after = after.unwrap_or_default();
    (after <= LONGEST_WAIT).then(|| after.saturating_add(Duration::from_millis(jitter)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sf_core::ErrorKind;

    #[test]
    fn reads_and_unsent_writes_are_repeated_and_nothing_else() {
        let of = |kind, delivery| Failure::new(kind, delivery, "");
        let network = of(ErrorKind::Network, Delivery::Unknown);
        assert!(wait_before_next(&network, Safety::Read, 1, None).is_some());
        assert!(wait_before_next(&network, Safety::Read, 3, None).is_none());
        assert!(wait_before_next(&network, Safety::Read, 1, Some(1)).is_none());
        assert!(wait_before_next(&network, Safety::Idempotent, 1, None).is_none());
        for _ in 0..50 {
            let after =
                |s| of(ErrorKind::Unavailable, Delivery::Refused).with_retry_after(Duration::from_secs(s));
            assert!(
                wait_before_next(&after(60), Safety::Read, 2, None).is_some_and(|wait| wait >= LONGEST_WAIT)
            );
            assert_eq!(wait_before_next(&after(61), Safety::Read, 2, None), None);
        }
        let unsent = of(ErrorKind::Network, Delivery::NotSent);
        assert!(wait_before_next(&unsent, Safety::Once, 1, None).is_some());
        assert!(
            wait_before_next(&of(ErrorKind::Refused, Delivery::Refused), Safety::Read, 1, None).is_none()
        );
    }
}
