//! The push: verify what is in doubt, check, make durable, send, settle.
use super::{Engine, ROUNDS, busy, run::Orphan};
use crate::{
    Answer, Error, Origin, Purpose, RecordKey, Report, Result, Settled, Step, WaitReason,
    decide::{
        Draft, Numbers, Rules, collect,
        conflict::{self, Found},
        outcome, send,
        values::{read_fields, stamp},
        verify,
    },
    store::{
        AttemptFilter, AttemptState, Depth, DueFilter, EntryState, RecordState, Selection, StoreWrite, View,
    },
};
use sf_core::{Delivery, ErrorKind, Failure, FieldName, Page, Record, RowOutcome, SfId, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Objects that one look at what is due makes room for: what is held in memory stays bounded.
const MIXED: usize = 4;
/// Longer than any performer still listens for an answer.
const GRACE: Duration = Duration::from_secs(30);
/// A describe this young is not to blame for a read that failed: another would say the same.
const FRESH: Duration = Duration::from_secs(60);

impl Engine {
    pub(super) async fn next_push(&self, report: &mut Report) -> Result<Step> {
        // Records looked at for one write call, when they are all checked.
        let look = self.inner.org.transport().capabilities().write_rows.clamp(1, send::CHECK_ROWS) as u32;
        for _ in 0..ROUNDS {
            let now = self.now();
            let selection = Selection {
                attempts: Some(AttemptFilter::Open),
                due: Some(DueFilter { by: now, limit: look }),
                next_due: true,
                ..Selection::default()
            };
            let view = self.inner.store.load(selection).await?;
            if let Some(lost) = view.attempts.iter().find(|a| self.is_lost(a, now)) {
                let failure = Failure::new(
                    ErrorKind::Timeout,
                    Delivery::Unknown,
                    "the program stopped before the answer came: what became of the change is looked up",
                );
                self.settle_attempt(lost, Err(failure), report).await?;
                self.session().orphans.remove(&lost.id);
                continue;
            }
            if view.records.is_empty() {
                return Ok(self.waiting(&view, now));
            }
            if let Some(step) = self.contact(false)? {
                return Ok(step);
            }
            let grounds = self.grounds();
            let rules = grounds.rules();
            let goes = |r: &RecordState| {
                let ready = send::ready(r, now);
                !ready.is_empty() && ready.iter().all(|e| send::is_checked(e, &rules))
            };
            let view = if view.records.iter().all(goes) {
                view
            } else {
                let wide = |objects: usize| Selection {
                    due: Some(DueFilter { by: now, limit: (objects * send::CHECK_ROWS) as u32 }),
                    attempts: Some(AttemptFilter::Open),
                    next_due: true,
                    ..Selection::default()
                };
                let view = self.inner.store.load(wide(1)).await?;
                // Edits of several objects in turn: a read is of one, and takes as many of it as it can.
                let objects: BTreeSet<_> = view.records.iter().map(|r| &r.object).collect();
                match objects.len().min(MIXED) {
                    mixed if mixed > 1 && view.records.len() >= send::CHECK_ROWS => {
                        self.inner.store.load(wide(mixed)).await?
                    }
                    _ => view,
                }
            };
            if let Some(step) = self.reading(&view, &rules, report).await? {
                match step {
                    Some(step) => return Ok(step),
                    None => continue,
                }
            }
            match self.writing(&view, &rules).await? {
                Writing::Step(step) => return Ok(step),
                Writing::Nothing => return Ok(self.waiting(&view, now)),
                Writing::Again => {}
            }
        }
        Err(busy())
    }

    /// A read that has to come before the next write. `Some(None)`: something was decided without one, look again.
    async fn reading(
        &self,
        view: &View,
        rules: &Rules<'_>,
        report: &mut Report,
    ) -> Result<Option<Option<Step>>> {
        let now = rules.now;
        let rows = send::CHECK_ROWS.min(self.inner.org.transport().capabilities().ids_per_call).max(1);
        let step = |purpose: Purpose, read: send::Read| {
            let send::Read { object, ids, fields } = read;
            let (id, rev) = (self.step_id(), view.rev);
            Some(Some(Step::Retrieve { id, purpose, rev, at: now, object, ids, fields }))
        };
        if self.locally(view, report, |draft, mine| verify::give_up(draft, rules, mine)).await? {
            return Ok(Some(None));
        }
        let doubtful = view.records.iter().map(|r| (r, verify::doubtful(r, now)));
        if let Some(read) = send::read(doubtful, rows) {
            return Ok(step(Purpose::Verify, read));
        }
        let late = view.records.iter().filter(|r| r.check_due.is_some_and(|d| d <= now));
        if let Some(read) = send::read(late.map(|r| (r, verify::confirmable(r, now))), rows) {
            return Ok(step(Purpose::Confirm, read));
        }
        if self.locally(view, report, |draft, mine| send::fit(draft, rules, mine)).await? {
            return Ok(Some(None));
        }
        let unchecked = view.records.iter().map(|record| {
            let ready = send::ready(record, now);
            let fields = if ready.iter().all(|e| send::is_checked(e, rules)) {
                Vec::new()
            } else {
                ready.iter().map(|e| e.field.clone()).collect()
            };
            (record, fields)
        });
        Ok(send::read(unchecked, rows).and_then(|read| step(Purpose::ConflictCheck, read)))
    }

    /// Commits what can be decided without a call. Says whether anything was.
    async fn locally(
        &self,
        view: &View,
        report: &mut Report,
        mut decide: impl FnMut(&mut Draft, &mut Report) -> bool,
    ) -> Result<bool> {
        let mut mine = Report::default();
        let mut decided = Vec::new();
        for record in &view.records {
            let mut draft = Draft::of(record.clone());
            if decide(&mut draft, &mut mine) {
                decided.push(draft);
            }
        }
        if decided.is_empty() {
            return Ok(false);
        }
        if self.commit(collect(decided, Origin::Local)).await? {
            report.absorb(mine);
        }
        Ok(true)
    }
    /// The write call, made durable before anybody can send it.
    async fn writing(&self, view: &View, rules: &Rules<'_>) -> Result<Writing> {
        let can = self.inner.org.transport().capabilities();
        let id = self.step_id();
        let Some(out) = send::write(&view.records, id, self.inner.owner, &can, rules) else {
            return Ok(Writing::Nothing);
        };
        let mut changes = collect(out.drafts, Origin::Local);
        changes.writes.push(StoreWrite::OpenAttempt(out.attempt));
        // Dropped while it is made durable, it may become so with nobody to perform it.
        let orphan = Orphan::of(self, id);
        let done = self.commit(changes).await?;
        orphan.has_an_owner();
        Ok(if done { Writing::Step(out.step) } else { Writing::Again })
    }

    /// Nobody will settle it: another process made it, its performer was dropped, or it is long overdue.
    fn is_lost(&self, attempt: &AttemptState, now: Timestamp) -> bool {
        attempt.owner != self.inner.owner
            || self.session().orphans.contains(&attempt.id)
            || now > self.overdue(attempt)
    }
    fn overdue(&self, attempt: &AttemptState) -> Timestamp {
        attempt.deadline + self.inner.settings.answer_within + GRACE
    }
    /// `now` is the moment of the selection: what became due since then was not selected, and nothing has backed off.
    fn waiting(&self, view: &View, now: Timestamp) -> Step {
        let wait = |until: Timestamp, reason| Step::Wait { until, reason };
        if let Some(until) = view.attempts.iter().map(|a| self.overdue(a)).min() {
            return wait(until + Duration::from_millis(1), WaitReason::InFlight);
        }
        match (view.next_due.queued, view.next_due.earliest()) {
            (Some(until), _) if until > now => wait(until, WaitReason::Debounce),
            (_, Some(until)) => wait(until, WaitReason::Backoff),
            (_, None) => Step::Idle,
        }
    }

    // -- settling --

    pub(super) async fn settle_write(&self, step: crate::StepId, answer: Answer) -> Result<Settled> {
        let outcomes = match answer {
            Answer::Rows(outcomes) => Ok(outcomes),
            Answer::Failed(failure) => Err(failure),
            _ => return Err(mismatch()),
        };
        let selection = Selection { attempts: Some(AttemptFilter::Of(step)), ..Selection::default() };
        let view = self.inner.store.load(selection).await?;
        self.session().orphans.remove(&step);
        let Some(attempt) = view.attempts.first() else { return Ok(Settled::AlreadySettled) };
        let mut report = Report::default();
        if self.settle_attempt(attempt, outcomes, &mut report).await? {
            Ok(Settled::Applied(report))
        } else {
            Ok(Settled::AlreadySettled)
        }
    }
    async fn settle_attempt(
        &self,
        attempt: &AttemptState,
        outcomes: Result<Vec<RowOutcome>, Failure>,
        report: &mut Report,
    ) -> Result<bool> {
        let fates = outcome::fates(attempt, outcomes);
        let keys: Vec<RecordKey> = attempt.rows.iter().map(|r| r.record).collect();
        for _ in 0..ROUNDS {
            let (mut records, closed) = self.load_full(&keys).await?;
            let grounds = self.grounds();
            let rules = grounds.rules();
            let mut mine = Report::default();
            mine.pushed.rows = attempt.rows.len() as u64;
            let mut drafts = Vec::with_capacity(attempt.rows.len());
            for (row, fate) in attempt.rows.iter().zip(&fates) {
                let Some(record) = records.remove(&row.record) else { continue };
                let mut draft = Draft::of(record).with_closed(&closed);
                outcome::apply(&mut draft, row, fate, attempt.deadline, &rules, &mut mine);
                drafts.push(draft);
            }
            let mut changes = collect(drafts, Origin::Remote);
            changes.guard.attempt = Some(attempt.id);
            changes.writes.push(StoreWrite::CloseAttempt(attempt.id));
            if self.commit(changes).await? {
                report.absorb(mine);
                return Ok(true);
            }
            let still = Selection { attempts: Some(AttemptFilter::Of(attempt.id)), ..Selection::default() };
            if self.inner.store.load(still).await?.attempts.is_empty() {
                return Ok(false);
            }
        }
        Err(busy())
    }

    /// Settles the reads of a push. What moved since the step was made is left for the next look: the answer may be
    /// older than it.
    pub(super) async fn settle_check(&self, step: &Step, answer: Answer) -> Result<Settled> {
        let Step::Retrieve { purpose, rev, at, object, ids, fields, .. } = step else {
            return Err(mismatch());
        };
        let page = match answer {
            Answer::Retrieved(page) => page,
            Answer::Failed(failure) => return self.unreadable(object, failure),
            _ => return Err(mismatch()),
        };
        let found = self.found(*at, object, ids, fields, &page)?;
        for _ in 0..ROUNDS {
            let keys: Vec<RecordKey> = found.keys().copied().collect();
            let (records, closed) = self.load_full(&keys).await?;
            let next_change = self.inner.store.load(Selection::default()).await?.next_change;
            let grounds = self.grounds();
            let rules = grounds.rules();
            let mut numbers = Numbers::from(next_change);
            let mut report = Report::default();
            let mut drafts = Vec::with_capacity(records.len());
            for (key, record) in records {
                let Some(row) = found.get(&key).filter(|_| record.rev <= *rev) else { continue };
                let mut draft = Draft::of(record).with_closed(&closed);
                match purpose {
                    Purpose::Verify => verify::settle(&mut draft, row.as_ref(), &rules, &mut report),
                    Purpose::Confirm => {
                        verify::confirm(&mut draft, row.as_ref(), &mut numbers, &rules, &mut report);
                    }
                    _ => conflict::check(&mut draft, row.as_ref(), &rules, &mut report),
                }
                drafts.push(draft);
            }
            if drafts.is_empty() {
                return Ok(Settled::AlreadySettled);
            }
            let mut changes = collect(drafts, Origin::Remote);
            changes.guard.next_change = numbers.guard();
            if self.commit(changes).await? {
                return Ok(Settled::Applied(report));
            }
        }
        Err(busy())
    }
    /// A field or an object that the org does not show any more is known after the next describe: then the read is made
    /// without it.
    fn unreadable(&self, object: &sf_core::ObjectName, failure: Failure) -> Result<Settled> {
        use sf_core::ErrorCode::{InvalidField, InvalidType};
        let old = self.schema().described_before(object, self.now() - FRESH);
        match failure.code {
            Some(InvalidField) => self.doubt_schema(&failure, Some(object)),
            Some(InvalidType) => self.forget_schema(object),
            _ => return Err(Error::from(failure)),
        }
        if old { Ok(Settled::AlreadySettled) } else { Err(Error::from(failure)) }
    }
    /// The rows of a retrieve by record: `None` for a record the user does not see. The fields are those asked for,
    /// whatever the mapping says by now.
    fn found(
        &self,
        at: Timestamp,
        object: &sf_core::ObjectName,
        ids: &[SfId],
        fields: &[FieldName],
        page: &Page,
    ) -> Result<BTreeMap<RecordKey, Option<Found>>> {
        let rows = page.decode::<Option<Record>>()?;
        if rows.len() != ids.len() {
            let message = format!("the answer has {} rows for {} ids", rows.len(), ids.len());
            return Err(Failure::new(ErrorKind::Decode, Delivery::Refused, message).into());
        }
        let schema = self.schema();
        let mut found = BTreeMap::new();
        for (id, row) in ids.iter().zip(rows) {
            let key = RecordKey::Id(*id);
            match row? {
                None => {
                    found.insert(key, None);
                }
                Some(row) => {
                    let fields = read_fields(&row, fields, schema.get(object));
                    found.insert(key, Some(Found { at, stamp: stamp(&row), fields }));
                }
            }
        }
        Ok(found)
    }

    /// Records in full, and the closed entries that their open ones undo.
    pub(super) async fn load_full(
        &self,
        keys: &[RecordKey],
    ) -> Result<(BTreeMap<RecordKey, RecordState>, Vec<EntryState>)> {
        let selection = Selection { keys: keys.to_vec(), depth: Depth::Full, ..Selection::default() };
        let mut view = self.inner.store.load(selection).await?;
        let undone: Vec<_> = view.records.iter().flat_map(|r| &r.open).filter_map(|e| e.undoes).collect();
        let mut closed = Vec::new();
        if !undone.is_empty() {
            // Loaded together: the originals must be those of the same moment.
            let selection = Selection {
                keys: keys.to_vec(),
                depth: Depth::Full,
                changes: undone,
                ..Selection::default()
            };
            view = self.inner.store.load(selection).await?;
            closed = std::mem::take(&mut view.entries);
        }
        Ok((view.records.into_iter().map(|r| (r.key, r)).collect(), closed))
    }
}

enum Writing {
    Step(Step),
    Again,
    Nothing,
}
pub(super) fn mismatch() -> Error {
    Error::new(crate::ErrorKind::InvalidInput, "the answer does not belong to the step")
        .with_next_step("Give `settle` the answer that `perform` gave for the same step.")
}
