use crate::{narrator::count, story::Story, trouble::Trouble};
use serde_json::json;
use sf_sync::Scope;
use std::sync::atomic::Ordering;

/// Refreshes exactly the local accounts with all mapped fields, and their children.
pub async fn run(story: &mut Story) -> Result<u64, Trouble> {
    let (known, _) = story.desk.sizes()?;
    story.narrator.progress().expected.store(known, Ordering::Relaxed);
    story.engine.pull(Scope::Known).await?;
    let (accounts, children) = story.desk.sizes()?;
    let linked = story.desk.linked()?;
    let fields = story.root.fields.len();
    story.narrator.tell(
        format!("{}, {fields} fields each; no account that is not local", count(accounts, "account")),
        json!({ "accounts": accounts, "fields": fields }),
    );
    if let Some(child) = &story.child {
        let name = child.object.to_string();
        story.narrator.tell(
            format!(
                "{} of {name} ({})",
                count(children, "record"),
                child.filter.as_deref().unwrap_or("all of them")
            ),
            json!({ "object": name, "children": children }),
        );
    }
    story
        .narrator
        .tell(format!("quick links of {} filled", count(linked, "account")), json!({ "linked": linked }));
    if let Some(first) = story.desk.first_accounts(1)?.first() {
        let [account, cases, files, contracts] = story.desk.links(first.id)?;
        for (what, url) in [("page", account), ("cases", cases), ("files", files), ("contracts", contracts)] {
            story.narrator.say(format!("     {} {what:9} {url}", first.name));
        }
    }
    let rows = accounts + children;
    let facts = story.costed(json!({ "accounts": accounts, "children": children }), rows);
    story.desk.mark(story.round, 3, &facts)?;
    Ok(rows)
}
