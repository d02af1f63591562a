use super::{
    CallOptions, Capabilities, ChangedIds, DescribeOptions, Identity, Limits, Priority, QueryCall,
    QueryOptions, RowOutcome, Transport, Usage, Window, Write, WriteOptions,
};
use crate::{
    Clock, Delivery, Describe, ErrorKind, Failure, FieldName, ObjectName, Page, Result, SfId, Timestamp,
    protocol::{BodySink, Request, Response},
};
use async_trait::async_trait;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How much of the org's daily API calls is kept for people, in percent: work of a priority stops when less than
/// this is left.
///
/// People ([`Priority::Interactive`]) are never stopped here; the org itself says when nothing is left.
///
/// ```
/// use sf_core::{Priority, Reserves};
/// let reserves = Reserves::new().keep(Priority::Backfill, 50);
/// assert_eq!(reserves.of(Priority::Backfill), 50);
/// assert_eq!(reserves.of(Priority::Interactive), 0);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserves([u8; 6]);
impl Default for Reserves {
    fn default() -> Self {
        Reserves([0, 5, 10, 15, 20, 25])
    }
}
impl Reserves {
    /// 5 % kept from verification, 10 from polling, 15 from refreshes, 20 from first loads, 25 from destinations.
    pub fn new() -> Reserves {
        Reserves::default()
    }
    /// The same with another reserve for one priority, at most 100. That of people stays 0.
    #[must_use]
    pub fn keep(mut self, priority: Priority, percent: u8) -> Reserves {
        if priority != Priority::Interactive
            && let Some(slot) = self.0.get_mut(priority as usize)
        {
            *slot = percent.min(100);
        }
        self
    }
    /// The reserve that work of this priority must leave, in percent.
    pub fn of(&self, priority: Priority) -> u8 {
        self.0.get(priority as usize).copied().unwrap_or_default()
    }
}

/// A [`Transport`] whose background work stops before the org's daily API calls are used up, so that people can
/// still work.
///
/// It counts with what the org said last, all apps together: in the header of any answer ([`Usage::daily`]) or in the answer to
/// [`limits`](Transport::limits) (`DailyApiRequests`), whichever came later. [`usage`](Transport::usage) shows the figure. A call that
/// would use the reserve is refused with [`ErrorKind::LimitReached`], [`Delivery::NotSent`] and
/// [`Retry::Quota`](crate::Retry::Quota). Because only an answer brings a newer figure, one call in ten minutes goes
/// through as a probe. Before the first answer nothing is known and nothing is refused.
///
/// A transport without that header learns its figure from `limits` alone: ask for it once at the start, and every few minutes. Once in
/// ten minutes that is let through whatever is left.
#[derive(Debug)]
pub struct Budgeted<T> {
    inner: T,
    clock: Arc<dyn Clock>,
    reserves: Reserves,
    last_probe: Mutex<Option<Timestamp>>,
    /// When `/limits` was asked.
    asked: Mutex<Option<Timestamp>>,
    told: Mutex<Option<Told>>,
}
/// What `/limits` said.
#[derive(Debug, Clone, Copy)]
struct Told {
    daily: Daily,
    /// What the headers had said until then: another figure there is a later word.
    header: Option<Daily>,
}
/// Calls used, and the most allowed.
type Daily = (u64, u64);
/// How old the org's word may be while work is refused because of it.
const PROBE_AFTER: Duration = Duration::from_secs(600);

