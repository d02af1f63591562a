//! Calls that are given up, by their time or by a drop: their processes are ended, and hold what they had until they have gone.
#![cfg(target_os = "linux")]
use crate::fake::{Fake, rest, success, until};
use serde_json::{Value, json};
use sf_cli_transport::{Discovery, LoginWeb, Sf};
use sf_core::{
    CallOptions, Delivery, ErrorKind, Fields, QueryCall, QueryOptions, Soql, Transport, Write, WriteOptions,
    field, object,
    protocol::{Body, BodySource, Request},
};
use std::{
    fs,
    future::Future,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

/// Seconds. On a busy machine a command may not have begun before its time was over: then with more of it.
const TIMES: [u64; 3] = [2, 8, 30];

fn is_gone(pid: u64) -> bool {
    // A process that was not waited for yet is a zombie.
    fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}
/// Drops the call when this is so.
async fn dropped_when<T>(call: impl Future<Output = T>, what: impl Fn() -> bool) {
    tokio::select! {
        _ = call => panic!("it was not given up"),
        () = until(what) => {}
    }
}
/// A command that never answers, and ends half a second after it was asked to.
fn endless(when: &str) -> Value {
    json!({"when": [when], "times": 1, "goodbye_ms": 200, "delay_ms": 120_000})
}
fn answer(when: &str) -> Value {
    json!({"when": [when], "stdout": rest(200, json!({}))})
}
fn goodbye(folder: &Path) -> String {
    fs::read_to_string(folder.join("goodbye")).unwrap_or_default()
}
/// The command may still write into its folder, but this program may end first: nothing of the call stays there.
fn emptied(fake: &Fake) -> bool {
    let Some(folder) = fs::read_dir(fake.path("temp")).unwrap().next() else {
        let said = goodbye(&fake.path(""));
        assert_eq!(said.matches("asked").count(), said.matches("ended").count(), "before it has gone");
        return true;
    };
    let files = fs::read_dir(folder.unwrap().path());
    files.is_ok_and(|files| files.flatten().map(|file| file.file_name()).eq(["lock"]))
}
#[track_caller]
fn assert_one_by_one(fake: &Fake) {
    let mut spans = fake.spans();
    spans.sort_unstable();
    assert!(spans.windows(2).all(|two| two[1].0 >= two[0].1), "{spans:?}");
}

#[tokio::test]
async fn given_a_timeout_then_the_child_is_ended_and_a_write_is_unknown() {
    for seconds in TIMES {
        let fake = Fake::new();
        fake.rule(json!({"when": ["--method=POST"], "goodbye_ms": 0, "delay_ms": 120_000}));
        let transport = fake.sf().await.connect().unwrap();
        let rows =
            [Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), "Acme") }];
        let call = CallOptions::new().with_timeout(Some(Duration::from_secs(seconds)));
        let outcomes = transport.write(&rows, &WriteOptions::new().with_call(call)).await.unwrap();
        if fake.calls().is_empty() {
            continue;
        }
        let failure = outcomes[0].failure().unwrap();
        assert_eq!((failure.kind, failure.delivery), (ErrorKind::Timeout, Delivery::Unknown));
        // When the call returns, not some time later: its place goes to the next.
        assert!(is_gone(fake.call()["pid"].as_u64().unwrap()));
        assert_eq!(goodbye(&fake.path("")), "asked\nended\n");
        assert_eq!(fake.left_over(), 0);
        return;
    }
    panic!("the command did not begin");
}

#[tokio::test]
async fn given_a_dropped_call_then_that_child_is_ended_and_no_other() {
    let fake = Fake::new();
    fake.rule(json!({"when": ["/limits"], "delay_ms": 120_000}));
    fake.rule(json!({"when": ["/other"], "stdout": rest(200, json!({})), "read_after": "go"}));
    let transport = fake.sf().await.connect().unwrap();
    // The first call of an org runs alone: settle that first.
    fake.rule(answer("/first"));
    let request = |name: &str| Request::get([name]);
    transport.call(&request("first"), &CallOptions::new()).await.unwrap();
    let other = tokio::spawn({
        let (transport, request) = (transport.clone(), request("other"));
        async move { transport.call(&request, &CallOptions::new()).await }
    });
    until(|| fake.path("waiting").exists()).await;
    let call = CallOptions::new();
    dropped_when(transport.limits(&call), || fake.calls().len() == 2).await;
    let pid = fake.calls()[1]["pid"].as_u64().unwrap();
    until(|| is_gone(pid)).await;
    fs::write(fake.path("go"), "").unwrap();
    assert!(other.await.unwrap().is_ok());
}

