use super::{app::App, grant, requests::Requests, session::Session};
use crate::fault::{failure, not_signed_in};
use serde::Deserialize;
use sf_core::{Delivery, Error, ErrorCode, ErrorKind, Result, Retry, Secret};
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

/// What Salesforce's own clients wait before they give up; the answer names no time.
const LIFE: Duration = Duration::from_secs(600);
const SLOWER: Duration = Duration::from_secs(5);

/// A device sign-in that waits for its user (Salesforce Help, OAuth 2.0 Device Flow): show the code and the address, then
/// [`wait`](DeviceSignIn::wait).
///
/// ```no_run
/// # async fn example(app: sf_rest_transport::App) -> sf_core::Result<()> {
/// let sign_in = app.device().await?;
/// println!("Open {} and type {}", sign_in.verification_url(), sign_in.user_code());
/// let session = sign_in.wait().await?;
/// # Ok(()) }
/// ```
pub struct DeviceSignIn {
    app: App,
    requests: Arc<Requests>,
    code: DeviceCode,
    begun: Instant,
}

#[derive(Deserialize)]
struct DeviceCode {
    device_code: String,
    user_code: String,
    verification_uri: String,
    #[serde(default = "five")]
    interval: u64,
}
fn five() -> u64 {
    5
}

impl DeviceSignIn {
    pub(super) async fn start(app: &App) -> Result<DeviceSignIn> {
        let requests = app.requests()?;
        let code = requests.device_code().await?;
        Ok(DeviceSignIn { app: app.clone(), requests: Arc::new(requests), code, begun: Instant::now() })
    }

    /// What the user types.
    pub fn user_code(&self) -> &str {
        &self.code.user_code
    }
    /// Where they type it.
    pub fn verification_url(&self) -> &str {
        &self.code.verification_uri
    }

    /// Asks the login host, no more often than it allows, until the user has approved or denied, for ten minutes at most.
    ///
    /// Dropping the future gives the sign-in up, as with [`PendingSignIn::finish`](crate::PendingSignIn::finish).
    ///
    /// # Errors
    /// `NotSignedIn` when the user denies (code `access_denied`) or the code expires; `Timeout` after ten minutes; the last error of the
    /// network when that fails for so long.
    pub async fn wait(self) -> Result<Session> {
        let code = Secret::new(self.code.device_code.as_str());
        let mut pause = Duration::from_secs(self.code.interval.clamp(1, 60));
        loop {
            sleep(pause).await;
            let (requests, code) = (self.requests.clone(), code.clone());
            let asked = async move { requests.device(&code).await };
            match grant::take(self.app.clone(), self.requests.clone(), asked).await {
                Ok(session) => return session,
                Err(error) => pause = next_pause(error, pause, self.begun.elapsed())?,
            }
        }
    }
}

/// How long to wait before the next question, after an answer without tokens; `Err`: there is none.
fn next_pause(error: Error, pause: Duration, waited: Duration) -> Result<Duration> {
    let next = match error.failure().code.as_ref().map(ErrorCode::as_str) {
        Some("authorization_pending") => pause,
        // RFC 8628, 3.5: five seconds more, from now on.
        Some("slow_down") => pause + SLOWER,
        Some("access_denied") => {
            return Err(refused(error, "the user denied access", "Start again when they agree."));
        }
        Some("expired_token" | "invalid_grant") => {
            return Err(refused(error, "the device code has expired", "Start the sign-in again."));
        }
        // Asking again is harmless: a code gives tokens once.
        _ if matches!(error.retry(), Retry::Backoff { .. }) => pause,
        _ => return Err(error),
    };
    if waited + next > LIFE { Err(too_late(error)) } else { Ok(next) }
}

fn refused(error: Error, message: &str, next_step: &str) -> Error {
    let mut refused = not_signed_in(message, next_step).into_failure();
    refused.code.clone_from(&error.failure().code);
    refused.status = error.failure().status;
    refused.delivery = Delivery::Refused;
    Error::from(refused).with_source(error)
}

fn too_late(error: Error) -> Error {
    if matches!(error.retry(), Retry::Backoff { .. }) && error.kind() != ErrorKind::NotSignedIn {
        return error;
    }
    failure(
        ErrorKind::Timeout,
        Delivery::Refused,
        "nobody has approved the device in time",
        "Start the sign-in again and approve it within ten minutes.",
    )
    .into()
}

impl fmt::Debug for DeviceSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceSignIn")
            .field("verification_url", &self.verification_url())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_in::answer::oauth_failure;

    const FIVE: Duration = Duration::from_secs(5);

    fn said(error: &str) -> Error {
        oauth_failure(error, None, 400).into()
    }
    fn after(errors: &[&str]) -> Duration {
        errors.iter().fold(FIVE, |pause, error| next_pause(said(error), pause, Duration::ZERO).unwrap())
    }

    #[test]
    fn slow_down_adds_five_seconds_for_good() {
        assert_eq!(after(&["authorization_pending"]), FIVE);
        assert_eq!(after(&["slow_down"]), FIVE * 2);
        assert_eq!(after(&["slow_down", "authorization_pending"]), FIVE * 2);
        assert_eq!(after(&["slow_down", "authorization_pending", "slow_down"]), FIVE * 3);
    }

    #[test]
    fn a_dead_code_and_a_denial_end_the_wait_at_once() {
        for (code, message) in [
            ("expired_token", "expired_token: the device code has expired"),
            ("invalid_grant", "invalid_grant: the device code has expired"),
            ("access_denied", "access_denied: the user denied access"),
        ] {
            let e = next_pause(said(code), FIVE, Duration::ZERO).unwrap_err();
            assert_eq!((e.kind(), e.delivery()), (ErrorKind::NotSignedIn, Delivery::Refused), "{code}");
            assert_eq!((e.to_string().as_str(), e.code().map(ErrorCode::as_str)), (message, Some(code)));
        }
        // Nobody knows what this is: no more questions.
        let e = next_pause(said("invalid_client_id"), FIVE, Duration::ZERO).unwrap_err();
        assert_eq!(e.code().map(ErrorCode::as_str), Some("invalid_client_id"));
    }

    #[test]
    fn the_wait_ends_when_the_next_question_would_come_after_ten_minutes() {
        let at = |waited| next_pause(said("authorization_pending"), FIVE, Duration::from_secs(waited));
        assert_eq!(at(595).unwrap(), FIVE);
        let e = at(596).unwrap_err();
        assert_eq!((e.kind(), e.delivery()), (ErrorKind::Timeout, Delivery::Refused));
        assert!(e.help().next_step.contains("Start the sign-in again"), "{e}");
        // The network was away for all that time: that is what is told.
        let away = || {
            Error::from(failure(
                ErrorKind::Network,
                Delivery::NotSent,
                "no such host",
                "Look at the network.",
            ))
        };
        assert_eq!(next_pause(away(), FIVE, Duration::from_secs(595)).unwrap(), FIVE);
        let e = next_pause(away(), FIVE, Duration::from_secs(596)).unwrap_err();
        assert_eq!((e.kind(), e.to_string().as_str()), (ErrorKind::Network, "no such host"));
        // `slow_down` counts with the pause that it asks for.
        assert!(next_pause(said("slow_down"), FIVE, Duration::from_secs(591)).is_err());
    }
}