impl<T: Transport> Budgeted<T> {
    /// A budget with the default reserves.
    pub fn new(inner: T, clock: impl Clock) -> Budgeted<T> {
        Budgeted {
            inner,
            clock: Arc::new(clock),
            reserves: Reserves::default(),
            last_probe: Mutex::new(None),
            asked: Mutex::new(None),
            told: Mutex::new(None),
        }
    }
    /// The same with other reserves.
    #[must_use]
    pub fn with_reserves(mut self, reserves: Reserves) -> Budgeted<T> {
        self.reserves = reserves;
        self
    }
    /// The transport below.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// The org's last word: the header of an answer, unless `/limits` was asked after it.
    fn daily(&self) -> Option<Daily> {
        let header = self.inner.usage().daily;
        match *self.told.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(told) if told.header == header => Some(told.daily),
            _ => header,
        }
    }

    fn remember(&self, limits: &Limits, header: Option<Daily>) {
        let Some(limit) = limits.daily_api_requests() else { return };
        // Overdrawn, less than nothing is left.
        let (max, used) = (limit.max, limit.max.saturating_sub(limit.remaining));
        let (Ok(max), Ok(used)) = (u64::try_from(max), u64::try_from(used)) else { return };
        let told = Told { daily: (used, max), header };
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
    }

    /// The figure itself may be asked for, once in ten minutes: where no answer has the header, nothing else brings a newer one.
    fn permit_limits(&self, call: &CallOptions) -> Result<()> {
        let now = self.clock.now();
        let last = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|at| now < at + PROBE_AFTER) {
            self.permit(call)?;
        } else if let Some(probe) = self.last_probe.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            *probe = now;
        }
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        Ok(())
    }

    fn permit(&self, call: &CallOptions) -> Result<()> {
        let Some((used, most)) = self.daily() else { return Ok(()) };
        let percent = self.reserves.of(call.priority);
        let cost = u64::from(self.inner.capabilities().requests_per_call);
        let kept = most.saturating_mul(u64::from(percent)) / 100;
        let mut last_probe = self.last_probe.lock().unwrap_or_else(PoisonError::into_inner);
        if percent == 0 || used.saturating_add(cost).saturating_add(kept) <= most {
            *last_probe = None;
            return Ok(());
        }
        let now = self.clock.now();
        match *last_probe {
            Some(at) if at + PROBE_AFTER <= now => {
                *last_probe = Some(now);
                return Ok(());
            }
            Some(_) => {}
            None => *last_probe = Some(now),
        }
        let message = format!(
            "{used} of {most} daily API calls are used and the last {percent} % are kept for more urgent work"
        );
        Err(Failure::new(ErrorKind::LimitReached, Delivery::NotSent, message)
            .with_next_step(
                "Let the work wait until calls are free again (the count covers the last 24 hours), lower its \
                 reserve, or give it a higher priority.",
            )
            .into())
    }
}

#[async_trait]
impl<T: Transport> Transport for Budgeted<T> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    fn usage(&self) -> Usage {
        let mut usage = self.inner.usage();
        usage.daily = self.daily();
        usage
    }
    async fn query(&self, batch: &[QueryCall], options: &QueryOptions) -> Result<Vec<Result<Page, Failure>>> {
        self.permit(&options.call)?;
        self.inner.query(batch, options).await
    }
    async fn retrieve(
        &self,
        object: &ObjectName,
        ids: &[SfId],
        fields: &[FieldName],
        options: &CallOptions,
    ) -> Result<Page> {
        self.permit(options)?;
        self.inner.retrieve(object, ids, fields, options).await
    }
    async fn write(&self, batch: &[Write], options: &WriteOptions) -> Result<Vec<RowOutcome>> {
        self.permit(&options.call)?;
        self.inner.write(batch, options).await
    }
    async fn describe(&self, object: &ObjectName, options: &DescribeOptions) -> Result<Option<Describe>> {
        self.permit(&options.call)?;
        self.inner.describe(object, options).await
    }
    async fn changed(
        &self,
        object: &ObjectName,
        window: &Window,
        options: &CallOptions,
    ) -> Result<ChangedIds> {
        self.permit(options)?;
        self.inner.changed(object, window, options).await
    }
    async fn limits(&self, options: &CallOptions) -> Result<Limits> {
        self.permit_limits(options)?;
        let before = self.inner.usage().daily;
        let limits = self.inner.limits(options).await?;
        // A header that came meanwhile may be newer.
        if self.inner.usage().daily == before {
            self.remember(&limits, before);
        }
        Ok(limits)
    }
    async fn identity(&self, options: &CallOptions) -> Result<Identity> {
        self.permit(options)?;
        self.inner.identity(options).await
    }
    async fn call(&self, request: &Request, options: &CallOptions) -> Result<Response> {
        self.permit(options)?;
        self.inner.call(request, options).await
    }
    async fn download(
        &self,
        request: &Request,
        sink: &mut dyn BodySink,
        options: &CallOptions,
    ) -> Result<Response> {
        self.permit(options)?;
        self.inner.download(request, sink, options).await
    }
}
