//! What an answer to a write means for the log.
use super::{Draft, Rules, conflict};
use crate::{
    ChangeId, Event, Report, Status,
    store::{AttemptRow, AttemptState, EntryState, Phase, Suspect},
};
use sf_core::{Delivery, ErrorKind, Failure, Retry, RowOutcome, Timestamp};

/// What became of one row.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    Done,
    /// Refused by itself.
    Failed(Failure),
    /// The whole request was refused, or the part of it that the row was in, with this many rows.
    Batch(Failure, usize),
    /// May be applied now, later or never.
    Unknown(Failure),
}

/// One fate per row of the attempt, whatever the answer says: rows it does not account for are unknown.
pub(crate) fn fates(attempt: &AttemptState, outcomes: Result<Vec<RowOutcome>, Failure>) -> Vec<Fate> {
    let rows = attempt.rows.len();
    match outcomes {
        Err(failure) => {
            let fate = match failure.delivery {
                Delivery::Unknown => Fate::Unknown(failure),
                _ => Fate::Batch(failure, rows),
            };
            vec![fate; rows]
        }
        Ok(outcomes) => {
            // A status is that of an answer, not of a row: all rows of a part have the same one.
            let mut parts: Vec<(Failure, usize)> = Vec::new();
            for failure in outcomes.iter().filter_map(RowOutcome::failure) {
                if failure.status.is_none() || failure.delivery == Delivery::Unknown {
                    continue;
                }
                match parts.iter_mut().find(|(part, _)| part == failure) {
                    Some((_, rows)) => *rows += 1,
                    None => parts.push((failure.clone(), 1)),
                }
            }
            let mut fates: Vec<Fate> = outcomes
                .into_iter()
                .zip(&attempt.rows)
                .map(|(outcome, row)| match outcome {
                    RowOutcome::Done { id, .. } if row.record.id() == Some(id) => Fate::Done,
                    RowOutcome::Done { id, .. } => {
                        Fate::Unknown(unaccounted(&format!("it names {id} instead")))
                    }
                    RowOutcome::Failed(failure) if failure.delivery == Delivery::Unknown => {
                        Fate::Unknown(failure)
                    }
                    RowOutcome::Failed(failure) => match parts.iter().find(|(part, _)| *part == failure) {
                        None => Fate::Failed(failure),
                        Some((_, rows)) => Fate::Batch(failure, *rows),
                    },
                })
                .collect();
            fates.resize_with(rows, || Fate::Unknown(unaccounted("it has fewer rows than were sent")));
            fates
        }
    }
}
fn unaccounted(why: &str) -> Failure {
    Failure::new(
        ErrorKind::Decode,
        Delivery::Unknown,
        format!("the answer does not account for this row: {why}"),
    )
}

/// Applies the fate of one row. Entries newer than the attempt are not touched, but for what they stand on.
pub(crate) fn apply(
    draft: &mut Draft,
    row: &AttemptRow,
    fate: &Fate,
    deadline: Timestamp,
    rules: &Rules<'_>,
    report: &mut Report,
) {
    for id in draft.ids(|e| e.phase == Phase::InFlight && e.id <= row.max) {
        let Some(entry) = draft.entry(id).cloned() else { continue };
        match fate {
            Fate::Done => done(draft, &entry, rules, report),
            Fate::Failed(failure) => refused(draft, &entry, failure, None, rules, report),
            Fate::Batch(failure, rows) => refused(draft, &entry, failure, Some(*rows), rules, report),
            Fate::Unknown(failure) => unknown(draft, &entry, failure, deadline, rules, report),
        }
    }
}

/// The org holds the value. Newer edits of the field stand on it now.
pub(crate) fn done(draft: &mut Draft, entry: &EntryState, rules: &Rules<'_>, report: &mut Report) {
    draft.set_shadow(&entry.field, entry.new.clone());
    conflict::intend(draft, &entry.field, &entry.new, rules);
    draft.close(entry.id, Phase::Pushed, rules.now);
    report.pushed.pushed += 1;
    if let Some(newer) = behind(draft, entry) {
        draft.edit(newer, |e| {
            e.base = entry.new.clone();
            e.checked = None;
        });
        draft.drop_net_zero(newer, rules.now);
    }
}
/// The newer edit of the same field.
pub(crate) fn behind(draft: &Draft, entry: &EntryState) -> Option<ChangeId> {
    draft.live(&entry.field).into_iter().find(|id| *id > entry.id)
}

