//! Getting the next access token: who asks, what is looked at first, and what is stored before it is used.
use super::{
    requests::Requests,
    session::{Shared, State, Unsaved, nothing_known},
};
use crate::{
    fault::{failure, not_signed_in, setup},
    retry,
    store::{StoreLock, Tokens},
    trace,
};
use sf_core::{AccessToken, Delivery, ErrorCode, ErrorKind, Failure, Result, Secret, protocol::Safety};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Sendings of one token request at most. Only such that surely gave nothing are repeated.
const ATTEMPTS: u32 = 3;
/// Longer than another process's token request with its repeats can take.
const LONGEST_LOCK: Duration = Duration::from_secs(240);
/// Writers that do not take the lock (the store of a host) can come between loading and swapping.
const SWAPS: u32 = 5;

/// Whose entry new tokens may replace.
#[derive(Clone, Copy)]
pub(super) enum Over {
    /// Only that of the session's own user.
    Own,
    /// Whoever signs in interactively has chosen the account.
    Anybody,
}

/// How a session gets its next access token.
pub(super) enum Renewal {
    /// By the refresh token.
    Refresh,
    /// By signing another assertion.
    #[cfg(feature = "jwt")]
    Jwt(super::jwt::Signer),
    /// By the app's own secret.
    ClientCredentials,
}

const JWT: &str = "jwt:";
const CLIENT_CREDENTIALS: &str = "client-credentials:";

/// Whether the name of an account would be that of an entry of another flow.
pub(super) fn is_reserved(account: &str) -> bool {
    [JWT, CLIENT_CREDENTIALS].iter().any(|flow| account.starts_with(flow))
}

impl Renewal {
    /// The account in the key. Who may do what differs by flow, so no flow finds the tokens of another one; nor one JWT user those of the next.
    pub(super) fn entry(&self, account: Option<&str>) -> String {
        match self {
            Renewal::Refresh => account.unwrap_or("default").to_owned(),
            #[cfg(feature = "jwt")]
            Renewal::Jwt(signer) => match account {
                Some(account) => format!("{JWT}{}/{account}", signer.username()),
                None => format!("{JWT}{}", signer.username()),
            },
            Renewal::ClientCredentials => format!("{CLIENT_CREDENTIALS}{}", account.unwrap_or("default")),
        }
    }

    async fn request(&self, requests: &Requests, refresh: Option<&Secret>) -> Result<Tokens> {
        match self {
            Renewal::Refresh => match refresh {
                Some(token) => requests.refresh(token).await,
                None => Err(nothing_known()),
            },
            #[cfg(feature = "jwt")]
            Renewal::Jwt(signer) => signer.request(requests).await,
            Renewal::ClientCredentials => requests.client_credentials().await,
        }
    }
}

impl Shared {
    pub(super) async fn lock(&self) -> Result<StoreLock> {
        match timeout(LONGEST_LOCK, self.store.lock(&self.key)).await {
            Ok(lock) => lock,
            Err(_) => Err(failure(
                ErrorKind::Unavailable,
                Delivery::NotSent,
                "another process has held the lock of the token store for minutes",
                "Look for a program that hangs while it signs in, or that has left a renewal half-way (`Session::finish_renewal`), and end it.",
            )
            .into()),
        }
    }

    /// The next tokens: those that somebody else has stored meanwhile, or else those of one token request.
    pub(super) async fn renew(&self, stale: Option<&AccessToken>) -> Result<Tokens, Failure> {
        self.renewed(stale).await.map_err(sf_core::Error::into_failure)
    }

    async fn renewed(&self, stale: Option<&AccessToken>) -> Result<Tokens> {
        let _lock = self.lock().await?;
        if self.state().signed_out {
            return Err(signed_out());
        }
        if let Some(tokens) = self.save_waiting().await? {
            return Ok(tokens);
        }
        let mut sent = 0;
        loop {
            // Read anew each time: "already being processed" means that somebody without this lock refreshes.
            let (stored, seen) = self.stored().await?;
            if let Some(token) = stored.access_token()
                && stale.is_none_or(|refused| refused.expose() != token.expose())
                && self.state().tokens.access_token().is_none_or(|own| own.expose() != token.expose())
            {
                return Ok(taken_over(stored));
            }
            let (base, refresh) = match self.renewal {
                Renewal::Refresh => self.living(stored),
                _ => (Tokens::default(), None),
            };
            if matches!(self.renewal, Renewal::Refresh) && refresh.is_none() {
                return Err(self.last_words());
            }
            sent += 1;
            let failure = match self.renewal.request(&self.requests, refresh.as_ref()).await {
                Ok(newer) => {
                    trace::token(sent, None);
                    let tokens = base.renewed_by(newer);
                    self.keep(&tokens, seen, Over::Own).await?;
                    return Ok(tokens);
                }
                Err(e) => e.into_failure(),
            };
            trace::token(sent, Some(&failure));
            if let Some(refresh) = refresh.filter(|_| failure.code == Some(ErrorCode::InvalidGrant)) {
                // Perhaps there is another one: given by the host, or stored a moment ago.
                self.state().dead.push((refresh, failure));
                sent = 0;
                continue;
            }
            // A lost answer may have rotated the token: a second request with the old one would revoke the session, so that
            // is left to the caller's next call. The other flows present nothing that a repeat could hurt.
            let rotates = matches!(self.renewal, Renewal::Refresh);
            let safety = if rotates { Safety::Once } else { Safety::Read };
            match retry::wait_before_next(&failure, safety, sent, Some(ATTEMPTS)) {
                Some(wait) => sleep(wait).await,
                None => return Err(failure.into()),
            }
        }
    }

