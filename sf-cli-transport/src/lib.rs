//! Salesforce through the `sf` command: for people who may not register an app or hold a token.
//!
//! Whoever is signed in with `sf` can run a program on these crates without any set-up of its own. This crate finds the command, says who is
//! signed in, and drives it in one of two ways. The same program works with both, because both end in [`sf_core::Org`].
//!
//! # Which door?
//!
//! | | credentials door: [`Sf::credentials`] | pure mode: [`Sf::connect`] |
//! |---|---|---|
//! | what it is | the command gives its access token to `sf-rest-transport`, which talks HTTPS | every request is one `sf api request rest` |
//! | the token | in this process' memory | never leaves the command (2.136 and newer; for older ones see *Security*) |
//! | a request | milliseconds | half a second to a second: one process, most of a core, about 160 MB while it runs |
//! | to begin with | two processes | none (one to find the command) |
//! | calls the org counts | 1 for a request | 2: the command asks for the version's root first |
//! | proxies, certificates | those of the REST transport | those of the command (`HTTPS_PROXY`, `NODE_EXTRA_CA_CERTS`) |
//! | memory here | a page | a page, in the child about the same; a result file of Bulk API 2.0 (150 MB at most) as a whole, and twice for a moment |
//!
//! **Take the credentials door** unless tokens must not leave the command. 1,000 updated rows are one process in pure mode, 20,000
//! rows read are ten: it is slow to begin and not slow to move.
//!
//! ```no_run
//! # async fn example() -> sf_core::Result<()> {
//! use sf_cli_transport::{Discovery, Sf};
//! use sf_core::{Org, Soql, models::Account};
//!
//! let sf = Discovery::new().find().await?;
//! let org = Org::new(Sf::command(&sf).target_org("desk").connect()?);
//! for account in org.query(Soql::raw("SELECT Id, Name FROM Account LIMIT 5").typed::<Account>()).all().await? {
//!     println!("{:?}", account.name.value());
//! }
//!
//! // The other door: the same program with
//! let credentials = Sf::command(&sf).target_org("desk").credentials()?;
//! // let org = Org::new(sf_rest_transport::Rest::with_credentials(credentials).connect()?);
//! # Ok(()) }
//! ```
//!
//! There is a third, [`Sf::connect_many_rows`]: pure mode with queries by `sf data query`, all pages in one process. It is opt-in, because
//! numbers lose digits there and the child holds all rows; what is cut off is always an error. See [`ManyRows`].
//!
//! # A settings page
//!
//! Three calls: [`Discovery::candidates`] lists the commands of the machine with their versions and why one cannot be used,
//! [`SfCommand::status`] (or [`Discovery::status`]) says *authenticated*, *expired*, *not authenticated* or *not found*, and
//! [`SfCommand::login_web`] opens the browser. [`SfCommand::orgs`] lists what to choose from.
//!
//! ```no_run
//! # async fn example(saved: std::path::PathBuf) -> sf_core::Result<()> {
//! use sf_cli_transport::{Discovery, LoginWeb, SignIn};
//!
//! let discovery = Discovery::new().at(saved);
//! if let SignIn::NotAuthenticated | SignIn::Expired(_) = discovery.status(Some("desk")).await? {
//!     discovery.find().await?.login_web(&LoginWeb::new().alias("desk")).await?;
//! }
//! # Ok(()) }
//! ```
//!
//! # Versions
//!
//! `sf` 2.64 and newer; older ones are found, and refused with their version. From 2.148 on answers come as JSON, before as text with
//! headers; which of them a command has is known from its version and corrected by its first answer. Tried with 2.150.6. The
//! forms of 2.64.8, 2.108.6, 2.127.2 and 2.138.0 were recorded and are played by the tests' stand-in; versions between them are taken to
//! behave as their neighbours do.
//!
//! A command on a Node that is too old for it says its version and fails in every call: it is listed with that reason, and not taken.
//! That is Node below 22 for `sf` 2.143.6 and newer, and below 18 for all.
//!
//! # How a request goes
//!
//! - Path, method and headers are arguments; a body goes by standard input (`--body=@/dev/stdin`), or in a private file where
//!   there is none ([`Sf::bodies_by_file`], always on Windows). There is no shell.
//! - The command starts when all of the body is there: up to 64 KiB in a pipe, above in a temporary file that has no name (mode
//!   0600, gone with its last reader). If this process is killed then, the command still has the whole body and never sends a part of it.
//! - Statements, lists of ids and keys of [`sf_core::Transport`]'s own operations go in bodies, because arguments can be seen by every user of
//!   the machine. A path that *you* make for `call` or `download` shows.
//! - Rows come by `--stream-to-file` into a private file, so that numbers keep their digits: the command's own JSON writes
//!   9007199254740993 as 9007199254740992. The same for downloads, as the bytes are. Such an answer has no status and no headers: an array of
//!   objects with `errorCode` is an error, with the status that goes with the code; so is anything that is not JSON where rows were asked for.
//!   A downloaded file that *is* such an array is taken for an error, and the page of a gateway for a file.
//! - Everything else, outcomes of writes among it, comes with its status. Numbers of a `call` without
//!   [`with_rows`](sf_core::protocol::Request::with_rows) go through JavaScript.
//! - A text that is the whole of a JSON answer (an Apex REST method that returns a `String`) has its quotes, as over REST. Four cases are lost,
//!   because the command does not tell them apart: from 2.148 on an empty text comes as an empty body, and a text that is no JSON although its
//!   `Content-Type` says so comes as a JSON text, with quotes; before 2.148 a text that is JSON itself comes without its quotes, and first lines
//!   of a text that look like headers (`status: ok`) are taken for some, unless the answer says its length (`Content-Length`, not packed).
//! - `HEAD`, a `GET` with a body and a header without a value cannot be sent: `Unsupported`.
//!
//! # Runtime and processes
//!
//! A tokio runtime with I/O and time; outside of one a call fails with `Setup`. Two processes at most run at once for a transport
//! ([`Sf::concurrency`]). One runs alone where it may renew the login and write the login file that the others read: the first
//! for an org, the first after a minute without a success, the one after a refused login. The others wait, for half a minute at most: a
//! login is renewed when a command starts. A login file that was read while another process wrote it is read once more.
//!
//! Two commands that renew a login at the same time use one refresh token twice. Where it rotates, the second is refused, and
//! Salesforce may revoke the login; `sf` itself has no lock against that in 2.150.6. So commands that run alone do so among all names of
//! a home's orgs (an alias and a username may be one login). What remains: a login that times out while its calls follow each
//! other closely, calls by an alias while the first by the username runs, and other programs. `Sf::concurrency(1)` excludes the
//! first; better still, take the credentials door.
//!
//! When the time is over ([`Sf::total_timeout`], [`CallOptions::timeout`](sf_core::CallOptions)) or the future is dropped, that one child (on
//! Unix with what it started) is asked to end and killed two seconds later. The request may have left: what a write did is *unknown*,
//! unless the body was not all there yet. A child that was given up counts until it has gone: its place, and its turn where it
//! ran alone, are not given to the next before, and the next [`SfCommand::login_web`] does not find the port taken. A call whose time is over
//! ends after that, too; a dropped one leaves it to a thread that nobody waits for and that needs no runtime.
//!
//! A child has a process group of its own, so Ctrl-C in a terminal does not reach it. When this process ends after dropping the
//! call (Ctrl-C in a `select!`, then the end of `main`), the child was asked to end and may save its login, but nobody kills one that does
//! not listen. When it ends without dropping the call (a kill, or Ctrl-C without a handler), nobody ends the child: its request goes on
//! as a whole, and its temporary files stay until another process sweeps them up (see *Security*).
//!
//! The source of a body is read on a thread of its own. One that blocks for ever keeps that thread, and neither the call beyond its time
//! nor the program from its end.
//!
//! The child inherits our environment, with telemetry, updates, log files and colours switched off; without `FORCE_COLOR`, `DEBUG`,
//! `SF_CONTENT_TYPE`, `SF_TEMP_SHOW_SECRETS` and the like; and, for an org on this machine, without proxies, because the command
//! sends the token of such an org to a proxy, too, and does not read `NO_PROXY`. Where a proxy is set it is asked for the addresses
//! of its orgs (`sf org list auth`: a process more, no request, good for five minutes), unless [`Discovery::loopback_org`] says it. If they
//! cannot be had the second time either, what was known of them holds; of what is unknown, proxies stay, and for half a minute
//! nobody asks again. [`SfCommand::orgs`] goes by the proxies as they are. It uses the user's own home, unless [`Discovery::home`] says
//! otherwise.
//!
//! # Repeats
//!
//! The command itself sends a GET, PUT or DELETE up to three times (on a 5xx, a 429 or a broken connection), whatever
//! [`CallOptions::attempts`](sf_core::CallOptions) says; POST and PATCH once. So the answer to a DELETE or PUT made by
//! [`call`](sf_core::Transport::call) may be that to the command's second sending: a refusal does not prove that nothing was done, and a 404
//! may mean that the first sending was applied. All writes of [`sf_core::Transport`] are POST or PATCH here,
//! deletions too. On top of that this crate starts a read (a query of [`ManyRows`] as well) up to three times, a write only when certainly nothing of it was sent. A 401 between
//! the command's own check and the request is tried once more, because the command renews its token each time; not for a write to
//! Apex REST whose 401 may be the class's own ([`Request::failure`](sf_core::protocol::Request::failure)).
//! So is a login that could not be renewed, alone and when those that ran have ended: another command may have renewed it. A login that
//! is dead costs one command more.
//!
//! # Errors
//!
//! All are [`sf_core::Error`], with the command to run in [`help`](sf_core::Error::help). Errors of the org are those of REST. Made here:
//!
//! | kind | when | delivery |
//! |---|---|---|
//! | `Setup` | no command, or it cannot be started; its Node is too old; no such alias, no default org; the stored login cannot be read; no tokio runtime; no temporary file | not sent |
//! | `Unsupported` | the command is too old; what it cannot send | not sent |
//! | `NotSignedIn` | the login has expired or was revoked (code `INVALID_SESSION_ID`); before 2.148 also whatever else made the org refuse the command's check, where that has no text (2.108) | not sent |
//! | `InvalidInput` | an alias that would be an option or is a token | not sent |
//! | `Network`, `Unavailable` | the login could not be renewed for a reason that says nothing about it | not sent |
//! | `Network` | no connection | not sent |
//! | `Network` | the connection broke during the request | unknown |
//! | `Timeout` | other commands, or the source of the body, took all the time | not sent |
//! | `Timeout` | the command took too long and was ended | unknown |
//! | `Unavailable` | the command died or said something nobody understands; a page of a gateway instead of rows | unknown |
//! | `Unsupported` | the answer is larger than [`Sf::body_limit`] | unknown |
//! | `Decode` | `sf data query` gave fewer rows than there are ([`ManyRows`]) | refused |
//!
//! For a read, *unknown* is *refused*: nothing can have happened.
//!
//! # Security
//!
//! What is protected, and how:
//! - No token and nothing of a record in an argument, a variable or a log; no shell; an alias cannot be an option.
//! - Files with rows or bodies have mode 0600, in a folder of mode 0700 of their own or without a name, and are removed when the call ends.
//! - In pure mode the token never leaves the command, with one exception: before 2.136 `org display`, a sign-in and the lists of orgs show
//!   it without being asked, so [`SfCommand::status`] and its neighbours have it for a moment. With the credentials door it comes over a
//!   pipe. What a command printed on standard output is wiped from memory, unless it is the body of an answer.
//! - What the command says for people (standard error, and the warnings of a success) is kept for diagnostics only: the error's
//!   source, and `tracing` (target `sf_cli_transport`, level debug), without tokens, paths, addresses and quoted text.
//! - A sign-in goes to https, or to this machine.
//!
//! What is not:
//! - The command's own store. It encrypts tokens with a key that lies beside them where there is no keychain, and writes its files readable for
//!   others if the umask lets it. A home of mode 0700 helps.
//! - Folders `sf-cli-transport-*` of calls that did not end, because this process was killed: they stay among the temporary files, with
//!   the rows that the command went on writing (and the body, where bodies go by file), until the next process of the same user needs such
//!   a folder there (on Unix; each has a file that is locked while it is in use; one of another machine, or from before the last start of
//!   this one, goes when it is a day old). Of a call that was given up the files go at once, but the folder, and what the
//!   command still writes there, stays likewise if this process ends before the command does. A host that must not leave any for so long,
//!   or runs on Windows, gives a folder of its own by [`Sf::temp_dir`] and empties it when it starts.
//! - The command itself: whoever can change the file at its path, or PATH before it is searched, has the login. The same holds for plugins.
//! - Names of objects, ids of jobs and of downloaded files, and aliases: they stand in arguments.
//! - What a validation rule writes without quotes can be in a diagnostic.
//!
//! # Platforms
//!
//! Linux is tested. macOS should work the same way (`/dev/stdin` included; [`Sf::bodies_by_file`] does without). On Windows `sf.exe` and
//! npm's `sf.cmd` are found; Rust's standard library starts a batch file with every argument quoted or refuses to; bodies go by file, whose
//! protection is that of its folder, and a child is ended at once. The crate compiles for Windows; neither was tried with the real command.
#[cfg(test)]
extern crate self as sf_cli_transport;
mod answer;
mod arguments;
mod body;
mod cli;
mod command;
mod credentials;
mod discovery;
mod envelope;
mod environment;
#[cfg(test)]
#[path = "../tests/it/fake.rs"]
#[allow(dead_code, clippy::unwrap_used, clippy::panic)]
mod fake;
mod farewell;
mod fault;
mod first_call;
mod include;
mod install_places;
mod login;
mod loopback;
mod many_rows;
mod private_folder;
mod process;
#[cfg(test)]
mod properties;
mod redact;
mod retry;
mod sf;
mod status;
mod stream;
mod target;
mod usage;
mod version;

pub use cli::Cli;
pub use command::SfCommand;
pub use credentials::CliCredentials;
pub use discovery::{Candidate, Discovery};
pub use install_places::FoundBy;
pub use login::LoginWeb;
pub use many_rows::ManyRows;
pub use sf::{CliTransport, Sf};
pub use status::{OrgInfo, OrgKind, SignIn};
pub use version::SfVersion;
