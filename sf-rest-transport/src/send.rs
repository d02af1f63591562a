//! One sending of one request, and the truth about what may have arrived.
use crate::{
    address::Origin,
    answer::{self, Torn},
    body::{Progress, SourceBody, TextBody},
    fault::{failure, invalid},
    usage::Counters,
};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use sf_core::{
    AccessToken, ApiVersion, Delivery, Error, ErrorKind, Result,
    protocol::{Body, BodySink, Method, Request, Response, Safety},
};
use std::{error::Error as StdError, pin::pin, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// What stays the same for every request of a transport.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) client: reqwest::Client,
    pub(crate) version: ApiVersion,
    /// `Sforce-Call-Options: client=…`.
    pub(crate) call_options: HeaderValue,
    pub(crate) body_limit: usize,
    pub(crate) idle_timeout: Duration,
    pub(crate) counters: Arc<Counters>,
}

/// A request that is ready to go: everything that can be wrong with it has been looked at.
struct Prepared {
    request: reqwest::Request,
    progress: Progress,
    path: String,
}

impl Sender {
    /// Sends once. Every HTTP answer is `Ok`, whatever its status; `Err` says in its delivery whether the
    /// org may have got the request.
    pub(crate) async fn send(
        &self,
        request: &Request,
        sink: Option<&mut (dyn BodySink + '_)>,
        token: &AccessToken,
        origin: &Origin,
        deadline: Instant,
    ) -> Result<Response> {
        let Prepared { request: prepared, progress, path } = self.prepare(request, token, origin)?;
        self.counters.sending(&path);
        let answer = match self.in_time(self.client.execute(prepared), &progress, deadline).await {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(e)) => Err(unanswered(e, &progress, origin)),
            None => Err(out_of_time(&progress)),
        };
        let answer = answer.inspect_err(|e| {
            if e.delivery() == Delivery::NotSent {
                self.counters.not_sent(&path);
            }
        })?;
        progress.moved();
        let status = answer.status();
        let reading = answer::read(answer, sink, self.body_limit, &self.counters, &progress);
        match self.in_time(reading, &progress, deadline).await {
            Some(Ok(response)) => Ok(response),
            Some(Err(torn)) => Err(unreadable(torn, status, request)),
            None => Err(out_of_time(&progress)),
        }
    }

    /// `None` when the deadline has passed or nothing has moved for too long. Not reqwest's read timeout, which
    /// does not see that a long upload moves.
    async fn in_time<T>(
        &self,
        work: impl Future<Output = T>,
        progress: &Progress,
        deadline: Instant,
    ) -> Option<T> {
        let mut work = pin!(work);
        loop {
            let silent = progress.last_move().checked_add(self.idle_timeout).unwrap_or(deadline);
            if let Ok(done) = timeout_at(silent.min(deadline), &mut work).await {
                return Some(done);
            }
            let now = Instant::now();
            if now >= deadline || now.saturating_duration_since(progress.last_move()) >= self.idle_timeout {
                return None;
            }
        }
    }

    fn prepare(&self, request: &Request, token: &AccessToken, origin: &Origin) -> Result<Prepared> {
        let url = origin.join(&request.target(self.version)?)?;
        let path = url.path().to_owned();
        let mut prepared = reqwest::Request::new(verb(request.method), url);
        let (body, progress) = self.body(&request.body)?;
        *prepared.body_mut() = body;
        let headers = prepared.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert("sforce-call-options", self.call_options.clone());
        if let Some(text) = request.body.content_type() {
            headers.insert(header::CONTENT_TYPE, header_value("content-type", text)?);
        }
        own_headers(headers, &request.headers)?;
        headers.insert(header::AUTHORIZATION, bearer(token)?);
        Ok(Prepared { request: prepared, progress, path })
    }

