//! Waiting without a runtime.
use std::{
    collections::BTreeMap,
    future::poll_fn,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
};

/// One loop at a time: a page that was read before a push settled must not be applied after it.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<Queue>);
#[derive(Debug, Default)]
struct Queue {
    taken: bool,
    next: u64,
    waiting: BTreeMap<u64, Waker>,
}
impl Gate {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Waits for its turn; the turn ends when the result is dropped.
    pub(super) async fn enter(&self) -> Turn<'_> {
        let mut ticket = Ticket { gate: self, number: None };
        poll_fn(|context| {
            let mut queue = self.lock();
            if !queue.taken {
                queue.taken = true;
                return Poll::Ready(());
            }
            let number = *ticket.number.get_or_insert_with(|| {
                queue.next += 1;
                queue.next
            });
            let before = queue.waiting.insert(number, context.waker().clone());
            drop(queue);
            // A waker may own the last handle of a task that waits here: it is dropped without the lock.
            drop(before);
            Poll::Pending
        })
        .await;
        Turn(self)
    }
    fn wake_next(&self) {
        let first = self.lock().waiting.pop_first();
        if let Some((_, waker)) = first {
            waker.wake();
        }
    }
}
/// Leaves the queue when it is dropped, and hands a wake on that came too late for it.
struct Ticket<'g> {
    gate: &'g Gate,
    number: Option<u64>,
}
impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let mut queue = self.gate.lock();
        let waker = queue.waiting.remove(&number);
        let free = waker.is_none() && !queue.taken;
        drop(queue);
        drop(waker);
        if free {
            self.gate.wake_next();
        }
    }
}
#[must_use]
#[derive(Debug)]
pub(super) struct Turn<'g>(&'g Gate);
impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.lock().taken = false;
        self.0.wake_next();
    }
}

/// Ends sleeps early.
#[derive(Debug, Default)]
pub(super) struct Alarm(Mutex<Bell>);
#[derive(Debug, Default)]
struct Bell {
    rung: u64,
    sleeping: Vec<Waker>,
}
impl Alarm {
    fn lock(&self) -> MutexGuard<'_, Bell> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(super) fn ring(&self) {
        let sleeping = {
            let mut bell = self.lock();
            bell.rung += 1;
            std::mem::take(&mut bell.sleeping)
        };
        sleeping.into_iter().for_each(Waker::wake);
    }
    /// How often it has rung: for [`Alarm::sleep`], read before one looks for work.
    pub(super) fn rung(&self) -> u64 {
        self.lock().rung
    }
    /// Until `sleep` ends or the alarm rings after `since`.
    pub(super) async fn sleep(&self, since: u64, sleep: impl Future<Output = ()>) {
        let mut sleep = pin!(sleep);
        poll_fn(|context| {
            {
                let mut bell = self.lock();
                if bell.rung != since {
                    return Poll::Ready(());
                }
                if !bell.sleeping.iter().any(|w| w.will_wake(context.waker())) {
                    bell.sleeping.push(context.waker().clone());
                }
            }
            sleep.as_mut().poll(context)
        })
        .await;
    }
}
