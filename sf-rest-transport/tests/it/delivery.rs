//! What may have arrived: told by what broke, and when.
use crate::{
    CREATED, insert, once, rest,
    tcp::{Act, Scripted, nobody},
    transport,
};
use sf_core::{
    CallOptions, Delivery, ErrorKind, RowOutcome, Transport, WriteOptions,
    protocol::{Body, BodySource, Method, Request, Safety},
};
use sf_rest_transport::Network;
use std::{io, sync::Arc, time::Duration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The one row's failure.
async fn write_one(url: &str) -> sf_core::Failure {
    let outcomes = transport(url).write(&[insert("Acme")], &WriteOptions::new()).await.unwrap();
    match outcomes.into_iter().next().unwrap() {
        RowOutcome::Failed(failure) => failure,
        done => panic!("{done:?}"),
    }
}
fn post() -> Request {
    Request::post(["composite", "sobjects"]).with_json("{}")
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let url = nobody().await;
    let transport = transport(&url);
    let options = WriteOptions::new().with_call(once());
    let e = transport.write(&[insert("Acme")], &options).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Network, Delivery::NotSent));
    assert!(e.to_string().contains("refused the connection"), "{e}");
    assert!(e.help().next_step.contains("is the server running"), "{}", e.help().next_step);
    assert_eq!(transport.usage().calls, 0);
    assert_eq!(transport.usage().bytes_out, 0);
}

#[tokio::test]
async fn an_unknown_host_sent_nothing() {
    // A label of 64 characters: no resolver asks the network for it.
    let url = format!("https://{}.invalid", "a".repeat(64));
    let e = rest(&url).connect().unwrap().call(&post(), &once()).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Network, Delivery::NotSent), "{e:?}");
    assert!(e.to_string().contains("was not found"), "{e:?}");
}

#[tokio::test]
async fn a_failed_handshake_sent_nothing() {
    let server = Scripted::play([Act::Greet("not TLS at all\r\n")]).await;
    let https = server.url.replace("http://127.0.0.1", "https://localhost");
    let e = rest(&https).connect().unwrap().call(&post(), &once()).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Network, Delivery::NotSent), "{e:?}");
}

fn own_certificate() -> (String, tokio_rustls::TlsAcceptor) {
    crate::login_host::certified("localhost")
}

/// One connection that is answered once.
async fn answered(listener: tokio::net::TcpListener, acceptor: tokio_rustls::TlsAcceptor) {
    let (stream, _) = listener.accept().await.unwrap();
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let mut head = [0; 4096];
    assert!(stream.read(&mut head).await.unwrap() > 0);
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
    stream.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_certificate_that_is_given_is_trusted_and_with_only_given_roots_no_other() {
    let ((pem, acceptor), (other, _)) = (own_certificate(), own_certificate());
    let networks = [
        (Network::new().root_certificates(pem.as_str()), true),
        (Network::new().root_certificates(pem.as_str()).only_given_roots(), true),
        (Network::new().root_certificates(other.as_str()).only_given_roots(), false),
    ];
    for (network, trusted) in networks {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let server = tokio::spawn(answered(listener, acceptor.clone()));
        let transport = rest(&url).network(network.no_proxy()).connect().unwrap();
        let outcome = transport.call(&Request::get(["limits"]), &once()).await;
        assert_eq!(outcome.is_ok(), trusted, "{outcome:?}");
        server.await.unwrap();
    }
}

#[tokio::test]
async fn an_untrusted_certificate_gets_no_token_and_no_second_try() {
    let (_, acceptor) = own_certificate();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let handshake = acceptor.accept(stream).await.map(|_| ());
        let again = tokio::time::timeout(Duration::from_millis(300), listener.accept()).await;
        (handshake.is_err(), again.is_err())
    });
    let e = rest(&url).connect().unwrap().call(&post(), &CallOptions::new()).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Setup, Delivery::NotSent), "{e:?}");
    assert!(e.help().next_step.contains("certificates"), "{e:?}");
    assert_eq!(server.await.unwrap(), (true, true));
}

