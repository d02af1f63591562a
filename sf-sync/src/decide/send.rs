//! What goes out next.
use super::{Draft, Rules, conflict, plan::why_not, values};
use crate::{
    Event, RecordKey, Report, Step, StepId,
    store::{AttemptRow, AttemptState, EntryState, Phase, RecordState},
};
use sf_core::{
    CallOptions, Capabilities, Delivery, ErrorKind, Failure, FieldName, Fields, ObjectName, Priority, SfId,
    Timestamp, Write, WriteOptions, protocol::rows_in_call,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of one retrieve.
pub(crate) const CHECK_ROWS: usize = 2_000;

/// Entries of a record that may go out now. None while one of its values is on its way or its fate unknown: then at
/// most one call about a record is open, and values of a field leave in the order of the edits.
pub(crate) fn ready(record: &RecordState, now: Timestamp) -> Vec<&EntryState> {
    let busy = record.open.iter().any(|e| matches!(e.phase, Phase::InFlight | Phase::Verifying));
    if busy {
        return Vec::new();
    }
    record
        .open
        .iter()
        .filter(|e| matches!(e.phase, Phase::Queued | Phase::Retryable) && e.closed.is_none())
        .filter(|e| e.due.is_some_and(|due| due <= now))
        .collect()
}
/// Whether the conflict check of an entry still holds.
pub(crate) fn is_checked(entry: &EntryState, rules: &Rules<'_>) -> bool {
    entry.checked.is_some_and(|at| at + rules.settings.check_holds > rules.now)
}

/// Brings values to the types of the org that were saved before those were known, and fails what the schema says the
/// org will refuse. Says whether anything was done.
pub(crate) fn fit(draft: &mut Draft, rules: &Rules<'_>, report: &mut Report) -> bool {
    let brought = bring_to_type(draft, rules);
    refuse_locally(draft, rules, report) || brought
}
fn bring_to_type(draft: &mut Draft, rules: &Rules<'_>) -> bool {
    let Some(describe) = rules.schema.get(&draft.record.object) else { return false };
    let mut moved = Vec::new();
    for entry in ready(&draft.record, rules.now) {
        let field = describe.field(&entry.field);
        let new = values::to_write(entry.new.clone(), field).unwrap_or_else(|_| entry.new.clone());
        let base = values::coerce(entry.base.clone(), field).unwrap_or_else(|_| entry.base.clone());
        if new != entry.new || base != entry.base {
            moved.push((entry.id, new, base));
        }
    }
    let any = !moved.is_empty();
    for (id, new, base) in moved {
        draft.edit(id, |e| (e.new, e.base) = (new, base));
        draft.drop_net_zero(id, rules.now);
    }
    any
}
fn refuse_locally(draft: &mut Draft, rules: &Rules<'_>, report: &mut Report) -> bool {
    let refused: Vec<_> = ready(&draft.record, rules.now)
        .into_iter()
        .filter_map(|e| {
            let why = why_not(&e.object, &e.field, &e.new, rules);
            Some((e.clone(), why.or_else(|| undescribed(&e.object, rules))?))
        })
        .collect();
    for (entry, failure) in &refused {
        report.pushed.failed += 1;
        report.note(conflict::note(entry, Event::Refused { reason: failure.to_string() }));
        conflict::fail(draft, entry.id, Phase::Permanent, failure.clone(), None);
    }
    !refused.is_empty()
}

/// The org was asked, and does not say what the object is made of.
fn undescribed(object: &ObjectName, rules: &Rules<'_>) -> Option<Failure> {
    if rules.schema.get(object).is_some() {
        return None;
    }
    let message = format!("the org does not describe {object} to this user: it is gone, or hidden");
    let mut failure = Failure::new(ErrorKind::NotFound, Delivery::NotSent, message);
    failure.next_step =
        Some("Give this user access to the object and retry the change, or revert the change.".into());
    Some(failure)
}

/// One retrieve per object: the dirty fields of these records, as they are in the org.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    pub(crate) object: ObjectName,
    pub(crate) ids: Vec<SfId>,
    pub(crate) fields: Vec<FieldName>,
}
/// The first retrieve for these fields of records.
pub(crate) fn read<'r>(
    wanted: impl IntoIterator<Item = (&'r RecordState, Vec<FieldName>)>,
    rows: usize,
) -> Option<Read> {
    let mut by_object: BTreeMap<ObjectName, (Vec<SfId>, BTreeSet<FieldName>)> = BTreeMap::new();
    for (record, fields) in wanted {
        if let (Some(id), false) = (record.key.id(), fields.is_empty()) {
            let (ids, names) = by_object.entry(record.object.clone()).or_default();
            if ids.len() < rows {
                ids.push(id);
                names.extend(fields);
            }
        }
    }
    let (object, (ids, fields)) = by_object.into_iter().next()?;
    Some(Read { object, ids, fields: fields.into_iter().collect() })
}

