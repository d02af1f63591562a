use crate::{
    cast::new_value,
    desk::{Row, mark, with_cost},
    log_table::{entry, table},
    narrator::count,
    story::{ACTOR, Story},
    trouble::Trouble,
};
use serde_json::{Value as Json, json};
use sf_core::{Describe, FieldName, ObjectName, Value};
use sf_sync::Edit;

/// One edit of the story: whose field gets which value, and which part it plays.
pub struct Planned {
    pub part: &'static str,
    pub object: ObjectName,
    pub row: Row,
    pub field: FieldName,
    pub value: Value,
}

/// The edits of this round, in the order a person makes them.
pub async fn planned(story: &Story) -> Result<Vec<Planned>, Trouble> {
    let (cast, accounts, child) = story.cast().await?;
    let (root, child_describe) = story.describes().await?;
    let round = story.round;
    let mut edits = Vec::new();
    let mut edit = |part,
                    describe: &Describe,
                    object: &ObjectName,
                    row: &Row,
                    field: &FieldName,
                    k,
                    words: &str| {
        let value = new_value(describe, &row.fields, field, k, words);
        edits.push(Planned { part, object: object.clone(), row: row.clone(), field: field.clone(), value });
    };
    for k in 0..3 {
        let words = format!("Round {round}: draft {}", k + 1);
        edit("typed", &root, &story.root.object, &accounts[0], &cast.typed, k, &words);
    }
    let notes = format!("Round {round}: met the champion, going well");
    for (part, field, row) in [
        ("contested", &cast.contested, &accounts[1]),
        ("parked", &cast.parked, &accounts[1]),
        ("refused", &cast.refused, &accounts[2]),
    ] {
        if let Some(field) = field {
            edit(part, &root, &story.root.object, row, field, 0, &notes);
        }
    }
    if let (Some(field), Some(row), Some(mapping), Some(describe)) =
        (&cast.child, &child, &story.child, &child_describe)
    {
        let words = format!("Round {round}: legal review is next");
        edit("child", describe, &mapping.object, row, field, 0, &words);
    }
    Ok(edits)
}

/// What somebody else will set in the org meanwhile. Chosen now, before anything moves, and kept with the mark of this
/// step: told again after a kill, step 5 sets the same values.
async fn planned_in_the_org(story: &Story) -> Result<Vec<Json>, Trouble> {
    let (cast, accounts, _) = story.cast().await?;
    let (describe, _) = story.describes().await?;
    let words = format!("Round {}: renewal at risk, call them", story.round);
    let targets = [
        (&cast.contested, &accounts[1], 1),
        (&cast.parked, &accounts[1], 1),
        (&cast.remote_only, &accounts[0], 0),
    ];
    let changes = targets.into_iter().filter_map(|(field, row, k)| {
        let field = field.as_ref()?;
        let value = new_value(&describe, &row.fields, field, k, &words);
        Some(json!({ "object": story.root.object, "record": row.id, "field": field, "value": value }))
    });
    Ok(changes.collect())
}

/// Saves the edits locally, all in one transaction of the host with the step's mark; no network.
pub async fn run(story: &mut Story) -> Result<u64, Trouble> {
    let edits = planned(story).await?;
    let remote = planned_in_the_org(story).await?;
    let figures = story.narrator.figures(edits.len() as u64);
    let (engine, store, round) = (story.engine.clone(), story.store.clone(), story.round);
    let tx = story.desk.begin()?;
    let mut facts: Vec<Json> = Vec::new();
    for e in &edits {
        let edit = Edit::update(e.object.clone(), e.row.id).set(e.field.clone(), e.value.clone()).by(ACTOR);
        for change in engine.within(store.join(&tx)).capture(edit)? {
            facts.push(json!({
                "change": change, "part": e.part, "object": e.object, "record": e.row.id, "field": e.field,
                "old": e.row.fields.get(&e.field).unwrap_or(&Value::Null), "new": e.value,
            }));
        }
    }
    let plan = json!({ "edits": facts, "remote": remote });
    mark(&tx, round, 4, &with_cost(plan.clone(), figures))?;
    tx.commit()?;
    engine.wake();

    let entries = story.entries(&change_ids(&plan)).await?;
    for line in table(&story.desk, &entries)? {
        story.narrator.say(format!("   {line}"));
    }
    for change in &entries {
        story.narrator.record(entry(change));
    }
    story.narrator.say(format!("   {} saved locally, nothing sent yet", count(edits.len() as u64, "edit")));
    Ok(edits.len() as u64)
}

/// The log entries of the edits that step 4 recorded.
pub fn change_ids(plan: &Json) -> Vec<u64> {
    plan["edits"].as_array().into_iter().flatten().filter_map(|edit| edit["change"].as_u64()).collect()
}

/// The last edit of the part, as step 4 recorded it.
pub fn part<'a>(edits: &'a Json, name: &str) -> Option<&'a Json> {
    edits["edits"].as_array()?.iter().rev().find(|e| e["part"] == name)
}
