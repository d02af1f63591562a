//! A command may renew the login and write the login file, so one runs alone where that is to be expected: as the first for an
//! org, after a quiet, after a refused login. Two that renew at the same time use one refresh token twice; where it rotates,
//! Salesforce refuses the second and may revoke the login.
use crate::target::Target;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedMutexGuard, OwnedRwLockReadGuard, RwLock},
    time::{Instant, timeout_at},
};

/// So long after a success the login is taken to be good; the shortest timeout of a session is 15 minutes.
const GOOD_FOR: Duration = Duration::from_secs(60);
/// A command renews the login when it starts: for the rest of a long one, e.g. a download, nobody waits.
const LONGEST_ALONE: Duration = Duration::from_secs(30);
/// After a refused login: what another command needs from a renewal until it has saved it.
const LONGEST_SAVING: Duration = Duration::from_secs(10);

/// Shared by everything in this process that asks for the same org in the same home.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    home: Arc<Home>,
    login: Mutex<Login>,
}

/// One for all orgs of a home: an alias, a username and the default org may be one login, and commands for a scratch org use
/// the one of its Dev Hub.
#[derive(Debug, Default)]
struct Home {
    alone: Arc<tokio::sync::Mutex<()>>,
    /// When the one that runs alone, or the last one that did, began.
    alone_since: Mutex<Option<Instant>>,
    /// Held by those that do not run alone.
    together: Arc<RwLock<()>>,
}

#[derive(Debug, Default)]
struct Login {
    good_until: Option<Instant>,
    refused: bool,
}

impl Home {
    fn alone_since(&self) -> Option<Instant> {
        *self.alone_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Homes = BTreeMap<Option<PathBuf>, (Arc<Home>, BTreeMap<Target, Arc<Turns>>)>;
static HOMES: Mutex<Homes> = Mutex::new(BTreeMap::new());

impl Turns {
    pub(crate) fn of(home: Option<PathBuf>, target: &Target) -> Arc<Turns> {
        let mut homes = HOMES.lock().unwrap_or_else(PoisonError::into_inner);
        let (home, orgs) = homes.entry(home).or_default();
        let new = || Arc::new(Turns { home: home.clone(), login: Mutex::default() });
        orgs.entry(target.clone()).or_insert_with(new).clone()
    }

    /// Waits while another command runs alone, if this one has to. `Err`: the time was over.
    pub(crate) async fn enter(self: &Arc<Turns>, deadline: Instant) -> Result<Turn, ()> {
        self.enter_within(deadline, LONGEST_ALONE).await
    }

    async fn enter_within(self: &Arc<Turns>, deadline: Instant, longest_alone: Duration) -> Result<Turn, ()> {
        if self.is_good() {
            return Ok(self.together());
        }
        let mut turn = pin!(self.home.alone.clone().lock_owned());
        let alone = loop {
            let since = self.home.alone_since();
            let patience = deadline.min(since.unwrap_or_else(Instant::now) + longest_alone);
            match timeout_at(patience, &mut turn).await {
                Ok(alone) => break alone,
                // Another one has begun meanwhile.
                Err(_) if patience < deadline && self.home.alone_since() != since => {}
                Err(_) if patience < deadline => return Ok(self.together()),
                Err(_) => return Err(()),
            }
        };
        *self.home.alone_since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        if self.is_good() {
            return Ok(self.together());
        }
        if self.login().refused {
            // One of those that run may have renewed the login and not saved it yet.
            let patience = deadline.min(Instant::now() + LONGEST_SAVING);
            drop(timeout_at(patience, self.home.together.write()).await);
        }
        Ok(Turn { turns: self.clone(), _alone: Some(alone), _together: None })
    }

    fn together(self: &Arc<Turns>) -> Turn {
        let together = self.home.together.clone().try_read_owned().ok();
        Turn { turns: self.clone(), _alone: None, _together: together }
    }
    fn is_good(&self) -> bool {
        self.login().good_until.is_some_and(|until| Instant::now() < until)
    }
    fn login(&self) -> MutexGuard<'_, Login> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// As if nobody had asked for long.
    #[cfg(test)]
    pub(crate) fn let_the_quiet_pass(&self) {
        self.login().good_until = Some(Instant::now());
    }
}

/// The right to run a command now, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    _alone: Option<OwnedMutexGuard<()>>,
    _together: Option<OwnedRwLockReadGuard<()>>,
}
impl Turn {
    /// How it went: after a success others may run at the same time for a while, after a refused login the next one runs alone.
    pub(crate) fn went(&self, signed_in: Option<bool>) {
        if let Some(signed_in) = signed_in {
            let good_until = signed_in.then(|| Instant::now() + GOOD_FOR);
            *self.turns.login() = Login { good_until, refused: !signed_in };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Fake, error, rest, until};
    use serde_json::json;
    use sf_core::{CallOptions, Delivery, ErrorKind, Transport, protocol::Request};

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }
    fn once() -> CallOptions {
        CallOptions::new().with_attempts(Some(1))
    }
    fn refused() -> String {
        let text = "Unable to refresh session due to: Error authenticating with the refresh token due to: expired access/refresh token";
        error("Error", text, 1).to_string()
    }
    /// What ran since the last look, in the order of the beginnings.
    fn spans(fake: &Fake) -> Vec<(u128, u128)> {
        let mut spans = fake.spans();
        std::fs::remove_file(fake.path("times")).unwrap();
        spans.sort_unstable();
        spans
    }
    fn one_by_one(spans: &[(u128, u128)]) -> bool {
        spans.windows(2).all(|two| two[1].0 >= two[0].1)
    }

