//! The direct door to sessions, tokens and apps.
use super::{ConnectedApp, vault::Grant};
use crate::{TestOrg, org::Inner};
use serde::Serialize;
use sf_core::{Failure, Result, Timestamp};
use std::fmt;

/// A token that the org has issued, for assertions.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Token {
    /// Access or refresh.
    pub kind: TokenKind,
    /// The token's text.
    pub token: String,
    /// The app it was given to; `None` for a SOAP login.
    pub client_id: Option<String>,
    /// Whose it is, by username (by id where there is no such row).
    pub username: String,
    /// Its scopes, separated by blanks.
    pub scope: String,
    /// When it, or for a refresh token its family, was given.
    pub issued: Timestamp,
    /// Whether it works now.
    pub is_alive: bool,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenKind {
    /// For calls.
    Access,
    /// For new access tokens.
    Refresh,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("Token");
        f.field("kind", &self.kind).field("client_id", &self.client_id).field("username", &self.username);
        f.field("scope", &self.scope).field("is_alive", &self.is_alive).finish_non_exhaustive()
    }
}

impl Inner {
    fn tokens(&self) -> Vec<Token> {
        let now = self.oauth.now;
        let username = |id| self.user(id).map_or_else(|| id.to_string(), |user| user.username);
        let access = self.oauth.vault.sessions().map(|(token, session)| Token {
            kind: TokenKind::Access,
            token: token.clone(),
            client_id: session.client_id.clone(),
            username: username(session.user),
            scope: session.scopes.join(" "),
            issued: session.issued,
            is_alive: !session.is_over(now) && self.may_act(session.user),
        });
        let of_grant = |grant: &Grant, token: &String| {
            let app = self.oauth.apps.get(&grant.client_id);
            let is_late = app.is_none_or(|app| {
                app.refresh_valid_for.is_some_and(|life| now >= grant.issued + life)
                    || app.refresh_unused_for.is_some_and(|life| now >= grant.used + life)
            });
            !grant.is_revoked && grant.is_current(token) && !is_late && self.may_act(grant.user)
        };
        let refresh = self.oauth.vault.grants().flat_map(|(_, grant)| {
            grant.tokens.iter().map(move |token| Token {
                kind: TokenKind::Refresh,
                token: token.clone(),
                client_id: Some(grant.client_id.clone()),
                username: username(grant.user),
                scope: grant.scopes.join(" "),
                issued: grant.issued,
                is_alive: of_grant(grant, token),
            })
        });
        access.chain(refresh).collect()
    }
}

impl TestOrg {
    /// Runs `f` at the org's time and keeps what it changed.
    fn signing<R>(&self, f: impl FnOnce(&mut Inner) -> R) -> R {
        let now = self.now();
        let mut inner = self.lock();
        inner.state.set_now(now);
        inner.oauth.now = now;
        let result = f(&mut inner);
        // A journal that cannot be written says so to the next request.
        let _ = inner.keep_oauth();
        result
    }

    /// Every access token that was not ended and every refresh token ever given, dead ones included, in the order of their issue within
    /// each kind's store (access tokens by text, refresh tokens by family).
    ///
    /// ```
    /// use sf_testorg::{TestOrg, TokenKind};
    ///
    /// let org = TestOrg::empty();
    /// let kinds: Vec<_> = org.tokens().iter().map(|token| (token.kind, token.is_alive)).collect();
    /// assert_eq!(kinds, [(TokenKind::Access, true), (TokenKind::Refresh, true)]);
    /// org.revoke_token(&org.credentials().refresh_token);
    /// assert!(org.tokens().iter().all(|token| !token.is_alive));
    /// ```
    pub fn tokens(&self) -> Vec<Token> {
        self.signing(|inner| inner.tokens())
    }

    /// Ends the session of this access token, as an administrator does in Setup; its refresh token goes on. `false`: there is none.
    pub fn expire_session(&self, access_token: &str) -> bool {
        self.signing(|inner| inner.oauth.vault.end(access_token))
    }

    /// Ends all sessions; refresh tokens go on.
    pub fn expire_sessions(&self) {
        self.signing(|inner| inner.oauth.end_sessions());
    }

    /// Revokes an access token, or a refresh token with all access tokens it gave. `false`: it is dead already.
    pub fn revoke_token(&self, token: &str) -> bool {
        self.signing(|inner| inner.revoke_token(token))
    }

    /// Approves a device that shows this code, as this user.
    ///
    /// # Errors
    /// No device waits with this code; there is no such active user; the user may not use the app.
    pub fn approve_device(&self, user_code: &str, username: &str) -> Result<()> {
        let decided = self.signing(|inner| inner.decide_device(user_code, Some(username)));
        decided.map(drop).map_err(|why| Failure::invalid_input(why).into())
    }

    /// Denies a device that shows this code.
    ///
    /// # Errors
    /// No device waits with this code.
    pub fn deny_device(&self, user_code: &str) -> Result<()> {
        let decided = self.signing(|inner| inner.decide_device(user_code, None));
        decided.map(drop).map_err(|why| Failure::invalid_input(why).into())
    }

    /// Adds a connected app, or replaces the one with its consumer key. A state file does not hold it.
    pub fn add_connected_app(&self, app: ConnectedApp) {
        self.lock().oauth.add(app);
    }

    /// Moves the org to another address, as a migration does: all sessions end, tokens and identities name the new address from now on, and
    /// data requests whose `Host` is the old one are refused ([`OAuthAssumptions::former_host`](crate::OAuthAssumptions::former_host)). A client that
    /// refreshes, at the old address too, learns the new one.
    pub fn move_instance(&self, url: impl Into<String>) {
        let url = url.into();
        self.signing(|inner| inner.oauth.move_to(url));
    }
}
