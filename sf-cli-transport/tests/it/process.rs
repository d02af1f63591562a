//! The care of the child: environment, arguments, time, concurrency, and its end.
use crate::fake::{Fake, rest, until};
use serde_json::json;
use sf_cli_transport::{Discovery, Sf};
use sf_core::{CallOptions, Delivery, ErrorKind, Transport, object};
use sf_testorg::TestOrg;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

fn limits(delay_ms: u64) -> serde_json::Value {
    let body = json!({"DailyApiRequests": {"Max": 5, "Remaining": 4}});
    json!({"when": ["/limits"], "stdout": rest(200, body), "delay_ms": delay_ms})
}
#[tokio::test]
async fn the_childs_environment_is_quiet_and_standard_input_is_closed() {
    let fake = Fake::new();
    fake.rule(limits(0));
    let sf = fake.sf().await;
    sf.connect().unwrap().limits(&CallOptions::new()).await.unwrap();
    let call = fake.call();
    let env = &call["env"];
    for (name, value) in [
        ("SF_DISABLE_AUTOUPDATE", "true"),
        ("SF_DISABLE_TELEMETRY", "true"),
        ("SF_SKIP_NEW_VERSION_CHECK", "true"),
        ("SF_DISABLE_LOG_FILE", "true"),
        ("NO_COLOR", "1"),
    ] {
        assert_eq!(env[name], value, "{name}");
    }
    assert_eq!(env["HOME"], fake.path("home").to_str().unwrap());
    assert_eq!(call["stray"], "");
    let argv = [
        "api",
        "request",
        "rest",
        "/services/data/v66.0/limits",
        "--method=GET",
        "--target-org=desk",
        concat!("--header=Sforce-Call-Options:client=sf-cli-transport/", env!("CARGO_PKG_VERSION")),
        "--json",
    ];
    assert_eq!(call["argv"], json!(argv));
}

/// Pain 12: no shell; and a name that would be an option is refused.
#[tokio::test]
async fn an_alias_is_one_argument_or_refused() {
    let fake = Fake::new();
    fake.rule(limits(0));
    let command = fake.command().await;
    let name = "$(touch${IFS}x);`id`&|";
    let transport = Sf::command(&command).target_org(name).connect().unwrap();
    transport.limits(&CallOptions::new()).await.unwrap();
    assert_eq!(fake.call()["argv"][5], format!("--target-org={name}"));
    for bad in ["--json", "-o", "", " b"] {
        let error = Sf::command(&command).target_org(bad).connect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
        assert_eq!(command.status(Some(bad)).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(fake.calls().len(), 1);
}

/// A body that could not be read to its end is never taken for the whole.
#[tokio::test]
async fn given_a_body_that_breaks_off_then_nothing_is_sent() {
    use sf_core::protocol::{Body, BodySource, Request};
    use std::{
        io::{self, Read},
        sync::{Arc, Barrier},
    };
    /// Breaks off after 200,000 bytes; if there is a barrier, when somebody comes to it.
    struct Broken(Option<Arc<Barrier>>);
    impl BodySource for Broken {
        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            struct Fails(Option<Arc<Barrier>>);
            impl Read for Fails {
                fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                    self.0.as_ref().map(|barrier| barrier.wait());
                    Err(io::Error::other("disk"))
                }
            }
            Ok(Box::new(io::Cursor::new(vec![b'a'; 200_000]).chain(Fails(self.0.clone()))))
        }
        fn size(&self) -> Option<u64> {
            None
        }
        fn content_type(&self) -> &str {
            "text/csv"
        }
    }
    let fake = Fake::new();
    let transport = fake.sf().await.connect().unwrap();
    let request = |barrier| Request::post(["x"]).with_body(Body::Stream(Arc::new(Broken(barrier))));
    let error = transport.call(&request(None), &CallOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    // The same when the time is over.
    let barrier = Arc::new(Barrier::new(2));
    let call = CallOptions::new().with_timeout(Some(Duration::from_millis(150)));
    let error = transport.call(&request(Some(barrier.clone())), &call).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent));
    barrier.wait();
    sleep(Duration::from_millis(500)).await;
    // Not even started.
    let started = std::fs::read_to_string(fake.path("times")).unwrap();
    assert_eq!(started.lines().filter(|line| line.contains("start")).count(), 1, "its version: {started}");
}

