//! How a call reaches the connection: over a queue to a thread of the store's own, or on the caller's thread.

use crate::{Error, ErrorKind, Result};
use rusqlite::Connection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    task::{Context, Poll, Waker},
    thread::JoinHandle,
};

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

pub(super) enum Door {
    Inline(Mutex<Connection>),
    Thread { queue: Option<mpsc::Sender<Job>>, thread: Option<JoinHandle<()>> },
}

impl Door {
    pub(super) fn inline(connection: Connection) -> Door {
        Door::Inline(Mutex::new(connection))
    }

    pub(super) fn thread(mut connection: Connection) -> Result<Door> {
        let (queue, jobs) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new()
            .name("sf-sync-sqlite".into())
            .spawn(move || {
                for job in jobs {
                    job(&mut connection);
                }
            })
            .map_err(|e| {
                Error::new(ErrorKind::Store, format!("cannot start the store's thread: {e}")).with_source(e)
            })?;
        Ok(Door::Thread { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs `work` with the connection. Once queued it runs to its end, also when the future is dropped.
    pub(super) async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        match self {
            Door::Inline(connection) => guarded(&mut lock(connection), work),
            Door::Thread { queue, .. } => {
                let reply = Arc::new(Reply::default());
                let answer = Answer(Some(Arc::clone(&reply)));
                let job: Job = Box::new(move |connection| answer.put(guarded(connection, work)));
                if queue.as_ref().is_none_or(|q| q.send(job).is_err()) {
                    return Err(ended());
                }
                std::future::poll_fn(|cx| reply.poll(cx)).await
            }
        }
    }
}

/// The last handle waits for the thread: what was queued is done and the file is closed when `drop` returns.
impl Drop for Door {
    fn drop(&mut self) {
        if let Door::Thread { queue, thread } = self {
            drop(queue.take());
            if let Some(thread) = thread.take()
                && thread.thread().id() != std::thread::current().id()
            {
                let _ = thread.join();
            }
        }
    }
}

/// A panic (only a projection can raise one) becomes an error: the next caller finds the store as it was.
fn guarded<R>(connection: &mut Connection, work: impl FnOnce(&mut Connection) -> Result<R>) -> Result<R> {
    let done = catch_unwind(AssertUnwindSafe(|| work(connection)));
    if !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    done.unwrap_or_else(|panic| Err(panicked("the store's work", panic.as_ref())))
}

pub(super) fn panicked(what: &str, panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into());
    Error::new(ErrorKind::Projection, format!("{what} panicked: {text}"))
}

fn ended() -> Error {
    Error::new(ErrorKind::Store, "the store's thread has ended")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Reply<R>(Mutex<(Option<Result<R>>, Option<Waker>)>);

impl<R> Default for Reply<R> {
    fn default() -> Self {
        Reply(Mutex::new((None, None)))
    }
}

impl<R> Reply<R> {
    fn put(&self, result: Result<R>) {
        let waker = {
            let mut slot = lock(&self.0);
            slot.0.get_or_insert(result);
            slot.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<R>> {
        let mut slot = lock(&self.0);
        match slot.0.take() {
            Some(result) => Poll::Ready(result),
            None => {
                let before = slot.1.replace(cx.waker().clone());
                drop(slot);
                // A waker may own the last handle of the store, whose end waits for the thread.
                drop(before);
                Poll::Pending
            }
        }
    }
}

/// Answers even when the job is thrown away unrun, so that nobody waits for ever.
struct Answer<R>(Option<Arc<Reply<R>>>);

impl<R> Answer<R> {
    fn put(mut self, result: Result<R>) {
        if let Some(reply) = self.0.take() {
            reply.put(result);
        }
    }
}

impl<R> Drop for Answer<R> {
    fn drop(&mut self) {
        if let Some(reply) = self.0.take() {
            reply.put(Err(ended()));
        }
    }
}
