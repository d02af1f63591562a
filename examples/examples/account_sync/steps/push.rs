use crate::{
    log_table::{entry, record_name, shorten, shown},
    narrator::count,
    steps::edit::change_ids,
    story::Story,
    trouble::Trouble,
};
use serde_json::json;
use sf_core::ErrorKind;
use sf_sync::{Change, Status};

/// Sends the edits: debounced, coalesced, checked for conflicts, in as few calls as the org allows.
pub async fn run(story: &mut Story) -> Result<u64, Trouble> {
    let plan = story.engine.plan().await?;
    for line in plan.to_string().lines() {
        story.narrator.say(format!("   plan: {line}"));
    }
    let report = story.engine.push().await?;
    let edits = story.facts(4)?;
    let ids = change_ids(&edits);
    let entries = story.entries(&ids).await?;
    let (mut pushed, mut failed) = (0, 0);
    for change in &entries {
        match change.status {
            Status::Pushed => pushed += 1,
            Status::Failed => failed += 1,
            _ => {}
        }
        for line in outcome(story, change)? {
            story.narrator.say(format!("   {line}"));
        }
        story.narrator.record(entry(change));
    }
    if entries.iter().any(|c| c.status == Status::Pending) {
        return Err(Trouble::new(
            "the org did not take all edits yet; they wait in the change log",
            "start again: it goes on here",
        ));
    }
    let rows = report.pushed.rows;
    let facts = story.costed(json!({ "pushed": pushed, "failed": failed }), rows);
    story.desk.mark(story.round, 6, &facts)?;
    Ok(rows)
}

/// What a push would send; nothing is sent and nothing is marked.
pub async fn dry(story: &mut Story) -> Result<(), Trouble> {
    story.narrator.begin(6, "Push (dry run)");
    let plan = story.engine.plan().await?;
    for line in plan.to_string().lines() {
        story.narrator.tell(line, json!({ "plan": line }));
    }
    story.narrator.say("   dry run: nothing was sent; without --dry-run the story goes on here");
    let figures = story.narrator.figures(0);
    story.narrator.end(figures);
    Ok(())
}

/// One entry after the push, for people.
fn outcome(story: &Story, change: &Change) -> Result<Vec<String>, Trouble> {
    let what = format!("#{} {} of {}", change.id, change.label, record_name(&story.desk, change)?);
    let mut lines = vec![format!("{what}: {}", change.status)];
    if let Some(remote) = change.remote.as_ref().filter(|_| change.status == Status::Pushed) {
        lines.push(format!("  the org had {}; the local value won, both are in the log", quoted(remote)));
    }
    let Some(failure) = change.failure.as_ref().filter(|_| change.status == Status::Failed) else {
        return Ok(lines);
    };
    if failure.kind == ErrorKind::Conflict {
        lines.push(format!("  base   {}", quoted(&change.base)));
        lines.push(format!("  local  {}", quoted(&change.new)));
        lines.push(format!("  remote {}", change.remote.as_ref().map_or("?".to_owned(), quoted)));
    }
    lines.push(format!("  {failure}"));
    lines.push(format!("  next step: {}", failure.help().next_step));
    Ok(lines)
}

fn quoted(value: &sf_core::Value) -> String {
    shorten(&shown(value), 60)
}

/// `3 pushed, 1 failed`
pub fn tally(pushed: u64, failed: u64, reverted: u64) -> String {
    format!("{} pushed, {failed} failed, {reverted} reverted", count(pushed, "entry"))
}
