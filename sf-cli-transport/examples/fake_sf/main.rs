//! An `sf` command for tests: plays a script, or passes requests on to a simulated org as the real command does.
//!
//! The folder in `FAKE_SF_DIR` holds `script.jsonl` (see `Rule`), `version` (a number) and `bridge.json` (`url`, `token`,
//! `username`, `org_id`). What was called is appended to `calls.jsonl`, when to `times`. Not for use outside of this crate's tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
mod bridge;
mod http;
mod javascript;
mod script;

use serde_json::{Value, json};
use std::{
    env, fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::exit,
    time::{SystemTime, UNIX_EPOCH},
};

/// What one run says.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: i32,
}

/// The command line, taken apart as far as the fake needs it.
pub(crate) struct Line {
    pub(crate) words: Vec<String>,
    pub(crate) flags: Vec<(String, String)>,
}
impl Line {
    fn of(arguments: &[String]) -> Line {
        let (mut words, mut flags) = (Vec::new(), Vec::new());
        for argument in arguments {
            match argument.strip_prefix("--") {
                Some(flag) => {
                    let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
                    flags.push((name.to_owned(), value.to_owned()));
                }
                None => words.push(argument.clone()),
            }
        }
        Line { words, flags }
    }
    pub(crate) fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn main() {
    let Some(folder) = env::var_os("FAKE_SF_DIR").map(PathBuf::from) else { return };
    let arguments: Vec<String> = env::args().skip(1).collect();
    time(&folder, "start");
    let line = Line::of(&arguments);
    let rule = script::find(&folder, &arguments);
    #[cfg(unix)]
    if let Some(millis) = rule.as_ref().and_then(|rule| rule.goodbye_ms) {
        script::mind_goodbye(&folder, millis);
    }
    let unread = rule.as_ref().is_some_and(|rule| rule.unread);
    if let Some(file) = rule.as_ref().and_then(|rule| rule.read_after.as_ref()) {
        append(&folder.join("waiting"), "x");
        script::wait(&folder.join(file));
    }
    // As the real command does it: the whole of standard input, before anything else.
    let body = line.flag("body").filter(|_| !unread).map(read_body);
    let mut stray = String::new();
    if !unread && line.flag("body") != Some("@/dev/stdin") {
        // Nothing, and at once: standard input must be closed.
        drop(std::io::stdin().read_to_string(&mut stray));
    }
    record(&folder, &arguments, body.as_deref(), &stray);
    let said = match rule {
        Some(rule) => script::play(&rule, &folder, &line),
        None => bridge::run(&folder, &line, body.as_deref().unwrap_or_default()),
    };
    let mut out = std::io::stdout();
    drop(out.write_all(said.stdout.as_bytes()).and_then(|()| out.flush()));
    eprint!("{}", said.stderr);
    time(&folder, "end");
    exit(said.exit);
}

fn read_body(flag: &str) -> Vec<u8> {
    let mut body = Vec::new();
    match flag.strip_prefix('@') {
        Some("/dev/stdin") => drop(std::io::stdin().read_to_end(&mut body).unwrap()),
        Some(file) => body = fs::read(file).unwrap(),
        None => body.extend_from_slice(flag.as_bytes()),
    }
    body
}

fn record(folder: &Path, arguments: &[String], body: Option<&[u8]>, stray: &str) {
    let environment: Value =
        env::vars().map(|(name, value)| (name, Value::from(value))).collect::<serde_json::Map<_, _>>().into();
    let call = json!({
        "argv": arguments,
        "env": environment,
        "body": body.map(|body| String::from_utf8_lossy(body).into_owned()),
        "stray": stray,
        "folder": env::current_dir().unwrap(),
        "pid": std::process::id(),
    });
    append(&folder.join("calls.jsonl"), &format!("{call}\n"));
}

fn time(folder: &Path, what: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    append(&folder.join("times"), &format!("{now} {what} {}\n", std::process::id()));
}

/// One write of one line: processes do not mix theirs.
fn append(file: &Path, line: &str) {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
    file.write_all(line.as_bytes()).unwrap();
}
