//! Reading error answers. Salesforce and what stands before it answer in many shapes; none may fail to parse.
use super::{Request, Response, Safety};
use crate::{Delivery, ErrorCode, ErrorKind, Failure, OrgError, SfId};
use serde_json::Value;
use std::time::Duration;

/// A text of the org longer than this is cut: some triggers answer with their whole stack.
const LONGEST_MESSAGE: usize = 4_000;
/// Above this an error body is not read at all, only its status counts.
const LONGEST_BODY: usize = 1 << 20;

/// The failure that an error answer (any status but 2xx and 304) stands for.
///
/// Reads the REST array, rows' errors, the OAuth object, XML, plain words and the `300` list of URLs; HTML,
/// nonsense and empty bodies are judged by their status. Never fails, and never quotes a page that is not the org's.
///
/// For a request that may have had an effect, an answer that does not prove the contrary (a 5xx or 420 of a
/// gateway, an internal error) has [`Delivery::Unknown`]. Where Apex of the org may have answered, ask
/// [`Request::failure`], which knows whose answer it is.
///
/// ```
/// use sf_core::{Delivery, ErrorCode, protocol::{Response, Safety, read_failure}};
/// let body = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
/// let failure = read_failure(&Response::new(401, vec![], body), Safety::Read);
/// assert_eq!(failure.code, Some(ErrorCode::InvalidSessionId));
/// let gateway = read_failure(&Response::new(502, vec![], "<html>Bad Gateway</html>"), Safety::Once);
/// assert_eq!(gateway.delivery, Delivery::Unknown);
/// ```
pub fn read_failure(response: &Response, safety: Safety) -> Failure {
    let status = response.status;
    let mut failure = from_body(response.text(), status).unwrap_or_else(|| from_status(response));
    failure.status = Some(status);
    // Of a code that nobody knows yet the status tells the sort, unless it is 400, which tells nothing.
    if matches!(failure.code, Some(ErrorCode::Other(_))) && status > 400 {
        failure.kind = of_status(status).0;
    }
    // The same code means "in a field" with 400 and "the row itself" with 404.
    if status == 404 && failure.code == Some(ErrorCode::InvalidCrossReferenceKey) {
        failure.kind = ErrorKind::NotFound;
    }
    failure.delivery = match safety {
        Safety::Read => Delivery::Refused,
        _ if in_doubt(status, failure.code.as_ref()) => Delivery::Unknown,
        _ => Delivery::Refused,
    };
    failure.retry_after = retry_after(response);
    failure
}

impl Request {
    /// The failure that an error answer to this request stands for: [`read_failure`], and who answered.
    ///
    /// A class behind `/services/apexrest/` sets status (`RestResponse.statusCode`) and body as it likes, and what it saved stays unless
    /// it ends with an exception. So of a request that may have had an effect such an answer proves nothing, and its delivery is
    /// [`Delivery::Unknown`]; but for a refusal in the platform's own form (an array or XML) with a code that is known.
    ///
    /// ```
    /// use sf_core::{Delivery, protocol::{Method, Request, Response}};
    /// let request = Request::apex(Method::Post, ["cx", "health"]);
    /// let of_the_class = request.failure(&Response::new(429, vec![], r#"{"error":"busy"}"#));
    /// assert_eq!(of_the_class.delivery, Delivery::Unknown);
    /// let expired = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
    /// assert_eq!(request.failure(&Response::new(401, vec![], expired)).delivery, Delivery::Refused);
    /// ```
    pub fn failure(&self, response: &Response) -> Failure {
        let mut failure = read_failure(response, self.safety);
        if self.safety != Safety::Read && self.is_apex() && !by_platform(response, &failure) {
            failure.delivery = Delivery::Unknown;
            failure.next_step = Some(APEX.to_owned());
        }
        failure
    }
    /// Under the path of a site too (`/desk/services/apexrest/…`).
    fn is_apex(&self) -> bool {
        self.path.to_ascii_lowercase().contains("/services/apexrest")
    }
}

const APEX: &str = "The Apex class itself may have answered so, and what it did before is not undone: look at what it did before you send the request again.";

