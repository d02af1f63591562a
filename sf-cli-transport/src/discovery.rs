use crate::{
    cli::deadline,
    command::SfCommand,
    environment::Environment,
    farewell::Held,
    fault,
    install_places::{FoundBy, Surroundings},
    process::{Program, Stopped},
    redact::strip_ansi,
    status::SignIn,
    version::SfVersion,
};
use serde::Deserialize;
use sf_core::{Delivery, ErrorKind, Failure, Result};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinSet};

/// `sf version` takes 0.3 s; the first run after an update much longer.
const VERSION_TIME: Duration = Duration::from_secs(20);
const AT_ONCE: usize = 2;

/// Looks for `sf` commands on this machine, and says how they are to be run.
///
/// ```no_run
/// # async fn example() -> sf_core::Result<()> {
/// use sf_cli_transport::Discovery;
///
/// // For a settings page: everything there is, with the reason why one cannot be used.
/// for candidate in Discovery::new().candidates().await {
///     match (&candidate.version, &candidate.problem) {
///         (Some(version), None) => println!("{} ({version})", candidate.path.display()),
///         (_, problem) => println!("{}: {problem:?}", candidate.path.display()),
///     }
/// }
/// // Or the first that can be used; a path that somebody chose goes before.
/// let sf = Discovery::new().at("/opt/sf/bin/sf").find().await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Discovery {
    first: Vec<PathBuf>,
    search: bool,
    environment: Environment,
    folder: Option<PathBuf>,
    timeout: Duration,
}

impl Default for Discovery {
    fn default() -> Self {
        Discovery::new()
    }
}

/// A file that may be an `sf` command.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Candidate {
    /// Where it is.
    pub path: PathBuf,
    /// How it was found.
    pub found_by: FoundBy,
    /// What it says its version is.
    pub version: Option<SfVersion>,
    /// Why it cannot be used, for people; `None`: it can.
    pub problem: Option<String>,
    failure: Option<Failure>,
    program: Program,
}

impl Candidate {
    /// Can it be used?
    pub fn is_usable(&self) -> bool {
        self.problem.is_none()
    }
    /// The command, if it can be used.
    ///
    /// # Errors
    /// [`problem`](Candidate::problem) with a next step.
    pub fn command(&self) -> Result<SfCommand> {
        match (&self.failure, self.version) {
            (None, Some(version)) => Ok(SfCommand::new(self.program.clone(), version)),
            (failure, _) => Err(failure.clone().unwrap_or_else(not_found).into()),
        }
    }
}

impl Discovery {
    /// Searches PATH, then the usual places of npm, Homebrew, the vendor's installers and managers of Node versions.
    pub fn new() -> Discovery {
        Discovery {
            first: Vec::new(),
            search: true,
            environment: Environment::default(),
            folder: None,
            timeout: VERSION_TIME,
        }
    }

    /// A path that goes before what is found, e.g. the one that the host has stored. May be said several times.
    pub fn at(mut self, path: impl AsRef<Path>) -> Discovery {
        self.first.push(path.as_ref().to_path_buf());
        self
    }

    /// Nothing but the paths of [`at`](Discovery::at).
    pub fn without_search(mut self) -> Discovery {
        self.search = false;
        self
    }

    /// Another home for the command: its logins, settings and logs are there. Where commands are searched does not change by it:
    /// they are installed in the user's own home. A folder of mode 0700 is advised, because the
    /// command writes login files that others may read. Unless set, the user's own home is used.
    pub fn home(mut self, folder: impl Into<PathBuf>) -> Discovery {
        self.environment.set_home(folder.into());
        self
    }

