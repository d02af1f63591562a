use crate::{
    cast::new_value,
    log_table::shown,
    steps::edit::part,
    story::Story,
    trouble::Trouble,
};
use serde_json::{Value as Json, json};
use sf_core::{FieldName, Fields, ObjectName, SfId, Value};
use sf_sync::Scope;

/// Somebody else changes the same records in the org, an administrator closes a picklist value; then a pull runs.
pub async fn run(story: &mut Story) -> Result<u64, Trouble> {
    let (cast, accounts, _) = story.cast().await?;
    let (describe, _) = story.describes().await?;
    let object = story.root.object.clone();
    let edits = story.facts(4)?;
    let words = format!("Round {}: renewal at risk, call them", story.round);
    let mut changes: Vec<Json> = Vec::new();

    for (field, row, k) in [
        (&cast.contested, &accounts[1], 1),
        (&cast.parked, &accounts[1], 1),
        (&cast.remote_only, &accounts[0], 0),
    ] {
        let Some(field) = field else { continue };
        // The desk shows the local edit; what the org held before is the edit's old value.
        let edit = edits["edits"].as_array().into_iter().flatten();
        let before = edit
            .filter(|e| e["record"] == json!(row.id) && e["field"] == json!(field))
            .map(|e| e["old"].clone())
            .next_back();
        let old = match before {
            Some(old) => serde_json::from_value(old).unwrap_or(Value::Null),
            None => row.fields.get(field).cloned().unwrap_or(Value::Null),
        };
        let value = new_value(&describe, &Fields::new().set(field.clone(), old.clone()), field, k, &words);
        story.world.change(&story.org, &object, row.id, field, value.clone()).await?;
        story.narrator.tell(
            format!("somebody sets {field} of {} to {}", row.name, shown(&value)),
            json!({ "remote_edit": { "record": row.id, "field": field, "value": value } }),
        );
        changes.push(json!({ "record": row.id, "field": field, "old": old, "value": value }));
    }

    let mut closed = Json::Null;
    if let Some(edit) = part(&edits, "refused")
        && let (Ok(field), Some(value)) =
            (FieldName::new(edit["field"].as_str().unwrap_or_default()), edit["new"].as_str())
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
        story.narrator.tell(note.to_string(), json!({ "note": note.to_string() }));
    }
    for edit in edits["edits"].as_array().into_iter().flatten().filter(|e| e["part"] != "typed") {
        keeps_its_edit(story, edit).await?;
    }
    let facts = story.costed(json!({ "remote": changes, "closed": closed }), report.pulled.rows);
    story.desk.mark(story.round, 5, &facts)?;
    Ok(report.pulled.rows)
}

/// The promise of the pull, checked: an edited field still shows the local value.
async fn keeps_its_edit(story: &Story, edit: &Json) -> Result<(), Trouble> {
    let (Some(id), Some(field)) = (edit["record"].as_str(), edit["field"].as_str()) else { return Ok(()) };
    let (Ok(id), Ok(field), Ok(_)) =
        (SfId::new(id), FieldName::new(field), ObjectName::new(edit["object"].as_str().unwrap_or_default()))
    else {
        return Ok(());
    };
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
