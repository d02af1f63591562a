//! What the command complains about, as failures with a next step.
use crate::{
    envelope::Envelope,
    process::Stopped,
    redact::{redact, strip_ansi},
    stream::status_of,
    target::Target,
    version::SfVersion,
};
use sf_core::{
    Delivery, Error, ErrorCode, ErrorKind, Failure,
    protocol::{Response, Safety, read_failure},
};
use std::{fmt, io};

/// An error and what to do about it here.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) error: Error,
    /// Another process was writing the login file: once more, at once.
    pub(crate) half_read: bool,
    /// This version of the command has no `--json` there.
    pub(crate) no_json: bool,
    /// The command has no login for this org.
    pub(crate) no_login: bool,
    /// No browser can be opened where the command runs.
    pub(crate) no_browser: bool,
    /// What the command called it.
    pub(crate) name: Option<String>,
}
impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble { error, half_read: false, no_json: false, no_login: false, no_browser: false, name: None }
    }
}

/// The command says so when it could not renew the login, whatever the reason.
const RENEWAL: &[&str] = &["unable to refresh session", "authenticating with the refresh token"];
/// The command's name for an answer with several errors.
const SEVERAL: &str = "MULTIPLE_API_ERRORS";
const NO_DEFAULT: &[&str] = &["NoDefaultEnvError", "NoDefaultOrgError"];
const UNKNOWN_ORG: &[&str] =
    &["NamedOrgNotFoundError", "NamedOrgNotFound", "NoAuthInfoFound", "AuthInfoNotFoundError"];

/// What an ended command said instead of an answer.
#[derive(Debug, Default, Clone)]
pub(crate) struct Complaint {
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) cause: String,
    pub(crate) code: String,
    pub(crate) exit: Option<i32>,
    pub(crate) stderr: String,
    pub(crate) warnings: String,
    /// The org's errors as it sent them, where the command passes them on.
    pub(crate) errors: Option<String>,
    /// The answer was on its way, so the request was made.
    pub(crate) after_sending: bool,
}

impl Complaint {
    pub(crate) fn of_envelope(envelope: &Envelope<'_>, exit: Option<i32>, stderr: &[u8]) -> Complaint {
        let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or_default().to_owned();
        let (errors, code) = envelope.org_errors().unzip();
        let name = match text(&envelope.name) {
            // The command's word for several; the org's first one leads, as over REST.
            several if several == SEVERAL => code.unwrap_or(several),
            name => name,
        };
        Complaint {
            name,
            message: text(&envelope.message),
            cause: envelope.cause_text().to_owned(),
            code: envelope.code_text().to_owned(),
            exit,
            stderr: String::from_utf8_lossy(stderr).into_owned(),
            warnings: envelope.all_warnings(),
            errors,
            after_sending: false,
        }
    }
    /// From standard error, where a command without `--json` writes `Error (NAME): text`.
    pub(crate) fn of_text(exit: Option<i32>, stderr: &[u8]) -> Complaint {
        let stderr = String::from_utf8_lossy(stderr).into_owned();
        let plain = strip_ansi(&stderr);
        let mut complaint = Complaint { exit, ..Complaint::default() };
        let lines: Vec<&str> = plain.lines().map(|line| line.trim_start_matches([' ', '›']).trim()).collect();
        for (i, line) in lines.iter().enumerate() {
            let Some(rest) = line.strip_prefix("Error") else { continue };
            let (code, text) = match rest.strip_prefix(" (").and_then(|rest| rest.split_once("):")) {
                Some(found) => found,
                None => match rest.strip_prefix(':') {
                    Some(text) => ("", text),
                    None => continue,
                },
            };
            complaint.code = code.to_owned();
            // Here a name and a code stand in the same place.
            complaint.name =
                if code.is_empty() || code == "1" { "Error".to_owned() } else { code.to_owned() };
            let mut message = vec![text.trim()];
            message.extend(lines.iter().skip(i + 1).take_while(|line| !line.is_empty()));
            complaint.message = message.join(" ").trim().to_owned();
            break;
        }
        complaint.stderr = stderr;
        complaint
    }

