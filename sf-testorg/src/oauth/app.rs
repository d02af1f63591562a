//! Connected apps: who may ask for tokens, and under which policies.
use super::{assertion::Key, scope};
use crate::Credentials;
use serde::{Deserialize, Serialize};
use sf_core::{Failure, Result};
use std::{fmt, time::Duration};

/// A connected app (an external client app, as new ones are called): its consumer key and its policies. The default is an app that any user
/// may approve, with the scopes `api`, `refresh_token`, `id`, `openid` and `web`, without callback, secret or further policies.
///
/// ```
/// use sf_testorg::{ConnectedApp, Method, Request, TestOrg};
///
/// let app = ConnectedApp::new("3MVG9desk").secret("s3cret").run_as("avery.quinn@example.com");
/// let org = TestOrg::builder().connected_app(app).build();
/// let form = "grant_type=client_credentials&client_id=3MVG9desk&client_secret=wrong";
/// let answer = org.handle(&Request::new(Method::Post, "/services/oauth2/token").form(form));
/// assert_eq!(answer.status, 400);
/// assert_eq!(answer.text(), r#"{"error":"invalid_client","error_description":"invalid client credentials"}"#);
/// ```
///
/// As JSON (for the control path and `--apps`) every method is a key, `{"client_id": "3MVG9desk", "callbacks": ["https://desk.example/cb"]}`;
/// only the client id must be there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectedApp {
    pub(crate) client_id: String,
    #[serde(default)]
    pub(crate) client_secret: Option<String>,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) callbacks: Vec<String>,
    #[serde(default)]
    pub(crate) loopback_callbacks: bool,
    #[serde(default = "default_scopes")]
    pub(crate) scopes: Vec<String>,
    #[serde(default)]
    pub(crate) secret_optional: bool,
    #[serde(default)]
    pub(crate) rotate_refresh_tokens: bool,
    #[serde(default)]
    pub(crate) require_pkce: bool,
    #[serde(default)]
    pub(crate) certificate: Option<Key>,
    #[serde(default)]
    pub(crate) run_as: Option<String>,
    #[serde(default, with = "seconds")]
    pub(crate) refresh_valid_for: Option<Duration>,
    #[serde(default, with = "seconds")]
    pub(crate) refresh_unused_for: Option<Duration>,
    #[serde(default, with = "seconds")]
    pub(crate) session_timeout: Option<Duration>,
    #[serde(default)]
    pub(crate) admin_approved: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) ip_restricted: bool,
}

/// What every org has for the `sf` command.
const PLATFORM_CLI: &str = "PlatformCLI";

fn default_scopes() -> Vec<String> {
    ["refresh_token", "api", "web", "id", "openid"].map(str::to_owned).to_vec()
}

impl ConnectedApp {
    /// An app with this consumer key.
    pub fn new(client_id: impl Into<String>) -> ConnectedApp {
        ConnectedApp {
            client_id: client_id.into(),
            client_secret: None,
            name: None,
            callbacks: Vec::new(),
            loopback_callbacks: false,
            scopes: default_scopes(),
            secret_optional: false,
            rotate_refresh_tokens: false,
            require_pkce: false,
            certificate: None,
            run_as: None,
            refresh_valid_for: None,
            refresh_unused_for: None,
            session_timeout: None,
            admin_approved: None,
            ip_restricted: false,
        }
    }

    /// The app of the `sf` command: no secret, any callback on this machine.
    pub(super) fn platform_cli() -> ConnectedApp {
        let app = ConnectedApp::new(PLATFORM_CLI).name("Salesforce CLI").loopback_callbacks();
        ConnectedApp { scopes: scope::all(), ..app }
    }

    /// The app of [`Credentials::client_id`]: its secret is checked where it is given, its client credentials run as the API user.
    pub(super) fn of_credentials(credentials: &Credentials) -> ConnectedApp {
        let app =
            ConnectedApp::new(&credentials.client_id).secret(&credentials.client_secret).secret_optional();
        app.name("Customer Desk").loopback_callbacks().run_as(&credentials.username)
    }

    /// Its label, which the login page shows (default: the consumer key).
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> ConnectedApp {
        self.name = Some(name.into());
        self
    }

    /// Its consumer secret. From then on the web server flow and the refresh grant must send it, unless [`ConnectedApp::secret_optional`].
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> ConnectedApp {
        self.client_secret = Some(secret.into());
        self
    }

    /// The secret is needed for the client credentials flow only; elsewhere it is checked where it is given ("Require Secret for Web Server
    /// Flow" and "… for Refresh Token Flow" are off).
    #[must_use]
    pub fn secret_optional(mut self) -> ConnectedApp {
        self.secret_optional = true;
        self
    }

    /// One more callback URL; a client must name one of them letter by letter.
    #[must_use]
    pub fn callback(mut self, url: impl Into<String>) -> ConnectedApp {
        self.callbacks.push(url.into());
        self
    }

    /// Every callback on this machine is taken: `http://localhost` and `http://127.0.0.1` with any port and path. No real app has this; tests
    /// that take a free port need it.
    #[must_use]
    pub fn loopback_callbacks(mut self) -> ConnectedApp {
        self.loopback_callbacks = true;
        self
    }

    /// The scopes it may ask for, instead of the default ones. `refresh_token` and `offline_access` are the same.
    #[must_use]
    pub fn scopes(mut self, scopes: &[&str]) -> ConnectedApp {
        self.scopes = scopes.iter().map(|scope| scope::canonical(scope).to_owned()).collect();
        self
    }

