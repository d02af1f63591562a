//! A simulated org: direct calls, an in-process transport, an HTTP server.
mod clock;
mod fault;
mod transport;
pub use clock::VirtualClock;
pub use fault::{Effect, Fault, On};
pub use transport::{InProcess, Wire};

use sf_core::{
    Describe, ObjectName, Record, Result, SfId, Value, Write,
    protocol::{Request, Response},
};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

/// One org. Cheap to clone; all doors open on the same state.
#[derive(Debug, Clone)]
pub struct TestOrg {
    state: Arc<Mutex<State>>,
    clock: VirtualClock,
}
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) pages: u64,
    pub(crate) faults: Vec<Fault>,
}

#[derive(Debug, Clone, Default)]
pub struct Builder {
    seed: u64,
    accounts: usize,
}
impl Builder {
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
    #[must_use]
    pub fn accounts(mut self, n: usize) -> Self {
        self.accounts = n;
        self
    }
    #[must_use]
    pub fn schema(self, _d: Describe) -> Self {
        self
    }
    pub fn build(self) -> TestOrg {
        TestOrg { state: Arc::default(), clock: VirtualClock::new(self.seed) }
    }
}
impl TestOrg {
    /// Realistic rows of every object, seed 1.
    pub fn demo() -> TestOrg {
        TestOrg::builder().accounts(50).build()
    }
    pub fn empty() -> TestOrg {
        TestOrg::builder().build()
    }
    pub fn builder() -> Builder {
        Builder::default()
    }
    // Direct door: what tests say. Synchronous, no I/O.
    pub fn row(&self, _id: SfId) -> Option<Record> {
        todo!()
    }
    pub fn rows(&self, _object: &ObjectName) -> Vec<Record> {
        todo!()
    }
    pub fn apply(&self, _write: Write) -> SfId {
        todo!("a person in the org's own UI")
    }
    pub fn value(&self, _id: SfId, _field: &str) -> Value {
        todo!()
    }
    pub fn on_save(&self, _object: ObjectName, _trigger: impl Fn(&mut Record) + Send + 'static) {
        todo!()
    }
    pub fn inject(&self, fault: Fault) {
        if let Ok(mut s) = self.state.lock() {
            s.faults.push(fault);
        }
    }
    pub fn calls(&self) -> Vec<Request> {
        todo!("the request log")
    }
    pub fn clock(&self) -> VirtualClock {
        self.clock.clone()
    }
    /// The whole HTTP surface as a function: the server, `Transport::call` and [`Wire`] all use it.
    pub fn handle(&self, _request: &Request) -> Response {
        todo!()
    }
    pub fn transport(&self) -> InProcess {
        InProcess::new(self.clone())
    }
    /// Requests and answers as over HTTP, without sockets: for tests of the REST client itself.
    pub fn wire(&self) -> Wire {
        Wire::new(self.clone())
    }
    /// Own thread, own runtime; stops when dropped. Real time drives the clock.
    pub fn serve(&self) -> Result<Server> {
        self.serve_at(([127, 0, 0, 1], 0).into())
    }
    pub fn serve_at(&self, _at: SocketAddr) -> Result<Server> {
        todo!()
    }
    pub fn latency(&self, _d: Duration) {
        todo!()
    }
    pub(crate) fn state(&self) -> &Mutex<State> {
        &self.state
    }
}
#[derive(Debug)]
pub struct Server {
    url: String,
    token: String,
}
impl Server {
    pub fn url(&self) -> &str {
        &self.url
    }
    pub fn token(&self) -> &str {
        &self.token
    }
}
