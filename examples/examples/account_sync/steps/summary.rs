use crate::{
    narrator::{Figures, cost, count},
    steps::{meanwhile::record_and_field, push::tally},
    story::{IMPORT_ROUND, LAST, Story},
    trouble::Trouble,
};
use serde_json::{Value as Json, json};
use sf_core::{FieldName, SfId, Value};
use sf_sync::Scope;

/// Puts the org back where it was, as far as the story changed its setup or (in a real org) its records, and sums up.
pub async fn run(story: &mut Story) -> Result<u64, Trouble> {
    let (edits, remote, pushes) = (story.facts(4)?, story.facts(5)?, story.facts(6)?);
    restore(story, &edits, &remote["closed"]).await?;

    let number = |facts: &Json, key: &str| facts[key].as_u64().unwrap_or_default();
    let made = edits["edits"].as_array().map_or(0, Vec::len) as u64;
    let (pushed, failed) = (number(&pushes, "pushed"), number(&pushes, "failed"));
    let reverted = number(&story.facts(7)?, "reverted");
    let round = story.desk.totals(story.round)?;
    let import = story.desk.totals(if story.round == 1 { IMPORT_ROUND } else { u32::MAX >> 1 })?;
    let here = story.narrator.figures(Some(&story.org), 0);
    let total = Figures {
        rows: round.rows + import.rows + here.rows,
        api_calls: round.api_calls + import.api_calls + here.api_calls,
        bytes: round.bytes + import.bytes + here.bytes,
        ms: round.ms + import.ms + here.ms,
    };
    // One call to read each row, one to re-read and one to write each edit: what row-at-a-time clients do.
    let row_by_row = total.rows + 2 * made;
    story.narrator.tell(
        format!("round {}: {} made; {}", story.round, count(made, "edit"), tally(pushed, failed, reverted)),
        json!({ "round": story.round, "edits": made, "pushed": pushed, "failed": failed, "reverted": reverted }),
    );
    story.narrator.tell(
        format!("{}; one call per row would have been {}", cost(total), count(row_by_row, "API call")),
        json!({ "rows": total.rows, "api_calls": total.api_calls, "bytes": total.bytes, "ms": total.ms,
                "one_call_per_row": row_by_row }),
    );
    story.narrator.say("   start again for the next round");
    story.desk.mark(story.round, LAST, &story.costed(json!({}), 0))?;
    Ok(0)
}

async fn restore(story: &mut Story, plan: &Json, closed: &Json) -> Result<(), Trouble> {
    if let (Some(field), Some(value)) = (closed["field"].as_str(), closed["value"].as_str())
        && let Ok(field) = FieldName::new(field)
        && story.world.set_picklist_value(&story.root.object, &field, value, true)?
    {
        story.narrator.tell(
            format!("the administrator opens `{value}` of {field} again"),
            json!({ "opened": { "field": field, "value": value } }),
        );
    }
    if !story.world.is_real() {
        return Ok(());
    }
    let touched = ["edits", "remote"].into_iter().filter_map(|key| plan[key].as_array()).flatten();
    let mut done: Vec<(SfId, FieldName)> = Vec::new();
    for e in touched {
        let Some((id, field)) = record_and_field(e) else { continue };
        // The first mention of a field holds what the org had before the story.
        if done.contains(&(id, field.clone())) {
            continue;
        }
        let old: Value = serde_json::from_value(e["old"].clone()).unwrap_or(Value::Null);
        let object = match e["object"].as_str().map(sf_core::ObjectName::new) {
            Some(Ok(object)) => object,
            _ => story.root.object.clone(),
        };
        story.world.change(&story.org, &object, id, &field, old).await?;
        done.push((id, field));
    }
    story.engine.pull(Scope::Changed).await?;
    story.narrator.tell(
        format!("{} of the org put back to what they were", count(done.len() as u64, "field")),
        json!({ "restored": done.len() }),
    );
    Ok(())
}
