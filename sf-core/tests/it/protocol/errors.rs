//! Error answers of every shape are read, and say what the org may have done.
use proptest::prelude::*;
use sf_core::protocol::{Method, Request, Response, Safety, read_failure};
use sf_core::{Delivery, ErrorCode, ErrorKind, Retry, SfId};

fn read(status: u16, body: &str) -> sf_core::Failure {
    read_failure(&Response::new(status, vec![], body), Safety::Once)
}

#[test]
fn rest_array() {
    let f = read(
        400,
        r#"[{"fields":["Job_Category__c"],"message":"Job Category: bad value for restricted picklist field: NURSE","errorCode":"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"}]"#,
    );
    assert_eq!(f.code, Some(ErrorCode::InvalidOrNullForRestrictedPicklist));
    assert_eq!((f.kind, f.delivery, f.status), (ErrorKind::Refused, Delivery::Refused, Some(400)));
    assert_eq!(f.fields, ["Job_Category__c"]);
    assert_eq!(f.retry(), Retry::Never);
}

#[test]
fn all_errors_of_several_are_kept() {
    let f = read(
        400,
        r#"[{"message":"first","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":[]},
            {"message":"second","errorCode":"STRING_TOO_LONG","fields":["Name"]},
            {"message":"third","errorCode":"NEW_CODE_OF_TOMORROW"}]"#,
    );
    assert_eq!(f.message, "first");
    let also: Vec<_> = f.also.iter().map(|e| (e.code.as_str(), e.message.as_str())).collect();
    assert_eq!(also, [("STRING_TOO_LONG", "second"), ("NEW_CODE_OF_TOMORROW", "third")]);
    assert_eq!(f.to_string(), "FIELD_CUSTOM_VALIDATION_EXCEPTION: first (and 2 more)");
}

