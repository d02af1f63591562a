use crate::{
    carrier,
    desk::{Desk, DeskTables},
    mappings,
    narrator::Narrator,
    options::Options,
    story::{LAST, Story, TITLES},
    trouble::Trouble,
    world::World,
};
use serde_json::json;
use sf_core::Org;
use sf_sync::{Engine, sqlite::SqliteStore};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// Opens the database, connects to the org and says who is signed in.
pub async fn run(options: Options, mut narrator: Narrator) -> Result<Story, Box<(Narrator, Trouble)>> {
    narrator.begin(1, TITLES[1]);
    match open(options, &mut narrator).await {
        Ok(parts) => parts.with(narrator),
        Err(trouble) => Err(Box::new((narrator, trouble))),
    }
}

async fn open(options: Options, narrator: &mut Narrator) -> Result<Parts, Trouble> {
    let mapping = mappings::load(&options)?;
    let path = options
        .database()
        .map_err(|e| Trouble::new(e, "name a file in a folder you may write to: --db PATH"))?;
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|e| {
            Trouble::new(
                format!("the folder {} cannot be made: {e}", folder.display()),
                "name a file in a folder you may write to: --db PATH",
            )
        })?;
    }
    let (root, child) = mappings::roles(&mapping)?;
    let base_url = Arc::new(Mutex::new(String::new()));
    let store = SqliteStore::builder()
        .projection(DeskTables {
            root: root.object.clone(),
            parent_field: child.as_ref().and_then(|c| c.parent.clone()),
            base_url: base_url.clone(),
            progress: narrator.progress(),
        })
        .open(&path)?;
    let mut desk = Desk::open(&path)?;
    narrator.tell(format!("database {}", path.display()), json!({ "database": path.display().to_string() }));

    let (world, transport) = carrier::connect(&options, &path, narrator).await?;
    let org = Org::new(transport);
    narrator.watch(org.clone());
    let who = org.identity().await?;
    let limits = org.limits().await?;
    *base_url.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = who.instance_url.clone();
    desk.relink(&who.instance_url)?;
    narrator.tell(
        format!("signed in as {} at {}", who.username, who.instance_url),
        json!({ "username": who.username, "instance_url": who.instance_url }),
    );
    let version = org.transport().capabilities().api_version;
    let daily = limits.get("DailyApiRequests").map(|l| l.remaining);
    narrator.tell(
        format!(
            "org {}, user {}, API {version}, {} daily calls left",
            who.org_id,
            who.user_id,
            daily.map_or("an unknown number of".to_owned(), |n| n.to_string()),
        ),
        json!({ "org_id": who.org_id, "user_id": who.user_id, "api_version": version.to_string(),
                "daily_calls_left": daily }),
    );
    let engine = Engine::builder(org.clone(), store.clone())
        .config(mapping)
        .debounce(Duration::from_millis(300), Duration::from_secs(30))
        .open()
        .await?;
    let round = desk.round(LAST)?;
    Ok(Parts { options, world, org, engine, store, desk, root, child, round })
}

/// A [`Story`] without its narrator, who is still busy telling step 1.
struct Parts {
    options: Options,
    world: World,
    org: Org,
    engine: Engine,
    store: SqliteStore,
    desk: Desk,
    root: sf_sync::ObjectMapping,
    child: Option<sf_sync::ObjectMapping>,
    round: u32,
}

impl Parts {
    fn with(self, mut narrator: Narrator) -> Result<Story, Box<(Narrator, Trouble)>> {
        let figures = narrator.figures(0);
        if let Err(e) = self.desk.add_connect(self.round, figures) {
            return Err(Box::new((narrator, e.into())));
        }
        narrator.end(figures);
        Ok(Story {
            options: self.options,
            narrator,
            world: self.world,
            org: self.org,
            engine: self.engine,
            store: self.store,
            desk: self.desk,
            root: self.root,
            child: self.child,
            round: self.round,
        })
    }
}
