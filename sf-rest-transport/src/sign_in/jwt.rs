use super::requests::Requests;
use crate::{App, fault::setup, store::Tokens, trace};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls_pki_types::{PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use serde::Serialize;
use sf_core::{Clock, Error, ErrorCode, Result, Secret, SystemClock};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

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
    /// The claim `aud`, this one and no other. Set it for Experience Cloud sites (the site's URL with its path), and where the org
    /// says `audience is invalid`.
    ///
    /// Unless set it is the URL of the login host, of whatever kind and cloud: Salesforce documents the My Domain URL of an org as its
    /// audience, beside `https://login.salesforce.com` and, for sandboxes and scratch orgs, `https://test.salesforce.com`
    /// (Salesforce CLI Setup Guide, `SF_AUDIENCE_URL`). Some orgs were seen to take only the latter. So when an org whose My Domain is
    /// the login host refuses its own URL as the audience, that shared host is tried once, and what the org took is kept for the life of the
    /// session:
    ///
    /// | login host | audience | and if the org refuses it |
    /// | --- | --- | --- |
    /// | [`App::PRODUCTION`](crate::App::PRODUCTION), [`App::SANDBOX`](crate::App::SANDBOX) | the login host | |
    /// | `*.sandbox.my.salesforce.com`, `*.scratch.my.salesforce.com` | the login host | [`App::SANDBOX`](crate::App::SANDBOX) |
    /// | other `*.my.salesforce.com` (production, developer edition, Trailhead) | the login host | [`App::PRODUCTION`](crate::App::PRODUCTION) |
    /// | any other: `*.my.salesforce.mil`, other clouds, sites, a simulated org | the login host | |
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
        let audiences = match &self.audience {
            Some(named) => vec![named.clone()],
            None => audiences_at(login_url),
        };
        Signer { jwt: self, client_id: client_id.to_owned(), audiences, taken: AtomicUsize::new(0) }
    }
}

/// The audiences to try, in this order. The second one goes by what Salesforce itself puts at the end of a My Domain, never by words in a
/// name that people choose.
fn audiences_at(login_url: &str) -> Vec<String> {
    let is_at = |domain: &str| login_url.starts_with("https://") && login_url.ends_with(domain);
    let shared = match () {
        () if is_at(".sandbox.my.salesforce.com") || is_at(".scratch.my.salesforce.com") => {
            Some(App::SANDBOX)
        }
        () if is_at(".my.salesforce.com") => Some(App::PRODUCTION),
        () => None,
    };
    std::iter::once(login_url).chain(shared).map(str::to_owned).collect()
}

fn is_about_the_audience(error: &Error) -> bool {
    let failure = error.failure();
    failure.code == Some(ErrorCode::InvalidGrant)
        && failure.message.to_ascii_lowercase().contains("audience is invalid")
}

/// Makes assertions for one app at one login host.
pub(super) struct Signer {
    jwt: Jwt,
    client_id: String,
    audiences: Vec<String>,
    /// Which of them the org took last.
    taken: AtomicUsize,
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

    /// One token request; another one when the org refuses the audience and there is a second one to try.
    pub(super) async fn request(&self, requests: &Requests) -> Result<Tokens> {
        let mut untried = self.audiences.iter().enumerate().skip(self.taken.load(Relaxed)).peekable();
        loop {
            let Some((at, audience)) = untried.next() else { return Err(unsigned()) };
            match requests.assertion(&self.assertion(audience)?).await {
                Err(error) if is_about_the_audience(&error) && untried.peek().is_some() => {
                    trace::audience(error.failure());
                }
                Err(error) => return Err(error),
                Ok(tokens) => {
                    self.taken.store(at, Relaxed);
                    return Ok(tokens);
                }
            }
        }
    }

    fn assertion(&self, audience: &str) -> Result<Secret> {
        let claims = Claims {
            iss: &self.client_id,
            sub: &self.jwt.username,
            aud: audience,
            exp: (self.jwt.clock.now() + LIFE).utc().timestamp(),
        };
        let claims = serde_json::to_vec(&claims).map_err(|_| unsigned())?;
        let mut text =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256"}"#), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.jwt.key.public_modulus_len()];
        self.jwt
            .key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| unsigned())?;
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        Ok(Secret::new(text))
    }
}

fn unsigned() -> Error {
    setup("the assertion could not be signed", "Check the private key.")
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt").field("key", &self.key.public_key()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audience_is_the_login_host_and_then_the_shared_one_of_the_orgs_kind() {
        const LOGIN: Option<&str> = Some("https://login.salesforce.com");
        const TEST: Option<&str> = Some("https://test.salesforce.com");
        for (login_url, then) in [
            ("https://login.salesforce.com", None),
            ("https://test.salesforce.com", None),
            ("https://acme.my.salesforce.com", LOGIN),
            ("https://acme--uat.sandbox.my.salesforce.com", TEST),
            ("https://connect-1121-dev-ed.scratch.my.salesforce.com", TEST),
            ("https://acme-dev-ed.develop.my.salesforce.com", LOGIN),
            ("https://brave-otter-dev-ed.trailblaze.my.salesforce.com", LOGIN),
            // People choose such names.
            ("https://sandbox.my.salesforce.com", LOGIN),
            ("https://test-sandbox.my.salesforce.com", LOGIN),
            ("https://acme.sandbox.my.salesforce.com.evil.example", None),
            // Other clouds: nothing is known but their own URL.
            ("https://acme.my.salesforce.mil", None),
            ("https://acme--uat.sandbox.my.salesforce.mil", None),
            ("https://acme.my.sfcrmproducts.cn", None),
            ("https://acme.my-salesforce.com", None),
            ("https://acme.my.site.com", None),
            ("https://login.acme.example", None),
            ("http://127.0.0.1:8080", None),
            ("http://localhost:8080", None),
        ] {
            let expected: Vec<&str> = std::iter::once(login_url).chain(then).collect();
            assert_eq!(audiences_at(login_url), expected);
        }
    }
}
