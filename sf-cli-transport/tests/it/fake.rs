//! A folder in which the fake `sf` plays.
use serde_json::{Value, json};
use sf_cli_transport::{Discovery, Sf, SfCommand};
use sf_testorg::{Server, TestOrg};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

pub(crate) struct Fake {
    folder: TempDir,
}

impl Fake {
    pub(crate) fn new() -> Fake {
        Fake { folder: tempfile::tempdir().unwrap() }
    }
    /// Passes what the script does not hold on to this org.
    pub(crate) fn of(server: &Server, org: &TestOrg) -> Fake {
        let fake = Fake::new();
        fake.bridge(server.url(), &server.token(), org);
        fake
    }
    pub(crate) fn bridge(&self, url: &str, token: &str, org: &TestOrg) {
        let keys = org.credentials();
        let bridge = json!({"url": url, "token": token, "username": keys.username, "org_id": keys.org_id});
        fs::write(self.path("bridge.json"), bridge.to_string()).unwrap();
    }
    pub(crate) fn version(self, version: &str) -> Fake {
        fs::write(self.path("version"), version).unwrap();
        self
    }
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    /// Adds a rule, see the example's `Rule`.
    pub(crate) fn rule(&self, rule: Value) -> &Fake {
        let file = self.path("script.jsonl");
        let before = fs::read_to_string(&file).unwrap_or_default();
        fs::write(file, format!("{before}{rule}\n")).unwrap();
        self
    }
    pub(crate) fn discovery(&self) -> Discovery {
        Discovery::new()
            .without_search()
            .at(program())
            .home(self.path("home"))
            .loopback_org()
            .env("FAKE_SF_DIR", self.folder.path())
    }
    pub(crate) async fn command(&self) -> SfCommand {
        self.discovery().find().await.unwrap()
    }
    pub(crate) async fn sf(&self) -> Sf {
        let temp = self.path("temp");
        fs::create_dir_all(&temp).unwrap();
        Sf::command(&self.command().await).target_org("desk").temp_dir(temp)
    }
    /// Every call so far but those for the version.
    pub(crate) fn calls(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("calls.jsonl")).unwrap_or_default();
        // A child may be in the middle of a line.
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let calls = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        calls.filter(|call| call["argv"][0] != "version").collect()
    }
    /// The one call there was.
    pub(crate) fn call(&self) -> Value {
        let calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls[0].clone()
    }
    /// When calls were under way, as (start, end) in microseconds.
    pub(crate) fn spans(&self) -> Vec<(u128, u128)> {
        let text = fs::read_to_string(self.path("times")).unwrap();
        let of = |word: &str| {
            let lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
            lines
                .filter(|l| l[1] == word)
                .map(|l| (l[2].to_owned(), l[0].parse::<u128>().unwrap()))
                .collect::<Vec<_>>()
        };
        let ends = of("end");
        let end = |pid: &String| ends.iter().find(|(of, _)| of == pid).unwrap().1;
        of("start").iter().map(|(pid, start)| (*start, end(pid))).collect()
    }
    /// Files left in the folder for temporary ones.
    pub(crate) fn left_over(&self) -> usize {
        fs::read_dir(self.path("temp")).map_or(0, Iterator::count)
    }
}

/// Waits for what another process does.
pub(crate) async fn until(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain");
        sleep(Duration::from_millis(20)).await;
    }
}

/// An envelope of a success.
pub(crate) fn success(result: Value) -> String {
    json!({"status": 0, "result": result, "warnings": []}).to_string()
}
/// What `api request rest --json` prints.
pub(crate) fn rest(status: u16, body: Value) -> String {
    let result =
        json!({"statusCode": status, "headers": {"date": "Sun, 22 Nov 2026 09:08:22 GMT"}, "body": body});
    json!({"status": i32::from(status >= 400), "result": result, "warnings": []}).to_string()
}
/// An envelope of an error. As `code` stands the error's own; the name, where the command made the error itself; else the exit code.
pub(crate) fn error(name: &str, message: &str, exit: i32) -> Value {
    let of_javascript = ["Error", "TypeError", "SyntaxError", "RequestError", "RefreshTokenAuthError"];
    let code = match name.ends_with("Error") && !of_javascript.contains(&name) {
        true => name.to_owned(),
        false => exit.to_string(),
    };
    json!({
        "name": name, "message": message, "exitCode": exit, "context": "Rest",
        "stack": format!("{name}: {message}\n    at Rest.run (/home/ann/sf/rest.js:1:2)"),
        "cause": "undefined", "warnings": [], "code": code, "status": exit, "commandName": "Rest",
    })
}

pub(crate) fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let target = tests.parent().and_then(Path::parent).unwrap();
    let program = target.join("examples").join(format!("fake_sf{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "the fake sf is not built: run `cargo test -p sf-cli-transport` once without `--test`, or `cargo build -p sf-cli-transport --example fake_sf`"
    );
    program
}