/// An object (`{"error":"rate_limit_exceeded"}`) is how classes word their own errors, whatever the code.
fn by_platform(response: &Response, failure: &Failure) -> bool {
    let known = !matches!(failure.code, None | Some(ErrorCode::Other(_)));
    known
        && response
            .text()
            .trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace())
            .starts_with(['[', '<'])
}

/// Both forms of RFC 9110, 10.2.3: seconds, or a date, which is held against the `Date` of the same answer (our clock may be
/// wrong, and there is none here).
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| chrono::DateTime::parse_from_rfc2822(text.trim()).ok();
    (date(value)? - date(response.header("date")?)?).to_std().ok()
}

/// The failure of one row of a collections answer: its `errors`, the first one leading.
pub(super) fn read_row_errors(errors: &[Value]) -> Failure {
    from_errors(errors).unwrap_or_else(|| {
        Failure::new(ErrorKind::Refused, Delivery::Refused, "the org refused the row without a reason")
    })
}

fn in_doubt(status: u16, code: Option<&ErrorCode>) -> bool {
    match code {
        Some(ErrorCode::UnknownException | ErrorCode::InternalError | ErrorCode::RequestRunningTooLong) => {
            true
        }
        // These say by themselves that nothing was done.
        Some(ErrorCode::Maintenance | ErrorCode::TooManyApexRequests | ErrorCode::ApexError) => false,
        _ => status >= 500 || matches!(status, 408 | 420) || status < 300,
    }
}

fn from_body(text: &str, status: u16) -> Option<Failure> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() || text.len() > LONGEST_BODY {
        return None;
    }
    match text.as_bytes().first() {
        Some(b'[' | b'{') => from_json(&serde_json::from_str(text).ok()?, status),
        Some(b'<') => from_xml(text),
        _ => match ErrorCode::from(text) {
            ErrorCode::Other(_) => None,
            code => Some(Failure::of_code(code, "the access token is not accepted")),
        },
    }
}

fn from_json(body: &Value, status: u16) -> Option<Failure> {
    match body {
        Value::Array(items) if status == 300 => {
            let mut failure = Failure::new(
                ErrorKind::Conflict,
                Delivery::Refused,
                format!("{} records have this external ID", items.len()),
            )
            .with_next_step("Make the external ID unique in the org, or write by record id.");
            failure.records =
                items.iter().filter_map(|url| SfId::new(url.as_str()?.rsplit('/').next()?).ok()).collect();
            Some(failure)
        }
        Value::Array(items) => from_errors(items),
        Value::Object(map) => {
            if let Some(code) = map.get("error").and_then(Value::as_str) {
                let text = map.get("error_description").and_then(Value::as_str).unwrap_or(code);
                return Some(Failure::of_code(ErrorCode::from(cut(code).as_str()), cut(text)));
            }
            from_errors(std::slice::from_ref(body))
                .or_else(|| from_errors(map.get("errors")?.as_array()?))
                .or_else(|| from_tree(map.get("results")?.as_array()?))
        }
        _ => None,
    }
}

/// The rows of a tree that were refused, each error with its row's reference ID before the message.
fn from_tree(results: &[Value]) -> Option<Failure> {
    let mut errors = Vec::new();
    for result in results {
        let reference = result.get("referenceId").and_then(Value::as_str).unwrap_or_default();
        for error in result.get("errors").and_then(Value::as_array).into_iter().flatten() {
            let mut error = error.clone();
            if let Some(Value::String(message)) = error.get_mut("message") {
                *message = format!("{reference}: {message}");
            }
            errors.push(error);
        }
    }
    from_errors(&errors)
}

