use crate::{
    log_table::{shorten, shown},
    steps::edit,
    story::{PLANNER, Story},
    trouble::Trouble,
};
use serde_json::json;
use sf_core::Value;
use sf_sync::Edit;

/// Steps 4 to 7 for an org that must not be written to: the edits are made in a transaction, planned, and rolled back.
/// Nothing is sent and nothing stays, least of all in the way of edits that wait from an earlier run.
pub async fn run(story: &mut Story) -> Result<(), Trouble> {
    story.narrator.begin(4, "What would be sent");
    let edits = edit::planned(story).await?;
    let (engine, store) = (story.engine.clone(), story.store.clone());
    let tx = story.desk.begin()?;
    for e in &edits {
        let edit = Edit::update(e.object.clone(), e.row.id).set(e.field.clone(), e.value.clone()).by(PLANNER);
        engine.within(store.join(&tx)).capture(edit)?;
    }
    let plan = engine.within(store.join(&tx)).plan()?;
    tx.rollback()?;
    for e in &edits {
        let old = e.row.fields.get(&e.field).unwrap_or(&Value::Null);
        story.narrator.tell(
            format!("{} of {}: {} → {}", e.field, e.row.name, shorten(&shown(old), 40), shown(&e.value)),
            json!({ "record": e.row.id, "field": e.field, "old": old, "new": e.value }),
        );
    }
    for line in plan.to_string().lines() {
        story.narrator.tell(format!("plan: {line}"), json!({ "plan": line }));
    }
    story.narrator.say("   nothing was sent and nothing is kept; with --write the story is really played");
    let figures = story.narrator.figures(0);
    story.narrator.end(figures);
    Ok(())
}
