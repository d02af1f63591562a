//! The SOAP calls that REST does not have, as jsforce sends them.
use super::{Commits, id, later, whole};
use crate::given::Given;
use serde_json::json;
use sf_core::object;
use sf_testorg::{Effect, Fault, Method, On, Request, Response, TestOrg};

const TOP: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
                   xmlns=\"urn:partner.soap.sforce.com\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Header>\
                   <LimitInfoHeader><limitInfo><current>";
const MIDDLE: &str = "</current><limit>100000</limit><type>API REQUESTS</type></limitInfo></LimitInfoHeader></soapenv:Header>\
                      <soapenv:Body>";
const END: &str = "</soapenv:Body></soapenv:Envelope>";

fn request(token: &str, header: &str, body: &str) -> Request {
    let envelope = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <soapenv:Header xmlns=\"urn:partner.soap.sforce.com\"><SessionHeader><sessionId>{token}</sessionId></SessionHeader>{header}\
         </soapenv:Header><soapenv:Body xmlns=\"urn:partner.soap.sforce.com\">{body}</soapenv:Body></soapenv:Envelope>"
    );
    let mut request = Request::new(Method::Post, "/services/Soap/u/66.0")
        .header("Content-Type", "text/xml")
        .header("SOAPAction", "\"\"");
    request.body = envelope.into_bytes();
    request
}
fn send(org: &TestOrg, header: &str, body: &str) -> Response {
    org.handle(&request(&org.access_token(), header, body))
}
/// What the body of a good answer holds.
fn call(org: &TestOrg, header: &str, body: &str) -> String {
    let answer = send(org, header, body);
    let text = answer.text();
    assert_eq!(answer.status, 200, "{text}");
    assert_eq!(answer.find_header("Content-Type"), Some("text/xml;charset=UTF-8"));
    assert_eq!(answer.find_header("Sforce-Limit-Info"), None);
    let rest = text.strip_prefix(TOP).unwrap_or_else(|| panic!("{text}"));
    let (used, rest) = rest.split_once(MIDDLE).unwrap_or_else(|| panic!("{text}"));
    assert!(used.parse::<u64>().unwrap() > 0);
    rest.strip_suffix(END).unwrap_or_else(|| panic!("{text}")).to_owned()
}
fn fault(answer: &Response) -> (u16, String) {
    let text = answer.text();
    let (_, rest) = text.split_once("<faultcode>").unwrap_or_else(|| panic!("{text}"));
    let (code, rest) = rest.split_once("</faultcode><faultstring>").unwrap();
    (answer.status, format!("{code} | {}", rest.split_once("</faultstring>").unwrap().0))
}
fn row(id: &str) -> String {
    format!("<result><id>{id}</id><success>true</success></result>")
}
fn failed(id: &str, message: &str, code: &str) -> String {
    format!(
        "<result><errors><message>{message}</message><statusCode>{code}</statusCode></errors><id>{id}</id><success>false</success></result>"
    )
}

#[test]
fn undelete_and_empty_recycle_bin_answer_row_by_row() {
    let given = Given::empty();
    let [a, b, c] = ["A", "B", "C"].map(|name| given.account(name));
    for row in [&a, &b] {
        given.delete(&format!("/sobjects/Account/{row}"));
    }
    let commits = Commits::of(&given.org);
    let answer =
        call(&given.org, "", &format!("<undelete><ids>{a}</ids><ids>{c}</ids><ids>x</ids></undelete>"));
    let malformed = "<result><errors><message>malformed id x</message><statusCode>MALFORMED_ID</statusCode></errors>\
                     <id xsi:nil=\"true\"/><success>false</success></result>";
    let not_there = failed(&c, "Entity is not in the recycle bin", "UNDELETE_FAILED");
    assert_eq!(answer, format!("<undeleteResponse>{}{not_there}{malformed}</undeleteResponse>", row(&a)));
    assert_eq!(commits.last(), [format!("Undelete {a}")]);
    let answer =
        call(&given.org, "", &format!("<emptyRecycleBin><ids>{b}</ids><ids>{c}</ids></emptyRecycleBin>"));
    let no_entry = failed(&c, "invalid record id; no recycle bin entry found", "INVALID_ID_FIELD");
    assert_eq!(answer, format!("<emptyRecycleBinResponse>{}{no_entry}</emptyRecycleBinResponse>", row(&b)));
    assert_eq!(whole(&given, &b), json!(null));
}

