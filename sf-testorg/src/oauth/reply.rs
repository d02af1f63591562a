//! What the OAuth endpoints answer: one flat object as JSON, form or XML.
use crate::rest::{Answer, Body};
use serde_json::{Map, Value};

/// The answer of an endpoint, before it has a form.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// In the order of the wire.
    pub(super) fields: Vec<(&'static str, Value)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Form,
    Xml,
}

impl Reply {
    pub(super) fn ok(fields: Vec<(&'static str, Value)>) -> Reply {
        Reply { status: 200, fields }
    }
    /// `{"error","error_description"}` with status 400.
    pub(super) fn refuse(error: &str, description: impl Into<String>) -> Reply {
        Reply {
            status: 400,
            fields: vec![("error", error.into()), ("error_description", description.into().into())],
        }
    }
    pub(super) fn invalid_grant(description: &str) -> Reply {
        Reply::refuse("invalid_grant", description)
    }

    pub(super) fn answer(self, format: Format) -> Answer {
        let status = self.status;
        let answer = match format {
            Format::Json => {
                // By hand: a map would sort the keys.
                let fields: Vec<String> = self
                    .fields
                    .iter()
                    .map(|(name, value)| format!("{}:{value}", Value::from(*name)))
                    .collect();
                Answer::json(status, format!("{{{}}}", fields.join(",")))
            }
            Format::Form => form(status, &self.fields),
            Format::Xml => {
                let fields: Map<String, Value> =
                    self.fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                xml(status, "OAuth", &Value::Object(fields))
            }
        };
        answer.header("Cache-Control", "no-store").header("Pragma", "no-cache")
    }
}

/// `error=…&error_description=…`
pub(super) fn form(status: u16, fields: &[(&'static str, Value)]) -> Answer {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", encode(&plain(value)))).collect();
    let content_type = "application/x-www-form-urlencoded;charset=UTF-8";
    Answer::new(status, Body::Bytes { content_type, bytes: pairs.join("&").into_bytes() })
}

/// A JSON value as an element, null as `xsi:nil`.
pub(super) fn xml(status: u16, root: &str, value: &Value) -> Answer {
    fn element(name: &str, value: &Value, out: &mut String) {
        match value {
            Value::Null => out.push_str(&format!("<{name} xsi:nil=\"true\"/>")),
            value => {
                out.push_str(&format!("<{name}>"));
                inside(value, out);
                out.push_str(&format!("</{name}>"));
            }
        }
    }
    fn inside(value: &Value, out: &mut String) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| element(name, value, out)),
            value => out.push_str(&escape(&plain(value))),
        }
    }
    let mut out = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><{root} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">"#
    );
    inside(value, &mut out);
    out.push_str(&format!("</{root}>"));
    Answer::new(
        status,
        Body::Bytes { content_type: "application/xml;charset=UTF-8", bytes: out.into_bytes() },
    )
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// For HTML and XML, text and attributes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// For a query: everything but unreserved characters.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}
