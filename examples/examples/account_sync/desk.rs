use crate::{
    narrator::{Figures, Progress},
    trouble::Trouble,
};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde_json::{Value as Json, json};
use sf_core::{Fields, ObjectName, SfId};
use sf_cx::QuickLinks;
use sf_sync::{VisibleChange, sqlite::Projection};
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS desk_account (
        id TEXT PRIMARY KEY, name TEXT, fields TEXT NOT NULL, gone INTEGER NOT NULL,
        account_url TEXT, cases_url TEXT, files_url TEXT, contracts_url TEXT) STRICT;
    CREATE TABLE IF NOT EXISTS desk_child (
        id TEXT PRIMARY KEY, object TEXT NOT NULL, account_id TEXT, name TEXT, fields TEXT NOT NULL, gone INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS desk_child_account ON desk_child (account_id);
    CREATE TABLE IF NOT EXISTS desk_story (
        round INTEGER NOT NULL, n INTEGER NOT NULL, facts TEXT NOT NULL, PRIMARY KEY (round, n)) STRICT;
";

/// The host's side of the story: its own tables in the engine's database file. They follow every visible change in
/// the engine's transactions. What the story itself saves (the edits, what step 7 asks for) is in one transaction with the
/// step's mark; the pulls and pushes of the engine commit by themselves and may be repeated, so that their mark follows.
#[derive(Debug)]
pub struct Desk {
    db: Connection,
}

impl Desk {
    pub fn open(path: &Path) -> rusqlite::Result<Desk> {
        let db = Connection::open(path)?;
        db.busy_timeout(Duration::from_secs(10))?;
        db.execute_batch(TABLES)?;
        Ok(Desk { db })
    }

    /// A transaction for the engine's `within` verbs and the marks. It takes the write lock at once.
    pub fn begin(&mut self) -> rusqlite::Result<Transaction<'_>> {
        self.db.transaction_with_behavior(TransactionBehavior::Immediate)
    }

    /// The round that is being told: the last one, or the next when that is finished.
    pub fn round(&self, last_step: u32) -> rusqlite::Result<u32> {
        let newest: u32 =
            self.db.query_row("SELECT max(coalesce(max(round), 1), 1) FROM desk_story", [], |r| r.get(0))?;
        Ok(newest + u32::from(self.facts(newest, last_step)?.is_some()))
    }

    /// What step `n` of `round` left behind, when it is done.
    pub fn facts(&self, round: u32, n: u32) -> rusqlite::Result<Option<Json>> {
        self.db
            .query_row("SELECT facts FROM desk_story WHERE round = ?1 AND n = ?2", [round, n], |r| {
                r.get::<_, String>(0)
            })
            .optional()
            .map(|text| text.map(|t| serde_json::from_str(&t).unwrap_or(Json::Null)))
    }

    /// Marks a step whose effects are durable already.
    pub fn mark(&self, round: u32, n: u32, facts: &Json) -> rusqlite::Result<()> {
        mark(&self.db, round, n, facts)
    }

    /// Adds a start of the program to the cost of a round.
    pub fn add_connect(&self, round: u32, f: Figures) -> rusqlite::Result<()> {
        let before = self.facts(round, 1)?.unwrap_or_default();
        let sum = |key: &str, more: u64| before["cost"][key].as_u64().unwrap_or_default() + more;
        let total = Figures {
            rows: 0,
            api_calls: sum("api_calls", f.api_calls),
            bytes: sum("bytes", f.bytes),
            ms: sum("ms", f.ms),
        };
        self.mark(round, 1, &with_cost(json!({}), total))
    }

    /// Quick links belong to the address of the org, which may have changed since they were filled.
    pub fn relink(&mut self, base_url: &str) -> Result<(), Trouble> {
        let tx = self.begin()?;
        let ids: Vec<String> = {
            let sql = "SELECT id FROM desk_account WHERE account_url IS NULL OR substr(account_url, 1, length(?1)) <> ?1";
            let mut stale = tx.prepare(sql)?;
            stale.query_map([base_url], |r| r.get(0))?.collect::<Result<_, _>>()?
        };
        for id in ids.iter().filter_map(|id| SfId::new(id).ok()) {
            let links = QuickLinks::of_account(base_url, id)?;
            tx.execute(
                "UPDATE desk_account SET account_url = ?2, cases_url = ?3, files_url = ?4, contracts_url = ?5 WHERE id = ?1",
                params![
                    id.as_str(),
                    links.account.as_str(),
                    links.cases.as_str(),
                    links.files.as_str(),
                    links.contracts.as_str()
                ],
            )?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Sums of what the done steps of a round recorded as their cost.
    pub fn totals(&self, round: u32) -> rusqlite::Result<Figures> {
        let sum = |key: &str| {
            self.db.query_row(
                "SELECT coalesce(sum(json_extract(facts, '$.cost.' || ?2)), 0) FROM desk_story WHERE round = ?1",
                params![round, key],
                |r| number(r, 0),
            )
        };
        Ok(Figures { rows: sum("rows")?, api_calls: sum("api_calls")?, bytes: sum("bytes")?, ms: sum("ms")? })
    }

    /// (accounts, children) that are here and not gone.
    pub fn sizes(&self) -> rusqlite::Result<(u64, u64)> {
        self.db.query_row(
            "SELECT (SELECT count(*) FROM desk_account WHERE NOT gone), (SELECT count(*) FROM desk_child WHERE NOT gone)",
            [],
            |r| Ok((number(r, 0)?, number(r, 1)?)),
        )
    }

    pub fn linked(&self) -> rusqlite::Result<u64> {
        self.db
            .query_row("SELECT count(*) FROM desk_account WHERE cases_url IS NOT NULL", [], |r| number(r, 0))
    }

    /// The links of one account: account, cases, files, contracts.
    pub fn links(&self, id: SfId) -> rusqlite::Result<[String; 4]> {
        self.db.query_row(
            "SELECT account_url, cases_url, files_url, contracts_url FROM desk_account WHERE id = ?1",
            [id.as_str()],
            |r| Ok([r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?]),
        )
    }

    /// The first accounts by id, those with children first: the story edits an account and one of its children.
    pub fn first_accounts(&self, limit: u32) -> rusqlite::Result<Vec<Row>> {
        self.rows(
            "SELECT id, name, fields FROM desk_account a WHERE NOT gone
             ORDER BY NOT EXISTS (SELECT 1 FROM desk_child c WHERE c.account_id = a.id AND NOT c.gone), id LIMIT ?1",
            params![limit],
        )
    }

    /// The first child of an account.
    pub fn first_child(&self, account: SfId) -> rusqlite::Result<Option<Row>> {
        let sql =
            "SELECT id, name, fields FROM desk_child WHERE account_id = ?1 AND NOT gone ORDER BY id LIMIT 1";
        Ok(self.rows(sql, params![account.as_str()])?.pop())
    }

    pub fn name_of(&self, id: SfId) -> rusqlite::Result<Option<String>> {
        let sql =
            "SELECT name FROM desk_account WHERE id = ?1 UNION ALL SELECT name FROM desk_child WHERE id = ?1";
        self.db.query_row(sql, [id.as_str()], |r| r.get(0)).optional().map(Option::flatten)
    }

    fn rows(&self, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<Vec<Row>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(values, |r| {
            Ok((r.get::<_, String>(0)?, r.get::<_, Option<String>>(1)?, r.get::<_, String>(2)?))
        })?;
        let mut out = Vec::new();
        for row in rows {
            let (id, name, fields) = row?;
            // Both texts were written below from values of these types.
            if let (Ok(id), Ok(fields)) = (SfId::new(&id), serde_json::from_str(&fields)) {
                out.push(Row { id, name: name.unwrap_or_else(|| id.to_string()), fields });
            }
        }
        Ok(out)
    }
}

/// A record as the desk sees it.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: SfId,
    pub name: String,
    pub fields: Fields,
}

/// A count or a sum: never below zero, and SQLite has signed integers only.
fn number(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

/// Marks step `n` inside a transaction.
pub fn mark(db: &Connection, round: u32, n: u32, facts: &Json) -> rusqlite::Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO desk_story (round, n, facts) VALUES (?1, ?2, ?3)",
        params![round, n, facts.to_string()],
    )
    .map(drop)
}

