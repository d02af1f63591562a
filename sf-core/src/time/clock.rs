//! Clocks.
use super::Timestamp;
use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

/// The only source of time. Real programs take [`SystemClock`], tests a virtual one.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Completes at `at` or later, at once when `at` has passed. Dropping the future costs nothing.
    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The wall clock. Its sleeps need no runtime: one thread, started by the first sleep, serves them all and
/// follows when the clock is set.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from(chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()))
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Sleep { at, place: None })
    }
}

struct Sleep {
    at: Timestamp,
    /// Where the timer keeps the waker.
    place: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if SystemClock.now() >= self.at {
            return Poll::Ready(());
        }
        let Some(timer) = timer() else {
            // The system gives no thread: be slow rather than wrong.
            thread::sleep(Duration::from_millis(1));
            context.waker().wake_by_ref();
            return Poll::Pending;
        };
        let mut queue = timer.lock();
        let place = *self.place.get_or_insert_with(|| {
            queue.last += 1;
            queue.last
        });
        let before = queue.wakers.insert((self.at, place), context.waker().clone());
        drop(queue);
        // A waker may own the last handle of a task that sleeps elsewhere: it is dropped without the lock.
        drop(before);
        timer.changed.notify_one();
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let (Some(place), Some(timer)) = (self.place, timer()) {
            let waker = timer.lock().wakers.remove(&(self.at, place));
            drop(waker);
        }
    }
}

#[derive(Default)]
struct Timer {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    wakers: BTreeMap<(Timestamp, u64), Waker>,
    last: u64,
}

impl Timer {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        // Somebody may set the wall clock; look at it now and then.
        const LONGEST_WAIT: Duration = Duration::from_secs(30);
        let mut queue = self.lock();
        loop {
            let now = SystemClock.now();
            let mut due = Vec::new();
            while let Some(first) = queue.wakers.first_entry().filter(|first| first.key().0 <= now) {
                due.push(first.remove());
            }
            if !due.is_empty() {
                drop(queue);
                due.into_iter().for_each(Waker::wake);
                queue = self.lock();
                continue;
            }
            let wait =
                queue.wakers.keys().next().map_or(LONGEST_WAIT, |(at, _)| at.since(now).min(LONGEST_WAIT));
            queue = self.changed.wait_timeout(queue, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn timer() -> Option<&'static Arc<Timer>> {
    static TIMER: OnceLock<Option<Arc<Timer>>> = OnceLock::new();
    TIMER
        .get_or_init(|| {
            let timer = Arc::new(Timer::default());
            let runs = timer.clone();
            thread::Builder::new().name("sf-core timer".into()).spawn(move || runs.run()).ok()?;
            Some(timer)
        })
        .as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, task::Wake};

    struct Signal(mpsc::Sender<()>);
    impl Wake for Signal {
        fn wake(self: Arc<Self>) {
            self.0.send(()).ok();
        }
    }

    fn block_on(mut future: Pin<Box<dyn Future<Output = ()> + Send + '_>>) {
        let (sender, woken) = mpsc::channel();
        let waker = Waker::from(Arc::new(Signal(sender)));
        while future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            woken.recv_timeout(Duration::from_secs(10)).unwrap();
        }
    }

    #[test]
    fn sleeps_wake_in_order_and_not_early() {
        let start = SystemClock.now();
        let dropped = SystemClock.sleep_until(start + Duration::from_millis(5));
        drop(dropped);
        for ms in [20, 10, 0] {
            let at = start + Duration::from_millis(ms);
            block_on(SystemClock.sleep_until(at));
            assert!(SystemClock.now() >= at);
        }
    }

    #[test]
    fn a_dropped_sleep_leaves_nothing_behind() {
        let at = SystemClock.now() + Duration::from_secs(3_600);
        let mut sleep = Box::pin(Sleep { at, place: None });
        assert!(sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let place = (at, sleep.place.unwrap());
        assert!(timer().unwrap().lock().wakers.contains_key(&place));
        drop(sleep);
        assert!(!timer().unwrap().lock().wakers.contains_key(&place));
    }
}
