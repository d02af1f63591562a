//! Composite, batch, tree, graph and collections.
use super::{each, has, is};
use crate::given::{Given, V};
use serde_json::{Value, json};

const ERROR: &str = "message:string errorCode:string fields:array";
const ROW_ERROR: &str = "statusCode:string message:string fields:array";

fn part(method: &str, path: &str, reference: &str, body: Value) -> Value {
    json!({"method": method, "url": format!("{V}{path}"), "referenceId": reference, "body": body})
}

#[test]
fn given_a_composite_when_answered_then_each_part_has_its_keys() {
    let given = Given::empty();
    let id = given.account("Acme");
    let (status, body) = given.post(
        "/composite",
        json!({"compositeRequest": [
            part("POST", "/sobjects/Account", "made", json!({"Name": "x"})),
            part("PATCH", &format!("/sobjects/Account/{id}"), "changed", json!({"Name": "y"})),
            part("POST", "/sobjects/Account", "failed", json!({})),
            {"method": "GET", "url": format!("{V}/query?q=SELECT+Id+FROM+Account"), "referenceId": "found"},
            {"method": "DELETE", "url": format!("{V}/sobjects/Account/{id}"), "referenceId": "gone"},
        ]}),
    );
    assert_eq!(status, 200);
    has(&body, "compositeResponse:array");
    let parts = &body["compositeResponse"];
    each(parts, "body:object|array|null httpHeaders:object httpStatusCode:int referenceId:string");
    has(&parts[0]["body"], "id:id success:bool errors:array");
    has(&parts[0]["httpHeaders"], "Location:url");
    assert_eq!((&parts[1]["body"], &parts[1]["httpStatusCode"]), (&Value::Null, &json!(204)));
    each(&parts[2]["body"], ERROR);
    assert_eq!(parts[2]["httpHeaders"], json!({}));
    has(&parts[3]["body"], "totalSize:int done:bool records:array");
    assert_eq!((&parts[4]["body"], &parts[4]["httpStatusCode"]), (&Value::Null, &json!(204)));
    let (status, error) = given.post("/composite", json!({"compositeRequest": []}));
    assert_eq!(status, 400);
    each(&error, "message:string errorCode:string");
}

#[test]
fn given_a_batch_and_a_tree_when_answered_then_they_have_their_keys() {
    let given = Given::empty();
    let (_, body) = given.post(
        "/composite/batch",
        json!({"batchRequests": [{"method": "GET", "url": "v66.0/limits"}, {"method": "GET", "url": "v66.0/nope"},
            {"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {"Name": "x"}}]}),
    );
    has(&body, "hasErrors:bool results:array");
    each(&body["results"], "statusCode:int result:object|array");
    each(&body["results"][1]["result"], "message:string errorCode:string");
    let record = |name: Value| json!({"records": [{"attributes": {"type": "Account", "referenceId": "r"}, "Name": name}]});
    let (_, saved) = given.post("/composite/tree/Account", record(json!("x")));
    has(&saved, "hasErrors:bool results:array");
    each(&saved["results"], "referenceId:string id:id");
    let (status, failed) = given.post("/composite/tree/Account", record(Value::Null));
    assert_eq!((status, &failed["hasErrors"]), (400, &json!(true)));
    each(&failed["results"], "referenceId:string errors:array");
    each(&failed["results"][0]["errors"], ROW_ERROR);
}

#[test]
fn given_a_graph_when_answered_then_it_has_its_keys() {
    let given = Given::empty();
    let graph = |id: &str, name: Value| json!({"graphId": id, "compositeRequest": [part("POST", "/sobjects/Account", "a", json!({"Name": name}))]});
    let (status, body) = given
        .post("/composite/graph", json!({"graphs": [graph("good", json!("x")), graph("bad", Value::Null)]}));
    assert_eq!(status, 200);
    has(&body, "graphs:array");
    each(&body["graphs"], "graphId:string graphResponse:object isSuccessful:bool");
    for graph in body["graphs"].as_array().unwrap() {
        has(&graph["graphResponse"], "compositeResponse:array");
        each(
            &graph["graphResponse"]["compositeResponse"],
            "body:object|array httpHeaders:object httpStatusCode:int referenceId:string",
        );
    }
}

#[test]
fn given_collections_when_answered_then_each_verb_has_its_keys() {
    let given = Given::empty();
    let record = |more: Value| {
        let mut record = json!({"attributes": {"type": "Account"}});
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record
    };
    let rows = json!({"records": [record(json!({"Name": "x"})), record(json!({}))]});
    let (_, made) = given.post("/composite/sobjects", rows);
    has(&made[0], "id:id success:bool errors:array");
    has(&made[1], "success:bool errors:array");
    each(&made[1]["errors"], ROW_ERROR);
    let id = made[0]["id"].clone();
    let changes = json!({"records": [record(json!({"Id": id, "Name": "y"})), record(json!({"Id": id.as_str().unwrap().replace("001", "006"), "Name": "y"}))]});
    let (_, changed) = given.patch("/composite/sobjects", changes);
    has(&changed[0], "id:id success:bool errors:array");
    assert_eq!(changed[1]["success"], false);
    each(&changed[1]["errors"], ROW_ERROR);
    let (_, upserted) = given.patch(
        "/composite/sobjects/Account/Id",
        json!({"records": [record(json!({"Id": null, "Name": "z"}))]}),
    );
    each(&upserted, "id:id success:bool errors:array created:bool");
    let id = id.as_str().unwrap();
    let (_, read) =
        given.get(&format!("/composite/sobjects/Account?ids={id},001000000009999AAA&fields=Id,Name"));
    has(&read[0], "attributes:object Id:id Name:string");
    assert!(is(&read[1], "null"));
    let (_, deleted) = given.delete(&format!("/composite/sobjects?ids={id},001000000009999AAA"));
    has(&deleted[0], "id:id success:bool errors:array");
    assert_eq!(deleted[1]["success"], false);
    each(&deleted[1]["errors"], ROW_ERROR);
}
