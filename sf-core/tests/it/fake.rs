//! An exchange that answers from a script and remembers what it was asked.
use async_trait::async_trait;
use sf_core::protocol::{BodySink, Exchange, Protocol, Request, Response};
use sf_core::{ApiVersion, CallOptions, Capabilities, Delivery, ErrorKind, Failure, Result, Usage};
use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

/// Runs a future whose parts never wait for anything.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
    panic!("the future waits for something that never comes");
}

#[derive(Debug, Clone)]
pub(crate) struct Fake {
    pub(crate) capabilities: Capabilities,
    pub(crate) usage: Arc<Mutex<Usage>>,
    script: Arc<Mutex<VecDeque<Result<Response, Failure>>>>,
    log: Arc<Mutex<Vec<Request>>>,
    /// Answers wait until they are released, by the place of their request in the log.
    held: Option<Arc<Mutex<Held>>>,
}
#[derive(Debug, Default)]
struct Held {
    released: Vec<usize>,
    wakers: Vec<Waker>,
}
impl Fake {
    pub(crate) fn new() -> Fake {
        let mut capabilities = Capabilities::default();
        capabilities.reads_ahead = true;
        Fake { capabilities, usage: Arc::default(), script: Arc::default(), log: Arc::default(), held: None }
    }
    /// No answer comes before it is released.
    pub(crate) fn held(mut self) -> Fake {
        self.held = Some(Arc::default());
        self
    }
    /// Lets the answer to this request come.
    pub(crate) fn release(&self, request: usize) {
        let mut held = self.held.as_ref().unwrap().lock().unwrap();
        held.released.push(request);
        held.wakers.drain(..).for_each(Waker::wake);
    }
    pub(crate) fn answer(self, status: u16, body: impl Into<String>) -> Fake {
        self.response(Response::new(status, vec![], body))
    }
    pub(crate) fn response(self, response: Response) -> Fake {
        self.script.lock().unwrap().push_back(Ok(response));
        self
    }
    pub(crate) fn fail(self, failure: Failure) -> Fake {
        self.script.lock().unwrap().push_back(Err(failure));
        self
    }
    pub(crate) fn lose_answer(self) -> Fake {
        self.fail(Failure::new(ErrorKind::Timeout, Delivery::Unknown, "no answer in 30 s"))
    }
    pub(crate) fn lose_request(self) -> Fake {
        self.fail(Failure::new(ErrorKind::Network, Delivery::NotSent, "connection refused"))
    }
    pub(crate) fn transport(&self) -> Protocol<Fake> {
        Protocol::new(self.clone())
    }
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }
    /// Method and target of every request.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests()
            .iter()
            .map(|r| format!("{} {}", r.method, r.target(ApiVersion::CURRENT).unwrap()))
            .collect()
    }
    /// The body of a request as JSON.
    pub(crate) fn body(&self, index: usize) -> serde_json::Value {
        serde_json::from_str(self.requests()[index].body.text().unwrap()).unwrap()
    }
}
#[async_trait]
impl Exchange for Fake {
    fn capabilities(&self) -> Capabilities {
        self.capabilities.clone()
    }
    fn usage(&self) -> Usage {
        self.usage.lock().unwrap().clone()
    }
    async fn exchange(
        &self,
        request: &Request,
        sink: Option<&mut dyn BodySink>,
        _: &CallOptions,
    ) -> Result<Response> {
        let place = self.log.lock().unwrap().len();
        self.log.lock().unwrap().push(request.clone());
        let next = self.script.lock().unwrap().pop_front();
        if let Some(held) = &self.held {
            std::future::poll_fn(|cx| {
                let mut held = held.lock().unwrap();
                if held.released.contains(&place) {
                    return Poll::Ready(());
                }
                held.wakers.push(cx.waker().clone());
                Poll::Pending
            })
            .await;
        }
        let response = next.unwrap_or_else(|| panic!("unexpected request: {request:?}"))?;
        match sink {
            Some(sink) if response.is_success() => {
                sink.write(response.text().as_bytes()).unwrap();
                Ok(Response::new(response.status, response.headers.clone(), ""))
            }
            _ => Ok(response),
        }
    }
}
