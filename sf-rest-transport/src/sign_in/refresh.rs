use super::grant::{Grant, Granted};
use crate::{
    address::Origin,
    client::{self, ClientSettings},
    fault::{failure, invalid, setup},
    retry,
};
use async_trait::async_trait;
use sf_core::{
    AccessToken, Credentials, Delivery, ErrorCode, ErrorKind, Failure, Result, Secret, protocol::Safety,
};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// Sendings of one token request at most. Only such that surely gave nothing are repeated.
const ATTEMPTS: u32 = 3;

type Answer = Result<AccessToken, Failure>;
type Flight = watch::Receiver<Option<Answer>>;
type RotationHook = Box<dyn Fn(&Secret) + Send + Sync>;

/// Access tokens by the OAuth refresh grant.
///
/// *One refresh at a time.* However many calls find the access token expired at the same moment, one token
/// request is made and all of them get its answer. It runs as a task of its own, so a call that is dropped
/// or times out meanwhile does not lose a rotated token.
///
/// *Rotation.* When the app rotates refresh tokens, the answer holds a new one and the old one is dead. The
/// new one replaces it in memory and is given to the [hook](RefreshTokenBuilder::on_rotation) before the new
/// access token is used.
///
/// *A dead refresh token stays dead.* After `invalid_grant` no further request is made with it: repeating it
/// only fills the login history, and with rotation it ends the user's other sessions.
///
/// *Not yet: several processes with one rotating token.* Each process knows only the token it was given, and after a lost
/// answer of the token request the old one is presented again. Where the app rotates refresh tokens, Salesforce answers
/// that by ending the user's other sessions. Let one process hold such a token; a token store that processes share is to come.
///
/// Clones share all of this.
///
/// ```no_run
/// # fn main() -> sf_core::Result<()> {
/// use sf_rest_transport::{RefreshToken, Rest};
///
/// let credentials = RefreshToken::builder("https://login.salesforce.com", "3MVG9…", "5Aep861…")
///     .client_secret("…")
///     .on_rotation(|new| { /* store it, encrypted, before the process can end */ })
///     .build()?;
/// let transport = Rest::with_credentials(credentials).connect()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RefreshToken(Arc<Shared>);

struct Shared {
    grant: Grant,
    on_rotation: Option<RotationHook>,
    state: Mutex<State>,
}

struct State {
    current: Option<AccessToken>,
    refresh_token: Secret,
    flight: Option<Flight>,
    /// The answer that ended this grant.
    dead: Option<Failure>,
}

impl RefreshToken {
    /// `login_url` is `https://login.salesforce.com` (production), `https://test.salesforce.com` (sandboxes
    /// and scratch orgs) or the org's My Domain URL; `client_id` the consumer key of the app the refresh
    /// token was given to.
    pub fn builder(
        login_url: impl Into<String>,
        client_id: impl Into<String>,
        refresh_token: impl Into<String>,
    ) -> RefreshTokenBuilder {
        RefreshTokenBuilder {
            login_url: login_url.into(),
            client_id: client_id.into(),
            client_secret: None,
            refresh_token: Secret::new(refresh_token),
            current: None,
            on_rotation: None,
            settings: ClientSettings::default(),
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token request, repeated only while nothing was granted for sure.
    async fn refresh(&self) -> Answer {
        let refresh_token = self.state().refresh_token.clone();
        let mut sent = 0;
        loop {
            sent += 1;
            match self.grant.refresh(&refresh_token).await {
                Ok(granted) => return Ok(self.adopt(granted)),
                Err(e) => {
                    let failure = e.into_failure();
                    // A lost answer may have rotated the token: a second request with the old one would
                    // revoke the session, so that is left to the caller's next call.
                    let safety =
                        if failure.delivery == Delivery::Unknown { Safety::Once } else { Safety::Read };
                    match retry::wait_before_next(&failure, safety, sent, Some(ATTEMPTS)) {
                        Some(wait) => tokio::time::sleep(wait).await,
                        None => return Err(failure),
                    }
                }
            }
        }
    }

    /// Keeps a rotated refresh token, here and in the host's store, before the access token can be used.
    fn adopt(&self, granted: Granted) -> AccessToken {
        if let Some(new) = granted.rotated {
            self.state().refresh_token = new.clone();
            if let Some(hook) = &self.on_rotation {
                hook(&new);
            }
        }
        granted.token
    }

    fn land(&self, answer: &Answer) {
        let mut state = self.state();
        state.flight = None;
        match answer {
            Ok(token) => state.current = Some(token.clone()),
            Err(failure) => {
                state.current = None;
                if failure.code == Some(ErrorCode::InvalidGrant) {
                    state.dead = Some(failure.clone());
                }
            }
        }
    }
}

/// What a call finds when it asks for a token.
enum Found {
    Token(AccessToken),
    Dead(Failure),
    Flight(Flight),
}

impl RefreshToken {
    fn find(&self, stale: Option<&AccessToken>) -> Found {
        let mut state = self.0.state();
        let fresh = |token: &&AccessToken| stale.is_none_or(|refused| refused.expose() != token.expose());
        if let Some(token) = state.current.as_ref().filter(fresh) {
            return Found::Token(token.clone());
        }
        if let Some(failure) = &state.dead {
            return Found::Dead(failure.clone());
        }
        // A flight without a pilot (the runtime was shut down, the hook panicked) lands never.
        if let Some(flight) =
            state.flight.as_ref().filter(|f| f.has_changed().is_ok() || f.borrow().is_some())
        {
            return Found::Flight(flight.clone());
        }
        let (pilot, flight) = watch::channel(None);
        state.flight = Some(flight.clone());
        drop(state);
        let shared = self.0.clone();
        tokio::spawn(async move {
            let answer = shared.refresh().await;
            shared.land(&answer);
            pilot.send_replace(Some(answer));
        });
        Found::Flight(flight)
    }
}

#[async_trait]
impl Credentials for RefreshToken {
    async fn token(&self, stale: Option<&AccessToken>) -> Result<AccessToken> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(crate::http::no_runtime());
        }
        match self.find(stale) {
            Found::Token(token) => Ok(token),
            Found::Dead(failure) => Err(failure.into()),
            Found::Flight(mut flight) => {
                let answer = flight.wait_for(Option::is_some).await.map(|answer| answer.clone());
                match answer {
                    Ok(Some(answer)) => Ok(answer?),
                    _ => Err(failure(
                        ErrorKind::Unavailable,
                        Delivery::Unknown,
                        "the token request was interrupted",
                        "Repeat the call; if a rotation hook is set, check that it does not panic.",
                    )
                    .into()),
                }
            }
        }
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken").field("login", self.0.grant.login()).finish_non_exhaustive()
    }
}

