//! The binary as a child process.
use crate::http::{Connection, request};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

/// A running `sf-testorg serve`; killed with SIGKILL when dropped.
struct Running {
    child: Child,
    ready: Value,
}
impl Running {
    fn start(options: &[&str]) -> Running {
        let mut child = command(options).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        Running { child, ready }
    }
    fn get(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap()
    }
    fn url(&self) -> &str {
        self.get("instance_url")
    }
    fn bearer(&self) -> String {
        format!("Authorization: Bearer {}\nContent-Type: application/json", self.get("access_token"))
    }
}
impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sf-testorg"));
    command.arg("serve").args(options);
    command
}
fn fails(options: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, stdout } = command(options).output().unwrap();
    assert!(stdout.is_empty());
    (status.code(), String::from_utf8(stderr).unwrap())
}
fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn one_json_line_tells_all_that_a_client_needs() {
    let running = Running::start(&["--port", "0", "--accounts", "5", "--page-size", "2"]);
    let keys: Vec<&String> = running.ready.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "access_token",
            "api_version",
            "client_id",
            "client_secret",
            "instance_url",
            "org_id",
            "password",
            "refresh_token",
            "security_token",
            "user_id",
            "username"
        ]
    );
    let query = format!("GET /services/data/v{}/query?q=SELECT+Id+FROM+Account", running.get("api_version"));
    let page = request(running.url(), &query, &running.bearer(), "").json();
    assert_eq!((&page["totalSize"], page["records"].as_array().unwrap().len()), (&6.into(), 2));
    assert!(page["nextRecordsUrl"].is_string());
    let identity = request(running.url(), "GET /services/oauth2/userinfo", &running.bearer(), "").json();
    assert_eq!(identity["organization_id"], running.ready["org_id"]);
    assert_eq!(identity["preferred_username"], running.ready["username"]);
}

#[test]
fn what_was_answered_survives_sigkill_and_the_same_client_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("org.state");
    let options = ["--state", text(&state), "--accounts", "2", "--seed", "9"];
    let running = Running::start(&options);
    let mut ids = Vec::new();
    let mut connection = Connection::open(running.url());
    for at in 0..20 {
        let body = format!(r#"{{"Name":"Kept {at}"}}"#);
        let line = "POST /services/data/v66.0/sobjects/Account";
        let answer = connection.send(line, &running.bearer(), body.as_bytes()).unwrap();
        assert_eq!(answer.status, 201, "{answer:?}");
        ids.push(answer.json()["id"].as_str().unwrap().to_owned());
    }
    let dump = |running: &Running| request(running.url(), "GET /__org/rows/Account", "", "").body;
    let now = |running: &Running| {
        request(running.url(), "GET /__org/clock", "", "").json()["now"].as_str().unwrap().to_owned()
    };
    let (rows, time, bearer) = (dump(&running), now(&running), running.bearer());
    drop(running);

    let again = Running::start(&["--state", text(&state)]);
    assert_eq!(dump(&again), rows);
    assert!(now(&again) >= time);
    let line = "POST /services/data/v66.0/sobjects/Account";
    let answer = request(again.url(), line, &bearer, r#"{"Name":"After"}"#);
    assert_eq!(answer.status, 201, "the token of before the kill does not work");
    assert!(answer.json()["id"].as_str().unwrap() > ids.last().unwrap().as_str());

    let (code, reason) = fails(&["--state", text(&state)]);
    assert!(code == Some(1) && reason.contains("in use"), "{reason}");
    drop(again);
    let (code, reason) = fails(&["--state", text(&state), "--seed", "10"]);
    assert!(code == Some(1) && reason.contains("seed 10") && reason.contains("seed 9"), "{reason}");
}

#[test]
fn time_does_not_go_back_when_it_ran_ahead_before_the_kill() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("org.state");
    let running = Running::start(&["--state", text(&state), "--dataset", "empty"]);
    request(running.url(), "POST /__org/clock", "", r#"{"advance_ms": 864000000}"#);
    // Only a request of the org shows its time to a client.
    let shown = request(running.url(), "GET /services/data", "", "");
    let date = |answer: &crate::http::Answer| {
        chrono::NaiveDateTime::parse_from_str(answer.header("Date").unwrap(), "%a, %d %b %Y %H:%M:%S GMT")
            .unwrap()
    };
    drop(running);
    let again = Running::start(&["--state", text(&state)]);
    assert!(date(&request(again.url(), "GET /services/data", "", "")) >= date(&shown));
}

#[test]
fn a_faults_file_is_armed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("faults.json");
    std::fs::write(&file, r#"[{"on": {"call": 1}, "effect": {"status": [503, "SERVER_UNAVAILABLE"]}}]"#)
        .unwrap();
    let running = Running::start(&["--faults", text(&file), "--dataset", "empty", "--latency-ms", "5"]);
    assert_eq!(request(running.url(), "GET /services/data", "", "").status, 503);
    assert_eq!(request(running.url(), "GET /services/data", "", "").status, 200);
}

#[test]
fn an_apps_file_is_read_and_a_rotated_token_lives_over_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let (file, state) = (dir.path().join("apps.json"), dir.path().join("org.state"));
    let apps = r#"[{"client_id": "desk", "rotate_refresh_tokens": true}]"#;
    std::fs::write(&file, apps).unwrap();
    let options = ["--apps", text(&file), "--state", text(&state), "--dataset", "empty"];
    let running = Running::start(&options);
    let form = "Content-Type: application/x-www-form-urlencoded";
    let token = |running: &Running, body: &str| {
        request(running.url(), "POST /services/oauth2/token", form, body).json()
    };
    let begun = token(&running, "response_type=device_code&client_id=desk&scope=api+refresh_token");
    let approval =
        serde_json::json!({"user_code": begun["user_code"], "username": running.ready["username"]});
    assert_eq!(request(running.url(), "POST /__org/devices", "", &approval.to_string()).status, 200);
    let code = begun["device_code"].as_str().unwrap();
    let first = token(&running, &format!("grant_type=device&client_id=desk&code={code}"));
    let refresh = |running: &Running, with: &serde_json::Value| {
        let with = with["refresh_token"].as_str().unwrap();
        token(running, &format!("grant_type=refresh_token&client_id=desk&refresh_token={with}"))
    };
    let second = refresh(&running, &first);
    drop(running);
    let again = Running::start(&options);
    let third = refresh(&again, &second);
    assert!(third["access_token"].is_string(), "{third}");
    assert_eq!(refresh(&again, &second)["error_description"], "expired access/refresh token");
    assert_eq!(refresh(&again, &third)["error"], "invalid_grant", "the family has ended");
}

