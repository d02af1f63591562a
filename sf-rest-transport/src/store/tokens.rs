use serde::{Deserialize, Serialize};
use sf_core::{AccessToken, Secret, SfId};
use std::fmt;

/// Whose tokens: the login host, the app, and a name for the account, which stands for one user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TokenKey {
    login_url: String,
    client_id: String,
    account: String,
}

impl TokenKey {
    /// A key of its parts.
    pub fn new(
        login_url: impl Into<String>,
        client_id: impl Into<String>,
        account: impl Into<String>,
    ) -> TokenKey {
        TokenKey { login_url: login_url.into(), client_id: client_id.into(), account: account.into() }
    }
    /// Scheme and host of the login server.
    pub fn login_url(&self) -> &str {
        &self.login_url
    }
    /// The app's consumer key.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }
    /// The name the program gave the account; `default` unless it gave one. For client credentials it begins with `client-credentials:`, for JWT bearer it
    /// is `jwt:` and the user name, with `/` and the account's if it has one.
    pub fn account(&self) -> &str {
        &self.account
    }
}

/// What a sign-in gave: a refresh token, an access token, or both.
///
/// ```
/// use sf_rest_transport::Tokens;
///
/// let tokens = Tokens::refresh("5Aep861…").with_access("00D5e!AQ8…", "https://acme.my.salesforce.com");
/// assert_eq!(tokens.instance_url(), Some("https://acme.my.salesforce.com"));
/// assert!(!format!("{tokens:?}").contains("5Aep861"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Tokens {
    pub(crate) access: Option<AccessToken>,
    pub(crate) refresh: Option<Secret>,
    pub(crate) identity_url: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) rotated_from: Vec<Secret>,
}

/// Of the refresh tokens that were replaced, the first one and the latest: a configuration has the one, a host that saves them now and
/// then has one of the others.
const MOST_ROTATED: usize = 16;

impl Tokens {
    /// A refresh token that somebody else obtained.
    pub fn refresh(refresh_token: impl Into<String>) -> Tokens {
        Tokens { refresh: Some(Secret::new(refresh_token)), ..Tokens::default() }
    }
    /// An access token alone, for the org at its instance URL.
    pub fn access(access_token: impl Into<String>, instance_url: impl Into<String>) -> Tokens {
        Tokens::default().with_access(access_token, instance_url)
    }
    /// The same with an access token: it is used until the org refuses it.
    pub fn with_access(mut self, access_token: impl Into<String>, instance_url: impl Into<String>) -> Tokens {
        self.access = Some(AccessToken::new(access_token, instance_url));
        self
    }
    /// The same with the identity URL (`id` of the token answer): whose the tokens are.
    pub fn with_identity_url(mut self, url: impl Into<String>) -> Tokens {
        self.identity_url = Some(url.into());
        self
    }
    /// The same with the scopes that were granted, separated by spaces.
    pub fn with_scope(mut self, scope: impl Into<String>) -> Tokens {
        self.scope = Some(scope.into());
        self
    }
    /// The same with the refresh tokens that came before, the oldest first; see [`rotated_from`](Tokens::rotated_from).
    pub fn with_rotated_from<T: Into<String>>(mut self, earlier: impl IntoIterator<Item = T>) -> Tokens {
        self.rotated_from = earlier.into_iter().map(Secret::new).collect();
        self
    }

    /// The access token, with the host that it is for.
    pub fn access_token(&self) -> Option<&AccessToken> {
        self.access.as_ref()
    }
    /// The refresh token.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh.as_ref()
    }
    /// Where the org is.
    pub fn instance_url(&self) -> Option<&str> {
        self.access.as_ref().map(AccessToken::instance_url)
    }
    /// `https://login.salesforce.com/id/00D…/005…`: the org and the user of the sign-in.
    pub fn identity_url(&self) -> Option<&str> {
        self.identity_url.as_deref()
    }
    /// The granted scopes, separated by spaces, in no particular order.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }
    /// The user's earlier refresh tokens that the app has rotated away or a later sign-in replaced: the first one and the latest 15. They
    /// are dead; a program that is started with one of them is known by it.
    pub fn rotated_from(&self) -> &[Secret] {
        &self.rotated_from
    }
    /// The org, from the identity URL.
    pub fn org_id(&self) -> Option<SfId> {
        self.identity_part(1)
    }
    /// The user, from the identity URL.
    pub fn user_id(&self) -> Option<SfId> {
        self.identity_part(0)
    }
    fn identity_part(&self, from_end: usize) -> Option<SfId> {
        SfId::new(self.identity_url.as_deref()?.rsplit('/').nth(from_end)?).ok()
    }

    fn who(&self) -> Option<(SfId, SfId)> {
        self.org_id().zip(self.user_id())
    }
    /// Whether stored tokens have to be taken for those of another user than the one these are of.
    pub(crate) fn is_contradicted_by(&self, stored: &Tokens) -> bool {
        match (self.who(), stored.who()) {
            (Some(own), Some(other)) => own != other,
            // Asking the org who this is would present a refresh token that may be an old one: the user's sessions would end.
            (None, Some(_)) => {
                !self.refresh_tokens().any(|own| stored.refresh_tokens().any(|other| other == own))
            }
            (_, None) => false,
        }
    }
    /// Whether both are known to be of one user, or not.
    pub(crate) fn is_known_beside(&self, stored: &Tokens) -> bool {
        self.who().is_some() && stored.who().is_some()
    }
    fn refresh_tokens(&self) -> impl Iterator<Item = &Secret> {
        self.rotated_from.iter().chain(&self.refresh)
    }

    /// These, of a new sign-in, in the place of those: a program that is started with an older token of the same user is still known.
    pub(crate) fn in_place_of(mut self, replaced: &Tokens) -> Tokens {
        if self.who().is_some() && self.who() == replaced.who() {
            self.rotated_from = replaced.refresh_tokens().cloned().collect();
            self.forget_some();
        }
        self
    }
    fn forget_some(&mut self) {
        self.rotated_from.retain(|earlier| Some(earlier) != self.refresh.as_ref());
        let surplus = self.rotated_from.len().saturating_sub(MOST_ROTATED);
        self.rotated_from.drain(1.min(surplus)..1.min(surplus) + surplus);
    }

    /// A later token answer laid over these: what it does not name stays (a refresh without rotation names no refresh token).
    pub(crate) fn renewed_by(&self, newer: Tokens) -> Tokens {
        let rotated_from = match &newer.refresh {
            Some(_) => self.refresh_tokens().cloned().collect(),
            None => self.rotated_from.clone(),
        };
        let mut tokens = Tokens {
            rotated_from,
            access: newer.access.or_else(|| self.access.clone()),
            refresh: newer.refresh.or_else(|| self.refresh.clone()),
            identity_url: newer.identity_url.or_else(|| self.identity_url.clone()),
            scope: newer.scope.or_else(|| self.scope.clone()),
        };
        tokens.forget_some();
        tokens
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("access", &self.access)
            .field("refresh", &self.refresh)
            .field("identity_url", &self.identity_url)
            .field("scope", &self.scope)
            .field("rotated_from", &self.rotated_from)
            .finish()
    }
}

