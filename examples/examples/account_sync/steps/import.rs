use crate::{
    narrator::count,
    story::{IMPORT_ROUND, Story},
    trouble::Trouble,
};
use serde_json::json;
use sf_core::{Record, SfId, path};
use sf_soql::prelude::*;
use std::sync::atomic::Ordering;

/// What a person types into the search box of the desk.
const SEARCH: &str = "acme";

/// Searches by name and domain, then imports: this is the only way an account enters the local set.
pub async fn run(story: &mut Story) -> Result<u64, Trouble> {
    let wanted = story.options.accounts;
    let object = story.root.object.clone();
    let (id, name, site) = (path!("Id"), path!("Name"), path!("Website"));

    let search = Query::from(object.clone())
        .select([id.clone(), name.clone(), site.clone()])
        .filter(any([name.clone().contains(SEARCH), site.contains(SEARCH)]))
        .order_by(name.clone())
        .limit(5);
    let hits = story.org.query(search).all().await?;
    let total = hits.len();
    story.narrator.tell(
        format!("search `{SEARCH}` in names and domains: {}", count(total as u64, "hit")),
        json!({ "search": SEARCH, "hits": total }),
    );
    let mut ids: Vec<SfId> = Vec::with_capacity(wanted);
    for hit in &hits {
        story.narrator.say(format!("     {}", shown(hit)));
        ids.extend(hit.id);
    }

    let list = Query::from(object.clone()).select([id, name.clone()]).order_by(name).limit(wanted as u64);
    let mut rows = story.org.query(list);
    while let Some(row) = rows.try_next().await? {
        if let Some(id) = row.id
            && !ids.iter().take(total).any(|known| *known == id)
        {
            ids.push(id);
        }
    }
    ids.truncate(wanted);
    if ids.len() < wanted {
        story.narrator.say(format!("   the org has only {}", count(ids.len() as u64, "account")));
    }
    story.narrator.progress().expected.store(ids.len() as u64, Ordering::Relaxed);
    story.engine.track(object, ids.iter().copied()).await?;
    story
        .narrator
        .tell(format!("imported {}", count(ids.len() as u64, "account")), json!({ "imported": ids.len() }));
    let rows = ids.len() as u64;
    let facts = story.costed(json!({ "accounts": rows }), rows);
    story.desk.mark(IMPORT_ROUND, 2, &facts)?;
    Ok(rows)
}

fn shown(hit: &Record) -> String {
    let text = |field: &str| hit.get::<String>(field).ok().and_then(|f| f.into_value());
    format!(
        "{} ({})",
        text("Name").unwrap_or_default(),
        text("Website").unwrap_or_else(|| "no website".into())
    )
}
