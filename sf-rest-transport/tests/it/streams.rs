use crate::{
    TOKEN, once,
    tcp::{Act, Scripted},
    transport,
};
use sf_core::{
    CallOptions, Delivery, ErrorKind, Transport,
    protocol::{Body, BodySink, BodySource, Method, Request, Safety},
};
use sf_rest_transport::{App, Rest, Tokens};
use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

/// 200,000 bytes in more than one chunk, opened as often as it is sent.
struct Rows {
    opened: AtomicUsize,
    fails: bool,
}
impl BodySource for Rows {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        self.opened.fetch_add(1, SeqCst);
        if self.fails {
            return Err(io::Error::other("disk gone"));
        }
        Ok(Box::new(io::repeat(b'x').take(200_000)))
    }
    fn size(&self) -> Option<u64> {
        Some(200_000)
    }
    fn content_type(&self) -> &str {
        "text/csv"
    }
}
fn upload(source: Arc<Rows>) -> Request {
    Request::new(Method::Put, ["jobs", "ingest", "750x", "batches"])
        .with_body(Body::Stream(source))
        .with_safety(Safety::Idempotent)
}

#[tokio::test]
async fn an_upload_streams_and_starts_again_after_a_new_sign_in() {
    let server = MockServer::start().await;
    Mock::given(path("/services/oauth2/token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(serde_json::json!({
            "access_token": "fresh", "instance_url": server.uri(), "token_type": "Bearer"
        })))
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(header("authorization", "Bearer old"))
        .respond_with(ResponseTemplate::new(401).set_body_raw(
            r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
            "application/json",
        ))
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(header("authorization", "Bearer fresh"))
        .and(header("content-type", "text/csv"))
        .and(header("content-length", "200000"))
        .respond_with(ResponseTemplate::new(201))
        .expect(1)
        .mount(&server)
        .await;
    let tokens = Tokens::refresh("refresh").with_access("old", server.uri());
    let credentials = App::new(server.uri(), "client").allow_loopback_http().session(tokens).unwrap();
    let transport = Rest::with_credentials(credentials).allow_loopback_http().connect().unwrap();
    let rows = Arc::new(Rows { opened: AtomicUsize::new(0), fails: false });
    assert_eq!(transport.call(&upload(rows.clone()), &once()).await.unwrap().status, 201);
    assert_eq!(rows.opened.load(SeqCst), 2);
    assert_eq!(transport.usage().bytes_out, 400_000);
    let sent = server.received_requests().await.unwrap();
    assert_eq!(sent.last().unwrap().body.len(), 200_000);
}

/// A file that is moved as soon as the call is over. The read behind its last byte takes its time.
#[tokio::test]
async fn an_upload_of_known_size_has_let_go_of_its_source_when_the_call_is_over() {
    struct File {
        size: usize,
        is_open: Arc<AtomicBool>,
    }
    struct Handle {
        left: usize,
        is_open: Arc<AtomicBool>,
    }
    impl BodySource for File {
        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            self.is_open.store(true, SeqCst);
            Ok(Box::new(Handle { left: self.size, is_open: self.is_open.clone() }))
        }
        fn size(&self) -> Option<u64> {
            Some(self.size as u64)
        }
        fn content_type(&self) -> &str {
            "text/csv"
        }
    }
    impl Read for Handle {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.left == 0 {
                std::thread::sleep(Duration::from_secs(2));
            }
            let length = buffer.len().min(self.left);
            buffer[..length].fill(b'x');
            self.left -= length;
            Ok(length)
        }
    }
    impl Drop for Handle {
        fn drop(&mut self) {
            self.is_open.store(false, SeqCst);
        }
    }
    let server = MockServer::start().await;
    Mock::given(method("PUT")).respond_with(ResponseTemplate::new(201)).mount(&server).await;
    let transport = transport(&server.uri());
    for size in [0, 1, 64 << 10, 200_000] {
        let is_open = Arc::new(AtomicBool::new(false));
        let file = Body::Stream(Arc::new(File { size, is_open: is_open.clone() }));
        let request = Request::new(Method::Put, ["jobs", "ingest", "750x", "batches"]).with_body(file);
        transport.call(&request, &once()).await.unwrap();
        assert!(!is_open.load(SeqCst), "{size}");
        assert_eq!(server.received_requests().await.unwrap().last().unwrap().body.len(), size);
    }
}

