use crate::{
    address::Origin,
    fault::{failure, setup},
    retry::wait_before_next,
    send::Sender,
    trace,
};
use async_trait::async_trait;
use sf_core::{
    AccessToken, CallOptions, Capabilities, Credentials, Delivery, Error, ErrorKind, Failure, Result, Retry,
    Usage,
    protocol::{Body, BodySink, Counted, Exchange, Gate, Request, Response, Safety},
};
use std::{fmt, sync::Arc, time::Duration};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout_at},
};
use tracing::{Instrument, instrument::WithSubscriber};

/// REST over HTTPS: the [`Exchange`] under [`RestTransport`](crate::RestTransport).
///
/// It adds host, token and API version to a [`Request`], sends it and reads the answer. What a request or
/// an answer *means* is in [`sf_core::protocol`]. Made by [`Rest::connect`](crate::Rest::connect); clones
/// share connections, session and counters.
#[derive(Clone)]
pub struct Http(pub(crate) Arc<Channel>);

pub(crate) struct Channel {
    pub(crate) sender: Sender,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) allow_loopback_http: bool,
    pub(crate) total_timeout: Duration,
    pub(crate) gate: Gate,
}

#[async_trait]
impl Exchange for Http {
    fn capabilities(&self) -> Capabilities {
        let mut can = Capabilities::default();
        can.name = "rest";
        can.api_version = self.0.sender.version;
        can.body_limit = self.0.sender.body_limit;
        can.reads_ahead = true;
        can
    }

    fn usage(&self) -> Usage {
        self.0.sender.counters.read()
    }

    async fn exchange(
        &self,
        request: &Request,
        mut sink: Option<&mut dyn BodySink>,
        options: &CallOptions,
    ) -> Result<Response> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(no_runtime());
        }
        let span = trace::call(request);
        let to_memory = sink.as_deref_mut().map(|sink| sink.memory().is_some());
        // A source that can be read once and was not read yet is given back as the call is dropped, and not some time later (once it is read,
        // a thread has it until its read ends); a sink is the caller's.
        if matches!(request.body, Body::Stream(_)) || to_memory == Some(false) {
            return self.0.exchange(request, sink, options).instrument(span).await;
        }
        // A future that nobody polls would keep its place of the few, and the program that works on the rows of the page before, or has
        // left a step of a load for a moment, would wait for it with its own call.
        let (channel, request, options) = (self.0.clone(), request.clone(), options.clone());
        let call = async move {
            let mut bytes = Vec::new();
            let sink = to_memory.map(|_| &mut bytes as &mut dyn BodySink);
            let response = channel.exchange(&request, sink, &options).await?;
            Ok((response, bytes))
        };
        let task = Task(tokio::spawn(call.instrument(span).with_current_subscriber()));
        let (response, bytes) = task.answer().await?;
        match sink.and_then(|sink| sink.memory()) {
            Some(memory) if memory.is_empty() => *memory = bytes,
            Some(memory) => memory.extend_from_slice(&bytes),
            None => {}
        }
        Ok(response)
    }
}

