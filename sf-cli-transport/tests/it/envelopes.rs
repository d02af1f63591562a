//! What the command says, and what becomes of it: every envelope, exit code and form.
use crate::fake::{Fake, error, rest};
use serde_json::{Value, json};
use sf_core::{
    CallOptions, Delivery, Error, ErrorCode, ErrorKind, Fields, Retry, RowOutcome, Transport, Write,
    WriteOptions, field, object, protocol::Request,
};

fn once() -> CallOptions {
    CallOptions::new().with_attempts(Some(1))
}
async fn read(fake: &Fake) -> Error {
    fake.sf().await.connect().unwrap().limits(&once()).await.unwrap_err()
}
/// The outcome of one insert, or the error of the whole call.
async fn insert(fake: &Fake) -> Result<RowOutcome, Error> {
    let transport = fake.sf().await.connect().unwrap();
    let rows =
        [Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), "Acme") }];
    let options = WriteOptions::new().with_call(once());
    transport.write(&rows, &options).await.map(|outcomes| outcomes[0].clone())
}
fn envelope(name: &str, message: &str, exit: i32) -> Value {
    json!({"when": ["api request rest"], "stdout": error(name, message, exit).to_string(), "exit": exit})
}

#[tokio::test]
async fn what_fails_before_the_request_is_not_sent_and_names_the_command_to_run() {
    let cases = [
        (
            "NoDefaultEnvError",
            "No default environment found. Use -o",
            1,
            ErrorKind::Setup,
            "sf org login web --alias desk",
        ),
        (
            "NamedOrgNotFoundError",
            "Parsing --target-org \n\tNo authorization information found for desk.",
            2,
            ErrorKind::Setup,
            "sf org login web --alias desk",
        ),
        ("AuthDecryptError", "Failed to decipher auth data.", 2, ErrorKind::Setup, "keychain"),
        (
            "INVALID_SESSION_ID",
            "Session expired or invalid",
            1,
            ErrorKind::NotSignedIn,
            "sf org login web --alias desk",
        ),
        (
            "Error",
            "Unable to refresh session due to: Error authenticating with the refresh token due to: expired access/refresh token",
            1,
            ErrorKind::NotSignedIn,
            "sf org login web --alias desk",
        ),
        (
            "RefreshTokenAuthError",
            "Error authenticating with the refresh token due to: inactive user",
            10,
            ErrorKind::NotSignedIn,
            "sf org login web",
        ),
        // The login could not be renewed, which says nothing about it.
        (
            "Error",
            "Unable to refresh session due to: Error authenticating with the refresh token due to: fetch failed",
            10,
            ErrorKind::Network,
            "HTTPS_PROXY",
        ),
        (
            "Error",
            "Unable to refresh session due to: Error authenticating with JWT.\nErrors encountered:\nconnect ECONNREFUSED 10.0.0.1:443",
            1,
            ErrorKind::Network,
            "HTTPS_PROXY",
        ),
        (
            "RefreshTokenAuthError",
            "Error authenticating with the refresh token due to: socket hang up",
            1,
            ErrorKind::Network,
            "HTTPS_PROXY",
        ),
        (
            "Error",
            "Unable to refresh session due to: Error authenticating with the refresh token due to: <!DOCTYPE HTML>\n<html><body>Down for maintenance</body></html>",
            1,
            ErrorKind::Unavailable,
            "repeat",
        ),
        (
            "Error",
            "Unable to refresh session due to: Error authenticating with the refresh token due to: ",
            1,
            ErrorKind::Unavailable,
            "sf org login web --alias desk",
        ),
        ("TypeError", "fetch failed", 10, ErrorKind::Network, "proxies"),
        ("DomainNotFoundError", "The org cannot be found", 1, ErrorKind::Network, "address"),
        (
            "GenericKeychainInvalidPermsError",
            "Invalid file permissions for secret file",
            2,
            ErrorKind::Setup,
            "keychain",
        ),
        ("NoApiVersionsError", "Org failed to return API versions", 1, ErrorKind::Unavailable, "sf doctor"),
        // The number of an internal error of Salesforce makes the exit code 20.
        (
            "UNKNOWN_EXCEPTION",
            "An unexpected error occurred. ErrorId: 1234567890-12345 (1234567890)",
            20,
            ErrorKind::Unavailable,
            "",
        ),
        (
            "Error",
            "An unexpected error occurred. ErrorId: 1234567890-12345 (1234567890)",
            20,
            ErrorKind::Unavailable,
            "sf doctor",
        ),
        ("ERROR_HTTP_401", "", 1, ErrorKind::NotSignedIn, "sf org login web --alias desk"),
        ("ERROR_HTTP_503", "<html>", 1, ErrorKind::Unavailable, "Repeat"),
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 1, ErrorKind::LimitReached, ""),
    ];
    for (name, message, exit, kind, step) in cases {
        let fake = Fake::new();
        fake.rule(envelope(name, message, exit));
        let error = insert(&fake).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::NotSent), "{name}");
        assert!(error.help().next_step.contains(step), "{name}: {}", error.help().next_step);
        let shown = format!("{error:?} {error}");
        assert!(!shown.contains("/home/ann") && !shown.contains("inactive user"), "{shown}");
    }
}

