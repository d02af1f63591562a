//! The same over a socket, byte by byte: what HTTP itself can get wrong.
use super::{error, not_found, parser};
use crate::given::V;
use serde_json::{Value, json};
use sf_testorg::{AssumedError, Server, TestOrg};
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

fn serve() -> Server {
    TestOrg::empty().serve().unwrap()
}

/// What comes back for these bytes until the server closes: no answer may take longer than the socket waits.
fn raw(server: &Server, bytes: &[u8], close: bool) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(600))).unwrap();
    // The server may refuse before it has read everything.
    let _ = stream.write_all(bytes);
    if close {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(e) => panic!("no answer: {e}"),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0)
}

fn body(answer: &str) -> Value {
    let text = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(text).unwrap_or(Value::Null)
}

fn head(server: &Server, line: &str, headers: &str) -> String {
    format!(
        "{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {}\r\n{headers}\r\n",
        server.token()
    )
}

/// A post that is whole.
fn post(server: &Server, headers: &str, bytes: &[u8]) -> String {
    raw(server, &posted(server, headers, bytes), false)
}

fn posted(server: &Server, headers: &str, bytes: &[u8]) -> Vec<u8> {
    let line = format!("POST {V}/sobjects/Account");
    let mut all = head(server, &line, &format!("Content-Type: application/json\r\n{headers}")).into_bytes();
    all.extend(bytes);
    all
}

fn accounts(server: &Server) -> usize {
    server.org().rows(&sf_core::object!("Account")).len()
}

#[test]
fn given_other_forms_of_a_target_when_sent_then_they_are_read() {
    let server = serve();
    let url = server.url().to_owned();
    let count = format!("{V}/query?q=SELECT+COUNT()+FROM+Account");
    for target in [count.clone(), format!("{url}{count}"), format!("/{count}")] {
        let answer = raw(&server, head(&server, &format!("GET {target}"), "").as_bytes(), false);
        assert_eq!((status(&answer), &body(&answer)["totalSize"]), (200, &json!(0)), "{target}");
    }
    for target in [
        "/services/data/v66.0/../v66.0/limits",
        "/services/data/v66.0/%2e%2e/limits",
        "/services/data/v66.0/sobjects/%ff",
        "*",
    ] {
        let answer = raw(&server, head(&server, &format!("GET {target}"), "").as_bytes(), false);
        assert_eq!((status(&answer), body(&answer)), (404, not_found()), "{target}");
    }
    // Blanks, raw bytes and line noise are no request line.
    for line in [
        "GET /services/data/v66.0/query?q=SELECT Id",
        "GET /\u{0}",
        "GET",
        "",
        "\u{1f980} / HTTP/1.1",
        "GET / HTTP/9.9",
    ] {
        let answer = raw(&server, format!("{line}\r\n\r\n").as_bytes(), true);
        assert!([0, 400, 404, 405, 505].contains(&status(&answer)), "{line}: {answer}");
    }
}

