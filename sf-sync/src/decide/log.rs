//! Retry, revert, resolve: what people ask of an entry of the log.
use super::{Draft, Numbers, Rules, capture, conflict, values};
use crate::{
    ChangeId, Command, Decision, Error, ErrorKind, Event, Note, Origin, Report, Result, Status,
    store::{ChangeSet, Depth, EntryState, Phase, Selection, View},
};
use sf_core::Value;

/// What a command needs to see.
pub(crate) fn needs(command: &Command) -> Selection {
    let mut selection = Selection { depth: Depth::Full, ..Selection::default() };
    match command {
        Command::Edit(edit) => selection.keys.push(edit.record),
        Command::Retry { change, .. } | Command::Revert(change) | Command::Resolve { change, .. } => {
            selection.changes.push(*change);
        }
    }
    selection
}

/// What one command does.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) changes: ChangeSet,
    pub(crate) ids: Vec<ChangeId>,
    pub(crate) report: Report,
}

pub(crate) fn command(command: &Command, view: &View, rules: &Rules<'_>) -> Result<Done> {
    match command {
        Command::Edit(edit) => {
            let (changes, ids) = capture::capture(edit, view, rules)?;
            Ok(Done { changes, ids, report: Report::default() })
        }
        Command::Retry { change, value } => retry(*change, value.as_ref(), view, rules),
        Command::Revert(change) => revert(*change, view, rules),
        Command::Resolve { change, decision } => resolve(*change, decision, view, rules),
    }
}

fn find(change: ChangeId, view: &View) -> Result<(Draft, EntryState)> {
    let missing = || Error::new(ErrorKind::NotFound, format!("there is no change #{change}"));
    let entry = view.entries.iter().find(|e| e.id == change).ok_or_else(missing)?;
    let record = view.record(&entry.record).ok_or_else(missing)?;
    if let Some(newer) = entry.survivor {
        return Err(Error::new(
            ErrorKind::WrongState,
            format!("change #{change} was superseded by #{newer}"),
        )
        .with_next_step(format!("Use change #{newer}.")));
    }
    Ok((Draft::of(record.clone()).with_closed(&view.entries), entry.clone()))
}
fn wrong_state(entry: &EntryState, wanted: &str) -> Error {
    let next = match entry.status {
        Status::Pushed => "Revert it, or edit the field again.",
        Status::Reverted => "Edit the field again.",
        _ => "Wait until it has settled, or edit the field again.",
    };
    Error::new(ErrorKind::WrongState, format!("change #{} is {}: {wanted}", entry.id, entry.status))
        .with_next_step(next)
}
fn corrected(entry: &EntryState, value: &Value, rules: &Rules<'_>) -> Result<Value> {
    let field = rules.schema.get(&entry.object).and_then(|d| d.field(&entry.field));
    let refused = |problem: String| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("{} {}: {} {problem}", entry.object, entry.record, entry.field),
        )
    };
    values::to_write(value.clone(), field).map_err(refused)
}

fn retry(change: ChangeId, value: Option<&Value>, view: &View, rules: &Rules<'_>) -> Result<Done> {
    let (mut draft, entry) = find(change, view)?;
    if !matches!(entry.phase, Phase::Permanent | Phase::Conflict | Phase::Retryable) {
        return Err(wrong_state(&entry, "only a failed change can be retried"));
    }
    let value = value.map(|value| corrected(&entry, value, rules)).transpose()?;
    draft.edit(change, |entry| {
        if let Some(value) = value
            && value != entry.new
        {
            entry.corrected = Some(std::mem::replace(&mut entry.new, value));
        }
        requeue(entry, rules);
    });
    draft.drop_net_zero(change, rules.now);
    Ok(Done { changes: super::collect([draft], Origin::Local), ids: vec![change], report: Report::default() })
}
fn requeue(entry: &mut EntryState, rules: &Rules<'_>) {
    entry.phase = Phase::Queued;
    entry.status = Status::Pending;
    entry.failure = None;
    entry.attempts = 0;
    entry.waits = 0;
    entry.batch = 0;
    entry.checked = None;
    entry.first_at = rules.now;
    entry.due = Some(rules.now);
}

