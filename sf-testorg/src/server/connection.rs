//! Accepting connections, and one request on one of them.
use super::{
    body::{self, ResponseBody},
    control,
    stream::{Accepted, Reset},
};
use crate::{Fate, Method, Request, Response, TestOrg, assumptions::AssumedError, error::ApiError};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http_body::Body as _;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use sf_core::Timestamp;
use std::{fmt, future::poll_fn, io::Read, net, pin::Pin, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

/// Salesforce takes 50 MB; more than that is a mistake, not a request.
const LARGEST_REQUEST: usize = 64 << 20;
/// The data of a bulk job may have 100 MB; a little more is read, so that the org can say what is wrong.
const LARGEST_UPLOAD: usize = 104 << 20;
/// A multipart request brings files of 2 GB; a little more is read here too.
const LARGEST_FILES: usize = (2 << 30) + LARGEST_REQUEST;

/// Beyond this hyper itself answers 431; before it comes to that, the size of all headers decides.
const MOST_HEADERS: usize = 4096;

/// What a connection speaks below HTTP.
#[derive(Clone)]
pub(super) enum Layer {
    Plain,
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::TlsAcceptor),
}

pub(super) async fn accept(
    listener: net::TcpListener,
    layer: Layer,
    org: TestOrg,
    stopped: oneshot::Receiver<()>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let accepting = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(connection(stream, layer.clone(), org.clone()));
                }
                // Out of file descriptors, most likely: give the open connections time to end.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        _ = stopped => {}
    }
    // The runtime ends with this function, and the connections with it.
}

async fn connection(stream: TcpStream, layer: Layer, org: TestOrg) {
    let reset = Reset::default();
    let stream = Accepted::new(stream, reset.clone());
    match layer {
        Layer::Plain => speak(stream, &org, &reset).await,
        #[cfg(feature = "tls")]
        Layer::Tls(acceptor) => {
            // A client that does not trust the certificate ends the handshake.
            if let Ok(stream) = acceptor.accept(stream).await {
                speak(stream, &org, &reset).await;
            }
        }
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin, org: &TestOrg, reset: &Reset) {
    let service = service_fn(|request| answer(org, request, reset));
    // An error is a connection that ended early: by the client, or by a fault.
    let _ =
        http1::Builder::new().max_headers(MOST_HEADERS).serve_connection(TokioIo::new(stream), service).await;
}

/// Closes the connection without an answer.
#[derive(Debug)]
struct Lost;
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lost by a fault")
    }
}
impl std::error::Error for Lost {}

