//! The three formats of batches, and errors.
use crate::{
    AssumedError, Request,
    error::ApiError,
    rest::{Answer, Body},
    state::write_json_string,
    xml,
};

pub(super) const NAMESPACE: &str = "http://www.force.com/2009/06/asyncapi/dataload";

/// What the batches of a job are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Json,
    Xml,
}

impl Format {
    pub(super) fn parse(name: &str) -> Option<Format> {
        [Format::Csv, Format::Json, Format::Xml].into_iter().find(|format| format.name() == name)
    }
    /// As a job's `contentType`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Format::Csv => "CSV",
            Format::Json => "JSON",
            Format::Xml => "XML",
        }
    }
    /// Clients compare it as a whole, so nothing follows it.
    fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv",
            Format::Json => "application/json",
            Format::Xml => "application/xml",
        }
    }
    pub(super) fn of_header(value: &str) -> Option<Format> {
        let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "text/csv" => Some(Format::Csv),
            "application/json" => Some(Format::Json),
            "application/xml" | "text/xml" => Some(Format::Xml),
            _ => None,
        }
    }
    /// Of what is said about jobs and batches; there is none of it in CSV.
    pub(super) fn of_infos(self) -> Format {
        if self == Format::Json { Format::Json } else { Format::Xml }
    }
    /// Data in this format.
    pub(super) fn data(self, bytes: Vec<u8>) -> Answer {
        self.answer(200, bytes)
    }
    pub(super) fn answer(self, status: u16, bytes: Vec<u8>) -> Answer {
        Answer::new(status, Body::Bytes { content_type: self.content_type(), bytes })
    }
}

/// An error with a code of this API. All of them are 400, a dead session too.
pub(super) fn invalid(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(400, code, message)
}

pub(super) fn unsupported(content_type: &str) -> ApiError {
    let message = format!("Unsupported content type: {content_type}");
    invalid("UnsupportedContentType", message).assumed(AssumedError::ClassicContentType)
}

/// `<error><exceptionCode>…` or `{"exceptionCode","exceptionMessage"}`: as the request says what it is made of, else as the job does.
pub(crate) fn refused(request: &Request, job: Option<Format>, error: &ApiError) -> Answer {
    let (status, code, message) = match &*error.code {
        "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" => (400, "InvalidSessionId", "Invalid session id"),
        "REQUEST_LIMIT_EXCEEDED" => (400, "ExceededQuota", error.message.as_str()),
        "URL_NOT_RESET" => (400, "InvalidUrl", error.message.as_str()),
        "UNKNOWN_EXCEPTION" => (error.status, "InternalServerError", error.message.as_str()),
        code => (error.status, code, error.message.as_str()),
    };
    let said = request.find_header("Content-Type").and_then(Format::of_header);
    let format = said.or(job).unwrap_or(Format::Xml).of_infos();
    let mut out = String::new();
    if format == Format::Json {
        out.push_str("{\"exceptionCode\":");
        write_json_string(code, &mut out);
        out.push_str(",\"exceptionMessage\":");
        write_json_string(message, &mut out);
        out.push('}');
    } else {
        out.push_str(&format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><error\n   xmlns=\"{NAMESPACE}\">\n"
        ));
        for (name, text) in [("exceptionCode", code), ("exceptionMessage", message)] {
            out.push_str(&format!(" <{name}>"));
            xml::escape(text, &mut out);
            out.push_str(&format!("</{name}>\n"));
        }
        out.push_str("</error>");
    }
    format.answer(status, out.into_bytes())
}