#[tokio::test]
async fn what_breaks_during_the_request_leaves_a_write_unknown() {
    let hang_up = {
        let mut envelope = error("RequestError", "socket hang up", 1);
        envelope["code"] = "ECONNRESET".into();
        json!({"when": ["api request rest"], "stdout": envelope.to_string(), "exit": 1})
    };
    let cases = [
        hang_up,
        json!({"when": ["api request rest"], "killed": true}),
        json!({"when": ["api request rest"], "killed": true, "stdout": "{\"status\":0,\"result\":{\"statusCode\":201,"}),
        json!({"when": ["api request rest"], "exit": 1, "stderr": "ExitError: EEXIT: 130\n    at exit (/opt/x.js:1:2)"}),
        // What others write on standard error proves nothing.
        json!({"when": ["api request rest"], "killed": true, "stderr": "Warning: update check: fetch failed, getaddrinfo ENOTFOUND registry\n"}),
        json!({"when": ["api request rest"], "exit": 0}),
        json!({"when": ["api request rest"], "exit": 0, "stdout": "File saved"}),
        json!({"when": ["api request rest"], "exit": 0, "stdout": json!({"status": 0, "result": null, "warnings": []}).to_string()}),
        json!({"when": ["api request rest"], "exit": 10, "stdout": error("TypeError", "Cannot read properties of undefined (reading 'x')", 10).to_string()}),
    ];
    for rule in cases {
        let fake = Fake::new();
        fake.rule(rule.clone());
        let outcome = insert(&fake).await.unwrap();
        assert_eq!(outcome.failure().unwrap().delivery, Delivery::Unknown, "{rule}");
        assert_eq!(fake.calls().len(), 1, "never repeated: {rule}");
    }
}

#[tokio::test]
async fn an_exit_code_that_contradicts_the_answer_is_no_success() {
    for (status, exit) in [(200, 1), (400, 0)] {
        let fake = Fake::new();
        let body = json!([{"id": "001000000000001AAA", "success": true, "errors": []}]);
        fake.rule(json!({"when": ["api request rest"], "stdout": rest(status, body), "exit": exit}));
        let outcome = insert(&fake).await.unwrap();
        assert_eq!(outcome.failure().unwrap().delivery, Delivery::Unknown, "{status} {exit}");
    }
}

