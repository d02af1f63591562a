//! An edit becomes log entries.
use super::{Draft, Numbers, Rules, values};
use crate::{
    ChangeId, Edit, Error, ErrorKind, Origin, Result, Status,
    mapping::{Direction, ObjectMapping},
    store::{ChangeSet, EntryState, Life, Phase, View},
};
use sf_core::{FieldName, FieldPath, Timestamp, Value};

/// Checks an edit against mapping, record and types; every problem is named at once.
pub(crate) fn capture(edit: &Edit, view: &View, rules: &Rules<'_>) -> Result<(ChangeSet, Vec<ChangeId>)> {
    let mapping = rules.config.mapping.of(&edit.object).ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, format!("{} is not in the mapping", edit.object))
            .with_next_step("Add the object to the mapping, with the fields that shall be writable.")
    })?;
    let record = view.record(&edit.record).ok_or_else(|| unknown(edit, rules))?;
    if record.object != edit.object {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("{} is a record of {}, not of {}", edit.record, record.object, edit.object),
        ));
    }
    if record.life == Life::Gone {
        return Err(Error::new(
            ErrorKind::WrongState,
            format!("{} {} is gone from the org, or hidden from this user", edit.object, edit.record),
        )
        .with_next_step("Pull the record again: when it is back in the org it can be edited again."));
    }
    let wanted = checked_values(edit, mapping, rules)?;
    let mut draft = Draft::of(record.clone());
    let mut numbers = Numbers::from(view.next_change);
    let mut ids = Vec::new();
    for (field, value) in wanted {
        ids.extend(save(&mut draft, &mut numbers, mapping, &field, value, edit.actor.as_deref(), rules));
    }
    let mut out = super::collect([draft], Origin::Local);
    out.guard.next_change = numbers.guard();
    Ok((out, ids))
}

fn unknown(edit: &Edit, rules: &Rules<'_>) -> Error {
    let prefix = edit.record.id().map(|id| id.key_prefix().to_owned()).unwrap_or_default();
    let belongs = |object: &sf_core::ObjectName| rules.schema.get(object).and_then(|d| d.key_prefix.clone());
    match belongs(&edit.object) {
        Some(own) if own != prefix => {
            let other = rules.schema.objects().find(|o| belongs(o).as_deref() == Some(prefix.as_str()));
            let other = other.map_or_else(|| "of another object".into(), |o| format!("of {o}"));
            Error::new(
                ErrorKind::InvalidInput,
                format!(
                    "{} is the id of a record {other}; ids of {} begin with {own}",
                    edit.record, edit.object
                ),
            )
        }
        _ => Error::new(ErrorKind::NotFound, format!("{} {} is not known here", edit.object, edit.record)),
    }
}

fn checked_values(
    edit: &Edit,
    mapping: &ObjectMapping,
    rules: &Rules<'_>,
) -> Result<Vec<(FieldName, Value)>> {
    let describe = rules.schema.get(&edit.object);
    let mut problems = Vec::new();
    let mut wanted = Vec::new();
    for (field, value) in edit.fields.iter() {
        match mapping.field(&FieldPath::from(field)) {
            None => problems.push(format!("{field} is not mapped")),
            Some(mapped) if mapped.direction != Direction::Both => {
                problems.push(format!("{field} is pulled only, not written back"));
            }
            Some(mapped) => {
                let name = mapped.name().unwrap_or_else(|| field.clone());
                if !values::writable(value) {
                    problems.push(format!("{field} takes a plain value, not a row or a compound"));
                    continue;
                }
                match values::coerce(value.clone(), describe.and_then(|d| d.field(field))) {
                    Ok(value) => wanted.push((name, value)),
                    Err(problem) => problems.push(format!("{field} {problem}")),
                }
            }
        }
    }
    if edit.fields.is_empty() {
        problems.push("the edit sets no field".into());
    }
    if problems.is_empty() {
        return Ok(wanted);
    }
    Err(Error::new(
        ErrorKind::InvalidInput,
        format!("{} {}: {}", edit.object, edit.record, problems.join("; ")),
    )
    .with_next_step(
        "Correct the edit, or map the fields with direction `both`; nothing of this edit was saved.",
    ))
}

/// Saves one value as the newest edit of its field. `None`: it is what the person sees already.
pub(crate) fn save(
    draft: &mut Draft,
    numbers: &mut Numbers,
    mapping: &ObjectMapping,
    field: &FieldName,
    new: Value,
    actor: Option<&str>,
    rules: &Rules<'_>,
) -> Option<ChangeId> {
    let newest = draft.newest(field).cloned();
    let old = newest.as_ref().map_or_else(|| draft.shadow(field), |e| e.new.clone());
    if old == new {
        return None;
    }
    let describe = rules.schema.get(&mapping.object).and_then(|d| d.field(field));
    let new = values::at_scale(new, describe);
    if old == new {
        return None;
    }
    let now = rules.now;
    let mut entry = blank(numbers.take(), draft, mapping, field, old, new, rules);
    entry.actor = actor.map(Into::into);
    let behind = newest.as_ref().is_some_and(|e| matches!(e.phase, Phase::InFlight | Phase::Verifying));
    match &newest {
        // The answer may still say otherwise; until then its value is what this edit stands on.
        Some(before) if behind => entry.base = before.new.clone(),
        Some(before) if before.phase == Phase::Queued => entry.first_at = before.first_at,
        _ => {}
    }
    entry.due = Some(debounce(entry.first_at, now, rules));
    let id = entry.id;
    draft.record.open.push(entry);
    if let (Some(before), false) = (&newest, behind) {
        draft.supersede(before.id, id);
        draft.drop_net_zero(id, now);
    }
    Some(id)
}

/// Quiet for a while, but not for ever.
pub(crate) fn debounce(first_at: Timestamp, now: Timestamp, rules: &Rules<'_>) -> Timestamp {
    (now + rules.settings.quiet).min(first_at + rules.settings.max_wait).max(now)
}

/// A queued entry that stands on the shadow.
pub(crate) fn blank(
    id: ChangeId,
    draft: &Draft,
    mapping: &ObjectMapping,
    field: &FieldName,
    old: Value,
    new: Value,
    rules: &Rules<'_>,
) -> EntryState {
    EntryState {
        id,
        record: draft.record.key,
        object: draft.record.object.clone(),
        field: field.clone(),
        label: mapping.label_of(field),
        old,
        new,
        base: draft.shadow(field),
        remote: None,
        corrected: None,
        phase: Phase::Queued,
        status: Status::Pending,
        survivor: None,
        undoes: None,
        checked: None,
        batch: 0,
        maybe_sent: false,
        due: Some(rules.now),
        first_at: rules.now,
        attempts: 0,
        waits: 0,
        failure: None,
        actor: None,
        at: rules.now,
        config_version: rules.version,
        closed: None,
    }
}
