use crate::{
    address::is_loopback,
    fault::{invalid, setup},
};
use reqwest::header::{AUTHORIZATION, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION};
use sf_core::{Result, Secret};
use std::{fmt, time::Duration};

/// Salesforce answers a query within two minutes, so silence for longer than that is a dead connection.
pub(crate) const DEFAULT_IDLE: Duration = Duration::from_secs(150);
/// Salesforce ends a REST call after ten minutes.
pub(crate) const DEFAULT_TOTAL: Duration = Duration::from_secs(600);
/// Below the idle time of the servers and proxies on the way: a request on a connection the other side has
/// just closed is one of unknown outcome.
const POOL_IDLE: Duration = Duration::from_secs(20);

pub(crate) const USER_AGENT: &str = concat!("sf-rest-transport/", env!("CARGO_PKG_VERSION"));

/// How connections are made: proxy, certificates, headers. One value serves sign-in ([`App::network`](crate::App::network)) and
/// data ([`Rest::network`](crate::Rest::network)).
///
/// ```
/// use sf_rest_transport::Network;
///
/// let network = Network::new().proxy("http://user:s3cret@proxy.acme.example:3128").header("X-Team", "cx");
/// assert!(!format!("{network:?}").contains("s3cret"));
/// ```
#[derive(Clone)]
#[must_use]
pub struct Network {
    user_agent: String,
    connect_timeout: Duration,
    loopback_http: bool,
    proxy: Proxy,
    roots: Vec<Vec<u8>>,
    only_these_roots: bool,
    headers: Vec<(String, String)>,
}

#[derive(Clone)]
enum Proxy {
    Environment,
    None,
    At(Secret),
}

impl Default for Network {
    fn default() -> Network {
        Network {
            user_agent: USER_AGENT.to_owned(),
            connect_timeout: Duration::from_secs(10),
            loopback_http: false,
            proxy: Proxy::Environment,
            roots: Vec::new(),
            only_these_roots: false,
            headers: Vec::new(),
        }
    }
}

