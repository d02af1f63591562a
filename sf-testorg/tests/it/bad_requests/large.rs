//! Requests that would take a careless org very long, or all of its memory.
use super::{answer, error, with_body};
use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_testorg::{Method, Request};

fn parts(n: usize) -> Vec<Value> {
    (0..n).map(|i| json!({"method": "POST", "url": format!("{V}/sobjects/Account"), "referenceId": format!("r{i}"), "body": {}})).collect()
}

#[test]
fn given_very_many_subrequests_when_sent_then_their_number_is_refused_before_anybody_compares_them() {
    let body = json!({"compositeRequest": parts(60_000)}).to_string();
    let message = "A composite request has 1 to 25 subrequests, this one 60000";
    let sent = with_body(Method::Post, "/composite", body.as_bytes());
    assert_eq!(answer(sent), (400, error("INVALID_INPUT", message)));
    let graphs = json!({"graphs": [{"graphId": "g", "compositeRequest": parts(60_000)}]}).to_string();
    let message = "A request has at most 500 nodes, this one 60000";
    let sent = with_body(Method::Post, "/composite/graph", graphs.as_bytes());
    assert_eq!(answer(sent), (400, error("INVALID_INPUT", message)));
}

#[test]
fn given_references_that_name_a_long_text_very_often_when_sent_then_the_subrequest_is_refused() {
    let given = Given::empty();
    let account = json!({"Name": "a", "Description": "d".repeat(30_000)});
    let part = |reference: &str, method: &str, url: &str, body: Value| json!({"method": method, "url": format!("{V}/sobjects/Account{url}"), "referenceId": reference, "body": body});
    let often = "@{b.Description}".repeat(2_000);
    let body = json!({"compositeRequest": [part("a", "POST", "", account), part("b", "GET", "/@{a.id}", Value::Null),
        part("c", "POST", "", json!({"Name": often})), part("d", "POST", "", json!({"Name": "@{b.Name} too"}))]});
    let (_, body) = given.post("/composite", body);
    let statuses: Vec<&Value> =
        body["compositeResponse"].as_array().unwrap().iter().map(|part| &part["httpStatusCode"]).collect();
    assert_eq!(statuses, [201, 200, 400, 201], "{body}");
    let message = "What the references name is larger than 52428800 bytes";
    assert_eq!(body["compositeResponse"][2]["body"], error("INVALID_INPUT", message));
}

#[test]
fn given_more_records_than_a_collection_takes_with_one_file_when_sent_then_no_file_is_copied_for_them() {
    let given = Given::empty();
    let record = json!({"attributes": {"type": "Document", "binaryPartName": "part", "binaryPartNameAlias": "Body"}, "Name": "a"});
    let json = json!({"records": vec![record; 3_000]}).to_string();
    let mut body = format!("--B\r\nContent-Disposition: form-data; name=\"c\"\r\nContent-Type: application/json\r\n\r\n{json}\r\n\
        --B\r\nContent-Disposition: form-data; name=\"part\"; filename=\"a\"\r\n\r\n").into_bytes();
    body.extend(vec![b'x'; 1 << 20]);
    body.extend(b"\r\n--B--");
    let mut request = Request::new(Method::Post, format!("{V}/composite/sobjects"))
        .header("Content-Type", "multipart/form-data; boundary=B");
    request.body = body;
    let response = given.send(request);
    assert_eq!((response.status, &read(&response)[0]["errorCode"]), (400, &json!("EXCEEDED_ID_LIMIT")));
}