fn revert(change: ChangeId, view: &View, rules: &Rules<'_>) -> Result<Done> {
    let (mut draft, entry) = find(change, view)?;
    let newest = draft.newest(&entry.field).cloned();
    if let Some(newer) = newest.as_ref().filter(|n| n.id != change) {
        if newer.undoes == Some(change) {
            return Err(Error::new(
                ErrorKind::WrongState,
                format!("change #{change} is being reverted by #{}", newer.id),
            )
            .with_next_step("Push, and look at the log again."));
        }
        return Err(Error::new(
            ErrorKind::WrongState,
            format!("{} was edited again: change #{} is open", entry.label, newer.id),
        )
        .with_next_step(format!("Revert #{} first.", newer.id)));
    }
    let mut report = Report::default();
    let mut numbers = Numbers::from(view.next_change);
    let mut ids = Vec::new();
    let on_its_way = matches!(entry.phase, Phase::InFlight | Phase::Verifying);
    // In conflict the org was looked at: it holds somebody's value, which is what shall stay.
    let parked = entry.phase == Phase::Conflict;
    if entry.closed.is_none() && !on_its_way && (parked || !entry.maybe_sent) {
        draft.close(change, Phase::Reverted, rules.now);
        let remote = draft.shadow(&entry.field);
        if entry.maybe_sent {
            conflict::intend(&mut draft, &entry.field, &remote, rules);
        }
        if remote != entry.base {
            report.note(Note {
                record: entry.record,
                object: entry.object.clone(),
                field: Some(entry.field.clone()),
                label: entry.label.clone(),
                change: Some(change),
                event: Event::RevertShows { old: entry.base.clone(), remote },
            });
        }
        report.pushed.reverted = 1;
    } else if entry.closed.is_none() || entry.status == Status::Pushed {
        // The org has the value, or may get it: the old one goes back through a change of its own.
        let mapping = rules.config.mapping.of(&entry.object).ok_or_else(|| {
            Error::new(ErrorKind::WrongState, format!("{} is not in the mapping any more", entry.object))
        })?;
        let visible = newest.as_ref().map_or_else(|| draft.shadow(&entry.field), |e| e.new.clone());
        let id = numbers.take();
        let mut undo = capture::blank(id, &draft, mapping, &entry.field, visible, entry.base.clone(), rules);
        undo.base = entry.new.clone();
        undo.undoes = Some(change);
        undo.actor = entry.actor.clone();
        draft.record.open.push(undo);
        if entry.closed.is_none() && !on_its_way {
            draft.supersede(change, id);
        }
        ids.push(id);
    } else {
        return Err(wrong_state(&entry, "there is nothing to take back"));
    }
    let mut changes = super::collect([draft], Origin::Revert);
    changes.guard.next_change = numbers.guard();
    Ok(Done { changes, ids, report })
}

fn resolve(change: ChangeId, decision: &Decision, view: &View, rules: &Rules<'_>) -> Result<Done> {
    let (mut draft, entry) = find(change, view)?;
    let (Phase::Conflict, Some(remote)) = (entry.phase, entry.remote.clone()) else {
        return Err(wrong_state(&entry, "only a change in conflict can be resolved"));
    };
    match decision {
        Decision::Park => {}
        Decision::TakeRemote => {
            conflict::intend(&mut draft, &entry.field, &remote, rules);
            draft.set_shadow(&entry.field, remote);
            draft.close(change, Phase::Reverted, rules.now);
        }
        Decision::TakeLocal => draft.edit(change, |entry| {
            entry.base = remote;
            requeue(entry, rules);
        }),
        Decision::Merge(value) => {
            let value = corrected(&entry, value, rules)?;
            draft.edit(change, |entry| {
                entry.base = remote;
                if value != entry.new {
                    entry.corrected = Some(std::mem::replace(&mut entry.new, value));
                }
                requeue(entry, rules);
            });
        }
    }
    Ok(Done {
        changes: super::collect([draft], Origin::Resolution),
        ids: vec![change],
        report: Report::default(),
    })
}
