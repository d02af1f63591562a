//! What the engine adds to an edit: capture (the edit and its log entry, durable in one transaction) against the same
//! two SQL statements by hand, in one transaction, on an equal database.
//!
//! Prints `ratio NAME VALUE LIMIT` lines. `capture_vs_sql` is what users get: the store with a thread of its own, waiting
//! for the disk. `capture_vs_sql_nosync` does not wait, so that fsync hides nothing; it runs `inline`, because without the
//! disk two switches between threads would be most of what is measured, and they say more about the scheduler than
//! about the store. `capture_vs_sql_nosync_thread` shows them, without a limit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

use sf_core::{Failure, Fields, Org, SfId, field, object, protocol};
use sf_sync::{
    ChangeSet, Edit, Engine, ObjectMapping, RecordKey, Store,
    sqlite::{
        SqliteStore, Synchronous,
        rusqlite::{Connection, TransactionBehavior, params},
    },
    store::{RecordState, StoreWrite},
};
use std::{
    path::Path,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

const RECORDS: u32 = 5_000;

fn main() {
    compare("capture_vs_sql", Synchronous::Full, false, Some(2.0), 15, 40);
    compare("capture_vs_sql_nosync", Synchronous::Off, true, Some(2.0), 31, 150);
    compare("capture_vs_sql_nosync_thread", Synchronous::Off, false, None, 31, 150);
}

fn compare(name: &str, level: Synchronous, inline: bool, limit: Option<f64>, rounds: u32, edits: u32) {
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = ["engine.db", "sql.db"].map(|file| folder.path().join(file));
    for path in [&ours, &theirs] {
        fill(path);
    }
    let builder = SqliteStore::builder().synchronous(level);
    let store = if inline { builder.inline() } else { builder }.open(&ours).unwrap();
    let mapping = ObjectMapping::new(object!("Account")).edit(field!("CX_Play__c"), "CX Play");
    let engine =
        block_on(Engine::builder(Org::new(NoOrg::transport()), store).config(mapping).open()).unwrap();
    let mut hand = ByHand::open(&theirs, level);

    let (mut engine_times, mut hand_times) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let keys: Vec<SfId> = (0..edits).map(|n| account((round * edits + n) % RECORDS)).collect();
        let value = format!("Expand {round}");
        let begin = Instant::now();
        for key in &keys {
            let edit =
                Edit::update(object!("Account"), *key).set(field!("CX_Play__c"), value.as_str()).by("ann");
            assert_eq!(block_on(engine.capture(edit)).unwrap().len(), 1);
        }
        engine_times.push(begin.elapsed() / edits);
        let begin = Instant::now();
        for key in &keys {
            hand.edit(key.as_str(), &value);
        }
        hand_times.push(begin.elapsed() / edits);
    }
    drop(engine);
    drop(hand);
    // Both did the whole work.
    for path in [&ours, &theirs] {
        let count = "SELECT (SELECT count(*) FROM sf_entry WHERE closed IS NULL) + (SELECT count(*) FROM sf_record WHERE open = 1)";
        let found: u32 = Connection::open(path).unwrap().query_row(count, [], |r| r.get(0)).unwrap();
        assert_eq!(found, 2 * rounds * edits);
    }
    let (engine, hand) = (median(engine_times), median(hand_times));
    let ratio = engine.as_secs_f64() / hand.as_secs_f64();
    println!("{name}: {engine:?} against {hand:?} by hand, each an edit and its log entry");
    match limit {
        Some(limit) => println!("ratio {name} {ratio:.2} {limit:.1}"),
        None => println!("info {name} {ratio:.2}"),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn account(n: u32) -> SfId {
    SfId::new(format!("00100000{n:07}")).unwrap()
}

/// Accounts with about as many fields as a customer desk maps.
fn fill(path: &Path) {
    let store = SqliteStore::builder().synchronous(Synchronous::Off).open(path).unwrap();
    let writes = (0..RECORDS)
        .map(|n| {
            let mut row =
                Fields::new().set(field!("Name"), format!("Account {n}")).set(field!("CX_Play__c"), "Grow");
            for i in 0..18 {
                let name = sf_core::FieldName::new(format!("CX_Field_{i}__c")).unwrap();
                row = row.set(name, format!("some text of field {i}"));
            }
            let mut record = RecordState::new(RecordKey::from(account(n)), object!("Account"));
            record.shadow = Some(row);
            StoreWrite::Record(record)
        })
        .collect();
    let mut changes = ChangeSet::default();
    changes.writes = writes;
    block_on(store.commit(changes)).unwrap();
}

/// The two statements on the same tables, with the same indexes.
struct ByHand {
    db: Connection,
    next: i64,
}

impl ByHand {
    fn open(path: &Path, level: Synchronous) -> ByHand {
        let db = Connection::open(path).unwrap();
        db.pragma_update(None, "journal_mode", "WAL").unwrap();
        let level = if level == Synchronous::Full { "FULL" } else { "OFF" };
        db.pragma_update(None, "synchronous", level).unwrap();
        ByHand { db, next: 1 }
    }

    fn edit(&mut self, key: &str, value: &str) {
        let id = self.next;
        self.next += 1;
        let now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let old = "Grow";
        let changed = tx
            .prepare_cached("UPDATE sf_record SET rev = rev + 1, open = 1 WHERE key = ?1")
            .unwrap()
            .execute([key])
            .unwrap();
        assert_eq!(changed, 1);
        let body = format!(
            r#"{{"id":{id},"record":"{key}","object":"Account","field":"CX_Play__c","label":"CX Play","old":"{old}","new":"{value}","base":"{old}","remote":null,"corrected":null,"phase":"queued","status":"pending","survivor":null,"undoes":null,"checked":null,"batch":0,"maybe_sent":false,"due":"2026-01-02T03:04:05.000Z","first_at":"2026-01-02T03:04:05.000Z","attempts":0,"failure":null,"actor":"ann","at":"2026-01-02T03:04:05.000Z","config_version":1,"closed":null}}"#
        );
        tx.prepare_cached(
            "INSERT INTO sf_entry (id, record, status, phase, due, body)
             VALUES (?1, (SELECT n FROM sf_record WHERE key = ?2), 0, 0, ?3, ?4)",
        )
        .unwrap()
        .execute(params![id, key, now, body])
        .unwrap();
        tx.commit().unwrap();
    }
}

/// Capture needs no network; a request would be an error.
#[derive(Debug)]
struct NoOrg;

impl NoOrg {
    fn transport() -> protocol::Protocol<NoOrg> {
        protocol::Protocol::new(NoOrg)
    }
}

#[async_trait::async_trait]
impl protocol::Exchange for NoOrg {
    fn capabilities(&self) -> sf_core::Capabilities {
        sf_core::Capabilities::default()
    }
    fn usage(&self) -> sf_core::Usage {
        sf_core::Usage::default()
    }
    async fn exchange(
        &self,
        _: &protocol::Request,
        _: Option<&mut dyn protocol::BodySink>,
        _: &sf_core::CallOptions,
    ) -> sf_core::Result<protocol::Response> {
        Err(Failure::new(sf_core::ErrorKind::Network, sf_core::Delivery::NotSent, "no network here").into())
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
