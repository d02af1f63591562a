//! Anything at all: there is always a well-formed answer, and what is refused changes nothing.
use crate::given::V;
use proptest::prelude::*;
use serde_json::Value;
use sf_testorg::{CommitHook, Method, Request, Response, TestOrg, state::Commit};
use std::sync::{
    LazyLock,
    atomic::{AtomicUsize, Ordering},
};

/// Commits that changed rows.
static CHANGES: AtomicUsize = AtomicUsize::new(0);

struct Count;
impl CommitHook for Count {
    fn committed(&mut self, commit: &Commit) -> std::io::Result<()> {
        if !commit.rows.is_empty() || !commit.removed.is_empty() {
            CHANGES.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// One org for all cases, so that most of the time goes into requests.
fn org() -> &'static TestOrg {
    static ORG: LazyLock<TestOrg> = LazyLock::new(|| {
        let org = TestOrg::demo();
        org.daily_api_requests(u64::MAX);
        org.on_commit(Count);
        org
    });
    &ORG
}

/// How often rows have changed so far, what was done and not committed included.
fn changes() -> usize {
    org().transact(|_| ()).unwrap();
    CHANGES.load(Ordering::Relaxed)
}

fn path() -> impl Strategy<Value = String> {
    let account = org().rows(&sf_core::object!("Account"))[0].id.unwrap().to_string();
    let words = prop::sample::select(vec![
        "sobjects".to_owned(),
        "Account".into(),
        "ContentVersion".into(),
        "Document".into(),
        "Opportunity".into(),
        "describe".into(),
        "updated".into(),
        "deleted".into(),
        "query".into(),
        "queryAll".into(),
        "search".into(),
        "composite".into(),
        "batch".into(),
        "tree".into(),
        "graph".into(),
        "limits".into(),
        "recordCount".into(),
        "tooling".into(),
        "jobs".into(),
        "ingest".into(),
        "parameterizedSearch".into(),
        "recent".into(),
        "Id".into(),
        "Name".into(),
        "Owner".into(),
        "VersionData".into(),
        account,
        "..".into(),
        "%2e%2e".into(),
        "%ff".into(),
        "%00".into(),
        "%2F".into(),
        "🦀".into(),
        "".into(),
    ]);
    let bases = prop::sample::select(vec![
        V,
        "",
        "/services/apexrest",
        "/services/data",
        "//services/data/v66.0",
        "http://host/services/data/v66.0",
        "/services/oauth2",
        "/id",
        "/services/data/v30.0",
        "/services/Soap/u/58.0",
    ]);
    (bases, prop::collection::vec(words, 0..5))
        .prop_map(|(base, words)| format!("{base}/{}", words.join("/")))
}

fn query() -> impl Strategy<Value = String> {
    let pair = (
        "(q|ids|fields|start|end|columns|explain|sObjects|_HttpMethod|sobject|)",
        "([ -~]{0,30}|SELECT\\+Id\\+FROM\\+Account|PATCH|DELETE|%[0-9a-f]{0,2}|🦀)",
    );
    prop::collection::vec(pair, 0..3).prop_map(|pairs| {
        let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    })
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = "(Content-Type|Accept|Sforce-Query-Options|Sforce-Call-Options|If-Match|If-None-Match|If-Modified-Since|Sforce-Auto-Assign|Host|X-[a-z]{1,3})";
    let value = "(application/json|application/xml|multipart/form-data; boundary=B|multipart/form-data|text/csv|login.x|batchSize=[0-9]{0,4}|\"[a-z]{0,3}\"|[ -~]{0,20}|é)";
    prop::collection::vec((name, value), 0..4)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        "[\\[\\]{}\",:a-z0-9 ]{0,40}".prop_map(String::into_bytes),
        "\\{(\"(Name|Id|records|allOrNone|compositeRequest|batchRequests|graphs|q|attributes|PathOnClient|VersionData)\":(\"[a-z@{}.]{0,6}\"|[0-9]{1,3}|null|\\[\\]|\\{\\}|\\[\\{\\}\\]),?){0,3}\\}".prop_map(String::into_bytes),
        "(--B|\r\n|Content-Disposition: form-data; name=\"a\"|Content-Type: application/json|\\{\\}|x){0,8}".prop_map(String::into_bytes),
    ]
}

/// Of a refusal: a list of errors, or what other surfaces say.
fn is_well_formed(request: &Request, response: &Response) -> Result<(), String> {
    let of = |text: &str| format!("{} {}: {} {text}", request.method, request.target, response.status);
    // Other surfaces have errors of their own: SOAP answers 500.
    if !request.target.contains("/services/data") && !request.target.contains("/services/apexrest") {
        return Ok(());
    }
    let known =
        [200, 201, 204, 300, 301, 302, 304, 400, 401, 403, 404, 405, 406, 409, 410, 412, 414, 415, 431];
    if !known.contains(&response.status) {
        return Err(of("is no status of the guide"));
    }
    if response.status < 400 || request.method == Method::Head || [414, 431].contains(&response.status) {
        return Ok(());
    }
    let body: Value =
        serde_json::from_slice(&response.body).map_err(|e| of(&format!("{e}: {}", response.text())))?;
    let is_error = |e: &Value| {
        e["message"].is_string()
            && e["errorCode"].is_string()
            && e.get("fields").is_none_or(Value::is_array)
            && e.as_object().is_some_and(|e| e.len() <= 3)
    };
    // A tree names its rows.
    let tree = body["hasErrors"] == true && body["results"].is_array();
    let list = body.as_array().is_some_and(|errors| !errors.is_empty() && errors.iter().all(is_error));
    if tree || list { Ok(()) } else { Err(of(&body.to_string())) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn given_any_request_when_handled_then_it_is_answered_and_a_refusal_changes_nothing(
        method in 0_usize..7, path in path(), query in query(), headers in headers(), body in body(), signed in prop::bool::weighted(0.9),
    ) {
        let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let mut request = Request::new(Method::parse(methods[method]).unwrap(), format!("{path}{query}"));
        if signed {
            request = request.bearer(&org().access_token());
        }
        request.headers.extend(headers);
        request.body = body;
        let before = changes();
        let response = org().handle(&request);
        prop_assert_eq!(is_well_formed(&request, &response), Ok(()));
        if response.status >= 300 {
            prop_assert_eq!(changes(), before, "{} {} changed rows with {}", request.method, request.target, response.status);
        }
    }
}
