//! The org over HTTP/1.1, on a thread and a runtime of its own.
//!
//! The accept loop is ours, so that a fault can close a connection before its answer or in the middle of a body.
mod body;
mod connection;
mod control;
mod dump;
mod stream;

use crate::TestOrg;
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
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Server {
    /// The instance URL: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
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
        self.serve_at((Ipv4Addr::LOCALHOST, 0).into())
    }

    /// As [`TestOrg::serve`], on this address; port 0 takes a free one. Everybody who reaches the address has the whole org, by its
    /// control path without a token even: keep to loopback.
    ///
    /// # Errors
    /// The address or a thread cannot be had.
    pub fn serve_at(&self, address: SocketAddr) -> Result<Server> {
        let failed = |what: String, next: &str, source: std::io::Error| {
            let failure = Failure::new(ErrorKind::Setup, Delivery::NotSent, format!("{what}: {source}"));
            Error::new(failure.with_next_step(next)).with_source(source)
        };
        let listen = || {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listen().map_err(|e| {
            failed(format!("cannot listen on {address}"), "choose another port, or port 0 for a free one", e)
        })?;
        let no_runtime = |e| failed("the server cannot start".into(), "look at the reason given", e);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
        let url = format!("http://{address}");
        self.set_instance_url(&url);
        let clock = self.clock();
        clock.keep_pace(clock.now());
        let (stop, stopped) = oneshot::channel();
        let org = self.clone();
        let thread = std::thread::Builder::new()
            .name("sf-testorg".into())
            .spawn(move || runtime.block_on(connection::accept(listener, org, stopped)))
            .map_err(no_runtime)?;
        Ok(Server { org: self.clone(), address, url, stop: Some(stop), thread: Some(thread) })
    }
}
