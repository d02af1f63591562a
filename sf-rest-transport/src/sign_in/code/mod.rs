//! Authorization code with PKCE.
mod listener;
mod page;

use super::{app::App, grant, requests::Requests, session::Session};
use crate::fault::{failure, invalid, not_signed_in};
use listener::Listener;
use oauth2::{CsrfToken, PkceCodeVerifier, RedirectUrl};
use sf_core::{Delivery, ErrorKind, Result};
use std::{fmt, sync::Arc, time::Duration};
use url::Url;

/// What the `sf` command's own app has registered, and what its documentation tells others to register.
const DEFAULT_CALLBACK: &str = "http://localhost:1717/OauthRedirect";

/// Signing in with a browser: the web server flow with PKCE (Salesforce Help, OAuth 2.0 Web Server Flow; RFC 7636, S256).
///
/// [`sign_in`](AuthorizationCode::sign_in) does it all on this machine: it listens on the callback URL, lets you open the browser, waits
/// for the user, and gives the session. A web server that has a callback of its own takes [`begin`](AuthorizationCode::begin) and
/// [`PendingSignIn::finish`]; so does a program that lets the user paste the URL they ended at.
#[derive(Debug, Clone)]
#[must_use]
pub struct AuthorizationCode {
    app: App,
    callback: String,
    timeout: Duration,
    parameters: Vec<(String, String)>,
}

impl AuthorizationCode {
    pub(super) fn new(app: App) -> AuthorizationCode {
        AuthorizationCode {
            app,
            callback: DEFAULT_CALLBACK.to_owned(),
            timeout: Duration::from_secs(300),
            parameters: Vec::new(),
        }
    }
    /// The callback URL, exactly as the app has it registered (case and slash at the end too); `http://localhost:1717/OauthRedirect` unless
    /// set. Port 0 takes a free port, for servers that do not compare it.
    pub fn callback(mut self, url: impl Into<String>) -> AuthorizationCode {
        self.callback = url.into();
        self
    }
    /// How long [`sign_in`](AuthorizationCode::sign_in) waits for the user; five minutes unless set.
    pub fn timeout(mut self, timeout: Duration) -> AuthorizationCode {
        self.timeout = timeout;
        self
    }
    /// The user name that the login page starts with.
    pub fn login_hint(self, username: impl Into<String>) -> AuthorizationCode {
        self.parameter("login_hint", username)
    }
    /// Another parameter of the authorization request: `prompt` (`login`, `consent`, `select_account`), `display`, `nonce`.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> AuthorizationCode {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Signs in on this machine. `open` gets the URL that the user's browser must show: open it, or print it. The callback is served on
    /// loopback only, once, for this one sign-in (a random `state` tells), and the user sees a page that says how it went.
    ///
    /// Dropping the future frees the port and gives the sign-in up; from the moment the user is back it is as with
    /// [`PendingSignIn::finish`].
    ///
    /// # Errors
    /// `InvalidInput` for a callback that is not on this machine; `Setup` when its port is taken; `Timeout` when the user does not
    /// come back; `NotSignedIn` when they deny (code `access_denied`); and those of the token request.
    pub async fn sign_in(self, open: impl FnOnce(&Url)) -> Result<Session> {
        let timeout = self.timeout;
        let (listener, callback) = Listener::bind(&self.callback).await?;
        let pending = self.callback(callback).begin()?;
        open(pending.url());
        let waiting = listener.wait(&pending);
        let Ok(redirect) = tokio::time::timeout(timeout, waiting).await else {
            return Err(failure(
                ErrorKind::Timeout,
                Delivery::NotSent,
                "nobody came back from the browser in time",
                "Start the sign-in again; raise `AuthorizationCode::timeout` if people need longer.",
            )
            .into());
        };
        pending.finish(redirect.as_str()).await
    }

