//! `login()` and `logout()` of the SOAP API, as jsforce and simple-salesforce call them. Nothing else of SOAP is here.
use super::{reply::escape, vault::Session};
use crate::{
    Method, Request,
    org::Inner,
    rest::{Answer, Body},
    xml::{self, Element},
};

/// SOAP guide, "SOAP API End-of-Life Policy": versions before are retired, `login()` is in none after.
const VERSIONS_WITH_LOGIN: std::ops::RangeInclusive<u16> = 31..=64;

/// What goes wrong, as a fault.
struct Fault {
    /// `sf:INVALID_LOGIN`.
    code: String,
    string: String,
    /// The exception's type, code and message.
    detail: Option<(&'static str, &'static str, String)>,
}

impl Fault {
    fn exception(kind: &'static str, code: &'static str, message: &str) -> Fault {
        Fault {
            code: format!("sf:{code}"),
            string: format!("{code}: {message}"),
            detail: Some((kind, code, message.to_owned())),
        }
    }
    fn answer(&self, api: &str) -> Answer {
        let detail = self.detail.as_ref().map(|(kind, code, message)| {
            let message = escape(message);
            format!(
                "<detail><sf:{kind} xsi:type=\"sf:{kind}\"><sf:exceptionCode>{code}</sf:exceptionCode>\
                 <sf:exceptionMessage>{message}</sf:exceptionMessage></sf:{kind}></detail>"
            )
        });
        reply(
            500,
            &format!("xmlns:sf=\"urn:fault.{api}.soap.sforce.com\""),
            &format!(
                "<soapenv:Fault><faultcode>{}</faultcode><faultstring>{}</faultstring>{}</soapenv:Fault>",
                self.code,
                escape(&self.string),
                detail.unwrap_or_default()
            ),
        )
    }
}

fn reply(status: u16, namespace: &str, body: &str) -> Answer {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" {namespace} \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    );
    Answer::new(status, Body::Bytes { content_type: "text/xml;charset=UTF-8", bytes: text.into_bytes() })
}

impl Inner {
    /// `POST /services/Soap/u/64.0` (partner) and `/c/` (enterprise).
    pub(super) fn soap(&mut self, request: &Request, kind: &str, version: &str) -> Answer {
        let api = if kind == "c" { "enterprise" } else { "partner" };
        let client = |string: String| Fault { code: "soapenv:Client".to_owned(), string, detail: None };
        if request.method != Method::Post || request.body.trim_ascii().is_empty() {
            return client("Premature end of file.".to_owned()).answer(api);
        }
        let envelope = match xml::read(&request.body) {
            Ok(envelope) => envelope,
            Err(problem) => return client(problem).answer(api),
        };
        let number: Option<u16> = version.strip_suffix(".0").and_then(|number| number.parse().ok());
        let operation = operation(&envelope).unwrap_or_default();
        let answer = match (number, operation) {
            (Some(number), _) if (31..=70).contains(&number) => match operation {
                "login" if VERSIONS_WITH_LOGIN.contains(&number) => self.soap_login(api, version, &envelope),
                "logout" => self.soap_logout(api, &envelope),
                other => Err(client(format!(
                    "No operation available for request {{urn:{api}.soap.sforce.com}}{other}"
                ))),
            },
            _ => {
                let message = format!("Invalid Api version specified on URL: {version}");
                Err(Fault::exception("UnexpectedErrorFault", "UNSUPPORTED_API_VERSION", &message))
            }
        };
        answer.unwrap_or_else(|fault| fault.answer(api))
    }