#[tokio::test]
async fn errors_of_the_org_are_read_with_their_status_whatever_the_form() {
    let body = json!([{"message": "Required fields are missing: [Name]", "errorCode": "REQUIRED_FIELD_MISSING", "fields": ["Name"]}]);
    let text = format!(
        "HTTP/1.1 400\ncontent-type: application/json\n{}\n",
        serde_json::to_string_pretty(&body).unwrap()
    );
    for (version, stdout) in [("2.150.6", rest(400, body.clone())), ("2.127.2", text)] {
        let fake = Fake::new().version(version);
        fake.rule(json!({"when": ["api request rest"], "stdout": stdout, "exit": 1}));
        let failure = read(&fake).await.into_failure();
        assert_eq!((failure.status, failure.code), (Some(400), Some(ErrorCode::RequiredFieldMissing)));
        assert_eq!((failure.fields, failure.delivery), (vec!["Name".to_owned()], Delivery::Refused));
    }
}

/// As jsforce and sf-plugins-core print them: one error as an object, several as an array under a name of their own.
#[tokio::test]
async fn errors_of_the_check_keep_their_codes_and_fields() {
    let of = |name: &str, data: Value| {
        let mut envelope =
            error(name, "Multiple errors returned.\n  Check `error.data` for the error details", 1);
        envelope["data"] = data;
        json!({"when": ["api request rest"], "stdout": envelope.to_string(), "exit": 1})
    };
    let limit = json!({"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"});
    let field = json!({"message": "No such column 'Nope'", "errorCode": "INVALID_FIELD", "fields": ["Nope"]});
    let expired = json!({"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"});
    for (name, data, kind, code, fields) in [
        (
            "MULTIPLE_API_ERRORS",
            json!([limit, field]),
            ErrorKind::LimitReached,
            Some(ErrorCode::RequestLimitExceeded),
            vec![],
        ),
        (
            "MULTIPLE_API_ERRORS",
            json!([field, limit]),
            ErrorKind::InvalidInput,
            Some(ErrorCode::InvalidField),
            vec!["Nope"],
        ),
        (
            "MULTIPLE_API_ERRORS",
            json!([expired, limit]),
            ErrorKind::NotSignedIn,
            Some(ErrorCode::InvalidSessionId),
            vec![],
        ),
        (
            "INVALID_FIELD",
            field.clone(),
            ErrorKind::InvalidInput,
            Some(ErrorCode::InvalidField),
            vec!["Nope"],
        ),
        ("MULTIPLE_API_ERRORS", Value::Null, ErrorKind::Refused, None, vec![]),
        ("MULTIPLE_API_ERRORS", json!([]), ErrorKind::Refused, None, vec![]),
        // Something else of the command's own.
        ("MULTIPLE_API_ERRORS", json!({"jobId": "750", "state": "Failed"}), ErrorKind::Refused, None, vec![]),
    ] {
        let fake = Fake::new();
        fake.rule(of(name, data.clone()));
        let failure = insert(&fake).await.unwrap_err().into_failure();
        assert_eq!((failure.kind, failure.code, failure.delivery), (kind, code, Delivery::NotSent), "{data}");
        assert_eq!(
            (failure.fields, failure.status),
            (fields.into_iter().map(str::to_owned).collect(), None),
            "{data}"
        );
    }
}

/// Linux takes 128 KiB for one argument.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_header_that_is_longer_than_an_argument_is_not_sent() {
    let fake = Fake::new();
    let request = Request::get(["limits"]).with_header("X-Long", "x".repeat(200_000));
    let error = fake.sf().await.connect().unwrap().call(&request, &once()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Setup, Delivery::NotSent));
    assert!(error.to_string().contains("longer than an argument"), "{error}");
}

