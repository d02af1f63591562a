//! Bodies of kind `multipart/form-data` (RFC 7578), taken apart.
use memchr::memmem;

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'b> {
    /// Of `Content-Disposition`.
    pub(crate) name: Option<&'b str>,
    /// Of `Content-Disposition`.
    pub(crate) file_name: Option<&'b str>,
    /// `Content-Type` without its parameters.
    pub(crate) content_type: Option<&'b str>,
    pub(crate) data: &'b [u8],
}

/// Longest boundary (RFC 2046, 5.1.1).
const LONGEST_BOUNDARY: usize = 70;

pub(crate) fn is_multipart(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// The parts in order, or what is wrong.
pub(crate) fn read<'b>(content_type: &str, body: &'b [u8]) -> Result<Vec<Part<'b>>, &'static str> {
    // The case of the boundary counts.
    let boundary = parameter(content_type, "boundary").filter(|b| !b.is_empty());
    let boundary = boundary.ok_or("the boundary is missing")?;
    if boundary.len() > LONGEST_BOUNDARY {
        return Err("the boundary is longer than 70 characters");
    }
    let fence = format!("\n--{boundary}");
    let finder = memmem::Finder::new(&fence);
    let first = &fence.as_bytes()[1..];
    let mut rest = match body.strip_prefix(first) {
        Some(rest) => rest,
        None => after(body, finder.find(body).ok_or("no part was found")? + fence.len()),
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let end = finder.find(rest).ok_or("the last boundary is missing")?;
        let text = rest.get(..end).unwrap_or_default();
        parts.push(part(text.strip_suffix(b"\r").unwrap_or(text)).ok_or("a part has no header")?);
        rest = after(rest, end + fence.len());
    }
    Ok(parts)
}

fn after(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

/// Header and data of one part; it begins behind its boundary.
fn part(text: &[u8]) -> Option<Part<'_>> {
    let blanks = text.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let text = after(text, blanks);
    let text = text.strip_prefix(b"\r\n").or_else(|| text.strip_prefix(b"\n"))?;
    let crlf = memmem::find(text, b"\r\n\r\n").map(|at| (at, at + 4));
    let lf = memmem::find(text, b"\n\n").map(|at| (at, at + 2));
    let (end, start) = match (crlf, lf) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    let head = std::str::from_utf8(text.get(..end)?).ok()?;
    let header = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then_some(value.trim())
        })
    };
    let disposition = header("Content-Disposition");
    Some(Part {
        name: disposition.and_then(|d| parameter(d, "name")),
        file_name: disposition.and_then(|d| parameter(d, "filename")),
        content_type: header("Content-Type").map(|kind| kind.split(';').next().unwrap_or_default().trim()),
        data: after(text, start),
    })
}

/// A parameter of a header's value, with or without quotes. A semicolon inside of quotes is none between parameters.
fn parameter<'v>(value: &'v str, wanted: &str) -> Option<&'v str> {
    let mut quoted = false;
    let parameters = value.split(move |c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    parameters.skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_have_their_names_types_and_bytes() {
        let body = b"preamble\r\n--B \r\nContent-Disposition: form-data; name=\"entity_content\";\r\nContent-Type: application/json; \
            charset=UTF-8\r\n\r\n{}\r\n--B\ncontent-type: text/plain\ncontent-disposition: form-data; filename=\"a;b.txt\"; \
            name=VersionData\n\n\r\n-- B\xff\n\r\n--B--\r\nafterwards";
        let parts = read("Multipart/Form-Data; charset=x; Boundary=\"B\"", body).unwrap();
        assert_eq!(parts.len(), 2, "{parts:?}");
        assert_eq!(
            parts[0],
            Part {
                name: Some("entity_content"),
                file_name: None,
                content_type: Some("application/json"),
                data: b"{}"
            }
        );
        assert_eq!((parts[1].name, parts[1].file_name), (Some("VersionData"), Some("a;b.txt")));
        assert_eq!((parts[1].content_type, parts[1].data), (Some("text/plain"), &b"\r\n-- B\xff\n"[..]));
    }
    #[test]
    fn what_is_wrong_is_said() {
        let read = |content_type: &str, body: &str| super::read(content_type, body.as_bytes()).unwrap_err();
        assert_eq!(read("multipart/form-data", "--B--"), "the boundary is missing");
        assert_eq!(read("multipart/form-data; boundary=B", "nothing"), "no part was found");
        assert_eq!(read("multipart/form-data; boundary=B", "--B\r\n\r\nx"), "the last boundary is missing");
        assert_eq!(read("multipart/form-data; boundary=B", "--B\r\nx\r\n--B--"), "a part has no header");
        let long = format!("multipart/form-data; boundary={}", "B".repeat(71));
        assert_eq!(read(&long, "--B--"), "the boundary is longer than 70 characters");
    }
    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in "(--B|\\r\\n|\n|--|:|;|x|\"|=){0,20}") {
            let _ = read("multipart/form-data; boundary=B", body.as_bytes());
        }
        #[test]
        fn any_data_comes_back(data in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut body = b"--Bound\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".to_vec();
            body.extend_from_slice(&data);
            body.extend_from_slice(b"\r\n--Bound--");
            let parts = read("multipart/form-data; boundary=Bound", &body).unwrap();
            prop_assert_eq!(parts[0].data, &data[..]);
        }
    }
}
