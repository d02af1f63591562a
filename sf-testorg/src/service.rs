//! One request from the door to its answer: faults, sign-in, routing, commit, log.
use crate::{
    Effect, Fate, Method, Request, Response,
    assumptions::AssumedError,
    changes::{Source, Style},
    error::{ApiError, ApiResult},
    fault::{Context, Facts, html},
    log::LoggedCall,
    org::Inner,
    rest::{Answer, Body, Call, Service, Target, operations},
};
use sf_core::{SfId, Timestamp};

/// REST API guide, "Status Codes and Error Responses": beyond this a URL is refused with 414, a URL with its headers with 431.
const LONGEST_HEAD: usize = 16_384;
/// What a real org says of a larger body: "Maximum size of request is 52428800 bytes."
const LARGEST_BODY: usize = 52_428_800;

/// A request whose work is done later.
#[derive(Debug, Clone)]
pub(crate) struct LateCommit {
    pub(crate) due: Timestamp,
    /// When it was received: the stamp its rows get.
    pub(crate) stamp: Timestamp,
    /// Its number in the log.
    number: u64,
    request: Request,
}

/// `v66.0` as 66, if the org offers it.
pub(crate) fn version(text: &str) -> ApiResult<u16> {
    let number =
        text.strip_prefix('v').and_then(|v| v.strip_suffix(".0")).and_then(|v| v.parse::<u16>().ok());
    // The number reader takes signs and leading zeros.
    match number.filter(|n| text == format!("v{n}.0")) {
        Some(n) if crate::rest::VERSIONS.contains(&n) => Ok(n),
        // REST API guide, "API End-of-Life Policy": "the 410:GONE error code"
        Some(7..=30) => {
            let error = ApiError::new(410, "GONE", "The requested resource is no longer available");
            Err(error.assumed(AssumedError::RetiredVersion))
        }
        _ => Err(ApiError::not_found()),
    }
}

/// A head that no resource gets to see. Salesforce's web server answers it, so it is no API call.
fn too_long(request: &Request) -> Option<Answer> {
    let page = |status: u16, reason: &str| {
        Some(Answer::text(status, format!("<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>")))
    };
    let headers: usize = request.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    match request.target.len() {
        long if long > LONGEST_HEAD => page(414, "URI Too Long"),
        length if length + headers > LONGEST_HEAD => page(431, "Request Header Fields Too Large"),
        _ => None,
    }
}

