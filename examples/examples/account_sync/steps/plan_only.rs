use crate::{
    log_table::{entry, table},
    steps::edit,
    story::{PLANNER, Story},
    trouble::Trouble,
};
use serde_json::json;
use sf_sync::{Change, Edit, Status};

/// Steps 4 to 7 for an org that must not be written to: the edits are made locally, the plan is printed, the edits are
/// dropped again. Nothing is sent.
pub async fn run(story: &mut Story) -> Result<(), Trouble> {
    story.narrator.begin(4, "What would be sent", story.org.transport().usage());
    drop_edits(story).await?; // of an earlier run that was killed here
    for planned in edit::planned(story).await? {
        let edit = Edit::update(planned.object, planned.row.id).set(planned.field, planned.value).by(PLANNER);
        story.engine.capture(edit).await?;
    }
    let entries = mine(story).await?;
    for line in table(&story.desk, &entries)? {
        story.narrator.say(format!("   {line}"));
    }
    for change in &entries {
        story.narrator.record(entry(change));
    }
    let plan = story.engine.plan().await?;
    for line in plan.to_string().lines() {
        story.narrator.tell(format!("plan: {line}"), json!({ "plan": line }));
    }
    drop_edits(story).await?;
    story
        .narrator
        .say("   nothing was sent and the edits are dropped; with --write the story is really played");
    let figures = story.narrator.figures(Some(&story.org), 0);
    story.narrator.end(figures);
    Ok(())
}

async fn mine(story: &Story) -> Result<Vec<Change>, Trouble> {
    let pending = story.engine.changes(Status::Pending).await?;
    Ok(pending.into_iter().filter(|c| c.actor.as_deref() == Some(PLANNER)).collect())
}

async fn drop_edits(story: &Story) -> Result<(), Trouble> {
    // Newest first: with the newest edit of a field go the ones it replaced.
    for change in mine(story).await?.into_iter().rev() {
        let now = story.entries(&[change.id.0]).await?;
        if now.iter().any(|c| c.status == Status::Pending) {
            story.engine.revert(change.id).await?;
        }
    }
    Ok(())
}
