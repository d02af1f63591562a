use sf_core::{Clock, Timestamp};
use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::{Duration, Instant},
};

/// Monday, 5 January 2026, 09:00 UTC: when an org in process starts.
const EPOCH_MILLIS: i64 = 1_767_603_600_000;

/// The org's time, and the only time inside it. Clones share it.
///
/// In process it moves only when [`VirtualClock::run`] has nothing else to do, or when a test moves it; so a
/// minute of waiting costs nothing and the same seed gives the same run. A server lets it keep pace with
/// real time ([`VirtualClock::keep_pace`]).
///
/// ```
/// use sf_core::Clock;
/// use sf_testorg::VirtualClock;
/// use std::time::Duration;
///
/// let clock = VirtualClock::new();
/// assert_eq!(clock.now().to_string(), "2026-01-05T09:00:00.000Z");
/// let woken = clock.run(async {
///     clock.sleep_until(clock.now() + Duration::from_secs(3600)).await;
///     clock.now()
/// });
/// assert_eq!(woken.to_string(), "2026-01-05T10:00:00.000Z");
/// ```
#[derive(Clone)]
pub struct VirtualClock(Arc<Mutex<Inner>>);
struct Inner {
    now: Timestamp,
    /// Real time and virtual time of one moment, while it keeps pace.
    pace: Option<(Instant, Timestamp)>,
    next: u64,
    timers: BTreeMap<(Timestamp, u64), Waker>,
}
impl Inner {
    fn now(&mut self) -> Timestamp {
        if let Some((instant, start)) = self.pace {
            self.now = self.now.max(start + instant.elapsed());
        }
        self.now
    }
}

impl fmt::Debug for VirtualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VirtualClock").field(&self.lock().now()).finish()
    }
}
impl Default for VirtualClock {
    fn default() -> VirtualClock {
        VirtualClock::new()
    }
}

impl VirtualClock {
    /// Starts at Monday, 5 January 2026, 09:00 UTC.
    pub fn new() -> VirtualClock {
        VirtualClock::at(
            Timestamp::from_millis(EPOCH_MILLIS)
                .unwrap_or_else(|| Timestamp::from(chrono::DateTime::UNIX_EPOCH)),
        )
    }
    /// Starts at `now`.
    pub fn at(now: Timestamp) -> VirtualClock {
        VirtualClock(Arc::new(Mutex::new(Inner { now, pace: None, next: 0, timers: BTreeMap::new() })))
    }
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Goes to `at` unless that has passed, and wakes who waited for it. Time never goes back.
    pub fn advance_to(&self, at: Timestamp) {
        let mut due = Vec::new();
        {
            let mut inner = self.lock();
            let now = inner.now().max(at);
            inner.now = now;
            if inner.pace.is_some() {
                inner.pace = Some((Instant::now(), now));
            }
            while inner.timers.first_key_value().is_some_and(|((t, _), _)| *t <= now) {
                due.extend(inner.timers.pop_first().map(|(_, waker)| waker));
            }
        }
        due.into_iter().for_each(Waker::wake);
    }
    /// Goes `by` forward.
    pub fn advance(&self, by: Duration) {
        let now = self.lock().now();
        self.advance_to(now + by);
    }
    /// Jumps to the next timer. `false`: nobody waits.
    pub fn advance_to_next(&self) -> bool {
        let Some(at) = self.lock().timers.first_key_value().map(|((at, _), _)| *at) else { return false };
        self.advance_to(at);
        true
    }
    /// From now on time passes as outside, beginning at `now` or at what this clock shows, whichever is later.
    pub fn keep_pace(&self, now: Timestamp) {
        let mut inner = self.lock();
        let start = inner.now().max(now);
        inner.now = start;
        inner.pace = Some((Instant::now(), start));
    }
    /// Runs `f` to its end without a runtime, on this thread; whenever it waits for this clock, time jumps.
    ///
    /// # Panics
    /// When `f` waits for something that nobody will ever finish.
    #[allow(clippy::panic)]
    pub fn run<F: Future>(&self, f: F) -> F::Output {
        struct Flag(AtomicBool);
        impl Wake for Flag {
            fn wake(self: Arc<Self>) {
                self.0.store(true, Ordering::Release);
            }
        }
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(flag.clone());
        let mut f = std::pin::pin!(f);
        loop {
            while flag.0.swap(false, Ordering::AcqRel) {
                if let Poll::Ready(value) = f.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return value;
                }
            }
            if !self.advance_to_next() && !flag.0.load(Ordering::Acquire) {
                panic!("deadlock: the future waits for something that no timer of this clock will end");
            }
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.lock().now()
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
        let mut inner = clock.lock();
        if inner.now() >= self.at {
            return Poll::Ready(());
        }
        let at = self.at;
        let key = *self.key.get_or_insert_with(|| {
            inner.next += 1;
            (at, inner.next)
        });
        let before = inner.timers.insert(key, cx.waker().clone());
        drop(inner);
        // A waker may own the last handle of a task that sleeps on this clock: it is dropped without the lock.
        drop(before);
        Poll::Pending
    }
}
impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let waker = self.clock.lock().timers.remove(&key);
            drop(waker);
        }
    }
}
