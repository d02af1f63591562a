//! The first command for an org runs alone: it may write the login file that the others read.
use crate::target::Target;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};
use tokio::{
    sync::OwnedMutexGuard,
    time::{Instant, timeout_at},
};

/// Shared by everything in this process that asks for the same org in the same home.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    alone: Arc<tokio::sync::Mutex<()>>,
    settled: AtomicBool,
}

type Orgs = Mutex<BTreeMap<(Option<PathBuf>, Target), Arc<Turns>>>;
static ORGS: Orgs = Mutex::new(BTreeMap::new());

impl Turns {
    pub(crate) fn of(home: Option<PathBuf>, target: &Target) -> Arc<Turns> {
        let mut orgs = ORGS.lock().unwrap_or_else(PoisonError::into_inner);
        orgs.entry((home, target.clone())).or_default().clone()
    }

    /// Waits while the first command runs. `Err`: the time was over.
    pub(crate) async fn enter(self: &Arc<Turns>, deadline: Instant) -> Result<Turn, ()> {
        if self.settled.load(SeqCst) {
            return Ok(Turn { turns: self.clone(), alone: None });
        }
        let alone = timeout_at(deadline, self.alone.clone().lock_owned()).await.map_err(drop)?;
        let alone = (!self.settled.load(SeqCst)).then_some(alone);
        Ok(Turn { turns: self.clone(), alone })
    }
}

/// The right to run a command now.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    alone: Option<OwnedMutexGuard<()>>,
}
impl Turn {
    /// How it went: after a success others may run at the same time, after a refused login the next one runs alone again,
    /// because it may renew the login.
    pub(crate) fn end(self, signed_in: Option<bool>) {
        if let Some(signed_in) = signed_in {
            self.turns.settled.store(signed_in, SeqCst);
        }
        drop(self.alone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    /// Pain 10: parallel first runs read an empty login file.
    #[tokio::test]
    async fn the_first_runs_alone_and_a_refused_login_makes_the_next_one_first_again() {
        let target = Target::named("first-call-test").unwrap();
        let turns = Turns::of(None, &target);
        assert!(Arc::ptr_eq(&turns, &Turns::of(None, &target)));
        let first = turns.enter(soon()).await.unwrap();
        assert!(turns.enter(soon()).await.is_err());
        first.end(Some(true));
        let (one, two) = (turns.enter(soon()).await.unwrap(), turns.enter(soon()).await.unwrap());
        one.end(Some(false));
        two.end(None);
        let again = turns.enter(soon()).await.unwrap();
        assert!(turns.enter(soon()).await.is_err());
        // Given up, not answered: nobody waits for ever.
        drop(again);
        assert!(turns.enter(soon()).await.is_ok());
    }
}