    fn body(&self, body: &Body) -> Result<(Option<reqwest::Body>, Progress)> {
        let text = |text: &Arc<str>| {
            if text.is_empty() {
                return (None, Progress::unwatched());
            }
            let progress = Progress::watched();
            let body = TextBody::new(Text(text.clone()), progress.clone(), self.counters.clone());
            (Some(reqwest::Body::wrap(body)), progress)
        };
        Ok(match body {
            Body::Empty => (None, Progress::unwatched()),
            Body::Json(json) => text(json),
            Body::Csv(csv) => text(csv),
            Body::Stream(source) => {
                // A body of no bytes is never asked for.
                let progress =
                    if source.size() == Some(0) { Progress::unwatched() } else { Progress::watched() };
                let body = SourceBody::open(source.as_ref(), progress.clone(), self.counters.clone())
                    .map_err(|e| {
                        invalid(
                            "the request body could not be opened",
                            "Check the file or source behind the body, then try again.",
                        )
                        .with_source(e)
                    })?;
                (Some(reqwest::Body::wrap(body)), progress)
            }
            _ => {
                return Err(invalid(
                    "this transport does not know this kind of body",
                    "Use a JSON, CSV or streamed body.",
                ));
            }
        })
    }
}

struct Text(Arc<str>);
impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn verb(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
        Method::Head => reqwest::Method::HEAD,
    }
}

/// The request's own headers, but for those that say who is asking and where the message ends. (`Request::check`
/// has refused `authorization` and `host`.)
fn own_headers(headers: &mut HeaderMap, own: &[(String, String)]) -> Result<()> {
    const NOT_YOURS: [&str; 8] = [
        "accept-encoding",
        "proxy-authorization",
        "cookie",
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
    ];
    for (name, value) in own {
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            invalid(
                "a header name holds characters that are not allowed",
                "Use letters, digits and hyphens in header names.",
            )
        })?;
        if NOT_YOURS.contains(&parsed.as_str()) {
            return Err(invalid(
                format!("the header `{parsed}` is set by the transport"),
                "Leave it out of the request; sign-in goes through `Rest::credentials`.",
            ));
        }
        headers.insert(parsed, header_value(name, value)?);
    }
    Ok(())
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(value).map_err(|_| {
        invalid(
            format!("the value of the header `{name}` holds control characters"),
            "Remove line breaks and control characters from the value.",
        )
    })
}

/// The token header, marked sensitive: reqwest and hyper print it as `Sensitive`.
pub(crate) fn bearer(token: &AccessToken) -> Result<HeaderValue> {
    let text = token.expose();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(invalid(
            if text.is_empty() {
                "the access token is empty"
            } else {
                "the access token holds spaces, line breaks or other characters that no token has"
            },
            "Give the token alone, for example the value of `accessToken` from `sf org display --json`.",
        ));
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {text}"))
        .map_err(|_| invalid("the access token cannot stand in a header", "Get a new access token."))?;
    value.set_sensitive(true);
    Ok(value)
}

fn out_of_time(progress: &Progress) -> Error {
    if progress.may_have_arrived() {
        too_late(Delivery::Unknown, "no complete answer came in time")
    } else {
        too_late(Delivery::NotSent, "the time was over before anything could be sent")
    }
}

pub(crate) fn too_late(delivery: Delivery, message: &str) -> Error {
    let next_step = match delivery {
        Delivery::NotSent => {
            "Nothing was sent: try again, with more time for the call (`CallOptions::with_timeout`)."
        }
        _ => {
            "Check what a write may have saved, then repeat, with more time for the call or with less to do."
        }
    };
    failure(ErrorKind::Timeout, delivery, message, next_step).into()
}

