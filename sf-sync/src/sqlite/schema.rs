//! The engine's tables and every statement on them.
//!
//! Values are kept as the JSON text that the org sent or the host set, so that digits and spelling come back as they
//! were. Moments are milliseconds since 1970; unsigned 64-bit numbers keep their bits.

/// The schema this program writes.
pub(super) const VERSION: i64 = 1;

/// Step `n` turns version `n` into version `n + 1`. A released step is never edited.
pub(super) const MIGRATIONS: &[&str] = &[V1];

/// Names that must be free in a database that has no engine yet.
pub(super) const TABLES: &[&str] =
    &["counter", "record", "entry", "attempt", "scope", "config", "document", "change_log"];

// What is long comes last: reading a head does not touch the pages a shadow spills over to. An index that a pull would
// have to maintain on every page (on `rev`, on `seen`) is left out on purpose.
const V1: &str = "
CREATE TABLE {p}meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE {p}counter (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    rev          INTEGER NOT NULL,
    next_change  INTEGER NOT NULL
) STRICT;
INSERT INTO {p}counter VALUES (1, 0, 1);

CREATE TABLE {p}record (
    n          INTEGER PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,
    object     TEXT NOT NULL COLLATE NOCASE,
    parent     TEXT,
    rev        INTEGER NOT NULL,
    seen       INTEGER NOT NULL,
    open       INTEGER NOT NULL DEFAULT 0,
    life       INTEGER NOT NULL,
    stamp      INTEGER,
    digest     INTEGER NOT NULL,
    check_due  INTEGER,
    suspects   TEXT,
    shadow     TEXT
) STRICT;
CREATE INDEX {p}record_object ON {p}record (object, key);
CREATE INDEX {p}record_parent ON {p}record (parent) WHERE parent IS NOT NULL;
CREATE INDEX {p}record_check ON {p}record (check_due) WHERE check_due IS NOT NULL;

CREATE TABLE {p}entry (
    id        INTEGER PRIMARY KEY,
    record    INTEGER NOT NULL REFERENCES {p}record (n),
    status    INTEGER NOT NULL,
    phase     INTEGER NOT NULL,
    due       INTEGER,
    survivor  INTEGER,
    closed    INTEGER,
    body      TEXT NOT NULL
) STRICT;
CREATE INDEX {p}entry_record ON {p}entry (record, closed);
CREATE INDEX {p}entry_due ON {p}entry (phase, due) WHERE due IS NOT NULL AND closed IS NULL;
CREATE INDEX {p}entry_status ON {p}entry (status) WHERE status < 2;
CREATE INDEX {p}entry_survivor ON {p}entry (survivor) WHERE survivor IS NOT NULL;

CREATE TABLE {p}attempt (
    n     INTEGER PRIMARY KEY,
    id    TEXT NOT NULL UNIQUE,
    body  TEXT NOT NULL
) STRICT;