    /// Looks at the words only: behind them stand a stack and the client's options, which name every error there is.
    fn says(&self, texts: &[&str]) -> bool {
        let all = format!("{} {}", self.message, headline(&self.cause)).to_ascii_lowercase();
        texts.iter().any(|text| all.contains(text))
    }
    /// The same with standard error, where others write too: no proof of what was sent.
    fn mutters(&self, texts: &[&str]) -> bool {
        let all = headline(&self.stderr).to_ascii_lowercase();
        self.says(texts) || texts.iter().any(|text| all.contains(text))
    }
    fn is(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.name == *name || self.code == *name)
    }
    /// Salesforce's code, which the command takes as the name of the error.
    fn org_code(&self) -> Option<&str> {
        let name = self.name.as_str();
        let code = name.len() > 3
            && name.contains('_')
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            && !is_of_node(name)
            && name != SEVERAL;
        code.then_some(name)
    }
    /// The client of the request itself (got) names its errors so; everything before it does not.
    fn is_of_the_request(&self) -> bool {
        let names = [
            "RequestError",
            "ReadError",
            "TimeoutError",
            "UploadError",
            "CacheError",
            "ParseError",
            "UnexpectedError",
        ];
        // ECONNRESET and the like, not ENTITY_IS_LOCKED.
        let system = |text: &str| {
            let plain =
                text.len() > 3 && text.starts_with('E') && text.bytes().all(|b| b.is_ascii_uppercase());
            plain || text == "EAI_AGAIN"
        };
        self.after_sending
            || self.is(&names)
            || [&self.code, &self.name].into_iter().any(|text| system(text) || is_of_node(text))
    }
    fn no_connection(&self) -> bool {
        self.says(&["econnrefused", "enotfound", "eai_again", "ehostunreach", "enetunreach", "getaddrinfo"])
            || self.is(&[
                "ECONNREFUSED",
                "ENOTFOUND",
                "EAI_AGAIN",
                "EHOSTUNREACH",
                "ENETUNREACH",
                "DomainNotFoundError",
            ])
    }
    /// `read EHOSTUNREACH`: the network went away under a connection that was there, and the request may be through.
    fn is_on_a_connection(&self) -> bool {
        self.says(&["read e", "write e"])
    }
    /// Certainly nothing of the request was sent: the command failed on its way to it.
    fn before_sending(&self, may_repeat_by_itself: bool, version: SfVersion) -> bool {
        if self.is_of_the_request() {
            // PUT and DELETE are sent again by the command itself: an earlier try may have arrived.
            return self.no_connection()
                && !self.is_on_a_connection()
                && !may_repeat_by_itself
                && !self.after_sending;
        }
        self.exit == Some(2)
            || self.cause.contains("refreshAuth")
            || self.org_code().is_some()
            || self.says(&["fetch failed"])
            || self.says(RENEWAL)
            || self.is_half_read()
            || self.is(&[
                "NoDefaultEnvError",
                "NamedOrgNotFoundError",
                "AuthDecryptError",
                "RefreshTokenAuthError",
                "JsonParseError",
            ])
            || (self.has_no_code_of_its_own() && !self.is_without_a_word())
            || self.is_refused_without_a_word(version)
    }
    /// The client of the request always gives its errors one. The command fills in its exit code or, for errors of its own making, their
    /// name. Exit code 10 stands for JavaScript's own errors, which come from anywhere.
    fn has_no_code_of_its_own(&self) -> bool {
        let code = self.code.as_str();
        let of_javascript = ["TypeError", "SyntaxError", "RangeError", "ReferenceError", "Error"];
        match self.exit {
            Some(exit @ (1 | 20)) => {
                code == exit.to_string()
                    || (code == self.name && code.ends_with("Error") && !of_javascript.contains(&code))
            }
            _ => false,
        }
    }
    /// Before some version the command asked with HEAD, whose answer has no text: all that it says is that it was refused.
    /// Of a later one that says nothing, nothing is known.
    fn is_refused_without_a_word(&self, version: SfVersion) -> bool {
        version < SfVersion::JSON_ANSWERS && self.is_without_a_word()
    }
    fn is_without_a_word(&self) -> bool {
        self.exit == Some(1) && self.code == "1" && self.name == "Error" && self.message.is_empty()
    }
    /// Why the login could not be renewed, if the reason says nothing about the login: no connection, or a page or nothing at all
    /// where the login server's answer should be.
    fn renewal_broke(&self) -> Option<ErrorKind> {
        let broken = ["fetch failed", "socket hang up", "econnreset", "etimedout", "epipe", "aborted"];
        if !self.says(RENEWAL) {
            None
        } else if self.says(&["<html", "<!doctype"]) || self.message.trim_end().ends_with("due to:") {
            Some(ErrorKind::Unavailable)
        } else {
            (self.says(&broken) || self.no_connection()).then_some(ErrorKind::Network)
        }
    }
    fn is_half_read(&self) -> bool {
        self.is(&["JsonParseError", "JsonDataFormatError"])
            || (self.says(&["unexpected end of json input", "failed to parse url from", "invalid url"])
                && !self.is_of_the_request())
    }
}

