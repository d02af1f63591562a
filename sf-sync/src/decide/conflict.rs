//! What the org holds against what an edit stands on.
use super::{Draft, Rules, values};
use crate::{
    ChangeId, Conflict, Decision, Event, Note, Policy, Report, Status,
    store::{EntryState, Life, Phase},
};
use sf_core::{Delivery, ErrorKind, Failure, FieldName, Fields, Timestamp, Value};

/// The org's row, read for a check.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// When it was asked for: the org was not looked at earlier.
    pub(crate) at: Timestamp,
    pub(crate) stamp: Option<Timestamp>,
    pub(crate) fields: Fields,
}

/// Judges the entries of a record that are about to be sent. `None`: the org answered no row for it.
pub(crate) fn check(draft: &mut Draft, found: Option<&Found>, rules: &Rules<'_>, report: &mut Report) {
    let Some(found) = found else { return gone(draft, report) };
    for id in draft.ids(|e| matches!(e.phase, Phase::Queued | Phase::Retryable)) {
        let Some(entry) = draft.entry(id) else { continue };
        let Some(remote) = found.fields.get(&entry.field).cloned() else { continue };
        judge(draft, id, remote, found, rules, report);
    }
}

/// One field of one record: the org holds `remote`.
pub(crate) fn judge(
    draft: &mut Draft,
    id: ChangeId,
    remote: Value,
    found: &Found,
    rules: &Rules<'_>,
    report: &mut Report,
) {
    let Some(entry) = draft.entry(id).cloned() else { return };
    draft.set_shadow(&entry.field, remote.clone());
    if remote == entry.new {
        intend(draft, &entry.field, &entry.new, rules);
        draft.close(id, Phase::Pushed, rules.now);
        report.pushed.pushed += 1;
        return;
    }
    if remote == entry.base || ours(draft, &entry, &remote) {
        return draft.edit(id, |e| e.checked = Some(found.at));
    }
    match decision(&entry, &remote, found.stamp, rules) {
        Ok(decided) => apply(draft, &entry, remote, decided, found.at, rules, report),
        Err(reason) => park(draft, &entry, remote, reason, report),
    }
}

/// A value that we sent without an answer is ours, not somebody else's change.
fn ours(draft: &Draft, entry: &EntryState, remote: &Value) -> bool {
    draft.record.suspects.iter().any(|s| s.field == entry.field && s.sent == *remote)
}
/// From here on this value must be the one that stays in the field, whatever arrives late.
pub(crate) fn intend(draft: &mut Draft, field: &FieldName, stays: &Value, rules: &Rules<'_>) {
    let now = rules.now;
    for suspect in draft.record.suspects.iter_mut().filter(|s| s.field == *field) {
        suspect.intent = (suspect.sent != *stays).then(|| stays.clone());
    }
    draft.record.suspects.retain(|s| s.intent.is_some() || s.until > now);
}

fn decision(
    entry: &EntryState,
    remote: &Value,
    stamp: Option<Timestamp>,
    rules: &Rules<'_>,
) -> Result<Decision, String> {
    if entry.undoes.is_some() {
        return Err("the org's value changed since the push that this change takes back".into());
    }
    let policy =
        rules.config.mapping.of(&entry.object).map(|m| m.policy_of(&entry.field)).unwrap_or_default();
    match policy {
        Policy::Park => Ok(Decision::Park),
        Policy::LocalWins => Ok(Decision::TakeLocal),
        Policy::RemoteWins => Ok(Decision::TakeRemote),
        Policy::Custom(name) => match rules.resolvers.get(&name) {
            None => Err(format!("the mapping names the resolver `{name}`, which this engine does not have")),
            Some(resolver) => Ok(resolver.resolve(&Conflict {
                record: entry.record,
                object: &entry.object,
                field: &entry.field,
                base: &entry.base,
                local: &entry.new,
                remote,
                local_at: entry.at,
                remote_at: stamp,
            })),
        },
    }
}