/// The REST array and rows' errors: `errorCode` and `statusCode` are the same thing in different places.
fn from_errors(items: &[Value]) -> Option<Failure> {
    let mut errors = items.iter().filter_map(one);
    let (first, records) = errors.next()?;
    let mut failure = Failure::of_code(first.code, first.message);
    failure.fields = first.fields;
    failure.records = records;
    failure.also = errors.map(|(error, _)| error).collect();
    Some(failure)
}
fn one(item: &Value) -> Option<(OrgError, Vec<SfId>)> {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let code = text("errorCode").or_else(|| text("statusCode")).or_else(|| text("exceptionCode"))?;
    let message = text("message").or_else(|| text("exceptionMessage")).unwrap_or(code);
    let code = ErrorCode::from(cut(code).as_str());
    let fields = item
        .get("fields")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(|name| name.as_str().map(cut)).collect::<Vec<_>>());
    let records = match code {
        ErrorCode::DuplicatesDetected => matches_of(item),
        ErrorCode::DuplicateValue => message
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| matches!(word.len(), 15 | 18))
            .filter(|word| word.bytes().any(|b| b.is_ascii_digit()))
            .filter_map(|word| SfId::new(word).ok())
            .collect(),
        _ => Vec::new(),
    };
    Some((OrgError::new(code, cut(message), fields.unwrap_or_default()), records))
}
/// The ids in a duplicate rule's answer.
fn matches_of(item: &Value) -> Vec<SfId> {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    list(item.pointer("/duplicateResult/matchResults"))
        .iter()
        .flat_map(|result| list(result.get("matchRecords")))
        .filter_map(|found| SfId::new(found.pointer("/record/Id")?.as_str()?).ok())
        .collect()
}

/// `<Errors><Error><errorCode>…</errorCode><message>…</message></Error></Errors>`, which an org answers to
/// requests it could not even parse.
fn from_xml(text: &str) -> Option<Failure> {
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (value, _) = rest.split_once(&format!("</{name}>"))?;
        (!value.contains('<')).then(|| cut(value))
    };
    let code = element("errorCode").or_else(|| element("exceptionCode"))?;
    let message = element("message").or_else(|| element("exceptionMessage")).unwrap_or_else(|| code.clone());
    Some(Failure::of_code(ErrorCode::from(code.as_str()), message))
}

fn of_status(status: u16) -> (ErrorKind, &'static str) {
    match status {
        300 => (ErrorKind::Conflict, "several records fit"),
        301..=399 => (ErrorKind::Setup, "the org has another address"),
        400 => (ErrorKind::Refused, "the request was refused"),
        401 => (ErrorKind::NotSignedIn, "the access token is not accepted"),
        403 => (ErrorKind::Forbidden, "access was refused"),
        404 => (ErrorKind::NotFound, "there is no such resource"),
        405 | 415 => (ErrorKind::Unsupported, "the resource does not take this request"),
        408 | 504 => (ErrorKind::Timeout, "a server on the way gave up waiting"),
        409 | 412 => (ErrorKind::Conflict, "the record was changed meanwhile"),
        410 => (ErrorKind::Unsupported, "the resource or API version was retired"),
        413 | 414 | 431 => (ErrorKind::LimitReached, "the request is too long"),
        428 => (ErrorKind::Unsupported, "the resource wants a precondition"),
        429 => (ErrorKind::LimitReached, "too many requests"),
        420 | 500.. => (ErrorKind::Unavailable, "the org or a server before it is in trouble"),
        _ => (ErrorKind::Refused, "the request was refused"),
    }
}
fn from_status(response: &Response) -> Failure {
    let (kind, meaning) = of_status(response.status);
    let body = match (response.text().trim(), response.header("content-type")) {
        ("", _) => "without a body".to_owned(),
        (_, Some(kind)) => {
            format!(
                "with a body ({}) that is not an error of the API",
                kind.chars().take(60).collect::<String>()
            )
        }
        (_, None) => "with a body that is not an error of the API".to_owned(),
    };
    Failure::new(kind, Delivery::Refused, format!("status {} {body}: {meaning}", response.status))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_MESSAGE) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let after = |headers: &[(&str, &str)]| {
            let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            read_failure(&Response::new(503, headers, ""), Safety::Read).retry_after
        };
        let date = ("date", "Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(after(&[("retry-after", " 120 ")]), Some(Duration::from_secs(120)));
        assert_eq!(
            after(&[("retry-after", "Wed, 21 Oct 2026 07:30:00 GMT"), date]),
            Some(Duration::from_secs(120))
        );
        for unusable in ["Wed, 21 Oct 2026 07:27:59 GMT", "soon", "-1", ""] {
            assert_eq!(after(&[("retry-after", unusable), date]), None, "{unusable}");
        }
        assert_eq!(
            after(&[("retry-after", "Wed, 21 Oct 2026 07:30:00 GMT")]),
            None,
            "no date to hold it against"
        );
    }
}
