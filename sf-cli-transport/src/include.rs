//! What `api request rest --include` prints: status line, headers, and without an empty line between, the body.
use crate::redact::strip_ansi;
use sf_core::protocol::Response;

/// Reads the answer; `None`: it is not there.
pub(crate) fn read(stdout: &[u8]) -> Option<Response> {
    let text = std::str::from_utf8(stdout).ok()?;
    let mut rest = from_status_line(text)?;
    let (line, after) = cut(rest);
    let status = strip_ansi(line).split(' ').nth(1)?.trim().parse::<u16>().ok()?;
    rest = after;
    let mut headers = Vec::new();
    while !rest.is_empty() {
        let (line, after) = cut(rest);
        let Some((name, value)) = header(&strip_ansi(line)) else { break };
        headers.push((name, value));
        rest = after;
    }
    // Printing adds one line end.
    let body = rest.strip_suffix('\n').unwrap_or(rest);
    let body = body.strip_suffix('\r').unwrap_or(body);
    headers
        .retain(|(name, _)| !["set-cookie", "content-encoding", "content-length"].contains(&name.as_str()));
    Some(Response::new(status, headers, body))
}

fn from_status_line(text: &str) -> Option<&str> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if strip_ansi(line).starts_with("HTTP/") {
            return text.get(at..);
        }
        at += line.len();
    }
    None
}
fn cut(text: &str) -> (&str, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), rest)
}
/// Node writes names in lower case, so that no line of a body that begins with a word and a colon is taken for one.
fn header(line: &str) -> Option<(String, String)> {
    let (name, value) =
        line.split_once(": ").or_else(|| line.split_once(':').filter(|(_, v)| v.is_empty()))?;
    let is_name = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b));
    is_name.then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_headers_and_body_come_apart_without_an_empty_line() {
        let text = "Warning: beta\nHTTP/1.1 201\ncontent-type: application/json;charset=UTF-8\nsforce-limit-info: api-usage=5/100\n{\n  \"id\": \"001\"\n}\n";
        let answer = read(text.as_bytes()).unwrap();
        assert_eq!((answer.status, answer.header("Sforce-Limit-Info")), (201, Some("api-usage=5/100")));
        assert_eq!(answer.text(), "{\n  \"id\": \"001\"\n}");
    }

    #[test]
    fn csv_keeps_its_lines_and_no_content_is_empty() {
        let answer = read(b"HTTP/1.1 200\ncontent-type: text/csv\nId,Name\n\"001\",\"a: b\"\n\n").unwrap();
        assert_eq!(answer.text(), "Id,Name\n\"001\",\"a: b\"\n");
        let answer = read(b"HTTP/1.1 204\ndate: Sun\n\n").unwrap();
        assert_eq!((answer.status, answer.text()), (204, ""));
    }

    #[test]
    fn other_text_is_no_answer() {
        for text in ["", "Error (1): Session expired or invalid", "HTTP/1.1", "HTTP/1.1 abc\n"] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
