//! Which orgs are on this machine. Asked only where a proxy is set, because it costs a process.
use crate::{
    command::{HALF_READ_PAUSE, result_of},
    envelope::Document,
    fault::Trouble,
    target::Target,
};
use serde::Deserialize;
use sf_core::ErrorKind;
use std::{
    future::Future,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// Other processes point aliases at other orgs.
const GOOD_FOR: Duration = Duration::from_secs(300);
/// After a list that could not be had.
const BACK_OFF: Duration = Duration::from_secs(30);

/// The logins of the command.
#[derive(Debug, Default)]
pub(crate) struct Orgs {
    known: Mutex<Known>,
    /// Held over the question: who comes meanwhile takes its answer and does not ask as well.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    /// As they were listed last. Kept beyond its time: where there is no new answer, the old one is the better guess.
    logins: Vec<Login>,
    good_until: Option<Instant>,
    back_off_until: Option<Instant>,
    /// How often they were forgotten: a list that was asked for before that may be older than the sign-in.
    forgotten: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    username: String,
    /// Several with commas between them.
    #[serde(default)]
    alias: Option<String>,
    /// Missing where the login file was read while another process wrote it.
    #[serde(default)]
    instance_url: Option<String>,
    /// Settings that have this org as their value.
    #[serde(default)]
    configs: Vec<String>,
}

impl Login {
    fn is(&self, target: &Target) -> bool {
        match target.name() {
            Some(name) => {
                let aliases = self.alias.as_deref().unwrap_or_default();
                self.username == name || aliases == name || aliases.split(',').any(|alias| alias == name)
            }
            None => self.configs.iter().any(|key| key == "target-org" || key == "defaultusername"),
        }
    }
}

/// `None`: nobody knows. A login file that is no JSON has no entry and no warning; one that cannot be used has no address.
fn find(logins: &[Login], target: &Target) -> Option<bool> {
    let login = logins.iter().find(|login| login.is(target))?;
    login.instance_url.as_deref().map(is_loopback)
}

impl Known {
    /// What needs no question.
    fn at_hand(&self, target: &Target) -> Option<bool> {
        let before = |end: Option<Instant>| end.is_some_and(|end| Instant::now() < end);
        let found = find(&self.logins, target);
        if before(self.good_until) && found.is_some() {
            return found;
        }
        before(self.back_off_until).then(|| found.unwrap_or(false))
    }
    /// Keeps what the list lacks: the command sends nothing for an org that it does not know any more.
    fn take(&mut self, mut logins: Vec<Login>, asked_after: u64) {
        for old in std::mem::take(&mut self.logins) {
            match logins.iter_mut().find(|login| login.username == old.username) {
                Some(login) => login.instance_url = login.instance_url.take().or(old.instance_url),
                // Behind the new ones: an alias that was its own may be another's.
                None => logins.push(old),
            }
        }
        self.logins = logins;
        self.back_off_until = None;
        self.good_until = (asked_after == self.forgotten).then(|| Instant::now() + GOOD_FOR);
    }
}

impl Orgs {
    /// Reads the login files and sends nothing.
    pub(crate) const ARGUMENTS: &[&str] = &["org", "list", "auth", "--json"];

    /// Is this org on this machine, and how many processes did it take to know? An org that the command does not list is not.
    pub(crate) async fn is_loopback<F>(&self, target: &Target, ask: impl Fn() -> F) -> (bool, u32)
    where
        F: Future<Output = Result<Document, Trouble>>,
    {
        if let Some(here) = self.known().at_hand(target) {
            return (here, 0);
        }
        let _asking = self.asking.lock().await;
        if let Some(here) = self.known().at_hand(target) {
            return (here, 0);
        }
        let mut asked = 0;
        loop {
            let asked_after = self.known().forgotten;
            asked += 1;
            let listed = match ask().await {
                Ok(document) => result_of::<Vec<Login>>(&document, "sf org list auth"),
                Err(trouble) => Err(trouble.error),
            };
            match &listed {
                Ok(logins) if asked == 1 && find(logins, target).is_none() => {}
                // It took all its time.
                Err(error) if asked == 1 && error.kind() != ErrorKind::Timeout => {}
                _ => {
                    let mut known = self.known();
                    let before = find(&known.logins, target);
                    match listed {
                        Ok(logins) => known.take(logins, asked_after),
                        Err(error) => {
                            // What failed before a sign-in says nothing of what comes after it.
                            if asked_after == known.forgotten {
                                known.back_off_until = Some(Instant::now() + BACK_OFF);
                            }
                            let said = "the logins could not be listed: proxies stay in use but for orgs known to be on this machine";
                            tracing::warn!(target: "sf_cli_transport", kind = ?error.kind(), "{said}");
                        }
                    }
                    return (find(&known.logins, target).or(before).unwrap_or(false), asked);
                }
            }
            sleep(HALF_READ_PAUSE).await;
        }
    }

    /// A sign-in changed them. Waits for nobody.
    pub(crate) fn forget(&self) {
        let mut known = self.known();
        known.forgotten += 1;
        known.good_until = None;
        known.back_off_until = None;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn is_loopback(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use sf_core::{Delivery, Error, Failure};
    use std::{cell::Cell, pin::pin};
    use tokio::time::timeout;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in [
            "http://127.0.0.1:8080/",
            "https://localhost:1",
            "http://LOCALHOST.",
            "http://127.8.0.1",
            "http://[::1]:80",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "",
            "127.0.0.1",
            "https://acme.my.salesforce.com",
            "https://localhost.acme.example",
            "https://127.0.0.1.acme.example",
            "http://10.0.0.1",
            "http://127.0.0.1@acme.example",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    /// Plays answers one after the other, the last one for ever, and counts the questions.
    struct Script {
        answers: Vec<Result<Value, ErrorKind>>,
        asked: Cell<usize>,
    }
    impl Script {
        fn new(answers: impl IntoIterator<Item = Result<Value, ErrorKind>>) -> Script {
            Script { answers: answers.into_iter().collect(), asked: Cell::new(0) }
        }
        async fn is_here(&self, orgs: &Orgs, name: &str) -> bool {
            let target = Target::named(name).unwrap();
            let before = self.asked.get();
            let ask = || {
                let answer = self.answers[self.asked.get().min(self.answers.len() - 1)].clone();
                self.asked.set(self.asked.get() + 1);
                let answer = answer
                    .map(|envelope| Document::find(envelope.to_string().into_bytes()).unwrap())
                    .map_err(|kind| Trouble::from(Error::from(Failure::new(kind, Delivery::Refused, "x"))));
                std::future::ready(answer)
            };
            let (here, asked) = orgs.is_loopback(&target, ask).await;
            assert_eq!(asked as usize, self.asked.get() - before);
            here
        }
    }
    fn listed(logins: Value) -> Result<Value, ErrorKind> {
        Ok(json!({"status": 0, "result": logins, "warnings": []}))
    }
    fn login(alias: &str, url: &str) -> Value {
        json!({"username": "ann@acme.example", "alias": alias, "instanceUrl": url})
    }
    fn here() -> Result<Value, ErrorKind> {
        listed(json!([login("desk", "http://127.0.0.1:8080")]))
    }
    fn half_read() -> Result<Value, ErrorKind> {
        listed(
            json!([{"username": "ann@acme.example", "alias": "desk", "error": "Unexpected end of JSON input"}]),
        )
    }
    /// So do 2.127.2 and 2.150.6 with a file that is no JSON, without a word.
    fn left_out() -> Result<Value, ErrorKind> {
        listed(json!([]))
    }
    fn without_aliases() -> Result<Value, ErrorKind> {
        listed(json!([login("", "http://127.0.0.1:8080")]))
    }
    /// The time is over for what is known.
    fn age(orgs: &Orgs) {
        let mut known = orgs.known();
        (known.good_until, known.back_off_until) = (Some(Instant::now()), Some(Instant::now()));
    }

    #[tokio::test]
    async fn a_list_that_fails_once_or_a_login_that_is_half_read_is_asked_for_again() {
        for fault in [Err(ErrorKind::Unavailable), half_read(), left_out(), without_aliases()] {
            let (orgs, script) = (Orgs::default(), Script::new([fault, here()]));
            assert!(script.is_here(&orgs, "desk").await);
            assert!(script.is_here(&orgs, "desk").await);
            assert_eq!(script.asked.get(), 2);
        }
    }

    #[tokio::test]
    async fn what_was_known_stays_when_there_is_no_new_answer() {
        for fault in [Err(ErrorKind::Timeout), Err(ErrorKind::Unavailable), half_read(), left_out()] {
            let (orgs, good) = (Orgs::default(), Script::new([here()]));
            assert!(good.is_here(&orgs, "desk").await);
            age(&orgs);
            assert!(Script::new([fault.clone()]).is_here(&orgs, "desk").await, "{fault:?}");
            orgs.forget();
            assert!(Script::new([fault.clone()]).is_here(&orgs, "desk").await, "{fault:?}");
        }
        let (orgs, script) = (Orgs::default(), Script::new([here(), without_aliases()]));
        assert!(script.is_here(&orgs, "desk").await);
        age(&orgs);
        assert!(script.is_here(&orgs, "desk").await);
    }

    #[tokio::test]
    async fn an_alias_that_another_org_has_now_is_that_one_s() {
        let (orgs, good) = (Orgs::default(), Script::new([here()]));
        assert!(good.is_here(&orgs, "desk").await);
        age(&orgs);
        let moved = json!({"username": "bob@acme.example", "alias": "desk", "instanceUrl": "https://acme.my.salesforce.com"});
        assert!(!Script::new([listed(json!([moved]))]).is_here(&orgs, "desk").await);
        assert!(Script::new([half_read()]).is_here(&orgs, "ann@acme.example").await, "it is known still");
    }

    #[tokio::test]
    async fn after_an_error_nobody_asks_for_a_while() {
        for (fault, processes) in [(ErrorKind::Timeout, 1), (ErrorKind::Unavailable, 2)] {
            let (orgs, script) = (Orgs::default(), Script::new([Err(fault)]));
            for _ in 0..3 {
                assert!(!script.is_here(&orgs, "desk").await);
            }
            assert_eq!(script.asked.get(), processes, "{fault:?}");
            age(&orgs);
            assert!(Script::new([here()]).is_here(&orgs, "desk").await, "the error is over");
        }
    }

    #[tokio::test]
    async fn an_alias_that_points_elsewhere_is_noticed_in_time() {
        let away = listed(json!([login("desk", "https://acme.my.salesforce.com")]));
        let (orgs, script) = (Orgs::default(), Script::new([away, here()]));
        assert!(!script.is_here(&orgs, "desk").await);
        assert!(!script.is_here(&orgs, "desk").await);
        assert_eq!(script.asked.get(), 1);
        let left = orgs.known().good_until.unwrap() - Instant::now();
        assert!(left <= Duration::from_secs(600), "{left:?}");
        age(&orgs);
        assert!(script.is_here(&orgs, "desk").await);
    }

    /// An org that somebody else just signed in to.
    #[tokio::test]
    async fn an_org_that_is_not_listed_is_asked_for_by_every_call() {
        let (orgs, script) = (Orgs::default(), Script::new([left_out(), left_out(), left_out(), here()]));
        assert!(!script.is_here(&orgs, "desk").await);
        assert!(script.is_here(&orgs, "desk").await);
        assert_eq!(script.asked.get(), 4);
    }

    /// A sign-in does not wait for a list that hangs, and what that one says is older than the sign-in.
    #[tokio::test]
    async fn to_forget_is_immediate() {
        let orgs = Orgs::default();
        let (answer, asked) = tokio::sync::oneshot::channel::<()>();
        let asked = Cell::new(Some(asked));
        let old = listed(json!([login("desk", "https://acme.my.salesforce.com")])).unwrap();
        let ask = || {
            let (asked, old) = (asked.take(), old.to_string());
            async move {
                asked.unwrap().await.unwrap();
                Ok(Document::find(old.into_bytes()).unwrap())
            }
        };
        let desk = Target::named("desk").unwrap();
        let mut asking = pin!(orgs.is_loopback(&desk, ask));
        assert!(timeout(Duration::from_millis(20), &mut asking).await.is_err());
        orgs.forget();
        answer.send(()).unwrap();
        assert_eq!(asking.await, (false, 1));
        assert!(Script::new([here()]).is_here(&orgs, "desk").await);
    }
}
