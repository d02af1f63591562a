use crate::{
    address::Origin,
    answer,
    fault::{failure, invalid, setup},
    http::{Channel, Http},
    network::{self, Network},
    send::{Sender, bearer},
    sign_in::Token,
    usage::Counters,
};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use sf_core::{
    AccessToken, ApiVersion, CallOptions, Credentials, Delivery, ErrorKind, Result, Secret, Transport,
    protocol::{Gate, Method, Protocol, Request},
};
use std::{fmt, sync::Arc, time::Duration};

/// The transport over REST: everything of [`sf_core::Transport`] by HTTPS requests.
///
/// Cheap to clone (connections, session and counters are shared). It must be used on a tokio runtime, and on
/// one only: its connections belong to the runtime they were opened on.
pub type RestTransport = Protocol<Http>;

/// Below the 25 long-running requests that an org lets run at once (5 in developer editions), with room for others.
const DEFAULT_CONCURRENCY: usize = 10;

/// Builds a [`RestTransport`].
///
/// ```no_run
/// # async fn example() -> sf_core::Result<()> {
/// use sf_rest_transport::Rest;
///
/// let token = std::env::var("SF_ACCESS_TOKEN").unwrap_or_default();
/// let org = sf_core::Org::new(Rest::at("https://acme.my.salesforce.com").token(token).connect()?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct Rest {
    at: Option<String>,
    sign_in: Option<SignIn>,
    version: ApiVersion,
    client_name: Option<String>,
    body_limit: usize,
    idle_timeout: Duration,
    total_timeout: Duration,
    concurrency: usize,
    network: Network,
}

#[derive(Clone)]
enum SignIn {
    Token(Secret),
    Credentials(Arc<dyn Credentials>),
}

impl Rest {
    /// An org by its instance URL: scheme and host, usually the My Domain host
    /// `https://acme.my.salesforce.com`. Say next how to sign in: [`token`](Rest::token) or
    /// [`credentials`](Rest::credentials).
    pub fn at(instance_url: impl Into<String>) -> Rest {
        Rest { at: Some(instance_url.into()), ..Rest::new() }
    }

    /// An org by the credentials alone: the token answer says where it is.
    ///
    /// ```
    /// use sf_rest_transport::{App, Rest, Tokens};
    ///
    /// let session = App::new(App::PRODUCTION, "3MVG9…").session(Tokens::refresh("5Aep861…"))?;
    /// let transport = Rest::with_credentials(session).connect()?;
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn with_credentials(credentials: impl Credentials) -> Rest {
        Rest::new().credentials(credentials)
    }

    fn new() -> Rest {
        Rest {
            at: None,
            sign_in: None,
            version: ApiVersion::CURRENT,
            client_name: None,
            body_limit: answer::DEFAULT_BODY_LIMIT,
            idle_timeout: network::DEFAULT_IDLE,
            total_timeout: network::DEFAULT_TOTAL,
            concurrency: DEFAULT_CONCURRENCY,
            network: Network::new(),
        }
    }

    /// Signs in with an access token for the org at [`at`](Rest::at). It cannot be renewed.
    pub fn token(mut self, access_token: impl Into<String>) -> Rest {
        self.sign_in = Some(SignIn::Token(Secret::new(access_token)));
        self
    }

    /// Signs in with anything that gives access tokens, for example a [`Session`](crate::Session).
    ///
    /// Requests go to the instance URL that comes with each token, because an org can move (REST API guide,
    /// OAuth: always use `instance_url` of the answer); a URL given to [`at`](Rest::at) is only checked.
    pub fn credentials(mut self, credentials: impl Credentials) -> Rest {
        self.sign_in = Some(SignIn::Credentials(Arc::new(credentials)));
        self
    }

    /// The API version of every request; [`ApiVersion::CURRENT`] unless set. One below [`ApiVersion::OLDEST`] is an error of
    /// [`connect`](Rest::connect). [`connect_newest`](Rest::connect_newest) asks the org instead.
    pub fn api_version(mut self, version: ApiVersion) -> Rest {
        self.version = version;
        self
    }

