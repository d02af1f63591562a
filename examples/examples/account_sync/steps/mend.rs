use crate::{
    cast::new_value,
    desk::mark,
    log_table::{entry, shown, table},
    steps::edit::{change_ids, part},
    story::{ASKED, Story},
    trouble::Trouble,
};
use serde_json::{Value as Json, json};
use sf_core::{ErrorKind, Fields, Value, field};
use sf_soql::prelude::*;
use sf_sync::{Change, ChangeId, Command, Decision, Status};

/// Retries the refused edit with a corrected value, resolves the parked one, reverts a pushed one. What the org refuses for
/// good is given up here, so that the story always reaches its end.
pub async fn run(story: &mut Story) -> Result<u64, Trouble> {
    let edits = story.facts(4)?;
    if story.facts(ASKED)?.is_null() {
        ask(story, &edits).await?;
    }
    let report = story.engine.push().await?;
    let asked = story.facts(ASKED)?;
    let mut ids: Vec<u64> = asked["ids"].as_array().into_iter().flatten().filter_map(Json::as_u64).collect();
    for change in story.entries(&ids).await?.into_iter().filter(|c| c.status == Status::Failed) {
        let why = change.failure.as_ref().map_or(String::new(), ToString::to_string);
        let text = format!("given up #{}: {why}", change.id);
        story.engine.revert(change.id).await?;
        story.narrator.tell(&text, json!({ "given_up": change.id, "reason": why }));
    }
    let entries = story.entries(&ids).await?;
    for line in table(&story.desk, &entries)? {
        story.narrator.say(format!("   {line}"));
    }
    for change in &entries {
        story.narrator.record(entry(change));
        if change.status.is_open() {
            let why = change.failure.as_ref().map_or(String::new(), |f| format!(": {f}"));
            return Err(Trouble::new(
                format!("entry #{} is still {}{why}", change.id, change.status),
                "start again: it goes on here",
            ));
        }
    }
    for undo in entries.iter().filter(|c| c.undoes.is_some() && c.status == Status::Pushed) {
        verify(story, undo).await?;
    }
    ids.extend(change_ids(&edits));
    let all = story.entries(&ids).await?;
    let reverted = all.iter().filter(|c| c.status == Status::Reverted && c.superseded_by.is_none()).count();
    let facts = story.costed(json!({ "reverted": reverted }), report.pushed.rows);
    story.desk.mark(story.round, 7, &facts)?;
    Ok(report.pushed.rows)
}

/// The local half: all requests and the mark of this half in one transaction.
async fn ask(story: &mut Story, edits: &Json) -> Result<(), Trouble> {
    let (describe, _) = story.describes().await?;
    let mut commands: Vec<(String, Command)> = Vec::new();
    for name in ["refused", "parked", "typed", "contested", "child"] {
        let Some(edit) = part(edits, name) else { continue };
        let id = ChangeId(edit["change"].as_u64().unwrap_or_default());
        let Some(change) = story.entries(&[id.0]).await?.pop() else { continue };
        let conflict = change.failure.as_ref().is_some_and(|f| f.kind == ErrorKind::Conflict);
        match (name, change.status) {
            ("refused", Status::Failed) if !conflict => {
                // Another value than the one the administrator closed, and than the one before the edit.
                let before = Fields::new().set(change.field.clone(), change.old.clone());
                let open = (0..8)
                    .map(|k| new_value(&describe, &before, &change.field, k, "corrected"))
                    .find(|v| *v != change.new)
                    .unwrap_or(Value::Null);
                let text = format!("retry #{id} with {} instead of {}", shown(&open), shown(&change.new));
                commands.push((text, Command::Retry { change: id, value: Some(open) }));
            }
            (_, Status::Failed) if conflict => {
                let text = format!("resolve #{id}: the local value, now that a person has read both");
                commands.push((text, Command::Resolve { change: id, decision: Decision::TakeLocal }));
            }
            ("typed", Status::Pushed) => {
                // The edits before it in the chain never reached the org: the way back leads to what was there first.
                let first: Value = serde_json::from_value(edit["old"].clone()).unwrap_or(Value::Null);
                let text = format!("revert #{id}: {} back to {}", shown(&change.new), shown(&first));
                commands.push((text, Command::Revert(id)));
            }
            (_, Status::Failed) => {
                let text = format!("revert #{id}: the org refused {}", shown(&change.new));
                commands.push((text, Command::Revert(id)));
            }
            _ => {}
        }
    }
    let (engine, store, round) = (story.engine.clone(), story.store.clone(), story.round);
    let tx = story.desk.begin()?;
    let mut ids: Vec<ChangeId> = Vec::new();
    for (_, command) in &commands {
        let touched = match command {
            Command::Retry { change, .. } | Command::Resolve { change, .. } | Command::Revert(change) => {
                *change
            }
            _ => continue,
        };
        ids.push(touched);
        ids.extend(engine.within(store.join(&tx)).apply(command.clone())?);
    }
    ids.sort_unstable();
    ids.dedup();
    mark(&tx, round, ASKED, &json!({ "ids": ids }))?;
    tx.commit()?;
    engine.wake();
    for (text, _) in commands {
        story.narrator.tell(&text, json!({ "asked": text }));
    }
    Ok(())
}

/// Reads the reverted field from the org itself.
async fn verify(story: &mut Story, undo: &Change) -> Result<(), Trouble> {
    let Some(id) = undo.record.id() else { return Ok(()) };
    let name = undo.field.clone();
    let query = Query::from(undo.object.clone()).select([name.clone()]).filter(field!("Id").eq(id));
    let row = story.org.query(query).first().await?;
    let now = row.and_then(|r| r.fields.get(&name).cloned()).unwrap_or(Value::Null);
    if now != undo.new && story.world.is_real() {
        // Other people work there: what they set after the revert is theirs, and no reason to stop here for ever.
        story.narrator.tell(
            format!("read from the org: {name} of {} is {} by now", story.name(id)?, shown(&now)),
            json!({ "changed_since": { "record": id, "field": name, "value": now } }),
        );
        return Ok(());
    }
    if now != undo.new {
        return Err(Trouble::new(
            format!("{name} of {id} is {} in the org, not {}", shown(&now), shown(&undo.new)),
            "this is a defect: please report it with the database file and the org's journal beside it",
        ));
    }
    story.narrator.tell(
        format!("read from the org: {name} of {} is {} again", story.name(id)?, shown(&now)),
        json!({ "verified": { "record": id, "field": name, "value": now } }),
    );
    Ok(())
}
