//! A body whose source gives nothing more: the call ends in time, and so does the program.
use crate::once;
use sf_core::{
    Delivery, ErrorKind, Fields, Transport, field, object,
    protocol::{
        Content, Request,
        files::{FileForm, NewFile},
    },
};
use std::{
    io::{self, Read},
    net::TcpListener,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tokio::sync::oneshot::Sender;

const URL: &str = "SF_TEST_BLOCKED_URL";

fn upload(content: Content) -> Request {
    let fields = Fields::new().set(field!("PathOnClient"), "a.txt");
    let file = NewFile::new(object!("ContentVersion"), fields, field!("VersionData"), "a.txt", content);
    file.request(FileForm::Multipart).unwrap()
}

/// Standard input that says when it is read for the first time.
struct Told(Option<Sender<()>>);
impl Read for Told {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(begun) = self.0.take() {
            begun.send(()).unwrap();
        }
        io::stdin().read(buffer)
    }
}

/// The child of the test below.
#[ignore = "run by the test below"]
#[test]
fn child_process_that_uploads_its_standard_input() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let org = crate::transport(&std::env::var(URL).unwrap());
        // Long enough for a connection in a process that has just begun.
        let short = once().with_timeout(Duration::from_secs(3));
        let e = org.call(&upload(Content::once(io::stdin())), &short).await.unwrap_err();
        assert_eq!((e.kind(), e.delivery()), (ErrorKind::Timeout, Delivery::Unknown), "{e}");
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (request, options) = (upload(Content::once(Told(Some(begun)))), once());
        tokio::select! {
            answer = org.call(&request, &options) => panic!("{answer:?}"),
            begun = has_begun => begun.unwrap(),
        }
    });
    // Waits for all threads of its pool, as it does at the end of `main`.
    drop(runtime);
}

#[test]
fn a_source_that_blocks_for_ever_does_not_keep_the_program_from_its_end() {
    // Connections wait to be accepted.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "blocked::child_process_that_uploads_its_standard_input"])
        .env(URL, format!("http://{}", server.local_addr().unwrap()))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // Open, and nothing comes.
    let _stdin = child.stdin.take().unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > patience {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the program waits for its source");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success());
}