/// A repeat would find a body that is used up, and say that instead of what went wrong.
#[tokio::test]
async fn a_body_that_can_be_read_once_is_not_opened_again() {
    use sf_core::protocol::{Body, BodySource, Request};
    use std::{
        io::{self, Read},
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
    };
    #[derive(Default)]
    struct Once(AtomicUsize);
    impl BodySource for Once {
        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            match self.0.fetch_add(1, SeqCst) {
                0 => Ok(Box::new(io::Cursor::new(b"Name\nAcme\n"))),
                _ => Err(io::Error::other("used up")),
            }
        }
        fn can_open(&self) -> bool {
            self.0.load(SeqCst) == 0
        }
        fn size(&self) -> Option<u64> {
            None
        }
        fn content_type(&self) -> &str {
            "text/csv"
        }
    }
    let expired =
        rest(401, json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]));
    let half_read = crate::fake::error("JsonParseError", "Parse error in file x.json", 1).to_string();
    let refused = crate::fake::error("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1", 1).to_string();
    for (stdout, kind) in
        [(expired, ErrorKind::NotSignedIn), (half_read, ErrorKind::Setup), (refused, ErrorKind::Network)]
    {
        let fake = Fake::new();
        fake.rule(json!({"when": ["--method=POST"], "stdout": stdout, "exit": 1}));
        let source = Arc::new(Once::default());
        let request = Request::post(["x"]).with_body(Body::Stream(source.clone()));
        let error = fake.sf().await.connect().unwrap().call(&request, &CallOptions::new()).await.unwrap_err();
        assert_eq!((error.kind(), source.0.load(SeqCst)), (kind, 1), "{error:?}");
    }
}

/// Its status is the class's own choice, and its rows stay: a second spawn would make them twice.
#[tokio::test]
async fn a_write_that_an_apex_class_answered_is_not_repeated() {
    use sf_core::protocol::{Method, Request};
    let expired = json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]);
    for (method, status, body, spawns) in [
        (Method::Post, 401, json!({"error": "busy"}), 1),
        (Method::Post, 429, json!({"error": "rate_limit_exceeded"}), 1),
        (Method::Post, 401, expired, 2),
        (Method::Get, 401, json!({"error": "busy"}), 2),
    ] {
        let fake = Fake::new();
        fake.rule(json!({"when": ["api request"], "stdout": rest(status, body), "exit": 1}));
        let request = Request::apex(method, ["cx"]);
        let error = fake.sf().await.connect().unwrap().call(&request, &CallOptions::new()).await.unwrap_err();
        assert_eq!(fake.calls().len(), spawns, "{status}: {error:?}");
        if spawns == 1 {
            assert_eq!(error.delivery(), Delivery::Unknown);
            assert!(error.help().next_step.contains("Apex class"), "{error:?}");
        }
    }
}

/// Some installs leave a process behind that holds the pipes.
#[cfg(unix)]
#[tokio::test]
async fn nobody_waits_for_a_grandchild() {
    let fake = Fake::new();
    let mut rule = limits(0);
    rule["grandchild"] = true.into();
    fake.rule(rule);
    let start = Instant::now();
    fake.sf().await.connect().unwrap().limits(&CallOptions::new()).await.unwrap();
    // Half the time for which it would hold them.
    assert!(start.elapsed() < Duration::from_secs(60));
    let pid = std::fs::read_to_string(fake.path("grandchild")).unwrap();
    std::process::Command::new("kill").arg(pid).status().unwrap();
}

#[tokio::test]
async fn a_child_that_does_not_read_its_body_does_not_hang_the_call() {
    let fake = Fake::new();
    let saved = rest(200, json!([]));
    fake.rule(json!({"when": ["--method=POST"], "unread": true, "stdout": saved}));
    let transport = fake.sf().await.connect().unwrap();
    let body = format!("\"{}\"", "x".repeat(5 << 20));
    let request = sf_core::protocol::Request::post(["composite"]).with_json(body);
    assert_eq!(transport.call(&request, &CallOptions::new()).await.unwrap().text(), "[]");
}

