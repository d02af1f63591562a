//! The SOAP API in the calls that REST does not have: `undelete`, `emptyRecycleBin`, `merge`, `convertLead`; signing in and out is
//! done by OAuth's module. Partner form, and enterprise form where it is the same.
//!
//! Shapes are those of the partner WSDL: elements of a result in its order, an id that there is none of as `xsi:nil`, no empty lists.
mod calls;
mod convert;
mod envelope;
mod merge;

pub(crate) use envelope::{Fault, Wording, reply, text};

use crate::{
    Method, Request,
    org::Inner,
    rest::Answer,
    xml::{self, Element},
};

/// API versions before are retired. (SOAP API guide, "SOAP API End-of-Life Policy")
const VERSIONS: std::ops::RangeInclusive<u16> = 31..=70;

/// The call that an envelope carries: the local name of the body's first element.
fn operation(envelope: &Element) -> Option<&Element> {
    envelope.child("Body")?.children.first()
}

/// What a SOAP request does, besides signing in and out: the word for faults and the request log.
pub(crate) fn operation_name(request: &Request) -> Option<&'static str> {
    let envelope = xml::read(&request.body).ok()?;
    match operation(&envelope)?.name.as_str() {
        "undelete" => Some("undelete"),
        "emptyRecycleBin" => Some("empty_recycle_bin"),
        "merge" => Some("merge"),
        "convertLead" => Some("convert_lead"),
        _ => None,
    }
}

impl Inner {
    /// `POST /services/Soap/u/64.0` (partner) and `/c/` (enterprise).
    pub(crate) fn soap(&mut self, request: &Request, kind: &str, version: &str) -> Answer {
        let wording = Wording { api: if kind == "c" { "enterprise" } else { "partner" } };
        let answer = self.soap_answer(request, wording, version);
        answer.unwrap_or_else(|fault| fault.answer(wording))
    }

    fn soap_answer(&mut self, request: &Request, wording: Wording, version: &str) -> Result<Answer, Fault> {
        if request.method != Method::Post || request.body.trim_ascii().is_empty() {
            return Err(Fault::client("Premature end of file."));
        }
        let envelope = xml::read(&request.body).map_err(|problem| Fault::client(&problem))?;
        let number: Option<u16> = version.strip_suffix(".0").and_then(|number| number.parse().ok());
        let Some(number) = number.filter(|number| VERSIONS.contains(number)) else {
            let message = format!("Invalid Api version specified on URL: {version}");
            return Err(Fault::exception("UnexpectedErrorFault", "UNSUPPORTED_API_VERSION", &message));
        };
        let call = operation(&envelope);
        let name = call.map(|call| call.name.as_str()).unwrap_or_default();
        match (name, call) {
            ("login", _) if self.has_soap_login(number) => self.soap_login(wording, version, &envelope),
            ("logout", _) => self.soap_logout(wording, &envelope),
            ("undelete" | "emptyRecycleBin" | "merge" | "convertLead", Some(call)) => {
                self.soap_call(request, (wording, number), &envelope, call)
            }
            _ => {
                let api = wording.api;
                let message =
                    format!("No operation available for request {{urn:{api}.soap.sforce.com}}{name}");
                Err(Fault::client(&message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(envelope: &Element) -> Option<&str> {
        operation(envelope).map(|call| call.name.as_str())
    }

    #[test]
    fn the_envelopes_of_clients_are_read_whatever_their_prefixes() {
        let jsforce = "<se:Envelope xmlns:se=\"http://schemas.xmlsoap.org/soap/envelope/\"><se:Header/><se:Body>\
                       <login xmlns=\"urn:partner.soap.sforce.com\"><username>a&amp;b@c.example</username>\
                       <password>p&lt;&#39;&#x41;</password></login></se:Body></se:Envelope>";
        let jsforce = xml::read(jsforce.as_bytes()).unwrap();
        assert_eq!(name(&jsforce), Some("login"));
        assert_eq!(text(&jsforce, "username").as_deref(), Some("a&b@c.example"));
        assert_eq!(text(&jsforce, "password").as_deref(), Some("p<'A"));
        let simple = "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<env:Envelope xmlns:env=\"e\">\n<env:Body>\n  \
                      <n1:login xmlns:n1=\"urn:partner.soap.sforce.com\">\n<n1:username>u</n1:username>\n</n1:login></env:Body>\
                      </env:Envelope>";
        let simple = xml::read(simple.as_bytes()).unwrap();
        assert_eq!(name(&simple), Some("login"));
        assert_eq!(text(&simple, "username").as_deref(), Some("u"));
        assert_eq!((operation(&Element::default()), text(&simple, "password")), (None, None));
    }
}
