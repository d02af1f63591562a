//! When a request may be sent again, and how long to wait before.
use sf_core::{Delivery, Failure, Retry, protocol::Safety};
use std::time::Duration;

/// Sendings of a read (or of a request that was never sent) unless [`sf_core::CallOptions::attempts`] says.
pub(crate) const DEFAULT_ATTEMPTS: u32 = 4;
const BASE: Duration = Duration::from_millis(250);
const CAP: Duration = Duration::from_secs(8);
/// A longer `Retry-After` is the caller's decision, not ours.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The wait before the next sending; `None`: do not repeat.
///
/// A write is repeated only when it surely was not applied: no byte of it reached the org, or the org refused it for the
/// moment (a limit on calls at once, maintenance). `sent` counts the sendings so far.
pub(crate) fn wait_before_next(
    failure: &Failure,
    safety: Safety,
    sent: u32,
    attempts: Option<u32>,
) -> Option<Duration> {
    if sent >= attempts.unwrap_or(DEFAULT_ATTEMPTS).max(1) {
        return None;
    }
    if safety != Safety::Read && failure.delivery == Delivery::Unknown {
        return None;
    }
    let Retry::Backoff { after } = failure.retry() else { return None };
    let after = after.unwrap_or_default();
    (after <= LONGEST_WAIT).then(|| after.saturating_add(jitter(sent, random())))
}

/// Full jitter: anything from zero to the doubled delay, so that many clients do not come back together.
fn jitter(sent: u32, random: u64) -> Duration {
    let ceiling = BASE.saturating_mul(1 << sent.saturating_sub(1).min(10)).min(CAP);
    let millis = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % millis.saturating_add(1))
}

fn random() -> u64 {
    // Without entropy the wait is the shortest: a retry that comes early beats an error about jitter.
    getrandom::u64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sf_core::ErrorKind;

    #[test]
    fn a_minute_is_kept_whatever_the_jitter_and_more_is_left_to_the_caller() {
        let busy = Failure::new(ErrorKind::Unavailable, Delivery::Refused, "busy");
        let wait = |seconds| {
            let failure = busy.clone().with_retry_after(Duration::from_secs(seconds));
            wait_before_next(&failure, Safety::Read, 3, None)
        };
        for _ in 0..50 {
            assert!(wait(60).is_some_and(|wait| wait >= LONGEST_WAIT));
            assert_eq!(wait(61), None);
        }
    }

    #[test]
    fn the_delay_doubles_up_to_its_cap() {
        for (sent, most) in [(1, 250), (2, 500), (3, 1000), (6, 8000), (40, 8000)] {
            assert_eq!(jitter(sent, most), Duration::from_millis(most));
            assert_eq!(jitter(sent, most + 1), Duration::ZERO);
        }
    }
}
