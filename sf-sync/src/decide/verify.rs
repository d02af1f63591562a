//! Values whose fate is unknown: read again before anything else is sent.
use super::{
    Draft, Numbers, Rules,
    capture::blank,
    conflict::{self, Found},
    outcome,
};
use crate::{
    Event, Report, Status,
    store::{Phase, RecordState, Suspect},
};
use sf_core::{Delivery, ErrorKind, Failure, FieldName, Timestamp};

/// Fields to read again now because an answer was lost.
pub(crate) fn doubtful(record: &RecordState, now: Timestamp) -> Vec<FieldName> {
    record
        .open
        .iter()
        .filter(|e| e.phase == Phase::Verifying && e.due.is_some_and(|due| due <= now))
        .map(|e| e.field.clone())
        .collect()
}
/// Fields to read once more because a value sent long ago may have arrived over a newer one.
pub(crate) fn confirmable(record: &RecordState, now: Timestamp) -> Vec<FieldName> {
    let draft = Draft::of(record.clone());
    draft.watched().filter(|s| s.until <= now).map(|s| s.field.clone()).collect()
}

/// Gives up on what cannot be read again: fields that are not mapped any more, or that the org, when it was asked what
/// its objects are made of, did not show any more.
/// A change whose fate was to be looked up fails, for a person to look; an old value that may have arrived is let be.
pub(crate) fn give_up(draft: &mut Draft, rules: &Rules<'_>, report: &mut Report) -> bool {
    let now = rules.now;
    let object = draft.record.object.clone();
    let unreadable = |field: &FieldName| {
        let mapped = rules.config.mapping.of(&object).is_some_and(|m| m.field(&field.into()).is_some());
        !mapped || rules.schema.get(&object).is_none_or(|d| d.field(field).is_none())
    };
    let suspects = draft.record.suspects.len();
    let late = |s: &Suspect| s.intent.is_some() && s.until <= now;
    draft.record.suspects.retain(|s| !(late(s) && unreadable(&s.field)));
    let doubtful = draft.ids(|e| e.phase == Phase::Verifying && unreadable(&e.field));
    for id in &doubtful {
        let Some(entry) = draft.entry(*id).cloned() else { continue };
        if let Some(newer) = outcome::behind(draft, &entry) {
            draft.supersede(*id, newer);
            continue;
        }
        let mut failure = Failure::new(
            ErrorKind::Timeout,
            Delivery::Unknown,
            format!(
                "{} was sent without an answer and cannot be read any more: what became of it is unknown",
                entry.field
            ),
        );
        failure.next_step = Some(
            "Look at the record in the org. Map the field again, or give this user access to it, and retry the change; or revert it.".into(),
        );
        report.pushed.failed += 1;
        report.note(conflict::note(&entry, Event::Refused { reason: failure.to_string() }));
        conflict::fail(draft, *id, Phase::Permanent, failure, None);
    }
    !doubtful.is_empty() || draft.record.suspects.len() < suspects
}

/// The values were read again: they arrived, they did not (yet), or somebody changed the field.
pub(crate) fn settle(draft: &mut Draft, found: Option<&Found>, rules: &Rules<'_>, report: &mut Report) {
    let Some(found) = found else { return conflict::gone(draft, report) };
    for id in draft.ids(|e| e.phase == Phase::Verifying) {
        let Some(entry) = draft.entry(id).cloned() else { continue };
        let Some(remote) = found.fields.get(&entry.field).cloned() else { continue };
        if remote == entry.new {
            // It arrived. When it was sent once, nothing of it can arrive any more.
            let same = |s: &Suspect| s.field == entry.field && s.sent == entry.new;
            if draft.record.suspects.iter().filter(|s| same(s)).count() == 1 {
                draft.record.suspects.retain(|s| !same(s));
            }
            outcome::done(draft, &entry, rules, report);
            continue;
        }
        draft.set_shadow(&entry.field, remote.clone());
        let again = rules.settings.resend_at_once;
        draft.edit(id, |e| {
            e.status = Status::Pending;
            e.checked = None;
            if e.attempts <= again {
                e.phase = Phase::Queued;
                e.due = Some(rules.now);
            } else {
                e.phase = Phase::Retryable;
                let pause = rules.settings.backoff.saturating_mul(1 << e.attempts.min(8));
                e.due = Some(rules.now + pause.min(rules.settings.backoff_limit));
            }
        });
        let newer = draft.live(&entry.field).into_iter().find(|newer| *newer > id);
        let survivor = match newer {
            Some(newer) => {
                draft.supersede(id, newer);
                newer
            }
            None => id,
        };
        if remote == entry.base {
            // The look is as good as the check before a push.
            draft.edit(survivor, |e| e.checked = Some(found.at));
        } else {
            conflict::judge(draft, survivor, remote, found, rules, report);
        }
    }
}

/// Nothing of these suspects can arrive any more: did one arrive over a newer value?
pub(crate) fn confirm(
    draft: &mut Draft,
    found: Option<&Found>,
    numbers: &mut Numbers,
    rules: &Rules<'_>,
    report: &mut Report,
) {
    let now = rules.now;
    if let Some(found) = found {
        for (name, value) in found.fields.iter() {
            restore_late(draft, name, value, numbers, rules, report);
            if draft.live(name).is_empty() {
                draft.set_shadow(name, value.clone());
            }
        }
    }
    let busy: Vec<FieldName> =
        draft.ids(|_| true).iter().filter_map(|id| Some(draft.entry(*id)?.field.clone())).collect();
    draft.record.suspects.retain(|s| s.until > now || busy.contains(&s.field));
}

/// The org shows `remote`: when that is an old value of ours over a newer intent, the intent is sent again. Says
/// whether it was so.
pub(crate) fn restore_late(
    draft: &mut Draft,
    field: &FieldName,
    remote: &sf_core::Value,
    numbers: &mut Numbers,
    rules: &Rules<'_>,
    report: &mut Report,
) -> bool {
    if !draft.live(field).is_empty() {
        return false;
    }
    let late =
        draft.record.suspects.iter().find(|s| s.field == *field && s.sent == *remote && s.intent.is_some());
    let Some(intent) = late.and_then(|s| s.intent.clone()).filter(|intent| intent != remote) else {
        return false;
    };
    let Some(mapping) = rules.config.mapping.of(&draft.record.object) else { return false };
    let mut entry = blank(numbers.take(), draft, mapping, field, intent.clone(), intent.clone(), rules);
    entry.base = remote.clone();
    entry.actor = Some("late value".into());
    report.note(conflict::note(&entry, Event::LateValue { late: remote.clone(), intent }));
    draft.set_shadow(field, remote.clone());
    draft.record.open.push(entry);
    draft.record.suspects.retain(|s| !(s.field == *field && s.sent == *remote));
    true
}
