use crate::{
    cli::deadline,
    envelope::Document,
    farewell::Held,
    fault::{self, Complaint, Trouble},
    first_call::Turns,
    loopback::Orgs,
    process::{Ended, Program},
    redact::log_beside,
    target::Target,
    version::SfVersion,
};
use sf_core::{Delivery, ErrorKind, Failure, Result, protocol::Safety};
use std::{path::Path, process::Stdio, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Answers of the commands for people's settings are small; a list of orgs is the largest.
const MOST_ANSWER: usize = 16 << 20;
/// Reading the login files takes half a second.
const LIST_TIME: Duration = Duration::from_secs(30);
/// `org display` needs 32 s to find out that nobody answers.
const ANSWER_TIME: Duration = Duration::from_secs(120);

/// An `sf` command of this machine that can be used: its path and version are known.
///
/// Cheap to clone. What a settings page needs is here: [`status`](SfCommand::status), [`orgs`](SfCommand::orgs),
/// [`login_web`](SfCommand::login_web). [`Sf::command`](crate::Sf::command) makes a transport of it.
///
/// ```no_run
/// # async fn example() -> sf_core::Result<()> {
/// use sf_cli_transport::{SfCommand, SignIn};
///
/// let sf = SfCommand::at("/opt/sf/bin/sf").await?;
/// match sf.status(Some("desk")).await? {
///     SignIn::Authenticated(org) => println!("{} at {}", org.username, org.instance_url),
///     SignIn::Expired(org) => println!("{} has to sign in again", org.username),
///     SignIn::NotAuthenticated => println!("run sf org login web --alias desk"),
///     _ => println!("no sf command"),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SfCommand {
    program: Arc<Program>,
    /// The same for an org on this machine.
    without_proxy: Arc<Program>,
    version: SfVersion,
    timeout: Duration,
    orgs: Arc<Orgs>,
}

impl SfCommand {
    pub(crate) fn new(program: Program, version: SfVersion) -> SfCommand {
        let mut without_proxy = program.clone();
        without_proxy.environment.set_loopback();
        SfCommand {
            program: Arc::new(program),
            without_proxy: Arc::new(without_proxy),
            version,
            timeout: ANSWER_TIME,
            orgs: Arc::default(),
        }
    }

    /// The command at this path; asks it for its version. [`Discovery`](crate::Discovery) has more to choose.
    ///
    /// # Errors
    /// `Setup` when there is no such file, it cannot be started or is no `sf`; `Unsupported` when it is older than
    /// [`SfVersion::OLDEST`].
    pub async fn at(path: impl AsRef<Path>) -> Result<SfCommand> {
        crate::Discovery::new().without_search().at(path).find().await
    }

