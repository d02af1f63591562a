use crate::{
    narrator::{Figures, cost, count},
    steps::{push::tally, restore},
    story::{IMPORT_ROUND, LAST, Story},
    trouble::Trouble,
};
use serde_json::{Value as Json, json};
use sf_core::FieldName;

/// Puts the org back where it was, as far as the story changed its setup or (in a real org) its records, and sums up.
pub async fn run(story: &mut Story) -> Result<u64, Trouble> {
    open_again(story)?;
    restore::restore(story).await?;

    let number = |facts: &Json, key: &str| facts[key].as_u64().unwrap_or_default();
    let (edits, pushes) = (story.facts(4)?, story.facts(6)?);
    let made = edits["edits"].as_array().map_or(0, Vec::len) as u64;
    let (pushed, failed) = (number(&pushes, "pushed"), number(&pushes, "failed"));
    let reverted = number(&story.facts(7)?, "reverted");

    // The import belongs to the first round.
    let import = if story.round == 1 { story.desk.totals(IMPORT_ROUND)? } else { Figures::default() };
    let (round, here) = (story.desk.totals(story.round)?, story.narrator.figures(0));
    let pulled =
        import.rows + number(&story.facts(3)?["cost"], "rows") + number(&story.facts(5)?["cost"], "rows");
    let total = Figures {
        rows: pulled,
        api_calls: round.api_calls + import.api_calls + here.api_calls,
        bytes: round.bytes + import.bytes + here.bytes,
        ms: round.ms + import.ms + here.ms,
    };
    // What clients do that go row by row: a call to read each row, and per edit one to re-read and one to write.
    let row_by_row = pulled + 2 * made;
    story.narrator.tell(
        format!("round {}: {} made; {}", story.round, count(made, "edit"), tally(pushed, failed, reverted)),
        json!({ "round": story.round, "edits": made, "pushed": pushed, "failed": failed, "reverted": reverted }),
    );
    story.narrator.tell(
        format!("pulled {}; one call per row would have been {}", cost(total), count(row_by_row, "API call")),
        json!({ "rows": total.rows, "api_calls": total.api_calls, "bytes": total.bytes, "ms": total.ms,
                "one_call_per_row": row_by_row }),
    );
    story.narrator.say("   start again for the next round");
    story.desk.mark(story.round, LAST, &story.costed(json!({}), 0))?;
    Ok(0)
}

/// The picklist value that step 5 closed.
fn open_again(story: &mut Story) -> Result<(), Trouble> {
    let closed = &story.facts(5)?["closed"];
    if let (Some(field), Some(value)) = (closed["field"].as_str(), closed["value"].as_str())
        && let Ok(field) = FieldName::new(field)
        && story.world.set_picklist_value(&story.root.object, &field, value, true)?
    {
        story.narrator.tell(
            format!("the administrator opens `{value}` of {field} again"),
            json!({ "opened": { "field": field, "value": value } }),
        );
    }
    Ok(())
}
