//! A server that does what no HTTP library would: one act per connection.
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Reads the request, then resets the connection.
    Reset,
    /// Reads the request, sends these bytes, closes.
    Say(String),
    /// The same of what is no text.
    Bytes(Vec<u8>),
    /// Reads the request and keeps silent.
    Silence,
    /// Does not even read.
    Deaf,
    /// Speaks before it is spoken to.
    Greet(&'static str),
}
impl Act {
    pub(crate) fn answer(status: u16, body: &str) -> Act {
        Act::Say(format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))
    }
    /// Promises more than it sends.
    pub(crate) fn torn(status: u16, body: &str) -> Act {
        Act::Say(format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len() + 100
        ))
    }
}

pub(crate) struct Scripted {
    pub(crate) url: String,
    requests: Arc<AtomicUsize>,
}
impl Scripted {
    /// Plays the acts one connection after the other; the last one goes on for ever.
    pub(crate) async fn play(acts: impl Into<Vec<Act>>) -> Scripted {
        let acts = acts.into();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let seen = requests.clone();
        tokio::spawn(async move {
            let mut n = 0;
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let act = acts[n.min(acts.len() - 1)].clone();
                n += 1;
                tokio::spawn(perform(stream, act, seen.clone()));
            }
        });
        Scripted { url, requests }
    }
    /// Whole requests that arrived.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }
}

async fn perform(mut stream: TcpStream, act: Act, requests: Arc<AtomicUsize>) {
    if !matches!(act, Act::Deaf | Act::Greet(_)) {
        read_request(&mut stream).await;
        requests.fetch_add(1, SeqCst);
    }
    match act {
        Act::Reset => stream.set_zero_linger().unwrap(),
        Act::Say(text) => speak(&mut stream, text.as_bytes()).await,
        Act::Bytes(bytes) => speak(&mut stream, &bytes).await,
        Act::Greet(text) => speak(&mut stream, text.as_bytes()).await,
        Act::Silence | Act::Deaf => {
            std::future::pending::<()>().await;
        }
    }
}

/// The client may go away in the middle.
async fn speak(stream: &mut TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).await.ok();
    stream.shutdown().await.ok();
}

async fn read_request(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = seen.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&seen[..end]).to_ascii_lowercase();
            let length: usize = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length:"))
                .map_or(0, |n| n.trim().parse().unwrap());
            if seen.len() >= end + 4 + length {
                return;
            }
        }
        let n = stream.read(&mut chunk).await.unwrap();
        assert!(n > 0, "the client went away");
        seen.extend_from_slice(&chunk[..n]);
    }
}

/// An address where nobody listens.
pub(crate) async fn nobody() -> String {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    // Bound and never listening, for as long as the tests run: a port that is given back is soon another test's server.
    std::mem::forget(socket);
    url
}