#[tokio::test]
async fn errors_as_text_are_known_by_their_words() {
    let cases = [
        ("Error (1): Session expired or invalid\n\n\n", 1, ErrorKind::NotSignedIn, Delivery::NotSent),
        // 2.108.6
        ("Error (1): \n\n\n", 1, ErrorKind::NotSignedIn, Delivery::NotSent),
        ("Error (DomainNotFoundError): The org cannot be found\n", 1, ErrorKind::Network, Delivery::NotSent),
        (
            "Error (1): Multiple errors returned.\n  Check `error.data` for the error details\n",
            1,
            ErrorKind::Refused,
            Delivery::NotSent,
        ),
        (
            "Error (1): Unable to refresh session due to: Error authenticating with the refresh token due to: <html>\n<body>\n",
            1,
            ErrorKind::Unavailable,
            Delivery::NotSent,
        ),
        (
            "Error (NamedOrgNotFoundError): Parsing --target-org \n\tNo authorization information found for desk.\n\n\nTry this:\n\nx",
            2,
            ErrorKind::Setup,
            Delivery::NotSent,
        ),
        (
            "Warning: This command is currently in beta.\nError (ECONNRESET): socket hang up\n",
            1,
            ErrorKind::Network,
            Delivery::Unknown,
        ),
        // Node's codes look like Salesforce's.
        (
            "Error (HPE_INVALID_CONSTANT): Parse Error: Expected HTTP/\n",
            1,
            ErrorKind::Unavailable,
            Delivery::Unknown,
        ),
        ("Error (Z_DATA_ERROR): incorrect header check\n", 1, ErrorKind::Unavailable, Delivery::Unknown),
        ("Error (Z_BUF_ERROR): unexpected end of file\n", 1, ErrorKind::Unavailable, Delivery::Unknown),
        // On a connection that was there.
        ("Error (EHOSTUNREACH): read EHOSTUNREACH\n", 1, ErrorKind::Network, Delivery::Unknown),
        (
            "Error (EHOSTUNREACH): connect EHOSTUNREACH 10.0.0.1:443\n",
            1,
            ErrorKind::Network,
            Delivery::NotSent,
        ),
        (
            "Error (ECONNREFUSED): connect ECONNREFUSED 127.0.0.1:1\n",
            1,
            ErrorKind::Network,
            Delivery::NotSent,
        ),
        (
            "\u{1b}[31mError (NoDefaultEnvError): No default environment found.\u{1b}[39m\n",
            1,
            ErrorKind::Setup,
            Delivery::NotSent,
        ),
    ];
    for (stderr, exit, kind, delivery) in cases {
        let fake = Fake::new().version("2.127.2");
        fake.rule(json!({"when": ["api request rest"], "stderr": stderr, "exit": exit}));
        let (seen, sent) = match insert(&fake).await {
            Err(error) => (error.kind(), error.delivery()),
            Ok(outcome) => outcome.failure().map(|f| (f.kind, f.delivery)).unwrap(),
        };
        assert_eq!((seen, sent), (kind, delivery), "{stderr}");
    }
}

