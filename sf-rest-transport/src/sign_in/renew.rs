//! Getting the next access token: who asks, what is looked at first, and what is stored before it is used.
use super::{
    requests::Requests,
    session::{Shared, nothing_known},
};
use crate::{
    fault::failure,
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

impl Renewal {
    async fn request(&self, requests: &Requests, refresh: Option<&Secret>) -> Result<Tokens> {
        match self {
            Renewal::Refresh => match refresh {
                Some(token) => requests.refresh(token).await,
                None => Err(nothing_known()),
            },
            #[cfg(feature = "jwt")]
            Renewal::Jwt(signer) => requests.assertion(&signer.assertion()?).await,
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
                "Look for a program that hangs while it signs in, and end it.",
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
        let waiting = self.state().unsaved.clone();
        if let Some(tokens) = waiting {
            self.keep(&tokens).await?;
            return Ok(tokens);
        }
        let mut sent = 0;
        loop {
            // Read anew each time: "already being processed" means that somebody without this lock refreshes.
            let stored = self.store.load(&self.key).await?.map(|stored| stored.tokens).unwrap_or_default();
            if let Some(token) = stored.access_token()
                && stale.is_none_or(|refused| refused.expose() != token.expose())
                && self.state().tokens.access_token().is_none_or(|own| own.expose() != token.expose())
            {
                return Ok(taken_over(stored));
            }
            let (base, refresh) = self.living(stored);
            if matches!(self.renewal, Renewal::Refresh) && refresh.is_none() {
                return Err(self.last_words());
            }
            sent += 1;
            let failure = match self.renewal.request(&self.requests, refresh.as_ref()).await {
                Ok(newer) => {
                    trace::token(sent, None);
                    let tokens = base.renewed_by(newer);
                    self.keep(&tokens).await?;
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
            // is left to the caller's next call.
            let safety = if failure.delivery == Delivery::Unknown { Safety::Once } else { Safety::Read };
            match retry::wait_before_next(&failure, safety, sent, Some(ATTEMPTS)) {
                Some(wait) => sleep(wait).await,
                None => return Err(failure.into()),
            }
        }
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

    /// Stores the newest tokens, or keeps them in mind until that works.
    pub(super) async fn keep(&self, tokens: &Tokens) -> Result<()> {
        self.state().unsaved = Some(tokens.clone());
        for _ in 0..SWAPS {
            let seen = self.store.load(&self.key).await?.map(|stored| stored.revision);
            if self.store.swap(&self.key, seen, Some(tokens)).await?.is_some() {
                self.state().unsaved = None;
                return Ok(());
            }
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
fn taken_over(mut tokens: Tokens) -> Tokens {
    tokens.access = tokens.access.map(AccessToken::of_unknown_age);
    tokens
}
