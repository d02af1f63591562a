//! The loops over the three verbs.
use super::Engine;
use crate::{Answer, Purpose, Report, Result, Scope, Settled, Step, StepId, WaitReason, Work};
use sf_core::{Delivery, ErrorKind, Retry, Timestamp};
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::PoisonError,
    task::Poll,
    time::Duration,
};

impl Engine {
    /// What the engine wants from the network next. Store only. A `Write` is durable as an attempt before it is returned:
    /// give it to [`perform`](Engine::perform) once, and its answer to [`settle`](Engine::settle).
    ///
    /// What it decided without a call (a value that the schema refuses, say) is in the report of the next
    /// [`settle`](Engine::settle), also of an idle step.
    ///
    /// # Errors
    /// Of the store; before a pull [`ErrorKind::Mapping`](crate::ErrorKind::Mapping) when the mapping does not fit the
    /// org, and what the org said when it would not describe an object. A push does without: it fails what does not
    /// fit change by change.
    pub async fn next(&self, work: &Work) -> Result<Step> {
        let mut report = Report::default();
        let step = self.next_with(work, &mut report).await;
        self.session().unreported.absorb(report);
        step
    }
    async fn next_with(&self, work: &Work, report: &mut Report) -> Result<Step> {
        match work {
            Work::Push => self.next_push(report).await,
            Work::Pull(scope) => self.next_pull(scope).await,
            Work::Sync => match self.next_push(report).await? {
                Step::Idle | Step::Wait { reason: WaitReason::Backoff, .. } => {
                    self.next_pull(&Scope::Changed).await
                }
                step => Ok(step),
            },
        }
    }
    /// Applies what the network said. Store only. Settling the same answer twice changes nothing.
    ///
    /// # Errors
    /// The failure of a read, after which nothing has changed and [`next`](Engine::next) asks again;
    /// [`ErrorKind::OtherOrg`](crate::ErrorKind::OtherOrg) when another org is signed in to; errors of the store.
    pub async fn settle(&self, step: &Step, answer: Answer) -> Result<Settled> {
        let settled = self.settle_answer(step, answer).await?;
        let idle = matches!(step, Step::Wait { .. } | Step::Idle);
        let mut session = self.session();
        match settled {
            Settled::Applied(done) => {
                let mut report = std::mem::take(&mut session.unreported);
                report.absorb(done);
                Ok(Settled::Applied(report))
            }
            Settled::AlreadySettled if idle && session.unreported != Report::default() => {
                Ok(Settled::Applied(std::mem::take(&mut session.unreported)))
            }
            other => Ok(other),
        }
    }
    async fn settle_answer(&self, step: &Step, answer: Answer) -> Result<Settled> {
        match (step, answer) {
            (Step::Write { id, .. }, answer) => self.settle_write(*id, answer).await,
            (Step::Query { purpose: Purpose::Pull { scope, position }, .. }, answer)
            | (Step::Retrieve { purpose: Purpose::Pull { scope, position }, .. }, answer) => {
                self.settle_pull(step, scope, *position, answer).await
            }
            (Step::Retrieve { .. }, answer) => self.settle_check(step, answer).await,
            (Step::Identify { .. }, Answer::Identity(identity)) => self.settle_identity(&identity).await,
            (Step::Describe { objects, .. }, Answer::Described(described)) => {
                self.settle_describes(objects, described).await
            }
            (Step::Wait { .. } | Step::Idle, _) => Ok(Settled::AlreadySettled),
            (_, Answer::Failed(failure)) => Err(failure.into()),
            _ => Err(super::push::mismatch()),
        }
    }

    /// Works until the engine has nothing more to do for `work`, or only what backs off.
    pub(super) async fn work(&self, work: &Work) -> Result<Report> {
        let mut report = Report::default();
        if let Work::Pull(scope) = work {
            self.forget_ended(scope).await?;
        }
        loop {
            let rung = self.inner.alarm.rung();
            let turn = self.inner.gate.enter().await;
            match self.next_with(work, &mut report).await? {
                Step::Idle | Step::Wait { reason: WaitReason::Backoff, .. } => return Ok(report),
                Step::Wait { until, .. } => {
                    drop(turn);
                    self.inner.alarm.sleep(rung, self.inner.clock.sleep_until(until)).await;
                }
                step => self.carry_out(&step, &mut report).await?,
            }
        }
    }
    /// Whatever has to be known before the first other call.
    pub(super) async fn meet(&self, report: &mut Report) -> Result<()> {
        let _turn = self.inner.gate.enter().await;
        while let Some(step) = self.contact(true)? {
            self.carry_out(&step, report).await?;
        }
        Ok(())
    }
    async fn carry_out(&self, step: &Step, report: &mut Report) -> Result<()> {
        // Dropped between here and the end, nobody will settle this write: then its fate must be looked up.
        let orphan = match step {
            Step::Write { id, .. } => Some(Orphan::of(self, *id)),
            _ => None,
        };
        let answer = self.perform(step).await;
        report.calls += match (step, &answer) {
            (Step::Wait { .. } | Step::Idle, _) => 0,
            (_, Answer::Failed(failure)) if failure.delivery == Delivery::NotSent => 0,
            (_, Answer::Described(described)) => described.len() as u64,
            _ => 1,
        };
        let settled = self.settle(step, answer).await?;
        if let Some(orphan) = orphan {
            orphan.has_an_owner();
        }
        if let Settled::Applied(done) = settled {
            report.absorb(done);
        }
        Ok(())
    }

