use super::{
    code::AuthorizationCode,
    device::DeviceSignIn,
    renew::{self, Renewal, taken_over},
    requests::Requests,
    session::Session,
};
use crate::{
    address::Origin,
    fault::{invalid, setup},
    network::Network,
    store::{MemoryTokenStore, TokenKey, TokenStore, Tokens},
};
use sf_core::{Result, Secret};
use std::{fmt, sync::Arc};

/// An app (external client app or connected app) at a login host, and every way to sign in with it.
///
/// | flow | for | how |
/// | --- | --- | --- |
/// | authorization code with PKCE | a person with a browser on this machine, or a web server | [`authorization_code`](App::authorization_code) |
/// | device | a person with a browser elsewhere | [`device`](App::device) |
/// | JWT bearer | a server, as a user that an administrator has approved | `jwt` (feature `jwt`) |
/// | client credentials | a server, as the app's run-as user | [`client_credentials`](App::client_credentials) |
/// | refresh token | who has signed in before | [`session`](App::session), [`stored_session`](App::stored_session) |
///
/// The login host is [`App::PRODUCTION`], [`App::SANDBOX`], the org's My Domain URL or any other https URL. There is no SOAP login and no
/// password flow: Salesforce blocks the one in new orgs and ends the other (API version 65).
///
/// ```no_run
/// use sf_rest_transport::{App, FileTokenStore, Rest, StoreKey};
///
/// # async fn example() -> sf_core::Result<()> {
/// let app = App::new(App::PRODUCTION, "3MVG9…")
///     .store(FileTokenStore::open("tokens", StoreKey::from_env("CX_DESK_TOKEN_KEY")?)?);
/// // Signed in before? Else open a browser.
/// let session = match app.stored_session().await? {
///     Some(session) => session,
///     None => app.authorization_code().sign_in(|url| println!("Open {url}")).await?,
/// };
/// let org = sf_core::Org::new(Rest::with_credentials(session).connect()?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct App {
    login_url: String,
    client_id: String,
    client_secret: Option<Secret>,
    scopes: Vec<String>,
    account: Option<String>,
    network: Network,
    store: Option<Arc<dyn TokenStore>>,
}

impl App {
    /// Production orgs, developer editions and Trailhead playgrounds.
    pub const PRODUCTION: &'static str = "https://login.salesforce.com";
    /// Sandboxes and scratch orgs.
    pub const SANDBOX: &'static str = "https://test.salesforce.com";

    /// The app with this consumer key at a login host. The settings are checked when a flow begins.
    pub fn new(login_url: impl Into<String>, client_id: impl Into<String>) -> App {
        App {
            login_url: login_url.into(),
            client_id: client_id.into(),
            client_secret: None,
            scopes: vec!["api".to_owned(), "refresh_token".to_owned()],
            account: None,
            network: Network::new(),
            store: None,
        }
    }
    /// The consumer secret, for apps that require one. A program that is given to others cannot keep one: let such an app not require it.
    pub fn client_secret(mut self, secret: impl Into<String>) -> App {
        self.client_secret = Some(Secret::new(secret));
        self
    }
    /// What the app asks for; `api refresh_token` unless set. Without `refresh_token` a session ends with its access token.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> App {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }
    /// Where tokens are kept and shared. Unless set, each session keeps its own in memory, shared with its clones only, and there is no
    /// [`stored_session`](App::stored_session).
    ///
    /// In a store, what has the same [`account`](App::account) is one user's: its sessions, in all processes, take each other's newer tokens
    /// over. A program with several users gives each a name.
    pub fn store(mut self, store: impl TokenStore) -> App {
        self.store = Some(Arc::new(store));
        self
    }
    /// The name of the user's entry in the store, `default` unless set. **One name for each user** (their id in your program): set it
    /// before the sign-in or the session begins, and again before [`stored_session`](App::stored_session). It must not begin with `jwt:` or
    /// `client-credentials:`, where those flows have their entries.
    ///
    /// Without it a sign-in replaces whoever is stored. A session never becomes the other user: its calls end with an error of kind `Setup`
    /// when it needs a new token and finds another user's under its name. [`Tokens::org_id`] and [`Tokens::user_id`] tell. Given tokens
    /// that name no user are the stored user's when the refresh token is the stored one or an earlier one of theirs ([`Tokens::rotated_from`]), and else
    /// another's. An entry that names no user is taken for its own by every session.
    ///
    /// ```
    /// use sf_rest_transport::{App, MemoryTokenStore, Tokens};
    ///
    /// let app = App::new(App::PRODUCTION, "3MVG9…").store(MemoryTokenStore::new());
    /// for (user, token) in [("avery", "5Aep861…"), ("blake", "5Aep862…")] {
    ///     let session = app.clone().account(user).session(Tokens::refresh(token))?;
    ///     assert_eq!(session.key().account(), user);
    /// }
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn account(mut self, name: impl Into<String>) -> App {
        self.account = Some(name.into());
        self
    }
    /// Proxy, certificates and headers of the requests to the login host.
    pub fn network(mut self, network: Network) -> App {
        self.network = network;
        self
    }
    /// Plain http to a login host on this machine, for the simulated org.
    pub fn allow_loopback_http(mut self) -> App {
        self.network = self.network.allow_loopback_http();
        self
    }

    /// The web server flow with PKCE, for a person with a browser.
    pub fn authorization_code(&self) -> AuthorizationCode {
        AuthorizationCode::new(self.clone())
    }