    /// What is stored under the key, with its revision. What is there of another user is none of this session's business: it neither uses
    /// nor replaces it.
    async fn stored(&self) -> Result<(Tokens, Option<u64>)> {
        match self.store.load(&self.key).await? {
            Some(stored) if self.is_anothers(&stored.tokens) => Err(self.another_user(&stored.tokens)),
            Some(stored) => Ok((stored.tokens, Some(stored.revision))),
            None => Ok((Tokens::default(), None)),
        }
    }

    pub(super) fn is_anothers(&self, stored: &Tokens) -> bool {
        // The other flows have entries for one user each.
        if !matches!(self.renewal, Renewal::Refresh) {
            return false;
        }
        let state = self.state();
        let own = state.unsaved.as_ref().map_or(&state.tokens, |unsaved| &unsaved.tokens);
        let takes_anybody = self.began_empty && own.user_id().is_none();
        !takes_anybody && own.is_contradicted_by(stored)
    }

    fn another_user(&self, stored: &Tokens) -> sf_core::Error {
        let account = self.key.account();
        let what = if self.state().tokens.is_known_beside(stored) {
            format!("under the account `{account}` the token store has the sign-in of another user")
        } else {
            format!(
                "under the account `{account}` the token store has a sign-in that these tokens are not known to be from: of another user, or \
                 of the same one at another time"
            )
        };
        setup(
            what,
            "Give each user a name of their own by `App::account`. For the same user, say so with `Tokens::with_identity_url`, or end the \
             stored sign-in first (`App::stored_session`, `Session::sign_out`).",
        )
    }

    /// The tokens of an earlier token request, if they could not be stored then and can be now.
    async fn save_waiting(&self) -> Result<Option<Tokens>> {
        let Some(Unsaved { tokens, seen }) = self.state().unsaved.clone() else { return Ok(None) };
        let (_, found) = self.stored().await?;
        if found == seen {
            self.keep(&tokens, seen, Over::Own).await?;
            return Ok(Some(tokens));
        }
        if found.is_none() {
            // The user has signed out elsewhere, where nobody knew of these.
            let token = tokens.refresh_token().map(Secret::expose);
            if let Some(token) = token.or(tokens.access_token().map(AccessToken::expose)) {
                self.requests.revoke(token).await?;
            }
            *self.state() = State::signed_out();
            return Err(signed_out());
        }
        // A later sign-in has been stored meanwhile.
        let mut state = self.state();
        state.unsaved = None;
        state.tokens = tokens;
        Ok(None)
    }

    /// The tokens to build on and a refresh token that is not known to be dead: the stored ones first, they are the newer ones.
    fn living(&self, stored: Tokens) -> (Tokens, Option<Secret>) {
        let state = self.state();
        let alive = |token: &&Secret| !state.dead.iter().any(|(dead, _)| dead == *token);
        let own = state.tokens.clone();
        match (stored.refresh_token().filter(alive), own.refresh_token().filter(alive)) {
            (Some(refresh), _) => (stored.clone(), Some(refresh.clone())),
            (None, Some(refresh)) => (own.clone(), Some(refresh.clone())),
            (None, None) => (own, None),
        }
    }

    fn last_words(&self) -> sf_core::Error {
        match self.state().dead.last() {
            Some((_, failure)) => failure.clone().into(),
            None => nothing_known(),
        }
    }

    /// Stores the newest tokens over those of the revision `seen`, or keeps them in mind until that works.
    pub(super) async fn keep(&self, tokens: &Tokens, mut seen: Option<u64>, over: Over) -> Result<()> {
        for _ in 0..SWAPS {
            self.state().unsaved = Some(Unsaved { tokens: tokens.clone(), seen });
            if self.store.swap(&self.key, seen, Some(tokens)).await?.is_some() {
                self.state().unsaved = None;
                return Ok(());
            }
            seen = match over {
                Over::Anybody => self.store.load(&self.key).await?.map(|stored| stored.revision),
                Over::Own => self.stored().await?.1,
            };
        }
        Err(failure(
            ErrorKind::Unavailable,
            Delivery::NotSent,
            "the new tokens could not be stored: others write the same entry all the time",
            "Let every program that uses the token store take its lock before it writes.",
        )
        .into())
    }
}

/// Somebody else got them, some time ago: the access token may have expired as well.
pub(super) fn taken_over(mut tokens: Tokens) -> Tokens {
    tokens.access = tokens.access.map(AccessToken::of_unknown_age);
    tokens
}

fn signed_out() -> sf_core::Error {
    not_signed_in(
        "this session was signed out",
        "Let the user sign in again, and use the session of that sign-in.",
    )
}
