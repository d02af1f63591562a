//! Errors whose words are assumed: each is provoked with the org's own words, and with others.
use super::assuming_with;
use crate::{
    bulk_jobs::accounts,
    given::{Given, V},
};
use serde_json::{Value, json};
use sf_testorg::{
    AssumedError as E, ConnectedApp, ErrorWords, LeadConversion, Method, Request,
    demo::Dataset,
    guard::{ObjectAccess, Permissions},
};
use std::time::Duration;

/// What a failed request answers.
fn refused(given: &Given, method: Method, path: &str, body: Value) -> String {
    let (status, body) = given.call(method, path, body);
    assert!(status >= 400, "{path}: {body}");
    body.to_string()
}
fn query(given: &Given, soql: &str) -> String {
    let (code, message) = given.query_error(soql);
    format!("{code} {message}")
}
/// Why a job failed.
fn failed(given: &Given, job: Value, csv: impl Into<Vec<u8>>) -> String {
    let info = given.load(job, csv);
    info["errorMessage"].as_str().unwrap_or_else(|| panic!("{info}")).to_owned()
}
/// Why its only row failed.
fn failed_row(given: &Given, job: Value, csv: impl Into<Vec<u8>>) -> String {
    let info = given.load(job, csv);
    given.file(&info, "failedResults")
}
fn collection(given: &Given, method: Method, path: &str, records: Value) -> String {
    given.call(method, path, json!({ "records": records })).1.to_string()
}
fn account() -> Value {
    json!({"attributes": {"type": "Account"}, "Name": "a"})
}
fn export_of(given: &Given, parameters: &str) -> String {
    let job = given.export("SELECT Id FROM Account");
    let answer = given.results(&job, parameters);
    assert_eq!(answer.status, 400);
    answer.text()
}

fn merge_error(given: &Given, master: &str, victim: &str) -> String {
    let id = |text: &str| sf_core::SfId::new(text).unwrap();
    given.org.merge(id(master), &[id(victim)], sf_core::Fields::new()).unwrap_err().to_string()
}
fn convert_error(
    given: &Given,
    fields: Value,
    change: impl FnOnce(LeadConversion) -> LeadConversion,
) -> String {
    let mut lead = json!({"LastName": "l", "Company": "c"});
    lead.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let lead = sf_core::SfId::new(given.insert("Lead", lead)).unwrap();
    let conversion = change(LeadConversion::new(lead, "Closed - Converted"));
    given.org.convert_lead(&conversion).unwrap_err().to_string()
}