#[tokio::test]
async fn a_connection_that_is_not_made_in_time_sent_nothing() {
    let server = Scripted::play([Act::Deaf]).await;
    let https = server.url.replace("http://127.0.0.1", "https://localhost");
    let slow = rest(&https)
        .network(Network::new().allow_loopback_http().connect_timeout(Duration::from_millis(50)))
        .connect()
        .unwrap();
    let e = slow.call(&post(), &once()).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Timeout, Delivery::NotSent), "{e:?}");

    // The time of the whole call is over first: still nothing has left.
    let options = once().with_timeout(Duration::from_millis(50));
    let e = rest(&https).connect().unwrap().call(&post(), &options).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Timeout, Delivery::NotSent), "{e:?}");
}

#[tokio::test]
async fn a_lost_answer_leaves_the_rows_unknown_and_is_not_repeated() {
    for act in [Act::Reset, Act::Say(String::new()), Act::Say("HTTP/1.1 20".into())] {
        let server = Scripted::play([act.clone()]).await;
        let failure = write_one(&server.url).await;
        assert_eq!((failure.kind, failure.delivery), (ErrorKind::Network, Delivery::Unknown), "{act:?}");
        assert_eq!(server.requests(), 1, "{act:?}");
    }
}

#[tokio::test]
async fn a_torn_success_leaves_the_rows_unknown_and_is_not_repeated() {
    let server = Scripted::play([Act::torn(200, CREATED)]).await;
    let failure = write_one(&server.url).await;
    assert_eq!((failure.kind, failure.delivery), (ErrorKind::Network, Delivery::Unknown));
    assert_eq!(failure.status, Some(200));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn an_idempotent_write_is_not_repeated_either() {
    let server = Scripted::play([Act::Reset]).await;
    let request = Request::new(Method::Patch, ["sobjects", "Account", "001000000000001AAA"])
        .with_json("{}")
        .with_safety(Safety::Idempotent);
    let e = transport(&server.url).call(&request, &CallOptions::new()).await.unwrap_err();
    assert_eq!(e.delivery(), Delivery::Unknown);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn silence_after_the_request_leaves_the_rows_unknown() {
    let server = Scripted::play([Act::Silence]).await;
    let transport = rest(&server.url).idle_timeout(Duration::from_millis(100)).connect().unwrap();
    let outcomes = transport.write(&[insert("Acme")], &WriteOptions::new()).await.unwrap();
    let RowOutcome::Failed(failure) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!((failure.kind, failure.delivery), (ErrorKind::Timeout, Delivery::Unknown));

    let server = Scripted::play([Act::Silence]).await;
    let options = WriteOptions::new().with_call(CallOptions::new().with_timeout(Duration::from_secs(1)));
    let outcomes = rest(&server.url).connect().unwrap().write(&[insert("Acme")], &options).await.unwrap();
    let RowOutcome::Failed(failure) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!((failure.kind, failure.delivery), (ErrorKind::Timeout, Delivery::Unknown));
    assert_eq!(server.requests(), 1);
}

/// A slow upload moves, so it is not silent, however long it takes.
#[tokio::test]
async fn an_upload_that_moves_is_not_cut_off_by_the_idle_timeout() {
    struct Slow;
    impl BodySource for Slow {
        fn open(&self) -> io::Result<Box<dyn io::Read + Send>> {
            struct Drip(u8);
            impl io::Read for Drip {
                fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                    if self.0 == 0 {
                        return Ok(0);
                    }
                    self.0 -= 1;
                    std::thread::sleep(Duration::from_millis(100));
                    let n = buffer.len().min(64 * 1024);
                    buffer[..n].fill(b'x');
                    Ok(n)
                }
            }
            Ok(Box::new(Drip(50)))
        }
        fn size(&self) -> Option<u64> {
            None
        }
        fn content_type(&self) -> &str {
            "text/csv"
        }
    }
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::method("PUT"))
        .respond_with(wiremock::ResponseTemplate::new(201))
        .mount(&server)
        .await;
    let transport = rest(&server.uri()).idle_timeout(Duration::from_secs(4)).connect().unwrap();
    let request = Request::new(Method::Put, ["slow"]).with_body(Body::Stream(Arc::new(Slow)));
    let start = std::time::Instant::now();
    transport.call(&request, &once()).await.unwrap();
    assert!(start.elapsed() > Duration::from_millis(4_200), "the upload was too quick to prove anything");
}

