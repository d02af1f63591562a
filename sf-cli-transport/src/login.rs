use crate::{
    cli::deadline,
    command::{SfCommand, result_of},
    farewell::Held,
    fault::{self, Trouble},
    loopback::is_loopback,
    status::{Fields, OrgInfo},
    target::Target,
};
use sf_core::{Delivery, Error, ErrorKind, Failure, Result};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::watch,
    time::{Instant, timeout_at},
};

/// A person has to find the password.
const DEFAULT_WAIT: Duration = Duration::from_secs(300);
/// How long the command itself waits for the browser, in milliseconds; two minutes unless set.
const ITS_WAIT: &str = "SF_WEB_OAUTH_SERVER_TIMEOUT";
/// We end it before it gives up by itself.
const LONGER: Duration = Duration::from_secs(5);
const OAUTH_ERRORS: &[&str] =
    &["invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope"];
/// Above it Node's timers fire at once.
const LONGEST_TIMER: u128 = i32::MAX as u128;

/// How to sign in with the browser, see [`SfCommand::login_web`].
///
/// ```
/// use sf_cli_transport::LoginWeb;
///
/// let login = LoginWeb::new().alias("desk").instance_url("https://test.salesforce.com");
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct LoginWeb {
    alias: Option<String>,
    instance_url: Option<String>,
    set_default: bool,
    wait: Option<Duration>,
}

impl LoginWeb {
    /// Production, no alias, five minutes.
    pub fn new() -> LoginWeb {
        LoginWeb::default()
    }
    /// The alias that the org gets.
    pub fn alias(mut self, alias: impl Into<String>) -> LoginWeb {
        self.alias = Some(alias.into());
        self
    }
    /// Where to sign in: `https://test.salesforce.com` for a sandbox, or the org's My Domain.
    pub fn instance_url(mut self, url: impl Into<String>) -> LoginWeb {
        self.instance_url = Some(url.into());
        self
    }
    /// Makes the org the command's default org.
    pub fn set_default(mut self) -> LoginWeb {
        self.set_default = true;
        self
    }
    /// How long the person may take; five minutes unless set. The command is told the same (`SF_WEB_OAUTH_SERVER_TIMEOUT`), because
    /// it gives up after two minutes by itself.
    pub fn timeout(mut self, wait: Duration) -> LoginWeb {
        self.wait = Some(wait);
        self
    }

    fn arguments(&self) -> Result<Vec<String>> {
        let mut arguments = ["org", "login", "web"].map(str::to_owned).to_vec();
        if let Some(alias) = &self.alias {
            Target::named(alias)?;
            arguments.push(format!("--alias={alias}"));
        }
        if let Some(url) = &self.instance_url {
            arguments.push(format!("--instance-url={}", address(url)?));
        }
        if self.set_default {
            arguments.push("--set-default".to_owned());
        }
        Ok(arguments)
    }
}