    /// Pain 10: parallel first runs read an empty login file.
    #[tokio::test]
    async fn the_first_runs_alone_and_a_refused_login_makes_the_next_one_first_again() {
        let target = Target::named("first-call-test").unwrap();
        let turns = Turns::of(None, &target);
        assert!(Arc::ptr_eq(&turns, &Turns::of(None, &target)));
        let first = turns.enter(soon()).await.unwrap();
        assert!(turns.enter(soon()).await.is_err());
        first.went(Some(true));
        drop(first);
        let (one, two) = (turns.enter(soon()).await.unwrap(), turns.enter(soon()).await.unwrap());
        one.went(Some(false));
        drop((one, two));
        let again = turns.enter(soon()).await.unwrap();
        assert!(turns.enter(soon()).await.is_err());
        // Given up, not answered: nobody waits for ever.
        drop(again);
        assert!(turns.enter(soon()).await.is_ok());
    }

    #[tokio::test]
    async fn an_alias_and_a_username_may_be_one_login() {
        let home = Some(PathBuf::from("/home/of/one-login-test"));
        let of = |name| Turns::of(home.clone(), &Target::named(name).unwrap());
        let (alias, username) = (of("desk"), of("ann@acme.example"));
        let first = alias.enter(soon()).await.unwrap();
        assert!(username.enter(soon()).await.is_err());
        first.went(Some(true));
        drop(first);
        let _alone = username.enter(soon()).await.unwrap();
        assert!(alias.enter(soon()).await.is_ok(), "it has its success");
        assert!(of("other").enter(soon()).await.is_err());
    }

    #[tokio::test]
    async fn nobody_waits_for_the_rest_of_a_long_command_that_runs_alone() {
        let turns = Turns::of(Some("/home/of/long-command-test".into()), &Target::DEFAULT);
        let _download = turns.enter(soon()).await.unwrap();
        let end = Instant::now() + Duration::from_secs(600);
        let longest_alone = Duration::from_millis(20);
        let other = turns.enter_within(end, longest_alone).await.unwrap();
        drop(other);
        // Nothing is known of the login, and the download has been going on for so long: who comes next does not wait either, whatever
        // time there is.
        let over = Instant::now();
        assert!(turns.enter_within(end, longest_alone).await.is_ok());
        assert!(turns.enter_within(over, Duration::ZERO).await.is_ok());
        assert!(turns.enter(soon()).await.is_err(), "half a minute is not over");
    }

