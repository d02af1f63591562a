use crate::{
    log_table::shown,
    steps::{edit::part, restore},
    story::Story,
    trouble::Trouble,
};
use serde_json::{Value as Json, json};
use sf_core::{FieldName, SfId, Value};
use sf_sync::Scope;

/// Somebody else changes the same records in the org, an administrator closes a picklist value; then a pull runs.
/// Everything done to the org here may be done twice with the effect of once.
pub async fn run(story: &mut Story) -> Result<u64, Trouble> {
    let object = story.root.object.clone();
    let plan = story.facts(4)?;
    restore::remember(story).await?;
    for change in plan["remote"].as_array().into_iter().flatten() {
        let Some((id, field)) = record_and_field(change) else { continue };
        let value: Value = serde_json::from_value(change["value"].clone()).unwrap_or(Value::Null);
        if let Err(refused) = story.world.change(&story.org, &object, id, &field, value.clone()).await? {
            story.narrator.tell(
                format!("skipped: the org does not take {field} = {}: {refused}", shown(&value)),
                json!({ "skipped": "remote_edit", "field": field }),
            );
            continue;
        }
        story.narrator.tell(
            format!("somebody sets {field} of {} to {}", story.name(id)?, shown(&value)),
            json!({ "remote_edit": { "record": id, "field": field, "value": value } }),
        );
    }

    let mut closed = Json::Null;
    if let Some(edit) = part(&plan, "refused")
        && let (Some((_, field)), Some(value)) = (record_and_field(edit), edit["new"].as_str())
    {
        if story.world.set_picklist_value(&object, &field, value, false)? {
            story.narrator.tell(
                format!("an administrator closes the picklist value `{value}` of {field}"),
                json!({ "closed": { "field": field, "value": value } }),
            );
            closed = json!({ "field": field, "value": value });
        } else {
            story.narrator.tell(
                "skipped: a refused picklist value (this org's setup cannot be changed from here)",
                json!({ "skipped": "refusal" }),
            );
        }
    }

    let report = story.engine.pull(Scope::Changed).await?;
    for note in &report.notes {
        let name = match note.record.id() {
            Some(id) => story.name(id)?,
            None => note.record.to_string(),
        };
        story.narrator.tell(
            format!("pull: {} of {name}: {}", note.label, note.event),
            json!({ "note": note.to_string() }),
        );
    }
    // Of a field edited several times the last edit is what the desk shows.
    for name in ["typed", "contested", "parked", "refused", "child"] {
        if let Some(edit) = part(&plan, name) {
            keeps_its_edit(story, edit).await?;
        }
    }
    let facts = story.costed(json!({ "closed": closed }), report.pulled.rows);
    story.desk.mark(story.round, 5, &facts)?;
    Ok(report.pulled.rows)
}

/// The promise of the pull, checked: an edited field still shows the local value.
async fn keeps_its_edit(story: &Story, edit: &Json) -> Result<(), Trouble> {
    let Some((id, field)) = record_and_field(edit) else { return Ok(()) };
    let local: Value = serde_json::from_value(edit["new"].clone()).unwrap_or(Value::Null);
    let record = story.engine.record(id).await?;
    match record.as_ref().and_then(|r| r.row.get(&field)) {
        Some(value) if *value == local => Ok(()),
        other => Err(Trouble::new(
            format!("the pull changed the edited field {field} of {id} to {other:?}"),
            "this is a defect of the engine: please report it with the database file",
        )),
    }
}

/// Where a recorded edit belongs. The story wrote these names itself, from values of these types.
pub fn record_and_field(edit: &Json) -> Option<(SfId, FieldName)> {
    Some((SfId::new(edit["record"].as_str()?).ok()?, FieldName::new(edit["field"].as_str()?).ok()?))
}