    /// A variable of the command's environment. The command otherwise inherits ours, without what changes its output (colours,
    /// debug output, secrets in answers) and with telemetry, updates and log files switched off.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Discovery {
        self.environment.set(name.into(), value.into());
        self
    }

    /// The folder the command runs in; ours unless set. Settings of a Salesforce project in that folder hold for the command,
    /// e.g. the project's default org.
    pub fn working_dir(mut self, folder: impl Into<PathBuf>) -> Discovery {
        self.folder = Some(folder.into());
        self
    }

    /// Every org is on this machine (simulated ones): proxies are not used at all. The command would send even 127.0.0.1, and the
    /// token, through them.
    ///
    /// Without it, and only where a proxy is set, the command is asked (`sf org list auth`, one process, no request) where the
    /// orgs are, again after five minutes, and proxies are left out for those on this machine.
    pub fn loopback_org(mut self) -> Discovery {
        self.environment.set_loopback();
        self
    }

    /// How long a candidate may take to say its version; 20 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Discovery {
        self.timeout = timeout;
        self
    }

    /// Every file that may be an `sf` command, in the order of preference, each asked for its version. Outside of a tokio
    /// runtime none can be asked, and [`problem`](Candidate::problem) says so.
    pub async fn candidates(&self) -> Vec<Candidate> {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut asked = JoinSet::new();
        let files = self.files();
        if tokio::runtime::Handle::try_current().is_err() {
            let unasked =
                |(path, found_by)| self.candidate(path, found_by, Err(fault::no_runtime().into_failure()));
            return files.into_iter().map(unasked).collect();
        }
        for (i, (path, found_by)) in files.into_iter().enumerate() {
            let (all, places) = (self.clone(), places.clone());
            asked.spawn(async move {
                let _place = places.acquire_owned().await;
                (i, all.ask(path, found_by).await)
            });
        }
        let mut candidates = Vec::new();
        while let Some(answer) = asked.join_next().await {
            candidates.extend(answer.ok());
        }
        candidates.sort_by_key(|(i, _)| *i);
        candidates.into_iter().map(|(_, candidate)| candidate).collect()
    }

    /// The first that can be used. Asks no more of them than it has to.
    ///
    /// # Errors
    /// Why the first one cannot be used, when none can: `Setup` when there is none, it cannot be started, is no `sf` or runs on a
    /// Node that is too old for it, `Unsupported` when it is older than [`SfVersion::OLDEST`].
    pub async fn find(&self) -> Result<SfCommand> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(fault::no_runtime());
        }
        let mut first = None;
        for (path, found_by) in self.files() {
            let answer = self.ask(path, found_by).await.command();
            match answer {
                Ok(command) => return Ok(command),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or_else(|| not_found().into()))
    }

    /// [`find`](Discovery::find) and [`SfCommand::status`] in one: with a command that cannot be found or used it is
    /// [`SignIn::NotFound`].
    ///
    /// # Errors
    /// Those of [`SfCommand::status`].
    pub async fn status(&self, org: Option<&str>) -> Result<SignIn> {
        // Not the same as a command that cannot be used.
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(fault::no_runtime());
        }
        match self.find().await {
            Ok(command) => command.status(org).await,
            Err(error) if matches!(error.kind(), ErrorKind::Setup | ErrorKind::Unsupported) => {
                Ok(SignIn::NotFound)
            }
            Err(error) => Err(error),
        }
    }

    fn files(&self) -> Vec<(PathBuf, FoundBy)> {
        let mut files: Vec<_> = self.first.iter().map(|path| (path.clone(), FoundBy::Path)).collect();
        if self.search {
            let found = Surroundings::of_this_process().files();
            files.extend(found.into_iter().filter(|(path, _)| !self.first.contains(path)));
        }
        files
    }

    async fn ask(&self, path: PathBuf, found_by: FoundBy) -> Candidate {
        let answer = version_of(&self.program(&path), self.timeout).await;
        self.candidate(path, found_by, answer)
    }

    fn program(&self, path: &Path) -> Program {
        Program {
            path: path.to_path_buf(),
            environment: self.environment.clone(),
            folder: self.folder.clone(),
        }
    }

    fn candidate(&self, path: PathBuf, found_by: FoundBy, answer: Result<Versions, Failure>) -> Candidate {
        let program = self.program(&path);
        let (version, failure) = match answer {
            Ok(Versions { sf, .. }) if sf < SfVersion::OLDEST => (Some(sf), Some(too_old(sf))),
            Ok(Versions { sf, node }) => (Some(sf), node_too_old(sf, &node)),
            Err(failure) => (None, Some(failure)),
        };
        let problem = failure.as_ref().map(|failure| failure.message.clone());
        Candidate { path, found_by, version, problem, failure, program }
    }
}

