//! Connections that die, stall or are reused at the wrong moment: what was sent, and what may go again.
use crate::{CREATED, insert, once, rest, tcp::nobody};
use sf_core::{
    CallOptions, Delivery, ErrorKind, Failure, RowOutcome, Transport, WriteOptions,
    protocol::{Body, BodySource, Method, Request, Safety},
};
use sf_rest_transport::RestTransport;
use std::{
    io::{self, Read as _},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What a server does on one connection, step by step; at the end it closes.
#[derive(Debug, Clone)]
enum Step {
    /// Reads a whole request, and notes it.
    Request,
    /// Reads so many bytes.
    Bytes(usize),
    /// Reads the head of a request, and notes it.
    Head,
    /// Sends.
    Say(String),
    /// Reads and forgets until the client closes.
    Drain,
    /// Keeps the connection open and does nothing.
    Stall,
    /// A TCP reset.
    Reset,
    /// So many milliseconds.
    Pause(u64),
}
use Step::{Bytes, Drain, Head, Pause, Request as Whole, Reset, Say, Stall};

fn answer(status: u16, body: &str) -> Step {
    Say(format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}
/// The requests that arrived, by their first lines.
#[derive(Clone, Default)]
struct Arrived(Arc<Mutex<Vec<String>>>);
impl Arrived {
    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}
/// One script for each connection; after the last one nobody is let in.
async fn serve(connections: Vec<Vec<Step>>) -> (String, Arrived) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let arrived = Arrived::default();
    let seen = arrived.clone();
    tokio::spawn(async move {
        for script in connections {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(play(stream, script, seen.clone()));
        }
    });
    (url, arrived)
}
async fn play(mut stream: TcpStream, script: Vec<Step>, arrived: Arrived) {
    let mut chunk = vec![0; 1 << 16];
    for step in script {
        match step {
            Whole | Head => {
                let mut seen = Vec::new();
                loop {
                    if let Some(end) = seen.windows(4).position(|w| w == b"\r\n\r\n") {
                        let head = String::from_utf8_lossy(&seen[..end]).to_ascii_lowercase();
                        let length = head.lines().find_map(|l| l.strip_prefix("content-length:"));
                        let length: usize = length.map_or(0, |n| n.trim().parse().unwrap());
                        if matches!(step, Head) || seen.len() >= end + 4 + length {
                            arrived
                                .0
                                .lock()
                                .unwrap()
                                .push(head.lines().next().unwrap_or_default().to_owned());
                            break;
                        }
                    }
                    match stream.read(&mut chunk).await {
                        Ok(n) if n > 0 => seen.extend_from_slice(&chunk[..n]),
                        _ => return,
                    }
                }
            }
            Bytes(mut left) => {
                while left > 0 {
                    let most = left.min(chunk.len());
                    match stream.read(&mut chunk[..most]).await {
                        Ok(n) if n > 0 => left -= n,
                        _ => return,
                    }
                }
            }
            Say(text) => drop(stream.write_all(text.as_bytes()).await),
            Drain => while stream.read(&mut chunk).await.is_ok_and(|n| n > 0) {},
            Stall => std::future::pending().await,
            Reset => {
                stream.set_zero_linger().unwrap();
                return;
            }
            Pause(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
        }
    }
    stream.shutdown().await.ok();
}

fn impatient(url: &str) -> RestTransport {
    rest(url).idle_timeout(Duration::from_secs(4)).connect().unwrap()
}
async fn write(url: &str) -> sf_core::Result<Vec<RowOutcome>> {
    impatient(url).write(&[insert("A")], &WriteOptions::new()).await
}
fn limits() -> Request {
    Request::get(["limits"])
}

/// Where a connection can end, and what that means for a row and for a read.
#[tokio::test]
async fn wherever_a_connection_ends_a_row_is_in_doubt_once_and_a_read_goes_again() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n";
    let say = |text: String| Say(text);
    let cases = [
        ("after the request", vec![Whole], ErrorKind::Network),
        ("by a reset", vec![Whole, Reset], ErrorKind::Network),
        ("after a pause", vec![Whole, Pause(50), Reset], ErrorKind::Network),
        ("within the status line", vec![Whole, say("HTTP/1.1 2".into())], ErrorKind::Network),
        ("within the head", vec![Whole, say(head.into())], ErrorKind::Network),
        ("within the head, by a reset", vec![Whole, say(head.into()), Reset], ErrorKind::Network),
        ("before the body", vec![Whole, say(format!("{head}\r\n"))], ErrorKind::Network),
        ("within the body", vec![Whole, say(format!("{head}\r\n[{{\"id\":"))], ErrorKind::Network),
        (
            "within the body, by a reset",
            vec![Whole, say(format!("{head}\r\n[{{")), Pause(20), Reset],
            ErrorKind::Network,
        ),
        ("after 100", vec![Whole, say("HTTP/1.1 100 Continue\r\n\r\n".into())], ErrorKind::Network),
        ("stalled before the head", vec![Whole, Stall], ErrorKind::Timeout),
        ("stalled within the head", vec![Whole, say(head.into()), Stall], ErrorKind::Timeout),
        ("stalled within the body", vec![Whole, say(format!("{head}\r\n[")), Stall], ErrorKind::Timeout),
        (
            "stalled after 100",
            vec![Whole, say("HTTP/1.1 100 Continue\r\n\r\n".into()), Stall],
            ErrorKind::Timeout,
        ),
    ];
    let mut runs = Vec::new();
    for (label, script, kind) in cases {
        let writing = serve(vec![script.clone(), vec![Whole, answer(200, CREATED), Drain]]).await;
        let reading = serve(vec![script, vec![Whole, answer(200, "{}"), Drain]]).await;
        // Only who has to wait for the end of a silence is impatient: a busy machine is silent too.
        let to = |url: &str| match kind {
            ErrorKind::Timeout => impatient(url),
            _ => rest(url).connect().unwrap(),
        };
        runs.push((label, kind, to(&writing.0), writing.1, to(&reading.0), reading.1));
    }
    // Together, because half of them wait; made before, because that takes time from those who wait.
    let runs = runs.into_iter().map(|(label, kind, writes, written, reads, read)| {
        tokio::spawn(async move {
            let (row, twice) = ([insert("A")], CallOptions::new().with_attempts(2));
            let (write, read_again) = (WriteOptions::new(), limits());
            let (outcomes, answer) =
                tokio::join!(writes.write(&row, &write), reads.call(&read_again, &twice));
            let (outcomes, answer) = (outcomes.unwrap(), answer.unwrap());
            let failure = outcomes[0].failure().unwrap_or_else(|| panic!("{label} is a success"));
            assert_eq!((failure.kind, failure.delivery), (kind, Delivery::Unknown), "{label}: {failure:?}");
            assert_eq!(written.count(), 1, "{label}");
            assert_eq!((answer.text(), read.count()), ("{}", 2), "{label}");
        })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.unwrap();
    }
}

/// Nothing came at all: the connection could not be made.
#[tokio::test]
async fn a_connection_that_nobody_takes_sent_nothing_and_is_tried_again() {
    let url = nobody().await;
    let e = write(&url).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Network, Delivery::NotSent));
    let e = impatient(&url).call(&limits(), &once()).await.unwrap_err();
    assert_eq!((e.kind(), e.delivery()), (ErrorKind::Network, Delivery::NotSent));
}

