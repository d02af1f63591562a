//! Answers that the command wrote into a file as they came: exact, but without status and headers.
use serde::{Deserialize, de::IgnoredAny};
use sf_core::{ErrorCode, ErrorKind, Failure};

/// What the file holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Streamed {
    /// The answer.
    Answer,
    /// An error of the org, with the status that goes with its code.
    Error(u16),
    /// Not what was asked for: the page of a gateway, or nothing.
    Foreign,
}

/// Judges an answer that must be JSON.
pub(crate) fn judge(text: &str) -> Streamed {
    match error_status(text) {
        Some(status) => Streamed::Error(status),
        None => match text.trim_start().as_bytes().first() {
            Some(b'{' | b'[') if serde_json::from_str::<IgnoredAny>(text).is_ok() => Streamed::Answer,
            _ => Streamed::Foreign,
        },
    }
}

/// The status of an error answer: an array whose every object has an `errorCode`, wherever in the object it stands. Rows
/// have no such field, because API names of custom fields end in `__c`.
pub(crate) fn error_status(text: &str) -> Option<u16> {
    #[derive(Deserialize)]
    struct Item {
        #[serde(rename = "errorCode")]
        code: String,
    }
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('[') {
        return None;
    }
    let items: Vec<Item> = serde_json::from_str(text).ok()?;
    items.first().map(|item| status_of(&item.code))
}

/// The HTTP status that an org sends with a code. It decides no more than the code does.
pub(crate) fn status_of(code: &str) -> u16 {
    let failure = Failure::of_code(ErrorCode::from(code), "");
    match failure.kind {
        _ if matches!(failure.code, Some(ErrorCode::UnknownException | ErrorCode::InternalError)) => 500,
        ErrorKind::NotSignedIn => 401,
        ErrorKind::Forbidden | ErrorKind::LimitReached => 403,
        ErrorKind::NotFound => 404,
        ErrorKind::Unavailable | ErrorKind::Timeout => 503,
        _ => 400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_known_in_any_order_of_their_keys() {
        let dead = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
        assert_eq!(judge(dead), Streamed::Error(401));
        let limit = "\n[ {\"errorCode\":\"REQUEST_LIMIT_EXCEEDED\",\"message\":\"[{\"} ]";
        assert_eq!(judge(limit), Streamed::Error(403));
        let field = r#"[{"fields":["Name"],"extra":{"a":1},"message":"m","errorCode":"INVALID_FIELD"}]"#;
        assert_eq!(judge(field), Streamed::Error(400));
    }

    #[test]
    fn rows_are_no_errors_and_pages_of_gateways_no_rows() {
        assert_eq!(judge(r#"[{"attributes":{"type":"Account"},"Id":"001"},null]"#), Streamed::Answer);
        assert_eq!(judge(r#"[null]"#), Streamed::Answer);
        assert_eq!(judge("[]"), Streamed::Answer);
        assert_eq!(judge(r#"{"totalSize":0,"done":true,"records":[]}"#), Streamed::Answer);
        for foreign in ["", "<html>503</html>", "{\"totalSize\":2,\"rec", "Bad Gateway", "true"] {
            assert_eq!(judge(foreign), Streamed::Foreign, "{foreign}");
        }
    }
}
