//! The org's row meets the record: field by field.
use crate::{
    Event, Note, Report,
    decide::{
        Draft, Numbers, Rules, conflict, outcome,
        values::{Row, digest},
        verify,
    },
    store::{EntryState, Life, Phase, RecordState},
};
use sf_core::{FieldName, Value};

/// What the answer says about the record as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Matches the mapping.
    InScope,
    /// There, but not wanted.
    Left,
}

/// Whether a head tells that nothing of the row is new: no open change, same shadow, same standing.
pub(crate) fn is_same(head: &RecordState, row: &Row, standing: Standing) -> bool {
    let life = if standing == Standing::Left { Life::OutOfScope } else { Life::Live };
    !head.has_open
        && head.check_due.is_none()
        && head.life == life
        && head.digest == digest(Some(&row.fields))
}

/// Takes over a row that was asked for after everything that is applied. Its stamp says nothing about that: what
/// commits late carries the stamp of its beginning. Fields with an open change keep their local value; the org's goes to the shadow below it.
pub(crate) fn merge(
    draft: &mut Draft,
    row: Row,
    standing: Standing,
    numbers: &mut Numbers,
    rules: &Rules<'_>,
    report: &mut Report,
) {
    draft.mark_seen();
    report.pulled.rows += 1;
    let fresh = draft.record.rev == 0;
    let life = if standing == Standing::Left { Life::OutOfScope } else { Life::Live };
    let moved = draft.record.life != life;
    draft.record.life = life;
    draft.record.stamp = row.stamp.or(draft.record.stamp);
    if row.parent.is_some() {
        draft.record.parent = row.parent;
    }
    let mut updated = false;
    for (field, remote) in row.fields.iter() {
        let known = draft.record.shadow.as_ref().and_then(|s| s.get(field)).cloned();
        let newest = draft.newest(field).cloned();
        match newest {
            Some(entry) => protected(draft, &entry, remote, rules, report),
            None if verify::restore_late(draft, field, remote, numbers, rules, report) => {}
            None => {
                if known.as_ref() != Some(remote) && !fresh && !(known.is_none() && remote.is_null()) {
                    updated = true;
                    let from = known.unwrap_or(Value::Null);
                    report.note(updated_note(draft, field, from, remote.clone(), rules));
                }
                forget_arrived(draft, field, remote, rules);
                draft.set_shadow(field, remote.clone());
            }
        }
    }
    forget_unmapped(draft, rules);
    match (fresh, standing, moved) {
        (true, ..) => report.pulled.added += 1,
        (false, Standing::Left, true) => {
            report.pulled.out_of_scope += 1;
            report.note(record_note(draft, Event::LeftScope));
        }
        _ if updated || moved => report.pulled.updated += 1,
        _ => report.pulled.unchanged += 1,
    }
}

/// The record moved after the row was asked for: a push may have been settled that the row does not show yet, or the
/// row may be newer. Says whether it must be read again to tell. Until then nothing of it becomes visible and no
/// change is closed by it; under an open change its value is noted as the org's, as far as is known.
pub(crate) fn is_doubtful(draft: &mut Draft, row: &Row, standing: Standing, report: &mut Report) -> bool {
    let life = if standing == Standing::Left { Life::OutOfScope } else { Life::Live };
    let mut differs = draft.record.life != life || row.parent.is_some() && row.parent != draft.record.parent;
    for (field, remote) in row.fields.iter() {
        if draft.shadow(field) != *remote {
            differs = true;
            if draft.newest(field).is_some() {
                draft.set_shadow(field, remote.clone());
            }
        }
    }
    if !differs {
        draft.mark_seen();
        report.pulled.rows += 1;
        report.pulled.unchanged += 1;
        return false;
    }
    true
}

/// The row is not answered for any more.
pub(crate) fn gone(draft: &mut Draft, report: &mut Report) {
    if draft.record.life != Life::Gone {
        draft.record.life = Life::Gone;
        report.pulled.gone += 1;
        report.note(record_note(draft, Event::Gone));
    }
}

fn protected(draft: &mut Draft, entry: &EntryState, remote: &Value, rules: &Rules<'_>, report: &mut Report) {
    let field = &entry.field;
    let ours = draft.record.suspects.iter().any(|s| s.field == *field && s.sent == *remote);
    let on_its_way = draft
        .live(field)
        .into_iter()
        .any(|id| draft.entry(id).is_some_and(|e| matches!(e.phase, Phase::InFlight | Phase::Verifying)));
    draft.set_shadow(field, remote.clone());
    if on_its_way {
        // Its answer, or the look after it, will say.
        return;
    }
    if *remote == entry.new {
        report.note(conflict::note(entry, Event::ConfirmedByPull));
        outcome::done(draft, entry, rules, report);
        return;
    }
    if *remote == entry.base || ours {
        return;
    }
    report.pulled.kept += 1;
    report.note(conflict::note(
        entry,
        Event::Kept { local: entry.new.clone(), base: entry.base.clone(), remote: remote.clone() },
    ));
    if entry.remote.as_ref() != Some(remote) {
        draft.edit(entry.id, |e| {
            e.remote = Some(remote.clone());
            e.checked = None;
        });
    }
}

/// What the mapping has no more is not shown any more, unless something about it is open.
fn forget_unmapped(draft: &mut Draft, rules: &Rules<'_>) {
    let Some(mapping) = rules.config.mapping.of(&draft.record.object) else { return };
    let Some(mut shadow) = draft.record.shadow.take() else { return };
    let mapped: Vec<FieldName> = mapping
        .fields
        .iter()
        .filter_map(|f| f.name().or_else(|| f.parent_path().map(|(relationship, _)| relationship)))
        .chain(mapping.parent.clone())
        .collect();
    shadow.retain(|name, _| {
        mapped.contains(name)
            || !draft.live(name).is_empty()
            || draft.record.suspects.iter().any(|s| s.field == *name)
    });
    draft.record.shadow = Some(shadow);
}

/// After its last moment a suspect that the org does not show can be forgotten.
fn forget_arrived(draft: &mut Draft, field: &FieldName, remote: &Value, rules: &Rules<'_>) {
    let now = rules.now;
    draft
        .record
        .suspects
        .retain(|s| s.field != *field || s.until > now || s.sent == *remote && s.intent.is_some());
}

fn updated_note(draft: &Draft, field: &FieldName, from: Value, to: Value, rules: &Rules<'_>) -> Note {
    let label = rules.config.mapping.of(&draft.record.object).map(|m| m.label_of(field));
    Note {
        record: draft.record.key,
        object: draft.record.object.clone(),
        field: Some(field.clone()),
        label: label.unwrap_or_else(|| field.to_string()),
        change: None,
        event: Event::Updated { from, to },
    }
}
fn record_note(draft: &Draft, event: Event) -> Note {
    Note {
        record: draft.record.key,
        object: draft.record.object.clone(),
        field: None,
        label: draft.record.object.to_string(),
        change: None,
        event,
    }
}
