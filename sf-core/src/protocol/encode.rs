//! Percent-encoding. One rule for path segments and query values: only what RFC 3986 calls unreserved stays.
use std::fmt::Write as _;

/// Appends `text` so that it stays one segment or one value whatever it holds.
pub(super) fn push(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// The length of `text` when encoded.
pub(super) fn length(text: &str) -> usize {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') { 1 } else { 3 })
        .sum()
}

/// What is wrong with an encoded path; such a path could leave its place when a URL library resolves it.
pub(super) fn path_problem(path: &str) -> Option<&'static str> {
    if path.len() > 16_000 {
        return Some("is longer than any URL the org takes");
    }
    if !path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'?' | b'#' | b'"' | b'<' | b'>')) {
        return Some("has a character that does not belong into a path");
    }
    let relative = path.strip_prefix('/').unwrap_or(path);
    if relative.split('/').any(str::is_empty) {
        return Some("has an empty part");
    }
    let dots = |part: &str| {
        let plain = part.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    if relative.split('/').any(dots) {
        return Some("has a part that means another folder");
    }
    None
}
