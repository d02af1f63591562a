use sf_core::{Clock, Timestamp};
use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Wake, Waker},
};

/// Time that moves only when everything waits for it. Clones share it.
#[derive(Debug, Clone)]
pub struct VirtualClock(Arc<Mutex<Inner>>);
#[derive(Debug)]
struct Inner {
    now: Timestamp,
    next: u64,
    timers: BTreeMap<(Timestamp, u64), Option<Waker>>,
}

impl VirtualClock {
    pub fn new(_seed: u64) -> VirtualClock {
        VirtualClock(Arc::new(Mutex::new(Inner {
            now: Timestamp::from_millis(1_700_000_000_000).unwrap_or_else(|| todo!()),
            next: 0,
            timers: BTreeMap::new(),
        })))
    }
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
    /// Jumps to the next timer. `false`: nobody waits.
    pub fn advance(&self) -> bool {
        let mut i = self.lock();
        let Some(((at, _), w)) = i.timers.pop_first() else {
            return false;
        };
        i.now = i.now.max(at);
        drop(i);
        if let Some(w) = w {
            w.wake()
        }
        true
    }
    /// Runs `f` without a runtime; whenever it waits, time jumps. Same seed, same run.
    pub fn run<F: Future>(&self, f: F) -> F::Output {
        struct Flag(std::sync::atomic::AtomicBool);
        impl Wake for Flag {
            fn wake(self: Arc<Self>) {
                self.0.store(true, std::sync::atomic::Ordering::Relaxed)
            }
        }
        let flag = Arc::new(Flag(true.into()));
        let waker = Waker::from(flag.clone());
        let mut f = std::pin::pin!(f);
        loop {
            while flag.0.swap(false, std::sync::atomic::Ordering::Relaxed) {
                if let Poll::Ready(v) = f.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return v;
                }
            }
            assert!(self.advance(), "deadlock: nothing can wake this run");
        }
    }
}
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }
    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Sleep { clock: self.clone(), at, key: None })
    }
}
struct Sleep {
    clock: VirtualClock,
    at: Timestamp,
    key: Option<(Timestamp, u64)>,
}
impl Future for Sleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.clone();
        let mut i = clock.lock();
        if i.now >= self.at {
            return Poll::Ready(());
        }
        let at = self.at;
        let key = *self.key.get_or_insert_with(|| {
            i.next += 1;
            (at, i.next)
        });
        i.timers.insert(key, Some(cx.waker().clone()));
        Poll::Pending
    }
}
impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(k) = self.key {
            self.clock.lock().timers.remove(&k);
        }
    }
}