impl Inner {
    /// The answer to one request at this time.
    pub(crate) fn handle(&mut self, request: &Request, now: Timestamp) -> Response {
        let real = now;
        let now = self.skewed(real);
        self.commit_late(now);
        self.state.set_now(now);
        self.oauth.now = now;
        self.short_page = None;
        let operations = operations(request);
        let number = self.log.counters.requests + 1;
        let effects = self.effects(request, number, &operations);

        let mut fate = Fate::Delivered;
        let mut delay = self.latency;
        let mut answer = None;
        let (mut torn, mut twice, mut at_the_edge) = (false, false, false);
        let mut style = Style::Whole;
        // What never arrives is not answered, whatever else was to happen to it.
        let is_lost = effects.iter().any(|e| matches!(e, Effect::LoseRequest | Effect::ResetRequest));
        for effect in effects {
            match effect {
                Effect::LoseRequest => fate = Fate::RequestLost,
                Effect::ResetRequest => fate = Fate::RequestReset,
                Effect::LoseAnswer | Effect::ResetAnswer | Effect::CommitLate(_) if is_lost => {}
                Effect::LoseAnswer => fate = Fate::AnswerLost,
                Effect::ResetAnswer => fate = Fate::AnswerReset,
                Effect::Duplicate => twice = true,
                Effect::CommitLate(by) => {
                    fate = Fate::AnswerLost;
                    let stamp = self.state.now();
                    self.late.push(LateCommit { due: stamp + by, stamp, number, request: request.clone() });
                    answer = Some(Answer::empty(0));
                }
                Effect::Status(status, code) => {
                    let error = ApiError::new(status, "", format!("{code}: injected by a fault"));
                    answer = Some(refusal(request, &ApiError { code, ..error }));
                }
                Effect::Refuse(refusal) => answer = Some(self::refusal(request, &refusal.error())),
                Effect::Edge { status, retry_after } => {
                    let page = Answer::text(status, html(status));
                    let wait = retry_after.map(|after| after.header(self.state.now()));
                    answer = Some(match wait {
                        Some(wait) => page.header("Retry-After", wait),
                        None => page,
                    });
                    at_the_edge = true;
                }
                Effect::Page(status, page) => answer = Some(Answer::text(status, page)),
                Effect::Slow(by) => delay += by,
                Effect::TornBody => torn = true,
                Effect::GapEvents => style = Style::Gaps,
                Effect::OverflowEvents => style = Style::Overflow,
                Effect::ShortPage(rows) => self.short_page = Some(rows),
                change => {
                    self.befall(&change);
                    let now = self.skewed(real);
                    self.state.set_now(now);
                    self.oauth.now = now;
                }
            }
        }
        let now = self.skewed(real);
        let (answer, is_api_call) = if fate.has_arrived() {
            let counted = counts(request) && !at_the_edge;
            if counted {
                self.log.count(now);
            }
            if twice && answer.is_none() {
                self.changes.source.style = style;
                let _ = self.answer(request);
                if counted {
                    self.log.count(now);
                }
            }
            self.changes.source.style = style;
            let answer = answer.unwrap_or_else(|| self.answer(request));
            self.changes.source = Source::default();
            (answer, counted)
        } else {
            (Answer::empty(0), false)
        };
        let rows = answer.rows;
        let mut response = self.response(request, answer, is_api_call);
        if torn && fate == Fate::Delivered {
            // Without a body there is nothing to tear: the connection breaks before the answer.
            fate = match response.body.len() {
                0 => Fate::AnswerLost,
                length => Fate::Torn(length / 2),
            };
        }
        response.fate = fate;
        response.delay = delay;
        let arrived = fate.has_arrived();
        self.log.add(LoggedCall {
            number,
            at: now,
            operations,
            method: request.method,
            target: request.target.clone(),
            body: crate::log::body(&request.body),
            status: response.status,
            fate,
            rows,
            bytes_in: if arrived { request.size() } else { 0 },
            bytes_out: match fate {
                Fate::Delivered => size(&response),
                Fate::Torn(bytes) => bytes as u64,
                _ => 0,
            },
            is_api_call,
        });
        response
    }