struct Versions {
    sf: SfVersion,
    /// As Node says it: `node-v22.23.3`.
    node: String,
}

async fn version_of(program: &Program, time: Duration) -> Result<Versions, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        cli_version: String,
        #[serde(default)]
        node_version: String,
    }
    let arguments = ["version".to_owned(), "--json".to_owned()];
    let nothing: Held = Arc::new(());
    let ended = program.run(&arguments, &[], Stdio::null(), 1 << 20, deadline(time), &nothing).await;
    let setup = |message: &str, next_step: &str| {
        Failure::new(ErrorKind::Setup, Delivery::NotSent, message).with_next_step(next_step)
    };
    let ended = ended.map_err(|stopped| match stopped {
        Stopped::TimedOut => setup(
            "the command did not say its version in time",
            "Run `sf version` in a terminal; give it more time with `Discovery::timeout` if it is slow.",
        ),
        other => fault::stopped(other, sf_core::protocol::Safety::Read).into_failure(),
    })?;
    let text = strip_ansi(&String::from_utf8_lossy(&ended.stdout));
    let mut versions = text.match_indices('{').filter_map(|(at, _)| {
        let mut values = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<Answer>();
        values.next()?.ok()
    });
    match versions.next_back() {
        Some(answer) if answer.cli_version.starts_with("sfdx-cli/") => Err(setup(
            "this is the old sfdx command",
            "Install the sf command: `npm install --global @salesforce/cli`.",
        )),
        Some(Answer { cli_version, node_version }) => cli_version
            .parse::<SfVersion>()
            .map(|sf| Versions { sf, node: node_version })
            .map_err(sf_core::Error::into_failure),
        None => Err(setup(
            "the command did not say its version; it is no sf command, or does not work",
            "Run `sf version` in a terminal to see why; node has to be installed, too.",
        )),
    }
}

fn too_old(version: SfVersion) -> Failure {
    Failure::new(
        ErrorKind::Unsupported,
        Delivery::NotSent,
        format!("sf {version} is too old, {} is the oldest that works", SfVersion::OLDEST),
    )
    .with_next_step("Update it: `sf update`, or `npm install --global @salesforce/cli`.")
}

/// Its version it says all the same, and every command for an org ends with an error of JavaScript: 2.143.6 and newer were seen to
/// need Node 22, all that are driven ask for 18.
fn node_too_old(sf: SfVersion, node: &str) -> Option<Failure> {
    let major =
        node.trim_start_matches("node-").trim_start_matches('v').split('.').next()?.parse::<u32>().ok()?;
    let (oldest, advised) = if sf >= SfVersion::NODE_22 { (22, "22.19") } else { (18, "22") };
    (major < oldest).then(|| {
        let shown: String = node.trim_start_matches("node-").chars().take(20).collect();
        let message = format!("sf {sf} runs on Node {}, which is too old for it", shown.escape_debug());
        Failure::new(ErrorKind::Setup, Delivery::NotSent, message).with_next_step(format!(
            "Install Node {advised} or newer, then the command again: `npm install --global @salesforce/cli`."
        ))
    })
}

fn not_found() -> Failure {
    Failure::new(ErrorKind::Setup, Delivery::NotSent, "there is no sf command on this machine")
        .with_next_step("Install it (`npm install --global @salesforce/cli`), or name its path.")
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    /// The command is installed in the user's own home, whichever home holds its logins.
    #[test]
    fn another_home_for_the_command_does_not_move_the_search() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".local/bin");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("sf"), "").unwrap();
        fs::set_permissions(folder.join("sf"), fs::Permissions::from_mode(0o755)).unwrap();
        let moved = Discovery::new().home(home.path());
        assert_eq!(moved.files(), Discovery::new().files());
        assert_eq!(moved.environment.home().as_deref(), Some(home.path()));
    }
}