/// A code of Node, of its parser of HTTP (`HPE_INVALID_CONSTANT`) or of zlib (`Z_DATA_ERROR`): about an answer, so after the sending.
fn is_of_node(code: &str) -> bool {
    ["ERR_", "HPE_", "Z_"].iter().any(|prefix| code.starts_with(prefix))
}

/// What is said before the stack.
fn headline(text: &str) -> &str {
    text.find("\n    at ").and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The failure that a complaint stands for. `safety` and `resent` (the command sends such a request again by itself) are those
/// of the request; a command that sends none has [`Safety::Read`].
pub(crate) fn judge(
    complaint: &Complaint,
    target: &Target,
    version: SfVersion,
    safety: Safety,
    resent: bool,
) -> Trouble {
    let unsent = complaint.before_sending(resent, version);
    let delivery = match (unsent, safety) {
        (true, _) => Delivery::NotSent,
        (false, Safety::Read) => Delivery::Refused,
        (false, _) => Delivery::Unknown,
    };
    let mut trouble = Trouble::from(
        Error::new(failure(complaint, target, version).with_delivery(delivery))
            .with_source(Diagnostics::of(complaint)),
    );
    trouble.half_read = complaint.is_half_read() && delivery != Delivery::Unknown;
    trouble.name = Some(complaint.name.clone());
    trouble.no_login = complaint.is(NO_DEFAULT) || complaint.is(UNKNOWN_ORG);
    trouble.no_json = complaint.says(&["nonexistent flag: --json"]);
    trouble.no_browser = complaint.says(&["headless environment"])
        || (complaint.is(&["ENOENT"]) && complaint.says(&["spawn "]));
    trouble
}

fn failure(complaint: &Complaint, target: &Target, version: SfVersion) -> Failure {
    let of = |kind, message: String| Failure::new(kind, Delivery::NotSent, message);
    let sign_in = target.sign_in();
    let org = target.shown();
    if complaint.is(NO_DEFAULT) {
        return of(ErrorKind::Setup, "the sf command has no default org".to_owned())
            .with_next_step(format!("Name an org, or run `{sign_in}`."));
    }
    if complaint.is(UNKNOWN_ORG) {
        return of(ErrorKind::Setup, format!("the sf command knows no org {org}"))
            .with_next_step(format!("Run `{sign_in}`, or take a name that `sf org list` shows."));
    }
    if complaint.is(&[
        "AuthDecryptError",
        "GenericKeychainInvalidPermsError",
        "SetCredentialError",
        "PasswordNotFoundError",
    ]) {
        return of(ErrorKind::Setup, format!("the sf command cannot read its stored login of {org}"))
            .with_next_step(format!("Unlock the keychain of this machine, or sign in again: `{sign_in}`."));
    }
    if let Some(kind) = complaint.renewal_broke() {
        return of(kind, format!("the sf command could not renew the login of {org}: no proper answer of the login server"))
            .with_next_step(format!("Check the network and proxies (HTTPS_PROXY), then repeat; if it stays, sign in again: `{sign_in}`."));
    }
    let expired = complaint.is(&[
        "INVALID_SESSION_ID",
        "RefreshTokenAuthError",
        "INVALID_AUTH_HEADER",
        "ERROR_HTTP_401",
    ]) || complaint.says(RENEWAL)
        || complaint.is_refused_without_a_word(version)
        || complaint.says(&[
            "session expired or invalid",
            "expired access/refresh token",
            "invalid_grant",
            "invalid_session_id",
        ]);
    if expired {
        return of(ErrorKind::NotSignedIn, format!("the login of {org} in the sf command has expired"))
            .with_code(ErrorCode::InvalidSessionId)
            .with_next_step(format!("Sign in again: `{sign_in}`."));
    }
    if complaint.is_half_read() {
        return of(ErrorKind::Setup, format!("the sf command cannot read its login file of {org}"))
            .with_next_step(format!("Sign in again: `{sign_in}`."));
    }
    if complaint.no_connection() && !complaint.is_on_a_connection() {
        return of(ErrorKind::Network, "the sf command cannot connect to the org".to_owned()).with_next_step(
            "Check the network, proxies (HTTPS_PROXY) and the org's address (`sf org display`), then repeat.",
        );
    }
    if complaint.is(&["TimeoutError", "ETIMEDOUT"]) {
        return of(ErrorKind::Timeout, "the sf command waited for an answer of the org in vain".to_owned());
    }
    if complaint.mutters(&["fetch failed", "socket hang up", "aborted", "econnreset", "epipe"])
        || complaint.is(&["RequestError", "ReadError", "UploadError"])
        || complaint.no_connection()
    {
        return of(ErrorKind::Network, "the connection of the sf command to the org broke".to_owned())
            .with_next_step("Check the network, proxies (HTTPS_PROXY) and the org's address (`sf org display`), then repeat.");
    }
    if let Some(status) =
        complaint.name.strip_prefix("ERROR_HTTP_").and_then(|status| status.parse::<u16>().ok())
    {
        return of(ErrorKind::Unavailable, format!("a server before the org answered with status {status}"))
            .with_status(status);
    }
    if let Some(code) = complaint.org_code() {
        return complaint.errors.as_deref().map_or_else(
            || {
                Failure::of_code(
                    ErrorCode::from(code),
                    complaint.message.chars().take(4_000).collect::<String>(),
                )
            },
            |errors| of_the_org(code, errors),
        );
    }
    if complaint.is(&[SEVERAL]) || complaint.says(&["multiple errors returned"]) {
        return of(
            ErrorKind::Refused,
            "the org refused it for several reasons, which the sf command does not pass on".to_owned(),
        )
        .with_next_step("Run the same with `sf --json` in a terminal, or update the command: `sf update`.");
    }
    if complaint.mutters(&["nonexistent flag", "is not a sf command"]) || complaint.exit == Some(127) {
        return of(ErrorKind::Unsupported, "this version of the sf command lacks what is needed".to_owned())
            .with_next_step("Update it: `sf update`, or `npm install --global @salesforce/cli`.");
    }
    let name = if complaint.name.is_empty() { "no error name" } else { &complaint.name };
    let exit =
        complaint.exit.map_or_else(|| "killed by a signal".to_owned(), |code| format!("exit code {code}"));
    let said =
        redact(if complaint.message.is_empty() { headline(&complaint.stderr) } else { &complaint.message });
    of(ErrorKind::Unavailable, format!("the sf command failed ({exit}, {}): {said}", redact(name)))
        .with_next_step(
            "Run the same with `sf` in a terminal; `sf doctor` collects what its makers want to know.",
        )
}

/// The org's errors as it sent them: all of them, with their fields.
fn of_the_org(code: &str, errors: &str) -> Failure {
    let answer = Response::new(status_of(code), Vec::new(), errors);
    let mut failure = read_failure(&answer, Safety::Read);
    // It goes with the code; nobody said it.
    failure.status = None;
    failure
}

/// What the command said, fit for a log.
#[derive(Debug)]
pub(crate) struct Diagnostics(String);
impl Diagnostics {
    fn of(complaint: &Complaint) -> Diagnostics {
        let exit = complaint.exit.map_or_else(|| "none".to_owned(), |code| code.to_string());
        Diagnostics(format!(
            "sf: exit code {exit}, name {}, stderr: {}, warnings: {}",
            redact(&complaint.name),
            redact(headline(&complaint.stderr)),
            redact(&complaint.warnings)
        ))
    }
}
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Diagnostics {}

/// Why a process gave nothing.
pub(crate) fn stopped(stopped: Stopped, safety: Safety) -> Error {
    let open = |kind, message: &str| {
        let delivery = if safety == Safety::Read { Delivery::Refused } else { Delivery::Unknown };
        Failure::new(kind, delivery, message)
    };
    match stopped {
        Stopped::NotStarted(error) => not_started(error),
        Stopped::TimedOut => open(ErrorKind::Timeout, "the sf command took too long and was ended")
            .with_next_step(
                "Check what a write may have saved, then repeat, with a longer timeout if it stays.",
            )
            .into(),
        Stopped::TooLarge => {
            open(ErrorKind::Unsupported, "the answer of the sf command is larger than the limit")
                .with_next_step("Ask for less, use `download`, or raise `Sf::body_limit`.")
                .into()
        }
        Stopped::Lost(error) => {
            Error::new(open(ErrorKind::Unavailable, "the end of the sf command was not seen"))
                .with_source(error)
        }
    }
}

/// The source of the body, before anything was started.
pub(crate) fn body_failed(error: io::Error) -> Error {
    let failure = Failure::invalid_input("the request body could not be read")
        .with_next_step("Check the file or source behind the body, then try again.");
    Error::new(failure).with_source(error)
}
pub(crate) fn no_thread(error: io::Error) -> Error {
    let message = "a thread to read the request body could not be started";
    let failure = Failure::new(ErrorKind::Setup, Delivery::NotSent, message)
        .with_next_step("Allow this process more threads, or let it do less at once.");
    Error::new(failure).with_source(error)
}
pub(crate) fn body_late() -> Error {
    let message = "the time was over before the whole body was there for the sf command";
    Failure::new(ErrorKind::Timeout, Delivery::NotSent, message)
        .with_next_step("Repeat it, with a longer timeout.")
        .into()
}

fn not_started(error: io::Error) -> Error {
    let (message, next_step) = match error.kind() {
        io::ErrorKind::NotFound => (
            "there is no sf command at this path",
            "Install it (`npm install --global @salesforce/cli`) or choose another path.",
        ),
        io::ErrorKind::PermissionDenied => {
            ("the sf command may not be started", "Check that the file is executable.")
        }
        io::ErrorKind::ArgumentListTooLong => (
            "the request is longer than an argument may be",
            "Make the path and the headers of the request shorter.",
        ),
        _ => ("the sf command could not be started", "Run `sf version` in a terminal to see why."),
    };
    Error::new(Failure::new(ErrorKind::Setup, Delivery::NotSent, message).with_next_step(next_step))
        .with_source(error)
}

pub(crate) fn no_runtime() -> Error {
    Failure::new(ErrorKind::Setup, Delivery::NotSent, "the sf command needs a tokio runtime")
        .with_next_step("Call it inside `#[tokio::main]`, or in `Runtime::block_on` of a runtime built with `enable_all()`.")
        .into()
}

/// The runtime has ended while a read ran.
pub(crate) fn ended(source: tokio::task::JoinError) -> Error {
    let failure =
        Failure::new(ErrorKind::Network, Delivery::Refused, "the call was ended before its answer came")
            .with_next_step(
                "Make calls while their tokio runtime runs; if it did, please report this with the log.",
            );
    Error::new(failure).with_source(source)
}

pub(crate) fn too_late() -> Error {
    Failure::new(
        ErrorKind::Timeout,
        Delivery::NotSent,
        "the time for this call was over while other sf commands ran",
    )
    .with_next_step("Repeat it, with a longer timeout or fewer calls at once.")
    .into()
}