/// No answer: the connection could not be made, or it broke before one came.
pub(crate) fn unanswered(e: reqwest::Error, progress: &Progress, origin: &Origin) -> Error {
    let connecting = e.is_connect();
    let delivery = if connecting || e.is_builder() || !progress.may_have_arrived() {
        Delivery::NotSent
    } else {
        Delivery::Unknown
    };
    let timeout = e.is_timeout();
    let e = e.without_url();
    if progress.source_broke() {
        let message = "the body of the request could not be read to its end";
        let next_step = "Check the file or source behind the body, and what a write may have saved (the org does not act on half a request), then send it again.";
        return Error::from(failure(ErrorKind::Setup, delivery, message, next_step)).with_source(e);
    }
    let chain = chain(&e);
    let kind = match timeout {
        true => ErrorKind::Timeout,
        // A repeat meets the same certificate.
        false if connecting && chain.contains("certificate") => ErrorKind::Setup,
        false => ErrorKind::Network,
    };
    let (message, next_step) = if e.is_dns() || chain.contains("dns error") || chain.contains("dns name") {
        (
            format!("the host of {origin} was not found"),
            "Check the instance URL for a typing error and the network's name service.".to_owned(),
        )
    } else if connecting && (chain.contains("certificate") || chain.contains("tls")) {
        (
            format!("no trusted encrypted connection to {origin}"),
            "Check the machine's clock and root certificates, and whether a proxy replaces certificates."
                .to_owned(),
        )
    } else if connecting && e.is_timeout() {
        (
            format!("{origin} did not accept a connection in time"),
            "Check the instance URL, firewall and proxy; then try again.".to_owned(),
        )
    } else if connecting && chain.contains("refused") {
        (format!("{origin} refused the connection"), "Check host and port; is the server running?".to_owned())
    } else if connecting {
        (
            format!("no connection to {origin}"),
            "Check the instance URL, firewall and proxy; then try again.".to_owned(),
        )
    } else if kind == ErrorKind::Timeout {
        (
            format!("{origin} gave no answer in time"),
            "Check what a write may have saved, then repeat; send less at once if it stays.".to_owned(),
        )
    } else if delivery == Delivery::NotSent {
        (
            format!("the connection to {origin} broke before anything was sent"),
            "Nothing was sent; try again.".to_owned(),
        )
    } else {
        (
            format!("the connection to {origin} broke before the answer came"),
            "Check what a write may have saved, then repeat.".to_owned(),
        )
    };
    Error::from(failure(kind, delivery, message, next_step)).with_source(e)
}

fn chain(e: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn StdError> = Some(e);
    while let Some(e) = next {
        text.push_str(&e.to_string().to_ascii_lowercase());
        text.push('\n');
        next = e.source();
    }
    text
}

/// The status came, the body did not (or not whole). A success of which the rows cannot be read is an
/// unknown outcome for a write; a refusal stays a refusal.
fn unreadable(torn: Torn, status: reqwest::StatusCode, request: &Request) -> Error {
    let delivery = if status.is_success() {
        Delivery::Unknown
    } else {
        request.failure(&Response::new(status.as_u16(), Vec::new(), "")).delivery
    };
    let writes = request.safety != Safety::Read;
    let check =
        if writes { "Check what the write has saved before repeating it." } else { "Repeat the call." };
    let failed = |kind, message: String, next_step: String| {
        Error::from(failure(kind, delivery, message, next_step).with_status(status.as_u16()))
    };
    match torn {
        Torn::Connection(e) => {
            let kind = if e.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Network };
            failed(kind, format!("the answer (HTTP {status}) broke off before its end"), check.to_owned())
                .with_source(e.without_url())
        }
        Torn::Packing(e) => failed(
            ErrorKind::Network,
            format!("the packed answer (HTTP {status}) is damaged or broke off before its end"),
            check.to_owned(),
        )
        .with_source(e),
        Torn::TooLarge { limit } => failed(
            ErrorKind::Unsupported,
            format!("the answer is larger than {limit} bytes"),
            "Ask for fewer rows or fields, stream it with `download`, or raise `Rest::body_limit`."
                .to_owned(),
        ),
        Torn::NotUtf8(e) => failed(
            ErrorKind::Decode,
            "the answer is not UTF-8 text".to_owned(),
            "Use `download` for binary content; otherwise check what stands between you and the org."
                .to_owned(),
        )
        .with_source(e.utf8_error()),
        Torn::Sink(e) => failed(
            ErrorKind::Setup,
            "the downloaded data could not be stored".to_owned(),
            "Check the disk or the place the data goes to, then download again.".to_owned(),
        )
        .with_source(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_header_is_sensitive_and_nothing_else_fits() {
        let header = bearer(&AccessToken::new("00D5e!AQ8", "https://acme.my.salesforce.com")).unwrap();
        assert!(header.is_sensitive());
        assert_eq!(format!("{header:?}"), "Sensitive");
        for bad in ["", "a b", "a\r\nX: y", "tökén"] {
            let e = bearer(&AccessToken::new(bad, "https://acme.my.salesforce.com")).unwrap_err();
            assert_eq!((e.kind(), e.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
        }
    }
}