#[tokio::test]
async fn an_upload_that_cannot_be_opened_sends_nothing() {
    let rows = Arc::new(Rows { opened: AtomicUsize::new(0), fails: true });
    let e = transport(&crate::tcp::nobody().await).call(&upload(rows), &once()).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
}

/// A file that is still written to, or that was cut off: what arrives is not what was meant.
#[tokio::test]
async fn a_source_that_is_not_of_its_size_is_no_success() {
    struct Sized(u64, u64);
    impl BodySource for Sized {
        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(io::repeat(b'x').take(self.0)))
        }
        fn size(&self) -> Option<u64> {
            Some(self.1)
        }
        fn content_type(&self) -> &str {
            "text/csv"
        }
    }
    for (bytes, said) in [(9, 5), (5, 9), (100_000, 70_000), (0, 1)] {
        let server = Scripted::play([Act::answer(201, "")]).await;
        let request =
            Request::new(Method::Put, ["slow"]).with_body(Body::Stream(Arc::new(Sized(bytes, said))));
        let outcome = transport(&server.url).call(&request, &once()).await;
        let e = outcome.expect_err(&format!("{bytes} of {said}"));
        assert_ne!(e.delivery(), Delivery::Refused, "{bytes} of {said}: {e:?}");
    }
}

#[derive(Default)]
struct Memory {
    bytes: Vec<u8>,
    room: Option<usize>,
}
impl BodySink for Memory {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        if self.room.is_some_and(|room| self.bytes.len() + chunk.len() > room) {
            return Err(io::Error::other("no space left"));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }
}

#[tokio::test]
async fn a_download_goes_to_the_sink_whatever_its_size() {
    let server = MockServer::start().await;
    let file: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    Mock::given(method("GET"))
        .respond_with(
            ResponseTemplate::new(200)
                .insert_header("sforce-locator", "MTAwMDA")
                .set_body_raw(file.clone(), "application/octet-stream"),
        )
        .mount(&server)
        .await;
    let transport =
        Rest::at(server.uri()).token(TOKEN).allow_loopback_http().body_limit(10).connect().unwrap();
    let mut sink = Memory::default();
    let answer = transport.download(&Request::get(["file"]), &mut sink, &once()).await.unwrap();
    assert_eq!((answer.text(), answer.header("sforce-locator")), ("", Some("MTAwMDA")));
    assert!(sink.bytes == file);
    assert_eq!(transport.usage().bytes_in, 300_000);

    let mut small = Memory { room: Some(1000), ..Memory::default() };
    let e = transport.download(&Request::get(["file"]), &mut small, &CallOptions::new()).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Setup);
    assert!(std::error::Error::source(&e).unwrap().to_string().contains("no space left"));
}

#[tokio::test]
async fn a_refused_download_leaves_the_sink_alone() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(404).set_body_raw(
            r#"[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]"#,
            "application/json",
        ))
        .mount(&server)
        .await;
    let mut sink = Memory::default();
    let e = transport(&server.uri()).download(&Request::get(["x"]), &mut sink, &once()).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::NotFound);
    assert!(sink.bytes.is_empty());
}

#[tokio::test]
async fn a_download_that_broke_off_is_not_doubled() {
    let server = Scripted::play([Act::torn(200, "half"), Act::answer(200, "whole")]).await;
    let mut sink = Memory::default();
    let options = CallOptions::new().with_attempts(3);
    let e = transport(&server.url).download(&Request::get(["x"]), &mut sink, &options).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Network);
    assert_eq!((sink.bytes.as_slice(), server.requests()), (b"half".as_slice(), 1));
}
