use crate::VisibleChange;
use futures_core::Stream;
use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Waker},
};

/// Batches a slow listener may be behind.
const BEHIND: usize = 1_024;

/// What becomes visible, batch by batch, as this engine commits it. From [`Engine::subscribe`](crate::Engine::subscribe).
///
/// A hint, not a log: it does not have what was committed before, what a host transaction changed
/// ([`Engine::within`](crate::Engine::within): the host knows), or what another process did. A listener that falls more
/// than 1,024 batches behind, or whose engine was dropped out of a commit (a call that timed out), gets an empty batch: read
/// the records again then. It ends with the engine.
pub struct Feed(Arc<Mutex<Channel>>);
#[derive(Default)]
struct Channel {
    batches: VecDeque<Arc<Vec<VisibleChange>>>,
    waker: Option<Waker>,
    closed: bool,
}
impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Feed")
    }
}
fn lock(channel: &Mutex<Channel>) -> MutexGuard<'_, Channel> {
    channel.lock().unwrap_or_else(PoisonError::into_inner)
}
impl Stream for Feed {
    type Item = Arc<Vec<VisibleChange>>;
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut channel = lock(&self.0);
        match channel.batches.pop_front() {
            Some(batch) => Poll::Ready(Some(batch)),
            None if channel.closed => Poll::Ready(None),
            None => {
                let before = channel.waker.replace(context.waker().clone());
                drop(channel);
                // A waker may own the last handle of the engine, whose end takes this lock.
                drop(before);
                Poll::Pending
            }
        }
    }
}
impl Feed {
    /// The next batch; `None` when the engine is gone.
    pub async fn next(&mut self) -> Option<Arc<Vec<VisibleChange>>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

#[derive(Debug, Default)]
pub(super) struct Hub(Mutex<Vec<Weak<Mutex<Channel>>>>);
impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Channel")
    }
}
impl Hub {
    pub(super) fn subscribe(&self) -> Feed {
        let channel = Arc::new(Mutex::new(Channel::default()));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&channel));
        Feed(channel)
    }
    /// A copy of the changes, when somebody listens.
    pub(super) fn wants(&self, visible: &[VisibleChange]) -> Option<Arc<Vec<VisibleChange>>> {
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|l| l.strong_count() > 0);
        (!listeners.is_empty() && !visible.is_empty()).then(|| Arc::new(visible.to_vec()))
    }
    pub(super) fn publish(&self, visible: Option<Arc<Vec<VisibleChange>>>) {
        let Some(batch) = visible else { return };
        let listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for channel in listeners.iter().filter_map(Weak::upgrade) {
            let waker = {
                let mut channel = lock(&channel);
                if channel.batches.len() >= BEHIND {
                    channel.batches.clear();
                    channel.batches.push_back(Arc::default());
                }
                channel.batches.push_back(batch.clone());
                channel.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}
impl Drop for Hub {
    fn drop(&mut self) {
        let listeners = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for channel in listeners.iter().filter_map(Weak::upgrade) {
            let waker = {
                let mut channel = lock(&channel);
                channel.closed = true;
                channel.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}