/// Only of old versions it is known what an error without a text is; of a new one, that something went wrong.
#[tokio::test]
async fn an_error_without_a_text_is_a_refused_login_before_2_148_only() {
    for (version, stdout, stderr, kind, delivery, spawns) in [
        ("2.108.6", String::new(), "Error (1): \n\n\n", ErrorKind::NotSignedIn, Delivery::NotSent, 2),
        ("2.147.9", String::new(), "Error (1): \n\n\n", ErrorKind::NotSignedIn, Delivery::NotSent, 2),
        ("2.148.3", error("Error", "", 1).to_string(), "", ErrorKind::Unavailable, Delivery::Unknown, 1),
        ("2.150.6", error("Error", "", 1).to_string(), "", ErrorKind::Unavailable, Delivery::Unknown, 1),
        ("2.150.6", String::new(), "Error (1): \n\n\n", ErrorKind::Unavailable, Delivery::Unknown, 1),
    ] {
        let fake = Fake::new().version(version);
        fake.rule(json!({"when": ["api request rest"], "stdout": stdout, "stderr": stderr, "exit": 1}));
        let request = Request::post(["sobjects", "Account"]).with_json("{}");
        let transport = fake.sf().await.connect().unwrap();
        let error = transport.call(&request, &CallOptions::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{version}");
        assert_eq!(fake.calls().len(), spawns, "{version}");
    }
}

/// Pain 58: other programs write on standard output, and warnings on standard error.
#[tokio::test]
async fn the_answer_is_found_between_other_text() {
    let fake = Fake::new();
    let answer = rest(200, json!({"DailyApiRequests": {"Max": 5, "Remaining": 4}}));
    let stdout =
        format!("@salesforce/cli update available from 2.1.0 to 2.2.0.\n{{\"level\": 30}}\n{answer}\nbye\n");
    fake.rule(json!({"when": ["/limits"], "stdout": stdout, "stderr": "(node:1) Warning: The NO_COLOR env is ignored\n"}));
    let limits = fake.sf().await.connect().unwrap().limits(&once()).await.unwrap();
    assert_eq!(limits.daily_api_requests().unwrap().remaining, 4);
}

/// Pain 10: another process was writing the login file.
#[tokio::test]
async fn a_half_read_login_file_is_read_once_more() {
    let cases = [
        ("JsonParseError", "Parse error in file /home/ann/.sfdx/x.json on line 1\n"),
        ("TypeError", "Invalid URL"),
        ("TypeError", "Failed to parse URL from /services/data/v50.0/query"),
        ("SyntaxError", "Unexpected end of JSON input"),
    ];
    for (name, message) in cases {
        let broken = error(name, message, 10).to_string();
        let saved = rest(200, json!([{"id": "001000000000001AAA", "success": true, "errors": []}]));
        let fake = Fake::new();
        fake.rule(json!({"when": ["api request rest"], "times": 1, "stdout": broken, "exit": 10}));
        fake.rule(json!({"when": ["api request rest"], "stdout": saved}));
        assert!(insert(&fake).await.unwrap().is_done(), "{name}: {message}");
        assert_eq!(fake.calls().len(), 2);

        let fake = Fake::new();
        fake.rule(json!({"when": ["api request rest"], "stdout": broken, "exit": 10}));
        let error = insert(&fake).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Setup, Delivery::NotSent));
        assert!(error.help().next_step.contains("sf org login web --alias desk"));
        assert_eq!(fake.calls().len(), 2, "once, not for ever");
    }
}

#[tokio::test]
async fn a_version_without_json_there_is_asked_for_text_from_then_on() {
    let fake = Fake::new();
    let text = "HTTP/1.1 200\ncontent-type: application/json\n{\"DailyApiRequests\": {\"Max\": 5, \"Remaining\": 4}}\n";
    fake.rule(json!({"when": ["api request rest", "--json"], "stderr": "Error (2): Nonexistent flag: --json\nSee more help with --help\n", "exit": 2}));
    fake.rule(json!({"when": ["--include"], "stdout": text}));
    let transport = fake.sf().await.connect().unwrap();
    transport.limits(&once()).await.unwrap();
    transport.limits(&once()).await.unwrap();
    assert_eq!(fake.calls().len(), 3);
}

#[tokio::test]
async fn a_token_that_expires_between_probe_and_request_is_renewed_once() {
    let dead =
        rest(401, json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]));
    let saved = rest(200, json!([{"id": "001000000000001AAA", "success": true, "errors": []}]));
    let fake = Fake::new();
    fake.rule(json!({"when": ["api request rest"], "times": 1, "stdout": dead, "exit": 1}));
    fake.rule(json!({"when": ["api request rest"], "stdout": saved}));
    assert!(insert(&fake).await.unwrap().is_done());

    let fake = Fake::new();
    fake.rule(json!({"when": ["api request rest"], "stdout": dead, "exit": 1}));
    let error = insert(&fake).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry(), error.delivery()),
        (ErrorKind::NotSignedIn, Retry::SignIn, Delivery::Refused)
    );
    assert_eq!(fake.calls().len(), 2);
}

