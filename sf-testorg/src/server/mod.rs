//! The org over HTTP/1.1, on a thread and a runtime of its own.
//!
//! The accept loop is ours, so that a fault can close a connection before its answer or in the middle of a body.
mod body;
mod connection;
mod control;
mod dump;
mod life;
mod sf_login;
mod stream;
#[cfg(feature = "tls")]
mod tls;

pub use sf_login::SfLogin;

use crate::TestOrg;
use connection::Layer;
use sf_core::{Clock, Delivery, Error, ErrorKind, Failure, Result};
use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    thread::JoinHandle,
};
use tokio::sync::oneshot;

/// A running server; it stops when this is dropped.
pub struct Server {
    org: TestOrg,
    address: SocketAddr,
    url: String,
    certificate: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Server {
    /// The instance URL: `http://127.0.0.1:PORT`, with TLS `https://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate that clients have to trust, as PEM; `None` without TLS.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// A bearer token that works now.
    pub fn token(&self) -> String {
        self.org.access_token()
    }

    /// The org it serves.
    pub fn org(&self) -> &TestOrg {
        &self.org
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the loop has ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl TestOrg {
    /// Serves the org over HTTP on a free loopback port, on a thread of its own, until the server is dropped. The org's clock keeps pace
    /// with real time from now on. All doors stay open: a test can look at rows and inject faults while a client talks HTTP.
    ///
    /// ```
    /// let server = sf_testorg::TestOrg::demo().serve()?;
    /// assert!(server.url().starts_with("http://127.0.0.1:"));
    /// assert!(server.token().starts_with("00D"));
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The port or a thread cannot be had.
    pub fn serve(&self) -> Result<Server> {
        self.server().start()
    }

    /// As [`TestOrg::serve`], on this address; port 0 takes a free one. Everybody who reaches the address has the whole org, by its
    /// control path without a token even: keep to loopback.
    ///
    /// # Errors
    /// The address or a thread cannot be had.
    pub fn serve_at(&self, address: SocketAddr) -> Result<Server> {
        self.server().address(address).start()
    }

    /// As [`TestOrg::serve`], with choices.
    ///
    /// ```
    /// let server = sf_testorg::TestOrg::empty().server().address(([127, 0, 0, 1], 0).into()).start()?;
    /// assert_eq!(server.certificate(), None); // no TLS unless asked for
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn server(&self) -> ServerBuilder {
        ServerBuilder {
            org: self.clone(),
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

/// A server before it starts. Nothing chosen: a free loopback port, no TLS.
#[derive(Debug, Clone)]
#[must_use = "nothing is served before `start`"]
pub struct ServerBuilder {
    org: TestOrg,
    address: SocketAddr,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

#[cfg(feature = "tls")]
#[derive(Clone)]
enum Tls {
    SelfSigned,
    Given { chain: String, key: sf_core::Secret },
}
#[cfg(feature = "tls")]
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tls::SelfSigned => "SelfSigned",
            Tls::Given { .. } => "Given",
        })
    }
}

impl ServerBuilder {
    /// Listens here; port 0 takes a free one. Everybody who reaches the address has the whole org: keep to loopback.
    pub fn address(mut self, address: SocketAddr) -> ServerBuilder {
        self.address = address;
        self
    }

    /// Speaks TLS under a certificate for `localhost`, `127.0.0.1` and `::1` that is made at the start: [`Server::certificate`] is what
    /// clients have to trust. Real time decides whether it is valid (for 90 days), not the org's.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> ServerBuilder {
        self.tls = Some(Tls::SelfSigned);
        self
    }

    /// Speaks TLS under this certificate: PEM of the chain, the server's own first, and of its key.
    #[cfg(feature = "tls")]
    pub fn tls_with(mut self, chain: impl Into<String>, key: sf_core::Secret) -> ServerBuilder {
        self.tls = Some(Tls::Given { chain: chain.into(), key });
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// The address or a thread cannot be had, or the certificate cannot be used.
    pub fn start(self) -> Result<Server> {
        let address = self.address;
        let listen = || {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listen().map_err(|e| {
            failed(format!("cannot listen on {address}"), "choose another port, or port 0 for a free one", e)
        })?;
        #[cfg(feature = "tls")]
        let (layer, certificate) = match &self.tls {
            None => (Layer::Plain, None),
            Some(tls) => {
                let identity = match tls {
                    Tls::SelfSigned => tls::Identity::self_signed(address.ip())?,
                    Tls::Given { chain, key } => tls::Identity::of_pem(chain, key.expose())?,
                };
                let pem = identity.pem.clone();
                (Layer::Tls(identity.acceptor()?), Some(pem))
            }
        };
        #[cfg(not(feature = "tls"))]
        let (layer, certificate) = (Layer::Plain, None);
        let no_runtime = |e| failed("the server cannot start".into(), "look at the reason given", e);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
        let url = format!("{}://{address}", if certificate.is_some() { "https" } else { "http" });
        let org = self.org;
        org.set_instance_url(&url);
        let clock = org.clock();
        clock.keep_pace(clock.now());
        let (stop, stopped) = oneshot::channel();
        let served = org.clone();
        let thread = std::thread::Builder::new()
            .name("sf-testorg".into())
            .spawn(move || runtime.block_on(connection::accept(listener, layer, served, stopped)))
            .map_err(no_runtime)?;
        Ok(Server { org, address, url, certificate, stop: Some(stop), thread: Some(thread) })
    }
}

fn failed(what: String, next: &str, source: std::io::Error) -> Error {
    let failure = Failure::new(ErrorKind::Setup, Delivery::NotSent, format!("{what}: {source}"));
    Error::new(failure.with_next_step(next.to_owned())).with_source(source)
}