/// Settings of a [`RefreshToken`].
#[must_use]
pub struct RefreshTokenBuilder {
    login_url: String,
    client_id: String,
    client_secret: Option<Secret>,
    refresh_token: Secret,
    current: Option<AccessToken>,
    on_rotation: Option<RotationHook>,
    settings: ClientSettings,
}

impl RefreshTokenBuilder {
    /// The consumer secret, for apps that require one for the refresh flow.
    pub fn client_secret(mut self, secret: impl Into<String>) -> RefreshTokenBuilder {
        self.client_secret = Some(Secret::new(secret));
        self
    }
    /// An access token that came with the refresh token: it is used until the org refuses it.
    pub fn access_token(
        mut self,
        token: impl Into<String>,
        instance_url: impl Into<String>,
    ) -> RefreshTokenBuilder {
        self.current = Some(AccessToken::new(token, instance_url));
        self
    }
    /// Called with each new refresh token, before the access token that came with it is used. Store it before
    /// returning: the previous one is dead. It runs on the runtime, so it must not block for long; it must
    /// not panic.
    pub fn on_rotation(mut self, hook: impl Fn(&Secret) + Send + Sync + 'static) -> RefreshTokenBuilder {
        self.on_rotation = Some(Box::new(hook));
        self
    }
    /// Plain http to a login host on this machine, for the simulated org.
    pub fn allow_loopback_http(mut self) -> RefreshTokenBuilder {
        self.settings.loopback_http = true;
        self
    }
    /// Checks the settings. No network.
    ///
    /// # Errors
    /// `InvalidInput` for a bad login URL (it must be https, without path or password), an empty client id or
    /// refresh token; `Setup` for http to this machine without
    /// [`allow_loopback_http`](RefreshTokenBuilder::allow_loopback_http), or when TLS is not available.
    pub fn build(self) -> Result<RefreshToken> {
        let login = Origin::parse(&self.login_url, self.settings.loopback_http)?;
        if self.client_id.trim().is_empty() {
            return Err(invalid("the client id is empty", "Give the consumer key of the app."));
        }
        if self.refresh_token.expose().trim().is_empty() {
            return Err(setup(
                "the refresh token is empty",
                "Let the user sign in with the scope `refresh_token`, and give the token of that answer.",
            ));
        }
        let http = client::build(&self.settings)?;
        let grant = Grant::new(http, login, self.client_id, self.client_secret.as_ref())?;
        let state =
            State { current: self.current, refresh_token: self.refresh_token, flight: None, dead: None };
        Ok(RefreshToken(Arc::new(Shared { grant, on_rotation: self.on_rotation, state: Mutex::new(state) })))
    }
}

impl fmt::Debug for RefreshTokenBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshTokenBuilder").finish_non_exhaustive()
    }
}
