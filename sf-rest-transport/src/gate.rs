//! How many requests are under way at once: the others wait their turn, people first.
use sf_core::Priority;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// Below the 25 long-running requests that an org lets run at once (5 in developer editions), with room for others.
pub(crate) const DEFAULT_CONCURRENCY: usize = 10;

#[derive(Clone)]
pub(crate) struct Gate(Arc<Mutex<State>>);

struct State {
    free: usize,
    /// In the order in which they go: by priority, then by arrival.
    waiting: BTreeMap<(Priority, u64), oneshot::Sender<Place>>,
    arrived: u64,
}

impl Gate {
    pub(crate) fn new(places: usize) -> Gate {
        let state = State { free: places.max(1), waiting: BTreeMap::new(), arrived: 0 };
        Gate(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, at once or when one becomes free. Dropping the future gives the place in the queue up.
    pub(crate) async fn enter(&self, priority: Priority) -> Place {
        let turn = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Place(Some(self.clone()));
            }
            state.arrived += 1;
            let (give, turn) = oneshot::channel();
            let place = (priority, state.arrived);
            state.waiting.insert(place, give);
            turn
        };
        // The sender is dropped with the gate only, and this future holds the gate.
        turn.await.unwrap_or(Place(None))
    }

    fn leave(self) {
        loop {
            let next = {
                let mut state = self.state();
                match state.waiting.pop_first() {
                    Some((_, next)) => next,
                    None => {
                        state.free += 1;
                        return;
                    }
                }
            };
            match next.send(Place(Some(self.clone()))) {
                Ok(()) => return,
                // Nobody waits there any more: the place goes to the one behind.
                Err(mut unwanted) => drop(unwanted.0.take()),
            }
        }
    }
}

/// The right to have one request under way; free again when dropped.
pub(crate) struct Place(Option<Gate>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(gate) = self.0.take() {
            gate.leave();
        }
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
        task::{Context, Poll, Waker},
    };

    fn poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
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
        assert_eq!(gate.state().free, 1);
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
        let state = gate.state();
        assert_eq!((state.free, state.waiting.len()), (1, 0));
    }
}