    /// Allows plain http to this machine (127.0.0.0/8, ::1, localhost), for the simulated org. Proxies are not used for it, unless they are
    /// on this machine themselves and named by [`Network::proxy`]. Plain http to any other host is never allowed.
    pub fn allow_loopback_http(mut self) -> Rest {
        self.network = self.network.allow_loopback_http();
        self
    }

    /// Proxy, certificates, user agent and further headers.
    pub fn network(mut self, network: Network) -> Rest {
        self.network = network;
        self
    }

    /// The name of the program in the org's API logs and in change events (`Sforce-Call-Options: client=NAME`);
    /// `sf-rest-transport/VERSION` unless set.
    pub fn client_name(mut self, name: impl Into<String>) -> Rest {
        self.client_name = Some(name.into());
        self
    }

    /// How long nothing may move, in either direction, while a request is sent and its answer awaited and read;
    /// 150 s unless set. A query may run for 120 s before the first byte comes. Of an upload counts what this machine's network
    /// stack has taken, not what has arrived.
    pub fn idle_timeout(mut self, timeout: Duration) -> Rest {
        self.idle_timeout = timeout;
        self
    }

    /// The time for a whole call, with sign-in, waits and repetitions; 10 minutes unless set.
    /// [`CallOptions::timeout`](sf_core::CallOptions) of a call goes before.
    pub fn total_timeout(mut self, timeout: Duration) -> Rest {
        self.total_timeout = timeout;
        self
    }

    /// How many requests may be under way at once; 10 unless set, at least 1. Further calls wait, and those of people
    /// ([`Priority::Interactive`](sf_core::Priority)) go first. A pause before a repeat holds no place.
    ///
    /// An org lets 25 requests run at once that take longer than 20 seconds (5 in developer editions), all apps together (Salesforce Developer
    /// Limits and Allocations Quick Reference).
    pub fn concurrency(mut self, requests: usize) -> Rest {
        self.concurrency = requests;
        self
    }

    /// The largest answer, in bytes after decompression, that is read into memory; 64 MiB unless set.
    /// Downloads to a sink are not limited.
    pub fn body_limit(mut self, bytes: usize) -> Rest {
        self.body_limit = bytes;
        self
    }

    /// Asks the org which API versions it has, and connects with the newest one that this library knows too
    /// ([`ApiVersion::CURRENT`]); one call that the org does not count. What [`api_version`](Rest::api_version) says does not matter.
    ///
    /// # Errors
    /// Those of [`connect`](Rest::connect); `Unsupported` when the org has no version from [`ApiVersion::OLDEST`] to [`ApiVersion::CURRENT`]; and
    /// what keeps a call from being answered.
    pub async fn connect_newest(mut self) -> Result<RestTransport> {
        // One that is too old is no reason to ask nobody; the request names none.
        self.version = ApiVersion::CURRENT;
        let transport = self.clone().connect()?;
        let request = Request::to_path(Method::Get, "/services/data")?;
        let answer = transport.call(&request, &CallOptions::new()).await?;
        self.version = newest(answer.text())?;
        self.connect()
    }