    /// Asks for a code that a person types into a browser on any device.
    ///
    /// # Errors
    /// Bad settings, or the login host refuses: the app's device flow is not enabled.
    pub async fn device(&self) -> Result<DeviceSignIn> {
        DeviceSignIn::start(self).await
    }

    /// Signs in as the run-as user of the app, by the app's secret. No network yet.
    ///
    /// # Errors
    /// `Setup` without a secret, and at `login.salesforce.com` and `test.salesforce.com`, which do not take this flow: it needs the
    /// org's My Domain URL (Salesforce Help, OAuth 2.0 Client Credentials Flow).
    pub fn client_credentials(&self) -> Result<Session> {
        if self.client_secret.is_none() {
            return Err(setup(
                "client credentials need the consumer secret of the app",
                "Give it with `App::client_secret`.",
            ));
        }
        let requests = self.requests()?;
        if requests.login().is_shared_login_host() {
            return Err(setup(
                format!("{} does not take client credentials", requests.login()),
                "Use the org's My Domain URL as login host, for example `https://acme.my.salesforce.com`.",
            ));
        }
        Ok(self.build(requests, Renewal::ClientCredentials, Tokens::default()))
    }

    /// Signs in as a user, by assertions that are signed with the private key of the app's certificate. No network yet.
    ///
    /// # Errors
    /// Bad settings; a key that is no RSA key in PEM shows in [`Jwt::new`](crate::Jwt::new).
    #[cfg(feature = "jwt")]
    pub fn jwt(&self, jwt: crate::Jwt) -> Result<Session> {
        let requests = self.requests()?;
        let signer = jwt.signer(&self.client_id, &requests.login().to_string());
        Ok(self.build(requests, Renewal::Jwt(signer), Tokens::default()))
    }

    /// A session of tokens that somebody else obtained. What the store has of the same user goes before: it is newer; what it has of another
    /// one is an error of the calls, see [`account`](App::account). No network yet.
    ///
    /// Two sessions of one refresh token renew without knowing of each other unless they have a store in common; where the app rotates
    /// refresh tokens that ends both. Clone the session instead.
    ///
    /// # Errors
    /// `InvalidInput` for a bad login URL or an empty client id; `Setup` for an empty refresh token, for http to this machine without
    /// [`allow_loopback_http`](App::allow_loopback_http), or when TLS is not available.
    ///
    /// ```
    /// use sf_rest_transport::{App, Rest, Tokens};
    ///
    /// let session = App::new(App::PRODUCTION, "3MVG9…").session(Tokens::refresh("5Aep861…"))?;
    /// let transport = Rest::with_credentials(session).connect()?;
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn session(&self, tokens: Tokens) -> Result<Session> {
        if tokens.refresh_token().is_some_and(|token| token.expose().trim().is_empty()) {
            return Err(setup(
                "the refresh token is empty",
                "Let the user sign in with the scope `refresh_token`, and give the token of that answer.",
            ));
        }
        Ok(self.build(self.requests()?, Renewal::Refresh, tokens))
    }

    /// The session of the person whose tokens are in the store under the [`account`](App::account), `None` when nobody has signed in. What
    /// `jwt` and [`client_credentials`](App::client_credentials) have stored is not meant: those flows begin anew.
    ///
    /// # Errors
    /// Bad settings, or a store that cannot be read.
    pub async fn stored_session(&self) -> Result<Option<Session>> {
        let requests = self.requests()?;
        let Some(store) = &self.store else { return Ok(None) };
        let stored = store.load(&self.key(&requests, &Renewal::Refresh)).await?;
        Ok(stored.map(|stored| self.build(requests, Renewal::Refresh, taken_over(stored.tokens))))
    }

    /// Whether a session's tokens are found by others.
    pub(super) fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// The session of a sign-in that has just succeeded, its tokens stored.
    pub(super) async fn signed_in(&self, requests: Arc<Requests>, tokens: Tokens) -> Result<Session> {
        let session = self.build(requests, Renewal::Refresh, tokens);
        session.keep_first().await?;
        Ok(session)
    }

    fn build(&self, requests: impl Into<Arc<Requests>>, renewal: Renewal, tokens: Tokens) -> Session {
        let requests = requests.into();
        let key = self.key(&requests, &renewal);
        // Of its own: two sessions are two users unless a store says that they share.
        let store = self.store.clone().unwrap_or_else(|| Arc::new(MemoryTokenStore::new()));
        Session::new(requests, renewal, store, key, tokens)
    }

    fn key(&self, requests: &Requests, renewal: &Renewal) -> TokenKey {
        let account = renewal.entry(self.account.as_deref());
        TokenKey::new(requests.login().to_string(), &self.client_id, account)
    }

    pub(super) fn requests(&self) -> Result<Requests> {
        let login = Origin::parse(&self.login_url, self.network.allows_loopback_http())?;
        if self.client_id.trim().is_empty() {
            return Err(invalid("the client id is empty", "Give the consumer key of the app."));
        }
        if self.account.as_deref().is_some_and(renew::is_reserved) {
            return Err(invalid(
                "the name of the account begins like those of JWT bearer and client credentials",
                "Choose one that does not begin with `jwt:` or `client-credentials:`.",
            ));
        }
        let http = self.network.client()?;
        Requests::new(http, login, &self.client_id, self.client_secret.as_ref(), &self.scopes)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("scopes", &self.scopes)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}
