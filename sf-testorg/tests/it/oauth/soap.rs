//! SOAP `login()` and `logout()` as clients send them.
use super::{EXPIRED, call};
use sf_testorg::{Method, Request, Response, TestOrg};

const ENVELOPE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
                        xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" ";

fn send(org: &TestOrg, path: &str, body: &str) -> Response {
    let mut request =
        Request::new(Method::Post, path).header("Content-Type", "text/xml").header("SOAPAction", "\"\"");
    request.body = body.as_bytes().to_vec();
    let response = org.handle(&request);
    assert_eq!(response.find_header("Content-Type"), Some("text/xml;charset=UTF-8"));
    response
}
/// As jsforce.
fn login(username: &str, password: &str) -> String {
    format!(
        "<se:Envelope xmlns:se=\"http://schemas.xmlsoap.org/soap/envelope/\"><se:Header/><se:Body>\
         <login xmlns=\"urn:partner.soap.sforce.com\"><username>{username}</username><password>{password}</password>\
         </login></se:Body></se:Envelope>"
    )
}
fn between<'t>(text: &'t str, tag: &str) -> &'t str {
    let (_, rest) = text.split_once(&format!("<{tag}>")).unwrap_or_else(|| panic!("{tag} in {text}"));
    rest.split_once(&format!("</{tag}>")).unwrap().0
}
fn fault(code: &str, message: &str) -> (u16, String) {
    let text = format!(
        "{ENVELOPE}xmlns:sf=\"urn:fault.partner.soap.sforce.com\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring><detail>\
         <sf:LoginFault xsi:type=\"sf:LoginFault\"><sf:exceptionCode>{code}</sf:exceptionCode>\
         <sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body>\
         </soapenv:Envelope>"
    );
    (500, text)
}

#[test]
fn given_a_username_and_a_password_when_logged_in_then_a_session_and_the_orgs_address_come() {
    let org = TestOrg::empty();
    let who = org.credentials();
    let answer = send(&org, "/services/Soap/u/64.0", &login(&who.username, &who.password));
    let body = answer.text();
    assert_eq!(answer.status, 200, "{body}");
    let base = "https://testorg.my.salesforce.example";
    let org_15 = &who.org_id[..15];
    assert!(body.starts_with(&format!("{ENVELOPE}xmlns=\"urn:partner.soap.sforce.com\"")), "{body}");
    assert_eq!(between(&body, "serverUrl"), format!("{base}/services/Soap/u/64.0/{org_15}"));
    assert_eq!(between(&body, "metadataServerUrl"), format!("{base}/services/Soap/m/64.0/{org_15}"));
    assert_eq!(between(&body, "passwordExpired"), "false");
    assert_eq!(between(&body, "sandbox"), "false");
    assert_eq!(between(&body, "userId"), who.user_id);
    assert_eq!(between(&body, "organizationId"), who.org_id);
    assert_eq!(between(&body, "userName"), who.username);
    assert_eq!(between(&body, "userFullName"), "Avery Quinn");
    assert_eq!(between(&body, "sessionSecondsValid"), "7200");
    assert_eq!(between(&body, "profileId").len(), 18);
    let session = between(&body, "sessionId");
    assert_eq!(call(&org, session).0, 200);
    // jsforce's logout.
    let logout = format!(
        "<se:Envelope xmlns:se=\"http://schemas.xmlsoap.org/soap/envelope/\"><se:Header>\
         <SessionHeader xmlns=\"urn:partner.soap.sforce.com\"><sessionId>{session}</sessionId></SessionHeader></se:Header>\
         <se:Body><logout xmlns=\"urn:partner.soap.sforce.com\"/></se:Body></se:Envelope>"
    );
    let answer = send(&org, "/services/Soap/u/64.0", &logout);
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("<soapenv:Body><logoutResponse/></soapenv:Body>"), "{}", answer.text());
    assert_eq!(call(&org, session), (401, EXPIRED.to_owned()));
    let again = send(&org, "/services/Soap/u/64.0", &logout);
    assert_eq!(again.status, 500);
    assert!(
        between(&again.text(), "faultstring").starts_with("INVALID_SESSION_ID: Invalid Session ID found")
    );
    // Nothing of it is in the log.
    assert!(org.calls().iter().all(|call| call.body.is_empty() || call.operation() != "soap"));
}

#[test]
fn given_the_envelope_of_simple_salesforce_when_sent_with_the_security_token_then_it_opens() {
    let org = TestOrg::empty();
    let who = org.credentials();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n        <env:Envelope\n                xmlns:env=\"http://schemas.xmlsoap.org/soap/envelope/\"\n                xmlns:urn=\"urn:partner.soap.sforce.com\">\n            <env:Header>\n                <urn:CallOptions>\n                    <urn:client>RestForce</urn:client>\n                </urn:CallOptions>\n            </env:Header>\n            <env:Body>\n                <n1:login xmlns:n1=\"urn:partner.soap.sforce.com\">\n                    <n1:username>{}</n1:username>\n                    <n1:password>{}{}</n1:password>\n                </n1:login>\n            </env:Body>\n        </env:Envelope>",
        who.username, who.password, who.security_token
    );
    let answer = send(&org, "/services/Soap/u/60.0", &body).text();
    assert_eq!(call(&org, between(&answer, "sessionId")).0, 200);
}

#[test]
fn given_a_login_that_is_not_let_in_when_sent_then_each_fault_has_its_words() {
    let org = TestOrg::empty();
    let who = org.credentials();
    let send = |org: &TestOrg, path: &str, body: &str| {
        let answer = send(org, path, body);
        (answer.status, answer.text())
    };
    let wrong = fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.");
    let path = "/services/Soap/u/64.0";
    assert_eq!(send(&org, path, &login(&who.username, "x")), wrong);
    assert_eq!(send(&org, path, &login("nobody@example.com", &who.password)), wrong);
    assert_eq!(send(&org, path, &login(&who.username, &format!("{}x", who.password))), wrong);
    // Versions that have no login any more, and versions that are gone.
    let right = login(&who.username, &who.password);
    let (status, body) = send(&org, "/services/Soap/u/65.0", &right);
    assert_eq!(
        (status, between(&body, "faultstring")),
        (500, "No operation available for request {urn:partner.soap.sforce.com}login")
    );
    for gone in ["30.0", "latest"] {
        let (status, body) = send(&org, &format!("/services/Soap/u/{gone}"), &right);
        assert_eq!(
            (status, between(&body, "faultstring")),
            (500, format!("UNSUPPORTED_API_VERSION: Invalid Api version specified on URL: {gone}").as_str())
        );
    }
    let (_, body) = send(&org, path, "");
    assert_eq!(between(&body, "faultstring"), "Premature end of file.");
    // An org of today.
    let new = TestOrg::builder().accounts(1).without_soap_login().build();
    let message = "SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login().";
    assert_eq!(send(&new, path, &right), fault("INVALID_OPERATION", message));
}
