//! Paths, queries, versions and methods that the org does not have.
use super::{answer, error, not_found};
use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_testorg::{Assumptions, Method, Request, TestOrg, demo::Dataset};

#[test]
fn given_a_path_that_is_none_when_asked_for_then_404() {
    for target in [
        "/",
        "",
        "*",
        "services",
        "/services",
        "/services/",
        "/SERVICES/data/v66.0/limits",
        "/services/data/v66.0/nope",
        "/services/data/v66.0/sobjects/Nope",
        "/services/data/v66.0/sobjects/Account/describe/more/and/more",
        "/services/data/v66.0/../v66.0/limits",
        "/services/data/v66.0/%2e%2e/v66.0/limits",
        "/services/data/v66.0/./limits",
        "/services/data/v66.0/..%2f..%2fetc%2fpasswd",
        "/services/data/v66.0/sobjects/Account/..%2F001000000000001AAA",
        "/services/data/v66.0/sobjects/%ff",
        "/services/data/v66.0/sobjects/%c3%28",
        "/services/data/v66.0/sobjects/%",
        "/services/data/v66.0/sobjects/%4",
        "/services/data/v66.0/sobjects/%zz",
        "/services/data/v66.0/sobjects/A%00ccount",
        "/services/data/v66.0/limits%2FrecordCount",
        "ftp://host/services/data/v66.0/limits",
        "http://host",
    ] {
        let (status, body) = answer(Request::get(target));
        let code = &body[0]["errorCode"];
        assert_eq!((status, code), (404, &json!("NOT_FOUND")), "{target}");
        if !target.contains("..%2F001") {
            assert_eq!(body, not_found(), "{target}");
        }
    }
    // An external id may hold anything, escaped.
    let (status, body) = answer(Request::get(format!("{V}/sobjects/Account/..%2F001")));
    let message = "Provided external ID field does not exist or is not accessible: ../001";
    assert_eq!((status, body), (404, error("NOT_FOUND", message)));
}

#[test]
fn given_a_version_that_is_none_when_asked_for_then_404_and_410_for_a_retired_one() {
    for version in [
        "v99.0",
        "v68.0",
        "v66.1",
        "v66",
        "66.0",
        "latest",
        "v-1.0",
        "v6.0",
        "v99999999999.0",
        "v66.0.0",
        "V66.0",
    ] {
        let (status, body) = answer(Request::get(format!("/services/data/{version}/limits")));
        assert_eq!((status, body), (404, not_found()), "{version}");
    }
    for version in ["v7.0", "v20.0", "v21.0", "v30.0"] {
        let (status, body) = answer(Request::get(format!("/services/data/{version}/limits")));
        assert_eq!(
            (status, body),
            (410, error("GONE", "The requested resource is no longer available")),
            "{version}"
        );
    }
    assert_eq!(answer(Request::get("/services/data/v31.0/limits")).0, 200);
}

#[test]
fn given_a_query_that_is_no_utf8_when_asked_then_it_is_read_with_replacements() {
    let given = Given::empty();
    given.account("\u{fffd}");
    for escape in ["%ff", "%c3", "%", "%2"] {
        let soql = format!("SELECT+Name+FROM+Account+WHERE+Name+LIKE+'{escape}'");
        let (status, body) = given.get(&format!("/query?q={soql}"));
        let found = body["totalSize"].as_u64();
        assert_eq!((status, found.is_some()), (200, true), "{escape}: {body}");
    }
    let (status, body) = given.get("/query?q=SELECT+Name+FROM+Account+WHERE+Name='%ff'");
    assert_eq!((status, &body["totalSize"]), (200, &json!(1)));
    for target in ["/query?q=%ff", "/query?q=", "/query?", "/query", "/query?&&==&q"] {
        let (status, body) = given.get(target);
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!("MALFORMED_QUERY")), "{target}");
    }
}

#[test]
fn given_other_ways_to_write_a_target_when_asked_then_they_are_the_same() {
    let wanted = answer(Request::get(format!("{V}/limits/recordCount?sObjects=User")));
    assert_eq!(wanted.0, 200);
    for target in [
        "//services//data/v66.0/limits//recordCount/?sObjects=User",
        "/services/data/v66.0/limits/%72ecordCount?sObjects=%55ser",
        "http://host/services/data/v66.0/limits/recordCount?sObjects=User",
        "https://host:8443/services/data/v66.0/limits/recordCount?sObjects=User",
    ] {
        assert_eq!(answer(Request::get(target)), wanted, "{target}");
    }
    // A body of a GET is not looked at.
    let mut request =
        Request::get(format!("{V}/limits/recordCount?sObjects=User")).header("Content-Type", "text/plain");
    request.body = b"{".to_vec();
    assert_eq!(answer(request), wanted);
}