    /// Refresh token rotation: each refresh gives a new refresh token, and presenting an old one revokes the current one and its
    /// access tokens (Salesforce Help, "Refresh Token Rotation").
    #[must_use]
    pub fn rotate_refresh_tokens(mut self) -> ConnectedApp {
        self.rotate_refresh_tokens = true;
        self
    }

    /// An authorization request must have a `code_challenge`.
    #[must_use]
    pub fn require_pkce(mut self) -> ConnectedApp {
        self.require_pkce = true;
        self
    }

    /// The certificate ("Use digital signatures") whose key signs JWT assertions: PEM, `CERTIFICATE` or `PUBLIC KEY`, RSA of 2048 bits or more.
    ///
    /// # Errors
    /// The text holds no such key.
    pub fn certificate(mut self, pem: &str) -> Result<ConnectedApp> {
        self.certificate = Some(Key::read(pem).map_err(|why| Failure::invalid_input(why.to_string()))?);
        Ok(self)
    }

    /// The user as whom the client credentials flow runs.
    #[must_use]
    pub fn run_as(mut self, username: impl Into<String>) -> ConnectedApp {
        self.run_as = Some(username.into());
        self
    }

    /// A refresh token is valid for this long; zero is "Immediately expire refresh token" (default: until revoked).
    #[must_use]
    pub fn refresh_valid_for(mut self, life: Duration) -> ConnectedApp {
        self.refresh_valid_for = Some(life);
        self
    }

    /// A refresh token dies when it was not used for this long (default: never).
    #[must_use]
    pub fn refresh_unused_for(mut self, life: Duration) -> ConnectedApp {
        self.refresh_unused_for = Some(life);
        self
    }

    /// Its sessions end after this time without a call, instead of after the org's
    /// ([`Builder::session_timeout`](crate::Builder::session_timeout)).
    #[must_use]
    pub fn session_timeout(mut self, timeout: Duration) -> ConnectedApp {
        self.session_timeout = Some(timeout);
        self
    }

    /// "Admin approved users are pre-authorized": only these users, by username, and they need not approve it. Otherwise each user approves for
    /// themselves, which the JWT flow wants to have happened before.
    #[must_use]
    pub fn admin_approved(mut self, usernames: &[&str]) -> ConnectedApp {
        self.admin_approved = Some(usernames.iter().map(|&name| name.to_owned()).collect());
        self
    }

    /// Token requests come from an address that its IP restrictions forbid: `invalid_grant`, `ip restricted`.
    #[must_use]
    pub fn ip_restricted(mut self) -> ConnectedApp {
        self.ip_restricted = true;
        self
    }

    /// Its consumer key.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(super) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.client_id)
    }

    /// Exactly, case and trailing slash included.
    pub(super) fn takes_callback(&self, url: &str) -> bool {
        let is_loopback = |url: &str| {
            ["http://localhost", "http://127.0.0.1"].iter().any(|host| {
                url.strip_prefix(host)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?']))
            })
        };
        self.callbacks.iter().any(|callback| callback == url) || (self.loopback_callbacks && is_loopback(url))
    }

    pub(super) fn admits(&self, username: &str) -> bool {
        let named = |names: &Vec<String>| names.iter().any(|name| name.eq_ignore_ascii_case(username));
        self.admin_approved.as_ref().is_none_or(named)
    }
}

impl fmt::Debug for ConnectedApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("ConnectedApp");
        f.field("client_id", &self.client_id)
            .field("callbacks", &self.callbacks)
            .field("scopes", &self.scopes);
        f.finish_non_exhaustive()
    }
}

/// Durations as whole seconds.
mod seconds {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;
    pub(super) fn serialize<S: Serializer>(d: &Option<Duration>, s: S) -> Result<S::Ok, S::Error> {
        d.map(|d| d.as_secs()).serialize(s)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(d)?.map(Duration::from_secs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_are_compared_letter_by_letter() {
        let app = ConnectedApp::new("a").callback("https://desk.example/cb");
        assert!(app.takes_callback("https://desk.example/cb"));
        for other in
            ["https://desk.example/cb/", "https://DESK.example/cb", "http://localhost:1717/OauthRedirect", ""]
        {
            assert!(!app.takes_callback(other), "{other}");
        }
        let local = app.loopback_callbacks();
        for url in ["http://localhost:1717/OauthRedirect", "http://127.0.0.1:9", "http://localhost/a"] {
            assert!(local.takes_callback(url), "{url}");
        }
        for url in ["http://localhost.evil.example/", "https://localhost/", "http://127.0.0.10/"] {
            assert!(!local.takes_callback(url), "{url}");
        }
    }

    #[test]
    fn an_app_is_read_from_json_and_hides_its_secret() {
        let json =
            r#"{"client_id":"a","client_secret":"hush","refresh_valid_for":60,"rotate_refresh_tokens":true}"#;
        let app: ConnectedApp = serde_json::from_str(json).unwrap();
        let built = ConnectedApp::new("a").secret("hush").rotate_refresh_tokens();
        assert_eq!(app, built.refresh_valid_for(Duration::from_secs(60)));
        assert!(!format!("{app:?}").contains("hush"));
        let wrong = serde_json::from_str::<ConnectedApp>(r#"{"client_id":"a","secrets":1}"#).unwrap_err();
        assert!(wrong.to_string().contains("secrets"), "{wrong}");
    }
}
