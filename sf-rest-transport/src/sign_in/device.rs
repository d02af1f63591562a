use super::{app::App, requests::Requests, session::Session};
use crate::fault::{failure, not_signed_in};
use serde::Deserialize;
use sf_core::{Delivery, Error, ErrorCode, ErrorKind, Result, Retry, Secret};
use std::{fmt, time::Duration};
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
    requests: Requests,
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
        Ok(DeviceSignIn { app: app.clone(), requests, code, begun: Instant::now() })
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
    /// # Errors
    /// `NotSignedIn` when the user denies (code `access_denied`) or the code expires; `Timeout` after ten minutes; the last error of the
    /// network when that fails for so long.
    pub async fn wait(self) -> Result<Session> {
        let code = Secret::new(self.code.device_code.as_str());
        let mut pause = Duration::from_secs(self.code.interval.clamp(1, 60));
        loop {
            sleep(pause).await;
            let error = match self.requests.device(&code).await {
                Ok(tokens) => return self.app.signed_in(self.requests, tokens).await,
                Err(error) => error,
            };
            match error.failure().code.as_ref().map(ErrorCode::as_str) {
                Some("authorization_pending") => {}
                // RFC 8628, 3.5: five seconds more, from now on.
                Some("slow_down") => pause += SLOWER,
                Some("access_denied") => {
                    return Err(refused(error, "the user denied access", "Start again when they agree."));
                }
                Some("expired_token" | "invalid_grant") => {
                    return Err(refused(error, "the device code has expired", "Start the sign-in again."));
                }
                // Asking again is harmless: a code gives tokens once.
                _ if matches!(error.retry(), Retry::Backoff { .. }) => {}
                _ => return Err(error),
            }
            if self.begun.elapsed() + pause > LIFE {
                return Err(too_late(error));
            }
        }
    }
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
