//! Answers that come by a file: exact, but without a status.
use crate::fake::{Fake, error, success};
use serde_json::{Value, json};
use sf_core::{
    CallOptions, Delivery, ErrorCode, ErrorKind, Failure, Number, Page, QueryCall, QueryOptions, Record,
    Result, Soql, Transport, protocol::Request,
};

async fn query(fake: &Fake) -> Result<Result<Page, Failure>> {
    let transport = fake.sf().await.connect().unwrap();
    let options = QueryOptions::new().with_call(CallOptions::new().with_attempts(Some(1)));
    let batch = [QueryCall::Start(Soql::raw("SELECT Id, Big__c FROM Account WHERE Name = 'Top Secret'"))];
    let answer = transport.query(&batch, &options).await;
    assert_eq!(fake.left_over(), 0, "temporary files are removed");
    answer.map(|mut pages| pages.remove(0))
}
/// The streamed file holds this text; the command says that all is well, as it does for every status.
fn streamed(text: &str) -> Value {
    let result = json!({"statusCode": 0, "headers": {}, "body": ""});
    json!({"when": ["--stream-to-file"], "stream": text, "stdout": success(result)})
}
fn composite(status: u16, body: &str) -> String {
    format!(
        r#"{{"compositeResponse":[{{"body":{body},"httpHeaders":{{}},"httpStatusCode":{status},"referenceId":"part0"}}]}}"#
    )
}

#[tokio::test]
async fn rows_keep_every_digit_and_the_statement_is_no_argument() {
    let fake = Fake::new();
    let rows = r#"{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Account"},"Id":"001000000000001AAA","Big__c":9007199254740993.10}]}"#;
    fake.rule(streamed(&composite(200, rows)));
    let page = query(&fake).await.unwrap().unwrap();
    let row = page.decode::<Record>().unwrap().remove(0).unwrap();
    let number = row.get::<Number>("Big__c").unwrap().into_value().unwrap();
    assert_eq!(number.to_string(), "9007199254740993.10");
    let call = fake.call();
    assert!(!call["argv"].to_string().contains("Secret") && call["body"].to_string().contains("Secret"));
}

#[tokio::test]
async fn an_error_in_the_file_is_an_error_in_any_order_of_its_keys() {
    let cases = [
        (
            r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
            ErrorCode::InvalidSessionId,
            401,
        ),
        (
            r#"[ {"errorCode":"REQUEST_LIMIT_EXCEEDED" , "message":"TotalRequests Limit exceeded."} ]"#,
            ErrorCode::RequestLimitExceeded,
            403,
        ),
        (
            r#"[{"fields":[],"message":"m","errorCode":"UNKNOWN_EXCEPTION"}]"#,
            ErrorCode::UnknownException,
            500,
        ),
    ];
    for (text, code, status) in cases {
        let fake = Fake::new();
        fake.rule(streamed(text));
        let failure = query(&fake).await.unwrap_err().into_failure();
        assert_eq!((failure.code, failure.status), (Some(code), Some(status)), "{text}");
    }
    let fake = Fake::new();
    fake.rule(streamed(&composite(400, r#"[{"message":"No such column","errorCode":"INVALID_FIELD"}]"#)));
    let failure = query(&fake).await.unwrap().unwrap_err();
    assert_eq!((failure.code, failure.status), (Some(ErrorCode::InvalidField), Some(400)));
}

#[tokio::test]
async fn what_is_not_json_is_never_taken_for_rows() {
    for text in [
        "",
        "<html><body>Down for maintenance</body></html>",
        "{\"compositeResponse\":[{\"body\":{\"tot",
        "upstream error",
    ] {
        let fake = Fake::new();
        fake.rule(streamed(text));
        let error = query(&fake).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{text}");
        assert!(!format!("{error:?}").contains("Down for"));
    }
    // Not even a file.
    let fake = Fake::new();
    fake.rule(json!({"when": ["--stream-to-file"], "stdout": success(json!({"statusCode": 0}))}));
    assert_eq!(query(&fake).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

/// A broken stream says `"status": 0` and exits with 1.
#[tokio::test]
async fn a_broken_stream_is_no_answer_although_the_status_is_zero() {
    let fake = Fake::new();
    let stderr = "SfError [ReadError]: The server aborted pending request\n    at SfError.create (/opt/core/sfError.js:90:23)\n";
    let whole = composite(200, r#"{"totalSize":0,"done":true,"records":[]}"#);
    fake.rule(json!({"when": ["--stream-to-file"], "stream": whole, "stdout": success(json!({"statusCode": 0})), "stderr": stderr, "exit": 1}));
    let error = query(&fake).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
}

#[tokio::test]
async fn errors_of_the_command_come_through_in_both_forms() {
    for (version, stdout, stderr) in [
        ("2.150.6", error("INVALID_SESSION_ID", "Session expired or invalid", 1).to_string(), ""),
        ("2.127.2", String::new(), "Error (1): Session expired or invalid\n"),
    ] {
        let fake = Fake::new().version(version);
        fake.rule(json!({"when": ["--stream-to-file"], "stdout": stdout, "stderr": stderr, "exit": 1}));
        let error = query(&fake).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::NotSignedIn, Delivery::NotSent),
            "{version}"
        );
    }
}

#[tokio::test]
async fn a_download_gives_the_bytes_as_they_are_and_no_bytes_of_an_error() {
    let fake = Fake::new();
    fake.rule(json!({"when": ["/VersionData", "--stream-to-file"], "stream": "<html>a file</html>", "stdout": success(json!({"statusCode": 0}))}));
    fake.rule(json!({"when": ["/Gone", "--stream-to-file"], "stream": r#"[{"errorCode":"NOT_FOUND","message":"x"}]"#, "stdout": success(json!({"statusCode": 0}))}));
    let transport = fake.sf().await.connect().unwrap();
    let mut bytes = Vec::new();
    let answer =
        transport.download(&Request::get(["VersionData"]), &mut bytes, &CallOptions::new()).await.unwrap();
    assert_eq!((answer.status, bytes.as_slice()), (200, b"<html>a file</html>".as_slice()));
    let mut bytes = Vec::new();
    let error =
        transport.download(&Request::get(["Gone"]), &mut bytes, &CallOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.failure().status, bytes.len()), (ErrorKind::NotFound, Some(404), 0));
}

#[tokio::test]
async fn an_answer_above_the_limit_is_refused() {
    let fake = Fake::new();
    fake.rule(streamed(&composite(200, &format!("{{\"records\":[],\"pad\":\"{}\"}}", "x".repeat(5_000)))));
    fake.rule(json!({"when": ["/limits"], "flood": 2_000_000}));
    let transport = fake.sf().await.body_limit(4_000).connect().unwrap();
    let batch = [QueryCall::Start(Soql::raw("SELECT Id FROM Account"))];
    assert_eq!(
        transport.query(&batch, &QueryOptions::new()).await.unwrap_err().kind(),
        ErrorKind::Unsupported
    );
    assert_eq!(transport.limits(&CallOptions::new()).await.unwrap_err().kind(), ErrorKind::Unsupported);
}
