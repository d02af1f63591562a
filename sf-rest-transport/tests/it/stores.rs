//! What every token store promises, and what the encrypted file adds.
use crate::once;
use sf_core::{ErrorKind, Transport, protocol::Request};
use sf_rest_transport::{
    App, FileTokenStore, MemoryTokenStore, Rest, StoreKey, TokenKey, TokenStore, Tokens,
};
use sf_testorg::{ConnectedApp, TestOrg};
use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::timeout,
};

fn key(account: &str) -> TokenKey {
    TokenKey::new("https://login.salesforce.com", "3MVG9", account)
}
fn at(path: &Path) -> FileTokenStore {
    FileTokenStore::open(path, StoreKey::bytes([7; 32])).unwrap()
}

async fn keeps_the_contract(store: &dyn TokenStore) {
    let (one, two) = (key("one"), key("two"));
    let all = Tokens::refresh("r1")
        .with_access("a1", "https://acme.my.salesforce.com")
        .with_identity_url("https://login.salesforce.com/id/00D/005")
        .with_scope("api refresh_token")
        .with_rotated_from(["r0"]);
    assert_eq!(store.load(&one).await.unwrap(), None);
    assert_eq!(store.swap(&one, Some(1), Some(&all)).await.unwrap(), None, "nothing is there to be replaced");
    let first = store.swap(&one, None, Some(&all)).await.unwrap().unwrap();
    assert_eq!(
        store.swap(&one, None, Some(&Tokens::refresh("x"))).await.unwrap(),
        None,
        "something is there"
    );
    let read = store.load(&one).await.unwrap().unwrap();
    assert_eq!((read.revision, read.tokens), (first, all));
    // Another account of the same app, and what it is not.
    store.swap(&two, None, Some(&Tokens::access("a2", "https://x"))).await.unwrap().unwrap();
    assert_eq!(store.load(&one).await.unwrap().unwrap().revision, first);
    let second = store.swap(&one, Some(first), Some(&Tokens::refresh("r2"))).await.unwrap().unwrap();
    assert_ne!(second, first);
    assert_eq!(store.swap(&one, Some(first), None).await.unwrap(), None, "seen is old");
    assert_eq!(store.swap(&one, Some(second), None).await.unwrap(), Some(0));
    assert_eq!(store.load(&one).await.unwrap(), None);
    let third = store.swap(&one, None, Some(&Tokens::refresh("r3"))).await.unwrap().unwrap();
    assert!(third != first && third != second);
    assert!(store.load(&two).await.unwrap().unwrap().tokens.refresh_token().is_none());
    // The lock keeps others of its key out, and nobody else.
    let held = store.lock(&one).await.unwrap();
    assert!(timeout(Duration::from_millis(60), store.lock(&one)).await.is_err());
    drop(timeout(Duration::from_secs(5), store.lock(&two)).await.unwrap().unwrap());
    store.swap(&one, Some(third), Some(&Tokens::refresh("r4"))).await.unwrap().unwrap();
    drop(held);
    drop(timeout(Duration::from_secs(5), store.lock(&one)).await.unwrap().unwrap());
}

#[tokio::test]
async fn every_store_keeps_the_contract() {
    keeps_the_contract(&MemoryTokenStore::new()).await;
    let folder = tempfile::tempdir().unwrap();
    keeps_the_contract(&at(&folder.path().join("tokens"))).await;
    let passphrase = StoreKey::passphrase("correct horse").unwrap();
    keeps_the_contract(&FileTokenStore::open(folder.path().join("others"), passphrase).unwrap()).await;
}

