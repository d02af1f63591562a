//! What the story did to a real org is undone at its end, and nothing else: each field goes back to what the org held right
//! before, but only where the org still holds a value of ours.

use crate::{
    log_table::shown,
    narrator::count,
    steps::{edit::change_ids, meanwhile::record_and_field},
    story::{ASKED, BEFORE, Story},
    trouble::Trouble,
};
use serde_json::{Value as Json, json};
use sf_core::{FieldName, ObjectName, SfId, Value, path};
use sf_soql::prelude::*;
use sf_sync::Scope;

/// Reads and keeps what the org holds in every field that the story will touch. Durable before the first write.
pub async fn remember(story: &mut Story) -> Result<(), Trouble> {
    if !story.world.is_real() || !story.facts(BEFORE)?.is_null() {
        return Ok(());
    }
    let plan = story.facts(4)?;
    let mut fields: Vec<(ObjectName, SfId, FieldName)> = Vec::new();
    for e in ["edits", "remote"].into_iter().filter_map(|key| plan[key].as_array()).flatten() {
        if let (Some((id, field)), Some(Ok(object))) =
            (record_and_field(e), e["object"].as_str().map(ObjectName::new))
            && !fields.contains(&(object.clone(), id, field.clone()))
        {
            fields.push((object, id, field));
        }
    }
    let mut values = Vec::new();
    for (object, id, field) in fields {
        let value = read(story, &object, id, &field).await?;
        values.push(json!({ "object": object, "record": id, "field": field, "value": value }));
    }
    story.desk.mark(story.round, BEFORE, &json!({ "values": values }))?;
    Ok(())
}

/// Puts back what was remembered.
pub async fn restore(story: &mut Story) -> Result<(), Trouble> {
    if !story.world.is_real() {
        return Ok(());
    }
    let (plan, before) = (story.facts(4)?, story.facts(BEFORE)?);
    let asked = story.facts(ASKED)?;
    let mut ids = change_ids(&plan);
    ids.extend(asked["ids"].as_array().into_iter().flatten().filter_map(Json::as_u64));
    let log = story.entries(&ids).await?;
    let mut restored = 0;
    for was in before["values"].as_array().into_iter().flatten() {
        let (Some((id, field)), Some(Ok(object))) =
            (record_and_field(was), was["object"].as_str().map(ObjectName::new))
        else {
            continue;
        };
        let before: Value = serde_json::from_value(was["value"].clone()).unwrap_or(Value::Null);
        let now = read(story, &object, id, &field).await?;
        if now == before {
            continue;
        }
        let by_log = log.iter().filter(|c| c.record.id() == Some(id) && c.field == field);
        let by_plan = ["edits", "remote"].into_iter().filter_map(|key| plan[key].as_array()).flatten();
        let by_plan = by_plan.filter(|e| record_and_field(e) == Some((id, field.clone())));
        let ours = by_log.map(|c| c.new.clone()).chain(by_plan.filter_map(|e| {
            let value = if e["value"].is_null() { &e["new"] } else { &e["value"] };
            serde_json::from_value(value.clone()).ok()
        }));
        if ours.into_iter().any(|value: Value| value == now) {
            match story.world.change(&story.org, &object, id, &field, before).await? {
                Ok(()) => restored += 1,
                Err(refused) => story.narrator.tell(
                    format!("{field} of {} cannot be put back: {refused}", story.name(id)?),
                    json!({ "not_restored": { "record": id, "field": field } }),
                ),
            }
        } else {
            story.narrator.tell(
                format!("{field} of {} is left at {}: somebody else set it", story.name(id)?, shown(&now)),
                json!({ "left": { "record": id, "field": field, "value": now } }),
            );
        }
    }
    story.engine.pull(Scope::Changed).await?;
    story.narrator.tell(
        format!("{} of the org put back to what they were", count(restored, "field")),
        json!({ "restored": restored }),
    );
    Ok(())
}

async fn read(story: &Story, object: &ObjectName, id: SfId, field: &FieldName) -> Result<Value, Trouble> {
    let query = Query::from(object.clone()).select([field.clone()]).filter(path!("Id").eq(id));
    let row = story.org.query(query).first().await?;
    Ok(row.and_then(|r| r.fields.get(field).cloned()).unwrap_or(Value::Null))
}
