use crate::fault::setup;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls_pki_types::{PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use serde::Serialize;
use sf_core::{Clock, Result, Secret, SystemClock};
use std::{fmt, sync::Arc, time::Duration};

/// Salesforce asks for at most five minutes, and clocks differ.
const LIFE: Duration = Duration::from_secs(180);
/// Keys below this are not taken by Salesforce's certificates page.
const SMALLEST_KEY_BITS: usize = 2048;

/// The user and the key of the JWT bearer flow (Salesforce Help, OAuth 2.0 JWT Bearer Flow; RS256): no person and no stored token are needed,
/// a new assertion is signed whenever the access token has expired.
///
/// The app holds the certificate, this program its private key, and the user must have approved the app, or an administrator for
/// them.
///
/// ```no_run
/// use sf_rest_transport::{App, Jwt, Rest};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let key = std::fs::read_to_string("server.key")?;
/// let session = App::new(App::PRODUCTION, "3MVG9…").jwt(Jwt::new("sync@acme.example", &key)?)?;
/// let transport = Rest::with_credentials(session).connect()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct Jwt {
    username: String,
    key: Arc<RsaKeyPair>,
    audience: Option<String>,
    clock: Arc<dyn Clock>,
}

impl Jwt {
    /// A user name and an RSA private key in PEM (`BEGIN PRIVATE KEY` or `BEGIN RSA PRIVATE KEY`).
    ///
    /// # Errors
    /// `Setup` when the text is no such key, is encrypted, or has less than 2,048 bits. The text is in no message.
    pub fn new(username: impl Into<String>, private_key_pem: &str) -> Result<Jwt> {
        let pem = private_key_pem.as_bytes();
        let key = if let Ok(der) = PrivatePkcs8KeyDer::from_pem_slice(pem) {
            RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok()
        } else if let Ok(der) = PrivatePkcs1KeyDer::from_pem_slice(pem) {
            RsaKeyPair::from_der(der.secret_pkcs1_der()).ok()
        } else {
            None
        };
        let key = key.filter(|key| key.public_modulus_len() * 8 >= SMALLEST_KEY_BITS).ok_or_else(|| {
            setup(
                "the private key for JWT bearer is no RSA key of 2,048 bits or more in PEM",
                "Give the text of `server.key` (`openssl req -newkey rsa:2048 -nodes -keyout server.key -x509 -out server.crt`), not encrypted.",
            )
        })?;
        Ok(Jwt {
            username: username.into(),
            key: Arc::new(key),
            audience: None,
            clock: Arc::new(SystemClock),
        })
    }
    /// The claim `aud`. Unless set it is [`App::SANDBOX`](crate::App::SANDBOX) when that is the login host, the URL of a
    /// login host outside of Salesforce's domains (the simulated org, a site), and else [`App::PRODUCTION`](crate::App::PRODUCTION).
    ///
    /// Set it for sandboxes whose My Domain URL is the login host, and for sites: nothing is guessed from names.
    pub fn audience(mut self, url: impl Into<String>) -> Jwt {
        self.audience = Some(url.into());
        self
    }
    /// The clock that `exp` is reckoned by; the machine's unless set.
    pub fn clock(mut self, clock: impl Clock) -> Jwt {
        self.clock = Arc::new(clock);
        self
    }

    pub(super) fn signer(self, client_id: &str, login_url: &str) -> Signer {
        let audience = self.audience.clone().unwrap_or_else(|| audience_at(login_url).to_owned());
        Signer { jwt: self, client_id: client_id.to_owned(), audience }
    }
}

fn audience_at(login_url: &str) -> &str {
    let host = login_url.split("//").nth(1).unwrap_or_default();
    match () {
        () if login_url == super::App::SANDBOX => super::App::SANDBOX,
        () if host.ends_with(".salesforce.com") => super::App::PRODUCTION,
        () => login_url,
    }
}

/// Makes assertions for one app at one login host.
pub(super) struct Signer {
    jwt: Jwt,
    client_id: String,
    audience: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    /// Seconds since 1970.
    exp: i64,
}

impl Signer {
    pub(super) fn username(&self) -> &str {
        &self.jwt.username
    }

    pub(super) fn assertion(&self) -> Result<Secret> {
        let claims = Claims {
            iss: &self.client_id,
            sub: &self.jwt.username,
            aud: &self.audience,
            exp: (self.jwt.clock.now() + LIFE).utc().timestamp(),
        };
        let failed = || setup("the assertion could not be signed", "Check the private key.");
        let claims = serde_json::to_vec(&claims).map_err(|_| failed())?;
        let mut text =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256"}"#), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.jwt.key.public_modulus_len()];
        self.jwt
            .key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| failed())?;
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        Ok(Secret::new(text))
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt").field("key", &self.key.public_key()).finish_non_exhaustive()
    }
}