/// Taken and closed at once: whether a byte left before that is a race. No side of it is a success or a second row.
#[tokio::test]
async fn a_connection_that_is_closed_unread_makes_no_row_and_no_second_one() {
    for script in [vec![], vec![Reset], vec![Bytes(1), Reset], vec![Head]] {
        let scripts = vec![script.clone(), script.clone(), script.clone(), script.clone()];
        let (url, arrived) = serve(scripts).await;
        match write(&url).await {
            Ok(outcomes) => assert_eq!(deliveries(&outcomes), [Some(Delivery::Unknown)], "{script:?}"),
            Err(e) => assert_eq!(e.delivery(), Delivery::NotSent, "{script:?}: {e:?}"),
        }
        assert!(arrived.count() <= 1, "{script:?}");
    }
}
fn deliveries(outcomes: &[RowOutcome]) -> Vec<Option<Delivery>> {
    outcomes.iter().map(|outcome| outcome.failure().map(|f| f.delivery)).collect()
}

/// More than the buffers of two sockets hold.
struct Large;
impl BodySource for Large {
    fn open(&self) -> io::Result<Box<dyn io::Read + Send>> {
        Ok(Box::new(io::repeat(b'x').take(24 << 20)))
    }
    fn size(&self) -> Option<u64> {
        Some(24 << 20)
    }
    fn content_type(&self) -> &str {
        "text/csv"
    }
}
async fn upload(url: &str) -> Failure {
    let request = Request::new(Method::Put, ["jobs", "ingest", "750", "batches"])
        .with_body(Body::Stream(Arc::new(Large)))
        .with_safety(Safety::Idempotent);
    impatient(url).call(&request, &CallOptions::new()).await.unwrap_err().into_failure()
}

#[tokio::test]
async fn a_connection_that_ends_within_an_upload_leaves_it_in_doubt() {
    for (label, script, kind) in [
        ("closed", vec![Head, Bytes(1 << 20)], ErrorKind::Network),
        ("reset", vec![Head, Bytes(1 << 20), Reset], ErrorKind::Network),
        ("stalled", vec![Head, Bytes(1 << 20), Stall], ErrorKind::Timeout),
    ] {
        let (url, arrived) = serve(vec![script, vec![Whole, answer(201, ""), Drain]]).await;
        let failure = upload(&url).await;
        assert_eq!((failure.kind, failure.delivery), (kind, Delivery::Unknown), "{label}: {failure:?}");
        assert_eq!(arrived.count(), 1, "{label}");
    }
}

