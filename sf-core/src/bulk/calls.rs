//! Calls of a load: repeated where that is harmless, with growing pauses.
use crate::{
    CallOptions, Clock, Delivery, Error, ErrorKind, Failure, Org, Result, Retry, Transport,
    protocol::{
        BodySink, Request, Response,
        bulk::{self, JobInfo},
    },
};
use std::time::Duration;

/// Sendings of one request by a load; the transport repeats reads by itself, too.
pub(super) const ATTEMPTS: u32 = 5;
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

#[derive(Debug, Clone, Copy)]
pub(super) struct Calls<'a> {
    pub(super) transport: &'a dyn Transport,
    pub(super) clock: &'a dyn Clock,
    pub(super) options: &'a CallOptions,
}
impl<'a> Calls<'a> {
    pub(super) fn of(org: &'a Org) -> Calls<'a> {
        Calls { transport: org.transport(), clock: org.clock(), options: org.call_options() }
    }
    /// One sending.
    pub(super) async fn once(&self, request: &Request) -> Result<Response> {
        self.transport.call(request, self.options).await
    }
    /// Sends what is as good twice as once until there is an answer.
    pub(super) async fn repeat(&self, request: &Request) -> Result<Response> {
        let mut pace = Pace::START;
        for _ in 1..ATTEMPTS {
            match self.once(request).await {
                Err(error) if is_passing(&error) => self.wait(&mut pace, &error).await,
                answer => return answer,
            }
        }
        self.once(request).await
    }
    /// A new job. An answer that is lost leaves a job whose id nobody knows: one that reads changes nothing, one that writes is
    /// empty and ended by the org after a day. So another is made.
    pub(super) async fn create(&self, request: &Request) -> Result<JobInfo> {
        let mut pace = Pace::START;
        let mut tries = 1;
        loop {
            match self.once(request).await.and_then(|answer| bulk::job_response(&answer)) {
                Err(error) if tries < ATTEMPTS && may_go_on(&error) => self.wait(&mut pace, &error).await,
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
    ) -> Result<(S, Response)> {
        let mut pace = Pace::START;
        let mut tries = 0;
        loop {
            tries += 1;
            let mut sink = new();
            let answer = self.transport.download(request, &mut sink, self.options).await;
            let error = match answer {
                Ok(response) => match check(&mut sink, &response) {
                    Ok(()) => return Ok((sink, response)),
                    // Cut off, perhaps: another try tells.
                    Err(failure) => Error::from(failure),
                },
                Err(error) if is_passing(&error) => error,
                Err(error) => return Err(error),
            };
            if tries >= ATTEMPTS {
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