/// Resources, their methods, and that all others are refused with these in the error.
#[test]
fn given_another_method_when_sent_then_405_names_those_that_are() {
    let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map(|m| Method::parse(m).unwrap());
    let id = "001000000000001AAA";
    for (path, allowed) in [
        ("/", "GET,HEAD"),
        ("/sobjects", "GET,HEAD"),
        ("/sobjects/Account", "GET,HEAD,POST"),
        ("/sobjects/Account/describe", "GET,HEAD"),
        ("/sobjects/Account/updated", "GET,HEAD"),
        ("/sobjects/Account/deleted", "GET,HEAD"),
        (&format!("/sobjects/Account/{id}"), "DELETE,GET,HEAD,PATCH"),
        ("/query", "GET,HEAD"),
        ("/queryAll", "GET,HEAD"),
        ("/query/0r8000000000001AAA-2000", "GET,HEAD"),
        ("/search", "GET,HEAD"),
        ("/parameterizedSearch", "GET,HEAD,POST"),
        ("/recent", "GET,HEAD"),
        ("/limits", "GET,HEAD"),
        ("/limits/recordCount", "GET,HEAD"),
        ("/tooling/query", "GET,HEAD"),
        ("/composite/batch", "POST"),
        ("/composite/graph", "POST"),
        ("/composite/tree/Account", "POST"),
        ("/composite/sobjects", "DELETE,PATCH,POST"),
    ] {
        let given = Given::empty();
        for method in all {
            if allowed.split(',').any(|m| m == method.as_str()) {
                continue;
            }
            let response = given.send(Request::new(method, format!("{V}{path}")));
            let message = format!("HTTP Method '{method}' not allowed. Allowed are {allowed}");
            assert_eq!(
                (response.status, response.find_header("Allow")),
                (405, Some(allowed)),
                "{method} {path}"
            );
            assert_eq!(
                read(&response),
                if method == Method::Head { Value::Null } else { error("METHOD_NOT_ALLOWED", &message) }
            );
        }
    }
    let response = Given::empty().org.handle(&Request::new(Method::Options, "/services/data"));
    assert_eq!((response.status, response.find_header("Allow")), (405, Some("GET,HEAD")));
}

#[test]
fn given_the_header_allow_is_not_assumed_when_405_then_it_is_not_there() {
    let mut assumptions = Assumptions::default();
    assumptions.rest.method_errors_have_allow = false;
    let given = Given { org: TestOrg::builder().dataset(Dataset::Empty).assumptions(assumptions).build() };
    let response = given.send(Request::new(Method::Put, format!("{V}/limits")));
    assert_eq!((response.status, response.find_header("Allow")), (405, None));
}

#[test]
fn given_a_method_in_the_query_when_posted_then_it_is_that_method() {
    let given = Given::empty();
    let id = given.account("Acme");
    let post = |query: &str, body: &str| {
        let response = given.send(Request::post(format!("{V}/sobjects/Account/{id}{query}"), body));
        response.status
    };
    assert_eq!(post("?_HttpMethod=PATCH", r#"{"Name":"New"}"#), 204);
    assert_eq!(given.column("SELECT Name FROM Account", "Name"), ["New"]);
    assert_eq!(post("", r#"{"Name":"New"}"#), 405);
    assert_eq!(post("?_HttpMethod=FETCH", "{}"), 405);
    assert_eq!(post("?_HttpMethod=PUT", "{}"), 405);
    // Only of a POST.
    let get = given.send(Request::get(format!("{V}/sobjects/Account/{id}?_HttpMethod=DELETE")));
    assert_eq!(get.status, 200);
    assert_eq!(post("?_HttpMethod=DELETE", ""), 204);
    assert_eq!(given.query("SELECT COUNT() FROM Account").1["totalSize"], 0);
}

#[test]
fn given_a_version_that_is_written_in_another_way_when_asked_for_then_it_does_not_exist() {
    let given = Given::empty();
    for version in ["v+66.0", "v066.0", "66.0", "v66", "V66.0", "v66.00"] {
        let answer = given.send(Request::get(format!("/services/data/{version}/limits")));
        assert_eq!((answer.status, read(&answer)), (404, not_found()), "{version}");
    }
}

#[test]
fn given_an_external_id_that_ends_like_a_file_when_used_in_a_url_then_404() {
    let given = Given::empty();
    given.insert("Contact", serde_json::json!({"LastName": "a", "Email": "a@example.inc"}));
    given.insert("Contact", serde_json::json!({"LastName": "b", "Email": "b@example.com"}));
    let path = |email: &str| format!("/sobjects/Contact/Email/{email}");
    assert_eq!(given.get(&path("b@example.com")).0, 200);
    assert_eq!(given.get(&path("a@example.inc")), (404, not_found()));
    assert_eq!(given.patch(&path("c@example.INC"), serde_json::json!({"LastName": "c"})), (404, not_found()));
    assert_eq!(given.records("SELECT Id FROM Contact").len(), 2);
}
