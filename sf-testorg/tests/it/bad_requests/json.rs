//! Bodies that are no JSON, or not the JSON that is asked for.
use super::{answer, error, parser, with_body};
use crate::given::{Given, read};
use serde_json::{Value, json};
use sf_testorg::{Assumptions, Method, TestOrg, demo::Dataset};

const VALUE: &str = "expected a valid value (number, String, array, object, 'true', 'false' or 'null')";

#[test]
fn given_malformed_json_when_sent_then_the_parser_says_what_and_where() {
    let cases: [(&[u8], String); 13] = [
        (b"", "No content to map to Object due to end of input".into()),
        (b" \n", "No content to map to Object due to end of input".into()),
        (b"Name=x", format!("Unexpected character ('N' (code 78)): {VALUE} at [line:1, column:2]")),
        (b"{\"Name\": Acme}", format!("Unexpected character ('A' (code 65)): {VALUE} at [line:1, column:11]")),
        (b"{Name: 1}", "Unexpected character ('N' (code 78)): was expecting double-quote to start field name at [line:1, column:3]".into()),
        (b"{\"Name\" 1}", "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value at [line:1, column:10]".into()),
        (b"{\"Name\":\"x\"\n\"Site\":1}", "Unexpected character ('\"' (code 34)): was expecting comma to separate OBJECT entries at [line:2, column:2]".into()),
        (b"{\"Name\":\"x\"", "Unexpected end-of-input: expected close marker for OBJECT (from [line:1, column:1]) at [line:1, column:12]".into()),
        (b"{\"Name\":\"x", "Unexpected end-of-input: was expecting closing quote for a string value at [line:1, column:11]".into()),
        (b"{\"Name\":NULL}", format!("Unexpected character ('N' (code 78)): {VALUE} at [line:1, column:10]")),
        (b"{\"Name\":nil}", "Unrecognized token 'nil': was expecting 'null', 'true', 'false' or NaN at [line:1, column:12]".into()),
        (b"{\"Name\":\"a\xffb\"}", "Invalid UTF-8 start byte 0xff at [line:1, column:12]".into()),
        (b"{\"Name\":\"x\"} {}", format!("Unexpected character ('{{' (code 123)): {VALUE} at [line:1, column:15]")),
    ];
    for (body, message) in cases {
        let sent = String::from_utf8_lossy(body).into_owned();
        for (method, path) in [(Method::Post, "/sobjects/Account"), (Method::Post, "/composite")] {
            assert_eq!(answer(with_body(method, path, body)), (400, parser(&message)), "{path} {sent}");
        }
    }
}

#[test]
fn given_json_of_another_kind_when_sent_then_the_parser_names_what_it_found() {
    for (body, token) in [
        ("[]", "START_ARRAY"),
        ("\"x\"", "VALUE_STRING"),
        ("1", "VALUE_NUMBER_INT"),
        ("null", "VALUE_NULL"),
        ("true", "VALUE_TRUE"),
    ] {
        let message = format!("Can not deserialize SObject out of {token} token at [line:1, column:1]");
        assert_eq!(
            answer(with_body(Method::Post, "/sobjects/Account", body.as_bytes())),
            (400, parser(&message))
        );
    }
    let kind = |field: &str, value: &str| {
        let body = format!("{{\"Name\":\"x\",\"{field}\":{value}}}");
        answer(with_body(Method::Post, "/sobjects/Account", body.as_bytes()))
    };
    for (field, value, told) in [
        ("NumberOfEmployees", "\"ten\"", "int from VALUE_STRING value ten"),
        ("NumberOfEmployees", "9223372036854775808", "int from VALUE_NUMBER_INT value 9223372036854775808"),
        ("NumberOfEmployees", "1.5", "int from VALUE_NUMBER_FLOAT value 1.5"),
        ("AnnualRevenue", "\"much\"", "currency from VALUE_STRING value much"),
        ("AnnualRevenue", "true", "currency from VALUE_TRUE value true"),
        ("Name", "1", "string from VALUE_NUMBER_INT value 1"),
        ("Name", "{\"a\":1}", "string from START_OBJECT value {\"a\":1}"),
    ] {
        let message = format!(
            "Cannot deserialize instance of {told} or request may be missing a required field at [line:1, column:1]"
        );
        assert_eq!(kind(field, value), (400, parser(&message)), "{field} {value}");
    }
    for value in ["1e400", "1e18", "-1e308"] {
        let message = format!("Annual Revenue: value outside of valid range on numeric field: {value}");
        let wanted = json!([{"message": message, "errorCode": "NUMBER_OUTSIDE_VALID_RANGE", "fields": ["AnnualRevenue"]}]);
        assert_eq!(kind("AnnualRevenue", value), (400, wanted), "{value}");
    }
}