/// Pain 10: the first call of an org runs alone, then no more at once than allowed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_are_bounded_and_the_first_runs_alone() {
    let fake = Fake::new();
    fake.rule(limits(400));
    let transport = fake.sf().await.concurrency(2).connect().unwrap();
    std::fs::remove_file(fake.path("times")).unwrap();
    let calls: Vec<_> = (0..7)
        .map(|_| {
            let transport = transport.clone();
            tokio::spawn(async move { transport.limits(&CallOptions::new()).await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let mut spans = fake.spans();
    spans.sort_unstable();
    let at_once =
        |span: &(u128, u128)| spans.iter().filter(|other| other.0 <= span.0 && span.0 < other.1).count();
    assert!(spans.iter().all(|span| at_once(span) <= 2), "{spans:?}");
    assert!(spans.iter().any(|span| at_once(span) == 2), "they do run at the same time: {spans:?}");
    assert!(spans[1].0 >= spans[0].1, "the first runs alone: {spans:?}");
}

#[tokio::test]
async fn people_go_before_background_work_that_came_earlier() {
    use sf_core::{Priority, QueryCall, QueryOptions, Soql, protocol::Request};
    let fake = Fake::new();
    fake.rule(json!({"when": ["/first"], "read_after": "go", "stdout": rest(200, json!({}))}));
    fake.rule(json!({"when": ["api request"], "stdout": rest(200, json!({}))}));
    let rows = json!({"records": [], "totalSize": 0, "done": true});
    fake.rule(json!({"when": ["data query"], "stdout": crate::fake::success(rows)}));
    let many = fake.sf().await.concurrency(1).connect_many_rows().unwrap();
    let start = |name: &'static str, priority| {
        let many = many.clone();
        tokio::spawn(async move {
            let call = CallOptions::new().with_priority(priority);
            if name == "query" {
                let batch = [QueryCall::Start(Soql::raw("SELECT Id FROM Account"))];
                drop(many.query(&batch, &QueryOptions::new().with_call(call)).await.unwrap());
            } else {
                drop(many.call(&Request::get([name]), &call).await.unwrap());
            }
        })
    };
    let first = start("first", Priority::Backfill);
    until(|| fake.path("waiting").exists()).await;
    let mut calls = vec![first];
    for (name, priority) in
        [("load", Priority::Backfill), ("query", Priority::Incremental), ("person", Priority::Interactive)]
    {
        calls.push(start(name, priority));
        // On this thread, and up to its place in the queue nothing makes it wait.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    std::fs::write(fake.path("go"), "").unwrap();
    for call in calls {
        call.await.unwrap();
    }
    let order: Vec<_> = fake.calls().iter().map(|call| call["argv"].to_string()).collect();
    for (argv, name) in order.iter().zip(["/first", "/person", "query", "/load"]) {
        assert!(argv.contains(name), "{order:?}");
    }
}

#[tokio::test]
async fn a_call_that_waits_too_long_for_others_is_not_sent() {
    let fake = Fake::new();
    let mut rule = limits(0);
    rule["read_after"] = "go".into();
    fake.rule(rule);
    let transport = fake.sf().await.concurrency(1).connect().unwrap();
    let running = tokio::spawn({
        let transport = transport.clone();
        async move { transport.limits(&CallOptions::new()).await }
    });
    until(|| fake.path("waiting").exists()).await;
    let call = CallOptions::new().with_timeout(Some(Duration::from_millis(100)));
    let error = transport.limits(&call).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent));
    std::fs::write(fake.path("go"), "").unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(fake.calls().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_that_has_gone_is_not_sent() {
    let fake = Fake::new();
    let copy = fake.path("sf");
    // A copy could be open for writing in a child that another test is starting, and could not be started then.
    std::os::unix::fs::symlink(crate::fake::program(), &copy).unwrap();
    let discovery =
        Discovery::new().without_search().at("/no/such/sf").at(&copy).env("FAKE_SF_DIR", fake.path(""));
    let command = discovery.find().await.unwrap();
    assert_eq!(command.path(), copy);
    let transport = Sf::command(&command).target_org("desk").connect().unwrap();
    std::fs::remove_file(&copy).unwrap();
    let error = transport.limits(&CallOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Setup, Delivery::NotSent));
    assert!(error.help().next_step.contains("npm install"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_place_when_a_page_is_asked_for_ahead_then_calls_between_the_rows_do_not_wait_for_it() {
    let org = TestOrg::builder().accounts(30).page_size(10).build();
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org);
    let client = sf_core::Org::new(fake.sf().await.concurrency(1).connect().unwrap());
    let accounts = org.rows(&object!("Account")).len();
    let read = async {
        let mut rows =
            client.query(sf_core::Soql::raw("SELECT Id FROM Account ORDER BY Id")).with_prefetch(1);
        let mut seen = 0;
        while rows.try_next().await.unwrap().is_some() {
            client.limits().await.unwrap();
            seen += 1;
        }
        seen
    };
    assert_eq!(timeout(Duration::from_secs(60), read).await.expect("it waits for itself"), accounts);
}

const BODY: usize = 300_000;
async fn upload(folder: &std::path::Path, by_file: bool) {
    let discovery = Discovery::new().without_search().at(crate::fake::program()).home(folder.join("home"));
    let command = discovery.env("FAKE_SF_DIR", folder).find().await.unwrap();
    let sf = Sf::command(&command).target_org("desk").temp_dir(folder.join("temp"));
    let transport = if by_file { sf.bodies_by_file() } else { sf }.connect().unwrap();
    let rows = sf_core::protocol::Body::Csv("x".repeat(BODY).into());
    let request = sf_core::protocol::Request::post(["x"]).with_body(rows);
    drop(transport.call(&request, &CallOptions::new()).await);
}

/// The rest of the body would be missing, and of a CSV nobody notices that.
#[cfg(unix)]
#[tokio::test]
async fn given_a_parent_that_is_killed_before_the_child_has_read_then_the_child_has_the_whole_body() {
    let fake = Fake::new();
    std::fs::create_dir(fake.path("temp")).unwrap();
    fake.rule(json!({"when": ["--method=POST"], "read_after": "go", "stdout": rest(200, json!([]))}));
    let mut parent = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process::a_parent_that_is_killed", "--ignored"])
        .env("SF_TEST_PARENT", fake.path(""))
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    until(|| fake.path("waiting").exists()).await;
    parent.kill().unwrap();
    parent.wait().unwrap();
    std::fs::write(fake.path("go"), "").unwrap();
    until(|| !fake.calls().is_empty()).await;
    assert_eq!(fake.call()["body"].as_str().map(str::len), Some(BODY));
    assert_eq!(fake.left_over(), 0);
}

#[tokio::test]
#[ignore = "started by given_a_parent_that_is_killed_before_the_child_has_read_then_the_child_has_the_whole_body"]
async fn a_parent_that_is_killed() {
    if let Some(folder) = std::env::var_os("SF_TEST_PARENT") {
        upload(std::path::Path::new(&folder), false).await;
    }
}

/// What it left is swept up by the next process that needs a folder there, and not before it has gone.
#[cfg(unix)]
#[tokio::test]
async fn given_a_parent_that_is_killed_then_the_next_one_removes_its_folder() {
    let fake = Fake::new();
    std::fs::create_dir(fake.path("temp")).unwrap();
    fake.rule(
        json!({"when": ["--method=POST"], "times": 1, "read_after": "go", "stdout": rest(200, json!([]))}),
    );
    fake.rule(json!({"when": ["--method=POST"], "stdout": rest(200, json!([]))}));
    let process = || {
        let mut process = std::process::Command::new(std::env::current_exe().unwrap());
        process.args(["--exact", "process::a_parent_with_folders", "--ignored"]);
        process.env("SF_TEST_PARENT", fake.path("")).stdout(std::process::Stdio::null());
        process
    };
    let mut parent = process().spawn().unwrap();
    until(|| fake.path("waiting").exists()).await;
    assert!(process().status().unwrap().success());
    assert_eq!(fake.left_over(), 1, "the first one lives");
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert_eq!(fake.left_over(), 1);
    assert!(process().status().unwrap().success());
    assert_eq!(fake.left_over(), 0);
    std::fs::write(fake.path("go"), "").unwrap();
}

#[tokio::test]
#[ignore = "started by given_a_parent_that_is_killed_then_the_next_one_removes_its_folder"]
async fn a_parent_with_folders() {
    if let Some(folder) = std::env::var_os("SF_TEST_PARENT") {
        upload(std::path::Path::new(&folder), true).await;
    }
}
