//! Runs the built programs as child processes, as a user does.

use serde_json::Value as Json;
use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// `target/<profile>`: this test lives in its `deps` folder.
fn built() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    exe.parent().and_then(Path::parent).unwrap().to_path_buf()
}

pub fn example(name: &str) -> PathBuf {
    built().join("examples").join(name)
}

/// The server's binary. `cargo test --workspace` builds it; a run of this package alone does not, so it is built here.
pub fn testorg() -> PathBuf {
    let path = built().join("sf-testorg");
    if !path.exists() {
        let release = if cfg!(debug_assertions) { &[][..] } else { &["--release"][..] };
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "sf-testorg", "--bin", "sf-testorg", "--target-dir"])
            .arg(built().parent().unwrap())
            .args(release)
            .status()
            .unwrap();
        assert!(status.success());
    }
    path
}

/// What a finished program said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    /// The steps of a `--json` run.
    pub fn steps(&self) -> Vec<Json> {
        steps(&self.out)
    }

    pub fn step(&self, n: u64) -> Json {
        let all = self.steps();
        all.into_iter().find(|s| s["n"] == n).unwrap_or_else(|| panic!("no step {n} in {self:?}"))
    }
}

/// Whole lines only: a killed program may have been cut in the middle of one.
pub fn steps(out: &str) -> Vec<Json> {
    out.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

pub fn account_sync() -> Command {
    let mut command = Command::new(example("account_sync"));
    command.env_remove("SF_ACCESS_TOKEN").stdin(Stdio::null());
    command
}

pub fn run(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs to the end; also the highest resident size of the process, in kB (Linux; 0 elsewhere).
pub fn run_and_measure(command: &mut Command) -> (Said, u64) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut readers = Vec::new();
    let streams: [Box<dyn Read + Send>; 2] =
        [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
    for mut stream in streams {
        readers.push(std::thread::spawn(move || {
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        }));
    }
    let mut peak = 0;
    let status = loop {
        // VmHWM only rises, so the last reading before the end is the peak but for the last milliseconds.
        if let Ok(text) = std::fs::read_to_string(format!("/proc/{}/status", child.id())) {
            let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
            peak = line.and_then(|l| l.trim().split(' ').next()?.parse().ok()).unwrap_or(peak);
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    };
    let err = readers.pop().unwrap().join().unwrap();
    let out = readers.pop().unwrap().join().unwrap();
    (Said { code: status.code(), out, err }, peak)
}

/// Runs for at most `life`, then SIGKILL. What it printed, and whether it had ended by itself.
pub fn run_and_kill(command: &mut Command, life: Duration) -> (String, bool) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut pipe = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let deadline = Instant::now() + life;
    let ended = loop {
        if child.try_wait().unwrap().is_some() {
            break true;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break false;
        }
        // The moment of the kill is the point of this test; nothing waits for a state here.
        std::thread::park_timeout(left.min(Duration::from_millis(5)));
    };
    let _ = child.kill();
    child.wait().unwrap();
    (reader.join().unwrap(), ended)
}

/// `sf-testorg serve` as its own process; killed when dropped.
#[derive(Debug)]
pub struct Served {
    child: Child,
    pub url: String,
    pub token: String,
}

impl Served {
    pub fn start(arguments: &[&str]) -> Served {
        let mut child = Command::new(testorg())
            .args(["serve", "--port", "0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let hello: Json = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        let text = |key: &str| hello[key].as_str().unwrap().to_owned();
        Served { child, url: text("instance_url"), token: text("access_token") }
    }

    /// account_sync on this org.
    pub fn account_sync(&self, folder: &Path) -> Command {
        let mut command = account_sync();
        command
            .env("SF_ACCESS_TOKEN", &self.token)
            .args(["--instance-url", &self.url, "--json", "--db"])
            .arg(folder.join("desk.db"));
        command
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The mapping of the demo org's custom fields.
pub fn demo_mapping() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/cx_demo.json")
}