/// Makes the org answer an error; the answer's text, and the code it has by default.
#[allow(clippy::too_many_lines)]
fn provoke(given: &Given, error: E) -> (String, &'static str) {
    use Method::{Get, Patch, Post};
    let text = "x".repeat(4_001);
    match error {
        E::WrongContentType => {
            let mut request =
                Request::new(Post, format!("{V}/sobjects/Account")).header("Content-Type", "text/plain");
            request.body = b"Name=a".to_vec();
            let answer = given.send(request);
            assert_eq!(answer.status, 415);
            (answer.text(), "UNSUPPORTED_MEDIA_TYPE")
        }
        E::RetiredVersion => {
            let answer = given.send(Request::get("/services/data/v30.0/limits"));
            assert_eq!(answer.status, 410);
            (answer.text(), "GONE")
        }
        E::InvalidHeader => {
            let id = given.account("a");
            let request =
                Request::patch(format!("{V}/sobjects/Account/{id}"), "{}").header("If-Match", "bare");
            (given.send(request).text(), "INVALID_HEADER")
        }
        E::BatchHalted => {
            let part = |url: &str| json!({"method": "GET", "url": url});
            let parts = [part("v66.0/nothing"), part("v66.0/limits")];
            let body = json!({"haltOnError": true, "batchRequests": parts});
            (given.post("/composite/batch", body).1["results"][1].to_string(), "BATCH_PROCESSING_HALTED")
        }
        E::InvalidBatch => {
            (refused(given, Post, "/composite/batch", json!({"batchRequests": []})), "INVALID_BATCH_REQUEST")
        }
        E::InvalidComposite => {
            (refused(given, Post, "/composite", json!({"compositeRequest": []})), "INVALID_INPUT")
        }
        E::InvalidGraph => (refused(given, Post, "/composite/graph", json!({"graphs": []})), "INVALID_INPUT"),
        E::InvalidTree => (
            refused(given, Post, "/composite/tree/Account", json!({"records": [account()]})),
            "INVALID_INPUT",
        ),
        E::RepeatedId => {
            let id = given.account("a");
            let record = json!({"attributes": {"type": "Account"}, "id": id, "Name": "b"});
            (collection(given, Patch, "/composite/sobjects", json!([record, record])), "DUPLICATE_VALUE")
        }
        E::TooManyRows => {
            let records = vec![account(); 201];
            (collection(given, Post, "/composite/sobjects", json!(records)), "EXCEEDED_ID_LIMIT")
        }
        E::TooManyChunks => {
            let contact = json!({"attributes": {"type": "Contact"}, "LastName": "c"});
            let records: Vec<Value> =
                (0..11).map(|i| if i % 2 == 0 { account() } else { contact.clone() }).collect();
            (collection(given, Post, "/composite/sobjects", json!(records)), "INVALID_INPUT")
        }
        E::TooManyIds => {
            let ids = vec!["001000000000000AAA"; 2_001];
            let body = json!({"ids": ids, "fields": ["Id"]});
            (refused(given, Post, "/composite/sobjects/Account", body), "EXCEEDED_ID_LIMIT")
        }
        E::NotWellFormed => (refused(given, Post, "/composite/sobjects", json!({})), "JSON_PARSER_ERROR"),
        E::NoKey => (collection(given, Patch, "/composite/sobjects", json!([account()])), "MISSING_ARGUMENT"),
        E::WrongRowType => {
            let record = json!({"attributes": {"type": "Nothing__c"}});
            (collection(given, Post, "/composite/sobjects", json!([record])), "INVALID_TYPE")
        }
        E::SeveralMatches => {
            (0..2).for_each(|_| drop(given.insert("Thing__c", json!({"Key__c": "k"}))));
            let record = json!({"attributes": {"type": "Thing__c"}, "Key__c": "k"});
            (
                collection(given, Patch, "/composite/sobjects/Thing__c/Key__c", json!([record])),
                "DUPLICATE_EXTERNAL_ID",
            )
        }
        E::NotDeletable => {
            let path = format!("/sobjects/User/{}", given.org.credentials().user_id);
            (refused(given, Method::Delete, &path, Value::Null), "INSUFFICIENT_ACCESS_OR_READONLY")
        }
        E::RestrictedDelete => {
            let id = given.account("a");
            given.insert("Case", json!({"AccountId": id}));
            (refused(given, Method::Delete, &format!("/sobjects/Account/{id}"), Value::Null), "DELETE_FAILED")
        }
        E::InactiveOwner => {
            let user = given.column("SELECT Id FROM User WHERE IsActive = false LIMIT 1", "Id").remove(0);
            (
                refused(given, Post, "/sobjects/Account", json!({"Name": "a", "OwnerId": user})),
                "INACTIVE_OWNER_OR_USER",
            )
        }
        E::UnknownAssignmentRule => {
            let path = "/sobjects/Case";
            let request = Request::new(Post, format!("{V}{path}"))
                .header("Sforce-Auto-Assign", "01Q000000000000AAA")
                .json(json!({"Subject": "a"}).to_string());
            (given.send(request).text(), "INVALID_ASSIGNMENT_RULE")
        }
        E::InsufficientAccess => {
            let id = given.account("a");
            let user = given.org.credentials().user_id.parse().unwrap();
            let read = Permissions::of(user).object(sf_core::object!("Account"), ObjectAccess::READ);
            given.org.add_rule(read).unwrap();
            let path = format!("/sobjects/Account/{id}");
            (refused(given, Patch, &path, json!({"Name": "b"})), "INSUFFICIENT_ACCESS_OR_READONLY")
        }
        E::DuplicateUsername => {
            let (username, id) = crate::oauth::user(&given.org, "ae1@");
            let other = crate::oauth::user(&given.org, "ae2@").1;
            assert_ne!(id, other);
            let path = format!("/sobjects/User/{other}");
            (refused(given, Patch, &path, json!({"Username": username})), "DUPLICATE_USERNAME")
        }
        E::OutOfRange => (
            refused(given, Post, "/sobjects/Thing__c", json!({"Amount__c": 1e17})),
            "NUMBER_OUTSIDE_VALID_RANGE",
        ),
        E::NulledRequired => {
            let id = given.account("a");
            let path = format!("/sobjects/Account/{id}");
            (refused(given, Patch, &path, json!({"Name": null})), "REQUIRED_FIELD_MISSING")
        }
        E::ForeignKeyNotFound => {
            let body = json!({"Name": "a", "Owner": {"Username": "nobody@acme.example"}});
            (refused(given, Post, "/sobjects/Account", body), "INVALID_FIELD")
        }
        E::LongText => {
            (query(given, &format!("SELECT Id FROM Account WHERE Name = '{text}'")), "MALFORMED_QUERY")
        }
        E::LongStatement => {
            // Longer than a URL may be: over a composite request.
            let soql = format!("SELECT Id FROM Account WHERE Name IN ('{}')", vec!["a"; 25_001].join("','"));
            let url = format!("{V}/query?q={}", crate::given::encode(&soql));
            let part = json!({"method": "GET", "url": url, "referenceId": "q"});
            (given.post("/composite", json!({"compositeRequest": [part]})).1.to_string(), "MALFORMED_QUERY")
        }
        E::ChildRelationship => {
            (query(given, "SELECT Id, (SELECT Id FROM Nothings) FROM Account"), "INVALID_TYPE")
        }
        E::SemiJoinSides => (
            query(given, "SELECT Id FROM Account WHERE Id IN (SELECT LastName FROM Contact)"),
            "MALFORMED_QUERY",
        ),
        E::UnknownScope => (query(given, "SELECT Id FROM Account USING SCOPE nope"), "MALFORMED_QUERY"),
        E::UnknownFilter => (query(given, "SELECT Id FROM Account WITH Network = 'x'"), "MALFORMED_QUERY"),
        E::OneCurrency => {
            (query(given, "SELECT convertCurrency(AnnualRevenue) FROM Account"), "MALFORMED_QUERY")
        }
        E::UnknownFunction => (query(given, "SELECT foo(Name) FROM Account"), "MALFORMED_QUERY"),
        E::SemiJoinOnItself => (
            query(given, "SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account)"),
            "MALFORMED_QUERY",
        ),
        E::LikeOnType => (
            query(given, "SELECT Id FROM Account WHERE AnnualRevenue LIKE '1%'"),
            "INVALID_QUERY_FILTER_OPERATOR",
        ),
        E::MustBeQuoted => (query(given, "SELECT Id FROM Account WHERE Name = 5"), "INVALID_FIELD"),
        E::NotSortable => (query(given, "SELECT Id FROM Account ORDER BY Description"), "INVALID_FIELD"),
        E::NotGroupable => {
            (query(given, "SELECT Description, COUNT(Id) FROM Account GROUP BY Description"), "INVALID_FIELD")
        }
        E::Ungrouped => {
            (query(given, "SELECT Name, COUNT(Id) FROM Account GROUP BY Site"), "MALFORMED_QUERY")
        }
        E::RepeatedAlias => {
            (query(given, "SELECT Name, COUNT(Id) Name FROM Account GROUP BY Name"), "MALFORMED_QUERY")
        }
        E::NotAggregatable => (query(given, "SELECT SUM(Name) FROM Account"), "MALFORMED_QUERY"),
        E::TooManyGroups => {
            let csv: String =
                std::iter::once("Name\n".into()).chain((0..2_001).map(|i| format!("g{i}\n"))).collect();
            given.load(accounts("insert"), csv);
            (query(given, "SELECT Name, COUNT(Id) FROM Account GROUP BY Name"), "EXCEEDED_ID_LIMIT")
        }
        E::TooDeep => {
            let path = "Parent.Parent.Parent.Parent.Parent.Parent.Name";
            (query(given, &format!("SELECT {path} FROM Account")), "MALFORMED_QUERY")
        }
        E::MixedCurrencies => {
            (query(given, "SELECT Id FROM Account WHERE AnnualRevenue IN (USD5, 7)"), "MALFORMED_QUERY")
        }
        E::TooManyChildren => {
            let children = "(SELECT Id FROM Contacts), ".repeat(21);
            (query(given, &format!("SELECT {children} Id FROM Account")), "MALFORMED_QUERY")
        }
        E::TooManyLevels => {
            let mut soql = "SELECT Id FROM ChildAccounts".to_owned();
            (0..4).for_each(|_| soql = format!("SELECT Id, ({soql}) FROM ChildAccounts"));
            (query(given, &format!("SELECT Id, ({soql}) FROM Account")), "MALFORMED_QUERY")
        }
        E::ScopeOfChildren => (
            query(given, "SELECT Id, (SELECT Id FROM Contacts USING SCOPE mine) FROM Account"),
            "MALFORMED_QUERY",
        ),
        E::NoCustomFields => {
            (query(given, "SELECT FIELDS(CUSTOM) FROM CaseComment LIMIT 5"), "MALFORMED_QUERY")
        }
        E::NullsLast => {
            (query(given, "SELECT Id FROM Contact ORDER BY AccountId NULLS LAST"), "MALFORMED_QUERY")
        }
        E::BulkUnsupported => {
            let body = json!({"operation": "query", "query": "SELECT COUNT(Id) FROM Account"});
            (refused(given, Post, "/jobs/query", body), "API_ERROR")
        }
        E::NotTheCreator => {
            let job = given.job(accounts("insert"));
            let (username, _) = crate::oauth::user(&given.org, "ae1@");
            let other = ConnectedApp::new("other").secret("s3cret").run_as(username);
            given.org.add_connected_app(other);
            let exchange = "grant_type=client_credentials&client_id=other&client_secret=s3cret";
            let answer = given.org.handle(&Request::new(Post, "/services/oauth2/token").form(exchange));
            let token: Value = serde_json::from_slice(&answer.body).unwrap();
            let close = Request::patch(format!("{V}/jobs/ingest/{job}"), r#"{"state":"UploadComplete"}"#);
            let answer = given.org.handle(&close.bearer(token["access_token"].as_str().unwrap()));
            assert_eq!(answer.status, 400);
            (answer.text(), "INVALIDUSER")
        }
        E::UnknownJobState => {
            let path = format!("/jobs/ingest/{}", given.job(accounts("insert")));
            (refused(given, Patch, &path, json!({"state": "Done"})), "INVALIDJOBSTATE")
        }
        E::MissingJobField => {
            (refused(given, Post, "/jobs/ingest", json!({"object": "Account"})), "INVALIDJOB")
        }
        E::UnknownJobValue => (refused(given, Post, "/jobs/ingest", accounts("merge")), "JSON_PARSER_ERROR"),
        E::ResultsNotReady => {
            let path = format!("/jobs/ingest/{}/failedResults", given.job(accounts("insert")));
            (refused(given, Get, &path, Value::Null), "INVALIDJOBSTATE")
        }
        E::UnknownJobType => (refused(given, Get, "/jobs/ingest?jobType=V3", Value::Null), "INVALIDJOB"),
        E::HardDelete => (refused(given, Post, "/jobs/ingest", accounts("hardDelete")), "FEATURENOTENABLED"),
        E::NoExternalId => {
            let body = json!({"object": "Account", "operation": "upsert", "externalIdFieldName": "Phone"});
            (refused(given, Post, "/jobs/ingest", body), "INVALIDJOB")
        }
        E::UploadState => {
            let job = given.job(accounts("insert"));
            given.close(&job);
            (given.upload(&job, "Name\na\n").text(), "INVALIDJOBSTATE")
        }
        E::LeftOpen => {
            let job = given.job(accounts("insert"));
            given.org.clock().advance(Duration::from_secs(25 * 3600));
            (given.info(&job)["errorMessage"].as_str().unwrap().to_owned(), "Timeout")
        }
        E::OtherVersion => {
            let job = given.export("SELECT Id FROM Account");
            let answer = given.send(Request::get(format!("/services/data/v65.0/jobs/query/{job}/results")));
            assert_eq!(answer.status, 409);
            (answer.text(), "API_ERROR")
        }
        E::MaxRecords => (export_of(given, "?maxRecords=many"), "API_ERROR"),
        E::ResultLocator => (export_of(given, "?locator=nonsense"), "INVALID_QUERY_LOCATOR"),
        E::NotUtf8 => (failed(given, accounts("insert"), b"Name\n\xff\n".to_vec()), "ClientInputError"),
        E::NoHeader => (failed(given, accounts("insert"), ""), "InvalidBatch"),
        E::BrokenHeader => (failed(given, accounts("insert"), "\"Name\na\n"), "InvalidBatch"),
        E::IdsOnly => (failed(given, accounts("delete"), "Id,Name\n,a\n"), "InvalidBatch"),
        E::RepeatedColumn => (failed(given, accounts("insert"), "Name,name\na,b\n"), "InvalidBatch"),
        E::ValueCount => (failed_row(given, accounts("insert"), "Name\na,b\n"), "CLIENTINPUTERROR"),
        E::LongRecord => {
            let value = "x".repeat(131_000);
            let csv = format!("Name,Site,Phone,Fax\n{value},{value},{value},{value}\n");
            (failed_row(given, accounts("insert"), csv), "CLIENTINPUTERROR")
        }
        E::LongValue => (
            failed_row(given, accounts("insert"), format!("Name\n{}\n", "x".repeat(131_073))),
            "CLIENTINPUTERROR",
        ),
        E::UnescapedQuote => (failed_row(given, accounts("insert"), "Name\na\"b\n"), "CLIENTINPUTERROR"),
        E::OpenQuote => (failed_row(given, accounts("insert"), "Name\n\"ab\n"), "CLIENTINPUTERROR"),
        E::ValueType => {
            let csv = "Name,NumberOfEmployees\na,many\n";
            (failed_row(given, accounts("insert"), csv), "INVALID_TYPE_ON_FIELD_IN_RECORD")
        }
        E::MalformedMultipart => {
            let kind = "multipart/form-data; boundary=B";
            let mut request = Request::new(Post, format!("{V}/jobs/ingest")).header("Content-Type", kind);
            request.body = b"--B--".to_vec();
            (given.send(request).text(), "CLIENTINPUTERROR")
        }
        E::NotMergeable => {
            let (one, two) = (given.opportunity(&given.account("a"), "a", "Prospecting"), given.account("b"));
            (merge_error(given, &one, &two), "INVALID_TYPE_FOR_OPERATION")
        }
        E::MergeRecords => {
            let one = given.account("a");
            (merge_error(given, &one, &one), "MERGE_FAILED")
        }
        E::CircularMerge => {
            let one = given.account("a");
            let two = given.insert("Account", json!({"Name": "b", "ParentId": one}));
            (merge_error(given, &two, &one), "CIRCULAR_DEPENDENCY")
        }
        E::ConvertedOwner => {
            let queue = given.column("SELECT Id FROM Group WHERE Type = 'Queue'", "Id").remove(0);
            (convert_error(given, json!({"OwnerId": queue}), |c| c), "INVALID_CROSS_REFERENCE_KEY")
        }
        E::ConversionTarget => {
            let contact = given.insert("Contact", json!({"LastName": "c"}));
            let contact = sf_core::SfId::new(contact).unwrap();
            (convert_error(given, json!({}), |c| c.contact(contact)), "INVALID_CROSS_REFERENCE_KEY")
        }
        E::UnwantedOpportunity => (
            convert_error(given, json!({}), |c| c.without_opportunity().opportunity_name("x")),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
        ),
        E::LostParent => {
            let parent = given.insert("Case", json!({"Subject": "a"}));
            let comment = given.insert("CaseComment", json!({"ParentId": parent, "CommentBody": "b"}));
            given.delete(&format!("/sobjects/CaseComment/{comment}"));
            given.delete(&format!("/sobjects/Case/{parent}"));
            let comment = sf_core::SfId::new(comment).unwrap();
            (given.org.undelete(comment).unwrap_err().to_string(), "UNDELETE_FAILED")
        }
        E::RecentLimit => (refused(given, Get, "/recent?limit=0", Value::Null), "INVALID_PARAMETER"),
        E::MalformedFiles => {
            let kind = "multipart/form-data; boundary=B";
            let mut request =
                Request::new(Post, format!("{V}/sobjects/Document")).header("Content-Type", kind);
            request.body = b"nothing".to_vec();
            (given.send(request).text(), "INVALID_MULTIPART_REQUEST")
        }
        E::LargeFile => {
            given.org.largest_upload(1);
            let kind = "multipart/form-data; boundary=B";
            let mut request =
                Request::new(Post, format!("{V}/sobjects/Document")).header("Content-Type", kind);
            request.body = b"--B\nContent-Type: application/json\n\n{}\n--B\nContent-Disposition: form-data; name=Body\n\nxx\n--B--".to_vec();
            (given.send(request).text(), "FILE_SIZE_LIMIT_EXCEEDED")
        }
        E::PlaceOfVersion => {
            let document = version(given).1;
            let body = json!({"PathOnClient": "a.txt", "VersionData": "eA==", "ContentDocumentId": document,
                "FirstPublishLocationId": given.account("a")});
            (refused(given, Post, "/sobjects/ContentVersion", body), "FIELD_INTEGRITY_EXCEPTION")
        }
        E::OldVersion => {
            let (old, document) = version(given);
            let body = json!({"PathOnClient": "a.txt", "VersionData": "eA==", "ContentDocumentId": document});
            given.insert("ContentVersion", body);
            let path = format!("/sobjects/ContentVersion/{old}");
            (refused(given, Patch, &path, json!({"Title": "b"})), "FIELD_INTEGRITY_EXCEPTION")
        }
        E::UrlAndBody => {
            let folder =
                given.insert("Folder", json!({"Name": "a", "Type": "Document", "AccessType": "Public"}));
            let body = json!({"Name": "a", "FolderId": folder, "Url": "https://a.example", "Body": "eA=="});
            (refused(given, Post, "/sobjects/Document", body), "FIELD_INTEGRITY_EXCEPTION")
        }
        E::LargeUpload => {
            let job = given.job(accounts("insert"));
            (given.upload(&job, vec![b'x'; (100 << 20) + 1]).text(), "EXCEEDED_MAX_SIZE_REQUEST")
        }
        #[cfg(feature = "server")]
        E::UnknownMethod | E::LargeRequest | E::UnknownEncoding | E::DamagedBody => {
            crate::bad_requests::tcp::provoke(&given.org, error)
        }
        other => crate::bulk1::provoke(given, other),
    }
}

/// A file: its version and its document.
fn version(given: &Given) -> (String, Value) {
    let version = given.insert("ContentVersion", json!({"PathOnClient": "a.txt", "VersionData": "eA=="}));
    let (_, row) = given.get(&format!("/sobjects/ContentVersion/{version}?fields=ContentDocumentId"));
    (version, row["ContentDocumentId"].clone())
}

/// Those that only a server answers.
const OF_THE_SERVER: [E; 4] = [E::UnknownMethod, E::LargeRequest, E::UnknownEncoding, E::DamagedBody];

fn org(words: Option<E>) -> Given {
    assuming_with(
        |a| {
            if let Some(error) = words {
                a.errors.insert(error, ErrorWords::new("ANOTHER_CODE", "said in other words"));
            }
        },
        |builder| builder.dataset(Dataset::Demo).accounts(1),
    )
}

#[test]
fn every_error_that_is_made_up_can_be_worded_otherwise() {
    for error in E::ALL.iter().filter(|error| cfg!(feature = "server") || !OF_THE_SERVER.contains(error)) {
        let (text, code) = provoke(&org(None), *error);
        assert!(text.contains(code) && !text.contains("said in other words"), "{error:?}: {text}");
        let (text, _) = provoke(&org(Some(*error)), *error);
        assert!(text.contains("ANOTHER_CODE") && text.contains("said in other words"), "{error:?}: {text}");
    }
}

#[test]
fn other_words_for_one_error_leave_the_others_alone() {
    let given = org(Some(E::NotSortable));
    let (text, _) = provoke(&given, E::NotGroupable);
    assert!(!text.contains("said in other words"), "{text}");
    let (code, message) = given.query_error("SELECT Nope FROM Account");
    assert!(
        code == "INVALID_FIELD" && message.contains("No such column 'Nope' on entity 'Account'"),
        "{message}"
    );
}