    /// Keeps org and store in step until `stop` completes; then finishes the call in flight. Pushes edits as their
    /// debounce ends, pulls changes every minute ([`EngineBuilder::poll_every`](crate::EngineBuilder::poll_every)), looks
    /// again after [`wake`](Engine::wake), and backs off while the org cannot be reached or another process holds the
    /// database.
    ///
    /// # Errors
    /// Of the store, and of what only a person can mend: a mapping that does not fit, or a sign-in that the org refused
    /// three times without a call that went well between them.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) -> Result<()> {
        let mut stop = pin!(stop);
        let mut pull_at = self.now();
        let (mut trouble, mut sign_ins) = (0_u32, 0_u32);
        loop {
            let rung = self.inner.alarm.rung();
            let pulls = self.now() >= pull_at;
            let settings = &self.inner.settings;
            let mut report = Report::default();
            let mut done = self.round(&Work::Push, stop.as_mut(), &mut report).await;
            let mut well = report.pushed.pushed > 0;
            if let (true, Ok(Round::Done(due))) = (pulls, &done) {
                let (due, mut report) = (*due, Report::default());
                done =
                    self.round(&Work::Pull(Scope::Changed), stop.as_mut(), &mut report).await.map(|pulled| {
                        match pulled {
                            Round::Stopped => Round::Stopped,
                            Round::Done(_) => Round::Done(due),
                        }
                    });
                well |= done.is_ok() && report.calls > 0;
                pull_at = self.now() + settings.poll;
            }
            if well {
                sign_ins = 0;
            }
            let until = match done {
                Ok(Round::Stopped) => return Ok(()),
                Ok(Round::Done(due)) => {
                    trouble = 0;
                    due.map_or(pull_at, |due| due.min(pull_at))
                }
                Err(e) => {
                    sign_ins += u32::from(is_sign_in(&e));
                    if !passes(&e) || sign_ins >= SIGN_INS {
                        return Err(e);
                    }
                    trouble += 1;
                    let pause = settings.backoff.saturating_mul(1 << trouble.min(8));
                    self.now() + pause.min(settings.backoff_limit)
                }
            };
            let mut sleep = pin!(self.inner.alarm.sleep(rung, self.inner.clock.sleep_until(until)));
            let stopped = poll_fn(|context| {
                if stop.as_mut().poll(context).is_ready() {
                    return Poll::Ready(true);
                }
                sleep.as_mut().poll(context).map(|()| false)
            })
            .await;
            if stopped {
                return Ok(());
            }
        }
    }
    /// As [`Engine::work`] without any waiting, until `stop`.
    async fn round(
        &self,
        work: &Work,
        mut stop: Pin<&mut (impl Future<Output = ()> + Send)>,
        report: &mut Report,
    ) -> Result<Round> {
        if let Work::Pull(scope) = work {
            self.forget_ended(scope).await?;
        }
        loop {
            if poll_fn(|context| Poll::Ready(stop.as_mut().poll(context).is_ready())).await {
                return Ok(Round::Stopped);
            }
            let _turn = self.inner.gate.enter().await;
            match self.next_with(work, report).await? {
                Step::Idle => return Ok(Round::Done(None)),
                Step::Wait { until, .. } => {
                    return Ok(Round::Done(Some(until.max(self.now() + Duration::from_millis(1)))));
                }
                step => self.carry_out(&step, report).await?,
            }
        }
    }
}
/// How a round of [`Engine::run`] ended.
enum Round {
    Stopped,
    /// Nothing more to do before this.
    Done(Option<Timestamp>),
}

/// Refused sign-ins after which a person has to look. A token that ran out while it was used costs one.
const SIGN_INS: u32 = 3;

fn is_sign_in(error: &crate::Error) -> bool {
    error.failure().is_some_and(|failure| matches!(failure.retry(), Retry::SignIn))
}
/// Whether the trouble may go away by itself.
fn passes(error: &crate::Error) -> bool {
    if error.kind() == crate::ErrorKind::Busy {
        return true;
    }
    error.failure().is_some_and(|failure| {
        !matches!(failure.retry(), Retry::Never)
            || matches!(failure.kind, ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Unavailable)
    })
}

/// An attempt that nobody will settle when this is dropped.
pub(super) struct Orphan<'e> {
    engine: &'e Engine,
    attempt: Option<StepId>,
}
impl<'e> Orphan<'e> {
    pub(super) fn of(engine: &'e Engine, attempt: StepId) -> Orphan<'e> {
        Orphan { engine, attempt: Some(attempt) }
    }
    /// Somebody settles it, or did.
    pub(super) fn has_an_owner(mut self) {
        self.attempt = None;
    }
}
impl Drop for Orphan<'_> {
    fn drop(&mut self) {
        if let Some(attempt) = self.attempt {
            let mut session = self.engine.inner.session.lock().unwrap_or_else(PoisonError::into_inner);
            session.orphans.insert(attempt);
        }
    }
}