/// Tokens as a store holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredTokens {
    /// The tokens.
    pub tokens: Tokens,
    /// Which writing of this key they are; see [`TokenStore::swap`](crate::TokenStore::swap).
    pub revision: u64,
}

impl StoredTokens {
    /// Tokens and their revision.
    pub fn new(tokens: Tokens, revision: u64) -> StoredTokens {
        StoredTokens { tokens, revision }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_url_names_org_and_user() {
        let tokens = Tokens::refresh("r")
            .with_identity_url("https://login.salesforce.com/id/00D5e000000ZyXwEAK/0055e000001AbCdAAK");
        assert_eq!(tokens.org_id().unwrap().as_str(), "00D5e000000ZyXwEAK");
        assert_eq!(tokens.user_id().unwrap().as_str(), "0055e000001AbCdAAK");
        assert_eq!(Tokens::refresh("r").with_identity_url("https://x/").org_id(), None);
        assert_eq!(Tokens::refresh("r").user_id(), None);
    }

    #[test]
    fn a_refresh_answer_without_a_refresh_token_keeps_the_old_one() {
        let old = Tokens::refresh("r1").with_access("a1", "https://one").with_scope("api");
        let kept = old.renewed_by(Tokens::access("a2", "https://two"));
        assert_eq!(kept, Tokens::refresh("r1").with_access("a2", "https://two").with_scope("api"));
        let rotated = old.renewed_by(Tokens::refresh("r2").with_access("a3", "https://one"));
        assert_eq!(rotated.refresh_token().unwrap().expose(), "r2");
        let earlier = |tokens: &Tokens| {
            tokens.rotated_from().iter().map(|token| token.expose().to_owned()).collect::<Vec<_>>()
        };
        assert!(kept.rotated_from().is_empty());
        let mut long = old.clone();
        for n in 2..=40 {
            long = long.renewed_by(Tokens::refresh(format!("r{n}")));
            // The same one again is no rotation.
            long = long.renewed_by(Tokens::refresh(format!("r{n}")));
        }
        let latest = (25..=39).map(|n| format!("r{n}"));
        assert_eq!(earlier(&long), ["r1".to_owned()].into_iter().chain(latest).collect::<Vec<_>>());
        assert_eq!(earlier(&rotated.renewed_by(Tokens::refresh("r3"))), ["r1", "r2"]);
    }

    #[test]
    fn stored_tokens_of_another_or_of_who_knows_whom_are_told_from_ones_own() {
        let of = |refresh: &str, user: &str| {
            let url = format!("https://login.salesforce.com/id/00D5e000000ZyXwEAK/{user}");
            Tokens::refresh(refresh).with_identity_url(url)
        };
        let (alice, bob) = (of("a1", "0055e000001AbCdAAK"), of("b1", "0055e000001AbCeAAK"));
        let rotated = alice.renewed_by(Tokens::refresh("a2")).renewed_by(Tokens::refresh("a3"));
        let again = of("a8", "0055e000001AbCdAAK").in_place_of(&rotated);
        for (own, stored, contradicted) in [
            (&alice, &bob, true),
            (&alice, &of("a9", "0055e000001AbCd"), false),
            (&Tokens::refresh("b1"), &alice, true),
            (&Tokens::refresh("a1"), &alice, false),
            (&Tokens::refresh("a1"), &rotated, false),
            (&Tokens::refresh("a2"), &rotated, false),
            (&Tokens::refresh("a0"), &rotated, true),
            (&Tokens::refresh("a2"), &again, false),
            (&Tokens::refresh("a3"), &again, false),
            (&Tokens::refresh("b1"), &again, true),
            (&Tokens::refresh("a1"), &bob.clone().in_place_of(&rotated), true),
            (&Tokens::access("b", "https://x"), &alice, true),
            (&alice, &Tokens::refresh("x"), false),
            (&Tokens::refresh("y"), &Tokens::refresh("x"), false),
        ] {
            assert_eq!(own.is_contradicted_by(stored), contradicted, "{own:?} {stored:?}");
        }
    }
}