#[test]
fn all_or_none_takes_the_good_rows_of_an_undelete_back() {
    let given = Given::empty();
    let [a, b] = ["A", "B"].map(|name| given.account(name));
    given.delete(&format!("/sobjects/Account/{a}"));
    let header = "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>";
    let answer = call(&given.org, header, &format!("<undelete><ids>{a}</ids><ids>{b}</ids></undelete>"));
    let words =
        "Record rolled back because not all records were valid and the request was using AllOrNone header";
    let rolled_back = failed(&a, words, "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    let not_there = failed(&b, "Entity is not in the recycle bin", "UNDELETE_FAILED");
    assert_eq!(answer, format!("<undeleteResponse>{rolled_back}{not_there}</undeleteResponse>"));
    assert_eq!(given.org.recycle_bin()[0].root, id(&a));
}

#[test]
fn each_merge_of_a_call_is_a_transaction_of_its_own() {
    let given = Given::empty();
    let [master, one, two, gone] = ["M", "1", "2", "G"].map(|name| given.account(name));
    let contact = given.insert("Contact", json!({"LastName": "Ott", "AccountId": one}));
    given.delete(&format!("/sobjects/Account/{gone}"));
    let merge = |victim: &str, fields: &str| {
        format!(
            "<request><masterRecord><type>Account</type><Id>{master}</Id>{fields}</masterRecord><recordToMergeIds>{victim}</recordToMergeIds></request>"
        )
    };
    let fields = "<Phone>1 &amp; 2</Phone><NumberOfEmployees>70</NumberOfEmployees><Site xsi:nil=\"true\"/><fieldsToNull>Fax</fieldsToNull>";
    let body = format!("<merge>{}{}{}</merge>", merge(&one, fields), merge(&gone, ""), merge(&two, ""));
    let commits = Commits::of(&given.org);
    later(&given, 5);
    let answer = call(&given.org, "", &body);
    let done = |victim: &str, moved: &str| {
        format!(
            "<result><id>{master}</id><mergedRecordIds>{victim}</mergedRecordIds><success>true</success>{moved}</result>"
        )
    };
    let deleted = "<result><errors><message>entity is deleted</message><statusCode>ENTITY_IS_DELETED</statusCode></errors>\
                   <id xsi:nil=\"true\"/><success>false</success></result>";
    let moved = format!("<updatedRelatedIds>{contact}</updatedRelatedIds>");
    assert_eq!(
        answer,
        format!("<mergeResponse>{}{deleted}{}</mergeResponse>", done(&one, &moved), done(&two, ""))
    );
    assert_eq!(commits.count(), 2);
    let row = whole(&given, &master);
    assert_eq!((&row["Phone"], &row["NumberOfEmployees"]), (&json!("1 & 2"), &json!(70)));
    // jsforce's name for the argument.
    let other = given.account("Other");
    let body = format!("<merge>{}</merge>", merge(&other, "").replace("request>", "mergeRequests>"));
    assert!(call(&given.org, "", &body).contains("<success>true</success>"));
    let typeless =
        format!("<merge><request><masterRecord><Id>{master}</Id></masterRecord></request></merge>");
    assert!(call(&given.org, "", &typeless).contains("<message>Must send a concrete entity type.</message>"));
}

#[test]
fn convert_lead_names_what_the_lead_became_or_why_it_did_not() {
    let given = Given::empty();
    let lead = given.insert("Lead", json!({"LastName": "Ott", "Company": "Acme"}));
    let other = given.insert("Lead", json!({"LastName": "Other", "Company": "Acme"}));
    let body = format!(
        "<convertLead><leadConverts><accountId xsi:nil=\"true\"/><convertedStatus>Closed - Converted</convertedStatus>\
         <doNotCreateOpportunity>true</doNotCreateOpportunity><leadId>{lead}</leadId><overwriteLeadSource>false</overwriteLeadSource>\
         <sendNotificationEmail>false</sendNotificationEmail></leadConverts>\
         <leadConverts><convertedStatus>Nope</convertedStatus><leadId>{other}</leadId></leadConverts></convertLead>"
    );
    let answer = call(&given.org, "", &body);
    let row = whole(&given, &lead);
    let (account, contact) =
        (row["ConvertedAccountId"].as_str().unwrap(), row["ConvertedContactId"].as_str().unwrap());
    assert_eq!(
        answer,
        format!(
            "<convertLeadResponse><result><accountId>{account}</accountId><contactId>{contact}</contactId><leadId>{lead}</leadId>\
             <opportunityId xsi:nil=\"true\"/><success>true</success></result>\
             <result><accountId xsi:nil=\"true\"/><contactId xsi:nil=\"true\"/><errors><fields>Status</fields><message>invalid \
             convertedStatus: Nope</message><statusCode>INVALID_STATUS</statusCode></errors><leadId>{other}</leadId>\
             <opportunityId xsi:nil=\"true\"/><success>false</success></result></convertLeadResponse>"
        )
    );
    let body = format!(
        "<convertLead><leadConverts><leadId>{other}</leadId><accountRecord><Name>x</Name></accountRecord></leadConverts></convertLead>"
    );
    assert!(call(&given.org, "", &body).contains("<statusCode>INVALID_OPERATION</statusCode>"));
}

#[test]
fn a_call_without_a_session_of_too_many_rows_or_beyond_the_limit_is_a_fault() {
    let given = Given::empty();
    let account = given.account("A");
    let body = format!("<undelete><ids>{account}</ids></undelete>");
    let words = "sf:INVALID_SESSION_ID | INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key: ";
    assert_eq!(fault(&given.org.handle(&request("nobody", "", &body))), (500, words.to_owned()));
    let many = format!("<undelete>{}</undelete>", format!("<ids>{account}</ids>").repeat(201));
    let words = "sf:EXCEEDED_ID_LIMIT | EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than 200 records into this call";
    assert_eq!(fault(&send(&given.org, "", &many)), (500, words.to_owned()));
    let leads = format!("<convertLead>{}</convertLead>", "<leadConverts/>".repeat(101));
    assert!(
        fault(&send(&given.org, "", &leads))
            .1
            .ends_with("cannot submit more than 100 records into this call")
    );
    given.org.daily_api_requests(0);
    let words = "sf:REQUEST_LIMIT_EXCEEDED | REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.";
    assert_eq!(fault(&send(&given.org, "", &body)), (500, words.to_owned()));
    let unknown = send(&given.org, "", "<query><queryString>x</queryString></query>");
    let words = "soapenv:Client | No operation available for request {urn:partner.soap.sforce.com}query";
    assert_eq!(fault(&unknown), (500, words.to_owned()));
}

#[test]
fn faults_and_the_log_know_the_calls_by_name_and_the_log_keeps_no_session() {
    let given = Given::empty();
    let account = given.account("A");
    given.delete(&format!("/sobjects/Account/{account}"));
    given.org.clear_calls();
    given.org.inject(Fault::new(On::Operation("undelete".into()), Effect::LoseAnswer));
    let body = format!("<undelete><ids>{account}</ids></undelete>");
    send(&given.org, "", &body);
    // The answer was lost, the work was done.
    assert_eq!(given.org.recycle_bin(), []);
    let calls = given.org.calls();
    assert_eq!(
        (calls[0].operations.clone(), calls[0].body.as_str(), calls[0].is_api_call),
        (vec!["soap", "undelete"], "", true)
    );
    given.delete(&format!("/sobjects/Account/{account}"));
    given.org.inject(Fault::new(On::Object(object!("Account")), Effect::RowLock));
    let locked = failed(&account, "unable to obtain exclusive access to this record", "UNABLE_TO_LOCK_ROW");
    assert_eq!(call(&given.org, "", &body), format!("<undeleteResponse>{locked}</undeleteResponse>"));
    assert_eq!(given.org.recycle_bin().len(), 1);
}
