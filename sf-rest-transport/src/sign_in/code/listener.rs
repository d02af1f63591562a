//! The callback on this machine: one small HTTP server for one redirect.
use super::{PendingSignIn, page};
use crate::fault::{invalid, setup};
use sf_core::Result;
use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    io,
    pin::pin,
    task::Poll,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, sink},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout},
};
use url::Url;

/// The cookies of `localhost` are shared by all its ports, so a head may be far longer than the redirect needs.
const LARGEST_HEAD: usize = 256 << 10;
/// More of a head than this is not waited for, so that its sender sees the page and no reset.
const LARGEST_REST: u64 = 4 << 20;
/// After a failed `accept`: the process may be out of file descriptors for a while.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// Ports of the system's choice, until one is free at both addresses.
const TRIES: u32 = 8;
/// A browser opens connections ahead and sends nothing on them.
const SLOWEST_HEAD: Duration = Duration::from_secs(10);

pub(super) struct Listener {
    /// `localhost` is 127.0.0.1 to one browser and ::1 to another.
    sockets: Vec<TcpListener>,
    callback: Url,
}

impl Listener {
    /// Listens at a loopback URL; gives it with the real port.
    pub(super) async fn bind(callback: &str) -> Result<(Listener, String)> {
        let elsewhere = || {
            invalid(
                "the callback is not a URL on this machine",
                "Use `http://localhost:PORT/PATH` as it is registered; a web server with a callback of its own takes \
                 `AuthorizationCode::begin`.",
            )
        };
        let mut url = Url::parse(callback.trim()).map_err(|_| elsewhere())?;
        let hosts: &[&str] = match (url.scheme(), url.host_str()) {
            ("http", Some("localhost")) => &["127.0.0.1", "::1"],
            ("http", Some("127.0.0.1")) => &["127.0.0.1"],
            ("http", Some("[::1]")) => &["::1"],
            _ => return Err(elsewhere()),
        };
        let wanted = url.port_or_known_default().unwrap_or(80);
        let mut tries = if wanted == 0 { TRIES } else { 1 };
        let (sockets, port) = loop {
            tries -= 1;
            match listen(hosts, wanted).await {
                Ok(listening) => break listening,
                // A port of the system's choice is free at the first address only.
                Err((_, e)) if tries > 0 && e.kind() == io::ErrorKind::AddrInUse => {}
                Err((port, e)) => {
                    return Err(setup(
                        format!("port {port} for the answer of the browser cannot be had: {e}"),
                        "End the program that holds it (another sign-in, perhaps `sf org login web`), or register another callback.",
                    )
                    .with_source(e));
                }
            }
        };
        if url.port() == Some(0) {
            url.set_port(Some(port)).map_err(|()| elsewhere())?;
            let text = url.to_string();
            return Ok((Listener { sockets, callback: url }, text));
        }
        // As it was given: Salesforce compares it letter by letter.
        Ok((Listener { sockets, callback: url }, callback.trim().to_owned()))
    }

    /// Waits for the redirect of this sign-in; whatever else knocks gets an error page. Gives the whole URL.
    ///
    /// The sockets stay with this future, not with a task: when it ends or is dropped, the port is free at once.
    pub(super) async fn wait(self, pending: &PendingSignIn) -> Url {
        let (found, mut redirects) = mpsc::channel(1);
        let mut served = pin!(self.serve(pending.state(), found));
        poll_fn(|context| match redirects.poll_recv(context) {
            Poll::Ready(Some(redirect)) => Poll::Ready(redirect),
            _ => served.as_mut().poll(context).map(|never| match never {}),
        })
        .await
    }

    async fn serve(&self, state: &str, found: mpsc::Sender<Url>) -> Infallible {
        let mut visits = JoinSet::new();
        loop {
            let stream = self.accept().await;
            while visits.try_join_next().is_some() {}
            visits.spawn(visit(stream, self.callback.clone(), state.to_owned(), found.clone()));
        }
    }

    async fn accept(&self) -> TcpStream {
        loop {
            let accepted = poll_fn(|context| {
                let mut polled = self.sockets.iter().map(|socket| socket.poll_accept(context));
                polled.find(Poll::is_ready).unwrap_or(Poll::Pending)
            });
            match accepted.await {
                Ok((stream, _)) => return stream,
                Err(_) => sleep(ACCEPT_AGAIN).await,
            }
        }
    }
}

/// Listens at the port at every host; says which port it was that failed.
async fn listen(
    hosts: &[&str],
    mut port: u16,
) -> std::result::Result<(Vec<TcpListener>, u16), (u16, io::Error)> {
    let mut sockets = Vec::new();
    for host in hosts {
        match TcpListener::bind((*host, port)).await {
            Ok(socket) => {
                port = socket.local_addr().map_or(port, |address| address.port());
                sockets.push(socket);
            }
            // A machine without IPv6; with it, another program at ::1 would get the code.
            Err(e) if !sockets.is_empty() && e.kind() != io::ErrorKind::AddrInUse => {}
            Err(e) => return Err((port, e)),
        }
    }
    Ok((sockets, port))
}

/// One connection: one request, one page.
async fn visit(mut stream: TcpStream, callback: Url, state: String, found: mpsc::Sender<Url>) {
    let Ok(Some(head)) = timeout(SLOWEST_HEAD, head(&mut stream)).await else { return };
    if head.len() > LARGEST_HEAD {
        let told = async {
            say(&mut stream, &page::too_long()).await?;
            copy(&mut stream.take(LARGEST_REST), &mut sink()).await
        };
        timeout(SLOWEST_HEAD, told).await.ok();
        return;
    }
    let Some(target) = target(&head) else { return };
    let (answer, redirect) = match callback.join(target) {
        Ok(url) if url.path() == callback.path() && url.origin() == callback.origin() => {
            match url.query_pairs().any(|(name, value)| name == "state" && value == state.as_str()) {
                true => (page::came_back(&url), Some(url)),
                false => (page::not_this_sign_in(), None),
            }
        }
        _ => (page::not_found(), None),
    };
    // Whether the user sees the page or not: they have decided.
    timeout(SLOWEST_HEAD, say(&mut stream, &answer)).await.ok();
    if let Some(url) = redirect {
        found.try_send(url).ok();
    }
}

async fn say(stream: &mut TcpStream, answer: &str) -> io::Result<()> {
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

/// The head of a request, complete unless it is too long.
async fn head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut chunk = [0; 2048];
    let mut looked_at = 0;
    while head.len() <= LARGEST_HEAD {
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        head.extend_from_slice(chunk.get(..read)?);
        if head.get(looked_at..)?.windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
        looked_at = head.len().saturating_sub(3);
    }
    Some(head)
}

/// The target of a GET request.
fn target(head: &[u8]) -> Option<&str> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    match (words.next()?, words.next()?, words.next()?) {
        ("GET", target, version) if target.starts_with('/') && version.starts_with("HTTP/1.") => Some(target),
        _ => None,
    }
}
