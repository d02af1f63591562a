//! The control path's part of it.
use crate::http::request;
use serde_json::{Value, json};
use sf_core::{Fields, ObjectName, SfId, Write};
use sf_testorg::{Server, TestOrg, demo::Dataset};

fn serve() -> Server {
    TestOrg::builder().dataset(Dataset::Empty).build().serve().unwrap()
}
fn send(server: &Server, line: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = request(server.url(), line, "", &body);
    (answer.status, answer.json())
}
fn insert(server: &Server, object: &str, fields: Value) -> SfId {
    let fields: Fields = serde_json::from_value(fields).unwrap();
    server.org().apply(Write::Insert { object: ObjectName::new(object).unwrap(), fields }).unwrap()
}

#[test]
fn a_test_in_another_process_undeletes_merges_converts_and_empties_the_bin() {
    let server = serve();
    let user = server.org().credentials().user_id;
    let master = insert(&server, "Account", json!({"Name": "Acme"}));
    let double = insert(&server, "Account", json!({"Name": "Double"}));
    let contact = insert(&server, "Contact", json!({"LastName": "Ott", "AccountId": double}));
    let body = json!({"master": master, "victims": [double], "fields": {"Phone": "1"}, "user": user});
    let merged = json!({"master": master, "victims": [double], "moved": [contact]});
    assert_eq!(send(&server, "POST /__org/merge", body), (200, merged));

    let (status, bin) = send(&server, "GET /__org/recycle-bin", Value::Null);
    assert_eq!(status, 200);
    let at = bin["deletions"][0]["at"].clone();
    assert_eq!(bin, json!({"deletions": [{"id": double, "at": at, "cascaded": [], "cleared": []}]}));
    assert_eq!(send(&server, "POST /__org/undelete", json!({"id": double})), (200, json!({"id": double})));
    let (status, refused) = send(&server, "POST /__org/undelete", json!({"id": double}));
    assert_eq!((status, &refused["errorCode"]), (400, &json!("UNDELETE_FAILED")));

    let lead = insert(&server, "Lead", json!({"LastName": "Ott", "Company": "Acme"}));
    let body =
        json!({"lead": lead, "status": "Closed - Converted", "account": master, "without_opportunity": true});
    let (status, made) = send(&server, "POST /__org/convert", body);
    assert_eq!(
        (status, &made["account"], &made["opportunity"]),
        (200, &json!(master), &Value::Null),
        "{made}"
    );
    assert_eq!(made.as_object().unwrap().len(), 4);

    server.org().apply(Write::Delete { id: double }).unwrap();
    let (status, rows) = send(&server, "DELETE /__org/recycle-bin", json!({"ids": [double]}));
    assert_eq!((status, rows), (200, json!({"rows": 1})));
    assert_eq!(send(&server, "DELETE /__org/recycle-bin", Value::Null), (200, json!({"rows": 0})));
    let (_, index) = send(&server, "GET /__org", Value::Null);
    for known in ["undelete", "merge", "convert"] {
        assert!(index[format!("POST /__org/{known}")].is_object(), "{index}");
        assert_eq!(send(&server, &format!("GET /__org/{known}"), Value::Null).0, 405);
        let (status, refused) = send(&server, &format!("POST /__org/{known}"), json!({"x": 1}));
        assert_eq!(status, 400);
        assert!(refused["next"].as_str().unwrap().starts_with("send {"), "{refused}");
    }
}