#[tokio::test]
async fn racing_writers_lose_no_writing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens");
    let writers: Vec<_> = (0..8)
        .map(|n| {
            let store = at(&path);
            tokio::spawn(async move {
                let (mut won, key) = (0, key("shared"));
                while won < 5 {
                    let seen = store.load(&key).await.unwrap().map(|stored| stored.revision);
                    let new = Tokens::refresh(format!("{n}-{won}"));
                    won += u32::from(store.swap(&key, seen, Some(&new)).await.unwrap().is_some());
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(at(&path).load(&key("shared")).await.unwrap().unwrap().revision, 40);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_the_owners_alone_and_holds_no_secret_in_clear() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens");
    let tokens =
        Tokens::refresh("refreshS3cret").with_access("accessS3cret", "https://acme.my.salesforce.com");
    let store = at(&path);
    let revision = store.swap(&key("one"), None, Some(&tokens)).await.unwrap();
    drop(store.lock(&key("one")).await.unwrap());
    store.swap(&key("one"), revision, Some(&tokens)).await.unwrap().unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
        assert!(!text.contains("S3cret") && !text.contains("acme"), "{text}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names.len(), 3, "the file and two locks, nothing left over: {names:?}");
    assert!(!format!("{store:?}").contains("7, 7"));
}

#[tokio::test]
async fn a_wrong_key_or_a_damaged_file_is_an_error_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens");
    let right = || StoreKey::passphrase("right").unwrap();
    let store = FileTokenStore::open(&path, right()).unwrap();
    store.swap(&key("one"), None, Some(&Tokens::refresh("r"))).await.unwrap().unwrap();
    let before = fs::read(&path).unwrap();
    for wrong in [StoreKey::passphrase("wrong").unwrap(), StoreKey::bytes([1; 32])] {
        let e = FileTokenStore::open(&path, wrong).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Setup);
        assert!(e.failure().next_step.is_some());
    }
    // Damaged while it is open: reading and writing fail, the bytes stay for whoever can mend them.
    let mut damaged = before.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for bytes in [damaged, b"{}".to_vec(), Vec::new()] {
        fs::write(&path, &bytes).unwrap();
        assert!(store.load(&key("one")).await.is_err());
        assert!(store.swap(&key("two"), None, Some(&Tokens::refresh("x"))).await.is_err());
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    fs::write(&path, before).unwrap();
    assert!(store.load(&key("one")).await.unwrap().is_some());
    let e = FileTokenStore::open(folder.path().join("no/such/tokens"), right()).unwrap_err();
    assert!(e.to_string().contains("does not exist"), "{e}");
}

/// The file was begun anew by another process, with another salt.
#[tokio::test]
async fn a_file_that_was_made_anew_is_read_with_its_new_salt() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("tokens"), folder.path().join("other"));
    let open = |path| FileTokenStore::open(path, StoreKey::passphrase("same").unwrap()).unwrap();
    let store = open(&path);
    store.swap(&key("one"), None, Some(&Tokens::refresh("r"))).await.unwrap().unwrap();
    open(&other).swap(&key("two"), None, Some(&Tokens::refresh("s"))).await.unwrap().unwrap();
    fs::rename(&other, &path).unwrap();
    assert!(store.load(&key("one")).await.unwrap().is_none());
    assert!(store.load(&key("two")).await.unwrap().is_some());
    store.swap(&key("one"), None, Some(&Tokens::refresh("t"))).await.unwrap().unwrap();
    assert!(open(&path).load(&key("one")).await.unwrap().is_some());
}

const LOGIN: &str = "SF_TEST_STORES_LOGIN";
const STORE: &str = "SF_TEST_STORES_PATH";
const READY: &str = "ready for the signal";

/// The child of the test below.
#[ignore = "run by the test below"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_process_that_makes_ten_calls() {
    let (login, path) = (std::env::var(LOGIN).unwrap(), std::env::var(STORE).unwrap());
    let app = App::new(login, "3MVG9shared").allow_loopback_http().store(at(Path::new(&path)));
    let session = app.stored_session().await.unwrap().unwrap();
    let rest = Rest::with_credentials(session).allow_loopback_http().connect().unwrap();
    // Not by `println!`, which the test harness keeps to itself.
    io::stdout().write_all(format!("\n{READY}\n").as_bytes()).unwrap();
    io::stdout().flush().unwrap();
    io::stdin().read_exact(&mut [0]).unwrap();
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let rest = rest.clone();
            tokio::spawn(async move { rest.call(&Request::get(["limits"]), &once()).await.map(|_| ()) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

/// A login host that lets nobody through until the org has refused the calls of both processes.
async fn held_until_both_have_met(org: TestOrg, url: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let held = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let (org, address) = (org.clone(), url.trim_start_matches("http://").to_owned());
            tokio::spawn(async move {
                while limits(&org, 401) < 20 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                let mut server = TcpStream::connect(address).await.unwrap();
                copy_bidirectional(&mut client, &mut server).await.ok();
            });
        }
    });
    held
}

/// Pain 4: the same across processes.
/// Pain 6: the same across processes: the app rotates refresh tokens, so a second request with the old one would end both sessions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_with_one_store_make_one_token_request() {
    let org = TestOrg::builder().accounts(1).build();
    let app = ConnectedApp::new("3MVG9shared").secret_optional().rotate_refresh_tokens().loopback_callbacks();
    org.add_connected_app(app);
    let server = org.serve().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens");
    let login = held_until_both_have_met(org.clone(), server.url().to_owned()).await;
    // Signed in once, by this process; the children find the tokens under the login host that holds them up.
    let direct = App::new(server.url(), "3MVG9shared").allow_loopback_http();
    let pending = direct.authorization_code().callback("http://127.0.0.1:7/").begin().unwrap();
    let back = crate::sign_in::redirect(pending.url(), &org.credentials().username, "allow").await;
    let tokens = pending.finish(&back).await.unwrap().tokens();
    let key = TokenKey::new(login.as_str(), "3MVG9shared", "default");
    at(&path).swap(&key, None, Some(&tokens)).await.unwrap().unwrap();
    org.expire_sessions();
    let before = token_requests(&org);

    let mut children: Vec<_> = (0..2)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "stores::child_process_that_makes_ten_calls"])
                .env(LOGIN, &login)
                .env(STORE, &path)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let ended = tokio::task::spawn_blocking(move || {
        for child in &mut children {
            let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
            assert!(said.any(|line| line.unwrap() == READY));
            std::thread::spawn(move || said.for_each(drop));
        }
        for child in &mut children {
            child.stdin.take().unwrap().write_all(b"!").unwrap();
        }
        children.into_iter().all(|mut child| child.wait().unwrap().success())
    });
    let ended = timeout(Duration::from_secs(60), ended).await.expect("a process waits for ever");
    assert!(ended.unwrap());
    assert_eq!(token_requests(&org) - before, 1);
    assert_eq!((limits(&org, 401), limits(&org, 200)), (20, 20));
    let stored = at(&path).load(&key).await.unwrap().unwrap().tokens;
    assert_ne!(stored.refresh_token(), tokens.refresh_token(), "rotated");
}

/// Requests for the limits that the org answered so.
fn limits(org: &TestOrg, status: u16) -> usize {
    org.calls().iter().filter(|call| call.operation() == "limits" && call.status == status).count()
}
fn token_requests(org: &TestOrg) -> usize {
    org.calls().iter().filter(|call| call.operation() == "token").count()
}
