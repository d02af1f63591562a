//! Calls of a load: repeated where that is harmless, with growing pauses.
use crate::{
    CallOptions, Clock, Delivery, Error, ErrorKind, Failure, Org, Result, Retry, Transport,
    protocol::{
        BodySink, Request, Response,
        bulk::{self, JobInfo},
    },
};
use std::time::Duration;

/// Sendings of one request by a job, unless [`CallOptions::attempts`] says: half a minute of pauses.
const ATTEMPTS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Pauses that grow by half, from one second to thirty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace(Duration);
impl Pace {
    pub(super) const START: Pace = Pace(FIRST_PAUSE);
    pub(super) async fn pause(&mut self, clock: &dyn Clock) {
        self.pause_for(Duration::ZERO, clock).await;
    }
    async fn pause_for(&mut self, least: Duration, clock: &dyn Clock) {
        clock.sleep_until(clock.now() + self.0.max(least)).await;
        self.0 = (self.0 * 3 / 2).min(LONGEST_PAUSE);
    }
}

#[derive(Debug, Clone)]
pub(super) struct Calls<'a> {
    transport: &'a dyn Transport,
    clock: &'a dyn Clock,
    /// For one sending: who repeats here are we, and the transport's repeats would multiply ours.
    one: CallOptions,
    attempts: Option<u32>,
}
impl<'a> Calls<'a> {
    pub(super) fn of(org: &'a Org) -> Calls<'a> {
        let options = org.call_options();
        let (attempts, one) = (options.attempts, options.clone().with_attempts(1));
        Calls { transport: org.transport(), clock: org.clock(), one, attempts }
    }
    /// Sendings of one request at most.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts.unwrap_or(ATTEMPTS).max(1)
    }
    /// What is not as good twice as once: the transport repeats it only where it surely was not taken.
    pub(super) async fn once(&self, request: &Request) -> Result<Response> {
        let options = match self.attempts {
            Some(_) => self.one.clone(),
            None => CallOptions { attempts: None, ..self.one.clone() },
        };
        self.transport.call(request, &options).await
    }
    /// Sends what is as good twice as once until there is an answer that can be read: a page of a proxy passes, too.
    pub(super) async fn repeat<T>(
        &self,
        request: &Request,
        read: impl Fn(&Response) -> Result<T> + Send,
    ) -> Result<T> {
        let mut pace = Pace::START;
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match self.transport.call(request, &self.one).await {
                Ok(response) => match read(&response) {
                    Err(error) => error,
                    read => return read,
                },
                Err(error) if is_passing(&error) => error,
                Err(error) => return Err(error),
            };
            if tries >= self.attempts() {
                return Err(error);
            }
            self.wait(&mut pace, &error).await;
        }
    }
    /// A new job. An answer that is lost leaves a job whose id nobody knows: one that reads changes nothing, one that writes is
    /// empty and ended by the org after a day. So another is made.
    pub(super) async fn create(&self, request: &Request) -> Result<JobInfo> {
        let mut pace = Pace::START;
        let mut tries = 1;
        loop {
            let answer = self.transport.call(request, &self.one).await;
            match answer.and_then(|answer| bulk::job_response(&answer)) {
                Err(error) if tries < self.attempts() && may_go_on(&error) => {
                    self.wait(&mut pace, &error).await;
                }
                answer => return answer,
            }
            tries += 1;
        }
    }
    /// A download from its start until it came whole; `new` makes an empty sink for each try.
    pub(super) async fn download<S: BodySink>(
        &self,
        request: &Request,
        new: impl Fn() -> S + Send,
        check: impl Fn(&mut S, &Response) -> Result<(), Failure> + Send,
    ) -> Result<S> {
        let mut pace = Pace::START;
        let mut tries = 0;
        loop {
            tries += 1;
            let mut sink = new();
            let error = match self.transport.download(request, &mut sink, &self.one).await {
                Ok(response) => match check(&mut sink, &response) {
                    Ok(()) => return Ok(sink),
                    // Cut off, perhaps: another try tells.
                    Err(failure) => Error::from(failure),
                },
                Err(error) if is_passing(&error) => error,
                Err(error) => return Err(error),
            };
            if tries >= self.attempts() {
                return Err(error);
            }
            self.wait(&mut pace, &error).await;
        }
    }
    pub(super) async fn wait(&self, pace: &mut Pace, error: &Error) {
        let least = match error.retry() {
            Retry::Backoff { after: Some(after) } => after,
            _ => Duration::ZERO,
        };
        pace.pause_for(least, self.clock).await;
    }
}

/// Reads an answer that has no content (Bulk API 2.0 guide, "Upload Job Data", "Delete a Job"). One that has some is not the org's.
pub(super) fn nothing(response: &Response) -> Result<()> {
    if response.text().trim().is_empty() {
        return Ok(());
    }
    let message = "an answer that has no content came with some";
    Err(Failure::new(ErrorKind::Decode, Delivery::Unknown, message).with_status(response.status).into())
}

/// Another try does no harm, and may work.
pub(super) fn may_go_on(error: &Error) -> bool {
    error.delivery() == Delivery::Unknown || is_passing(error)
}
/// A later try may work, as far as the failure tells.
fn is_passing(error: &Error) -> bool {
    matches!(error.retry(), Retry::Backoff { .. } | Retry::Lock)
        || matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout)
        || (error.delivery() == Delivery::Unknown && error.kind() != ErrorKind::Decode)
}
