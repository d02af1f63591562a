use super::{
    renew::{Over, Renewal},
    requests::Requests,
};
use crate::{
    fault::{failure, not_signed_in},
    http::no_runtime,
    store::{StoredTokens, TokenKey, TokenStore, Tokens},
};
use async_trait::async_trait;
use sf_core::{AccessToken, Credentials, Delivery, Error, ErrorKind, Failure, Result, Secret};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;
use tracing::Instrument;

/// Who is signed in: access tokens that renew themselves. Every flow of an [`App`](crate::App) ends in one; it goes into
/// [`Rest::with_credentials`](crate::Rest::with_credentials).
///
/// *One renewal at a time.* However many calls find the access token expired at the same moment, one token request is made
/// and all of them get its answer; processes that share a [`TokenStore`] make one among them all. It is a task of the runtime that the call
/// was made on, so a call that is dropped or times out meanwhile does not lose a rotated token, as long as that runtime runs. A program
/// that ends its runtime then, or drives it only now and then (`block_on` of a `current_thread` runtime for each call), waits for
/// [`finish_renewal`](Session::finish_renewal) first: a task that is dropped with its runtime can lose the token, and one that nobody drives keeps the
/// store's lock from other processes.
///
/// *Rotation.* When the app rotates refresh tokens, the answer holds a new one and the old one is dead. The new one is in the
/// store before the new access token is used. While the store cannot be written, calls fail and the tokens wait in memory for the next one.
///
/// *A dead refresh token stays dead.* After `invalid_grant` no further request is made with it: repeating it only fills the
/// login history, and with rotation it ends the user's other sessions. A new one that somebody puts into the store is
/// taken up.
///
/// *What nobody can mend:* when the answer of a token request is lost and the app rotates, the new refresh token is lost with it,
/// and presenting the old one again makes Salesforce end the user's sessions. The user has to sign in again.
///
/// *One user.* A session stays who it is. What its store has of another user under the same key it neither uses nor replaces; a call that
/// needs a new token fails then, see [`App::account`](crate::App::account). Client credentials and each user of JWT bearer have keys of their own.
///
/// Dropping a session ends nothing at the org; [`sign_out`](Session::sign_out) does. Clones share everything.
#[derive(Clone)]
pub struct Session(Arc<Shared>);

pub(super) struct Shared {
    pub(super) requests: Arc<Requests>,
    pub(super) renewal: Renewal,
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) key: TokenKey,
    /// Without tokens or a user: whoever is stored is this session's user.
    pub(super) began_empty: bool,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    /// The newest tokens this process knows; without an access token once the org refused it.
    pub(super) tokens: Tokens,
    /// Granted, and not yet in the store.
    pub(super) unsaved: Option<Unsaved>,
    /// Refresh tokens that the login host refused, with its words.
    pub(super) dead: Vec<(Secret, Failure)>,
    /// For ever: who signs in after that is another session's user.
    pub(super) signed_out: bool,
    flight: Option<Flight>,
}

impl State {
    pub(super) fn signed_out() -> State {
        State { signed_out: true, ..State::default() }
    }
}

#[derive(Clone)]
pub(super) struct Unsaved {
    pub(super) tokens: Tokens,
    /// The revision of what they replace.
    pub(super) seen: Option<u64>,
}

type Answer = Result<AccessToken, Failure>;
type Flight = watch::Receiver<Option<Answer>>;

impl Session {
    pub(super) fn new(
        requests: Arc<Requests>,
        renewal: Renewal,
        store: Arc<dyn TokenStore>,
        key: TokenKey,
        tokens: Tokens,
    ) -> Session {
        let began_empty = tokens == Tokens::default();
        let state = Mutex::new(State { tokens, ..State::default() });
        Session(Arc::new(Shared { requests, renewal, store, key, began_empty, state }))
    }

    /// The tokens as this process knows them now, for a host that hands them on.
    pub fn tokens(&self) -> Tokens {
        self.0.state().tokens.clone()
    }

    /// The key that the tokens have in the store.
    pub fn key(&self) -> &TokenKey {
        &self.0.key
    }

    /// Waits until no renewal is half-way: for the one that is under way when this is called, and then, if its tokens could not be stored, for
    /// another try to store them. At once when there is nothing to wait for. It is for the end of `main`, and for a program that made a
    /// call with a time limit and leaves the runtime (see above). A token request takes a minute at most, with its
    /// repeats three; another process that has the store's lock can make it four more. Dropping the future is harmless.
    ///
    /// Await it on the runtime that the call was made on: on another one it waits for as long as that one is there and nobody drives it.
    ///
    /// # Errors
    /// Those of the renewal. Of kind `Unavailable` when the runtime that it ran on has ended before it did. Tokens that could still not be
    /// stored stay in memory.
    ///
    /// ```no_run
    /// use sf_core::{CallOptions, Transport};
    /// use sf_rest_transport::{App, FileTokenStore, Rest, StoreKey};
    /// use std::time::Duration;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = App::new(App::PRODUCTION, "3MVG9…").store(FileTokenStore::open("tokens", StoreKey::from_env("CX_DESK_TOKEN_KEY")?)?);
    /// let runtime = tokio::runtime::Runtime::new()?;
    /// runtime.block_on(async {
    ///     let Some(session) = app.stored_session().await? else { return Ok(()) };
    ///     let rest = Rest::with_credentials(session.clone()).connect()?;
    ///     // The call may end while its token request is under way …
    ///     let limits = rest.limits(&CallOptions::new().with_timeout(Duration::from_secs(2))).await;
    ///     // … which is then waited for, before the runtime is dropped.
    ///     let renewed = session.finish_renewal().await;
    ///     // The call's own error first: it may be that of the renewal, too.
    ///     limits.and(renewed)
    /// })?;
    /// # Ok(()) }
    /// ```
    pub async fn finish_renewal(&self) -> Result<()> {
        let flight = self.0.state().flight.clone();
        let landed = match flight {
            Some(flight) => landed(flight).await.map(drop),
            None => Ok(()),
        };
        let waits_for_the_store = self.0.state().unsaved.is_some();
        // What every call does first.
        if waits_for_the_store { self.token(None).await.map(drop) } else { landed }
    }