async fn answer(
    org: &TestOrg,
    request: http::Request<Incoming>,
    reset: &Reset,
) -> Result<http::Response<ResponseBody>, Lost> {
    let (head, incoming) = request.into_parts();
    let accepts_gzip = head
        .headers
        .get_all(http::header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(body::accepts_gzip);
    let method = Method::parse(head.method.as_str());
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let mut request = Request::new(method.unwrap_or(Method::Options), target);
    for (name, value) in &head.headers {
        request.headers.push((name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    }
    if method.is_none() {
        let error = ApiError::unknown_method(head.method.as_str());
        let refused = org.lock().refuse(&request, error);
        return Ok(http_response(org, refused, false));
    }
    let largest = largest(&request);
    match read(incoming, largest).await.and_then(|bytes| decoded(&request, bytes, largest)) {
        Ok(bytes) => request.body = bytes,
        Err(error) => {
            let refused = org.lock().refuse(&request, error);
            return Ok(http_response(org, refused, false));
        }
    }
    if request.path() == control::ROOT || request.path().starts_with("/__org/") {
        return Ok(http_response(org, control::handle(org, &request), accepts_gzip));
    }
    let response = org.handle(&request);
    if !response.delay.is_zero() {
        tokio::time::sleep(response.delay).await;
    }
    match response.fate {
        Fate::RequestLost | Fate::AnswerLost => Err(Lost),
        Fate::RequestReset | Fate::AnswerReset => {
            reset.arm();
            Err(Lost)
        }
        Fate::Delivered | Fate::Torn(_) => Ok(http_response(org, response, accepts_gzip)),
    }
}

/// Most bytes of a request's body, as sent and unpacked.
fn largest(request: &Request) -> usize {
    let content_type = request.find_header("Content-Type").unwrap_or_default();
    if crate::multipart::is_multipart(content_type) {
        LARGEST_FILES
    } else if request.path().contains("/jobs/ingest/") {
        LARGEST_UPLOAD
    } else {
        LARGEST_REQUEST
    }
}

/// The request's bytes, or what refuses them. A length that is too large is refused before the body is read.
async fn read(mut incoming: Incoming, largest: usize) -> Result<Vec<u8>, ApiError> {
    if incoming.size_hint().lower() > largest as u64 {
        return Err(too_large(largest));
    }
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx)).await {
        let frame = frame.map_err(|_| damaged("The request ended before its body was whole".into()))?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > largest {
                return Err(too_large(largest));
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

/// REST API guide, "Compression Headers": gzip and deflate.
fn decoded(request: &Request, bytes: Vec<u8>, largest: usize) -> Result<Vec<u8>, ApiError> {
    let name = request.find_header("Content-Encoding").map(str::trim).unwrap_or_default();
    let most = largest as u64 + 1;
    let mut plain = Vec::new();
    let unpacked = match name.to_ascii_lowercase().as_str() {
        "" | "identity" => return Ok(bytes),
        "gzip" => MultiGzDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut plain),
        "deflate" => ZlibDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut plain),
        _ => {
            let message = format!("Content-Encoding '{name}' is not supported");
            let error = ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message);
            return Err(error.assumed(AssumedError::UnknownEncoding));
        }
    };
    match unpacked {
        Err(_) => Err(damaged(format!("Not in {} format", name.to_ascii_uppercase()))),
        Ok(_) if plain.len() > largest => Err(too_large(largest)),
        Ok(_) => Ok(plain),
    }
}

fn damaged(message: String) -> ApiError {
    ApiError::bad_json(message).assumed(AssumedError::DamagedBody)
}

/// More than this server reads at all.
fn too_large(largest: usize) -> ApiError {
    let message = format!("Maximum size of request reached. Maximum size of request is {largest} bytes.");
    ApiError::new(413, "EXCEEDED_MAX_SIZE_REQUEST", message).assumed(AssumedError::LargeRequest)
}

/// The org's time for an answer, kept before anybody sees it. What the request has changed is kept already.
fn shown_time(org: &TestOrg) -> Timestamp {
    let now = org.now();
    let journal = org.lock().journal.clone();
    if let Some(journal) = journal {
        let _ = journal.keep_time(now);
    }
    now
}

fn http_response(org: &TestOrg, response: Response, accepts_gzip: bool) -> http::Response<ResponseBody> {
    let mut out = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        out = out.header(name, value);
    }
    // The org's time, which a client may take as its cursor.
    out = out.header("Date", crate::fault::http_date(shown_time(org)));
    let torn = match response.fate {
        Fate::Torn(bytes) => Some(bytes),
        _ => None,
    };
    let mut bytes = response.body;
    if accepts_gzip
        && torn.is_none()
        && let Some(packed) = body::gzip(&bytes)
    {
        out = out.header("Content-Encoding", "gzip");
        bytes = packed;
    }
    out.body(ResponseBody::new(bytes, torn)).unwrap_or_else(|_| {
        let mut plain = http::Response::new(ResponseBody::new(Vec::new(), None));
        *plain.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_with_files_may_have_what_the_largest_file_has() {
        let of = |target: &str, kind: &str| largest(&Request::get(target).header("Content-Type", kind));
        let rows = "/services/data/v66.0/sobjects/ContentVersion";
        assert_eq!(of(rows, "application/json"), LARGEST_REQUEST);
        assert!(of(rows, "Multipart/Form-Data; boundary=B") > 2 << 30);
        assert_eq!(
            of("/services/data/v66.0/jobs/ingest/7505e0000000001AAA/batches", "text/csv"),
            LARGEST_UPLOAD
        );
    }
}
