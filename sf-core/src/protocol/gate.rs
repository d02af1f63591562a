//! How many requests are under way at once: the others wait their turn, people first. Without a runtime of its own.
use crate::Priority;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// So many requests (connections, processes) of a transport at once; whoever comes then waits, people before background work and
/// equals in the order in which they came. For those who write a transport.
///
/// ```
/// use sf_core::{Priority, protocol::Gate};
///
/// # async fn example(gate: &Gate) {
/// let place = gate.enter(Priority::Interactive).await;
/// // … one request …
/// drop(place);
/// # }
/// ```
#[derive(Clone)]
pub struct Gate(Arc<Mutex<State>>);

/// By priority, then by arrival.
type Ticket = (Priority, u64);

struct State {
    free: usize,
    /// Who waits, in the order in which they go.
    waiting: BTreeMap<Ticket, Option<Waker>>,
    /// Who has a place and has not taken it yet.
    called: BTreeSet<Ticket>,
    arrived: u64,
}

impl Gate {
    /// With so many places, at least one.
    pub fn new(places: usize) -> Gate {
        let state =
            State { free: places.max(1), waiting: BTreeMap::new(), called: BTreeSet::new(), arrived: 0 };
        Gate(Arc::new(Mutex::new(state)))
    }

    /// A place, at once or when one becomes free. Dropping the future gives the place in the queue up; a place that was called for a
    /// future that nobody polls stays taken until it is dropped.
    pub async fn enter(&self, priority: Priority) -> Place {
        let ticket = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Place(self.clone());
            }
            state.arrived += 1;
            let ticket = (priority, state.arrived);
            state.waiting.insert(ticket, None);
            ticket
        };
        Waiting { gate: self, ticket: Some(ticket) }.await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place is free: it goes to the next one.
    fn leave(&self) {
        let waker = {
            let mut state = self.state();
            match state.waiting.pop_first() {
                Some((ticket, waker)) => {
                    state.called.insert(ticket);
                    waker
                }
                None => {
                    state.free += 1;
                    None
                }
            }
        };
        // Outside of the lock: a waker may run whatever it likes.
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

struct Waiting<'a> {
    gate: &'a Gate,
    /// `None`: it has its place.
    ticket: Option<Ticket>,
}

impl Future for Waiting<'_> {
    type Output = Place;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Place> {
        let Some(ticket) = self.ticket else { return Poll::Pending };
        let waker = cx.waker().clone();
        let earlier = {
            let mut state = self.gate.state();
            if state.called.remove(&ticket) { None } else { Some(state.waiting.insert(ticket, Some(waker))) }
        };
        // What was there is dropped outside of the lock, too.
        match earlier {
            Some(_earlier) => Poll::Pending,
            None => {
                self.ticket = None;
                Poll::Ready(Place(self.gate.clone()))
            }
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let (waited, called) = {
            let mut state = self.gate.state();
            (state.waiting.remove(&ticket), state.called.remove(&ticket))
        };
        drop(waited);
        // Called and not taken: the place goes to the one behind.
        if called {
            self.gate.leave();
        }
    }
}

/// The right to have one request under way, from [`Gate::enter`]; free again when dropped.
#[must_use]
pub struct Place(Gate);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place")
    }
}
impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Gate").field("free", &state.free).field("waiting", &state.waiting.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        pin::pin,
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
        task::Wake,
    };

    fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }
    /// Nobody waits, nobody is called, this many places are free.
    fn free(gate: &Gate) -> usize {
        let state = gate.state();
        assert!(state.waiting.is_empty() && state.called.is_empty());
        state.free
    }

    #[test]
    fn people_go_first_and_equals_in_the_order_of_arrival() {
        let gate = Gate::new(1);
        let held = poll(pin!(gate.enter(Priority::Backfill))).unwrap();
        let (mut first, mut second) =
            (pin!(gate.enter(Priority::Backfill)), pin!(gate.enter(Priority::Backfill)));
        let mut person = pin!(gate.enter(Priority::Interactive));
        assert!(poll(first.as_mut()).is_none() && poll(second.as_mut()).is_none());
        assert!(poll(person.as_mut()).is_none());
        drop(held);
        assert!(poll(second.as_mut()).is_none() && poll(first.as_mut()).is_none());
        drop(poll(person.as_mut()).unwrap());
        assert!(poll(second.as_mut()).is_none());
        drop(poll(first.as_mut()).unwrap());
        drop(poll(second.as_mut()).unwrap());
        assert_eq!(free(&gate), 1);
    }

    #[test]
    fn who_gives_up_loses_no_place_for_the_others() {
        let gate = Gate::new(1);
        let held = poll(pin!(gate.enter(Priority::Interactive))).unwrap();
        let mut stays = pin!(gate.enter(Priority::Incremental));
        {
            let mut leaves = pin!(gate.enter(Priority::Interactive));
            assert!(poll(leaves.as_mut()).is_none() && poll(stays.as_mut()).is_none());
        }
        {
            // Gives up after the place was handed over, before it was taken.
            let mut late = Box::pin(gate.enter(Priority::Interactive));
            assert!(poll(late.as_mut()).is_none());
            drop(held);
            drop(late);
        }
        drop(poll(stays.as_mut()).unwrap());
        assert_eq!(free(&gate), 1);
    }

    #[test]
    fn who_is_called_is_woken_by_the_waker_of_the_last_poll() {
        #[derive(Default)]
        struct Woken(AtomicUsize);
        impl Wake for Woken {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, SeqCst);
            }
        }
        let gate = Gate::new(0);
        let held = poll(pin!(gate.enter(Priority::Backfill))).unwrap();
        let mut waits = pin!(gate.enter(Priority::Backfill));
        let (old, new) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
        for woken in [&old, &new] {
            let waker = Waker::from(Arc::clone(woken));
            assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        drop(held);
        assert_eq!((old.0.load(SeqCst), new.0.load(SeqCst)), (0, 1));
        drop(poll(waits.as_mut()).unwrap());
        assert_eq!(free(&gate), 1);
    }
}