/// This script as the command, and a call by it that is given up. `begun`: it came so far.
async fn runs_out_of_time(script: impl Fn(&Fake) -> String, begun: impl Fn(&Fake) -> bool) -> Fake {
    for seconds in TIMES {
        let fake = Fake::new();
        let path = fake.path("sf");
        // Not by this process: a child that another test is starting could have it open for writing, and it could not be started.
        let mut writer = Command::new("sh")
            .args(["-c", r#"cat > "$1" && chmod 755 "$1""#, "sh"])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        writer.stdin.take().unwrap().write_all(script(&fake).as_bytes()).unwrap();
        assert!(writer.wait().unwrap().success());
        // Its own home: the first call of an org runs alone there.
        let discovery = Discovery::new().without_search().at(&path).home(fake.path("home"));
        let command = discovery.env("FAKE_SF_DIR", fake.path("")).find().await.unwrap();
        let transport = Sf::command(&command).target_org("desk").connect().unwrap();
        let call = CallOptions::new().with_timeout(Some(Duration::from_secs(seconds)));
        assert_eq!(transport.limits(&call).await.unwrap_err().kind(), ErrorKind::Timeout);
        if begun(&fake) {
            return fake;
        }
    }
    panic!("the command did not begin");
}

/// The vendor's installers put a shell script in front of node.
#[tokio::test]
async fn given_a_wrapper_script_then_what_it_started_is_ended_too() {
    let script = |fake: &Fake| {
        fake.rule(json!({"when": ["/limits"], "delay_ms": 120_000}));
        format!("#!/bin/sh\n'{}' \"$@\"\n", crate::fake::program().display())
    };
    let fake = runs_out_of_time(script, |fake| !fake.calls().is_empty()).await;
    assert!(is_gone(fake.call()["pid"].as_u64().unwrap()));
}

/// The shell is gone at once, and what it started has to be asked twice.
#[tokio::test]
async fn given_a_wrapper_script_then_a_grandchild_that_ignores_the_request_is_killed() {
    let script = |fake: &Fake| {
        format!(
            "#!/bin/sh\nif [ \"$1\" = version ]; then '{}' \"$@\"; exit; fi\n\
             sh -c 'trap \"\" TERM; echo $$ > \"{}\"; exec sleep 120'\n:\n",
            crate::fake::program().display(),
            fake.path("pid").display()
        )
    };
    let pid = |fake: &Fake| fs::read_to_string(fake.path("pid")).ok()?.trim().parse().ok();
    let fake = runs_out_of_time(script, |fake| pid(fake).is_some()).await;
    until(|| is_gone(pid(&fake).unwrap())).await;
}

/// Two at once would be one more than allowed, and may renew the login with one refresh token.
#[tokio::test]
async fn given_a_dropped_call_then_its_place_and_its_files_are_free_when_its_process_has_gone() {
    let fake = Fake::new();
    for rule in [answer("/first"), endless("/rows"), endless("--method=POST"), endless("data query")] {
        fake.rule(rule);
    }
    fake.rule(answer("/next"));
    let many = fake.sf().await.concurrency(1).connect_many_rows().unwrap();
    let options = CallOptions::new();
    let ask = |path: &str| Request::get([path]);
    // The first of an org runs alone: it is about the place here.
    many.call(&ask("first"), &options).await.unwrap();

    let rows = ask("rows").with_rows();
    dropped_when(many.call(&rows, &options), || fake.calls().len() == 2).await;
    until(|| emptied(&fake)).await;
    many.call(&ask("next"), &options).await.unwrap();
    assert_eq!(fake.left_over(), 0);

    let write = Request::post(["x"]).with_json("{}");
    dropped_when(many.call(&write, &options), || fake.calls().len() == 4).await;
    many.call(&ask("next"), &options).await.unwrap();

    let (statement, as_usual) =
        ([QueryCall::Start(Soql::raw("SELECT Id FROM Account"))], QueryOptions::new());
    dropped_when(many.query(&statement, &as_usual), || fake.calls().len() == 6).await;
    until(|| emptied(&fake)).await;
    many.call(&ask("next"), &options).await.unwrap();
    assert_eq!(fake.left_over(), 0);
    assert_eq!(fake.calls().len(), 7);
    assert_one_by_one(&fake);
}

#[tokio::test]
async fn given_a_dropped_call_that_ran_alone_then_the_next_one_starts_when_its_process_has_gone() {
    for page in [false, true] {
        let fake = Fake::new();
        for rule in [endless("/x"), endless("org display"), answer("/next")] {
            fake.rule(rule);
        }
        let transport = fake.sf().await.concurrency(3).connect().unwrap();
        let (options, begun) = (CallOptions::new(), || fake.calls().len() == 1);
        if page {
            dropped_when(fake.command().await.status(Some("desk")), begun).await;
        } else {
            dropped_when(transport.call(&Request::get(["x"]), &options), begun).await;
        }
        transport.call(&Request::get(["next"]), &options).await.unwrap();
        assert_one_by_one(&fake);
    }
}

/// It listens on a port, of which there is one.
#[tokio::test]
async fn given_a_dropped_sign_in_then_the_next_one_starts_when_its_process_has_gone() {
    let fake = Fake::new();
    let org = json!({"username": "ann@acme.example", "orgId": "00D5f000000kPqZEAU",
        "instanceUrl": "https://acme.my.salesforce.com", "accessToken": "[REDACTED]"});
    fake.rule(endless("org login web"));
    fake.rule(json!({"when": ["org login web"], "stdout": success(org)}));
    let (command, login) = (fake.command().await, LoginWeb::new());
    let elsewhere = fake.discovery().home(fake.path("other-home")).find().await.unwrap();
    dropped_when(command.login_web(&login), || fake.calls().len() == 1).await;
    elsewhere.login_web(&login).await.unwrap();
    assert_one_by_one(&fake);
}

/// Another process of this program that runs one of the tests below.
fn parent(fake: &Fake, name: &str, how: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("given_up::{name}"), "--ignored"])
        .env("SF_TEST_PARENT", fake.path(""))
        .env("SF_TEST_HOW", how)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}
