//! The one place where a reqwest client is made: no redirects, no retries of its own, TLS by rustls.
use crate::fault::setup;
use sf_core::Result;
use std::time::Duration;

/// Salesforce answers a query within two minutes, so silence for longer than that is a dead connection.
pub(crate) const DEFAULT_CONNECT: Duration = Duration::from_secs(10);
pub(crate) const DEFAULT_IDLE: Duration = Duration::from_secs(150);
/// Salesforce ends a REST call after ten minutes.
pub(crate) const DEFAULT_TOTAL: Duration = Duration::from_secs(600);
/// Below the idle time of the servers and proxies on the way: a request on a connection the other side has
/// just closed is one of unknown outcome.
const POOL_IDLE: Duration = Duration::from_secs(20);

pub(crate) const USER_AGENT: &str = concat!("sf-rest-transport/", env!("CARGO_PKG_VERSION"));

#[derive(Debug, Clone)]
pub(crate) struct ClientSettings {
    pub(crate) user_agent: String,
    pub(crate) connect_timeout: Duration,
    pub(crate) loopback_http: bool,
}
impl Default for ClientSettings {
    fn default() -> ClientSettings {
        ClientSettings {
            user_agent: USER_AGENT.to_owned(),
            connect_timeout: DEFAULT_CONNECT,
            loopback_http: false,
        }
    }
}

pub(crate) fn build(settings: &ClientSettings) -> Result<reqwest::Client> {
    if reqwest::header::HeaderValue::from_str(&settings.user_agent).is_err() {
        return Err(crate::fault::invalid(
            "the user agent holds characters that cannot stand in a header",
            "Use visible ASCII characters in `Rest::user_agent`.",
        ));
    }
    builder(settings).build().or_else(|e| without_roots(settings, e)).map_err(|e| {
        setup(
            "the HTTP client could not be made (TLS or root certificates)",
            "Install the system's root certificates (Debian: `apt install ca-certificates`).",
        )
        .with_source(e.without_url())
    })
}

/// A machine without root certificates still reaches a simulated org over plain http.
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
fn without_roots(settings: &ClientSettings, e: reqwest::Error) -> reqwest::Result<reqwest::Client> {
    if settings.loopback_http { builder(settings).tls_certs_only([]).build() } else { Err(e) }
}
#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider")))]
fn without_roots(_: &ClientSettings, e: reqwest::Error) -> reqwest::Result<reqwest::Client> {
    Err(e)
}

fn builder(settings: &ClientSettings) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(&settings.user_agent)
        .connect_timeout(settings.connect_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .tcp_nodelay(true);
    // A proxy of the environment cannot reach this machine's loopback.
    if settings.loopback_http { builder.no_proxy() } else { builder }
}