/// The facts of a mark with the step's cost in it, for [`Desk::totals`].
pub fn with_cost(mut facts: Json, f: Figures) -> Json {
    facts["cost"] = json!({ "rows": f.rows, "api_calls": f.api_calls, "bytes": f.bytes, "ms": f.ms });
    facts
}

/// Keeps the desk's tables in step, inside the transactions of the engine.
#[derive(Debug)]
pub struct DeskTables {
    pub root: ObjectName,
    pub parent_field: Option<sf_core::FieldName>,
    pub base_url: Arc<Mutex<String>>,
    pub progress: Arc<Progress>,
}

impl Projection for DeskTables {
    fn apply(&self, db: &Connection, changes: &[VisibleChange]) -> Result<(), Failure> {
        let base = self.base_url.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = |row: &Fields, field: &sf_core::FieldName| {
            row.get(field).and_then(|v| v.as_str()).map(ToOwned::to_owned)
        };
        for change in changes {
            let Some(id) = change.id else { continue };
            let name = text(&change.row, &sf_core::field!("Name"));
            let fields = serde_json::to_string(&change.row)?;
            if change.object == self.root {
                let links = (!base.is_empty()).then(|| QuickLinks::of_account(&base, id)).transpose()?;
                let [account, cases, files, contracts] = match &links {
                    Some(l) => [&l.account, &l.cases, &l.files, &l.contracts].map(|u| Some(u.as_str())),
                    None => [None; 4],
                };
                db.prepare_cached(
                    "INSERT OR REPLACE INTO desk_account VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    id.as_str(),
                    name,
                    fields,
                    change.gone,
                    account,
                    cases,
                    files,
                    contracts
                ])?;
            } else {
                let parent = self.parent_field.as_ref().and_then(|f| text(&change.row, f));
                db.prepare_cached("INSERT OR REPLACE INTO desk_child VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                    .execute(params![
                        id.as_str(),
                        change.object.as_str(),
                        parent,
                        name,
                        fields,
                        change.gone
                    ])?;
            }
        }
        self.progress.done.fetch_add(changes.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}