    /// Checks the settings and makes the transport. No network yet: a wrong token or host shows in the first
    /// call.
    ///
    /// # Errors
    /// `InvalidInput` for a URL that is not one, holds a path or a password, is plain http to another
    /// machine, or for a token or name that cannot stand in a header; `Setup` when nothing says how to sign
    /// in, for http to this machine without [`allow_loopback_http`](Rest::allow_loopback_http), and when TLS
    /// is not available; `Unsupported` for an [`api_version`](Rest::api_version) that is too old. Each says in [`help`](sf_core::Error::help) what to do.
    ///
    /// ```
    /// use sf_core::ErrorKind;
    /// use sf_rest_transport::Rest;
    ///
    /// let e = Rest::at("http://acme.my.salesforce.com").token("00D…").connect().unwrap_err();
    /// assert_eq!(e.kind(), ErrorKind::InvalidInput);
    /// assert_eq!(e.to_string(), "`http://acme.my.salesforce.com` would send the access token unencrypted");
    /// ```
    pub fn connect(self) -> Result<RestTransport> {
        if self.version < ApiVersion::OLDEST {
            return Err(failure(
                ErrorKind::Unsupported,
                Delivery::NotSent,
                format!("API version {} is too old, {} is the oldest that works", self.version, ApiVersion::OLDEST),
                "Leave `Rest::api_version` out, name a newer version, or let the org choose with `Rest::connect_newest`.",
            )
            .into());
        }
        let allow_loopback_http = self.network.allows_loopback_http();
        let at = self.at.as_deref().map(|url| Origin::parse(url, allow_loopback_http)).transpose()?;
        let credentials = match (self.sign_in, at) {
            (Some(SignIn::Credentials(credentials)), _) => credentials,
            (Some(SignIn::Token(token)), Some(at)) => {
                let url = at.to_string();
                bearer(&AccessToken::new(token.expose(), url.as_str()))?;
                Arc::new(Token::new(token.expose(), url))
            }
            (Some(SignIn::Token(_)), None) => {
                return Err(setup(
                    "the token's org is not named",
                    "Start with `Rest::at(instance_url)`, then give the token.",
                ));
            }
            (None, _) => {
                return Err(setup(
                    "nothing says how to sign in",
                    "Add `.token(access_token)` or `.credentials(…)` before `.connect()`.",
                ));
            }
        };
        let client_name = self.client_name.as_deref().unwrap_or(network::USER_AGENT);
        let sender = Sender {
            client: self.network.client()?,
            version: self.version,
            call_options: call_options(client_name)?,
            body_limit: self.body_limit,
            idle_timeout: self.idle_timeout,
            counters: Arc::new(Counters::default()),
        };
        let channel = Channel {
            sender,
            credentials,
            allow_loopback_http,
            total_timeout: self.total_timeout,
            gate: Gate::new(self.concurrency),
        };
        Ok(Protocol::new(Http(Arc::new(channel))))
    }
}

/// Of the versions that the org lists, the newest that is not newer than this library.
fn newest(list: &str) -> Result<ApiVersion> {
    #[derive(Deserialize)]
    struct Version {
        version: String,
    }
    let unreadable = || {
        failure(
            ErrorKind::Decode,
            Delivery::Refused,
            "the list of API versions cannot be read",
            "Check that the URL is that of an org, or name a version with `Rest::api_version`.",
        )
    };
    let versions: Vec<Version> = serde_json::from_str(list).map_err(|_| unreadable())?;
    let listed: Vec<ApiVersion> =
        versions.iter().filter_map(|version| version.version.parse().ok()).collect();
    let known = |version: &ApiVersion| (ApiVersion::OLDEST..=ApiVersion::CURRENT).contains(version);
    if let Some(newest) = listed.iter().copied().filter(known).max() {
        return Ok(newest);
    }
    let (oldest, current) = (ApiVersion::OLDEST, ApiVersion::CURRENT);
    let (message, next_step) = match listed.iter().max() {
        None => return Err(unreadable().into()),
        Some(newest) if *newest < oldest => (
            format!(
                "the newest API version of the org, {newest}, is too old: {oldest} is the oldest that works"
            ),
            "Check that the URL is that of a Salesforce org: they have had newer versions since 2019.",
        ),
        Some(_) => (
            format!("the org has no API version from {oldest} to {current}"),
            "Use a newer version of this library, or name one of the org's by `Rest::api_version`.",
        ),
    };
    Err(failure(ErrorKind::Unsupported, Delivery::Refused, message, next_step).into())
}

fn call_options(client_name: &str) -> Result<HeaderValue> {
    // `;` and `,` separate options; a name with one would smuggle in a second option.
    if client_name.is_empty() || !client_name.bytes().all(|b| b.is_ascii_graphic() && !b";,=\"".contains(&b))
    {
        return Err(invalid(
            "the client name must be visible ASCII without spaces, `;`, `,`, `=` and quotes",
            "Use a name such as `cx-desk/1.4` in `Rest::client_name`.",
        ));
    }
    HeaderValue::from_str(&format!("client={client_name}"))
        .map_err(|_| invalid("the client name cannot stand in a header", "Use visible ASCII characters."))
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").field("api_version", &self.version).finish_non_exhaustive()
    }
}