impl Channel {
    async fn exchange(
        &self,
        request: &Request,
        sink: Option<&mut dyn BodySink>,
        options: &CallOptions,
    ) -> Result<Response> {
        let deadline = deadline(options.timeout.unwrap_or(self.total_timeout));
        let mut sink = sink.map(Counted::new);
        let mut token = self.token(None, deadline).await?;
        let (mut sent, mut renewals) = (0, 0);
        loop {
            // Read anew each time: a refresh may have moved the session to another host.
            let origin = Origin::parse(token.instance_url(), self.allow_loopback_http)?;
            let queued = Instant::now();
            let Ok(place) = timeout_at(deadline, self.gate.enter(options.priority)).await else {
                return Err(crate::send::too_late(
                    Delivery::NotSent,
                    "the time for this call was over while others were under way",
                ));
            };
            sent += 1;
            let started = Instant::now();
            let to = sink.as_mut().map(|s| s as &mut dyn BodySink);
            let outcome = self.sender.send(request, to, &token, &origin, deadline).await;
            drop(place);
            let failure = match &outcome {
                Ok(response) if response.is_success() || response.status == 304 => None,
                Ok(response) => Some(request.failure(response)),
                Err(e) => Some(e.failure().clone()),
            };
            trace::request(&outcome, failure.as_ref(), sent, (queued, started));
            let Some(failure) = failure else { return outcome };

            // A refused token is no failed attempt: nothing of the request was looked at, unless who answered is in doubt. One that another process got
            // may have expired since; after that it is one token request for each request, or it would never end.
            let may_renew = renewals == 0 || (renewals == 1 && token.is_of_unknown_age());
            let refused = request.safety == Safety::Read || failure.delivery != Delivery::Unknown;
            if outcome.is_ok() && failure.retry() == Retry::SignIn && may_renew && refused {
                renewals += 1;
                sent -= 1;
                trace::renewal(renewals);
                token = self.token(Some(&token), deadline).await.map_err(|e| because(e, &failure))?;
                if !request.body.can_send() {
                    return Err(failure.with_next_step(ONCE).into());
                }
                continue;
            }
            let streamed = sink.as_ref().is_some_and(|s| s.has_begun());
            match wait_before_next(&failure, request.safety, sent, options.attempts) {
                Some(wait) if !streamed && request.body.can_send() && Instant::now() + wait < deadline => {
                    trace::pause(sent, wait);
                    sleep(wait).await;
                }
                _ => return outcome,
            }
        }
    }

    /// Whatever became of a token request: the request that needs the token was not sent, or refused unread.
    async fn token(&self, stale: Option<&AccessToken>, deadline: Instant) -> Result<AccessToken> {
        match timeout_at(deadline, self.credentials.token(stale)).await {
            Ok(token) => token.map_err(|e| changed(e, |f| f.delivery = Delivery::NotSent)),
            Err(_) => Err(crate::send::too_late(
                Delivery::NotSent,
                "the time for this call was over before there was an access token",
            )),
        }
    }
}

const ONCE: &str =
    "The session is renewed now. The body could be read once only: give it again and repeat the call.";

/// A year when the sum would overflow: `CallOptions::timeout` may be anything.
fn deadline(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 3600))
}

/// Why the session asked for a new token, kept with the error that it got instead. Signing in again would not help where something
/// else is wrong: that keeps its own words.
fn because(error: Error, refusal: &Failure) -> Error {
    if error.failure().code.is_some() || error.kind() != ErrorKind::NotSignedIn {
        return error;
    }
    changed(error, |failure| {
        failure.code.clone_from(&refusal.code);
        failure.status = failure.status.or(refusal.status);
    })
}

/// The same error with other facts; one that has a source is kept as the source.
fn changed(error: Error, change: impl FnOnce(&mut Failure)) -> Error {
    let mut failure = error.failure().clone();
    change(&mut failure);
    if failure == *error.failure() {
        return error;
    }
    let changed = Error::new(failure);
    if std::error::Error::source(&error).is_some() { changed.with_source(error) } else { changed }
}

pub(crate) fn no_runtime() -> Error {
    setup(
        "the REST transport needs a tokio runtime",
        "Call it inside `#[tokio::main]`, or in `Runtime::block_on` of a runtime built with `enable_all()`.",
    )
}

/// A call on a task of its own; dropping it ends the call.
struct Task<T>(JoinHandle<Result<T>>);
impl<T> Task<T> {
    async fn answer(mut self) -> Result<T> {
        match (&mut self.0).await {
            Ok(outcome) => outcome,
            Err(ended) => Err(Error::from(failure(
                ErrorKind::Network,
                Delivery::Unknown,
                "the call was ended before its answer came",
                "Make calls while their tokio runtime runs; if it did, please report this with the log.",
            ))
            .with_source(ended)),
        }
    }
}
impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("credentials", &self.0.credentials)
            .field("api_version", &self.0.sender.version)
            .finish_non_exhaustive()
    }
}
