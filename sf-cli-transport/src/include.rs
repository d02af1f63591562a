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
    let (mut headers, mut rests) = (Vec::new(), vec![rest]);
    while !rest.is_empty() {
        let (line, after) = cut(rest);
        let Some(header) = header(&strip_ansi(line)) else { break };
        headers.push(header);
        rest = after;
        rests.push(rest);
    }
    // A text may begin with a line such as `status: ok`.
    if let Some(end) = end_by_length(&headers, &rests) {
        rest = rests.get(end).copied().unwrap_or_default();
        headers.truncate(end);
    }
    // Printing adds one line end.
    let body = rest.strip_suffix('\n').unwrap_or(rest);
    let body = body.strip_suffix('\r').unwrap_or(body);
    headers
        .retain(|(name, _)| !["set-cookie", "content-encoding", "content-length"].contains(&name.as_str()));
    Some(Response::new(status, headers, body))
}

/// How many of the headers leave a body of the length that they name. That of a packed body says nothing.
fn end_by_length(headers: &[(String, String)], rests: &[&str]) -> Option<usize> {
    let at = |wanted: &str| headers.iter().position(|(name, _)| name == wanted);
    let named = at("content-length").filter(|_| at("content-encoding").is_none())?;
    let length: usize = headers.get(named)?.1.trim().parse().ok()?;
    let fits = |rest: &str| {
        rest.len().checked_sub(length).is_some_and(|over| over == 1 || rest.ends_with("\r\n") && over == 2)
    };
    rests.iter().enumerate().skip(named + 1).find(|(_, rest)| fits(rest)).map(|(end, _)| end)
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
    fn a_text_that_looks_like_headers_is_the_body_where_its_length_is_known() {
        let read = |text: &str| read(text.as_bytes()).unwrap();
        let answer =
            read("HTTP/1.1 200\ncontent-length: 19\ncontent-type: text/plain\nstatus: ok\nrows: 12\n");
        assert_eq!((answer.text(), answer.header("status")), ("status: ok\nrows: 12", None));
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        let answer = read("HTTP/1.1 204\ncontent-length: 0\ndate: Sun\n\n");
        assert_eq!((answer.text(), answer.header("date")), ("", Some("Sun")));
        // Printed with indentation, or packed on its way.
        let answer = read("HTTP/1.1 200\ncontent-length: 7\ndate: Sun\n{\n  \"a\": 1\n}\n");
        assert_eq!((answer.text(), answer.header("date")), ("{\n  \"a\": 1\n}", Some("Sun")));
        let answer = read("HTTP/1.1 200\ncontent-length: 14\ncontent-encoding: gzip\ndate: Sun\ndone\n");
        assert_eq!((answer.text(), answer.header("date")), ("done", Some("Sun")));
    }

    #[test]
    fn other_text_is_no_answer() {
        for text in ["", "Error (1): Session expired or invalid", "HTTP/1.1", "HTTP/1.1 abc\n"] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