#[tokio::test]
async fn reads_are_repeated_and_writes_are_not() {
    let busy = json!({"when": ["api request rest"], "stdout": rest(503, json!([{"message": "busy", "errorCode": "SERVER_UNAVAILABLE"}])), "exit": 1});
    let fake = Fake::new();
    fake.rule(busy.clone());
    let transport = fake.sf().await.connect().unwrap();
    assert_eq!(transport.limits(&CallOptions::new()).await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(fake.calls().len(), 3);
    let rows =
        [Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), "Acme") }];
    let outcomes = transport.write(&rows, &WriteOptions::new()).await.unwrap();
    assert_eq!(outcomes[0].failure().unwrap().delivery, Delivery::Unknown);
    assert_eq!(fake.calls().len(), 4);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_no_content_is_empty() {
    let fake = Fake::new();
    fake.rule(json!({"when": ["/moved"], "stdout": rest(302, json!(""))}));
    fake.rule(json!({"when": ["/empty"], "stdout": rest(204, json!(""))}));
    fake.rule(json!({"when": ["/text"], "stdout": rest(200, json!("two\nlines \"quoted\""))}));
    let transport = fake.sf().await.connect().unwrap();
    let moved = transport.call(&Request::get(["moved"]), &once()).await.unwrap_err();
    assert_eq!(moved.kind(), ErrorKind::Setup);
    assert_eq!(transport.call(&Request::get(["empty"]), &once()).await.unwrap().text(), "");
    assert_eq!(
        transport.call(&Request::get(["text"]), &once()).await.unwrap().text(),
        "two\nlines \"quoted\""
    );
}

/// The command puts any text into quotes; only a JSON text had them before.
#[tokio::test]
async fn a_text_keeps_its_quotes_only_where_it_is_json() {
    let cases = [
        (200, "application/json;charset=UTF-8", "done", "\"done\""),
        (200, "application/json", "", ""),
        (200, "text/csv", "\"Id\"\n", "\"Id\"\n"),
        (200, "text/plain", "done", "done"),
        (201, "Application/JSON", "a \"b\"\n", r#""a \"b\"\n""#),
    ];
    for (status, content_type, body, expected) in cases {
        let mut answer: Value = serde_json::from_str(&rest(status, body.into())).unwrap();
        answer["result"]["headers"]["content-type"] = content_type.into();
        let fake = Fake::new();
        fake.rule(json!({"when": ["/x"], "stdout": answer.to_string()}));
        let transport = fake.sf().await.connect().unwrap();
        let answer = transport.call(&Request::post(["x"]).with_json("{}"), &once()).await.unwrap();
        assert_eq!(answer.text(), expected, "{content_type}");
    }
}

#[tokio::test]
async fn what_the_command_cannot_send_is_refused_without_a_process() {
    use sf_core::protocol::Method;
    let fake = Fake::new();
    let transport = fake.sf().await.connect().unwrap();
    let requests = [
        Request::new(Method::Head, ["limits"]),
        Request::get(["limits"]).with_json("{}"),
        Request::get(["limits"]).with_header("X-Empty", " "),
        Request::get(["sobjects", ".."]),
    ];
    for request in requests {
        let error = transport.call(&request, &once()).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent, "{request:?}");
    }
    assert_eq!((fake.calls().len(), transport.usage().spawns), (0, 0));
}

#[tokio::test]
async fn a_client_name_that_is_no_header_is_refused() {
    let fake = Fake::new();
    for bad in ["", "a b", "a;client=x", "a\nb", "ä"] {
        let error = fake.sf().await.client_name(bad).connect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
    }
    fake.rule(json!({"when": ["api request rest"], "stdout": rest(200, json!({}))}));
    let transport = fake.sf().await.client_name("cx-desk/1.4").connect().unwrap();
    transport.call(&Request::get(["x"]), &once()).await.unwrap();
    assert!(fake.call()["argv"].to_string().contains("--header=Sforce-Call-Options:client=cx-desk/1.4"));
}