#[test]
fn given_methods_that_are_none_when_sent_then_405_with_the_list() {
    let server = serve();
    for method in ["BREW", "TRACE", "PROPFIND", "get", "CONNECT"] {
        let answer = raw(&server, head(&server, &format!("{method} {V}/limits"), "").as_bytes(), false);
        let message =
            format!("HTTP Method '{method}' not allowed. Allowed are DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT");
        if method == "CONNECT" {
            assert!([400, 405].contains(&status(&answer)), "{answer}");
            continue;
        }
        assert_eq!(
            (status(&answer), body(&answer)),
            (405, error("METHOD_NOT_ALLOWED", &message)),
            "{method}"
        );
        assert!(
            answer.to_ascii_lowercase().contains("\r\nallow: delete,get,head,options,patch,post,put\r\n")
        );
    }
    let answer = raw(&server, head(&server, &format!("OPTIONS {V}/limits"), "").as_bytes(), false);
    let message = "HTTP Method 'OPTIONS' not allowed. Allowed are GET,HEAD";
    assert_eq!((status(&answer), body(&answer)), (405, error("METHOD_NOT_ALLOWED", message)));
    let answer = raw(&server, head(&server, &format!("HEAD {V}/limits"), "").as_bytes(), false);
    assert!(status(&answer) == 200 && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn given_bodies_in_every_framing_when_sent_then_whole_ones_count() {
    let server = serve();
    let chunked = "Transfer-Encoding: chunked\r\n";
    let answer = post(
        &server,
        &format!("{chunked}Trailer: X-Sum\r\n"),
        b"8\r\n{\"Name\":\r\n5;x=y\r\n\"A1\"}\r\n0\r\nX-Sum: 1\r\n\r\n",
    );
    assert_eq!(status(&answer), 201, "{answer}");
    let answer = post(&server, "Content-Length: 13\r\n", br#"{"Name":"A2"}"#);
    assert_eq!(status(&answer), 201, "{answer}");
    assert_eq!(accounts(&server), 2);
    let answer = post(&server, "", b"");
    assert_eq!(
        (status(&answer), body(&answer)),
        (400, parser("No content to map to Object due to end of input"))
    );
    // Cut off: whatever is answered, nothing is saved.
    for (headers, bytes) in [
        ("Content-Length: 100\r\n", &br#"{"Name":"A3"}"#[..]),
        (chunked, b"d\r\n{\"Name\":\"A3\"}"),
        (chunked, b"d\r\n{\"Name\":\"A3\"}\r\n"),
        (chunked, b"zz\r\n{\"Name\":\"A3\"}\r\n0\r\n\r\n"),
        (chunked, b"fffffffffffffffff\r\n{}"),
        ("Content-Length: -1\r\n", b"{}"),
        ("Content-Length: 13\r\nContent-Length: 2\r\n", br#"{"Name":"A3"}"#),
        ("Content-Length: x\r\n", b"{}"),
    ] {
        let answer = raw(&server, &posted(&server, headers, bytes), true);
        assert!([0, 400].contains(&status(&answer)), "{headers}: {answer}");
        assert_eq!(accounts(&server), 2, "{headers}");
    }
    // Without a length there is no body; what follows is no request.
    let answer = post(&server, "", br#"{"Name":"A3"}"#);
    assert_eq!(status(&answer), 400, "{answer}");
    assert_eq!(accounts(&server), 2);
}

#[test]
fn given_compressed_bodies_when_sent_then_gzip_and_deflate_are_read_and_others_refused() {
    let server = serve();
    let plain = br#"{"Name":"Packed"}"#;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(plain).unwrap();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(plain).unwrap();
    for (name, packed) in
        [("gzip", gzip.finish().unwrap()), ("deflate", zlib.finish().unwrap()), ("identity", plain.to_vec())]
    {
        let headers = format!("Content-Encoding: {name}\r\nContent-Length: {}\r\n", packed.len());
        let answer = post(&server, &headers, &packed);
        assert_eq!(status(&answer), 201, "{name}: {answer}");
    }
    let answer = post(&server, "Content-Encoding: br\r\nContent-Length: 1\r\n", b"x");
    let wanted = error("UNSUPPORTED_MEDIA_TYPE", "Content-Encoding 'br' is not supported");
    assert_eq!((status(&answer), body(&answer)), (415, wanted));
    for name in ["gzip", "deflate"] {
        let headers = format!("Content-Encoding: {name}\r\nContent-Length: 9\r\n");
        let answer = post(&server, &headers, b"no packed");
        let message = format!("Not in {} format", name.to_uppercase());
        assert_eq!((status(&answer), body(&answer)), (400, parser(&message)));
    }
    assert_eq!(accounts(&server), 3);
    // A small body that unpacks to more than the server reads.
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..70 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let headers = format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n", bomb.len());
    let answer = post(&server, &headers, &bomb);
    assert_eq!((status(&answer), &body(&answer)[0]["errorCode"]), (413, &json!("EXCEEDED_MAX_SIZE_REQUEST")));
}

#[test]
fn given_a_length_beyond_what_is_read_when_announced_then_413_before_a_byte_of_it() {
    let server = serve();
    let answer = post(&server, "Content-Length: 67108865\r\n", b"");
    let message = "Maximum size of request reached. Maximum size of request is 67108864 bytes.";
    assert_eq!((status(&answer), body(&answer)), (413, error("EXCEEDED_MAX_SIZE_REQUEST", message)));
}

#[test]
fn given_a_damaged_body_for_bulk_api_1_when_refused_then_in_its_form() {
    let server = serve();
    let line = "POST /services/async/66.0/job";
    let headers = "Content-Type: application/xml\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n";
    let mut bytes = head(&server, line, headers).into_bytes();
    bytes.extend(b"no packed");
    let answer = raw(&server, &bytes, false);
    assert_eq!(status(&answer), 400);
    assert!(answer.contains("<exceptionMessage>Not in GZIP format</exceptionMessage>"), "{answer}");
}

/// Makes the server answer an error that no resource gets to see; the answer, and the code it has by default.
pub(crate) fn provoke(org: &TestOrg, error: AssumedError) -> (String, &'static str) {
    let server = org.serve().unwrap();
    match error {
        AssumedError::UnknownMethod => {
            let brew = head(&server, &format!("BREW {V}/limits"), "");
            (raw(&server, brew.as_bytes(), false), "METHOD_NOT_ALLOWED")
        }
        AssumedError::LargeRequest => {
            (post(&server, "Content-Length: 67108865\r\n", b""), "EXCEEDED_MAX_SIZE_REQUEST")
        }
        AssumedError::UnknownEncoding => {
            (post(&server, "Content-Encoding: br\r\nContent-Length: 1\r\n", b"x"), "UNSUPPORTED_MEDIA_TYPE")
        }
        _ => (post(&server, "Content-Encoding: gzip\r\nContent-Length: 1\r\n", b"x"), "JSON_PARSER_ERROR"),
    }
}

#[test]
fn given_headers_of_every_kind_when_sent_then_the_server_lives() {
    let server = serve();
    let limits = format!("GET {V}/limits");
    let answer = raw(&server, head(&server, &limits, "X-Name: J\u{fc}rgen \u{1f980}\r\n").as_bytes(), false);
    assert_eq!(status(&answer), 200);
    let mut bytes = head(&server, &limits, "X-Latin: ").into_bytes();
    bytes.truncate(bytes.len() - 2);
    bytes.extend(b"J\xfcrgen\r\n\r\n");
    assert_eq!(status(&raw(&server, &bytes, false)), 200);
    let reason = "<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>";
    for headers in [format!("X-Long: {}\r\n", "x".repeat(16_384)), "X-A: 1\r\n".repeat(3_000)] {
        let answer = raw(&server, head(&server, &limits, &headers).as_bytes(), false);
        assert!(status(&answer) == 431 && answer.ends_with(reason), "{answer}");
    }
    let answer =
        raw(&server, head(&server, &format!("GET {V}/{}", "x".repeat(16_384)), "").as_bytes(), false);
    assert!(status(&answer) == 414 && answer.contains("URI Too Long"), "{answer}");
    // Beyond what HTTP servers read at all.
    for headers in ["X-A: 1\r\n".repeat(10_000), format!("X-Long: {}\r\n", "x".repeat(2 << 20))] {
        let answer = raw(&server, head(&server, &limits, &headers).as_bytes(), false);
        assert!([0, 400, 431].contains(&status(&answer)), "{answer}");
    }
    for headers in ["no colon\r\n", "Bad Name: x\r\n", ": x\r\n", "X: \u{0}\r\n", " folded: x\r\n"] {
        let answer = raw(&server, head(&server, &limits, headers).as_bytes(), true);
        assert!([0, 200, 400].contains(&status(&answer)), "{headers}: {answer}");
    }
    assert_eq!(status(&raw(&server, head(&server, &limits, "").as_bytes(), false)), 200);
}
