//! The children: what they show, how they end, how they meet.
use crate::real::{ALIAS, Real, command};
use sf_cli_transport::Sf;
use sf_core::{
    BulkIngest, CallOptions, Delivery, ErrorKind, Fields, Org, RowOutcome, SfId, Soql, Transport, Write,
    WriteOptions, field, object,
};
use sf_testorg::{Effect, Fault, On, SfLogin, TestOrg};
use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

const MARK: &str = "value-that-nobody-may-see";

fn rename(id: SfId, name: &str) -> Write {
    let fields = Fields::new().set(field!("Name"), name);
    Write::Update { object: object!("Account"), id, fields, if_unmodified_since: None }
}

fn account(org: &TestOrg) -> SfId {
    org.apply(Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), "Acme") })
        .unwrap()
}

/// The arguments of every process on this machine that works in this home.
fn commands(home: &Path) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let of_home = |path: &Path| {
        let environment = std::fs::read(path.join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&format!("HOME={}", home.display()))
    };
    let command = |path: &Path| {
        String::from_utf8_lossy(&std::fs::read(path.join("cmdline")).unwrap_or_default()).replace('\0', " ")
    };
    processes
        .filter(|path| of_home(path))
        .map(|path| command(&path))
        .filter(|text| !text.is_empty())
        .collect()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn no_argument_shows_a_token_or_a_value() {
    let real = Real::of(TestOrg::empty()).await;
    let (client, _) = real.client();
    let (stop, home) = (Arc::new(AtomicBool::new(false)), real.home().to_path_buf());
    let watch = std::thread::spawn({
        let stop = stop.clone();
        move || {
            let mut seen = BTreeSet::new();
            while !stop.load(Ordering::Relaxed) {
                seen.extend(commands(&home));
            }
            seen
        }
    });
    let fields =
        Fields::new().set(field!("Name"), MARK).set(field!("Description"), format!("{MARK} '\" --json"));
    let made =
        client.write([Write::Insert { object: object!("Account"), fields }], &WriteOptions::new()).await;
    let id = made[0].clone().into_result().unwrap().0;
    let found = format!("SELECT Id FROM Account WHERE Name = '{MARK}'");
    assert_eq!(client.query(sf_core::Soql::raw(found)).all().await.unwrap()[0].id, Some(id));
    client.write([rename(id, &format!("{MARK}-2"))], &WriteOptions::new()).await[0]
        .clone()
        .into_result()
        .unwrap();
    client.fetch::<sf_core::models::Account>(id).await.unwrap();
    client.identity().await.unwrap();
    let key = Fields::new()
        .set(field!("Name"), MARK)
        .set(field!("StageName"), "Prospecting")
        .set(field!("CloseDate"), "2030-01-31");
    let upsert = Write::Upsert { object: object!("Opportunity"), key: field!("Name"), fields: key };
    assert!(client.write([upsert], &WriteOptions::new()).await[0].is_done());
    let rows = (0..3).map(|n| Fields::new().set(field!("Name"), format!("{MARK} {n}")));
    let loaded = client.bulk_ingest(BulkIngest::insert(object!("Account")), rows).run().await.unwrap();
    assert!(loaded.outcomes.iter().all(RowOutcome::is_done));
    let found = Soql::raw(format!("SELECT Id FROM Account WHERE Name LIKE '{MARK}%'"));
    assert_eq!(client.bulk_query(found.clone()).all().await.unwrap().len(), 4);
    let many = Org::new(real.builder().connect_many_rows().unwrap());
    assert_eq!(many.query(found).all().await.unwrap().len(), 4);
    assert!(client.write([Write::Delete { id }], &WriteOptions::new()).await[0].is_done());
    let credentials = real.builder().credentials().unwrap();
    let token = sf_core::Credentials::token(&credentials, None).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    let seen = watch.join().unwrap();
    assert!(seen.iter().filter(|line| line.contains("api request rest")).count() >= 3, "{seen:#?}");
    let id = id.to_string();
    for line in &seen {
        for hidden in [MARK, token.expose(), &id, &id[..15]] {
            assert!(!line.contains(hidden), "{line}");
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn a_killed_update_is_unknown_and_leaves_no_process_and_no_file() {
    let real = Real::of(TestOrg::empty()).await;
    let id = account(&real.org);
    let temp = tempfile::tempdir().unwrap();
    let transport = real.builder().temp_dir(temp.path()).connect().unwrap();
    transport.identity(&CallOptions::new()).await.unwrap();
    // The org works on it at once, and its answer comes too late: the time of the call ends the process.
    real.org.inject(Fault::new(On::Operation("write".into()), Effect::Slow(Duration::from_secs(60))));
    let call = CallOptions::new().with_timeout(Duration::from_secs(8)).with_attempts(Some(1));
    let outcomes =
        transport.write(&[rename(id, "Late")], &WriteOptions::new().with_call(call)).await.unwrap();
    let RowOutcome::Failed(failure) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!((failure.kind, failure.delivery), (ErrorKind::Timeout, Delivery::Unknown), "{failure:?}");
    // Dropped in the middle: the same for the child.
    real.org.inject(Fault::new(On::Operation("query".into()), Effect::Slow(Duration::from_secs(60))));
    let ask = [sf_core::QueryCall::Start(sf_core::Soql::raw("SELECT Id FROM Account"))];
    let options = sf_core::QueryOptions::new();
    assert!(tokio::time::timeout(Duration::from_secs(3), transport.query(&ask, &options)).await.is_err());
    let files = || std::fs::read_dir(temp.path()).unwrap().count();
    for _ in 0..200 {
        if commands(real.home()).is_empty() && files() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!((commands(real.home()), files()), (vec![], 0));
    // And the command is none the worse.
    transport.write(&[rename(id, "Again")], &WriteOptions::new()).await.unwrap()[0]
        .clone()
        .into_result()
        .unwrap();
    assert_eq!(real.org.value(id, "Name"), "Again".into());
}

/// Pain 10: commands that start at once meet in the login files, which both write anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn two_processes_with_several_calls_each_share_a_home_from_its_first_use_on() {
    let real = Real::signed_in(TestOrg::empty(), SfLogin::RefreshToken).await;
    // Both find the session dead: both commands renew the login in the same file.
    real.org.expire_sessions();
    let children: Vec<_> = (0..2)
        .map(|n| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "processes::one_of_two_processes", "--ignored", "--nocapture"])
                .env("SF_TEST_HOME", real.home())
                .env("SF_TEST_NAME", format!("Process {n}"))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let done = child.wait_with_output().unwrap();
        assert!(
            done.status.success(),
            "{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
    }
    assert_eq!(real.org.rows(&object!("Account")).len(), 8);
}

/// Runs in a process of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by two_processes_with_several_calls_each_share_a_home_from_its_first_use_on"]
async fn one_of_two_processes() {
    let (Some(home), Ok(name)) = (std::env::var_os("SF_TEST_HOME"), std::env::var("SF_TEST_NAME")) else {
        panic!("started by another test only: leave it out with `--skip one_of_two_processes`");
    };
    let transport = Sf::command(&command(Path::new(&home)).await).target_org(ALIAS).connect().unwrap();
    let mut running = tokio::task::JoinSet::new();
    for n in 0..4 {
        let (transport, name) = (transport.clone(), format!("{name} row {n}"));
        running.spawn(async move {
            let fields = Fields::new().set(field!("Name"), name);
            let write = [Write::Insert { object: object!("Account"), fields }];
            transport.write(&write, &WriteOptions::new()).await.unwrap()[0].clone().into_result().unwrap();
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
}