impl Network {
    /// The proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`), the certificates the platform trusts, https only.
    pub fn new() -> Network {
        Network::default()
    }
    /// The `User-Agent` header; `sf-rest-transport/VERSION` unless set.
    pub fn user_agent(mut self, text: impl Into<String>) -> Network {
        self.user_agent = text.into();
        self
    }
    /// How long one connection may take to be made, name lookup and TLS included; 10 s unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Network {
        self.connect_timeout = timeout;
        self
    }
    /// Allows plain http to this machine (127.0.0.0/8, ::1, localhost), for the simulated org. For these addresses no proxy of the
    /// environment is used then, and no [`proxy`](Network::proxy) on another machine; all other hosts are reached as without it. Plain http
    /// to any other host is never allowed.
    pub fn allow_loopback_http(mut self) -> Network {
        self.loopback_http = true;
        self
    }
    /// Every request goes through this proxy (`http://…`, `https://…`), user and password in its URL; those of the environment are
    /// not looked at. An exception is in [`allow_loopback_http`](Network::allow_loopback_http).
    pub fn proxy(mut self, url: impl Into<String>) -> Network {
        self.proxy = Proxy::At(Secret::new(url));
        self
    }
    /// No proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Network {
        self.proxy = Proxy::None;
        self
    }
    /// Trusts these certificate authorities besides those of the platform: one or more certificates in PEM.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Network {
        self.roots.push(pem.into());
        self
    }
    /// Trusts the given [`root_certificates`](Network::root_certificates) and no others.
    pub fn only_given_roots(mut self) -> Network {
        self.only_these_roots = true;
        self
    }
    /// One more header on every request, of the login host too. Not the token, the host or cookies: those are the
    /// transport's business.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Network {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn allows_loopback_http(&self) -> bool {
        self.loopback_http
    }

    /// The one place where a reqwest client is made: no redirects, no retries of its own, TLS by rustls.
    pub(crate) fn client(&self) -> Result<reqwest::Client> {
        if HeaderValue::from_str(&self.user_agent).is_err() {
            return Err(invalid(
                "the user agent holds characters that cannot stand in a header",
                "Use visible ASCII characters in `Network::user_agent`.",
            ));
        }
        let built = self.builder()?.build();
        // A machine without root certificates still reaches a simulated org over plain http.
        #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
        let built = match built {
            Err(_) if self.loopback_http => self.builder()?.tls_certs_only([]).build(),
            other => other,
        };
        built.map_err(|e| {
            setup(
                "the HTTP client could not be made (TLS or root certificates)",
                "Install the system's root certificates (Debian: `apt install ca-certificates`).",
            )
            .with_source(e.without_url())
        })
    }

    fn builder(&self) -> Result<reqwest::ClientBuilder> {
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .default_headers(self.header_map()?)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(POOL_IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true);
        builder = match &self.proxy {
            Proxy::At(url) => {
                let proxy = reqwest::Proxy::all(url.expose()).map_err(|_| {
                    invalid(
                        "the proxy is not named by a URL",
                        "Give it as `http://host:port` in `Network::proxy`.",
                    )
                })?;
                // Elsewhere it would be given the token in clear, and could not reach this machine's loopback.
                let straight = (self.loopback_http && !is_here(url.expose()))
                    .then(|| reqwest::NoProxy::from_string(LOOPBACK))
                    .flatten();
                builder.no_proxy().proxy(proxy.no_proxy(straight))
            }
            Proxy::None => builder.no_proxy(),
            Proxy::Environment if self.loopback_http => match proxy_of_environment() {
                Some(proxy) => builder.no_proxy().proxy(proxy),
                None => builder.no_proxy(),
            },
            Proxy::Environment => builder,
        };
        self.trust(builder)
    }

    #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
    fn trust(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder> {
        let bad = || {
            invalid(
                "the root certificates are not certificates in PEM",
                "Give text with `-----BEGIN CERTIFICATE-----` in `Network::root_certificates`.",
            )
        };
        let mut certificates = Vec::new();
        for pem in &self.roots {
            let read = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| bad())?;
            if read.is_empty() {
                return Err(bad());
            }
            certificates.extend(read);
        }
        Ok(match (certificates.is_empty(), self.only_these_roots) {
            (true, true) => {
                return Err(setup(
                    "no root certificate is trusted",
                    "Give some with `Network::root_certificates`, or leave `only_given_roots` out.",
                ));
            }
            (true, false) => builder,
            (false, true) => builder.tls_certs_only(certificates),
            (false, false) => builder.tls_certs_merge(certificates),
        })
    }
    #[cfg(not(any(feature = "rustls", feature = "rustls-no-provider")))]
    fn trust(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder> {
        if self.roots.is_empty() {
            return Ok(builder);
        }
        Err(setup("this build has no TLS", "Turn the feature `rustls` of sf-rest-transport on."))
    }

    fn header_map(&self) -> Result<HeaderMap> {
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().map_err(|_| {
                invalid("a header name of the network settings is not valid", "Use letters, digits and `-`.")
            })?;
            if [AUTHORIZATION, HOST, COOKIE, PROXY_AUTHORIZATION].contains(&name) {
                return Err(invalid(
                    format!("the header {name} is set by the transport"),
                    "Give tokens to `Rest` and `App`, a proxy's password in the URL of `Network::proxy`.",
                ));
            }
            let mut value = HeaderValue::from_str(value).map_err(|_| {
                invalid(
                    format!("the value of the header {name} cannot stand in one"),
                    "Use visible ASCII characters.",
                )
            })?;
            value.set_sensitive(true);
            map.append(name, value);
        }
        Ok(map)
    }
}

/// Addresses of this machine, as a list of exceptions has them.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// The proxy that the environment names for https, as reqwest reads it, with this machine as one more exception: there a proxy cannot
/// reach it. Plain http goes to no other machine, so `HTTP_PROXY` does not matter.
fn proxy_of_environment() -> Option<reqwest::Proxy> {
    let first = |names: [&str; 2]| names.into_iter().find_map(|name| std::env::var(name).ok());
    let url = [first(["HTTPS_PROXY", "https_proxy"]), first(["ALL_PROXY", "all_proxy"])];
    // In a CGI program a client's header `Proxy` would be an environment variable.
    let is_cgi = std::env::var_os("REQUEST_METHOD").is_some();
    let url = url.into_iter().flatten().find(|url| !url.is_empty() && !is_cgi)?;
    let exceptions = first(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let exceptions = reqwest::NoProxy::from_string(&format!("{exceptions},{LOOPBACK}"));
    Some(reqwest::Proxy::https(url).ok()?.no_proxy(exceptions))
}

/// Whether a proxy is on this machine.
fn is_here(proxy: &str) -> bool {
    url::Url::parse(proxy).is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Network")
            .field("user_agent", &self.user_agent)
            .field("loopback_http", &self.loopback_http)
            .field("headers", &headers)
            .finish_non_exhaustive()
    }
}