fn apply(
    draft: &mut Draft,
    entry: &EntryState,
    remote: Value,
    decided: Decision,
    read_at: Timestamp,
    rules: &Rules<'_>,
    report: &mut Report,
) {
    match decided {
        Decision::Park => park(draft, entry, remote, "both sides changed the field".into(), report),
        Decision::TakeLocal => {
            report.note(note(entry, Event::LocalWon { remote: remote.clone() }));
            draft.edit(entry.id, |e| {
                // Decided: the edit stands on the org's value now.
                e.base = remote.clone();
                e.remote = Some(remote);
                e.checked = Some(read_at);
            });
        }
        Decision::TakeRemote => {
            report.note(note(entry, Event::RemoteWon { local: entry.new.clone(), remote: remote.clone() }));
            report.pushed.reverted += 1;
            intend(draft, &entry.field, &remote, rules);
            draft.edit(entry.id, |e| e.remote = Some(remote));
            draft.close(entry.id, Phase::Reverted, rules.now);
        }
        Decision::Merge(value) => {
            let field = rules.schema.get(&entry.object).and_then(|d| d.field(&entry.field));
            let value = match values::to_write(value, field) {
                Ok(value) if value == remote => {
                    return apply(draft, entry, remote, Decision::TakeRemote, read_at, rules, report);
                }
                Ok(value) => value,
                Err(problem) => {
                    let reason = format!("the merged value does not fit: {} {problem}", entry.field);
                    return park(draft, entry, remote, reason, report);
                }
            };
            report.note(note(entry, Event::LocalWon { remote: remote.clone() }));
            draft.edit(entry.id, |e| {
                e.base = remote.clone();
                e.remote = Some(remote);
                if e.new != value {
                    e.corrected = Some(std::mem::replace(&mut e.new, value));
                }
                e.checked = Some(read_at);
            });
        }
    }
}

fn park(draft: &mut Draft, entry: &EntryState, remote: Value, reason: String, report: &mut Report) {
    report.pushed.failed += 1;
    report.note(note(
        entry,
        Event::Parked { base: entry.base.clone(), local: entry.new.clone(), remote: remote.clone() },
    ));
    let mut failure = Failure::new(ErrorKind::Conflict, Delivery::NotSent, format!("conflict: {reason}"));
    failure.fields.push(entry.field.to_string());
    failure.next_step =
        Some("Compare base, local and remote value, then resolve the change, retry it or revert it.".into());
    fail(draft, entry.id, Phase::Conflict, failure, Some(remote));
}

/// The entry fails: for a person to decide.
pub(crate) fn fail(draft: &mut Draft, id: ChangeId, phase: Phase, failure: Failure, remote: Option<Value>) {
    draft.edit(id, |e| {
        e.phase = phase;
        e.status = Status::Failed;
        e.failure = Some(failure);
        e.due = None;
        e.checked = None;
        e.batch = 0;
        if remote.is_some() {
            e.remote = remote;
        }
    });
}

pub(crate) fn gone(draft: &mut Draft, report: &mut Report) {
    let ids = draft.ids(|e| matches!(e.phase, Phase::Queued | Phase::Retryable | Phase::Verifying));
    draft.record.life = Life::Gone;
    for id in ids {
        let Some(entry) = draft.entry(id).cloned() else { continue };
        let mut failure = Failure::new(
            ErrorKind::NotFound,
            Delivery::NotSent,
            format!("{} {} is gone from the org, or hidden from this user", entry.object, entry.record),
        );
        failure.next_step =
            Some("Look whether the record was deleted, merged or is not shared with you; then retry or revert the change.".into());
        report.pushed.failed += 1;
        report.note(note(&entry, Event::Gone));
        fail(draft, id, Phase::Permanent, failure, None);
    }
}

pub(crate) fn note(entry: &EntryState, event: Event) -> Note {
    Note {
        record: entry.record,
        object: entry.object.clone(),
        field: Some(entry.field.clone()),
        label: entry.label.clone(),
        change: Some(entry.id),
        event,
    }
}