/// A server that has seen enough says so and may read on or not.
#[tokio::test]
async fn an_answer_before_the_end_of_the_request_is_heard() {
    for (status, kind, delivery) in [
        (413, ErrorKind::LimitReached, Delivery::Refused),
        (401, ErrorKind::NotSignedIn, Delivery::NotSent),
        (503, ErrorKind::Unavailable, Delivery::Unknown),
    ] {
        let early = Say(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
        let (url, arrived) = serve(vec![vec![Head, early, Drain]]).await;
        let failure = upload(&url).await;
        assert_eq!((failure.kind, failure.delivery), (kind, delivery), "{status}: {failure:?}");
        assert_eq!(arrived.count(), 1, "{status}");
    }
    // Closed behind the answer, what the client still sends is reset: it hears the answer or that the connection broke.
    let early = Say("HTTP/1.1 413 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into());
    let (url, arrived) = serve(vec![vec![Head, early, Reset]]).await;
    let failure = upload(&url).await;
    assert!(
        matches!(
            (failure.kind, failure.delivery),
            (ErrorKind::LimitReached, Delivery::Refused) | (ErrorKind::Network, Delivery::Unknown)
        ),
        "{failure:?}"
    );
    assert_eq!(arrived.count(), 1);
}

/// Kept connections: one that the server has closed is noticed before anything is sent on it, and one that dies with the
/// request on it is like any other.
#[tokio::test]
async fn a_kept_connection_that_dies_loses_no_row_and_doubles_none() {
    // Closed while nobody looked. The next row takes another connection.
    let (url, arrived) =
        serve(vec![vec![Whole, answer(200, CREATED)], vec![Whole, answer(200, CREATED), Drain]]).await;
    let kept = rest(&url).connect().unwrap();
    assert!(kept.write(&[insert("A")], &WriteOptions::new()).await.unwrap()[0].is_done());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(kept.write(&[insert("B")], &WriteOptions::new()).await.unwrap()[0].is_done());
    assert_eq!(arrived.count(), 2);

    // It takes the second request and dies: in doubt, and not sent again on another connection.
    for end in [vec![Whole, answer(200, CREATED), Whole], vec![Whole, answer(200, CREATED), Head, Reset]] {
        let (url, arrived) = serve(vec![end.clone(), vec![Whole, answer(200, CREATED), Drain]]).await;
        let kept = rest(&url).connect().unwrap();
        assert!(kept.write(&[insert("A")], &WriteOptions::new()).await.unwrap()[0].is_done());
        let outcomes = kept.write(&[insert("B")], &WriteOptions::new()).await.unwrap();
        assert_eq!(deliveries(&outcomes), [Some(Delivery::Unknown)], "{end:?}");
        assert_eq!(arrived.count(), 2, "{end:?}");
        // A read goes again.
        let (url, arrived) = serve(vec![end, vec![Whole, answer(200, "{}"), Drain]]).await;
        let kept = rest(&url).connect().unwrap();
        kept.call(&limits(), &once()).await.unwrap();
        kept.call(&limits(), &CallOptions::new().with_attempts(2)).await.unwrap();
        assert_eq!(arrived.count(), 3);
    }
}

/// It closes at the very moment at which the next row comes. Whoever wins: one row, or a doubt, never two.
#[tokio::test]
async fn a_kept_connection_that_closes_at_the_moment_of_its_reuse_doubles_no_row() {
    for round in 0..30 {
        let (url, arrived) = serve(vec![
            // A write of no pause, a small one, a longer one: before, at and after the next request.
            vec![Whole, answer(200, CREATED), Pause(round % 3), Reset],
            vec![Whole, answer(200, CREATED), Drain],
        ])
        .await;
        let kept = rest(&url).connect().unwrap();
        kept.write(&[insert("A")], &WriteOptions::new()).await.unwrap();
        tokio::time::sleep(Duration::from_micros(round * 97)).await;
        let is_done = match kept.write(&[insert("B")], &WriteOptions::new()).await {
            Ok(outcomes) => {
                let [outcome] = &outcomes[..] else { panic!("{outcomes:?}") };
                assert!(
                    outcome.is_done() || deliveries(&outcomes) == [Some(Delivery::Unknown)],
                    "{outcomes:?}"
                );
                outcome.is_done()
            }
            Err(e) => panic!("{e:?}"),
        };
        // The first connection read no second request, so what arrived is on the second one.
        assert_eq!(arrived.count(), 1 + usize::from(is_done), "round {round}");
    }
}
