//! The parameters of an OAuth request: from the query, a form or a multipart body, and the client's name from HTTP Basic.
use super::reply::{Format, Reply};
use crate::{
    Method, Request, multipart,
    rest::{Target, pairs},
};

#[derive(Debug)]
pub(super) struct Form {
    pairs: Vec<(String, String)>,
    /// `client_id:client_secret` of a Basic header.
    pub(super) basic: Option<(String, String)>,
    accept: String,
}

impl Form {
    pub(super) fn read(request: &Request, target: &Target) -> Result<Form, Reply> {
        let kind = request.find_header("Content-Type").unwrap_or_default();
        let mut form = Form {
            pairs: Vec::new(),
            basic: request.find_header("Authorization").and_then(basic),
            accept: request.find_header("Accept").unwrap_or_default().to_ascii_lowercase(),
        };
        let malformed = || Reply::refuse("invalid_request", "malformed request body");
        let is_form = kind.is_empty() || kind.to_ascii_lowercase().contains("x-www-form-urlencoded");
        if request.method == Method::Post && !request.body.is_empty() {
            if multipart::is_multipart(kind) {
                form.pairs = multipart(kind, &request.body).ok_or_else(malformed)?;
            } else if is_form {
                let body = std::str::from_utf8(&request.body).map_err(|_| malformed())?;
                form.pairs = pairs(body.trim()).ok_or_else(malformed)?;
            }
        }
        form.pairs.extend(target.query.iter().cloned());
        Ok(form)
    }

    /// The first value of this name that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Reply> {
        self.get(name)
            .ok_or_else(|| Reply::refuse("invalid_request", format!("missing required parameter: {name}")))
    }

    /// The parameter `format`, else the header `Accept`, else JSON.
    pub(super) fn format(&self) -> Format {
        match self.get("format") {
            Some("urlencoded") => Format::Form,
            Some("xml") => Format::Xml,
            Some(_) => Format::Json,
            None if self.accept.contains("json") => Format::Json,
            None if self.accept.contains("x-www-form-urlencoded") => Format::Form,
            // A browser names HTML first, and XML after it.
            None if self.accept.contains("/xml") && !self.accept.contains("html") => Format::Xml,
            None => Format::Json,
        }
    }
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(crate::save::base64(encoded.trim())?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// The text fields of a `multipart/form-data` body, as `sf`'s device flow sends it.
fn multipart(content_type: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let field = |part: &multipart::Part<'_>| {
        Some((part.name?.to_owned(), std::str::from_utf8(part.data).ok()?.to_owned()))
    };
    multipart::read(content_type, body).ok()?.iter().map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multipart_body_is_read_as_node_writes_it() {
        let body = "----------------------------42\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\nPlatformCLI\r\n\
                    ----------------------------42\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\n\r\n\
                    ----------------------------42--\r\n";
        let kind = "multipart/form-data; boundary=--------------------------42";
        let read = multipart(kind, body.as_bytes()).unwrap();
        assert_eq!(
            read,
            [("client_id".to_owned(), "PlatformCLI".to_owned()), ("code".to_owned(), String::new())]
        );
        for cut in 0..body.len() - 4 {
            assert_eq!(multipart(kind, &body.as_bytes()[..cut]), None, "{cut}");
        }
    }
}