    fn soap_login(&mut self, api: &str, version: &str, envelope: &Element) -> Result<Answer, Fault> {
        if !self.oauth.soap_login {
            let message = "SOAP API login() is disabled by default in this org. Contact the org administrator to \
                           enable SOAP API login().";
            return Err(Fault::exception("LoginFault", "INVALID_OPERATION", message));
        }
        let wrong = || {
            let message = "Invalid username, password, security token; or user locked out.";
            Fault::exception("LoginFault", "INVALID_LOGIN", message)
        };
        let (username, password) = (text(envelope, "username"), text(envelope, "password"));
        let user = username
            .and_then(|name| self.user_named(&name))
            .filter(|user| user.is_active)
            .ok_or_else(wrong)?;
        if !password.is_some_and(|password| self.oauth.credentials.is_password(&password)) {
            return Err(wrong());
        }
        let now = self.oauth.now;
        let idle_seconds = self.oauth.idle_seconds(None);
        let token = self.oauth.begin(Session {
            user: user.id,
            client_id: None,
            grant: None,
            scopes: vec!["full".to_owned()],
            issued: now,
            used: now,
            idle_seconds,
        });
        let field = |name: &str, otherwise: &str| {
            let found = self.state.find(user.id).and_then(|(sobject, row)| {
                row.cells.get(sobject.position(name)?).and_then(|cell| {
                    cell.as_text().map(str::to_owned).or_else(|| cell.as_id().map(|id| id.to_string()))
                })
            });
            escape(&found.unwrap_or_else(|| otherwise.to_owned()))
        };
        let base = escape(&self.oauth.instance_url);
        let org = &self.oauth.credentials.org_id;
        let org_15 = org.get(..15).unwrap_or_default();
        let letter = if api == "enterprise" { 'c' } else { 'u' };
        let seconds = idle_seconds.unwrap_or_default();
        let user_info = [
            "<accessibilityMode>false</accessibilityMode><chatterExternal>false</chatterExternal>".to_owned(),
            "<currencySymbol>$</currencySymbol><orgAttachmentFileSizeLimit>5242880</orgAttachmentFileSizeLimit>".to_owned(),
            "<orgDefaultCurrencyIsoCode>USD</orgDefaultCurrencyIsoCode>".to_owned(),
            "<orgDefaultCurrencyLocale>en_US</orgDefaultCurrencyLocale>".to_owned(),
            "<orgDisallowHtmlAttachments>false</orgDisallowHtmlAttachments>".to_owned(),
            "<orgHasPersonAccounts>false</orgHasPersonAccounts>".to_owned(),
            format!("<organizationId>{org}</organizationId>"),
            "<organizationMultiCurrency>false</organizationMultiCurrency>".to_owned(),
            "<organizationName>Simulated Org</organizationName>".to_owned(),
            format!("<profileId>{}</profileId><roleId xsi:nil=\"true\"/>", field("ProfileId", "")),
            format!("<sessionSecondsValid>{seconds}</sessionSecondsValid>"),
            "<userDefaultCurrencyIsoCode xsi:nil=\"true\"/>".to_owned(),
            format!("<userEmail>{}</userEmail>", field("Email", &user.username)),
            format!("<userFullName>{}</userFullName><userId>{}</userId>", escape(&user.name), user.id),
            format!("<userLanguage>{}</userLanguage>", field("LanguageLocaleKey", "en_US")),
            format!("<userLocale>{}</userLocale>", field("LocaleSidKey", "en_US")),
            format!("<userName>{}</userName>", escape(&user.username)),
            format!("<userTimeZone>{}</userTimeZone>", field("TimeZoneSidKey", "GMT")),
            format!("<userType>{}</userType><userUiSkin>Theme3</userUiSkin>", field("UserType", "Standard")),
        ];
        let result = format!(
            "<loginResponse><result><metadataServerUrl>{base}/services/Soap/m/{version}/{org_15}</metadataServerUrl>\
             <passwordExpired>false</passwordExpired><sandbox>false</sandbox>\
             <serverUrl>{base}/services/Soap/{letter}/{version}/{org_15}</serverUrl>\
             <sessionId>{token}</sessionId><userId>{}</userId><userInfo>{}</userInfo></result></loginResponse>",
            user.id,
            user_info.concat()
        );
        Ok(reply(200, &format!("xmlns=\"urn:{api}.soap.sforce.com\""), &result))
    }

    fn soap_logout(&mut self, api: &str, envelope: &Element) -> Result<Answer, Fault> {
        let ended = text(envelope, "sessionId").is_some_and(|token| self.oauth.vault.end(&token));
        if !ended {
            let message = "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key: ";
            return Err(Fault::exception("UnexpectedErrorFault", "INVALID_SESSION_ID", message));
        }
        Ok(reply(200, &format!("xmlns=\"urn:{api}.soap.sforce.com\""), "<logoutResponse/>"))
    }
}

/// The local name of the body's first element.
fn operation(envelope: &Element) -> Option<&str> {
    Some(envelope.child("Body")?.children.first()?.name.as_str())
}

/// The text of the first element of this local name.
fn text(envelope: &Element, name: &str) -> Option<String> {
    Some(envelope.find(name)?.text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelopes_of_clients_are_read_whatever_their_prefixes() {
        let jsforce = "<se:Envelope xmlns:se=\"http://schemas.xmlsoap.org/soap/envelope/\"><se:Header/><se:Body>\
                       <login xmlns=\"urn:partner.soap.sforce.com\"><username>a&amp;b@c.example</username>\
                       <password>p&lt;&#39;&#x41;</password></login></se:Body></se:Envelope>";
        let jsforce = xml::read(jsforce.as_bytes()).unwrap();
        assert_eq!(operation(&jsforce), Some("login"));
        assert_eq!(text(&jsforce, "username").as_deref(), Some("a&b@c.example"));
        assert_eq!(text(&jsforce, "password").as_deref(), Some("p<'A"));
        let simple = "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<env:Envelope xmlns:env=\"e\">\n<env:Body>\n  \
                      <n1:login xmlns:n1=\"urn:partner.soap.sforce.com\">\n<n1:username>u</n1:username>\n</n1:login></env:Body>\
                      </env:Envelope>";
        let simple = xml::read(simple.as_bytes()).unwrap();
        assert_eq!(operation(&simple), Some("login"));
        assert_eq!(text(&simple, "username").as_deref(), Some("u"));
        assert_eq!((operation(&Element::default()), text(&simple, "password")), (None, None));
    }
}