/// A password is typed into what is there: https, or this machine.
fn address(text: &str) -> Result<String> {
    let refused = || -> Error {
        Failure::invalid_input("the address to sign in at is not https, or not an address")
            .with_next_step("Give e.g. https://test.salesforce.com or the org's My Domain.")
            .into()
    };
    let url = url::Url::parse(text).map_err(|_| refused())?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain || url.host_str().is_none() || !(url.scheme() == "https" || (url.scheme() == "http" && local)) {
        return Err(refused());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Sign-ins that were given up and have not gone yet, in any home: the port is the machine's.
static LEAVING: Mutex<Vec<watch::Receiver<()>>> = Mutex::new(Vec::new());

/// Of one sign-in; closed when its command has gone.
struct Leaving(watch::Receiver<()>);
impl Drop for Leaving {
    fn drop(&mut self) {
        leaving().push(self.0.clone());
    }
}
fn leaving() -> MutexGuard<'static, Vec<watch::Receiver<()>>> {
    let mut leaving = LEAVING.lock().unwrap_or_else(PoisonError::into_inner);
    leaving.retain(|freed| freed.has_changed().is_ok());
    leaving
}

async fn sign_ins_have_gone(deadline: Instant) -> Result<(), Trouble> {
    if Handle::try_current().is_err() {
        return Err(fault::no_runtime().into());
    }
    let leaving = leaving().clone();
    for mut freed in leaving {
        // Nobody sends anything: it is closed.
        drop(timeout_at(deadline, freed.changed()).await.map_err(|_| fault::too_late())?);
    }
    Ok(())
}

impl SfCommand {
    /// Starts `sf org login web` and waits: the command opens the browser and listens on localhost:1717 for the answer.
    /// Dropping the future ends the command; the next sign-in of this process waits until it has gone.
    ///
    /// # Errors
    /// `Timeout` when nobody signed in in time, `NotSignedIn` when the sign-in failed, `Setup` when there is no browser or the
    /// port is taken, `InvalidInput` for an alias or address that cannot be right.
    pub async fn login_web(&self, login: &LoginWeb) -> Result<OrgInfo> {
        let arguments = login.arguments()?;
        let wait = login.wait.unwrap_or(DEFAULT_WAIT);
        let its_wait = wait.saturating_add(LONGER).as_millis().min(LONGEST_TIMER);
        let its_wait = [(ITS_WAIT, its_wait.to_string())];
        let here = login.instance_url.as_deref().is_some_and(is_loopback);
        let deadline = deadline(wait);
        sign_ins_have_gone(deadline).await.map_err(changed)?;
        let (port, freed) = watch::channel(());
        let _leaving = Leaving(freed);
        let answer = self.ask_alone(arguments, &its_wait, here, deadline, &(Arc::new(port) as Held)).await;
        let document = answer.map_err(changed)?;
        self.forget_orgs();
        let fields: Fields = result_of(&document, "sf org login web")?;
        let mut org = fields.org().ok_or_else(|| -> Error {
            Failure::new(ErrorKind::NotSignedIn, Delivery::NotSent, "the sign-in was given up")
                .with_next_step("Try again: `sf org login web`.")
                .into()
        })?;
        org.alias = org.alias.or_else(|| login.alias.clone());
        Ok(org)
    }
}

fn changed(trouble: Trouble) -> Error {
    let Trouble { error, no_browser, name, .. } = trouble;
    let failure = |kind, message: &str, next_step: &str| -> Failure {
        Failure::new(kind, Delivery::NotSent, message).with_next_step(next_step)
    };
    let refused = || {
        failure(
            ErrorKind::NotSignedIn,
            "the org refused the sign-in",
            "Try again, and allow access in the browser; the administrator may have to allow the app.",
        )
    };
    let new = match (error.kind(), name.as_deref().unwrap_or_default()) {
        (ErrorKind::Timeout, _) | (_, "AuthTimeoutError") => failure(
            ErrorKind::Timeout,
            "nobody signed in in time",
            "Try again; the browser must be on this machine. Elsewhere: `sf org login device`, or `sf org login sfdx-url`.",
        ),
        (_, name) if no_browser || name == "CannotOpenBrowserError" => failure(
            ErrorKind::Setup,
            "the sf command found no browser",
            "Sign in on a machine with one, then take the login over: `sf org login sfdx-url`.",
        ),
        (_, "EADDRINUSE" | "PortInUseError") => failure(
            ErrorKind::Setup,
            "the port that the sign-in needs (1717) is taken",
            "End the other sign-in, then try again.",
        ),
        (
            _,
            "AuthCodeExchangeError"
            | "AuthCodeUsernameRetrievalError"
            | "AuthInfoCreationError"
            | "MissingAuthCodeError"
            | "access_denied",
        ) => refused(),
        // The login server's own words (RFC 6749, 4.1.2.1, and Salesforce's `OAUTH_APP_BLOCKED` and the like).
        (_, name) if OAUTH_ERRORS.contains(&name) || name.starts_with("OAUTH_") => refused(),
        _ => return error,
    };
    Error::new(new).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_checked() {
        let login = LoginWeb::new().alias("desk").instance_url("https://test.salesforce.com/").set_default();
        let expected = [
            "org",
            "login",
            "web",
            "--alias=desk",
            "--instance-url=https://test.salesforce.com",
            "--set-default",
        ];
        assert_eq!(login.arguments().unwrap(), expected);
        for bad in ["http://acme.my.salesforce.com", "acme", "https://u:p@x.example", "javascript:alert(1)"] {
            assert!(LoginWeb::new().instance_url(bad).arguments().is_err(), "{bad}");
        }
        assert!(LoginWeb::new().alias("--json").arguments().is_err());
    }
}
