//! Values whose fate is unknown: read again before anything else is sent.
use super::{
    Draft, Numbers, Rules,
    capture::blank,
    conflict::{self, Found},
    outcome,
};
use crate::{
    Event, Report, Status,
    store::{Phase, RecordState},
};
use sf_core::{FieldName, Timestamp};

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

/// The values were read again: they arrived, they did not (yet), or somebody changed the field.
pub(crate) fn settle(draft: &mut Draft, found: Option<&Found>, rules: &Rules<'_>, report: &mut Report) {
    let Some(found) = found else { return conflict::gone(draft, report) };
    for id in draft.ids(|e| e.phase == Phase::Verifying) {
        let Some(entry) = draft.entry(id).cloned() else { continue };
        let Some(remote) = found.fields.get(&entry.field).cloned() else { continue };
        if remote == entry.new {
            // It arrived. When it was sent once, nothing of it can arrive any more.
            let same = |s: &crate::store::Suspect| s.field == entry.field && s.sent == entry.new;
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
        if remote != entry.base {
            conflict::judge(draft, survivor, remote, found.stamp, rules, report);
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