CREATE TABLE {p}scope (
    key   TEXT PRIMARY KEY,
    rev   INTEGER NOT NULL,
    body  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE {p}config (
    number  INTEGER PRIMARY KEY,
    body    TEXT NOT NULL
) STRICT;

CREATE TABLE {p}document (
    name     TEXT PRIMARY KEY,
    content  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- For people with a SQL prompt; the engine does not read it.
CREATE VIEW {p}change_log AS
SELECT e.id, r.key AS record, r.object, e.body ->> 'field' AS field, e.body ->> 'label' AS label,
       e.body ->> 'old' AS old, e.body ->> 'new' AS new,
       CASE e.status WHEN 0 THEN 'pending' WHEN 1 THEN 'failed' WHEN 2 THEN 'pushed' ELSE 'reverted' END AS status,
       e.body ->> 'actor' AS actor, e.body ->> 'at' AS at
FROM {p}entry AS e JOIN {p}record AS r ON r.n = e.record;
";

/// Head columns, in one order for every statement that reads records.
const HEAD: &str =
    "n, key, object, parent, rev, seen, open, life, stamp, digest, check_due, suspects IS NOT NULL";

macro_rules! statements {
    ($($(#[$why:meta])* $name:ident: $sql:expr;)*) => {
        /// Every statement, with the prefix put in once.
        #[derive(Debug)]
        pub(super) struct Tables {
            pub(super) prefix: String,
            $($(#[$why])* pub(super) $name: String,)*
        }

        impl Tables {
            /// `None` when the prefix could change the shape of a statement or is no use as a name.
            pub(super) fn new(prefix: &str) -> Option<Tables> {
                let ok = prefix.len() <= 32
                    && prefix.starts_with(|c: char| c.is_ascii_alphabetic())
                    && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                    && !prefix.to_ascii_lowercase().starts_with("sqlite_");
                ok.then(|| Tables {
                    prefix: prefix.to_owned(),
                    $($name: with_prefix($sql, prefix),)*
                })
            }
        }
    };
}

fn with_prefix(sql: &str, prefix: &str) -> String {
    sql.replace("{head}", HEAD).replace("{p}", prefix)
}

impl Tables {
    pub(super) fn sql(&self, template: &str) -> String {
        with_prefix(template, &self.prefix)
    }

    pub(super) fn name(&self, table: &str) -> String {
        format!("{}{table}", self.prefix)
    }
}

statements! {
    schema_version: "SELECT value FROM {p}meta WHERE name = 'schema'";
    set_schema_version: "REPLACE INTO {p}meta (name, value) VALUES ('schema', ?1)";
    /// Takes the write lock and changes nothing.
    lock: "UPDATE {p}meta SET value = value WHERE 0";

    counters: "SELECT rev, next_change FROM {p}counter";
    set_counters: "UPDATE {p}counter SET rev = ?1, next_change = ?2";

    head: "SELECT {head} FROM {p}record WHERE key = ?1";
    head_by_n: "SELECT {head} FROM {p}record WHERE n = ?1";
    rest: "SELECT suspects, shadow FROM {p}record WHERE n = ?1";
    known: "SELECT {head} FROM {p}record WHERE object = ?1 AND key > ?2 AND key <= ?3 ORDER BY key LIMIT ?4";
    known_few: "SELECT {head} FROM {p}record WHERE object = ?1 AND key > ?2 AND key <= ?3 AND parent IN (SELECT value FROM json_each(?5)) ORDER BY key LIMIT ?4";
    known_many: "SELECT {head} FROM {p}record WHERE object = ?1 AND key > ?2 AND key <= ?3 AND +parent IN (SELECT value FROM json_each(?5)) ORDER BY key LIMIT ?4";
    unseen: "SELECT {head} FROM {p}record WHERE object = ?1 AND key > ?2 AND seen <= ?3 AND life = 0 ORDER BY key LIMIT ?4";
    unseen_few: "SELECT {head} FROM {p}record WHERE object = ?1 AND key > ?2 AND seen <= ?3 AND life = 0 AND parent IN (SELECT value FROM json_each(?5)) ORDER BY key LIMIT ?4";
    unseen_many: "SELECT {head} FROM {p}record WHERE object = ?1 AND key > ?2 AND seen <= ?3 AND life = 0 AND +parent IN (SELECT value FROM json_each(?5)) ORDER BY key LIMIT ?4";
    due: "SELECT {head} FROM (
            SELECT id, min(at) AS at FROM (
                SELECT record AS id, due AS at FROM {p}entry
                WHERE closed IS NULL AND due IS NOT NULL AND phase IN (0, 1, 2, 3, 4, 5, 6, 7, 8) AND due <= ?1
                UNION ALL
                SELECT n, check_due FROM {p}record WHERE check_due IS NOT NULL AND check_due <= ?1)
            GROUP BY id)
        JOIN {p}record ON n = id ORDER BY at, key LIMIT ?2";
    next_due: "SELECT min(due) FROM {p}entry WHERE phase = ?1 AND due IS NOT NULL AND closed IS NULL";
    next_check: "SELECT min(check_due) FROM {p}record WHERE check_due IS NOT NULL";

    place: "SELECT n, rev, object, parent, check_due FROM {p}record WHERE key = ?1";
    insert_record: "INSERT INTO {p}record (key, object, parent, rev, seen, life, stamp, digest, check_due, suspects, shadow)
        VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    /// Without the indexed columns: most updates leave them as they are.
    update_record: "UPDATE {p}record SET rev = ?2, life = ?3, stamp = ?4, digest = ?5, suspects = ?6, shadow = ?7 WHERE n = ?1";
    update_indexed: "UPDATE {p}record SET object = ?2, parent = ?3, check_due = ?4 WHERE n = ?1";
    touch: "UPDATE {p}record SET rev = ?2, open = EXISTS (SELECT 1 FROM {p}entry WHERE record = ?1 AND closed IS NULL) WHERE n = ?1";
    touch_open: "UPDATE {p}record SET rev = ?2, open = 1 WHERE n = ?1";
    seen: "UPDATE {p}record SET seen = ?2 WHERE key = ?1";

    open_entries: "SELECT body FROM {p}entry WHERE record = ?1 AND closed IS NULL ORDER BY id";
    entry: "SELECT record, body FROM {p}entry WHERE id = ?1";
    superseded_by: "SELECT id FROM {p}entry WHERE survivor = ?1";
    put_entry: "INSERT INTO {p}entry (id, record, status, phase, due, survivor, closed, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (id) DO UPDATE SET status = ?3, phase = ?4, due = ?5, survivor = ?6, closed = ?7, body = ?8 WHERE record = ?2";
    changes: "SELECT body FROM {p}entry WHERE id > ?1";
    prune: "DELETE FROM {p}entry WHERE id IN (
            SELECT id FROM {p}entry AS e INDEXED BY {p}entry_record
            WHERE closed < ?1 AND NOT EXISTS (SELECT 1 FROM {p}entry AS o WHERE o.record = e.record AND o.closed IS NULL)
            ORDER BY id LIMIT ?2)";

    attempts: "SELECT body FROM {p}attempt ORDER BY n";
    attempt: "SELECT body FROM {p}attempt WHERE id = ?1";
    open_attempt: "INSERT INTO {p}attempt (id, body) VALUES (?1, ?2)";
    close_attempt: "DELETE FROM {p}attempt WHERE id = ?1";

    scope: "SELECT rev, body FROM {p}scope WHERE key = ?1";
    scope_rev: "SELECT rev FROM {p}scope WHERE key = ?1";
    put_scope: "REPLACE INTO {p}scope (key, rev, body) VALUES (?1, ?2, ?3)";

    config: "SELECT body FROM {p}config ORDER BY number DESC LIMIT 1";
    add_config: "INSERT INTO {p}config (number, body) VALUES (?1, ?2)";

    document: "SELECT content FROM {p}document WHERE name = ?1";
    put_document: "REPLACE INTO {p}document (name, content) VALUES (?1, ?2)";
    remove_document: "DELETE FROM {p}document WHERE name = ?1";
}
