use crate::{
    arguments::call_options,
    cli::{Cli, Door},
    command::SfCommand,
    credentials::CliCredentials,
    many_rows::ManyRows,
    target::Target,
    usage::Counters,
};
use sf_core::{
    ApiVersion, Delivery, ErrorKind, Failure, Result,
    protocol::{Gate, Protocol},
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// As long as a REST call may run.
const DEFAULT_TOTAL: Duration = Duration::from_secs(600);
const CLIENT_NAME: &str = concat!("sf-cli-transport/", env!("CARGO_PKG_VERSION"));
const DEFAULT_BODY_LIMIT: usize = 64 << 20;
/// A process takes 160 MB and most of a core.
const DEFAULT_CONCURRENCY: usize = 2;

/// The transport over the `sf` command: everything of [`sf_core::Transport`] by spawned processes.
///
/// Answers with rows and downloads (except CSV) come by a file, without status and headers: `Sforce-Limit-Info`, `ETag` or
/// `Retry-After` are missing there. `capabilities()` has no word for that. What `call` gets has all of them.
///
/// Cheap to clone.
pub type CliTransport = Protocol<Cli>;

/// Builds what talks to an org through an `sf` command: a [`CliTransport`], [`ManyRows`], or [`CliCredentials`] for REST.
///
/// ```no_run
/// # async fn example() -> sf_core::Result<()> {
/// use sf_cli_transport::{Discovery, Sf};
///
/// let sf = Discovery::new().find().await?;
/// let org = sf_core::Org::new(Sf::command(&sf).target_org("desk").connect()?);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Sf {
    command: SfCommand,
    target: Option<String>,
    version: ApiVersion,
    total_timeout: Duration,
    body_limit: usize,
    concurrency: usize,
    temp_dir: Option<PathBuf>,
    client_name: Option<String>,
    by_file: bool,
}

impl Sf {
    /// Begins with the command to run, see [`Discovery`](crate::Discovery).
    pub fn command(command: &SfCommand) -> Sf {
        Sf {
            command: command.clone(),
            target: None,
            version: ApiVersion::CURRENT,
            total_timeout: DEFAULT_TOTAL,
            body_limit: DEFAULT_BODY_LIMIT,
            concurrency: DEFAULT_CONCURRENCY,
            temp_dir: None,
            client_name: None,
            // No /dev/stdin there.
            by_file: cfg!(windows),
        }
    }

    /// The org, by alias or username as `sf org list` shows them. Unless set, the command takes its default org, which may
    /// change while the program runs.
    pub fn target_org(mut self, alias_or_username: impl Into<String>) -> Sf {
        self.target = Some(alias_or_username.into());
        self
    }

    /// The API version of every request; [`ApiVersion::CURRENT`] unless set, [`ApiVersion::OLDEST`] at least.
    pub fn api_version(mut self, version: ApiVersion) -> Sf {
        self.version = version;
        self
    }

    /// The time for a whole call, with waits and repetitions; 10 minutes unless set. When it is over the process is ended, for
    /// which it gets two seconds at most; what a write did is unknown then. [`CallOptions::timeout`](sf_core::CallOptions) of a call goes before.
    pub fn total_timeout(mut self, timeout: Duration) -> Sf {
        self.total_timeout = timeout;
        self
    }

    /// The largest answer that is read into memory, in bytes; 64 MiB unless set. Downloads to a sink are not limited by it.
    pub fn body_limit(mut self, bytes: usize) -> Sf {
        self.body_limit = bytes;
        self
    }

    /// How many processes may run at once; 2 unless set, at least 1. Each takes about 160 MB and most of a core for half a
    /// second. Further calls wait, people before background work ([`Priority`](sf_core::Priority)) and equals in the order in which they
    /// came. With 1, no two calls of a transport renew the login at once,
    /// which counts where refresh tokens rotate.
    pub fn concurrency(mut self, processes: usize) -> Sf {
        self.concurrency = processes;
        self
    }

    /// The folder for temporary files (answers with rows; bodies above 64 KiB, and all where they go by file); that of the system
    /// unless set. They go when the call ends; a process that is killed leaves answers, and bodies that go by file, in
    /// folders `sf-cli-transport-*`, which the next one removes on Unix. On a file system that several machines share, and that does not
    /// tell one of the other's locks, folders of the others are left for a day, and no call may take longer.
    pub fn temp_dir(mut self, folder: impl Into<PathBuf>) -> Sf {
        self.temp_dir = Some(folder.into());
        self
    }

    /// Gives bodies to the command in a temporary file (mode 0600) and not on standard input: always so on Windows, elsewhere
    /// for a command that cannot read `/dev/stdin`, e.g. in a sandbox.
    pub fn bodies_by_file(mut self) -> Sf {
        self.by_file = true;
        self
    }

    /// The name of the program in the org's API logs and in change events (`Sforce-Call-Options: client=NAME`);
    /// `sf-cli-transport/VERSION` unless set. Queries of [`ManyRows`] go under the command's own name.
    pub fn client_name(mut self, name: impl Into<String>) -> Sf {
        self.client_name = Some(name.into());
        self
    }

    /// Checks the settings and makes the transport. Starts no process yet: whether the command knows the org shows in the
    /// first call.
    ///
    /// # Errors
    /// `InvalidInput` for an alias that cannot be one: empty, with a control character, with a space at an end, with a `-` in
    /// front, or an access token; for a client name that cannot stand in a header. `Unsupported` for an
    /// [`api_version`](Sf::api_version) that is too old.
    pub fn connect(self) -> Result<CliTransport> {
        self.cli().map(Protocol::new)
    }

    /// The same with single queries by `sf data query`, see [`ManyRows`] for what that costs.
    ///
    /// # Errors
    /// Those of [`connect`](Sf::connect).
    pub fn connect_many_rows(self) -> Result<ManyRows> {
        self.cli().map(ManyRows::new)
    }

    /// The command as the source of access tokens, for a transport over REST.
    ///
    /// # Errors
    /// `InvalidInput` for an alias that cannot be one, as in [`connect`](Sf::connect).
    pub fn credentials(self) -> Result<CliCredentials> {
        Ok(CliCredentials::new(self.command, Target::of(self.target.as_deref())?))
    }

    fn cli(self) -> Result<Cli> {
        if self.version < ApiVersion::OLDEST {
            let (version, oldest) = (self.version, ApiVersion::OLDEST);
            let message = format!("API version {version} is too old, {oldest} is the oldest that works");
            return Err(Failure::new(ErrorKind::Unsupported, Delivery::NotSent, message)
                .with_next_step("Leave `Sf::api_version` out, or name a newer version.")
                .into());
        }
        let target = Target::of(self.target.as_deref())?;
        Ok(Cli(Arc::new(Door {
            turns: self.command.turns(&target),
            json: Door::has_json(self.command.version()),
            command: self.command,
            target,
            version: self.version,
            total_timeout: self.total_timeout,
            body_limit: self.body_limit,
            temp_dir: self.temp_dir,
            call_options: call_options(self.client_name.as_deref().unwrap_or(CLIENT_NAME))?,
            by_file: self.by_file,
            places: Gate::new(self.concurrency.clamp(1, 64)),
            counters: Counters::default(),
        })))
    }
}