    /// The time for one question of a settings page ([`status`](SfCommand::status), [`orgs`](SfCommand::orgs)) and for a token of
    /// [`CliCredentials`](crate::CliCredentials), with all its processes; two minutes unless set. The command itself needs half a minute to
    /// find out that nobody answers. A sign-in has [`LoginWeb::timeout`](crate::LoginWeb::timeout), calls have
    /// [`Sf::total_timeout`](crate::Sf::total_timeout).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> SfCommand {
        self.timeout = timeout;
        self
    }
    pub(crate) fn deadline(&self) -> Instant {
        deadline(self.timeout)
    }

    /// Where it is. A host that lets people choose stores this.
    pub fn path(&self) -> &Path {
        &self.program.path
    }

    /// Its version.
    pub fn version(&self) -> SfVersion {
        self.version
    }

    pub(crate) fn turns(&self, target: &Target) -> Arc<Turns> {
        Turns::of(self.program.environment.home(), target)
    }

    /// How the command is run for this org: without proxies for one on this machine. The command does not read `NO_PROXY`, and
    /// would send the token of such an org to the proxy.
    pub(crate) async fn program_for(
        &self,
        target: &Target,
        deadline: Instant,
        held: &Held,
    ) -> Result<Run, Trouble> {
        if !self.program.environment.has_proxy() {
            return Ok(Run { program: self.program.clone(), asked: 0 });
        }
        let ask = || {
            // Half of the time at most: a list that takes longer has failed, and the call goes on with what is known.
            let now = Instant::now();
            let until = now + LIST_TIME.min(deadline.saturating_duration_since(now) / 2);
            self.once(&self.program, Orgs::ARGUMENTS, &[], &Target::DEFAULT, until, held)
        };
        let looked_up = self.orgs.is_loopback(target, ask);
        let (here, asked) = timeout_at(deadline, looked_up).await.map_err(|_| fault::too_late())?;
        // A command that is ended at once could yet send something.
        if Instant::now() >= deadline {
            return Err(fault::too_late().into());
        }
        let program = if here { &self.without_proxy } else { &self.program };
        Ok(Run { program: program.clone(), asked })
    }
    pub(crate) fn forget_orgs(&self) {
        self.orgs.forget();
    }

    /// Runs a command that asks something and gives its envelope. `--json` and the org are added. `signed_in` is what an answer
    /// without an error says of the login. After a refused one it runs once more: another command may have renewed it meanwhile.
    pub(crate) async fn ask(
        &self,
        arguments: &[&str],
        target: &Target,
        deadline: Instant,
        signed_in: fn(&Document, &Target) -> Option<bool>,
    ) -> Result<Document, Trouble> {
        self.ask_about(Some(target), arguments, deadline, signed_in).await
    }

    /// `None`: all orgs, wherever they are.
    pub(crate) async fn ask_about(
        &self,
        org: Option<&Target>,
        arguments: &[&str],
        deadline: Instant,
        signed_in: fn(&Document, &Target) -> Option<bool>,
    ) -> Result<Document, Trouble> {
        let target = org.unwrap_or(&Target::DEFAULT);
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(fault::no_runtime().into());
        }
        let mut all: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        all.push("--json".to_owned());
        all.extend(target.argument());
        let (mut again, mut renewed) = (true, false);
        loop {
            let turn = self.turns(target).enter(deadline).await.map_err(|()| fault::too_late())?;
            let turn = Arc::new(turn);
            let held: Held = turn.clone();
            let program = match org {
                Some(org) => self.program_for(org, deadline, &held).await?.program,
                None => self.program.clone(),
            };
            let answer = self.once(&program, &all, &[], target, deadline, &held).await;
            let signed_in = match &answer {
                Ok(document) => signed_in(document, target),
                Err(trouble) => (trouble.error.kind() == ErrorKind::NotSignedIn).then_some(false),
            };
            turn.went(signed_in);
            drop((turn, held));
            match answer {
                _ if signed_in == Some(false) && !renewed => renewed = true,
                Err(trouble) if trouble.half_read && again => {
                    again = false;
                    tokio::time::sleep(HALF_READ_PAUSE).await;
                }
                answer => return answer,
            }
        }
    }

    /// The same without an org and without waiting for others: a sign-in takes as long as a person does.
    pub(crate) async fn ask_alone(
        &self,
        mut arguments: Vec<String>,
        extra: &[(&str, String)],
        without_proxy: bool,
        deadline: Instant,
        held: &Held,
    ) -> Result<Document, Trouble> {
        arguments.push("--json".to_owned());
        let program = if without_proxy { &self.without_proxy } else { &self.program };
        self.once(program, &arguments, extra, &Target::DEFAULT, deadline, held).await
    }

    async fn once<A: AsRef<str> + Sync>(
        &self,
        program: &Program,
        arguments: &[A],
        extra: &[(&str, String)],
        target: &Target,
        deadline: Instant,
        held: &Held,
    ) -> Result<Document, Trouble> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(fault::no_runtime().into());
        }
        let ended = program
            .run(arguments, extra, Stdio::null(), MOST_ANSWER, deadline, held)
            .await
            .map_err(|stopped| fault::stopped(stopped, Safety::Read))?;
        let Ended { status, stdout, stderr } = ended;
        let Some(document) = Document::find(stdout) else {
            return Err(fault::judge(
                &Complaint::of_text(status.code(), &stderr),
                target,
                self.version,
                Safety::Read,
                false,
            ));
        };
        let refused = match document.read() {
            // Both, because either may lie.
            Some(envelope) if status.success() && envelope.status == Some(0) && envelope.result.is_some() => {
                log_beside(&stderr, &envelope.all_warnings());
                None
            }
            Some(envelope) => Some(Complaint::of_envelope(&envelope, status.code(), &stderr)),
            None => Some(Complaint::of_text(status.code(), &stderr)),
        };
        match refused {
            None => Ok(document),
            Some(complaint) => Err(fault::judge(&complaint, target, self.version, Safety::Read, false)),
        }
    }
}

/// How a command is run for one org.
pub(crate) struct Run {
    pub(crate) program: Arc<Program>,
    /// Processes that it took to find that out.
    pub(crate) asked: u32,
}

/// How long another process may take to finish the login file.
pub(crate) const HALF_READ_PAUSE: Duration = Duration::from_millis(200);

/// The result of an answer as `T`.
pub(crate) fn result_of<'a, T: serde::Deserialize<'a>>(document: &'a Document, what: &str) -> Result<T> {
    let unreadable = || {
        Failure::new(ErrorKind::Decode, Delivery::Refused, format!("the answer of `{what}` cannot be read"))
            .with_next_step("Update the sf command: `sf update`, or `npm install --global @salesforce/cli`.")
    };
    let result = document.read().and_then(|envelope| envelope.result).ok_or_else(unreadable)?;
    serde_json::from_str(result.get()).map_err(|_| unreadable().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Discovery, environment::Environment};
    use sf_core::Credentials as _;
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    fn at_once<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("it waits without a runtime"),
        }
    }

    #[test]
    fn without_a_runtime_every_question_is_an_error_and_no_panic() {
        let program =
            Program { path: "/no/such/sf".into(), environment: Environment::default(), folder: None };
        let sf = SfCommand::new(program, SfVersion::OLDEST);
        let credentials = crate::Sf::command(&sf).target_org("no-runtime").credentials().unwrap();
        let discovery = Discovery::new().without_search().at("/no/such/sf");
        let errors = [
            at_once(sf.status(Some("no-runtime"))).unwrap_err(),
            at_once(sf.orgs()).unwrap_err(),
            at_once(sf.login_web(&crate::LoginWeb::new())).unwrap_err(),
            at_once(credentials.token(None)).unwrap_err(),
            at_once(discovery.find()).unwrap_err(),
            at_once(discovery.status(None)).unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Setup, Delivery::NotSent), "{error}");
            assert!(error.to_string().contains("needs a tokio runtime"), "{error}");
        }
        let candidates = at_once(discovery.candidates());
        assert_eq!(candidates.len(), 1);
        assert_eq!(candidates[0].problem.as_deref(), Some("the sf command needs a tokio runtime"));
        assert!(!candidates[0].is_usable() && candidates[0].command().is_err());
    }
}