fn unknown(
    draft: &mut Draft,
    entry: &EntryState,
    failure: &Failure,
    deadline: Timestamp,
    rules: &Rules<'_>,
    report: &mut Report,
) {
    report.pushed.unknown += 1;
    let until = deadline + rules.settings.late_commit;
    draft.record.suspects.push(Suspect::new(entry.field.clone(), entry.new.clone(), until));
    draft.edit(entry.id, |e| {
        e.phase = Phase::Verifying;
        e.status = Status::Pending;
        e.maybe_sent = true;
        e.attempts += 1;
        e.failure = Some(failure.clone());
        e.due = Some(rules.now);
    });
}

fn refused(
    draft: &mut Draft,
    entry: &EntryState,
    failure: &Failure,
    batch: Option<usize>,
    rules: &Rules<'_>,
    report: &mut Report,
) {
    let retry = failure.retry();
    // A call refused as a whole says nothing about its rows: halves find the row that is to blame.
    let final_word = matches!(retry, Retry::Never | Retry::Split | Retry::Restart);
    let about_caller = matches!(
        failure.kind,
        ErrorKind::Forbidden | ErrorKind::NotSignedIn | ErrorKind::Setup | ErrorKind::Unsupported
    );
    let halves = batch.filter(|rows| *rows > 1 && final_word && !about_caller).map(|rows| rows / 2);
    let counts = counts(failure, retry) && !(batch.is_some() && about_caller);
    let attempts = entry.attempts + u32::from(counts);
    let gives_up = match batch {
        Some(_) if about_caller => false,
        _ if final_word => true,
        _ => counts && attempts >= rules.settings.attempts,
    };
    let newer = behind(draft, entry);
    if let Some(newer) = newer {
        // The newer edit takes its place: what was refused is not wanted any more.
        draft.supersede(entry.id, newer);
        draft.drop_net_zero(newer, rules.now);
        return;
    }
    if let Some(rows) = halves {
        report.pushed.retrying += 1;
        draft.edit(entry.id, |e| {
            e.phase = Phase::Queued;
            e.batch = u32::try_from(rows).unwrap_or(1);
            e.failure = Some(failure.clone());
            e.due = Some(rules.now);
        });
        return;
    }
    if gives_up {
        report.pushed.failed += 1;
        report.note(conflict::note(entry, Event::Refused { reason: failure.to_string() }));
        draft.edit(entry.id, |e| e.attempts = attempts);
        conflict::fail(draft, entry.id, Phase::Permanent, failure.clone(), None);
        return;
    }
    report.pushed.retrying += 1;
    let due = rules.now + pause(failure, retry, attempts + entry.waits, entry.id, rules);
    draft.edit(entry.id, |e| {
        e.phase = Phase::Retryable;
        e.status = Status::Pending;
        e.attempts = attempts;
        e.failure = Some(failure.clone());
        if counts {
            e.checked = None;
        } else {
            e.waits += 1;
        }
        e.due = Some(due);
    });
}

/// Whether a refusal says something about the row. Quotas, sign-in, an unavailable org, a sibling's fault and what
/// was never sent do not.
fn counts(failure: &Failure, retry: Retry) -> bool {
    failure.delivery != Delivery::NotSent
        && !matches!(retry, Retry::Quota | Retry::SignIn | Retry::Sibling)
        && !matches!(failure.kind, ErrorKind::LimitReached | ErrorKind::Unavailable | ErrorKind::NotSignedIn)
}

fn pause(
    failure: &Failure,
    retry: Retry,
    before: u32,
    id: ChangeId,
    rules: &Rules<'_>,
) -> std::time::Duration {
    let base = rules.settings.backoff;
    let grown = base.saturating_mul(1 << before.min(8)).min(rules.settings.backoff_limit);
    // Rows that met one lock should not meet it again together.
    let spread = grown.mul_f64(f64::from(u32::try_from(id.0 % 97).unwrap_or(0)) / 97.0);
    match retry {
        Retry::Quota => failure.retry_after.unwrap_or(rules.settings.quota_pause),
        Retry::Backoff { after } => {
            grown.max(after.unwrap_or_default()).max(failure.retry_after.unwrap_or_default())
        }
        Retry::Lock => grown / 2 + spread / 2,
        _ => grown,
    }
}