/// One write call, and what must be durable before its first byte is sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) step: Step,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) attempt: AttemptState,
}

/// The next write call among these records; `None` when none of them is ready and checked.
///
/// Rows are sorted by object, then by parent: locks of one parent meet in one call, and a call has few runs of one
/// object (the org takes ten). What one request cannot hold is left for the next call.
pub(crate) fn write(
    records: &[RecordState],
    id: StepId,
    owner: u128,
    can: &Capabilities,
    rules: &Rules<'_>,
) -> Option<Outgoing> {
    let max_rows = can.write_rows;
    let mut rows: Vec<(&RecordState, Vec<&EntryState>)> = records
        .iter()
        .map(|record| (record, ready(record, rules.now)))
        .filter(|(_, entries)| !entries.is_empty() && entries.iter().all(|e| is_checked(e, rules)))
        .collect();
    let cap = |entries: &[&EntryState]| {
        entries.iter().map(|e| e.batch as usize).filter(|b| *b > 0).min().unwrap_or(max_rows).min(max_rows)
    };
    let limit = rows.first().map(|(_, entries)| cap(entries))?;
    rows.retain(|(_, entries)| cap(entries) == limit);
    rows.truncate(limit.max(1));
    rows.sort_by_key(|(record, _)| (record.object.clone(), record.parent, record.key));
    let deadline = rules.now + rules.settings.send_within;
    let mut writes: Vec<Write> = rows
        .iter()
        .map(|(record, entries)| {
            let RecordKey::Id(id) = record.key;
            let fields = entries.iter().fold(Fields::new(), |f, e| f.set(e.field.clone(), e.new.clone()));
            Write::Update { object: record.object.clone(), id, fields, if_unmodified_since: None }
        })
        .collect();
    writes.truncate(rows_in_call(&writes, can));
    let mut attempt = Vec::with_capacity(writes.len());
    let mut drafts = Vec::with_capacity(writes.len());
    for ((record, entries), write) in rows.into_iter().zip(&writes) {
        let max = entries.iter().map(|e| e.id).max()?;
        let ids: Vec<_> = entries.iter().map(|e| e.id).collect();
        let mut draft = Draft::of(record.clone());
        for id in ids {
            draft.edit(id, |e| {
                e.phase = Phase::InFlight;
                e.due = None;
            });
        }
        drafts.push(draft);
        let sent = write.fields().cloned().unwrap_or_default();
        attempt.push(AttemptRow { record: record.key, max, sent });
    }
    // Whoever repeats this call must be the engine: only it knows what became of the first.
    let call = CallOptions::new()
        .with_priority(Priority::Interactive)
        .with_attempts(Some(1))
        .with_timeout(Some(rules.settings.answer_within));
    let options = WriteOptions::new().with_call(call);
    Some(Outgoing {
        step: Step::Write { id, deadline, rows: writes, options },
        drafts,
        attempt: AttemptState::new(id, owner, rules.now, deadline, attempt),
    })
}
