//! Apex REST: resources that a test gives the org.
use crate::given::{Given, read};
use serde_json::json;
use sf_core::{Fields, SfId, Write, field, object};
use sf_testorg::{ApexException, Method, Request, Response};

fn send(given: &Given, method: Method, path: &str) -> Response {
    given.send(Request::new(method, format!("/services/apexrest{path}")).json("{}"))
}

fn named(name: &'static str) -> impl Fn(&mut sf_testorg::ApexCall<'_>) -> Result<Response, ApexException> {
    move |call| Ok(Response::new(200).json(json!([name, call.uri(), call.resource_path()]).to_string()))
}

#[test]
fn given_resources_when_called_then_the_longest_mapping_that_fits_answers() {
    let given = Given::empty();
    for (mapping, name) in [
        ("/*", "all"),
        ("/orders/*", "orders"),
        ("/orders/open", "open"),
        ("/orders/*/lines", "lines"),
        ("/Orders", "capital"),
    ] {
        given.org.apex_rest(Method::Get, mapping, named(name)).unwrap();
    }
    for (path, name) in [
        ("/orders/open", "open"),
        ("/orders/7", "orders"),
        ("/orders", "orders"),
        ("/orders/7/lines", "lines"),
        ("/Orders", "capital"),
        ("/else/where", "all"),
    ] {
        let response = send(&given, Method::Get, path);
        assert_eq!((response.status, &read(&response)[0]), (200, &json!(name)), "{path}");
    }
    let response = given.send(Request::get("/services/apexrest/orders/a%20b?x=1"));
    assert_eq!(read(&response), json!(["orders", "/orders/a b", "/services/apexrest/orders/*"]));
    for wrong in ["orders", "/ord*", &format!("/{}", "x".repeat(255))] {
        assert!(given.org.apex_rest(Method::Get, wrong, named("x")).is_err(), "{wrong}");
    }
}

#[test]
fn given_no_resource_or_method_when_called_then_404_or_405() {
    let given = Given::empty();
    let response = send(&given, Method::Get, "/orders");
    assert_eq!(
        (response.status, read(&response)),
        (404, json!([{"message": "Could not find a match for URL", "errorCode": "NOT_FOUND"}]))
    );
    given.org.apex_rest(Method::Post, "/orders/*", named("post")).unwrap();
    given.org.apex_rest(Method::Get, "/orders/*", named("get")).unwrap();
    let response = send(&given, Method::Put, "/orders/1");
    let message = "HTTP Method 'PUT' not allowed. Allowed are GET,POST";
    assert_eq!(
        (response.status, read(&response), response.find_header("Allow")),
        (405, json!([{"message": message, "errorCode": "METHOD_NOT_ALLOWED"}]), Some("GET,POST"))
    );
    let multipart = Request::new(Method::Post, "/services/apexrest/orders")
        .header("Content-Type", "multipart/form-data; boundary=B");
    assert_eq!(given.send(multipart).status, 415);
    given.org.apex_rest(Method::Get, "/orders/*", named("newer")).unwrap();
    assert_eq!(read(&send(&given, Method::Get, "/orders"))[0], "newer");
}

#[test]
fn given_a_call_when_counted_then_it_is_an_api_call_of_a_user_who_signed_in() {
    let given = Given::empty();
    given
        .org
        .apex_rest(Method::Get, "/who", |call| {
            let user = call.user().map(|user| user.to_string());
            Ok(Response::new(200).json(json!([user, call.parameter("a"), call.header("X-B")]).to_string()))
        })
        .unwrap();
    let request = Request::get("/services/apexrest/who?a=1");
    let response = given.org.handle(&request);
    assert_eq!((response.status, &read(&response)[0]["errorCode"]), (401, &json!("INVALID_AUTH_HEADER")));
    let before = given.org.counters().api_calls;
    let response = given.send(request.header("X-B", "2"));
    assert_eq!(read(&response), json!([given.org.credentials().user_id, "1", "2"]));
    assert!(response.find_header("Sforce-Limit-Info").unwrap().starts_with("api-usage="));
    assert_eq!(given.org.counters().api_calls, before + 1);
    assert_eq!(given.org.calls().last().unwrap().operation(), "apex_rest");
    given.org.daily_api_requests(0);
    let response = send(&given, Method::Get, "/who");
    assert_eq!((response.status, &read(&response)[0]["errorCode"]), (403, &json!("REQUEST_LIMIT_EXCEEDED")));
}

#[test]
fn given_an_exception_when_thrown_then_nothing_of_the_call_is_kept() {
    let given = Given::empty();
    let kept = given.account("kept");
    let id: SfId = kept.parse().unwrap();
    given
        .org
        .apex_rest(Method::Post, "/accounts", move |call| {
            let body = call.json()?;
            let fields = Fields::new().set(field!("Name"), body["name"].as_str().unwrap_or_default());
            let update = Write::Update {
                object: object!("Account"),
                id,
                fields: Fields::new().set(field!("Name"), "changed"),
                if_unmodified_since: None,
            };
            call.apply(update)?;
            let id = call.apply(Write::Insert { object: object!("Account"), fields })?;
            let name = call.row(id).and_then(|row| row.value("Name").map(|value| value.into_owned()));
            let names = call.query("SELECT Name FROM Account ORDER BY Name")?.len();
            Ok(Response::new(201).json(json!([id, name, names]).to_string()).header("X-Own", "1"))
        })
        .unwrap();
    let post = |body: &str| given.send(Request::post("/services/apexrest/accounts", body));
    let error = |response: &Response| (response.status, read(response));
    assert_eq!(
        error(&post(r#"{"name": ""}"#)),
        (
            500,
            json!([{"message": "System.DmlException: Insert failed. First exception on row 0; first error: REQUIRED_FIELD_MISSING, \
            Required fields are missing: [Name]: [Name]\n\n(System Code)", "errorCode": "APEX_ERROR"}])
        )
    );
    assert_eq!(given.column("SELECT Name FROM Account", "Name"), ["kept"]);
    let wrong = error(&post("{"));
    assert_eq!((wrong.0, &wrong.1[0]["errorCode"]), (500, &json!("APEX_ERROR")));
    assert!(wrong.1[0]["message"].as_str().unwrap().starts_with("System.JSONException: "));
    let response = post(r#"{"name": "new"}"#);
    assert_eq!((response.status, response.find_header("X-Own")), (201, Some("1")));
    assert_eq!((&read(&response)[1], &read(&response)[2]), (&json!("new"), &json!(2)));
    assert_eq!(given.column("SELECT Name FROM Account ORDER BY Name", "Name"), ["changed", "new"]);
}

#[test]
fn given_more_rows_than_a_page_when_apex_queries_then_it_has_them_all() {
    let given = Given::empty();
    for n in 0..7 {
        given.account(&format!("A{n}"));
    }
    given.org.page_size(3);
    given
        .org
        .apex_rest(Method::Get, "/count", |call| {
            let rows = call.query("SELECT Name FROM Account")?.len();
            let wrong = call.query("SELECT Nope FROM Account").unwrap_err();
            Ok(Response::new(200)
                .json(json!([rows, wrong.to_string().starts_with("System.QueryException: ")]).to_string()))
        })
        .unwrap();
    assert_eq!(read(&send(&given, Method::Get, "/count")), json!([7, true]));
}