/// Text in memory moves too: not the first asking for it counts, but what the other side has taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_is_taken_slowly_is_not_cut_off_by_the_idle_timeout() {
    const TEXT: usize = 18 << 20;
    const IDLE: Duration = Duration::from_secs(4);
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    // Else the kernel takes more at once than is read in a pause.
    socket.set_recv_buffer_size(64 << 10).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut chunk = vec![0; 200 << 10];
        let mut seen = 0;
        // The last bytes come without pauses: what is in the kernels by then nobody sees move.
        let mut last = 0;
        while seen < TEXT || last != b'.' {
            let read = stream.read(&mut chunk).await.unwrap();
            assert!(read > 0, "cut off after {seen} bytes");
            let before = seen >> 20;
            seen += read;
            last = chunk[read - 1];
            if seen >> 20 > before && seen < TEXT - (6 << 20) {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
        stream
            .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        stream.shutdown().await.unwrap();
    });
    let text = "x".repeat(TEXT - 1) + ".";
    let request = Request::new(Method::Put, ["slow"]).with_body(Body::Csv(text.into()));
    let start = std::time::Instant::now();
    let transport = rest(&url).idle_timeout(IDLE).connect().unwrap();
    transport.call(&request, &once()).await.unwrap();
    assert!(start.elapsed() > IDLE * 5 / 4, "too quick to prove anything: {:?}", start.elapsed());
    assert_eq!(transport.usage().bytes_out, TEXT as u64);
    server.await.unwrap();
}

/// Nobody asks a body of no bytes for any, and its head leaves all the same.
#[tokio::test]
async fn a_write_with_an_empty_stream_whose_answer_is_lost_is_unknown() {
    struct Empty;
    impl BodySource for Empty {
        fn open(&self) -> io::Result<Box<dyn io::Read + Send>> {
            Ok(Box::new(io::empty()))
        }
        fn size(&self) -> Option<u64> {
            Some(0)
        }
        fn content_type(&self) -> &str {
            "text/csv"
        }
    }
    let server = Scripted::play([Act::Reset]).await;
    let request = Request::post(["sobjects", "Account"]).with_body(Body::Stream(Arc::new(Empty)));
    let e = transport(&server.url).call(&request, &CallOptions::new()).await.unwrap_err();
    assert_eq!((e.delivery(), server.requests()), (Delivery::Unknown, 1), "{e:?}");
}

#[tokio::test]
async fn a_write_that_was_never_sent_may_go_again() {
    // The first connection cannot be made: the port is taken, and nobody listens there yet.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let transport = transport(&format!("http://{}", socket.local_addr().unwrap()));
    let batch = [insert("Acme")];
    let options = WriteOptions::new();
    let write = transport.write(&batch, &options);
    let late_server = async {
        let listener = socket.listen(16).unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = vec![0; 65536];
        let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut seen).await.unwrap();
        let Act::Say(answer) = Act::answer(200, CREATED) else { unreachable!() };
        tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes()).await.unwrap();
    };
    // `join` polls the write first: its first connection meets nobody.
    let (outcomes, ()) = tokio::join!(write, async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        late_server.await;
    });
    // Up to three repeats within 250, 500 and 1000 ms of jitter: one of them meets the server.
    assert!(matches!(outcomes.unwrap()[0], RowOutcome::Done { created: true, .. }));
    assert_eq!(transport.usage().calls, 1);
}
