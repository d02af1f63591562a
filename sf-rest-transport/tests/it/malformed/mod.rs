//! Answers that are not what the API promises, over HTTP: every operation against every body and status.
mod files;
mod jobs;

use crate::{
    insert, once, rest,
    tcp::{Act, Scripted},
    transport,
};
use sf_core::{
    CallOptions, ChangeKind, Delivery, DescribeOptions, ErrorKind, Failure, Fields, Org, QueryCall,
    QueryOptions, RowOutcome, SfId, Soql, Sosl, Transport, Window, Write, WriteOptions, field,
    models::Account,
    object,
    protocol::{
        Method, Request,
        batch::Batch,
        composite::{Composite, Step},
        graph::{Graph, Graphs},
        tree::{Tree, TreeRow},
    },
};
use sf_rest_transport::RestTransport;
use std::{
    io::Write as _,
    sync::{Arc, Mutex},
};
use wiremock::{Mock, MockServer, Request as Seen, Respond, ResponseTemplate, matchers::any};

/// Found in no error: pages of others are not ours to quote.
const PAGE_TEXT: &str = "7he-page-of-a-proxy";

#[derive(Clone, Default)]
struct Answering(Arc<Mutex<(u16, Vec<u8>)>>);
impl Respond for Answering {
    fn respond(&self, _: &Seen) -> ResponseTemplate {
        let (status, body) = self.0.lock().unwrap().clone();
        ResponseTemplate::new(status).set_body_raw(body, "application/json;charset=UTF-8")
    }
}

/// What an operation made of the answer.
enum Told {
    Read(Result<(), Failure>),
    /// Of so many rows or requests.
    Written(usize, Result<Vec<Result<(), Failure>>, Failure>),
}
fn id() -> SfId {
    SfId::new("001000000000001AAA").unwrap()
}
fn named() -> Fields {
    Fields::new().set(field!("Name"), "A")
}
fn update(since: Option<&str>) -> Write {
    let if_unmodified_since = since.map(|at| at.parse().unwrap());
    Write::Update { object: object!("Account"), id: id(), fields: named(), if_unmodified_since }
}
const READS: [&str; 10] = [
    "query", "queries", "rows", "retrieve", "describe", "changed", "limits", "identity", "explain", "search",
];
const WRITES: [&str; 12] = [
    "insert",
    "inserts",
    "runs",
    "conditional",
    "details",
    "upsert",
    "delete",
    "all or none",
    "composite",
    "graphs",
    "batch",
    "tree",
];