#[test]
fn given_json_nested_without_end_when_sent_then_it_is_refused_and_the_stack_holds() {
    let depth = "Document nesting depth exceeds 100 at [line:1, column:";
    for body in
        ["[".repeat(1_000_000), "{\"a\":".repeat(1_000_000), format!("{{\"Name\":{}", "[".repeat(101))]
    {
        for path in [
            "/sobjects/Account",
            "/composite",
            "/composite/sobjects",
            "/composite/tree/Account",
            "/parameterizedSearch",
        ] {
            let (status, body) = answer(with_body(Method::Post, path, body.as_bytes()));
            let message = body[0]["message"].as_str().unwrap();
            assert_eq!((status, &body[0]["errorCode"]), (400, &json!("JSON_PARSER_ERROR")));
            assert!(message.starts_with(depth), "{path}: {message}");
        }
    }
    let nested = format!("SELECT Id FROM Account WHERE {}Name = 'x'{}", "(".repeat(2_400), ")".repeat(2_400));
    let given = Given::empty();
    let (status, body) = given.query(&nested);
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("MALFORMED_QUERY")));
}

#[test]
fn given_a_key_twice_when_sent_then_the_last_value_counts_unless_assumed_otherwise() {
    let body = br#"{"Name":"first","name":"second"}"#;
    let send = |assumptions: Assumptions| {
        let org = TestOrg::builder().dataset(Dataset::Empty).assumptions(assumptions).build();
        let given = Given { org };
        let response = given.send(with_body(Method::Post, "/sobjects/Account", body));
        (response.status, read(&response), given.column("SELECT Name FROM Account", "Name"))
    };
    let (status, _, names) = send(Assumptions::default());
    assert_eq!((status, names), (201, vec![json!("second")]));
    let mut assumptions = Assumptions::default();
    assumptions.rest.last_duplicate_key_wins = false;
    let (status, body, names) = send(assumptions);
    let wanted = json!([{"message": "Duplicate field specified: Name", "errorCode": "INVALID_FIELD", "fields": ["Name"]}]);
    assert_eq!((status, body, names), (400, wanted, Vec::<Value>::new()));
}

#[test]
fn given_a_body_that_is_too_large_when_sent_then_the_limit_is_named() {
    let body = format!("{{\"Name\":\"{}\"}}", "x".repeat(52_428_800));
    let message = "Maximum size of request reached. Maximum size of request is 52428800 bytes.";
    assert_eq!(answer(with_body(Method::Post, "/sobjects/Account", body.as_bytes())), (400, parser(message)));
}

#[test]
fn given_another_content_type_when_sent_then_415_names_it() {
    for kind in
        ["application/x-www-form-urlencoded", "text/plain", "multipart/related", "application/xml", "utf-8"]
    {
        let given = Given::empty();
        let mut request = with_body(Method::Post, "/sobjects/Account", br#"{"Name":"x"}"#);
        request.headers = vec![("Content-Type".into(), format!("{kind}; charset=UTF-8"))];
        let response = given.send(request);
        let message = format!("MediaType of '{kind}' is not supported by this resource");
        assert_eq!((response.status, read(&response)), (415, error("UNSUPPORTED_MEDIA_TYPE", &message)));
    }
    for kind in ["application/json", "APPLICATION/JSON;charset=utf-8", ""] {
        let given = Given::empty();
        let mut request = with_body(Method::Post, "/sobjects/Account", br#"{"Name":"x"}"#);
        request.headers = vec![("Content-Type".into(), kind.into())];
        assert_eq!(given.send(request).status, 201, "{kind}");
    }
}
