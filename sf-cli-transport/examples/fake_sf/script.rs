//! What a test has written down for this call.
use crate::{Line, Said};
#[cfg(unix)]
use crate::{append, time};
use serde::Deserialize;
use std::{fs, path::Path, thread::sleep, time::Duration};

/// One line of `script.jsonl`; the first that fits and is not used up is played.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Texts that the command line holds, all of them.
    when: Vec<String>,
    /// How often it is played; 0: always.
    #[serde(default)]
    times: usize,
    #[serde(default)]
    stdout: String,
    #[serde(default)]
    stderr: String,
    #[serde(default)]
    exit: i32,
    /// What goes into the file of `--stream-to-file`.
    #[serde(default)]
    stream: Option<String>,
    /// Before anything is said.
    #[serde(default)]
    delay_ms: u64,
    /// Ends itself by SIGKILL after it has said what it says.
    #[serde(default)]
    killed: bool,
    /// Standard output is this many bytes more.
    #[serde(default)]
    flood: usize,
    /// Starts a process that holds the pipes for two minutes; its number is in the file `grandchild`.
    #[serde(default)]
    grandchild: bool,
    /// Does not read its standard input.
    #[serde(default)]
    pub(crate) unread: bool,
    /// Reads its standard input when this file is in the folder.
    #[serde(default)]
    pub(crate) read_after: Option<String>,
    /// Asked to end (SIGTERM) it writes `asked` into the file `goodbye`, so many milliseconds later `ended`, and ends.
    #[serde(default)]
    pub(crate) goodbye_ms: Option<u64>,
}

pub(crate) fn find(folder: &Path, arguments: &[String]) -> Option<Rule> {
    let text = fs::read_to_string(folder.join("script.jsonl")).unwrap_or_default();
    let line = arguments.join(" ");
    text.lines().enumerate().find_map(|(i, rule)| {
        let rule: Rule = serde_json::from_str(rule).unwrap();
        let fits = rule.when.iter().all(|text| line.contains(text.as_str()));
        (fits && (rule.times == 0 || take(folder, i, rule.times))).then_some(rule)
    })
}

/// Bounded: a test that fails leaves nobody behind.
pub(crate) fn wait(file: &Path) {
    for _ in 0..3_000 {
        if file.exists() {
            return;
        }
        sleep(Duration::from_millis(20));
    }
}

/// From here on a request to end is met that way.
#[cfg(unix)]
pub(crate) fn mind_goodbye(folder: &Path, millis: u64) {
    use tokio::{
        runtime::Builder,
        signal::unix::{SignalKind, signal},
    };
    let (ready, is_ready) = std::sync::mpsc::channel();
    let folder = folder.to_path_buf();
    std::thread::spawn(move || {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let mut term = signal(SignalKind::terminate()).unwrap();
            ready.send(()).unwrap();
            term.recv().await
        });
        append(&folder.join("goodbye"), "asked\n");
        sleep(Duration::from_millis(millis));
        append(&folder.join("goodbye"), "ended\n");
        time(&folder, "end");
        std::process::exit(143);
    });
    is_ready.recv().unwrap();
}

/// A file for each use: two processes do not take the same one.
fn take(folder: &Path, rule: usize, times: usize) -> bool {
    (0..times).any(|n| {
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(folder.join(format!("used-{rule}-{n}")))
            .is_ok()
    })
}

// The grandchild is left behind on purpose.
#[allow(clippy::zombie_processes)]
pub(crate) fn play(rule: &Rule, folder: &Path, line: &Line) -> Said {
    sleep(Duration::from_millis(rule.delay_ms));
    if let (Some(text), Some(file)) = (&rule.stream, line.flag("stream-to-file")) {
        fs::write(file, text).unwrap();
    }
    if rule.grandchild {
        let grandchild = std::process::Command::new("sleep").arg("120").spawn().unwrap();
        fs::write(folder.join("grandchild"), grandchild.id().to_string()).unwrap();
    }
    let mut stdout = rule.stdout.clone();
    stdout.push_str(&" ".repeat(rule.flood));
    if rule.killed {
        print!("{stdout}");
        eprint!("{}", rule.stderr);
        let me = std::process::id().to_string();
        std::process::Command::new("kill").args(["-KILL", &me]).status().unwrap();
        sleep(Duration::from_secs(10));
    }
    Said { stdout, stderr: rule.stderr.clone(), exit: rule.exit }
}