    /// The first half: the URL to send the user to. Keep the value until they come back.
    ///
    /// # Errors
    /// Bad settings of the app, or a callback that is no URL.
    ///
    /// ```
    /// use sf_rest_transport::App;
    ///
    /// let app = App::new("https://acme.my.salesforce.com", "3MVG9…");
    /// let pending = app.authorization_code().callback("https://desk.acme.example/callback").begin()?;
    /// assert!(pending.url().as_str().starts_with("https://acme.my.salesforce.com/services/oauth2/authorize?response_type=code&client_id=3MVG9"));
    /// assert!(pending.url().as_str().contains("&code_challenge_method=S256&"));
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn begin(&self) -> Result<PendingSignIn> {
        let redirect = RedirectUrl::new(self.callback.clone()).map_err(|_| {
            invalid(
                "the callback is not a URL",
                "Give it as it is registered, for example `http://localhost:1717/OauthRedirect`.",
            )
        })?;
        let requests = self.app.requests()?;
        let (mut url, state, verifier) = requests.authorize_url(&redirect);
        url.query_pairs_mut().extend_pairs(&self.parameters);
        Ok(PendingSignIn { app: self.app.clone(), requests, redirect, url, state, verifier })
    }
}

/// A sign-in that waits for the user to come back. It can be finished once.
pub struct PendingSignIn {
    app: App,
    requests: Requests,
    redirect: RedirectUrl,
    url: Url,
    state: CsrfToken,
    verifier: PkceCodeVerifier,
}

impl PendingSignIn {
    /// Where to send the user.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The random `state` of this sign-in: a web server finds by it which of several it is.
    pub fn state(&self) -> &str {
        self.state.secret()
    }

    /// The second half: exchanges the code in the URL that the user was sent back to.
    ///
    /// It goes to its end as a task of the runtime, so that no grant is left at the org that nobody has the tokens of. Dropping the future
    /// while the login host is asked gives the sign-in up: what it grants is revoked, if it can be reached for that, and who was stored before
    /// stays. Once the tokens are there and the app has a [`store`](App::store), the user is signed in, dropped or not:
    /// [`App::stored_session`] finds them. Without a store only the session has them, so what is dropped before it comes is revoked, and
    /// so is what a store could not keep.
    /// A runtime that ends meanwhile ends this too, wherever it stands.
    ///
    /// # Errors
    /// `NotSignedIn` when the user has denied (code `access_denied`) or the code is too old; `InvalidInput` for a URL of another sign-in
    /// (another `state`) or without a code; and those of the token request and of the store.
    pub async fn finish(self, redirected_to: &str) -> Result<Session> {
        let code = self.code(redirected_to)?;
        let requests = Arc::new(self.requests);
        let asked = {
            let requests = requests.clone();
            async move { requests.exchange_code(code, &self.redirect, self.verifier).await }
        };
        grant::take(self.app, requests, asked).await?
    }

    /// The code, decoded once: it ends in `==`, which comes as `%3D%3D`.
    fn code(&self, redirected_to: &str) -> Result<String> {
        let url = Url::parse(redirected_to.trim()).map_err(|_| {
            invalid("what the user came back with is not a URL", "Pass the whole URL on, with its query.")
        })?;
        let parameter =
            |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned());
        if !self.owns(&url) {
            return Err(invalid(
                "the answer belongs to another sign-in",
                "Finish the sign-in that was begun last; if nobody began another one, somebody has tampered with the link.",
            ));
        }
        if let Some(error) = parameter("error") {
            let said = parameter("error_description").unwrap_or_default();
            let mut denied = not_signed_in(
                format!("the login host refused: {error} {said}").trim_end(),
                "Let the user allow access, or check the app's callback URL, scopes and policies.",
            )
            .into_failure();
            denied.code = Some(error.as_str().into());
            denied.delivery = Delivery::Refused;
            return Err(denied.into());
        }
        parameter("code").filter(|code| !code.is_empty()).ok_or_else(|| {
            invalid("the URL holds no code", "Pass the whole URL on that the login host redirected to.")
        })
    }

    /// Compares the state without telling by the time how much of it is right.
    fn owns(&self, url: &Url) -> bool {
        let state = url.query_pairs().find(|(name, _)| name == "state");
        let given = state.map(|(_, value)| sf_core::Secret::new(value));
        given.is_some_and(|given| given == sf_core::Secret::new(self.state.secret().as_str()))
    }
}

impl fmt::Debug for PendingSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingSignIn").field("callback", &self.redirect.as_str()).finish_non_exhaustive()
    }
}