    /// Revokes the tokens at the org (the refresh token with every access token it gave) and removes them from the store. Other
    /// processes that share them are signed out too. What the store has of another user stays. This session and its clones stay signed
    /// out when somebody signs in later.
    ///
    /// # Errors
    /// The login host cannot be reached, or the store not be written; the tokens are kept then, and it can be tried again.
    pub async fn sign_out(&self) -> Result<()> {
        let _lock = self.0.lock().await?;
        if self.0.state().signed_out {
            return Ok(());
        }
        let stored = self.0.store.load(&self.0.key).await?;
        let stored = stored.filter(|stored| !self.0.is_anothers(&stored.tokens));
        let unsaved = self.0.state().unsaved.clone().map(|unsaved| unsaved.tokens);
        let own = self.tokens();
        let mut revoked = Vec::new();
        for tokens in unsaved.iter().chain(stored.as_ref().map(|stored| &stored.tokens)).chain([&own]) {
            let access = tokens.access_token().map(AccessToken::expose);
            let Some(token) = tokens.refresh_token().map(Secret::expose).or(access) else { continue };
            if !revoked.contains(&token) {
                self.0.requests.revoke(token).await?;
                revoked.push(token);
            }
        }
        if let Some(StoredTokens { revision, .. }) = stored {
            self.0.store.swap(&self.0.key, Some(revision), None).await?;
        }
        *self.0.state() = State::signed_out();
        Ok(())
    }

    /// Puts the tokens of an interactive sign-in into the store, over whatever is there.
    pub(super) async fn keep_first(&self) -> Result<()> {
        let mut tokens = self.tokens();
        let _lock = self.0.lock().await?;
        let replaced = self.0.store.load(&self.0.key).await?;
        if let Some(replaced) = &replaced {
            tokens = tokens.in_place_of(&replaced.tokens);
        }
        self.0.keep(&tokens, replaced.map(|stored| stored.revision), Over::Anybody).await
    }
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn land(&self, answer: &Result<Tokens, Failure>) -> Answer {
        let mut state = self.state();
        state.flight = None;
        let answer = match answer {
            Ok(tokens) => {
                state.tokens = tokens.clone();
                tokens.access_token().cloned().ok_or_else(|| nothing_known().into_failure())
            }
            Err(failure) => Err(failure.clone()),
        };
        if answer.is_err() {
            state.tokens.access = None;
        }
        answer
    }
}

/// What a call finds when it asks for a token.
enum Found {
    Token(AccessToken),
    Flight(Flight),
}

impl Session {
    fn find(&self, stale: Option<&AccessToken>) -> Found {
        let mut state = self.0.state();
        let fresh = |token: &&AccessToken| stale.is_none_or(|refused| refused.expose() != token.expose());
        if let Some(token) = state.tokens.access_token().filter(fresh) {
            return Found::Token(token.clone());
        }
        // A flight without a pilot (the runtime was shut down, a store panicked) lands never.
        if let Some(flight) =
            state.flight.as_ref().filter(|f| f.has_changed().is_ok() || f.borrow().is_some())
        {
            return Found::Flight(flight.clone());
        }
        let (pilot, flight) = watch::channel(None);
        state.flight = Some(flight.clone());
        drop(state);
        let (shared, stale) = (self.0.clone(), stale.cloned());
        let renewal = async move {
            let answer = shared.renew(stale.as_ref()).await;
            pilot.send_replace(Some(shared.land(&answer)));
        };
        // In the span of the call that began it.
        tokio::spawn(renewal.in_current_span());
        Found::Flight(flight)
    }
}

#[async_trait]
impl Credentials for Session {
    async fn token(&self, stale: Option<&AccessToken>) -> Result<AccessToken> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(no_runtime());
        }
        match self.find(stale) {
            Found::Token(token) => Ok(token),
            Found::Flight(flight) => landed(flight).await,
        }
    }
}

async fn landed(mut flight: Flight) -> Result<AccessToken> {
    let answer = flight.wait_for(Option::is_some).await.map(|answer| answer.clone());
    match answer {
        Ok(Some(answer)) => Ok(answer?),
        _ => Err(interrupted()),
    }
}

fn interrupted() -> Error {
    failure(
        ErrorKind::Unavailable,
        Delivery::Unknown,
        "the token request was interrupted",
        "Repeat the call. Keep the runtime until `Session::finish_renewal` is over; if the program has a token store of its own, check that it \
         does not panic.",
    )
    .into()
}

pub(super) fn nothing_known() -> Error {
    not_signed_in(
        "there is no token to sign in with",
        "Let the user sign in (`App::authorization_code` or `App::device`) with the scope `refresh_token`.",
    )
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("login", self.0.requests.login())
            .field("account", &self.0.key.account())
            .finish_non_exhaustive()
    }
}
