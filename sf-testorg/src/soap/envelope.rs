//! What a SOAP answer is wrapped in.
use crate::{
    error::ApiError,
    rest::{Answer, Body},
    xml::Element,
};

/// Which WSDL an answer speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wording {
    /// `partner` or `enterprise`.
    pub(crate) api: &'static str,
}

impl Wording {
    pub(crate) fn namespace(self) -> String {
        format!("xmlns=\"urn:{}.soap.sforce.com\"", self.api)
    }
}

/// What goes wrong with a whole call.
#[derive(Debug)]
pub(crate) struct Fault {
    /// `sf:INVALID_LOGIN`.
    code: String,
    string: String,
    /// The exception's type, code and message.
    detail: Option<(&'static str, String, String)>,
}

impl Fault {
    /// The request cannot be understood.
    pub(crate) fn client(string: &str) -> Fault {
        Fault { code: "soapenv:Client".to_owned(), string: string.to_owned(), detail: None }
    }
    pub(crate) fn exception(kind: &'static str, code: &str, message: &str) -> Fault {
        Fault {
            code: format!("sf:{code}"),
            string: format!("{code}: {message}"),
            detail: Some((kind, code.to_owned(), message.to_owned())),
        }
    }
    /// What REST says with a status.
    pub(super) fn of(error: &ApiError) -> Fault {
        Fault::exception("UnexpectedErrorFault", &error.code, &error.message)
    }
    pub(crate) fn answer(&self, wording: Wording) -> Answer {
        let detail = self.detail.as_ref().map(|(kind, code, message)| {
            let message = escape(message);
            format!(
                "<detail><sf:{kind} xsi:type=\"sf:{kind}\"><sf:exceptionCode>{code}</sf:exceptionCode>\
                 <sf:exceptionMessage>{message}</sf:exceptionMessage></sf:{kind}></detail>"
            )
        });
        reply(
            500,
            &format!("xmlns:sf=\"urn:fault.{}.soap.sforce.com\"", wording.api),
            "",
            &format!(
                "<soapenv:Fault><faultcode>{}</faultcode><faultstring>{}</faultstring>{}</soapenv:Fault>",
                self.code,
                escape(&self.string),
                detail.unwrap_or_default()
            ),
        )
    }
}

/// An envelope with this header, if it is not empty, and this body.
pub(crate) fn reply(status: u16, namespace: &str, header: &str, body: &str) -> Answer {
    let header =
        if header.is_empty() { String::new() } else { format!("<soapenv:Header>{header}</soapenv:Header>") };
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" {namespace} \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">{header}<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    );
    Answer::new(status, Body::Bytes { content_type: "text/xml;charset=UTF-8", bytes: text.into_bytes() })
}

/// The text of the first element of this local name, at any depth.
pub(crate) fn text(envelope: &Element, name: &str) -> Option<String> {
    Some(envelope.find(name)?.text.trim().to_owned())
}

/// Text as it stands in an element.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    crate::xml::escape(text, &mut out);
    out
}

/// `<name>value</name>`, or nil where there is none.
pub(super) fn nillable(name: &str, value: Option<impl AsRef<str>>, out: &mut String) {
    match value {
        Some(value) => element(name, value.as_ref(), out),
        None => {
            out.push('<');
            out.push_str(name);
            out.push_str(" xsi:nil=\"true\"/>");
        }
    }
}

/// `<name>value</name>`.
pub(super) fn element(name: &str, value: &str, out: &mut String) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    crate::xml::escape(value, out);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// `<errors>…</errors>` of a row.
pub(super) fn error(error: &ApiError, out: &mut String) {
    out.push_str("<errors>");
    for field in error.fields.iter().flatten() {
        element("fields", field, out);
    }
    element("message", &error.message, out);
    element("statusCode", &error.code, out);
    out.push_str("</errors>");
}
