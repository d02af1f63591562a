//! HTTP by hand over a `TcpStream`: what the tests see is what is on the wire.
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
};

/// One connection.
pub(crate) struct Connection(BufReader<TcpStream>);

/// An answer, as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}
impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
    pub(crate) fn json(&self) -> serde_json::Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }
}

impl Connection {
    /// To `http://host:port`.
    pub(crate) fn open(url: &str) -> Connection {
        let address = url.strip_prefix("http://").unwrap();
        Connection(BufReader::new(TcpStream::connect(address).unwrap()))
    }

    /// Sends a request, headers one a line, and reads the answer.
    pub(crate) fn send(&mut self, line: &str, headers: &str, body: &[u8]) -> io::Result<Answer> {
        let mut text = format!("{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n", body.len());
        for header in headers.lines() {
            text.push_str(header.trim());
            text.push_str("\r\n");
        }
        text.push_str("\r\n");
        let stream = self.0.get_mut();
        stream.write_all(text.as_bytes())?;
        stream.write_all(body)?;
        self.read()
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    fn read(&mut self) -> io::Result<Answer> {
        let status = self.line()?.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        let length: u64 = answer.header("content-length").map_or(0, |n| n.parse().unwrap());
        (&mut self.0).take(length).read_to_end(&mut answer.body)?;
        if (answer.body.len() as u64) < length {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("{} bytes", answer.body.len())));
        }
        Ok(answer)
    }
}

/// One request on a connection of its own.
pub(crate) fn request(url: &str, line: &str, headers: &str, body: &str) -> Answer {
    Connection::open(url).send(line, headers, body.as_bytes()).unwrap()
}
