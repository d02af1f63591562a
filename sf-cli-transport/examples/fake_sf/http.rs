//! As much HTTP as it takes to talk to the simulated org on loopback.
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The connection ended within the body.
    pub(crate) torn: bool,
}

/// `None`: the connection ended before there was an answer.
pub(crate) fn send(
    url: &str,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Option<Answer> {
    let host = url.strip_prefix("http://").unwrap().trim_end_matches('/');
    let mut stream = TcpStream::connect(host).ok()?;
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if method != "GET" {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut all = Vec::new();
    // A reset ends the reading; what came is judged below.
    let broken = stream.read_to_end(&mut all).is_err();
    let end = all.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(all[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let find = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let mut body = all[end + 4..].to_vec();
    let mut torn = broken;
    if let Some(length) = find("content-length").and_then(|length| length.parse::<usize>().ok()) {
        torn |= body.len() < length;
    } else if find("transfer-encoding") == Some("chunked") {
        let (whole, plain) = unchunk(&body);
        torn |= !whole;
        body = plain;
    }
    Some(Answer { status, headers, body, torn })
}

fn unchunk(mut rest: &[u8]) -> (bool, Vec<u8>) {
    let mut plain = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end])
            .ok()
            .and_then(|text| usize::from_str_radix(text.trim(), 16).ok());
        let Some(size) = size else { return (false, plain) };
        if size == 0 {
            return (true, plain);
        }
        let Some(chunk) = rest.get(end + 2..end + 2 + size) else { return (false, plain) };
        plain.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
    (false, plain)
}
