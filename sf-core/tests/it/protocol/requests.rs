//! No text can change the shape of a URL or a body.
use proptest::prelude::*;
use sf_core::protocol::{LONGEST_URL, Method, Request, query_request};
use sf_core::{ApiVersion, Capabilities, Cursor, ErrorKind, QueryCall, QueryOptions, Soql};
use url::Url;

type Pairs = Vec<(String, String)>;

/// The URL as an HTTP library sees it, taken apart again: segments and parameters.
fn parsed(request: &Request) -> Option<(Vec<String>, Pairs)> {
    let target = request.target(ApiVersion::CURRENT).ok()?;
    let url = Url::parse(&format!("https://acme.my.salesforce.com{target}")).unwrap();
    assert_eq!(url.host_str(), Some("acme.my.salesforce.com"), "{target}");
    assert_eq!(url.fragment(), None);
    let decode = |s: &str| {
        let query = format!("x={}", s.replace('+', "%2B"));
        url::form_urlencoded::parse(query.as_bytes()).next().unwrap().1.into_owned()
    };
    let segments = url.path_segments().unwrap().map(decode).collect();
    Some((segments, url.query_pairs().into_owned().collect()))
}

#[test]
fn hostile_segments_stay_in_their_place() {
    for text in
        ["a/b?c d", "../../x", "a#b", "https://evil.example/", "ü+%2F", "\\\\evil", "a\r\nHost: x", "a.inc"]
    {
        let request = Request::get(["sobjects", "Account", "Key__c", text]);
        let (segments, pairs) = parsed(&request).unwrap();
        assert_eq!(segments[3..], ["sobjects", "Account", "Key__c", text]);
        assert!(pairs.is_empty());
    }
    for text in ["", ".", ".."] {
        let refused = Request::get(["sobjects", text]).target(ApiVersion::CURRENT).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{text:?}");
    }
}

#[test]
fn a_path_of_the_org_names_no_other_host() {
    for path in [
        "//evil.example/x",
        "/\\evil.example",
        "/a/../../x",
        "/a/%2e%2E/x",
        "/a//b",
        "https://evil.example/",
        "/a?b",
        "/a#b",
        "/a b",
        "/a\nb",
        "",
        "services/data",
    ] {
        assert!(Request::to_path(Method::Get, path).is_err(), "{path:?}");
        let cursor = [QueryCall::Next(Cursor::new(path))];
        assert!(query_request(&cursor, &QueryOptions::new(), &Capabilities::default()).is_err(), "{path:?}");
    }
    let path = "/services/data/v66.0/query/01gXX0000016ABCYA2-2000";
    assert_eq!(Request::to_path(Method::Get, path).unwrap().target(ApiVersion::new(60)).unwrap(), path);
}

#[test]
fn headers_cannot_start_another_header_or_carry_a_token() {
    for (name, value) in
        [("X-A", "a\r\nB: c"), ("X A", "a"), ("", "a"), ("Authorization", "Bearer x"), ("HOST", "x")]
    {
        assert!(Request::get(["limits"]).with_header(name, value).check().is_err(), "{name}");
    }
    assert!(Request::get(["limits"]).with_header("Sforce-Call-Options", "client=desk; x").check().is_ok());
}

#[test]
fn a_body_is_never_shown_by_debug() {
    let request = Request::post(["sobjects", "Account"]).with_json(r#"{"Name":"Top Secret Ltd"}"#);
    assert!(!format!("{request:?}").contains("Secret"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn any_segments_and_pairs_come_back(
        segments in proptest::collection::vec(".{1,20}", 1..5),
        pairs in proptest::collection::vec((".{0,10}", ".{0,30}"), 0..4),
    ) {
        prop_assume!(segments.iter().all(|s| s != "." && s != ".."));
        let mut request = Request::get(&segments);
        for (name, value) in &pairs {
            request = request.with_query(name, value);
        }
        let (got, query) = parsed(&request).unwrap();
        prop_assert_eq!(&got[3..], &segments[..]);
        prop_assert_eq!(query, pairs);
    }
    #[test]
    fn any_statement_stays_one_parameter(statement in ".{0,200}", several in any::<bool>(), long in any::<bool>()) {
        let statement = if long { statement + &"ä".repeat(LONGEST_URL) } else { statement };
        let call = QueryCall::Start(Soql::raw(statement.clone()));
        let batch = if several { vec![call.clone(), call] } else { vec![call] };
        let request = query_request(&batch, &QueryOptions::new(), &Capabilities::default()).unwrap();
        if request.method == Method::Get {
            prop_assert!(!several && !long);
            let (segments, pairs) = parsed(&request).unwrap();
            prop_assert_eq!(segments.join("/"), "services/data/v66.0/query");
            prop_assert_eq!(pairs, vec![("q".to_owned(), statement)]);
        } else {
            prop_assert_eq!(&request.path, "composite");
            let body: serde_json::Value = serde_json::from_str(request.body.text().unwrap()).unwrap();
            let parts = body["compositeRequest"].as_array().unwrap();
            prop_assert_eq!(parts.len(), batch.len());
            for (i, part) in parts.iter().enumerate() {
                prop_assert_eq!(part.as_object().unwrap().len(), 3);
                prop_assert_eq!(&part["referenceId"], &format!("part{i}"));
                let url = Url::parse(&format!("https://x{}", part["url"].as_str().unwrap())).unwrap();
                prop_assert_eq!(url.path(), "/services/data/v66.0/query");
                let pairs: Vec<_> = url.query_pairs().into_owned().collect();
                prop_assert_eq!(&pairs, &[("q".to_owned(), statement.clone())]);
            }
        }
    }
    #[test]
    fn any_cursor_text_reaches_the_same_host(text in ".{0,60}", prefix in prop_oneof![Just(""), Just("/services/data/v66.0/query/"), Just("//"), Just("/")]) {
        let cursor = [QueryCall::Next(Cursor::new(format!("{prefix}{text}")))];
        if let Ok(request) = query_request(&cursor, &QueryOptions::new(), &Capabilities::default()) {
            let target = request.target(ApiVersion::CURRENT).unwrap();
            let url = Url::parse(&format!("https://acme.my.salesforce.com{target}")).unwrap();
            prop_assert_eq!(url.host_str(), Some("acme.my.salesforce.com"));
            prop_assert!(url.path().starts_with("/services/data/v"));
        }
    }
}
