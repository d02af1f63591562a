//! The org as an `Exchange`: requests and answers as over HTTP, without sockets and without a runtime.
use crate::{Fate, Method, Request, TestOrg, VirtualClock};
use async_trait::async_trait;
use sf_core::{
    CallOptions, Capabilities, Clock, ErrorKind, Result, Usage,
    protocol::{self, Body, BodySink, Exchange, Protocol},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The door to one org for a client in the same process. Signs in by itself, and once more after a 401.
///
/// Waits (a slow answer, the org's latency) are on the org's [`VirtualClock`].
#[derive(Debug, Clone)]
pub struct Wire {
    org: TestOrg,
    clock: VirtualClock,
    session: Arc<Mutex<Session>>,
}
#[derive(Debug, Default)]
struct Session {
    token: Option<String>,
    usage: Usage,
}

impl TestOrg {
    /// Requests and answers as over HTTP, without sockets: below a client's own REST code.
    pub fn wire(&self) -> Wire {
        Wire { org: self.clone(), clock: self.clock(), session: Arc::default() }
    }
    /// A transport to this org in the same process: [`Protocol`] over [`TestOrg::wire`].
    ///
    /// ```
    /// use sf_core::{CallOptions, Transport};
    /// use sf_testorg::TestOrg;
    ///
    /// let org = TestOrg::empty();
    /// let transport = org.transport();
    /// let who = org.clock().run(transport.identity(&CallOptions::new())).unwrap();
    /// assert_eq!(who.username, org.credentials().username);
    /// ```
    pub fn transport(&self) -> Protocol<Wire> {
        Protocol::new(self.wire())
    }
}

impl Wire {
    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One request as bytes and its answer, or why there is none.
    async fn send(&self, request: &protocol::Request) -> Result<crate::Response> {
        let target = request.target(self.capabilities().api_version)?;
        let mut sent = Request::new(method(request.method), target);
        sent.headers.clone_from(&request.headers);
        match &request.body {
            Body::Empty => {}
            Body::Stream(source) => {
                let mut bytes = Vec::new();
                let read =
                    source.open().and_then(|mut reader| std::io::Read::read_to_end(&mut reader, &mut bytes));
                read.map_err(|e| {
                    sf_core::Failure::invalid_input(format!("the request's body cannot be read: {e}"))
                })?;
                sent.body = bytes;
            }
            other => sent.body = other.text().unwrap_or_default().as_bytes().to_vec(),
        }
        if let Some(kind) = request.body.content_type() {
            sent = sent.header("Content-Type", kind);
        }
        let token = self.session().token.clone().unwrap_or_else(|| self.org.credentials().access_token);
        let sent = sent.bearer(&token);
        let response = self.org.handle(&sent);
        {
            let mut session = self.session();
            if ["/services/data/v", "/services/apexrest/"].iter().any(|api| sent.target.starts_with(api)) {
                session.usage.calls += 1;
            }
            session.usage.bytes_out += sent.body.len() as u64;
        }
        if !response.delay.is_zero() {
            self.clock.sleep_until(self.clock.now() + response.delay).await;
        }
        Ok(response)
    }

    /// The refresh grant; false when it fails.
    fn sign_in(&self) -> bool {
        let who = self.org.credentials();
        let form = format!(
            "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
            who.client_id, who.client_secret, who.refresh_token
        );
        let response = self.org.handle(&Request::new(Method::Post, "/services/oauth2/token").form(form));
        let answer: serde_json::Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let token = answer.get("access_token").and_then(serde_json::Value::as_str).map(str::to_owned);
        let is_new = token.is_some();
        if is_new {
            self.session().token = token;
        }
        is_new
    }
}

#[async_trait]
impl Exchange for Wire {
    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.name = "testorg";
        capabilities.reads_ahead = true;
        capabilities
    }
    fn usage(&self) -> Usage {
        self.session().usage.clone()
    }
    async fn exchange(
        &self,
        request: &protocol::Request,
        sink: Option<&mut dyn BodySink>,
        _options: &CallOptions,
    ) -> Result<protocol::Response> {
        let mut response = self.send(request).await?;
        let is_dead = response.status == 401 && response.text().contains("INVALID_SESSION_ID")
            || response.status == 403 && response.body == b"Bad_OAuth_Token";
        if response.fate == Fate::Delivered && is_dead && self.sign_in() && request.body.can_send() {
            response = self.send(request).await?;
        }
        let body = match response.fate {
            Fate::Delivered => response.body,
            // A client cannot tell the two apart.
            Fate::RequestLost | Fate::AnswerLost | Fate::RequestReset | Fate::AnswerReset => {
                let message = match response.fate {
                    Fate::RequestLost | Fate::AnswerLost => "the connection broke before an answer came",
                    _ => "the connection was reset before an answer came",
                };
                return Err(request.unanswered(ErrorKind::Network, message).into());
            }
            Fate::Torn(bytes) => {
                let mut body = response.body;
                body.truncate(bytes);
                self.session().usage.bytes_in += body.len() as u64;
                if let Some(sink) = sink {
                    let _ = sink.write(&body);
                }
                let message = "the connection broke in the middle of the answer";
                return Err(request.unanswered(ErrorKind::Network, message).into());
            }
        };
        {
            let mut session = self.session();
            session.usage.bytes_in += body.len() as u64;
            let info = response.headers.iter().find(|(n, _)| n == "Sforce-Limit-Info");
            if let Some((used, max)) = info.and_then(|(_, v)| v.strip_prefix("api-usage=")?.split_once('/')) {
                session.usage.daily = used.parse().ok().zip(max.parse().ok());
            }
        }
        match sink {
            Some(sink) if (200..300).contains(&response.status) => {
                sink.write(&body).map_err(|e| {
                    request.unanswered(ErrorKind::Setup, format!("the answer could not be written: {e}"))
                })?;
                Ok(protocol::Response::new(response.status, response.headers, ""))
            }
            _ => protocol::Response::from_bytes(response.status, response.headers, body),
        }
    }
}

fn method(method: protocol::Method) -> Method {
    match method {
        protocol::Method::Get => Method::Get,
        protocol::Method::Post => Method::Post,
        protocol::Method::Put => Method::Put,
        protocol::Method::Patch => Method::Patch,
        protocol::Method::Delete => Method::Delete,
        protocol::Method::Head => Method::Head,
    }
}