    #[tokio::test]
    async fn who_waits_for_one_that_runs_alone_waits_for_the_next_one_too() {
        let turns = Turns::of(Some("/home/of/next-one-test".into()), &Target::DEFAULT);
        let longest_alone = Duration::from_secs(5);
        let first = turns.enter(soon()).await.unwrap();
        let end = Instant::now() + Duration::from_secs(600);
        let mut second = pin!(turns.enter_within(end, longest_alone));
        assert!(tokio::time::timeout(Duration::from_millis(20), &mut second).await.is_err());
        drop(first);
        let second = second.await.unwrap();
        assert!(second._alone.is_some(), "it did wait for its turn");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn after_a_quiet_calls_run_one_after_the_other_until_one_has_succeeded() {
        let fake = Fake::new();
        let transport = fake.sf().await.concurrency(3).connect().unwrap();
        let (call, x, y) = (once(), Request::get(["x"]), Request::get(["y"]));
        let ask = || transport.call(&x, &call);
        fake.rule(json!({"when": ["/x"], "times": 1, "stdout": rest(200, json!({}))}));
        ask().await.unwrap();
        let fails = error("TypeError", "fetch failed", 10).to_string();
        fake.rule(json!({"when": ["/x"], "times": 1, "delay_ms": 200, "stdout": fails, "exit": 10}));
        fake.rule(json!({"when": ["/x"], "delay_ms": 200, "stdout": rest(200, json!({}))}));
        fake.rule(json!({"when": ["/y"], "read_after": "go", "stdout": rest(200, json!({}))}));
        let turns = fake.command().await.turns(&Target::named("desk").unwrap());
        turns.let_the_quiet_pass();
        spans(&fake);
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        assert_eq!([a, b, c].iter().filter(|answer| answer.is_ok()).count(), 2);
        let alone = spans(&fake);
        assert!(alone.len() == 3 && one_by_one(&alone), "{alone:?}");
        let meet = async {
            until(|| std::fs::read_to_string(fake.path("waiting")).is_ok_and(|who| who.len() == 2)).await;
            std::fs::write(fake.path("go"), "").unwrap();
        };
        let (a, b, ()) = tokio::join!(transport.call(&y, &call), transport.call(&y, &call), meet);
        assert!(a.is_ok() && b.is_ok());
        let together = spans(&fake);
        assert!(!one_by_one(&together), "{together:?}");
    }

    /// The other one renewed the login with the refresh token that both had read.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_lost_a_renewal_asks_once_more_when_the_winner_has_saved_it() {
        let fake = Fake::new();
        let transport = fake.sf().await.connect().unwrap();
        fake.rule(json!({"when": ["/first"], "stdout": rest(200, json!({}))}));
        fake.rule(json!({"when": ["/winner"], "read_after": "go", "stdout": rest(200, json!({}))}));
        fake.rule(json!({"when": ["/loser"], "times": 1, "stdout": refused(), "exit": 1}));
        fake.rule(json!({"when": ["/loser"], "stdout": rest(200, json!({}))}));
        transport.call(&Request::get(["first"]), &once()).await.unwrap();
        spans(&fake);
        let (call, winner) = (once(), Request::get(["winner"]));
        let lost = async {
            until(|| fake.path("waiting").exists()).await;
            // A write, of which nothing was sent.
            transport.call(&Request::post(["loser"]).with_json("{}"), &once()).await
        };
        let saved = async {
            until(|| fake.calls().len() >= 2).await;
            // Who does not wait asks again meanwhile.
            tokio::time::sleep(Duration::from_millis(500)).await;
            std::fs::write(fake.path("go"), "").unwrap();
        };
        let (won, lost, ()) = tokio::join!(transport.call(&winner, &call), lost, saved);
        assert!(won.is_ok() && lost.is_ok(), "{lost:?}");
        let spans = spans(&fake);
        assert!(spans.len() == 3 && spans[1].0 < spans[0].1, "they did meet: {spans:?}");
        assert!(spans[2].0 >= spans[0].1, "{spans:?}");
    }

    #[tokio::test]
    async fn a_dead_login_costs_one_command_more_and_keeps_its_error() {
        let fake = Fake::new();
        fake.rule(json!({"when": ["--target-org=desk"], "stdout": refused(), "exit": 1}));
        let many = fake.sf().await.connect_many_rows().unwrap();
        let statement = [sf_core::QueryCall::Start(sf_core::Soql::raw("SELECT Id FROM Account"))];
        let options = sf_core::QueryOptions::new();
        let query = many.query(&statement, &options);
        let transport = many.inner();
        let write = Request::post(["x"]).with_json("{}");
        let errors = [
            transport.call(&Request::get(["x"]), &CallOptions::new()).await.unwrap_err(),
            transport.call(&write, &CallOptions::new()).await.unwrap_err(),
            query.await.unwrap_err(),
            sf_core::Credentials::token(&fake.sf().await.credentials().unwrap(), None).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::NotSignedIn, Delivery::NotSent));
            assert!(error.help().next_step.contains("sf org login web"), "{}", error.help());
        }
        assert_eq!(fake.calls().len(), 8);
    }
}
