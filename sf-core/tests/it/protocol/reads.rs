//! Queries, rows by id, describe, changes, limits, identity.
use crate::fake::{Fake, run};
use sf_core::protocol::{Request, Response};
use sf_core::*;

const PAGE: &str = r#"{"totalSize":3,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-2","records":[{"attributes":{"type":"Account"},"Id":"001000000000001AAA","Score__c":1.0E7}]}"#;

fn start(text: &str) -> QueryCall {
    QueryCall::Start(Soql::raw(text))
}
fn id(n: u32) -> SfId {
    SfId::new(format!("001{n:012}")).unwrap()
}

#[test]
fn one_query_is_a_get_and_a_next_page_its_path() {
    let fake = Fake::new().answer(200, PAGE).answer(200, r#"{"totalSize":3,"done":true,"records":[]}"#);
    let org = fake.transport();
    let options = QueryOptions::new().with_page_size(Some(50)).with_deleted(true);
    let page = run(org.query(&[start("SELECT Id FROM Account")], &options)).unwrap().pop().unwrap().unwrap();
    assert_eq!(page.total(), 3);
    assert_eq!(page.rows().unwrap()[0].text().rsplit(':').next().unwrap(), "1.0E7}");
    let next = page.next().unwrap().clone();
    run(org.query(&[QueryCall::Next(next)], &options)).unwrap().pop().unwrap().unwrap();
    assert_eq!(
        fake.lines(),
        [
            "GET /services/data/v66.0/queryAll?q=SELECT%20Id%20FROM%20Account",
            "GET /services/data/v66.0/query/01g-2"
        ]
    );
    // Below the org's smallest page the smallest is asked for.
    assert_eq!(fake.requests()[0].headers, [("Sforce-Query-Options".to_owned(), "batchSize=200".to_owned())]);
    assert!(fake.requests()[0].rows);
}

#[test]
fn several_queries_are_one_call_and_answers_come_in_the_order_asked() {
    let part = |name: &str, status: u16, body: &str| {
        format!(r#"{{"body":{body},"httpHeaders":{{}},"httpStatusCode":{status},"referenceId":"{name}"}}"#)
    };
    let error = r#"[{"errorCode":"INVALID_QUERY_LOCATOR","message":"invalid query locator"}]"#;
    let body = format!(
        r#"{{"compositeResponse":[{},{},{}]}}"#,
        part("part2", 400, error),
        part("part0", 200, PAGE),
        part("part9", 200, PAGE)
    );
    let fake = Fake::new().answer(200, body);
    let cursor = QueryCall::Next(Cursor::new("/services/data/v66.0/query/01g-7"));
    let pages =
        run(fake.transport().query(&[start("SELECT Id FROM A"), start("b"), cursor], &QueryOptions::new()))
            .unwrap();
    assert_eq!(pages[0].as_ref().unwrap().total(), 3);
    assert_eq!(pages[1].as_ref().unwrap_err().kind, ErrorKind::Decode);
    let lost = pages[2].as_ref().unwrap_err();
    assert_eq!((lost.kind, lost.retry()), (ErrorKind::CursorLost, Retry::Restart));
    assert_eq!(fake.lines(), ["POST /services/data/v66.0/composite"]);
    assert_eq!(fake.body(0)["compositeRequest"][2]["url"], "/services/data/v66.0/query/01g-7");
    assert_eq!(fake.body(0)["allOrNone"], false);
}

#[test]
fn a_secretive_transport_and_a_long_statement_use_a_body() {
    let composite = r#"{"compositeResponse":[{"body":{"totalSize":0,"done":true,"records":[]},"httpHeaders":{},"httpStatusCode":200,"referenceId":"part0"}]}"#;
    let mut fake = Fake::new().answer(200, composite).answer(200, composite);
    let long = format!("SELECT Id FROM Account WHERE Name = '{}'", "x".repeat(8_000));
    run(fake.transport().query(&[start(&long)], &QueryOptions::new())).unwrap().remove(0).unwrap();
    fake.capabilities.bodies_only = true;
    run(fake.transport().query(&[start("SELECT Id FROM Account")], &QueryOptions::new()))
        .unwrap()
        .remove(0)
        .unwrap();
    assert_eq!(fake.lines(), vec!["POST /services/data/v66.0/composite"; 2]);
    assert_eq!(fake.requests()[0].safety, protocol::Safety::Read);
}

#[test]
fn the_statement_fails_alone_and_the_call_as_a_whole() {
    let fake = Fake::new()
        .answer(400, r#"[{"errorCode":"MALFORMED_QUERY","message":"unexpected token: 'x'"}]"#)
        .answer(403, r#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]"#)
        .lose_answer();
    let org = fake.transport();
    let one = run(org.query(&[start("x")], &QueryOptions::new())).unwrap().remove(0).unwrap_err();
    assert_eq!(one.code, Some(ErrorCode::MalformedQuery));
    assert_eq!(run(org.query(&[start("x")], &QueryOptions::new())).unwrap_err().retry(), Retry::Quota);
    assert_eq!(run(org.query(&[start("x")], &QueryOptions::new())).unwrap_err().kind(), ErrorKind::Timeout);
    let six = vec![start("x"); 6];
    assert_eq!(run(org.query(&six, &QueryOptions::new())).unwrap_err().delivery(), Delivery::NotSent);
    assert!(run(org.query(&[], &QueryOptions::new())).unwrap().is_empty());
}

#[test]
fn rows_by_id_come_one_per_id() {
    let fake = Fake::new()
        .answer(200, r#"[{"attributes":{"type":"Account"},"Id":"001000000000001AAA","Name":"Acme"},null]"#)
        .answer(200, r#"[null]"#);
    let org = fake.transport();
    let (account, names) = (object!("Account"), [field!("Name"), field!("id"), field!("NAME")]);
    let page = run(org.retrieve(&account, &[id(1), id(2)], &names, &CallOptions::new())).unwrap();
    let rows = page.rows().unwrap();
    assert_eq!((rows.len(), rows[1].text()), (2, "null"));
    assert_eq!(fake.lines(), ["POST /services/data/v66.0/composite/sobjects/Account"]);
    assert_eq!(fake.body(0), serde_json::json!({"ids": [id(1), id(2)], "fields": ["Id", "Name"]}));
    let short = run(org.retrieve(&account, &[id(1), id(2)], &names, &CallOptions::new())).unwrap_err();
    assert_eq!(short.to_string(), "1 rows came for 2 ids");
    let many = vec![id(1); 2_001];
    let refused = run(org.retrieve(&account, &many, &names, &CallOptions::new())).unwrap_err();
    assert_eq!(refused.delivery(), Delivery::NotSent);
    let none = run(org.retrieve(&account, &[], &names, &CallOptions::new())).unwrap();
    assert_eq!((none.rows().unwrap().len(), fake.requests().len()), (0, 2));
}

#[test]
fn a_describe_can_be_not_modified() {
    let body = r#"{"name":"Account","fields":[],"somethingNew":{"a":[1]}}"#;
    let header = vec![("last-modified".to_owned(), "Fri, 02 Jan 2026 03:04:05 GMT".to_owned())];
    let fake = Fake::new().response(Response::new(200, header, body)).answer(304, "");
    let org = fake.transport();
    let describe = run(org.describe(&object!("Account"), &DescribeOptions::new())).unwrap().unwrap();
    let moment = describe.last_modified.unwrap();
    assert_eq!(moment.to_string(), "2026-01-02T03:04:05.000Z");
    let options = DescribeOptions::new().with_if_changed_since(moment);
    assert!(run(org.describe(&object!("Account"), &options)).unwrap().is_none());
    assert_eq!(
        fake.requests()[1].headers,
        [("If-Modified-Since".to_owned(), "Fri, 02 Jan 2026 03:04:05 GMT".to_owned())]
    );
}

#[test]
fn changed_ids_come_with_how_far_the_answer_reaches() {
    let fake = Fake::new()
        .answer(200, r#"{"ids":["001000000000001AAA"],"latestDateCovered":"2026-01-02T03:04:00.000+0000"}"#)
        .answer(200, r#"{"deletedRecords":[{"id":"001000000000002AAA","deletedDate":"2026-01-02T03:00:00.000+0000"}],"earliestDateAvailable":"2025-12-20T00:00:00.000+0000","latestDateCovered":"2026-01-02T03:04:00.000+0000"}"#);
    let org = fake.transport();
    let time = |s: &str| s.parse::<Timestamp>().unwrap();
    let mut window = Window {
        what: ChangeKind::Updated,
        start: time("2026-01-02T03:00:00Z"),
        end: time("2026-01-02T03:05:00Z"),
    };
    let updated = run(org.changed(&object!("Account"), &window, &CallOptions::new())).unwrap();
    assert_eq!(updated.ids, [(id(1), None)]);
    assert_eq!(updated.latest_covered, time("2026-01-02T03:04:00Z"));
    window.what = ChangeKind::Deleted;
    let deleted = run(org.changed(&object!("Account"), &window, &CallOptions::new())).unwrap();
    assert_eq!(deleted.ids, [(id(2), Some(time("2026-01-02T03:00:00Z")))]);
    assert_eq!(deleted.earliest_available, Some(time("2025-12-20T00:00:00Z")));
    assert_eq!(
        fake.lines()[0],
        "GET /services/data/v66.0/sobjects/Account/updated?start=2026-01-02T03%3A00%3A00.000Z&end=2026-01-02T03%3A05%3A00.000Z"
    );
    window.end = window.start;
    let empty = run(org.changed(&object!("Account"), &window, &CallOptions::new())).unwrap_err();
    assert_eq!(empty.delivery(), Delivery::NotSent);
}

#[test]
fn limits_keep_their_order_and_skip_what_is_nested() {
    let fake = Fake::new().answer(
        200,
        r#"{"PermissionSets":{"Max":1500,"Remaining":1499,"CreateCustom":{"Max":1000,"Remaining":999}},"DailyApiRequests":{"Max":15000,"Remaining":14998,"My App":{"Max":0,"Remaining":0}},"Odd":7,"Events":{"Max":10,"Remaining":-3}}"#,
    );
    let limits = run(fake.transport().limits(&CallOptions::new())).unwrap();
    let names: Vec<_> = limits.entries.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["PermissionSets", "DailyApiRequests", "Events"]);
    assert_eq!(limits.daily_api_requests(), Some(&Limit::new("DailyApiRequests", 15_000, 14_998)));
    assert_eq!(limits.get("Events").unwrap().remaining, -3);
}

#[test]
fn identity_gives_the_address_of_the_org() {
    let body = r#"{"sub":"https://login.salesforce.com/id/00D/005","user_id":"005000000000001","organization_id":"00D000000000001","preferred_username":"ann@acme.example","urls":{"rest":"https://acme.my.salesforce.com/services/data/v{version}/"}}"#;
    let fake = Fake::new().answer(200, body).answer(403, "Bad_OAuth_Token");
    let who = run(fake.transport().identity(&CallOptions::new())).unwrap();
    assert_eq!(who.instance_url, "https://acme.my.salesforce.com");
    assert_eq!((who.username.as_str(), who.api_version), ("ann@acme.example", ApiVersion::CURRENT));
    assert_eq!(fake.lines(), ["GET /services/oauth2/userinfo"]);
    assert_eq!(run(fake.transport().identity(&CallOptions::new())).unwrap_err().retry(), Retry::SignIn);
}

#[test]
fn call_and_download_take_any_resource() {
    let fake = Fake::new()
        .answer(200, "1,2\n3,4\n")
        .answer(404, r#"[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]"#)
        .answer(200, "x".repeat(100));
    let mut org = fake.clone();
    let request = Request::get(["jobs", "query", "750", "results"]);
    let mut sink = Vec::new();
    let answer = run(org.transport().download(&request, &mut sink, &CallOptions::new())).unwrap();
    assert_eq!((answer.status, sink.as_slice()), (200, b"1,2\n3,4\n".as_slice()));
    let mut sink = Vec::new();
    let gone = run(org.transport().download(&request, &mut sink, &CallOptions::new())).unwrap_err();
    assert_eq!((gone.kind(), sink.len()), (ErrorKind::NotFound, 0));
    org.capabilities.body_limit = 99;
    let large = run(org.transport().call(&request, &CallOptions::new())).unwrap_err();
    assert_eq!(large.kind(), ErrorKind::Unsupported);
    let hostile = Request::get([".."]);
    assert!(run(org.transport().call(&hostile, &CallOptions::new())).is_err());
    assert_eq!(fake.requests().len(), 3);
}