#[test]
fn oauth_object_and_plain_words() {
    let f = read(400, r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#);
    assert_eq!((f.code, f.kind), (Some(ErrorCode::InvalidGrant), ErrorKind::NotSignedIn));
    assert_eq!(f.message, "expired access/refresh token");
    let f = read(403, "Bad_OAuth_Token");
    assert_eq!((f.kind, f.retry()), (ErrorKind::NotSignedIn, Retry::SignIn));
}

#[test]
fn xml_and_bulk_1_spelling() {
    let f = read(
        400,
        "<?xml version=\"1.0\"?><Errors><Error><errorCode>INVALID_SESSION_ID</errorCode><message>Session expired</message></Error></Errors>",
    );
    assert_eq!((f.code, f.message.as_str()), (Some(ErrorCode::InvalidSessionId), "Session expired"));
    let f = read(400, r#"{"exceptionCode":"InvalidSessionId","exceptionMessage":"Invalid session id"}"#);
    assert_eq!(f.code, Some(ErrorCode::InvalidSessionId));
}

#[test]
fn ambiguous_external_id_names_the_records() {
    let f = read(
        300,
        r#"["/services/data/v66.0/sobjects/X/001000000000001AAA","/services/data/v66.0/sobjects/X/001000000000002AAA"]"#,
    );
    assert_eq!(f.kind, ErrorKind::Conflict);
    assert_eq!(
        f.records,
        [SfId::new("001000000000001AAA").unwrap(), SfId::new("001000000000002AAA").unwrap()]
    );
}

#[test]
fn duplicates_name_the_records() {
    let f = read(
        400,
        r#"[{"errorCode":"DUPLICATE_VALUE","message":"duplicate value found: ExtId__c duplicates value on record with id: 001000000000001","fields":[]}]"#,
    );
    assert_eq!(f.records, [SfId::new("001000000000001AAA").unwrap()]);
    let f = read(
        400,
        r#"[{"errorCode":"DUPLICATES_DETECTED","message":"Use one of these records?","duplicateResult":{"matchResults":[{"matchRecords":[{"record":{"attributes":{"type":"Account"},"Id":"001000000000002AAA"}}]}]}}]"#,
    );
    assert_eq!(f.records, [SfId::new("001000000000002AAA").unwrap()]);
}

#[test]
fn pages_of_others_are_judged_by_status_and_never_quoted() {
    let html = "<html><body>Proxy says: token=hunter2</body></html>";
    for (status, kind) in [
        (401, ErrorKind::NotSignedIn),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (412, ErrorKind::Conflict),
        (414, ErrorKind::LimitReached),
        (420, ErrorKind::Unavailable),
        (502, ErrorKind::Unavailable),
        (504, ErrorKind::Timeout),
    ] {
        for body in [html, "", "hunter2", "{\"x\":", "[]", "[null,7]"] {
            let f = read(status, body);
            assert_eq!((f.kind, f.code.clone()), (kind, None), "{status} {body}");
            assert!(!f.to_string().contains("hunter2"));
            assert!(!f.help().next_step.is_empty());
        }
    }
}

#[test]
fn trouble_of_the_org_leaves_a_write_in_doubt_and_a_read_not() {
    let body = r#"[{"message":"busy","errorCode":"SERVER_UNAVAILABLE"}]"#;
    let of = |status, body: &str, safety| read_failure(&Response::new(status, vec![], body), safety).delivery;
    assert_eq!(of(503, body, Safety::Once), Delivery::Unknown);
    assert_eq!(of(503, body, Safety::Idempotent), Delivery::Unknown);
    assert_eq!(of(503, body, Safety::Read), Delivery::Refused);
    assert_eq!(of(502, "<html>", Safety::Once), Delivery::Unknown);
    let internal =
        r#"[{"message":"An unexpected error occurred. ErrorId: 1-2 (-3)","errorCode":"UNKNOWN_EXCEPTION"}]"#;
    assert_eq!(of(500, internal, Safety::Once), Delivery::Unknown);
    let maintenance =
        r#"[{"message":"m","errorCode":"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"}]"#;
    assert_eq!(of(503, maintenance, Safety::Once), Delivery::Refused);
    assert_eq!(of(429, "", Safety::Once), Delivery::Refused);
}

/// A class answers as it likes, and that does not undo what it did.
#[test]
fn an_answer_of_an_apex_class_does_not_prove_that_nothing_was_done() {
    let of = |method, status, body: &str| {
        Request::apex(method, ["cx"]).failure(&Response::new(status, vec![], body))
    };
    let session = r#"{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}"#;
    let own = ["", "busy", "<html>", r#"{"error":"busy"}"#, r#"[{"errorCode":"MINE","message":"m"}]"#];
    for body in own.into_iter().chain([r#"{"error":"rate_limit_exceeded"}"#, session]) {
        for status in [400, 401, 404, 409, 429, 503] {
            let f = of(Method::Post, status, body);
            assert_eq!(f.delivery, Delivery::Unknown, "{status} {body}");
            assert!(f.help().next_step.contains("what it did"), "{status} {body}");
            assert_eq!(of(Method::Get, status, body).delivery, Delivery::Refused, "{status} {body}");
            assert_eq!(of(Method::Get, status, body).next_step, None, "{status} {body}");
        }
    }
    for (status, code) in [
        (401, "INVALID_SESSION_ID"),
        (403, "REQUEST_LIMIT_EXCEEDED"),
        (404, "NOT_FOUND"),
        (500, "APEX_ERROR"),
        (503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"),
    ] {
        let array = format!(r#" [{{"message":"m","errorCode":"{code}"}}]"#);
        let xml =
            format!("<Errors><Error><errorCode>{code}</errorCode><message>m</message></Error></Errors>");
        for body in [array, xml] {
            let f = of(Method::Post, status, &body);
            assert_eq!((f.delivery, f.next_step), (Delivery::Refused, None), "{code}");
        }
    }
    // Of a site; and what is no Apex REST is judged as before.
    let at = |path| Request::to_path(Method::Post, path).unwrap().failure(&Response::new(429, vec![], ""));
    assert_eq!(at("/desk/services/ApexRest/cx").delivery, Delivery::Unknown);
    assert_eq!(at("/services/data/v66.0/sobjects/Account").delivery, Delivery::Refused);
}

#[test]
fn retry_after_is_read() {
    let response = Response::new(503, vec![("Retry-After".into(), "7".into())], "");
    let after = Some(std::time::Duration::from_secs(7));
    assert_eq!(read_failure(&response, Safety::Read).retry(), Retry::Backoff { after });
}

#[test]
fn the_row_itself_is_gone_or_a_reference_is_wrong() {
    let body = r#"[{"errorCode":"INVALID_CROSS_REFERENCE_KEY","message":"invalid cross reference id"}]"#;
    assert_eq!(read(404, body).kind, ErrorKind::NotFound);
    assert_eq!(read(400, body).kind, ErrorKind::Refused);
}

proptest! {
    #[test]
    fn reading_never_fails(status in 300u16..600, body in ".{0,80}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let failure = read(status, &body);
        prop_assert!(!failure.help().next_step.is_empty());
        let response = Response::from_bytes(status, vec![], bytes).unwrap();
        let _ = read_failure(&response, Safety::Read);
    }
    #[test]
    fn error_arrays_of_any_content_keep_code_and_text(code in "[A-Z_]{3,30}", text in "[^\u{0}]{0,60}") {
        let body = serde_json::json!([{ "errorCode": code, "message": text, "fields": [1, null, "A"] }]).to_string();
        let failure = read(400, &body);
        prop_assert_eq!(failure.code.as_ref().map(ErrorCode::as_str), Some(code.as_str()));
        prop_assert_eq!(failure.message, text);
        prop_assert_eq!(failure.fields, ["A"]);
    }
}