    /// What faults do to this request.
    fn effects(&mut self, request: &Request, call: u64, operations: &[&'static str]) -> Vec<Effect> {
        if self.faults.armed().is_empty() {
            return Vec::new();
        }
        let text = format!("{} {}", request.target, String::from_utf8_lossy(&request.body));
        let facts = Facts { call, operations, method: request.method, path: request.path(), text: &text };
        self.faults.hit(&facts)
    }

    /// Does the work, commits and publishes it.
    fn answer(&mut self, request: &Request) -> Answer {
        let answer = self.committed(request);
        self.changes.source = Source::default();
        answer
    }

    fn committed(&mut self, request: &Request) -> Answer {
        let answer = match self.route(request) {
            Ok(answer) => answer,
            Err(error) => {
                let start = self.state.start_of_transaction();
                self.state.rollback_to(start);
                Answer::error(&self.assumptions.worded(error))
            }
        };
        match self.commit().and_then(|()| self.keep_oauth()) {
            Ok(()) => answer,
            Err(e) => Answer::error(&ApiError::not_kept(&e)),
        }
    }

    fn route(&mut self, request: &Request) -> ApiResult<Answer> {
        if let Some(answer) = too_long(request) {
            return Ok(answer);
        }
        let target = Target::parse(&request.target).ok_or_else(ApiError::not_found)?;
        if let Some(answer) = self.oauth(request, &target) {
            return Ok(answer);
        }
        let segments: Vec<&str> = target.segments.iter().map(String::as_str).collect();
        if let ["services", "data"] = segments.as_slice() {
            return match request.method {
                Method::Get | Method::Head => Ok(Service { inner: self }.versions()),
                other => Err(ApiError::method(other, "GET,HEAD")),
            };
        }
        if target.is_asynchronous() {
            return Ok(self.asynchronous(request, &target));
        }
        let is_apex = target.is_apex_rest();
        if !is_apex && target.data().is_none() {
            return Err(ApiError::not_found());
        }
        if let Some(answer) = self.wrong_host(request) {
            return answer;
        }
        let user = self.enter(request)?;
        if self.log.last_day(self.state.now()) > self.daily_api_requests {
            return Err(ApiError::new(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."));
        }
        if is_apex {
            let newest = *crate::rest::VERSIONS.end();
            return self.by(user, newest, request, |this| this.apex(request, &target));
        }
        let (version_text, rest) = target.data().ok_or_else(ApiError::not_found)?;
        let version = version(version_text)?;
        check_body(request, rest)?;
        check_accept(request)?;
        let method = match target.query.iter().find(|(n, _)| n == "_HttpMethod") {
            Some((_, name)) if request.method == Method::Post => {
                Method::parse(name).unwrap_or(request.method)
            }
            _ => request.method,
        };
        let call = Call {
            method,
            version,
            segments: rest.to_vec(),
            query: target.query.clone(),
            headers: &request.headers,
            body: &request.body,
        };
        // Not for the parts of a composite: a job commits chunk by chunk.
        let is_job = rest.first().is_some_and(|first| first == "jobs");
        self.by(user, version, request, |this| {
            let mut service = Service { inner: this };
            if is_job { service.jobs(&call) } else { service.data(&call) }
        })
    }

    /// What is done here is done by whose token it is.
    fn by<R>(
        &mut self,
        user: SfId,
        version: u16,
        request: &Request,
        work: impl FnOnce(&mut Inner) -> R,
    ) -> R {
        let api_user = self.state.user();
        self.run_as(user);
        if !matches!(request.method, Method::Get | Method::Head) {
            self.recent.begin(user, &self.state);
        }
        let style = self.changes.source.style;
        let options = request.find_header("Sforce-Call-Options");
        self.changes.source = Source { style, ..Source::api("rest", version, options, user) };
        let result = work(self);
        if let Some(api_user) = api_user {
            self.run_as(api_user);
        }
        result
    }

    fn response(&self, request: &Request, answer: Answer, is_api_call: bool) -> Response {
        let mut response = Response::new(answer.status);
        response.headers = answer.headers;
        match answer.body {
            Body::Empty => {}
            Body::Json(json) => response = response.json(json),
            Body::Text(text) => {
                let kind = if text.trim_start().starts_with('<') { "text/html" } else { "text/plain" };
                response.body = text.into_bytes();
                response = response.header("Content-Type", format!("{kind};charset=UTF-8"));
            }
            Body::Raw(bytes) => response.body = bytes,
            Body::Bytes { content_type, bytes } => {
                response.body = bytes;
                response = response.header("Content-Type", content_type);
            }
        }
        if request.method == Method::Head {
            response.body.clear();
        }
        if !self.assumptions.rest.method_errors_have_allow {
            response.headers.retain(|(name, _)| name != "Allow");
        }
        if is_api_call && response.status == 401 && self.assumptions.oauth.names_token_scheme {
            response = response.header("WWW-Authenticate", "Token");
        }
        if let (429 | 503, Some(after)) = (response.status, self.assumptions.rest.retry_after) {
            response = response.header("Retry-After", after.as_secs().to_string());
        }
        // SOAP says it in the envelope.
        let is_asynchronous = Target::parse(&request.target).is_some_and(|target| target.is_asynchronous());
        if is_api_call && !is_asynchronous && !crate::rest::is_soap(request) {
            let used = self.log.last_day(self.state.now());
            let info = format!("api-usage={used}/{}", self.daily_api_requests);
            response = response.header("Sforce-Limit-Info", info);
        }
        response
    }

    /// The answer to what no resource of the org gets to see; it is not in the log and no API call.
    #[cfg(feature = "server")]
    pub(crate) fn refuse(&self, request: &Request, error: ApiError) -> Response {
        let answer = refusal(request, &self.assumptions.worded(error));
        self.response(request, answer, false)
    }

    /// Does the work of requests and the steps of bulk jobs whose time has come, with the stamps of when they were received; then empties
    /// the recycle bin of what is too old for it.
    pub(crate) fn commit_late(&mut self, now: Timestamp) {
        while let Some(at) = self.late.iter().position(|late| late.due <= now) {
            let late = self.late.remove(at);
            self.state.set_now(late.stamp);
            self.commit_time = Some(late.due);
            // Faults of its rows are for this request, not for the one that brings the commit about.
            self.faults.answering(Context {
                call: late.number,
                operations: operations(&late.request),
                route: (Some(late.request.method), late.request.path().to_owned()),
            });
            let _ = self.answer(&late.request);
            self.commit_time = None;
        }
        self.advance_jobs(now);
        self.state.set_now(now);
        self.state.purge_expired();
        // What could not be kept is undone, and tried again with the next request.
        let _ = self.commit();
    }
}

/// The body's size and kind.
fn check_body(request: &Request, rest: &[String]) -> ApiResult<()> {
    if request.body.is_empty() || !matches!(request.method, Method::Post | Method::Patch) {
        return Ok(());
    }
    let content_type = request.find_header("Content-Type").unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if crate::multipart::is_multipart(content_type) && takes_multipart(rest) {
        return Ok(());
    }
    if !kind.is_empty() && !kind.to_ascii_lowercase().contains("json") {
        let message = format!("MediaType of '{kind}' is not supported by this resource");
        let error = ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message);
        return Err(error.assumed(AssumedError::WrongContentType));
    }
    if request.body.len() > LARGEST_BODY {
        let message =
            format!("Maximum size of request reached. Maximum size of request is {LARGEST_BODY} bytes.");
        return Err(ApiError::bad_json(message));
    }
    Ok(())
}

/// Salesforce answers in XML whoever takes nothing else; this org does not, and says so.
fn check_accept(request: &Request) -> ApiResult<()> {
    let accept = request.find_header("Accept").unwrap_or_default().to_ascii_lowercase();
    if accept.contains("xml") && !accept.contains("json") && !accept.contains("*/*") {
        let message = "Answers in XML are not simulated by this org";
        return Err(ApiError::new(406, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    Ok(())
}

/// Bulk jobs with their data, and rows with files (REST API guide, "Insert or Update Blob Data").
fn takes_multipart(rest: &[String]) -> bool {
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    matches!(rest.as_slice(), ["jobs", "ingest"] | ["sobjects", _, ..] | ["composite", "sobjects"])
}

/// Whether it counts against the daily API requests: everything under a version, Apex REST, and calls of SOAP besides
/// signing in and out.
fn counts(request: &Request) -> bool {
    let is_call = |target: Target| {
        let is_soap = || crate::rest::is_soap(request) && crate::soap::operation_name(request).is_some();
        target.data().is_some() || target.is_apex_rest() || target.is_asynchronous() || is_soap()
    };
    too_long(request).is_none() && Target::parse(&request.target).is_some_and(is_call)
}

/// An error in the form that the request's API has.
fn refusal(request: &Request, error: &ApiError) -> Answer {
    if Target::parse(&request.target).is_some_and(|target| target.is_asynchronous()) {
        return crate::bulk1::refused(request, None, error);
    }
    Answer::error(error)
}

fn size(response: &Response) -> u64 {
    let headers: usize = response.headers.iter().map(|(n, v)| n.len() + v.len() + 4).sum();
    (17 + headers + 2 + response.body.len()) as u64
}