#[test]
fn what_cannot_work_exits_with_1_and_a_next_step() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("no/such/dir/org.state");
    let broken = dir.path().join("faults.json");
    std::fs::write(&broken, r#"[{"on": "any", "effect": "vanish"}]"#).unwrap();
    for (options, part) in [
        (["--state", text(&missing)], "cannot be opened"),
        (["--state", text(dir.path())], "cannot be opened"),
        (["--faults", text(&missing)], "cannot be read"),
        (["--faults", text(&broken)], "vanish"),
        (["--apps", text(&missing)], "cannot be read"),
        (["--apps", text(&broken)], "holds no connected apps"),
    ] {
        let (code, reason) = fails(&options);
        assert_eq!(code, Some(1), "{reason}");
        assert!(reason.contains(part) && reason.contains("\nnext: "), "{reason}");
    }
    let running = Running::start(&["--dataset", "empty"]);
    let port = running.url().rsplit(':').next().unwrap();
    let (code, reason) = fails(&["--port", port, "--dataset", "empty"]);
    assert!(code == Some(1) && reason.contains("port 0"), "{reason}");
}

#[test]
fn wrong_usage_exits_with_2_and_the_help() {
    let (code, reason) = fails(&["--prot", "1"]);
    assert_eq!(code, Some(2));
    assert!(reason.contains("--prot") && reason.contains("Usage: sf-testorg serve"), "{reason}");
    let help = Command::new(env!("CARGO_BIN_EXE_sf-testorg")).arg("--help").output().unwrap();
    assert!(help.status.success() && help.stdout.starts_with(b"A simulated"));
}

#[test]
fn time_moved_over_the_control_path_does_not_go_back_over_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("org.state");
    let running = Running::start(&["--state", text(&state), "--dataset", "empty"]);
    let now = |answer: crate::http::Answer| answer.json()["now"].as_str().unwrap().to_owned();
    let shown = now(request(running.url(), "POST /__org/clock", "", r#"{"advance_ms": 864000000}"#));
    drop(running);
    let again = Running::start(&["--state", text(&state)]);
    let later = now(request(again.url(), "GET /__org/clock", "", ""));
    assert!(later >= shown, "{later} after {shown}");
}

#[test]
fn schema_files_add_objects_and_what_is_wrong_in_one_is_said_with_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (dir.path().join("plans.json"), dir.path().join("bad.json"));
    let state = dir.path().join("org.state");
    std::fs::write(&good, r#"{"name": "CX_Plan__c", "fields": [{"name": "Score__c", "type": "double"}]}"#)
        .unwrap();
    std::fs::write(&bad, r#"[{"name": "CX_Step__c", "fields": [{"name": "Score__c", "type": "number"}]}]"#)
        .unwrap();
    let (code, message) = fails(&["--state", text(&state), "--schema", text(&good), text(&bad)]);
    assert_eq!(code, Some(1));
    let expected = format!(
        "sf-testorg: the schema file {}: sObject CX_Step__c, field Score__c: there is no type \"number\"",
        bad.display()
    );
    assert!(message.starts_with(&expected), "{message}");
    assert!(!state.exists());
    let (_, message) = fails(&["--schema", text(&dir.path().join("none.json"))]);
    assert!(message.contains("none.json cannot be read"), "{message}");

    let running = Running::start(&["--dataset", "empty", "--schema", text(&good)]);
    let answer = request(
        running.url(),
        "POST /services/data/v66.0/sobjects/CX_Plan__c",
        &running.bearer(),
        r#"{"Name": "Grow", "Score__c": 2}"#,
    );
    assert_eq!(answer.status, 201, "{answer:?}");
    let more = r#"{"object": "CX_Plan__c", "fields": [{"name": "Tier__c", "type": "string", "length": 20}]}"#;
    let answer = request(running.url(), "POST /__org/schema", "", more);
    assert_eq!((answer.status, answer.json()), (200, serde_json::json!({"sobjects": ["CX_Plan__c"]})));
    let answer = request(running.url(), "POST /__org/schema", "", r#"{"name": "X", "fields": []}"#);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error"], "sObject X: there is no field Id of type id");
    let fields = "GET /services/data/v66.0/query?q=SELECT+Tier__c+FROM+CX_Plan__c";
    assert_eq!(request(running.url(), fields, &running.bearer(), "").json()["totalSize"], 1);
}