async fn told(name: &str, rest: &RestTransport) -> Told {
    let org = Org::new(rest.clone()).with_call(once());
    let query = QueryOptions::new().with_call(once());
    let start = || QueryCall::Start(Soql::raw("SELECT Id FROM Account"));
    let read = |result: sf_core::Result<()>| Told::Read(result.map_err(sf_core::Error::into_failure));
    let pages = |pages: sf_core::Result<Vec<Result<sf_core::Page, Failure>>>| {
        Told::Read(pages.map_err(sf_core::Error::into_failure).and_then(|pages| {
            pages.into_iter().try_for_each(|page| {
                page?.decode::<Account>().map(drop).map_err(sf_core::Error::into_failure)
            })
        }))
    };
    let rows = |outcomes: Vec<RowOutcome>| {
        outcomes
            .into_iter()
            .map(|o| o.into_result().map(drop).map_err(sf_core::Error::into_failure))
            .collect()
    };
    let account = object!("Account");
    let delete = || Write::Delete { id: id() };
    let upsert = || Write::Upsert {
        object: object!("Account"),
        key: field!("Key__c"),
        fields: named().set(field!("Key__c"), "k"),
    };
    let (batch, all) = match name {
        "query" => return pages(rest.query(&[start()], &query).await),
        "queries" => return pages(rest.query(&[start(), start()], &query).await),
        "rows" => {
            return read(
                org.query(Soql::raw("SELECT Id FROM Account").typed::<Account>()).all().await.map(drop),
            );
        }
        "retrieve" => return read(org.fetch_all::<Account>([id()]).await.map(drop)),
        "describe" => {
            return read(rest.describe(&account, &DescribeOptions::new().with_call(once())).await.map(drop));
        }
        "changed" => {
            let (start, end) =
                ("2026-01-02T03:04:05Z".parse().unwrap(), "2026-01-02T04:04:05Z".parse().unwrap());
            let window = Window { what: ChangeKind::Updated, start, end };
            return read(rest.changed(&account, &window, &once()).await.map(drop));
        }
        "explain" => return read(org.explain(Soql::raw("SELECT Id FROM Account")).await.map(drop)),
        "search" => {
            let found = org.search(Sosl::raw("FIND {Acme}")).await;
            return read(found.and_then(|found| found.records().map(drop)));
        }
        "limits" => return read(rest.limits(&once()).await.map(drop)),
        "identity" => return read(rest.identity(&once()).await.map(drop)),
        "composite" => {
            let mut call = Composite::new();
            let new = call.add("new", Step::insert(account.clone(), named())).unwrap();
            let gone = call.add("gone", Step::delete(account, id())).unwrap();
            let answer = org.composite(&call).await.map_err(sf_core::Error::into_failure);
            return Told::Written(
                2,
                answer.map(|answer| rows(vec![answer.saved(&new), answer.saved(&gone)])),
            );
        }
        "graphs" => {
            let mut graph = Graph::new("g").unwrap();
            let new = graph.add("new", Step::insert(account, named())).unwrap();
            let mut call = Graphs::new();
            call.add(graph).unwrap();
            let answer = org.graphs(&call).await.map_err(sf_core::Error::into_failure);
            return Told::Written(1, answer.map(|answer| rows(vec![answer[0].1.saved(&new)])));
        }
        "batch" => {
            let mut call = Batch::new();
            call.add(Request::new(Method::Delete, ["sobjects", "Account", id().as_str()])).unwrap();
            let answer = org.batch(&call).await.map_err(sf_core::Error::into_failure);
            let read = |outcome: &sf_core::protocol::composite::Outcome| {
                outcome.failure().cloned().map_or(Ok(()), Err)
            };
            return Told::Written(1, answer.map(|answer| answer.iter().map(read).collect()));
        }
        "tree" => {
            let row = || TreeRow::new(object!("Account"), named());
            let answer = org.tree(&Tree::new(vec![row(), row()]).unwrap()).await;
            return Told::Written(2, answer.map(rows).map_err(sf_core::Error::into_failure));
        }
        "insert" => (vec![insert("A")], false),
        "inserts" => (vec![insert("A"), insert("B"), insert("C")], false),
        "runs" => (vec![insert("A"), update(None), upsert()], false),
        "all or none" => (vec![insert("A"), update(None)], true),
        "conditional" => (vec![update(Some("2026-01-02T03:04:05Z"))], false),
        "details" => (vec![update(None)], false),
        "upsert" => (vec![upsert()], false),
        "delete" => (vec![delete()], false),
        _ => unreachable!("{name}"),
    };
    let options =
        WriteOptions::new().with_call(once()).with_all_or_none(all).with_duplicate_details(name == "details");
    let answer = rest.write(&batch, &options).await;
    Told::Written(batch.len(), answer.map(rows).map_err(sf_core::Error::into_failure))
}

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let page = r#"{"totalSize":1,"done":true,"records":[{"Id":"001000000000001AAA"}]}"#;
    let saved = r#"[{"id":"001000000000001AAA","success":true,"errors":[]}]"#;
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    vec![
        ("html", format!("<!DOCTYPE html><html><body>{PAGE_TEXT}</body></html>").into_bytes()),
        ("empty", Vec::new()),
        ("blank", b" \r\n ".to_vec()),
        ("null", b"null".to_vec()),
        ("number", b"1e999999999".to_vec()),
        ("text", format!("\"{PAGE_TEXT}\"").into_bytes()),
        ("plain", PAGE_TEXT.as_bytes().to_vec()),
        ("empty list", b"[]".to_vec()),
        ("list of nothing", b"[null]".to_vec()),
        ("success without a list", br#"{"success":true,"id":"001000000000009AAA"}"#.to_vec()),
        ("truncated page", page.as_bytes()[..page.len() - 9].to_vec()),
        ("truncated results", saved.as_bytes()[..saved.len() - 4].to_vec()),
        ("page with BOM", format!("\u{feff}{page}").into_bytes()),
        ("results with BOM", format!("\u{feff}{saved}").into_bytes()),
        ("results in UTF-16", utf16(saved)),
        ("page in Latin-1", [b"{\"totalSize\":1,\"done\":true,\"records\":[{\"Name\":\"", &[0xe9][..], b"\"}]}"].concat()),
        ("NUL", vec![0; 100]),
        ("deep", deep.into_bytes()),
        ("OAuth error", br#"{"error":"invalid_grant","error_description":"expired"}"#.to_vec()),
        ("SOAP", b"<?xml version=\"1.0\"?><soapenv:Envelope/>".to_vec()),
        ("two documents", format!("{saved}{saved}").into_bytes()),
        ("wrong composite", br#"{"compositeResponse":{}}"#.to_vec()),
        ("composite of others", br#"{"compositeResponse":[{"body":null,"httpHeaders":{},"httpStatusCode":204,"referenceId":"other"}]}"#.to_vec()),
        ("graphs of others", br#"{"graphs":[],"results":[]}"#.to_vec()),
    ]
}

#[tokio::test]
async fn no_answer_that_is_none_of_the_api_s_is_a_success() {
    let server = MockServer::start().await;
    let answering = Answering::default();
    Mock::given(any()).respond_with(answering.clone()).mount(&server).await;
    let rest = transport(&server.uri());
    for (label, body) in bodies() {
        for status in [200, 201, 400, 414, 503] {
            *answering.0.lock().unwrap() = (status, body.clone());
            for name in READS.iter().chain(&WRITES) {
                // Of one id that is an answer: the user sees no such row. And to a search of old versions, which found nothing.
                let is_answer =
                    matches!((*name, label), ("retrieve", "list of nothing") | ("search", "empty list"));
                if is_answer && status < 300 {
                    continue;
                }
                let case = format!("{name}, {status} with {label}");
                let failures = match told(name, &rest).await {
                    Told::Read(result) => vec![result.expect_err(&case)],
                    Told::Written(count, Ok(rows)) => {
                        assert_eq!(rows.len(), count, "{case}");
                        rows.into_iter().map(|row| row.expect_err(&case)).collect()
                    }
                    Told::Written(_, Err(failure)) => vec![failure],
                };
                for failure in failures {
                    if WRITES.contains(name) {
                        let is_open = !(300..500).contains(&status);
                        let delivery = if is_open { Delivery::Unknown } else { Delivery::Refused };
                        assert_eq!(failure.delivery, delivery, "{case}: {failure:?}");
                    }
                    let help = failure.help();
                    assert!(!help.cause.is_empty() && !help.next_step.is_empty(), "{case}");
                    let printed = format!("{failure} {failure:?} {help}");
                    assert!(!printed.contains(PAGE_TEXT), "{case}: {printed}");
                    assert!(printed.len() < 2_000, "{case}: {} bytes", printed.len());
                }
            }
        }
    }
}

/// The write itself says it: `Err` only when nothing of the batch is applied.
#[tokio::test]
async fn a_malformed_success_is_an_outcome_of_each_row_not_an_error_of_the_call() {
    let server = MockServer::start().await;
    let answering = Answering::default();
    Mock::given(any()).respond_with(answering.clone()).mount(&server).await;
    let rest = transport(&server.uri());
    for (label, body) in bodies() {
        *answering.0.lock().unwrap() = (200, body);
        for name in &WRITES[..8] {
            assert!(matches!(told(name, &rest).await, Told::Written(_, Ok(_))), "{name} with {label}");
        }
    }
}

/// Pain 50: an unknown code, or a page instead of JSON, never fails to be an error.
#[tokio::test]
async fn an_unknown_code_and_a_page_are_errors_with_what_the_org_said() {
    let server = MockServer::start().await;
    let answering = Answering::default();
    Mock::given(any()).respond_with(answering.clone()).mount(&server).await;
    let rest = transport(&server.uri());
    let limits = Request::get(["limits"]);
    for (status, body, code, kind) in [
        (
            400,
            r#"[{"message":"Brand new","errorCode":"FROM_NEXT_RELEASE"}]"#,
            Some("FROM_NEXT_RELEASE"),
            ErrorKind::Refused,
        ),
        (400, r#"[{"errorCode":"FROM_NEXT_RELEASE"}]"#, Some("FROM_NEXT_RELEASE"), ErrorKind::Refused),
        (
            400,
            r#"{"message":"m","errorCode":"API_ERROR","extra":[1]}"#,
            Some("API_ERROR"),
            ErrorKind::Refused,
        ),
        (
            503,
            r#"[{"message":"m","errorCode":"NEW_OVERLOAD"}]"#,
            Some("NEW_OVERLOAD"),
            ErrorKind::Unavailable,
        ),
        (403, r#"[{"message":"m","errorCode":"NEW_POLICY"}]"#, Some("NEW_POLICY"), ErrorKind::Forbidden),
        (404, r#"[{"message":"m","errorCode":"NEW_HIDDEN"}]"#, Some("NEW_HIDDEN"), ErrorKind::NotFound),
        (414, "<html>URI Too Long</html>", None, ErrorKind::LimitReached),
        (431, "", None, ErrorKind::LimitReached),
        (503, "Down for maintenance", None, ErrorKind::Unavailable),
        (
            400,
            "<Errors><Error><errorCode>NOT_FOUND</errorCode><message>m</message></Error></Errors>",
            Some("NOT_FOUND"),
            ErrorKind::NotFound,
        ),
        (418, "", None, ErrorKind::Refused),
        (599, "", None, ErrorKind::Unavailable),
    ] {
        *answering.0.lock().unwrap() = (status, body.as_bytes().to_vec());
        let e = rest.call(&limits, &once()).await.unwrap_err();
        assert_eq!(
            (e.code().map(|c| c.as_str()), e.kind(), e.failure().status),
            (code, kind, Some(status)),
            "{body}"
        );
        assert!(!e.help().next_step.is_empty() && !e.to_string().is_empty());
    }
}

/// A page that names its next one elsewhere sends the token nowhere.
#[tokio::test]
async fn a_next_page_elsewhere_is_not_fetched() {
    let (server, thief) = (MockServer::start().await, MockServer::start().await);
    let answering = Answering::default();
    Mock::given(any()).respond_with(answering.clone()).mount(&server).await;
    let org = Org::new(transport(&server.uri()));
    let host = thief.uri().replace("http://", "");
    for next in [
        format!("{}/services/data/v66.0/query/01g-2", thief.uri()),
        format!("//{host}/services/data/v66.0/query/01g-2"),
        format!("/services/data/v66.0/query@{host}/../x"),
        format!("\\\\{host}\\services\\data\\v66.0\\query"),
        format!("@{host}/services/data/v66.0/query/01g-2"),
        "/services/data/v66.0/query/../../../oauth2/token".to_owned(),
        "/services/data/v66.0/query/%2e%2E/sobjects".to_owned(),
        "/services/data/v66.0/query/01g?x=1".to_owned(),
        "/services/data/v66.0/query/01g#x".to_owned(),
        "/services/data/v66.0/query//01g".to_owned(),
        "/services/data/v66.0/query/01g\r\nX: y".to_owned(),
        "/services/oauth2/revoke?token=query".to_owned(),
        "services/data/v66.0/query/01g".to_owned(),
        String::new(),
        "x".repeat(100_000),
    ] {
        server.reset().await;
        Mock::given(any()).respond_with(answering.clone()).mount(&server).await;
        let page = serde_json::json!({"totalSize": 2, "done": false, "nextRecordsUrl": next, "records": [{"Name": "A"}]});
        *answering.0.lock().unwrap() = (200, page.to_string().into_bytes());
        let mut rows = org.query(Soql::raw("SELECT Name FROM Account").typed::<Account>());
        assert!(rows.try_next().await.unwrap().is_some(), "what came is handed out");
        let e = rows.try_next().await.unwrap_err();
        assert!(matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::Decode), "{next}: {e:?}");
        assert!(rows.try_next().await.unwrap().is_none(), "an error is the last item");
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "{next}");
    }
    assert!(thief.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn garbage_in_headers_changes_nothing() {
    let limits = Request::get(["limits"]);
    for info in [
        "",
        "api-usage",
        "api-usage=/",
        "api-usage=-1/5",
        "api-usage=99999999999999999999/1",
        "api-usage=1",
        "x=1/2",
        "\u{1}",
    ] {
        let server = MockServer::start().await;
        let mut answer = ResponseTemplate::new(200).set_body_raw("{}", "application/json");
        if info != "\u{1}" {
            answer = answer.insert_header("sforce-limit-info", info);
        } else {
            answer = answer.insert_header("sforce-limit-info", [0xff, 0xfe].as_slice());
        }
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let rest = transport(&server.uri());
        rest.call(&limits, &once()).await.unwrap();
        assert_eq!(rest.usage().daily, None, "{info}");
    }
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    for (after, expected) in [
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("99999999999999999999999", None),
        ("Wed, 99 Oct 2026 07:28:00 GMT", None),
        ("Wed, 21 Oct 2026 07:27:00 GMT", None),
        ("18446744073709551615", Some(u64::MAX)),
        ("Thu, 21 Oct 9999 07:28:00 GMT", Some(251_603_539_200)),
    ] {
        let server = MockServer::start().await;
        let answer =
            ResponseTemplate::new(503).insert_header("retry-after", after).insert_header("date", date);
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let e =
            transport(&server.uri()).call(&limits, &CallOptions::new().with_attempts(2)).await.unwrap_err();
        assert_eq!(e.failure().retry_after.map(|after| after.as_secs()), expected, "{after}");
        // What cannot be read is no pause; years are left to the caller.
        let sent = server.received_requests().await.unwrap().len();
        assert_eq!(sent, if expected.is_none() { 2 } else { 1 }, "{after}");
    }
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}
fn raw(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{head}\r\n").as_bytes(), body].concat()
}

/// Transfers that HTTP or gzip does not allow: the rows are in doubt, once, and the next call works.
#[tokio::test]
async fn a_transfer_that_breaks_the_rules_leaves_the_rows_in_doubt() {
    let saved = crate::CREATED.as_bytes();
    let gzip = packed(saved);
    let with_length =
        |head: &str, body: &[u8]| raw(&format!("{head}content-length: {}\r\n", body.len()), body);
    let zip = "content-encoding: gzip\r\n";
    let bomb = packed(&vec![b' '; 3 << 20]);
    let damaged = {
        let mut damaged = gzip.clone();
        damaged[15] ^= 0x55;
        damaged
    };
    let many = "x-a: y\r\n".repeat(5_000);
    let cases: Vec<(&str, Vec<u8>, ErrorKind)> = vec![
        ("gzip that is none", with_length(zip, saved), ErrorKind::Network),
        ("torn gzip", with_length(zip, &gzip[..gzip.len() - 9]), ErrorKind::Network),
        ("gzip without its sum", with_length(zip, &gzip[..gzip.len() - 8]), ErrorKind::Network),
        ("damaged gzip", with_length(zip, &damaged), ErrorKind::Network),
        ("gzip and more", with_length(zip, &[&gzip[..], b"more"].concat()), ErrorKind::Network),
        ("a gzip bomb", with_length(zip, &bomb), ErrorKind::Unsupported),
        ("gzip that is not text", with_length(zip, &packed(&[0xff, 0xfe, 0xfd])), ErrorKind::Decode),
        ("gzip that is not said to be", with_length("", &gzip), ErrorKind::Decode),
        ("brotli", with_length("content-encoding: br\r\n", &gzip), ErrorKind::Decode),
        ("a length that is too small", raw("content-length: 20\r\n", saved), ErrorKind::Decode),
        ("a length that is too large", raw("content-length: 2000\r\n", saved), ErrorKind::Network),
        ("a length above the limit", raw("content-length: 99999999\r\n", saved), ErrorKind::Unsupported),
        ("a length that is no number", raw("content-length: many\r\n", saved), ErrorKind::Network),
        ("two lengths", raw("content-length: 5\r\ncontent-length: 6\r\n", saved), ErrorKind::Network),
        (
            "a chunk of no size",
            raw("transfer-encoding: chunked\r\n", b"zz\r\n[]\r\n0\r\n\r\n"),
            ErrorKind::Network,
        ),
        ("chunks without an end", raw("transfer-encoding: chunked\r\n", b"2\r\n[]\r\n"), ErrorKind::Network),
        (
            "a huge chunk",
            raw("transfer-encoding: chunked\r\n", b"ffffffffffffffff\r\n[]"),
            ErrorKind::Network,
        ),
        ("thousands of headers", with_length(&many, saved), ErrorKind::Network),
        (
            "an enormous header",
            with_length(&format!("x-a: {}\r\n", "y".repeat(2 << 20)), saved),
            ErrorKind::Network,
        ),
        ("a header that is none", with_length("no colon here\r\n", saved), ErrorKind::Network),
        ("a NUL in a header", with_length("x-a: a\0b\r\n", saved), ErrorKind::Network),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), ErrorKind::Network),
        ("HTTP/9", b"HTTP/9.9 200 OK\r\n\r\n[]".to_vec(), ErrorKind::Network),
        ("a status of two digits", b"HTTP/1.1 20 OK\r\n\r\n[]".to_vec(), ErrorKind::Network),
        ("a line end alone", b"\r\n\r\n".to_vec(), ErrorKind::Network),
        ("a head of half", b"HTTP/1.1 200 OK\r\ncontent-le".to_vec(), ErrorKind::Network),
    ];
    for (label, bytes, kind) in cases {
        let server = Scripted::play([Act::Bytes(bytes), Act::answer(200, crate::CREATED)]).await;
        let rest = rest(&server.url).body_limit(1 << 20).connect().unwrap();
        let outcomes = rest.write(&[insert("A")], &WriteOptions::new()).await.unwrap();
        let failure = outcomes[0].failure().unwrap_or_else(|| panic!("{label} is a success"));
        assert_eq!((failure.kind, failure.delivery), (kind, Delivery::Unknown), "{label}: {failure:?}");
        assert_eq!(server.requests(), 1, "{label}");
        assert!(rest.write(&[insert("A")], &WriteOptions::new()).await.unwrap()[0].is_done(), "{label}");
    }
}

/// What looks odd and is right.
#[tokio::test]
async fn a_transfer_that_is_odd_but_right_is_read() {
    let saved = crate::CREATED;
    let two = [packed(&saved.as_bytes()[..9]), packed(&saved.as_bytes()[9..])].concat();
    let last = format!("connection: close\r\ncontent-length: {}\r\n", saved.len());
    let good = String::from_utf8(raw(&last, saved.as_bytes())).unwrap();
    for (label, bytes) in [
        (
            "two gzip members",
            raw(&format!("content-encoding: GZIP\r\ncontent-length: {}\r\n", two.len()), &two),
        ),
        ("no length", raw("connection: close\r\n", saved.as_bytes())),
        (
            "chunks with trailers",
            raw(
                "transfer-encoding: chunked\r\n",
                format!(
                    "5;x=y\r\n{}\r\n{:x}\r\n{}\r\n0\r\nX: y\r\n\r\n",
                    &saved[..5],
                    saved.len() - 5,
                    &saved[5..]
                )
                .as_bytes(),
            ),
        ),
        ("100 first", format!("HTTP/1.1 100 Continue\r\n\r\n{good}").into_bytes()),
        ("103 first", format!("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n{good}").into_bytes()),
        ("no reason", good.replace("200 OK", "200").into_bytes()),
        ("white space", raw("connection: close\r\n", format!("\r\n\t{saved}\r\n").as_bytes())),
    ] {
        let server = Scripted::play([Act::Bytes(bytes)]).await;
        let outcomes = transport(&server.url).write(&[insert("A")], &WriteOptions::new()).await.unwrap();
        assert!(outcomes[0].is_done(), "{label}: {outcomes:?}");
    }
}