fn folder_of_parent() -> Option<PathBuf> {
    std::env::var_os("SF_TEST_PARENT").map(PathBuf::from)
}

/// Ctrl-C and out: the command may be writing its login file.
#[tokio::test]
async fn given_a_call_that_is_dropped_at_the_end_of_main_then_the_command_has_its_time_to_end() {
    for how in ["with the runtime", "after the runtime"] {
        let fake = Fake::new();
        fake.rule(endless("/slow"));
        let mut parent = parent(&fake, "a_parent_that_drops_its_call", how);
        assert!(parent.wait().unwrap().success());
        until(|| goodbye(&fake.path("")) == "asked\nended\n").await;
    }
}

#[test]
#[ignore = "started by given_a_call_that_is_dropped_at_the_end_of_main_then_the_command_has_its_time_to_end"]
fn a_parent_that_drops_its_call() {
    let Some(folder) = folder_of_parent() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let discovery = Discovery::new().without_search().at(crate::fake::program()).home(folder.join("home"));
    let command = runtime.block_on(discovery.env("FAKE_SF_DIR", &folder).find()).unwrap();
    let transport = Sf::command(&command).target_org("desk").connect().unwrap();
    let calls = folder.join("calls.jsonl");
    let begun = || fs::read_to_string(&calls).is_ok_and(|calls| calls.contains("/slow"));
    let options = CallOptions::new();
    // A read is a task of the runtime.
    let (read, write) = (Request::get(["slow"]), Request::post(["slow"]).with_json("{}"));
    if std::env::var("SF_TEST_HOW").unwrap() == "with the runtime" {
        runtime.block_on(dropped_when(transport.call(&read, &options), begun));
        drop(runtime);
    } else {
        let mut call = Box::pin(transport.call(&write, &options));
        runtime.block_on(dropped_when(&mut call, begun));
        drop(runtime);
        drop(call);
    }
}

#[tokio::test]
async fn a_source_that_blocks_for_ever_does_not_keep_the_program_from_its_end() {
    let fake = Fake::new();
    let mut parent = parent(&fake, "a_parent_that_uploads_its_standard_input", "");
    // Open, and nothing comes.
    let _stdin = parent.stdin.take().unwrap();
    for _ in 0..1_000 {
        if let Some(status) = parent.try_wait().unwrap() {
            assert!(status.success());
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    parent.kill().unwrap();
    parent.wait().unwrap();
    panic!("the program waits for its source");
}

struct StandardInput;
impl BodySource for StandardInput {
    fn open(&self) -> io::Result<Box<dyn io::Read + Send>> {
        Ok(Box::new(io::stdin()))
    }
    fn size(&self) -> Option<u64> {
        None
    }
    fn content_type(&self) -> &str {
        "text/csv"
    }
}

#[test]
#[ignore = "started by a_source_that_blocks_for_ever_does_not_keep_the_program_from_its_end"]
fn a_parent_that_uploads_its_standard_input() {
    let Some(folder) = folder_of_parent() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let discovery =
            Discovery::new().without_search().at(crate::fake::program()).home(folder.join("home"));
        let command = discovery.env("FAKE_SF_DIR", &folder).find().await.unwrap();
        let transport = Sf::command(&command).target_org("desk").connect().unwrap();
        let request = || Request::post(["x"]).with_body(Body::Stream(Arc::new(StandardInput)));
        let short = CallOptions::new().with_timeout(Some(Duration::from_millis(200)));
        let error = transport.call(&request(), &short).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent), "{error}");
        let (request, options) = (request(), CallOptions::new());
        let dropped =
            tokio::time::timeout(Duration::from_millis(200), transport.call(&request, &options)).await;
        assert!(dropped.is_err());
    });
    // Waits for all threads of its pool, as it does at the end of `main`.
    drop(runtime);
}
